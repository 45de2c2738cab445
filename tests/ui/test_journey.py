"""A person's way through the app in Chromium: upload, ask, look at the source; and what must hold on each screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from assistant.settings import Settings

if TYPE_CHECKING:
    from conftest import Server
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

WAIT_MS = 60_000
UPSTREAM = {
    # Streamlit 1.67's uploader: its drop zone has role="presentation" and an accessible name. Minor, a "best practice"
    # rule; the button inside, which people use, is a plain button.
    "presentation-role-conflict": "stFileUploaderDropzone",
}
HOSTILE = "Minutes **bold** <i> :red[x] $y$ www.example.org -> :smile: [l](javascript:1).txt"
WORDS = "The caretaker wrote <script>alert(1)</script> **bold** [link](javascript:alert(1)) :red[loud] $x$ on the door."


@pytest.fixture
def page(server: Server, chromium: Browser) -> Iterator[Page]:
    """A window of 1280 by 1800, in which nothing may be asked of another host and nothing may go wrong in a script."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1800}, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    asked: list[str] = []
    wrong: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    opened.on("websocket", lambda websocket: asked.append(websocket.url))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.goto(server.url)
    opened.get_by_role("heading", name="Documents", exact=True).wait_for()
    settled(opened)
    yield opened
    context.close()
    hosts = {urlsplit(url).netloc for url in asked if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
    assert hosts == {f"127.0.0.1:{server.port}"}
    assert wrong == []


def test_from_upload_to_the_boxed_words_and_back_out(server: Server, page: Page, samples: Path, tmp_path: Path) -> None:
    go_to_new_workspace(page, "Journey")
    assert_sound(page, "an empty workspace")

    bad = tmp_path / "plan.docx"
    bad.write_bytes(b"this is no Word document")
    upload(page, samples / "damp-and-mould-report.pdf", samples / "planning-subcommittee-2026-05-20.txt", bad)
    page.get_by_text("2 files added. 1 file refused.").wait_for()
    settled(page)
    assert page.locator(".council li").inner_text().startswith("plan.docx ")
    rows = page.get_by_role("row")
    assert [row.split("\n")[0].split("\t")[0] for row in rows.all_inner_texts()[1:]] == [
        "damp-and-mould-report.pdf",
        "planning-subcommittee-2026-05-20.txt",
    ]
    assert list(server.temporary.glob("council-upload-*")) == []
    assert_sound(page, "documents, one refused")

    page.get_by_role("link", name="Ask").click()
    page.get_by_role("heading", name="Ask", exact=True).wait_for()
    settled(page)
    ask(page, "How many homes were surveyed for damp and mould?")
    page.get_by_text(re.compile(r"Answered in \d+ statement")).wait_for()
    settled(page)
    assert "412" in page.locator(".council-statement").first.inner_text()
    assert_sound(page, "an answer")

    page.get_by_text("Source: damp-and-mould-report.pdf, page ").first.click()
    picture = page.get_by_role("img", name=re.compile(r"^Page \d+ of damp-and-mould-report.pdf. Boxed on it: “.*412"))
    picture.wait_for()
    settled(page)
    assert yellow_pixels(picture.screenshot()) > 500
    assert_sound(page, "a boxed page")

    ask(page, "Which zoo keeps the council's elephants?")
    page.get_by_text("The documents do not answer this question.").wait_for()
    settled(page)
    assert page.get_by_role("img").count() == 0
    assert_sound(page, "no answer")

    page.get_by_role("link", name="Documents").click()
    page.get_by_role("heading", name="Documents", exact=True).wait_for()
    settled(page)
    choose(page, "Document", "damp-and-mould-report.pdf")
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("This cannot be undone.").wait_for()
    settled(page)
    assert_sound(page, "a removal to confirm")
    page.get_by_role("button", name="Yes, remove it").click()
    page.get_by_text("damp-and-mould-report.pdf was removed.").wait_for()
    settled(page)
    assert "damp-and-mould-report.pdf" not in page.get_by_role("table").inner_text()


def test_words_of_documents_and_their_names_are_shown_letter_for_letter(
    server: Server, page: Page, tmp_path: Path
) -> None:
    (tmp_path / HOSTILE.replace("/", "_")).write_text(f"A note\n\n{WORDS}\n\nThat was all.\n")
    settings = Settings.from_environment().model_copy(update={"home": server.home})
    with settings.library().workspace("Hostile", create=True) as place:
        report = place.add([tmp_path / HOSTILE])
    assert [document.name for document in report.added] == [HOSTILE]
    page.reload()
    page.get_by_role("heading", name="Documents", exact=True).wait_for()
    settled(page)
    choose(page, "Workspace", "Hostile")
    page.get_by_role("table").wait_for()
    assert HOSTILE in page.get_by_role("table").inner_text()
    choose(page, "Document", HOSTILE)
    page.get_by_role("button", name="Remove", exact=True).click()
    question = page.get_by_text("This cannot be undone.")
    question.wait_for()
    assert f"Remove {HOSTILE} from “Hostile”?" in question.inner_text().replace("\u2060", "")

    page.get_by_role("link", name="Ask").click()
    page.get_by_role("heading", name="Ask", exact=True).wait_for()
    settled(page)
    ask(page, "Who wrote on the door?")
    source = page.locator("[data-testid=stExpander] summary").first
    source.wait_for()
    assert f"Source: {HOSTILE}" in source.inner_text().replace("\u2060", "")
    source.click()
    page.locator(".council-source mark").wait_for()
    assert page.locator(".council-source mark").inner_text() == WORDS
    assert page.locator(".council-statement").first.inner_text().strip() == WORDS
    main = page.get_by_test_id("stMain")
    for markup in ("script", "i", "em", ".katex", "a[href^=http]", "a[href^=javascript]", "img"):
        assert main.locator(markup).count() == 0, markup
    assert main.locator(".council-statement strong").count() == 0


def test_the_keyboard_alone_asks_and_opens_a_source(server: Server, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "bins.txt"
    path.write_text("Bins\n\nThe brown bin is emptied every second Tuesday from March to November.\n")
    settings = Settings.from_environment().model_copy(update={"home": server.home})
    with settings.library().workspace("Keys", create=True) as place:
        place.add([path])
    page.reload()
    page.get_by_role("heading", name="Documents", exact=True).wait_for()
    settled(page)
    choose(page, "Workspace", "Keys")
    tab_to(page, "Ask")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ask", exact=True).wait_for()
    settled(page)
    tab_to(page, "Your question, in plain words")
    page.keyboard.type("When is the brown bin emptied?")
    page.keyboard.press("Enter")
    page.get_by_text(re.compile(r"Answered in \d+ statement")).wait_for()
    settled(page)
    tab_to(page, "Source: bins.txt")
    assert focus_is_seen(page)
    page.keyboard.press("Enter")
    page.locator(".council-source mark").wait_for()
    assert "every second Tuesday" in page.locator(".council-source mark").inner_text()
    settled(page)
    assert "Source: bins.txt" in focused(page)


def go_to_new_workspace(page: Page, name: str) -> None:
    page.get_by_text("Make a new workspace").click()
    page.get_by_label("Name of the new workspace").fill(name)
    page.get_by_role("button", name="Make workspace").click()
    page.get_by_text("There are no documents here yet.").wait_for()
    settled(page)


def upload(page: Page, *paths: Path) -> None:
    page.locator("input[type=file]").set_input_files([str(path) for path in paths])
    page.get_by_role("button", name="Add these files").click()


def ask(page: Page, question: str) -> None:
    page.get_by_role("textbox", name="Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text(f"You asked: {question}").wait_for()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def settled(page: Page) -> None:
    """Wait until the script has run and what it drew has been drawn."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(300)


def assert_sound(page: Page, screen: str) -> None:
    """No axe violation that is ours, and no sideways scrolling at 320 px (which is 1280 px at 400 %)."""
    from axe_playwright_python.sync_playwright import Axe

    found = [
        f"{screen}: {violation['id']}: {node['html'][:200]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
        if UPSTREAM.get(violation["id"], "never") not in node["html"]
    ]
    assert found == []
    page.set_viewport_size({"width": 320, "height": 1800})
    page.wait_for_timeout(300)
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)"
    )
    assert max(wide) <= 320, f"{screen} is {max(wide)} px wide"
    page.set_viewport_size({"width": 1280, "height": 1800})
    page.wait_for_timeout(300)


def yellow_pixels(picture: bytes) -> int:
    """How many pixels have the colour of the boxes."""
    import io

    from PIL import Image

    colours = Image.open(io.BytesIO(picture)).convert("RGB").getcolors(2**24) or []
    return sum(count for count, (red, green, blue) in colours if red > 230 and green > 220 and 100 < blue < 200)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the thing with this name has the focus."""
    for _ in range(40):
        if name in focused(page):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reached “{name}”")


def focused(page: Page) -> str:
    """The name of the control that has the focus; empty when it is none, such as the part of the page that scrolls."""
    script = "e => e.matches('a, button, input, summary') ? e.getAttribute('aria-label') || e.innerText : ''"
    return str(page.evaluate_handle("document.activeElement").evaluate(script)).replace("\u2060", "")


def focus_is_seen(page: Page) -> bool:
    return str(page.evaluate("getComputedStyle(document.activeElement).outlineColor")) == "rgb(255, 221, 0)"
