"""Spreadsheets: every contiguous block of cells as a table, with the cells as a person sees them.

Read by openpyxl and csv and not by Unstructured, whose partitioners pass through pandas: there a house number becomes
"12.0", a date "2026-05-04 00:00:00", a row with one cell too many an error, and a sheet a single element of any size.

What a CSV file may look like is decided for the person who exported it:
- rows of unequal length are filled up with empty cells, so that no cell is lost;
- a quotation mark inside a value is kept as it is;
- a quotation mark that swallows the rows below it is refused, with its line, since guessing would move cells.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from ingestion.errors import DamagedFile, EmptyFile, FileTooLarge
from ingestion.parse.guard import parsing
from ingestion.parse.tables import is_header, table_elements
from ingestion.types import Element

MAX_CELLS = 5_000_000
_MAX_SHEET_ROWS = 1_048_576
_MAX_CELL_CHARACTERS = 10 * 1024 * 1024
_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 30
_TITLE_WORDS = 15
_LIST_ROWS = 4
"""Rows of a block one cell wide from which it is a table of one column and not some lines of text."""
_END = "\N{SYMBOL FOR END OF TRANSMISSION}end of the file"

Cell = str | float | int | bool | datetime | date | time | None


def read_csv(text: str, name: str) -> list[Element]:
    """The tables of a CSV file, or its notes when it is an export of case notes. Any of , ; tab | may part the cells.

    Raises DamagedFile with the line of a quotation mark that is never closed, EmptyFile when no cell has a word.
    """
    from ingestion.parse.casenotes import read_rows

    rows = csv_rows(text, name)
    notes = read_rows(rows, name)
    return _not_empty(notes if notes is not None else list(sheet_elements(rows)), name)


def csv_rows(text: str, name: str) -> list[list[str]]:
    """The cells of a CSV text, row by row, blank lines as empty rows."""
    lines = text.removesuffix("\n").split("\n")
    if lines[0][:4].lower() == "sep=" and len(lines[0]) == 5:  # Excel's own line that names the delimiter
        delimiter, lines = lines[0][4], ["", *lines[1:]]
    else:
        delimiter = _delimiter(lines)
    csv.field_size_limit(_MAX_CELL_CHARACTERS)
    reader = csv.reader((f"{line}\n" for line in [*lines, _END]), delimiter=delimiter)
    rows: list[list[str]] = []
    line = 0
    try:
        for row in reader:
            if row == [_END]:
                return rows
            if reader.line_num - line > 1 and _is_broken(lines[line : reader.line_num], delimiter):
                raise _unclosed(name, line + 1)
            rows.append(row)
            line = reader.line_num
    except csv.Error as err:
        raise _unclosed(name, line + 1) from err
    raise _unclosed(name, line + 1)


def _unclosed(name: str, line: int) -> DamagedFile:
    return DamagedFile(
        f"{name} has a quotation mark on line {line} that is not closed before the next row, "
        "so correct that line or save the file as .xlsx."
    )


def _is_broken(lines: Sequence[str], delimiter: str) -> bool:
    """Whether a value over several lines breaks the rules of quotation, which means that it swallowed other rows."""
    try:
        list(csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def _delimiter(lines: Sequence[str]) -> str:
    """The character that parts most cells in most of the first lines; a comma when none does."""
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]

    def usual_cells(delimiter: str) -> int:
        counts = sorted(len(row) for row in csv.reader(sample, delimiter=delimiter))
        return counts[len(counts) // 2] if counts else 0

    try:
        return max(_DELIMITERS, key=usual_cells)  # the first of equals
    except csv.Error:
        return ","


def read_xlsx(data: bytes, name: str) -> list[Element]:
    """The sheets of a workbook: each begins with its name as a title, and holds a table for each block of cells.

    Formulas are read as the values the file keeps for them. A sheet that is an export of case notes becomes notes.
    Raises DamagedFile, EmptyFile or FileTooLarge (more than MAX_CELLS cells).
    """
    from ingestion.parse.casenotes import read_rows

    elements: list[Element] = []
    for title, rows in _sheets(data, name):
        notes = read_rows([[value for value, _ in row] for row in rows], name) if rows else None
        found = notes if notes is not None else list(sheet_elements([[shown(*cell) for cell in row] for row in rows]))
        if found and notes is None and title.strip():
            elements.append(Element(id="", kind="title", text=title.strip(), level=1))
        elements.extend(found)
    return _not_empty(elements, name)


def _sheets(data: bytes, name: str) -> list[tuple[str, list[list[tuple[Cell, str]]]]]:
    """Title and rows of (value, number format) of each sheet, without the empty cells at the right of a row."""
    with parsing(name, "an Excel workbook"):
        import openpyxl

        workbook = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets: list[tuple[str, list[list[tuple[Cell, str]]]]] = []
        budget = MAX_CELLS
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()  # a file may claim any size
            rows: list[list[tuple[Cell, str]]] = []
            for cells in sheet.iter_rows(max_row=_MAX_SHEET_ROWS):
                row = _filled(cells)
                budget -= len(row)
                if budget < 0:
                    raise FileTooLarge(
                        f"{name} has more than {MAX_CELLS:,} cells, so save the sheets you need in a smaller file."
                    )
                if row or (rows and rows[-1]):  # a run of empty rows says no more than one
                    rows.append(row)
            sheets.append((sheet.title, rows))
        workbook.close()
        return sheets


def _filled(cells: Sequence[Any]) -> list[tuple[Cell, str]]:
    end = len(cells)
    while end and cells[end - 1].value in {None, ""}:
        end -= 1
    return [(cell.value, cell.number_format if isinstance(cell.value, int | float) else "") for cell in cells[:end]]


def shown(value: Cell, number_format: str = "") -> str:
    """A cell as Excel shows it to a British reader: 04/05/2026, 09:30, 12, 12.5, 25%, £1,250.00."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        day = f"{value:%d/%m/%Y}"
        return day if value.time() == time.min else f"{day} {value:%H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, int | float):
        return _shown_number(value, number_format)
    return str(value)


def _shown_number(value: float, number_format: str) -> str:
    main = number_format.split(";")[0]
    decimals = len(main.partition(".")[2]) - len(main.partition(".")[2].lstrip("0#"))
    if "%" in main:
        return f"{value:.{decimals}%}"
    if "£" in main:
        return f"{'-' if value < 0 else ''}£{abs(value):,.{decimals}f}"
    if "#,##0" in main:
        return f"{value:,.{decimals}f}"
    if main.strip("0") == "" and len(main) > 1:  # "00000": a reference with its leading noughts
        return f"{value:0{len(main)}.0f}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return f"{value:.{decimals}f}" if main.startswith("0.") and decimals else str(value)


def sheet_elements(rows: Iterable[Sequence[str]]) -> Iterator[Element]:
    """The blocks of a sheet, parted by empty rows. Lines of a single cell above or below a table are text."""
    for block in _blocks(rows):
        yield from _block_elements(block)


def _blocks(rows: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    """Runs of rows with words. An empty row within a table, as people leave for the eye, does not end its block."""
    block: list[Sequence[str]] = []
    gap = False
    for row in rows:
        if not any(cell.strip() for cell in row):
            gap = True
            continue
        if gap and block and not _goes_on(block[-1], row):
            yield block
            block = []
        gap = False
        block.append(row)
    if block:
        yield block


def _goes_on(above: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the row below a gap belongs to the table above it: as wide, in the same columns, and no header."""
    columns = [{i for i, cell in enumerate(row) if cell.strip()} for row in (above, below)]
    same = len(columns[0] & columns[1]) * 2 > len(columns[0] | columns[1])
    return len(columns[1]) > 1 and same and not is_header(below)


def _block_elements(block: Sequence[Sequence[str]]) -> Iterator[Element]:
    filled = [[i for i, cell in enumerate(row) if cell.strip()] for row in block]
    wide = [i for i, cells in enumerate(filled) if len(cells) > 1]
    if not wide:
        if len(block) >= _LIST_ROWS:
            yield from _trimmed_table(block, filled)
        else:
            yield from (_line(row) for row in block)
        return
    first, last = wide[0], wide[-1]
    for i, row in enumerate(block[:first]):
        yield _line(row, title=i == first - 1)
    yield from _trimmed_table(block[first : last + 1], filled[first : last + 1])
    yield from (_line(row) for row in block[last + 1 :])


def _trimmed_table(block: Sequence[Sequence[str]], filled: Sequence[Sequence[int]]) -> Iterator[Element]:
    left = min(cells[0] for cells in filled)
    right = max(cells[-1] for cells in filled) + 1
    yield from table_elements([row[left:right] for row in block])


def _line(row: Sequence[str], *, title: bool = False) -> Element:
    text = " ".join(" ".join(row).split())
    is_title = title and len(text.split()) <= _TITLE_WORDS
    return Element(id="", kind="title" if is_title else "text", text=text)


def _not_empty(elements: list[Element], name: str) -> list[Element]:
    if not any(c.isalnum() for element in elements for c in element.text):
        raise EmptyFile(f"{name} has no cell with a word in it, so check that it is the right file.")
    return elements
