"""Search over 1,000, 10,000 and 100,000 passages, against a bare Chroma query with the same vectors.

    python -m evals.benchmarks.searching [--sizes 1000 10000 100000] [--json]

The passages are made up: 80 words each, drawn as in English by Zipf's law, in documents of 50. A query is six words of
one passage among function words. "Bare" embeds the query and asks a Chroma collection with Chroma's own settings for
ten ids; "ours" is the whole search: vectors, words, document scores, filters and the passages themselves.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.benchmarks.report import Row, peak_megabytes, show
from ingestion.embeddings.builtin import BuiltinEmbedder
from ingestion.index import LocalChroma
from ingestion.locks import ReadLock
from ingestion.nearest import Nearest
from ingestion.search import search
from ingestion.store import Store
from ingestion.types import Document, Filter, Passage, PassagePart, Span

SIZES = (1_000, 10_000, 100_000)
PER_DOCUMENT = 50
WORDS = 80
VOCABULARY = 20_000
QUERIES = 60
FIRST_DAY = datetime(2020, 1, 1)
GOAL_MILLISECONDS, GOAL_RATIO = 30, 1.3

Query = Callable[[int], object]


def measure(size: int) -> Iterator[Row]:
    """The figures of one size, while a temporary workspace of that size stands."""
    embedder = BuiltinEmbedder()
    texts = _texts(size)
    vectors = embedder.passages(texts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(folder / "library.db")
        nearest = Nearest(store, LocalChroma(folder / "chroma"), ReadLock(folder))
        clock = time.perf_counter()
        _fill(store, texts, vectors)
        nearest.flush()
        yield Row(f"{size:,} passages: written and indexed", size / (time.perf_counter() - clock), "passages/s")
        bare = _bare_collection(folder / "bare", vectors)
        queries = _queries(texts)
        document = store.documents()[0].id

        def ours(where: Filter | None = None) -> Query:
            return lambda i: search(store, nearest.search, embedder, queries[i], limit=10, where=where)

        pairs = _alternately(ours(), lambda i: bare.query(query_embeddings=[embedder.query(queries[i])], n_results=10))
        p50, p95 = np.percentile(pairs, [50, 95], axis=0)
        yield Row("    ours, p50", float(p50[0]), "ms", goal=f"under {GOAL_MILLISECONDS}")
        yield Row("    ours, p95", float(p95[0]), "ms")
        yield Row("    bare Chroma, p50", float(p50[1]), "ms")
        yield Row("    bare Chroma, p95", float(p95[1]), "ms")
        yield Row("    ratio of the p50s", float(p50[0] / p50[1]), "", goal=f"at most {GOAL_RATIO}")
        for title, where in {
            "one document": Filter(document_ids=(document,)),
            "one kind, half of all": Filter(kinds=("note",)),
            "one month": Filter(since=date(2021, 3, 1), until=date(2021, 3, 31)),
        }.items():
            yield Row(f"    ours, only {title}, p50", float(np.median(_times(ours(where)))), "ms")
        yield Row("    most memory used so far", peak_megabytes(), "MB")
        nearest.close()
        store.close()


def _texts(size: int) -> list[str]:
    rng = np.random.default_rng(size)
    syllables = ["".join(pair) for pair in itertools.product("bdfglmnprstv", "aeiou")]
    vocabulary = [f"{''.join(rng.choice(syllables, 2 + i % 3))}{syllables[i % 60]}" for i in range(VOCABULARY)]
    shares = 1 / np.arange(2, VOCABULARY + 2)
    drawn = rng.choice(VOCABULARY, size=(size, WORDS), p=shares / shares.sum())
    return [" ".join(vocabulary[w] for w in row) for row in drawn]


def _queries(texts: list[str]) -> list[str]:
    rng = np.random.default_rng(1)
    chosen = rng.choice(len(texts), QUERIES)
    return [f"What is the {' and the '.join(rng.choice(texts[i].split(), 6))}?" for i in chosen]


def _fill(store: Store, texts: list[str], vectors: NDArray[np.float32]) -> None:
    for number, start in enumerate(range(0, len(texts), PER_DOCUMENT)):
        document = f"{number:064x}"
        kind = "note" if number % 2 else "text"
        passages = [
            Passage(
                id=f"{document}:{n}",
                document_id=document,
                kind=kind,
                text=text,
                parts=(PassagePart(element_id=f"e{n}", span=Span(start=0, end=len(text)), at=0),),
                date=FIRST_DAY + timedelta(days=(start + n) % 2_000),
                tokens=WORDS,
            )
            for n, text in enumerate(texts[start : start + PER_DOCUMENT])
        ]
        store.add(
            Document(
                id=document,
                name=f"document-{number}.txt",
                kind="document",
                suffix=".txt",
                size_bytes=1,
                elements=0,
                passages=len(passages),
                added=datetime.now(UTC),
            ),
            [],
            passages,
            vectors[start : start + PER_DOCUMENT],
        )


def _bare_collection(folder: Path, vectors: NDArray[np.float32]) -> Any:
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    made = client.create_collection("bare", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    for start in range(0, len(vectors), 5_000):
        batch = vectors[start : start + 5_000]
        made.add(ids=[str(start + n) for n in range(len(batch))], embeddings=batch)
    return made


def _alternately(ours: Query, bare: Query) -> list[tuple[float, float]]:
    """Milliseconds of both for each query, in turn; the first ones, which load things, are not counted."""
    return [(_timed(ours, i), _timed(bare, i)) for i in (0, *range(QUERIES))][1:]


def _times(query: Query) -> list[float]:
    return [_timed(query, i) for i in (0, *range(QUERIES))][1:]


def _timed(query: Query, i: int) -> float:
    clock = time.perf_counter()
    query(i)
    return (time.perf_counter() - clock) * 1_000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    show((row for size in options.sizes for row in measure(size)), as_json=options.json)


if __name__ == "__main__":
    main()
