"""Where a quote stands: its page with the words boxed, or its text with the words marked and their neighbours."""

from __future__ import annotations

import streamlit as st

from assistant.citations import place_of
from assistant.types import SourceLink
from ingestion.library import Workspace
from ingestion.pages import quote_boxes, render_page
from ingestion.types import Element, Span
from ui.widgets.safe import Html, show, tag

NEIGHBOURS = 2
MAX_NEIGHBOUR_CHARACTERS = 600
MAX_CHARACTERS_EITHER_SIDE = 3000


def show_source(link: SourceLink, place: Workspace) -> None:
    """Show the words `link` points at in their place. Raises CouncilError when the document is no longer there."""
    element = place.element(link.document_id, link.element_id)
    boxes = quote_boxes(element, link.span)
    if element.page and boxes:
        picture = render_page(place.file(link.document_id), element.page, boxes=boxes)
        alternative = f"Page {element.page} of {link.document_name}. Boxed on it: “{link.quote}”"
        st.image(picture, alt=" ".join(alternative.split()), width="stretch")
        show(tag("div", tag("p", "The same words as text:"), class_="council"))  # a small screen cannot show a page
    show(in_its_place(element, link.span, place.elements(link.document_id)))


def in_its_place(element: Element, span: Span, elements: list[Element]) -> Html:
    """The text of `element` with `span` marked, between the neighbours it has in `elements`."""
    at = next((number for number, other in enumerate(elements) if other.id == element.id), None)
    before = elements[max(0, at - NEIGHBOURS) : at] if at is not None else []
    after = elements[at + 1 : at + 1 + NEIGHBOURS] if at is not None else []
    return tag(
        "div",
        *(_neighbour(other) for other in before),
        tag("div", *_heading(element), tag("p", *_marked(element.text, span), class_="council-words")),
        *(_neighbour(other) for other in after),
        class_="council council-source",
    )


def _marked(text: str, span: Span) -> list[str | Html]:
    start = max(0, span.start - MAX_CHARACTERS_EITHER_SIDE)
    end = min(len(text), span.end + MAX_CHARACTERS_EITHER_SIDE)
    return [
        "… " if start else "",
        text[start : span.start],
        tag("mark", span.cut(text)),
        text[span.end : end],
        " …" if end < len(text) else "",
    ]


def _neighbour(element: Element) -> Html:
    text = element.text
    if len(text) > MAX_NEIGHBOUR_CHARACTERS:
        text = f"{text[:MAX_NEIGHBOUR_CHARACTERS]} …"
    return tag("div", *_heading(element), tag("p", text, class_="council-words"), class_="council-around")


def _heading(element: Element) -> list[Html]:
    """Who spoke, or which note this is, in front of its text."""
    if not (element.turn or element.note):
        return []
    words = place_of(element)
    return [tag("p", tag("strong", words[:1].upper() + words[1:]))]
