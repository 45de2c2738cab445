"""One writer at a time, over threads and processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from ingestion.errors import UnknownWorkspace, WriterBusy
from ingestion.locks import ReadLock, WriteLock

HOLDER = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from ingestion.locks import WriteLock
    with WriteLock(Path(sys.argv[1])).hold("adding 3 files", 1):
        print("held", flush=True)
        time.sleep(60)
""")


def start_holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_second_writer_is_told_who_holds_the_lock_and_what_for(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    try:
        began = time.monotonic()
        with (
            pytest.raises(WriterBusy, match=rf"process {holder.pid} on .* adding 3 files since .* try again\.$"),
            WriteLock(tmp_path).hold("removing a document", 0.3),
        ):
            pass
        assert 0.2 < time.monotonic() - began < 5
    finally:
        stop(holder)


def test_a_killed_writer_leaves_no_lock_behind(tmp_path: Path) -> None:
    stop(start_holder(tmp_path))
    assert (tmp_path / "writer.json").exists()
    with WriteLock(tmp_path).hold("adding 1 file", 0):
        assert f'"pid": {os.getpid()}' in (tmp_path / "writer.json").read_text()
    assert not (tmp_path / "writer.json").exists()


def test_a_waiting_writer_gets_the_lock_when_it_is_given_back(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    timer = subprocess.Popen([sys.executable, "-c", f"import time,os; time.sleep(.5); os.kill({holder.pid}, 9)"])
    with WriteLock(tmp_path).hold("adding 1 file", 20):
        pass
    timer.wait()
    stop(holder)


def test_two_locks_of_one_process_exclude_each_other_too(tmp_path: Path) -> None:
    with (
        WriteLock(tmp_path).hold("adding 1 file", 0),
        pytest.raises(WriterBusy, match=f"process {os.getpid()} "),
        WriteLock(tmp_path).hold("adding 1 file", 0),
    ):
        pass


def test_a_lock_in_a_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownWorkspace, match="removed"), WriteLock(tmp_path / "gone").hold("adding 1 file", 0):
        pass


def test_the_lock_is_given_back_when_the_work_fails(tmp_path: Path) -> None:
    lock = WriteLock(tmp_path)
    with pytest.raises(KeyError), lock.hold("adding 1 file", 0):
        raise KeyError
    with lock.hold("adding 1 file", 0):
        pass


def test_readers_do_not_keep_each_other_out_and_a_writer_keeps_them_all_out(tmp_path: Path) -> None:
    with ReadLock(tmp_path).reading() as first, ReadLock(tmp_path).reading() as second:
        assert first
        assert second
    with ReadLock(tmp_path).writing(), ReadLock(tmp_path).reading() as third:
        assert not third


def test_a_writer_waits_for_a_reader_only_so_long(tmp_path: Path) -> None:
    with (
        ReadLock(tmp_path).reading(),
        pytest.raises(WriterBusy, match="reading"),
        ReadLock(tmp_path).writing(wait_seconds=0.1),
    ):
        pass
