"""Words of documents can never become markup: neither HTML nor Streamlit's Markdown."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.widgets.safe import Html, label, tag

ATTACKS = (
    "<script>alert(1)</script>",
    "**bold** _slanted_ `code`",
    "[link](javascript:alert(1))",
    ":red[loud] :smile: :material/home:",
    "costs $x$ or $y$",
    "# heading",
    "![picture](http://example.org/a.png)",
    "<img src=x onerror=alert(1)>",
    "1. first\n- second",
    "see www.example.org or https://example.org",
)


@pytest.mark.parametrize("text", ATTACKS)
def test_a_text_between_tags_comes_out_letter_for_letter(text: str) -> None:
    markup = tag("p", text).markup
    assert html.unescape(markup.removeprefix("<p>").removesuffix("</p>")) == text
    assert re.findall(r"<[^>]*>", markup) == ["<p>", "</p>"]


@given(st.text())
def test_no_text_opens_a_tag_or_leaves_its_attribute(text: str) -> None:
    markup = tag("p", text, class_="a", data_label=text).markup
    assert markup.count("<") == markup.count(">") == 2
    assert markup.count('"') in (2, 4)  # an attribute without a value is left out


@given(st.text())
def test_no_mark_of_markdown_in_a_label_stands_without_a_backslash(text: str) -> None:
    assert not re.search(r"(?<!\\)[*_`\[\]()<>$:#!|~]", label(text).replace("\\\\", ""))


@given(st.text())
def test_a_label_says_what_the_text_says(text: str) -> None:
    shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", label(text)).replace("\u2060", "")
    kept = "".join(c for c in text if c.isspace() or c.isprintable() or ord(c) > 0x9F).replace("\u2060", "")
    assert shown.replace("?", "").split() == kept.encode("utf-8", "replace").decode().replace("?", "").split()


def test_markup_inside_markup_stays_markup() -> None:
    assert tag("p", "a < b ", tag("mark", "&")) == Html("<p>a &lt; b <mark>&amp;</mark></p>")


def test_half_a_surrogate_pair_and_a_null_do_not_break_the_page() -> None:
    assert tag("p", "a\x00b\ud800c").markup == "<p>ab?c</p>"
