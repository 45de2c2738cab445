"""How long it takes to parse, cut into passages and index the samples, against `unstructured.partition` on them.

    python -m evals.benchmarks.reading [--json]

Both run in one process, in turn, on the same warm files: Unstructured to its elements and no further, with the same
tagger; ours to a workspace on disk that can be searched, with ready-made vectors in place of embeddings. Only formats
that Unstructured reads without its extras are compared; digital PDFs are timed alone, in pages a second.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.demo import sample_files
from evals.benchmarks.report import Row, main, peak_megabytes
from ingestion.adding import Adder
from ingestion.files import KeptFiles
from ingestion.index import LocalChroma
from ingestion.locks import ReadLock
from ingestion.nearest import Nearest
from ingestion.store import Store

RUNS = 5
GOAL = 1.15
COMPARED = (".docx", ".pptx", ".xlsx", ".csv", ".html", ".md", ".txt", ".eml")
SCANNED = "scan"


class ReadyVectors:
    """Vectors that cost nothing: what is measured is everything but the embedding."""

    name = "ready-384"
    dimensions = 384

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of unit length, shape (len(texts), 384)."""
        rows = np.random.default_rng(len(texts)).standard_normal((len(texts), 384), dtype=np.float32)
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def query(self, text: str) -> NDArray[np.float32]:
        """One such row."""
        row: NDArray[np.float32] = self.passages([text])[0]
        return row


def measure() -> list[Row]:
    """Median seconds by format and in all, their ratios, pages a second, and the most memory used."""
    from ingestion.parse.office import ready

    ready()
    files = [path for path in sample_files() if path.suffix in COMPARED]
    groups = {suffix: [path for path in files if path.suffix == suffix] for suffix in COMPARED}
    rows = []
    for name, group in (*groups.items(), ("all of these", files)):
        pairs = [(_ours(group), _theirs(group)) for _ in range(RUNS + 1)][1:]
        ratio = statistics.median(a / b for a, b in pairs)
        ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        goal = f"at most {GOAL}" if group is files else ""
        rows.append(Row(f"{name}: ours {ours:.3f} s, Unstructured {theirs:.3f} s; ratio", ratio, "", goal=goal))
    return [*rows, *_pdfs(), Row("most memory used", peak_megabytes(), "MB")]


def _ours(files: Sequence[Path]) -> float:
    """Seconds to add the files to a workspace that is open and holds a document; opening costs 0.2 s, once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "files").mkdir()
        first = folder / "first.txt"
        first.write_text("The first document of a workspace.")
        store = Store(folder / "library.db")
        nearest = Nearest(store, LocalChroma(folder / "chroma"), ReadLock(folder))
        kept = KeptFiles(folder / "files")
        Adder(store, kept, nearest, ReadyVectors(), processes=1).add([first])
        clock = time.perf_counter()
        report = Adder(store, kept, nearest, ReadyVectors(), processes=1).add(files)
        seconds = time.perf_counter() - clock
        nearest.close()
        store.close()
    if report.refused:
        raise RuntimeError(f"a sample was refused: {report.refused[0].reason}")
    return seconds


def _theirs(files: Sequence[Path]) -> float:
    from unstructured.partition.auto import partition

    clock = time.perf_counter()
    for path in files:
        partition(filename=str(path))
    return time.perf_counter() - clock


def _pdfs() -> list[Row]:
    from ingestion.pages import page_count
    from ingestion.parse import parse

    files = [path for path in sample_files() if path.suffix == ".pdf" and SCANNED not in path.name]
    pages = sum(page_count(path) or 0 for path in files)
    times = []
    for _ in range(RUNS):
        clock = time.perf_counter()
        for path in files:
            parse(path)
        times.append(time.perf_counter() - clock)
    note = "  (Unstructured's fast strategy: 15 to 25, measured apart, since its extra is not installed)"
    return [Row(f"digital PDFs, {pages} pages", pages / statistics.median(times), "pages/s", note=note)]


if __name__ == "__main__":
    main(__doc__, measure)
