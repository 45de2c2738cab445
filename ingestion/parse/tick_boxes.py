"""Tick boxes drawn on a printed form, as the words "☒" and "☐" before what they stand for."""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.parse.page_frame import Frame
from ingestion.parse.pdf_drawings import TickBox
from ingestion.parse.pdf_words import Word

_REACH = 2.5  # of the type size: how far a box may stand before its words
_MARKS = frozenset("xX✓✔✗✘☒☑✕✖")


def with_tick_boxes(words: list[Word], boxes: Sequence[TickBox], frame: Frame, shown: Frame) -> list[Word]:
    """`words`, in the order of the stream, with each box that stands before a word put in front of it.

    A box with a mark or a single letter x inside is ticked; the letter is then part of the box.
    """
    if not boxes:
        return words
    before: dict[int, Word] = {}
    inside: set[int] = set()
    for box in boxes:
        marks = [word for word in words if word.text in _MARKS and _holds(box, word)]
        owner = _words_after(box, words)
        if owner is None:
            continue
        inside.update(id(word) for word in marks)
        before[id(owner)] = _as_word(box, bool(marks) or box.ticked, owner, frame, shown)
    placed: list[Word] = []
    for word in words:
        if id(word) in before:
            placed.append(before[id(word)])
        if id(word) not in inside:
            placed.append(word)
    return placed


def _holds(box: TickBox, word: Word) -> bool:
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _words_after(box: TickBox, words: Sequence[Word]) -> Word | None:
    """The nearest word to the right of a box, level with it."""
    middle = (box.top + box.bottom) / 2
    level = [
        word
        for word in words
        if word.top <= middle <= word.bottom and -1 <= word.left - box.right <= _REACH * word.size
    ]
    return min(level, key=lambda word: word.left, default=None)


def _as_word(box: TickBox, ticked: bool, owner: Word, frame: Frame, shown: Frame) -> Word:
    left, top, right, bottom = box[:4]
    return Word(
        text="☒" if ticked else "☐",
        left=max(left, owner.left - owner.size * 1.2),
        top=owner.top,
        right=max(right, owner.left - owner.size * 0.4),
        bottom=owner.bottom,
        baseline=owner.baseline,
        size=owner.size,
        bold=owner.bold,
        order=owner.order,
        box=_shown_box((left, top, right, bottom), frame, shown),
    )


def _shown_box(at: tuple[float, float, float, float], frame: Frame, shown: Frame) -> tuple[float, float, float, float]:
    """A rectangle in points of `frame` as fractions of the page as shown, which may be turned otherwise."""
    x0, y0 = frame.inverse(at[0], at[1])
    x1, y1 = frame.inverse(at[2], at[3])
    return shown.fractions(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
