"""The small markup in which the sample documents are written, read into blocks.

# title, ## heading, ### smaller heading, - bullet, 1. numbered item.
4.2 begins a numbered paragraph, Table 1: a caption.
| a | b | is a table: a second row of dashes says that the first is a heading row, and which columns align right (--:);
one of equals signs, that the first column holds labels and there is no heading row.
::: columns 2, ::: page columns 1, ::: box, ::: heading and ::: end are directives.
Inside a text: **bold**, [^1] for a footnote, a backslash at the end of a line for a line break.
[^1]: begins the footnote's text.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

BlockKind = Literal[
    "title", "heading", "subheading", "caption", "paragraph", "clause", "bullet", "number", "table", "directive"
]

_TABLE_RULE = re.compile(r"\|[-=:|]+\|")
_PREFIXES: tuple[tuple[str, BlockKind], ...] = (
    (r"### ", "subheading"),
    (r"## ", "heading"),
    (r"# ", "title"),
    (r"::: ", "directive"),
    (r"- ", "bullet"),
    (r"\d+\. ", "number"),
)


class Block(NamedTuple):
    """One paragraph or table. `first` is the number an item carries in the text, where a list may begin above 1."""

    kind: BlockKind
    text: str = ""
    first: int = 1
    rows: tuple[tuple[str, ...], ...] = ()
    right: tuple[bool, ...] = ()  # of a table: which columns align right
    labels: bool = False  # of a table: a first column of labels instead of a heading row


class Source(NamedTuple):
    """A document's blocks in order, and its footnotes by their mark."""

    blocks: tuple[Block, ...]
    footnotes: dict[str, str]


def read_markup(text: str) -> Source:
    """The blocks and footnotes of `text`, which is written as the head of this module describes."""
    blocks: list[Block] = []
    footnotes: dict[str, str] = {}
    for lines in _paragraphs(text):
        if lines[0].startswith("|"):
            blocks.append(_table(lines))
        elif note := re.match(r"\[\^(\w+)\]: (.*)", lines[0]):
            footnotes[note[1]] = note[2]
        else:
            blocks.append(_block("\n".join(line.removesuffix("\\") for line in lines)))
    return Source(tuple(blocks), footnotes)


def _paragraphs(text: str) -> list[list[str]]:
    """The lines of `text` in groups: a table's rows, lines that a backslash joins to the next, each other alone."""
    groups: list[list[str]] = []
    joined = False
    for line in text.splitlines():
        in_table = line.startswith("|") and bool(groups) and bool(groups[-1]) and groups[-1][-1].startswith("|")
        if joined or in_table:
            groups[-1].append(line)
        else:
            groups.append([line] if line else [])
        joined = line.endswith("\\")
    return [group for group in groups if group]


def _block(text: str) -> Block:
    for prefix, kind in _PREFIXES:
        if found := re.match(prefix, text):
            number = re.match(r"\d+", text)
            return Block(kind, text[found.end() :], first=int(number[0]) if number else 1)
    if re.match(r"Table \d+: ", text):
        return Block("caption", text)
    return Block("clause" if re.match(r"\d+\.\d+ ", text) else "paragraph", text)


def _table(lines: list[str]) -> Block:
    rule = next(line for line in lines if _TABLE_RULE.fullmatch(line))
    rows = tuple(_cells(line) for line in lines if line is not rule)
    right = tuple(mark.endswith(":") for mark in _cells(rule))
    return Block("table", rows=rows, right=right, labels="=" in rule)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|")) if line != "||" else ("",)
