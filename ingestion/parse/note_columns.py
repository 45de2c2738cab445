"""Which column of a case-note export is what, and whether a table is such an export at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from rapidfuzz import fuzz, process

NoteColumn = Literal[
    "date", "time", "recorded", "author", "type", "title", "text", "reference", "status", "significant", "appends",
    "people", "deleted", "draft",
]  # fmt: skip

# Names are compared in lower case with spaces for "_", "-", "/" and "."; the first name of a list wins over later ones.
_NAMES: dict[NoteColumn, str] = {
    "date": "contact date|date of contact|contact date time|contact date and time|date time of contact|event date"
    "|date of event|note date|case note date|date of note|date of case note|activity date|visit date|date of visit"
    "|date occurred|occurred on|date and time|date time|datetime|date|entry date|dyddiad",
    "time": "contact time|time of contact|event time|time of event|note time|start time|time|amser",
    "recorded": "recorded on|recorded at|date recorded|recorded date|recorded|created on|created at|date created"
    "|created date|created|entered on|date entered|date added|added on|written on|input date|date of recording",
    "author": "author|case note author|note author|worker|worker name|case worker|caseworker|recorded by|written by"
    "|entered by|created by|added by|practitioner|practitioner name|social worker|staff member|completed by"
    "|author name",
    "type": "type|case note type|note type|contact type|event type|type of contact|type of note|activity type|category"
    "|note category|math",
    "title": "title|case note title|note title|subject|summary|heading|case note summary|subject line",
    "text": "case note|case notes|case note text|note text|note|notes|text|narrative|detail|details|case note details"
    "|note details|note content|content|body|entry|free text|record of contact|event details|description|comments"
    "|nodyn",
    "reference": "id|case note id|note id|record id|event id|entry id|contact id|reference|ref|case note reference"
    "|note reference|note ref|case note ref|case note number|note number|reference number",
    "status": "status|case note status|note status|record status|statws",
    "significant": "significant event flag|significant event|significant|significant flag|significant event y n"
    "|is significant|significant events|key event",
    "appends": "appends to|appended to|appendment to|appendment of|parent id|parent note|parent note id|appends note"
    "|original note id|in addition to|addendum to",
    "people": "people present|persons present|person present|present|attendees|who was present|seen",
    "deleted": "deleted|is deleted|deleted flag",
    "draft": "draft|is draft|draft flag",
}
_COLUMN_OF: dict[str, NoteColumn] = {name: column for column, names in _NAMES.items() for name in names.split("|")}
_RANK = {name: rank for names in _NAMES.values() for rank, name in enumerate(names.split("|"))}
_LONG_NAMES = [name for name in _COLUMN_OF if len(name) > 6]
_LEAST_LIKENESS = 92.0  # percent; one slip in a word of eight letters, but never "recorded by" for "recorded on"

_FOREIGN = frozenset(
    """amount cost price budget debit credit balance invoice quantity qty vat paid total net gross page url phone
    telephone mobile email e-mail postcode hours miles mileage spend forecast variance supplier venue tickets""".split()
)
_SURE_TEXT = frozenset(["case note", "case notes", "case note text", "note text", "narrative", "case note details"])
_DOUBTFUL_TEXT = frozenset(["description", "comments", "content", "entry", "body"])
_MARKS: tuple[NoteColumn, ...] = (
    "author", "type", "status", "significant", "time", "people", "reference", "appends"
)  # fmt: skip


def normal_header(cell: object) -> str:
    """A header cell for comparison: "Contact_Date" and "ContactDate " are both "contact date"."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(cell)) if cell is not None else ""
    return " ".join(re.sub(r"[^\w£]+|_", " ", text).lower().split())


def map_header(cells: Sequence[object]) -> dict[NoteColumn, int]:
    """Column name to index for a header row; each is given once, to the clearest name. Others stay unmapped."""
    best: dict[NoteColumn, tuple[int, int]] = {}
    for index, cell in enumerate(cells):
        if not isinstance(cell, str):
            continue
        name = _known_name(normal_header(cell))
        if name is None:
            continue
        column = _COLUMN_OF[name]
        if column not in best or _RANK[name] < best[column][0]:
            best[column] = (_RANK[name], index)
    mapped = {column: index for column, (_, index) in best.items()}
    if "text" not in mapped and "title" in mapped and normal_header(cells[mapped["title"]]) == "summary":
        mapped["text"] = mapped.pop("title")
    return mapped


def _known_name(header: str) -> str | None:
    if header in _COLUMN_OF:
        return header
    if len(header) < 8:  # one slip in a short word makes another word
        return None
    likest = process.extractOne(header, _LONG_NAMES, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
    return likest[0] if likest else None


def is_header(mapped: Mapping[NoteColumn, int]) -> bool:
    """Whether a row can head a case-note export: it names a day and words."""
    return "text" in mapped and ("date" in mapped or "recorded" in mapped)


def is_case_notes(header: Sequence[object], mapped: Mapping[NoteColumn, int], texts: Sequence[str]) -> bool:
    """Whether a table with this header, and these words in its text column, one a row, is a case-note export.

    Its words must be prose, and its other columns those of case notes more than those of accounts, contact lists or
    programmes: a table of payments has a date, a type and a description too. Without any row the header decides.
    """
    lengths = sorted(len(text.split()) for text in texts if text)
    median = lengths[len(lengths) // 2] if lengths else 0
    if texts and median < 4 and max(lengths, default=0) < 12:
        return False
    text_name = normal_header(header[mapped["text"]])
    points = 1 if text_name in _DOUBTFUL_TEXT else 3 if text_name in _SURE_TEXT else 2
    points += sum(column in mapped for column in _MARKS)
    points += median >= 15
    names = [set(normal_header(cell).split()) for cell in header]
    points -= 2 * sum(bool(name & _FOREIGN) or "£" in " ".join(name) for name in names)
    return points >= 3
