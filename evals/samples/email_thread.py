"""Make the complaint thread: `python -m evals.samples.email_thread`.

`text/complaint-thread.txt` is the last message with the three before it quoted; it becomes an .eml as a mail program
saves it: plain text and HTML in quoted-printable, a CSV attached, every header of a reply.
"""

from __future__ import annotations

import html
from email.message import EmailMessage
from email.policy import SMTP
from itertools import groupby

from evals.samples.documents import OUT, TEXT

MAIL_POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
HEADERS = (
    ("Return-Path", "<rosalind.achterberg@example.org>"),
    (
        "Received",
        "from mail.example.org (mail.example.org [192.0.2.25]) by mx1.fernmoor.example.gov.uk with ESMTPS"
        " id 4c17f9a2; Tue, 2 Jun 2026 07:55:19 +0100",
    ),
    ("From", "Rosalind Achterberg <rosalind.achterberg@example.org>"),
    ("To", "Kwame Adusei-Finch <kwame.adusei-finch@fernmoor.example.gov.uk>"),
    ("Cc", "Complaints <complaints@fernmoor.example.gov.uk>"),
    ("Subject", "Re: Complaint CR-26-04417 – leaking gutter and mould, 9 St. Oswin's Close"),
    ("Date", "Tue, 02 Jun 2026 07:55:12 +0100"),
    ("Message-ID", "<20260602065512.41b7@mail.example.org>"),
    ("In-Reply-To", "<20260515153804.9d02@fernmoor.example.gov.uk>"),
    (
        "References",
        "<20260427194711.77e0@mail.example.org> <20260430091233.1c58@fernmoor.example.gov.uk>"
        " <20260515153804.9d02@fernmoor.example.gov.uk>",
    ),
)
VISITS = """Date,Who came,What happened
12/03/2026,-,Reported online
24/03/2026,nobody,Visit booked - went to 9 St Oswin's Road by mistake
09/04/2026,Ms Halloran-Beck,"Surveyor, 5 minutes, took 2 photos"
20/05/2026,"Two men, no names",Mould wash in small bedroom
29/05/2026,nobody,In all day. Job closed as no access
"""


def make_message(text: str) -> EmailMessage:
    """The mail with `text` as its plain and HTML body; made twice it has the same bytes."""
    message = EmailMessage(policy=MAIL_POLICY)
    for name, value in HEADERS:
        message[name] = value
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(as_html(text), subtype="html", cte="quoted-printable")
    message.add_attachment(VISITS, subtype="csv", filename="visit-log.csv", cte="quoted-printable")
    message.set_boundary("=_mixed_4c17f9a2")
    message.get_payload(0).set_boundary("=_alternative_4c17f9a2")  # type: ignore[union-attr]
    return message


def as_html(text: str) -> str:
    """`text` as a mail program writes it: a paragraph a line, quoted lines in nested block quotes."""
    parts = ['<html><head><meta charset="utf-8"></head><body style="font-family: Calibri, sans-serif">']
    depth = 0
    for level, lines in groupby(text.splitlines(), _quote_level):
        parts += ["<blockquote>"] * (level - depth) + ["</blockquote>"] * (depth - level)
        depth = level
        parts += [f"<p>{html.escape(line[level:].strip(), quote=False)}</p>" for line in lines if line[level:].strip()]
    return "\n".join([*parts, *["</blockquote>"] * depth, "</body></html>", ""])


def _quote_level(line: str) -> int:
    return len(line) - len(line.lstrip(">"))


def main() -> None:
    """Write `complaint-thread.eml`."""
    text = (TEXT / "complaint-thread.txt").read_text(encoding="utf-8")
    (OUT / "complaint-thread.eml").write_bytes(make_message(text).as_bytes())


if __name__ == "__main__":
    main()
