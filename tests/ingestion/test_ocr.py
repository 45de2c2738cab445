"""Scans and photographs: what Tesseract reads, straightened, and put back where it stood."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pdf_making import Page, write_pdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from ingestion.errors import DamagedFile, EmptyFile, FileTooLarge, NeedsOcr
from ingestion.parse.ocr import ocr_page, read_image, tesseract_available
from ingestion.parse.pdf import read_pdf
from ingestion.parse.pictures import image_pages, skew

ROOT = Path(__file__).parents[2]
needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
LINES = [
    "Dear Ms Larkspur",
    "We need to come into your home on Thursday 18 June 2026",
    "to inspect the electrical wiring. The visit will take about",
    "two hours. Please telephone us on 01632 960140 if you will",
    "not be at home, and we will arrange another day with you.",
]


def scan(lines: list[str] = LINES, *, degrees: float = 0.0, size: int = 26, heading: str | None = None) -> Image.Image:
    """A page of type at about 150 dots per inch, turned anticlockwise by `degrees`."""
    image = Image.new("L", (1240, 1000), 245)
    draw = ImageDraw.Draw(image)
    if heading:
        draw.text((150, 110), heading, fill=20, font=ImageFont.load_default(56))
    for n, line in enumerate(lines):
        draw.text((150, 220 + 44 * n), line, fill=20, font=ImageFont.load_default(size))
    return image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=245)


@pytest.mark.parametrize("degrees", [-3.0, -1.5, -0.5, 0.0, 1.0, 2.0, 3.0])
def test_the_skew_of_a_page_is_measured_to_a_fifth_of_a_degree(degrees: float) -> None:
    assert skew(scan(LINES * 3, degrees=degrees)) == pytest.approx(-degrees, abs=0.2)


def test_a_page_without_lines_has_no_skew() -> None:
    assert skew(Image.new("L", (800, 600), 255)) == 0.0


@needs_tesseract
@pytest.mark.parametrize("degrees", [0.0, 2.5, -3.0])
def test_a_skewed_page_is_read_right_and_its_words_lie_where_they_stood(tmp_path: Path, degrees: float) -> None:
    image = scan(degrees=degrees)
    path = tmp_path / "letter.png"
    image.save(path)
    elements = read_image(path)
    assert " ".join(e.text for e in elements) == " ".join(LINES)
    words = {word.span.cut(e.text): word.box for e in elements for word in e.words}
    for name in ("Larkspur", "01632", "inspect"):
        box = words[name]
        pixels = (box.left * image.width, box.top * image.height, box.right * image.width, box.bottom * image.height)
        inked = image.crop(tuple(round(value) for value in pixels)).histogram()
        assert sum(inked[:128]) > 0.08 * sum(inked), name  # the box is full of letters
        around = image.crop(
            (round(pixels[0]) - 6, round(pixels[1]), round(pixels[0]) - 2, round(pixels[3]))
        ).histogram()
        assert sum(around[:128]) <= 0.1 * sum(around), name  # and begins where the word does


@needs_tesseract
def test_larger_type_on_a_scan_is_a_heading_and_lines_make_paragraphs() -> None:
    image = scan(heading="Notice of visit")
    elements = ocr_page(image, 3, Path("letter.png"))
    assert elements[0].kind == "title"
    assert elements[0].text == "Notice of visit"
    assert elements[0].level == 1
    assert {e.page for e in elements} == {3}
    assert [e.kind for e in elements[1:]] == ["text"] * (len(elements) - 1)
    for element in elements:
        assert [w.span.cut(element.text) for w in element.words] == element.text.split()


@needs_tesseract
def test_each_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "pages.tiff"
    first, second = scan(["The first page of two"]), scan(["The second page of two"])
    first.save(path, save_all=True, append_images=[second], compression="tiff_deflate")
    assert [(e.page, e.text) for e in read_image(path)] == [(1, "The first page of two"), (2, "The second page of two")]


@needs_tesseract
def test_a_photograph_held_sideways_is_turned_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    scan().rotate(90, expand=True).convert("RGB").save(path, exif=exif, quality=92)
    assert "electrical wiring" in " ".join(e.text for e in read_image(path))


@needs_tesseract
def test_a_picture_with_a_transparent_ground_is_read(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    image = Image.new("RGBA", (1240, 400), (0, 0, 0, 0))
    ImageDraw.Draw(image).text(
        (100, 150), "Words on no ground at all", fill=(0, 0, 0, 255), font=ImageFont.load_default(40)
    )
    image.save(path)
    assert [e.text for e in read_image(path)] == ["Words on no ground at all"]


@needs_tesseract
@pytest.mark.parametrize("picture", ["blank", "noise"])
def test_a_picture_without_words_is_empty(tmp_path: Path, picture: str) -> None:
    path = tmp_path / "garden.jpg"
    image = Image.new("L", (900, 700), 255)
    if picture == "noise":
        image = Image.effect_noise((900, 700), 80).filter(ImageFilter.GaussianBlur(2))
    image.convert("RGB").save(path)
    with pytest.raises(EmptyFile, match=r"garden\.jpg"):
        read_image(path)


def test_a_picture_is_refused_with_the_package_to_install_when_tesseract_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "letter.png"
    scan().save(path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not tesseract_available()
    with pytest.raises(NeedsOcr, match=r"letter\.png.*tesseract-ocr"):
        read_image(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\nand then nothing", b"no picture"])
def test_a_damaged_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "torn.png"
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=r"torn\.png"):
        list(image_pages(path))


def test_a_picture_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    scan().save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DamagedFile, match=r"half\.png"):
        list(image_pages(path))


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 10_000)).save(path)
    with pytest.raises(FileTooLarge, match=r"bomb\.png"):
        list(image_pages(path))


@needs_tesseract
def test_a_scanned_page_among_digital_ones_is_read_in_its_place(tmp_path: Path) -> None:
    pages = [
        Page().text(60, 700, "A digital page before."),
        Page().image(scan()),
        Page().text(60, 700, "And one after."),
    ]
    elements = read_pdf(write_pdf(tmp_path / "mixed.pdf", *pages))
    assert (elements[0].page, elements[0].text) == (1, "A digital page before.")
    assert "electrical wiring" in " ".join(e.text for e in elements if e.page == 2)
    assert (elements[-1].page, elements[-1].text) == (3, "And one after.")


@needs_tesseract
def test_the_sample_scan_is_read_with_at_least_99_of_100_characters_right() -> None:
    expected = " ".join((ROOT / "evals" / "samples" / "repairs-notice.txt").read_text(encoding="utf-8").split())
    elements = read_pdf(ROOT / "evals" / "data" / "samples" / "repairs-notice-scan.pdf")
    read = " ".join(" ".join(e.text for e in elements).split())
    assert Levenshtein.distance(read, expected) <= 0.01 * len(expected)
