"""Reading files on all cores: worker processes, each fed one file at a time over its pipes.

    main: Readers.read(path, id) -> Future[Reading]   <-pipe->   worker: python -m ingestion.workers

Plain subprocesses rather than `multiprocessing`: that would run the caller's main script again in each worker, which
for a Streamlit page is the page. A worker ends when its pipe does, so none outlives a killed parent; one that dies
(a parser written in C can) takes only its own file with it.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple, Self

from ingestion.errors import CouncilError, DamagedFile
from ingestion.rows import ElementRow, pack_element
from ingestion.types import DocumentKind, Passage

LENGTH = struct.Struct("<Q")


class Reading(NamedTuple):
    """What a file turned into, ready to be written."""

    kind: DocumentKind
    pages: int | None
    elements: Sequence[ElementRow]
    passages: Sequence[Passage]


class _Job(NamedTuple):
    path: Path
    document_id: str


class _Failure(NamedTuple):
    """What went wrong in a worker: a CouncilError to raise as it is, or the traceback of a bug."""

    error: CouncilError | None
    details: str


class WorkerBug(Exception):
    """A bug in a worker; the message is its traceback."""


def read_file(path: Path, document_id: str) -> Reading:
    """Parse a file and cut it into passages, in this process. Raises UnreadableFile."""
    from ingestion.parse import document_kind, parse
    from ingestion.passages import make_passages

    elements = parse(path)
    return Reading(
        kind=document_kind(path.suffix.lower(), elements),
        pages=max((e.page for e in elements if e.page is not None), default=None),
        elements=[pack_element(e) for e in elements],
        passages=make_passages(document_id, elements),
    )


class Readers:
    """Some worker processes; started when first needed, ended by `close`."""

    def __init__(self, processes: int) -> None:
        """At most `processes` files are read at once."""
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="reader")
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._started: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, path: Path, document_id: str) -> Future[Reading]:
        """Begin to read a file; the future raises UnreadableFile, or DamagedFile when its reader died of it."""
        return self._threads.submit(self._read, _Job(path, document_id))

    def close(self) -> None:
        """Stop at once: what is being read is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._started:
            worker.stop()
        self._threads.shutdown(wait=True)

    def _read(self, job: _Job) -> Reading:
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            worker = _Worker()
            self._started.append(worker)
        try:
            answer = worker.ask(job)
        except (OSError, EOFError) as err:
            worker.stop()
            raise DamagedFile(
                f"{job.path.name} could not be read, its reader stopped half way: save the file anew from the program "
                "that made it, or leave it out."
            ) from err
        self._idle.put(worker)
        if isinstance(answer, Reading):
            return answer
        if answer.error is not None:
            raise answer.error
        raise WorkerBug(answer.details)


class _Worker:
    """One worker process and its pipes."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parent.parent)
        paths = [root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingestion.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in paths if p)},
        )

    def ask(self, job: _Job) -> Reading | _Failure:
        """Raises OSError or EOFError when the process died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        _send(self._process.stdin, job)
        answer = _receive(self._process.stdout)
        if not isinstance(answer, Reading | _Failure):
            raise TypeError(f"a worker answered with {type(answer).__name__}")
        return answer

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)


def _close(pipe: IO[bytes]) -> None:
    with suppress(OSError):  # bytes not yet sent to a process that is gone
        pipe.close()


def _send(pipe: IO[bytes], value: object) -> None:
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> object:
    """The next value; raises EOFError when the other side is gone. Both sides are this program, hence pickle."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)


def serve() -> None:
    """Read one file after the other until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the parent decides
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    while True:
        try:
            job = _receive(sys.stdin.buffer)
        except EOFError:
            return
        assert isinstance(job, _Job)
        _send(answers, _answer(job))


def _answer(job: _Job) -> Reading | _Failure:
    try:
        return read_file(job.path, job.document_id)
    except CouncilError as err:
        return _Failure(err, str(err))
    except Exception:  # noqa: BLE001 - a bug: its traceback is raised again in the parent
        return _Failure(None, traceback.format_exc())


if __name__ == "__main__":
    # As `__main__` this module's classes would be other classes than the parent's, and pickle tells them apart.
    from ingestion import workers

    workers.serve()
