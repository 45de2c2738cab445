"""From words with places to lines in reading order: columns are read one after the other, never across.

    words --segments--> pieces of lines --reading_order--> regions, each a list of lines from top to bottom

A segment is a stretch of one line without a wide gap. Columns are found by recursive cuts: where segments on both
sides of a strip of white stand in a run that nothing crosses, the run is split there, and what lies above and below
it (a heading across both columns, say) is ordered on its own. The order in which the file draws its words tells
columns (drawn one after the other) from tables (drawn row by row).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Generic, TypeVar

from ingestion.parse.pdf_words import Word

_JOIN_GAP = 0.6  # of the size: words drawn apart from each other but standing this close are one segment
_SAFE_GAP = 1.0  # of the size: a gap between words drawn one after the other that never splits a line
_WIDEST_GAP = 2.5  # of the size: and one that always does
_GUTTER = 0.9  # of the size: the least white between two columns

T = TypeVar("T")


@dataclass(slots=True)
class Segment(Generic[T]):
    """Words standing close together on one line, or a block (a table) that is placed as one; points."""

    words: list[Word]
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    size: float
    block: T | None = None

    @property
    def order(self) -> int:
        """Where in the page's stream it begins."""
        return self.words[0].order

    def extend(self, words: Iterable[Word]) -> None:
        for word in words:
            self.words.append(word)
            self.left = min(self.left, word.left)
            self.top = min(self.top, word.top)
            self.right = max(self.right, word.right)
            self.bottom = max(self.bottom, word.bottom)


class Line(Generic[T]):
    """Segments on one baseline, from left to right (at least one); what is asked of them often is worked out once."""

    def __init__(self, segments: list[Segment[T]]) -> None:
        self.segments = segments
        self.words = [word for segment in segments for word in segment.words]
        self.left = segments[0].left
        self.right = segments[-1].right
        self.top = min(segment.top for segment in segments)
        self.bottom = max(segment.bottom for segment in segments)
        self.baseline = max(segments, key=lambda segment: segment.size).baseline
        self.block = segments[0].block

    @cached_property
    def size(self) -> float:
        """The size most of its characters are set in."""
        sizes: dict[float, int] = {}
        for word in self.words:
            sizes[word.size] = sizes.get(word.size, 0) + len(word.text)
        return max(sizes, key=lambda size: sizes[size])

    @cached_property
    def bold(self) -> bool:
        """Whether every word with a letter or digit is bold."""
        marked = [word.bold for word in self.words if any(c.isalnum() for c in word.text)]
        return bool(marked) and all(marked)

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def segment_of(words: list[Word], block: T | None = None) -> Segment[T]:
    """The segment made of `words` (at least one); its baseline is that of its largest word."""
    largest = max(words, key=lambda word: word.size)
    return Segment(
        words,
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
        largest.baseline,
        largest.size,
        block,
    )


def find_segments(words: Sequence[Word]) -> list[Segment[T]]:
    """The segments of one page's words, which are in the order of the page's stream."""
    runs: list[list[Word]] = []
    for word in words:
        if runs and _continues(runs[-1][-1], word):
            runs[-1].append(word)
        else:
            runs.append([word])
    segments: list[Segment[T]] = [segment_of(piece) for run in runs for piece in _split_at_gaps(run)]
    return _merge_neighbours(segments)


def _continues(before: Word, word: Word) -> bool:
    size = max(before.size, word.size)
    gap = word.left - before.right
    if not -0.5 * size <= gap <= _WIDEST_GAP * size or word.left <= before.left:
        return False
    if word.glued or abs(word.baseline - before.baseline) <= 0.2 * size:
        return True
    # a raised or lowered word: a note's number, an ordinal
    overlap = min(before.bottom, word.bottom) - max(before.top, word.top)
    smaller, larger = sorted((before.size, word.size))
    return smaller <= 0.8 * larger and gap <= 0.5 * size and overlap >= 0.4 * smaller


def _split_at_gaps(run: list[Word]) -> list[list[Word]]:
    """Cut a run where a gap is wide and wider than the run's other gaps: a tab, or the next cell of a table."""
    gaps = [word.left - before.right for before, word in pairwise(run)]
    if not gaps or max(gaps) <= _SAFE_GAP * min(word.size for word in run):
        return [run]
    usual = median(gaps) if len(gaps) >= 4 else 0.0  # justified text has wide gaps throughout
    pieces = [[run[0]]]
    for gap, word in zip(gaps, run[1:], strict=True):
        if gap > max(_SAFE_GAP * word.size, 1.8 * usual):
            pieces.append([word])
        else:
            pieces[-1].append(word)
    return pieces


def _merge_neighbours(segments: list[Segment[T]]) -> list[Segment[T]]:
    """Join segments that stand side by side on one baseline but were drawn apart, as when each word is placed alone."""
    merged: list[Segment[T]] = []
    for row in rows_of(segments):
        row.sort(key=lambda segment: segment.left)
        current = row[0]
        for segment in row[1:]:
            size = max(current.size, segment.size)
            gap = segment.left - current.right
            level = abs(segment.baseline - current.baseline) <= 0.2 * size
            if level and -0.5 * size <= gap <= _JOIN_GAP * size:
                current.extend(segment.words)
            else:
                merged.append(current)
                current = segment
        merged.append(current)
    return merged


def rows_of(segments: Iterable[Segment[T]]) -> list[list[Segment[T]]]:
    """Segments grouped by baseline, from top to bottom; blocks stand alone."""
    rows: list[list[Segment[T]]] = []
    for segment in sorted(segments, key=lambda segment: (segment.baseline, segment.left)):
        if rows and segment.block is None and rows[-1][0].block is None:
            first = rows[-1][0]
            if segment.baseline - first.baseline <= 0.3 * min(first.size, segment.size):
                rows[-1].append(segment)
                continue
        rows.append([segment])
    return rows


def lines_of(segments: Iterable[Segment[T]]) -> list[Line[T]]:
    """The lines of one column, from top to bottom; raised marks join the line they are raised from."""
    lines: list[Line[T]] = []
    for row in rows_of(segments):
        row.sort(key=lambda segment: segment.left)
        lines.append(Line(row))
    return lines


def reading_order(segments: list[Segment[T]]) -> list[list[Line[T]]]:
    """Regions in reading order, each the lines of a column, or of a stretch of page without columns."""
    regions: list[list[Line[T]]] = []
    pending = [segments]
    while pending:
        region = pending.pop()
        if not region:
            continue
        cut = _find_columns(region)
        if cut is None:
            regions.append(lines_of(region))
        else:
            pending.extend(part for part in reversed(cut) if part)
    return regions


def _find_columns(region: list[Segment[T]]) -> list[list[Segment[T]]] | None:
    """[above, left column, right column, below] for the tallest run of columns; None when there are none."""
    best: tuple[float, list[list[Segment[T]]]] | None = None
    by_top = sorted(region, key=lambda segment: (segment.top, segment.left))
    for x in _candidate_gutters(region):
        start = 0
        for index in range(len(by_top) + 1):
            crossing = index == len(by_top) or by_top[index].left < x < by_top[index].right
            if not crossing:
                continue
            if index - start >= 4:
                found = _columns_of_run(by_top, start, index, x)
                if found is not None and (best is None or found[0] > best[0]):
                    best = found
            start = index + 1
    return best[1] if best is not None else None


def _candidate_gutters(region: list[Segment[T]]) -> list[float]:
    """Where gutters may run: the middles of gaps between neighbours on a line, and beside left edges of lines."""
    positions: list[float] = []
    starts: dict[int, int] = {}
    leftmost = min(segment.left for segment in region)
    for segment in region:
        if segment.left > leftmost + 4 * segment.size:
            key = round(segment.left / 2)
            starts[key] = starts.get(key, 0) + 1
    positions.extend(key * 2 - 3.0 for key, count in starts.items() if count >= 2)
    positions.sort()
    kept: list[float] = []
    for x in positions:
        if not kept or x - kept[-1] > 5:
            kept.append(x)
    return kept


def _columns_of_run(
    by_top: list[Segment[T]], start: int, end: int, x: float
) -> tuple[float, list[list[Segment[T]]]] | None:
    run = by_top[start:end]
    left = [segment for segment in run if segment.right <= x]
    right = [segment for segment in run if segment.left >= x]
    below_edge = by_top[end].top if end < len(by_top) else None
    above = by_top[:start]
    if start:
        left, continued = _part_continuation(by_top[start - 1], left, right)
        above = above + continued
    left, sunk = _part_below(left, right, below_edge)
    if not _are_columns(left, right):
        return None
    height = min(_height(left), _height(right))
    return height, [above, left, right, sunk + by_top[end:]]


def _part_continuation(
    crossing: Segment[T], left: list[Segment[T]], right: list[Segment[T]]
) -> tuple[list[Segment[T]], list[Segment[T]]]:
    """Take from the left column the short last lines of the paragraph that runs across both columns above it."""
    lines = rows_of(left)
    count = 0
    before = crossing
    ceiling = min((segment.top for segment in right), default=0.0)
    for line in lines:
        first = line[0]
        same = abs(first.size - before.size) < 0.5 and abs(first.left - before.left) < first.size / 2
        near = 0 < first.baseline - before.baseline < 1.5 * first.size
        if before.block is not None or not same or not near or first.baseline > ceiling + 0.2 * first.size:
            break
        count += 1
        before = first
    return [s for line in lines[count:] for s in line], [s for line in lines[:count] for s in line]


def _part_below(
    left: list[Segment[T]], right: list[Segment[T]], below_edge: float | None
) -> tuple[list[Segment[T]], list[Segment[T]]]:
    """Take from the left column the lines that stand under both columns, such as the heading of what follows."""
    if below_edge is None or not left or not right:
        return left, []
    floor = max(segment.bottom for segment in right)
    lines = rows_of(left)
    for index in range(len(lines) - 1, 0, -1):
        top = min(segment.top for segment in lines[index])
        above = max(segment.bottom for segment in lines[index - 1])
        if top < floor:
            return left, []
        below = min((s.top for line in lines[index + 1 :] for s in line), default=below_edge)
        bottom = max(segment.bottom for segment in lines[index])
        if top - above > max(0.6 * lines[index][0].size, below - bottom):
            return [s for line in lines[:index] for s in line], [s for line in lines[index:] for s in line]
    return left, []


def _are_columns(left: list[Segment[T]], right: list[Segment[T]]) -> bool:
    """Whether two sides of a gutter are columns of text, to be read one after the other, and not cells of a table."""
    left_rows, right_rows = len(rows_of(left)), len(rows_of(right))
    if min(left_rows, right_rows) < 3:
        return False
    size = median(segment.size for segment in left + right)
    if min(s.left for s in right) - max(s.right for s in left) < _GUTTER * size:
        return False
    overlap = min(max(s.bottom for s in left), max(s.bottom for s in right)) - max(
        min(s.top for s in left), min(s.top for s in right)
    )
    if overlap < 2 * size:
        return False
    returns = _returns(left, right)
    rows = min(left_rows, right_rows)
    if returns <= 1:
        return not _is_margin_of_marks(left)
    # drawn across line by line: columns only if both sides are running text
    return returns >= 0.6 * rows and rows >= 6 and _is_prose(left) and _is_prose(right)


def _returns(left: list[Segment[T]], right: list[Segment[T]]) -> int:
    """How often the page's stream goes back from the right side to the left."""
    sides = sorted([(s.order, 0) for s in left] + [(s.order, 1) for s in right])
    return sum(before[1] == 1 and after[1] == 0 for before, after in pairwise(sides))


def _is_margin_of_marks(left: list[Segment[T]]) -> bool:
    """Whether the left side is only bullets or paragraph numbers, which belong to the lines beside them."""
    return all(len(segment.words) == 1 and len(segment.words[0].text) <= 6 for segment in left)


def _is_prose(side: list[Segment[T]]) -> bool:
    """Whether most lines of a column run its whole width, in several words."""
    width = max(s.right for s in side) - min(s.left for s in side)
    rows = rows_of(side)
    full = sum(max(s.right for s in row) - min(s.left for s in row) >= 0.6 * width for row in rows)
    words = sum(len(s.words) for s in side)
    return full >= 0.55 * len(rows) and words >= 3.5 * len(rows)


def _height(side: list[Segment[T]]) -> float:
    return max(s.bottom for s in side) - min(s.top for s in side)
