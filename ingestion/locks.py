"""Who may write to a workspace, and who may read its Chroma, told between processes by the operating system's locks.

A lock ends with its process, however that ends, so nothing is left to clean up after a crash. Beside the writer's
lock lies a note saying who holds it, for the person who has to wait.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

import portalocker
from portalocker.exceptions import LockException

from ingestion.database import storage_errors
from ingestion.errors import UnknownWorkspace, WriterBusy

CHECK_SECONDS = 0.05


class WriteLock:
    """One writer at a time, over all processes and threads; not to be taken twice by the same thread."""

    def __init__(self, folder: Path) -> None:
        """The lock of the workspace in `folder`, which exists."""
        self._path = folder / "write.lock"
        self._note = folder / "writer.json"

    @contextmanager
    def hold(self, doing: str, wait_seconds: float) -> Iterator[None]:
        """Hold the lock inside the block, saying what it is held for ("adding 3 files").

        Raises WriterBusy, naming the holder, when it is not free within `wait_seconds`; UnknownWorkspace when the
        folder is gone.
        """
        if not self._path.parent.exists():
            raise UnknownWorkspace(
                f"The workspace in {self._path.parent} was removed: name another, or add to it anew."
            )
        lock = _lock(self._path, portalocker.LockFlags.EXCLUSIVE, wait_seconds)
        try:
            with storage_errors(self._path):
                lock.acquire()
        except LockException as err:
            raise WriterBusy(self._who(wait_seconds)) from err
        try:
            with storage_errors(self._note):
                self._note.write_text(json.dumps(_about_us(doing)), encoding="utf-8")
            yield
        finally:
            with suppress(OSError):
                self._note.unlink(missing_ok=True)
            lock.release()

    def _who(self, wait_seconds: float) -> str:
        """The sentence for the one who waited in vain."""
        waited = f" (waited {wait_seconds:.0f} s)" if wait_seconds >= 1 else ""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            holder = (
                f"process {note['pid']} on {note['host']} ({note['command']}), "
                f"which has been {note['doing']} since {note['since']}"
            )
        except (OSError, ValueError, KeyError, TypeError):
            holder = "another process, which has only just begun"
        return (
            f"The workspace in {self._path.parent} is being written to by {holder}: "
            f"wait for it to finish{waited} or stop it, then try again."
        )


class ReadLock:
    """Keeps readers out of Chroma's files while they are written; searching never waits for it."""

    def __init__(self, folder: Path) -> None:
        """The lock of the Chroma of the workspace in `folder`, which exists."""
        self._path = folder / "chroma.lock"

    @contextmanager
    def reading(self) -> Iterator[bool]:
        """Whether Chroma may be read inside the block: False, at once, when somebody is writing to it."""
        lock = _lock(self._path, portalocker.LockFlags.SHARED, 0)
        try:
            with storage_errors(self._path):
                lock.acquire()
        except LockException:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    @contextmanager
    def writing(self, wait_seconds: float = 60) -> Iterator[None]:
        """Nobody else reads or writes Chroma inside the block; a query in progress is waited for.

        Raises WriterBusy when a reader does not end within `wait_seconds`.
        """
        lock = _lock(self._path, portalocker.LockFlags.EXCLUSIVE, wait_seconds)
        try:
            with storage_errors(self._path):
                lock.acquire()
        except LockException as err:
            raise WriterBusy(
                f"Another process has been reading {self._path.parent} for more than {wait_seconds:.0f} s: "
                "stop other `council` programs that use this workspace, then try again."
            ) from err
        try:
            yield
        finally:
            lock.release()


def _lock(path: Path, kind: portalocker.LockFlags, wait_seconds: float) -> portalocker.Lock[IO[str]]:
    return portalocker.Lock(
        path,
        mode="a",
        timeout=wait_seconds,
        check_interval=CHECK_SECONDS,
        fail_when_locked=wait_seconds <= 0,
        flags=kind | portalocker.LockFlags.NON_BLOCKING,
    )


def _about_us(doing: str) -> dict[str, str | int]:
    """What others are told of the holder; the command without its arguments, which may name people."""
    return {
        "pid": os.getpid(),
        "host": platform.node(),
        "command": Path(sys.argv[0]).name or "python",
        "doing": doing,
        "since": datetime.now().astimezone().strftime("%H:%M on %d %B"),
    }
