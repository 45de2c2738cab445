"""Case-note exports (Mosaic, Capita ONE and others) to notes in order of date.

Where the cells of a row go:
  words                           the element's text: HTML out, paragraphs as lines
  date, type, author, title ...   `Note`; a date column and a time column become one moment
  everything else                 lines under the words, "People present: Bronwen Testley", headed as the column is:
                                  people present, recipients, team, the confidential flag, a status that is neither
                                  Complete nor Draft, the note that an appendment belongs to, other references of merged
                                  copies; and dates and times that could not be read, as they were written
  a column that says the same     in five notes or more (the person's number, the team): once, as a "text" element
                                  before the notes
Rows above the header are the export's title; a row below that is no note ("60 records") is kept as "text" at the end.

Deleted notes are left out and drafts are marked. Entries with the same words, date and time, author, type, title,
people present and parent note are one note with `copies`: group notes filed for each sibling, or an export pasted
twice. Case, white space and HTML do not tell words apart. The same words on another day, at another time or by another
worker are another note. A copy that is complete makes the merged note complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from itertools import zip_longest

from ingestion.errors import EmptyFile
from ingestion.parse.note_cells import plain_text, read_date, read_flag, read_time
from ingestion.parse.note_columns import NoteColumn, is_case_notes, is_header, map_header
from ingestion.types import Element, Note

HEADER_WITHIN_ROWS = 20  # an export's title and filters stand above its header
SHARED_BY_NOTES = 5
_ORDINARY_STATUS = frozenset(
    ["", "complete", "completed", "final", "finalised", "active", "current", "locked", "closed"]
)
_PLAIN_COLUMNS: tuple[NoteColumn, ...] = ("author", "type", "title", "reference")


@dataclass(frozen=True)
class _Entry:
    """One row: what `Note` holds, its words, and by column header what else it says."""

    words: str
    moment: datetime | None
    written_date: str  # as written, when it could not be read whole
    recorded: datetime | None
    plain: Mapping[NoteColumn, str]
    draft: bool
    significant: bool
    appends: str
    people: str
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    copies: int = 1

    @property
    def sameness(self) -> tuple[object, ...]:
        """What two copies of one note have in common."""
        told = [self.plain.get(column, "") for column in ("author", "type", "title")]
        words = [" ".join(text.casefold().split()) for text in (self.words, *told, self.people, self.appends)]
        return (self.moment, self.written_date.casefold(), *words)


def read_rows(rows: Sequence[Sequence[object]], name: str) -> list[Element] | None:
    """The notes of the export `name` given as rows of cells, by date, undated last; None when it is no such export.

    The header need not be the first row. A row with too many or too few cells does not move others: cells beyond
    the header are an unquoted comma in the words where that fits, else lines under the words.
    Raises EmptyFile when the export has no note, or none that is not deleted.
    """
    found = _find_header(rows)
    if found is None:
        return None
    at, mapped = found
    header = [plain_text(cell) for cell in rows[at]]
    while header and not header[-1]:
        header.pop()
    filled = [row for row in rows[at + 1 :] if any(plain_text(cell) for cell in row)]
    fitted = [_fit(row, len(header), mapped) for row in filled if not _is_header_again(row, header)]
    texts = [plain_text(cells[mapped["text"]]) for cells, _ in fitted]
    if not is_case_notes(header, mapped, texts):
        return None
    entries: list[_Entry] = []
    below: list[Element] = []
    for cells, beyond in fitted:
        if _is_note(cells, mapped):
            if not _is_deleted(cells, mapped):
                entries.append(_entry(cells, beyond, header, mapped))
        else:
            line = " ".join(text for cell in (*cells, *beyond) if (text := plain_text(cell)))
            below.append(Element(id="", kind="text", text=line))
    notes = _merge(entry for entry in entries if entry.words or entry.others)
    if not notes:
        raise EmptyFile(f"{name} has no case notes that are not deleted; export the record again with its notes.")
    shared = _shared_lines(notes)
    notes.sort(key=_by_date)
    return [*_above(rows[:at]), *_shared_element(shared), *(_element(note, shared) for note in notes), *below]


def _by_date(entry: _Entry) -> tuple[bool, datetime, bool, datetime]:
    """Sorts by date, then by when it was recorded, what is unknown last; otherwise rows stay in their order."""
    unknown = datetime(1, 1, 1)
    return entry.moment is None, entry.moment or unknown, entry.recorded is None, entry.recorded or unknown


def _find_header(rows: Sequence[Sequence[object]]) -> tuple[int, dict[NoteColumn, int]] | None:
    for number, row in enumerate(rows[:HEADER_WITHIN_ROWS]):
        mapped = map_header(row)
        if is_header(mapped):
            return number, mapped
    return None


def _is_header_again(row: Sequence[object], header: Sequence[str]) -> bool:
    """Whether a row repeats the header, as exports made of pages do."""
    return all(plain_text(cell) == title for cell, title in zip_longest(row[: len(header)], header, fillvalue=""))


def _fit(
    row: Sequence[object], width: int, mapped: Mapping[NoteColumn, int]
) -> tuple[Sequence[object], Sequence[object]]:
    """(`width` cells, cells beyond them). A row that is too long is tried as words with commas that lacked quotes."""
    cells = list(row)
    while len(cells) > width and not plain_text(cells[-1]):
        cells.pop()
    if len(cells) <= width:
        return [*cells, *([None] * (width - len(cells)))], ()
    text_at, excess = mapped["text"], len(cells) - width
    joined = ",".join(str(cell) for cell in cells[text_at : text_at + excess + 1] if cell is not None)
    repaired = [*cells[:text_at], joined, *cells[text_at + excess + 1 :]]
    return (repaired, ()) if _is_plausible(repaired, mapped) else (cells[:width], cells[width:])


def _is_plausible(cells: Sequence[object], mapped: Mapping[NoteColumn, int]) -> bool:
    """Whether dates, flags and the status stand in their columns."""
    dates = [cells[mapped[column]] for column in ("date", "recorded") if column in mapped]
    flags = [cells[mapped[column]] for column in ("significant", "deleted", "draft") if column in mapped]
    status = plain_text(cells[mapped["status"]]).lower() if "status" in mapped else ""
    return (
        all(read_date(cell).moment is not None or not plain_text(cell) for cell in dates)
        and all(read_flag(cell) is not None for cell in flags)
        and (status in _ORDINARY_STATUS or status in ("draft", "deleted", "timed out"))
    )


def _is_note(cells: Sequence[object], mapped: Mapping[NoteColumn, int]) -> bool:
    """Whether a row is a note: it has words, or a date with something beside it."""
    if plain_text(cells[mapped["text"]]):
        return True
    dated = any(column in mapped and read_date(cells[mapped[column]]).moment for column in ("date", "recorded"))
    return dated or sum(bool(plain_text(cell)) for cell in cells) > 2


def _is_deleted(cells: Sequence[object], mapped: Mapping[NoteColumn, int]) -> bool:
    status = plain_text(cells[mapped["status"]]).lower() if "status" in mapped else ""
    return status.startswith("delete") or ("deleted" in mapped and read_flag(cells[mapped["deleted"]]) is True)


def _entry(
    cells: Sequence[object], beyond: Sequence[object], header: Sequence[str], mapped: Mapping[NoteColumn, int]
) -> _Entry:
    """The entry of one fitted row. A note without words has its title, or else its type, for text."""
    cell = {column: cells[index] for column, index in mapped.items()}
    text = {column: plain_text(value) for column, value in cell.items()}
    when, recorded = read_date(cell.get("date")), read_date(cell.get("recorded"))
    moment = _with_time(when.moment, cell.get("time"))
    status = text.get("status", "").lower()
    plain = {column: text.get(column, "") for column in _PLAIN_COLUMNS}
    significant, draft = read_flag(cell.get("significant")), read_flag(cell.get("draft"))
    is_read: dict[NoteColumn, bool] = {
        "date": when.whole,
        "time": moment is not None and read_time(cell.get("time")) == moment.time(),
        "recorded": recorded.whole,
        "significant": significant is not None,
        "draft": draft is not None,
        "status": status in _ORDINARY_STATUS or status == "draft",
        "people": False,
        "appends": False,
    }
    unread = [
        (header[mapped[column]], text[column]) for column, read in is_read.items() if not read and column in mapped
    ]
    return _Entry(
        words=text["text"] or plain["title"] or plain["type"],
        moment=moment,
        written_date="" if when.whole else text.get("date", ""),
        recorded=recorded.moment,
        plain=plain,
        draft=bool(draft) or status.startswith("draft"),
        significant=bool(significant),
        appends=text.get("appends", ""),
        people=text.get("people", ""),
        others=_others(unread, cells, beyond, header, mapped),
        references=(plain["reference"],) if plain["reference"] else (),
    )


def _others(
    unread: Sequence[tuple[str, str]],
    cells: Sequence[object],
    beyond: Sequence[object],
    header: Sequence[str],
    mapped: Mapping[NoteColumn, int],
) -> dict[str, tuple[str, ...]]:
    """What `Note` has no place for, by header; cells without a header under ""."""
    known = set(mapped.values())
    unmapped = [(title, plain_text(cells[index])) for index, title in enumerate(header) if index not in known]
    loose = [("", " ".join(text for cell in beyond if (text := plain_text(cell))))]
    others: dict[str, tuple[str, ...]] = {}
    for title, value in (*unread, *unmapped, *loose):
        if value and value not in others.get(title, ()):
            others[title] = (*others.get(title, ()), value)
    return others


def _with_time(moment: datetime | None, cell: object) -> datetime | None:
    """`moment` at the time of a time column, when it has none of its own."""
    clock = read_time(cell)
    if moment is None or clock is None or moment.time() != time():
        return moment
    return datetime.combine(moment, clock)


def _merge(entries: Iterable[_Entry]) -> list[_Entry]:
    """Copies of one note made one, in the order of their first appearance."""
    merged: dict[tuple[object, ...], _Entry] = {}
    for entry in entries:
        before = merged.get(entry.sameness)
        merged[entry.sameness] = _joined(before, entry) if before else entry
    return list(merged.values())


def _joined(first: _Entry, second: _Entry) -> _Entry:
    titles = dict.fromkeys((*first.others, *second.others))
    recorded = [entry.recorded for entry in (first, second) if entry.recorded]
    return replace(
        first,
        recorded=min(recorded) if recorded else None,
        draft=first.draft and second.draft,
        significant=first.significant or second.significant,
        others={
            title: tuple(dict.fromkeys((*first.others.get(title, ()), *second.others.get(title, ()))))
            for title in titles
        },
        references=tuple(dict.fromkeys((*first.references, *second.references))),
        copies=first.copies + second.copies,
    )


def _shared_lines(notes: Sequence[_Entry]) -> dict[str, str]:
    """Columns, other than of people and dates, that say one and the same thing in every note of at least five."""
    if len(notes) < SHARED_BY_NOTES:
        return {}
    return {
        title: values[0]
        for title, values in notes[0].others.items()
        if title and len(values) == 1 and all(note.others.get(title) == values for note in notes)
    }


def _shared_element(shared: Mapping[str, str]) -> list[Element]:
    if not shared:
        return []
    return [Element(id="", kind="text", text="\n".join(f"{title}: {value}" for title, value in shared.items()))]


def _element(entry: _Entry, shared: Mapping[str, str]) -> Element:
    """The note's element: its words, then a line for everything of the row that `Note` has no place for."""
    lines = [entry.words] if entry.words else []
    for title, values in entry.others.items():
        if title not in shared or not entry.words:
            said = "; ".join(values)
            lines.append(f"{title}: {said}" if title else said)
    first, *more = sorted(entry.references, key=lambda reference: (len(reference), reference)) or [""]
    if more:
        lines.append(f"Other references: {', '.join(more)}")
    note = Note(
        date=entry.moment,
        recorded=entry.recorded,
        author=entry.plain["author"] or None,
        type=entry.plain["type"] or None,
        title=entry.plain["title"] or None,
        reference=first or None,
        draft=entry.draft,
        significant=entry.significant,
        copies=entry.copies,
    )
    return Element(id="", kind="note", text="\n".join(lines), note=note)


def _above(rows: Sequence[Sequence[object]]) -> list[Element]:
    """What stands above the header: the export's title, then its other lines."""
    lines = [" ".join(text for cell in row if (text := plain_text(cell))) for row in rows]
    lines = [re.sub(r"\s+", " ", line) for line in lines if line]
    return [
        Element(id="", kind="text" if number else "title", text=line, level=None if number else 1)
        for number, line in enumerate(lines)
    ]
