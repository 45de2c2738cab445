"""The library: workspaces (a team, or a case), each a folder of its own that shares nothing with the others.

    <home>/workspaces/<slug>/
        library.db      the truth (store.py)
        files/          the originals, named by their sha256
        chroma/         vectors, derived
        write.lock      one writer at a time; writer.json says who

Removing a workspace removes its folder.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.adding import AddReport, Progress
from ingestion.database import storage_errors
from ingestion.embeddings import EMBEDDERS, Embedder, choose_embedder
from ingestion.errors import UnknownWorkspace
from ingestion.files import Refusal
from ingestion.locks import WriteLock
from ingestion.store import Store
from ingestion.workspace import DATABASE, WAIT_SECONDS, Workspace

if TYPE_CHECKING:
    from ingestion.embeddings.endpoint import Endpoint

__all__ = ["AddReport", "Library", "Progress", "Refusal", "Workspace"]

MAX_NAME = 64
_NAME = re.compile(r"[^\W_][\w .-]*")
_REMOVED = ".removed-"
_NEW = ".new-"


class Library:
    """The workspaces under one folder."""

    def __init__(
        self,
        home: Path,
        *,
        embedder: str | None = None,
        endpoint: Endpoint | None = None,
        chroma_url: str | None = None,
    ) -> None:
        """`embedder` names who makes the vectors; None keeps a workspace's own, and takes the best for a new one.

        `chroma_url` is a Chroma server to use instead of the folder's own index.
        """
        self._folder = home / "workspaces"
        self._embedder = embedder
        self._endpoint = endpoint
        self._chroma_url = chroma_url

    def workspace(self, name: str, *, create: bool = False) -> Workspace:
        """The workspace of that name; capital letters, and which of space, - and _ stands between words, are one.

        Raises UnknownWorkspace, naming those there are, when it is not there and not to be created, or when it can be
        no name.
        """
        folder = self._folder / slug(name)
        if not (folder / DATABASE).exists():
            if not create:
                raise UnknownWorkspace(self._missing(name))
            self._make(folder, unicodedata.normalize("NFC", name.strip()))
        return Workspace(folder, self._chooser, chroma_url=self._chroma_url)

    def workspaces(self) -> list[str]:
        """The names of all workspaces, in alphabetical order."""
        if not self._folder.exists():
            return []
        found = []
        for path in self._folder.glob(f"*/{DATABASE}"):
            if not path.parent.name.startswith("."):
                store = Store(path)
                found.append(store.get("name") or path.parent.name)
                store.close()
        return sorted(found, key=str.casefold)

    def remove_workspace(self, name: str) -> None:
        """Remove a workspace with everything in it.

        Raises UnknownWorkspace, WriterBusy when somebody is writing to it, or IndexUnavailable when its vectors lie on
        a server that gives no answer; nothing is removed then.
        """
        folder = self._folder / slug(name)
        if not (folder / DATABASE).exists():
            raise UnknownWorkspace(self._missing(name))
        with self.workspace(name) as workspace:
            shown = workspace.name
            with WriteLock(folder).hold(f"removing the workspace {shown}", WAIT_SECONDS):
                workspace.forget_index()
                # Renamed first, so that nobody ever sees half of it; what a crash leaves is swept up next time.
                with storage_errors(folder):
                    folder.rename(self._folder / f"{_REMOVED}{uuid.uuid4().hex}")
        self._sweep()

    def _make(self, folder: Path, name: str) -> None:
        """Make a workspace's folder aside and then move it into place, so that it is there whole or not at all."""
        new = self._folder / f"{_NEW}{uuid.uuid4().hex}"
        with storage_errors(folder):
            new.mkdir(parents=True, mode=0o700)
            (new / "files").mkdir(mode=0o700)
        store = Store(new / DATABASE)
        store.set({"name": name, "owner": uuid.uuid4().hex})
        store.close()
        try:
            new.rename(folder)
        except OSError:
            shutil.rmtree(new, ignore_errors=True)
            if not (folder / DATABASE).exists():  # not merely another process that was quicker
                with storage_errors(folder):
                    raise

    def _sweep(self) -> None:
        for folder in self._folder.glob(f"{_REMOVED}*"):
            with storage_errors(folder):
                shutil.rmtree(folder)

    def _chooser(self, remembered: str | None) -> Embedder:
        """Who makes a workspace's vectors, given the name of the embedder that made those it has."""
        own = (remembered or "").partition("-")[0]
        name = self._embedder or (own if own in EMBEDDERS else None)
        return choose_embedder(name, endpoint=self._endpoint)

    def _missing(self, name: str) -> str:
        names = self.workspaces()
        there = f"there are {', '.join(names)}" if names else "there is none yet"
        return f"There is no workspace “{name}” ({there}): add a document to it to make it."


def slug(name: str) -> str:
    """The name of a workspace's folder. Raises UnknownWorkspace when `name` can be no workspace's."""
    tidy = unicodedata.normalize("NFC", name.strip())
    if len(tidy) > MAX_NAME or not _NAME.fullmatch(tidy):
        raise UnknownWorkspace(
            f"“{name[:MAX_NAME]}” cannot be a workspace's name: use a letter or digit, then letters, digits, spaces "
            f"and - _ . up to {MAX_NAME} in all."
        )
    return re.sub(r"[ _.-]+", "-", tidy.casefold()).strip("-")
