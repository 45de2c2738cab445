"""Which document each passage belongs to, in memory: looking up each passage's row would take longer than ranking them.

A document's passages are written in one transaction and so have successive numbers, above those of every earlier
document, and they go all together: the first and last numbers of each document say it all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingestion.database import Database
from ingestion.sql import get_meta, version_of


class _Ranges(NamedTuple):
    """The passages of each document that has any: (n,) arrays, ascending."""

    version: int  # of the store, when this was last brought up to date
    epoch: int
    documents: NDArray[np.int64]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]


_NONE = np.empty(0, dtype=np.int64)


class Belonging:
    """Documents by their passages, over one library.db; safe from several threads, raises StorageFailed."""

    def __init__(self, database: Database) -> None:
        """`database` is the store's, which closes it."""
        self._database = database
        self._known = _Ranges(-1, -1, _NONE, _NONE, _NONE)

    def documents_of(self, numbers: Iterable[int]) -> dict[int, int]:
        """A number for the document of each passage, those that are gone left out."""
        ranges = self._ranges()
        wanted = np.fromiter(numbers, dtype=np.int64)
        places = np.searchsorted(ranges.firsts, wanted, side="right") - 1
        here = places >= 0
        here[here] = wanted[here] <= ranges.lasts[places[here]]
        return dict(zip(wanted[here].tolist(), ranges.documents[places[here]].tolist(), strict=True))

    def size(self) -> int:
        """How many passages there are."""
        ranges = self._ranges()
        return int((ranges.lasts - ranges.firsts + 1).sum())

    def _ranges(self) -> _Ranges:
        """As they are now; while documents are only added, only the new ones are read."""
        known = self._known
        with self._database.reading() as db:
            version = version_of(db)  # before the rest, so that a change meanwhile is seen the next time
            if known.version == version:
                return known
            epoch = int(get_meta(db, "epoch") or 0)
            if known.epoch != epoch:
                known = _Ranges(version, epoch, _NONE, _NONE, _NONE)
            rows = db.execute(
                "SELECT document, min(number), max(number) FROM passages WHERE document > ? "
                "GROUP BY document ORDER BY document",
                (int(known.documents[-1]) if len(known.documents) else 0,),
            ).fetchall()
        new = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        known = _Ranges(version, epoch, *(np.concatenate(pair) for pair in zip(known[2:], new, strict=True)))
        self._known = known
        return known
