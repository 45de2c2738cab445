"""Adding files beside the page: it can be watched, stopped between files, and never leaves anything half done."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from assistant.settings import Settings
from ingestion.errors import WriterBusy
from ui import jobs
from ui.jobs import AddJob


def notes(folder: Path, count: int) -> list[Path]:
    """Small files, all different."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"note-{number:02}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(f"The repairs visit to {number} Elm Row is booked for {number + 1} June 2026.\n")
    return paths


def names_in(workspace: str) -> list[str]:
    with Settings.from_environment().library().workspace(workspace) as place:
        return [document.name for document in place.documents()]


def test_a_job_adds_its_files_and_then_calls_back(tmp_path: Path) -> None:
    called = threading.Event()
    job = AddJob("main", notes(tmp_path / "in", 2), afterwards=called.set)
    job.wait(120)
    assert not job.running
    assert called.is_set()
    assert job.report is not None
    assert [document.name for document in job.report.added] == ["note-00.txt", "note-01.txt"]
    assert job.problem is None
    assert names_in("main") == ["note-00.txt", "note-01.txt"]


def test_a_refused_file_is_reported_and_the_others_are_added(tmp_path: Path) -> None:
    [good] = notes(tmp_path / "in", 1)
    bad = tmp_path / "in" / "broken.docx"
    bad.write_bytes(b"this is no Word document")
    job = AddJob("main", [bad, good])
    job.wait(120)
    assert job.report is not None
    assert [refusal.path.name for refusal in job.report.refused] == ["broken.docx"]
    assert "broken.docx" in job.report.refused[0].reason
    assert names_in("main") == ["note-00.txt"]


def test_a_stopped_job_keeps_whole_files_and_the_rest_can_be_added_later(tmp_path: Path) -> None:
    paths = notes(tmp_path / "in", 30)
    called = threading.Event()
    job = AddJob("main", paths, afterwards=called.set)
    job.stop()  # before the first file is through, so that there is always something left to stop
    job.wait(120)
    assert job.stopped
    assert job.report is None
    assert called.is_set()
    kept = names_in("main")
    assert len(kept) < len(paths)
    again = AddJob("main", paths)
    again.wait(120)
    assert again.report is not None
    assert len(again.report.added) + len(kept) == len(paths)
    assert sorted(names_in("main")) == [path.name for path in paths]
    with Settings.from_environment().library().workspace("main") as place:
        assert place.check() == []


def test_a_workspace_that_somebody_else_writes_to_is_a_problem_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingestion.locks import WriteLock

    monkeypatch.setattr(jobs, "WAIT_SECONDS", 0.2)
    home = Settings.from_environment().home
    Settings.from_environment().library().workspace("main", create=True).close()
    with WriteLock(home / "workspaces" / "main").hold("adding 3 files", 1):
        job = AddJob("main", notes(tmp_path / "in", 1))
        job.wait(60)
    assert isinstance(job.problem, WriterBusy)
    assert "wait for it to finish" in str(job.problem)
    assert names_in("main") == []


def test_a_bug_in_the_thread_is_raised_in_the_page_and_the_upload_is_still_removed(tmp_path: Path) -> None:
    called = threading.Event()

    class Unforeseen(type(tmp_path)):  # type: ignore[misc]  # a path that fails in a way nobody foresaw
        def stat(self, *, follow_symlinks: bool = True) -> object:
            raise ZeroDivisionError(follow_symlinks)

    job = AddJob("main", [Unforeseen(tmp_path / "a.txt")], afterwards=called.set)
    job.wait(60)
    assert called.is_set()
    with pytest.raises(ZeroDivisionError):
        job.raise_bug()
