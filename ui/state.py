"""What one browser session remembers. Nothing of it is shared with another, and no words of documents are cached."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from assistant.settings import Settings
from assistant.tasks.ask import Answer
from assistant.types import CheckedDraft
from ingestion.library import Library
from ui.jobs import AddJob

WORKSPACE = "workspace"
JOB = "job"
ANSWERED = "answered"
TO_REMOVE = "document to remove"
REMOVED = "removed document"
UPLOADS = "uploads so far"  # a fresh uploader, empty, for each


class Answered(NamedTuple):
    """An answer on the page, and the workspace it was asked of."""

    workspace: str
    checked: CheckedDraft[Answer]


def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment()


def library() -> Library:
    """The library; opened anew each time, so that a `council add` elsewhere is seen and never blocked."""
    return settings().library()


def job() -> AddJob | None:
    """The work this session started last, running or ended."""
    found = st.session_state.get(JOB)
    return found if isinstance(found, AddJob) else None


def answered() -> Answered | None:
    """The answer this session asked for last."""
    found = st.session_state.get(ANSWERED)
    return found if isinstance(found, Answered) else None


def forget(*keys: str) -> None:
    """Drop what is remembered under `keys`."""
    for key in keys:
        st.session_state.pop(key, None)
