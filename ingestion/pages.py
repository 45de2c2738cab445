"""Pictures of a document's pages with the quoted words boxed, so that a person sees where a sentence comes from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ingestion.errors import UnreadableFile
from ingestion.types import Box, Element, Span

if TYPE_CHECKING:
    from PIL.Image import Image

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_FILL = (255, 221, 0, 90)  # translucent yellow: the words stay legible
_OUTLINE = (11, 12, 12, 255)  # near black: 10:1 on white, so that the box is seen without seeing colour
_MARGIN = 0.003  # of the page, around the words
_TALLEST = 1.5  # of a word's height: on a slanting scan one long box would cover the lines above and below


def page_count(path: Path) -> int | None:
    """How many pages a PDF or picture has; None for a kind of file without pages of its own.

    Raises UnreadableFile when the file cannot be opened.
    """
    kind = _kind(path)
    if kind == "pdf":
        from ingestion.parse.pdfium import open_pdf

        with open_pdf(path) as document:
            return len(document)
    if kind == "picture":
        from ingestion.parse.pictures import image_page_count

        return image_page_count(path)
    return None


def _kind(path: Path) -> Literal["pdf", "picture"] | None:
    """What a file is by its first bytes, since a kept file need not end as the one it was made from."""
    with path.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" in head:
        return "pdf"
    return "picture" if head.startswith(_PICTURES) else None


def render_page(path: Path, page: int, *, boxes: Sequence[Box] = (), width: int = 1000) -> bytes:
    """A PNG, `width` pixels wide, of page `page` (from 1) of a PDF or picture, with `boxes` filled and outlined.

    Raises UnreadableFile when the file has no pages to show, or no such page.
    """
    count = page_count(path)
    if count is None:
        raise UnreadableFile(f"{path.name} has no pages that can be shown; open the file itself.")
    if not 1 <= page <= count:
        raise UnreadableFile(f"{path.name} has {count} pages, so page {page} cannot be shown; choose one of them.")
    if _kind(path) == "pdf":
        from ingestion.parse.pdfium import render_pdf_page

        image = render_pdf_page(path, page - 1, width=width)
    else:
        image = _picture(path, page, width)
    buffer = io.BytesIO()
    _with_boxes(image, boxes).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _picture(path: Path, page: int, width: int) -> Image:
    from ingestion.parse.pictures import image_pages

    for number, image in enumerate(image_pages(path), start=1):
        if number == page:
            return image.resize((width, max(1, round(image.height * width / image.width))))
    raise UnreadableFile(f"Page {page} of {path.name} cannot be shown; choose another.")


def _with_boxes(image: Image, boxes: Sequence[Box]) -> Image:
    if not boxes:
        return image
    from PIL import Image as Pillow
    from PIL import ImageDraw

    layer = Pillow.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    line = max(2, image.width // 500)
    for box in boxes:
        left = max(0, (box.left - _MARGIN) * image.width)
        top = max(0, (box.top - _MARGIN) * image.height)
        right = min(image.width - 1, (box.right + _MARGIN) * image.width)
        bottom = min(image.height - 1, (box.bottom + _MARGIN) * image.height)
        draw.rectangle((left, top, max(left, right), max(top, bottom)), fill=_FILL, outline=_OUTLINE, width=line)
    return Pillow.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def quote_boxes(element: Element, span: Span) -> list[Box]:
    """The boxes of the words that `span` of the element's text touches, those of one line as one.

    The element's own box when none of its words is placed; empty when it has no place on a page.
    """
    touched = [word.box for word in element.words if word.span.start < span.end and span.start < word.span.end]
    if not touched:
        return [element.box] if element.box is not None else []
    merged = [touched[0]]
    for box in touched[1:]:
        joined = Box.around([merged[-1], box])
        if _on_one_line(merged[-1], box) and joined.bottom - joined.top <= _TALLEST * (box.bottom - box.top):
            merged[-1] = joined
        else:
            merged.append(box)
    return merged


def _on_one_line(line: Box, box: Box) -> bool:
    """Whether a word goes on the line before it: mostly level with it, and no column's gap away."""
    overlap = min(line.bottom, box.bottom) - max(line.top, box.top)
    height = min(line.bottom - line.top, box.bottom - box.top)
    return overlap > height / 2 and -0.02 <= box.left - line.right <= 0.06
