"""How long `council --help` takes, against importing Typer alone, as whole processes in turn.

python -m evals.benchmarks.starting [--json]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from evals.benchmarks.report import Row, main

RUNS = 15
GOAL = 1.3


def measure() -> list[Row]:
    """The median seconds of both, and the median of their ratios pair by pair."""
    ours = [
        sys.executable,
        "-c",
        "import sys; sys.argv = ['council', '--help']; from assistant.cli import main; main()",
    ]
    bare = [sys.executable, "-c", "import typer"]
    pairs = [(_seconds(ours), _seconds(bare)) for _ in range(RUNS + 1)][1:]
    return [
        Row("council --help", statistics.median(a for a, _ in pairs), "s"),
        Row('python -c "import typer"', statistics.median(b for _, b in pairs), "s"),
        Row("ratio", statistics.median(a / b for a, b in pairs), "", goal=f"at most {GOAL}"),
    ]


def _seconds(command: list[str]) -> float:
    clock = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - clock


if __name__ == "__main__":
    main(__doc__, measure)
