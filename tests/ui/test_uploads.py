"""Uploaded bytes lie in a private folder, under a harmless name, for no longer than needed."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import StorageFailed
from ui.uploads import MAX_NAME_BYTES, UploadFolder, safe_name, sweep


class Sent(NamedTuple):
    """What a browser sent."""

    name: str
    data: bytes

    def getvalue(self) -> bytes:
        return self.data


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.mark.parametrize(
    ("sent", "saved"),
    [
        ("report.docx", "report.docx"),
        ("Tenancy letter – Mrs Ó Néill.pdf", "Tenancy letter – Mrs Ó Néill.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\clerk\\minutes.vtt", "minutes.vtt"),
        ("..", "document"),
        ("", "document"),
        (".docx", "docx"),
        ("a\x00b\nc.txt", "a_b_c.txt"),
        ("what? <why>: *.txt", "what_ _why__ _.txt"),
        ("trailing. . .", "trailing"),
        ("x" * 300 + ".docx", "x" * 195 + ".docx"),
    ],
)
def test_a_name_is_made_harmless_and_keeps_its_ending(sent: str, saved: str) -> None:
    assert safe_name(sent) == saved


@given(st.text())
def test_any_name_becomes_one_plain_file_name(sent: str) -> None:
    name = safe_name(sent)
    assert name not in ("", ".", "..")
    assert Path(name).name == name
    assert len(name.encode()) <= MAX_NAME_BYTES


def test_two_files_of_one_name_are_both_kept_and_only_we_can_read_them() -> None:
    folder = UploadFolder()
    first, second = folder.save([Sent("a.txt", b"one"), Sent("a.txt", b"two")])
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")
    assert first.name == second.name == "a.txt"
    if os.name != "nt":
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.remove()
    assert not folder.path.exists()


def test_an_upload_that_does_not_fit_is_a_sentence_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = UploadFolder()
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageFailed, match="check the free space"):
        folder.save([Sent("a.txt", b"one")])
    assert not folder.path.exists()


def test_what_a_killed_server_left_is_swept_away_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    in_use = UploadFolder()
    left = tmp_path / "council-upload-left"
    (left / "1").mkdir(parents=True)
    (left / "1" / "secret.txt").write_text("left behind")
    assert sweep() == 1
    assert not left.exists()
    assert in_use.path.exists()
    in_use.remove()
