"""Asking a real workspace of small documents, and what the pipeline says of answers that are not in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.engines.scripted import Scripted
from assistant.errors import EmptyQuestion, ScriptEnded
from assistant.pipeline import run
from assistant.tasks.ask import Answer, Ask
from assistant.types import SourceLink, Statement
from ingestion.library import Library, Workspace
from ingestion.types import Filter, Span

FILES = {
    "allotments.md": """# Allotments

## Rent

The yearly rent of a full plot is £48.50. Half plots cost £26.00.

You must pay by 31 March each year. If you do not pay we may end your tenancy.

## Livestock

You may keep up to six hens. You must not keep cockerels.

## Before you start

You must:

- sign the agreement
- pay a deposit of £20
- collect your key from the Town Hall
""",
    "opening.md": """# Opening hours

| Office | Monday | Saturday |
|---|---|---|
| Kettlebeck | 9am to 5pm | Closed |
| Nether Sallow | 10am to 4pm | 10am to noon |
""",
    "meeting.txt": """[00:00:10] CHAIR: The next item is the bridge at Sallow Lane.
[00:00:20] Cllr Wren: I move that the bridge is closed to lorries.
[00:00:30] Cllr Tarr: I'll second that.
[00:00:40] CHAIR: All in favour? That is five. Against? Two. The motion is carried.
[00:01:10] Mr Ollivant: The repair will take eleven weeks from Monday 7 September 2026.
""",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("ask")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    with Library(folder / "home", embedder="builtin").workspace("Ask", create=True) as place:
        place.add([folder / name for name in FILES])
        yield place


ROWS = [
    ("How much is the rent of a full plot?", "The yearly rent of a full plot is £48.50.", "allotments.md"),
    ("By what date must I pay?", "You must pay by 31 March each year.", "allotments.md"),
    ("How many hens may I keep?", "You may keep up to six hens.", "allotments.md"),
    (
        "How long will the repair take?",
        "The repair will take eleven weeks from Monday 7 September 2026.",
        "meeting.txt",
    ),
    ("Who moved that the bridge be closed to lorries?", "I move that the bridge is closed to lorries.", "meeting.txt"),
]


@pytest.mark.parametrize(("question", "sentence", "document"), ROWS, ids=[row[0] for row in ROWS])
def test_a_question_is_answered_in_the_documents_words(
    workspace: Workspace, question: str, sentence: str, document: str
) -> None:
    checked = run(Ask(question=question), workspace)
    first = checked.draft.statements[0]
    assert (first.text, first.links[0].document_name) == (sentence, document)
    assert not checked.findings_of(0)


@pytest.mark.parametrize(
    "question",
    [
        "How much does a parking permit cost?",
        "When does the swimming pool open?",
        "What is the rent of Wharf House?",
        "Who is the headteacher of Sallow Bridge Primary?",
    ],
)
def test_what_no_document_answers_is_said_plainly(workspace: Workspace, question: str) -> None:
    checked = run(Ask(question=question), workspace)
    assert not checked.draft.found
    assert [finding.rule for finding in checked.findings] == ["nothing-found"]


def test_a_list_comes_with_the_words_that_introduce_it(workspace: Workspace) -> None:
    draft = run(Ask(question="What must you do before you start?"), workspace).draft
    texts = [statement.text for statement in draft.statements]
    at = texts.index("You must:")
    assert texts[at + 1 : at + 4] == [
        "sign the agreement",
        "pay a deposit of £20",
        "collect your key from the Town Hall",
    ]


def test_a_row_of_a_table_comes_with_the_names_of_its_columns(workspace: Workspace) -> None:
    checked = run(Ask(question="At what time is the Nether Sallow office open on a Monday?"), workspace)
    first = checked.draft.statements[0]
    assert [link.quote for link in first.links] == [
        "Office | Monday | Saturday",
        "Nether Sallow | 10am to 4pm | 10am to noon",
    ]
    assert not checked.findings_of(0)


def test_a_filter_keeps_other_documents_out(workspace: Workspace) -> None:
    only = Filter(document_ids=(workspace.document("meeting.txt").id,))
    assert not run(Ask(question="How much is the rent of a full plot?", where=only), workspace).draft.found


def test_words_of_the_question_that_the_answer_leaves_out_are_named(workspace: Workspace) -> None:
    checked = run(Ask(question="How many hens and ducks may I keep?"), workspace)
    assert checked.draft.found
    (finding,) = [f for f in checked.findings if f.rule == "not-covered"]
    assert "“ducks”" in finding.message
    assert "hens" not in finding.message


def _link(workspace: Workspace, quote: str, *, document: str = "allotments.md") -> SourceLink:
    held = workspace.document(document)
    for element in workspace.elements(held.id):
        start = element.text.find(quote)
        if start >= 0:
            span = Span(start=start, end=start + len(quote))
            return SourceLink(
                document_id=held.id,
                document_name=held.name,
                element_id=element.id,
                span=span,
                page=element.page,
                quote=quote,
                score=1.0,
            )
    raise AssertionError(quote)


def _said(question: str, *statements: Statement) -> Scripted:
    return Scripted([Answer(question=question, statements=statements)])


def test_an_invented_statement_is_found_whoever_wrote_it(workspace: Workspace) -> None:
    question = "How many hens may I keep?"
    real = _link(workspace, "You may keep up to six hens.")
    cases = [
        (Statement(text="You may keep up to six hens.", links=(real,)), None),
        (Statement(text="You may keep up to nine hens.", links=(real,)), "wording-differs"),
        (Statement(text="You may keep a goat."), "no-source"),
        (
            Statement(
                text="You may keep up to ten hens!",
                links=(real.model_copy(update={"quote": "You may keep up to ten hens!"}),),
            ),
            "quote-not-in-source",
        ),
        (
            Statement(text=real.quote, links=(real.model_copy(update={"element_id": "e999"}),)),
            "quote-not-in-source",
        ),
        (Statement(text=real.quote, links=(real.model_copy(update={"page": 7}),)), "quote-not-in-source"),
    ]
    for statement, rule in cases:
        findings = run(Ask(question=question), workspace, _said(question, statement)).findings_of(0)
        assert [finding.rule for finding in findings] == ([rule] if rule else []), statement


def test_a_script_without_a_draft_left_says_so(workspace: Workspace) -> None:
    with pytest.raises(ScriptEnded, match="no draft left"):
        run(Ask(question="What now?"), workspace, Scripted([]))


def test_a_question_without_a_word_is_refused() -> None:
    with pytest.raises(EmptyQuestion, match="Nothing was asked"):
        Ask(question=" ?! ")


def test_the_provenance_names_the_engine_and_the_time(workspace: Workspace) -> None:
    provenance = run(Ask(question="How many hens may I keep?"), workspace).provenance
    assert (provenance.engine, provenance.model, provenance.prompt) == ("embedded", None, None)
    assert provenance.started.tzinfo is not None
    assert 0 < provenance.seconds < 60


def test_a_workspace_can_be_used_as_a_langchain_retriever(workspace: Workspace) -> None:
    from assistant.retriever import WorkspaceRetriever

    (first, *_) = WorkspaceRetriever(sources=workspace, limit=3).invoke("hens and cockerels")
    assert "six hens" in first.page_content
    assert first.metadata["document_name"] == "allotments.md"
    part = first.metadata["parts"][-1]
    element = workspace.element(first.metadata["document_id"], part["element_id"])
    words = element.text[part["span"]["start"] : part["span"]["end"]]
    assert first.page_content[part["at"] : part["at"] + len(words)] == words
