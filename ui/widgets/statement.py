"""One statement of a draft: what it says, what the checks found, and each source to open."""

from __future__ import annotations

import streamlit as st

from assistant.citations import cite
from assistant.types import Finding, Severity, SourceLink, Statement
from ingestion.library import Workspace
from ui.widgets.safe import Html, label, show, tag
from ui.widgets.source import show_source
from ui.widgets.told import told

SIGNS: dict[Severity, str] = {"error": "✖ Error", "warning": "⚠ Warning", "information": "ℹ Note"}
MAX_QUOTE_CHARACTERS = 160


def show_statement(number: int, statement: Statement, findings: tuple[Finding, ...], place: Workspace) -> None:
    """Show the statement with this number (from 1), its findings, and a source to open for each of its links."""
    show(
        tag("div", tag("p", statement.text, class_="council-words"), class_="council council-statement"),
        *(finding_markup(finding) for finding in findings),
    )
    for position, link in enumerate(statement.links, start=1):
        with told():
            _show_link(f"source {number}.{position}", statement, link, place)


def finding_markup(finding: Finding) -> Html:
    """A finding in words, its severity by name and sign as well as by colour."""
    return tag(
        "div",
        tag("p", tag("strong", f"{SIGNS[finding.severity]}: "), finding.message),
        *([tag("p", finding.suggestion)] if finding.suggestion else []),
        class_=f"council council-finding council-finding-{finding.severity}",
    )


def _show_link(key: str, statement: Statement, link: SourceLink, place: Workspace) -> None:
    words = f"Source: {cite(link, place)}"
    if link.quote != statement.text:
        words += f": “{shortened(link.quote)}”"
    source = st.expander(label(words), key=key, on_change="rerun")
    if source.open:
        with source:
            show_source(link, place)


def shortened(quote: str) -> str:
    """At most 160 characters of a quote, on one line, cut between words."""
    quote = " ".join(quote.split())
    if len(quote) <= MAX_QUOTE_CHARACTERS:
        return quote
    return f"{quote[:MAX_QUOTE_CHARACTERS].rsplit(' ', 1)[0]} …"
