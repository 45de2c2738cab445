"""Emails: who, when and what about; the body once; earlier messages kept and told apart."""

from __future__ import annotations

import struct
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingestion.errors import EncryptedFile
from ingestion.parse import document_kind, parse
from ingestion.types import Element


def message(body: str, html: str | None = None) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Jo Sample <jo.sample@example.org>"
    made["To"] = "housing@example.gov.uk"
    made["Subject"] = "Leaking gutter at 9 Café Row"
    made["Date"] = "Tue, 12 May 2026 09:14:00 +0100"
    made.set_content(body)
    if html is not None:
        made.add_alternative(html, subtype="html")
    return made


def read(tmp_path: Path, made: EmailMessage | bytes) -> list[Element]:
    path = tmp_path / "a.eml"
    path.write_bytes(made if isinstance(made, bytes) else made.as_bytes())
    return parse(path)


def test_the_subject_is_the_title_and_the_head_one_element(tmp_path: Path) -> None:
    elements = read(tmp_path, message("The gutter leaks."))
    assert [(e.kind, e.text) for e in elements] == [
        ("title", "Leaking gutter at 9 Café Row"),
        (
            "text",
            "From: Jo Sample <jo.sample@example.org>\nTo: housing@example.gov.uk\n"
            "Date: Tue, 12 May 2026 09:14:00 +0100",
        ),
        ("text", "The gutter leaks."),
    ]
    assert elements[2].headings == ("Leaking gutter at 9 Café Row",)
    assert document_kind(".eml", elements) == "email"


def test_a_body_sent_twice_is_read_once(tmp_path: Path) -> None:
    made = message(
        "The gutter leaks.", "<html><body><p>The gutter leaks.</p><table><tr><td>a</td><td>b</td></tr></table>"
    )
    assert [e.text for e in read(tmp_path, made)[2:]] == ["The gutter leaks.", "a | b"]


def test_an_html_part_without_words_gives_way_to_the_plain_text(tmp_path: Path) -> None:
    made = message("The gutter leaks.", "<html><body><img src='x.png'></body></html>")
    assert [e.text for e in read(tmp_path, made)[2:]] == ["The gutter leaks."]


def test_earlier_messages_stand_under_the_line_that_introduces_them(tmp_path: Path) -> None:
    body = (
        "Please see below.\n\nOn Mon, 11 May 2026 at 10:12, Housing\n<housing@example.gov.uk> wrote:\n\n"
        "> We will come on Friday.\n>\n> On Sun, 10 May 2026 at 09:00, Jo Sample <jo.sample@example.org> wrote:\n"
        ">> The gutter leaks.\n"
    )
    elements = read(tmp_path, message(body))[2:]
    assert [(e.kind, e.level, e.text) for e in elements] == [
        ("text", None, "Please see below."),
        ("title", 2, "On Mon, 11 May 2026 at 10:12, Housing <housing@example.gov.uk> wrote:"),
        ("text", None, "We will come on Friday."),
        ("title", 2, "On Sun, 10 May 2026 at 09:00, Jo Sample <jo.sample@example.org> wrote:"),
        ("text", None, "The gutter leaks."),
    ]
    assert elements[2].headings[-1].startswith("On Mon")
    assert elements[4].headings == ("Leaking gutter at 9 Café Row", elements[3].text)


def test_what_the_writer_adds_below_a_quotation_is_told_apart(tmp_path: Path) -> None:
    body = "On Mon, 11 May 2026, Housing wrote:\n> We will come on Friday.\n\nFriday suits me.\n"
    assert [(e.kind, e.text) for e in read(tmp_path, message(body))[2:]] == [
        ("title", "On Mon, 11 May 2026, Housing wrote:"),
        ("text", "We will come on Friday."),
        ("title", "Jo Sample continued"),
        ("text", "Friday suits me."),
    ]


@pytest.mark.parametrize("html", [False, True])
def test_outlooks_head_of_an_earlier_message_is_told_apart(html: bool, tmp_path: Path) -> None:
    plain = (
        "Thank you.\n\n-----Original Message-----\nFrom: Housing <housing@example.gov.uk>\nSent: 11 May 2026 10:12\n"
        "To: Jo Sample\nSubject: Gutter\n\nWe will come on Friday.\n"
    )
    page = (
        "<p>Thank you.</p><p>-----Original Message-----</p><p><b>From:</b> Housing &lt;housing@example.gov.uk&gt;<br>"
        "<b>Sent:</b> 11 May 2026 10:12<br><b>To:</b> Jo Sample<br><b>Subject:</b> Gutter</p>"
        "<p>We will come on Friday.</p>"
    )
    elements = read(tmp_path, message(plain, page if html else None))[2:]
    assert [(e.kind, " ".join(e.text.split())) for e in elements] == [
        ("text", "Thank you."),
        ("title", "-----Original Message----- From: Housing <housing@example.gov.uk> Sent: 11 May 2026 10:12"),
        ("text", "To: Jo Sample Subject: Gutter"),
        ("text", "We will come on Friday."),
    ]


def test_attachments_are_named_and_not_read(tmp_path: Path) -> None:
    made = message("See the plan.")
    made.add_attachment(b"%PDF-1.7 secret words", maintype="application", subtype="pdf", filename="plan.pdf")
    inner = message("Hidden words.")
    made.add_attachment(inner)
    texts = [e.text for e in read(tmp_path, made)]
    assert "Attachments: plan.pdf, message “Leaking gutter at 9 Café Row”" in texts
    assert not any("secret" in text or "Hidden" in text for text in texts)


def test_a_signed_message_is_read_and_a_sealed_one_refused(tmp_path: Path) -> None:
    signed = b'From: a@example.org\nContent-Type: multipart/signed; boundary="b"\n\n--b\n\nHello there.\n--b--\n'
    assert read(tmp_path, signed)[-1].text == "Hello there."
    with pytest.raises(EncryptedFile, match=r"a\.eml is an encrypted email"):
        read(tmp_path, b'From: a@example.org\nContent-Type: multipart/encrypted; boundary="b"\n\n--b\n\nx\n--b--\n')


def test_an_unknown_character_set_is_read_all_the_same(tmp_path: Path) -> None:
    head = b"From: a@example.org\nSubject: S\nContent-Type: text/plain; charset=nonsense\n\n"
    assert read(tmp_path, head + "The rent is £5.".encode("cp1252"))[-1].text == "The rent is £5."


# A minimal writer of Outlook's format: one FAT sector, one directory, every stream in sectors of its own.

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def outlook_message(streams: dict[str, bytes]) -> bytes:
    """A compound file whose root holds `streams`, each padded to the 4,096 bytes below which another layout applies."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    sectors_each = {name: len(data) // _SECTOR for name, data in padded.items()}
    directory_sectors = (len(padded) + 4) // 4
    fat = [_FAT, *range(2, directory_sectors + 1), _END]
    starts = {}
    for name, count in sectors_each.items():
        starts[name] = len(fat)
        fat += [*range(len(fat) + 1, len(fat) + count), _END]
    assert len(fat) <= 128
    entries = [_entry("Root Entry", 5, child=1 if padded else _FREE, start=_END, size=0)]
    names = sorted(padded, key=lambda n: (len(n), n.upper()))
    for i, name in enumerate(names):  # a chain to the right is a valid tree
        right = i + 2 if i + 1 < len(names) else _FREE
        entries.append(_entry(name, 2, right=right, start=starts[name], size=len(padded[name])))
    directory = b"".join(entries).ljust(directory_sectors * _SECTOR, b"\0")
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, 1, 1, 0, 4096, _END, 0, _END, 0,
    ) + struct.pack("<109I", 0, *[_FREE] * 108)  # fmt: skip
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    return header + table + directory + b"".join(padded[name] for name in sectors_each)


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE, start: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        encoded.ljust(64, b"\0"),
        len(encoded),
        kind,
        1,
        _FREE,
        right,
        child,
        b"",
        0,
        0,
        0,
        start,
        size,
    )


def test_an_outlook_message_is_read(tmp_path: Path) -> None:
    texts = {
        0x0037: "Leaking gutter",
        0x1000: "The gutter leaks.\r\n\r\nOn Mon, 11 May 2026, Housing wrote:\r\n> We will come.\r\n",
        0x001A: "IPM.Note",
        0x007D: "From: Jo Sample <jo.sample@example.org>\r\nTo: housing@example.gov.uk\r\n"
        "Date: Tue, 12 May 2026 09:14\r\n",
    }
    streams, properties = {}, b""
    for number, text in texts.items():
        data = text.ljust(2048).encode("utf-16-le")
        streams[f"__substg1.0_{number:04X}001F"] = data
        properties += struct.pack("<HHIQ", 0x001F, number, 6, len(data))
    streams["__properties_version1.0"] = bytes(32) + properties
    path = tmp_path / "a.msg"
    path.write_bytes(outlook_message(streams))
    elements = parse(path)
    assert [(e.kind, " ".join(e.text.split())) for e in elements] == [
        ("title", "Leaking gutter"),
        ("text", "From: Jo Sample <jo.sample@example.org> To: housing@example.gov.uk Date: Tue, 12 May 2026 09:14"),
        ("text", "The gutter leaks."),
        ("title", "On Mon, 11 May 2026, Housing wrote:"),
        ("text", "We will come."),
    ]
    assert document_kind(".msg", elements) == "email"
