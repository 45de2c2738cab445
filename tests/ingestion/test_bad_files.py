"""A file that cannot be read costs one sentence, whatever is wrong with it, and never a traceback or a hang."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bad_files import BAD_FILES, GOOD_FILES, nested_multiparts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.errors import NoPermission, UnreadableFile
from ingestion.parse import SUFFIXES, parse
from ingestion.parse.detect import shown_name

SECONDS_ALLOWED = 20
_OCR_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
_PROPERTY = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def assert_one_sentence(error: UnreadableFile, path: Path) -> None:
    message = str(error)
    assert shown_name(path) in message
    assert str(path.parent) not in message
    assert "\n" not in message
    assert message.endswith(".")
    rest = message.replace(shown_name(path), "")
    assert ". " not in rest, "more than one sentence"
    for word in ("Traceback", "Error", "Exception", "zipfile", "None", "0x"):
        assert word not in rest


def read_or_refuse(path: Path) -> None:
    """Reading must give storable elements or one sentence, and soon."""
    started = time.monotonic()
    try:
        elements = parse(path)
    except UnreadableFile as err:
        assert_one_sentence(err, path)
    else:
        assert elements
        for element in elements:
            element.text.encode("utf-8")
            assert "\0" not in element.text
    assert time.monotonic() - started < SECONDS_ALLOWED


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_in_one_sentence_that_names_it(case: str, tmp_path: Path) -> None:
    build, expected = BAD_FILES[case]
    path = build(tmp_path)
    started = time.monotonic()
    with pytest.raises(expected) as caught:
        parse(path)
    assert time.monotonic() - started < SECONDS_ALLOWED
    assert type(caught.value) is expected
    assert_one_sentence(caught.value, path)


@pytest.mark.parametrize(
    ("case", "remedy"),
    [
        ("pdf named docx", "really a PDF and not a Word document, so rename it to report.pdf"),
        ("docx named pdf", "rename it to report.docx"),
        ("no ending", "rename it to report.pdf"),
        ("page named docx", "really an HTML page"),
        ("old word", "save it as .docx"),
        ("old excel", "save it as .xlsx"),
        ("old powerpoint", "save it as .pptx"),
        ("old word named docx", "really an old Word document"),
        ("encrypted office", "remove the password"),
        ("unclosed quotation", "line 3"),
        ("swallowed row", "line 2"),
        ("recording", "add its transcript"),
        ("too large", "the limit is 100 MB"),
    ],
)
def test_the_sentence_says_what_to_do(case: str, remedy: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=remedy):
        parse(BAD_FILES[case][0](tmp_path))


@pytest.mark.parametrize("suffix", GOOD_FILES)
def test_the_good_files_behind_the_corpus_are_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"good{suffix}"
    path.write_bytes(GOOD_FILES[suffix]())
    assert parse(path)
    assert parse(path) == parse(path)


def test_a_file_that_may_not_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "private.txt"
    path.write_text("Words that only the owner may read.")

    def forbidden(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(NoPermission) as caught:
        parse(path)
    assert_one_sentence(caught.value, path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give its rights away")
def test_another_users_file_is_refused_by_the_operating_system(tmp_path: Path) -> None:
    path = tmp_path / "private.txt"
    path.write_text("Words that only the owner may read.")
    path.chmod(0o600)
    # tmp_path is closed to other users too, so the child must be refused by the folder or by the file.
    code = (
        "import sys, os; from pathlib import Path; from ingestion.parse.detect import examine\n"
        "from ingestion.errors import NoPermission\n"
        "try: os.setgid(65534); os.setuid(65534)\n"
        "except OSError: sys.exit(77)\n"
        "try: examine(Path(sys.argv[1]))\n"
        "except NoPermission as err: print(err)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("this user namespace has no user but root")
    assert done.stdout.startswith("private.txt may not be opened by you"), done.stderr


def test_deeply_nested_bodies_are_read_or_refused(tmp_path: Path) -> None:
    for levels in (50, 500, 3000):
        path = tmp_path / f"deep{levels}.eml"
        path.write_bytes(nested_multiparts(levels))
        read_or_refuse(path)


def test_a_deeply_nested_page_is_read_or_refused(tmp_path: Path) -> None:
    for levels in (100, 250, 5000):
        path = tmp_path / f"deep{levels}.html"
        path.write_text("<div>" * levels + "The words within." + "</div>" * levels)
        read_or_refuse(path)


def test_a_row_number_beyond_any_sheet_does_not_hang(tmp_path: Path) -> None:
    from bad_files import with_part, xlsx_bytes

    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>7</v></c></row><row r="2000000000"><c r="A2000000000"><v>8</v></c></row>'
        b"</sheetData></worksheet>"
    )
    path = tmp_path / "far.xlsx"
    path.write_bytes(with_part(xlsx_bytes(), "xl/worksheets/sheet1.xml", sheet))
    read_or_refuse(path)


def test_a_name_that_no_terminal_can_print_is_shown_safely(tmp_path: Path) -> None:
    path = tmp_path / "a\nb\x1b[31m.docx"
    path.write_bytes(b"words")
    with pytest.raises(UnreadableFile) as caught:
        parse(path)
    assert_one_sentence(caught.value, path)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("suffix", [s for s in SUFFIXES if s not in _OCR_SUFFIXES])
@_PROPERTY
@given(data=st.binary(max_size=2000))
def test_random_bytes_are_read_or_refused(suffix: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"random{suffix}"
    path.write_bytes(data)
    read_or_refuse(path)


@pytest.mark.parametrize("suffix", GOOD_FILES)
@_PROPERTY
@given(share=st.floats(0, 1))
def test_a_file_cut_short_anywhere_is_read_or_refused(suffix: str, share: float, tmp_path: Path) -> None:
    good = GOOD_FILES[suffix]()
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(good[: int(len(good) * share)])
    read_or_refuse(path)


@pytest.mark.parametrize("suffix", GOOD_FILES)
@_PROPERTY
@given(seed=st.integers(0, 2**32), flips=st.integers(1, 20))
def test_a_file_with_flipped_bytes_is_read_or_refused(suffix: str, seed: int, flips: int, tmp_path: Path) -> None:
    damaged = bytearray(GOOD_FILES[suffix]())
    chance = random.Random(seed)
    for _ in range(flips):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    path = tmp_path / f"flipped{suffix}"
    path.write_bytes(damaged)
    read_or_refuse(path)


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels"])
@_PROPERTY
@given(seed=st.integers(0, 2**32))
def test_damage_inside_a_sound_archive_is_read_or_refused(part: str, seed: int, tmp_path: Path) -> None:
    import zipfile
    from io import BytesIO

    from bad_files import with_part

    good = GOOD_FILES[".docx"]()
    with zipfile.ZipFile(BytesIO(good)) as archive:
        content = bytearray(archive.read(part))
    chance = random.Random(seed)
    for _ in range(3):
        content[chance.randrange(len(content))] = chance.choice(b'<>&"/x0 ')
    path = tmp_path / "inside.docx"
    path.write_bytes(with_part(good, part, bytes(content)))
    read_or_refuse(path)
