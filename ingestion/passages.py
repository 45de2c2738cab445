"""Elements to passages: neighbours of one section within a token budget, the unit that search finds.

Every character of every element but page headers and footers is in exactly one passage, white space at the ends of
pieces left out. A passage never crosses a heading, holds one note of a case record at most, and never mixes prose,
tables, form fields and turns, so that its kind says what it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath

from ingestion.language import split_sentences
from ingestion.tokens import count_tokens
from ingestion.types import Element, ElementKind, Passage, PassagePart, Span

MAX_TOKENS = 200
MAX_TOKEN_CHARACTERS = 16  # no run of text has longer tokens on average, so longer runs need not be counted
_LEFT_OUT = frozenset({"header", "footer"})
_FAMILIES: dict[ElementKind, str] = {"table": "table", "field": "field", "turn": "turn", "note": "note"}
_PROSE = "prose"
_FILE_SEPARATORS = re.compile(r"[\s_+-]+")


@dataclass(frozen=True)
class _Piece:
    """A stretch of an element that fits a passage."""

    element: Element
    span: Span
    tokens: int

    @property
    def text(self) -> str:
        return self.span.cut(self.element.text)


@dataclass
class _Draft:
    """The passage being filled."""

    pieces: list[_Piece] = field(default_factory=list)
    tokens: int = 0  # an upper bound of the joined text's, one a line end

    def add(self, piece: _Piece) -> None:
        self.tokens += piece.tokens + (1 if self.pieces else 0)
        self.pieces.append(piece)

    @property
    def body(self) -> _Piece | None:
        """The first piece that is not a title."""
        return next((piece for piece in self.pieces if piece.element.kind != "title"), None)

    def takes(self, element: Element) -> bool:
        """Whether the element belongs with what is here: of one section and one family, and no note with another."""
        body = self.body
        if body is None:
            return True
        if element.kind in ("title", "note"):
            return False
        return element.headings == body.element.headings and _family(element) == _family(body.element)


def make_passages(document_id: str, elements: Sequence[Element], *, max_tokens: int = MAX_TOKENS) -> list[Passage]:
    """The passages of a document in reading order, none over `max_tokens` (at least 1) but for a single character.

    A section's title is the first part of its first passage; titles without text between them go with the text that
    follows, or stand alone at the end of the document.
    """
    drafts = _fill((element for element in elements if element.kind not in _LEFT_OUT), max_tokens)
    return [_passage(document_id, number, draft) for number, draft in enumerate(drafts)]


def context(passage: Passage, document_name: str) -> str:
    """What a reader knows besides the passage's own words: the document's name, the headings above, and who speaks.

    One line, "" never: for the word index's context column and, before the text, for the embedder.
    Headings that stand in the passage itself are not repeated.
    """
    name = _FILE_SEPARATORS.sub(" ", PurePath(document_name).stem).strip()
    own = set(passage.text.split("\n"))
    return " / ".join([name, *(line for line in (*passage.headings, *passage.about) if line not in own)])


def text_to_embed(passage: Passage, document_name: str) -> str:
    """What an embedder is given of a passage: its context, then its text."""
    return f"{context(passage, document_name)}\n{passage.text}"


def _fill(elements: Iterable[Element], max_tokens: int) -> Iterator[_Draft]:
    """The passages as drafts: titles wait for what follows them, the rest goes in while it belongs and fits."""
    draft = _Draft()
    for element in elements:
        if not element.text.strip():
            continue
        if draft.pieces and not draft.takes(element):
            yield draft
            draft = _Draft()
        for piece in _pieces(element, max_tokens, _room(draft, element, max_tokens)):
            if draft.pieces and draft.tokens + 1 + piece.tokens > max_tokens:
                yield draft
                draft = _Draft()
            draft.add(piece)
    if draft.pieces:
        yield draft


def _room(draft: _Draft, element: Element, max_tokens: int) -> int:
    """How many tokens the first piece of `element` may have.

    After a title a long element gives its first sentences to the title's passage, as long as the title leaves half of
    the budget; elsewhere an element that does not fit begins a passage of its own.
    """
    room = max_tokens - draft.tokens - 1
    waiting_title = bool(draft.pieces) and draft.body is None and element.kind != "title"
    return room if waiting_title and room >= max_tokens // 2 and room > 0 else max_tokens


def _pieces(element: Element, max_tokens: int, first_room: int) -> list[_Piece]:
    """The element whole if it fits; else cut after rows or sentences, else at a space, else anywhere."""
    whole = _trim(element.text, 0, len(element.text))
    tokens = count_tokens(whole.cut(element.text))
    if tokens <= first_room:
        return [_Piece(element, whole, tokens)]
    text, stops = element.text, _stops(element)
    pieces = []
    start, room = whole.start, first_room
    while start < whole.end:
        span = _trim(text, start, _furthest(text, start, stops, room))
        pieces.append(_Piece(element, span, count_tokens(span.cut(text))))
        start, room = _skip_space(text, span.end), max_tokens
    return pieces


def _stops(element: Element) -> list[int]:
    """Where the element is best cut: after its rows if it is a table, after its sentences otherwise."""
    if element.kind == "table":
        return [match.end() for match in re.finditer(r"\n|\Z", element.text)]
    return [sentence.end for sentence in split_sentences(element.text)]


def _furthest(text: str, start: int, stops: Sequence[int], room: int) -> int:
    """The last good place to end a piece that begins at `start` and has `room` tokens."""
    best = start
    for stop in islice(stops, bisect_right(stops, start), None):
        if not _fits(text, start, stop, room):
            break
        best = stop
    if best > start:
        return best
    window = min(len(text), start + room * MAX_TOKEN_CHARACTERS)
    spaces = [match.start() for match in re.compile(r"\s+").finditer(text, start, window)]
    best = _last_that_fits(text, start, spaces, room)
    if best > start:
        return best
    return max(start + 1, _last_that_fits(text, start, range(start + 1, window + 1), room))


def _last_that_fits(text: str, start: int, stops: Sequence[int], room: int) -> int:
    """The last of the ascending `stops` up to which the text fits, or `start`; by halving."""
    low, high = 0, len(stops)
    while low < high:
        middle = (low + high) // 2
        if _fits(text, start, stops[middle], room):
            low = middle + 1
        else:
            high = middle
    return stops[low - 1] if low else start


def _fits(text: str, start: int, stop: int, room: int) -> bool:
    return stop - start <= room * MAX_TOKEN_CHARACTERS and count_tokens(text[start:stop].strip()) <= room


def _trim(text: str, start: int, end: int) -> Span:
    """[start, end) without the white space at its ends; it holds at least one other character."""
    piece = text[start:end]
    return Span(start=start + len(piece) - len(piece.lstrip()), end=start + len(piece.rstrip()))


def _skip_space(text: str, start: int) -> int:
    """The first place from `start` on that is not white space."""
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _family(element: Element) -> str:
    return _FAMILIES.get(element.kind, _PROSE)


def _passage(document_id: str, number: int, draft: _Draft) -> Passage:
    """The finished passage, its parts joined by line ends; its tokens are the parts' and one for each line end."""
    parts = []
    at = 0
    for piece in draft.pieces:
        parts.append(PassagePart(element_id=piece.element.id, span=piece.span, at=at))
        at += len(piece.text) + 1
    first = (draft.body or draft.pieces[0]).element
    text = "\n".join(piece.text for piece in draft.pieces)
    return Passage(
        id=f"{document_id}:{number}",
        document_id=document_id,
        kind=first.kind,
        text=text,
        parts=tuple(parts),
        headings=first.headings,
        about=_about(draft),
        page=draft.pieces[0].element.page,
        date=first.note.date if first.note else None,
        tokens=draft.tokens,
    )


def _about(draft: _Draft) -> tuple[str, ...]:
    """Who speaks in a draft's turns, in order; what a case record says of its note. Each once."""
    said: list[str | None] = []
    for piece in draft.pieces:
        if turn := piece.element.turn:
            said.append(turn.speaker)
        elif note := piece.element.note:
            said += [note.type, note.title, note.author]
    return tuple(dict.fromkeys(line for line in said if line))
