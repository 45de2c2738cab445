"""What answering a question gives."""

from __future__ import annotations

from assistant.types import Draft


class Answer(Draft, frozen=True):
    """The sentences that answer a question, in the order to read them.

    Without statements the documents hold no answer; `nearest` then names the documents that came closest.
    """

    task: str = "ask"
    question: str
    nearest: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Whether the documents hold an answer."""
        return bool(self.statements)
