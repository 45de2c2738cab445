"""Ask LibreOffice for a PDF, the same bytes each time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CONVERT_SECONDS = 120
_STAMPS = (  # each is replaced by as many bytes, so that the offsets in the file still hold
    (re.compile(rb"/CreationDate\(D:\d{14}"), b"/CreationDate(D:20260610090000"),
    (re.compile(rb"<[0-9A-F]{32}>"), b"<" + b"0" * 32 + b">"),
    (re.compile(rb"/DocChecksum /[0-9A-F]{32}"), b"/DocChecksum /" + b"0" * 32),
)


def convert_to_pdf(source: Path, target: Path) -> None:
    """Write `source` as a PDF at `target`. Raises RuntimeError when LibreOffice is not installed or makes nothing."""
    soffice = shutil.which("soffice")
    if soffice is None:
        raise RuntimeError("Install LibreOffice (soffice) to make the PDF samples.")
    with tempfile.TemporaryDirectory() as scratch:
        command = [soffice, f"-env:UserInstallation=file://{scratch}/profile", "--headless"]
        command += ["--convert-to", "pdf", "--outdir", scratch, str(source)]
        environment = {**os.environ, "TZ": "UTC"}
        done = subprocess.run(command, capture_output=True, timeout=CONVERT_SECONDS, check=True, env=environment)
        made = Path(scratch, f"{source.stem}.pdf")
        if not made.exists():
            raise RuntimeError(f"LibreOffice made no PDF of {source.name}: {done.stderr.decode(errors='replace')}")
        target.write_bytes(_fix_stamps(made.read_bytes()))


def _fix_stamps(pdf: bytes) -> bytes:
    for pattern, fixed in _STAMPS:
        pdf = pattern.sub(fixed, pdf)
    return pdf
