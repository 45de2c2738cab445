"""The truth of one workspace: its documents, elements, passages, words and vectors, in one SQLite file.

    add       a whole document in one transaction
    remove    nothing of the document stays in the file
    words     which passages hold a word or phrase (`wordindex`)
    vectors   what Chroma is rebuilt from, and what exact search runs over

A passage is known here, and in Chroma, by its number: the rowid, ascending, never given out twice. So one number says
how far Chroma has got (`IndexState.upto`), and what Chroma is still to be given are the numbers above it.

Every method is safe from several threads; reading never waits for writing; one process at a time may write
(`locks.WriteLock`). Methods raise StorageFailed when the disk or the file fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingestion.belonging import Belonging
from ingestion.database import Database
from ingestion.errors import UnknownDocument
from ingestion.passages import context
from ingestion.rows import (
    ElementRow,
    pack_element,
    pack_passage,
    pack_vectors,
    unpack_element,
    unpack_passage,
    unpack_vectors,
)
from ingestion.sql import (
    begin_epoch,
    condition_of,
    count_passing,
    get_meta,
    joined_numbers,
    json_array,
    next_passage,
    refuse_other_dimensions,
    set_meta,
    touch,
    version_of,
)
from ingestion.types import Document, Element, Filter, Passage
from ingestion.wordindex import WordIndex

MIN_PREFIX = 6
"""The fewest characters of a document's id that may stand for it."""

PASSAGE_COLUMNS = "p.id, d.id, p.kind, p.text, p.data"


class IndexState(NamedTuple):
    """What Chroma holds: of generation `epoch`, the passages up to the number `upto`.

    Removing a document or changing the vectors begins a new epoch, whose Chroma is empty at first.
    """

    epoch: int
    upto: int


class Store:
    """Reads and writes the library.db of one workspace; whoever writes holds the workspace's lock."""

    def __init__(self, path: Path) -> None:
        """Open the file, made when it is new. Raises StorageFailed."""
        self.database = Database(path)
        self.words = WordIndex(self.database)
        self._belonging = Belonging(self.database)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    # --- documents -------------------------------------------------------------------------------------------------

    def add(
        self,
        document: Document,
        elements: Iterable[Element | ElementRow],
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
    ) -> list[int]:
        """Write a document whole, in one transaction, and return its passages' numbers in order.

        `vectors` is (len(passages), d), rows of unit length. The caller has seen that the document is not there yet.
        Raises IndexMismatch when d differs from the vectors already there; nothing is written then.
        """
        if len(vectors) != len(passages):
            raise ValueError(f"{len(passages)} passages and {len(vectors)} vectors")
        rows = [e if isinstance(e, ElementRow) else pack_element(e) for e in elements]
        with self.database.writing() as db:
            refuse_other_dimensions(db, vectors)
            number = db.execute(
                "INSERT INTO documents (id, name, data) VALUES (?, ?, ?)",
                (document.id, document.name, document.model_dump_json()),
            ).lastrowid
            db.executemany(
                "INSERT INTO elements (document, position, id, data, words) VALUES (?, ?, ?, ?, ?)",
                ((number, position, *row) for position, row in enumerate(rows)),
            )
            first = next_passage(db)
            numbers = list(range(first, first + len(passages)))
            db.executemany(
                "INSERT INTO passages (number, document, context, id, kind, day, text, data) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (n, number, context(p, document.name), *pack_passage(p))
                    for n, p in zip(numbers, passages, strict=True)
                ),
            )
            db.executemany(
                "INSERT INTO vectors (number, vector) VALUES (?, ?)", zip(numbers, pack_vectors(vectors), strict=True)
            )
            db.execute(
                "INSERT INTO passages_fts (rowid, text, context) "
                "SELECT number, text, context FROM passages WHERE number >= ?",
                (first,),
            )
            touch(db)
        return numbers

    def remove(self, document_id: str) -> None:
        """Remove a document whole, in one transaction, overwrite what it leaves, and begin a new epoch of the index.

        Raises UnknownDocument.
        """
        with self.database.writing() as db:
            found = db.execute("SELECT number FROM documents WHERE id = ?", (document_id,)).fetchone()
            if found is None:
                raise UnknownDocument(
                    f"There is no document {document_id[:12]} here; `council list` shows what there is."
                )
            # FTS5 keeps no text of its own, so it must be handed the words it is to forget.
            db.execute(
                "INSERT INTO passages_fts (passages_fts, rowid, text, context) "
                "SELECT 'delete', number, text, context FROM passages WHERE document = ?",
                found,
            )
            for table in ("vectors", "new_vectors"):
                db.execute(
                    f"DELETE FROM {table} WHERE number IN (SELECT number FROM passages WHERE document = ?)", found
                )
            for table in ("passages", "elements"):
                db.execute(f"DELETE FROM {table} WHERE document = ?", found)
            db.execute("DELETE FROM documents WHERE number = ?", found)
            # Until its segments are merged, FTS5 holds the removed words beside a mark that they are gone.
            db.execute("INSERT INTO passages_fts (passages_fts) VALUES ('optimize')")
            begin_epoch(db)
            touch(db)
        self.database.scrub()

    def documents(self) -> list[Document]:
        """Every document, in the order they were added."""
        with self.database.reading() as db:
            rows = db.execute("SELECT data FROM documents ORDER BY number").fetchall()
        return [Document.model_validate_json(data) for (data,) in rows]

    def names(self) -> dict[str, str]:
        """The file name of every document, by its id."""
        with self.database.reading() as db:
            return dict(db.execute("SELECT id, name FROM documents").fetchall())

    def document(self, reference: str) -> Document:
        """The document with this id, with an id that begins so (6 characters or more), or with this file name.

        Raises UnknownDocument when there is none, or more than one.
        """
        with self.database.reading() as db:
            rows = db.execute("SELECT data FROM documents WHERE id = ?", (reference.lower(),)).fetchall()
            if not rows:
                rows = db.execute("SELECT data FROM documents WHERE name = ?", (reference,)).fetchall()
            if not rows and len(reference) >= MIN_PREFIX:
                rows = db.execute(
                    "SELECT data FROM documents WHERE substr(id, 1, ?) = ?", (len(reference), reference.lower())
                ).fetchall()
        found = [Document.model_validate_json(data) for (data,) in rows]
        if not found:
            raise UnknownDocument(f"There is no document “{reference}” here; `council list` shows what there is.")
        if len(found) > 1:
            choices = ", ".join(f"{d.id[:12]} ({d.name})" for d in found)
            raise UnknownDocument(f"“{reference}” may mean {choices}: name the one you mean by its id.")
        return found[0]

    def has(self, document_id: str) -> bool:
        """Whether the document with this whole id is here."""
        with self.database.reading() as db:
            return db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone() is not None

    def elements(self, document_id: str) -> list[Element]:
        """A document's elements in reading order, with their word boxes; empty for a document that is not here."""
        with self.database.reading() as db:
            rows = db.execute(
                "SELECT e.data, e.words FROM elements e JOIN documents d ON d.number = e.document "
                "WHERE d.id = ? ORDER BY e.position",
                (document_id,),
            ).fetchall()
        return [unpack_element(data, words) for data, words in rows]

    def element(self, document_id: str, element_id: str) -> Element | None:
        """One element, or None when it is not here."""
        with self.database.reading() as db:
            row = db.execute(
                "SELECT e.data, e.words FROM elements e JOIN documents d ON d.number = e.document "
                "WHERE d.id = ? AND e.id = ?",
                (document_id, element_id),
            ).fetchone()
        return unpack_element(*row) if row else None

    # --- passages --------------------------------------------------------------------------------------------------

    def passages(self, document_id: str) -> list[Passage]:
        """A document's passages in reading order."""
        with self.database.reading() as db:
            rows = db.execute(
                f"SELECT {PASSAGE_COLUMNS} FROM passages p JOIN documents d ON d.number = p.document "
                "WHERE d.id = ? ORDER BY p.number",
                (document_id,),
            ).fetchall()
        return [unpack_passage(*row) for row in rows]

    def passages_at(self, numbers: Iterable[int]) -> dict[int, Passage]:
        """The passages with these numbers, those that are gone left out."""
        with self.database.reading() as db:
            rows = db.execute(
                f"SELECT p.number, {PASSAGE_COLUMNS} FROM passages p JOIN documents d ON d.number = p.document "
                "WHERE p.number IN (SELECT value FROM json_each(?))",
                (json_array(numbers),),
            ).fetchall()
        return {number: unpack_passage(*row) for number, *row in rows}

    def found(self, numbers: Iterable[int]) -> dict[int, tuple[Passage, str]]:
        """The passages with these numbers and their documents' names, those that are gone left out."""
        with self.database.reading() as db:
            rows = db.execute(
                f"SELECT p.number, d.name, {PASSAGE_COLUMNS} FROM passages p JOIN documents d ON d.number = p.document "
                "WHERE p.number IN (SELECT value FROM json_each(?))",
                (json_array(numbers),),
            ).fetchall()
        return {number: (unpack_passage(*row), name) for number, name, *row in rows}

    def passages_above(self, number: int, limit: int) -> dict[int, Passage]:
        """The next passages above a number, ascending, for embedding them anew."""
        with self.database.reading() as db:
            rows = db.execute(
                f"SELECT p.number, {PASSAGE_COLUMNS} FROM passages p JOIN documents d ON d.number = p.document "
                "WHERE p.number > ? ORDER BY p.number LIMIT ?",
                (number, limit),
            ).fetchall()
        return {number: unpack_passage(*row) for number, *row in rows}

    def documents_of(self, numbers: Iterable[int]) -> dict[int, int]:
        """A number for the document of each passage, those that are gone left out."""
        return self._belonging.documents_of(numbers)

    def numbers(self, where: Filter | None = None) -> NDArray[np.int64]:
        """The numbers of the passages a filter lets through, ascending; all of them without one."""
        condition, values = condition_of(where)
        with self.database.reading() as db:
            (joined,) = db.execute(
                f"SELECT group_concat(number) FROM (SELECT p.number FROM passages p WHERE {condition or '1'})", values
            ).fetchone()
        return joined_numbers(joined)

    def size(self) -> int:
        """How many passages there are, counted again only after a change."""
        return self._belonging.size()

    def count(self, where: Filter | None = None, *, at_most: int = -1) -> int:
        """How many passages a filter lets through, counted no further than `at_most` unless that is negative."""
        with self.database.reading() as db:
            return count_passing(db, where, at_most)

    def among(self, numbers: Iterable[int], where: Filter) -> set[int]:
        """Those of these passages that a filter lets through."""
        condition, values = condition_of(where)
        with self.database.reading() as db:
            rows = db.execute(
                f"SELECT p.number FROM passages p WHERE p.number IN (SELECT value FROM json_each(?)) "
                f"AND {condition or '1'}",
                (json_array(numbers), *values),
            ).fetchall()
        return {n for (n,) in rows}

    def count_upto(self, number: int) -> int:
        """How many passages have a number up to this one."""
        with self.database.reading() as db:
            return int(db.execute("SELECT count(*) FROM vectors WHERE number <= ?", (number,)).fetchone()[0])

    # --- vectors ---------------------------------------------------------------------------------------------------

    def vectors(
        self, numbers: Iterable[int] | None = None, *, where: Filter | None = None, above: int = 0, limit: int = -1
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Numbers (n,), ascending, and vectors (n, d) of passages; (0,) and (0, 0) when there are none.

        Those named, that `where` lets through, and numbered above `above`; the first `limit` unless that is negative.
        """
        condition, values = condition_of(where)
        query = "SELECT number, vector FROM vectors WHERE number > ?"
        if numbers is not None:
            query += " AND number IN (SELECT value FROM json_each(?))"
            values = [json_array(numbers), *values]
        if condition:
            query += f" AND number IN (SELECT p.number FROM passages p WHERE {condition})"
        with self.database.reading() as db:
            rows = db.execute(f"{query} ORDER BY number LIMIT ?", (above, *values, limit)).fetchall()
        return np.array([n for n, _ in rows], dtype=np.int64), unpack_vectors([blob for _, blob in rows])

    def index_state(self) -> IndexState:
        """How far Chroma has got."""
        with self.database.reading() as db:
            found = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('epoch', 'upto')").fetchall())
        return IndexState(int(found.get("epoch", 0)), int(found.get("upto", 0)))

    def indexed(self, upto: int) -> None:
        """Note that Chroma holds the passages up to this number."""
        self.set({"upto": str(upto)})

    def last_number(self) -> int:
        """The highest number of a passage that is here; 0 when there is none."""
        with self.database.reading() as db:
            return int(db.execute("SELECT coalesce(max(number), 0) FROM passages").fetchone()[0])

    # --- what the workspace remembers ------------------------------------------------------------------------------

    def get(self, key: str) -> str | None:
        """A remembered value, or None."""
        with self.database.reading() as db:
            return get_meta(db, key)

    def set(self, values: Mapping[str, str | None]) -> None:
        """Remember values, all or none; None forgets."""
        with self.database.writing() as db:
            set_meta(db, values)
            touch(db)

    def version(self) -> int:
        """A number that grows with every change, so that what was derived from an older state can be told."""
        with self.database.reading() as db:
            return version_of(db)
