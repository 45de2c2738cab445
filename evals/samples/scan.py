"""Make a scanned letter: `python -m evals.samples.scan`.

`repairs-notice.txt` is typed, printed, laid crooked on the glass and scanned: two pages of grey pixels and no text.
The text file is what an OCR engine ought to read.
"""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

from evals.samples.documents import HERE, OUT
from evals.samples.markup import Block, Source
from evals.samples.office import convert_to_pdf
from evals.samples.word import Layout, write_docx

SOURCE = HERE / "repairs-notice.txt"
DOTS_PER_INCH = 200
SKEW_DEGREES = (1.5, -1.4)  # one for each page: two sheets never lie alike
NOISE_LEVELS = 5.0  # standard deviation, of 255
JPEG_QUALITY = 42
LETTER = Layout(title="Notice of visit", author="Marguerite Stanhope-Rai", font="Liberation Serif", size=12, margin=2.5)


def read_letter(text: str) -> Source:
    """The letter's paragraphs; an empty line ends one, and the lines of an address stay apart."""
    return Source(tuple(Block("paragraph", paragraph) for paragraph in text.strip().split("\n\n")), {})


def scan_page(page: Image.Image, skew_degrees: float, seed: int) -> Image.Image:
    """`page` as a scanner sees it: turned, slightly soft, off-white and grainy; the same seed gives the same grain."""
    turned = page.convert("L").rotate(skew_degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)
    soft = np.asarray(turned.filter(ImageFilter.GaussianBlur(0.5)), dtype=np.float32)
    grain = np.random.default_rng(seed).normal(0.0, NOISE_LEVELS, soft.shape)
    paper_and_ink = 28.0 + soft * (244.0 - 28.0) / 255.0
    return Image.fromarray(np.clip(paper_and_ink + grain, 0, 255).astype(np.uint8))


def main() -> None:
    """Write `repairs-notice-scan.pdf`."""
    with tempfile.TemporaryDirectory() as scratch:
        word, typed = Path(scratch, "notice.docx"), Path(scratch, "notice.pdf")
        write_docx(read_letter(SOURCE.read_text(encoding="utf-8")), LETTER, word)
        convert_to_pdf(word, typed)
        with pypdfium2.PdfDocument(typed) as document:
            pages = [page.render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil() for page in document]
    scans = [
        scan_page(page, skew, seed) for seed, (page, skew) in enumerate(zip(pages, SKEW_DEGREES, strict=True), start=1)
    ]
    _save(scans, OUT / "repairs-notice-scan.pdf")


def _save(scans: list[Image.Image], path: Path) -> None:
    made = io.BytesIO()
    moment = time.struct_time((2026, 6, 3, 9, 0, 0, 2, 154, 0))
    scans[0].save(
        made,
        "PDF",
        save_all=True,
        append_images=scans[1:],
        resolution=DOTS_PER_INCH,
        quality=JPEG_QUALITY,
        producer="Fernmoor scanner",
        creationDate=moment,
        modDate=moment,
    )
    path.write_bytes(made.getvalue())


if __name__ == "__main__":
    main()
