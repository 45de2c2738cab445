"""Make the case-note samples: `python -m evals.samples.records`.

The notes stand in `case_notes.yaml`; this writes them as a case-management system exports them, newest first:
a CSV (UTF-8 with a byte-order mark, dates dd/mm/yyyy) and a workbook (real dates, a title row above the header).
"""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from evals.samples.fixed_zip import fix_times

HERE = Path(__file__).parent
OUT = HERE.parent / "data" / "samples"
NAME = "case-notes-bramblewood"
HEADER = (
    "Case Note ID",
    "Person ID",
    "Contact Date",
    "Recorded Date",
    "Type",
    "Title",
    "Note Text",
    "Significant Event",
    "Status",
    "Worker",
    "Recipients",
)
WIDTHS = (13, 11, 13, 14, 24, 34, 90, 11, 10, 32, 40)


class CaseNote(NamedTuple):
    """One row of the export, in the order of `HEADER`."""

    case_note_id: int
    person_id: int
    contact_date: date
    recorded_date: date
    type: str
    title: str
    text: str
    significant_event: str
    status: str
    worker: str
    recipients: str


def read_notes(source: Path = HERE / "case_notes.yaml") -> tuple[str, list[CaseNote]]:
    """The export's title line and its notes, newest contact first, as an export lists them."""
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    raw: list[dict[str, Any]] = content["notes"]
    texts = {note["id"]: note["text"] for note in raw if "text" in note}
    notes = [
        CaseNote(
            case_note_id=note["id"],
            person_id=content["people"][note["person"]],
            contact_date=note["date"],
            recorded_date=note.get("recorded", note["date"]),
            type=note["type"],
            title=note["title"],
            text=texts[note.get("copy_of", note["id"])].strip(),
            significant_event="Yes" if note.get("significant", False) else "No",
            status=note.get("status", "Complete"),
            worker=content["workers"][note["worker"]],
            recipients=note.get("to", ""),
        )
        for note in raw
    ]
    return content["title"], sorted(notes, key=lambda note: (note.contact_date, note.case_note_id), reverse=True)


def write_csv(notes: list[CaseNote], path: Path) -> None:
    """The export as CSV, dates as dd/mm/yyyy."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for note in notes:
            writer.writerow(cell.strftime("%d/%m/%Y") if isinstance(cell, date) else cell for cell in note)


def write_workbook(title: str, notes: list[CaseNote], path: Path) -> None:
    """The export as a workbook: the title in row 1, the header in row 2, a note a row from row 3."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Case notes"
    sheet.append([title])
    sheet.append(HEADER)
    for note in notes:
        sheet.append([datetime.combine(cell, time()) if isinstance(cell, date) else cell for cell in note])
    sheet["A1"].font = Font(bold=True, size=14)
    for column, width in enumerate(WIDTHS, start=1):
        header = sheet.cell(2, column)
        header.font = Font(bold=True)
        sheet.column_dimensions[header.column_letter].width = width
    for row in sheet.iter_rows(min_row=3):
        row[2].number_format = row[3].number_format = "DD/MM/YYYY"
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A3"
    workbook.save(path)
    fix_times(path)


def main() -> None:
    """Write both exports into evals/data/samples."""
    title, notes = read_notes()
    write_csv(notes, OUT / f"{NAME}.csv")
    write_workbook(title, notes, OUT / f"{NAME}.xlsx")


if __name__ == "__main__":
    main()
