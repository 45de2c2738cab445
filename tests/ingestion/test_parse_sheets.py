"""Spreadsheets: every cell once, as a person sees it, in tables of a bearable size."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.errors import DamagedFile
from ingestion.parse import document_kind, parse
from ingestion.parse.sheets import csv_rows, sheet_elements, shown
from ingestion.parse.tables import MAX_ROWS, html_rows


def write_csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(tmp_path: Path, fill: Callable[[Any], None]) -> Path:
    workbook = openpyxl.Workbook()
    fill(workbook)
    path = tmp_path / "a.xlsx"
    workbook.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_csv_in_any_encoding_that_councils_export_is_read(encoding: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "Ward,Cost\r\nSiân Row,£5\r\nCafé Street,“dear”\r\n", encoding)
    (table,) = parse(path)
    assert table.rows == (("Ward", "Cost"), ("Siân Row", "£5"), ("Café Street", "“dear”"))
    assert table.text == "Ward | Cost\nSiân Row | £5\nCafé Street | “dear”"
    assert document_kind(".csv", [table]) == "spreadsheet"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    lines = [("Ward", "Homes", "Note"), ("Exampleton", "12", "fine"), ("Sample", "30", "a bit damp")]
    path = write_csv(tmp_path, "\n".join(delimiter.join(line) for line in lines))
    assert parse(path)[0].rows == tuple(lines)


def test_excels_line_that_names_the_delimiter_is_no_cell(tmp_path: Path) -> None:
    assert parse(write_csv(tmp_path, "sep=;\nWard;Homes\nA, B;2\n"))[0].rows == (("Ward", "Homes"), ("A, B", "2"))


def test_ragged_rows_are_filled_up_and_no_cell_is_lost(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "A,B,C\n1,2\n1,2,3,4\n")
    assert parse(path)[0].rows == (("A", "B", "C", ""), ("1", "2", "", ""), ("1", "2", "3", "4"))


def test_a_quotation_mark_within_a_value_is_kept(tmp_path: Path) -> None:
    path = write_csv(tmp_path, 'Item,Size\nPipe,6" wide\n"He said ""no""",7\n')
    assert parse(path)[0].rows == (("Item", "Size"), ("Pipe", '6" wide'), ('He said "no"', "7"))


def test_a_value_over_several_lines_is_one_cell(tmp_path: Path) -> None:
    path = write_csv(tmp_path, 'Ref,Note\n1,"First line\nsecond line"\n2,x\n')
    assert parse(path)[0].rows == (("Ref", "Note"), ("1", "First line second line"), ("2", "x"))


@pytest.mark.parametrize(
    ("text", "line"),
    [('A,B\n1,"open\n2,x\n', 2), ('A,B\n1,x\n2,"open\n3,"closed"\n4,x\n', 3), ('A,"B\n', 1)],
)
def test_a_quotation_that_swallows_rows_is_refused_with_its_line(text: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match=f"a.csv has a quotation mark on line {line} "):
        parse(write_csv(tmp_path, text))


def test_blank_lines_part_blocks_and_single_cells_are_text(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, "Report of repairs\nTaken on 1 May\n\nWard,Homes\nA,1\nB,2\n\nKind,Days\nRoof,1\nSource: survey\n"
    )
    assert [(e.kind, e.text) for e in parse(path)] == [
        ("text", "Report of repairs"),
        ("text", "Taken on 1 May"),
        ("table", "Ward | Homes\nA | 1\nB | 2"),
        ("table", "Kind | Days\nRoof | 1"),
        ("text", "Source: survey"),
    ]


def test_an_empty_row_within_a_table_does_not_end_it(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "Ward,Homes\nA,1\n\nB,2\n")
    assert [e.text for e in parse(path)] == ["Ward | Homes\nA | 1\nB | 2"]


def test_a_long_sheet_is_cut_with_its_header_on_every_piece() -> None:
    rows = [["Job", "Ward"], *[[f"{i}", f"Ward {i}"] for i in range(120)]]
    elements = list(sheet_elements(rows))
    assert [len(e.rows or ()) for e in elements] == [MAX_ROWS + 1, MAX_ROWS + 1, 21]
    assert all(e.rows and e.rows[0] == ("Job", "Ward") for e in elements)
    body = [row for e in elements for row in (e.rows or ())[1:]]
    assert body == [tuple(row) for row in rows[1:]]


def test_a_large_sheet_is_quick(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "Job,Ward,Cost\n" + "".join(f"{i},Exampleton,£{i}\n" for i in range(50_000)))
    started = time.process_time()
    assert sum(len(e.rows or ()) - 1 for e in parse(path)) == 50_000
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (12, "General", "12"),
        (12.0, "General", "12"),
        (12.5, "General", "12.5"),
        (0.25, "0%", "25%"),
        (0.125, "0.0%", "12.5%"),
        (1250, "£#,##0.00", "£1,250.00"),
        (-3.5, '"£"#,##0.00;[Red]-"£"#,##0.00', "-£3.50"),
        (1250000, "#,##0", "1,250,000"),
        (742, "00000", "00742"),
        (3.14159, "0.00", "3.14"),
        (True, "", "TRUE"),
        (datetime(2026, 5, 4), "", "04/05/2026"),
        (datetime(2026, 5, 4, 9, 30), "", "04/05/2026 09:30"),
        (date(2026, 5, 4), "", "04/05/2026"),
        (clock(9, 30), "", "09:30"),
        (None, "", ""),
        ("01632 960117", "", "01632 960117"),
    ],
)
def test_a_cell_reads_as_excel_shows_it(value: Any, number_format: str, expected: str) -> None:
    assert shown(value, number_format) == expected


def test_each_sheet_begins_with_its_name(tmp_path: Path) -> None:
    def fill(workbook: Any) -> None:
        workbook.active.title = "By ward"
        workbook.active.append(["Ward", "Cost"])
        workbook.active.append(["Exampleton", 12.5])
        second = workbook.create_sheet("Notes")
        second["C3"] = "Figures are drafts."

    assert [(e.kind, e.text, e.headings) for e in parse(write_xlsx(tmp_path, fill))] == [
        ("title", "By ward", ()),
        ("table", "Ward | Cost\nExampleton | 12.5", ("By ward",)),
        ("title", "Notes", ()),
        ("text", "Figures are drafts.", ("Notes",)),
    ]


_CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.lists(_CELLS, min_size=3, max_size=3), min_size=1, max_size=8), delimiter=st.sampled_from(",;\t|")
)
def test_what_a_spreadsheet_program_writes_comes_back_cell_for_cell(rows: list[list[str]], delimiter: str) -> None:
    rows = [["sep", "of", "cells"], *rows]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    header = f"sep={delimiter}\n"
    assert csv_rows(header + out.getvalue(), "a.csv")[1:] == rows


def test_spans_of_an_html_table_keep_the_columns() -> None:
    html = (
        "<table><caption>Hours</caption><tr><th rowspan='2'>Day</th><th colspan='2'>Open</th></tr>"
        "<tr><td>from</td><td>to</td></tr><tr><td>Friday</td><td>9</td><td>5</td></tr></table>"
    )
    assert html_rows(html) == ("Hours", (("Day", "Open", ""), ("", "from", "to"), ("Friday", "9", "5")))
