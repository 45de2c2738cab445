"""The passages whose vectors are nearest to a query's: from Chroma, and exactly from SQLite wherever Chroma cannot say.

In a small library all is exact: comparing every vector, kept in memory, is then quicker than Chroma. In a larger one
Chroma answers when it may be read, is of the present epoch, and the filter lets many passages through. What it has not
been given yet is compared exactly and merged in. All else is exact: a filter that lets few through (whose vectors are
read from SQLite), and times when somebody is writing to Chroma or it is missing (over all vectors, kept in memory).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import ceil

import numpy as np
from numpy.typing import NDArray

from ingestion.errors import IndexUnavailable
from ingestion.index import Chroma, Generation
from ingestion.locks import ReadLock
from ingestion.store import IndexState, Store
from ingestion.types import Filter

Neighbours = list[tuple[int, float]]
"""Passage numbers and cosine similarities, best first."""

FLUSH_ROWS = 2_000
EXACT_BYTES = 2**25
"""A library whose vectors take no more room than this is small: 21,000 passages of 384 numbers, some 0.8 ms."""
EXACT_ROWS = 1_000
"""A filter that lets this few passages through is answered exactly: reading their vectors takes some 3 ms."""
MOST_RESULTS = 1_000
"""The most results asked of Chroma for the sake of a filter: some 8 ms at 100,000 passages."""
COUNTED = 20_000
"""How far the passages that a filter lets through are counted: some 1 ms."""
WAIT_SECONDS = 0.25
"""How long a search waits for another thread's use of Chroma before it goes without."""
REOPEN_SECONDS = 5.0
"""The least time between two openings of Chroma while another process is adding; between them search is exact."""


class Nearest:
    """The vector side of a search over one workspace; safe from several threads."""

    def __init__(self, store: Store, chroma: Chroma, lock: ReadLock) -> None:
        """Nothing is opened until it is needed."""
        self._store = store
        self._chroma = chroma
        self._lock = lock
        self._mutex = threading.RLock()  # whoever opens, closes, reads or writes Chroma
        self._matrix_lock = threading.Lock()
        self._untidy = True  # an earlier process may have been killed before it had tidied
        self._generation: Generation | None = None
        self._opened = IndexState(-1, 0)
        self._opened_at = float("-inf")
        self._all: _Matrix | None = None

    def search(self, vector: NDArray[np.float32], limit: int, where: Filter | None = None) -> Neighbours:
        """At most `limit` passages that `where` lets through, nearest to the unit `vector` (d,) first.

        Raises IndexUnavailable when a Chroma server was chosen and gives no answer.
        """
        total = self._store.size()
        if total == 0 or limit < 1:
            return []
        if where == Filter():
            where = None
        if not self._chroma.shared and total * vector.nbytes <= EXACT_BYTES:
            only = None if where is None else self._store.numbers(where)
            return _best(*self._everything(), vector, limit, only)
        if where is None:
            return self._unfiltered(vector, limit)
        passing = self._store.count(where, at_most=COUNTED)
        wanted = ceil(1.5 * limit * total / max(passing, 1))
        if passing > EXACT_ROWS and wanted <= MOST_RESULTS:
            near = self._unfiltered(vector, wanted)
            allowed = self._store.among([n for n, _ in near], where)
            found = [(n, s) for n, s in near if n in allowed]
            if len(found) >= limit:
                return found[:limit]
        return _best(*self._store.vectors(where=where), vector, limit)

    def flush(self, on_progress: Callable[[int, int], None] | None = None) -> None:
        """Give Chroma every passage it lacks; for the holder of the workspace's write lock.

        `on_progress` is told how many passages Chroma holds, and of how many.
        Raises IndexUnavailable when Chroma cannot be written; what it was given until then stays noted.
        """
        with self._mutex, self._lock.writing():
            state = self._store.index_state()
            if self._store.last_number() <= state.upto and self._chroma.exists(state.epoch):
                return
            if self._opened.epoch != state.epoch:
                self._close_generation()
            self._chroma.drop_others(state.epoch)
            generation = self._open(state, create=True)
            # When Chroma lost something, or was taken away, it is given everything again.
            upto = state.upto if generation.count() >= self._store.count_upto(state.upto) else 0
            self._untidy = True
            while True:
                numbers, vectors = self._store.vectors(above=upto, limit=FLUSH_ROWS)
                if not len(numbers):
                    break
                generation.upsert(numbers, vectors)
                upto = int(numbers[-1])
                self._store.indexed(upto)
                self._opened = IndexState(state.epoch, upto)
                if on_progress is not None:
                    on_progress(self._store.count_upto(upto), self._store.count())

    def finish(self, on_progress: Callable[[int, int], None] | None = None) -> None:
        """Flush, and clear from Chroma's files what does not belong in them; at the end of every piece of writing.

        Raises IndexUnavailable or StorageFailed.
        """
        with self._mutex:
            self.flush(on_progress)
            if self._untidy:
                with self._lock.writing():
                    self._close_generation()
                    self._chroma.tidy(self._store.index_state().epoch)
                self._untidy = False

    def forget(self) -> None:
        """Take the generations of earlier epochs out of Chroma, wherever it lies. Raises IndexUnavailable."""
        with self._mutex, self._lock.writing():
            self._close_generation()
            self._all = None
            self._chroma.drop_others(self._store.index_state().epoch)

    def check(self) -> list[str]:
        """What is wrong with Chroma, a sentence each; empty when it holds what the store says."""
        with self._mutex, self._lock.reading() as free:
            state = self._store.index_state()
            if not free:
                return []  # being written this moment
            if state.upto < self._store.last_number():
                return ["Chroma has not been given every passage yet: the next `council add` or `reindex` does it."]
            if state.upto == 0:
                return []
            try:
                held = self._open(state, create=False).count()
            except IndexUnavailable as err:
                return [str(err)]
            expected = self._store.count_upto(state.upto)
            if held != expected:
                return [f"Chroma holds {held} passages of {expected}: run `council reindex` to build it again."]
            return []

    def close(self) -> None:
        """Let go of Chroma and of the vectors in memory."""
        with self._mutex:
            self._close_generation()
            self._all = None

    def _unfiltered(self, vector: NDArray[np.float32], limit: int) -> Neighbours:
        near = self._from_chroma(vector, limit)
        if near is None:
            return _best(*self._everything(), vector, limit)
        self._all = None
        return near

    def _from_chroma(self, vector: NDArray[np.float32], limit: int) -> Neighbours | None:
        """From Chroma, with what it lacks merged in; None when it cannot be asked now."""
        if not self._mutex.acquire(timeout=WAIT_SECONDS):
            return None  # a thread of this process is giving Chroma what it lacks
        try:
            state = self._store.index_state()
            near = self._ask_chroma(state, vector, limit)
        finally:
            self._mutex.release()
        if near is None or self._store.last_number() <= state.upto:
            return near
        # Chroma may hold a little more than is noted, when its writer was stopped between the two.
        near = [pair for pair in near if pair[0] <= state.upto]
        near += _best(*self._store.vectors(above=state.upto), vector, limit)
        return sorted(near, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _ask_chroma(self, state: IndexState, vector: NDArray[np.float32], limit: int) -> Neighbours | None:
        if state.upto == 0:
            return None
        with self._lock.reading() as free:
            if not free and not self._chroma.shared:
                return None
            if state != self._opened and not self._reopen(state):
                return None
            assert self._generation is not None
            try:
                return self._generation.query(vector, limit)
            except IndexUnavailable:
                self._close_generation()
                if self._chroma.shared:
                    raise
                return None

    def _reopen(self, state: IndexState) -> bool:
        """Open Chroma as it now is; False when it is missing, or was opened only just now."""
        if time.monotonic() - self._opened_at < REOPEN_SECONDS and not self._chroma.shared:
            return False
        try:
            self._open(state, create=False)
        except IndexUnavailable:
            if self._chroma.shared:
                raise
            return False
        return True

    def _open(self, state: IndexState, *, create: bool) -> Generation:
        if self._generation is None or self._opened != state:
            self._close_generation()
            self._opened_at = time.monotonic()
            self._generation = self._chroma.open(state.epoch, create=create)
            self._opened = state
        return self._generation

    def _close_generation(self) -> None:
        if self._generation is not None:
            self._generation.close()
        self._generation, self._opened, self._opened_at = None, IndexState(-1, 0), float("-inf")

    def _everything(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """All vectors, in memory; only what was added since the last time is read."""
        with self._matrix_lock:
            version = self._store.version()  # before the rest, so that a change meanwhile is seen the next time
            matrix = self._all
            if matrix is None or matrix.version != version:
                epoch = self._store.index_state().epoch
                if matrix is None or matrix.epoch != epoch:
                    matrix = _Matrix(epoch)
                matrix.bring_up_to_date(self._store, version)
                self._all = matrix
            return matrix.numbers, matrix.vectors


class _Matrix:
    """The vectors of one epoch, which only ever grow in number."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.version = -1  # of the store, when this was last brought up to date
        self.numbers = np.empty(0, dtype=np.int64)
        self.vectors = np.empty((0, 0), dtype=np.float32)

    def bring_up_to_date(self, store: Store, version: int) -> None:
        last = int(self.numbers[-1]) if len(self.numbers) else 0
        numbers, vectors = store.vectors(above=last)
        if len(numbers):
            self.vectors = np.concatenate([self.vectors, vectors]) if last else vectors
            self.numbers = np.concatenate([self.numbers, numbers])
        self.version = version


def _best(
    numbers: NDArray[np.int64],
    vectors: NDArray[np.float32],
    vector: NDArray[np.float32],
    limit: int,
    allowed: NDArray[np.int64] | None = None,
) -> Neighbours:
    """The rows of (n, d) `vectors` nearest to `vector` (d,), at most `limit`; only numbers in `allowed`, if given."""
    if not len(numbers):
        return []
    # Not `@`: OpenBLAS would share the product among threads that wait for each other while others work.
    scores = np.vecdot(vectors, vector)
    if allowed is not None:
        passing = np.isin(numbers, allowed)
        numbers, scores = numbers[passing], scores[passing]
    kept = np.argpartition(-scores, limit - 1)[:limit] if limit < len(scores) else np.arange(len(scores))
    kept = kept[np.lexsort((numbers[kept], -scores[kept]))]
    return list(zip(numbers[kept].tolist(), scores[kept].tolist(), strict=True))
