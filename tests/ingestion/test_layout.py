"""Words with places to lines in reading order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.parse.layout import Segment, find_segments, lines_of, reading_order
from ingestion.parse.page_tables import Table
from ingestion.parse.page_text import compose
from ingestion.parse.pdf_words import SOFT_HYPHEN, Word


def words_at(x: float, y: float, text: str, order: int, size: float = 10) -> list[Word]:
    """Words on one line in a face half as wide as it is high."""
    found = []
    for word in text.split():
        width = len(word) * size / 2
        found.append(Word(word, x, y - 0.8 * size, x + width, y + 0.2 * size, y, size, False, order, (0, 0, 1, 1)))
        x += width + size / 4
        order += 1
    return found


def texts(words: list[Word]) -> list[list[str]]:
    segments: list[Segment[Table]] = find_segments(words)
    return [[line.text for line in region] for region in reading_order(segments)]


def test_words_drawn_out_of_order_on_one_line_are_put_in_order() -> None:
    line = words_at(0, 100, "every word of this line was drawn by itself", 0)
    assert texts(line[::-1]) == [["every word of this line was drawn by itself"]]


def test_justified_lines_with_wide_gaps_stay_whole() -> None:
    words, x = [], 0.0
    for order, word in enumerate("set to fill the measure whatever the gaps".split()):
        (made,) = words_at(x, 100, word, order)
        words.append(made)
        x = made.right + 14
    assert texts(words) == [["set to fill the measure whatever the gaps"]]


def test_two_columns_drawn_one_after_the_other_are_two_regions() -> None:
    words = []
    for c, side in enumerate(("left", "right")):
        for n in range(5):
            words += words_at(300 * c, 100 + 12 * n, f"{side} column line number {n}", len(words))
    assert texts(words) == [[f"{side} column line number {n}" for n in range(5)] for side in ("left", "right")]


def test_labels_and_values_drawn_row_by_row_stay_on_their_lines() -> None:
    words = []
    for n, (label, value) in enumerate((("Name", "Ada Quill"), ("Ward", "Moor"), ("Role", "Clerk"), ("Team", "Roads"))):
        words += words_at(0, 100 + 14 * n, label, len(words))
        words += words_at(200, 100 + 14 * n, value, len(words))
    assert texts(words) == [["Name Ada Quill", "Ward Moor", "Role Clerk", "Team Roads"]]


def test_bullets_set_off_by_a_tab_are_no_column() -> None:
    words = []
    for n in range(5):
        words += words_at(0, 100 + 14 * n, "•", len(words))
        words += words_at(40, 100 + 14 * n, "point of the list", len(words))
    assert texts(words) == [["• point of the list"] * 5]


def test_a_raised_note_number_stays_on_its_line() -> None:
    words = words_at(0, 100, "the grant was paid.", 0)
    words += words_at(words[-1].right, 96, "4", 10, size=6)
    words += words_at(words[-1].right + 3, 100, "It was late.", 11)
    assert texts(words) == [["the grant was paid. 4 It was late."]]


@settings(max_examples=60, deadline=None)
@given(
    left=st.lists(st.integers(2, 5), min_size=3, max_size=12),
    right=st.lists(st.integers(2, 5), min_size=3, max_size=12),
)
def test_columns_of_any_raggedness_are_never_interleaved(left: list[int], right: list[int]) -> None:
    words = []
    for c, side in enumerate((left, right)):
        for n, count in enumerate(side):
            words += words_at(300 * c, 100 + 12 * n, " ".join([f"s{c}"] * count), len(words))
    sides = [word.text for region in texts(words) for line in region for word in words_at(0, 0, line, 0)]
    assert sides == ["s0"] * sum(left) + ["s1"] * sum(right)


def test_lines_keep_every_segment_once() -> None:
    segments: list[Segment[Table]] = find_segments(words_at(0, 100, "a line", 0) + words_at(200, 100, "and its end", 5))
    (line,) = lines_of(segments)
    assert [len(segment.words) for segment in line.segments] == [2, 3]


def composed(*lines: str, vocabulary: frozenset[str] = frozenset()) -> str:
    text, words = compose([words_at(0, 12 * n, line, 0) for n, line in enumerate(lines)], vocabulary)
    for word in words:
        assert word.span.cut(text)
    return text


def test_a_soft_hyphen_left_inside_a_line_is_taken_out() -> None:
    assert composed(f"coop{SOFT_HYPHEN}", "erate now") == "cooperate now"
    assert composed(f"the cooper{SOFT_HYPHEN} ative society") == "the cooperative society"


def test_the_document_decides_whether_a_broken_word_keeps_its_hyphen() -> None:
    assert composed("a drop-", "in session") == "a dropin session"
    assert composed("a drop-", "in session", vocabulary=frozenset({"drop-in"})) == "a drop-in session"
    assert composed("a well-", "being plan", vocabulary=frozenset({"wellbeing"})) == "a wellbeing plan"
