"""The SQLite store: a document whole or not at all, and nothing left of one that is removed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingestion.errors import IndexMismatch, StorageFailed, UnknownDocument
from ingestion.rows import BOX_UNITS, pack_element, pack_words, unpack_element, unpack_words
from ingestion.store import IndexState, Store
from ingestion.types import (
    Box,
    Document,
    Element,
    ElementKind,
    Filter,
    FormField,
    Note,
    Passage,
    PassagePart,
    Span,
    Turn,
    WordBox,
)

ADDED = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "library.db")
    yield opened
    opened.close()


def add(
    store: Store,
    letter: str,
    texts: list[str],
    *,
    name: str | None = None,
    kind: ElementKind = "text",
    day: datetime | None = None,
    vectors: NDArray[np.float32] | None = None,
) -> list[int]:
    """Add a document of one element and one passage for each text; its id is the letter 64 times."""
    document_id = letter * 64
    elements = [Element(id=f"e{i}", kind=kind, text=text) for i, text in enumerate(texts, 1)]
    passages = [
        Passage(
            id=f"{document_id}:{i}",
            document_id=document_id,
            kind=kind,
            text=e.text,
            parts=(PassagePart(element_id=e.id, span=Span(start=0, end=len(e.text)), at=0),),
            headings=("Repairs & “Maintenance”",),
            date=day,
            tokens=len(e.text.split()),
        )
        for i, e in enumerate(elements)
    ]
    document = Document(
        id=document_id,
        name=name or f"{letter}.txt",
        kind="document",
        suffix=".txt",
        size_bytes=10,
        elements=len(elements),
        passages=len(passages),
        added=ADDED,
    )
    if vectors is None:
        vectors = np.eye(4, dtype=np.float32)[[i % 4 for i in range(len(texts))]]
    return store.add(document, elements, passages, vectors)


FULL_ELEMENTS = [
    Element(
        id="e1", kind="title", text="Adroddiad y Cyngor", level=1, page=1, box=Box(left=0, top=0, right=1, bottom=0.1)
    ),
    Element(id="e2", kind="table", text="a | b", rows=(("a", "b"),), headings=("Adroddiad y Cyngor",)),
    Element(id="e3", kind="turn", text="Diolch.", turn=Turn(speaker="Cllr Ffion Dŵr", start_seconds=1.5)),
    Element(
        id="e4", kind="note", text="Visited.", note=Note(date=datetime(2025, 1, 2, 9), author="A. Made-Up", copies=2)
    ),
    Element(id="e5", kind="field", text="Name: ", field=FormField(label="Name")),
]


@pytest.mark.parametrize("element", FULL_ELEMENTS, ids=lambda e: e.kind)
def test_an_element_comes_back_as_it_went_in(element: Element) -> None:
    row = pack_element(element)
    assert unpack_element(row.data, row.words) == element


fraction = st.floats(0, 1, allow_nan=False)
word_boxes = st.builds(
    WordBox,
    span=st.builds(Span, start=st.integers(0, 2**32 - 1), end=st.integers(0, 2**32 - 1)),
    box=st.builds(Box, left=fraction, top=fraction, right=fraction, bottom=fraction),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(word_boxes, min_size=1, max_size=20))
def test_word_boxes_keep_their_spans_exactly_and_their_places_to_a_part_in_65535(words: list[WordBox]) -> None:
    unpacked = unpack_words(pack_words(words))
    assert [w.span for w in unpacked] == [w.span for w in words]
    for before, after in zip(words, unpacked, strict=True):
        for side in ("left", "top", "right", "bottom"):
            assert abs(getattr(before.box, side) - getattr(after.box, side)) <= 1 / BOX_UNITS


def test_a_box_that_leaves_the_page_is_cut_at_its_edge() -> None:
    word = WordBox(span=Span(start=0, end=1), box=Box(left=-0.2, top=0, right=1.3, bottom=1))
    assert unpack_words(pack_words([word]))[0].box == Box(left=0, top=0, right=1, bottom=1)


def test_a_document_comes_back_with_its_elements_and_passages_in_order(store: Store) -> None:
    numbers = add(store, "a", ["first words", "second words"], name="Càrdiau post – Ŵy.docx")
    document = store.document("a" * 64)
    assert document.name == "Càrdiau post – Ŵy.docx"
    assert [e.text for e in store.elements(document.id)] == ["first words", "second words"]
    passages = store.passages(document.id)
    assert [p.text for p in passages] == ["first words", "second words"]
    assert passages[0].headings == ("Repairs & “Maintenance”",)
    assert store.passages_at(numbers) == dict(zip(numbers, passages, strict=True))
    element = store.element(document.id, "e2")
    assert element is not None
    assert element.text == "second words"
    assert store.element(document.id, "e3") is None


@pytest.mark.parametrize("reference", ["a" * 64, "A" * 64, "aaaaaa", "report.txt"])
def test_a_document_is_found_by_id_beginning_of_id_or_name(store: Store, reference: str) -> None:
    add(store, "a", ["words"], name="report.txt")
    add(store, "b", ["words"], name="other.txt")
    assert store.document(reference).id == "a" * 64


@pytest.mark.parametrize("reference", ["aaaaa", "c" * 64, "nothing.txt", "", "%", "______"])
def test_what_names_no_document_is_refused(store: Store, reference: str) -> None:
    add(store, "a", ["words"])
    with pytest.raises(UnknownDocument, match="council list"):
        store.document(reference)


def test_a_name_that_two_documents_bear_is_refused_with_their_ids(store: Store) -> None:
    add(store, "a", ["words"], name="minutes.txt")
    add(store, "b", ["words"], name="minutes.txt")
    with pytest.raises(UnknownDocument, match=r"aaaaaaaaaaaa .*bbbbbbbbbbbb .*id"):
        store.document("minutes.txt")


def test_words_are_found_whatever_their_case_accents_and_endings(store: Store) -> None:
    (number,) = add(store, "a", ["The committee considered repairs in Llanfáir"])
    for expression in ('"REPAIR"', '"llanfair"', '"considering"', '"committee considered"', '"maintenance"', '"a"'):
        assert [n for n, _ in store.words.match(expression, 5)] == [number], expression
    assert store.words.match('"bicycle"', 5) == []


def test_words_are_ranked_best_first_and_only_where_the_filter_lets_them(store: Store) -> None:
    (short,) = add(store, "a", ["damp"], kind="note", day=datetime(2025, 1, 31, 23, 59))
    (long,) = add(store, "b", ["damp " + "and other matters of the house " * 5])
    found = store.words.match('"damp"', 5)
    assert [n for n, _ in found] == [short, long]
    assert found[0][1] < found[1][1]
    assert [n for n, _ in store.words.match('"damp"', 1)] == [short]
    assert [n for n, _ in store.words.match('"damp"', 5, Filter(document_ids=("b" * 64,)))] == [long]


FILTERS = [
    (Filter(), {"a", "b", "c"}),
    (Filter(document_ids=("a" * 64, "c" * 64)), {"a", "c"}),
    (Filter(document_ids=("f" * 64,)), set()),
    (Filter(kinds=("note", "turn")), {"a", "b"}),
    (Filter(since=date(2025, 1, 31)), {"a", "b"}),
    (Filter(until=date(2025, 1, 31)), {"a"}),
    (Filter(since=date(2025, 1, 31), until=date(2025, 1, 31)), {"a"}),
    (Filter(kinds=("note",), since=date(2025, 2, 1)), set()),
]


@pytest.mark.parametrize(("where", "letters"), FILTERS, ids=lambda v: str(sorted(v) if isinstance(v, set) else v)[:60])
def test_filters_agree_wherever_they_are_applied(store: Store, where: Filter, letters: set[str]) -> None:
    numbers = {
        "a": add(store, "a", ["damp one", "damp two"], kind="note", day=datetime(2025, 1, 31, 23, 59)),
        "b": add(store, "b", ["damp three"], kind="turn", day=datetime(2025, 2, 1)),
        "c": add(store, "c", ["damp four"]),
    }
    expected = sorted(n for letter in letters for n in numbers[letter])
    everything = [n for each in numbers.values() for n in each]
    assert sorted(n for n, _ in store.words.match('"damp"', 99, where)) == expected
    assert store.vectors(where=where)[0].tolist() == expected
    assert store.among(everything, where) == set(expected)
    assert store.count(where) == len(expected)


def test_how_common_a_word_is_is_counted_no_further_than_asked(store: Store) -> None:
    add(store, "a", ["damp"] * 7 + ["dry"])
    assert store.words.frequency('"damp"', 100) == 7
    assert store.words.frequency('"damp"', 3) == 3
    assert store.words.frequency('"gold"', 3) == 0


def listed(store: Store, words: list[str], common: int) -> list[list[int] | None]:
    return [None if found is None else found.tolist() for found in store.words.occurrences(words, common)]


def test_the_occurrences_of_each_term_are_given_once_for_each_time(store: Store) -> None:
    first, second = add(store, "a", ["Repairs and repair of Llanfáir's roof", "a roof"])
    # Both passages stand under a heading with "Repairs" in it.
    repairs, roof = [first, first, first, second], [first, second]
    assert listed(store, ["repaired", "llanfair", "roof", "nowhere"], 9) == [repairs, [first], roof, []]
    assert listed(store, ["llanfair’s"], 9) == [[first], [first]]


def test_a_term_that_occurs_too_often_is_not_listed_whether_in_many_passages_or_in_one(store: Store) -> None:
    first, second = add(store, "a", ["damp damp damp roof", "a roof"])
    assert listed(store, ["damp", "roof"], 4) == [[first, first, first], [first, second]]
    assert listed(store, ["damp", "roof"], 3) == [None, [first, second]]
    assert listed(store, ["roof", "damp", "o’roof"], 2) == [None, None, [], None]


def test_the_documents_of_passages_are_those_in_the_file_after_every_change(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "library.db")

    def in_the_file() -> dict[int, int]:
        with store.database.reading() as db:
            return dict(db.execute("SELECT number, document FROM passages").fetchall())

    numbers = add(store, "a", ["one", "two"])
    assert store.documents_of(numbers) == other.documents_of([*numbers, 0, 99]) == in_the_file()
    numbers += add(store, "b", []) + add(store, "c", ["three"]) + add(store, "d", ["four", "five"])
    assert len(other.documents_of(numbers)) == other.size() == 5
    assert store.documents_of(numbers) == other.documents_of(numbers) == in_the_file()
    store.remove("c" * 64)
    assert len(other.documents_of(numbers)) == other.size() == 4
    assert store.documents_of(numbers) == other.documents_of(numbers) == in_the_file()
    numbers += add(store, "e", ["six"])
    assert store.documents_of(reversed(numbers)) == other.documents_of(numbers) == in_the_file()
    other.close()


def test_passages_are_counted_and_their_words_with_their_context_too(store: Store) -> None:
    long = "word " * 300
    first, second = add(store, "a", ["damp", long], name="walls.txt")
    lengths = store.words.lengths([second, 99, first])
    assert list(lengths) == [first, second]
    assert lengths[second] - lengths[first] == 299
    assert store.size() == 2
    add(store, "b", ["damp"])
    assert store.size() == 3
    store.remove("a" * 64)
    assert store.size() == 1
    assert store.words.lengths([first, second]) == {}


def test_passages_are_found_with_the_names_of_their_documents(store: Store) -> None:
    (first,) = add(store, "a", ["damp"], name="walls.txt")
    (second,) = add(store, "b", ["dry"], name="roof.txt")
    found = store.found([second, first, 99])
    assert {n: (p.text, name) for n, (p, name) in found.items()} == {
        first: ("damp", "walls.txt"),
        second: ("dry", "roof.txt"),
    }


def test_vectors_come_back_ascending_and_nearly_as_they_went_in(store: Store) -> None:
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((3, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    numbers = add(store, "a", ["x", "y", "z"], vectors=vectors)
    assert store.vectors()[0].tolist() == numbers
    np.testing.assert_allclose(store.vectors()[1], vectors, atol=5e-4)
    assert store.vectors([numbers[2], numbers[0]])[0].tolist() == [numbers[0], numbers[2]]
    assert store.vectors(above=numbers[0], limit=1)[0].tolist() == [numbers[1]]
    assert store.vectors([])[1].shape == (0, 0)


def test_vectors_of_another_width_are_refused_and_nothing_is_written(store: Store) -> None:
    add(store, "a", ["words"])
    version = store.version()
    with pytest.raises(IndexMismatch, match="council reindex"):
        add(store, "b", ["more words"], vectors=np.eye(5, dtype=np.float32)[:1])
    assert [d.id for d in store.documents()] == ["a" * 64]
    assert store.version() == version


def test_a_document_that_fails_half_way_leaves_nothing(store: Store) -> None:
    add(store, "a", ["words"])
    with pytest.raises(sqlite3.IntegrityError):
        add(store, "a", ["zanzibar"])
    assert len(store.documents()) == 1
    assert store.words.match('"zanzibar"', 5) == []
    assert store.words.is_sound()


def test_passage_numbers_are_never_given_out_twice(store: Store) -> None:
    first = add(store, "a", ["one", "two"])
    store.remove("a" * 64)
    assert min(add(store, "b", ["three"])) > max(first)


def test_removing_begins_a_new_epoch_and_adding_does_not(store: Store) -> None:
    (number,) = add(store, "a", ["one"])
    store.indexed(number)
    add(store, "b", ["two"])
    assert store.index_state() == IndexState(0, number)
    store.remove("a" * 64)
    assert store.index_state() == IndexState(1, 0)


def test_nothing_of_a_removed_document_stays_in_any_file(store: Store, tmp_path: Path) -> None:
    for i, letter in enumerate("abcdef"):
        add(store, letter, [f"shared words and quincunx{letter} number {i} {j}" for j in range(50)])
    assert b"quincunxc" in folder_bytes(tmp_path)
    store.remove("c" * 64)
    left = folder_bytes(tmp_path)
    for trace in (b"quincunxc", b"c" * 64, b"c.txt"):
        assert trace not in left
    assert b"quincunxd" in left
    assert store.words.match('"quincunxc"', 5) == []
    assert terms_like(tmp_path / "library.db", "quincunxc") == 0
    assert terms_like(tmp_path / "library.db", "quincunxd") == 1
    assert store.words.is_sound()


def folder_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def terms_like(path: Path, term: str) -> int:
    """How many terms of the word index are this one; FTS5 shortens terms on disk, so bytes alone prove little."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, passages_fts, row)")
    (count,) = connection.execute("SELECT count(*) FROM temp.terms WHERE term = ?", (term,)).fetchone()
    connection.close()
    return int(count)


def test_many_threads_read_while_one_writes(store: Store) -> None:
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(30):
                assert len(store.documents()) * 3 >= 0
                for document in store.documents():
                    assert len(store.passages(document.id)) == 3
                store.words.match('"words"', 5)
        except BaseException as err:  # noqa: BLE001 - handed to the main thread
            failures.append(err)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for letter in "abcdef0123456789":
        add(store, letter, ["words one", "words two", "words three"])
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.documents()) == 16


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(b"these are not the bytes of a database " * 100)
    with pytest.raises(StorageFailed, match=r"library\.db .* restore the workspace's folder from a backup\.$"):
        Store(path)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageFailed, match="layout 99"):
        Store(path)


def test_a_mistake_in_an_expression_is_a_bug_and_not_a_sentence(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unterminated"):
        store.words.match('"unbalanced', 5)
