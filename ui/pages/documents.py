"""Documents: choose a workspace, add files to it, see what it holds, remove what it should not."""

from __future__ import annotations

import streamlit as st

from assistant.demo import sample_files
from ingestion.types import Document
from ui import state
from ui.jobs import AddJob
from ui.uploads import UploadFolder
from ui.widgets.documents import documents_table
from ui.widgets.progress import tell_outcome, watch
from ui.widgets.safe import label
from ui.widgets.safe import show as put
from ui.widgets.told import told
from ui.widgets.workspaces import choose_workspace, make_workspace


def show() -> None:
    """The page."""
    st.title("Documents", anchor=False)
    st.markdown("A workspace holds the documents of one team or one case. Questions are answered from it alone.")
    with told():
        workspace = choose_workspace()
        make_workspace()
        _add_files(workspace)
        _list_files(workspace)


def _add_files(workspace: str) -> None:
    st.header("Add documents", anchor=False)
    job = state.job()
    if job and job.running:
        watch(job)
        return
    if job and job.workspace == workspace:
        tell_outcome(job)
    round_number = st.session_state.setdefault(state.UPLOADS, 0)
    files = st.file_uploader(
        "Choose files: Word, PDF, PowerPoint, Excel, CSV, web pages, emails, transcripts or scans",
        accept_multiple_files=True,
        key=f"uploads {round_number}",
    )
    with st.container(horizontal=True):
        if st.button("Add these files", type="primary", disabled=not files):
            folder = UploadFolder()
            _start(AddJob(workspace, folder.save(files), afterwards=folder.remove))
        if st.button("Load the sample documents"):
            _start(AddJob(workspace, sample_files()))


def _start(job: AddJob) -> None:
    st.session_state[state.JOB] = job
    st.session_state[state.UPLOADS] += 1
    state.forget(state.TO_REMOVE, state.REMOVED)
    st.rerun()


def _list_files(workspace: str) -> None:
    st.header("Documents in this workspace", anchor=False)
    documents: list[Document] = []
    if workspace in state.library().workspaces():
        with state.library().workspace(workspace) as place:
            documents = place.documents()
    if documents:
        put(documents_table(documents, workspace))
        _remove_file(workspace, documents)
    else:
        st.text("There are no documents here yet.")


def _remove_file(workspace: str, documents: list[Document]) -> None:
    st.header("Remove a document", anchor=False)
    if removed := st.session_state.get(state.REMOVED):
        st.success(label(f"{removed} was removed. Nothing of it is left in this workspace."), icon="✔")
    names = {document.id: document.name for document in documents}
    chosen = st.selectbox("Document", list(names), format_func=lambda document_id: names[document_id], index=None)
    if chosen and st.button("Remove"):
        st.session_state[state.TO_REMOVE] = chosen
    asked = st.session_state.get(state.TO_REMOVE)
    if not asked or asked != chosen:
        return
    st.warning(label(f"Remove {names[asked]} from “{workspace}”? This cannot be undone."), icon="⚠")
    with st.container(horizontal=True):
        if st.button("Yes, remove it", type="primary"):
            with state.library().workspace(workspace) as place:
                st.session_state[state.REMOVED] = place.remove(asked).name
            state.forget(state.TO_REMOVE, state.JOB, state.ANSWERED)
            st.rerun()
        if st.button("No, keep it"):
            state.forget(state.TO_REMOVE)
            st.rerun()
