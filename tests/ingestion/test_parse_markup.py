"""OpenDocument and Rich Text: headings, lists, tables, notes, and every word once."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from odf import office, style, table, text
from odf.opendocument import OpenDocumentText
from odf.text import H, List, ListItem, Note, NoteBody, NoteCitation, P, Span

from ingestion.parse import parse
from ingestion.types import Element


def read_odt(tmp_path: Path, *nodes: Any, document: Any = None) -> list[Element]:
    document = document or OpenDocumentText()
    for node in nodes:
        document.text.addElement(node)
    buffer = BytesIO()
    document.write(buffer)
    path = tmp_path / "a.odt"
    path.write_bytes(buffer.getvalue())
    return parse(path)


def read_rtf(tmp_path: Path, body: str, stylesheet: str = "") -> list[Element]:
    path = tmp_path / "a.rtf"
    path.write_bytes(rf"{{\rtf1\ansi\ansicpg1252\deff0{{\fonttbl{{\f0 Arial;}}}}{stylesheet}{body}}}".encode("cp1252"))
    return parse(path)


def outline(elements: list[Element]) -> list[tuple[str, int | None, str]]:
    return [(e.kind, e.level, e.text) for e in elements]


def test_an_opendocument_has_headings_paragraphs_and_lists(tmp_path: Path) -> None:
    items = List()
    for words in ("roofs", "gutters"):
        item = ListItem()
        item.addElement(P(text=words))
        items.addElement(item)
    spaced = P(text="Rent")
    spaced.addElement(text.S(c=2))
    spaced.addElement(Span(text="and"))
    spaced.addElement(text.Tab())
    spaced.addText("repairs")
    nodes = (H(outlinelevel=1, text="Policy"), spaced, H(outlinelevel=2, text="What we mend"), items)
    assert outline(read_odt(tmp_path, *nodes)) == [
        ("title", 1, "Policy"),
        ("text", None, "Rent and repairs"),
        ("title", 2, "What we mend"),
        ("list_item", None, "roofs"),
        ("list_item", None, "gutters"),
    ]


def test_a_title_moves_the_headings_below_it_down(tmp_path: Path) -> None:
    nodes = (P(stylename="Title", text="Guide"), H(outlinelevel=1, text="Fees"), P(text="It costs £96."))
    elements = read_odt(tmp_path, *nodes)
    assert [e.level for e in elements] == [1, 2, None]
    assert elements[2].headings == ("Guide", "Fees")


def test_an_opendocument_table_keeps_rows_and_is_not_blown_up_by_repeated_cells(tmp_path: Path) -> None:
    grid = table.Table()
    for cells in (("Kind", "Limit"), ("Detached", "4 metres")):
        row = table.TableRow()
        for words in cells:
            cell = table.TableCell()
            cell.addElement(P(text=words))
            row.addElement(cell)
        row.addElement(table.TableCell(numbercolumnsrepeated=16000))
        grid.addElement(row)
    grid.addElement(table.TableRow(numberrowsrepeated=1000000))
    (element,) = read_odt(tmp_path, grid)
    assert element.text.startswith("Kind | Limit")
    assert element.rows is not None
    assert [row[:2] for row in element.rows] == [("Kind", "Limit"), ("Detached", "4 metres")]


def test_an_opendocument_footnote_follows_its_paragraph(tmp_path: Path) -> None:
    paragraph = P(text="A fact")
    note = Note(noteclass="footnote")
    note.addElement(NoteCitation(text="1"))
    body = NoteBody()
    body.addElement(P(text="Housing Act 2004."))
    note.addElement(body)
    paragraph.addElement(note)
    paragraph.addText(" with a note.")
    assert outline(read_odt(tmp_path, paragraph)) == [
        ("text", None, "A fact with a note."),
        ("footnote", None, "Housing Act 2004."),
    ]


def test_comments_are_left_out_and_headers_kept(tmp_path: Path) -> None:
    document = OpenDocumentText()
    layout = style.PageLayout(name="L")
    document.automaticstyles.addElement(layout)
    master = style.MasterPage(name="Standard", pagelayoutname=layout)
    header = style.Header()
    header.addElement(P(text="Exampleshire Council"))
    master.addElement(header)
    document.masterstyles.addElement(master)
    paragraph = P(text="Words that stay.")
    comment = office.Annotation()
    comment.addElement(P(text="A private remark."))
    paragraph.addElement(comment)
    assert outline(read_odt(tmp_path, paragraph, document=document)) == [
        ("header", None, "Exampleshire Council"),
        ("text", None, "Words that stay."),
    ]


def test_rich_text_headings_come_from_styles(tmp_path: Path) -> None:
    sheet = r"{\stylesheet{\s0 Normal;}{\s1\b heading 1;}{\s2\i heading 2;}{\s15 Title;}}"
    body = (
        r"\pard\s15 Guide\par\pard\s1 Fees\par\pard\s0 It costs \'a396 \endash  or more.\par"
        r"\pard\s2 Time\par\pard\s0 Eight weeks.\par"
    )
    assert outline(read_rtf(tmp_path, body, sheet)) == [
        ("title", 1, "Guide"),
        ("title", 2, "Fees"),
        ("text", None, "It costs £96 – or more."),
        ("title", 3, "Time"),
        ("text", None, "Eight weeks."),
    ]


def test_rich_text_without_styles_has_headings_by_their_look(tmp_path: Path) -> None:
    body = r"{\pard\b\fs40 Allotment rules\par}{\pard Keep {\b your} plot tidy.\par}{\pard\b You must pay.\par}"
    assert [e.kind for e in read_rtf(tmp_path, body)] == ["title", "text", "text"]


def test_rich_text_lists_and_tables(tmp_path: Path) -> None:
    body = (
        r"\pard Before | the table.\par"
        r"\trowd\cellx1\cellx2\pard\intbl Kind\cell Days\cell\row"
        r"\trowd\cellx1\cellx2\pard\intbl Roof\par and gutter\cell 1\cell\row"
        r"\pard{\listtext\'b7\tab}roofs\par{\listtext 2.\tab}gutters\par\pard After.\par"
    )
    elements = read_rtf(tmp_path, body)
    assert outline(elements) == [
        ("text", None, "Before | the table."),
        ("table", None, "Kind | Days\nRoof and gutter | 1"),
        ("list_item", None, "roofs"),
        ("list_item", None, "2. gutters"),
        ("text", None, "After."),
    ]
    assert elements[1].rows == (("Kind", "Days"), ("Roof and gutter", "1"))


def test_rich_text_notes_headers_links_and_pictures(tmp_path: Path) -> None:
    link = r'{\field{\*\fldinst{HYPERLINK "https://example.gov.uk"}}{\fldrslt{our page}}}'
    body = (
        r"{\header\pard Exampleshire Council\par}{\footer\pard Page 1\par}"
        rf"\pard A fact{{\footnote\pard Housing Act 2004.}} on {link}.{{\pict\pngblip 89504e470d0a}}\par"
    )
    assert outline(read_rtf(tmp_path, body)) == [
        ("header", None, "Exampleshire Council"),
        ("text", None, "A fact on our page."),
        ("footnote", None, "Housing Act 2004."),
        ("footer", None, "Page 1"),
    ]
