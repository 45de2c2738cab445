"""The engine that needs no model, no key and no network: each task's own rules."""

from __future__ import annotations

from assistant.types import DraftT, Sources, Task


class Embedded:
    """Writes by rules, so that the same sources always give the same draft."""

    name = "embedded"
    model: str | None = None

    def write(self, task: Task[DraftT], sources: Sources) -> DraftT:
        """What the task's rules make of the sources."""
        return task.write(sources)
