"""Which workspace the person works in: the same choice on every page."""

from __future__ import annotations

import streamlit as st

from ui import state
from ui.widgets.told import told


def choose_workspace() -> str:
    """Show the choice of workspace and return the chosen one's name; it may not exist yet."""
    default = state.settings().workspace
    names = sorted({*state.library().workspaces(), default, st.session_state.get(state.WORKSPACE, default)})
    chosen = st.selectbox(
        "Workspace",
        names,
        index=names.index(st.session_state.get(state.WORKSPACE, default)),
    )
    name = str(chosen)
    if name != st.session_state.get(state.WORKSPACE):
        st.session_state[state.WORKSPACE] = name
        state.forget(state.TO_REMOVE, state.REMOVED, state.ANSWERED)
    return name


def make_workspace() -> None:
    """Show the form that makes a workspace and moves to it."""
    with st.expander("Make a new workspace"), st.form("make workspace", border=False):
        name = st.text_input("Name of the new workspace, such as a team, a case or a project")
        if st.form_submit_button("Make workspace"):
            with told():
                with state.library().workspace(name.strip(), create=True) as made:
                    st.session_state[state.WORKSPACE] = made.name
                state.forget(state.TO_REMOVE, state.REMOVED, state.ANSWERED)
                st.rerun()
