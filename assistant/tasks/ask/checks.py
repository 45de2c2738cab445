"""What a reader of an answer must be told beyond the evidence itself."""

from __future__ import annotations

from assistant.tasks.ask.result import Answer
from assistant.types import Finding, Sources


def check(draft: Answer, sources: Sources) -> list[Finding]:
    """Rules: `nothing-found` (information), `draft-source` (warning: a case note that its author had not completed)."""
    if not draft.found:
        return [
            Finding(
                rule="nothing-found",
                severity="information",
                message="The documents do not answer this question.",
                suggestion="Ask in the words the documents use, or add the document that would say so.",
            )
        ]
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
        if (note := sources.element(link.document_id, link.element_id).note) and note.draft
    ]
