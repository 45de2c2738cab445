"""Chroma: a derived index of vectors, rebuilt at any time from SQLite. The only file that imports chromadb.

Chroma holds passages' numbers and vectors and no text. Its generations lie side by side, named by the store's epoch:
`chroma/<epoch>/` in the workspace's folder, or a collection `council-<workspace>-<epoch>` of a server. A generation
only ever grows; when something is removed the whole of it goes, because HNSW merely marks what is deleted.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ingestion.errors import IndexUnavailable
from ingestion.hnsw_files import blank_unused

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

MAX_BATCH = 5_000  # Chroma refuses more than 5,461 at once
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
COLLECTION_SETTINGS = {"hnsw": {"space": "cosine"}}
"""Of the 50 nearest of 20,000 it finds 96 in 100. With an `ef_search` of 200, twice Chroma's own, it finds 98, takes
0.6 ms more of 100,000, and answers no more questions in evals/benchmarks/retrieval.py: words find what it misses."""
COLLECTION = "passages"
DATABASE = "chroma.sqlite3"  # the file every Chroma folder has


SERVER_REMEDY = "check that the server runs and that COUNCIL_CHROMA_URL names it, or unset it to use the built-in index"
FOLDER_REMEDY = "the documents are safe; check the folder's free space and permissions, then run `council reindex`"


class Generation:
    """One collection of Chroma, open; not to be used by two threads at once."""

    def __init__(self, client: ClientAPI, name: str, where: str, *, create: bool, path: str | None = None) -> None:
        """Open the collection `name`; `path` is the spelling of the folder the client was opened by, None for a server.

        Raises IndexUnavailable when the collection is not there and not to be created.
        """
        self._client = client
        self._where = where
        self._path = path
        try:
            with chroma_errors(where):
                if create:
                    self._collection = client.get_or_create_collection(
                        name, configuration=COLLECTION_SETTINGS, embedding_function=None
                    )
                else:
                    self._collection = client.get_collection(name, embedding_function=None)
        except BaseException:
            self.close()
            raise

    def upsert(self, numbers: Sequence[int] | NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Hold these (n, d) vectors under these numbers, in place of what was there. Raises IndexUnavailable."""
        with chroma_errors(self._where):
            for start in range(0, len(numbers), MAX_BATCH):
                part = slice(start, start + MAX_BATCH)
                self._collection.upsert(ids=[str(n) for n in numbers[part]], embeddings=vectors[part])

    def query(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """The nearest passages by HNSW: number and cosine similarity, best first. Raises IndexUnavailable."""
        with chroma_errors(self._where):
            found = self._collection.query(query_embeddings=[vector], n_results=limit, include=["distances"])
        return [(int(i), 1.0 - d) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def count(self) -> int:
        """How many passages it holds. Raises IndexUnavailable."""
        with chroma_errors(self._where):
            return int(self._collection.count())

    def contents(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """All numbers (n,), ascending, and their vectors (n, d), to compare with the store."""
        with chroma_errors(self._where):
            found = self._collection.get(include=["embeddings"])
        numbers = np.array([int(i) for i in found["ids"]], dtype=np.int64)
        order = np.argsort(numbers)
        return numbers[order], np.asarray(found["embeddings"], dtype=np.float32)[order]

    def close(self) -> None:
        """Let go of Chroma's files or connection."""
        if self._path is None:
            _close_server_client(self._client)
        else:
            self._client.close()
            _release(self._path)


class Chroma(Protocol):
    """Where the generations of one workspace lie."""

    shared: bool  # a server takes readers and writers at once; a folder does not

    def open(self, epoch: int, *, create: bool = False) -> Generation:
        """The generation of this epoch. Raises IndexUnavailable when it is not there and not to be created."""

    def exists(self, epoch: int) -> bool:
        """False when the generation of this epoch is certainly not there; a server is not asked."""

    def drop_others(self, epoch: int) -> None:
        """Remove every generation but this one. Raises IndexUnavailable."""

    def tidy(self, epoch: int) -> None:
        """Clear from a generation that is not open what does not belong in it. Raises StorageFailed."""

    def reach(self) -> None:
        """Raises IndexUnavailable when it gives no answer."""


class LocalChroma:
    """Generations in folders of the workspace; readers and the writer keep apart by `locks.ReadLock`."""

    shared = False

    def __init__(self, folder: Path) -> None:
        """Generations lie in `folder`, made when the first is."""
        self._folder = folder

    def open(self, epoch: int, *, create: bool = False) -> Generation:
        """See Chroma. Each call is a client of its own, which sees what other processes had written by then."""
        folder = self._folder / str(epoch)
        if create:
            with chroma_errors(str(folder)):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif not self.exists(epoch):
            raise IndexUnavailable(f"The index in {folder} is missing: run `council reindex` to build it again.")
        client, path = _local_client(folder)
        return Generation(client, COLLECTION, str(folder), create=create, path=path)

    def exists(self, epoch: int) -> bool:
        """See Chroma."""
        return (self._folder / str(epoch) / DATABASE).exists()

    def drop_others(self, epoch: int) -> None:
        """See Chroma."""
        if not self._folder.exists():
            return
        for folder in self._folder.iterdir():
            if folder.name != str(epoch):
                with chroma_errors(str(folder)):
                    shutil.rmtree(folder)

    def tidy(self, epoch: int) -> None:
        """See Chroma."""
        blank_unused(self._folder / str(epoch))

    def reach(self) -> None:
        """See Chroma: a folder always answers."""


class ServerChroma:
    """Generations as collections of a Chroma server, told apart from other workspaces' by `owner`."""

    shared = True

    def __init__(self, url: str, owner: str) -> None:
        """`url` such as http://localhost:8000; `owner` is unique to the workspace (letters and digits)."""
        self._url = url
        self._prefix = f"council-{owner}-"

    def open(self, epoch: int, *, create: bool = False) -> Generation:
        """See Chroma."""
        return Generation(_server_client(self._url), f"{self._prefix}{epoch}", self._url, create=create)

    def exists(self, epoch: int) -> bool:  # noqa: ARG002 - the folder's needs it
        """See Chroma."""
        return True

    def drop_others(self, epoch: int) -> None:
        """See Chroma."""
        client = _server_client(self._url)
        try:
            with chroma_errors(self._url):
                for collection in client.list_collections():
                    if collection.name.startswith(self._prefix) and collection.name != f"{self._prefix}{epoch}":
                        client.delete_collection(collection.name)
        finally:
            _close_server_client(client)

    def tidy(self, epoch: int) -> None:
        """See Chroma: its files are the server's."""

    def reach(self) -> None:
        """See Chroma."""
        _close_server_client(_server_client(self._url))


@contextmanager
def chroma_errors(where: str) -> Iterator[None]:
    """Turn whatever Chroma raises into IndexUnavailable; its Rust core also panics, past `Exception`."""
    try:
        yield
    except IndexUnavailable:
        raise
    except BaseException as err:
        if not isinstance(err, Exception) and type(err).__name__ != "PanicException":
            raise
        said = str(err).strip().splitlines()[0][:200].rstrip(".") if str(err).strip() else type(err).__name__
        remedy = SERVER_REMEDY if "://" in where else FOLDER_REMEDY
        raise IndexUnavailable(f"The Chroma index at {where} gave no answer ({said}): {remedy}.") from err


_taken: set[str] = set()
_taken_lock = threading.Lock()


def _local_client(folder: Path) -> tuple[ClientAPI, str]:
    """A client on `folder` that shares nothing with the process's other clients, and the path it was opened by.

    Chroma keeps one system for each spelling of a path, and a system opened before another process wrote does not see
    what was written. So each client gets a spelling that no open client has: the same path with more "/." behind it.
    """
    import chromadb

    with _taken_lock:
        path = str(folder)
        while path in _taken:
            path += "/."
        _taken.add(path)
    try:
        with chroma_errors(str(folder)):
            return chromadb.PersistentClient(path, settings=_settings()), path
    except BaseException:
        _release(path)
        raise


def _release(path: str) -> None:
    with _taken_lock:
        _taken.discard(path)


def _server_client(url: str) -> ClientAPI:
    """A client of the server at `url`, which has answered. Raises IndexUnavailable."""
    import chromadb

    with chroma_errors(url):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an address such as http://localhost:8000")
        port = parts.port or (443 if parts.scheme == "https" else 8000)
        # Chroma's own client waits without end for a server behind a firewall that drops packets.
        socket.create_connection((parts.hostname, port), timeout=CONNECT_SECONDS).close()
        client = chromadb.HttpClient(host=parts.hostname, port=port, ssl=parts.scheme == "https", settings=_settings())
        for session in _sessions(client):
            session.timeout = ANSWER_SECONDS
        return client


def _sessions(client: Any) -> list[Any]:
    """The httpx sessions of a server's client, which Chroma neither limits in time nor closes."""
    return [part._server._session for part in (client, client._admin_client)]


def _close_server_client(client: ClientAPI) -> None:
    for session in _sessions(client):
        session.close()
    client.close()


def _settings() -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)
