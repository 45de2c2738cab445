from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.language import split_sentences

ROWS = [
    ["Cllr. J. Smith moved the motion.", "Cllr. Bell seconded it."],
    ["See No. 12 Tanner's Row, e.g. the rear wall.", "It is damp."],
    ["The budget is £1.5m.", "It rises to £1.84m in 2027/28."],
    ["Officers met at 2 p.m. on Tuesday.", "They agreed."],
    ["The meeting closed at 9.15 p.m.", "The chair thanked officers."],
    ["3.2.1 The Council must act within 24 hours.", "It did not."],
    ["1. Approve Option B.", "The review follows in January."],
    ["Members chose Option B.", "Option C fell."],
    ["He lives with Dr. A. N. Other in St. Mary's Close.", "He is well."],
    ["mum said she was fine.", "asked again about school.", "no answer"],
    ["“Is it safe?” asked Kit.", "Nobody knew."],
    ["Was it inspected?", "Yes!", "Twice."],
    ["A section 47 enquiry (s. 47 Children Act 1989) began.", "It ended on 3 Apr. 2025."],
    ["The contractor is Hollin & Sons Ltd.", "They start in July."],
    ["Call ext. 4417 for help.", "Ask for Joanna."],
    ["Tiles, pipes, etc. are covered.", "Labour is not."],
    ["Planning reference 26/00871/FUL was refused.", "Reasons are below."],
    ["First line", "Second line"],
    ["He said “stop.”", "She stopped."],
    ["It is rated under the HHSRS.¹²", "That is one home in three."],
]


@pytest.mark.parametrize("sentences", ROWS, ids=lambda row: row[0][:30])
def test_council_english_splits_where_a_reader_would(sentences: list[str]) -> None:
    text = ("\n" if sentences[0] == "First line" else " ").join(sentences)
    assert [span.cut(text) for span in split_sentences(text)] == sentences


@given(st.text(alphabet=st.sampled_from("aB .!?\n(“”)1£"), max_size=80) | st.text(max_size=80))
def test_every_word_is_in_exactly_one_sentence(text: str) -> None:
    spans = split_sentences(text)
    assert "".join("".join(s.cut(text).split()) for s in spans) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(s.cut(text) == s.cut(text).strip() != "" for s in spans)
