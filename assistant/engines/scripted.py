"""An engine that replays given drafts, for tests and demonstrations: it shows what the checks do with any wording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from assistant.errors import ScriptEnded
from assistant.types import Draft, DraftT, Sources, Task


class Scripted:
    """Gives the drafts of `script` in their order, whatever is asked."""

    name = "scripted"
    model: str | None = None

    def __init__(self, script: Sequence[Draft]) -> None:
        self._waiting = list(script)

    def write(self, task: Task[DraftT], sources: Sources) -> DraftT:  # noqa: ARG002  a script reads nothing
        """The next draft of the script. Raises ScriptEnded when there is none left for this task."""
        if not self._waiting or self._waiting[0].task != task.name:
            raise ScriptEnded(
                f"The script has no draft left for “{task.name}”; add one, or choose the embedded engine."
            )
        return cast(DraftT, self._waiting.pop(0))
