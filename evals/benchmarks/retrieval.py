"""How often search finds the passages that answer a question: recall on ConditionalQA's GOV.UK pages.

    python -m evals.benchmarks.retrieval --data DIR [--names] [--json]

Reads qa.conditionalqa.jsonl from DIR, or from COUNCIL_EVAL_DATA. Each page is a document and each of its evidence
snippets a passage; a query is a scenario with its question; what counts is which of the question's evidence passages
are among the first 1, 5 and 10 of all pages' passages. Everything goes through the product's own store, index and
search. The search was tuned on the pages of the first half (by the SHA-256 of their address) and never on the second.
`--names` also gives each document the name that its page has in its address, as files have names in a council.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingestion.embeddings import Embedder, choose_embedder
from ingestion.index import LocalChroma
from ingestion.locks import ReadLock
from ingestion.models import minilm_files
from ingestion.nearest import Nearest
from ingestion.passages import text_to_embed
from ingestion.query import any_of, phrase, read_query
from ingestion.search import search
from ingestion.store import Store
from ingestion.tokens import count_tokens
from ingestion.types import Document, Element, Filter, Passage, PassagePart, Span

FILE = "qa.conditionalqa.jsonl"
CUTS = (1, 5, 10)
HALVES = ("tuned on", "held out")

Ranker = Callable[[str], list[str]]
"""A query to the ids of the first ten passages."""


class Question(NamedTuple):
    """A query, the page that answers it, and the evidence on it."""

    query: str
    url: str
    evidence: frozenset[str]


class Row(NamedTuple):
    """One ranker's figures on one half of the pages, in per cent."""

    ranker: str
    half: str
    questions: int
    recall: dict[int, float]
    right_document: float


def load(path: Path) -> tuple[dict[str, list[str]], list[Question]]:
    """The distinct snippets of each page, and the questions that have evidence."""
    pages: dict[str, dict[str, None]] = {}
    questions = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        given = row["input"]
        snippets = [text for markup in row["gold"]["evidences"] if (text := _text(markup))]
        pages.setdefault(given["url"], {}).update(dict.fromkeys(snippets))
        if snippets:
            questions.append(Question(f"{given['scenario']} {given['question']}", given["url"], frozenset(snippets)))
    return {url: list(snippets) for url, snippets in pages.items()}, questions


def _text(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def half_of(url: str) -> str:
    """Which half a page belongs to, the same on every machine."""
    return HALVES[hashlib.sha256(url.encode()).digest()[0] % 2]


def fill(store: Store, embedder: Embedder, pages: dict[str, list[str]], *, names: bool) -> dict[str, tuple[str, str]]:
    """Put the pages into a store; gives each passage id's page and snippet."""
    places = {}
    for url, snippets in pages.items():
        document_id = hashlib.sha256(url.encode()).hexdigest()
        elements = [Element(id=f"e{i}", kind="text", text=text) for i, text in enumerate(snippets, 1)]
        passages = [_passage(document_id, number, element) for number, element in enumerate(elements)]
        places.update({p.id: (url, p.text) for p in passages})
        name = f"{url.rstrip('/').rpartition('/')[2]}.html" if names else "page.html"
        document = _document(document_id, name, passages)
        store.add(document, elements, passages, embedder.passages([text_to_embed(p, name) for p in passages]))
    return places


def _passage(document_id: str, number: int, element: Element) -> Passage:
    """A passage that is one element."""
    return Passage(
        id=f"{document_id}:{number}",
        document_id=document_id,
        kind="text",
        text=element.text,
        parts=(PassagePart(element_id=element.id, span=Span(start=0, end=len(element.text)), at=0),),
        tokens=count_tokens(element.text),
    )


def _document(document_id: str, name: str, passages: Sequence[Passage]) -> Document:
    return Document(
        id=document_id,
        name=name,
        kind="document",
        suffix=".html",
        size_bytes=sum(len(p.text.encode()) for p in passages),
        elements=len(passages),
        passages=len(passages),
        added=datetime.now(UTC),
    )


def rankers(store: Store, nearest: Nearest, embedder: Embedder) -> dict[str, Ranker]:
    """The rankings to compare over one filled store."""

    def ids(numbers: Sequence[int]) -> list[str]:
        found = store.passages_at(numbers)
        return [found[number].id for number in numbers]

    def vectors(query: str) -> list[str]:
        return ids([number for number, _ in nearest.search(embedder.query(query), max(CUTS))])

    def words(query: str) -> list[str]:
        expression = any_of(phrase([word]) for word in read_query(query).words)
        return ids([number for number, _ in store.words.match(expression, max(CUTS))]) if expression else []

    def words_in_documents(query: str) -> list[str]:
        return [hit.passage.id for hit in search(store, _nothing_near, embedder, query, limit=max(CUTS))]

    def both(query: str) -> list[str]:
        return [hit.passage.id for hit in search(store, nearest.search, embedder, query, limit=max(CUTS))]

    name = embedder.name.partition("-")[0]
    rows: dict[str, Ranker] = {f"{name} vectors alone": vectors}
    if name == "builtin":
        rows |= {"words alone (BM25)": words, "search without vectors": words_in_documents}
    return rows | {f"search with {name}": both}


def _nothing_near(_vector: NDArray[np.float32], _limit: int, _where: Filter | None = None) -> list[tuple[int, float]]:
    return []


def measure(name: str, rank: Ranker, questions: Sequence[Question], places: dict[str, tuple[str, str]]) -> list[Row]:
    """Mean recall of evidence at each cut, and how often the right page is among the first ten, by half."""
    recalls: dict[str, list[list[float]]] = {half: [] for half in HALVES}
    right: dict[str, list[bool]] = {half: [] for half in HALVES}
    for question in questions:
        found = [places[passage_id] for passage_id in rank(question.query)]
        texts = [text if url == question.url else None for url, text in found]
        half = half_of(question.url)
        recalls[half].append([len(question.evidence & set(texts[:cut])) / len(question.evidence) for cut in CUTS])
        right[half].append(any(url == question.url for url, _ in found))
    return [
        Row(
            name,
            half,
            len(right[half]),
            dict(zip(CUTS, (100 * np.mean(recalls[half], axis=0)).tolist(), strict=True)),
            100 * float(np.mean(right[half])),
        )
        for half in HALVES
        if right[half]
    ]


def run(path: Path, *, names: bool) -> Iterator[Row]:
    """Every ranker's figures, each half by itself; MiniLM only where its files are."""
    pages, questions = load(path)
    for name in ("builtin", "minilm") if minilm_files() else ("builtin",):
        embedder = choose_embedder(name)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            store = Store(Path(folder) / "library.db")
            nearest = Nearest(store, LocalChroma(Path(folder) / "chroma"), ReadLock(Path(folder)))
            places = fill(store, embedder, pages, names=names)
            nearest.flush()
            for ranker, rank in rankers(store, nearest, embedder).items():
                yield from measure(ranker, rank, questions, places)
            nearest.close()
            store.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or one JSON object a line; 0 also when there is nothing to measure with."""
    parser = argparse.ArgumentParser(description="Recall of evidence passages on ConditionalQA.")
    parser.add_argument("--data", type=Path, default=os.environ.get("COUNCIL_EVAL_DATA"), help="folder of the corpora")
    parser.add_argument("--names", action="store_true", help="give documents the names of their pages")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args(arguments)
    path = Path(options.data) / FILE if options.data else None
    if path is None or not path.is_file():
        print(
            f"Skipped: no {FILE} in {options.data or 'a folder given by --data or COUNCIL_EVAL_DATA'}.", file=sys.stderr
        )
        return 0
    if not minilm_files():
        print("MiniLM is not here (`council models fetch minilm`), so its rows are left out.", file=sys.stderr)
    if not options.json:
        print(f"{'':26}{'pages':>10}{'questions':>11}{'@1':>7}{'@5':>7}{'@10':>7}{'right page @10':>16}")
    for row in run(path, names=options.names):
        if options.json:
            print(json.dumps(row._asdict()), flush=True)
        else:
            cells = "".join(f"{row.recall[cut]:7.1f}" for cut in CUTS)
            print(f"{row.ranker:26}{row.half:>10}{row.questions:11}{cells}{row.right_document:16.1f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
