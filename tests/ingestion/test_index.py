"""Chroma, and the search for the nearest vectors that goes on when Chroma cannot be asked."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingestion import nearest as nearest_module
from ingestion.errors import IndexUnavailable
from ingestion.hnsw_files import HEADER
from ingestion.index import LocalChroma, ServerChroma
from ingestion.locks import ReadLock
from ingestion.nearest import Nearest
from ingestion.store import Store
from ingestion.types import Document, Filter, Passage

DIMENSIONS = 16


def unit_vectors(count: int, seed: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32)
    # As the store keeps them, so that exact figures can be compared.
    kept: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    return kept.astype(np.float32)


def add(store: Store, letter: str, vectors: NDArray[np.float32]) -> list[int]:
    """A document with a passage for each vector: every second one a note, a day apart from 1 January 2025."""
    document_id = letter * 64
    passages = [
        Passage(
            id=f"{document_id}:{i}",
            document_id=document_id,
            kind="note" if i % 2 else "text",
            text=f"Passage {i} of {letter}",
            parts=(),
            date=datetime.fromordinal(date(2025, 1, 1).toordinal() + i),
            tokens=4,
        )
        for i in range(len(vectors))
    ]
    document = Document(
        id=document_id,
        name=f"{letter}.txt",
        kind="document",
        suffix=".txt",
        size_bytes=1,
        elements=0,
        passages=len(passages),
        added=datetime.now(UTC),
    )
    return store.add(document, [], passages, vectors)


@pytest.fixture(autouse=True)
def every_library_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that Chroma answers, but for the tests that say otherwise."""
    monkeypatch.setattr(nearest_module, "EXACT_BYTES", 0)


@pytest.fixture
def small_libraries_are_exact(monkeypatch: pytest.MonkeyPatch, every_library_is_large: None) -> None:  # noqa: ARG001
    monkeypatch.setattr(nearest_module, "EXACT_BYTES", 50 * DIMENSIONS * 4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "library.db")
    yield opened
    opened.close()


@pytest.fixture
def nearest(store: Store, tmp_path: Path) -> Iterator[Nearest]:
    opened = open_nearest(store, tmp_path)
    yield opened
    opened.close()


def open_nearest(store: Store, folder: Path) -> Nearest:
    return Nearest(store, LocalChroma(folder / "chroma"), ReadLock(folder))


def truth(store: Store, vector: NDArray[np.float32], limit: int, where: Filter | None = None) -> list[int]:
    numbers, vectors = store.vectors(where=where)
    return [int(n) for n in numbers[np.argsort(-(vectors @ vector), kind="stable")][:limit]] if len(numbers) else []


def test_a_generation_keeps_what_it_is_given_and_finds_the_nearest_first(tmp_path: Path) -> None:
    vectors = unit_vectors(20, 1)
    generation = LocalChroma(tmp_path).open(0, create=True)
    generation.upsert(range(1, 21), vectors)
    generation.upsert(range(1, 21), vectors)
    assert generation.count() == 20
    numbers, held = generation.contents()
    assert numbers.tolist() == list(range(1, 21))
    np.testing.assert_allclose(held, vectors, atol=1e-6)
    found = generation.query(vectors[6], 3)
    assert found[0][0] == 7
    assert found[0][1] == pytest.approx(1.0, abs=1e-3)
    assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)
    generation.close()


def test_chroma_holds_no_text(store: Store, nearest: Nearest, tmp_path: Path) -> None:
    add(store, "a", unit_vectors(5, 1))
    nearest.flush()
    held = b"".join(p.read_bytes() for p in (tmp_path / "chroma").rglob("*") if p.is_file())
    assert b"Passage" not in held
    assert b"aaaaaa" not in held


def test_a_missing_generation_is_refused_unless_it_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="council reindex"):
        LocalChroma(tmp_path).open(3)


def test_what_chroma_has_not_been_given_yet_is_found_all_the_same(store: Store, nearest: Nearest) -> None:
    add(store, "a", unit_vectors(30, 1))
    query = unit_vectors(1, 9)[0]
    assert [n for n, _ in nearest.search(query, 5)] == truth(store, query, 5)
    nearest.flush()
    (new,) = add(store, "b", query[None])
    found = nearest.search(query, 5)
    assert found[0] == (new, pytest.approx(1.0, abs=1e-2))
    assert [n for n, _ in found] == truth(store, query, 5)


FILTERS = [
    Filter(document_ids=("a" * 64,)),
    Filter(document_ids=("f" * 64,)),
    Filter(kinds=("note",)),
    Filter(since=date(2025, 1, 10), until=date(2025, 1, 20)),
    Filter(kinds=("note",), since=date(2025, 1, 10)),
]


@pytest.mark.parametrize("few", [1_000, 0], ids=["by listing", "by asking Chroma for more"])
@pytest.mark.parametrize("where", FILTERS, ids=lambda f: f.model_dump_json(exclude_defaults=True)[:50])
def test_a_filter_gives_what_comparing_everything_gives(
    store: Store, nearest: Nearest, monkeypatch: pytest.MonkeyPatch, where: Filter, few: int
) -> None:
    monkeypatch.setattr(nearest_module, "EXACT_ROWS", few)
    add(store, "a", unit_vectors(60, 1))
    add(store, "b", unit_vectors(60, 2))
    nearest.flush()
    for seed in range(5):
        query = unit_vectors(1, 100 + seed)[0]
        assert [n for n, _ in nearest.search(query, 7, where)] == truth(store, query, 7, where)


@pytest.mark.usefixtures("small_libraries_are_exact")
@pytest.mark.parametrize("where", [None, Filter(), *FILTERS], ids=str)
def test_a_small_library_is_compared_exactly_without_chroma(
    store: Store, nearest: Nearest, where: Filter | None
) -> None:
    add(store, "a", unit_vectors(25, 1))
    add(store, "b", unit_vectors(25, 2))
    nearest.flush()
    nearest.close()
    query = unit_vectors(1, 9)[0]
    assert [n for n, _ in nearest.search(query, 7, where)] == truth(store, query, 7, where)
    assert nearest._generation is None


@pytest.mark.usefixtures("small_libraries_are_exact")
def test_a_small_library_sees_what_another_process_added_and_removed(
    store: Store, nearest: Nearest, tmp_path: Path
) -> None:
    add(store, "a", unit_vectors(10, 1))
    query = unit_vectors(1, 9)[0]
    assert len(nearest.search(query, 99)) == 10
    other = Store(tmp_path / "library.db")
    (new,) = add(other, "b", query[None])
    assert nearest.search(query, 1)[0][0] == new
    assert len(nearest.search(query, 99)) == 11
    other.remove("a" * 64)
    assert [n for n, _ in nearest.search(query, 99)] == [new]
    other.close()


@pytest.mark.usefixtures("small_libraries_are_exact")
def test_a_library_that_outgrows_memory_goes_to_chroma_and_lets_the_vectors_go(store: Store, nearest: Nearest) -> None:
    add(store, "a", unit_vectors(50, 1))
    query = unit_vectors(1, 9)[0]
    assert len(nearest.search(query, 99)) == 50
    assert nearest._all is not None
    add(store, "b", unit_vectors(1, 2))
    nearest.flush()
    assert [n for n, _ in nearest.search(query, 5)] == truth(store, query, 5)
    assert nearest._all is None


def test_search_is_exact_while_somebody_writes_to_chroma(store: Store, nearest: Nearest, tmp_path: Path) -> None:
    add(store, "a", unit_vectors(40, 1))
    nearest.flush()
    query = unit_vectors(1, 9)[0]
    began = time.monotonic()
    with ReadLock(tmp_path).writing():
        assert [n for n, _ in nearest.search(query, 5)] == truth(store, query, 5)
    assert time.monotonic() - began < 2


def test_a_reader_sees_what_another_writer_has_given_to_chroma(
    store: Store, nearest: Nearest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest_module, "REOPEN_SECONDS", 0.0)
    add(store, "a", unit_vectors(10, 1))
    nearest.flush()
    reader = open_nearest(store, tmp_path)
    query = unit_vectors(1, 9)[0]
    assert len(reader.search(query, 99)) == 10
    (new,) = add(store, "b", query[None])
    nearest.flush()
    assert reader.search(query, 1)[0][0] == new
    assert len(reader.search(query, 99)) == 11
    reader.close()


def test_removal_takes_the_vectors_out_of_chroma_and_search_goes_on(
    store: Store, nearest: Nearest, tmp_path: Path
) -> None:
    gone = add(store, "a", unit_vectors(10, 1))
    kept = add(store, "b", unit_vectors(10, 2))
    nearest.flush()
    marked = store.vectors(gone)[1][0].tobytes()
    assert marked in b"".join(p.read_bytes() for p in (tmp_path / "chroma").rglob("*") if p.is_file())
    store.remove("a" * 64)
    nearest.forget()
    assert not [p for p in (tmp_path / "chroma").rglob("*") if p.is_file()]
    assert sorted(n for n, _ in nearest.search(unit_vectors(1, 3)[0], 99)) == kept
    nearest.flush()
    assert nearest.check() == []
    assert sorted(n for n, _ in nearest.search(unit_vectors(1, 3)[0], 99)) == kept
    generation = LocalChroma(tmp_path / "chroma").open(store.index_state().epoch)
    assert generation.contents()[0].tolist() == kept
    generation.close()


@pytest.mark.parametrize("harm", ["taken away", "overwritten"])
def test_a_harmed_chroma_is_told_searched_round_and_mended(
    store: Store, nearest: Nearest, tmp_path: Path, harm: str
) -> None:
    add(store, "a", unit_vectors(10, 1))
    nearest.flush()
    nearest.close()
    if harm == "taken away":
        shutil.rmtree(tmp_path / "chroma")
    else:
        (tmp_path / "chroma" / "0" / "chroma.sqlite3").write_bytes(b"no database " * 1000)
    reader = open_nearest(store, tmp_path)
    query = unit_vectors(1, 9)[0]
    assert [n for n, _ in reader.search(query, 5)] == truth(store, query, 5)
    assert "council reindex" in reader.check()[0]
    reader.close()
    if harm == "taken away":
        nearest.flush()
        assert nearest.check() == []


def header_of(folder: Path) -> tuple[Path, int, int, int]:
    """The file of vectors of the one index in `folder`: for how many it has room, how many it has, bytes for each."""
    (data,) = folder.rglob("data_level0.bin")
    _, _, room, used, size = HEADER.unpack(data.with_name("header.bin").read_bytes()[: HEADER.size])
    return data, room, used, size


def test_what_lies_in_the_unused_room_of_chromas_files_is_blanked_and_the_vectors_stay(
    store: Store, nearest: Nearest, tmp_path: Path
) -> None:
    add(store, "a", unit_vectors(10, 1))
    nearest.flush()
    nearest.close()
    data, room, used, size = header_of(tmp_path / "chroma")
    assert (data.stat().st_size, used) == (room * size, 0)  # the ten are still in Chroma's log
    data.write_bytes(b"left over from memory".ljust(room * size))
    again = open_nearest(store, tmp_path)
    again.finish()
    assert data.read_bytes() == bytes(room * size)
    query = unit_vectors(1, 9)[0]
    assert [n for n, _ in again.search(query, 10)] == truth(store, query, 10)
    assert again._generation is not None  # it was Chroma that answered
    again.close()


def test_tidying_leaves_the_vectors_that_are_in_the_graph(store: Store, nearest: Nearest, tmp_path: Path) -> None:
    add(store, "a", unit_vectors(1_200, 1))
    nearest.flush()
    nearest.close()
    data, _, used, size = header_of(tmp_path / "chroma")
    before = data.read_bytes()
    assert len(before) == used * size > 1_000 * size  # no room is left unused
    nearest.finish()
    assert data.read_bytes() == before
    (more, *_) = add(store, "b", unit_vectors(10, 2))
    nearest.finish()
    assert nearest.check() == []
    assert nearest.search(unit_vectors(10, 2)[0], 1)[0][0] == more


def test_nothing_is_found_in_an_empty_store(nearest: Nearest) -> None:
    assert nearest.search(unit_vectors(1, 1)[0], 5) == []
    nearest.flush()
    assert nearest.search(unit_vectors(1, 1)[0], 5) == []
    assert nearest.check() == []


# --- a Chroma server ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    program = Path(sys.executable).with_name("chroma")
    process = subprocess.Popen(
        [program, "run", "--path", str(tmp_path_factory.mktemp("server")), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_server_serves_in_the_place_of_the_folder(store: Store, server: str, tmp_path: Path) -> None:
    near = Nearest(store, ServerChroma(server, "mine"), ReadLock(tmp_path))
    other = ServerChroma(server, "other").open(0, create=True)
    other.upsert([1], unit_vectors(1, 5))
    add(store, "a", unit_vectors(10, 1))
    kept = add(store, "b", unit_vectors(10, 2))
    near.flush()
    query = unit_vectors(1, 9)[0]
    assert [n for n, _ in near.search(query, 5)] == truth(store, query, 5)
    assert near.check() == []
    store.remove("a" * 64)
    near.forget()
    near.flush()
    assert sorted(n for n, _ in near.search(query, 99)) == kept
    with pytest.raises(IndexUnavailable):
        ServerChroma(server, "mine").open(0)
    assert other.count() == 1
    assert not (tmp_path / "chroma").exists()
    near.close()
    other.close()


def test_a_server_that_is_not_there_is_named_with_a_remedy(store: Store, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    near = Nearest(store, ServerChroma(url, "mine"), ReadLock(tmp_path))
    add(store, "a", unit_vectors(10, 1))
    with pytest.raises(IndexUnavailable, match=rf"{url} gave no answer .*COUNCIL_CHROMA_URL"):
        near.flush()
    assert len(store.documents()) == 1


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(IndexUnavailable, match="not an address such as"):
        ServerChroma(url, "mine").reach()
