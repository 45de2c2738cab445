"""Where a quote stands, in words a person can follow to the page, the speaker or the note."""

from __future__ import annotations

from assistant.types import SourceLink, Sources
from ingestion.types import Element


def cite(link: SourceLink, sources: Sources) -> str:
    """The file and the place in it: `report.pdf, page 4`, `meeting.vtt, Cllr Ann Bell at 00:12:31`."""
    place = place_of(sources.element(link.document_id, link.element_id))
    return f"{link.document_name}, {place}" if place else link.document_name


def place_of(element: Element) -> str:
    """Where in its document an element stands; empty when the format has no places."""
    if element.turn:
        speaker = element.turn.speaker or "unnamed speaker"
        return speaker if element.turn.start_seconds is None else f"{speaker} at {clock(element.turn.start_seconds)}"
    if element.note:
        parts = [
            f"note {element.note.reference}" if element.note.reference else "note",
            f"of {element.note.date.day} {element.note.date:%B %Y}" if element.note.date else "without a date",
        ]
        return " ".join(parts) + (f" by {element.note.author}" if element.note.author else "")
    if element.page is not None:
        return f"page {element.page}"
    return f"under “{element.headings[-1]}”" if element.headings else ""


def clock(seconds: float) -> str:
    """Seconds as `hh:mm:ss`."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
