"""A job on the page: how far it is, a button that stops it, and at the end words a screen reader speaks."""

from __future__ import annotations

import streamlit as st

from ingestion.library import AddReport
from ui.jobs import AddJob
from ui.widgets.safe import label, show, tag

LOOK_EVERY_SECONDS = 0.5


@st.fragment(run_every=LOOK_EVERY_SECONDS)
def watch(job: AddJob) -> None:
    """Show a running job, looking again twice a second, and run the whole page once it has ended."""
    if not job.running:
        st.rerun()
    step = job.progress
    share, words = 0.0, "starting"
    if step:
        share = min(step.done / step.total, 1.0) if step.total else 0.0
        words = f"{step.done} of {step.total} files read" if step.stage == "reading" else "making the files searchable"
    st.progress(share, text=label(f"Adding to “{job.workspace}”: {words}"))
    if st.button("Stop", disabled=job.stopping):
        job.stop()
    if job.stopping:
        st.text("Stopping after the file that is being read. What is finished is kept.")


def tell_outcome(job: AddJob) -> None:
    """Say how an ended job went: in one message that is read aloud, and each refused file with its sentence."""
    job.raise_bug()
    if job.problem:
        st.error(label(str(job.problem)), icon="✖", title="Nothing was added")
    elif job.stopped or job.report is None:
        st.warning("Stopped. The files that were finished are kept; the rest were left out.", icon="⚠")
    else:
        report = job.report
        words = _counted(report)
        if report.refused:
            st.warning(words, icon="⚠")
            reasons = [tag("li", refusal.reason, class_="council-words") for refusal in report.refused]
            show(tag("div", tag("p", "Refused files:"), tag("ul", *reasons), class_="council"))
        else:
            st.success(words, icon="✔")


def _counted(report: AddReport) -> str:
    words = [f"{_files(len(report.added))} added."]
    if report.unchanged:
        words.append(f"{_files(len(report.unchanged))} here already.")
    if report.refused:
        words.append(f"{_files(len(report.refused))} refused.")
    return " ".join(words)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
