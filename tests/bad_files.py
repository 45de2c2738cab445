"""Files that cannot be read, made on the spot: each builder writes one into a folder and returns its path.

`BAD_FILES` pairs every builder with the error that reading its file must raise. The good files they are made from are
here too (`GOOD_FILES`), for tests that damage them at random.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

from ingestion.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    NotAFile,
    UnreadableFile,
    UnsupportedFile,
)
from ingestion.parse.detect import MAX_FILE_BYTES

OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


# Good files, as bytes


def docx_bytes() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Repairs policy", level=1)
    document.add_paragraph("The Council repairs a leaking roof within 24 hours of a report.")
    document.add_paragraph("Ring 01632 960117 at any time.", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ("Kind", "Days", "Roof", "1"), strict=True):
        cell.text = text
    return _saved(document.save)


def xlsx_bytes() -> bytes:
    import openpyxl

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (("Ward", "Homes"), ("Exampleton", 12), ("Nether Sample", 30)):
        sheet.append(row)
    return _saved(workbook.save)


def pptx_bytes() -> bytes:
    import pptx

    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Budget briefing"
    slide.placeholders[1].text = "Members are asked to note the savings."
    return _saved(presentation.save)


def odt_bytes() -> bytes:
    from odf.opendocument import OpenDocumentText
    from odf.text import H, P

    document = OpenDocumentText()
    document.text.addElement(H(outlinelevel=1, text="Allotments"))
    document.text.addElement(P(text="The rent is £31 a year for half a plot."))
    return _saved(document.write)


def eml_bytes() -> bytes:
    message = EmailMessage()
    message["From"] = "Jo Sample <jo.sample@example.org>"
    message["To"] = "housing@example.gov.uk"
    message["Subject"] = "Leaking gutter"
    message["Date"] = "Tue, 12 May 2026 09:14:00 +0100"
    message.set_content("The gutter at the back leaks.\n\nPlease send somebody.")
    message.add_alternative("<p>The gutter at the back leaks.</p><p>Please send somebody.</p>", subtype="html")
    return message.as_bytes()


def html_bytes() -> bytes:
    return (
        b"<!DOCTYPE html><html><head><title>x</title></head><body><h1>Library hours</h1><p>We open at nine.</p>"
        b"<ul><li>Monday</li></ul><table><tr><th>Day</th><th>Hour</th></tr><tr><td>Friday</td><td>9</td></tr></table>"
        b"</body></html>"
    )


def rtf_bytes() -> bytes:
    return (
        rb"{\rtf1\ansi{\stylesheet{\s1 heading 1;}}{\pard\s1 Allotment rules\par}{\pard The rent is \'a358 a year."
        rb"{\footnote A note.}\par}\trowd\pard\intbl A\cell B\cell\row\pard End.\par}"
    )


def csv_bytes() -> bytes:
    return 'Ward,Homes,Remark\nExampleton,12,"Damp, mould"\nNether Sample,30,£5\n'.encode()


GOOD_FILES: dict[str, Callable[[], bytes]] = {
    ".docx": docx_bytes,
    ".xlsx": xlsx_bytes,
    ".pptx": pptx_bytes,
    ".odt": odt_bytes,
    ".eml": eml_bytes,
    ".html": html_bytes,
    ".rtf": rtf_bytes,
    ".csv": csv_bytes,
}


def _saved(save: Callable[[BytesIO], object]) -> bytes:
    buffer = BytesIO()
    save(buffer)
    return buffer.getvalue()


# Bad files


def with_part(archive: bytes, name: str, content: bytes) -> bytes:
    """A copy of a zip file with one part replaced."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, content)
    return buffer.getvalue()


def _writes(name: str, content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content())
        return path

    return build


def _ole(stream: str) -> bytes:
    return OLE_START + bytes(1016) + (stream + "\0").encode("utf-16-le") + bytes(512)


def _huge(folder: Path) -> Path:
    path = folder / "huge.txt"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # sparse: it takes no room on the disk
    return path


def _docx_bomb() -> bytes:
    return with_part(docx_bytes(), "word/media/image1.xml", bytes(60 * 1024 * 1024))


def _lying_bomb() -> bytes:
    """A part of 600 MB that the zip directory, and its own header, call 900,000 bytes long."""
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(600)) + packer.flush()
    claimed = 900_000
    name = b"word/document.xml"
    header = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), claimed, len(name), 0) + name
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(packed), claimed, len(name), 0, 0, 0, 0, 0, 0
    )
    directory = entry + name
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(header) + len(packed), 0)
    return header + packed + directory + end


def _xml_bomb() -> bytes:
    levels = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "ha">{levels}]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>&a9;</w:t></w:r></w:p></w:body></w:document>"
    )
    return with_part(docx_bytes(), "word/document.xml", xml.encode())


def _locked_zip() -> bytes:
    data = bytearray(docx_bytes())
    at = 0
    while (at := data.find(b"PK\1\2", at)) >= 0:
        data[at + 8] |= 1  # the flag for a part that needs a password
        at += 4
    return bytes(data)


def _locked_odt() -> bytes:
    manifest = (
        b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
        b'manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>'
    )
    return with_part(odt_bytes(), "META-INF/manifest.xml", manifest)


def _empty_docx() -> bytes:
    import docx

    return _saved(docx.Document().save)


def _empty_xlsx() -> bytes:
    import openpyxl

    return _saved(openpyxl.Workbook().save)


def nested_eml(levels: int) -> bytes:
    """A message within a message within a message."""
    head = "From: a@example.org\nSubject: Fwd\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n"
    return (head * levels + "From: a@example.org\nSubject: Innermost\n\nHello.\n").encode()


def nested_multiparts(levels: int) -> bytes:
    """A body within a body within a body."""
    start = "From: a@example.org\nSubject: Deep\nMIME-Version: 1.0\n"
    parts = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(levels))
    return (start + parts + "Content-Type: text/plain\n\nHello.\n").encode()


def _folder(parent: Path) -> Path:
    path = parent / "papers.docx"
    path.mkdir()
    return path


def _loop(folder: Path) -> Path:
    first, second = folder / "loop.docx", folder / "other.docx"
    first.symlink_to(second)
    second.symlink_to(first)
    return first


def _dangling(folder: Path) -> Path:
    path = folder / "dangling.docx"
    path.symlink_to(folder / "gone.docx")
    return path


def _pipe(folder: Path) -> Path:
    path = folder / "pipe.txt"
    os.mkfifo(path)
    return path


def _device(folder: Path) -> Path:
    path = folder / "zero.txt"
    path.symlink_to("/dev/zero")
    return path


BAD_FILES: dict[str, tuple[Callable[[Path], Path], type[UnreadableFile]]] = {
    "empty": (_writes("empty.docx", bytes), EmptyFile),
    "empty text": (_writes("blank.txt", lambda: b" \n\n\t\n"), EmptyFile),
    "punctuation only": (_writes("dots.md", lambda: b"...\n\n---\n"), EmptyFile),
    "empty page": (_writes("blank.html", lambda: b"<html><body> <script>let a = 1</script></body></html>"), EmptyFile),
    "zero pages": (_writes("nothing.docx", _empty_docx), EmptyFile),
    "no cells": (_writes("nothing.xlsx", _empty_xlsx), EmptyFile),
    "rtf without words": (_writes("nothing.rtf", lambda: rb"{\rtf1\ansi\pard\par}"), EmptyFile),
    "truncated docx": (_writes("cut.docx", lambda: docx_bytes()[:9000]), DamagedFile),
    "truncated xlsx": (_writes("cut.xlsx", lambda: xlsx_bytes()[:2000]), DamagedFile),
    "truncated pptx": (_writes("cut.pptx", lambda: pptx_bytes()[:9000]), DamagedFile),
    "truncated odt": (_writes("cut.odt", lambda: odt_bytes()[:900]), DamagedFile),
    "damaged part": (
        _writes("broken.docx", lambda: with_part(docx_bytes(), "word/document.xml", b"<w:document")),
        DamagedFile,
    ),
    "zip without a document": (
        _writes("bare.docx", lambda: with_part(with_part(xlsx_bytes(), "a", b"a"), "xl/workbook.xml", b"")),
        DamagedFile,
    ),
    "encrypted office": (_writes("secret.docx", lambda: _ole("EncryptedPackage")), EncryptedFile),
    "encrypted zip": (_writes("locked.docx", _locked_zip), EncryptedFile),
    "encrypted odt": (_writes("locked.odt", _locked_odt), EncryptedFile),
    "sealed email": (
        _writes("sealed.eml", lambda: b"From: a@example.org\nContent-Type: application/pkcs7-mime\n\nMIIB\n"),
        EncryptedFile,
    ),
    "pdf named docx": (_writes("report.docx", lambda: b"%PDF-1.7\n1 0 obj\n"), DamagedFile),
    "docx named pdf": (_writes("report.pdf", docx_bytes), DamagedFile),
    "xlsx named docx": (_writes("figures.docx", xlsx_bytes), DamagedFile),
    "page named docx": (_writes("export.docx", html_bytes), DamagedFile),
    "rtf named txt": (_writes("notes.txt", rtf_bytes), DamagedFile),
    "image named docx": (_writes("scan.docx", lambda: b"\x89PNG\r\n\x1a\n" + bytes(50)), DamagedFile),
    "no ending": (_writes("report", lambda: b"%PDF-1.7\n"), DamagedFile),
    "text named docx": (_writes("plain.docx", lambda: b"Only some words."), DamagedFile),
    "text named pdf": (_writes("plain.pdf", lambda: b"Only some words."), DamagedFile),
    "text named png": (_writes("plain.png", lambda: b"Only some words."), DamagedFile),
    "not an email": (_writes("words.eml", lambda: b"Only some words.\n"), DamagedFile),
    "nul bytes": (_writes("nul.txt", lambda: b"The Council\0met on Monday at noon.\n" * 9), DamagedFile),
    "binary csv": (_writes("binary.csv", lambda: bytes(range(256)) * 4), DamagedFile),
    "xml bomb": (_writes("laughs.docx", _xml_bomb), DamagedFile),
    "unclosed quotation": (
        _writes("open.csv", lambda: b'Ward,Remark\nA,fine\nB,"never closed\nC,x\nD,y\n'),
        DamagedFile,
    ),
    "swallowed row": (_writes("swallowed.csv", lambda: b'A,B\n1,"open\n2,"closed"\n3,x\n'), DamagedFile),
    "nested messages": (_writes("nested.eml", lambda: nested_eml(3000)), DamagedFile),
    "old word": (_writes("old.doc", lambda: _ole("WordDocument")), UnsupportedFile),
    "old word named docx": (_writes("old.docx", lambda: _ole("WordDocument")), UnsupportedFile),
    "old excel": (_writes("old.xls", lambda: _ole("Workbook")), UnsupportedFile),
    "old powerpoint": (_writes("old.ppt", lambda: _ole("PowerPoint Document")), UnsupportedFile),
    "recording": (_writes("meeting.mp4", lambda: b"\0\0\0\x18ftypmp42"), UnsupportedFile),
    "unknown ending": (_writes("thing.xyz", lambda: b"words"), UnsupportedFile),
    "too large": (_huge, FileTooLarge),
    "zip bomb": (_writes("bomb.docx", _docx_bomb), FileTooLarge),
    "lying zip bomb": (_writes("liar.docx", _lying_bomb), FileTooLarge),
    "folder": (_folder, NotAFile),
    "link loop": (_loop, NotAFile),
    "dangling link": (_dangling, NotAFile),
    "pipe": (_pipe, NotAFile),
    "device": (_device, NotAFile),
    "missing": (lambda folder: folder / "missing.docx", NotAFile),
    "name too long": (lambda folder: folder / ("a" * 300 + ".txt"), NotAFile),
}
