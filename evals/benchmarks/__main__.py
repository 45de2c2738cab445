"""Every benchmark, each in a process of its own: `make bench`.

The crash benchmark is left out, since it takes its time: `python -m evals.benchmarks.crash`.
"""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("starting", "reading", "searching", "answers", "retrieval")


def main() -> int:
    """Run them in order and return 1 if any failed."""
    failed = False
    for name in BENCHMARKS:
        print(f"\n{name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"evals.benchmarks.{name}"], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
