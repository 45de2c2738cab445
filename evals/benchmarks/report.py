"""How a benchmark prints what it measured."""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One figure; `value` None means it was not measured, and `note` says why."""

    name: str
    value: float | None
    unit: str
    goal: str = ""
    note: str = ""


def show(rows: Iterable[Row], *, as_json: bool) -> None:
    """Print the rows as a table, or as JSON."""
    rows = list(rows)
    if as_json:
        print(json.dumps([row._asdict() for row in rows], indent=2))
        return
    for row in rows:
        value = "not measured" if row.value is None else f"{row.value:,.3g} {row.unit}".rstrip()
        print(f"  {row.name:58} {value:>14}  {'goal ' + row.goal if row.goal else ''}{row.note}".rstrip())


def peak_megabytes() -> float:
    """The most memory this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main(description: str | None, measure: Callable[[], Iterable[Row]]) -> None:
    """The command line of a benchmark without settings of its own."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    show(measure(), as_json=parser.parse_args().json)
