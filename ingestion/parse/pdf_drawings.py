"""What a PDF page draws besides text: the straight rules of its tables, and how much of it pictures cover."""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ingestion.parse.page_frame import Frame

_THIN = 2.5  # points: a filled shape this thin is a drawn line
_SHORTEST = 4.0  # points
_MOST_OBJECTS = 20_000  # maps and plans; their lines are not tables
_MOST_SEGMENTS = 400
_SMALLEST_TICK_BOX, _LARGEST_TICK_BOX = 5.0, 18.0  # points


class Rule(NamedTuple):
    """A straight line at `at` from `start` to `end`, in points of PDF space; horizontal or vertical by its list."""

    at: float
    start: float
    end: float


class TickBox(NamedTuple):
    """A small square drawn on the page and whether something is drawn inside it; points of a frame."""

    left: float
    top: float
    right: float
    bottom: float
    ticked: bool


class Drawings(NamedTuple):
    """Rules and tick boxes in points of a frame, and the share of the page that pictures cover, in [0, 1]."""

    horizontal: list[Rule]
    vertical: list[Rule]
    boxes: list[TickBox]
    pictures: float


def page_drawings(page: Any, frame: Frame) -> Drawings:
    """The rules and pictures of a loaded pdfium page (a raw FPDF_PAGE handle), in `frame`."""
    collector = _Collector(frame)
    count = pdfium.FPDFPage_CountObjects(page)
    if count <= _MOST_OBJECTS:
        for index in range(count):
            collector.add(pdfium.FPDFPage_GetObject(page, index), nested=False)
    area = frame.width * frame.height
    pictures = min(1.0, collector.pictured / area) if area > 0 else 0.0
    return Drawings(collector.horizontal, collector.vertical, collector.tick_boxes(), pictures)


def _inside(mark: tuple[float, float, float, float], square: tuple[float, float, float, float]) -> bool:
    x, y = (mark[0] + mark[2]) / 2, (mark[1] + mark[3]) / 2
    return square[0] < x < square[2] and square[1] < y < square[3]


class _Collector:
    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.horizontal: list[Rule] = []
        self.vertical: list[Rule] = []
        self.pictured = 0.0
        self.squares: list[tuple[float, float, float, float]] = []
        self.marks: list[tuple[float, float, float, float]] = []
        self.bounds = [ctypes.c_float() for _ in range(4)]
        self.matrix = pdfium.FS_MATRIX()
        self.fill = ctypes.c_int()
        self.stroke = ctypes.c_int()
        self.x = ctypes.c_float()
        self.y = ctypes.c_float()

    def add(self, item: Any, *, nested: bool) -> None:
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            if not nested:  # the matrix of the form around a nested path is not known here
                self._add_path(item)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, top, right, bottom = self._bounds(item)
            width = min(right, self.frame.width) - max(left, 0.0)
            height = min(bottom, self.frame.height) - max(top, 0.0)
            if width > 0 and height > 0:
                self.pictured += width * height
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and not nested:
            before = self.pictured
            for index in range(min(pdfium.FPDFFormObj_CountObjects(item), _MOST_SEGMENTS)):
                self.add(pdfium.FPDFFormObj_GetObject(item, index), nested=True)
            if self.pictured > before:  # a form holding a picture covers what the form covers
                left, top, right, bottom = self._bounds(item)
                self.pictured = before + max(0.0, right - left) * max(0.0, bottom - top)

    def _bounds(self, item: Any) -> tuple[float, float, float, float]:
        left, bottom, right, top = self.bounds
        pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top)
        return self.frame.rectangle(left.value, bottom.value, right.value, top.value)

    def _add_path(self, path: Any) -> None:
        left, top, right, bottom = self._bounds(path)
        width, height = right - left, bottom - top
        if max(width, height) < _SHORTEST:
            return
        if max(width, height) <= _LARGEST_TICK_BOX and min(width, height) > _THIN:
            self._add_small(path, left, top, right, bottom)
            return
        if height <= _THIN:
            self.horizontal.append(Rule((top + bottom) / 2, left, right))
        elif width <= _THIN:
            self.vertical.append(Rule((left + right) / 2, top, bottom))
        else:
            self._add_outline(path)

    def _add_small(self, path: Any, left: float, top: float, right: float, bottom: float) -> None:
        """A square that may be a tick box, or anything else so small, which may be the mark in one."""
        pdfium.FPDFPath_GetDrawMode(path, self.fill, self.stroke)
        width, height = right - left, bottom - top
        square = min(width, height) >= _SMALLEST_TICK_BOX and abs(width - height) <= 1.5
        if square and self.stroke.value and self._is_rectangle(path):
            self.squares.append((left, top, right, bottom))
        else:
            self.marks.append((left, top, right, bottom))

    def _is_rectangle(self, path: Any) -> bool:
        """Whether a path is nothing but level and upright lines, four or five of them."""
        count = pdfium.FPDFPath_CountSegments(path)
        if not 4 <= count <= 6:
            return False
        points = []
        for index in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(path, index)
            if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_BEZIERTO:
                return False
            pdfium.FPDFPathSegment_GetPoint(segment, self.x, self.y)
            points.append((self.x.value, self.y.value))
        return all(abs(a[0] - b[0]) < 0.5 or abs(a[1] - b[1]) < 0.5 for a, b in pairwise(points))

    def tick_boxes(self) -> list[TickBox]:
        """The squares, each ticked when a mark lies mostly inside it."""
        return [TickBox(*square, any(_inside(mark, square) for mark in self.marks)) for square in self.squares]

    def _add_outline(self, path: Any) -> None:
        """The level and upright pieces of a stroked path, such as the four edges of a cell."""
        pdfium.FPDFPath_GetDrawMode(path, self.fill, self.stroke)
        count = pdfium.FPDFPath_CountSegments(path)
        if not self.stroke.value or count > _MOST_SEGMENTS:
            return
        pdfium.FPDFPageObj_GetMatrix(path, self.matrix)
        m = self.matrix
        start = here = (0.0, 0.0)
        for index in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(path, index)
            pdfium.FPDFPathSegment_GetPoint(segment, self.x, self.y)
            x, y = self.x.value, self.y.value
            point = self.frame.point(m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                start = point
            elif kind == pdfium.FPDF_SEGMENT_LINETO:
                self._add_piece(here, point)
            here = point
            if pdfium.FPDFPathSegment_GetClose(segment):
                self._add_piece(here, start)

    def _add_piece(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        width, height = abs(a[0] - b[0]), abs(a[1] - b[1])
        if height <= 1.0 and width >= _SHORTEST:
            self.horizontal.append(Rule((a[1] + b[1]) / 2, min(a[0], b[0]), max(a[0], b[0])))
        elif width <= 1.0 and height >= _SHORTEST:
            self.vertical.append(Rule((a[0] + b[0]) / 2, min(a[1], b[1]), max(a[1], b[1])))
