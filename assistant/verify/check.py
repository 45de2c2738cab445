"""Hold every statement against the words it points at.

Strict while paraphrase is not yet judged: a link must cut its quote out of the source as it stands, and a statement
that is not word for word its quotes carries a warning to compare the two.
"""

from __future__ import annotations

from assistant.types import Draft, Finding, SourceLink, Sources, Statement
from ingestion.errors import UnknownDocument


def verify(draft: Draft, sources: Sources) -> list[Finding]:
    """The findings of the evidence checks, in the order of the statements.

    Rules: `no-source` (error), `quote-not-in-source` (error), `wording-differs` (warning).
    """
    return [f for index, statement in enumerate(draft.statements) for f in _verify_one(index, statement, sources)]


def _verify_one(index: int, statement: Statement, sources: Sources) -> list[Finding]:
    if not statement.links:
        return [
            Finding(
                rule="no-source",
                severity="error",
                message="Nothing in the documents is given as the source of this statement.",
                statement=index,
                suggestion="Remove it, or find the passage that says so.",
            )
        ]
    broken = [link for link in statement.links if not _holds(link, sources)]
    if broken:
        return [
            Finding(
                rule="quote-not-in-source",
                severity="error",
                message=f"The quoted words are not in {link.document_name} where the link points.",
                statement=index,
                suggestion="Do not use this statement until its source is found.",
            )
            for link in broken
        ]
    quotes = [_words(link.quote) for link in statement.links]
    if _words(statement.text) not in (*quotes, " ".join(quotes)):
        return [
            Finding(
                rule="wording-differs",
                severity="warning",
                message="This statement is not word for word what its source says.",
                statement=index,
                suggestion="Compare it with the quote before you use it.",
            )
        ]
    return []


def _holds(link: SourceLink, sources: Sources) -> bool:
    """Whether the link's span cuts its quote from the element it names, on the page it names."""
    try:
        element = sources.element(link.document_id, link.element_id)
    except UnknownDocument:
        return False
    return link.span.cut(element.text) == link.quote and link.page == element.page


def _words(text: str) -> str:
    return " ".join(text.split())
