"""The documents of a workspace as a table."""

from __future__ import annotations

from ingestion.types import Document, DocumentKind
from ui.widgets.safe import Html, tag

KINDS: dict[DocumentKind, str] = {
    "document": "Document",
    "spreadsheet": "Spreadsheet",
    "email": "Email",
    "form": "Form",
    "transcript": "Transcript",
    "case_notes": "Case notes",
}
COLUMNS = ("Kind", "Size", "Pages", "Passages", "Status")


def documents_table(documents: list[Document], workspace: str) -> Html:
    """A table with a row for each document; on a narrow screen each row becomes a short list."""
    head = tag(
        "tr",
        tag("th", "File", scope="col", role="columnheader"),
        *(tag("th", column, scope="col", role="columnheader", class_=_class(column)) for column in COLUMNS),
        role="row",
    )
    words = f"{_counted(len(documents), 'document')} in “{workspace}”"
    table = tag(
        "table",
        tag("caption", words),
        tag("thead", head, role="rowgroup"),
        tag("tbody", *(_row(document) for document in documents), role="rowgroup"),
        role="table",  # which a table laid out as blocks would lose
    )
    return tag("div", table, class_="council")


def size_in_words(size_bytes: int) -> str:
    """A file's size as a person says it: `54 kB`, `1.2 MB`."""
    if size_bytes < 1000:
        return _counted(size_bytes, "byte")
    if size_bytes < 999_500:
        return f"{size_bytes / 1000:.0f} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def _row(document: Document) -> Html:
    values = (
        f"{KINDS[document.kind]} ({document.suffix.lstrip('.')})",
        size_in_words(document.size_bytes),
        "–" if document.pages is None else str(document.pages),
        str(document.passages),
        "✔ Ready",
    )
    cells = [
        tag("td", value, role="cell", data_label=column, class_=_class(column))
        for column, value in zip(COLUMNS, values, strict=True)
    ]
    return tag("tr", tag("th", document.name, scope="row", role="rowheader"), *cells, role="row")


def _class(column: str) -> str:
    return "council-number" if column in ("Size", "Pages", "Passages") else ""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
