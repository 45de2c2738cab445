"""The main job, run on the bundled sample documents: files in, questions asked, every answer with its evidence."""

from __future__ import annotations

import importlib.resources
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.citations import cite
from assistant.pipeline import run
from assistant.settings import Settings
from assistant.tasks.ask import Answer, Ask
from assistant.tasks.ask.show import as_text
from assistant.types import CheckedDraft
from ingestion.library import Workspace
from ingestion.pages import quote_boxes, render_page

WORKSPACE = "Fernmoor samples"
QUESTIONS = (
    "How many homes were surveyed for damp and mould?",
    "When does the consultation with tenants end?",
    "How much does a residents' parking permit cost?",
)


def sample_files() -> list[Path]:
    """The sample documents, by name."""
    return sorted(Path(str(importlib.resources.files("evals") / "data" / "samples")).iterdir())


def run_demo(out: Path, *, say: Callable[[str], None]) -> dict[str, Any]:
    """Add the samples to a library in `out`, ask, and write answers.json and a picture of each quoted page there.

    `say` is handed the account a person reads, a line or more at a time.
    """
    out.mkdir(parents=True, exist_ok=True)
    settings = Settings.from_environment().model_copy(update={"home": out.resolve() / "library", "chroma_url": None})
    clock = time.perf_counter()
    with settings.library().workspace(WORKSPACE, create=True) as workspace:
        files = sample_files()
        say(f"Reading {len(files)} invented documents of Fernmoor Borough Council ...")
        report = workspace.add(files)
        for refusal in report.refused:
            say(f"  refused: {refusal.reason}")
        documents = workspace.documents()
        passages = sum(document.passages for document in documents)
        say(
            f"  {len(report.added)} added, {len(report.unchanged)} there already: {len(documents)} documents, "
            f"{passages} passages, {time.perf_counter() - clock:.1f} s\n"
        )
        results = [_ask(question, number, workspace, out, say) for number, question in enumerate(QUESTIONS, start=1)]
    (out / "answers.json").write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    say(f"Written to {out}/: answers.json and the quoted pages, with the words boxed.")
    return {"documents": len(documents), "passages": passages, "answers": results}


def _ask(question: str, number: int, workspace: Workspace, out: Path, say: Callable[[str], None]) -> dict[str, Any]:
    checked = run(Ask(question=question), workspace)
    say(f"Question: {question}\n{as_text(checked, workspace)}")
    picture = _picture(checked, workspace)
    if picture:
        path = out / f"answer-{number}.png"
        path.write_bytes(picture)
        say(f"  Page with the words boxed: {path}")
    say("")
    return {
        **checked.model_dump(mode="json"),
        "places": [[cite(link, workspace) for link in s.links] for s in checked.draft.statements],
    }


def _picture(checked: CheckedDraft[Answer], workspace: Workspace) -> bytes | None:
    """The first quoted page that can be shown, with the quote boxed; None when no quote stands on a page."""
    for statement in checked.draft.statements:
        for link in statement.links:
            element = workspace.element(link.document_id, link.element_id)
            if element.page and element.words:
                boxes = quote_boxes(element, link.span)
                return render_page(workspace.file(link.document_id), element.page, boxes=boxes)
    return None
