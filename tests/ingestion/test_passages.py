"""Passages hold every word once, cut exactly, and never mix what does not belong together."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.passages import context, make_passages, text_to_embed
from ingestion.tokens import count_tokens
from ingestion.types import Element, ElementKind, FormField, Note, Passage, Turn

SENTENCE = "The grass by the bus shelter on Larch Close was cut on Monday morning. "


def element(number: int, kind: ElementKind, text: str, *headings: str, **more: object) -> Element:
    return Element.model_validate({"id": f"e{number}", "kind": kind, "text": text, "headings": headings, **more})


def texts(passages: list[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def test_a_title_is_the_first_part_of_its_sections_first_passage() -> None:
    passages = make_passages(
        "d",
        [
            element(1, "title", "Bins"),
            element(2, "text", "Bins go out on Tuesday.", "Bins"),
            element(3, "list_item", "Green bins too.", "Bins"),
            element(4, "title", "Parks"),
            element(5, "text", "Parks close at dusk.", "Parks"),
        ],
    )
    assert texts(passages) == ["Bins\nBins go out on Tuesday.\nGreen bins too.", "Parks\nParks close at dusk."]
    assert [passage.id for passage in passages] == ["d:0", "d:1"]
    assert [passage.kind for passage in passages] == ["text", "text"]
    assert [passage.headings for passage in passages] == [("Bins",), ("Parks",)]


def test_titles_without_text_between_them_go_with_the_text_that_follows() -> None:
    passages = make_passages(
        "d",
        [
            element(1, "title", "Annual report"),
            element(2, "title", "Summary", "Annual report"),
            element(3, "text", "A quiet year.", "Annual report", "Summary"),
        ],
    )
    assert texts(passages) == ["Annual report\nSummary\nA quiet year."]
    assert passages[0].headings == ("Annual report", "Summary")


def test_a_title_at_the_end_of_a_document_is_still_found() -> None:
    passages = make_passages("d", [element(1, "text", "Text."), element(2, "title", "Appendix")])
    assert texts(passages) == ["Text.", "Appendix"]
    assert passages[1].kind == "title"


def test_page_headers_and_footers_and_blank_elements_are_left_out() -> None:
    passages = make_passages(
        "d",
        [
            element(1, "header", "Brambleside District Council"),
            element(2, "text", "First."),
            element(3, "footer", "Page 1 of 2"),
            element(4, "text", " \n "),
            element(5, "text", "Second."),
        ],
    )
    assert texts(passages) == ["First.\nSecond."]


def test_two_notes_are_never_in_one_passage_and_each_knows_its_day() -> None:
    notes = [
        element(number, "note", "Phoned. No reply.", note={"date": datetime(2026, 3, number, 9, 30)})
        for number in (1, 2, 3)
    ]
    passages = make_passages("d", notes)
    assert texts(passages) == ["Phoned. No reply."] * 3
    assert [passage.date for passage in passages] == [datetime(2026, 3, day, 9, 30) for day in (1, 2, 3)]


def test_a_long_note_is_split_at_sentences_and_keeps_its_date() -> None:
    day = datetime(2026, 5, 6)
    passages = make_passages("d", [element(1, "note", SENTENCE * 12, note=Note(date=day))], max_tokens=60)
    assert len(passages) > 2
    assert all(passage.text.endswith("morning.") and passage.date == day for passage in passages)


def test_a_long_table_is_split_by_rows() -> None:
    rows = "\n".join(f"26/0{number}/FUL | {number} Larch Close | £{number}.00" for number in range(1000, 1040))
    passages = make_passages("d", [element(1, "table", rows)], max_tokens=80)
    assert "\n".join(texts(passages)) == rows
    assert all(passage.text.startswith("26/") and passage.text.endswith(".00") for passage in passages)


def test_prose_tables_fields_and_turns_do_not_share_a_passage() -> None:
    passages = make_passages(
        "d",
        [
            element(1, "text", "See below."),
            element(2, "table", "Ward | Votes"),
            element(3, "field", "Name: Ottoline Quillfeather", field=FormField(label="Name")),
            element(4, "field", "Ward: Thistledown", field=FormField(label="Ward")),
            element(5, "turn", "Thank you, chair.", turn=Turn(speaker="Cllr Quillfeather")),
            element(6, "turn", "Noted.", turn=Turn(speaker="Chair")),
        ],
    )
    assert [passage.kind for passage in passages] == ["text", "table", "field", "turn"]
    assert passages[2].text == "Name: Ottoline Quillfeather\nWard: Thistledown"
    assert passages[3].text == "Thank you, chair.\nNoted."


def test_a_long_section_begins_with_its_title_and_its_first_sentences() -> None:
    passages = make_passages(
        "d", [element(1, "title", "Grass"), element(2, "text", SENTENCE * 9, "Grass")], max_tokens=50
    )
    assert passages[0].text.startswith("Grass\nThe grass")
    assert all(passage.text.endswith("morning.") for passage in passages)


def test_text_without_spaces_is_still_cut_to_the_budget() -> None:
    passages = make_passages("d", [element(1, "text", "x7Q" * 4_000)], max_tokens=50)
    assert "".join(texts(passages)) == "x7Q" * 4_000
    assert all(count_tokens(passage.text) <= 50 for passage in passages)


def test_the_context_is_the_documents_name_and_the_headings_that_the_text_does_not_hold() -> None:
    passage = make_passages(
        "d",
        [
            element(1, "title", "Costs", "Budget"),
            element(2, "text", "One pound.", "Budget", "Costs"),
        ],
    )[0]
    assert context(passage, "annual_report-2026.final.docx") == "annual report 2026.final / Budget"
    assert text_to_embed(passage, "a.pdf") == "a / Budget\nCosts\nOne pound."


KINDS: list[ElementKind] = ["title", "text", "list_item", "table", "header", "footer", "field", "turn", "note"]
WORDS = st.one_of(
    st.sampled_from(["bins", "26/01234/FUL", "Mrs. Quillfeather said no.", "\n", " | ", "Dŵr", "£1,204.50", "x" * 90]),
    st.text(max_size=12),
)


@st.composite
def documents(draw: st.DrawFn) -> list[Element]:
    """Elements in reading order under a heading path that changes at titles only, as parse() gives them."""
    found: list[Element] = []
    path: tuple[str, ...] = ()
    for number in range(draw(st.integers(0, 9))):
        kind = draw(st.sampled_from(KINDS))
        text = " ".join(draw(st.lists(WORDS, max_size=14)))
        found.append(element(number, kind, text, *path))
        if kind == "title":
            path = (*path, text) if draw(st.booleans()) else (text,)
    return found


@settings(max_examples=150, deadline=None)
@given(documents(), st.integers(5, 60))
def test_every_character_is_in_one_passage_and_every_part_is_cut_exactly(elements: list[Element], budget: int) -> None:
    by_id = {one.id: one for one in elements}
    passages = make_passages("d", elements, max_tokens=budget)
    covered: dict[str, list[int]] = {one.id: [] for one in elements}
    for passage in passages:
        assert passage.text == "\n".join(part.span.cut(by_id[part.element_id].text) for part in passage.parts)
        assert count_tokens(passage.text) <= passage.tokens
        assert passage.tokens <= budget or len(passage.text) == 1
        titles = [by_id[part.element_id].kind == "title" for part in passage.parts]
        assert titles == sorted(titles, reverse=True)  # a title only ever begins a passage
        bodies = [by_id[part.element_id] for part in passage.parts if by_id[part.element_id].kind != "title"]
        assert len({body.headings for body in bodies}) <= 1
        assert len({body.id for body in bodies if body.kind == "note"}) <= 1
        for part in passage.parts:
            cut = part.span.cut(by_id[part.element_id].text)
            assert passage.text[part.at : part.at + len(cut)] == cut != ""
            covered[part.element_id].extend(range(part.span.start, part.span.end))
    for one in elements:
        expected = [] if one.kind in ("header", "footer") else [i for i, c in enumerate(one.text) if not c.isspace()]
        assert [i for i in covered[one.id] if not one.text[i].isspace()] == expected


def test_who_speaks_and_what_a_note_is_called_can_be_found() -> None:
    turns = [
        Element(id="e1", kind="turn", text="I second that.", turn=Turn(speaker="Cllr Tarr")),
        Element(id="e2", kind="turn", text="Thank you.", turn=Turn(speaker="Chair")),
        Element(id="e3", kind="turn", text="And I abstain.", turn=Turn(speaker="Cllr Tarr")),
    ]
    (passage,) = make_passages("d", turns)
    assert passage.about == ("Cllr Tarr", "Chair")
    note = Element(
        id="e1", kind="note", text="No reply.", note=Note(type="Home visit", title="Missed", author="R Kestrel")
    )
    (passage,) = make_passages("d", [note])
    assert context(passage, "notes.csv") == "notes / Home visit / Missed / R Kestrel"
