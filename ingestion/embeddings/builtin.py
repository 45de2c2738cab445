"""Vectors that need no download and no fitting: hashed words and pieces of words, in the manner of the hashing trick.

Each word gives features: its stem and its character n-grams, so that `repairs`, `repairing` and `disrepair` lie near
each other. A feature falls on one dimension with a sign, both taken from its hash (Weinberger et al. 2009). Function
words weigh nothing. Because nothing is fitted, adding or removing a document never changes another's vectors.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ingestion.words import STOP_WORDS, WORD, stem

VERSION = 1
DIMENSIONS = 384
MAX_REMEMBERED_WORDS = 20_000  # 384 dimensions of float32 each: 31 MB at most
MAX_WORD_CHARACTERS = 40  # longer ones are no words, and only their beginning is looked at
NGRAM_SIZES = (4, 5)
NGRAM_SHARE = 1.0  # the length of a word's n-grams together, against 1 for its stem
NUMBER_WEIGHT = 0.5


class BuiltinEmbedder:
    """Hashed words and character n-grams; the same text gives the same vector on every machine."""

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self.dimensions = dimensions
        self.name = f"builtin-{VERSION}-{dimensions}"
        self._lock = threading.Lock()
        self._rows: dict[str, int] = {}
        self._vectors = np.empty((1_024, dimensions), dtype=np.float32)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length for each text, shape (len(texts), dimensions)."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        with self._lock:
            for row, text in enumerate(texts):
                vectors[row] = self._vector(text)
        return vectors

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, shape (dimensions,)."""
        vector: NDArray[np.float32] = self.passages([text])[0]
        return vector

    def _vector(self, text: str) -> NDArray[np.float32]:
        """The weighted sum of the vectors of the text's words, at unit length."""
        if len(self._rows) > MAX_REMEMBERED_WORDS:
            self._rows.clear()
        counts = Counter(WORD.findall(text.lower()))
        rows = [self._row(word) for word in counts]
        if not rows:
            return self._wordless()
        weights = np.array([1.0 + math.log(count) for count in counts.values()], dtype=np.float32)
        vector: NDArray[np.float32] = weights @ self._vectors[rows]
        length = float(np.sqrt(vector @ vector))
        return vector / np.float32(length) if length > 0 else self._wordless()

    def _wordless(self) -> NDArray[np.float32]:
        """Where texts without a weighty word lie: a direction of its own, since a zero vector has no angle."""
        vector = np.zeros(self.dimensions, dtype=np.float32)
        vector[0] = 1.0
        return vector

    def _row(self, word: str) -> int:
        """The row of `_vectors` that holds the word, filled if the word is new."""
        row = self._rows.get(word)
        if row is None:
            row = len(self._rows)
            if row == len(self._vectors):
                self._vectors = np.concatenate([self._vectors, np.empty_like(self._vectors)])
            self._vectors[row] = word_vector(word, self.dimensions)
            self._rows[word] = row
        return row


def word_vector(word: str, dimensions: int) -> NDArray[np.float32]:
    """The features of one lower-case word, each on its dimension with its sign, times the word's weight."""
    vector = np.zeros(dimensions, dtype=np.float32)
    weight = word_weight(word)
    if weight == 0:
        return vector
    for feature, share in _features(word):
        position, sign = _place(feature, dimensions)
        vector[position] += np.float32(sign * share * weight)
    return vector


def word_weight(word: str) -> float:
    """How much a word counts: nothing for function words, half for numbers, whose rarity says little of the subject.

    Weighing the others by how rare their length makes them (Zipf's law of abbreviation) was tried and found no better.
    """
    if word.replace("’", "'") in STOP_WORDS:
        return 0.0
    return 1.0 if word.isalpha() else NUMBER_WEIGHT


def _features(word: str) -> list[tuple[str, float]]:
    """The features of a word and how much of the word each one is."""
    features = [(f"={stem(word)}", 1.0)]
    marked = f"<{word[:MAX_WORD_CHARACTERS]}>"
    pieces = [marked[i : i + size] for size in NGRAM_SIZES for i in range(len(marked) - size + 1)]
    if pieces:
        share = NGRAM_SHARE / math.sqrt(len(pieces))
        features.extend((piece, share) for piece in pieces)
    return features


def _place(feature: str, dimensions: int) -> tuple[int, float]:
    """The dimension of a feature and its sign, the same on every machine."""
    number = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "big")
    return (number >> 1) % dimensions, 1.0 if number & 1 else -1.0
