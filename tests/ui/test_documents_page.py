"""The Documents page, run by Streamlit's own test runner over a real library."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.settings import Settings
from ui import state

TENANCY = b"The tenancy at 4 Larch Close began on 3 May 2021.\nThe rent is 98.40 pounds a week.\n"


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


def opened() -> AppTest:
    page = AppTest.from_function(_page, default_timeout=60).run()
    assert not page.exception
    return page


def test_an_empty_library_offers_the_first_workspace_and_says_that_it_is_empty() -> None:
    page = opened()
    assert page.title[0].value == "Documents"
    assert page.selectbox[0].value == "main"
    assert "There are no documents here yet." in [text.value for text in page.text]
    assert button(page, "Add these files").disabled


def test_uploaded_files_are_added_and_nothing_of_the_upload_is_left(tmp_path: Path) -> None:
    page = add(opened(), ("tenancy.txt", TENANCY))
    assert page.success[0].value == "1 file added."
    assert "tenancy.txt" in table(page)
    assert "✔ Ready" in table(page)
    assert list((tmp_path / "temporary").iterdir()) == []
    page = add(page, ("tenancy.txt", TENANCY))
    assert page.success[0].value == "0 files added. 1 file here already."


def test_a_refused_file_is_shown_with_its_sentence_beside_what_was_added() -> None:
    page = add(opened(), ("tenancy.txt", TENANCY), ("plan.docx", b"not a Word document"), ("empty.pdf", b""))
    assert page.warning[0].value == "1 file added. 2 files refused."
    shown = html(page)
    assert "<li" in shown
    assert "plan.docx" in shown
    assert "empty.pdf" in shown
    assert "council-upload" not in shown


def test_a_hostile_file_name_is_shown_as_it_is() -> None:
    page = add(opened(), ("<b>*x*<b> :red[y].txt", TENANCY))
    assert "&lt;" not in table(page)  # what a file system cannot hold is gone
    assert "_b_*x" not in table(page)
    assert ".txt</th>" in table(page)


def test_a_document_is_removed_only_after_confirmation() -> None:
    page = add(opened(), ("tenancy.txt", TENANCY))
    page = chosen_for_removal(page, "tenancy.txt")
    button(page, "No, keep it").click()
    page.run()
    assert "tenancy.txt" in table(page)
    page = chosen_for_removal(page, "tenancy.txt")
    assert "tenancy" in page.warning[-1].value
    button(page, "Yes, remove it").click()
    page.run()
    assert "There are no documents here yet." in [text.value for text in page.text]
    with Settings.from_environment().library().workspace("main") as place:
        assert place.documents() == []


def test_a_new_workspace_is_made_chosen_and_kept_apart() -> None:
    page = add(opened(), ("tenancy.txt", TENANCY))
    page.text_input[0].set_value("Case 999 000 0001")
    button(page, "Make workspace").click()
    page.run()
    assert page.selectbox[0].value == "Case 999 000 0001"
    assert "tenancy.txt" not in html(page)
    page.selectbox[0].set_value("main").run()
    assert "tenancy.txt" in table(page)


def test_a_name_that_cannot_be_a_workspace_is_told_in_a_sentence() -> None:
    page = opened()
    page.text_input[0].set_value("../elsewhere")
    button(page, "Make workspace").click()
    page.run()
    assert not page.exception
    assert "cannot be a workspace" in page.error[0].value


def test_the_sample_documents_are_one_press_away() -> None:
    page = opened()
    button(page, "Load the sample documents").click()
    page.run()
    job = page.session_state[state.JOB]
    assert job.total > 10
    assert "Stop" in [b.label for b in page.button]
    button(page, "Stop").click()
    page.run()
    job.wait(120)
    page.run()
    assert page.warning[0].value.startswith("Stopped.")


def test_a_command_line_may_write_while_the_page_is_open(tmp_path: Path) -> None:
    page = opened()
    path = tmp_path / "other.txt"
    path.write_bytes(TENANCY)
    with Settings.from_environment().library().workspace("main", create=True) as place:
        place.add([path], wait_seconds=0)
    page.run()
    assert "other.txt" in table(page)


def _page() -> None:
    from ui.pages import documents

    documents.show()


def add(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Upload files, press the button, and wait for the end of the job."""
    page.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files])
    page.run()
    button(page, "Add these files").click()
    page.run()
    until = time.monotonic() + 120
    while page.session_state[state.JOB].running and time.monotonic() < until:
        page.session_state[state.JOB].wait(1)
    page.run()
    assert not page.exception
    return page


def chosen_for_removal(page: AppTest, name: str) -> AppTest:
    page.selectbox[-1].select(name).run()
    button(page, "Remove").click()
    return page.run()


def button(page: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(b for b in page.button if b.label == label)


def html(page: AppTest) -> str:
    return "".join(str(element.proto.body) for element in page.get("html"))


def table(page: AppTest) -> str:
    found = html(page)
    assert "<table" in found
    return found[found.index("<table") :]
