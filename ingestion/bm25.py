"""BM25 over the word index, as FTS5 reckons it but for two things that make it several times as fast.

FTS5 works out the score of each passage that holds any of the words, one by one. Here the terms' occurrences are read
in one piece and scored together, first as if all passages were equally long; only the best of those are scored with
their lengths.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingestion.store import Store
from ingestion.types import Filter

COMMON = 5_000
"""A word that occurs so often says little, and is left out when rarer ones are there."""
SATURATION = 1.2
LENGTH_SHARE = 0.75
"""BM25's k1 and b, with the values that FTS5 has."""
WITH_LENGTHS = 2
"""How many times the passages wanted are scored with their lengths; more changed nothing."""
SELECTIVE = 5_000
"""A filter that lets fewer passages through is listed whole, else the best MATCHES_TO_FILTER are asked for."""
MATCHES_TO_FILTER = 1_000


class _Found(NamedTuple):
    """Which passages hold which terms: (n,) arrays, one entry for each passage of each term."""

    numbers: NDArray[np.int64]  # of the passage
    counts: NDArray[np.int64]  # how often it holds the term
    rarities: NDArray[np.float64]  # of the term


def rank(store: Store, words: Iterable[str], wanted: int, where: Filter | None) -> list[tuple[int, float]] | None:
    """At most `wanted` passages that `where` lets through: number and BM25 score, negative, best (lowest) first.

    None when words occur, but all of them too often to be ranked so.
    """
    occurrences = store.words.occurrences(words, COMMON)
    rare = [numbers for numbers in occurrences if numbers is not None and len(numbers)]
    if not rare:
        return None if any(numbers is None for numbers in occurrences) else []
    found = _found(rare, store.size())
    candidates = _candidates(store, found, WITH_LENGTHS * wanted, where)
    lengths = store.words.lengths(candidates.tolist())
    numbers = np.array(list(lengths), dtype=np.int64)
    if not len(numbers):
        return []
    scores = _scores(found, numbers, np.array(list(lengths.values()), dtype=np.float64))
    best = np.lexsort((numbers, -scores))[:wanted]
    return list(zip(numbers[best].tolist(), (-scores[best]).tolist(), strict=True))


def _found(occurrences: list[NDArray[np.int64]], total: int) -> _Found:
    """The occurrences of each term, ascending, counted by passage; `total` is how many passages there are."""
    numbers = np.concatenate(occurrences)
    terms = np.repeat(np.arange(len(occurrences)), [len(one) for one in occurrences])
    starts = np.flatnonzero(np.diff(numbers, prepend=-1) | np.diff(terms, prepend=-1))
    terms = terms[starts]
    holding = np.bincount(terms)
    rarities = np.log(np.maximum(total - holding + 0.5, 0.5) / (holding + 0.5))
    return _Found(numbers[starts], np.diff(starts, append=len(numbers)), np.maximum(rarities, 1e-6)[terms])


def _candidates(store: Store, found: _Found, count: int, where: Filter | None) -> NDArray[np.int64]:
    """The `count` best passages that `where` lets through, in any order, scored as if all were equally long."""
    numbers, places = np.unique(found.numbers, return_inverse=True)
    weights = found.rarities * found.counts / (found.counts + SATURATION)
    scores: NDArray[np.float64] = np.bincount(places, weights).astype(np.float64, copy=False)
    if where is not None and where != Filter():
        passing = _passing(store, numbers, scores, count, where)
        numbers, scores = numbers[passing], scores[passing]
    best: NDArray[np.int64] = numbers[_highest(scores, count)]
    return best


def _passing(
    store: Store, numbers: NDArray[np.int64], scores: NDArray[np.float64], count: int, where: Filter
) -> NDArray[np.bool_]:
    """Which of these passages `where` lets through: (n,), all of them, or when that is quicker the `count` best."""
    if store.count(where, at_most=SELECTIVE) == SELECTIVE:
        best = numbers[_highest(scores, MATCHES_TO_FILTER)]
        passing = store.among(best.tolist(), where)
        if len(passing) >= count or len(best) == len(numbers):
            return np.isin(numbers, list(passing))
    return np.isin(numbers, store.numbers(where))


def _highest(scores: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """The places of the `count` highest scores, in any order."""
    return np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))


def _scores(found: _Found, numbers: NDArray[np.int64], lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """The BM25 scores of the passages with these numbers, ascending, and lengths; shape (n,)."""
    places = np.minimum(np.searchsorted(numbers, found.numbers), len(numbers) - 1)
    here = np.flatnonzero(numbers[places] == found.numbers)
    places, counts = places[here], found.counts[here]
    norms = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths / lengths.mean())
    weights = found.rarities[here] * (SATURATION + 1) * counts / (counts + norms[places])
    return np.bincount(places, weights, minlength=len(numbers)).astype(np.float64, copy=False)
