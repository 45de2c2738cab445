"""PDF files to elements: digital pages by their own text, scanned pages by Tesseract, form fields by name and value.

    pages --pdf_words, pdf_drawings--> words and rules --page_tables, layout, page_margins, page_blocks--> drafts
    drafts --page_text--> elements

Each page is judged on its own: one with a sane text pays nothing for recognition; one that is a picture, or whose
letters cannot be told, is recognised, or the whole document refused when Tesseract is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2.raw as raw

from ingestion.errors import EmptyFile
from ingestion.parse.acroform import with_fields
from ingestion.parse.layout import Line, Segment, find_segments, lines_of, reading_order
from ingestion.parse.ocr import drafts_of_image, require_tesseract
from ingestion.parse.page_blocks import (
    Draft,
    Style,
    add_region,
    document_style,
    drafts_of_region,
    element_of,
    set_levels,
)
from ingestion.parse.page_frame import Frame, shown_frame
from ingestion.parse.page_margins import Margins, part_margins
from ingestion.parse.page_tables import Table, take_ruled_tables
from ingestion.parse.pdf_drawings import Drawings, page_drawings
from ingestion.parse.pdf_words import PageWords, Word, page_words
from ingestion.parse.pdfium import open_page, open_pdf, render_pdf_page
from ingestion.parse.tick_boxes import with_tick_boxes
from ingestion.types import Element

_FEW_WORDS = 15  # a scan may carry a printed stamp or page number
_PICTURED = 0.5  # share of the page that pictures cover on a scan
_UNREADABLE = 0.3  # share of words without letters from which a page is recognised instead
_SCAN_DPI = 250


@dataclass(slots=True)
class _Page:
    """One page between reading and laying out: its words parted into segments, by the direction of their lines."""

    number: int
    height: float
    segments: list[Segment[Table]]
    sideways: list[list[Segment[Table]]]
    askew: list[Word]
    needs_ocr: bool = False


def read_pdf(path: Path) -> list[Element]:
    """The elements of a PDF in reading order, each with page, box and the place of every word.

    Raises EncryptedFile, DamagedFile, EmptyFile (no pages or no words), NeedsOcr (a scanned page and no Tesseract).
    """
    with open_pdf(path) as document:
        form = raw.FPDF_GetFormType(document.raw) != raw.FORMTYPE_NONE
        pages = [_read_page(document, index, path) for index in range(len(document))]
    if any(page.needs_ocr for page in pages):
        require_tesseract(path)
    drafts = _drafts(pages, path)
    set_levels(drafts)
    vocabulary = _vocabulary(drafts)
    elements = [element_of(draft, vocabulary) for draft in drafts]
    if form:
        elements = with_fields(path, elements)
    if not elements:
        raise EmptyFile(f"{path.name} has no words on any page; check that it is the right file.")
    return elements


def _read_page(document: Any, index: int, path: Path) -> _Page:
    with open_page(document, index, path) as page:
        found = page_words(page)
        shown = shown_frame(page)
        angle = max(found.by_angle, key=lambda a: (len(found.by_angle[a]), a == shown.angle), default=shown.angle)
        frame = shown._replace(angle=angle)
        drawings = page_drawings(page, frame)
    return _sorted_page(index + 1, found, frame, shown, drawings)


def _sorted_page(number: int, found: PageWords, frame: Frame, shown: Frame, drawings: Drawings) -> _Page:
    angle = frame.angle
    if _needs_ocr(found, drawings):
        return _Page(number, frame.height, [], [], [], needs_ocr=True)
    upright = with_tick_boxes(found.by_angle.get(angle, []), drawings.boxes, frame, shown)
    words, tables = take_ruled_tables(upright, drawings)
    sideways: list[list[Segment[Table]]] = [
        find_segments(others) for turned, others in sorted(found.by_angle.items()) if turned != angle
    ]
    segments: list[Segment[Table]] = find_segments(words)
    return _Page(number, frame.height, segments + tables, sideways, found.askew)


def _needs_ocr(found: PageWords, drawings: Drawings) -> bool:
    if found.total <= _FEW_WORDS and drawings.pictures >= _PICTURED:
        return True
    return found.total >= 3 and found.unreadable > _UNREADABLE


def _drafts(pages: list[_Page], path: Path) -> list[Draft]:
    style = document_style([lines_of(page.segments) for page in pages])
    margins: list[Margins[Table]] = part_margins([(page.segments, page.height) for page in pages], 1.5 * style.size)
    drafts: list[Draft] = []
    for page, margin in zip(pages, margins, strict=True):
        if page.needs_ocr:
            image = render_pdf_page(path, page.number - 1, dpi=_SCAN_DPI)
            drafts.extend(drafts_of_image(image, page.number, path))
        else:
            drafts.extend(_drafts_of_page(page, margin, style))
    return drafts


def _drafts_of_page(page: _Page, margin: Margins[Table], style: Style) -> list[Draft]:
    drafts = [_margin_draft(line, page.number, header=True) for line in margin.header]
    for segments in [margin.body, *page.sideways]:
        for region in reading_order(segments):
            add_region(drafts, drafts_of_region(region, page.number, page.height, style))
    if page.askew:
        drafts.append(Draft("text", page.number, [page.askew], page.askew[0].size))
    drafts.extend(_margin_draft(line, page.number, header=False) for line in margin.footer)
    return drafts


def _margin_draft(line: Line[Table], number: int, *, header: bool) -> Draft:
    return Draft("header" if header else "footer", number, [line.words], line.size)


def _vocabulary(drafts: list[Draft]) -> frozenset[str]:
    """Every word of the document in lower case, without the marks around it."""
    return frozenset(
        word.text.strip(".,:;?!()[]\"'“”‘’").lower() for draft in drafts for line in draft.lines for word in line
    )
