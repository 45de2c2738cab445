"""How many tokens a text is to a language model; the only home of tiktoken.

Exact when one of tiktoken's encoding files lies on disk. Without it tiktoken would download the file, and behind a
firewall that drops packets wait minutes for it, so it is only asked when the file is there and whole. Otherwise an
estimate with a margin, so that what is planned to fit a budget does fit.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import os
import re
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import tiktoken

PIECE_CHARACTERS = 50_000  # tiktoken's pattern matcher slows down on very long runs, so long texts go in pieces


class EncodingFile(NamedTuple):
    """One of tiktoken's encodings, and its file as tiktoken caches it."""

    encoding: str
    cache_name: str  # the SHA-1 of the address tiktoken would fetch
    sha256: str


ENCODING_FILES = (
    EncodingFile(
        "o200k_base",
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    EncodingFile(
        "cl100k_base",
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
)
"""Newest first; their hashes are those in tiktoken_ext.openai_public."""


def count_tokens(text: str) -> int:
    """The number of tokens of `text`: exact when an encoding file is on disk, else `estimate_tokens`."""
    encoding = _encoding()
    if encoding is None:
        return estimate_tokens(text)
    pieces = (text[i : i + PIECE_CHARACTERS] for i in range(0, len(text), PIECE_CHARACTERS))
    return sum(len(encoding.encode_ordinary(piece)) for piece in pieces)


def tokeniser() -> str:
    """What counts the tokens, in a phrase for a person."""
    encoding = _encoding()
    if encoding is None:
        return 'an estimate, on the safe side (pip install "council-assistant[tokens]" makes it exact)'
    return f"tiktoken {encoding.name}, exact"


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding | None:
    """The newest encoding whose file is on disk, loaded once (0.1 to 0.4 s)."""
    for file in ENCODING_FILES:
        for folder in _cache_folders():
            if _is_whole(folder / file.cache_name, file.sha256):
                return _load(file.encoding, folder)
    return None


def _cache_folders() -> list[Path]:
    """Where tiktoken's files may lie: its own cache, or inside llama-index-core, which carries them."""
    named = [os.environ.get(name) for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")]
    folders = [Path(name) for name in named if name]
    folders.append(Path(tempfile.gettempdir()) / "data-gym-cache")
    package = importlib.util.find_spec("llama_index")  # a namespace package: finding it runs none of its code
    places = (package.submodule_search_locations or ()) if package else ()
    return [*folders, *(Path(place) / "core" / "_static" / "tiktoken_cache" for place in places)]


def _is_whole(path: Path, sha256: str) -> bool:
    """Whether the file is there with these contents; tiktoken would delete and download a damaged one."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


_environment_lock = threading.Lock()


def _load(name: str, folder: Path) -> tiktoken.Encoding:
    """Have tiktoken read the encoding from `folder`, the only way it offers being an environment variable."""
    import tiktoken

    with _environment_lock:
        before = os.environ.get("TIKTOKEN_CACHE_DIR")
        os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
        try:
            return tiktoken.get_encoding(name)
        finally:
            if before is None:
                del os.environ["TIKTOKEN_CACHE_DIR"]
            else:
                os.environ["TIKTOKEN_CACHE_DIR"] = before


_ENGLISH = frozenset(
    "the of and to a in is that for it on be with as was at by you this are or have from not an your we if can will "
    "i he she they his her their our us there which who has had been do should would must may".split()
)
_ENGLISH_SHARE = 0.15  # of a line's words; running English has 0.35 to 0.5 function words, tables and Welsh almost none
_PIECE = re.compile(r"(?P<word>[^\W\d_]+)|(?P<digits>\d+)|(?P<marks>[^\w\s]+|_+)")
REMEMBERED_CHARACTERS = 40
_WIDE_SPACE = re.compile(r"\s{2,}")
_MARGIN = 1.04


def estimate_tokens(text: str) -> int:
    """About how many tokens `text` is, rather too many than too few; no file needed.

    Counts what OpenAI's encodings split at: words, digits in threes, runs of marks, line ends. A common English word is
    one token; a word of another language, a name or a code is one for every two letters or so, and so is every word of
    a line with few English function words. Measured against o200k_base in pieces of 800 characters, it is 3 % too few
    at the worst and 10 % too many at the median on running English, 28 to 40 % too many on Welsh, and 4 to 15 % too
    many on tables of references and figures; cl100k_base needs more for Welsh, and there the estimate is 4 % above.

    Never more for lines joined by line ends than for the lines apart, and one for each line end.
    """
    lines = text.splitlines()
    return math.ceil(sum(_line_tokens(line) for line in lines) * _MARGIN) + max(0, len(lines) - 1)


class _Chunk(NamedTuple):
    """What stands between spaces: its tokens in running English and elsewhere, its words, and the English ones."""

    as_english: float
    as_other: float
    words: int
    function_words: int


def _line_tokens(line: str) -> float:
    """Tokens of one line, before the margin."""
    chunks = line.split()
    measured = [_remembered(chunk) if len(chunk) <= REMEMBERED_CHARACTERS else _measure(chunk) for chunk in chunks]
    words = sum(chunk.words for chunk in measured)
    english = sum(chunk.function_words for chunk in measured) >= _ENGLISH_SHARE * words
    # A space belongs to the word after it, but not to a digit; wide space is a token of its own.
    spaces = sum(chunk[0].isdigit() for chunk in chunks[1:]) + len(_WIDE_SPACE.findall(line))
    return spaces + sum(chunk.as_english if english else chunk.as_other for chunk in measured)


@lru_cache(maxsize=50_000)
def _remembered(chunk: str) -> _Chunk:
    """Measured once: a few thousand words make up most of any text."""
    return _measure(chunk)


def _measure(text: str) -> _Chunk:
    """Add up the letters, digits and marks of a chunk."""
    words = function_words = 0
    as_english = as_other = 0.0
    for match in _PIECE.finditer(text):
        piece = match.group()
        if match.lastgroup == "word":
            words += 1
            function_words += piece.lower() in _ENGLISH
            other = _unfamiliar(piece)
            as_other += other
            as_english += min(other, _familiar(piece)) if piece.isascii() else other
        else:
            tokens = -(-len(piece) // 3) if match.lastgroup == "digits" else max(1.0, _bytes(piece) / 2)
            as_english += tokens
            as_other += tokens
    return _Chunk(as_english, as_other, words, function_words)


def _familiar(word: str) -> float:
    """Tokens of a word of running English; all capitals are split more."""
    if not (word.islower() or word.istitle()):
        return _unfamiliar(word)
    return 1.0 + 0.12 * max(0, len(word) - 7) + (0.15 if word.istitle() else 0.0)


def _unfamiliar(word: str) -> float:
    """Tokens of a name, a code, or a word of another language."""
    return max(1.0, len(word) / 2.2 if word.isascii() else _bytes(word) / 2)


def _bytes(text: str) -> int:
    """The length in UTF-8, where a lone surrogate counts as one."""
    return len(text.encode(errors="replace"))
