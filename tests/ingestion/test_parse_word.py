"""Word documents: every word once, in its place, with its heading, its note, its field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from bad_files import with_part
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.text.paragraph import Paragraph

from ingestion.parse import document_kind, parse
from ingestion.types import Element

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def write(tmp_path: Path, fill: Callable[[Any], None], name: str = "a.docx") -> Path:
    document = docx.Document()
    fill(document)
    path = tmp_path / name
    document.save(str(path))
    return path


def add_xml(document: Any, xml: str) -> None:
    document.element.body.insert(len(document.element.body) - 1, parse_xml(xml))


def paragraph_xml(inner: str, properties: str = "") -> str:
    return f"<w:p {W}>{properties}{inner}</w:p>"


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def control(text: str, title: str = "", tag: str = "", placeholder: bool = False, block: bool = False) -> str:
    content = f"<w:p>{run(text)}</w:p>" if block else run(text)
    alias = f'<w:alias w:val="{title}"/>' if title else ""
    tagged = f'<w:tag w:val="{tag}"/>' if tag else ""
    hint = "<w:showingPlcHdr/>" if placeholder else ""
    space = f" {W}" if block else ""
    return f"<w:sdt{space}><w:sdtPr>{alias}{tagged}{hint}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def found_words(elements: list[Element]) -> Counter[str]:
    return words("\n".join(e.text for e in elements))


def test_headings_lists_tables_and_their_levels(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Housing strategy", level=0)
        document.add_paragraph("A summary of the strategy is given here.")
        document.add_heading("Background", level=1)
        document.add_heading("Need", level=2)
        document.add_paragraph("Many people are waiting for a home.")
        document.add_paragraph("Ring the office.", style="List Bullet")
        document.add_heading("Money", level=1)
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(table._cells, ("Year", "Cost", "2026/27", "£1.2m"), strict=True):
            cell.text = text

    elements = parse(write(tmp_path, fill))
    assert [(e.kind, e.level, e.headings) for e in elements] == [
        ("title", 1, ()),
        ("text", None, ("Housing strategy",)),
        ("title", 2, ("Housing strategy",)),
        ("title", 3, ("Housing strategy", "Background")),
        ("text", None, ("Housing strategy", "Background", "Need")),
        ("list_item", None, ("Housing strategy", "Background", "Need")),
        ("title", 2, ("Housing strategy",)),
        ("table", None, ("Housing strategy", "Money")),
    ]
    assert elements[-1].rows == (("Year", "Cost"), ("2026/27", "£1.2m"))
    assert elements[-1].text == "Year | Cost\n2026/27 | £1.2m"
    assert [e.id for e in elements] == [f"e{i}" for i in range(1, 9)]


def test_a_style_built_on_a_heading_and_an_outline_level_are_headings(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        style = document.styles.add_style("Council Section", 1)
        style.base_style = document.styles["Heading 2"]
        document.add_heading("Report", level=1)
        document.add_paragraph("Findings in the council's own style", style="Council Section")
        document.add_paragraph("The survey found damp in nine homes.")
        add_xml(document, paragraph_xml(run("By outline level"), '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>'))

    assert [(e.kind, e.level) for e in parse(write(tmp_path, fill))] == [
        ("title", 1),
        ("title", 2),
        ("text", None),
        ("title", 3),
    ]


def test_a_short_bold_line_above_text_is_a_heading_and_a_bold_sentence_is_not(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("Dear Mrs Sample")
        document.add_paragraph().add_run("Your rent account").bold = True
        document.add_paragraph("Your account is £40 in arrears.")
        document.add_paragraph().add_run("You must pay by Friday.").bold = True
        document.add_paragraph("Ring us if you cannot.")

    assert [e.kind for e in parse(write(tmp_path, fill))] == ["text", "title", "text", "text", "text"]


def test_tracked_insertions_are_read_and_deletions_are_not(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        changed = (
            f'{run("The rent is ")}<w:ins w:id="1" w:author="A">{run("seventy")}</w:ins>'
            f'<w:del w:id="2" w:author="A"><w:r><w:delText>sixty</w:delText></w:r></w:del>{run(" pounds a week.")}'
        )
        add_xml(document, paragraph_xml(changed))

    assert [e.text for e in parse(write(tmp_path, fill))] == ["The rent is seventy pounds a week."]


def test_words_in_wrappers_are_read_once(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        inner = (
            f"<w:smartTag>{run('Alpha ')}</w:smartTag><w:fldSimple w:instr='DATE'>{run('beta ')}</w:fldSimple>"
            f"{control('gamma ')}{run('delta')}"
        )
        add_xml(document, paragraph_xml(inner))
        add_xml(
            document,
            f"<w:sdt {W}><w:sdtPr><w:docPartObj/></w:sdtPr><w:sdtContent><w:p>{run('Contents line')}"
            "</w:p></w:sdtContent></w:sdt>",
        )

    assert [e.text for e in parse(write(tmp_path, fill))] == ["Alpha beta gamma delta", "Contents line"]


def test_a_text_box_follows_its_paragraph_and_its_fallback_copy_is_dropped(tmp_path: Path) -> None:
    space = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    box = f"<w:txbxContent><w:p>{run('Ring 01632 960117')}</w:p></w:txbxContent>"
    drawing = (
        f'<w:r><mc:AlternateContent {space}><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )

    def fill(document: Any) -> None:
        add_xml(document, paragraph_xml(run("Before the box.") + drawing))
        document.add_paragraph("After the box.")

    assert [e.text for e in parse(write(tmp_path, fill))] == ["Before the box.", "Ring 01632 960117", "After the box."]


def test_a_footnote_follows_the_paragraph_that_refers_to_it(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
        add_xml(document, paragraph_xml(run("A fact") + reference + run(" with a note.")))
        document.add_paragraph("Another paragraph.")

    notes = (
        f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
        f'<w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r>{run(" Housing Act 2004.")}</w:p></w:footnote>'
        f'<w:footnote w:id="3"><w:p>{run("A note nobody refers to.")}</w:p></w:footnote></w:footnotes>'
    )
    path = write(tmp_path, fill)
    path.write_bytes(_with_footnotes(path.read_bytes(), notes))
    assert [(e.kind, e.text) for e in parse(path)] == [
        ("text", "A fact with a note."),
        ("footnote", "Housing Act 2004."),
        ("text", "Another paragraph."),
        ("footnote", "A note nobody refers to."),
    ]


def _with_footnotes(data: bytes, notes: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml").decode()
        rels = archive.read("word/_rels/document.xml.rels").decode()
    types = types.replace("</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{NOTES_TYPE}"/></Types>')
    rels = rels.replace(
        "</Relationships>",
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" '
        'Target="footnotes.xml"/></Relationships>',
    )
    data = with_part(data, "[Content_Types].xml", types.encode())
    data = with_part(data, "word/_rels/document.xml.rels", rels.encode())
    return with_part(data, "word/footnotes.xml", notes.encode())


def test_content_controls_are_fields_with_label_and_value(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        line = (
            run("Full name: ") + control("Jo Sample", title="Name") + run("  Date: ") + control("3 May 2026", tag="d")
        )
        add_xml(document, paragraph_xml(line))
        add_xml(document, control("She needs a level-access shower.", title="Needs", block=True))
        add_xml(document, paragraph_xml(run("Phone: ") + control("Click here", title="Phone", placeholder=True)))

    elements = parse(write(tmp_path, fill))
    assert [(e.kind, e.field.label, e.field.value) for e in elements if e.field] == [
        ("field", "Full name", "Jo Sample"),
        ("field", "Date", "3 May 2026"),
        ("field", "Needs", "She needs a level-access shower."),
        ("field", "Phone", None),
    ]
    assert elements[0].text == "Full name: Jo Sample"
    assert all("Click" not in e.text for e in elements)
    assert document_kind(".docx", elements) == "form"


def test_a_control_within_a_sentence_stays_in_the_sentence(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        add_xml(document, paragraph_xml(run("I, ") + control("Jo Sample", title="Name") + run(", agree to this.")))

    assert [(e.kind, e.text) for e in parse(write(tmp_path, fill))] == [("text", "I, Jo Sample, agree to this.")]


def test_controls_in_table_cells_stay_in_their_row(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        table = document.add_table(rows=1, cols=2)
        table.cell(0, 0).text = "Name"
        cell = table.cell(0, 1)._tc
        cell.insert(1, parse_xml(control("Jo Sample", title="Name", block=True)))

    (table,) = parse(write(tmp_path, fill))
    assert table.rows == (("Name", "Jo Sample"),)


def test_merged_cells_are_not_doubled(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        table = document.add_table(rows=3, cols=3)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "Wide"
        table.cell(0, 2).merge(table.cell(1, 2)).text = "Tall"
        for column, text in enumerate("abc"):
            table.cell(2, column).text = text

    (table,) = parse(write(tmp_path, fill))
    assert table.rows == (("Wide", "", "Tall"), ("a", "b", "c"))


def test_captions_headers_and_footers_have_their_kinds(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.sections[0].header.paragraphs[0].text = "Exampleshire Council"
        document.sections[0].footer.paragraphs[0].text = "Page 1"
        document.add_paragraph("Table 1: Homes", style="Caption")
        document.add_paragraph("The table follows.")

    assert [(e.kind, e.text) for e in parse(write(tmp_path, fill))] == [
        ("header", "Exampleshire Council"),
        ("caption", "Table 1: Homes"),
        ("text", "The table follows."),
        ("footer", "Page 1"),
    ]


def test_rendered_page_breaks_give_page_numbers(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("On the first page.")
        add_xml(document, paragraph_xml("<w:r><w:lastRenderedPageBreak/><w:t>On the second page.</w:t></w:r>"))

    assert [e.page for e in parse(write(tmp_path, fill))] == [1, 2]


@pytest.mark.parametrize("name", ["damp-and-mould-report.docx", "tenancy-letter.docx"])
def test_a_real_report_keeps_every_word_exactly_as_often_as_the_file(name: str, samples: Path) -> None:
    path = samples / name
    if not path.exists():
        pytest.skip("the bundled samples are not there")
    document = docx.Document(str(path))
    body = "\n".join(Paragraph(p, document).text for p in document.element.body.iter(qn("w:p")))
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/footnotes", "/header", "/footer")):
            part = parse_xml(relation.target_part.blob)
            body += "\n" + "\n".join(Paragraph(p, document).text for p in part.iter(qn("w:p")))
    expected = words(body)
    got = found_words(parse(path))
    assert not expected - got, "words lost"
    # Word's automatic numbers ("1.", "a)") are shown on the page and stand in no paragraph of the file.
    assert all(re.fullmatch(r"\d{1,2}|[a-z]|[ivx]+", word) for word in got - expected), "words doubled"
