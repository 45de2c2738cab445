"""Workspaces: adding, removing, searching and rebuilding, as a person does them."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingestion.embeddings import Embedder
from ingestion.errors import (
    EmbeddingFailed,
    IndexMismatch,
    IndexUnavailable,
    StorageFailed,
    UnknownDocument,
    UnknownWorkspace,
    WriterBusy,
)
from ingestion.index import LocalChroma
from ingestion.library import Library, Progress, Workspace, slug
from ingestion.locks import WriteLock
from ingestion.store import Store
from ingestion.types import Filter


class HashedWords:
    """Deterministic vectors of any width: each word falls on one dimension."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self.name = f"hashed-1-{dimensions}"
        self.fail_after: int | None = None

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.fail_after is not None:
            if self.fail_after == 0:
                raise EmbeddingFailed("The endpoint gave no vectors.")
            self.fail_after -= 1
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, blake2b(word.encode()).digest()[0] % self.dimensions] += 1
        vectors[:, 0] += 0.1
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.passages([text])[0]
        return vector


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "home", embedder="builtin")


@pytest.fixture
def workspace(library: Library) -> Iterator[Workspace]:
    with library.workspace("Housing team", create=True) as opened:
        yield opened


def choosing(embedder: Embedder) -> Callable[[str | None], Embedder]:
    return lambda _remembered: embedder


def transcript(path: Path, *said: str) -> Path:
    """A small real file that is quick to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cues = [f"00:{i:02}:00.000 --> 00:{i:02}:30.000\n<v Cllr Invented {i}>{text}</v>\n" for i, text in enumerate(said)]
    path.write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")
    return path


def folder_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# --- names and folders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Housing team", "Tîm Tai", "case 2025-0117", "a", "Adults_North.West", "Ŵŷ"])
def test_a_workspace_keeps_the_name_it_was_given(library: Library, name: str) -> None:
    library.workspace(name, create=True).close()
    assert library.workspaces() == [name]
    with library.workspace(name.upper()) as again:
        assert again.name == name


@pytest.mark.parametrize("name", ["", " ", ".", "..", "../other", "a/b", "a\\b", "-x", "a\0b", "a\nb", "x" * 65, "C:"])
def test_a_name_that_could_leave_the_folder_is_refused(library: Library, name: str) -> None:
    with pytest.raises(UnknownWorkspace, match="cannot be a workspace's name"):
        library.workspace(name, create=True)


def test_two_names_that_a_person_would_take_for_one_are_one() -> None:
    assert slug("Housing Team") == slug("housing-team") == slug(" housing_team ")
    assert slug("housing team 2") != slug("housing team")


def test_an_unknown_workspace_is_refused_with_the_names_there_are(library: Library) -> None:
    with pytest.raises(UnknownWorkspace, match="there is none yet"):
        library.workspace("adults")
    library.workspace("Housing", create=True).close()
    with pytest.raises(UnknownWorkspace, match="there are Housing"):
        library.workspace("adults")
    assert library.workspaces() == ["Housing"]


def test_only_the_owner_may_look_into_a_workspace(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "workspaces" / slug(workspace.name)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_workspaces_share_nothing_and_removing_one_removes_its_folder(library: Library, tmp_path: Path) -> None:
    path = transcript(tmp_path / "a.vtt", "The gutters need quincunxes.")
    for name in ("one", "two"):
        with library.workspace(name, create=True) as each:
            each.add([path])
    library.remove_workspace("One")
    assert library.workspaces() == ["two"]
    assert [p.name for p in (tmp_path / "home" / "workspaces").iterdir()] == ["two"]
    with library.workspace("two") as left:
        assert len(left.search("quincunxes")) == 1
    with pytest.raises(UnknownWorkspace):
        library.remove_workspace("one")


def test_a_workspace_removed_while_open_takes_no_more_documents(library: Library, tmp_path: Path) -> None:
    path = transcript(tmp_path / "a.vtt", "Some words.")
    with library.workspace("case", create=True) as opened:
        library.remove_workspace("case")
        with pytest.raises(UnknownWorkspace, match="removed while it was open"):
            opened.add([path])
        library.workspace("case", create=True).close()
        with pytest.raises(UnknownWorkspace, match="removed while it was open"):
            opened.add([path])


# --- adding ----------------------------------------------------------------------------------------------


def test_a_document_can_be_read_back_whole_with_its_file(workspace: Workspace, tmp_path: Path) -> None:
    path = transcript(tmp_path / "Cyfarfod Tŷ'r Cyngor – 3.vtt", "Diolch yn fawr.", "The repairs are agreed.")
    (document,) = workspace.add([path]).added
    assert document.name == path.name
    assert document.kind == "transcript"
    assert workspace.document(document.name) == workspace.document(document.id[:8]) == document
    assert len(workspace.elements(document.id)) == document.elements
    assert len(workspace.passages(document.id)) == document.passages
    assert workspace.file(document.id).read_bytes() == path.read_bytes()
    for passage in workspace.passages(document.id):
        for part in passage.parts:
            element = workspace.element(document.id, part.element_id)
            assert passage.text[part.at :].startswith(part.span.cut(element.text))
    with pytest.raises(UnknownDocument, match="e999"):
        workspace.element(document.id, "e999")


def test_adding_again_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    path = transcript(tmp_path / "a.vtt", "Some words.")
    first = workspace.add([path])
    copy = transcript(tmp_path / "renamed.vtt", "Some words.")
    before = workspace._store.version()
    again = workspace.add([path, copy])
    assert again.added == again.refused == []
    assert again.unchanged == [first.added[0]] * 2
    assert workspace._store.version() == before


def test_the_same_bytes_twice_in_one_call_are_one_document(workspace: Workspace, tmp_path: Path) -> None:
    paths = [transcript(tmp_path / name, "Some words.") for name in ("a.vtt", "b.vtt")]
    report = workspace.add([*paths, paths[0]])
    assert ([d.name for d in report.added], len(report.unchanged)) == (["a.vtt"], 1)
    assert len(workspace.documents()) == 1


def test_of_two_files_with_the_same_bytes_the_one_that_can_be_read_is_added(
    workspace: Workspace, tmp_path: Path
) -> None:
    good = transcript(tmp_path / "b.vtt", "Some words.")
    wrong = tmp_path / "a.docx"
    wrong.write_bytes(good.read_bytes())
    report = workspace.add([wrong, good])
    assert [d.name for d in report.added] == ["b.vtt"]
    assert [r.path for r in report.refused] == [wrong]


def test_what_cannot_be_read_is_refused_by_name_and_the_others_carry_on(workspace: Workspace, tmp_path: Path) -> None:
    good = transcript(tmp_path / "good.vtt", "Some words.")
    empty = tmp_path / "empty.txt"
    empty.touch()
    loop = tmp_path / "loop.txt"
    loop.symlink_to(loop)
    (tmp_path / "hollow").mkdir()
    bad = [empty, loop, tmp_path / "missing.pdf", tmp_path / "hollow"]
    report = workspace.add([*bad, good])
    assert [d.name for d in report.added] == ["good.vtt"]
    assert {r.path for r in report.refused} == set(bad)
    for refusal in report.refused:
        assert refusal.path.name in refusal.reason
    assert workspace.check() == []
    assert len(workspace.documents()) == 1


def test_a_folder_is_added_with_the_folders_in_it_but_not_what_is_hidden_linked_or_litter(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "case"
    transcript(folder / "b.vtt", "Bee.")
    transcript(folder / "deeper" / "a.vtt", "Ay.")
    for hidden in (".hidden.vtt", ".git/config.vtt", "~$b.vtt", "Thumbs.db"):
        transcript(folder / hidden, "Hidden.")
    (folder / "deeper" / "up").symlink_to(folder)
    (folder / "outside.vtt").symlink_to(transcript(tmp_path / "outside.vtt", "Out."))
    report = workspace.add([folder])
    assert [d.name for d in report.added] == ["b.vtt", "a.vtt"]
    assert report.refused == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_opened_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    (refusal,) = workspace.add([closed]).refused
    assert "closed may not be opened" in refusal.reason


def test_progress_counts_every_file_and_ends_at_the_total(workspace: Workspace, tmp_path: Path) -> None:
    files = [transcript(tmp_path / "in" / f"{i}.vtt", f"Words {i}.") for i in range(4)]
    (tmp_path / "in" / "bad.docx").write_text("no")
    told: list[Progress] = []
    workspace.add([files[0]])
    workspace.add([tmp_path / "in"], on_progress=told.append)
    reading = [p for p in told if p.stage == "reading"]
    assert [p.done for p in reading] == [1, 2, 3, 4, 5]
    assert {p.total for p in reading} == {5}
    assert {p.path for p in reading} == {*files, tmp_path / "in" / "bad.docx"}
    assert (told[-1].stage, told[-1].done, told[-1].total) == ("indexing", 4, 4)


def test_a_second_writer_is_told_and_a_reader_is_not_disturbed(
    workspace: Workspace, library: Library, tmp_path: Path
) -> None:
    path = transcript(tmp_path / "a.vtt", "The gutters are agreed.")
    workspace.add([path])
    folder = tmp_path / "home" / "workspaces" / "housing-team"
    with WriteLock(folder).hold("adding 7 files", 0), library.workspace("housing team") as other:
        with pytest.raises(WriterBusy, match=rf"process {os.getpid()} .* adding 7 files"):
            other.add([path], wait_seconds=0.1)
        assert len(other.search("gutters")) == 1


def test_embedding_that_fails_half_way_keeps_the_documents_before_it(tmp_path: Path, workspace: Workspace) -> None:
    folder = tmp_path / "home" / "workspaces" / "housing-team"
    files = [transcript(tmp_path / f"{i}.vtt", f"Words {i}.") for i in range(4)]
    embedder = HashedWords(8)
    embedder.fail_after = 2
    with Workspace(folder, choosing(embedder)) as failing:
        with pytest.raises(EmbeddingFailed):
            failing.add(files)
        assert [d.name for d in failing.documents()] == ["0.vtt", "1.vtt"]
        embedder.fail_after = None
        assert len(failing.add(files).added) == 2
        assert failing.check() == []
    assert len(workspace.documents()) == 4


def test_several_threads_may_add_and_search_one_workspace(workspace: Workspace, tmp_path: Path) -> None:
    workspace.add([transcript(tmp_path / "first.vtt", "The gutters are agreed.")])
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for i in range(3):
                workspace.add([transcript(tmp_path / f"{number}-{i}.vtt", f"Gutter {number} {i}.")])
                assert workspace.search("gutters")
        except BaseException as err:  # noqa: BLE001 - handed to the main thread
            failures.append(err)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(workspace.documents()) == 10
    assert workspace.check() == []


# --- searching -------------------------------------------------------------------------------------------


def test_a_search_finds_the_passage_and_the_filter_holds(workspace: Workspace, tmp_path: Path) -> None:
    damp = transcript(tmp_path / "damp.vtt", "The surveyor found damp in the north bedroom.")
    bins = transcript(tmp_path / "bins.vtt", "Bins are now emptied on Thursdays.")
    first, second = workspace.add([damp, bins]).added
    (best, *_) = workspace.search("damp bedroom")
    assert best.document_name == "damp.vtt"
    assert best.passage.document_id == first.id
    only = workspace.search("damp bedroom bins", where=Filter(document_ids=(second.id,)))
    assert {h.passage.document_id for h in only} == {second.id}
    assert workspace.search("damp", where=Filter(since=date(2020, 1, 1))) == []


def test_an_empty_workspace_finds_nothing(workspace: Workspace) -> None:
    assert workspace.search("anything") == []


# --- removing --------------------------------------------------------------------------------------------


def test_removing_leaves_no_byte_of_the_document_anywhere(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "workspaces" / "housing-team"
    kept = [transcript(tmp_path / f"{i}.vtt", f"Quincunxes and gutters {i}.") for i in range(5)]
    secret = transcript(tmp_path / "secret-zanzibar.vtt", "Tesseracts were at 01632 960123.")
    workspace.add([*kept[:3], secret, *kept[3:]])
    document = workspace.document(secret.name)
    number = next(n for n, p in workspace._store.passages_above(0, -1).items() if p.document_id == document.id)
    vector = workspace._store.vectors([number])[1][0]
    traces = [b"esseracts", b"960123", b"zanzibar", document.id.encode(), vector.tobytes()]
    before = folder_bytes(folder)
    assert all(trace in before for trace in traces)
    assert workspace.remove(secret.name) == document
    after = folder_bytes(folder)
    assert [trace for trace in traces if trace in after] == []
    assert not any(document.id in path.name for path in folder.rglob("*"))
    assert b"Quincunxes" in after
    assert workspace.search("tesseracts 960123") == [] or all(
        "esseract" not in h.passage.text for h in workspace.search("tesseracts 960123")
    )
    generation = LocalChroma(folder / "chroma").open(workspace._store.index_state().epoch)
    assert generation.count() == 5
    assert number not in generation.contents()[0]
    generation.close()
    assert workspace.check() == []
    with pytest.raises(UnknownDocument):
        workspace.remove(secret.name)


def test_removing_everything_and_adding_again_works(workspace: Workspace, tmp_path: Path) -> None:
    path = transcript(tmp_path / "a.vtt", "The gutters are agreed.")
    workspace.add([path])
    workspace.remove("a.vtt")
    assert workspace.documents() == []
    assert workspace.search("gutters") == []
    assert len(workspace.add([path]).added) == 1
    assert len(workspace.search("gutters")) == 1
    assert workspace.check() == []


# --- other vectors ---------------------------------------------------------------------------------------


def fingerprint(folder: Path) -> dict[str, tuple[bytes, bytes]]:
    """Each passage's vector in the store and in Chroma."""
    store = Store(folder / "library.db")
    names = {n: p.id for n, p in store.passages_above(0, -1).items()}
    numbers, vectors = store.vectors()
    generation = LocalChroma(folder / "chroma").open(store.index_state().epoch)
    held, held_vectors = generation.contents()
    generation.close()
    store.close()
    assert held.tolist() == numbers.tolist()
    return {
        names[int(n)]: (v.tobytes(), np.round(h, 4).tobytes())
        for n, v, h in zip(numbers, vectors, held_vectors, strict=True)
    }


def test_other_vectors_are_refused_until_reindex_and_then_equal_a_fresh_index(
    workspace: Workspace, library: Library, tmp_path: Path
) -> None:
    files = [transcript(tmp_path / f"{i}.vtt", f"The gutters of house {i} are agreed.") for i in range(6)]
    workspace.add(files[:5])
    folder = tmp_path / "home" / "workspaces" / "housing-team"
    with Workspace(folder, choosing(HashedWords(24))) as other:
        for attempt in (lambda: other.search("gutters"), lambda: other.add([files[5]])):
            with pytest.raises(
                IndexMismatch, match=r'builtin-\S+, and hashed-1-24 .*council reindex --workspace "Housing team"'
            ):
                attempt()
        assert len(other.documents()) == 5
        told: list[Progress] = []
        assert other.reindex(on_progress=told.append) == 5
        assert [(p.stage, p.done, p.total) for p in told] == [("reading", 5, 5), ("indexing", 5, 5)]
        assert len(other.search("gutters house")) == 5
        assert len(other.add([files[5]]).added) == 1
        assert other.check() == []
    library.workspace("fresh", create=True).close()
    with Workspace(folder.with_name("fresh"), choosing(HashedWords(24))) as fresh:
        fresh.add(files)
    assert fingerprint(folder) == fingerprint(folder.with_name("fresh"))
    with pytest.raises(IndexMismatch):
        workspace.search("gutters")


def test_a_reindex_that_stops_half_way_leaves_the_old_index_in_use_and_then_carries_on(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.reembedding.BATCH", 2)
    workspace.add([transcript(tmp_path / f"{i}.vtt", f"The gutters of house {i}.") for i in range(6)])
    folder = tmp_path / "home" / "workspaces" / "housing-team"
    before = fingerprint(folder)
    embedder = HashedWords(24)
    embedder.fail_after = 2
    with Workspace(folder, choosing(embedder)) as other:
        with pytest.raises(EmbeddingFailed):
            other.reindex()
        assert fingerprint(folder) == before
        assert len(workspace.search("gutters")) == 6
        workspace.remove("0.vtt")
        embedder.fail_after = 1  # two of five are left to do: were it to begin anew this would not be enough
        assert other.reindex() == 5
        embedder.fail_after = None
        assert other.check() == []
        assert len(other.search("gutters")) == 5


def test_without_a_choice_a_workspace_keeps_the_vectors_it_has(workspace: Workspace, tmp_path: Path) -> None:
    workspace.add([transcript(tmp_path / "a.vtt", "The gutters are agreed.")])
    with Library(tmp_path / "home").workspace("housing team") as opened:
        assert len(opened.search("gutters")) == 1
        assert opened._store.get("embedder") == workspace._store.get("embedder")


# --- what can be wrong -----------------------------------------------------------------------------------


def test_check_says_what_is_inconsistent_and_adding_or_reindexing_mends_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = transcript(tmp_path / "a.vtt", "The gutters are agreed.")
    (document,) = workspace.add([path, transcript(tmp_path / "b.vtt", "Bins.")]).added[:1]
    folder = tmp_path / "home" / "workspaces" / "housing-team"
    (folder / "files" / "stray.part").write_text("half a file")
    assert ["belong to no document" in said for said in workspace.check()] == [True]
    workspace.add([path])
    assert workspace.check() == []

    with workspace._store.database.writing() as db:
        db.execute("INSERT INTO passages_fts (passages_fts) VALUES ('delete-all')")
    assert ["word index" in said for said in workspace.check()] == [True]
    workspace.reindex()
    assert workspace.check() == []

    workspace.file(document.id).unlink()
    assert ["kept copy of a.vtt is missing" in said for said in workspace.check()] == [True]
    with pytest.raises(StorageFailed, match=r"kept copy of a\.vtt is missing"):
        workspace.file(document.id)
    workspace.remove("a.vtt")
    workspace.add([path])
    assert workspace.check() == []


def test_a_server_that_is_not_there_stops_a_removal_before_anything_is_removed(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.add([transcript(tmp_path / "a.vtt", "The gutters are agreed.")])
    served = Library(tmp_path / "home", embedder="builtin", chroma_url="http://127.0.0.1:9")
    with served.workspace("housing team") as opened, pytest.raises(IndexUnavailable, match=r"http://127\.0\.0\.1:9 "):
        opened.remove("a.vtt")
    assert len(workspace.documents()) == 1
