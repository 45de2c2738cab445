"""Kill `add` at random instants: afterwards adding again must give the index of a run that nobody disturbed.

    python -m evals.benchmarks.crash [FOLDER] [--rounds 50] [--seed 1]

Each round a process of its own adds FOLDER to an empty workspace and is killed (SIGKILL) after a step of the work drawn
evenly from all its steps, and a little later, drawn evenly up to the time that a step takes in the mean. Then the
workspace is looked at as it lies: no document may be half there. Then everything is added again, and documents,
passages, vectors and Chroma must equal the undisturbed run's.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ingestion.index import LocalChroma
from ingestion.library import Library
from ingestion.store import Store

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
WORKSPACE = "crash"
STARTED = "started"


class Round(NamedTuple):
    """What one kill did."""

    killed_after_step: int
    and_seconds: float
    documents_before: int  # that were whole when the process was killed
    problems: list[str]


class Contents(NamedTuple):
    """All that a workspace holds, in a form that two runs can be compared by."""

    elements: dict[str, list[str]]  # by document id
    passages: dict[str, str]  # by passage id
    vectors: dict[str, bytes]
    chroma: dict[str, bytes]


def crash_rounds(files: Path, rounds: int, seed: int, scratch: Path) -> Iterator[Round]:
    """Kill `rounds` runs that add the folder `files`, and compare each with an undisturbed one."""
    undisturbed = scratch / "undisturbed"
    process = start(undisturbed, files)
    began = time.monotonic()
    steps = len(process.communicate()[0].splitlines())
    seconds = time.monotonic() - began
    if process.returncode:
        raise RuntimeError("the undisturbed run failed")
    expected = contents(undisturbed)
    chance = random.Random(seed)
    for number in range(rounds):
        step, later = chance.randint(0, steps), chance.uniform(0, seconds / max(1, steps))
        yield _one_round(scratch / f"round-{number}", files, step, later, expected)


def _one_round(home: Path, files: Path, step: int, seconds: float, expected: Contents) -> Round:
    process = start(home, files)
    assert process.stdout is not None
    for _ in range(step):
        process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    process.communicate()
    problems, documents = [], 0
    if (home / "workspaces").exists() and Library(home).workspaces():
        problems += [f"after the kill: {problem}" for problem in half_added(home, expected)]
        with Library(home, embedder="builtin").workspace(WORKSPACE) as workspace:
            documents = len(workspace.documents())
    with Library(home, embedder="builtin").workspace(WORKSPACE, create=True) as workspace:
        report = workspace.add([files])
        problems += workspace.check()
        if len(report.added) + documents != len(expected.elements):
            problems.append(f"{documents} documents before, {len(report.added)} added, of {len(expected.elements)}")
    found = contents(home)
    problems += [f"{name} differ" for name in Contents._fields if getattr(found, name) != getattr(expected, name)]
    return Round(step, seconds, documents, problems)


def start(home: Path, files: Path) -> subprocess.Popen[str]:
    """A process that adds `files`, as soon as it has loaded what it needs and is about to begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", "evals.benchmarks.crash", "--add", str(home), str(files)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != STARTED:
        raise RuntimeError("the process that adds could not start")
    return process


def add(home: Path, files: Path) -> None:
    """What the killed process does."""
    import chromadb  # noqa: F401 - loaded before the clock starts, so that kills fall on the work

    library = Library(home, embedder="builtin")
    print(STARTED, flush=True)
    with library.workspace(WORKSPACE, create=True) as workspace:
        workspace.add([files], on_progress=lambda step: print(step.stage, step.done, flush=True), wait_seconds=120)


def contents(home: Path) -> Contents:
    """What the workspace holds."""
    folder = home / "workspaces" / WORKSPACE
    store = Store(folder / "library.db")
    documents = sorted(d.id for d in store.documents())
    names = {n: p.id for n, p in store.passages_above(0, -1).items()}
    numbers, vectors = store.vectors()
    generation = LocalChroma(folder / "chroma").open(store.index_state().epoch)
    held, held_vectors = generation.contents()
    generation.close()
    found = Contents(
        elements={d: [e.model_dump_json() for e in store.elements(d)] for d in documents},
        passages={p.id: p.model_dump_json() for d in documents for p in store.passages(d)},
        vectors={names[int(n)]: v.tobytes() for n, v in zip(numbers, vectors, strict=True)},
        chroma={names[int(n)]: np.round(v, 5).tobytes() for n, v in zip(held, held_vectors, strict=True)},
    )
    store.close()
    return found


def half_added(home: Path, expected: Contents) -> list[str]:
    """What is there of a document of which not all is there, as the killed process left it."""
    store = Store(home / "workspaces" / WORKSPACE / "library.db")
    problems = []
    for document in store.documents():
        if [e.model_dump_json() for e in store.elements(document.id)] != expected.elements[document.id]:
            problems.append(f"{document.name} has other elements")
        passages = {p.id: p.model_dump_json() for p in store.passages(document.id)}
        if passages != {k: v for k, v in expected.passages.items() if k.startswith(document.id)}:
            problems.append(f"{document.name} has other passages")
    whole = sum(d.passages for d in store.documents())
    if not whole == store.count() == len(store.vectors()[0]) or not store.words.is_sound():
        problems.append("passages, vectors and words do not agree")
    store.close()
    return problems


def main() -> int:
    """Print a line a round; exit with 1 when any had a problem."""
    parser = argparse.ArgumentParser(description="Kill `council add` at random instants.")
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLES)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--add", type=Path, metavar="HOME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.add:
        add(options.add, options.folder)
        return 0
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        for number, outcome in enumerate(
            crash_rounds(options.folder, options.rounds, options.seed, Path(scratch)), start=1
        ):
            bad += bool(outcome.problems)
            verdict = "; ".join(outcome.problems) or "equal to the undisturbed run"
            print(
                f"{number:3}  killed {outcome.and_seconds:5.2f} s after step {outcome.killed_after_step:2}, "
                f"{outcome.documents_before:2} documents whole, added again: {verdict}"
            )
    print(f"{options.rounds - bad} of {options.rounds} rounds equal to the undisturbed run")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
