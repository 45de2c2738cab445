"""An answer as plain text, for the terminal and the demonstration."""

from __future__ import annotations

from assistant.citations import cite
from assistant.tasks.ask.result import Answer
from assistant.types import CheckedDraft, Sources


def as_text(checked: CheckedDraft[Answer], sources: Sources) -> str:
    """The statements, each with where its words stand, then what the checks found."""
    draft = checked.draft
    lines = []
    if not draft.found:
        lines.append("The documents do not answer this question.")
        if draft.nearest:
            lines.append(f"  Nearest: {', '.join(draft.nearest)}")
    for index, statement in enumerate(draft.statements):
        lines += [f"  “{line}”" if n == 0 else f"   {line}" for n, line in enumerate(statement.text.splitlines())]
        lines += [f"      {place}" for place in dict.fromkeys(cite(link, sources) for link in statement.links)]
        lines += [f"      {f.severity}: {f.message}" for f in checked.findings_of(index)]
    lines += [f"  {f.severity}: {f.message}" for f in checked.findings if f.statement is None and draft.found]
    lines.append(f"  DRAFT, engine {checked.provenance.engine}, {checked.provenance.seconds:.2f} s")
    return "\n".join(lines)
