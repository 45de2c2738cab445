"""Plain text: paragraphs, lists and headings by their blank lines and their look, classified by Unstructured.

Only the cutting into paragraphs is ours. Unstructured's own joins the lines of an address into a sentence or makes a
heading of each; here a block of short lines stays one paragraph, with its line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestion.errors import EmptyFile
from ingestion.parse.office import ready
from ingestion.types import Element, ElementKind

_WRAPPED_LINE = 45
"""Characters from which a line counts as running text that goes on in the next line."""
_LONG_LINE = 120
"""Characters from which a line is a whole paragraph: nobody wraps text wider than this."""
_MAX_TITLE = 90
_RULE = re.compile(r"^\s*[-=_*~#]{3,}\s*$")
_ITEM = re.compile(r"^\s*(?:[•‣◦▪●○■*–-]\s+|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]\s+|\d{1,2}(?:\.\d{1,2})+\s+)\S")
_BULLET = re.compile(r"^\s*[•‣◦▪●○■*–-]\s+")
_NUMBERED_TITLE = re.compile(r"^\d{1,2}(?:\.\d{1,2})*[.)]?\s+[A-Z]")
_NO_TITLE = re.compile(
    r"^(?:dear|yours|kind regards|regards|thank|from|to|cc|date|tel|email|page)\b"
    r"|@|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|^\W*\d[\d\W]*$|[.,;:?!|]$",
    re.IGNORECASE,
)


def read_text(text: str, name: str) -> list[Element]:
    """The paragraphs, list items and headings of a text. Raises EmptyFile when it has no words."""
    elements = paragraphs(text, titles=True)
    if not elements:
        raise EmptyFile(f"{name} holds no words, so check that it is the right file.")
    return elements


def paragraphs(text: str, *, titles: bool) -> list[Element]:
    """The elements of a text; with `titles` False no line is taken for a heading."""
    ready()
    blocks = [piece for block in re.split(r"\n[ \t\f\v]*\n", text) for piece in _block_pieces(block.split("\n"))]
    blocks = [block for block in blocks if any(c.isalnum() for c in block)]
    elements = [_element(block) for block in blocks]
    if titles:
        elements = _with_titles(elements)
    return elements


def _block_pieces(lines: Sequence[str]) -> Iterator[str]:
    """Cut one block of lines at its list items, its long lines and after a heading line; join wrapped lines."""
    piece = ""
    last_length = 0
    underlined = False
    for raw in lines:
        if _RULE.match(raw):
            underlined = True  # the line above it is a heading, and stands alone
            continue
        line = " ".join(raw.split())
        if not line:
            continue
        begins = underlined or _ITEM.match(raw) or len(line) > _LONG_LINE or last_length > _LONG_LINE
        if piece and (begins or (_looks_like_title(piece) and len(line) >= _WRAPPED_LINE)):
            yield piece
            piece = line
        else:
            piece = f"{piece}{' ' if last_length >= _WRAPPED_LINE else chr(10)}{line}" if piece else line
        last_length = len(line)
        underlined = False
    if piece:
        yield piece


def _looks_like_title(line: str) -> bool:
    return (
        "\n" not in line
        and len(line) <= _MAX_TITLE
        and line[:1].isalnum()
        and not line[0].islower()
        and not _NO_TITLE.search(line)
    )


def _element(block: str) -> Element:
    from unstructured.documents.elements import ListItem
    from unstructured.partition.text import element_from_text

    kind: ElementKind = "text"
    if _ITEM.match(block):
        kind, block = "list_item", _BULLET.sub("", block)
    elif "\n" not in block and len(block) <= _LONG_LINE:
        found = element_from_text(block)
        if found.category == "Title" and _looks_like_title(block):
            kind = "title"
        elif isinstance(found, ListItem):
            kind = "list_item"
    return Element(id="", kind=kind, text=block)


def _with_titles(elements: Sequence[Element]) -> list[Element]:
    """Settle which lines are headings: one that opens the text, or one with something other than a heading below it.

    "1. Background" is an item to Unstructured; with a paragraph below it and no further item it is a heading.
    """
    settled = []
    for i, element in enumerate(elements):
        below = elements[i + 1].kind if i + 1 < len(elements) else None
        kind = element.kind
        if kind == "title" and i and below in {None, "title"}:
            kind = "text"
        if kind == "list_item" and below == "text" and _is_numbered_title(element, elements[i - 1] if i else None):
            kind = "title"
        settled.append(element if kind == element.kind else element.model_copy(update={"kind": kind}))
    return [e.model_copy(update={"kind": "text"}) if e.kind == "title" and len(elements) == 1 else e for e in settled]


def _is_numbered_title(element: Element, above: Element | None) -> bool:
    return (
        _NUMBERED_TITLE.match(element.text) is not None
        and _looks_like_title(element.text)
        and (above is None or above.kind != "list_item" or not above.text[:1].isdigit() or above.text.endswith("."))
    )
