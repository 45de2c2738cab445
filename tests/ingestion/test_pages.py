"""Pictures of pages with the quoted words boxed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pdf_making import Page, write_pdf
from PIL import Image

from ingestion.errors import EncryptedFile, UnreadableFile
from ingestion.pages import page_count, quote_boxes, render_page
from ingestion.parse.pdf import read_pdf
from ingestion.types import Box, Element, Span, WordBox


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image.convert("RGB")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    pages = []
    for n in range(2):
        page = Page()
        page.text(60, 700, f"Page {n + 1} begins here and the visit is on").text(
            60, 688, "Thursday 18 June 2026 at ten."
        )
        pages.append(page)
    return write_pdf(tmp_path / "letter.pdf", *pages)


def test_a_page_is_drawn_as_wide_as_asked(letter: Path) -> None:
    image = opened(render_page(letter, 2, width=800))
    assert image.width == pytest.approx(800, abs=1)
    assert image.height == pytest.approx(800 * 842 / 595, abs=2)


def test_a_box_is_filled_and_outlined_around_the_quoted_words_alone(letter: Path) -> None:
    (element,) = [e for e in read_pdf(letter) if e.page == 1]
    start = element.text.index("Thursday")
    (box,) = quote_boxes(element, Span(start=start, end=start + len("Thursday 18 June")))
    plain, boxed = opened(render_page(letter, 1)), opened(render_page(letter, 1, boxes=[box]))
    x, y = (box.left + box.right) / 2 * plain.width, (box.top + box.bottom) / 2 * plain.height
    inside = boxed.crop((round(x) - 20, round(y) - 5, round(x) + 20, round(y) + 5)).getcolors(10_000) or []
    assert any(blue < 200 < red for _, (red, _, blue) in inside)  # type: ignore[misc]
    differing = [
        (px, py)
        for px in range(0, plain.width, 3)
        for py in range(0, plain.height, 3)
        if plain.getpixel((px, py)) != boxed.getpixel((px, py))
    ]
    assert differing
    assert min(px for px, _ in differing) >= (box.left - 0.006) * plain.width
    assert max(px for px, _ in differing) <= (box.right + 0.006) * plain.width
    edge = boxed.getpixel((round(x), round((box.top - 0.003) * boxed.height) + 1))
    assert max(edge) < 60  # type: ignore[arg-type, type-var]


def test_the_words_of_a_quote_over_two_lines_are_two_boxes(letter: Path) -> None:
    (element,) = [e for e in read_pdf(letter) if e.page == 2]
    start = element.text.index("visit")
    boxes = quote_boxes(element, Span(start=start, end=element.text.index("June") + 2))
    assert len(boxes) == 2
    assert boxes[0].bottom <= boxes[1].top + 0.002
    assert boxes[1].right * 595 == pytest.approx(60 + 16 * 6, abs=3)


def test_a_quote_of_an_element_without_words_is_its_own_box() -> None:
    box = Box(left=0.1, top=0.1, right=0.5, bottom=0.2)
    element = Element(id="e1", kind="text", text="some words", page=1, box=box)
    assert quote_boxes(element, Span(start=0, end=4)) == [box]
    assert quote_boxes(element.model_copy(update={"box": None}), Span(start=0, end=4)) == []


def test_the_boxes_of_a_slanting_line_climb_with_it() -> None:
    boxes = [Box(left=0.1 * n, top=0.5 - 0.004 * n, right=0.1 * n + 0.09, bottom=0.52 - 0.004 * n) for n in range(8)]
    words = tuple(WordBox(span=Span(start=3 * n, end=3 * n + 2), box=box) for n, box in enumerate(boxes))
    element = Element(id="e1", kind="text", text=" ".join(["aa"] * 8), page=1, words=words)
    found = quote_boxes(element, Span(start=0, end=23))
    assert 2 <= len(found) < 8
    assert all(box.bottom - box.top <= 0.031 for box in found)
    assert Box.around(found) == Box.around(boxes)


def test_words_level_with_each_other_in_two_columns_are_not_joined() -> None:
    boxes = [Box(left=x, top=0.1, right=x + 0.1, bottom=0.12) for x in (0.1, 0.21, 0.6)]
    words = tuple(WordBox(span=Span(start=3 * n, end=3 * n + 2), box=box) for n, box in enumerate(boxes))
    element = Element(id="e1", kind="text", text="aa bb cc", page=1, words=words)
    assert len(quote_boxes(element, Span(start=0, end=8))) == 2


def test_a_form_is_drawn_with_what_was_entered() -> None:
    sample = Path(__file__).parents[2] / "evals" / "data" / "samples" / "child-referral.pdf"
    (field,) = [e for e in read_pdf(sample) if e.field is not None and e.field.label == "Full name of child"]
    image = opened(render_page(sample, 1, width=1200))
    assert field.box is not None
    left, top = (field.box.left + 0.005) * image.width, (field.box.top + 0.004) * image.height
    right, bottom = (field.box.right - 0.01) * image.width, (field.box.bottom - 0.004) * image.height
    inside = image.convert("L").crop((round(left), round(top), round(right), round(bottom))).histogram()
    assert sum(inside[:100]) > 100


def test_a_turned_page_is_drawn_as_it_is_shown(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "turned.pdf", Page(extra="/Rotate 90").text(60, 700, "sideways"))
    image = opened(render_page(path, 1, width=842))
    assert image.size == pytest.approx((842, 595), abs=1)


def test_frames_of_a_picture_are_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    Image.new("L", (200, 100), 0).save(path, save_all=True, append_images=[Image.new("L", (100, 100), 255)])
    assert page_count(path) == 2
    image = opened(render_page(path, 2, width=300))
    assert image.size == (300, 300)
    assert image.getpixel((150, 150)) == (255, 255, 255)


def test_pages_are_counted_where_there_are_any(letter: Path, tmp_path: Path) -> None:
    assert page_count(letter) == 2
    (tmp_path / "notes.txt").write_text("no pages here", encoding="utf-8")
    assert page_count(tmp_path / "notes.txt") is None


@pytest.mark.parametrize("page", [0, 3])
def test_a_page_that_is_not_there_is_refused_in_a_sentence(letter: Path, page: int) -> None:
    with pytest.raises(UnreadableFile, match=rf"letter\.pdf has 2 pages, so page {page}"):
        render_page(letter, page)


def test_a_file_without_pages_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no pages here", encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"notes\.txt"):
        render_page(tmp_path / "notes.txt", 1)


def test_errors_of_opening_are_the_same_as_of_reading(letter: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(letter))
    writer.encrypt("x")
    with letter.open("wb") as stream:
        writer.write(stream)
    with pytest.raises(EncryptedFile, match=r"letter\.pdf"):
        render_page(letter, 1)
