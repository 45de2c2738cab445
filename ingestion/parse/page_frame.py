"""Where things stand on a page: PDF space turned to how a reader sees it, and to fractions of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ingestion.types import Box

Rectangle = tuple[float, float, float, float]
"""Left, bottom, right, top in PDF space; points."""


class Frame(NamedTuple):
    """A page turned so that text at `angle` (degrees anticlockwise in PDF space: 0, 90, 180, 270) runs to the right."""

    angle: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left if self.angle % 180 == 0 else self.top - self.bottom

    @property
    def height(self) -> float:
        return self.top - self.bottom if self.angle % 180 == 0 else self.right - self.left

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of PDF space as (right, down) points in this frame."""
        if self.angle == 0:
            return x - self.left, self.top - y
        if self.angle == 90:
            return y - self.bottom, x - self.left
        if self.angle == 180:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    def inverse(self, x: float, y: float) -> tuple[float, float]:
        """The point of PDF space that lies `x` points right and `y` down in this frame."""
        if self.angle == 0:
            return self.left + x, self.top - y
        if self.angle == 90:
            return self.left + y, self.bottom + x
        if self.angle == 180:
            return self.right - x, self.bottom + y
        return self.right - y, self.top - x

    def rectangle(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A rectangle of PDF space as (left, top, right, bottom) points in this frame."""
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def fractions(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A rectangle of PDF space as fractions of the page in this frame, cut to the page."""
        return self.share(*self.rectangle(left, bottom, right, top))

    def share(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """A rectangle in points of this frame as fractions of the page in this frame, cut to the page."""
        width, height = self.width, self.height
        if left >= 0 and top >= 0 and right <= width and bottom <= height:
            return left / width, top / height, right / width, bottom / height
        return _unit(left / width), _unit(top / height), _unit(right / width), _unit(bottom / height)


def shown_frame(page: Any) -> Frame:
    """The page as a reader sees it: turned by /Rotate and cut to /CropBox."""
    bounds = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, bounds)
    rotation = pdfium.FPDFPage_GetRotation(page) * 90
    return Frame(rotation % 360, bounds.left, bounds.bottom, bounds.right, bounds.top)


def as_box(fractions: tuple[float, float, float, float]) -> Box:
    """The Box of a word's fractions of the shown page."""
    left, top, right, bottom = fractions
    return Box(left=left, top=top, right=right, bottom=bottom)


def _unit(value: float) -> float:
    return 0.0 if value < 0 else 1.0 if value > 1 else value
