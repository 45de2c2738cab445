"""Unstructured's own partitioners, called directly, and its elements as ours.

This module also makes Unstructured work unplugged: it asks for a spaCy model that cannot be installed without a
network, so where that is missing a rule tagger takes its place (`ready`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from typing import Any

from ingestion.errors import EmptyFile
from ingestion.parse.guard import parsing
from ingestion.parse.tables import html_rows, table_elements
from ingestion.types import Element, ElementKind

NO_LANGUAGE = [""]
"""Switches Unstructured's language detection off: nothing here reads its result, and it takes a third of the time."""

_KINDS: dict[str, ElementKind] = {
    "Title": "title",
    "ListItem": "list_item",
    "Header": "header",
    "Footer": "footer",
    "FigureCaption": "caption",
    "Image": "caption",  # its text is the picture's description
    "Footnote": "footnote",
}
_SPACES = re.compile(r"[^\S\n]+")
_REMOVED_TAGS = re.compile(r"<(/?)(?:details|summary|form|figure|figcaption)\b", re.IGNORECASE)
_LABEL_TAGS = re.compile(r"<(/?)label\b", re.IGNORECASE)
_NESTING_TAGS = re.compile(r"</?(?:div|section|article|blockquote|center|span|font)\b[^>]*>", re.IGNORECASE)
_HEAVY_BLOCKS = re.compile(r"<(script|style|svg)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)


@cache
def ready() -> None:
    """Make Unstructured usable without its spaCy model. Call before importing any of its partitioners."""
    from ingestion.language.tagger import model_installed, rule_pipeline

    if model_installed():
        return
    from unstructured.nlp import tokenize

    tokenize._get_nlp = rule_pipeline


def to_elements(found: Iterable[Any]) -> Iterator[Element]:
    """Unstructured's elements as ours, page breaks left out. A title's level is its depth plus one."""
    for item in found:
        category = item.category
        page = item.metadata.page_number
        if category == "Table":
            yield from _table(item, page)
            continue
        text = _SPACES.sub(" ", item.text).strip()
        if not text:
            continue
        kind = _KINDS.get(category, "text")
        level = (item.metadata.category_depth or 0) + 1 if kind == "title" else None
        yield Element(id="", kind=kind, text=text, page=page, level=level)


def _table(item: Any, page: int | None) -> Iterator[Element]:
    html = item.metadata.text_as_html
    caption, rows = html_rows(html) if html else ("", ((item.text,),))
    if caption:
        yield Element(id="", kind="caption", text=caption, page=page)
    yield from table_elements(rows, page=page)


def read_html(text: str, name: str) -> list[Element]:
    """A web page: its main part if it marks one, without scripts, styles and navigation."""
    return _not_empty(html_elements(text, name, "an HTML page"), name)


def html_elements(text: str, name: str, kind: str) -> list[Element]:
    """The elements of an HTML text. Folded sections, forms and figures are read like any other part.

    Unstructured leaves those out as likely boilerplate; on council pages they are where the answers stand. A paragraph
    of a single character is not read. Below 256 levels the HTML parser drops what it finds without a word, and long
    email threads do get there, so such a text is read again without the tags that only nest.
    """
    ready()
    from unstructured.partition.html import partition_html

    with parsing(name, kind):
        opened = _REMOVED_TAGS.sub(r"<\1div", _LABEL_TAGS.sub(r"<\1span", _HEAVY_BLOCKS.sub("", text)))
        if not opened.strip():
            return []
        found = partition_html(text=opened, languages=NO_LANGUAGE)
        if _was_cut_short():
            found = partition_html(text=_NESTING_TAGS.sub("<p>", opened), languages=NO_LANGUAGE)
            if _was_cut_short():
                raise RecursionError("HTML nested beyond the parser's limit")
        return list(to_elements(found))


def _was_cut_short() -> bool:
    """Whether the last HTML text was nested more deeply than the parser goes."""
    from unstructured.partition.html.parser import html_parser

    return any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in html_parser.error_log)


def read_markdown(text: str, name: str) -> list[Element]:
    """A Markdown file, with its headings, lists and tables."""
    if not text.strip():
        raise _empty(name)
    ready()
    from unstructured.partition.md import partition_md

    with parsing(name, "a Markdown file"):
        return _not_empty(list(to_elements(partition_md(text=text, languages=NO_LANGUAGE))), name)


def read_pptx(data: bytes, name: str) -> list[Element]:
    """A presentation: a slide is a page, its title a title of level 1, and its speaker notes follow its contents.

    Unstructured also calls short lines in a slide's body titles; here they are list items, which is what they are.
    """
    ready()
    import pptx
    from unstructured.partition.pptx import PptxPartitionerOptions, _PptxPartitioner

    with parsing(name, "a PowerPoint presentation"):
        presentation = pptx.Presentation(BytesIO(data))
        options = PptxPartitionerOptions(
            file=None,
            file_path=None,
            include_page_breaks=False,
            include_slide_notes=False,
            infer_table_structure=True,
            strategy="fast",
        )
        # `partition_pptx` would open the file a second time; this runs the partitioner behind it on the open file.
        partitioner = _PptxPartitioner(options)
        partitioner.__dict__["_presentation"] = presentation  # where functools.cached_property keeps it
        found = list(partitioner._iter_presentation_elements())
        elements = _with_notes([_slide_element(element) for element in to_elements(found)], presentation)
    return _not_empty(elements, name)


def _slide_element(element: Element) -> Element:
    if element.kind == "title" and element.level != 1:
        return element.model_copy(update={"kind": "list_item", "level": None})
    return element


def _with_notes(elements: list[Element], presentation: Any) -> list[Element]:
    notes = [
        Element(id="", kind="text", text=frame.text.strip(), page=number)
        for number, slide in enumerate(presentation.slides, start=1)
        if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) and frame.text.strip()
    ]
    return sorted([*elements, *notes], key=lambda element: element.page or 0)  # stable: notes stay behind their slide


def _not_empty(elements: list[Element], name: str) -> list[Element]:
    if not elements:
        raise _empty(name)
    return elements


def _empty(name: str) -> EmptyFile:
    return EmptyFile(f"{name} holds no words, so check that it is the right file.")
