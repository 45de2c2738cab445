"""Fillable PDFs: every field by its name and value, where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pdf_making import Page, write_pdf
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, NumberObject, TextStringObject

from ingestion.errors import DamagedFile
from ingestion.parse.form_labels import readable_name
from ingestion.parse.pdf import read_pdf
from ingestion.types import Element

SAMPLES = Path(__file__).parents[2] / "evals" / "data" / "samples"
Rect = tuple[float, float, float, float]


def widget(rect: Rect, **entries: Any) -> DictionaryObject:
    """A widget's dictionary; names of entries without their slash."""
    made = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/Rect"): ArrayObject([FloatObject(value) for value in rect]),
        }
    )
    for key, value in entries.items():
        made[NameObject(f"/{key}")] = value
    return made


def text(value: str) -> TextStringObject:
    return TextStringObject(value)


def button(rect: Rect, on: str, **entries: Any) -> DictionaryObject:
    states = DictionaryObject({NameObject(f"/{on}"): DictionaryObject(), NameObject("/Off"): DictionaryObject()})
    appearance = DictionaryObject({NameObject("/N"): states})
    return widget(rect, AP=appearance, **entries)


def write_form(
    path: Path, page: Page, widgets: list[DictionaryObject], groups: list[DictionaryObject] | None = None
) -> Path:
    """`page` with `widgets`; each of `groups` is the parent of the widgets that name it by /Parent."""
    writer = PdfWriter(clone_from=PdfReader(write_pdf(path, page)))
    parents = {id(group): writer._add_object(group) for group in groups or []}
    fields = ArrayObject(parents.values())
    annotations = ArrayObject()
    for item in widgets:
        parent = item.get("/Parent")
        if parent is not None:
            item[NameObject("/Parent")] = parents[id(parent)]
        reference = writer._add_object(item)
        annotations.append(reference)
        if parent is None:
            fields.append(reference)
    writer.pages[0][NameObject("/Annots")] = annotations
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    with path.open("wb") as stream:
        writer.write(stream)
    return path


def fields_of(elements: list[Element]) -> list[tuple[str, str | None]]:
    return [(e.field.label, e.field.value) for e in elements if e.field is not None]


TX, BTN, CH = NameObject("/Tx"), NameObject("/Btn"), NameObject("/Ch")


@pytest.mark.parametrize(
    ("entries", "label"),
    [
        ({"T": text("q1"), "TU": text("Date of birth")}, "Date of birth"),
        ({"T": text("tenant.dateOfBirth")}, "Date of birth"),
        ({"T": text("form1[0].#subform[0].date_of_birth[0]")}, "Date of birth"),
        ({"T": text("Text12")}, "Born on"),
        ({"T": text("undefined_3")}, "Born on"),
    ],
)
def test_a_field_is_called_by_its_tooltip_its_name_or_the_words_beside_it(
    tmp_path: Path, entries: dict[str, Any], label: str
) -> None:
    page = Page().text(60, 700, "Born on:").text(60, 600, "Other words below")
    form = write_form(tmp_path / "f.pdf", page, [widget((150, 695, 300, 712), FT=TX, V=text("27/10/2021"), **entries)])
    elements = read_pdf(form)
    assert fields_of(elements) == [(label, "27/10/2021")]
    (element,) = [e for e in elements if e.kind == "field"]
    assert element.text == f"{label}: 27/10/2021"
    assert [word.span.cut(element.text) for word in element.words] == ["27/10/2021"]
    assert element.box is not None
    assert (element.box.left * 595, element.box.top * 842) == pytest.approx((150, 842 - 712), abs=0.5)


def test_a_label_printed_above_a_field_is_found(tmp_path: Path) -> None:
    page = Page().text(60, 715, "Home address").text(300, 715, "Telephone")
    boxes = [widget((x, 690, x + 200, 710), FT=TX, T=text(f"Text{x}"), V=text(str(x))) for x in (60, 300)]
    assert fields_of(read_pdf(write_form(tmp_path / "f.pdf", page, boxes))) == [
        ("Home address", "60"),
        ("Telephone", "300"),
    ]


def test_an_empty_field_has_no_value(tmp_path: Path) -> None:
    form = write_form(
        tmp_path / "f.pdf", Page().text(60, 700, "x"), [widget((150, 695, 300, 712), FT=TX, T=text("Ward"))]
    )
    assert fields_of(read_pdf(form)) == [("Ward", None)]


def test_check_boxes_say_yes_or_no(tmp_path: Path) -> None:
    page = Page().text(90, 700, "Housing").text(90, 680, "Police")
    ticked = button((70, 698, 80, 708), "1", FT=BTN, T=text("Check Box1"), V=NameObject("/1"))
    bare = button((70, 678, 80, 688), "1", FT=BTN, T=text("Check Box2"), V=NameObject("/Off"))
    assert fields_of(read_pdf(write_form(tmp_path / "f.pdf", page, [ticked, bare]))) == [
        ("Housing", "Yes"),
        ("Police", "No"),
    ]


@pytest.mark.parametrize(("yes", "no", "value"), [(True, False, "Yes"), (False, True, "No"), (False, False, None)])
def test_a_yes_box_and_a_no_box_are_one_answer(tmp_path: Path, yes: bool, no: bool, value: str | None) -> None:
    page = Page().text(60, 700, "Do you rent?").text(220, 700, "Yes").text(280, 700, "No")
    boxes = [
        button((x, 698, x + 10, 708), "On", FT=BTN, T=text(name), TU=text(label), V=NameObject("/On" if on else "/Off"))
        for x, name, label, on in ((200, "a", "Yes", yes), (260, "b", "No", no))
    ]
    assert fields_of(read_pdf(write_form(tmp_path / "f.pdf", page, boxes))) == [("Do you rent?", value)]


def test_radio_buttons_give_what_the_chosen_one_stands_for(tmp_path: Path) -> None:
    page = Page().text(60, 700, "Tenure").text(220, 700, "Owner").text(300, 700, "Tenant")
    group = DictionaryObject(
        {
            NameObject("/FT"): BTN,
            NameObject("/Ff"): NumberObject(1 << 15),
            NameObject("/T"): text("tenure"),
            NameObject("/V"): NameObject("/2"),
        }
    )
    boxes = [button((x, 698, x + 10, 708), state, Parent=group) for x, state in ((200, "1"), (280, "2"))]
    elements = read_pdf(write_form(tmp_path / "f.pdf", page, boxes, [group]))
    assert fields_of(elements) == [("Tenure", "Tenant")]
    (element,) = [e for e in elements if e.kind == "field"]
    assert element.box is not None
    assert element.box.left * 595 == pytest.approx(280, abs=0.5)


def test_a_choice_is_given_as_the_form_shows_it(tmp_path: Path) -> None:
    options = ArrayObject(
        [ArrayObject([text("L2"), text("Level 2: early help")]), ArrayObject([text("L3"), text("Level 3")])]
    )
    form = write_form(
        tmp_path / "f.pdf",
        Page().text(60, 700, "x"),
        [widget((150, 695, 300, 712), FT=CH, T=text("level"), V=text("L2"), Opt=options)],
    )
    assert fields_of(read_pdf(form)) == [("Level", "Level 2: early help")]


def test_push_buttons_and_hidden_fields_are_left_out(tmp_path: Path) -> None:
    widgets = [
        widget((150, 695, 300, 712), FT=BTN, Ff=NumberObject(1 << 16), T=text("Submit")),
        widget((150, 595, 300, 612), FT=TX, F=NumberObject(2), T=text("Internal code"), V=text("77")),
    ]
    assert fields_of(read_pdf(write_form(tmp_path / "f.pdf", Page().text(60, 700, "Printed."), widgets))) == []


def test_fields_stand_after_the_heading_they_are_under(tmp_path: Path) -> None:
    page = Page().text(60, 780, "1. The child", size=14, font="F2").text(60, 700, "2. Consent", size=14, font="F2")
    page.text(60, 640, "Printed words that are the body of this form, and longer than its headings are.")
    widgets = [
        widget((150, 665, 300, 682), FT=TX, T=text("Agreed by"), V=text("Mother")),
        widget((150, 745, 300, 762), FT=TX, T=text("Full name"), V=text("Juniper")),
    ]
    elements = read_pdf(write_form(tmp_path / "f.pdf", page, widgets))
    assert [e.text for e in elements][:4] == ["1. The child", "Full name: Juniper", "2. Consent", "Agreed by: Mother"]


def test_a_form_with_nothing_printed_is_read_by_its_fields(tmp_path: Path) -> None:
    form = write_form(tmp_path / "f.pdf", Page(), [widget((150, 695, 300, 712), FT=TX, T=text("Ward"), V=text("Moor"))])
    assert [e.text for e in read_pdf(form)] == ["Ward: Moor"]


def test_a_form_whose_fields_are_damaged_is_refused(tmp_path: Path) -> None:
    broken = widget((150, 695, 300, 712), FT=TX, T=text("Ward"))
    broken[NameObject("/Rect")] = ArrayObject([FloatObject(1)])
    with pytest.raises(DamagedFile, match=r"f\.pdf"):
        read_pdf(write_form(tmp_path / "f.pdf", Page().text(60, 700, "x"), [broken]))


def test_a_value_that_cannot_be_parsed_is_not_passed_over_nor_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    widgets = [widget((150, 695, 300, 712), FT=TX, T=text("Ward"), V=text("Moorside"))]
    path = write_form(tmp_path / "f.pdf", Page().text(60, 700, "Printed."), widgets)
    damaged = path.read_bytes().replace(b"(Moorside)", b"\xabMoorside)")
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    with pytest.raises(DamagedFile, match=r"f\.pdf"):
        read_pdf(path)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fullName", "Full name"),
        ("NINumber", "NI number"),
        ("person1_name", "Person1 name"),
        ("topmostSubform[0].Page1[0].HomeAddress[0]", "Home address"),
        ("Text3", None),
        ("Check Box 12", None),
        ("f1_07", None),
        ("", None),
    ],
)
def test_names_of_fields_as_words(name: str, expected: str | None) -> None:
    assert readable_name(name) == expected


def test_the_sample_referral_gives_its_answers() -> None:
    answers = dict(fields_of(read_pdf(SAMPLES / "child-referral.pdf")))
    assert answers["Full name of child"] == "Juniper Oakhanger-Vale"
    assert answers["Has a parent agreed to this referral?"] == "No"
    assert answers["Health visiting"] == "Yes"
    assert answers["Police"] == "No"
