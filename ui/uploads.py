"""Uploaded bytes on their way into the library: a private folder, for no longer than the adding takes."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import portalocker

from ingestion.database import storage_errors
from ingestion.errors import CouncilError

PREFIX = "council-upload-"
LOCK = "in-use"
MAX_NAME_BYTES = 200


class Uploaded(Protocol):
    """A file as the browser sent it."""

    @property
    def name(self) -> str: ...
    def getvalue(self) -> bytes: ...


class UploadFolder:
    """A folder that only this account can read, held by a lock that ends with this process."""

    def __init__(self) -> None:
        with storage_errors(Path(tempfile.gettempdir())):
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
            self._lock = portalocker.Lock(self.path / LOCK, mode="a", timeout=0)
            self._lock.acquire()
        atexit.register(self.remove)

    def save(self, files: Iterable[Uploaded]) -> list[Path]:
        """Write each file under its own name, in a folder of its own, since two may share a name.

        Raises StorageFailed when the disk is full; everything is removed then.
        """
        paths = []
        for number, file in enumerate(files, start=1):
            path = self.path / str(number) / safe_name(file.name)
            try:
                with storage_errors(path):
                    path.parent.mkdir()
                    path.write_bytes(file.getvalue())
            except CouncilError:
                self.remove()
                raise
            paths.append(path)
        return paths

    def remove(self) -> None:
        """Take the folder and all that is in it away."""
        atexit.unregister(self.remove)
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def sweep() -> int:
    """Remove the folders that a killed server left behind; returns how many."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with portalocker.Lock(folder / LOCK, mode="a", timeout=0, fail_when_locked=True):
                pass
        except (portalocker.LockException, OSError):  # in use, or another account's
            continue
        shutil.rmtree(folder, ignore_errors=True)
        removed += 1
    return removed


def safe_name(name: str) -> str:
    """The last part of `name`, without what a file system cannot hold, at most 200 bytes long, its ending kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1].encode("utf-8", "replace").decode("utf-8")
    last = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(" .")
    stem, dot, ending = last.rpartition(".")
    if not stem or len(ending.encode()) > 10:
        stem, dot, ending = last, "", ""
    room = MAX_NAME_BYTES - len(f"{dot}{ending}".encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    return f"{stem or 'document'}{dot}{ending}"
