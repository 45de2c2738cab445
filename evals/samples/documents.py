"""Make the housing documents: `python -m evals.samples.documents`.

The report, the leaflet and the letter stand in `text/`; this writes them as Word documents and PDFs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from evals.samples.markup import Source, read_markup
from evals.samples.office import convert_to_pdf
from evals.samples.word import Layout, write_docx

HERE = Path(__file__).parent
TEXT = HERE / "text"
OUT = HERE.parent / "data" / "samples"
COUNCIL = "Fernmoor Borough Council"

REPORT = Layout(
    title="Damp and mould in council homes: two-year programme, 2026/27 to 2027/28",
    author="Kwame Adusei-Finch",
    header=f"{COUNCIL}: Housing and Communities Committee, 9 June 2026, item 6",
    footer="HC/26/14",
)
LEAFLET = Layout(
    title="Damp and mould in your home", author="Housing Repairs and Compliance", size=12, margin=1.5, title_size=20
)
LETTER = Layout(title="Your rent account", author="Perpetua Lindqvist-Ward", footer="RA/26/01873")


def read_text(name: str) -> Source:
    """The marked-up text `name` in `text/`."""
    return read_markup((TEXT / name).read_text(encoding="utf-8"))


def make_report() -> None:
    write_docx(read_text("damp-and-mould-report.md"), REPORT, OUT / "damp-and-mould-report.docx")
    convert_to_pdf(OUT / "damp-and-mould-report.docx", OUT / "damp-and-mould-report.pdf")


def make_leaflet() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        word = Path(scratch, "damp-and-mould-leaflet.docx")
        write_docx(read_text("damp-and-mould-leaflet.md"), LEAFLET, word)
        convert_to_pdf(word, OUT / "damp-and-mould-leaflet.pdf")


def make_letter() -> None:
    write_docx(read_text("tenancy-letter.md"), LETTER, OUT / "tenancy-letter.docx")


def main() -> None:
    """Write every file of this family."""
    make_report()
    make_leaflet()
    make_letter()


if __name__ == "__main__":
    main()
