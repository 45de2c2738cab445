"""How elements and passages lie in SQLite, and back again.

A document may have 100,000 words with boxes, so these are packed: per word two uint32 (start, end) and four uint16
(left, top, right, bottom as fractions of 65,535: a fifth of a point on A0), compressed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingestion.types import Box, Element, Passage, PassagePart, Span, WordBox

WORD = np.dtype([("span", "<u4", 2), ("box", "<u2", 4)])
BOX_UNITS = 65_535
BOX_DECIMALS = 6


class ElementRow(NamedTuple):
    """An element ready to be written; small enough to send from one process to another."""

    id: str
    data: str
    words: bytes | None


def pack_element(element: Element) -> ElementRow:
    """The row that `unpack_element` turns back; boxes of words are rounded to 1/65,535 of the page."""
    data = element.model_dump_json(exclude={"words"}, exclude_defaults=True)
    return ElementRow(element.id, data, pack_words(element.words) if element.words else None)


def unpack_element(data: str, words: bytes | None) -> Element:
    """The element that was packed."""
    element = Element.model_validate_json(data)
    return element.model_copy(update={"words": unpack_words(words)}) if words else element


def pack_words(words: Sequence[WordBox]) -> bytes:
    """Word boxes as compressed bytes; a box that leaves the page is cut at its edge."""
    table = np.empty(len(words), dtype=WORD)
    table["span"] = [(w.span.start, w.span.end) for w in words]
    fractions = np.array([(w.box.left, w.box.top, w.box.right, w.box.bottom) for w in words])
    table["box"] = np.rint(np.clip(fractions, 0.0, 1.0) * BOX_UNITS)
    return zlib.compress(table.tobytes(), level=6)


def unpack_words(blob: bytes) -> tuple[WordBox, ...]:
    """The word boxes that were packed, in order."""
    table = np.frombuffer(zlib.decompress(blob), dtype=WORD)
    spans = table["span"].tolist()
    boxes = np.round(table["box"] / BOX_UNITS, BOX_DECIMALS).tolist()
    # model_construct: these were validated on the way in, and a long document has 100,000 of them.
    return tuple(
        WordBox.model_construct(
            span=Span.model_construct(start=start, end=end),
            box=Box.model_construct(left=left, top=top, right=right, bottom=bottom),
        )
        for (start, end), (left, top, right, bottom) in zip(spans, boxes, strict=True)
    )


def pack_passage(passage: Passage) -> tuple[str, str, str | None, str, str]:
    """The columns id, kind, day, text, data of `passages`."""
    rest = {
        "headings": passage.headings,
        "about": passage.about,
        "parts": [(p.element_id, p.span.start, p.span.end, p.at) for p in passage.parts],
        "page": passage.page,
        "date": passage.date.isoformat() if passage.date else None,
        "tokens": passage.tokens,
    }
    return (
        passage.id,
        passage.kind,
        passage.date.date().isoformat() if passage.date else None,
        passage.text,
        json.dumps(rest, ensure_ascii=False),
    )


def unpack_passage(row_id: str, document_id: str, kind: str, text: str, data: str) -> Passage:
    """The passage that was packed."""
    rest = json.loads(data)
    parts = tuple(
        PassagePart.model_construct(element_id=element_id, span=Span.model_construct(start=start, end=end), at=at)
        for element_id, start, end, at in rest.pop("parts")
    )
    return Passage.model_validate(
        {
            "id": row_id,
            "document_id": document_id,
            "kind": kind,
            "text": text,
            "parts": parts,
            **rest,
        }
    )


def pack_vectors(vectors: NDArray[np.float32]) -> list[bytes]:
    """Each row of an (n, d) matrix as float16 bytes: half the room, and cosines right to about 0.0005."""
    return [row.tobytes() for row in np.ascontiguousarray(vectors, dtype="<f2")]


def unpack_vectors(blobs: Sequence[bytes]) -> NDArray[np.float32]:
    """The (n, d) matrix of packed rows; (0, 0) when there are none."""
    if not blobs:
        return np.empty((0, 0), dtype=np.float32)
    return np.frombuffer(b"".join(blobs), dtype="<f2").reshape(len(blobs), -1).astype(np.float32)
