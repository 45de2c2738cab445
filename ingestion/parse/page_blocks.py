"""From lines in reading order to paragraphs, and what each paragraph is: heading, list item, table, footnote, text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ingestion.parse.layout import Line
from ingestion.parse.page_frame import as_box
from ingestion.parse.page_tables import Table, find_aligned_table
from ingestion.parse.page_text import compose, compose_table
from ingestion.parse.pdf_words import Word
from ingestion.types import Element, ElementKind

_BULLET = re.compile(r"^[•▪◦●○■□–—\-*·✓➢►‣⁃➤❖o☐☑☒]$")
_TICK_BOX = re.compile(r"^[☐☑☒]$")
_NUMBER = re.compile(r"^(?:\(?\d{1,3}[.)]|\d{1,3}(?:\.\d{1,3}){1,4}[.)]?|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,5}[.)])$")
_PARAGRAPH_NUMBER = re.compile(r"^\d{1,3}(?:\.\d{1,3})+[.)]?\s")  # a report's numbered paragraphs are its text
_BARE_NUMBER = re.compile(r"^\d{1,2}$")
_NOTE_MARK = re.compile(r"^(?:\d{1,3}|[⁰¹²³⁴-⁹]{1,3}|[*†‡§]{1,3}|\[\d{1,3}\])[.)]?$")
_ENDS_SENTENCE = re.compile(r"[.:;?!][\"'”’)\]]?$")
_ENDS_ITEM = re.compile(r"(?:[.:;,?!][\"'”’)\]]?|\band|\bor)$")
_LABELLED = re.compile(r"^[A-Z][^.:;?!]{1,40}:(?:\s|$)")
_DETAIL = re.compile(  # "Date: 9 June 2026" is bold often enough, and no heading
    r"^(?:Date|Time|Venue|Place|Location|To|From|Subject|Re|(?:Our |Your )?ref|Report (?:of|by|to)|Author|Contact"
    r"|Phone|Telephone|Tel|E-?mail|Wards?|Present|Apologies|Officer|Portfolio|Classification)\b[^:]{0,30}:\s*\S",
    re.I,
)
_CAPTION = re.compile(r"^(?:Figure|Fig\.|Chart|Graph|Map|Photo|Image|Table|Diagram)\s+\d+(?:\.\d+)?\b", re.I)
_LEADER = re.compile(r"\.{4,}|…{2,}|(?:\. ){4,}")

_LARGER = 1.15  # of the body size: type that makes a heading by size alone
_SMALLER = 0.93  # and type small enough for footnotes
_LONGEST_HEADING = 30  # words
_LONGEST_BOLD_HEADING = 18
_MOST_LEVELS = 6


class Style(NamedTuple):
    """How most of a document is set: type size in points, whether bold, and the pitch of its lines in sizes."""

    size: float
    bold: bool
    pitch: float


@dataclass(slots=True)
class Draft:
    """A paragraph or table before it has a text: its kind, its words by line, its page."""

    kind: ElementKind
    page: int
    lines: list[list[Word]]
    size: float
    bold: bool = False
    table: Table | None = None
    depth: int = 1  # of a heading's number: 2 for "3.1"
    level: int | None = None


def document_style(pages: Sequence[Sequence[Line[Table]]]) -> Style:
    """The commonest type size, weight and line pitch over a document's lines."""
    sizes: Counter[tuple[float, bool]] = Counter()
    pitches: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            for word in line.words:
                sizes[half_points(word.size), word.bold] += len(word.text)
        for above, below in pairwise(lines):
            pitch = (below.baseline - above.baseline) / max(below.size, 1.0)
            if 0.9 <= pitch <= 2.5 and abs(above.size - below.size) < 0.5:
                pitches[round(pitch * 20) / 20] += 1
    if not sizes:
        return Style(10.0, False, 1.2)
    by_size: Counter[float] = Counter()
    for (size, _), count in sizes.items():
        by_size[size] += count
    size = by_size.most_common(1)[0][0]
    return Style(size, sizes[size, True] > sizes[size, False], pitches.most_common(1)[0][0] if pitches else 1.2)


def half_points(size: float) -> float:
    return round(size * 2) / 2


def drafts_of_region(lines: list[Line[Table]], page: int, page_height: float, style: Style) -> list[Draft]:
    """The paragraphs and tables of one region (a column, or a page without columns), from top to bottom."""
    drafts: list[Draft] = []
    paragraph: list[Line[Table]] = []
    spacing = _Spacing(lines, style)

    def close() -> None:
        if paragraph:
            drafts.append(_paragraph(paragraph, page, style))
            paragraph.clear()

    index = 0
    while index < len(lines):
        line = lines[index]
        if line.block is not None:
            close()
            drafts.append(Draft("table", page, [line.words], line.size, table=line.block))
            index += 1
            continue
        found = find_aligned_table(lines, index)
        if found is not None:
            close()
            end, table = found
            words = [other.words for other in lines[index:end]]
            drafts.append(Draft("table", page, words, line.size, table=table))
            index = end
            continue
        if paragraph and spacing.breaks(paragraph, line):
            close()
        paragraph.append(line)
        index += 1
    close()
    _mark_footnotes(drafts, page_height, style)
    return drafts


class _Spacing:
    """Where paragraphs end in one region, by its own line pitch and right edge."""

    def __init__(self, lines: Sequence[Line[Table]], style: Style) -> None:
        self.style = style
        self.left = min((line.left for line in lines if line.block is None), default=0.0)
        self.right = max((line.right for line in lines if line.block is None), default=0.0)
        pitches = sorted(
            (below.baseline - above.baseline) / below.size
            for above, below in pairwise(lines)
            if above.block is None and below.block is None and abs(above.size - below.size) < 0.5
        )
        pitches = [pitch for pitch in pitches if pitch >= 0.9]
        self.pitch = pitches[len(pitches) // 4] if len(pitches) >= 4 else style.pitch

    def breaks(self, paragraph: Sequence[Line[Table]], line: Line[Table]) -> bool:
        """Whether `line` begins a new paragraph after the lines of `paragraph`."""
        before = paragraph[-1]
        size = max(before.size, line.size)
        if abs(before.size - line.size) > 0.08 * size:
            return True
        pitch = (line.baseline - before.baseline) / size
        widest = min(max(1.25 * self.pitch, self.pitch + 0.25), max(1.9, 1.35 * self.style.pitch))
        if pitch < 0.3 or pitch > widest or (len(before.segments) > 1 and len(line.segments) > 1):
            return True
        hangs = _is_bullet(paragraph[0]) and line.left > _text_left(paragraph[0]) - 0.5 * size
        if before.bold != line.bold and not hangs and not (before.bold and _runs_on(before)):
            return True
        forced = self._fits_after(before, line)
        if _starts_item(line, self.style) and (
            _is_bullet(line)
            or forced
            or _ENDS_ITEM.search(before.text)
            or before.bold
            or _starts_note(line, self.style)
        ):
            return True
        if _LEADER.search(before.text):
            return True
        return self._breaks_by_edges(paragraph, line, forced)

    def _breaks_by_edges(self, paragraph: Sequence[Line[Table]], line: Line[Table], forced: bool) -> bool:
        before, size = paragraph[-1], line.size
        if forced and before.bold and line.bold:
            return _starts_item(line, self.style)
        if forced and (_ENDS_SENTENCE.search(before.text) or _LABELLED.match(line.text)):
            return True
        short = before.right - before.left < 0.6 * (self.right - self.left)
        if forced and short and _LABELLED.match(before.text) and len(paragraph) == 1:
            return True
        if _starts_item(paragraph[0], self.style):
            unhung = line.left < _text_left(paragraph[0]) - 0.5 * size
            hung = len(paragraph) > 1 and before.left - paragraph[0].left > 0.8 * size
            return unhung and (hung or (len(paragraph) == 1 and (forced or _is_bullet(before))))
        indented = line.left - before.left > 0.8 * size
        first_is_indented = len(paragraph) == 1 and before.left - line.left > 0
        centred = abs((line.left + line.right) - (before.left + before.right)) < size
        return indented and not first_is_indented and not centred and bool(_ENDS_SENTENCE.search(before.text))

    def _fits_after(self, before: Line[Table], line: Line[Table]) -> bool:
        """Whether the first word of `line` would have fitted on the line before: that line was ended on purpose."""
        first = line.words[0]
        return before.right + (first.right - first.left) + 0.8 * line.size < self.right


def _runs_on(line: Line[Table]) -> bool:
    """Whether a bold line can only be the beginning of a sentence that goes on in plain type."""
    return line.text[-1:] == "," or line.words[-1].text[:1].islower()


def add_region(drafts: list[Draft], region: list[Draft]) -> None:
    """Append a region's drafts; a sentence that a column breaks off goes on in the first of them."""
    if drafts and region and _goes_on(drafts[-1], region[0]):
        drafts[-1].lines.extend(region[0].lines)
        region = region[1:]
    drafts.extend(region)


def _goes_on(before: Draft, after: Draft) -> bool:
    if before.kind not in ("text", "list_item") or after.kind != "text" or before.page != after.page:
        return False
    if abs(before.size - after.size) > 0.08 * before.size or before.bold != after.bold:
        return False
    return after.lines[0][0].text[:1].islower() and not _ENDS_SENTENCE.search(before.lines[-1][-1].text)


def _text_left(line: Line[Table]) -> float:
    """Where the text of a list item begins, after its mark."""
    return line.words[1].left if len(line.words) > 1 else line.left


def _is_bullet(line: Line[Table]) -> bool:
    words = line.words
    return len(words) > 1 and bool(_BULLET.match(words[0].text))


def _starts_item(line: Line[Table], style: Style) -> bool:
    """Whether a line begins with a bullet, a number or letter of a list, or a footnote's mark."""
    words = line.words
    if len(words) < 2:
        return False
    first = words[0].text
    if _BULLET.match(first) or _NUMBER.match(first):
        return True
    tabbed = words[1].left - words[0].right > 0.7 * line.size
    return bool(_BARE_NUMBER.match(first) and tabbed) or _starts_note(line, style)


def _starts_note(line: Line[Table], style: Style) -> bool:
    return line.size <= _SMALLER * style.size and bool(_NOTE_MARK.match(line.words[0].text))


def _paragraph(lines: Sequence[Line[Table]], page: int, style: Style) -> Draft:
    words = [line.words for line in lines]
    size = lines[0].size
    draft = Draft("text", page, words, size, bold=all(line.bold for line in lines))
    draft.kind = _kind(lines, draft, style)
    if draft.kind == "title":
        number = _NUMBER.match(words[0][0].text) or _BARE_NUMBER.match(words[0][0].text)
        draft.depth = max(1, len(re.findall(r"\d+", words[0][0].text))) if number else 1
    elif draft.kind == "list_item" and _is_bullet(lines[0]) and not _TICK_BOX.match(words[0][0].text):
        draft.lines = [words[0][1:], *words[1:]]  # the bullet is a picture, not a word
    return draft


def _kind(lines: Sequence[Line[Table]], draft: Draft, style: Style) -> ElementKind:
    text = " ".join(line.text for line in lines)
    if _CAPTION.match(text) and len(text) <= 200 and len(lines) <= 3:
        return "caption"
    if _is_heading(lines, draft, style, text):
        return "title"
    if _starts_item(lines[0], style) and not _starts_note(lines[0], style):
        return "text" if _PARAGRAPH_NUMBER.match(text) else "list_item"
    return "text"


def _is_heading(lines: Sequence[Line[Table]], draft: Draft, style: Style, text: str) -> bool:
    words = text.split()
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 2 or len(words) > _LONGEST_HEADING or len(lines) > 4 or _is_bullet(lines[0]):
        return False
    if _LEADER.search(text) or "@" in text:
        return False
    sentence = text.endswith((".", ",", ";")) and len(words) > 3
    if draft.size >= _LARGER * style.size:
        return not sentence or len(words) <= 8
    if sentence or draft.size < _SMALLER * style.size or len(words) > _LONGEST_BOLD_HEADING or len(lines) > 2:
        return False
    if letters[0].islower() or _DETAIL.match(text):
        return False
    if draft.bold and not style.bold:
        return True
    return len(letters) >= 4 and all(c.isupper() for c in letters) and len(words) <= 12


def _mark_footnotes(drafts: list[Draft], page_height: float, style: Style) -> None:
    """Make the small type at the foot of a region that begins with a note's mark into footnotes."""
    first = len(drafts)
    for index in range(len(drafts) - 1, -1, -1):
        draft = drafts[index]
        if draft.kind not in ("text", "list_item") or draft.size > _SMALLER * style.size:
            break
        if _NOTE_MARK.match(draft.lines[0][0].text) and draft.lines[0][0].top > 0.4 * page_height:
            first = index
    for draft in drafts[first:]:
        draft.kind = "footnote"


def set_levels(drafts: Sequence[Draft]) -> None:
    """Number the headings' levels over the whole document: larger type first, then bold, then fewer number parts."""
    titles = [draft for draft in drafts if draft.kind == "title"]
    levels: dict[tuple[float, bool, int], int] = {}
    before: tuple[float, bool, int] | None = None
    for key in sorted({_rank(draft) for draft in titles}):
        if before is None:
            levels[key] = 1
        elif before[1:] == key[1:] and key[0] - before[0] < 0.6:  # sizes a whisker apart are one style
            levels[key] = levels[before]
        else:
            levels[key] = min(levels[before] + 1, _MOST_LEVELS)
        before = key
    for draft in titles:
        draft.level = levels[_rank(draft)]


def _rank(draft: Draft) -> tuple[float, bool, int]:
    return -half_points(draft.size), not draft.bold, draft.depth


def element_of(draft: Draft, vocabulary: frozenset[str]) -> Element:
    """The element of a draft: its text, the place of every word in it, and its box."""
    rows: tuple[tuple[str, ...], ...] | None = None
    if draft.table is not None:
        text, words, rows = compose_table(draft.table.rows, vocabulary)
    else:
        text, words = compose(draft.lines, vocabulary)
    box = as_box(_around([word.box for line in draft.lines for word in line]))
    return Element(
        id="", kind=draft.kind, text=text, page=draft.page, box=box, words=words, level=draft.level, rows=rows
    )


def _around(boxes: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
