"""Tables of a page: from ruled lines where there are any, else from lines whose words stand in clean columns.

A wrong guess is worse than lines of text, so both readers give up when the cells do not fit: too few of them filled,
words across a column's edge, or nothing but one row or one column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.parse.layout import Line, Segment, lines_of, segment_of
from ingestion.parse.pdf_drawings import Drawings, Rule
from ingestion.parse.pdf_words import Word

Cell = list[list[Word]]
"""The words of a cell, by line."""

_SNAP = 3.0  # points: rules this close are one
_OPEN = 8.0  # points by which rules reach past the outermost rule across them when a table is open at the sides
_MOST_WORDS_IN_CELL = 150  # more is a box around text, not a cell
_MOST_CROSSINGS = 250_000  # more is a plan or a chart
_SHORTEST_BAND = 100.0  # points
_MOST_ROWS = 200
_LEADER = re.compile(r"\.{4,}|…{2,}|(?:\. ){4,}")
_MARKER = re.compile(r"^(?:[•▪◦●○■□–\-*·]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivxIVX]{1,5})[.)]?)$")


@dataclass(slots=True)
class Table:
    """Rows of cells, all rows equally long; an empty cell has no lines."""

    rows: list[list[Cell]]


@dataclass(slots=True)
class _Grid:
    """Column edges from left to right and row edges from top to bottom, with the rules that were drawn."""

    xs: list[float]
    ys: list[float]
    horizontal: list[Rule]
    vertical: list[Rule]

    @property
    def area(self) -> float:
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])

    def holds(self, word: Word) -> bool:
        x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]


def take_ruled_tables(words: list[Word], drawings: Drawings) -> tuple[list[Word], list[Segment[Table]]]:
    """The words outside ruled tables, and each ruled table as a segment that is placed as one."""
    found: list[Segment[Table]] = []
    if len(drawings.horizontal) < 2:
        return words, found
    horizontal, vertical = _merge(drawings.horizontal), _merge(drawings.vertical)
    grids = [grid for group in _connected(horizontal, vertical) if (grid := _grid(*group)) is not None]
    grids.sort(key=lambda grid: -grid.area)
    for grid in grids + _bands(horizontal):
        inside = [word for word in words if grid.holds(word)]
        rows = _fill(grid, inside) if grid.vertical else _rows_between_rules(grid, inside)
        if rows is not None and grid.vertical:
            rows, inside = _with_open_header(grid, rows, inside, words)
        if rows is not None:
            taken = {id(word) for row in rows for cell in row for line in cell for word in line}
            words = [word for word in words if id(word) not in taken]
            found.append(segment_of([word for word in inside if id(word) in taken], Table(rows)))
    return words, found


def _merge(rules: Sequence[Rule]) -> list[Rule]:
    """Join the pieces of one line, drawn cell by cell or twice over."""
    levels: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.at):
        if levels and rule.at - levels[-1][0].at <= 1.5:
            levels[-1].append(rule)
        else:
            levels.append([rule])
    merged: list[Rule] = []
    for level in levels:
        level.sort(key=lambda rule: rule.start)
        current = level[0]
        for rule in level[1:]:
            if rule.start <= current.end + _SNAP:
                current = current._replace(end=max(current.end, rule.end))
            else:
                merged.append(current)
                current = rule
        merged.append(current)
    return merged


def _connected(horizontal: list[Rule], vertical: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of rules that touch or cross, each with at least two level and one upright."""
    if len(horizontal) * len(vertical) > _MOST_CROSSINGS:
        return []
    parent = list(range(len(horizontal) + len(vertical)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, h in enumerate(horizontal):
        for j, v in enumerate(vertical):
            if h.start - _SNAP <= v.at <= h.end + _SNAP and v.start - _SNAP <= h.at <= v.end + _SNAP:
                parent[root(i)] = root(len(horizontal) + j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, h in enumerate(horizontal):
        groups.setdefault(root(i), ([], []))[0].append(h)
    for j, v in enumerate(vertical):
        groups.setdefault(root(len(horizontal) + j), ([], []))[1].append(v)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]


def _grid(horizontal: list[Rule], vertical: list[Rule]) -> _Grid | None:
    """The edges of the cells that crossing rules make, closed where the table is open at a side; None below 2 by 2."""
    xs = _snapped([rule.at for rule in vertical])
    ys = _snapped([rule.at for rule in horizontal])
    left, right = min(rule.start for rule in horizontal), max(rule.end for rule in horizontal)
    top, bottom = min(rule.start for rule in vertical), max(rule.end for rule in vertical)
    xs = [left] * (left < xs[0] - _OPEN) + xs + [right] * (right > xs[-1] + _OPEN)
    ys = [top] * (top < ys[0] - _OPEN) + ys + [bottom] * (bottom > ys[-1] + _OPEN)
    if len(xs) < 3 or len(ys) < 3:
        return None
    return _Grid(xs, ys, horizontal, vertical)


def _with_open_header(
    grid: _Grid, rows: list[list[Cell]], inside: list[Word], words: list[Word]
) -> tuple[list[list[Cell]], list[Word]]:
    """Add the row of column names that stands above the ruled cells: bold, one name over every column."""
    size = max(word.size for word in inside)
    over = [
        word
        for word in words
        if word.bold
        and grid.ys[0] - 1.8 * size <= word.top
        and word.bottom <= grid.ys[0] + 2
        and grid.xs[0] - 2 <= word.left
        and word.right <= grid.xs[-1] + 2
    ]
    header: list[list[Word]] = [[] for _ in rows[0]]
    if len(header) != len(grid.xs) - 1:
        return rows, inside
    for word in over:
        column = _interval(grid.xs, (word.left + word.right) / 2)
        if word.right > grid.xs[column + 1] + 2:
            return rows, inside
        header[column].append(word)
    if not all(header):
        return rows, inside
    return [[_cell(cell) for cell in header], *rows], [*over, *inside]


def _snapped(positions: list[float]) -> list[float]:
    kept: list[float] = []
    for position in sorted(positions):
        if not kept or position - kept[-1] > _SNAP:
            kept.append(position)
    return kept


def _interval(edges: list[float], position: float) -> int:
    index = 0
    while index + 2 < len(edges) and position >= edges[index + 1]:
        index += 1
    return index


def _fill(grid: _Grid, words: list[Word]) -> list[list[Cell]] | None:
    """The cells of a grid, words of merged cells in the first of them; None when it is no table."""
    if not words:
        return None
    owner = _merged_cells(grid)
    cells: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        row = _interval(grid.ys, (word.top + word.bottom) / 2)
        column = _interval(grid.xs, (word.left + word.right) / 2)
        cells.setdefault(owner[row, column], []).append(word)
    if max(len(cell) for cell in cells.values()) > _MOST_WORDS_IN_CELL:
        return None
    rows = [[_cell(cells.get((r, c), [])) for c in range(len(grid.xs) - 1)] for r in range(len(grid.ys) - 1)]
    return _checked(rows, least_filled=0.25)


def _merged_cells(grid: _Grid) -> dict[tuple[int, int], tuple[int, int]]:
    """For each cell (row, column) the first cell of the merged cell it belongs to."""
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    upright = [[rule for rule in grid.vertical if abs(rule.at - x) <= _SNAP] for x in grid.xs]
    level = [[rule for rule in grid.horizontal if abs(rule.at - y) <= _SNAP] for y in grid.ys]
    for row in range(len(grid.ys) - 1):
        middle = (grid.ys[row] + grid.ys[row + 1]) / 2
        for column in range(len(grid.xs) - 1):
            here = (grid.xs[column] + grid.xs[column + 1]) / 2
            if column and not _drawn(upright[column], middle):
                owner[row, column] = owner[row, column - 1]
            elif row and not _drawn(level[row], here):
                owner[row, column] = owner[row - 1, column]
            else:
                owner[row, column] = (row, column)
    return owner


def _drawn(rules: list[Rule], across: float) -> bool:
    return any(rule.start <= across <= rule.end for rule in rules)


def _cell(words: list[Word]) -> Cell:
    if not words:
        return []
    pieces: list[Segment[Table]] = [segment_of([word]) for word in words]
    return [line.words for line in lines_of(pieces)]


def _checked(rows: list[list[Cell]], least_filled: float) -> list[list[Cell]] | None:
    """The rows without empty rows and columns; None unless two of each remain and enough cells are filled."""
    rows = [row for row in rows if any(row)]
    if not rows:
        return None
    columns = [index for index in range(len(rows[0])) if any(row[index] for row in rows)]
    rows = [[row[index] for index in columns] for row in rows]
    if len(columns) < 2 or sum(sum(map(bool, row)) >= 2 for row in rows) < 2:
        return None
    filled = sum(bool(cell) for row in rows for cell in row)
    return rows if filled >= least_filled * len(rows) * len(columns) else None


def _bands(horizontal: list[Rule]) -> list[_Grid]:
    """Stacks of at least three level rules of one length, the only rules of many a printed table."""
    stacks: list[list[Rule]] = []
    for rule in sorted(horizontal, key=lambda rule: rule.at):
        if rule.end - rule.start < _SHORTEST_BAND:
            continue
        for stack in stacks:
            if abs(stack[0].start - rule.start) <= 4 and abs(stack[0].end - rule.end) <= 4:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [
        _Grid([stack[0].start - 2, stack[0].end + 2], _snapped([rule.at for rule in stack]), stack, [])
        for stack in stacks
        if len(stack) >= 3
    ]


def _rows_between_rules(band: _Grid, words: list[Word]) -> list[list[Cell]] | None:
    """Rows between level rules (or the lines, where two rules hold several rows), columns by the gaps they share."""
    if len(words) < 4:
        return None
    columns = _columns(words, 0.8 * min(word.size for word in words))
    if len(columns) < 2:
        return None
    pieces: list[Segment[Table]] = [segment_of([word]) for word in words]
    groups: dict[int, list[Line[Table]]] = {}
    for line in lines_of(pieces):
        groups.setdefault(_interval(band.ys, (line.top + line.bottom) / 2), []).append(line)
    by_line = len(groups) <= 2  # rules around the header and below the body alone
    rows = [
        _row(part, columns) for group in groups.values() for part in ([[li] for li in group] if by_line else [group])
    ]
    if max(sum(map(len, cell)) for row in rows for cell in row) > 40:
        return None
    return _checked(rows, least_filled=0.5)


def _columns(words: Sequence[Word], gap: float) -> list[tuple[float, float]]:
    """The stretches of the line that words stand on, parted where nothing stands for `gap` points."""
    columns: list[tuple[float, float]] = []
    for left, right in sorted((word.left, word.right) for word in words):
        if columns and left - columns[-1][1] < gap:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _row(lines: list[Line[Table]], columns: list[tuple[float, float]]) -> list[Cell]:
    row: list[Cell] = [[] for _ in columns]
    for line in lines:
        parts: dict[int, list[Word]] = {}
        for word in line.words:
            column = next(i for i, (_, right) in enumerate(columns) if word.left <= right)
            parts.setdefault(column, []).append(word)
        for column, words in parts.items():
            row[column].append(words)
    return row


def find_aligned_table(lines: list[Line[Table]], start: int) -> tuple[int, Table] | None:
    """The table without rules that begins at `lines[start]`, and the index after its last line; None if there is none.

    It takes three rows of at least two cells, whose columns are parted by gaps that every row keeps.
    """
    if not _is_row(lines[start]):
        return None
    end = _end_of_rows(lines, start)
    rows = [index for index in range(start, end) if _is_row(lines[index])]
    if len(rows) < 3 or _aligned(lines[start : rows[2] + 1]) is None:
        return None
    ends = [end, *(row + 1 for row in reversed(rows[2:]))]
    return next((end, table) for end in ends if (table := _aligned(lines[start:end])) is not None)


def _is_row(line: Line[Table]) -> bool:
    """Whether a line has two or more parts, not counting a bullet or paragraph number in front."""
    if line.block is not None or len(line.segments) < 2 or _LEADER.search(line.text):
        return False
    first = line.segments[0].words
    marked = len(first) == 1 and _MARKER.match(first[0].text) and not first[0].text.isdigit()
    return len(line.segments) >= (3 if marked else 2)


def _end_of_rows(lines: list[Line[Table]], start: int) -> int:
    end = start + 1
    while end < len(lines) and end - start < _MOST_ROWS:
        line, before = lines[end], lines[end - 1]
        gap = line.top - before.bottom
        if line.block is not None or gap > 2.2 * line.size:
            break
        wrapped = len(line.segments) == 1 and gap < 0.5 * line.size and _MARKER.match(line.words[0].text) is None
        if not _is_row(line) and not wrapped:
            break
        end += 1
    while end > start and not _is_row(lines[end - 1]) and lines[end - 1].left <= lines[start].left + 2:
        end -= 1  # text below the table
    return end


def _aligned(lines: list[Line[Table]]) -> Table | None:
    words = [word for line in lines for word in line.words]
    columns = _columns(words, min(word.size for word in words))
    if len(columns) < 2:
        return None
    rows: list[list[Cell]] = []
    full_rows = 0
    for line in lines:
        row = _row([line], columns)
        if _is_row(line):
            filled = sum(map(bool, row))
            if filled != len(line.segments) or filled < 2:
                return None  # two parts of a line in one column: the gaps are chance
            full_rows += 1
            rows.append(row)
        elif rows and not row[0]:
            for cell, more in zip(rows[-1], row, strict=True):
                cell.extend(more)
        else:
            return None
    if full_rows < 3 or _reads_as_prose(rows):
        return None
    checked = _checked(rows, least_filled=0.6)
    return Table(checked) if checked is not None else None


def _reads_as_prose(rows: list[list[Cell]]) -> bool:
    """Whether the cells are as long as lines of text: two columns of a page, printed level with each other."""
    cells = [sum(map(len, cell)) for row in rows for cell in row if cell]
    return sum(count >= 5 for count in cells) > 0.5 * len(cells)
