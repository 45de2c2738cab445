"""Emails, from .eml and Outlook's .msg: one subject, one head, one body, and the earlier messages it quotes.

The subject is the title of level 1, so that every passage of the message knows it; sender, recipients and date are one
element of text below it, a line each. The line that introduces an earlier message ("On 3 May Jo Bloggs wrote:", or
Outlook's "From: ... Sent: ...") is a title of level 2, so that quoted words stand apart from the writer's own. When
the writer goes on below a quotation, that part has the title "<sender> continued". Attachments are named, not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from typing import Any, NamedTuple

from ingestion.errors import DamagedFile, EmptyFile, EncryptedFile
from ingestion.parse.decoding import decode
from ingestion.parse.guard import parsing
from ingestion.parse.office import html_elements
from ingestion.parse.plaintext import paragraphs
from ingestion.types import Element

_HEAD_NAMES = ("From", "To", "Cc", "Bcc", "Date")
_QUOTE_LEVEL = 2
_MAX_ATTRIBUTION = 300

_WROTE = re.compile(r"^On\b.{8,250}\bwrote:$", re.DOTALL)
_ORIGINAL = re.compile(r"^-{2,}\s*(?:Original Message|Forwarded message|Original Appointment)\s*-{2,}$", re.IGNORECASE)
_OUTLOOK_HEAD = re.compile(
    r"^(?P<title>From:\s.{2,200}?\s(?:Sent|Date):\s.{6,80}?)\s(?P<rest>(?:To|Cc|Subject):\s.*)$", re.DOTALL
)
_HEAD_LINE = re.compile(r"^(?:From|Sent|Date|To|Cc|Subject|Importance|Attachments):\s", re.IGNORECASE)
_QUOTE_MARKS = re.compile(r"^(?:>[ ]?)+")


class _Mail(NamedTuple):
    subject: str
    head: tuple[tuple[str, str], ...]
    html: str
    plain: str
    attachments: tuple[str, ...]


def read_eml(data: bytes, name: str) -> list[Element]:
    """An email file. Raises DamagedFile, EmptyFile, or EncryptedFile for a message sealed with S/MIME or PGP."""
    with parsing(name, "an email"):
        message = BytesParser(policy=policy.default).parsebytes(data)
        if not any(message.get(header) for header in (*_HEAD_NAMES, "Subject")):
            raise DamagedFile(
                f"{name} has no sender, date or subject and so is not an email, so save the message again as .eml."
            )
        if message.get_content_type() in {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}:
            raise _sealed(name)
        mail = _Mail(
            subject=_header(message, "Subject"),
            head=tuple((header, value) for header in _HEAD_NAMES if (value := _header(message, header))),
            html=_body(message, "html", name),
            plain=_body(message, "plain", name),
            attachments=tuple(_attachment_names(message)),
        )
    return _mail_elements(mail, name)


def read_msg(data: bytes, name: str) -> list[Element]:
    """An Outlook message. Raises DamagedFile, EmptyFile or EncryptedFile as `read_eml` does."""
    with parsing(name, "an Outlook message"):
        import oxmsg

        message = oxmsg.Message.load(data)
        sort = message.message_class.upper()
        if sort.startswith("IPM.NOTE.SMIME") and "MULTIPARTSIGNED" not in sort:
            raise _sealed(name)
        mail = _Mail(
            subject=message.subject.strip(),
            head=tuple(_msg_head(message)),
            html=message.html_body or "",
            plain=(message.body or "").replace("\r\n", "\n").replace("\0", ""),
            attachments=tuple(a.file_name for a in message.attachments if a.file_name),
        )
    return _mail_elements(mail, name)


def _sealed(name: str) -> EncryptedFile:
    return EncryptedFile(f"{name} is an encrypted email, so open it in your mail program and save its text as .docx.")


def _header(message: EmailMessage, header: str) -> str:
    return " ".join(", ".join(str(value) for value in message.get_all(header, [])).split())


def _body(message: EmailMessage, subtype: str, name: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    if part is None:
        return ""
    try:
        content = part.get_content()
    except (LookupError, UnicodeError):  # a character set nobody knows
        payload = part.get_payload(decode=True)
        content = decode(payload, name) if isinstance(payload, bytes) else ""
    return str(content).replace("\r\n", "\n").replace("\0", "")


def _attachment_names(message: EmailMessage) -> Iterator[str]:
    if not message.is_multipart():
        return
    for part in message.walk():
        named = part.get_filename()
        if named and not (part.get_content_disposition() == "inline" and part.get_content_maintype() == "image"):
            yield " ".join(named.split())
        elif part.get_content_type() == "message/rfc822" and part is not message:
            inner = part.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else None
            subject = first.get("Subject") if isinstance(first, Message) else None
            yield f"message “{' '.join(str(subject).split())}”" if subject else "a message"


def _msg_head(message: Any) -> Iterator[tuple[str, str]]:
    headers = {key.title(): value for key, value in message.message_headers.items()}
    recipients = ", ".join(
        f"{r.name} <{r.email_address}>" if r.name and r.name != r.email_address else r.email_address or r.name
        for r in message.recipients
    )
    sent = f"{message.sent_date:%d %B %Y %H:%M}" if message.sent_date else ""
    values = {
        "From": message.sender or "",
        "To": headers.get("To") or recipients,
        "Cc": headers.get("Cc") or "",
        "Bcc": headers.get("Bcc") or "",
        "Date": headers.get("Date") or sent,
    }
    for header, value in values.items():
        if value.strip():
            yield header, " ".join(value.split())


def _mail_elements(mail: _Mail, name: str) -> list[Element]:
    elements = list(_body_elements(mail, name))
    if not elements and not mail.subject and not mail.attachments:
        raise EmptyFile(f"{name} holds no words, so check that it is the right message.")
    title = [Element(id="", kind="title", text=mail.subject, level=1)] if mail.subject else []
    head = "\n".join(f"{header}: {value}" for header, value in mail.head)
    top = [Element(id="", kind="text", text=head)] if head else []
    names = ", ".join(mail.attachments)
    attached = [Element(id="", kind="text", text=f"Attachments: {names}")] if names else []
    return [*title, *top, *attached, *elements]


def _body_elements(mail: _Mail, name: str) -> Iterator[Element]:
    """The body once: its HTML, which keeps tables and lists, or the plain text when there is no HTML with words."""
    if mail.html.strip():
        elements = list(_html_body(html_elements(mail.html, name, "an email")))
        if elements:
            yield from elements
            return
    yield from _plain_body(mail.plain, dict(mail.head).get("From", ""))


def _html_body(elements: Sequence[Element]) -> Iterator[Element]:
    waiting = ""  # "-----Original Message-----", whose title is the line below it
    for element in elements:
        if element.kind == "title" and element.level:
            element = element.model_copy(update={"level": element.level + _QUOTE_LEVEL})
        if _ORIGINAL.match(element.text):
            waiting = element.text
        elif element.kind in {"text", "title"} and (parted := _attribution(element.text)):
            title, rest = parted
            yield _quote_title(f"{waiting} {title}".strip())
            waiting = ""
            if rest:
                yield Element(id="", kind="text", text=rest)
        else:
            if waiting:
                yield _quote_title(waiting)
                waiting = ""
            yield element
    if waiting:
        yield _quote_title(waiting)


def _attribution(text: str) -> tuple[str, str] | None:
    """The introduction of an earlier message, parted into title and the rest of its head; None for other text."""
    if _WROTE.match(text):
        return " ".join(text.split()), ""
    if match := _OUTLOOK_HEAD.match(text):
        return " ".join(match["title"].split()), match["rest"].strip()
    return None


def _quote_title(text: str) -> Element:
    return Element(id="", kind="title", text=text, level=_QUOTE_LEVEL)


def _plain_body(text: str, sender: str) -> Iterator[Element]:
    own: list[str] = []
    depth = 0
    waiting = ""
    lines = text.split("\n")
    i = 0
    while i < len(lines):
        marks = _QUOTE_MARKS.match(lines[i])
        line = lines[i][marks.end() :] if marks else lines[i]
        now = marks.group().count(">") if marks else 0
        title, used = _plain_attribution(lines, i)
        if title or (now < depth and now == 0 and line.strip()):
            yield from paragraphs("\n".join(own), titles=False)
            own = []
            if title:
                if _ORIGINAL.match(title):
                    waiting = f"{title} "
                else:
                    yield _quote_title(waiting + title)
                    waiting = ""
            else:
                yield _quote_title(f"{_person(sender)} continued")
        if not title:
            if waiting and line.strip():
                yield _quote_title(waiting.strip())
                waiting = ""
            own.append(line)
        if title or line.strip():
            depth = now
        i += used
    yield from paragraphs("\n".join(own), titles=False)


def _plain_attribution(lines: Sequence[str], i: int) -> tuple[str, int]:
    """The title that introduces an earlier message at line `i` and the lines it takes; ("", 1) for other lines."""
    first = _unquoted(lines[i])
    if _ORIGINAL.match(first):
        return first, 1
    if first.startswith("On "):
        joined = first
        for used in range(1, 4):
            if joined.endswith("wrote:") and len(joined) <= _MAX_ATTRIBUTION and _WROTE.match(joined):
                return joined, used
            if i + used < len(lines):
                joined = f"{joined} {_unquoted(lines[i + used])}"
    if first.startswith("From:") and i + 2 < len(lines):
        second, third = _unquoted(lines[i + 1]), _unquoted(lines[i + 2])
        if second.startswith(("Sent:", "Date:")) and _HEAD_LINE.match(third):
            return f"{first} {second}", 2
    return "", 1


def _unquoted(line: str) -> str:
    return _QUOTE_MARKS.sub("", line).strip()


def _person(address: str) -> str:
    return address.split("<")[0].strip(' "') or address.strip("<> ") or "The sender"
