"""Tables as elements: rows from HTML, and the cutting of long tables into elements of a bearable size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingestion.types import Element

MAX_ROWS = 50
"""Body rows of one table element; a longer table becomes several, each of which repeats the header row."""
MAX_CHARACTERS = 6000
"""Characters of one table element, from which its next row begins another."""
_MAX_SPAN = 1000

Rows = tuple[tuple[str, ...], ...]


def table_elements(rows: Sequence[Sequence[str]], *, page: int | None = None) -> Iterator[Element]:
    """One table as one element or, when it is long, several.

    Rows without a word are left out and short rows are filled up, so that every row has as many cells as the widest.
    A table that has to be cut repeats its first row in each element, when that is a header: all words, no figures.
    This is the one place where words of the file appear more than once.
    """
    kept = [tuple(" ".join(cell.split()) for cell in row) for row in rows]
    kept = [row for row in kept if any(row)]
    if not kept:
        return
    width = max(len(row) for row in kept)
    filled = [row + ("",) * (width - len(row)) for row in kept]
    header = filled[0] if len(filled) > 1 and is_header(filled[0]) else None
    for piece in _pieces(filled[1:] if header else filled):
        whole = (header, *piece) if header else piece
        yield Element(id="", kind="table", text="\n".join(" | ".join(row) for row in whole), rows=whole, page=page)


def is_header(row: Sequence[str]) -> bool:
    """Whether a row reads as column headings: at least two cells, none of which begins with a figure."""
    words = [cell for cell in row if cell]
    return len(words) > 1 and not any(cell[0].isdigit() or cell[0] in "£-+(" for cell in words)


def _pieces(rows: Sequence[tuple[str, ...]]) -> Iterator[Rows]:
    piece: list[tuple[str, ...]] = []
    size = 0
    for row in rows:
        length = sum(len(cell) + 3 for cell in row)
        if piece and (len(piece) >= MAX_ROWS or size + length > MAX_CHARACTERS):
            yield tuple(piece)
            piece, size = [], 0
        piece.append(row)
        size += length
    yield tuple(piece)


def html_rows(html: str) -> tuple[str, Rows]:
    """The caption and rows of an HTML table. A merged cell's words stand in its first place, the others are empty."""
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]

    root = etree.fromstring(html, etree.HTMLParser(recover=True, no_network=True, huge_tree=True))
    if root is None:
        return "", ()
    caption = " ".join(_words(node) for node in root.iter("caption"))
    hanging: dict[int, int] = {}  # column -> rows still covered from above
    rows = [_row_cells(tr, hanging) for tr in root.iter("tr")]
    return caption, tuple(rows)


def _row_cells(tr: object, hanging: dict[int, int]) -> tuple[str, ...]:
    cells: list[str] = []

    def skip_covered() -> None:
        while hanging.get(len(cells), 0) > 0:
            hanging[len(cells)] -= 1
            cells.append("")

    for cell in tr:  # type: ignore[attr-defined]
        if cell.tag not in {"td", "th"}:
            continue
        skip_covered()
        across, down = _span(cell, "colspan"), _span(cell, "rowspan")
        for column in range(len(cells), len(cells) + across):
            hanging[column] = down - 1
        cells.extend([_words(cell), *[""] * (across - 1)])
    skip_covered()
    return tuple(cells)


def _words(node: object) -> str:
    return " ".join(" ".join(node.itertext()).split())  # type: ignore[attr-defined]


def _span(cell: object, attribute: str) -> int:
    value = cell.get(attribute, "1")  # type: ignore[attr-defined]
    return min(max(int(value), 1), _MAX_SPAN) if value.isdecimal() else 1
