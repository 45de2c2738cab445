"""Page headers and footers: the lines at the top and bottom edge that come back from page to page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from ingestion.parse.layout import Line, Segment, rows_of

T = TypeVar("T")
Row = list[Segment[T]]

_ZONE = 0.12  # of the page's height
_MOST_ROWS = 4
_REACH = 2  # pages: left and right pages may have headers of their own
_DRIFT = 6.0  # points
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"(?:[-–—|]\s*)?(?:page|p\.?|tudalen)?\s*#(?:\s*(?:of|/|o)\s*#)?(?:\s*[-–—|])?", re.I)
_NAMED_PAGE_NUMBER = re.compile(r"(?:page|tudalen)\s*#(?:\s*(?:of|/|o)\s*#)?", re.I)


class Margins(NamedTuple, Generic[T]):
    """The rows of one page that are its header and footer, from top to bottom, and the segments that are neither."""

    header: list[Line[T]]
    footer: list[Line[T]]
    body: list[Segment[T]]


def part_margins(pages: Sequence[tuple[list[Segment[T]], float]], largest: float) -> list[Margins[T]]:
    """Part each page's segments into header, footer and body.

    `pages` holds segments and page height in points; type larger than `largest` is a heading and stays.
    """
    tops = [_edge(segments, height, top=True, largest=largest) for segments, height in pages]
    bottoms = [_edge(segments, height, top=False, largest=largest) for segments, height in pages]
    parted: list[Margins[T]] = []
    for index, (segments, _) in enumerate(pages):
        header = _repeated(tops, index, top=True)
        footer = _repeated(bottoms, index, top=False)
        taken = {id(segment) for row in header + footer for segment in row}
        body = [segment for segment in segments if id(segment) not in taken]
        parted.append(Margins([_line(row) for row in header], [_line(row) for row in reversed(footer)], body))
    return parted


def _line(row: Row[T]) -> Line[T]:
    return Line(sorted(row, key=lambda segment: segment.left))


def _edge(segments: list[Segment[T]], height: float, *, top: bool, largest: float) -> list[Row[T]]:
    limit = _ZONE * height
    near = [s for s in segments if (s.bottom <= limit if top else s.top >= height - limit)]
    rows = rows_of(near)
    if not top:
        rows.reverse()
    kept = []
    for row in rows[:_MOST_ROWS]:
        if any(segment.block is not None or segment.size > largest for segment in row):
            break
        kept.append(row)
    return kept


def _repeated(edges: Sequence[list[Row[T]]], index: int, *, top: bool) -> list[Row[T]]:
    """The rows of one page's edge that a page nearby has too, from the edge inwards.

    One row without a double may stand between them.
    """
    nearby = [
        (_key(row), row[0].baseline)
        for other in range(max(0, index - _REACH), min(len(edges), index + _REACH + 1))
        if other != index
        for row in edges[other]
    ]
    count = 0
    for number, row in enumerate(edges[index], start=1):
        key, baseline = _key(row), row[0].baseline
        repeated = any(key == other and abs(baseline - at) <= _DRIFT for other, at in nearby)
        named = _NAMED_PAGE_NUMBER.search(key) is not None and len(key) <= 60
        bare = not top and number == 1 and _PAGE_NUMBER.fullmatch(key) is not None
        if repeated or (named and not top) or bare:
            count = number
        elif number > count + 1:
            break  # two without a double: the body begins
    return edges[index][:count]


def _key(row: Row[T]) -> str:
    text = " ".join(word.text for segment in sorted(row, key=lambda s: s.left) for word in segment.words)
    return _NUMBER.sub("#", text).casefold().strip()
