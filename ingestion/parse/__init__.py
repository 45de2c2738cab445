"""Files to elements: find out what a file is, give it to its reader, then number and place what the reader found.

    parse(path) -> detect.examine -> a reader -> ids "e1", "e2", ... in reading order, and the path of headings

The same bytes give the same elements. Nothing is fetched from anywhere, and nothing but the named file is opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ingestion.errors import EmptyFile
from ingestion.parse.detect import SUFFIXES, Source, examine, sha256_of
from ingestion.types import DocumentKind, Element

__all__ = ["SUFFIXES", "document_kind", "parse", "sha256_of"]

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_PAGE_FURNITURE = frozenset({"header", "footer"})


def parse(path: Path) -> list[Element]:
    """The elements of one document in reading order, numbered and with the path of headings above each.

    Raises a subclass of UnreadableFile, whose message is one sentence, for a file that cannot be read.

    Levels of titles: those the format gives are kept. A title without a level that opens the document is its title,
    level 1; any other stands one level below the last title that had one, so that several in a row are siblings.
    """
    source = examine(path)
    found = _read(source)
    if not any(c.isalnum() for element in found for c in element.text):
        raise EmptyFile(f"{source.name} holds no words, so check that it is the right file.")
    return _placed(found)


def document_kind(suffix: str, elements: Sequence[Element]) -> DocumentKind:
    """What the elements make: a transcript, case notes, an email, a spreadsheet, a form, or a document.

    A form is a document most of whose elements are fields, titles and page headers not counted.
    """
    kinds = [element.kind for element in elements]
    if "turn" in kinds:
        return "transcript"
    if "note" in kinds:
        return "case_notes"
    if suffix in {".eml", ".msg"}:
        return "email"
    if suffix in {".xlsx", ".csv"}:
        return "spreadsheet"
    content = [kind for kind in kinds if kind not in _PAGE_FURNITURE | {"title"}]
    return "form" if content.count("field") * 2 > len(content) else "document"


def _read(source: Source) -> list[Element]:
    """Give the file to the reader of its kind; readers are imported only when they are needed."""
    suffix, name, data = source.suffix, source.name, source.data
    if data is None:
        return _read_by_path(source)
    if suffix in {".docx", ".pptx", ".xlsx", ".odt", ".rtf", ".eml", ".msg"}:
        return _read_bytes(suffix, data, name)
    from ingestion.parse.decoding import decode

    return _read_decoded(suffix, decode(data, name), name)


def _read_by_path(source: Source) -> list[Element]:
    if source.suffix == ".pdf":
        from ingestion.parse.pdf import read_pdf

        return read_pdf(source.path)
    from ingestion.parse.ocr import read_image

    return read_image(source.path)


def _read_bytes(suffix: str, data: bytes, name: str) -> list[Element]:
    if suffix == ".docx":
        from ingestion.parse.word import read_docx

        return read_docx(data, name)
    if suffix == ".pptx":
        from ingestion.parse.office import read_pptx

        return read_pptx(data, name)
    if suffix == ".xlsx":
        from ingestion.parse.sheets import read_xlsx

        return read_xlsx(data, name)
    if suffix in {".odt", ".rtf"}:
        from ingestion.parse.markup import read_odt, read_rtf

        return read_odt(data, name) if suffix == ".odt" else read_rtf(data, name)
    from ingestion.parse.mail import read_eml, read_msg

    return read_eml(data, name) if suffix == ".eml" else read_msg(data, name)


def _read_decoded(suffix: str, text: str, name: str) -> list[Element]:
    if suffix == ".csv":
        from ingestion.parse.sheets import read_csv

        return read_csv(text, name)
    if suffix in {".html", ".htm", ".md"}:
        from ingestion.parse.office import read_html, read_markdown

        return read_markdown(text, name) if suffix == ".md" else read_html(text, name)
    from ingestion.parse.transcripts import read_labelled, read_srt, read_vtt

    if suffix in {".vtt", ".srt"}:
        return read_vtt(text, name) if suffix == ".vtt" else read_srt(text, name)
    turns = read_labelled(text, name)
    if turns is not None:
        return turns
    from ingestion.parse.plaintext import read_text

    return read_text(text, name)


def _placed(found: Sequence[Element]) -> list[Element]:
    """Number the elements, settle the levels of titles and give every element the headings above it."""
    placed: list[Element] = []
    above: list[tuple[int, str]] = []  # open headings, outermost first, with their levels
    last_level = 0
    only_furniture = True
    for number, element in enumerate(found, start=1):
        changes: dict[str, object] = {"id": f"e{number}"}
        if _UNSTORABLE.search(element.text):
            changes.update(_storable(element))
        if element.kind == "title":
            if element.level is not None:
                level = last_level = element.level
            elif only_furniture:
                level = last_level = 1
            else:
                level = last_level + 1
            while above and above[-1][0] >= level:
                above.pop()
            changes["level"] = level
            changes["headings"] = tuple(text for _, text in above)
            above.append((level, str(changes.get("text", element.text))))
        elif element.kind not in _PAGE_FURNITURE:
            changes["headings"] = tuple(text for _, text in above)
        only_furniture = only_furniture and element.kind in _PAGE_FURNITURE
        placed.append(element.model_copy(update=changes))
    return placed


def _storable(element: Element) -> dict[str, object]:
    """Replace, one for one so that spans hold, the control and half characters that no database takes."""

    def clean(text: str) -> str:
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)

    changes: dict[str, object] = {"text": clean(element.text)}
    if element.rows is not None:
        changes["rows"] = tuple(tuple(clean(cell) for cell in row) for row in element.rows)
    return changes
