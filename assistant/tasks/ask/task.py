"""The task: a question, perhaps narrowed to some documents."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, field_validator

from assistant.errors import EmptyQuestion
from assistant.tasks.ask import checks, rules
from assistant.tasks.ask.result import Answer
from assistant.types import Finding, Sources
from ingestion.types import Filter


class Ask(BaseModel, frozen=True):
    """Answer `question` from the documents that `where` lets through."""

    name: Literal["ask"] = "ask"
    question: str
    where: Filter | None = None

    @field_validator("question")
    @classmethod
    def _is_asked(cls, question: str) -> str:
        if not any(character.isalnum() for character in question):
            raise EmptyQuestion("Nothing was asked: write a question, for example “When does the consultation end?”.")
        return " ".join(question.split())

    def write(self, sources: Sources) -> Answer:
        """The embedded engine's answer."""
        return rules.answer(self.question, sources, where=self.where)

    def check(self, draft: Answer, sources: Sources) -> list[Finding]:
        """What only this task looks for."""
        return checks.check(draft, sources)
