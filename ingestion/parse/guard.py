"""Where a third-party parser meets a file it cannot read: its errors become one sentence for the person."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.errors import DamagedFile, UnreadableFile


@contextmanager
def parsing(name: str, kind: str) -> Iterator[None]:
    """Turn whatever a parser raises on a damaged file into DamagedFile, and keep its warnings to itself.

    `kind` says what the file should be: "a Word document".
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnreadableFile:
        raise
    except (RecursionError, MemoryError) as err:
        raise DamagedFile(
            f"{name} is nested too deeply or is too large to read, so copy what you need of it into a new file."
        ) from err
    except Exception as err:  # parsers raise KeyError, struct.error, AttributeError and more on damaged files
        raise DamagedFile(
            f"{name} could not be read as {kind}, so open it in the program that made it and save it again."
        ) from err
