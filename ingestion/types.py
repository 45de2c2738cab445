"""The nouns of ingestion: Document, Element, Passage, and the spans and boxes that tie words to a place.

    file --parse--> Elements --make_passages--> Passages --Workspace.add--> index

All values are frozen. Offsets count characters of the text they belong to, half open: `text[span.start:span.end]`.
Boxes are fractions of the page, origin top left, so that they hold at any resolution. `None` means unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

ElementKind = Literal[
    "title",
    "text",
    "list_item",
    "table",
    "header",
    "footer",
    "footnote",
    "caption",
    "field",  # a form's label and value
    "turn",  # one speaker's turn of a transcript
    "note",  # one entry of a case record
]
"""What an element is. `header` and `footer` are the page's own and are kept, but not put in passages."""

DocumentKind = Literal["document", "spreadsheet", "email", "form", "transcript", "case_notes"]


class Span(BaseModel, frozen=True):
    """Characters [start, end) of a text."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)

    def cut(self, text: str) -> str:
        """The characters of `text` this span covers."""
        return text[self.start : self.end]


class Box(BaseModel, frozen=True):
    """A rectangle on a page, as fractions of the page's width and height in [0, 1], origin top left."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, boxes: Sequence[Box]) -> Box:
        """The smallest box that holds all of `boxes` (at least one)."""
        return cls(
            left=min(b.left for b in boxes),
            top=min(b.top for b in boxes),
            right=max(b.right for b in boxes),
            bottom=max(b.bottom for b in boxes),
        )


class WordBox(BaseModel, frozen=True):
    """Where one word of an element's text stands on its page."""

    span: Span
    box: Box


class Turn(BaseModel, frozen=True):
    """Who spoke and when; times in seconds from the start of the recording, None when the transcript has none."""

    speaker: str | None = None
    start_seconds: float | None = None
    end_seconds: float | None = None


class Note(BaseModel, frozen=True):
    """One entry of a case record, as the exporting system described it.

    `date` is when the contact took place and `recorded` when it was written down; both are naive local times.
    """

    date: datetime | None = None
    recorded: datetime | None = None
    author: str | None = None
    type: str | None = None
    title: str | None = None
    reference: str | None = None
    draft: bool = False
    significant: bool = False
    copies: int = Field(default=1, ge=1)  # how many identical entries were merged into this one


class FormField(BaseModel, frozen=True):
    """A form's label and its value as the file holds it; `value` is None when the field was left empty."""

    label: str
    value: str | None = None


class Element(BaseModel, frozen=True):
    """The smallest piece of a document that keeps its place: a paragraph, heading, table, turn, note or field.

    `id` is unique within its document and stable: parsing the same bytes again gives the same ids.
    `headings` is the path of headings above it, outermost first, not including itself.
    A table's `text` is its rows, one a line, cells joined by " | "; `rows` keeps the cells.
    """

    id: str
    kind: ElementKind
    text: str
    page: int | None = Field(default=None, ge=1)
    box: Box | None = None
    words: tuple[WordBox, ...] = ()
    headings: tuple[str, ...] = ()
    level: int | None = Field(default=None, ge=1)  # of a title: 1 is the outermost
    rows: tuple[tuple[str, ...], ...] | None = None
    turn: Turn | None = None
    note: Note | None = None
    field: FormField | None = None


class Document(BaseModel, frozen=True):
    """A file as the library knows it. `id` is the sha256 of its bytes, in hexadecimal."""

    id: str
    name: str
    kind: DocumentKind
    suffix: str  # with the dot, lower case: ".docx"
    size_bytes: int
    pages: int | None = None
    elements: int
    passages: int
    added: datetime  # UTC


class PassagePart(BaseModel, frozen=True):
    """A stretch of one element inside a passage: `element.text[span]` stands in the passage's text from `at`."""

    element_id: str
    span: Span
    at: int


class Passage(BaseModel, frozen=True):
    """Neighbouring elements of one section within a token budget; the unit of search.

    `text` is its parts joined by a newline. `date` is the day of its note or turn, when it has one.
    """

    id: str  # unique in the library: "<document id>:<number>"
    document_id: str
    kind: ElementKind  # of its first part that is not a title
    text: str
    parts: tuple[PassagePart, ...]
    headings: tuple[str, ...] = ()
    about: tuple[str, ...] = ()  # who speaks in its turns, or its note's type, title and author
    page: int | None = None
    date: datetime | None = None
    tokens: int

    def locate(self, span: Span) -> tuple[tuple[str, Span], ...]:
        """The element id and span within that element for each part that `span` of this passage's text touches."""
        found = []
        for part in self.parts:
            length = part.span.end - part.span.start
            start = max(span.start, part.at)
            end = min(span.end, part.at + length)
            if start < end:
                shift = part.span.start - part.at
                found.append((part.element_id, Span(start=start + shift, end=end + shift)))
        return tuple(found)


class Filter(BaseModel, frozen=True):
    """Which passages a search may return; an empty field does not restrict. Days are inclusive."""

    document_ids: tuple[str, ...] = ()
    kinds: tuple[ElementKind, ...] = ()
    since: date | None = None
    until: date | None = None


class Hit(BaseModel, frozen=True):
    """One passage that a search found, best first; `score` in [0, 1] compares hits of one search only."""

    passage: Passage
    document_name: str
    score: float
