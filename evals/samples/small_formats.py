"""Make the OpenDocument, rich-text and PowerPoint samples: `python -m evals.samples.small_formats`."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from odf import dc, meta
from odf.opendocument import OpenDocumentText
from odf.style import ListLevelProperties, ParagraphProperties, Style, TableCellProperties, TextProperties
from odf.table import Table, TableCell, TableColumn, TableHeaderRows, TableRow
from odf.text import H, List, ListItem, ListLevelStyleNumber, ListStyle, P
from pptx import Presentation
from pptx.util import Cm, Pt

from evals.samples.documents import COUNCIL, OUT, TEXT, read_text
from evals.samples.fixed_zip import FIXED_TIME, fix_times
from evals.samples.markup import Block, Source

MADE = "2026-03-02T09:00:00"
HEADING_LEVELS = {"title": 1, "heading": 2, "subheading": 3}
HEADING_POINTS = {1: 20, 2: 15, 3: 12}


def write_odt(source: Source, title: str, path: Path) -> None:
    """Write `source` as an OpenDocument text at `path`."""
    document = OpenDocumentText()
    for element, text in ((dc.Title, title), (dc.Creator, COUNCIL), (dc.Date, MADE), (meta.CreationDate, MADE)):
        document.meta.addElement(element(text=text))
    styles = _odt_styles(document)
    for block, items in _runs(source.blocks):
        document.text.addElement(_odt_element(block, items, styles))
    document.save(str(path))
    _fix_odt(path)


def _odt_styles(document: Any) -> dict[str, Any]:
    styles: dict[str, Any] = {}
    for level, points in HEADING_POINTS.items():
        style = Style(name=f"Heading{level}", family="paragraph", defaultoutlinelevel=str(level))
        style.addElement(TextProperties(fontsize=f"{points}pt", fontweight="bold", fontfamily="Arial"))
        style.addElement(ParagraphProperties(margintop="0.35cm", marginbottom="0.2cm"))
        document.styles.addElement(style)
        styles[f"heading{level}"] = style
    body = Style(name="Body", family="paragraph")
    body.addElement(TextProperties(fontsize="11pt", fontfamily="Arial"))
    body.addElement(ParagraphProperties(marginbottom="0.2cm"))
    document.styles.addElement(body)
    cell = Style(name="Cell", family="table-cell")
    cell.addElement(TableCellProperties(border="0.5pt solid #444444", padding="0.1cm"))
    document.automaticstyles.addElement(cell)
    numbers = ListStyle(name="Numbers")
    level_style = ListLevelStyleNumber(level="1", numformat="1", numsuffix=".")
    level_style.addElement(ListLevelProperties(spacebefore="0.5cm", minlabelwidth="0.6cm"))
    numbers.addElement(level_style)
    document.automaticstyles.addElement(numbers)
    return styles | {"body": body, "cell": cell, "numbers": numbers}


def _runs(blocks: tuple[Block, ...]) -> Iterator[tuple[Block, list[Block]]]:
    """Each block with those of its list: neighbouring items of one kind come once, together."""
    run: list[Block] = []
    for block in blocks:
        if run and (block.kind != run[0].kind or block.kind not in ("bullet", "number")):
            yield run[0], run
            run = []
        run.append(block)
    yield run[0], run


def _odt_element(block: Block, items: list[Block], styles: dict[str, Any]) -> Any:
    if level := HEADING_LEVELS.get(block.kind):
        return H(outlinelevel=str(level), stylename=styles[f"heading{level}"], text=block.text)
    if block.kind == "table":
        return _odt_table(block, styles)
    if block.kind in ("bullet", "number"):
        numbered = {"stylename": styles["numbers"]} if block.kind == "number" else {}
        entries = List(**numbered)
        for item in items:
            entry = ListItem()
            entry.addElement(P(stylename=styles["body"], text=item.text))
            entries.addElement(entry)
        return entries
    return P(stylename=styles["body"], text=block.text)


def _odt_table(block: Block, styles: dict[str, Any]) -> Any:
    table = Table(name="Sizes")
    table.addElement(TableColumn(numbercolumnsrepeated=str(len(block.right))))
    for number, texts in enumerate(block.rows):
        row = TableRow()
        for text in texts:
            cell = TableCell(stylename=styles["cell"], valuetype="string")
            cell.addElement(P(stylename=styles["body"], text=text))
            row.addElement(cell)
        if number == 0:
            header = TableHeaderRows()
            header.addElement(row)
            table.addElement(header)
        else:
            table.addElement(row)
    return table


def _fix_odt(path: Path) -> None:
    """Set the members' times; the first, `mimetype`, stays uncompressed, as OpenDocument wants it."""
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, info.compress_type, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, compression, content in members:
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type = compression
            archive.writestr(entry, content)


def write_rtf(source: Source, path: Path) -> None:
    """Write `source` as rich text at `path`: Windows code page, other characters as \\u escapes."""
    head = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}}"
        rf"{{\info{{\title {_rtf(source.blocks[0].text)}}}{{\author {COUNCIL}}}}}"
        r"\paperw11906\paperh16838\margl1304\margr1304\lang2057\f0\fs22"
    )
    body = "\n".join(_rtf_paragraph(block) for block in source.blocks)
    path.write_bytes(f"{head}\n{body}\n}}".encode("ascii"))


def _rtf_paragraph(block: Block) -> str:
    text = _rtf(block.text)
    if level := HEADING_LEVELS.get(block.kind):
        return rf"{{\pard\sb200\sa100\b\fs{2 * HEADING_POINTS[level]} {text}\par}}"
    if block.kind == "number":
        return rf"{{\pard\fi-500\li500\sa80\tx500 {block.first}.\tab {text}\par}}"
    return rf"{{\pard\sa120 {text}\par}}"


def _rtf(text: str) -> str:
    escaped = "".join(f"\\{character}" if character in "\\{}" else character for character in text)
    return "".join(character if ord(character) < 128 else f"\\u{ord(character)}?" for character in escaped)


def write_pptx(content: dict[str, Any], path: Path) -> None:
    """Write a title slide and the slides of `content`, each with a table or bullets and speaker's notes."""
    show = Presentation()
    _describe(show, content["title"])
    first = show.slides.add_slide(show.slide_layouts[0])
    first.shapes.title.text = content["title"]
    first.placeholders[1].text = content["subtitle"]
    for entry in content["slides"]:
        _add_slide(show, entry)
    show.save(str(path))
    fix_times(path)


def _describe(show: Any, title: str) -> None:
    show.core_properties.title = title
    show.core_properties.author = "Gareth Ollivant"
    show.core_properties.last_modified_by = "Gareth Ollivant"
    show.core_properties.modified = datetime(2026, 5, 28, 9, 0)


def _add_slide(show: Any, entry: dict[str, Any]) -> None:
    slide = show.slides.add_slide(show.slide_layouts[5 if "table" in entry else 1])
    slide.shapes.title.text = entry["title"]
    if "table" in entry:
        _add_table(slide, entry["table"], show.slide_width - Cm(3))
    else:
        slide.placeholders[1].text = "\n".join(entry["bullets"])
    slide.notes_slide.notes_text_frame.text = entry["notes"]


def _add_table(slide: Any, rows: list[list[str]], width: int) -> None:
    table = slide.shapes.add_table(len(rows), len(rows[0]), Cm(1.5), Cm(4.5), width, Cm(11)).table
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
            table.cell(row, column).text_frame.paragraphs[0].font.size = Pt(18)
            table.cell(row, column).text_frame.paragraphs[0].font.bold = row in (0, len(rows) - 1)


def main() -> None:
    """Write `planning-guidance.odt`, `allotment-rules.rtf` and `budget-briefing.pptx`."""
    write_odt(read_text("planning-guidance.md"), "Extending your home", OUT / "planning-guidance.odt")
    write_rtf(read_text("allotment-rules.md"), OUT / "allotment-rules.rtf")
    slides = yaml.safe_load((TEXT / "budget-briefing.yaml").read_text(encoding="utf-8"))
    write_pptx(slides, OUT / "budget-briefing.pptx")


if __name__ == "__main__":
    main()
