"""What every test stands on: no network but loopback, a library of its own, vectors that need no files."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

os.environ["COUNCIL_EMBEDDINGS"] = "builtin"  # the same figures whether MiniLM's files are here or not
for _name in ("COUNCIL_CHROMA_URL", "COUNCIL_EMBEDDINGS_URL", "COUNCIL_EMBEDDINGS_MODEL", "COUNCIL_WORKSPACE"):
    os.environ.pop(_name, None)

import ingestion  # noqa: F401, E402  switches telemetry off before any library is imported

SAMPLES = Path(__file__).parent.parent / "evals" / "data" / "samples"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNCIL_HOME", str(tmp_path / "council-home"))


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,  # noqa: ARG001  pytest's names
    call: pytest.CallInfo[None],  # noqa: ARG001
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI the system's packages are installed, so a test that skips for want of one has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and "(Debian:" in _reason(report):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport) -> str:
    where: Any = report.longrepr
    return str(where[2]) if isinstance(where, tuple) else str(where)
