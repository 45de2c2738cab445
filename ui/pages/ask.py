"""Ask: a question, and the sentences of the documents that answer it."""

from __future__ import annotations

import streamlit as st

from assistant.pipeline import run
from assistant.tasks.ask import Ask
from assistant.types import Finding
from ingestion.library import Workspace
from ingestion.types import Filter
from ui import state
from ui.widgets.safe import show as put
from ui.widgets.safe import tag
from ui.widgets.statement import finding_markup, show_statement
from ui.widgets.told import told
from ui.widgets.workspaces import choose_workspace


def show() -> None:
    """The page."""
    st.title("Ask", anchor=False)
    with told():
        workspace = choose_workspace()
        if workspace not in state.library().workspaces():
            _nothing_to_ask()
            return
        with state.library().workspace(workspace) as place:
            _ask(place)


def _ask(place: Workspace) -> None:
    names = {document.id: document.name for document in place.documents()}
    if not names:
        _nothing_to_ask()
        return
    with st.form("ask", border=False):
        question = st.text_input("Your question, in plain words")
        only = st.multiselect("Only in these documents (optional)", list(names), format_func=lambda key: names[key])
        asked = st.form_submit_button("Ask", type="primary")
    if asked:
        state.forget(state.ANSWERED, *(key for key in st.session_state if str(key).startswith("source ")))
        with told(), st.spinner("Looking through the documents"):
            where = Filter(document_ids=tuple(only)) if only else None
            checked = run(Ask(question=question, where=where), place)
            st.session_state[state.ANSWERED] = state.Answered(place.name, checked)
    answered = state.answered()
    if answered and answered.workspace == place.name:
        _show_answer(answered, place)


def _show_answer(answered: state.Answered, place: Workspace) -> None:
    checked = answered.checked
    answer = checked.draft
    st.header("Answer", anchor=False)
    put(tag("div", tag("p", "You asked: ", tag("strong", answer.question)), class_="council"))
    if not answer.found:
        st.info("The documents do not answer this question.", icon="ℹ")
    for number, statement in enumerate(answer.statements, start=1):
        show_statement(number, statement, checked.findings_of(number - 1), place)
    for finding in checked.findings:
        if finding.statement is None:
            _show_overall(finding)
    if answer.nearest:
        nearest = [tag("li", name) for name in answer.nearest]
        put(tag("div", tag("p", "The nearest documents:"), tag("ul", *nearest), class_="council"))
    if answer.found:
        count = len(answer.statements)
        st.success(
            f"Answered in {'1 statement' if count == 1 else f'{count} statements'}. Check each at its source.", icon="✔"
        )
    made = checked.provenance
    put(
        tag(
            "div",
            tag("p", f"DRAFT. Engine: {made.engine}. Time: {made.seconds:.2f} s."),
            class_="council council-quiet",
        )
    )


def _show_overall(finding: Finding) -> None:
    """A finding about the answer as a whole; of the one that says there is none, only what to do about it."""
    if finding.rule != "nothing-found":
        put(finding_markup(finding))
    elif finding.suggestion:
        put(tag("div", tag("p", finding.suggestion), class_="council"))


def _nothing_to_ask() -> None:
    st.info("There are no documents in this workspace yet. Add some on the Documents page first.", icon="ℹ")
