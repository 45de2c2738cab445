"""Zip files: which Office or OpenDocument kind one is, and whether unpacking it is safe."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

from ingestion.errors import DamagedFile, EncryptedFile, FileTooLarge

MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_UNPACK_RATIO = 200
"""Unpacked to packed bytes beyond which a file is taken for a bomb; real reports lie between 2 and 40."""
_RATIO_FROM_BYTES = 20 * 1024 * 1024
"""Unpacked size from which the ratio counts: a small sheet of one repeated value packs very well and harms nobody."""
_MAX_PARTS = 20_000
_DEFLATE_LIMIT = 1032
"""The most bytes that one byte of deflate can become (zlib's documented bound)."""
_HEAD_BYTES = 8192
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)

_MAIN_PARTS: tuple[tuple[str, str], ...] = (
    ("word/document", ".docx"),
    ("xl/workbook", ".xlsx"),
    ("ppt/presentation", ".pptx"),
)
_MACROS = {".docx": ".docm", ".xlsx": ".xlsm", ".pptx": ".pptm"}
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/vnd.oasis.opendocument.presentation": ".odp",
    b"application/epub+zip": ".epub",
}


def kind_of_archive(data: bytes) -> str:
    """The ending that a zip file's parts ask for; ".zip" when it cannot be told, as when the file is cut short."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ".zip"
    if names and names[0] == "mimetype":
        declared = data[38:120]
        for mimetype, suffix in _MIMETYPES.items():
            if declared.startswith(mimetype) and not declared[len(mimetype) :].startswith(b"-"):
                return suffix
    for start, suffix in _MAIN_PARTS:
        if any(name.startswith(start) and name.endswith(".xml") for name in names):
            macros = any(name.endswith("vbaProject.bin") for name in names)
            return _MACROS[suffix] if macros else suffix
    if "xl/workbook.bin" in names:
        return ".xlsb"
    return ".odt" if "content.xml" in names and "styles.xml" in names else ".zip"


def check_archive(data: bytes, name: str, kind: str) -> None:
    """Make sure that a zip file is whole, is not locked, and does not unpack beyond the limits.

    The sizes are first read from the zip directory, without unpacking. Where the packed bytes could hold more than the
    limit in spite of what the directory says, they are unpacked in pieces and counted.
    Raises DamagedFile, EncryptedFile or FileTooLarge.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_directory(parts, len(data), name)
            if any(part.flag_bits & 0x1 for part in parts) or _is_locked_opendocument(archive):
                raise EncryptedFile(f"{name} needs a password, so open it, remove the password and save it again.")
            if sum(part.compress_size for part in parts) * _DEFLATE_LIMIT > MAX_UNPACKED_BYTES:
                _count_unpacked(archive, parts, data, name)
            _check_heads(archive, parts, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError) as err:
        raise DamagedFile(
            f"{name} is not {kind} or was cut short or damaged on its way, so fetch or export it again."
        ) from err


def _check_directory(parts: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    unpacked = sum(part.file_size for part in parts)
    bomb = unpacked > _RATIO_FROM_BYTES and unpacked > packed * MAX_UNPACK_RATIO
    if unpacked > MAX_UNPACKED_BYTES or bomb or len(parts) > _MAX_PARTS:
        raise _too_large(name)


def _too_large(name: str) -> FileTooLarge:
    return FileTooLarge(
        f"{name} unpacks to more than is safe to read, so open it and save it again, in parts if it is very long."
    )


def _count_unpacked(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], data: bytes, name: str) -> None:
    """Unpack the raw bytes of every part in pieces; the directory's own sizes are not believed here."""
    total = 0
    for part in parts:
        if part.compress_type != zipfile.ZIP_DEFLATED:
            total += part.compress_size
            continue
        total += _deflated_size(data, _data_start(archive, part, data), part.compress_size, MAX_UNPACKED_BYTES - total)
        if total > MAX_UNPACKED_BYTES:
            raise _too_large(name)


def _data_start(archive: zipfile.ZipFile, part: zipfile.ZipInfo, data: bytes) -> int:
    with archive.open(part):  # checks the part's own header against the directory
        header = part.header_offset
    name_length = int.from_bytes(data[header + 26 : header + 28], "little")
    extra_length = int.from_bytes(data[header + 28 : header + 30], "little")
    return header + 30 + name_length + extra_length


def _deflated_size(data: bytes, start: int, packed: int, budget: int) -> int:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    pending = data[start : start + packed]
    size = 0
    while pending and not unpacker.eof and size <= budget:
        size += len(unpacker.decompress(pending, 1 << 20))
        pending = unpacker.unconsumed_tail
    return size


def _is_locked_opendocument(archive: zipfile.ZipFile) -> bool:
    try:
        part = archive.getinfo("META-INF/manifest.xml")
    except KeyError:
        return False
    return part.file_size < 1 << 20 and b"encryption-data" in archive.read(part)


def _check_heads(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse XML that defines entities: no program writes them into these formats, and they are how XML bombs work."""
    for part in parts:
        if not part.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(part) as file:
            head = file.read(_HEAD_BYTES)
        if _ENTITY.search(head.replace(b"\0", b"")):
            raise DamagedFile(
                f"{name} holds definitions that could make it grow without end, so open it and save it again."
            )
