"""Plain-text transcripts: lines to labelled turns, and telling a transcript from a letter, a report or minutes.

No single line settles it: "Reason: the site is wet" and "Marsh: the site is wet" have one shape. What settles it is the
whole text: labels that come back, the share of lines they head, words after them that are sentences and not values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from ingestion.parse.speakers import STAMP_ONLY, Label, is_name_shaped, is_role_or_titled, is_stopped, label_of, seconds
from ingestion.parse.turns import Speech, make_turns
from ingestion.types import Element

_ITEM_HEADING = re.compile(r"^(?:agenda )?item \d+[a-z]?\b(?:.*[^.?!,;])?$", re.IGNORECASE)
_STAGE = re.compile(
    r"\b(?:applause|laughter|pause|silence|inaudible|crosstalk|adjourn\w*|discussion|break|music)\b", re.IGNORECASE
)
_SENTENCE_STOP = tuple('.?!…:;"”’)]')

EARLY_SECONDS = 300  # a first time below five minutes counts from the start of a recording; above, it may be a clock
LEAST_LINE_SHARE = 0.03  # labelled lines of all: a five-minute speech wrapped at 80 columns is some 30 lines
LEAST_BLOCK_SHARE = 0.25  # blocks between blank lines that hold a label
MOST_DISTINCT = 0.75  # different labels to turns: people speak again, a form's fields do not come back
MOST_FRONT_MATTER = 0.6  # of the characters
MOST_HEADINGS = 0.5  # lines such as "Reason: ..." to lines with a speaker


def read_labelled_lines(lines: Sequence[str]) -> list[Element] | None:
    """Title, text and turn elements of a transcript given as lines; None when these lines are not a transcript."""
    lines = [line.strip() for line in lines]
    heads = _accepted([label_of(line) for line in lines], lines)
    if not _is_transcript(lines, heads):
        if not _is_stamped_without_names(lines):
            return None
        heads = [None] * len(lines)
    apart = not any(heads) or any(head.form == "chat" for head in heads if head)  # each message, each time its own turn
    return make_turns(_pieces(lines, heads), join=not apart)


def _accepted(heads: Sequence[Label | None], lines: Sequence[str]) -> list[Label | None]:
    """`heads` with those taken out that this text as a whole does not bear out as speakers."""
    found = [head for head in heads if head]
    forms = Counter(head.form for head in found)
    counts = Counter(head.speaker.casefold() for head in found)
    if forms["chat"] > 1:
        return [head if head and head.form == "chat" else None for head in heads]
    colons = sum(head.form == "colon" and is_name_shaped(head.speaker) for head in found)
    timed = {head.speaker.casefold() for head in found if head.form == "timed"}
    mostly_timed = forms["timed"] > 1 and forms["timed"] >= colons
    kept: list[Label | None] = []
    for number, head in enumerate(heads):
        if head is None or head.form == "timed":
            keep = head is not None
        elif head.form == "own line":
            keep = _is_own_line_speaker(head.speaker, counts[head.speaker.casefold()])
        elif mostly_timed:
            keep = head.speaker.casefold() in timed
        else:
            before = lines[number - 1] if number else ""
            starts = not before or before.endswith(_SENTENCE_STOP) or heads[number - 1] is not None
            lettered = head.speaker == "A" and counts["b"] > 1  # speakers A and B, and no question and answer
            keep = lettered or _is_colon_speaker(head.speaker, counts[head.speaker.casefold()], starts_paragraph=starts)
        kept.append(head if keep else None)
    return kept


def _is_own_line_speaker(speaker: str, count: int) -> bool:
    if is_stopped(speaker) or _STAGE.search(speaker):
        return False
    return count > 1 or " " in speaker or is_role_or_titled(speaker)


def _is_colon_speaker(speaker: str, count: int, *, starts_paragraph: bool) -> bool:
    """Whether words before a colon are a speaker: by their shape, and when they come once, by where they stand."""
    if is_stopped(speaker):
        return False
    if not is_name_shaped(speaker):
        return count > 2 and len(speaker.split()) <= 4
    if is_role_or_titled(speaker):
        return True
    likely = " " in speaker or (speaker.isupper() and len(speaker) > 2)
    return count > 2 or (count > 1 and (likely or starts_paragraph)) or (likely and starts_paragraph)


class _Counted(NamedTuple):
    """One turn for counting: its label and the words under it."""

    head: Label
    words: str


def _is_transcript(lines: Sequence[str], heads: Sequence[Label | None]) -> bool:
    turns = _count_turns(lines, heads)
    if len(turns) < 2:
        return False
    forms = {turn.head.form for turn in turns}
    if "chat" in forms:
        return _front_share(lines, heads) < MOST_FRONT_MATTER
    runs = [speaker for speaker, _ in groupby(turn.head.speaker.casefold() for turn in turns)]
    speakers = set(runs)
    comes_back = len(runs) > len(speakers)  # somebody speaks again after another
    early = False
    if sum(turn.head.form == "timed" for turn in turns) * 2 >= len(turns):
        starts = [turn.head.start for turn in turns if turn.head.start is not None]
        early = bool(starts) and starts[0] < EARLY_SECONDS and all(a <= b for a, b in pairwise(starts))
        likely = comes_back or (early and all(" " in name or is_role_or_titled(name) for name in speakers))
    else:
        likely = comes_back and len(turns) > 2 and _are_people(turns)
    return (
        likely
        and ((early and comes_back) or _are_sentences([turn.words for turn in turns]))
        and _heading_lines(lines, heads) < MOST_HEADINGS * len(turns)
        and _label_share_is_enough(lines, heads)
        and _front_share(lines, heads) < MOST_FRONT_MATTER
    )


def _count_turns(lines: Sequence[str], heads: Sequence[Label | None]) -> list[_Counted]:
    turns: list[_Counted] = []
    for line, head in zip(lines, heads, strict=True):
        if head:
            turns.append(_Counted(head, head.rest))
        elif turns and line and len(turns[-1].words) < 200:
            turns[-1] = turns[-1]._replace(words=f"{turns[-1].words} {line}".strip())
    return turns


def _are_people(turns: Sequence[_Counted]) -> bool:
    """Whether labels without times are those of people talking: two at least, who come back or hold an office."""
    speakers = {turn.head.speaker.casefold(): turn.head.speaker for turn in turns}.values()
    if len(speakers) < 2:
        return False
    titled = sum(is_role_or_titled(speaker) for speaker in speakers)
    return len(speakers) <= MOST_DISTINCT * len(turns) or titled * 2 >= len(speakers)


def _heading_lines(lines: Sequence[str], heads: Sequence[Label | None]) -> int:
    """How many lines after the first speaker open with what opens lines of documents: "Reason:", "Proposed:"."""
    first = next(number for number, head in enumerate(heads) if head)
    found = (label_of(line) for line, head in zip(lines[first:], heads[first:], strict=True) if line and head is None)
    return sum(head is not None and head.form == "colon" and is_stopped(head.speaker) for head in found)


def _are_sentences(texts: Sequence[str]) -> bool:
    """Whether at least half of what follows the labels is speech, and not a value ("Ann Bell", "01632 960123")."""
    spoken = sum(len(text.split()) > 3 or text.endswith((".", "?", "!", "…")) for text in texts)
    values = sum(bool(re.fullmatch(r"[\d\s/.,:£%+@()-]*\d[\d\s/.,:£%+()-]*|\S+@\S+", text)) for text in texts)
    return spoken * 2 >= len(texts) and values * 3 < len(texts)


def _label_share_is_enough(lines: Sequence[str], heads: Sequence[Label | None]) -> bool:
    first = next(number for number, head in enumerate(heads) if head)
    filled = sum(bool(line) for line in lines[first:])
    labelled = sum(head is not None for head in heads)
    blocks = labelled_blocks = 0
    in_block = has_label = False
    for line, head in zip((*lines[first:], ""), (*heads[first:], None), strict=True):
        if line:
            in_block = True
            has_label = has_label or head is not None
        elif in_block:
            blocks += 1
            labelled_blocks += has_label
            in_block = has_label = False
    return labelled >= LEAST_LINE_SHARE * filled and labelled_blocks >= LEAST_BLOCK_SHARE * blocks


def _front_share(lines: Sequence[str], heads: Sequence[Label | None]) -> float:
    """The share of characters above the first label."""
    first = next(number for number, head in enumerate(heads) if head)
    return sum(map(len, lines[:first])) / max(1, sum(map(len, lines)))


def _is_stamped_without_names(lines: Sequence[str]) -> bool:
    """Whether most lines or blocks open with a bracketed time, in order, and words: speech with nobody named."""
    stamps = [(number, match) for number, line in enumerate(lines) if (match := _bracketed_stamp(line))]
    if len(stamps) < 3:
        return False
    times = [time for _, match in stamps if (time := seconds(match["start"])) is not None]
    in_order = all(a <= b for a, b in pairwise(times))
    starts = sum(bool(line) and (number == 0 or not lines[number - 1]) for number, line in enumerate(lines))
    words = [match["rest"] or (lines[number + 1] if number + 1 < len(lines) else "") for number, match in stamps]
    return in_order and len(stamps) * 2 >= starts and _are_sentences(words)


def _bracketed_stamp(line: str) -> re.Match[str] | None:
    return STAMP_ONLY.match(line) if line.startswith(("[", "(", "<")) else None


def _pieces(lines: Sequence[str], heads: Sequence[Label | None]) -> Iterator[Speech | Element]:
    """Speech and, before and between, what nobody said. Wrapped lines join by a space, paragraphs by a line break."""
    stamped = any(head.form == "timed" for head in heads if head) or not any(heads)
    first = next((n for n, line in enumerate(lines) if heads[n] or (stamped and _bracketed_stamp(line))), 0)
    yield from _front_matter(lines[:first])
    current = Speech(None, "")
    gap = False
    for number in range(first, len(lines)):
        line, head = lines[number], heads[number]
        if not line:
            gap = True
            continue
        stamp = _bracketed_stamp(line) if stamped and head is None else None
        if head:
            yield current
            current = Speech(head.speaker, _said(head), head.start, head.end)
        elif stamp:
            yield current
            current = Speech(current.speaker, stamp["rest"] or "", seconds(stamp["start"]), seconds(stamp["end"]))
        elif _is_item_heading(lines, heads, number):
            yield current
            yield Element(id="", kind="title", text=line, level=2)
            current = Speech(current.speaker, "")
        else:
            current = current._replace(text=f"{current.text}{chr(10) if gap and current.text else ' '}{line}".strip())
        gap = False
    yield current


def _said(head: Label) -> str:
    """The words on the label's line; a private chat message says first whom it went to."""
    if head.to is None or head.to.strip().casefold() in ("everyone", "all"):
        return head.rest
    return f"[to {head.to.strip()}] {head.rest}".strip()


def _is_item_heading(lines: Sequence[str], heads: Sequence[Label | None], number: int) -> bool:
    alone_above = number == 0 or not lines[number - 1]
    alone_below = number + 1 == len(lines) or not lines[number + 1] or heads[number + 1] is not None
    return alone_above and alone_below and len(lines[number].split()) <= 14 and bool(_ITEM_HEADING.match(lines[number]))


def _front_matter(lines: Sequence[str]) -> Iterator[Element]:
    """What stands above the first label: the first line as a title when it reads like one, then blocks of text."""
    blocks = [block.split("\n") for block in re.split(r"\n{2,}", "\n".join(lines).strip("\n")) if block]
    if blocks and len(blocks[0][0]) <= 120 and not blocks[0][0].endswith((".", ",", ";")):
        yield Element(id="", kind="title", text=blocks[0].pop(0), level=1)
    for block in blocks:
        if block:
            yield Element(id="", kind="text", text="\n".join(block))
