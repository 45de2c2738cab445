"""The nouns of the product: Statement, SourceLink, Finding, Draft, CheckedDraft.

    Task + Sources --Engine--> Draft --verify--> CheckedDraft --> person, export

A link points at characters of one element, so that it resolves to a page and a box; it is computed from the source,
never taken from a model's word. Only `pipeline.run` makes a `CheckedDraft`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, Literal, Protocol, Self, TypeVar

from pydantic import BaseModel, Field, SerializeAsAny, ValidationInfo, model_validator

from ingestion.types import Document, Element, Filter, Hit, Span

Severity = Literal["error", "warning", "information"]


class SourceLink(BaseModel, frozen=True):
    """Where the words behind a statement stand: characters `span` of one element, which read `quote`.

    `score` in [0, 1] says how well the quote supports the statement; 1.0 is word for word.
    """

    document_id: str
    document_name: str
    element_id: str
    span: Span
    page: int | None = None
    quote: str
    score: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _quote_fills_its_span(self) -> Self:
        if len(self.quote) != self.span.end - self.span.start:
            raise ValueError(f"the quote has {len(self.quote)} characters and its span {self.span}")
        return self


class Statement(BaseModel, frozen=True):
    """The smallest thing a draft says, with the sources it rests on, best first."""

    text: str
    links: tuple[SourceLink, ...] = ()


class Finding(BaseModel, frozen=True):
    """What a check has to say about a draft, or about one statement of it.

    `statement` is the index of the statement meant, None for the draft as a whole; `spans` cut from its text.
    """

    rule: str
    severity: Severity
    message: str
    statement: int | None = None
    spans: tuple[Span, ...] = ()
    suggestion: str | None = None


class PromptUsed(BaseModel, frozen=True):
    """The prompt a model was given."""

    name: str
    version: str
    sha256: str


class Provenance(BaseModel, frozen=True):
    """Who wrote a draft, with what, when (UTC) and for how long; None where an engine uses no model or prompt."""

    engine: str
    model: str | None = None
    prompt: PromptUsed | None = None
    started: datetime
    seconds: float = Field(ge=0)
    tokens_in: int | None = None
    tokens_out: int | None = None


class Draft(BaseModel, frozen=True):
    """What an engine wrote for a task; each task's own result derives from it."""

    task: str
    statements: tuple[Statement, ...]


DraftT = TypeVar("DraftT", bound=Draft)

_PIPELINE = object()  # what `pipeline.run` shows to be let through


class CheckedDraft(BaseModel, Generic[DraftT], frozen=True):
    """A draft that every check has seen. Exporters and screens take nothing else."""

    draft: SerializeAsAny[DraftT]
    findings: tuple[Finding, ...]
    provenance: Provenance

    @model_validator(mode="after")
    def _came_through_the_pipeline(self, info: ValidationInfo) -> Self:
        if info.context is not _PIPELINE:
            raise ValueError("only assistant.pipeline.run makes a CheckedDraft")
        return self

    def findings_of(self, statement: int) -> tuple[Finding, ...]:
        """The findings about the statement with this index."""
        return tuple(f for f in self.findings if f.statement == statement)


class Sources(Protocol):
    """The documents a draft may rest on; an `ingestion.library.Workspace` is one."""

    def documents(self) -> list[Document]: ...
    def document(self, reference: str) -> Document: ...
    def elements(self, document_id: str) -> list[Element]: ...
    def element(self, document_id: str, element_id: str) -> Element: ...
    def search(self, query: str, *, limit: int = 10, where: Filter | None = None) -> list[Hit]: ...
    def likeness(self, text: str, others: Sequence[str]) -> list[float]: ...


class Task(Protocol[DraftT]):
    """One thing a person asks for, with its particulars: `Ask(question="...")`.

    `write` is the embedded engine's way of doing it; `check` looks for what only this task knows to look for.
    """

    @property
    def name(self) -> str: ...
    def write(self, sources: Sources) -> DraftT: ...
    def check(self, draft: DraftT, sources: Sources) -> list[Finding]: ...


class Engine(Protocol):
    """Who writes a draft: `embedded`, `scripted`, later a language model."""

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> str | None: ...
    def write(self, task: Task[DraftT], sources: Sources) -> DraftT: ...
