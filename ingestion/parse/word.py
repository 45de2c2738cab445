"""Word documents through Unstructured, without the words that its partitioner would drop.

python-docx opens the file once. Its tree is then rewritten in place, so that Unstructured sees every word: tracked
insertions are accepted, text boxes follow their paragraph, content controls are opened. Places that need more than
text (a footnote's reference, a form control, a heading in a council's own style) get a mark of characters that no
document holds; the marks come back in Unstructured's elements and are turned into elements of ours.

Not read: comments, deleted text, pictures, and the placeholder text of empty controls ("Click here to enter text").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from ingestion.errors import EmptyFile
from ingestion.parse.guard import parsing
from ingestion.parse.office import ready, to_elements
from ingestion.parse.wordtree import MARK, NO_MARKS, Marks, mark_tree, open_tree
from ingestion.types import Element, FormField

_BOLD_TITLE_WORDS = 12
_NO_BOLD_TITLE = re.compile(r"[.,;:?!]$|^\W*\d[\d\W]*$")


def read_docx(data: bytes, name: str) -> list[Element]:
    """The paragraphs, headings, lists, tables, controls, footnotes, headers and footers of a Word document.

    A document whose paragraphs are a transcript's turns is handed to `transcripts`. Raises DamagedFile or EmptyFile.
    """
    ready()
    from docx import Document

    from ingestion.parse.transcripts import read_docx_paragraphs

    with parsing(name, "a Word document"):
        document = Document(BytesIO(data))
        open_tree(document)
        texts = [paragraph.text for paragraph in document.paragraphs]
    if turns := read_docx_paragraphs(texts, name):
        return turns
    with parsing(name, "a Word document"):
        marks = mark_tree(document)
        elements = list(_unmarked(_partition(document), marks))
    if not elements:
        raise EmptyFile(f"{name} holds no words, so check that it is the right file.")
    return elements


def _partition(document: Any) -> Iterator[tuple[Any, Element]]:
    """Each Unstructured element of an opened document with ours (a long table gives several).

    `partition_docx` would open and parse the file a second time; this runs the partitioner behind it on the tree that
    is already there.
    """
    from unstructured.partition.docx import DocxPartitionerOptions, _DocxPartitioner

    options = DocxPartitionerOptions(
        file=None, file_path=None, include_page_breaks=False, infer_table_structure=True, strategy="fast"
    )
    options.__dict__["document"] = document  # where functools.cached_property keeps the opened document
    for found in _DocxPartitioner.iter_document_elements(options):
        for element in to_elements((found,)):
            yield found, element


def _unmarked(found: Iterator[tuple[Any, Element]], marks: Marks) -> Iterator[Element]:
    pairs = list(found)
    for i, (source, element) in enumerate(pairs):
        text = MARK.sub("", element.text)
        hits = MARK.findall(element.text) if len(text) != len(element.text) else NO_MARKS
        yield from _without_marks(element, text, hits, marks, _is_bold_title(source, text, pairs, i))
        for kind, number in hits:
            if kind == "N" and (note := marks.notes.pop(int(number), None)):
                yield Element(id="", kind="footnote", text=note, page=element.page)
    for note in marks.notes.values():  # of a reference in a header, or one that the text has lost
        yield Element(id="", kind="footnote", text=note)


def _without_marks(
    element: Element, text: str, hits: Sequence[tuple[str, str]], marks: Marks, bold_title: bool
) -> Iterator[Element]:
    fields = [marks.fields[int(number)] for kind, number in hits if kind == "F"]
    if fields and not text.strip():
        for field in fields:
            yield _field_element(field, element.page)
        return
    level = next((int(number) for kind, number in hits if kind == "H"), None)
    if element.kind == "table":
        rows = tuple(tuple(MARK.sub("", cell) for cell in row) for row in element.rows or ()) if hits else element.rows
        yield element.model_copy(update={"text": text, "rows": rows})
    elif level is not None:
        yield Element(id="", kind="title", text=text.strip(), page=element.page, level=level)
    elif element.kind == "title":  # a subtitle, or a title style that the tree gave no level
        yield Element(id="", kind="text", text=text.strip(), page=element.page)
    elif any(kind == "C" for kind, _ in hits):
        yield Element(id="", kind="caption", text=text.strip(), page=element.page)
    elif bold_title:
        yield Element(id="", kind="title", text=text.strip(), page=element.page)
    elif text.strip():
        yield element if not hits else element.model_copy(update={"text": text.strip()})


def _field_element(field: FormField, page: int | None) -> Element:
    text = f"{field.label}: {field.value}" if field.value else field.label
    return Element(id="", kind="field", text=text, page=page, field=field)


def _is_bold_title(source: Any, text: str, pairs: Sequence[tuple[Any, Element]], i: int) -> bool:
    """Whether a plain paragraph is a heading by its look: short, wholly bold, no stop, and text or a table below."""
    if source.category not in {"NarrativeText", "UncategorizedText"}:
        return False
    bold = source.metadata.emphasized_text_contents
    if not bold or len(text.split()) > _BOLD_TITLE_WORDS or _NO_BOLD_TITLE.search(text.strip()):
        return False
    tags = source.metadata.emphasized_text_tags
    written = "".join("".join(b.split()) for b, tag in zip(bold, tags, strict=True) if tag == "b")
    if written != "".join(text.split()) or i + 1 >= len(pairs):
        return False
    following, element = pairs[i + 1]
    return element.kind in {"text", "list_item", "table"} and following.metadata.emphasized_text_contents is None
