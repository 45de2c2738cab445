"""What is installed, what is missing, and how to get it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Iterator
from typing import Literal, NamedTuple

from assistant.settings import Settings
from ingestion.errors import CouncilError

FIXED_PACKAGES = ("langchain", "openai", "chromadb", "unstructured", "streamlit", "tiktoken", "textstat")


class Check(NamedTuple):
    """One thing looked at: `ok`, `optional` (works without it, better with it) or `broken`."""

    subject: str
    state: Literal["ok", "optional", "broken"]
    detail: str


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order to read them. Opens workspaces to read, changes nothing, calls no network address
    but a Chroma server that `settings` names.
    """
    return [*_packages(), *_reading(), *_searching(settings), *_library(settings)]


def _packages() -> Iterator[Check]:
    yield Check("Python", "ok", platform.python_version())
    for name in FIXED_PACKAGES:
        try:
            yield Check(name, "ok", importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, "broken", "not installed; run: pip install -r requirements.lock")


def _reading() -> Iterator[Check]:
    if shutil.which("tesseract"):
        yield Check("scans and photographs", "ok", "read with Tesseract")
    else:
        yield Check(
            "scans and photographs",
            "optional",
            "refused until Tesseract is installed; Debian: apt install tesseract-ocr",
        )
    from ingestion.language.tagger import MODEL, model_installed

    yield Check("English", "ok", MODEL if model_installed() else "the product's own rules; no model is needed")


def _searching(settings: Settings) -> Iterator[Check]:
    from ingestion.embeddings import choose_embedder
    from ingestion.models import minilm_files
    from ingestion.tokens import tokeniser

    yield Check("tokens", "ok", tokeniser())
    if minilm_files() is None:
        yield Check("MiniLM", "optional", "not here; to find paraphrases that words miss: council models fetch minilm")
    else:
        yield Check("MiniLM", "ok", "here")
    try:
        name = settings.embeddings or ("endpoint" if settings.embeddings_url else None)
        if name == "endpoint":
            yield Check("vectors", "ok", f"from {settings.embeddings_url}, model {settings.embeddings_model}")
        else:
            yield Check("vectors", "ok", choose_embedder(name).name)
    except CouncilError as problem:
        yield Check("vectors", "broken", str(problem))


def _library(settings: Settings) -> Iterator[Check]:
    existing = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        yield Check("library", "broken", f"{existing} cannot be written; set COUNCIL_HOME to a folder that can")
        return
    yield Check("library", "ok", str(settings.home))
    if settings.chroma_url:
        yield Check("Chroma", "ok", f"server at {settings.chroma_url}")
    library = settings.library()
    for name in library.workspaces():
        try:
            with library.workspace(name) as workspace:
                problems = workspace.check()
                count = len(workspace.documents())
        except CouncilError as problem:
            problems, count = [str(problem)], 0
        for text in problems:
            yield Check(f"workspace “{name}”", "broken", text)
        if not problems:
            yield Check(f"workspace “{name}”", "ok", f"{count} document{'' if count == 1 else 's'}")
