"""The SQLite file of one workspace: its schema, its connections, and what its failures mean to a person.

Write-ahead logging, so that readers never wait for the writer. Deleted content is overwritten (`secure_delete`) and
`scrub` empties the log, so that removing a document leaves none of its bytes in the folder.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ingestion.errors import StorageFailed

SCHEMA_VERSION = 1

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""How FTS5 cuts text and queries into words: case and accents folded, English endings cut off."""

WORD_COLUMNS = ("text", "context")
"""The columns of `passages_fts`, in the order in which bm25 weights are given."""

SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    data TEXT NOT NULL            -- the Document as JSON
);
CREATE INDEX documents_name ON documents (name);
CREATE TABLE elements (
    document INTEGER NOT NULL REFERENCES documents (number),
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,           -- the Element as JSON, without its words
    words BLOB,                   -- rows.pack_words; NULL when the format has no boxes
    UNIQUE (document, id)
);
-- AUTOINCREMENT: the rowid is the passage's name in Chroma and must never be given out twice.
CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    document INTEGER NOT NULL REFERENCES documents (number),
    kind TEXT NOT NULL,
    day TEXT,                     -- ISO date; NULL when the passage has none
    text TEXT NOT NULL,
    context TEXT NOT NULL,        -- passages.context: the document's name and the headings above
    data TEXT NOT NULL            -- the rest of the Passage as JSON
);
CREATE INDEX passages_document ON passages (document, kind, day);
CREATE INDEX passages_kind ON passages (kind, day);
CREATE INDEX passages_day ON passages (day);
CREATE TABLE vectors (number INTEGER PRIMARY KEY, vector BLOB NOT NULL);  -- float16, unit length
CREATE TABLE new_vectors (number INTEGER PRIMARY KEY, vector BLOB NOT NULL);  -- a reindex that is under way
CREATE VIRTUAL TABLE passages_fts USING fts5 (
    {", ".join(WORD_COLUMNS)},
    content = 'passages', content_rowid = 'number', tokenize = '{TOKENIZER}'
);
PRAGMA user_version = {SCHEMA_VERSION};
"""

CONNECTION_SCHEMA = f"""
CREATE VIRTUAL TABLE temp.occurrences USING fts5vocab (main, passages_fts, instance);
CREATE VIRTUAL TABLE temp.typed USING fts5 (words, tokenize = '{TOKENIZER}');
CREATE VIRTUAL TABLE temp.typed_terms USING fts5vocab (temp, typed, instance);
"""
"""What each connection has of its own, in memory: where each term occurs, and a table that cuts words into terms."""

REMEDIES = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space and try again",
    sqlite3.SQLITE_READONLY: "the disk or folder is read-only: allow writing to it and try again",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written: check its space, quota and health, then try again",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that the folder exists and that you may write to it",
    sqlite3.SQLITE_PERM: "the operating system refused: ask for permission to read and write the folder",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore the workspace's folder from a backup, or remove it and add again",
    sqlite3.SQLITE_NOTADB: "it is not a library database: restore the workspace's folder from a backup",
    sqlite3.SQLITE_BUSY: "another program holds it: close that program and try again",
}


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn what the disk or SQLite says about `path` into StorageFailed; a mistake in our SQL stays a traceback."""
    try:
        yield
    except sqlite3.Error as err:
        remedy = REMEDIES.get((getattr(err, "sqlite_errorcode", None) or 0) & 0xFF)
        if remedy is None:
            raise
        raise StorageFailed(f"{path} could not be used, {remedy}.") from err
    except OSError as err:
        raise StorageFailed(
            f"{err.filename or path} could not be written ({err.strerror}): "
            "check the free space and permissions of the folder, then try again."
        ) from err


class Database:
    """Connections to one file: a pool to read with, safe from any thread, and one to write with, a thread at a time."""

    def __init__(self, path: Path, *, busy_seconds: float = 10.0) -> None:
        """Open `path`, made with the schema when it is new.

        Raises StorageFailed when the file cannot be opened, is damaged, or was made by a newer version.
        """
        self.path = path
        self._busy_seconds = busy_seconds
        self._idle: deque[sqlite3.Connection] = deque()  # the last one used is taken first: it remembers most
        self._write_lock = threading.RLock()
        with storage_errors(path):
            self._writer = self._connect()
            try:
                self._prepare()
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees what is committed; fetch everything before leaving the block."""
        with storage_errors(self.path):
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of the block is committed, or none of it."""
        with self._write_lock, storage_errors(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                # A full disk can have rolled back already, and then there is no transaction to end.
                if self._writer.in_transaction:
                    with suppress(sqlite3.Error):
                        self._writer.execute("ROLLBACK")
                raise

    def scrub(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing; False when a reader was in the way."""
        with self._write_lock, storage_errors(self.path):
            busy, _, _ = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def damage(self) -> str | None:
        """What SQLite's own check finds wrong, in its words; None when the file is sound."""
        with self.reading() as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
        return None if found == ["ok"] else "; ".join(found)

    def close(self) -> None:
        """Close every connection; the last one out removes the write-ahead log."""
        with self._write_lock:
            while self._idle:
                self._idle.pop().close()
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA cache_size = -32000")
            for statement in _statements(CONNECTION_SCHEMA):
                connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        """Write the schema into a new file; two processes may arrive at once, so look again inside the lock."""
        self._writer.execute("PRAGMA journal_mode = WAL")
        if self._version() == 0:
            self._writer.execute("BEGIN IMMEDIATE")
            if self._version() == 0:
                for statement in _statements(SCHEMA):
                    self._writer.execute(statement)
            self._writer.execute("COMMIT")
        if self._version() != SCHEMA_VERSION:
            version = self._version()
            raise StorageFailed(
                f"{self.path} has layout {version} and this version reads layout {SCHEMA_VERSION}: "
                "use the version of the program that made it, or remove the workspace and add its files again."
            )

    def _version(self) -> int:
        return int(self._writer.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one (`executescript` would commit in between)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
