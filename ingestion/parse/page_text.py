"""The text of an element from the words of its lines, with the span and box of every word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingestion.parse.page_frame import as_box
from ingestion.parse.page_tables import Cell
from ingestion.parse.pdf_words import SOFT_HYPHEN, Word
from ingestion.types import Span, WordBox

CELL_BREAK = " | "
_LETTERS = re.compile(r"[^\W\d_]+$")
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")
_KEEPS_HYPHEN = frozenset(
    "all anti co cross ex full half high in long low mid multi non off on one out part post pre pro self semi short "
    "sub two three up well year".split()
)


class Composer:
    """Builds a text word by word, remembering where each word lies in it.

    `vocabulary` is every word of the document in lower case; it decides whether a word broken at the end of a line
    keeps its hyphen.
    """

    def __init__(self, vocabulary: frozenset[str] = frozenset()) -> None:
        self.vocabulary = vocabulary
        self.parts: list[str] = []
        self.length = 0
        self.words: list[WordBox] = []

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def put(self, text: str) -> None:
        """Append characters that belong to no word, such as a break between cells."""
        if text:
            self.parts.append(text)
            self.length += len(text)

    def lines(self, lines: Sequence[Sequence[Word]]) -> None:
        """Append the words of lines, joined by one space, words broken at the end of a line made whole."""
        flat = [
            (word, index == 0 and number > 0) for number, line in enumerate(lines) for index, word in enumerate(line)
        ]
        for position, (word, _) in enumerate(flat):
            after = flat[position + 1] if position + 1 < len(flat) else None
            text = word.text
            space = " "
            if after is not None and after[1]:
                text, space = self._break(text, after[0].text)
            elif text.endswith(SOFT_HYPHEN):
                text, space = self._inner_break(text, after[0].text if after else "")
            if after is None or after[0].glued:
                space = ""
            self._word(text, word)
            self.put(space)

    def _word(self, text: str, word: Word) -> None:
        span = Span(start=self.length, end=self.length + len(text))
        self.words.append(WordBox(span=span, box=as_box(word.box)))
        self.put(text)

    def _inner_break(self, text: str, following: str) -> tuple[str, str]:
        """A mark of a broken word that the layout did not find at the end of a line, such as at the end of a page."""
        return (text[:-1] + "-", " ") if not following else self._break(text, following)

    def _break(self, text: str, following: str) -> tuple[str, str]:
        """What is left of the last word of a line, and what stands between it and the first word of the next."""
        if not text.endswith(("-", SOFT_HYPHEN, "\u2010")) or len(text) < 2:
            return text, " "
        stem = text[:-1]
        before, after = _LETTERS.search(stem), _FIRST_LETTERS.match(following)
        if before is None or after is None:
            # "2024-" and "25": one word, its hyphen its own; "- " after a blank: a dash
            return stem + "-", "" if stem[-1:].isdigit() and following[:1].isdigit() else " "
        if not after.group()[0].islower():
            return stem + "-", ""  # "Stoke-" and "on", "Anglo-" and "Welsh"
        head, tail = before.group().lower(), after.group().lower()
        if head + tail in self.vocabulary:
            return stem, ""
        if f"{head}-{tail}" in self.vocabulary or head in _KEEPS_HYPHEN or "-" in stem:
            return stem + "-", ""
        return stem, ""


def compose(lines: Sequence[Sequence[Word]], vocabulary: frozenset[str]) -> tuple[str, tuple[WordBox, ...]]:
    """The text of a paragraph's lines and the place of each of its words."""
    composer = Composer(vocabulary)
    composer.lines(lines)
    return composer.text, tuple(composer.words)


def compose_table(
    rows: Sequence[Sequence[Cell]], vocabulary: frozenset[str]
) -> tuple[str, tuple[WordBox, ...], tuple[tuple[str, ...], ...]]:
    """A table's text (rows a line each, cells joined by " | "), the place of each word, and its cells."""
    composer = Composer(vocabulary)
    cells: list[tuple[str, ...]] = []
    for number, row in enumerate(rows):
        composer.put("\n" if number else "")
        texts: list[str] = []
        for index, cell in enumerate(row):
            composer.put(CELL_BREAK if index else "")
            start = len(composer.parts)
            composer.lines(cell)
            texts.append("".join(composer.parts[start:]))
        cells.append(tuple(texts))
    return composer.text, tuple(composer.words), tuple(cells)
