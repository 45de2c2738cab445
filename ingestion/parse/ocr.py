"""Scans and photographs to elements, by Tesseract run as a program of its own.

    image --straightened--> Tesseract's table of words --> paragraphs --> drafts --> elements

A skewed page is turned level first, and the boxes of its words are turned back, so that they lie on the page as it is.
"""

from __future__ import annotations

import io
import math
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from ingestion.errors import EmptyFile, NeedsOcr, UnreadableFile
from ingestion.parse.layout import Line, segment_of
from ingestion.parse.page_blocks import Draft, document_style, drafts_of_region, element_of, set_levels
from ingestion.parse.page_tables import Table
from ingestion.parse.pdf_words import Word
from ingestion.parse.pictures import image_pages, paper_shade, skew
from ingestion.types import Element

if TYPE_CHECKING:
    from PIL.Image import Image

_SECONDS_A_PAGE = 120
_LARGEST_SIDE = 5000  # pixels: larger images are made smaller, with nothing lost that can be read
_SMALLEST_SIDE = 1600  # pixels of the longer side: smaller ones are enlarged
_LEAST_CONFIDENCE = 30.0  # per cent
_LEAST_ALONE = 60.0  # for a mark without letters
_ASCENDS = re.compile(r"[A-Zbdfhijklt0-9£$&%/()!?'\"]")
_DESCENDS = re.compile(r"[gjpqyQ,;()/]")
_CAPITAL = 0.72  # of the type size: the height of a capital
_PAGE_POINTS = 842.0  # the long side of the page that words are laid out on: A4


def tesseract_available() -> bool:
    """Whether the `tesseract` program is on the path."""
    return shutil.which("tesseract") is not None


def require_tesseract(path: Path) -> None:
    """Raise NeedsOcr, which says how to install Tesseract, unless it is there."""
    if not tesseract_available():
        raise NeedsOcr(
            f"{path.name} is a scan, and reading it needs Tesseract: install the package tesseract-ocr (Debian and "
            "Ubuntu), UB-Mannheim.TesseractOCR with winget (Windows) or tesseract with brew (macOS), then add it again."
        )


def read_image(path: Path) -> list[Element]:
    """The elements of a picture of text (png, jpg, tiff; each frame of a tiff is a page).

    Raises NeedsOcr without Tesseract, DamagedFile, FileTooLarge, and EmptyFile when no words are found.
    """
    require_tesseract(path)
    drafts: list[Draft] = []
    for number, image in enumerate(image_pages(path), start=1):
        drafts.extend(drafts_of_image(image, number, path))
    if not drafts:
        raise EmptyFile(f"No words were found in the picture {path.name}; scan it again, sharper or larger.")
    return _elements(drafts)


def ocr_page(image: Image, page: int, path: Path) -> list[Element]:
    """The elements of one page's picture; empty when it has no words. `path` is named in errors."""
    return _elements(drafts_of_image(image, page, path))


def _elements(drafts: Sequence[Draft]) -> list[Element]:
    set_levels(drafts)
    vocabulary = frozenset(word.text.lower() for draft in drafts for line in draft.lines for word in line)
    return [element_of(draft, vocabulary) for draft in drafts]


class _Turn(NamedTuple):
    """How a page was turned level: by `degrees` anticlockwise about its middle; sizes in pixels."""

    degrees: float
    width: int
    height: int

    def back(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """A rectangle of the level page as fractions of the page as it lay: the box around its turned corners."""
        if not self.degrees:
            corners = [(left, top), (right, bottom)]
        else:
            angle = math.radians(self.degrees)
            cos, sin = math.cos(angle), math.sin(angle)
            middle_x, middle_y = self.width / 2, self.height / 2
            # along the middle line of the word, so that the box does not grow with the word's length
            inset = min(abs((right - left) * math.tan(angle)) / 2, (bottom - top) / 2)
            corners = []
            for x, y in ((left, top + inset), (right, top + inset), (left, bottom - inset), (right, bottom - inset)):
                dx, dy = x - middle_x, y - middle_y
                corners.append((middle_x + dx * cos - dy * sin, middle_y + dx * sin + dy * cos))
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return (
            _unit(min(xs) / self.width),
            _unit(min(ys) / self.height),
            _unit(max(xs) / self.width),
            _unit(max(ys) / self.height),
        )


def drafts_of_image(image: Image, page: int, path: Path) -> list[Draft]:
    """The paragraphs Tesseract finds on one page, in its reading order."""
    grey = _fitted(image.convert("L"))
    degrees = skew(grey)
    if degrees:
        from PIL.Image import Resampling

        level = grey.rotate(degrees, resample=Resampling.BICUBIC, fillcolor=paper_shade(grey))
    else:
        level = grey
    turn = _Turn(degrees, grey.width, grey.height)
    blocks = _words(_run_tesseract(level, path), turn)
    lines = [[_line(words) for words in block] for block in blocks]
    style = document_style(lines)
    height = grey.height * _scale(turn)
    return [draft for block in lines for draft in drafts_of_region(block, page, height, style)]


def _fitted(grey: Image) -> Image:
    longest = max(grey.size)
    if _SMALLEST_SIDE <= longest <= _LARGEST_SIDE:
        return grey
    from PIL.Image import Resampling

    scale = _LARGEST_SIDE / longest if longest > _LARGEST_SIDE else min(2.0, _SMALLEST_SIDE / longest)
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return grey.resize(size, Resampling.LANCZOS)


def _run_tesseract(level: Image, path: Path) -> str:
    """Tesseract's table of words (TSV) for a page."""
    buffer = io.BytesIO()
    level.save(buffer, "PNG", compress_level=1, dpi=(300, 300))
    try:
        done = subprocess.run(
            ["tesseract", "-", "-", "-l", "eng", "--psm", "3", "tsv"],
            input=buffer.getvalue(),
            capture_output=True,
            timeout=_SECONDS_A_PAGE,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            check=True,
        )
    except subprocess.TimeoutExpired as err:
        raise UnreadableFile(
            f"Reading a scanned page of {path.name} took longer than {_SECONDS_A_PAGE} seconds; scan it again as black "
            "text on white at 300 dots per inch."
        ) from err
    except subprocess.CalledProcessError as err:
        said = err.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UnreadableFile(
            f"Tesseract could not read {path.name} ({said[-1] if said else 'no reason given'}); check that its English "
            "data is installed (tesseract-ocr-eng)."
        ) from err
    return done.stdout.decode("utf-8", "replace")


class _Row(NamedTuple):
    """A word of Tesseract's table; pixels."""

    block: int
    paragraph: int
    line: int
    left: int
    top: int
    width: int
    height: int
    confidence: float
    text: str


def _rows(tsv: str) -> Iterator[_Row]:
    for record in tsv.splitlines()[1:]:
        cells = record.split("\t")
        if len(cells) == 12 and cells[0] == "5" and cells[11].strip():
            block, paragraph, line = (int(cell) for cell in cells[2:5])
            left, top, width, height = (int(cell) for cell in cells[6:10])
            yield _Row(block, paragraph, line, left, top, width, height, float(cells[10]), cells[11].strip())


def _is_word(row: _Row) -> bool:
    """Whether a word is more than a speck, a rule or the edge of the paper read as letters."""
    if row.confidence < _LEAST_CONFIDENCE:
        return False
    return row.confidence >= _LEAST_ALONE or any(c.isalnum() for c in row.text)


def _scale(turn: _Turn) -> float:
    """Points of the laid-out page a pixel."""
    return _PAGE_POINTS / max(turn.width, turn.height)


def _words(tsv: str, turn: _Turn) -> list[list[list[Word]]]:
    """Words by block and line, in points, each line's words of one type size."""
    rows = list(_rows(tsv))
    heights = [_capital_height(row) for row in rows if _is_word(row)]
    usual = median(heights) if heights else 0.0
    blocks: list[list[list[Word]]] = []
    order = 0
    for _, members in groupby(rows, key=lambda row: row.block):
        lines: list[list[Word]] = []
        for _, found in groupby(members, key=lambda row: (row.paragraph, row.line)):
            kept = [row for row in found if _is_word(row)]
            if not kept or _is_noise(kept):
                continue
            lines.append(_words_of_line(kept, turn, usual, order))
            order += len(kept)
        if lines:
            blocks.append(lines)
    return blocks


def _is_noise(rows: Sequence[_Row]) -> bool:
    """Whether a line has no two letters or digits together that Tesseract is sure of: texture read as text."""
    sure = [row for row in rows if row.confidence >= _LEAST_ALONE and re.search(r"\w\w|\d", row.text)]
    return not sure


def _words_of_line(rows: Sequence[_Row], turn: _Turn, usual: float, order: int) -> list[Word]:
    scale = _scale(turn)
    size = _type_size(rows, usual) * scale
    top, bottom = min(row.top for row in rows), max(row.top + row.height for row in rows)
    words = []
    for index, row in enumerate(rows):
        right, low = row.left + row.width, row.top + row.height
        box = turn.back(row.left, row.top, right, low)
        words.append(
            Word(
                row.text,
                row.left * scale,
                top * scale,
                right * scale,
                bottom * scale,
                bottom * scale,
                size,
                False,
                order + index,
                box,
            )
        )
    return words


def _type_size(rows: Sequence[_Row], usual: float) -> float:
    """A line's type size in pixels, in a few steps of the page's usual one, since letters' heights vary by chance.

    `usual` is the median height of the page's capitals.
    """
    ratio = median(_capital_height(row) for row in rows) / usual
    step = 2.0 if ratio > 1.9 else 1.6 if ratio > 1.5 else 1.3 if ratio > 1.25 else 0.8 if ratio < 0.75 else 1.0
    return usual / _CAPITAL * step


def _capital_height(row: _Row) -> float:
    """How tall a word's capitals are or would be, in pixels, from its height and the shapes of its letters."""
    height = float(row.height)
    if not _ASCENDS.search(row.text):
        height *= 1.4 if not _DESCENDS.search(row.text) else 1.0
    elif _DESCENDS.search(row.text):
        height *= 0.78
    return height


def _line(words: list[Word]) -> Line[Table]:
    return Line([segment_of(words)])


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
