"""What every change and every question to the library.db has in common, as small pieces of SQL.

The functions that take a connection run inside a transaction that `Database.writing` has begun.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from ingestion.errors import IndexMismatch
from ingestion.types import Filter

VECTOR_BYTES = 2  # float16


def get_meta(db: sqlite3.Connection, key: str) -> str | None:
    """A remembered value, or None."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def set_meta(db: sqlite3.Connection, values: Mapping[str, str | None]) -> None:
    """Remember values; None forgets."""
    for key, value in values.items():
        if value is None:
            db.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))


def touch(db: sqlite3.Connection) -> None:
    """Count the change, as part of it."""
    db.execute(
        "INSERT INTO meta (key, value) VALUES ('version', '1') "
        "ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
    )


def version_of(db: sqlite3.Connection) -> int:
    """How many changes there have been; see `touch`."""
    return int(get_meta(db, "version") or 0)


def begin_epoch(db: sqlite3.Connection) -> None:
    """Say, as part of a change, that what Chroma holds is no longer true."""
    set_meta(db, {"epoch": str(int(get_meta(db, "epoch") or 0) + 1), "upto": "0"})


def next_passage(db: sqlite3.Connection) -> int:
    """The first passage number that was never given out."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
    return int(row[0]) + 1 if row else 1


def refuse_other_dimensions(db: sqlite3.Connection, vectors: NDArray[np.float32]) -> None:
    """Raises IndexMismatch when `vectors` are not as wide as those already in the file."""
    row = db.execute("SELECT length(vector) FROM vectors LIMIT 1").fetchone()
    if row and len(vectors) and row[0] != vectors.shape[1] * VECTOR_BYTES:
        raise IndexMismatch(
            f"The documents here have vectors of {row[0] // VECTOR_BYTES} numbers and these have {vectors.shape[1]}: "
            "run `council reindex` for this workspace to rebuild it with the vectors now chosen."
        )


def condition_of(where: Filter | None) -> tuple[str, list[str]]:
    """A filter as an SQL condition on `passages p`, and its values; empty when the filter lets everything through."""
    if where is None:
        return "", []
    parts: list[str] = []
    values: list[str] = []
    if where.document_ids:
        parts.append("p.document IN (SELECT number FROM documents WHERE id IN (SELECT value FROM json_each(?)))")
        values.append(json.dumps(where.document_ids))
    if where.kinds:
        parts.append("p.kind IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(where.kinds))
    if where.since:
        parts.append("p.day >= ?")
        values.append(where.since.isoformat())
    if where.until:
        parts.append("p.day <= ?")
        values.append(where.until.isoformat())
    return " AND ".join(parts), values


def count_passing(db: sqlite3.Connection, where: Filter | None, at_most: int) -> int:
    """How many passages a filter lets through, counted no further than `at_most` unless that is negative."""
    condition, values = condition_of(where)
    query = f"SELECT count(*) FROM (SELECT 1 FROM passages p WHERE {condition or '1'} LIMIT ?)"
    return int(db.execute(query, (*values, at_most)).fetchone()[0])


def json_array(numbers: Iterable[int]) -> str:
    """Numbers as a JSON array for json_each, which has no limit on how many."""
    return json.dumps([int(n) for n in numbers])


def joined_numbers(joined: str | None) -> NDArray[np.int64]:
    """What group_concat gave, as numbers, ascending: far quicker than a row for each."""
    return np.sort(np.fromstring(joined or "", dtype=np.int64, sep=","))


def sum_of_varints(packed: bytes) -> int:
    """The sum of numbers packed as FTS5 packs the lengths of a row's columns: 7 bits a byte, the highest first."""
    total = value = 0
    for byte in packed:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            total += value
            value = 0
    return total
