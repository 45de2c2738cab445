"""The bundled council documents are whole, add up, name nobody real, and answer the questions asked of them.

Every file is read with its own library, not with the product's parser, so that the parser can be measured on them.
"""

from __future__ import annotations

import calendar
import email
import email.policy
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
import yaml
from bs4 import BeautifulSoup
from docx import Document
from lxml import etree
from odf import teletype
from odf.opendocument import load as load_odt
from pptx import Presentation
from rapidfuzz import fuzz
from striprtf.striprtf import rtf_to_text

from evals.samples import repairs_log
from evals.samples.documents import LEAFLET, LETTER, REPORT, read_text
from evals.samples.email_thread import TEXT, make_message
from evals.samples.repairs_log import make_jobs
from evals.samples.word import Layout, write_docx

SAMPLES = Path(repairs_log.__file__).parents[1] / "data" / "samples"
NOTICE = Path(repairs_log.__file__).parent / "repairs-notice.txt"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NAMES = (
    "allotment-rules.rtf",
    "bin-collection-changes.md",
    "budget-briefing.pptx",
    "complaint-thread.eml",
    "damp-and-mould-leaflet.pdf",
    "damp-and-mould-report.docx",
    "damp-and-mould-report.pdf",
    "housing-repairs-2025-26.xlsx",
    "library-hours.html",
    "planning-guidance.odt",
    "repairs-notice-scan.pdf",
    "tenancy-letter.docx",
)
WEEKDAYS = tuple(calendar.day_name)
MONTHS = tuple(calendar.month_name)[1:]
QUESTIONS: list[dict[str, Any]] = yaml.safe_load((SAMPLES.parent / "questions.yaml").read_text(encoding="utf-8"))
PLACES = [(q["id"], place) for q in QUESTIONS for place in q.get("evidence", [])]


# How each format is read


def squeeze(text: str) -> str:
    return " ".join(text.split())


@cache
def pages_of(name: str) -> tuple[str, ...]:
    """The texts of the file's pages or slides; one text where the format has no pages."""
    path = SAMPLES / name
    readers = {
        ".docx": docx_text,
        ".eml": eml_text,
        ".html": lambda p: BeautifulSoup(p.read_bytes(), "html.parser").get_text(" "),
        ".md": lambda p: p.read_text(encoding="utf-8"),
        ".odt": lambda p: "\n".join(teletype.extractText(n) for n in load_odt(str(p)).text.childNodes),
        ".rtf": lambda p: rtf_to_text(p.read_text(encoding="ascii")),
        ".xlsx": lambda p: "\n".join(
            str(cell) for sheet in sheets(p).values() for row in sheet for cell in row if cell
        ),
    }
    if name == "repairs-notice-scan.pdf":
        return (NOTICE.read_text(encoding="utf-8"),)
    if path.suffix == ".pdf":
        return tuple(pdf_pages(path))
    if path.suffix == ".pptx":
        return tuple(slide_text(slide) for slide in Presentation(str(path)).slides)
    return (readers[path.suffix](path),)


def text_of(name: str) -> str:
    return "\n".join(pages_of(name))


def pdf_pages(path: Path) -> Iterator[str]:
    with pypdfium2.PdfDocument(path) as pdf:
        for page in pdf:
            # PDFium writes U+FFFE for a hyphen at a line's end
            yield page.get_textpage().get_text_bounded().replace("\ufffe\r\n", "-").replace("\ufffe", "-")


def docx_text(path: Path) -> str:
    document = Document(str(path))
    texts = [block.text for block in document.iter_inner_content() if hasattr(block, "text")]
    texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(texts + list(footnotes(path).values()))


def footnotes(path: Path) -> dict[str, str]:
    """The notes of a Word file by id, without the two separators."""
    with zipfile.ZipFile(path) as archive:
        if "word/footnotes.xml" not in archive.namelist():
            return {}
        root = etree.fromstring(archive.read("word/footnotes.xml"))
    return {n.get(f"{W}id"): "".join(n.itertext()) for n in root.iter(f"{W}footnote") if n.get(f"{W}type") is None}


def eml_text(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    body = message.get_body(("plain",))
    unquoted = "\n".join(line.lstrip("> ") for line in body.get_content().splitlines())
    attached = "\n".join(part.get_content() for part in message.iter_attachments())
    return f"{headers}\n{unquoted}\n{attached}"


def slide_text(slide: Any) -> str:
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    texts += [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    if slide.has_notes_slide:
        texts.append(slide.notes_slide.notes_text_frame.text)
    return "\n".join(texts)


def sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def tables_of(name: str) -> list[list[list[str]]]:
    tables = Document(str(SAMPLES / name)).tables
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in tables]


def report_table(first_heading: str, *others: str) -> list[list[str]]:
    """The report's table whose heading row begins with these cells."""
    wanted = [first_heading, *others]
    return next(t for t in tables_of("damp-and-mould-report.docx") if t[0][: len(wanted)] == wanted)


def number(text: str) -> float:
    return float(re.sub(r"[£,%+]", "", text).replace("−", "-"))


# What is there


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_present_has_words_and_stands_in_the_readme(name: str) -> None:
    assert len(text_of(name).split()) > 100
    assert f"`{name}`" in (SAMPLES.parent / "README.md").read_text(encoding="utf-8")


def test_the_report_is_of_a_real_length_with_tables_headings_and_footnotes() -> None:
    document = Document(str(SAMPLES / "damp-and-mould-report.docx"))
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "List Bullet", "List Number", "Caption"} <= styles
    assert len(pages_of("damp-and-mould-report.pdf")) == 12
    assert len(document.tables) == 10
    assert 4_000 < len(text_of("damp-and-mould-report.docx").split()) < 6_000


def test_every_footnote_of_the_report_is_referred_to_once_and_in_order() -> None:
    path = SAMPLES / "damp-and-mould-report.docx"
    references = [r.get(f"{W}id") for r in Document(str(path)).element.body.iter(f"{W}footnoteReference")]
    assert references == list(footnotes(path)) == [str(n) for n in range(1, 9)]


def test_the_pdf_of_the_report_says_what_the_word_file_says() -> None:
    pdf = squeeze(text_of("damp-and-mould-report.pdf"))
    document = Document(str(SAMPLES / "damp-and-mould-report.docx"))
    titles = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert len(titles) > 20
    assert [title for title in titles if title not in pdf] == []
    assert [
        note for note in footnotes(SAMPLES / "damp-and-mould-report.docx").values() if squeeze(note) not in pdf
    ] == []


def test_the_leaflet_is_two_pages_of_two_columns() -> None:
    with pypdfium2.PdfDocument(SAMPLES / "damp-and-mould-leaflet.pdf") as pdf:
        assert len(pdf) == 2
        for page in pdf:
            text = page.get_textpage()
            lefts = [text.get_charbox(i)[0] for i in range(text.count_chars()) if text.get_text_range(i, 1).isupper()]
            middle = page.get_width() / 2
            assert sum(left < middle for left in lefts) > 10
            assert sum(left > middle for left in lefts) > 10


def test_the_email_is_a_thread_of_four_with_html_and_an_attachment() -> None:
    raw = (SAMPLES / "complaint-thread.eml").read_bytes()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/csv",
    ]
    assert {part["Content-Transfer-Encoding"] for part in message.walk() if not part.is_multipart()} == {
        "quoted-printable"
    }
    assert len(re.findall(r"^[> ]*On .*wrote:\r?$", message.get_body(("plain",)).get_content(), re.M)) == 3
    soup = BeautifulSoup(message.get_body(("html",)).get_content(), "html.parser")
    assert squeeze(soup.get_text(" ")) == squeeze(
        re.sub(r"^>+", "", message.get_body(("plain",)).get_content(), flags=re.M)
    )
    assert soup.select("blockquote blockquote blockquote")


# What adds up


@pytest.mark.parametrize("table", [t for t in tables_of("damp-and-mould-report.docx") if t[-1][0] == "Total"])
def test_a_total_row_of_the_report_is_the_sum_of_its_columns(table: list[list[str]]) -> None:
    heading, *rows, total = table
    sums = {
        name: sum(number(row[column]) for row in rows)
        for column, name in enumerate(heading)
        if column and total[column] and name != "Share of surveyed"
    }
    stated = {name: number(total[column]) for column, name in enumerate(heading) if name in sums}
    assert len(sums) >= 3
    assert stated == pytest.approx(sums)


def test_the_rows_of_the_report_add_up_across_as_well() -> None:
    for row in report_table("Ward")[1:]:
        assert int(row[3]) + int(row[4]) == int(row[5])
        assert f"{int(row[5]) / int(row[2]):.1%}" == row[6]
    causes = report_table("Cause")[1:]
    for row in causes:
        assert int(row[1]) + int(row[2]) == int(row[3])
        assert f"{int(row[3]) / 137:.1%}" == row[4]
    for row in report_table("Stage")[1:]:
        assert int(row[2]) - int(row[3]) == int(row[4])
        assert f"{int(row[3]) / int(row[2]):.1%}" == row[5]
    for row in report_table("Type of work")[1:] + report_table("Source")[1:]:
        assert number(row[1]) + number(row[2]) == number(row[3])
    for row in report_table("No.")[1:]:
        assert int(row[2]) * int(row[3]) == int(row[4])
    for row in report_table("Street or block")[1:]:
        assert int(row[2]) + int(row[3]) == int(row[4])


def test_the_tables_of_the_report_agree_with_each_other_and_with_the_agenda() -> None:
    wards, causes, streets = report_table("Ward")[-1], report_table("Cause")[-1], report_table("Street or block")[-1]
    assert (wards[2], wards[3], wards[4], wards[5]) == ("412", "35", "102", "137")
    assert causes[1:4] == streets[2:5] == ["35", "102", "137"]
    assert (
        report_table("Type of work")[-1][1:] == report_table("Source")[-1][1:] == ["£975,000", "£865,000", "£1,840,000"]
    )


def test_no_street_has_more_hazards_than_its_ward() -> None:
    wards = {row[0]: row for row in report_table("Ward")}
    streets = report_table("Street or block")[1:-2]
    assert len({row[1] for row in streets}) == 5
    for ward in {row[1] for row in streets}:
        rows = [row for row in streets if row[1] == ward]
        for street_column, ward_column in ((2, 3), (3, 4), (4, 5)):
            assert sum(int(row[street_column]) for row in rows) <= int(wards[ward][ward_column])


def test_the_letters_balance_follows_from_its_amounts_and_the_plan_pays_it_off() -> None:
    rows = tables_of("tenancy-letter.docx")[0][1:]
    for before, after in pairwise(rows):
        assert number(before[3]) + number(after[2]) == pytest.approx(number(after[3]))
    assert number(rows[-1][3]) == 612.40 == pytest.approx(24 * 25.50 + 0.40)


def test_the_summary_sheet_holds_the_values_its_formulas_would_give() -> None:
    book = sheets(SAMPLES / "housing-repairs-2025-26.xlsx")
    jobs = [row for row in book["Repairs log"] if re.fullmatch(r"R-\d{4}-\d{5}", str(row[0]))]
    assert len(jobs) == 200
    for ward, count, done, cost, average in book["Summary by ward"][3:9]:
        mine = [job for job in jobs if job[4] == ward]
        assert count == len(mine)
        assert done == sum(job[8].lower() == "completed" for job in mine)
        assert cost == pytest.approx(sum(job[10] or 0 for job in mine))
        assert average == round(cost / done, 2)
    assert book["Summary by ward"][9][1] == 200
    formulas = openpyxl.load_workbook(SAMPLES / "housing-repairs-2025-26.xlsx")["Summary by ward"]
    assert str(formulas["B4"].value).startswith("=COUNTIF(")


def test_the_repairs_log_has_the_mess_of_a_real_export() -> None:
    log = sheets(SAMPLES / "housing-repairs-2025-26.xlsx")["Repairs log"]
    jobs = [row for row in log if re.fullmatch(r"R-\d{4}-\d{5}", str(row[0]))]
    assert sum(not any(row) for row in log) >= 4
    assert {"Completed", "completed"} <= {row[8] for row in jobs}
    assert any(isinstance(row[1], str) for row in jobs)
    assert any(row[8] == "Completed" and row[10] is None for row in jobs)
    assert all(row[9] < datetime(2026, 4, 7) for row in jobs if row[9])
    assert len({row[0] for row in jobs}) == len(jobs)


def test_the_budget_slide_adds_up() -> None:
    slide = Presentation(str(SAMPLES / "budget-briefing.pptx")).slides[1]
    table = next(shape.table for shape in slide.shapes if shape.has_table)
    rows = [[cell.text for cell in row.cells] for row in table.rows][1:]
    for row in rows:
        assert number(row[2]) - number(row[1]) == number(row[3])
    for column in (1, 2, 3):
        assert sum(number(row[column]) for row in rows[:-1]) == number(rows[-1][column])


@pytest.mark.parametrize("name", NAMES)
def test_each_weekday_belongs_to_its_date(name: str) -> None:
    pattern = rf"\b({'|'.join(WEEKDAYS)}),? (?:the )?(\d{{1,2}}) ({'|'.join(MONTHS)})(?: (\d{{4}}))?\b"
    wrong = []
    for day_name, day, month, year in re.findall(pattern, squeeze(text_of(name))):
        when = date(int(year or 2026), MONTHS.index(month) + 1, int(day))
        if WEEKDAYS[when.weekday()] != day_name:
            wrong.append(f"{day_name} {when}")
    assert wrong == []


# Who is named


def everything() -> str:
    return "\n".join(text_of(name) for name in NAMES)


def test_every_telephone_number_is_from_a_range_kept_for_fiction() -> None:
    found = re.findall(r"(?<![\d/-])(?:\+44 ?|0)\d(?:[ -]?\d){8,9}(?!\d)", everything())
    assert len(found) > 20
    assert [n for n in found if not re.fullmatch(r"01632 960\d{3}|07700 900\d{3}", n)] == []


def test_every_email_and_web_address_is_reserved_for_examples() -> None:
    text = everything()
    domains = re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", text) + re.findall(r"(?:https?://|www\.)([\w.-]+)", text)
    assert len(domains) > 20
    allowed = r"(?:[\w-]+\.)*example\.(?:gov\.uk|org)"
    assert [d for d in domains if not re.fullmatch(allowed, d.rstrip("."))] == []


def test_every_postcode_is_in_the_invented_area() -> None:
    found = re.findall(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", everything())
    assert len(found) > 150
    assert [p for p in found if not re.fullmatch(r"FM[1-9] \d[A-Z]{2}", p)] == []


def test_national_insurance_and_nhs_numbers_are_made_up() -> None:
    text = everything()
    insurance = re.findall(r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", text)
    assert insurance
    assert [n for n in insurance if not n.startswith("QQ")] == []
    health = re.findall(r"(?<![\d-])\d{3} \d{3} \d{4}(?!\d)", text)
    assert [n for n in health if not n.startswith("999")] == []


# What can be asked


def test_the_questions_have_ids_of_their_own_and_enough_have_no_answer() -> None:
    assert len({q["id"] for q in QUESTIONS}) == len(QUESTIONS) >= 25
    unanswerable = [q for q in QUESTIONS if q.get("answerable") is False]
    assert len(unanswerable) >= 5
    assert all(q["near"] and "evidence" not in q for q in unanswerable)
    assert all(q["answer"] and q["evidence"] for q in QUESTIONS if q not in unanswerable)


def test_every_sample_is_asked_about() -> None:
    assert {place["document"] for _, place in PLACES} == set(NAMES)


@pytest.mark.parametrize(("question", "place"), PLACES)
def test_a_quote_stands_in_its_document_on_its_page(question: str, place: dict[str, Any]) -> None:
    pages = pages_of(place["document"])
    quote = squeeze(place["quote"])
    found = [number for number, page in enumerate(pages, start=1) if quote in squeeze(page)]
    assert found, f"{question}: not in {place['document']}"
    has_pages = Path(place["document"]).suffix in (".pdf", ".pptx")
    assert ("page" in place) == has_pages
    if has_pages and place["document"] != "repairs-notice-scan.pdf":
        assert place["page"] in found


def test_what_no_document_answers_is_indeed_absent() -> None:
    text = everything()
    assert "TSM" in text
    assert re.search(r"tenant satisfaction measure|TSM \(|\(TSM\)", text, re.I) is None
    assert "stage 2" in text
    assert "uphold it at stage 2" not in text
    assert "mobile library" not in text


# The scan


def test_the_scan_is_two_small_pages_of_pixels_without_text() -> None:
    path = SAMPLES / "repairs-notice-scan.pdf"
    assert path.stat().st_size < 600_000
    with pypdfium2.PdfDocument(path) as pdf:
        assert len(pdf) == 2
        for page in pdf:
            assert page.get_textpage().count_chars() == 0
            image = next(page.get_objects())
            assert image.get_px_size()[0] == pytest.approx(page.get_width() / 72 * 200, abs=2)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_the_scan_can_be_read_by_ocr(tmp_path: Path) -> None:
    read = []
    with pypdfium2.PdfDocument(SAMPLES / "repairs-notice-scan.pdf") as pdf:
        for page in pdf:
            picture = tmp_path / "page.png"
            page.render(scale=200 / 72, grayscale=True).to_pil().save(picture)
            done = subprocess.run(
                ["tesseract", str(picture), "-", "-l", "eng"], capture_output=True, check=True, timeout=120
            )
            read.append(squeeze(done.stdout.decode("utf-8")))
    assert fuzz.ratio(squeeze(NOTICE.read_text(encoding="utf-8")), " ".join(read)) > 97
    for _, place in PLACES:
        if place["document"] == "repairs-notice-scan.pdf":
            assert fuzz.partial_ratio(place["quote"], read[place["page"] - 1]) > 95


# The generators


@pytest.mark.parametrize(
    ("source", "layout", "name"),
    [
        ("damp-and-mould-report.md", REPORT, "damp-and-mould-report.docx"),
        ("tenancy-letter.md", LETTER, "tenancy-letter.docx"),
    ],
)
def test_a_word_sample_is_what_its_source_makes(source: str, layout: Layout, name: str, tmp_path: Path) -> None:
    write_docx(read_text(source), layout, tmp_path / name)
    assert docx_text(tmp_path / name) == docx_text(SAMPLES / name)


def test_making_a_word_file_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    source = read_text("damp-and-mould-leaflet.md")
    for name in ("once.docx", "twice.docx"):
        write_docx(source, LEAFLET, tmp_path / name)
    assert (tmp_path / "once.docx").read_bytes() == (tmp_path / "twice.docx").read_bytes()


def test_the_email_sample_is_what_its_source_makes() -> None:
    made = make_message((TEXT / "complaint-thread.txt").read_text(encoding="utf-8"))
    assert made.as_bytes() == (SAMPLES / "complaint-thread.eml").read_bytes()


def test_the_repairs_log_is_what_its_generator_makes() -> None:
    log = sheets(SAMPLES / "housing-repairs-2025-26.xlsx")["Repairs log"]
    kept = [(row[0], row[10]) for row in log if re.fullmatch(r"R-\d{4}-\d{5}", str(row[0]))]
    assert kept == [(job.number, job.cost) for job in make_jobs()]
