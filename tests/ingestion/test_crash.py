"""What a workspace is after kill -9, a full disk, a parser that dies, and four processes at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from evals.benchmarks.crash import contents, crash_rounds, start
from ingestion.adding import Job, read_all
from ingestion.errors import DamagedFile, UnreadableFile
from ingestion.library import Library
from ingestion.workers import Readers

WORDS = "housing repairs budget committee tenant damp survey winter heating agreed officer report ward visit".split()


def write_transcripts(folder: Path, count: int, turns: int = 12) -> list[Path]:
    """Small real files, each different: WebVTT transcripts."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i in range(count):
        lines = ["WEBVTT", ""]
        for turn in range(turns):
            said = " ".join(WORDS[(i * 7 + turn * 3 + k * k) % len(WORDS)] for k in range(20))
            lines += [
                f"00:{turn:02}:00.000 --> 00:{turn:02}:30.000",
                f"<v Cllr Invented {turn % 3}>File {i}: {said}.</v>",
                "",
            ]
        path = folder / f"meeting-{i:02}.vtt"
        path.write_text("\n".join(lines))
        paths.append(path)
    return paths


@pytest.mark.slow
def test_killed_at_any_instant_nothing_is_half_added_and_adding_again_completes(tmp_path: Path) -> None:
    write_transcripts(tmp_path / "files", 12)
    outcomes = list(crash_rounds(tmp_path / "files", rounds=10, seed=7, scratch=tmp_path))
    assert [o.problems for o in outcomes] == [[]] * 10
    # Kills that all fell before the first document or after the last would show nothing.
    assert any(0 < o.documents_before < 12 for o in outcomes)


@pytest.mark.slow
def test_four_processes_adding_at_once_lose_nothing(tmp_path: Path) -> None:
    folders = [tmp_path / f"files-{i}" for i in range(4)]
    for i, folder in enumerate(folders):
        for path in write_transcripts(folder, 5):
            path.write_text(path.read_text().replace("File ", f"Folder {i} file "))
    processes = [start(tmp_path / "home", folder) for folder in folders]
    for process in processes:
        process.communicate(timeout=120)
    assert [p.returncode for p in processes] == [0, 0, 0, 0]
    found = contents(tmp_path / "home")
    assert len(found.elements) == 20
    with Library(tmp_path / "home", embedder="builtin").workspace("crash") as workspace:
        assert workspace.check() == []
        assert sorted(workspace.add(folders).unchanged, key=lambda d: d.id) == sorted(
            workspace.documents(), key=lambda d: d.id
        )
    with Library(tmp_path / "one", embedder="builtin").workspace("crash", create=True) as alone:
        alone.add(folders)
    assert contents(tmp_path / "one") == found


FULL_DISK = textwrap.dedent("""
    import resource, sys
    from pathlib import Path
    from ingestion.errors import CouncilError
    from ingestion.library import Library
    workspace = Library(Path(sys.argv[1]), embedder="builtin").workspace("crash", create=True)
    workspace.add([Path(sys.argv[2]) / "meeting-00.vtt"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
    try:
        workspace.add([Path(sys.argv[2])])
    except CouncilError as err:
        print(type(err).__name__, err)
        sys.exit(3)
""")


@pytest.mark.parametrize("limit", [8_192, 90_000, 200_000])
def test_a_disk_that_fills_is_one_sentence_and_the_library_stays_sound(tmp_path: Path, limit: int) -> None:
    write_transcripts(tmp_path / "files", 30, turns=60)
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "home"), str(tmp_path / "files"), str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3, run.stderr
    assert run.stdout.startswith(("StorageFailed", "IndexUnavailable"))
    assert run.stdout.count("\n") == 1
    library = Library(tmp_path / "home", embedder="builtin")
    with library.workspace("crash") as workspace:
        for document in workspace.documents():
            assert len(workspace.elements(document.id)) == document.elements
            assert workspace.file(document.id).stat().st_size == document.size_bytes
        workspace.add([tmp_path / "files"])
        assert len(workspace.documents()) == 30
        assert workspace.check() == []
    with Library(tmp_path / "again", embedder="builtin").workspace("crash", create=True) as undisturbed:
        undisturbed.add([tmp_path / "files"])
    assert contents(tmp_path / "home") == contents(tmp_path / "again")


INTERRUPTED = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from ingestion.library import Library
    def after_three(progress):
        if progress.done == 3 and progress.stage == "reading":
            os.kill(os.getpid(), signal.SIGINT)
    with Library(Path(sys.argv[1]), embedder="builtin").workspace("crash", create=True) as workspace:
        workspace.add([Path(sys.argv[2])], on_progress=after_three)
""")


def test_an_interrupted_add_keeps_what_was_done_and_the_next_does_the_rest(tmp_path: Path) -> None:
    write_transcripts(tmp_path / "files", 6)
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path / "home"), str(tmp_path / "files")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "KeyboardInterrupt" in run.stderr
    with Library(tmp_path / "home", embedder="builtin").workspace("crash") as workspace:
        assert len(workspace.documents()) == 3
        assert len(workspace.search("housing repairs budget", limit=5)) == 5
        report = workspace.add([tmp_path / "files"])
        assert (len(report.unchanged), len(report.added)) == (3, 3)
        assert workspace.check() == []


def test_workers_read_what_this_process_reads_in_the_same_order(tmp_path: Path) -> None:
    paths = write_transcripts(tmp_path, 5)
    (tmp_path / "broken.vtt").write_text("")
    jobs = [Job(path, f"{i:064x}") for i, path in enumerate([*paths[:2], tmp_path / "broken.vtt", *paths[2:]])]
    inline = list(read_all(jobs, 1))
    with Readers(2) as readers:
        futures = [readers.read(*job) for job in jobs]
        for (_, outcome), future in zip(inline, futures, strict=True):
            if isinstance(outcome, UnreadableFile):
                with pytest.raises(type(outcome), match=str(outcome)):
                    future.result(60)
            else:
                assert future.result(60) == outcome


def test_a_parser_that_dies_takes_only_its_own_file_with_it(tmp_path: Path) -> None:
    paths = write_transcripts(tmp_path, 3)
    with Readers(1) as readers:
        assert readers.read(paths[0], "0" * 64).result(60).kind == "transcript"
        (worker,) = readers._started
        os.kill(worker._process.pid, signal.SIGSTOP)  # it will have the file, and not begin
        future = readers.read(paths[1], "1" * 64)
        time.sleep(0.2)
        os.kill(worker._process.pid, signal.SIGKILL)
        with pytest.raises(DamagedFile, match=r"meeting-01\.vtt could not be read, its reader stopped half way"):
            future.result(60)
        assert readers.read(paths[2], "2" * 64).result(60).kind == "transcript"


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    paths = write_transcripts(tmp_path, 1)
    program = (
        "import sys, time; from pathlib import Path; from ingestion.workers import Readers\n"
        "r = Readers(1); r.read(Path(sys.argv[1]), '0' * 64).result()\n"
        "print(r._started[0]._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(paths[0])], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and is_running(worker):
        time.sleep(0.05)
    assert not is_running(worker)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
