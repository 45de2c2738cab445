"""Rewrite an Office file so that making it twice gives the same bytes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

FIXED_TIME = (2026, 6, 10, 9, 0, 0)
FIXED_STAMP = b"2026-06-10T09:00:00Z"


def fix_times(path: Path) -> None:
    """Set every time in the zip container at `path` to `FIXED_TIME`: its members' and those in docProps/core.xml."""
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            fixed = _fix_core_properties(content) if name == "docProps/core.xml" else content
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, fixed)


def _fix_core_properties(xml: bytes) -> bytes:
    return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + FIXED_STAMP, xml)
