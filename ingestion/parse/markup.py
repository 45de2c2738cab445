"""OpenDocument text by odfpy and Rich Text by striprtf, as headings, paragraphs, list items, tables and footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from ingestion.errors import EmptyFile
from ingestion.parse.guard import parsing
from ingestion.parse.tables import table_elements
from ingestion.types import Element, ElementKind

# OpenDocument

_SKIPPED = frozenset({"tracked-changes", "annotation", "annotation-end", "sequence-decls", "forms", "object", "image"})
_MAX_REPEATED = 64
"""Times a cell or row may be repeated: empty ones are repeated to the edge of the sheet, thousands of times."""
_MAX_SPACES = 64


def read_odt(data: bytes, name: str) -> list[Element]:
    """An OpenDocument text. Comments and deleted text are not read. Raises DamagedFile or EmptyFile."""
    with parsing(name, "an OpenDocument text"):
        from odf.opendocument import load

        elements = _OpenDocument(load(BytesIO(data))).elements()
    return _not_empty(elements, name)


class _OpenDocument:
    """One pass over a document's tree, which counts pages and holds the footnotes of the paragraph being read."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._notes: list[str] = []
        self._title_styles = {"Title"} | {
            style.attributes.get(key)
            for style in document.automaticstyles.childNodes
            for key in style.attributes
            if key[1] == "name" and _attribute(style, "parent-style-name") == "Title"
        }
        body = document.text
        self._has_title = any(
            _tag(node) == "p" and _attribute(node, "style-name") in self._title_styles for node in body.childNodes
        )
        self._page: int | None = 1 if _holds(body, "soft-page-break") else None

    def elements(self) -> list[Element]:
        edges: dict[str, list[Element]] = {"header": [], "footer": []}
        for page in self._document.masterstyles.childNodes:
            for edge in page.childNodes:
                kind = _tag(edge)
                text = "\n".join(e.text for e in self._blocks(edge)) if kind in edges else ""
                if text and all(text != e.text for e in edges[kind]):
                    edges[kind].append(Element(id="", kind="header" if kind == "header" else "footer", text=text))
        return [*edges["header"], *self._blocks(self._document.text), *edges["footer"]]

    def _blocks(self, parent: Any, *, in_list: bool = False) -> Iterator[Element]:
        for node in parent.childNodes:
            tag = _tag(node)
            if tag == "soft-page-break":
                self._page = (self._page or 1) + 1
            elif tag in {"p", "h"}:
                yield from self._paragraph(node, tag, in_list)
            elif tag == "table":
                yield from table_elements(list(self._rows(node)), page=self._page)
                yield from self._footnotes()
            elif tag and tag not in _SKIPPED:
                yield from self._blocks(node, in_list=in_list or tag in {"list-item", "list-header"})

    def _paragraph(self, node: Any, tag: str, in_list: bool) -> Iterator[Element]:
        page = self._page
        boxes: list[Any] = []
        text = re.sub(r"[^\S\n]+", " ", self._inline(node, boxes)).strip()
        level = self._level(node, tag)
        kind: ElementKind = "title" if level else "list_item" if in_list else "text"
        if text:
            yield Element(id="", kind=kind, text=text, page=page, level=level)
        yield from self._footnotes()
        for box in boxes:
            yield from self._blocks(box)

    def _level(self, node: Any, tag: str) -> int | None:
        if tag == "h":
            value = _attribute(node, "outline-level") or "1"
            return (int(value) if value.isdecimal() and value != "0" else 1) + self._has_title
        return 1 if _attribute(node, "style-name") in self._title_styles else None

    def _footnotes(self) -> Iterator[Element]:
        notes, self._notes = self._notes, []
        for note in notes:
            yield Element(id="", kind="footnote", text=note, page=self._page)

    def _inline(self, node: Any, boxes: list[Any]) -> str:
        """The words of a paragraph; text boxes anchored in it are put into `boxes` and footnotes kept aside."""
        parts: list[str] = []
        for child in node.childNodes:
            tag = _tag(child)
            if not tag:
                parts.append(getattr(child, "data", "") or "")
            elif tag == "s":
                count = _attribute(child, "c") or "1"
                parts.append(" " * (min(int(count), _MAX_SPACES) if count.isdecimal() else 1))
            elif tag in {"tab", "line-break"}:
                parts.append("\t" if tag == "tab" else "\n")
            elif tag == "soft-page-break":
                self._page = (self._page or 1) + 1
            elif tag == "note":
                self._note(child)
            elif tag == "text-box":
                boxes.append(child)
            elif tag not in _SKIPPED:
                parts.append(self._inline(child, boxes))
        return "".join(parts)

    def _note(self, note: Any) -> None:
        for body in note.childNodes:
            if _tag(body) == "note-body":
                text = " ".join(self._inline(p, []) for p in body.childNodes)
                if text.strip():
                    self._notes.append(" ".join(text.split()))

    def _rows(self, table: Any) -> Iterator[list[str]]:
        for node in table.childNodes:
            tag = _tag(node)
            if tag == "table-row":
                row = self._cells(node)
                repeated = _repeated(node, "number-rows-repeated") if any(row) else 1
                yield from [row] * repeated
            elif tag in {"table-header-rows", "table-rows", "table-row-group"}:
                yield from self._rows(node)

    def _cells(self, row: Any) -> list[str]:
        cells: list[str] = []
        for node in row.childNodes:
            if _tag(node) in {"table-cell", "covered-table-cell"}:
                text = " ".join(self._cell_texts(node))
                cells.extend([text] * (_repeated(node, "number-columns-repeated") if text else 1))
        return cells

    def _cell_texts(self, cell: Any) -> Iterator[str]:
        for element in self._blocks(cell):
            yield element.text


def _tag(node: Any) -> str:
    """The local name of a node; empty for text."""
    qname = getattr(node, "qname", None)
    return str(qname[1]) if qname else ""


def _attribute(node: Any, local: str) -> str | None:
    return next((str(value) for key, value in node.attributes.items() if key[1] == local), None)


def _repeated(node: Any, attribute: str) -> int:
    value = _attribute(node, attribute) or "1"
    return min(int(value), _MAX_REPEATED) if value.isdecimal() else 1


def _holds(node: Any, tag: str) -> bool:
    return any(_tag(child) == tag or _holds(child, tag) for child in getattr(node, "childNodes", ()))


# Rich Text

_CELL, _ROW, _ROW_START, _ITEM, _BOLD, _NOTE = (chr(0xFDD0 + i) for i in range(6))
_HEADINGS = tuple(chr(0xFDE0 + i) for i in range(10))  # noncharacters, which no document holds; [1] is a heading 1
_MARKS = re.compile("[\ufdd0-\ufdef]")
_STYLE_NUMBER = re.compile(r"\\s(\d+)(?!\d)")
_CONTROL = re.compile(r"\\[a-z]+-?\d*[ ]?|[{}*\\]", re.IGNORECASE)
_HEADING_NAME = re.compile(r"heading (\d)$", re.IGNORECASE)
_PARAGRAPH_STYLE = re.compile(r"\\(s|outlinelevel)(\d+)(?![0-9])[ ]?")
_BRACES = re.compile(r"\\[{}\\]|[{}]")
_EDGES: dict[ElementKind, tuple[str, ...]] = {
    "header": ("header", "headerf", "headerl", "headerr"),
    "footer": ("footer", "footerf", "footerl", "footerr"),
}
_LIST_LABEL = re.compile(r"^[\s·•‣◦▪●○■§o–-]*$")
_TYPED_LABEL = re.compile(r"^\s*(?:[·•‣◦▪●○■–-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s*$")
_CONTROLS = r"(?:\\[a-z]+-?\d*[ ]?)*"
_BOLD_PARAGRAPH = re.compile(
    rf"\\pard(?![a-z]){_CONTROLS}?\\b(?![a-z0-9]){_CONTROLS}[^\\{{}}]{{2,100}}(?=\\b0|\\par(?![a-z])|\}})"
)
_NO_TITLE_END = re.compile(r"[.,;:?!]$")


def read_rtf(data: bytes, name: str) -> list[Element]:
    """A Rich Text file. striprtf reads the words; marks put into the text beforehand keep its structure.

    Pictures and comments are not read. Raises DamagedFile or EmptyFile.
    """
    with parsing(name, "a Rich Text file"):
        elements = list(_rtf_elements(data.decode("cp1252", errors="replace")))
    return _not_empty(elements, name)


def _rtf_elements(source: str) -> Iterator[Element]:
    source, styles = _cut_groups(source, r"\stylesheet")
    headings = _heading_styles("".join(styles))
    if r"\bin" not in source:  # striprtf itself steps over binary pictures
        source, _ = _cut_groups(source, r"\pict")
    source, notes = _cut_groups(source, r"\footnote", _escape(_NOTE))
    edges: list[Element] = []
    for kind, words in _EDGES.items():
        for word in words:
            source, groups = _cut_groups(source, f"\\{word}")
            texts = dict.fromkeys(_plain(group) for group in groups)
            edges.extend(Element(id="", kind=kind, text=text) for text in texts if text)
    yield from (edge for edge in edges if edge.kind == "header")
    yield from _structured(_to_text(_marked(source, headings)), [_plain(note) for note in notes])
    yield from (edge for edge in edges if edge.kind == "footer")


def _escape(mark: str) -> str:
    """A mark as RTF: a group of its own, so that no following character is taken for its replacement."""
    return f"{{\\uc0\\u{ord(mark) - 0x10000} }}"


def _cut_groups(source: str, word: str, instead: str = "") -> tuple[str, list[str]]:
    """Take every group that begins with the control word out of the source; returns the rest and the groups."""
    start_of_group = re.compile(r"\{(?:\\\*)?" + re.escape(word) + r"(?![a-z])")
    kept: list[str] = []
    groups: list[str] = []
    at = 0
    while match := start_of_group.search(source, at):
        end = _group_end(source, match.start())
        kept.extend((source[at : match.start()], instead))
        groups.append(source[match.end() : end - 1])
        at = end
    return "".join([*kept, source[at:]]), groups


def _group_end(source: str, start: int) -> int:
    depth = 0
    for brace in _BRACES.finditer(source, start):
        if brace.group() == "{":
            depth += 1
        elif brace.group() == "}":
            depth -= 1
            if depth == 0:
                return brace.end()
    return len(source)


def _heading_styles(stylesheet: str) -> dict[str, int]:
    """Style number to heading level; 0 is the title of the document."""
    levels = {}
    for style in stylesheet.split(";"):
        number = _STYLE_NUMBER.search(style)
        if number is None:
            continue
        style_name = _CONTROL.split(style)[-1].strip()
        if match := _HEADING_NAME.search(style_name):
            levels[number.group(1)] = int(match.group(1))
        elif style_name.lower() == "title":
            levels[number.group(1)] = 0
    return levels


def _marked(source: str, headings: dict[str, int]) -> str:
    def style_mark(match: re.Match[str]) -> str:
        word, number = match.groups()
        level = headings.get(number) if word == "s" else int(number) + 1 if int(number) < 9 else None
        return match.group() if level is None else f"{match.group()}{_escape(_HEADINGS[min(level, 9)])}"

    source = _PARAGRAPH_STYLE.sub(style_mark, source)
    source = _BOLD_PARAGRAPH.sub(lambda m: f"{m.group()}{_escape(_BOLD)}", source)
    source = re.sub(r"\\cell(?![a-z])[ ]?", lambda _: _escape(_CELL), source)
    source = re.sub(r"\\row(?![a-z])[ ]?", lambda _: _escape(_ROW), source)
    source = re.sub(r"\\nest(?:cell|row)(?![a-z])[ ]?", r"\\line ", source)
    source = re.sub(r"\\trowd(?![a-z])[ ]?", lambda m: f"{m.group()}{_escape(_ROW_START)}", source)
    source = re.sub(r"\{\\listtext(?![a-z])", lambda m: f"{_escape(_ITEM)}{m.group()}", source)
    # striprtf writes the address behind each link's words, which the reader of the document never saw.
    return re.sub(r'HYPERLINK(?=\s+")', "LINK", source)


def _to_text(source: str) -> str:
    from striprtf.striprtf import rtf_to_text

    return str(rtf_to_text(source, errors="replace"))


def _plain(group: str) -> str:
    return " ".join(_MARKS.sub("", _to_text(f"{{\\rtf1\\ansi {group}}}")).split())


def _structured(text: str, notes: list[str]) -> Iterator[Element]:
    """Elements from text with marks: rows gather until the first paragraph outside a table."""
    has_title = _HEADINGS[0] in text
    rows: list[list[str]] = []
    pending = iter(notes)
    for piece in re.split(f"({_ROW_START}[^{_ROW}]*{_ROW})", text):
        if piece.endswith(_ROW):
            rows.append(_row(piece))
            continue
        for line in piece.split("\n"):
            if not _MARKS.sub("", line).strip() and _NOTE not in line:
                continue
            yield from table_elements(rows)
            rows = []
            yield from _rtf_paragraph(line, has_title)
            for _ in range(line.count(_NOTE)):
                if note := next(pending, ""):
                    yield Element(id="", kind="footnote", text=note)
    yield from table_elements(rows)
    for note in filter(None, pending):  # notes of table cells
        yield Element(id="", kind="footnote", text=note)


def _row(piece: str) -> list[str]:
    cells = piece.split(_CELL)
    last = _MARKS.sub("", cells[-1]).strip()
    return [_MARKS.sub("", cell) for cell in (cells if last else cells[:-1])]


def _rtf_paragraph(line: str, has_title: bool) -> Iterator[Element]:
    level = next((i for i, mark in enumerate(_HEADINGS) if mark in line), None)
    is_item = _ITEM in line
    label, tab, rest = line.partition("\t")
    label = _MARKS.sub("", label)
    if tab and _LIST_LABEL.match(label) and (is_item or label.strip()):
        line, is_item = rest, True
    is_item = is_item or (bool(tab) and _TYPED_LABEL.match(label) is not None)
    is_bold_title = _BOLD in line and line.rstrip().endswith(_BOLD)
    text = " ".join(_MARKS.sub("", line).split())
    if not text:
        return
    if level is not None:
        yield Element(id="", kind="title", text=text, level=level + has_title)
    elif is_bold_title and not is_item and not _NO_TITLE_END.search(text):
        yield Element(id="", kind="title", text=text)
    else:
        yield Element(id="", kind="list_item" if is_item else "text", text=text)


def _not_empty(elements: list[Element], name: str) -> list[Element]:
    if not any(c.isalnum() for element in elements for c in element.text):
        raise EmptyFile(f"{name} holds no words, so check that it is the right file.")
    return elements
