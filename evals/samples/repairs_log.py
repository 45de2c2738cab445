"""Make the repairs workbook: `python -m evals.samples.repairs_log`.

Two sheets with the mess of a real export: a merged title, blank rows, statuses in two spellings, dates typed as text,
costs left out, a note under the table. The summary's formulas carry the values a spreadsheet program would show.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import xlsxwriter  # type: ignore[import-untyped]

from evals.samples.documents import COUNCIL, OUT

SEED = 2526
JOBS = 200
FIRST_ROW = 5  # of the jobs, counted from 1 as a spreadsheet does
LOG = "Repairs log"
HEADER = ("Job no.", "Reported", "Address", "Postcode", "Ward", "Trade", "Description", "Priority", "Status")
HEADER_END = ("Completed", "Cost (£)")
WIDTHS = (14, 12, 26, 10, 21, 14, 42, 10, 16, 12, 11)
STREETS = {
    "Aldersgate Castle": (("Castle Garth", "FM1 3HE"), ("Priory Lane", "FM1 5AN")),
    "Aldersgate Riverside": (("Wharf House", "FM1 4RD"), ("Millrace Court", "FM2 6UB")),
    "Kettlebeck North": (("Tanner's Row", "FM3 7QT"), ("Chapel Brow", "FM3 9LP")),
    "Kettlebeck South": (("Fuller's Yard", "FM5 7LX"), ("Dyehouse Road", "FM4 8XB")),
    "Moorside": (("Heather Rise", "FM6 2ZD"), ("Curlew Walk", "FM6 5JT")),
    "Nether Sallow": (("St. Oswin's Close", "FM7 2LJ"), ("Osier Lane", "FM7 4NQ")),
}
WORK = (  # trade, description, priority, least and greatest cost
    ("Damp and mould", "Mould wash and stain block, bedroom", "U", 68, 190),
    ("Damp and mould", "Fit continuous extract fan, bathroom", "R", 240, 420),
    ("Damp and mould", "Survey damp, moisture readings in every room", "U", 85, 110),
    ("Roofing", "Clear and re-fix gutter", "R", 95, 310),
    ("Roofing", "Replace slipped tiles", "U", 140, 520),
    ("Plumbing", "Trace leak under bath", "U", 70, 260),
    ("Plumbing", "Burst pipe, made safe", "E", 90, 280),
    ("Plumbing", "Replace kitchen tap", "R", 65, 130),
    ("Electrical", "EICR - overdue, periodic test", "R", 150, 185),
    ("Electrical", "No power to sockets", "E", 60, 175),
    ("Heating", "Boiler loses pressure", "U", 80, 240),
    ("Joinery", "Ease and adjust front door", "R", 45, 95),
    ("Joinery", "Renew rotten window sill", "R", 130, 340),
)
DAYS_ALLOWED = {"E": 1, "U": 7, "R": 28}  # emergency, urgent, routine
EXTRACTED = date(2026, 4, 7)
STATUSES = ("Completed", "Completed", "Completed", "Completed", "completed", "No access", "Awaiting parts", "Cancelled")
NOTE = (
    "Note: costs leave out VAT. Jobs recorded as No access were attended but the tenant was not at home; "
    "they are raised again under a new number. E = 24 hours, U = 7 days, R = 28 days."
)


class Job(NamedTuple):
    """One line of the log; `reported` is text where somebody typed the date, `cost` is None where none was entered."""

    number: str
    reported: date | str
    address: str
    postcode: str
    ward: str
    trade: str
    description: str
    priority: str
    status: str
    completed: date | None
    cost: float | None


class WardTotal(NamedTuple):
    """What the summary says of a ward."""

    ward: str
    jobs: int
    completed: int
    cost: float


def make_jobs() -> list[Job]:
    """The jobs in order of date; the same every time."""
    chance = random.Random(SEED)
    days = sorted(chance.randrange(365) for _ in range(JOBS))
    last_number = {2025: 2_950, 2026: 0}  # numbering begins again each January
    jobs = []
    for position, day in enumerate(days):
        reported = date(2025, 4, 1) + timedelta(days=day)
        last_number[reported.year] += chance.randrange(1, 90)
        number = last_number[reported.year]
        jobs.append(_make_job(chance, position, reported, number))
    return jobs


def _make_job(chance: random.Random, position: int, reported: date, number: int) -> Job:
    ward = chance.choice(list(STREETS))
    street, postcode = chance.choice(STREETS[ward])
    trade, description, priority, least, most = chance.choice(WORK)
    late_days = 12 if chance.random() < 0.12 else 0
    finished = reported + timedelta(days=chance.randint(0, DAYS_ALLOWED[priority]) + late_days)
    status = chance.choice(STATUSES)
    if finished >= EXTRACTED and status.lower() == "completed":
        status = "In progress"
    done = status.lower() == "completed"
    cost = round(chance.uniform(least, most), 2)
    typed = position % 41 == 17
    return Job(
        number=f"R-{reported.year}-{number:05d}",
        reported=f"{reported.day}/{reported.month}/{reported:%y}" if typed else reported,
        address=f"{chance.randint(1, 48)} {street}",
        postcode=postcode if position % 37 else "",
        ward=ward,
        trade=trade,
        description=description,
        priority=priority,
        status=status,
        completed=finished if done else None,
        cost=cost if done and position % 29 else None,
    )


def total_by_ward(jobs: Sequence[Job]) -> list[WardTotal]:
    """The summary's figures; a status counts however it is spelt, as it does in a spreadsheet's COUNTIFS."""
    totals = []
    for ward in STREETS:
        mine = [job for job in jobs if job.ward == ward]
        done = sum(job.status.lower() == "completed" for job in mine)
        totals.append(WardTotal(ward, len(mine), done, round(sum(job.cost or 0.0 for job in mine), 2)))
    return totals


def main() -> None:
    """Write `housing-repairs-2025-26.xlsx`."""
    jobs = make_jobs()
    book = xlsxwriter.Workbook(str(OUT / "housing-repairs-2025-26.xlsx"))
    book.set_properties({"title": "Housing repairs 2025/26", "author": COUNCIL, "created": datetime(2026, 4, 7, 9, 0)})
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14, "align": "left"}),
        "head": book.add_format({"bold": True, "bg_color": "#E6EFEA", "border": 1, "text_wrap": True}),
        "date": book.add_format({"num_format": "dd/mm/yyyy"}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "bold": book.add_format({"bold": True, "num_format": "#,##0.##"}),
        "note": book.add_format({"italic": True, "text_wrap": True, "valign": "top"}),
    }
    last_row = _write_log(book.add_worksheet(LOG), jobs, styles)
    _write_summary(book.add_worksheet("Summary by ward"), total_by_ward(jobs), last_row, styles)
    book.close()


def _write_log(sheet: Any, jobs: Sequence[Job], styles: dict[str, Any]) -> int:
    """Write the jobs and return the last row that holds one, counted from 1."""
    header = HEADER + HEADER_END
    sheet.merge_range(0, 0, 0, len(header) - 1, f"{COUNCIL}: housing repairs log 2025/26", styles["title"])
    sheet.write(1, 0, "Extract of 200 jobs for the Tenants' Scrutiny Panel, taken on 7 April 2026")
    for column, (name, width) in enumerate(zip(header, WIDTHS, strict=True)):
        sheet.write(FIRST_ROW - 2, column, name, styles["head"])
        sheet.set_column(column, column, width)
    sheet.freeze_panes(FIRST_ROW - 1, 1)
    row = FIRST_ROW - 1
    for position, job in enumerate(jobs):
        if position and position % 50 == 0:
            row += 1  # somebody left a blank line
        _write_job(sheet, row, job, styles)
        row += 1
    sheet.merge_range(row + 1, 0, row + 1, len(header) - 1, NOTE, styles["note"])
    sheet.set_row(row + 1, 32)
    return row


def _write_job(sheet: Any, row: int, job: Job, styles: dict[str, Any]) -> None:
    for column, value in enumerate(job):
        if isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), styles["date"])
        elif isinstance(value, float):
            sheet.write_number(row, column, value, styles["money"])
        elif value:
            sheet.write_string(row, column, value)


def _write_summary(sheet: Any, totals: Sequence[WardTotal], last_row: int, styles: dict[str, Any]) -> None:
    sheet.merge_range(0, 0, 0, 4, "Jobs and cost by ward, 2025/26", styles["title"])
    for column, name in enumerate(("Ward", "Jobs", "Completed", "Cost (£)", "Average cost of a completed job (£)")):
        sheet.write(2, column, name, styles["head"])
        sheet.set_column(column, column, 22)
    wards, states, costs = (f"'{LOG}'!${c}${FIRST_ROW}:${c}${last_row}" for c in "EIK")
    for row, total in enumerate(totals, start=4):
        sheet.write(row - 1, 0, total.ward)
        sheet.write_formula(row - 1, 1, f"=COUNTIF({wards},A{row})", None, total.jobs)
        sheet.write_formula(row - 1, 2, f'=COUNTIFS({wards},A{row},{states},"Completed")', None, total.completed)
        sheet.write_formula(row - 1, 3, f"=SUMIFS({costs},{wards},A{row})", styles["money"], total.cost)
        sheet.write_formula(
            row - 1, 4, f"=ROUND(D{row}/C{row},2)", styles["money"], round(total.cost / total.completed, 2)
        )
    end = 3 + len(totals)
    sheet.write(end, 0, "Total", styles["bold"])
    sums = (sum(t.jobs for t in totals), sum(t.completed for t in totals), round(sum(t.cost for t in totals), 2))
    for column, value in enumerate(sums, start=1):
        letter = "ABCD"[column]
        sheet.write_formula(end, column, f"=SUM({letter}4:{letter}{end})", styles["bold"], value)


if __name__ == "__main__":
    main()
