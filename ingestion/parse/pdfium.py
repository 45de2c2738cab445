"""Opening PDF files with pdfium: one at a time, released at once, its errors as sentences.

pdfium is not safe in threads, so whoever holds a file open holds a lock; keep the stretches short.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
import pypdfium2.raw as raw

from ingestion.errors import DamagedFile, EmptyFile, EncryptedFile

if TYPE_CHECKING:
    from PIL.Image import Image

_LOCK = threading.RLock()
_TAIL_BYTES = 16_384
_MOST_PIXELS = 50_000_000
_POINTS_PER_INCH = 72


@contextmanager
def open_pdf(path: Path) -> Iterator[Any]:
    """The pypdfium2 document at `path`, closed on leaving.

    Raises EncryptedFile when it needs a password, DamagedFile when it is cut off or malformed, EmptyFile when it has
    no pages.
    """
    with _LOCK:
        _check_ending(path)
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as err:
            # PDFium keeps the reason of an earlier failure when it gives none for this one.
            if ("password" in str(err).lower() or "security" in str(err).lower()) and b"/Encrypt" in path.read_bytes():
                raise EncryptedFile(
                    f"{path.name} is locked with a password; save a copy without the password and add that."
                ) from err
            raise DamagedFile(
                f"{path.name} is damaged and cannot be opened as a PDF; ask for it again or export it anew."
            ) from err
        try:
            if len(document) == 0:
                raise EmptyFile(f"{path.name} has no pages; ask for the document again.")
            yield document
        finally:
            document.close()


@contextmanager
def open_page(document: Any, index: int, path: Path) -> Iterator[Any]:
    """The raw FPDF_PAGE handle of page `index` (from 0), closed on leaving; DamagedFile when it does not load."""
    page = raw.FPDF_LoadPage(document.raw, index)
    if not page:
        raise DamagedFile(f"Page {index + 1} of {path.name} is damaged; ask for the document again or export it anew.")
    try:
        yield page
    finally:
        raw.FPDF_ClosePage(page)


def render_pdf_page(path: Path, index: int, *, dpi: float | None = None, width: int | None = None) -> Image:
    """Page `index` (from 0) as shown, in RGB, at `dpi` or `width` pixels wide; at most 50 megapixels."""
    with open_pdf(path) as document:
        if raw.FPDF_GetFormType(document.raw) != raw.FORMTYPE_NONE:
            document.init_forms()  # or the fields are drawn empty
        page = document[index]
        try:
            points_wide, points_high = page.get_size()
            scale = width / points_wide if width is not None else (dpi or _POINTS_PER_INCH) / _POINTS_PER_INCH
            pixels = points_wide * points_high * scale * scale
            if pixels > _MOST_PIXELS:
                scale *= (_MOST_PIXELS / pixels) ** 0.5
            bitmap = page.render(scale=scale, may_draw_forms=True)
            try:
                image: Image = bitmap.to_pil().convert("RGB")
                return image
            finally:
                bitmap.close()
        finally:
            page.close()


def _check_ending(path: Path) -> None:
    """Refuse a file cut off in the middle: pdfium would mend it silently and show the pages that are left."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size == 0:
            raise EmptyFile(f"{path.name} is empty; ask for the document again.")
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    if b"%%EOF" not in tail:
        raise DamagedFile(f"{path.name} is cut off before its end; copy or download it again.")
