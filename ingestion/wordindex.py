"""The word index of the library.db (FTS5): which passages hold a word or phrase, how often, and how common it is.

    match         words and phrases, best first;  frequency: how common one is, at a bounded cost
    occurrences   where words occur, for `bm25`, which ranks many passages faster than FTS5 does
    lengths       how many words a passage has

`Store` writes the index, beside the passages themselves. Every method is safe from several threads and raises
StorageFailed when the disk or the file fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ingestion.database import Database
from ingestion.errors import StorageFailed
from ingestion.query import phrase
from ingestion.sql import condition_of, count_passing, joined_numbers, json_array, sum_of_varints, version_of
from ingestion.types import Filter

WORD_WEIGHTS = (1.0, 1.0)
"""How much a word counts in `database.WORD_COLUMNS`, for bm25."""

FEW_PASSING = 10_000
"""Up to so many passages a filter's are listed first and the words' looked up among them; else the other way round."""

REMEMBERED_WORDS = 300
"""How many words' occurrences are kept in memory: 12 MB when each occurs 5,000 times."""

Occurrences = NDArray[np.int64] | None
"""Passage numbers, ascending, once for each occurrence of a term; None when it is too common to be listed."""


class WordIndex:
    """Reads the word index of one library.db."""

    def __init__(self, database: Database) -> None:
        """`database` is the store's, which closes it."""
        self._database = database
        self._remembered: tuple[int, dict[tuple[str, int], list[Occurrences]]] = (-1, {})

    def match(self, expression: str, limit: int, where: Filter | None = None) -> list[tuple[int, float]]:
        """The passages that match an FTS5 expression: number and bm25 score, best (lowest) first, at most `limit`.

        `expression` is FTS5's MATCH syntax: the caller has put what a person typed in double quotes. The cost grows
        with the number of passages that hold any of its words, whatever the limit: see `frequency`.
        """
        condition, values = condition_of(where)
        weights = ", ".join(str(w) for w in WORD_WEIGHTS)
        source, within = "passages_fts f", ""
        with self._database.reading() as db:
            if condition and count_passing(db, where, FEW_PASSING + 1) <= FEW_PASSING:
                # The plus keeps SQLite from looking up the words once for each passage that passes.
                within = f"AND +f.rowid IN (SELECT p.number FROM passages p WHERE {condition})"
            elif condition:
                source, within = "passages_fts f CROSS JOIN passages p ON p.number = f.rowid", f"AND {condition}"
            return db.execute(
                f"SELECT f.rowid, bm25(passages_fts, {weights}) AS score FROM {source} "
                f"WHERE f.passages_fts MATCH ? {within} ORDER BY score, f.rowid LIMIT ?",
                (expression, *values, limit),
            ).fetchall()

    def frequency(self, expression: str, at_most: int) -> int:
        """How many passages match an FTS5 expression, counted no further than `at_most`, so that it stays cheap."""
        with self._database.reading() as db:
            (count,) = db.execute(
                "SELECT count(*) FROM (SELECT 1 FROM passages_fts WHERE passages_fts MATCH ? LIMIT ?)",
                (expression, at_most),
            ).fetchone()
        return int(count)

    def occurrences(self, words: Iterable[str], common: int) -> list[Occurrences]:
        """For each term of these words, where it occurs; None for a term that occurs `common` times or more.

        A term is a word without its ending, as FTS5 keeps it; "council's" is two. The latest words are remembered
        until something changes.
        """
        with self._database.reading() as db:
            version = version_of(db)  # before the rest, so that what a change made stale is not remembered beyond it
        if self._remembered[0] != version or len(self._remembered[1]) > REMEMBERED_WORDS:
            self._remembered = (version, {})
        remembered = self._remembered[1]
        keys = [(word, common) for word in words]
        if new := [word for word, _ in keys if (word, common) not in remembered]:
            remembered.update(((word, common), found) for word, found in self._look_up(new, common).items())
        return [found for key in keys for found in remembered[key]]

    def _look_up(self, words: list[str], common: int) -> dict[str, list[Occurrences]]:
        """The occurrences of each term of each word, from the word index."""
        found: dict[str, list[Occurrences]] = {word: [] for word in words}
        rarer = []
        for word in words:
            # Counting passages is several times as fast as listing occurrences, and most often decides.
            if self.frequency(phrase([word]), common) == common:
                found[word].append(None)
            else:
                rarer.append(word)
        with self._database.reading() as db:
            db.execute("DELETE FROM typed")
            db.execute("INSERT INTO typed (rowid, words) SELECT key, value FROM json_each(?)", (json.dumps(rarer),))
            for place, term in db.execute("SELECT doc, term FROM typed_terms").fetchall():
                (joined,) = db.execute(
                    "SELECT group_concat(doc) FROM (SELECT doc FROM occurrences WHERE term = ? LIMIT ?)",
                    (term, common),
                ).fetchone()
                numbers = joined_numbers(joined)
                found[rarer[place]].append(numbers if len(numbers) < common else None)
        return found

    def lengths(self, numbers: Iterable[int]) -> dict[int, int]:
        """How many words these passages have in the word index, ascending by number; without those that are gone."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT id, sz FROM passages_fts_docsize WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (json_array(numbers),),
            ).fetchall()
        return {number: sum_of_varints(sizes) for number, sizes in rows}

    def is_sound(self) -> bool:
        """Whether the word index says what the passages say; takes as long as indexing them."""
        try:
            with self._database.writing() as db:
                db.execute("INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)")
        except StorageFailed:
            return False
        return True
