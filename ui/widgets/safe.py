"""Words of documents on a page, as words: the only way they get there.

Streamlit reads labels and messages as Markdown and `st.html` as HTML. `label` makes a text harmless in the first,
`tag` and `show` in the second, where plain strings are always escaped.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

import streamlit as st


class Html(NamedTuple):
    """Markup, made by `tag` alone."""

    markup: str


_JOINER = "\u2060"  # has no width and no meaning, and breaks a pattern in two
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# What Streamlit looks for after Markdown is read, when backslashes are gone: emoji and icon names, colours, bare
# addresses, arrows and dashes.
_LATER = re.compile(r"(?<=:)(?=\S)|(?<=@)|(?<=[wW]{3})(?=\.)|(?<=[-<>=~])(?=[-<>=~])")


def tag(name: str, *children: str | Html, **attributes: str) -> Html:
    """`<name attributes>children</name>`, with plain strings escaped; `class_` stands for class, `_` for a hyphen."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escape(value)}"' for key, value in attributes.items() if value
    )
    inner = "".join(child.markup if isinstance(child, Html) else _escape(child) for child in children)
    return Html(f"<{name}{written}>{inner}</{name}>")


def show(*markup: Html) -> None:
    """Put markup on the page."""
    st.html("".join(piece.markup for piece in markup))


def label(text: str) -> str:
    """`text` so that a Streamlit label or message shows it letter for letter, on one line."""
    return _PUNCTUATION.sub(r"\\\1", _LATER.sub(_JOINER, " ".join(_clean(text).split())))


def _escape(text: str) -> str:
    return html.escape(_clean(text), quote=True)


def _clean(text: str) -> str:
    """Without what a browser or UTF-8 cannot hold: control characters and halves of pairs."""
    text = text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c in "\n\t" or c.isprintable() or ord(c) > 0x9F else " " if c.isspace() else "" for c in text)
