"""The retrieval benchmark: skips with a reason, and counts rightly on pages made up here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.benchmarks.retrieval import FILE, main


def row(url: str, question: str, *evidence: str) -> str:
    given = {"scenario": "I live in Brambleside.", "question": question, "url": url}
    return json.dumps({"input": given, "gold": {"evidences": list(evidence)}})


def test_without_the_corpus_it_skips_with_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"Skipped: no {FILE}" in printed.err


def test_recall_and_the_right_page_are_counted_for_each_half(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNCIL_MODELS_DIR", str(tmp_path))  # no MiniLM here
    rows = [
        row("https://example.org/a", "When is the hedge cut?", "<p>The hedge is cut in March.</p>"),
        row("https://example.org/b", "Who empties the bins?", "<li>Bins are emptied by the council.</li>"),
        row("https://example.org/c", "Is the pool open?", "<p>The pool opens at nine.</p>"),
        row("https://example.org/d", "Zygotes?", "<p>The library lends ukuleles &amp; drums.</p>"),
        row("https://example.org/e", "Nothing here answers this."),
    ]
    (tmp_path / FILE).write_text("\n".join(rows), encoding="utf-8")
    assert main(["--data", str(tmp_path), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["half"] for one in found} <= {"tuned on", "held out"}
    words = [one for one in found if one["ranker"] == "words alone (BM25)"]
    assert sum(one["questions"] for one in words) == 4
    assert sum(one["questions"] * one["recall"]["10"] for one in words) == pytest.approx(300)  # all but the zygotes
