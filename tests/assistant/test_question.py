import pytest

from assistant.tasks.ask.kinds import ANSWERS
from assistant.tasks.ask.question import Question, holds, says_name, stems
from ingestion.words import stem

KINDS = [
    ("How much rent does Mrs Example owe?", "money", "She owes £612.40."),
    ("What is the total cost of the programme?", "money", "The programme costs £1.84m."),
    ("How many homes were surveyed?", "number", "Officers surveyed 412 homes."),
    ("How many working days does the council have?", "duration", "It has 10 working days."),
    ("How long does an emergency repair take?", "duration", "We come within 24 hours."),
    ("When does the consultation end?", "date", "It ends on 14 August 2026."),
    ("What is Kit's date of birth?", "date", "Born 02/09/2019."),
    ("By what date must I reply?", "date", "Reply by Friday."),
    ("At what time did the meeting close?", "time", "The meeting closed at 9:14pm."),
    ("Who chairs the committee?", "person", "The Chair is Cllr Ann Bell."),
    ("What is the phone number for repairs?", "phone", "Ring 01632 960123."),
    ("Which email address takes complaints?", "email", "Write to help@fernmoor.example.gov.uk."),
    ("Where is the office?", "place", "The office is in Wend Street."),
    ("What percentage of pupils attended?", "percentage", "Attendance was 87%."),
    ("What did the survey find?", None, "It found mould."),
]


@pytest.mark.parametrize(("text", "kind", "answer"), KINDS, ids=[row[0] for row in KINDS])
def test_a_question_knows_what_kind_of_thing_answers_it(text: str, kind: str | None, answer: str) -> None:
    question = Question.read(text)
    assert question.kind == kind
    assert question.fits(answer)


@pytest.mark.parametrize("kind", sorted(set(ANSWERS) - {"place", "person"}))
def test_prose_without_the_kind_does_not_fit(kind: str) -> None:
    assert not ANSWERS[kind].search("The tenant was unhappy about the mould in the kitchen.")


NAMES = [
    ("What was decided on 26/00871/FUL for Mrs Okonkwo-Hughes?", ["26 00871 ful", "okonkwo hughes"]),
    ("What answer was given at stage 2?", ["stage 2"]),
    ("When is the inspection at 22 Wharf House?", ["22 wharf house"]),
    ("What did Cllr Quill say about Option B?", ["quill", "option b"]),
    ("What happened in 2025?", []),
    ("What is the policy on bees?", []),
]


@pytest.mark.parametrize(("text", "names"), NAMES, ids=[row[0] for row in NAMES])
def test_names_numbers_and_references_are_told_from_other_words(text: str, names: list[str]) -> None:
    assert list(Question.read(text).names) == [tuple(stem(word) for word in name.split()) for name in names]


def test_words_that_only_phrase_the_question_are_not_terms() -> None:
    assert Question.read("How many homes were surveyed?").terms == {stem("homes"), stem("surveyed")}


@pytest.mark.parametrize(
    ("asked", "said"),
    [("consultation", "tenants were consulted"), ("cost", "the price is"), ("empty", "bins are collected")],
)
def test_another_form_and_another_word_for_the_same_thing_are_held(asked: str, said: str) -> None:
    assert holds(stem(asked), stems(said))
    assert not holds(stem(asked), stems("the meeting closed"))


def test_a_name_is_said_only_when_its_words_stand_together() -> None:
    name = Question.read("Who lives at 22 Wharf House?").names[0]
    assert says_name(name, "the tenant of 22 Wharf House, Quay Street")
    assert not says_name(name, "29 Wharf House, and 22 others")
