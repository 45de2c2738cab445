"""Bytes to text: UTF-8 with or without its mark, UTF-16, and the Windows code page of older council exports."""

from __future__ import annotations

import codecs
import re

from ingestion.errors import DamagedFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_.:-]{2,40})""")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UNDEFINED_IN_1252 = {code: chr(code) for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_WIDE_SHARE = 0.3
"""Share of NUL bytes at every second place from which a file without a mark is taken for UTF-16."""


def decode(data: bytes, name: str) -> str:
    """The text of `data`, with line ends as "\\n".

    Tried in turn: the byte order mark, UTF-16 by its NUL bytes, UTF-8, the encoding an HTML or XML head declares, and
    Windows-1252. Raises DamagedFile when the bytes are no text.
    """
    return _decoded(data, name).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _decoded(data: bytes, name: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    if wide := _wide_encoding(data):
        return data.decode(wide, errors="replace")
    if _CONTROLS.search(data):
        raise DamagedFile(
            f"{name} holds bytes that are not text, so open it in the program that made it and save it as UTF-8 text."
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _declared_or_windows(data)


def _wide_encoding(data: bytes) -> str | None:
    sample = data[:4096]
    half = len(sample) // 2
    if not half or b"\0" not in sample:
        return None
    if sample[1::2].count(0) > half * _WIDE_SHARE and sample[0::2].count(0) < half * _WIDE_SHARE:
        return "utf-16-le"
    if sample[0::2].count(0) > half * _WIDE_SHARE and sample[1::2].count(0) < half * _WIDE_SHARE:
        return "utf-16-be"
    return None


def _declared_or_windows(data: bytes) -> str:
    declared = _DECLARED.search(data[:2048])
    if declared:
        encoding = declared.group(1).decode("ascii").lower()
        if encoding not in {"utf-8", "utf8", "iso-8859-1", "us-ascii", "latin-1", "latin1"}:
            try:
                return data.decode(encoding, errors="replace")
            except (LookupError, ValueError):
                pass  # an encoding Python does not know, or one that is not of text: read on as Windows-1252
    return _windows_1252(data)


def _windows_1252(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(_UNDEFINED_IN_1252.get(byte) or bytes([byte]).decode("cp1252") for byte in data)
