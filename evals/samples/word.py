"""Write marked-up text as a Word document, with real styles, lists, footnotes, columns and page numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from evals.samples.fixed_zip import fix_times
from evals.samples.markup import Block, Source

GREEN = RGBColor(0x1B, 0x4D, 0x3E)
PALE = "E6EFEA"
FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
PAGE_WIDTH_CM, PAGE_HEIGHT_CM = 21.0, 29.7
COLUMN_GAP_CM = 0.9
LINE_SPACING = 1.2
CHARACTER_CM = 0.185  # a wide character of table text
LABELS_CM = 4.0  # a label column's width
_INLINE = re.compile(r"\*\*(?P<bold>.+?)\*\*|\[\^(?P<note>\w+)\]|(?P<line>\n)")
_STYLES = {"title": "Title", "heading": "Heading 1", "subheading": "Heading 2", "caption": "Caption"}


class Layout(NamedTuple):
    """How a document looks: sizes in points, margins in centimetres; an empty header or footer is left out."""

    title: str
    author: str
    font: str = "Arial"
    size: float = 11
    margin: float = 2.3
    header: str = ""
    footer: str = ""
    title_size: float = 18


def write_docx(source: Source, layout: Layout, path: Path) -> None:
    """Write `source` to `path`; the same source and layout give the same bytes."""
    document = Document()
    _describe(document, layout)
    _set_styles(document, layout)
    _set_page(document, layout)
    builder = _Builder(document, layout)
    for block in source.blocks:
        builder.add(block)
    if source.footnotes:
        _add_footnotes(document, [source.footnotes[mark] for mark in builder.notes])
    document.save(path)
    fix_times(path)


class _Builder:
    """Adds blocks to the document, into the open box if there is one."""

    def __init__(self, document: Any, layout: Layout) -> None:
        self.document = document
        self.text_width_cm = self.column_width_cm = PAGE_WIDTH_CM - 2 * layout.margin
        self.target = document
        self.notes: list[str] = []
        self.list_id: int | None = None
        self.letterhead = False
        self.started = False

    def add(self, block: Block) -> None:
        if block.kind != "number":
            self.list_id = None
        if block.kind == "directive":
            self._obey(block.text)
        elif block.kind == "table":
            self._add_table(block)
        else:
            self._add_paragraph(block)
        self.started = True

    def _add_paragraph(self, block: Block) -> None:
        style = {"bullet": "List Bullet", "number": "List Number"}.get(block.kind) or _STYLES.get(block.kind)
        paragraph = self.target.add_paragraph(style=style)
        text = block.text
        if block.kind == "clause":
            number, text = text.split(" ", 1)
            text = f"{number}\t{text}"
            paragraph.paragraph_format.left_indent = Cm(1.2)
            paragraph.paragraph_format.first_line_indent = Cm(-1.2)
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(1.2))
        if block.kind == "number":
            self._number(paragraph, block.first)
        if self.letterhead:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._add_text(paragraph, text)

    def _add_text(self, paragraph: Any, text: str, *, bold: bool = False) -> None:
        """Add `text` as runs: bold, line breaks and footnote marks as the markup says."""
        end = 0
        for found in _INLINE.finditer(text):
            self._run(paragraph, text[end : found.start()], bold)
            if found["note"]:
                self._refer(paragraph, found["note"])
            elif found["line"]:
                paragraph.add_run().add_break()
            else:
                self._run(paragraph, found["bold"], bold=True)
            end = found.end()
        self._run(paragraph, text[end:], bold)

    def _run(self, paragraph: Any, text: str, bold: bool) -> None:
        if text:
            paragraph.add_run(text).bold = bold or None

    def _refer(self, paragraph: Any, mark: str) -> None:
        self.notes.append(mark)
        run = paragraph.add_run()
        run.style = "Footnote Reference"
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(len(self.notes)))
        run._r.append(reference)

    def _number(self, paragraph: Any, first: int) -> None:
        """Give the item its list; a list after other text is a new one, which begins at `first`."""
        numbering = self.document.part.numbering_part.element
        if self.list_id is None:
            style = self.document.styles["List Number"].element
            used = style.pPr.numPr.numId.val
            abstract = numbering.num_having_numId(used).abstractNumId.val
            number = numbering.add_num(abstract)
            number.add_lvlOverride(ilvl=0).add_startOverride(first)
            self.list_id = number.numId
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = self.list_id

    def _add_table(self, block: Block) -> None:
        table = self.target.add_table(rows=0, cols=len(block.rows[0]))
        table.style = "Table Grid"
        table.autofit = False
        widths = _column_widths(block, self.text_width_cm)
        for number, row in enumerate(block.rows):
            heading = number == 0 and not block.labels
            cells = table.add_row().cells
            _keep_row_whole(table.rows[-1], repeat=heading)
            for column, (cell, text) in enumerate(zip(cells, row, strict=True)):
                cell.width = table.columns[column].width = Cm(widths[column])
                label = block.labels and column == 0
                if heading or label:
                    _shade(cell, PALE)
                self._fill(cell, text, bold=heading or label or row[0] == "Total", right=block.right[column])
        _keep_together(table)
        space = self.target.add_paragraph()
        space.paragraph_format.space_after = Pt(2)

    def _fill(self, cell: Any, text: str, *, bold: bool, right: bool) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.style = "Table Text"
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._add_text(paragraph, text, bold=bold)

    def _obey(self, directive: str) -> None:
        words = directive.split()
        if words[-2:-1] == ["columns"]:
            self._begin_columns(int(words[-1]), new_page=words[0] == "page")
        elif words == ["box"]:
            table = self.document.add_table(rows=1, cols=1)
            table.style = "Table Grid"
            table.autofit = False
            self.target = table.cell(0, 0)
            self.target.width = table.columns[0].width = Cm(self.column_width_cm)
            _keep_row_whole(table.rows[0], repeat=False)
            _shade(self.target, PALE)
        elif words == ["heading"]:
            self.letterhead = True
        elif words == ["end"]:
            self._end()
        else:
            raise ValueError(f"unknown directive {directive!r}")

    def _end(self) -> None:
        if self.target is not self.document:
            first = self.target.paragraphs[0]
            first._p.getparent().remove(first._p)  # a new cell begins with an empty paragraph
        self.target = self.document
        self.letterhead = False

    def _begin_columns(self, count: int, *, new_page: bool) -> None:
        kind = WD_SECTION.NEW_PAGE if new_page else WD_SECTION.CONTINUOUS
        section = self.document.add_section(kind) if self.started else self.document.sections[0]
        self.column_width_cm = (self.text_width_cm - (count - 1) * COLUMN_GAP_CM) / count
        columns = section._sectPr.find(qn("w:cols"))
        columns.set(qn("w:num"), str(count))
        columns.set(qn("w:space"), str(Cm(COLUMN_GAP_CM).twips))


def _describe(document: Any, layout: Layout) -> None:
    properties = document.core_properties
    properties.title = layout.title
    properties.author = layout.author
    properties.last_modified_by = layout.author
    properties.language = "en-GB"
    properties.comments = "Invented: Fernmoor does not exist."


def _set_styles(document: Any, layout: Layout) -> None:
    styles = document.styles
    for name in ("Table Text", "Footnote Text"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    reference = styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER)
    reference.font.superscript = True
    small = layout.size - 1
    sizes = {
        "Normal": layout.size,
        "Title": layout.title_size,
        "Heading 1": layout.size + 2.5,
        "Heading 2": layout.size + 0.5,
        "Caption": layout.size - 0.5,
        "Table Text": small,
        "Footnote Text": small - 1,
    }
    for name, size in sizes.items():
        style = styles[name]
        _set_font(style, layout.font, size)
        style.paragraph_format.space_before = Pt(0)
        style.paragraph_format.space_after = Pt(6 if size >= layout.size else 2)
    styles["Normal"].paragraph_format.line_spacing = LINE_SPACING
    styles["Table Text"].paragraph_format.space_before = Pt(2)
    for name in ("Title", "Heading 1", "Heading 2", "Caption"):
        styles[name].font.color.rgb = GREEN
        styles[name].font.bold = True
        styles[name].paragraph_format.keep_with_next = True
    for name in ("Heading 1", "Heading 2"):
        styles[name].paragraph_format.space_before = Pt(10)
    border = styles["Title"].element.pPr.find(qn("w:pBdr"))
    if border is not None:
        styles["Title"].element.pPr.remove(border)
    for name in ("List Bullet", "List Number"):
        styles[name].paragraph_format.space_after = Pt(3)
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _set_font(style: Any, font: str, size: float) -> None:
    style.font.name = font
    style.font.size = Pt(size)
    fonts = style.element.rPr.rFonts
    for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
        del fonts.attrib[theme]
    fonts.set(qn("w:cs"), font)


def _set_page(document: Any, layout: Layout) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(PAGE_WIDTH_CM), Cm(PAGE_HEIGHT_CM)
    section.left_margin = section.right_margin = Cm(layout.margin)
    section.top_margin = section.bottom_margin = Cm(layout.margin)
    if layout.header:
        section.header.paragraphs[0].text = layout.header
    if layout.footer:
        footer = section.footer.paragraphs[0]
        footer.add_run(f"{layout.footer}\t\tPage ")
        _add_field(footer, "PAGE")
        footer.add_run(" of ")
        _add_field(footer, "NUMPAGES")


def _add_field(paragraph: Any, code: str) -> None:
    field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="{code}"><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    paragraph._p.append(field)


def _column_widths(block: Block, text_width_cm: float) -> list[float]:
    """Widths in centimetres that share the page so that no word is broken and long texts get more room."""
    if block.labels:
        return [LABELS_CM, text_width_cm - LABELS_CM]
    columns = [[row[column] for row in block.rows] for column in range(len(block.right))]
    longest_words = [max(len(word) for text in texts for word in re.split("[ -]", text)) for texts in columns]
    needed = [length * CHARACTER_CM + 0.5 for length in longest_words]
    weights = [1 + min(max(map(len, texts)), 60) - word for texts, word in zip(columns, longest_words, strict=True)]
    spare = text_width_cm - sum(needed)
    return [least + spare * weight / sum(weights) for least, weight in zip(needed, weights, strict=True)]


def _keep_row_whole(row: Any, *, repeat: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if repeat:
        properties.append(OxmlElement("w:tblHeader"))


def _keep_together(table: Any) -> None:
    """Keep all rows of the table on one page."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _shade(cell: Any, colour: str) -> None:
    shading = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{colour}"/>')
    cell._tc.get_or_add_tcPr().append(shading)


def _add_footnotes(document: Any, texts: list[str]) -> None:
    """Add word/footnotes.xml, which python-docx does not write: two separators, then each note, numbered from 1."""
    notes = "".join(_footnote(number, text) for number, text in enumerate(texts, start=1))
    separators = (
        '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        '<w:footnote w:type="continuationSeparator" w:id="0">'
        "<w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>"
    )
    xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes {nsdecls("w")}>{separators}{notes}'
    content = f"{xml}</w:footnotes>".encode()
    part = Part(PackURI("/word/footnotes.xml"), FOOTNOTES_TYPE, content, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _footnote(number: int, text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
        '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {escaped}</w:t></w:r></w:p></w:footnote>'
    )
