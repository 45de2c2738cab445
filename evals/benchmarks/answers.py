"""How often the embedded engine answers the sample questions rightly, and keeps silent when nothing answers.

    python -m evals.benchmarks.answers [--json] [--show]

`evals/data/questions*.yaml` name for each question the places that answer it (document, page, words), or that no
document does. An answer is right when one of its quotes overlaps such a place: the named words lie in the quote, or the
quote in them, in that document and on that page. Questions without an answer are right when nothing is said.
Those of questions-held-out.yaml were kept apart while the rules were written: their figures are the ones to quote.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from assistant.demo import sample_files
from assistant.pipeline import run
from assistant.tasks.ask import Answer, Ask
from ingestion.library import Library

DATA = Path(__file__).parent.parent / "data"


class Outcome(NamedTuple):
    """What became of one question; `first` and `any` say whether the first, or any, statement is right."""

    question: dict[str, Any]
    answer: Answer
    first: bool
    any: bool
    statements: int
    warned: bool


def questions() -> list[dict[str, Any]]:
    """Every question of the samples, in the order of their files."""
    found = []
    for path in sorted(DATA.glob("questions*.yaml")):
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        found += [{**question, "held_out": "held-out" in path.name} for question in loaded]
    return found


def ask_all(embedder: str | None = None) -> Iterator[Outcome]:
    """Ask every question over a new workspace of all samples."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Library(Path(folder), embedder=embedder).workspace("samples", create=True) as workspace,
    ):
        workspace.add(sample_files())
        for question in questions():
            checked = run(Ask(question=question["question"]), workspace)
            draft = checked.draft
            warned = any(f.rule == "not-covered" for f in checked.findings)
            right = [any(_matches(link, question) for link in s.links) for s in draft.statements]
            if question.get("answerable", True):
                yield Outcome(question, draft, right[:1] == [True], any(right), len(right), warned)
            else:
                yield Outcome(question, draft, not draft.found, not draft.found, len(right), warned)


def _matches(link: Any, question: dict[str, Any]) -> bool:
    return any(
        place["document"] == link.document_name
        and place.get("page") in (None, link.page)
        and (_words(place["quote"]) in _words(link.quote) or _words(link.quote) in _words(place["quote"]))
        for place in question.get("evidence", ())
    )


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()


def summary(outcomes: list[Outcome]) -> dict[str, float]:
    """Shares in per cent, and the mean number of statements of an answer."""
    asked = [o for o in outcomes if o.question.get("answerable", True)]
    silent = [o for o in outcomes if not o.question.get("answerable", True)]
    answered = [o for o in asked if o.answer.found]
    return {
        "questions": len(outcomes),
        "right in the first statement": 100 * sum(o.first for o in asked) / len(asked),
        "right in any statement": 100 * sum(o.any for o in asked) / len(asked),
        "wrongly silent": 100 * (len(asked) - len(answered)) / len(asked),
        "rightly silent": 100 * sum(o.any for o in silent) / len(silent),
        "silent, or warned of words not covered": 100 * sum(o.any or o.warned for o in silent) / len(silent),
        "right answers so warned": 100 * sum(o.any and o.warned for o in asked) / max(1, sum(o.any for o in asked)),
        "statements an answer": sum(o.statements for o in answered) / max(1, len(answered)),
    }


def main() -> None:
    """Print the table, and with --show every question that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what went wrong among the seen ones")
    parser.add_argument("--embedder", choices=("builtin", "minilm"))
    options = parser.parse_args()
    outcomes = list(ask_all(options.embedder))
    seen = summary([o for o in outcomes if not o.question["held_out"]])
    apart = summary([o for o in outcomes if o.question["held_out"]])
    if options.json:
        print(json.dumps({"seen": seen, "held out": apart}, indent=2))
        return
    print(f"{'':40} {'seen':>8} {'held out':>8}")
    for name, value in seen.items():
        print(f"{name:40} {value:8.1f} {apart[name]:8.1f}")
    for outcome in outcomes if options.show else ():
        if not outcome.first and not outcome.question["held_out"]:
            print(f"\n{outcome.question['id']} {outcome.question['question']}")
            print(f"   wanted: {outcome.question.get('answer')}")
            for statement in outcome.answer.statements:
                print(f"   said:   {statement.text[:160]!r} ({statement.links[0].document_name})")


if __name__ == "__main__":
    main()
