"""Adding files to a workspace: hash, read, embed, write, and hand to Chroma.

Each document is written whole or not at all, so an interrupted run keeps what it had done and the next one carries on.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingestion.errors import UnreadableFile
from ingestion.files import KeptFiles, Refusal, find_files
from ingestion.nearest import Nearest
from ingestion.passages import text_to_embed
from ingestion.store import Store
from ingestion.types import Document
from ingestion.workers import Readers, Reading, read_file

if TYPE_CHECKING:
    from ingestion.embeddings import Embedder

EMBED_BATCH = 256
FLUSH_PASSAGES = 1_000
"""How many passages are committed before Chroma is given them; until then search compares them exactly."""
WORKER_BYTES = 2_000_000
INLINE_SECONDS = 2.0
"""A worker takes 2 s to import its parsers, so files are read in this process until they prove to be that much work;
the first file is not counted, since it pays for the same imports here."""
AHEAD = 4
"""How many files per worker may be read before their turn to be written."""


class Progress(NamedTuple):
    """How far the work has got: files read, or passages given to the index."""

    path: Path | None
    done: int
    total: int
    stage: Literal["reading", "indexing"]


def indexing(on_progress: Callable[[Progress], None] | None) -> Callable[[int, int], None] | None:
    """What to tell `Nearest.flush`, so that the person is told."""
    if on_progress is None:
        return None
    return lambda done, total: on_progress(Progress(None, done, total, "indexing"))


class AddReport(NamedTuple):
    """What became of the files that were named."""

    added: list[Document]
    unchanged: list[Document]
    refused: list[Refusal]


class Job(NamedTuple):
    """A file to read, and the sha256 of its bytes."""

    path: Path
    document_id: str


class Adder:
    """One run of `Workspace.add`; made by the holder of the write lock, and used once."""

    def __init__(
        self,
        store: Store,
        files: KeptFiles,
        nearest: Nearest,
        embedder: Embedder,
        *,
        processes: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """`processes` bounds how many files are read at once; None means one for each core."""
        self._store = store
        self._files = files
        self._nearest = nearest
        self._embedder = embedder
        self._processes = processes or os.cpu_count() or 1
        self._on_progress = on_progress
        self._report = AddReport([], [], [])
        self._total = 0
        self._waiting = 0

    def add(self, paths: Iterable[Path]) -> AddReport:
        """Add files and folders. A file that cannot be read is refused with its sentence and the others carry on.

        Raises StorageFailed, IndexUnavailable or EmbeddingFailed; what was added before stays.
        """
        found, refused = find_files(paths)
        self._report.refused.extend(refused)
        self._total = len(found) + len(refused)
        jobs = self._hash(found)
        while jobs:
            # Of files with the same bytes one is read; only when it is refused (for its ending, say) the next is.
            first = {job.document_id: job for job in reversed(jobs)}
            again = [job for job in jobs if first[job.document_id] is not job]
            self._add_all(list(reversed(first.values())))
            jobs = [job for job in again if not self._unchanged(job)]
        self._nearest.finish(indexing(self._on_progress))
        return self._report

    def _hash(self, paths: Sequence[Path]) -> list[Job]:
        """The files that are not here yet."""
        from ingestion.parse.detect import sha256_of

        jobs = []
        for path in paths:
            try:
                job = Job(path, sha256_of(path))
            except UnreadableFile as err:
                self._refuse(path, str(err))
                continue
            if not self._unchanged(job):
                jobs.append(job)
        return jobs

    def _add_all(self, jobs: Sequence[Job]) -> None:
        for job, outcome in read_all(jobs, self._processes):
            if isinstance(outcome, UnreadableFile):
                self._refuse(job.path, str(outcome))
                continue
            try:
                self._write(job, outcome)
            except UnreadableFile as err:
                self._refuse(job.path, str(err))
            if self._waiting >= FLUSH_PASSAGES:
                self._flush()

    def _write(self, job: Job, reading: Reading) -> None:
        """Keep the file, then commit the document; should that fail the file goes again."""
        document = _document(job, reading)
        vectors = embed(self._embedder, [text_to_embed(p, document.name) for p in reading.passages])
        self._files.keep(job.path, document)
        try:
            self._store.add(document, reading.elements, reading.passages, vectors)
        except BaseException:
            self._files.drop(document)
            raise
        self._waiting += len(reading.passages)
        self._report.added.append(document)
        self._tell(job.path)

    def _unchanged(self, job: Job) -> bool:
        """Whether the document is here already, noting it if so."""
        if not self._store.has(job.document_id):
            return False
        self._report.unchanged.append(self._store.document(job.document_id))
        self._tell(job.path)
        return True

    def _refuse(self, path: Path, reason: str) -> None:
        self._report.refused.append(Refusal(path, reason))
        self._tell(path)

    def _flush(self) -> None:
        self._waiting = 0
        self._nearest.flush(indexing(self._on_progress))

    def _tell(self, path: Path) -> None:
        if self._on_progress is not None:
            done = len(self._report.added) + len(self._report.unchanged) + len(self._report.refused)
            self._on_progress(Progress(path, done, self._total, "reading"))


def read_all(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, Reading | UnreadableFile]]:
    """Each file's elements and passages, or why it cannot be read; in the order given, so that runs are alike."""
    left = deque(jobs)
    heavy = sum(_size(job.path) for job in jobs) > WORKER_BYTES
    seconds = 0.0
    while left:
        if processes > 1 and len(left) > 1 and (heavy or seconds > INLINE_SECONDS):
            yield from _read_in_workers(left, min(processes, len(left)))
            return
        job = left.popleft()
        began = time.monotonic()
        try:
            outcome: Reading | UnreadableFile = read_file(job.path, job.document_id)
        except UnreadableFile as err:
            outcome = err
        if len(left) < len(jobs) - 1:
            seconds += time.monotonic() - began
        yield job, outcome


def _read_in_workers(jobs: Iterable[Job], processes: int) -> Iterator[tuple[Job, Reading | UnreadableFile]]:
    with Readers(processes) as readers:
        waiting: deque[tuple[Job, Future[Reading]]] = deque()
        for job in jobs:
            waiting.append((job, readers.read(job.path, job.document_id)))
            if len(waiting) >= AHEAD * processes:
                yield _outcome(*waiting.popleft())
        while waiting:
            yield _outcome(*waiting.popleft())


def _outcome(job: Job, future: Future[Reading]) -> tuple[Job, Reading | UnreadableFile]:
    try:
        return job, future.result()
    except UnreadableFile as err:
        return job, err


def embed(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """The (n, d) vectors of texts, a batch at a time. Raises EmbeddingFailed."""
    batches = [embedder.passages(texts[start : start + EMBED_BATCH]) for start in range(0, len(texts), EMBED_BATCH)]
    return np.concatenate(batches) if batches else np.empty((0, embedder.dimensions), dtype=np.float32)


def _document(job: Job, reading: Reading) -> Document:
    from ingestion.parse.detect import shown_name

    return Document(
        id=job.document_id,
        name=shown_name(job.path),
        kind=reading.kind,
        suffix=job.path.suffix.lower(),
        size_bytes=_size(job.path),
        pages=reading.pages,
        elements=len(reading.elements),
        passages=len(reading.passages),
        added=datetime.now(UTC),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone since it was hashed; keeping a copy of it will say so
        return 0
