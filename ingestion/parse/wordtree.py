"""The tree of a Word document, rewritten so that a reader of plain paragraphs and tables sees every word of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement, parse_xml

from ingestion.types import FormField

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"  # noncharacters: XML may carry them, no document does
MARK = re.compile(f"{_OPEN}([NFHC])(\\d+){_CLOSE}")
"""A mark: N a note's number, F a field's, H a heading's level, C0 a caption."""
NO_MARKS: Sequence[tuple[str, str]] = ()

_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_MATHS = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_FALLBACK = f"{{{_COMPATIBILITY}}}Fallback"
_ALTERNATIVES = (f"{{{_COMPATIBILITY}}}AlternateContent", f"{{{_COMPATIBILITY}}}Choice")
_FORMULA, _FORMULA_TEXT = f"{{{_MATHS}}}oMath", f"{{{_MATHS}}}t"
_P, _R, _T, _TBL, _TC, _TR = (qn(f"w:{tag}") for tag in ("p", "r", "t", "tbl", "tc", "tr"))
_SDT, _TEXT_BOX = qn("w:sdt"), qn("w:txbxContent")
_DELETED = (qn("w:del"), qn("w:moveFrom"))
_WRAPPERS = tuple(qn(f"w:{tag}") for tag in ("ins", "moveTo", "smartTag", "customXml", "fldSimple", "dir", "bdo"))
_REFERENCES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
_TO_OPEN = (*_DELETED, _FALLBACK, *_ALTERNATIVES, _TEXT_BOX, *_WRAPPERS, _FORMULA)

_MAX_FIELD_CHARACTERS = 2000
_MAX_LABEL_WORDS = 15
_HEADING = re.compile(r"heading (\d)$", re.IGNORECASE)
_MAX_STYLE_CHAIN = 20
_CAPTION = -1  # stands in for a level


class Marks(NamedTuple):
    """What the marks in a tree stand for, by their numbers."""

    notes: dict[int, str]
    fields: dict[int, FormField]


class _Control(NamedTuple):
    title: str  # as the form's author named it; empty when nobody did
    tag: str
    value: str
    is_empty: bool


def open_tree(document: Any) -> None:
    """Accept tracked changes, open wrappers, and move text boxes behind their paragraph, everywhere."""
    for root in _roots(document):
        found: dict[str, list[Any]] = {}
        for node in root.iter(*_TO_OPEN):
            found.setdefault(node.tag, []).append(node)
        if not found:
            continue
        for tag in (*_DELETED, _FALLBACK):
            for node in found.get(tag, ()):
                _delete(node)
        for node in found.get(_TEXT_BOX, ()):
            _move_box(node)
        for node in found.get(_FORMULA, ()):
            _replace_by_run(node, "".join(part.text or "" for part in node.iter(_FORMULA_TEXT)))
        for tag in (*_ALTERNATIVES, *_WRAPPERS):
            for node in found.get(tag, ()):
                _unwrap(node)


def mark_tree(document: Any) -> Marks:
    """Open the content controls, and mark fields, note references and headings. Returns what the marks stand for."""
    marks = Marks({}, {})
    for root in _roots(document):
        if root is document.element.body:
            _mark_controls(root, marks)
            _mark_notes(document, root, marks)
            _mark_headings(document, root)
        else:
            for control in list(root.iter(_SDT)):
                _unwrap_control(control)
    return marks


def _roots(document: Any) -> Iterator[Any]:
    yield document.element.body
    for relation in document.part.rels.values():
        if relation.reltype in {RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER}:
            yield relation.target_part.element


def _delete(node: Any) -> None:
    parent = node.getparent()
    if parent is None:
        return
    if parent.tag == qn("w:trPr"):  # the mark of a deleted table row
        row = parent.getparent()
        if row is not None and row.getparent() is not None:
            row.getparent().remove(row)
    else:
        parent.remove(node)


def _unwrap(node: Any) -> None:
    parent = node.getparent()
    if parent is None:
        return
    at = parent.index(node)
    kept = [child for child in node if not (isinstance(child.tag, str) and child.tag.endswith("Pr"))]
    parent[at : at + 1] = kept


def _move_box(box: Any) -> None:
    """Put a text box's paragraphs behind the paragraph it is anchored in, after those of the boxes before it."""
    host = next((above for above in box.iterancestors(_P)), None)
    if host is None or host.getparent() is None:
        return
    at = host.getparent().index(host) + 1
    siblings = host.getparent()
    while at < len(siblings) and siblings[at].get("council-box") is not None:
        at += 1
    for child in list(box):
        child.set("council-box", "1")
        siblings.insert(at, child)
        at += 1


def _run(text: str) -> Any:
    run = OxmlElement("w:r")
    run.text = text
    return run


def _replace_by_run(node: Any, text: str) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.replace(node, _run(text))


# Content controls


def _mark_controls(root: Any, marks: Marks) -> None:
    controls = list(root.iter(_SDT))
    for control in controls:
        parent = control.getparent()
        if parent is None or control.find(qn("w:sdtContent")) is None:
            continue
        if parent.tag == _P and not _in_table(parent):
            continue
        described = _described(control)
        if _is_block_field(control, described):
            value = described.value if not described.is_empty else ""
            paragraph = OxmlElement("w:p")
            paragraph.append(_run(_field_mark(marks, described.title or described.tag, value)))
            parent.replace(control, paragraph)
        else:
            _unwrap_control(control)
    for paragraph in dict.fromkeys(c.getparent() for c in controls if c.getparent() is not None):
        if paragraph.tag == _P and not _mark_field_line(paragraph, marks):
            for control in list(paragraph.iter(_SDT)):
                _unwrap_control(control)
    for control in list(root.iter(_SDT)):
        _unwrap_control(control)


def _in_table(node: Any) -> bool:
    return next(node.iterancestors(_TC), None) is not None


def _described(control: Any) -> _Control:
    def value_of(tag: str) -> str:
        found = control.find(f"./{qn('w:sdtPr')}/{qn(tag)}")
        return (found.get(qn("w:val")) or "").strip() if found is not None else ""

    is_empty = control.find(f"./{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}") is not None
    content = control.find(qn("w:sdtContent"))
    paragraphs = list(content.iter(_P)) or [content]
    value = "\n".join(filter(None, (_text_of(p) for p in paragraphs)))
    return _Control(value_of("w:alias"), value_of("w:tag"), value, is_empty or not value)


def _text_of(node: Any) -> str:
    return " ".join("".join(run.text for run in node.iter(_R)).split())


def _is_block_field(control: Any, described: _Control) -> bool:
    """Whether a control that stands by itself is one answer of a form, and not a wrapped stretch of the document."""
    content = control.find(qn("w:sdtContent"))
    return (
        bool(described.title or described.tag)
        and control.getparent().tag != _TR
        and not _in_table(control)
        and all(child.tag == _P for child in content)
        and next(content.iter(_SDT), None) is None
        and control.find(f"./{qn('w:sdtPr')}/{qn('w:docPartObj')}") is None
        and len(described.value) <= _MAX_FIELD_CHARACTERS
        and not any(_HEADING.search(p.style or "") or (p.style or "").startswith("Heading") for p in content)
    )


def _field_mark(marks: Marks, label: str, value: str) -> str:
    number = len(marks.fields) + 1
    marks.fields[number] = FormField(label=" ".join(label.split()).rstrip(" :") or "Field", value=value or None)
    return f"{_OPEN}F{number}{_CLOSE}"


def _mark_field_line(paragraph: Any, marks: Marks) -> bool:
    """Turn a line of labels and controls ("Name: [  ] Date: [  ]") into fields; False when it is no such line.

    The visible words before a control are its label, else the title that the form's author gave it. A control within
    a sentence stays text.
    """
    pairs: list[tuple[str, _Control]] = []
    label = ""
    for child in paragraph:
        if child.tag == _SDT:
            described = _described(child)
            if not (described.title or described.tag) or len(list(child.iter(_SDT))) > 1:
                return False
            pairs.append((label, described))
            label = ""
        elif child.tag != qn("w:pPr"):
            label += "".join(run.text for run in child.iter(_R)) if child.tag != _R else child.text
    words = [text.split() for text, _ in pairs]
    if not pairs or any(c.isalnum() for c in label) or any(len(w) > _MAX_LABEL_WORDS for w in words):
        return False
    if any(next(paragraph.iter(tag), None) is not None for tag in _REFERENCES):
        return False
    text = "".join(
        _field_mark(marks, visible.strip() or c.title or c.tag, "" if c.is_empty else c.value) for visible, c in pairs
    )
    for child in list(paragraph):
        if child.tag != qn("w:pPr"):
            paragraph.remove(child)
    paragraph.append(_run(text))
    return True


def _unwrap_control(control: Any) -> None:
    parent = control.getparent()
    content = control.find(qn("w:sdtContent"))
    if parent is None:
        return
    if content is None:
        parent.remove(control)
        return
    if control.find(f"./{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}") is not None:
        for run in list(content.iter(_R)):
            run.getparent().remove(run)
    at = parent.index(control)
    parent[at : at + 1] = list(content)


# Notes


def _mark_notes(document: Any, root: Any, marks: Marks) -> None:
    """Mark each reference to a footnote or endnote, and keep the notes' words in the order of the references."""
    references = list(root.iter(*_REFERENCES))
    texts: dict[tuple[str, str], str] = {}
    for part in ("footnotes", "endnotes"):
        texts.update({(part, number): text for number, text in _note_texts(document, part)})
    for reference in references:
        text = texts.pop((_REFERENCES[reference.tag], reference.get(qn("w:id")) or ""), "")
        if text:
            number = len(marks.notes) + 1
            marks.notes[number] = text
            mark = OxmlElement("w:t")
            mark.text = f"{_OPEN}N{number}{_CLOSE}"
            reference.addnext(mark)
    for text in texts.values():
        marks.notes[len(marks.notes) + 1] = text


def _note_texts(document: Any, part: str) -> Iterator[tuple[str, str]]:
    reltype = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{part}"
    for relation in document.part.rels.values():
        if relation.reltype == reltype and not relation.is_external:
            for note in parse_xml(relation.target_part.blob).iterchildren(qn("w:footnote"), qn("w:endnote")):
                if note.get(qn("w:type")) in {None, "normal"}:
                    text = " ".join(filter(None, (_text_of(p) for p in note.iter(_P))))
                    if text:
                        yield note.get(qn("w:id")) or "", text


# Headings


def _mark_headings(document: Any, root: Any) -> None:
    """Mark every caption, and every heading with its level.

    Headings are known by Word's heading styles, by styles built on them, and by an outline level. The title of
    the document is level 1 and moves the headings below it down by one.
    """
    styles = {
        style.get(qn("w:styleId")): style for style in document.part._styles_part.element.iterchildren(qn("w:style"))
    }
    known: dict[str | None, int | None] = {}
    found: list[tuple[Any, int]] = []
    for paragraph in root.iterchildren(_P):
        style = paragraph.style
        if style not in known:
            known[style] = _style_level(styles, style)
        level = _outline_level(paragraph) or known[style]
        if level == _CAPTION:
            paragraph.append(_run(f"{_OPEN}C0{_CLOSE}"))
        elif level is not None and _text_of(paragraph):
            found.append((paragraph, level))
    has_title = any(level == 0 for _, level in found)
    for paragraph, level in found:
        paragraph.append(_run(f"{_OPEN}H{level + has_title}{_CLOSE}"))


def _outline_level(node: Any) -> int | None:
    outline = node.find(f"./{qn('w:pPr')}/{qn('w:outlineLvl')}")
    value = outline.get(qn("w:val"), "") if outline is not None else ""
    return int(value) + 1 if value in set("012345678") else None


def _style_level(styles: dict[str, Any], style_id: str | None) -> int | None:
    """The heading level of a style or of one it is built on; 0 is the document's title, None is no heading."""
    for _ in range(_MAX_STYLE_CHAIN):
        style = styles.get(style_id or "")
        if style is None:
            return None
        name_node = style.find(qn("w:name"))
        name = name_node.get(qn("w:val"), "") if name_node is not None else ""
        if match := _HEADING.match(name):
            return int(match.group(1))
        if name.lower() == "title":
            return 0
        if name.lower() == "caption":
            return _CAPTION
        if name.lower() in {"subtitle", "toc heading"}:
            return None
        if (level := _outline_level(style)) is not None:
            return level
        based_on = style.find(qn("w:basedOn"))
        style_id = based_on.get(qn("w:val")) if based_on is not None else None
    return None
