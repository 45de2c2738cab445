"""What a file really is, and whether it is safe to read: by its ending AND its first bytes, before any parser sees it.

Every refusal is one sentence that names the file by its name alone and says what to do.
"""

from __future__ import annotations

import errno
import hashlib
import stat
from pathlib import Path
from typing import NamedTuple

from ingestion.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    NoPermission,
    NotAFile,
    UnsupportedFile,
)
from ingestion.parse.archive import check_archive, kind_of_archive

MAX_FILE_BYTES = 100 * 1024 * 1024

KINDS: dict[str, str] = {
    ".docx": "a Word document",
    ".pdf": "a PDF",
    ".pptx": "a PowerPoint presentation",
    ".xlsx": "an Excel workbook",
    ".csv": "a CSV file",
    ".html": "an HTML page",
    ".htm": "an HTML page",
    ".md": "a Markdown file",
    ".txt": "a text file",
    ".eml": "an email",
    ".msg": "an Outlook message",
    ".odt": "an OpenDocument text",
    ".rtf": "a Rich Text file",
    ".png": "a PNG image",
    ".jpg": "a JPEG image",
    ".jpeg": "a JPEG image",
    ".tif": "a TIFF image",
    ".tiff": "a TIFF image",
    ".vtt": "a WebVTT transcript",
    ".srt": "an SRT transcript",
}
SUFFIXES: tuple[str, ...] = tuple(KINDS)

_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})
_TEXTS = frozenset({".csv", ".html", ".htm", ".md", ".txt", ".eml", ".vtt", ".srt"})
_ARCHIVES = frozenset({".docx", ".pptx", ".xlsx", ".odt"})
_READ_BY_PATH = _IMAGES | {".pdf"}
_HEAD_BYTES = 4096

_OTHER_KINDS: dict[str, tuple[str, str]] = {
    ".doc": ("an old Word document", "save it as .docx"),
    ".dot": ("an old Word template", "save it as .docx"),
    ".docm": ("a Word document with macros", "save it as .docx"),
    ".dotx": ("a Word template", "save it as .docx"),
    ".xls": ("an old Excel workbook", "save it as .xlsx"),
    ".xlsm": ("an Excel workbook with macros", "save it as .xlsx"),
    ".xlsb": ("a binary Excel workbook", "save it as .xlsx"),
    ".ods": ("an OpenDocument spreadsheet", "save it as .xlsx"),
    ".ppt": ("an old PowerPoint presentation", "save it as .pptx"),
    ".pptm": ("a PowerPoint presentation with macros", "save it as .pptx"),
    ".odp": ("an OpenDocument presentation", "save it as .pptx"),
    ".pages": ("a Pages document", "export it as .docx"),
    ".numbers": ("a Numbers spreadsheet", "export it as .xlsx"),
    ".epub": ("an e-book", "save its text as .docx or .txt"),
    ".zip": ("an archive", "unpack it and add the files in it"),
    ".7z": ("an archive", "unpack it and add the files in it"),
    ".rar": ("an archive", "unpack it and add the files in it"),
    ".gz": ("a compressed file", "unpack it and add what is in it"),
    ".mht": ("a saved web page", "save it as .html"),
    ".mhtml": ("a saved web page", "save it as .html"),
    ".gif": ("a GIF image", "save it as .png"),
    ".bmp": ("a bitmap image", "save it as .png"),
    ".webp": ("a WebP image", "save it as .png"),
    ".heic": ("a photograph in HEIC format", "save it as .jpg"),
    ".mp3": ("a recording", "add its transcript instead"),
    ".mp4": ("a recording", "add its transcript instead"),
    ".m4a": ("a recording", "add its transcript instead"),
    ".wav": ("a recording", "add its transcript instead"),
    ".pst": ("an Outlook mailbox", "save the messages you need as .eml or .msg"),
}
"""Kinds that are recognised and not read: what each is, and what to do instead."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", ".pdf"),
    (b"{\\rtf", ".rtf"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
    (b"GIF8", ".gif"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"Rar!\x1a\x07", ".rar"),
    (b"\x1f\x8b\x08", ".gz"),
    (b"!BDN", ".pst"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_NAMES: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", ".encrypted"),
    ("__properties_version1.0", ".msg"),
    ("WordDocument", ".doc"),
    ("Workbook", ".xls"),
    ("PowerPoint Document", ".ppt"),
    ("Book", ".xls"),
)
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


class Source(NamedTuple):
    """A file that was found sound enough to read. `data` is None for the kinds that are read by their path."""

    path: Path
    name: str
    suffix: str  # lower case, with the dot
    data: bytes | None


def shown_name(path: Path) -> str:
    """The file's name as it can be shown: without its folder, and with nothing that a terminal cannot print."""
    name = path.name or str(path)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal, read in pieces.

    Raises NotAFile, NoPermission as `examine` does.
    """
    _regular_size(path)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as err:
        raise _open_failure(path, err) from err
    return digest.hexdigest()


def examine(path: Path) -> Source:
    """Read the file and make sure it is what its ending says.

    Raises NotAFile, NoPermission, EmptyFile, FileTooLarge, UnsupportedFile, EncryptedFile or DamagedFile.
    """
    name = shown_name(path)
    suffix = path.suffix.lower()
    size = _regular_size(path)
    if size == 0:
        raise EmptyFile(f"{name} is empty, so fetch or save it again.")
    if size > MAX_FILE_BYTES:
        raise FileTooLarge(
            f"{name} is {size / 1024**2:,.0f} MB and the limit is {MAX_FILE_BYTES // 1024**2} MB, "
            "so split it or leave out its pictures."
        )
    by_path = suffix in _READ_BY_PATH
    data = _read(path, _HEAD_BYTES if by_path else MAX_FILE_BYTES)
    if by_path and data.startswith((_OLE, *_ZIP_STARTS)):
        data = _read(path, MAX_FILE_BYTES)  # the wrong ending: what it really is stands at the file's end
    _check_kind(name, suffix, data)
    if suffix in _ARCHIVES:
        check_archive(data, name, KINDS[suffix])
    return Source(path, name, suffix, None if by_path else data)


def _regular_size(path: Path) -> int:
    """Size in bytes of a regular file, found without opening it, so that a pipe or a device cannot hang us."""
    name = shown_name(path)
    try:
        status = path.stat()
    except (OSError, ValueError) as err:
        raise _open_failure(path, err) from err
    if stat.S_ISDIR(status.st_mode):
        raise NotAFile(f"{name} is a folder, so name the files in it.")
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(f"{name} is a pipe or a device and not a document, so copy what you need into a file.")
    return status.st_size


def _open_failure(path: Path, err: OSError | ValueError) -> NotAFile | NoPermission | DamagedFile:
    name = shown_name(path)
    number = err.errno if isinstance(err, OSError) else errno.EINVAL
    if number == errno.ELOOP:
        return NotAFile(f"{name} is a link that leads back to itself, so name the file it was meant for.")
    if number in {errno.EACCES, errno.EPERM}:
        return NoPermission(f"{name} may not be opened by you, so ask its owner for permission to read it.")
    if number in {errno.ENOENT, errno.ENOTDIR} and path.is_symlink():
        return NotAFile(f"{name} is a link to a file that is not there, so name the file itself.")
    if number in {errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.ENAMETOOLONG}:
        return NotAFile(f"{name} is not there, so check its name and folder.")
    return DamagedFile(f"{name} could not be read from its disk, so copy it to another place and try again.")


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as err:
        raise _open_failure(path, err) from err


def _check_kind(name: str, suffix: str, data: bytes) -> None:
    real = kind_of_bytes(data)
    if suffix not in KINDS:
        raise _not_read(name, suffix, real)
    if real == ".encrypted":
        raise EncryptedFile(f"{name} needs a password, so open it, remove the password and save it again.")
    if real is None:
        if suffix in _TEXTS:
            return
        raise DamagedFile(f"{name} is not {KINDS[suffix]} or is damaged, so fetch or export it again.")
    if not _agrees(suffix, real):
        raise _wrong_ending(name, suffix, real)


def _agrees(suffix: str, real: str) -> bool:
    if suffix in _IMAGES:
        return real in _IMAGES
    if suffix in _TEXTS:
        return real == ".html"
    # An archive whose parts cannot be told (cut short, say) is left to check_archive.
    return real == suffix or (real == ".zip" and suffix in _ARCHIVES)


def _not_read(name: str, suffix: str, real: str | None) -> UnsupportedFile | DamagedFile:
    if real in KINDS and suffix not in _OTHER_KINDS and real != ".html":
        return _wrong_ending(name, suffix, real)
    if suffix in _OTHER_KINDS:
        what, remedy = _OTHER_KINDS[suffix]
        return UnsupportedFile(f"{name} is {what}, which is not read, so {remedy}.")
    ending = f"ends in {suffix}" if suffix else "has no ending"
    return UnsupportedFile(f"{name} {ending}, which is not read, so save it as .docx, .pdf or .txt.")


def _wrong_ending(name: str, suffix: str, real: str) -> DamagedFile | UnsupportedFile:
    said = f"not {KINDS[suffix]}" if suffix in KINDS else "has the wrong ending"
    if real in KINDS:
        stem = Path(name).stem or name
        return DamagedFile(f"{name} is really {KINDS[real]} and {said}, so rename it to {stem}{real}.")
    what, remedy = _OTHER_KINDS[real]
    return UnsupportedFile(f"{name} is really {what} and {said}, so {remedy}.")


def kind_of_bytes(data: bytes) -> str | None:
    """The ending that a file's bytes ask for, ".encrypted" for a locked Office file, None when they tell nothing."""
    for signature, suffix in _SIGNATURES:
        if data.startswith(signature):
            return suffix
    if data.startswith(_OLE):
        return _kind_of_ole(data)
    if data.startswith(_ZIP_STARTS):
        return kind_of_archive(data)
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{\\rtf"):
        return ".rtf"
    if start[:14].lower().startswith((b"<!doctype html", b"<html")):
        return ".html"
    if b"\n%PDF-" in data[:1024] and b"\0" not in start[:16]:
        return ".pdf"
    if data[4:8] == b"ftyp":
        return ".heic" if data[8:12] in {b"heic", b"heix", b"mif1"} else ".mp4"
    return None


def _kind_of_ole(data: bytes) -> str | None:
    for stream, suffix in _OLE_NAMES:
        if (stream + "\0").encode("utf-16-le") in data:
            return suffix
    return None
