"""Long work beside the page that asked for it, so that the page stays alive and can stop it.

A session starts a Job and looks at it as often as it likes; leaving the page or closing the tab does not stop it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.settings import Settings
from ingestion.errors import CouncilError

if TYPE_CHECKING:
    from ingestion.library import AddReport, Progress

WAIT_SECONDS = 5.0  # for another writer, before its sentence is shown


class Stopped(KeyboardInterrupt):
    """The person pressed Stop: for the library the same as Ctrl-C on the command line."""


class AddJob:
    """Adding files to a workspace, in a thread of its own."""

    def __init__(self, workspace: str, paths: Sequence[Path], *, afterwards: Callable[[], None] = lambda: None) -> None:
        """Begin adding `paths`; `afterwards` is called at the end, however it ends."""
        self.workspace = workspace
        self.total = len(paths)
        self.progress: Progress | None = None
        self.report: AddReport | None = None
        self.problem: CouncilError | None = None
        self.stopped = False
        self._bug: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(tuple(paths), afterwards), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether work is still being done."""
        return self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether it has been asked to stop and has not yet."""
        return self.running and self._stop.is_set()

    def stop(self) -> None:
        """End after the file that is being finished; what was finished is kept."""
        self._stop.set()

    def wait(self, timeout_seconds: float | None = None) -> None:
        """Return when it has ended, or after `timeout_seconds`."""
        self._thread.join(timeout_seconds)

    def raise_bug(self) -> None:
        """Raise in the page what nobody foresaw in the thread."""
        if self._bug:
            raise self._bug

    def _work(self, paths: Sequence[Path], afterwards: Callable[[], None]) -> None:
        try:
            with Settings.from_environment().library().workspace(self.workspace, create=True) as place:
                self.report = place.add(paths, on_progress=self._look_up, wait_seconds=WAIT_SECONDS)
        except Stopped:
            self.stopped = True
        except CouncilError as problem:
            self.problem = problem
        except BaseException as bug:  # noqa: BLE001 - carried over to the page, which raises it
            self._bug = bug
        finally:
            afterwards()

    def _look_up(self, progress: Progress) -> None:
        self.progress = progress
        if self._stop.is_set():
            raise Stopped
