"""The one way from sources to a draft that may be shown: write, verify, seal."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from assistant.engines.embedded import Embedded
from assistant.types import _PIPELINE, CheckedDraft, DraftT, Engine, Provenance, Sources, Task
from assistant.verify.check import verify


def run(task: Task[DraftT], sources: Sources, engine: Engine | None = None) -> CheckedDraft[DraftT]:
    """Have `engine` (the embedded one unless another is given) do `task` over `sources`, and check what it wrote.

    Every statement of the result has a source link or a finding. Raises CouncilError for what a person can mend.
    """
    engine = engine or Embedded()
    started = datetime.now(UTC)
    clock = time.perf_counter()
    draft = engine.write(task, sources)
    findings = [*verify(draft, sources), *task.check(draft, sources)]
    provenance = Provenance(
        engine=engine.name, model=engine.model, started=started, seconds=time.perf_counter() - clock
    )
    return CheckedDraft[DraftT].model_validate(
        {"draft": draft, "findings": tuple(findings), "provenance": provenance}, context=_PIPELINE
    )
