"""Our BM25 ranks as FTS5's own does, within filters and beside common words, and sees every change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ingestion import bm25
from ingestion.bm25 import rank
from ingestion.query import any_of, phrase
from ingestion.store import Store
from ingestion.types import Document, ElementKind, Filter, Passage

WORDS = ["damp", "boiler", "hedge", "parking", "licence", "minutes", "councillor", "bins", "allotment", "library"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "library.db")
    yield opened
    opened.close()


def add(store: Store, letter: str, texts: list[str], kind: ElementKind = "text") -> list[int]:
    document_id = letter * 64
    passages = [
        Passage(id=f"{document_id}:{i}", document_id=document_id, kind=kind, text=text, parts=(), tokens=1)
        for i, text in enumerate(texts)
    ]
    document = Document(
        id=document_id,
        name=f"{letter}.txt",
        kind="document",
        suffix=".txt",
        size_bytes=1,
        elements=0,
        passages=len(texts),
        added=datetime(2026, 3, 4, tzinfo=UTC),
    )
    return store.add(document, [], passages, np.ones((len(texts), 2), dtype=np.float32))


def made_up(count: int, seed: int) -> list[str]:
    """Texts of 3 to 60 words, the first words of the list commoner than the last."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(2, len(WORDS) + 2)
    filler = [f"filler{n}" for n in range(40)]
    return [
        " ".join([*rng.choice(WORDS, rng.integers(1, 6), p=shares / shares.sum()), *rng.choice(filler, length)])
        for length in rng.integers(2, 55, count)
    ]


@pytest.mark.parametrize("query", [["damp"], ["boiler", "library"], ["hedges", "parked", "licence", "nowhere"], WORDS])
@pytest.mark.parametrize("where", [None, Filter(), Filter(kinds=("note",)), Filter(document_ids=("b" * 64,))], ids=str)
@pytest.mark.parametrize("selective", [5_000, 3], ids=["listing the filter", "filtering the best"])
def test_passages_are_ranked_as_fts5_ranks_them(
    store: Store, monkeypatch: pytest.MonkeyPatch, query: list[str], where: Filter | None, selective: int
) -> None:
    monkeypatch.setattr(bm25, "SELECTIVE", selective)
    add(store, "a", made_up(120, 1))
    add(store, "b", made_up(80, 2), kind="note")
    wanted = 20
    ours = rank(store, query, wanted, where)
    expected = store.words.match(any_of(phrase([word]) for word in query), 200, where)
    assert ours is not None
    assert len(ours) == min(wanted, len(expected))
    assert [score for _, score in ours] == sorted(score for _, score in ours)
    theirs = dict(expected)
    # The average length is of the best passages and not of all, so near equals may change places.
    best = [score for _, score in expected[: len(ours)]]
    assert [theirs[number] for number, _ in ours] == pytest.approx(best, rel=0.15, abs=1e-5)
    assert ours[0][0] in [number for number, _ in expected[:3]]


def test_a_passage_that_says_a_word_more_often_or_in_fewer_words_comes_first(store: Store) -> None:
    once, twice, long, *_ = add(
        store, "a", ["damp walls", "damp damp walls", "damp " + "and other matters of the house " * 9, *["dry"] * 9]
    )
    ranked = rank(store, ["damp"], 9, None)
    assert ranked is not None
    assert [number for number, _ in ranked] == [twice, once, long]


def test_common_words_are_left_out_where_rarer_ones_are_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "COMMON", 5)
    numbers = add(store, "a", ["council"] * 8 + ["council hedge"])
    assert [n for n, _ in rank(store, ["council", "hedge"], 9, None) or []] == numbers[-1:]
    assert rank(store, ["council"], 9, None) is None
    assert rank(store, ["nowhere"], 9, None) == []
    assert rank(store, [], 9, None) == []


def test_what_was_added_and_removed_since_is_seen_from_another_connection_too(store: Store, tmp_path: Path) -> None:
    (old,) = add(store, "a", ["damp"])
    other = Store(tmp_path / "library.db")
    assert [n for n, _ in rank(other, ["damp"], 9, None) or []] == [old]
    (new,) = add(store, "b", ["damp"])
    assert [n for n, _ in rank(other, ["damp"], 9, None) or []] == [old, new]
    store.remove("a" * 64)
    assert [n for n, _ in rank(other, ["damp"], 9, None) or []] == [new]
    other.close()


def test_the_words_remembered_do_not_grow_without_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.wordindex.REMEMBERED_WORDS", 10)
    add(store, "a", ["damp"])
    for n in range(100):
        store.words.occurrences([f"word{n}"], 5)
    assert len(store.words._remembered[1]) <= 11
