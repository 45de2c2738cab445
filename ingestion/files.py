"""The files themselves: finding those a person named, and keeping a copy of each so that its pages can be shown."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from ingestion.database import storage_errors
from ingestion.errors import DamagedFile, StorageFailed
from ingestion.types import Document

PIECE_BYTES = 1 << 20
TEMPORARY = ".part"
LITTER = frozenset({"thumbs.db", "desktop.ini"})
LOCK_PREFIX = "~$"  # Word's mark beside a document that is open


class Refusal(NamedTuple):
    """A file that was not added, and the sentence that says why."""

    path: Path
    reason: str


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Refusal]]:
    """The files to add: those named, and those in the folders named and the folders in them, by name.

    Inside a folder hidden files, links and what the system or Word leaves lying are passed over, so that a link that
    leads back up cannot go round for ever. A file named twice comes once. A folder without files, or one that may not
    be read, is refused.
    """
    found: dict[Path, None] = {}
    refused: list[Refusal] = []
    for path in paths:
        if not _is_folder(path):
            found[path] = None
            continue
        inside, closed = _files_in(path)
        refused += [Refusal(p, f"{p.name} may not be opened: ask its owner for permission to read it.") for p in closed]
        if not inside and not closed:
            refused.append(Refusal(path, f"{path.name or path} holds no files: name a folder with documents in it."))
        found.update(dict.fromkeys(inside))
    return list(found), refused


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a loop of links: reading it as a file says so
        return False


def _files_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of a folder and its folders, in order, and the folders that may not be read."""
    files: list[Path] = []
    closed: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=lambda err: closed.append(Path(err.filename))):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        paths = (Path(here) / name for name in sorted(names) if not _is_litter(name))
        files += [path for path in paths if not path.is_symlink()]
    return files, closed


def _is_litter(name: str) -> bool:
    return name.startswith((".", LOCK_PREFIX)) or name.lower() in LITTER


class KeptFiles:
    """Copies of the originals, named by their sha256."""

    def __init__(self, folder: Path) -> None:
        """Files lie in `folder`, which exists."""
        self._folder = folder

    def path(self, document: Document) -> Path:
        """Where the copy lies. Raises StorageFailed when it is gone."""
        path = self._folder / f"{document.id}{document.suffix}"
        if not path.exists():
            raise StorageFailed(f"The kept copy of {document.name} is missing: remove the document and add it again.")
        return path

    def keep(self, source: Path, document: Document) -> None:
        """Copy a file, whole or not at all.

        Raises DamagedFile when it cannot be read, or is no longer the file that was parsed; StorageFailed when the
        copy cannot be written.
        """
        target = self._folder / f"{document.id}{document.suffix}"
        part = target.with_name(target.name + TEMPORARY)
        try:
            if _copy(source, part) != document.id:
                raise DamagedFile(f"{source.name} changed while it was being read: add it again when it is finished.")
            with storage_errors(target):
                part.replace(target)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def drop(self, document: Document) -> None:
        """Remove the copy, when there is one. Raises StorageFailed."""
        path = self._folder / f"{document.id}{document.suffix}"
        with storage_errors(path):
            path.unlink(missing_ok=True)

    def strays(self, documents: Iterable[Document]) -> list[Path]:
        """Files that belong to none of these documents: what an interrupted run left."""
        known = {f"{d.id}{d.suffix}" for d in documents}
        with storage_errors(self._folder):
            return sorted(p for p in self._folder.iterdir() if p.name not in known)

    def missing(self, documents: Iterable[Document]) -> list[Document]:
        """The documents whose copy is not there."""
        return [d for d in documents if not (self._folder / f"{d.id}{d.suffix}").exists()]

    def clean(self, documents: Iterable[Document]) -> None:
        """Remove the strays. Raises StorageFailed."""
        for path in self.strays(documents):
            with storage_errors(path):
                path.unlink()


def _copy(source: Path, target: Path) -> str:
    """Copy to a new file, through to the disk, and return the sha256 of what was copied."""
    digest = hashlib.sha256()
    try:
        reader = source.open("rb")
    except OSError as err:
        raise _unreadable(source) from err
    with reader, storage_errors(target), target.open("wb") as writer:
        while piece := _next_piece(reader, source):
            digest.update(piece)
            writer.write(piece)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def _next_piece(reader: IO[bytes], source: Path) -> bytes:
    try:
        return reader.read(PIECE_BYTES)
    except OSError as err:
        raise _unreadable(source) from err


def _unreadable(source: Path) -> DamagedFile:
    return DamagedFile(f"{source.name} went away while it was being read: add it again when it is back.")
