"""PDF files to elements: what each paragraph is, in which order, and where every word stands."""

from __future__ import annotations

import shutil
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_making import COURIER_WIDTH, Page, write_pdf
from PIL import Image
from pypdf import PdfReader, PdfWriter

from ingestion.errors import DamagedFile, EmptyFile, EncryptedFile, NeedsOcr
from ingestion.parse.pdf import read_pdf
from ingestion.types import Element

SAMPLES = Path(__file__).parents[2] / "evals" / "data" / "samples"
LOREM = (
    "The Committee considered the condition of the council's homes and noted that the number of repairs had risen in "
    "each of the last four winters, most of all in the older terraces beside the river."
)


def kinds(elements: list[Element]) -> list[tuple[str, str]]:
    return [(element.kind, element.text) for element in elements]


def assert_every_word_cuts_itself_out(elements: list[Element]) -> None:
    for element in elements:
        assert element.page is not None
        assert element.box is not None
        end = 0
        for word in element.words:
            cut = word.span.cut(element.text)
            assert cut
            assert not any(c.isspace() for c in cut)
            assert word.span.start >= end
            assert 0 <= word.box.left <= word.box.right <= 1
            assert 0 <= word.box.top <= word.box.bottom <= 1
            assert element.text[end : word.span.start].strip(" |\n") == ""
            end = word.span.end
        assert element.text[end:].strip(" |") == ""


def test_a_report_page_becomes_headings_paragraphs_and_list_items(tmp_path: Path) -> None:
    page = Page()
    page.text(60, 780, "Repairs in winter", size=20, font="F2")
    page.text(60, 740, "1. Background", size=14, font="F2")
    y = page.paragraph(60, 715, LOREM)
    page.text(60, y - 15, "2. Recommendations", size=14, font="F2")
    page.text(60, y - 45, "That the Committee:")
    page.text(60, y - 65, "(a) notes the report; and")
    page.text(60, y - 80, "(b) asks for another in March.")
    page.text(60, y - 110, "• first point")
    page.text(60, y - 125, "• second point, which is longer than the first and so needs a second line to hold")
    page.text(72, y - 137, "all of its words")
    elements = read_pdf(write_pdf(tmp_path / "report.pdf", page))
    assert kinds(elements) == [
        ("title", "Repairs in winter"),
        ("title", "1. Background"),
        ("text", LOREM),
        ("title", "2. Recommendations"),
        ("text", "That the Committee:"),
        ("list_item", "(a) notes the report; and"),
        ("list_item", "(b) asks for another in March."),
        ("list_item", "first point"),
        (
            "list_item",
            "second point, which is longer than the first and so needs a second line to hold all of its words",
        ),
    ]
    assert [element.level for element in elements if element.kind == "title"] == [1, 2, 2]
    assert_every_word_cuts_itself_out(elements)


def test_bold_lines_are_headings_but_bold_details_and_run_in_words_are_not(tmp_path: Path) -> None:
    page = Page()
    page.text(60, 780, "Date: 9 June 2026", font="F4")
    page.text(60, 750, "Financial implications", font="F4")
    page.paragraph(60, 730, LOREM)
    page.text(60, 680, "Cost.", font="F4").text(60 + 6 * 6, 680, "It will be met from the reserve.")
    elements = read_pdf(write_pdf(tmp_path / "bold.pdf", page))
    assert [kind for kind, _ in kinds(elements)] == ["text", "title", "text", "text"]
    assert elements[3].text == "Cost. It will be met from the reserve."


def test_lines_that_come_back_on_every_page_are_headers_and_footers(tmp_path: Path) -> None:
    pages = []
    for number in range(1, 4):
        page = Page()
        page.text(60, 815, "Fernmoor Borough Council, Housing Committee", size=8)
        page.paragraph(60, 760, " ".join(LOREM.split()[number:]))
        page.text(280, 30, f"Page {number} of 3", size=8)
        pages.append(page)
    elements = read_pdf(write_pdf(tmp_path / "running.pdf", *pages))
    assert [(e.kind, e.page) for e in elements] == [
        (kind, page) for page in (1, 2, 3) for kind in ("header", "text", "footer")
    ]
    assert elements[2].text == "Page 1 of 3"


def test_a_first_line_that_differs_from_page_to_page_is_no_header(tmp_path: Path) -> None:
    pages = [Page().text(60, 815, f"{name} was there and spoke first.") for name in ("Ada", "Bela", "Cato")]
    elements = read_pdf(write_pdf(tmp_path / "plain.pdf", *pages))
    assert [e.kind for e in elements] == ["text", "text", "text"]


def test_small_type_at_the_foot_is_a_footnote_and_its_raised_number_joins_no_figure(tmp_path: Path) -> None:
    page = Page()
    page.paragraph(60, 780, LOREM)
    page.text(60, 700, "The grant was agreed in 2024")
    page.text(60 + 28 * 6, 704, "3", size=6)
    page.text(60 + 28 * 6 + 10, 700, "and spent in 2025.")
    page.text(60, 80, "3 The grant is paid by the Department.", size=7)
    page.text(60, 70, "4 It may be withdrawn.", size=7)
    elements = read_pdf(write_pdf(tmp_path / "notes.pdf", page))
    assert kinds(elements)[1:] == [
        ("text", "The grant was agreed in 2024 ³ and spent in 2025."),
        ("footnote", "3 The grant is paid by the Department."),
        ("footnote", "4 It may be withdrawn."),
    ]
    assert_every_word_cuts_itself_out(elements)


def columns_of(count: int, lines: int) -> list[list[str]]:
    return [[f"column {c} line {n} goes on in words" for n in range(lines)] for c in range(count)]


@pytest.mark.parametrize("drawn", ["column by column", "line by line"])
@pytest.mark.parametrize(("count", "width"), [(2, 240), (3, 170)])
def test_columns_are_read_one_after_the_other_under_a_heading_across_them(
    tmp_path: Path, drawn: str, count: int, width: int
) -> None:
    texts = columns_of(count, 8)
    page = Page().text(40, 780, "A heading that stands across all of the columns", size=18, font="F2")
    places = [(c, n) for c in range(count) for n in range(8)]
    if drawn == "line by line":
        places.sort(key=lambda place: place[1])
    for c, n in places:
        page.text(40 + c * width, 740 - 12 * n, texts[c][n], size=7.5 if count == 3 else 10)
    page.paragraph(40, 600, "And this runs across again. " + LOREM)
    elements = read_pdf(write_pdf(tmp_path / "leaflet.pdf", page))
    text = " ".join(element.text for element in elements)
    expected = " ".join(line for column in texts for line in column)
    assert expected in text
    assert elements[0].text.startswith("A heading")
    assert elements[-1].text.startswith("And this runs across again")
    assert not any(element.kind == "table" for element in elements)


def test_a_short_heading_below_two_columns_is_read_after_both(tmp_path: Path) -> None:
    page = Page()
    for c in range(2):
        for n in range(6):
            page.text(40 + c * 260, 740 - 12 * n, columns_of(2, 6)[c][n])
    page.text(40, 630, "Contact us", size=14, font="F2")
    page.paragraph(40, 610, LOREM)
    texts = [e.text for e in read_pdf(write_pdf(tmp_path / "below.pdf", page))]
    assert texts[-2:] == ["Contact us", LOREM]
    assert texts[-3].endswith("column 1 line 5 goes on in words")


def test_a_sentence_goes_on_in_the_next_column_but_stops_at_the_page(tmp_path: Path) -> None:
    first = Page()
    left = ["The first column has words that", "run on from line to line until", "the column comes to its end and"]
    right = ["the sentence then goes on here", "in the second column, where it", "ends at last. A new one begins"]
    for c, lines in enumerate((left, right)):
        for n, line in enumerate(lines):
            first.text(40 + c * 260, 740 - 12 * n, line)
    second = Page().text(40, 740, "and is finished on the page that follows it.")
    elements = read_pdf(write_pdf(tmp_path / "runs.pdf", first, second))
    assert [(e.page, e.text) for e in elements] == [
        (1, " ".join(left + right)),
        (2, "and is finished on the page that follows it."),
    ]


ROWS = [["Ward", "Homes", "Cost"], ["Kettlebeck", "412", "£1,840"], ["Nether Sallow", "96", "£77"], ["Moor", "7", "£2"]]


def test_a_ruled_table_keeps_its_rows_and_cells(tmp_path: Path) -> None:
    page = Page()
    page.paragraph(60, 780, LOREM)
    xs, top, height = [60, 200, 300, 400], 700, 30
    for x in xs:
        page.line(x, top, x, top - height * len(ROWS))
    for n in range(len(ROWS) + 1):
        page.line(xs[0], top - height * n, xs[-1], top - height * n)
    for n, row in enumerate(ROWS):
        for x, cell in zip(xs, row, strict=False):
            for k, word in enumerate(cell.split()):  # "Nether" above "Sallow"
                page.text(x + 4, top - height * n - 12 - 12 * k, word)
    page.paragraph(60, 500, "After the table. " + LOREM)
    elements = read_pdf(write_pdf(tmp_path / "ruled.pdf", page))
    assert [e.kind for e in elements] == ["text", "table", "text"]
    assert elements[1].rows == tuple(tuple(row) for row in ROWS)
    assert elements[1].text == "\n".join(" | ".join(row) for row in ROWS)
    assert_every_word_cuts_itself_out(elements)


def test_a_table_without_rules_is_found_by_its_gaps(tmp_path: Path) -> None:
    page = Page()
    page.paragraph(60, 780, LOREM)
    for n, row in enumerate(ROWS):
        for x, cell in zip([60, 220, 320], row, strict=True):
            page.text(x, 700 - 14 * n, cell)
    elements = read_pdf(write_pdf(tmp_path / "aligned.pdf", page))
    assert [e.kind for e in elements] == ["text", "table"]
    assert elements[1].rows == tuple(tuple(row) for row in ROWS)


def test_numbered_paragraphs_set_off_by_a_tab_are_no_table(tmp_path: Path) -> None:
    page = Page()
    for n in range(5):
        page.text(60, 780 - 30 * n, f"1.{n + 1}").text(110, 780 - 30 * n, "The Committee noted the report as it stood.")
    elements = read_pdf(write_pdf(tmp_path / "numbered.pdf", page))
    assert kinds(elements) == [("text", f"1.{n + 1} The Committee noted the report as it stood.") for n in range(5)]


def test_a_box_around_text_is_no_table(tmp_path: Path) -> None:
    page = Page().box(50, 650, 500, 150)
    page.paragraph(60, 780, LOREM)
    assert kinds(read_pdf(write_pdf(tmp_path / "box.pdf", page))) == [("text", LOREM)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("offered temporary accom-", "modation at once", "offered temporary accommodation at once"),
        ("those who are self-", "employed may apply", "those who are self-employed may apply"),
        ("the years 2025-", "26 and after", "the years 2025-26 and after"),
        ("the Anglo-", "Welsh border lands", "the Anglo-Welsh border lands"),
        ("a dash at the end -", "and more after it", "a dash at the end - and more after it"),
        ("temporary accom\xad", "modation at once", "temporary accommodation at once"),
        ("the \x01rst \x02oor of", "the building", "the first floor of the building"),
    ],
)
def test_words_broken_at_the_end_of_a_line_and_ligatures_are_made_whole(
    tmp_path: Path, first: str, second: str, expected: str
) -> None:
    page = Page().text(60, 700, first).text(60, 688, second)
    elements = read_pdf(write_pdf(tmp_path / "broken.pdf", page))
    assert kinds(elements) == [("text", expected)]
    assert_every_word_cuts_itself_out(elements)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_boxes_lie_on_the_page_as_shown_however_it_is_turned_and_cropped(tmp_path: Path, rotate: int) -> None:
    page = Page(extra=f"/Rotate {rotate} /CropBox [100 100 500 700]").text(140, 640, "corner", size=10)
    (element,) = read_pdf(write_pdf(tmp_path / "turned.pdf", page))
    box = element.words[0].box
    across, up = (140 + 3 * 6 - 100) / 400, (640 - 100) / 600  # the middle of the word, in the crop box
    x, y = {0: (across, 1 - up), 90: (up, across), 180: (1 - across, up), 270: (1 - up, 1 - across)}[rotate]
    assert (box.left + box.right) / 2 == pytest.approx(x, abs=0.02)
    assert (box.top + box.bottom) / 2 == pytest.approx(y, abs=0.02)
    width, height = box.right - box.left, box.bottom - box.top
    length = 6 * 10 * COURIER_WIDTH
    assert (width if rotate % 180 == 0 else height) == pytest.approx(length / 400, abs=0.02)


def test_a_landscape_page_drawn_sideways_is_read_in_its_own_lines(tmp_path: Path) -> None:
    page = Page()
    for n in range(4):
        page.text(100 + 12 * n, 100, f"line {n} of a page that was drawn sideways", matrix="0 1 -1 0")
    (element,) = read_pdf(write_pdf(tmp_path / "sideways.pdf", page))
    assert element.text == " ".join(f"line {n} of a page that was drawn sideways" for n in range(4))


def test_a_slanting_stamp_does_not_break_the_lines_it_crosses(tmp_path: Path) -> None:
    page = Page().text(150, 300, "DRAFT", size=90, font="F1", matrix="0.7 0.7 -0.7 0.7")
    page.paragraph(60, 500, LOREM)
    assert kinds(read_pdf(write_pdf(tmp_path / "stamp.pdf", page))) == [("text", LOREM), ("text", "DRAFT")]


def test_the_size_of_type_counts_the_matrix_it_is_drawn_with(tmp_path: Path) -> None:
    page = Page().text(60, 780, "Heading", size=1, matrix="18 0 0 18")
    page.paragraph(60, 740, LOREM)
    assert [e.kind for e in read_pdf(write_pdf(tmp_path / "matrix.pdf", page))] == ["title", "text"]


def test_drawn_tick_boxes_are_read_with_their_ticks(tmp_path: Path) -> None:
    page = Page().text(60, 700, "Do you own the land?")
    page.box(300, 698, 9, 9).text(313, 700, "Yes").box(360, 698, 9, 9).text(373, 700, "No")
    page.line(301, 699, 308, 706).line(301, 706, 308, 699)
    page.paragraph(60, 660, LOREM)
    elements = read_pdf(write_pdf(tmp_path / "ticks.pdf", page))
    assert elements[0].text == "Do you own the land? ☒ Yes ☐ No"
    assert_every_word_cuts_itself_out(elements)


def test_the_hidden_text_of_a_recognised_scan_counts_as_its_text(tmp_path: Path) -> None:
    page = Page().image(Image.new("L", (60, 80), 200))
    for n in range(6):
        page.text(60, 700 - 12 * n, f"hidden line {n} of the scan", mode=3)
    (element,) = read_pdf(write_pdf(tmp_path / "layer.pdf", page))
    assert element.text.startswith("hidden line 0 of the scan hidden line 1")


def test_digital_pages_are_read_without_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    page = Page()
    page.paragraph(60, 780, LOREM)
    assert kinds(read_pdf(write_pdf(tmp_path / "digital.pdf", page))) == [("text", LOREM)]


@pytest.mark.parametrize("problem", ["scan", "letters without meaning"])
def test_a_page_that_needs_tesseract_is_refused_whole_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    first, second = Page(), Page()
    first.paragraph(60, 780, LOREM)
    if problem == "scan":
        second.image(Image.new("L", (60, 80), 200))
    else:
        first.marks.clear()
        first.paragraph(60, 780, LOREM)
    path = write_pdf(tmp_path / "needs.pdf", first, second, unmapped=problem != "scan")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NeedsOcr, match=r"needs\.pdf.*tesseract-ocr"):
        read_pdf(path)


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_letters_without_meaning_are_read_off_the_page_instead(tmp_path: Path) -> None:
    page = Page()
    page.paragraph(60, 780, LOREM, size=12, characters=60, pitch=15)
    elements = read_pdf(write_pdf(tmp_path / "private.pdf", page, unmapped=True))
    assert "The Committee considered the condition" in " ".join(e.text for e in elements)


def test_blank_pages_are_passed_over_and_pages_keep_their_numbers(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "blank.pdf", Page(), Page().text(60, 700, "Words on the second page."), Page())
    assert [(e.page, e.text) for e in read_pdf(path)] == [(2, "Words on the second page.")]


def rewritten(source: Path, **passwords: str) -> Path:
    writer = PdfWriter(clone_from=PdfReader(source))
    writer.encrypt(**passwords)
    target = source.with_name("locked.pdf")
    with target.open("wb") as stream:
        writer.write(stream)
    return target


def test_a_file_that_needs_a_password_is_refused_with_its_name(tmp_path: Path) -> None:
    path = rewritten(write_pdf(tmp_path / "a.pdf", Page().text(60, 700, "secret")), user_password="x")
    with pytest.raises(EncryptedFile, match=r"locked\.pdf.*password"):
        read_pdf(path)


def test_a_file_locked_only_against_changes_is_read(tmp_path: Path) -> None:
    source = write_pdf(tmp_path / "a.pdf", Page().text(60, 700, "Open to read."))
    path = rewritten(source, user_password="", owner_password="x")
    assert kinds(read_pdf(path)) == [("text", "Open to read.")]


def test_a_file_cut_off_anywhere_is_refused_and_not_half_read(tmp_path: Path) -> None:
    whole = write_pdf(tmp_path / "whole.pdf", *[Page().text(60, 700, f"page {n}") for n in range(5)]).read_bytes()
    for length in range(9, len(whole) - 8, len(whole) // 20):
        cut = tmp_path / "cut.pdf"
        cut.write_bytes(whole[:length])
        with pytest.raises(DamagedFile, match=r"cut\.pdf"):
            read_pdf(cut)


def test_bytes_that_are_no_pdf_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "not.pdf"
    path.write_bytes(b"%PDF-1.7\nnothing of the kind\n%%EOF\n")
    with pytest.raises(DamagedFile, match=r"not\.pdf"):
        read_pdf(path)


def test_a_damaged_file_after_a_locked_one_is_not_called_locked(tmp_path: Path) -> None:
    locked = rewritten(write_pdf(tmp_path / "a.pdf", Page().text(60, 700, "secret")), user_password="x")
    damaged = write_pdf(tmp_path / "damaged.pdf")
    for path, expected in ((locked, EncryptedFile), (damaged, (EmptyFile, DamagedFile)), (locked, EncryptedFile)):
        with pytest.raises(expected):
            read_pdf(path)


@pytest.mark.parametrize("pages", [[], [Page()], [Page(), Page()]])
def test_a_file_without_pages_or_without_words_is_empty(tmp_path: Path, pages: list[Page]) -> None:
    with pytest.raises((EmptyFile, DamagedFile), match=r"none\.pdf"):
        read_pdf(write_pdf(tmp_path / "none.pdf", *pages))


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "void.pdf"
    path.write_bytes(b"")
    with pytest.raises(EmptyFile, match=r"void\.pdf"):
        read_pdf(path)


_letters = st.text(string.ascii_letters + string.digits + "£.,'()", min_size=1, max_size=12).filter(
    lambda word: word != "o"
)  # a bullet
_line = st.lists(_letters, min_size=1, max_size=6)  # as many as fit on the page


@settings(max_examples=80, deadline=None)
@given(lines=st.lists(_line, min_size=1, max_size=12), pitch=st.sampled_from([11, 14, 24]))
def test_every_word_of_a_page_is_kept_once_with_its_span_and_place(lines: list[list[str]], pitch: int) -> None:
    page = Page()
    for n, words in enumerate(lines):
        page.text(50, 780 - pitch * n, " ".join(words))
    with tempfile.TemporaryDirectory() as folder:
        elements = read_pdf(write_pdf(Path(folder) / "any.pdf", page))
    assert_every_word_cuts_itself_out(elements)
    found = [(word.span.cut(element.text), word.box) for element in elements for word in element.words]
    assert [text for text, _ in found] == [word for words in lines for word in words]
    for n, words in enumerate(lines):
        x = 50.0
        for word in words:
            text, box = found.pop(0)
            assert text == word
            assert (box.left + box.right) / 2 * 595 == pytest.approx(x + len(word) * 3, abs=4)
            assert box.top * 842 - 3 <= 842 - (780 - pitch * n) <= box.bottom * 842 + 3
            x += (len(word) + 1) * 6


@pytest.mark.parametrize(
    "name", ["damp-and-mould-leaflet.pdf", "damp-and-mould-report.pdf", "planning-householder.pdf"]
)
def test_every_word_of_the_sample_files_cuts_itself_out(name: str) -> None:
    elements = read_pdf(SAMPLES / name)
    assert_every_word_cuts_itself_out(elements)


def test_the_sample_report_keeps_its_structure() -> None:
    elements = read_pdf(SAMPLES / "damp-and-mould-report.pdf")
    titles = [e.text for e in elements if e.kind == "title" and e.level == 2]
    assert titles[:3] == ["1. Purpose of the report", "2. Recommendations", "3. Background"]
    assert {e.page for e in elements if e.kind == "footer"} == set(range(1, 13))
    tables = [e for e in elements if e.kind == "table"]
    assert len(tables) == 10
    assert all(len({len(row) for row in table.rows or ()}) == 1 for table in tables)
    assert sum(e.kind == "footnote" for e in elements) == 8


def test_the_sample_flat_form_keeps_its_ticks_and_the_names_over_its_ruled_table() -> None:
    elements = read_pdf(SAMPLES / "planning-householder.pdf")
    texts = [e.text for e in elements]
    assert "Will any tree or hedge be removed or pruned? ☐ Yes ☒ No" in texts
    assert any(text.startswith("☒ Certificate A: ") for text in texts)
    materials = next(e for e in elements if e.rows and e.rows[0] == ("Part", "Existing", "Proposed"))
    assert materials.rows is not None
    assert materials.rows[1] == ("Walls", "Red brick", "Red brick to match")
