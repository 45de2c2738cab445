"""The Ask page, run by Streamlit's own test runner over a real library and small real files."""

from __future__ import annotations

import html as entities
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.settings import Settings
from ui import state

RENT = "The weekly rent of 4 Larch Close is 98.40 pounds from 6 April 2026.\n"
ATTACK = "The password hint is <script>alert(1)</script> **bold** [link](javascript:alert(1)) :red[loud] and $x$ too."
TRANSCRIPT = """WEBVTT

00:00:01.000 --> 00:00:05.000
<v Cllr Ann Bell>We will open the swimming pool at Marsh Lane on 12 September.</v>

00:00:06.000 --> 00:00:09.000
<v Tom Pryce>Thank you, Chair. I have nothing to add.</v>
"""


@pytest.fixture
def filled(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "rent.txt").write_text(f"Rents and charges\n\n{RENT}\nService charges are listed in the annex.\n")
    (folder / "hints.txt").write_text(f"Notes of the help desk\n\n{ATTACK}\n\nNothing else was noted.\n")
    (folder / "pool.vtt").write_text(TRANSCRIPT)
    with Settings.from_environment().library().workspace("main", create=True) as place:
        report = place.add([folder])
    assert report.refused == []


@pytest.mark.usefixtures("filled")
def test_an_answer_is_the_documents_own_sentence_with_its_source() -> None:
    page = ask("What is the weekly rent of 4 Larch Close?")
    assert "98.40 pounds" in shown(page)
    assert any("rent\\.txt" in source.label for source in page.expander)
    assert page.success[0].value.startswith("Answered in ")
    assert "DRAFT. Engine: embedded." in shown(page)


@pytest.mark.usefixtures("filled")
def test_an_opened_source_shows_the_words_marked_between_their_neighbours() -> None:
    page = ask("What is the weekly rent of 4 Larch Close?")
    assert "<mark>" not in raw(page)
    page.session_state["source 1.1"] = True
    page.run()
    assert f"<mark>{RENT.strip()}</mark>" in raw(page)
    assert "Service charges are listed in the annex." in shown(page)


@pytest.mark.usefixtures("filled")
def test_a_transcript_says_who_spoke_and_when() -> None:
    page = ask("When will the swimming pool at Marsh Lane open?")
    assert "Cllr Ann Bell at 00:00:01" in page.expander[0].label.replace("\\", "").replace("\u2060", "")
    page.session_state["source 1.1"] = True
    page.run()
    assert "<strong>Cllr Ann Bell at 00:00:01</strong>" in raw(page)
    assert "Tom Pryce" in shown(page)


@pytest.mark.usefixtures("filled")
def test_what_a_document_says_is_never_markup() -> None:
    page = ask("What is the password hint?")
    page.session_state["source 1.1"] = True
    page.run()
    assert ATTACK in shown(page)
    assert "<script" not in raw(page)
    assert not any("**bold**" in element.value for element in page.markdown)


@pytest.mark.usefixtures("filled")
def test_a_question_without_an_answer_is_said_plainly_with_what_to_do() -> None:
    page = ask("Which zoo keeps the council's elephants?")
    assert page.info[0].value == "The documents do not answer this question."
    assert not page.expander
    assert not page.success
    assert "Ask in the words the documents use" in shown(page)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("question", ["", "   ", "???"])
def test_an_empty_question_is_one_sentence(question: str) -> None:
    page = ask(question)
    assert "Nothing was asked" in page.error[0].value
    assert not page.exception


@pytest.mark.usefixtures("filled")
def test_a_question_can_be_kept_to_some_documents() -> None:
    page = ask("What is the weekly rent of 4 Larch Close?", only="hints.txt")
    assert "98.40" not in shown(page)


@pytest.mark.usefixtures("filled")
def test_an_answer_whose_document_was_removed_meanwhile_says_so_instead_of_breaking() -> None:
    page = ask("What is the weekly rent of 4 Larch Close?")
    with Settings.from_environment().library().workspace("main") as place:
        place.remove("rent.txt")
    page.run()
    assert not page.exception
    assert page.error


@pytest.mark.usefixtures("filled")
def test_an_answer_is_gone_when_another_workspace_is_chosen() -> None:
    page = ask("What is the weekly rent of 4 Larch Close?")
    Settings.from_environment().library().workspace("other", create=True).close()
    page.run()
    page.selectbox[0].set_value("other").run()
    assert state.ANSWERED not in page.session_state
    assert "98.40" not in shown(page)
    assert "no documents in this workspace" in page.info[0].value


def test_an_empty_library_sends_the_person_to_documents_first() -> None:
    page = AppTest.from_function(_page, default_timeout=60).run()
    assert "Add some on the Documents page first" in page.info[0].value
    assert not page.text_input


def _page() -> None:
    from ui.pages import ask

    ask.show()


def ask(question: str, *, only: str | None = None) -> AppTest:
    page = AppTest.from_function(_page, default_timeout=60).run()
    page.text_input[0].set_value(question)
    if only:
        page.multiselect[0].select(only)
    next(b for b in page.button if b.label == "Ask").click()
    page.run()
    assert not page.exception
    return page


def raw(page: AppTest) -> str:
    return "".join(str(element.proto.body) for element in page.get("html"))


def shown(page: AppTest) -> str:
    return entities.unescape(raw(page))
