"""Case-note exports to notes: headers, dates, HTML, duplicates, damage, and tables that are none. All invented."""

from __future__ import annotations

import string
from datetime import date, datetime, time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.errors import EmptyFile
from ingestion.parse.casenotes import read_rows
from ingestion.parse.note_cells import plain_text, read_date, read_time
from ingestion.parse.note_columns import map_header
from ingestion.types import Element, Note

SEEN = "Seen at home with her mother. She said she likes school."
RANG = "Rang the school. The head was not there, and will ring back."
MET = "Met Tomos at the day centre. He wants to move nearer to his sister."

MOSAIC = [
    "Type",
    "Title",
    "Contact Date",
    "Text",
    "Significant Event",
    "Recipients",
    "Status",
    "Created By",
    "Created On",
    "ID",
]
CAPITA = ["Date", "Time", "People Present", "Summary", "Event Type", "Detail", "Team", "Confidential"]


def notes(elements: list[Element] | None) -> list[tuple[str, Note]]:
    assert elements is not None, "taken for no case notes"
    return [(e.text, e.note) for e in elements if e.kind == "note" and e.note is not None]


def others(elements: list[Element] | None) -> list[tuple[str, str]]:
    return [(e.kind, e.text) for e in elements or [] if e.kind != "note"]


def mosaic(when: object, text: object, status: str = "Complete", **more: object) -> list[object]:
    row: dict[str, object] = {
        "Type": "Home visit",
        "Contact Date": when,
        "Text": text,
        "Status": status,
        "Created By": "Gwen Testley",
    }
    row |= {key.replace("_", " "): value for key, value in more.items()}
    return [row.get(column) for column in MOSAIC]


def test_a_mosaic_export_is_read() -> None:
    rows = [
        MOSAIC,
        [
            "Home visit", "Visit", "03/04/2025 14:30", f"<p>{SEEN}</p><p>She&nbsp;is 4&frac12;.</p>", "Yes",
            "Team manager", "Complete", "Gwen Testley", "04/04/2025", "9001",
        ],
        ["Phone call", "School", "01/04/2025", RANG, "No", "", "Draft", "Raj Patelson", "01/04/2025 16:00", "9000"],
        ["Phone call", "School", "02/04/2025", "Wrong file.", "No", "", "Deleted", "Raj Patelson", "", "9002"],
    ]  # fmt: skip
    assert notes(read_rows(rows, "mosaic.csv")) == [
        (
            RANG,
            Note(
                date=datetime(2025, 4, 1), recorded=datetime(2025, 4, 1, 16), author="Raj Patelson", type="Phone call",
                title="School", reference="9000", draft=True,
            ),
        ),
        (
            f"{SEEN}\nShe is 4½.\nRecipients: Team manager",
            Note(
                date=datetime(2025, 4, 3, 14, 30), recorded=datetime(2025, 4, 4), author="Gwen Testley",
                type="Home visit", title="Visit", reference="9001", significant=True,
            ),
        ),
    ]  # fmt: skip


def test_a_capita_export_is_read_with_its_titles_above_and_its_count_below() -> None:
    rows = [
        ["Chronology of events", None, None],
        [],
        ["Printed for:", "Gwen Testley"],
        CAPITA,
        ["3 Apr 2025", "2.15pm", "Mother; Tomos", "Home visit", "Visit", SEEN, "North", "N"],
        ["1 April 2025", "10:30", "", "Call to school", "Contact", RANG, "North", "Y"],
        ["Total: 2 records", None, None, None, None, None, None, None],
    ]
    elements = read_rows(rows, "one.xlsx")
    assert others(elements) == [
        ("title", "Chronology of events"),
        ("text", "Printed for: Gwen Testley"),
        ("text", "Total: 2 records"),
    ]
    assert notes(elements) == [
        (
            f"{RANG}\nTeam: North\nConfidential: Y",
            Note(date=datetime(2025, 4, 1, 10, 30), type="Contact", title="Call to school"),
        ),
        (
            f"{SEEN}\nPeople Present: Mother; Tomos\nTeam: North\nConfidential: N",
            Note(date=datetime(2025, 4, 3, 14, 15), type="Visit", title="Home visit"),
        ),
    ]


HEADERS: list[tuple[list[str], dict[str, int]]] = [
    (
        MOSAIC,
        {
            "type": 0,
            "title": 1,
            "date": 2,
            "text": 3,
            "significant": 4,
            "status": 6,
            "author": 7,
            "recorded": 8,
            "reference": 9,
        },
    ),
    (CAPITA, {"date": 0, "time": 1, "people": 2, "title": 3, "type": 4, "text": 5}),
    (
        ["Date", "Time", "Type", "Worker", "Team", "Subject", "Details", "ID"],
        {"date": 0, "time": 1, "type": 2, "author": 3, "title": 5, "text": 6, "reference": 7},
    ),
    (
        ["CASE_NOTE_ID", "contact_date", "noteType", " Case  note ", "Author", "Recorded on", "Person ID"],
        {"reference": 0, "date": 1, "type": 2, "text": 3, "author": 4, "recorded": 5},
    ),
    (
        ["Date of contct", "Author", "Date recorded", "Case note text"],
        {"date": 0, "author": 1, "recorded": 2, "text": 3},
    ),
    (["Date", "Contact date", "Recorded by", "Summary"], {"date": 1, "author": 2, "text": 3}),
    (["Name", "Telephone", "Address"], {}),
]


@pytest.mark.parametrize(("header", "expected"), HEADERS)
def test_headers_are_mapped_whatever_their_case_and_spacing(header: list[str], expected: dict[str, int]) -> None:
    assert map_header(header) == expected


DATES: list[tuple[object, datetime | None, bool]] = [
    ("03/04/2025", datetime(2025, 4, 3), True),
    ("3/4/25", datetime(2025, 4, 3), True),
    ("03-04-2025 09:05", datetime(2025, 4, 3, 9, 5), True),
    ("03.04.2025, 9.05am", datetime(2025, 4, 3, 9, 5), True),
    ("3 Apr 2025", datetime(2025, 4, 3), True),
    ("3rd April 2025 at 14:30", datetime(2025, 4, 3, 14, 30), True),
    ("Thursday, 3 April 2025", datetime(2025, 4, 3), True),
    ("3-Apr-25", datetime(2025, 4, 3), True),
    ("April 3, 2025", datetime(2025, 4, 3), True),
    ("2025-04-03", datetime(2025, 4, 3), True),
    ("2025-04-03T14:30:05Z", datetime(2025, 4, 3, 14, 30, 5), True),
    ("2025-04-03T14:30:05.120+01:00", datetime(2025, 4, 3, 14, 30, 5), True),
    ("20250403", datetime(2025, 4, 3), True),
    ("3 Ebrill 2025", datetime(2025, 4, 3), True),
    ("3ydd o Rhagfyr 2025", datetime(2025, 12, 3), True),
    ("Dydd Iau 3 Gorffennaf 2025", datetime(2025, 7, 3), True),
    (datetime(2025, 4, 3, 14, 30), datetime(2025, 4, 3, 14, 30), True),
    (date(2025, 4, 3), datetime(2025, 4, 3), True),
    (45750.0, datetime(2025, 4, 3), True),
    (45750.604166667, datetime(2025, 4, 3, 14, 30), True),
    ("45750", datetime(2025, 4, 3), True),
    (None, None, True),
    ("", None, True),
    ("04/13/2025", None, False),  # never month first
    ("31/02/2025", None, False),
    ("April 2025", None, False),
    ("about Easter", None, False),
    ("03/04/2025 or 04/04/2025", None, False),
    ("03/04/2025 in the morning", datetime(2025, 4, 3), False),
    ("03/04/2025 10:30-11:30", datetime(2025, 4, 3), False),
    (12.0, None, False),
    (float("nan"), None, True),
    ("3/4/2025x7", datetime(2025, 4, 3), False),
]


@pytest.mark.parametrize(("cell", "moment", "whole"), DATES)
def test_dates_are_read_day_first_or_not_at_all(cell: object, moment: datetime | None, whole: bool) -> None:
    assert read_date(cell) == (moment, whole)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("10:30", time(10, 30)),
        ("10.30am", time(10, 30)),
        ("12:05 am", time(0, 5)),
        ("2 pm", time(14)),
        ("2.15 p.m.", time(14, 15)),
        ("noon", time(12)),
        (0.4375, time(10, 30)),
        (time(9, 5), time(9, 5)),
        (datetime(1899, 12, 30, 9, 5), time(9, 5)),
        ("25:00", None),
        ("10", None),
        ("about ten", None),
        (None, None),
        (7.0, None),
        ("13pm", None),
    ],
)
def test_times_are_read_when_they_are_certain(cell: object, expected: time | None) -> None:
    assert read_time(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<p>Seen.</p><p>Well &amp; <b>happy</b>.</p>", "Seen.\nWell & happy."),
        ("Seen.<br/>Well.<br>\n\n  Happy.", "Seen.\nWell.\nHappy."),
        ("&lt;p&gt;Seen at Mum&amp;#39;s&lt;/p&gt;", "Seen at Mum's"),
        ("Temp <38.5, <name withheld> rang; a < b > c", "Temp <38.5, <name withheld> rang; a < b > c"),
        ("<style>p {color: red}</style><!-- x --><div style='a'>Seen</div><ul><li>one<li>two</ul>", "Seen\none\ntwo"),
        ("<table><tr><td>Mum</td><td>Ann</td></tr></table>", "Mum Ann"),
        ("Line one_x000D_\r\nLine\u00a0two\t here", "Line one\nLine two here"),
        (9001.0, "9001"),
        (2.5, "2.5"),
        (datetime(2025, 4, 3, 14, 30), "03/04/2025 14:30"),
        (None, ""),
    ],
)
def test_cells_become_plain_words(cell: object, expected: str) -> None:
    assert plain_text(cell) == expected


def test_copies_of_a_group_note_are_one_note_that_says_how_many() -> None:
    header = [*MOSAIC, "Person"]
    rows = [
        header,
        [*mosaic("03/04/2025", f"<p>{SEEN}</p>", ID="12"), "Elin Sample"],
        [*mosaic("03/04/2025", SEEN.upper().replace(" ", "  "), ID="9"), "Macsen Sample"],
        [*mosaic("03/04/2025", SEEN, "Draft", ID="12", Significant_Event="Y"), "Elin Sample"],
        [*mosaic("04/04/2025", SEEN, ID="13"), "Elin Sample"],
        [*mosaic("03/04/2025 10:00", SEEN, ID="14"), "Elin Sample"],
        [*mosaic("03/04/2025", SEEN, ID="15", Created_By="Raj Patelson"), "Elin Sample"],
    ]
    found = notes(read_rows(rows, "group.csv"))
    assert [(note.reference, note.copies) for _, note in found] == [("9", 3), ("15", 1), ("14", 1), ("13", 1)]
    text, note = found[0]
    assert text == f"{SEEN}\nPerson: Elin Sample; Macsen Sample\nOther references: 12"
    assert not note.draft
    assert note.significant


def test_appendments_stay_notes_of_their_own() -> None:
    header = [*MOSAIC, "Appended to"]
    rows = [
        header,
        [*mosaic("03/04/2025", SEEN, ID="1"), ""],
        [*mosaic("03/04/2025", "Checked by the manager, no change is needed.", ID="2"), 1.0],
        [*mosaic("03/04/2025", "Checked by the manager, no change is needed.", ID="3"), "7"],
    ]
    assert [text for text, _ in notes(read_rows(rows, "appended.csv"))] == [
        SEEN,
        "Checked by the manager, no change is needed.\nAppended to: 1",
        "Checked by the manager, no change is needed.\nAppended to: 7",
    ]


def test_what_cannot_be_read_is_kept_as_written() -> None:
    header = ["Date", "Time", "Type", "Worker", "Notes", "Status", "Significant", "Recorded on"]
    rows: list[list[object]] = [
        header,
        ["about Easter", "teatime", "Visit", "Gwen Testley", SEEN, "Timed out", "see plan", "soon after"],
        ["04/13/2025", "", "Visit", "Gwen Testley", RANG, "Complete", "", ""],
        ["03/04/2025 10:00", "11:00", "Visit", "Gwen Testley", MET, "", "N", ""],
    ]
    found = notes(read_rows(rows, "odd.csv"))
    assert [note.date for _, note in found] == [datetime(2025, 4, 3, 10), None, None]
    assert [text for text, _ in found] == [
        f"{MET}\nTime: 11:00",
        f"{SEEN}\nDate: about Easter\nTime: teatime\nRecorded on: soon after\nSignificant: see plan\nStatus: Timed out",
        f"{RANG}\nDate: 04/13/2025",
    ]


def test_a_row_with_too_many_or_too_few_cells_moves_no_other() -> None:
    rows: list[list[object]] = [
        ["Contact date", "Worker", "Case note", "Status"],
        ["01/04/2025", "Gwen Testley", SEEN, "Complete"],
        ["02/04/2025", "Gwen Testley", "Seen at home", " with her mother", " and well", "Draft"],
        ["03/04/2025", "Gwen Testley", RANG],
        ["04/04/2025", "Gwen Testley", RANG, "Complete", "", ""],
        ["05/04/2025", "Gwen Testley", MET, "Complete", "and a stray cell"],
        ["06/04/2025", "Raj Patelson", SEEN, "Complete"],
    ]
    assert [(text, note.draft, note.author) for text, note in notes(read_rows(rows, "broken.csv"))] == [
        (SEEN, False, "Gwen Testley"),
        ("Seen at home, with her mother, and well", True, "Gwen Testley"),
        (RANG, False, "Gwen Testley"),
        (RANG, False, "Gwen Testley"),
        (f"{MET}\nand a stray cell", False, "Gwen Testley"),
        (SEEN, False, "Raj Patelson"),
    ]


def test_a_column_that_always_says_the_same_is_said_once() -> None:
    header = [*MOSAIC, "Person ID", "Team"]
    rows = [header, *([*mosaic(f"0{n}/04/2025", SEEN), 990001.0, "North" if n < 6 else "South"] for n in range(1, 7))]
    elements = read_rows(rows, "one_person.csv")
    assert others(elements) == [("text", "Person ID: 990001")]
    assert [text for text, _ in notes(elements)] == [f"{SEEN}\nTeam: North"] * 5 + [f"{SEEN}\nTeam: South"]


def test_a_note_without_words_has_its_title_and_a_repeated_header_is_no_note() -> None:
    rows = [MOSAIC, mosaic("03/04/2025", None, Title="Strategy discussion"), MOSAIC, mosaic("01/04/2025", SEEN)]
    assert [text for text, _ in notes(read_rows(rows, "titles.csv"))] == [SEEN, "Strategy discussion"]


@pytest.mark.parametrize(
    "rows",
    [
        [MOSAIC, mosaic("03/04/2025", SEEN, "Deleted"), mosaic("04/04/2025", RANG, "deleted")],
        [MOSAIC],
        [["Date", "Worker", "Case note", "Deleted"], ["03/04/2025", "Gwen Testley", SEEN, "Yes"]],
    ],
)
def test_an_export_with_nothing_left_is_empty(rows: list[list[object]]) -> None:
    with pytest.raises(EmptyFile, match=r"^gone\.csv .*\.$"):
        read_rows(rows, "gone.csv")


OTHER_TABLES: dict[str, list[list[object]]] = {
    "a budget": [
        ["Date", "Type", "Details", "Amount", "Reference"],
        ["03/04/2025", "Payment", "Repair of the boiler at the depot in the spring", 1200.0, "P1"],
        ["04/04/2025", "Payment", "New tyres for two of the refuse lorries at once", 900.0, "P2"],
    ],
    "service spending": [["Service", "2024/25 £", "2025/26 £"], ["Libraries", 100.0, 120.0], ["Parks", 90.0, 95.0]],
    "a contact list": [
        ["Name", "Telephone", "Email", "Date added", "Notes"],
        ["Ann Bell", "01632 960123", "ann@example.org", "03/04/2025", "Prefers email in the morning, not the phone"],
        [
            "Raj Patelson",
            "01632 960124",
            "raj@example.org",
            "04/04/2025",
            "Speaks Welsh and would like letters in Welsh",
        ],
    ],
    "contents": [["Section", "Title", "Page"], ["1", "Background", "3"], ["2", "Options", "5"]],
    "a programme": [
        ["Date", "Time", "Title", "Description", "Venue"],
        [
            "03/04/2025",
            "10:00",
            "Rhyme time",
            "Songs and stories for children under five and those they come with",
            "Library",
        ],
    ],
    "letters of date and note": [
        ["Date", "Type", "Notes", "ID"],
        ["03/04/2025", "A", "ok", "1"],
        ["04/04/2025", "B", "done", "2"],
    ],
    "words without dates": [
        ["Question", "Answer", "Notes"],
        ["Why?", "Because", "It is a long story and nobody tells it well"],
    ],
    "a budget without a row": [["Date", "Details", "Amount"]],
    "nothing": [],
    "empty rows": [[], [None, ""]],
}


@pytest.mark.parametrize("rows", OTHER_TABLES.values(), ids=OTHER_TABLES.keys())
def test_other_tables_are_not_taken_for_case_notes(rows: list[list[object]]) -> None:
    assert read_rows(rows, "table.xlsx") is None


# --- Properties

WORD = st.text(string.ascii_letters + "éŵ'.,-", min_size=1, max_size=9)
TEXT = st.lists(WORD, min_size=4, max_size=12).map(" ".join)
DAY = st.dates(date(2019, 1, 1), date(2026, 12, 31)) | st.none()
WRITTEN = st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d %b %Y", "%A %d %B %Y", "%d-%m-%y"])


@st.composite
def exports(draw: st.DrawFn) -> list[list[object]]:
    """Rows of a Mosaic-like export: some deleted, some drafts, some repeated, some with HTML."""
    rows: list[list[object]] = []
    for text in draw(st.lists(TEXT, min_size=1, max_size=8)):
        day = draw(DAY)
        when = day.strftime(draw(WRITTEN)) if day else draw(st.sampled_from(["", "not known"]))
        words = f"<p>{text}</p>" if draw(st.booleans()) else text
        status = draw(st.sampled_from(["Complete", "Draft", "Deleted", "Timed out", ""]))
        rows += [mosaic(when, words, status, Recipients=draw(WORD | st.none()))] * draw(st.integers(1, 3))
    return rows


def read_or_nothing(rows: list[list[object]]) -> list[Element]:
    try:
        elements = read_rows([MOSAIC, mosaic("01/01/2019", SEEN), *rows], "arbitrary.csv")
    except EmptyFile:
        return []
    assert elements is not None
    return elements


@given(exports())
@settings(max_examples=120, deadline=None)
def test_no_word_of_a_note_that_is_not_deleted_is_lost(rows: list[list[object]]) -> None:
    elements = read_or_nothing(rows)
    texts = [text for e in elements for text in (e.text, " ".join(e.text.split()))]
    kept = [row for row in rows if row[6] != "Deleted"]
    for row in kept:
        assert any(plain_text(row[3]) in text for text in texts)
        if row[5]:
            assert any(
                f"Recipients: {plain_text(row[5])}" in text or f"; {plain_text(row[5])}" in text for text in texts
            )
    assert sum(note.copies for _, note in notes(elements)) == len(kept) + 1


@given(exports(), st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_the_order_of_rows_does_not_matter(rows: list[list[object]], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)

    def told(elements: list[Element]) -> list[tuple[object, ...]]:
        return sorted((sorted(text.replace(";", "").split()), str(note)) for text, note in notes(elements))

    assert told(read_or_nothing(rows)) == told(read_or_nothing(shuffled))


@given(exports())
@settings(max_examples=60, deadline=None)
def test_notes_come_by_date_and_the_undated_last(rows: list[list[object]]) -> None:
    dates = [note.date for _, note in notes(read_or_nothing(rows))]
    known = [day for day in dates if day]
    assert dates == [*sorted(known), *[None] * (len(dates) - len(known))]


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)), WRITTEN)
def test_a_date_written_the_british_way_is_read_back(day: date, written: str) -> None:
    assert read_date(day.strftime(written)).moment == datetime(day.year, day.month, day.day)


CELLS = st.none() | st.text(max_size=20) | st.floats() | st.dates() | st.datetimes()


@given(st.lists(st.lists(CELLS, max_size=12), max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_cells_under_the_header_are_read_or_refused_by_name(rows: list[list[object]]) -> None:
    try:
        elements = read_rows([MOSAIC, *rows], "cells.xlsx")
    except EmptyFile:
        return
    assert elements is None or all(e.text for e in elements)
