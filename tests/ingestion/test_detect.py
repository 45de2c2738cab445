"""What a file really is, by its ending and its bytes, and the limits on what is unpacked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from bad_files import BAD_FILES, GOOD_FILES, OLE_START, docx_bytes, with_part

from ingestion.errors import FileTooLarge, NotAFile
from ingestion.parse import SUFFIXES
from ingestion.parse.archive import MAX_UNPACK_RATIO, check_archive
from ingestion.parse.detect import KINDS, examine, kind_of_bytes, sha256_of


@pytest.mark.parametrize("suffix", GOOD_FILES)
def test_a_files_bytes_tell_its_kind(suffix: str) -> None:
    expected = None if suffix in {".csv", ".eml"} else suffix
    assert kind_of_bytes(GOOD_FILES[suffix]()) == expected


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"%PDF-1.7\n", ".pdf"),
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"II*\0", ".tif"),
        (OLE_START + bytes(600) + "WordDocument\0".encode("utf-16-le"), ".doc"),
        (OLE_START + bytes(600) + "__properties_version1.0\0".encode("utf-16-le"), ".msg"),
        (b"PK\3\4 and nothing more", ".zip"),
        (b"Some words.", None),
        (b"", None),
    ],
)
def test_signatures(data: bytes, suffix: str | None) -> None:
    assert kind_of_bytes(data) == suffix


def test_a_macro_document_is_not_taken_for_a_plain_one() -> None:
    assert kind_of_bytes(with_part(docx_bytes(), "word/vbaProject.bin", b"x")) == ".docm"


def test_every_ending_that_is_read_says_what_it_is() -> None:
    assert set(KINDS) == set(SUFFIXES)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)


def test_an_ending_in_capitals_is_read(tmp_path: Path) -> None:
    path = tmp_path / "REPORT.DOCX"
    path.write_bytes(docx_bytes())
    assert examine(path).suffix == ".docx"


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.docx").write_bytes(docx_bytes())
    link = tmp_path / "link.docx"
    link.symlink_to(tmp_path / "real.docx")
    found = examine(link)
    assert (found.name, found.data) == ("link.docx", (tmp_path / "real.docx").read_bytes())


def test_a_report_that_packs_well_is_no_bomb() -> None:
    """A part of 5 MB of one letter packs a thousandfold, and is harmless."""
    check_archive(with_part(docx_bytes(), "word/media/image1.xml", b"a" * 5_000_000), "a.docx", "a Word document")


def test_a_bomb_is_refused_from_the_directory_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    import zipfile

    data = with_part(docx_bytes(), "word/media/image1.xml", bytes(60 * 1024 * 1024))
    assert len(data) * MAX_UNPACK_RATIO < 60 * 1024 * 1024

    def unpacked(*_: object, **__: object) -> None:
        raise AssertionError("a part was opened")

    monkeypatch.setattr(zipfile.ZipFile, "open", unpacked)
    with pytest.raises(FileTooLarge, match=r"a\.docx unpacks to more than is safe"):
        check_archive(data, "a.docx", "a Word document")


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)) * 9000)
    assert sha256_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("case", ["folder", "pipe", "device", "link loop", "dangling link", "missing"])
def test_there_is_no_digest_of_what_is_no_file(case: str, tmp_path: Path) -> None:
    with pytest.raises(NotAFile):
        sha256_of(BAD_FILES[case][0](tmp_path))
