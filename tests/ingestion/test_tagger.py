"""The rule tagger: enough grammar to tell a sentence from a heading, with nothing to download."""

from __future__ import annotations

import pytest

from ingestion.language.tagger import NOT_VERBS, VERBS, is_verb, rule_pipeline


@pytest.mark.parametrize("word", ["is", "agreed", "repairing", "prioritise", "notify", "must", "'ll", "Went", "HAS"])
def test_verbs_are_told(word: str) -> None:
    assert is_verb(word)


@pytest.mark.parametrize(
    "word", ["housing", "Building", "king", "hundred", "Wednesday", "committee", "wise", "meeting"]
)
def test_nouns_that_end_like_verbs_are_not(word: str) -> None:
    assert not is_verb(word)


def test_a_word_is_not_on_both_lists() -> None:
    assert not VERBS & NOT_VERBS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Housing and Communities Committee", False),
        ("Financial implications", False),
        ("Planning and Building Regulations", False),
        ("The Council agreed the budget", True),
        ("Tenants must pay on Friday", True),
    ],
)
def test_a_heading_has_no_verb_and_a_sentence_has_one(text: str, expected: bool) -> None:
    assert any(token.tag_ == "VB" for token in rule_pipeline()(text)) is expected


def test_the_pipeline_parts_sentences() -> None:
    assert [s.text for s in rule_pipeline()("It rained. The roof leaked.").sents] == ["It rained.", "The roof leaked."]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Financial implications", "Title"),
        ("Recommendations to the Cabinet", "Title"),
        ("The Council agreed the budget for the coming year.", "NarrativeText"),
        ("Tenants must report a leak within one day.", "NarrativeText"),
        ("• a roof that leaks", "ListItem"),
    ],
)
def test_unstructured_classifies_lines_well_with_it(text: str, category: str) -> None:
    from ingestion.parse.office import ready

    ready()
    from unstructured.partition.text import element_from_text

    assert element_from_text(text).category == category
