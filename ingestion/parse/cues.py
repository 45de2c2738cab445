"""WebVTT and SRT to cues, keeping the words of a file that is damaged.

Written here rather than with webvtt-py or srt: those refuse a file without its header, drop a cue whose timing is
broken, and read the first voice of a cue only, and a transcript that silently loses a speaker's words is the one
failure this product must not have. Format: W3C WebVTT 1.0, sections 4 and 6; SRT as SubRip writes it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingestion.parse.speakers import seconds


class Cue(NamedTuple):
    """One cue: its lines of text with markup still in, and its times in seconds, None when unsound."""

    start: float | None
    end: float | None
    lines: tuple[str, ...]


class Remark(NamedTuple):
    """Words of the file that nobody spoke: its header's text, a NOTE, lines before the first cue."""

    text: str
    is_title: bool = False


class CueFile(NamedTuple):
    """Cues and remarks in the order of the file; `timings` counts the timing lines, sound or not."""

    parts: tuple[Cue | Remark, ...]
    timings: int


_ARROW = re.compile(r"-{1,3}>|–>|—>|→")
_TIME_START = re.compile(r"[\d:.,]+")
# A timing line cut off before its arrow.
_BARE_TIME = re.compile(r"\d+(?::\d*){2}[.,]?\d*(?:\s*-*)|\d+:\d\d[.,]\d*(?:\s*-*)")
_SETTING = re.compile(r"(?:(?:region|vertical|line|position|size|align):\S*|[XY][12]:\d+)", re.IGNORECASE)
_CUE_ID = re.compile(r"\d+|[0-9a-f][0-9a-f-]*-[0-9a-f-]*(?:/\d+(?:-\d+)?)?", re.IGNORECASE)  # 12, 0f3c-9a/14-0
# NOTE duration:"00:10:00", Confidence: 0.9, and identifiers of recordings.
_NOT_PROSE = re.compile(r"[\w-]+\s*[:=]\s*\S+|[0-9a-f-]{16,}", re.IGNORECASE)
_LINE_BREAK = re.compile(r"\r\n|\r|\n|\x0b|\x0c|\x85|\u2028|\u2029")

_FORMATTING = re.compile(
    r"</?(?:b|i|u|s|c|lang|ruby|rt|font|v)(?:[.\s][^<>\n]*)?>|<(?:\d+:)?\d{1,2}:\d{2}\.\d{1,3}>|\{\\an?\d\}",
    re.IGNORECASE,
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>\n]*)>|</v>", re.IGNORECASE)
_ROLLING = re.compile(r"<\d\d:\d\d:\d\d\.\d{3}><c>")  # the automatic captions of video sites


def read_cues(text: str, *, web: bool) -> CueFile:
    """The cues of a WebVTT (`web`) or SRT text, tolerant of a missing header, broken timings and lost blank lines.

    A timing that cannot be read, or ends before it starts, gives None for what is unsound and keeps the words. Words
    that follow a cue after a blank line without a timing are a cue of their own with unknown times.
    """
    parts: list[Cue | Remark] = []
    timings = 0
    for block in _blocks(text):
        timing_at = next((i for i, line in enumerate(block[:2]) if _timing(line) is not None), None)
        if timing_at is not None:
            timings += 1
            if timing_at == 1:
                parts += _before_timing(block[0], is_first=timings == 1)
            start, end, words = _timing(block[timing_at]) or (None, None, "")
            lines = [line.strip() for line in (words, *block[timing_at + 1 :]) if line.strip()]
            parts.append(Cue(start, end, tuple(lines)))
        elif web and _is_header(block[0]) and not parts:
            parts += _header(block)
        elif web and re.match(r"(?:STYLE|REGION)\s*$", block[0]):
            continue
        elif web and re.match(r"NOTE(?:\s|$)", block[0]):
            parts += _note(block)
        else:
            parts += _left_over(block, in_cues=timings > 0)
    if _ROLLING.search(text):
        parts = list(_without_rolling(parts))
    return CueFile(tuple(parts), timings)


def voices(cue: Cue) -> list[tuple[str | None, str]]:
    """(voice, words) pairs of a cue in order, markup removed and entities decoded; no voice tag gives None."""
    payload = "\n".join(cue.lines)
    if "<" not in payload and "&" not in payload and "{" not in payload:
        return [(None, payload)]
    found: list[tuple[str | None, str]] = []
    voice: str | None = None
    at = 0
    for tag in _VOICE.finditer(payload):
        found.append((voice, payload[at : tag.start()]))
        voice = html.unescape(tag[1]).strip() or None if tag[1] is not None else None
        at = tag.end()
    found.append((voice, payload[at:]))
    return [(who, html.unescape(_FORMATTING.sub("", words))) for who, words in found if words.strip()]


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines between blank lines, beginning anew at a timing line even where the blank line before it is missing."""
    block: list[str] = []
    for line in _LINE_BREAK.split(text.removeprefix("\ufeff").replace("\x00", "")):
        if not line.strip():
            if block:
                yield block
            block = []
            continue
        if _timing(line) is not None and (len(block) > 1 or (block and _timing(block[0]) is not None)):
            head = [block.pop()] if _CUE_ID.fullmatch(block[-1].strip()) and _timing(block[-1]) is None else []
            if block:
                yield block
            block = head
        block.append(line)
    if block:
        yield block


def _timing(line: str) -> tuple[float | None, float | None, str] | None:
    """(start, end, words on the same line) of a timing line; None for a line of words.

    A line is a timing line when it has an arrow and nothing but a time, sound or broken, before it.
    """
    if ">" not in line and "→" not in line:
        return None
    arrow = _ARROW.search(line)
    if arrow is None:
        return None
    before, after = line[: arrow.start()].strip(), line[arrow.end() :].strip()
    if re.search(r"[^\W\d_]{2}", before) and (" " in before or ":" not in before):
        return None
    stamp = _TIME_START.match(after)
    if not before and stamp is None:
        return None
    start, end = seconds(before), seconds(stamp.group()) if stamp else None
    rest = after[stamp.end() :] if stamp else after
    if start is not None and end is not None and end < start:
        start = end = None
    words = " ".join(word for word in rest.split() if not _SETTING.fullmatch(word))
    return start, end, words if re.search(r"\w", words) else ""


def _is_header(line: str) -> bool:
    return re.match(r"WEBVTT(?:\s|$)", line) is not None


def _left_over(block: Sequence[str], *, in_cues: bool) -> list[Cue | Remark]:
    """The words of a block without a timing line: speech that lost it, or, before any cue, what opens the file."""
    is_identified = _CUE_ID.fullmatch(block[0].strip()) is not None
    if is_identified and ("/" in block[0] or len(block) == 1):
        block = block[1:]
    words = tuple(line.strip() for line in block if not _BARE_TIME.fullmatch(line.strip()))
    if not words:
        return []
    is_speech = in_cues or any("<v" in line for line in words)
    return [Cue(None, None, words) if is_speech else Remark("\n".join(words))]


def _before_timing(line: str, *, is_first: bool) -> list[Cue | Remark]:
    """What the line above a timing line gives: nothing when it is the cue's identifier, else its words."""
    if _is_header(line):
        return [*_header([line])]
    if len(line.split()) < 3:  # an identifier may be any text; three words are more likely speech that lost its place
        return []
    return [Remark(line.strip())] if is_first else [Cue(None, None, (line.strip(),))]


def _header(block: Sequence[str]) -> list[Remark]:
    """The header's own text, "WEBVTT - Planning Committee"; its "Kind: captions" lines are not for readers."""
    title = block[0].removeprefix("WEBVTT").strip().lstrip("-–— ").strip()
    kept = [Remark(title, is_title=True)] if re.search(r"[^\W\d_]", title) else []
    words = [line.strip() for line in block[1:] if not _NOT_PROSE.match(line.strip())]
    return kept + ([Remark("\n".join(words))] if words else [])


def _note(block: Sequence[str]) -> list[Remark]:
    """A NOTE that a person wrote; notes that programs write ("NOTE Confidence: 0.9") are left out."""
    first = block[0].removeprefix("NOTE").strip()
    lines = [line.strip() for line in (first, *block[1:]) if line.strip()]
    words = [line for line in lines if not _NOT_PROSE.match(line)]
    return [Remark("\n".join(words))] if any(len(line.split()) > 2 for line in words) else []


def _without_rolling(parts: Sequence[Cue | Remark]) -> Iterator[Cue | Remark]:
    """Automatic captions show each line twice, once as it rolls up: keep its first showing."""
    last = ""
    for part in parts:
        if isinstance(part, Remark):
            yield part
            continue
        plain = [_FORMATTING.sub("", line).strip() for line in part.lines]
        lines = part.lines[1:] if plain and plain[0] == last else part.lines
        last = plain[-1] if plain else last
        yield part._replace(lines=tuple(lines))
