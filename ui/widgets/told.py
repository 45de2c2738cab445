"""A person's mistake, or the library's refusal, as one sentence on the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ingestion.errors import CouncilError
from ui.widgets.safe import label


@contextmanager
def told() -> Iterator[None]:
    """Show a CouncilError raised inside the block as its sentence, and carry on after it."""
    try:
        yield
    except CouncilError as problem:
        st.error(label(str(problem)), icon="✖", title="There is a problem")
