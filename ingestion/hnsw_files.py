"""Blanking what Chroma's HNSW files hold beyond their vectors.

The library under Chroma (hnswlib) makes room for 100 vectors in a new index and writes that room to disk as it found it
in memory: bytes of whatever the process had held there before, text and removed vectors among them. On Chroma 1.5.9
there were 28,243 such bytes in one new index of 12. Once the index is written with its vectors, at 1,000, it fits them.
"""

from __future__ import annotations

import struct
from pathlib import Path

from ingestion.database import storage_errors

HEADER = struct.Struct("<iQQQQ")
"""The beginning of header.bin: version, offset, room for how many vectors, how many there are, bytes for each."""
LENGTH_BYTES = 4  # of each entry of length.bin
PIECE_BYTES = 1 << 20


def blank_unused(folder: Path) -> None:
    """Overwrite with zeros the unused room of every index below `folder`, which nobody has open.

    Files that are not laid out as expected are left alone. Raises StorageFailed.
    """
    for header in folder.glob("*/header.bin"):
        with storage_errors(header):
            start = header.read_bytes()[: HEADER.size]
            if len(start) < HEADER.size:
                continue
            _, _, room, used, size = HEADER.unpack(start)
            _blank(header.with_name("data_level0.bin"), used * size, room * size)
            _blank(header.with_name("length.bin"), used * LENGTH_BYTES, room * LENGTH_BYTES)


def _blank(path: Path, start: int, end: int) -> None:
    if not path.exists() or path.stat().st_size != end:
        return
    with path.open("r+b") as file:
        for at in range(start, end, PIECE_BYTES):
            length = min(PIECE_BYTES, end - at)
            file.seek(at)
            if file.read(length).strip(b"\0"):
                file.seek(at)
                file.write(bytes(length))
