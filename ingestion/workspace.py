"""One workspace: its documents, what is added and removed, and search over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ingestion.adding import Adder, AddReport, Progress, embed, indexing
from ingestion.errors import IndexMismatch, UnknownDocument, UnknownWorkspace
from ingestion.files import KeptFiles
from ingestion.index import Chroma, LocalChroma, ServerChroma
from ingestion.locks import ReadLock, WriteLock
from ingestion.nearest import Nearest
from ingestion.reembedding import reembed
from ingestion.store import Store
from ingestion.types import Document, Element, Filter, Hit, Passage

if TYPE_CHECKING:
    from ingestion.embeddings import Embedder

DATABASE = "library.db"
WAIT_SECONDS = 30.0
REBUILD_AT_ONCE = 5_000
"""Up to this many passages Chroma is rebuilt, in about a second, when a document is removed; else at the next add."""


class Workspace:
    """Documents and their index; safe from several threads, and beside other processes. Close it, or use `with`."""

    def __init__(
        self, folder: Path, choose: Callable[[str | None], Embedder], *, chroma_url: str | None = None
    ) -> None:
        """Open the workspace in `folder`, which `Library` made.

        `choose` gives the embedder, told the name of the one whose vectors are there (None when there are none); it
        is asked when vectors are first needed. Raises StorageFailed.
        """
        self._folder = folder
        self._choose = choose
        self._embedder: Embedder | None = None
        self._store = Store(folder / DATABASE)
        self._identity = (folder / DATABASE).stat().st_ino
        self.name = self._store.get("name") or folder.name
        self._files = KeptFiles(folder / "files")
        self._lock = WriteLock(folder)
        self._chroma = self._place(chroma_url)
        self._nearest = Nearest(self._store, self._chroma, ReadLock(folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every file."""
        self._nearest.close()
        self._store.close()

    # --- reading ---------------------------------------------------------------------------------------------------

    def documents(self) -> list[Document]:
        """Every document, in the order they were added."""
        return self._store.documents()

    def document(self, reference: str) -> Document:
        """The document with this id, the first 6 or more characters of it, or file name. Raises UnknownDocument."""
        return self._store.document(reference)

    def elements(self, document_id: str) -> list[Element]:
        """A document's elements in reading order. Raises UnknownDocument."""
        self._store.document(document_id)
        return self._store.elements(document_id)

    def element(self, document_id: str, element_id: str) -> Element:
        """One element. Raises UnknownDocument when the document, or the element in it, is not there."""
        found = self._store.element(document_id, element_id)
        if found is None:
            raise UnknownDocument(
                f"There is no element {element_id} of document {document_id[:12]} here: search again."
            )
        return found

    def passages(self, document_id: str) -> list[Passage]:
        """A document's passages in reading order. Raises UnknownDocument."""
        self._store.document(document_id)
        return self._store.passages(document_id)

    def file(self, document_id: str) -> Path:
        """The kept original. Raises UnknownDocument, or StorageFailed when it is gone."""
        return self._files.path(self._store.document(document_id))

    def search(self, query: str, *, limit: int = 10, where: Filter | None = None) -> list[Hit]:
        """At most `limit` passages that answer `query`, best first; only those `where` lets through.

        Raises IndexMismatch when the vectors here are another embedder's, EmbeddingFailed, or IndexUnavailable when a
        Chroma server was chosen and gives no answer.
        """
        from ingestion.search import search

        if self._store.last_number() == 0:
            return []
        return search(self._store, self._nearest.search, self._matching_embedder(), query, limit=limit, where=where)

    def likeness(self, text: str, others: Sequence[str]) -> list[float]:
        """How near in meaning each of `others` is to `text`: the cosines of their vectors, by the embedder in use here.

        Raises IndexMismatch or EmbeddingFailed.
        """
        embedder = self._matching_embedder()
        return [float(cosine) for cosine in embed(embedder, others) @ embedder.query(text)]

    # --- writing ---------------------------------------------------------------------------------------------------

    def add(
        self,
        paths: Iterable[Path],
        *,
        on_progress: Callable[[Progress], None] | None = None,
        processes: int | None = None,
        wait_seconds: float = WAIT_SECONDS,
    ) -> AddReport:
        """Add files, and the files in folders; those that are here stay, those that cannot be read are refused.

        `processes` is how many files are read at once, None for one for each core. Interrupted, it keeps the documents
        that were complete, and adding again does the rest. Raises WriterBusy, IndexMismatch, StorageFailed,
        IndexUnavailable or EmbeddingFailed.
        """
        chosen = list(paths)
        count = f"{len(chosen)} files and folders" if len(chosen) != 1 else "1 file or folder"
        with self._writing(f"adding {count}", wait_seconds):
            embedder = self._matching_embedder()
            if self._store.get("embedder") != embedder.name:
                self._store.set({"embedder": embedder.name})
            adder = Adder(
                self._store, self._files, self._nearest, embedder, processes=processes, on_progress=on_progress
            )
            return adder.add(chosen)

    def remove(self, reference: str, *, wait_seconds: float = WAIT_SECONDS) -> Document:
        """Remove a document, by id, beginning of an id, or file name; nothing of it stays behind.

        Raises UnknownDocument, WriterBusy, StorageFailed, or IndexUnavailable when its vectors lie on a server that
        gives no answer; it is not removed then.
        """
        with self._writing("removing a document", wait_seconds):
            document = self._store.document(reference)
            self._chroma.reach()
            self._store.remove(document.id)
            self._files.drop(document)
            self._nearest.forget()
            if self._store.count(at_most=REBUILD_AT_ONCE + 1) <= REBUILD_AT_ONCE:
                self._nearest.finish()
        return document

    def reindex(
        self, *, on_progress: Callable[[Progress], None] | None = None, wait_seconds: float = WAIT_SECONDS
    ) -> int:
        """Make all vectors anew with the embedder now chosen, and Chroma from them; returns how many passages.

        The old vectors serve until the new ones are complete. Interrupted, it carries on where it was.
        Raises WriterBusy, StorageFailed, IndexUnavailable or EmbeddingFailed.
        """
        with self._writing("rebuilding the index", wait_seconds):
            embedder = self._embedder = self._choose(None)
            telling = None if on_progress is None else _reading(on_progress)
            total = reembed(self._store, embedder, telling)
            self._nearest.forget()
            self._nearest.finish(indexing(on_progress))
        return total

    def forget_index(self) -> None:
        """Take everything out of Chroma, wherever it lies; for the holder of the lock. Raises IndexUnavailable."""
        self._nearest.close()
        self._chroma.drop_others(-1)

    def check(self) -> list[str]:
        """What is inconsistent, a sentence each that says what to do; empty when all is sound."""
        damage = self._store.database.damage()
        if damage:
            return [f"{self._folder / DATABASE} is damaged ({damage}): restore the workspace's folder from a backup."]
        documents = self._store.documents()
        found = [
            f"The kept copy of {d.name} is missing: remove the document and add it again."
            for d in self._files.missing(documents)
        ]
        if strays := self._files.strays(documents):
            found.append(
                f"{len(strays)} files in {strays[0].parent} belong to no document: `council add` removes them."
            )
        if not self._store.words.is_sound():
            found.append("The word index differs from the passages: run `council reindex` to build it again.")
        return found + self._nearest.check()

    # --- inside ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self, doing: str, wait_seconds: float) -> Iterator[None]:
        """Hold the lock; what an earlier run left unfinished is cleared first."""
        self._refuse_removed()
        with self._lock.hold(doing, wait_seconds):
            self._refuse_removed()
            self._files.clean(self._store.documents())
            yield

    def _refuse_removed(self) -> None:
        """Raises UnknownWorkspace when the folder was removed, or made again, since this workspace was opened."""
        path = self._folder / DATABASE
        if not path.exists() or path.stat().st_ino != self._identity:
            raise UnknownWorkspace(f"The workspace {self.name} was removed while it was open: open it again.")

    def _place(self, chroma_url: str | None) -> Chroma:
        if chroma_url is None:
            return LocalChroma(self._folder / "chroma")
        return ServerChroma(chroma_url, self._store.get("owner") or self._folder.name)

    def _matching_embedder(self) -> Embedder:
        """The embedder whose vectors are here. Raises IndexMismatch when another one was chosen."""
        remembered = self._store.get("embedder") if self._store.last_number() else None
        if self._embedder is None or self._embedder.name != remembered:
            self._embedder = self._choose(remembered)
        if remembered not in (None, self._embedder.name):
            raise IndexMismatch(
                f"The workspace {self.name} has vectors made by {remembered}, and {self._embedder.name} is chosen now: "
                f'run `council reindex --workspace "{self.name}"` to make them anew, or choose {remembered} again.'
            )
        return self._embedder


def _reading(on_progress: Callable[[Progress], None]) -> Callable[[int, int], None]:
    return lambda done, total: on_progress(Progress(None, done, total, "reading"))
