"""Transcripts to turns: WebVTT (Teams, Zoom), SRT, the Word files of Teams, and plain text with speakers' labels.

A turn is `Element(kind="turn", turn=Turn(speaker, start_seconds, end_seconds))`; what is nobody's speech (a title, the
list of those present before the first label, a note in the file) is kept as "title" and "text" elements in its place.
Speakers are named as written. Times are those of the file: a transcript whose labels give times of day keeps them,
counted from midnight. Words are never dropped for a broken timing: they are kept with unknown times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingestion.errors import DamagedFile, EmptyFile
from ingestion.parse.cues import Cue, CueFile, Remark, read_cues, voices
from ingestion.parse.labelled import read_labelled_lines
from ingestion.parse.speakers import COLON, LONGEST_LABEL, is_name_shaped, is_role_or_titled, is_stopped, seconds
from ingestion.parse.turns import Speech, make_turns, one_line
from ingestion.types import Element

_TEAMS_NOISE = re.compile(r"^(?:.{1,80} )?(?:started|stopped) transcription$", re.IGNORECASE)
_TEAMS_TIMES = re.compile(r"^(\d+:\d+:\d+(?:\.\d+)?)\s*-->\s*(\d+:\d+:\d+(?:\.\d+)?)$")


def read_vtt(text: str, name: str) -> list[Element]:
    """The turns of a WebVTT file called `name`, from voice tags or from `Name: ` before the words.

    Raises EmptyFile when there is no text, DamagedFile when there is no cue with words in it.
    """
    return _read_cue_file(text, name, web=True)


def read_srt(text: str, name: str) -> list[Element]:
    """The turns of an SRT file called `name`; errors as `read_vtt`."""
    return _read_cue_file(text, name, web=False)


def read_labelled(text: str, name: str) -> list[Element] | None:
    """The turns of a plain-text transcript; None when `text` is not one (a letter, a report, minutes, an agenda).

    Text that is WebVTT or SRT under another ending is read as what it is.
    """
    if text.removeprefix("\ufeff").startswith("WEBVTT"):
        return read_vtt(text, name)
    if len(re.findall(r"^[ \t]*\d+:\d\d:\d\d[,.]\d{3} --> \d+:\d\d:\d\d[,.]\d{3}", text, re.MULTILINE)) > 1:
        return read_srt(text, name)
    lines = re.split(r"\r\n|\r|\n|\x0c", text.removeprefix("\ufeff"))
    return read_labelled_lines([line for line in lines if not _TEAMS_NOISE.match(line.strip())])


def read_docx_paragraphs(paragraphs: Sequence[str], name: str) -> list[Element] | None:
    """The turns of a Word transcript from its paragraphs (inner line breaks as "\\n"); None when it is not one.

    Reads both forms Teams has written ("Ann Bell   0:03" above the words; `0:0:3.12 --> 0:0:5.9` above the name) and
    labels as in plain text. "Ann Bell started transcription" is left out: nobody said it.
    """
    lines = [line.strip() for paragraph in paragraphs for line in (*paragraph.replace("\r", "\n").split("\n"), "")]
    lines = [line for line in lines if not _TEAMS_NOISE.match(line)]
    if any(_TEAMS_TIMES.match(line) for line in lines):
        return make_turns(_old_teams(lines))
    return read_labelled("\n".join(lines), name)


def _read_cue_file(text: str, name: str, *, web: bool) -> list[Element]:
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise EmptyFile(f"{name} is empty; export the transcript again.")
    file = read_cues(text, web=web)
    elements = make_turns(_speeches(file))
    if not any(element.kind == "turn" for element in elements):
        kind = "WebVTT" if web else "SRT"
        raise DamagedFile(
            f"{name} has no {kind} cue with words in it; export the transcript again, or save it as plain text (.txt)."
        )
    return elements


def _speeches(file: CueFile) -> Iterator[Speech | Element]:
    """Speech of every cue. A cue without a voice may name its speaker before a colon, as Zoom and SRT files do."""
    cues = [part for part in file.parts if isinstance(part, Cue)]
    spoken = {id(cue): voices(cue) for cue in cues}
    unvoiced = [words for cue in cues for voice, words in spoken[id(cue)] if voice is None]
    labels = _cue_labels(unvoiced)
    carry = bool(labels) and _labels_only_changes(unvoiced, labels)
    current: str | None = None
    for part in file.parts:
        if isinstance(part, Remark):
            yield _remark(part)
            continue
        for voice, words in spoken[id(part)]:
            for label, said in [(voice, words)] if voice else _by_label(words, labels):
                current = label or (current if carry else None)
                yield Speech(current, one_line(said), part.start, part.end)


def _remark(remark: Remark) -> Element:
    if remark.is_title:
        return Element(id="", kind="title", text=remark.text, level=1)
    return Element(id="", kind="text", text=remark.text)


def _cue_labels(texts: Sequence[str]) -> frozenset[str]:
    """What stands before a colon at the start of a line and is taken for a speaker.

    A name-shaped label counts when it has two words, is an office, or comes back; anything else short ("annbell22")
    when it opens three lines and heads a line in no kind of document.
    """
    counts = Counter(label for text in texts for line in text.split("\n") if (label := _colon_label(line)))
    most = sum(counts.values()) * 2 > len(texts)  # a file that names the speaker in every cue
    return frozenset(
        label
        for label, count in counts.items()
        if not is_stopped(label)
        and (
            (is_name_shaped(label) and (most or count > 1 or " " in label or is_role_or_titled(label)))
            or (count > 2 and len(label.split()) <= 4)
        )
    )


def _colon_label(line: str) -> str | None:
    head = line.strip()[: LONGEST_LABEL + 20]
    match = COLON.match(head) if ":" in head else None
    label = match["label"].strip() if match else ""
    return label if len(label) <= LONGEST_LABEL and any(c.isalpha() for c in label) else None


def _by_label(text: str, labels: frozenset[str]) -> list[tuple[str | None, str]]:
    """(label, words) for each labelled line of a cue and the lines that follow it."""
    found: list[tuple[str | None, str]] = []
    for line in text.split("\n"):
        label = _colon_label(line)
        if label in labels:
            found.append((label, line.split(":", 1)[1]))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line}")
        else:
            found.append((None, line))
    return found


def _labels_only_changes(texts: Sequence[str], labels: frozenset[str]) -> bool:
    """Whether the file names a speaker only when the speaker changes, so that a cue without a name goes on.

    A file that repeats the name from cue to cue (Zoom) names everybody it knows: there, no name means unknown.
    """
    repeats = unlabelled = 0
    before: str | None = None
    for text in texts:
        label = _colon_label(text.split("\n", 1)[0])
        if label in labels:
            repeats += label == before
            before = label
        else:
            unlabelled += 1
    return repeats < unlabelled


def _old_teams(lines: Sequence[str]) -> Iterator[Speech | Element]:
    """The older Word form of Teams: a line of times, a line with the name, the words."""
    block: list[str] = []
    times: re.Match[str] | None = None
    for line in (*lines, None):
        match = _TEAMS_TIMES.match(line) if line else None
        if line and match is None:
            block.append(line)
        elif match or line is None:
            yield from _old_teams_block(times, block)
            times, block = match, []


def _old_teams_block(times: re.Match[str] | None, block: Sequence[str]) -> Iterator[Speech | Element]:
    if times is None:
        for number, line in enumerate(block):
            yield Element(id="", kind="text" if number else "title", text=line, level=None if number else 1)
        return
    named = len(block) > 1 and len(block[0]) <= LONGEST_LABEL and not re.search(r"[.?!]$", block[0])
    start, end = seconds(times[1]), seconds(times[2])
    if start is not None and end is not None and end < start:
        start = end = None
    yield Speech(block[0] if named else None, one_line(" ".join(block[1:] if named else block)), start, end)
