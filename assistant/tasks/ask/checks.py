"""What a reader of an answer must be told beyond the evidence itself."""

from __future__ import annotations

from assistant.tasks.ask.question import Question, holds, stems
from assistant.tasks.ask.result import Answer
from assistant.types import Finding, SourceLink, Sources
from ingestion.errors import UnknownDocument
from ingestion.types import Element
from ingestion.words import WORD, stem


def check(draft: Answer, sources: Sources) -> list[Finding]:
    """Rules: `nothing-found` (information), `not-covered` (warning: words of the question the answer does not hold),
    `draft-source` (warning: a case note that its author had not completed).
    """
    if not draft.found:
        return [
            Finding(
                rule="nothing-found",
                severity="information",
                message="The documents do not answer this question.",
                suggestion="Ask in the words the documents use, or add the document that would say so.",
            )
        ]
    return [*_not_covered(draft, sources), *_draft_sources(draft, sources)]


def _not_covered(draft: Answer, sources: Sources) -> list[Finding]:
    """What the question speaks of and neither the statements nor the sections they come from do."""
    links = [link for statement in draft.statements for link in statement.links]
    elements = [element for link in links if (element := _element(link, sources))]
    said = stems(" ".join(" ".join((element.text, *element.headings)) for element in elements))
    asked = Question.read(draft.question)
    missing = {
        match.group(): None
        for match in WORD.finditer(draft.question)
        if (term := stem(match.group().lower())) in asked.terms and not holds(term, said)
    }
    if not missing:
        return []
    words = ", ".join(f"“{word}”" for word in missing)
    return [
        Finding(
            rule="not-covered",
            severity="warning",
            message=f"The passages quoted do not speak of {words}.",
            suggestion="Check that they answer what was asked.",
        )
    ]


def _draft_sources(draft: Answer, sources: Sources) -> list[Finding]:
    return [
        Finding(
            rule="draft-source",
            severity="warning",
            message=f"This rests on a case note in {link.document_name} that its author left as a draft.",
            statement=index,
            suggestion="Ask its author whether it stands before you rely on it.",
        )
        for index, statement in enumerate(draft.statements)
        for link in statement.links
        if (element := _element(link, sources)) and element.note and element.note.draft
    ]


def _element(link: SourceLink, sources: Sources) -> Element | None:
    """The element a link names; None when there is none, which is the evidence check's to say."""
    try:
        return sources.element(link.document_id, link.element_id)
    except UnknownDocument:
        return None
