import pytest

from assistant.tasks.ask.question import ANSWERS, Question
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


def test_names_numbers_and_references_must_stand_in_the_document() -> None:
    assert Question.read("What was decided on 26/00871/FUL for Mrs Okonkwo-Hughes?").names >= {"26", "00871", "okonkwo"}
    assert Question.read("What is the policy on bees?").names == frozenset()


def test_words_that_only_phrase_the_question_are_not_terms() -> None:
    assert Question.read("How many homes were surveyed?").terms == {stem("homes"), stem("surveyed")}
