"""From stretches of speech to turn elements: joining one speaker's stretches, and cutting a turn that is too long.

Every transcript format is first read into `Speech` (and, between them, elements that are nobody's speech: titles,
front matter); this is the one place where turns are made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingestion.language import split_sentences
from ingestion.types import Element, Turn

MAX_TURN_CHARACTERS = 1_500  # about 250 words or two minutes of speech: short enough for a quote to be found by eye
UNNAMED_GAP_SECONDS = 2.0  # where nobody is named, a pause of this length starts a new turn


class Speech(NamedTuple):
    """Words of one speaker as the file gives them; times in seconds, None when missing or unsound."""

    speaker: str | None
    text: str
    start: float | None = None
    end: float | None = None


def one_line(text: str) -> str:
    """The words of `text` with every run of white space as one space."""
    return " ".join(text.split())


def make_turns(pieces: Iterable[Speech | Element], *, join: bool = True) -> list[Element]:
    """Elements in reading order: turns out of `Speech`, other elements where they stand.

    Consecutive stretches of one speaker become one turn (`join=False`: each stays its own, as in a chat). Where the
    speaker is unknown a pause of UNNAMED_GAP_SECONDS starts a new turn. A turn longer than MAX_TURN_CHARACTERS is cut
    at sentence ends into several elements, each with the times of the stretches its own words come from. Stretches
    without words are left out.
    """
    elements: list[Element] = []
    run: list[Speech] = []
    for piece in pieces:
        if isinstance(piece, Element):
            elements += _turn_elements(run)
            run = []
            elements.append(piece)
        elif piece.text.strip():
            if run and not (join and _continues(run[-1], piece)):
                elements += _turn_elements(run)
                run = []
            run.append(piece)
    return elements + _turn_elements(run)


def _continues(before: Speech, after: Speech) -> bool:
    if before.speaker != after.speaker:
        return False
    if before.speaker is not None or before.end is None or after.start is None:
        return True
    return after.start - before.end < UNNAMED_GAP_SECONDS


def _turn_elements(run: Sequence[Speech]) -> list[Element]:
    """One element for the turn that `run` makes, or several when it is too long."""
    if not run:
        return []
    text = " ".join(speech.text.strip() for speech in run)
    if len(text) <= MAX_TURN_CHARACTERS:
        return [_element(text, run)]
    places = []  # where each stretch ends in the text, so that a cut knows whose times it has
    at = 0
    for speech in run:
        at += len(speech.text.strip()) + 1
        places.append(at)
    elements = []
    first = 0
    for start, end in _cut(text):
        while places[first] <= start:
            first += 1
        last = first
        while places[last] < end:
            last += 1
        elements.append(_element(text[start:end].strip(), run[first : last + 1]))
    return elements


def _element(text: str, run: Sequence[Speech]) -> Element:
    start = next((speech.start for speech in run if speech.start is not None), None)
    end = next((speech.end for speech in reversed(run) if speech.end is not None), None)
    if start is not None and end is not None and end < start:  # the stretches overlap or run backwards
        end = None
    return Element(
        id="", kind="turn", text=text, turn=Turn(speaker=run[0].speaker, start_seconds=start, end_seconds=end)
    )


def _cut(text: str) -> list[tuple[int, int]]:
    """Offsets of parts of at most MAX_TURN_CHARACTERS (longer only when a single word is).

    A part ends with a sentence; one sentence that is itself too long, as in speech recognition without full stops,
    is cut between words.
    """
    parts: list[tuple[int, int]] = []
    for sentence in split_sentences(text):
        for start, end in _cut_sentence(text, sentence.start, sentence.end):
            if parts and end - parts[-1][0] <= MAX_TURN_CHARACTERS:
                parts[-1] = (parts[-1][0], end)
            else:
                parts.append((start, end))
    return parts


def _cut_sentence(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    if end - start <= MAX_TURN_CHARACTERS:
        yield start, end
        return
    at = start
    for word in re.finditer(r"\S+", text[start:end]):
        word_start, word_end = start + word.start(), start + word.end()
        if word_end - at > MAX_TURN_CHARACTERS and word_start > at:
            yield at, word_start
            at = word_start
    yield at, end
