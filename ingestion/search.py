"""Search by words and by vectors at once: what a person typed to the passages that answer it, best first.

    words     FTS5's BM25 over passages with their headings and document's name; stop words and, in a large library,
              common words left out
    vectors   the nearest passages to the query's vector
    document  a passage rises when other passages of its document answer too: "You must be 18 or over." says nothing of
              what it is about, but its neighbours do
    exact     what must be found as typed (references, postcodes, quoted phrases) outranks all of this, and a name
              that few passages hold counts for half of a query

Both lists are brought to [0, 1] and added with fixed shares, chosen on half of the pages that
evals/benchmarks/retrieval.py reads, and measured on the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from heapq import nlargest
from typing import TYPE_CHECKING

from ingestion.bm25 import rank
from ingestion.query import all_of, phrase, read_query
from ingestion.store import Store
from ingestion.types import Filter, Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingestion.embeddings import Embedder

Scored = Sequence[tuple[int, float]]
"""Passage numbers and scores, best first."""

MATCHES, NEIGHBOURS = 50, 30
"""How many passages words and vectors put forward; 100 of each were no better."""
_workers = ThreadPoolExecutor(32, "search")  # a thread is started when it is first needed
VECTOR_SHARE = {"builtin": 0.3}
"""How much vectors count beside words, by the beginning of the embedder's name."""
SEMANTIC_SHARE = 0.6
"""The same for vectors that know paraphrases."""
DOCUMENT_SHARE = 0.4
DOCUMENT_PASSAGES = 3
"""A document is as good as its best few passages together."""
NAME_SHARE = 0.6
EXACT_SHARE = 3.0
"""More than all else together can reach."""
SELECTIVE = 5_000
"""A filter that lets fewer passages through is applied inside FTS5, else to the best MATCHES_TO_FILTER."""
MATCHES_TO_FILTER = 2_000
MAX_EXACT = 1_000
MAX_NAMED = 10
"""A name that more passages hold is a subject rather than a name, and left to BM25."""


def search(
    store: Store,
    nearest: Callable[[NDArray[np.float32], int, Filter | None], Scored],
    embedder: Embedder,
    query: str,
    *,
    limit: int = 10,
    where: Filter | None = None,
) -> list[Hit]:
    """At most `limit` passages that answer `query`, best first; only those that `where` lets through.

    `nearest` gives the passages nearest to a vector: number and cosine. Empty when no word of the query carries
    meaning and its vector is near nothing. Raises EmbeddingFailed or IndexUnavailable.
    """
    query = query.encode(errors="ignore").decode()  # a lone surrogate can be typed, but not stored or embedded
    parts = read_query(query)
    if limit < 1 or not any(character.isalnum() for character in query):
        return []
    wanted = max(MATCHES, 2 * limit)
    near_enough = max(NEIGHBOURS, 2 * limit)
    # SQLite, numpy and Chroma all work without holding Python up.
    neighbours = _workers.submit(lambda: nearest(embedder.query(query), near_enough, where))
    try:
        matches = _match_words(store, parts.words, wanted, where)
        exact = _shares(store, parts.exact, MAX_EXACT, where)
        rare_names = [name for name in parts.names if store.words.frequency(name, MAX_NAMED + 1) <= MAX_NAMED]
        named = _shares(store, rare_names, MAX_NAMED, where)
    finally:
        wait([neighbours])  # it reads the store, which the caller may close when this fails
    near = neighbours.result()
    share = VECTOR_SHARE.get(embedder.name.partition("-")[0], SEMANTIC_SHARE)
    scores = combine(matches, near, share)
    return _hits(store, _with_bonuses(store, scores, exact, named, wanted), limit)


def combine(matches: Scored, near: Scored, vector_share: float) -> dict[int, float]:
    """The score in [0, 1] of every passage that either side put forward.

    `matches` has BM25 scores, negative and lower for better as FTS5 gives them; `near` has cosines. A passage that one
    side left out has 0 from it.
    """
    scores: dict[int, float] = defaultdict(float)
    if matches:
        best = min(score for _, score in matches)
        for number, score in matches:
            scores[number] += (1 - vector_share) * (score / best if best < 0 else 1.0)
    near = [(number, cosine) for number, cosine in near if cosine > 0]
    if near:
        highest, lowest = near[0][1], near[-1][1]
        spread = highest - lowest
        for number, cosine in near:
            scores[number] += vector_share * ((cosine - lowest) / spread if spread > 0 else 1.0)
    return scores


def document_scores(scores: Mapping[int, float], documents: Mapping[int, int]) -> dict[int, float]:
    """How well each document answers, in [0, 1]: the sum over its best passages, against the best document's."""
    by_document: dict[int, list[float]] = defaultdict(list)
    for number, score in scores.items():
        by_document[documents[number]].append(score)
    sums = {document: sum(nlargest(DOCUMENT_PASSAGES, found)) for document, found in by_document.items()}
    best = max(sums.values(), default=0.0)
    return {document: total / best if best > 0 else 0.0 for document, total in sums.items()}


def _match_words(store: Store, words: Sequence[str], wanted: int, where: Filter | None) -> Scored:
    """BM25 over the query's rarer words; when all that occur are common, over the passages that hold them all."""
    ranked = rank(store, words, wanted, where)
    if ranked is not None:
        return ranked
    present = [term for word in words if store.words.frequency(term := phrase([word]), 1)]
    return _match(store, all_of(present), wanted, where)


def _match(store: Store, expression: str, wanted: int, where: Filter | None) -> Scored:
    """The best matches that `where` lets through.

    A filter that lets many passages through is quicker applied to the best matches than inside FTS5, which would first
    list all that it lets through.
    """
    if where is None or where == Filter():
        return store.words.match(expression, wanted)
    if store.count(where, at_most=SELECTIVE) < SELECTIVE:
        return store.words.match(expression, wanted, where)
    best = store.words.match(expression, MATCHES_TO_FILTER)
    allowed = store.among([number for number, _ in best], where)
    found = [(number, score) for number, score in best if number in allowed]
    if len(found) >= wanted or len(best) < MATCHES_TO_FILTER:
        return found[:wanted]
    return store.words.match(expression, wanted, where)


def _shares(store: Store, terms: Iterable[str], at_most: int, where: Filter | None) -> dict[int, float]:
    """Which share of the terms each passage holds, of those that occur at all."""
    found = [matches for term in terms if (matches := _match(store, term, at_most, where))]
    shares: dict[int, float] = defaultdict(float)
    for matches in found:
        for number, _ in matches:
            shares[number] += 1 / len(found)
    return shares


def _with_bonuses(
    store: Store, scores: dict[int, float], exact: Mapping[int, float], named: Mapping[int, float], wanted: int
) -> dict[int, float]:
    """The final scores in [0, 1]: document, names and exact terms added."""
    for number in nlargest(wanted, exact, key=lambda n: exact[n]):
        scores.setdefault(number, 0.0)
    documents = store.documents_of(scores)
    scores = {number: score for number, score in scores.items() if number in documents}
    by_document = document_scores(scores, documents)
    highest = 1 + DOCUMENT_SHARE + (NAME_SHARE if named else 0) + (EXACT_SHARE if exact else 0)
    return {
        number: (
            score
            + DOCUMENT_SHARE * by_document[documents[number]]
            + NAME_SHARE * named.get(number, 0.0)
            + EXACT_SHARE * exact.get(number, 0.0)
        )
        / highest
        for number, score in scores.items()
    }


def _hits(store: Store, scores: Mapping[int, float], limit: int) -> list[Hit]:
    """The best passages as hits; of equals the earlier first."""
    best = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
    found = store.found(best)
    return [
        Hit(passage=found[number][0], document_name=found[number][1], score=min(1.0, scores[number]))
        for number in best
        if number in found
    ]
