"""The embedded engine's way to answer: choose the sentences that say it, and say so when none does.

The question is searched for, and every sentence of the passages found is scored: how much of the question it and its
surroundings cover (rare words more), whether it holds the kind of thing asked for, how near its meaning is, and how
well its passage was found. An answer is given only above a threshold, and only from documents in which every name,
number and reference of the question stands.

The weights and the threshold were chosen on the sample questions; `evals/benchmarks/answers.py` prints what they reach
there and on questions kept apart.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.tasks.ask.question import Question, holds, says_name, stems
from assistant.tasks.ask.result import Answer
from assistant.types import SourceLink, Sources, Statement
from ingestion.language import split_sentences
from ingestion.types import Element, Filter, Hit, Span

PASSAGES_READ = 16
MAX_STATEMENTS = 3
MAX_LIST_ITEMS = 8
ENOUGH = 0.85  # the score from which a sentence answers
NEARLY_AS_GOOD = 0.88  # of the best score, for a further statement
LABEL, NEIGHBOUR, SURROUNDINGS = 0.85, 0.4, 0.2
"""What a term counts that stands in the sentence's heading, speaker or table header; in the sentence before or after;
or elsewhere in its passage."""
NAMED, LIKENESS, FOUND = 0.2, 0.8, 0.2  # what the names, nearness of meaning and the search's score count
ASKING, BRIEF = -1.0, -0.2  # what it counts that the sentence is a question, or has fewer words than BRIEF_WORDS
BRIEF_WORDS = 5
OTHER_KIND = -0.5  # what it counts that the sentence does not hold the kind of thing asked for
_ROW = re.compile(r"\S.*\S|\S")
_NOTE_MARK = re.compile("[⁰¹²³⁴-⁹]+")
_FIRST_PERSON = re.compile(r"\bI\b|\b(?:my|me|myself)\b")


@dataclass(frozen=True)
class _Sentence:
    """A sentence that may answer, with the words around it."""

    hit: Hit
    element: Element
    span: Span
    own: frozenset[str]  # the stems of its words, and of the list it introduces
    label: frozenset[str]  # of its heading, speaker or table header
    beside: frozenset[str]  # of the sentences before and after
    around: frozenset[str]  # of the whole passage

    @property
    def text(self) -> str:
        return self.span.cut(self.element.text)


def answer(question: str, sources: Sources, *, where: Filter | None = None) -> Answer:
    """The statements that answer `question`, each a sentence of a document with its link; none when nothing does."""
    asked = Question.read(question)
    hits = sources.search(question, limit=PASSAGES_READ, where=where)
    sentences = [sentence for hit in hits for sentence in _sentences_of(hit, sources)]
    chosen = _choose(asked, sentences, sources) if (asked.terms or asked.names) and sentences else []
    nearest = () if chosen else tuple(dict.fromkeys(hit.document_name for hit in hits))[:3]
    return Answer(question=question, statements=tuple(_merged(chosen, sources)), nearest=nearest)


def _sentences_of(hit: Hit, sources: Sources) -> Iterator[_Sentence]:
    """The sentences of a passage; a table's header row goes with each of its rows' surroundings."""
    passage = hit.passage
    found = []
    for part in passage.parts:
        element = sources.element(passage.document_id, part.element_id)
        inside = (s for s in _pieces(element) if s.start >= part.span.start and s.end <= part.span.end)
        found += [(element, span) for span in inside]
    around = stems(" ".join((passage.text, *passage.headings, _title(hit))))
    own = [stems(span.cut(element.text)) for element, span in found]
    for index, (element, span) in enumerate(found):
        if element.kind == "title" or span == _header(element):
            continue
        beside = frozenset().union(*own[max(0, index - 1) : index], *own[index + 1 : index + 2])
        listed = _listed(found, index) if span.cut(element.text).endswith(":") else range(0)
        said = own[index].union(*(own[n] for n in listed))
        yield _Sentence(hit, element, span, said, stems(_label(element)), beside, around)


def _pieces(element: Element) -> list[Span]:
    """What may be quoted of an element: a whole field, a table's row, a sentence of anything else."""
    if element.kind == "field":
        return [Span(start=0, end=len(element.text))]
    if element.rows:
        return [Span(start=m.start(), end=m.end()) for m in _ROW.finditer(element.text)]
    return split_sentences(element.text)


def _listed(found: Sequence[tuple[Element, Span]], index: int) -> range:
    """The sentences of the list that the one at `index` introduces."""
    end = index + 1
    while end < len(found) and found[end][0].kind == "list_item":
        end += 1
    return range(index + 1, end)


def _label(element: Element) -> str:
    """What stands over or before an element's words: its heading, speaker, author or table header."""
    parts = [*element.headings[-1:]]
    if element.turn:
        parts.append(element.turn.speaker or "")
    if element.note:
        parts += [element.note.author or "", element.note.title or "", element.note.type or ""]
    if element.rows:
        parts += element.rows[0]
    return " ".join(parts)


def _choose(asked: Question, sentences: Sequence[_Sentence], sources: Sources) -> list[_Sentence]:
    """The sentences that answer, best first; empty when none does."""
    scored = sorted(
        zip(_scores(asked, sentences, sources), range(len(sentences)), strict=True),
        key=lambda pair: (-pair[0], pair[1]),
    )
    names_stand: dict[str, bool] = {}
    chosen: list[_Sentence] = []
    best = 0.0
    for score, index in scored:
        sentence = sentences[index]
        if score < max(ENOUGH, best * NEARLY_AS_GOOD):
            break
        document = sentence.hit.passage.document_id
        if document not in names_stand:
            names_stand[document] = _names_stand_in(asked.names, sentence.hit, sources)
        if not names_stand[document] or (chosen and not _holds_the_kind(asked, sentence)):
            continue
        best = best or score
        if len({_key(s) for s in [*chosen, sentence]}) <= MAX_STATEMENTS:
            chosen.append(sentence)
    return chosen


def _scores(asked: Question, sentences: Sequence[_Sentence], sources: Sources) -> list[float]:
    """How well each sentence answers, from 0 to about 2; 0 for those that cannot be the answer."""
    weights = _weights(asked.terms, sentences)
    likeness = sources.likeness(asked.text, [sentence.text for sentence in sentences])
    return [
        (_covered(weights, sentence) if weights else _named(asked, sentence))
        + NAMED * _named(asked, sentence)
        + LIKENESS * like
        + FOUND * sentence.hit.score
        + ASKING * sentence.text.endswith("?")
        + BRIEF * (len(sentence.text.split()) < BRIEF_WORDS and not sentence.text.endswith(":"))
        + OTHER_KIND * (not _holds_the_kind(asked, sentence))
        for sentence, like in zip(sentences, likeness, strict=True)
    ]


def _holds_the_kind(asked: Question, sentence: _Sentence) -> bool:
    """Whether the sentence holds the kind of thing asked for, or it stands beside it: the speaker, a note's day."""
    if asked.kind == "person" and sentence.element.turn and _FIRST_PERSON.search(sentence.text):
        return True
    return (asked.kind == "date" and sentence.element.note is not None) or asked.fits(sentence.text)


def _weights(terms: Iterable[str], sentences: Sequence[_Sentence]) -> dict[str, float]:
    """How telling each term is: the rarer among the sentences at hand, the more (inverse document frequency)."""
    counts = Counter(term for s in sentences for term in s.own)
    return {term: math.log(1 + len(sentences) / (1 + counts[term])) for term in terms}


def _covered(weights: dict[str, float], sentence: _Sentence) -> float:
    """The share of the terms' weight that the sentence, its label, its neighbours and its passage hold.

    Minus infinity when the sentence itself, and what stands over it, says nothing of it.
    """
    places = (sentence.own, sentence.label, sentence.beside, sentence.around)
    held = [0.0, 0.0, 0.0, 0.0]
    for term, weight in weights.items():
        place = next((n for n, words in enumerate(places) if holds(term, words)), None)
        if place is not None:
            held[place] += weight / sum(weights.values())
    if held[0] + held[1] == 0:
        return -math.inf
    return held[0] + LABEL * held[1] + NEIGHBOUR * held[2] + SURROUNDINGS * held[3]


def _named(asked: Question, sentence: _Sentence) -> float:
    """The share of the names that the sentence says; those of its passage count by half."""
    if not asked.names:
        return 0.0
    own = f"{sentence.text} {_label(sentence.element)}"
    around = f"{sentence.hit.passage.text} {_title(sentence.hit)}"
    said = sum(1.0 if says_name(name, own) else 0.5 * says_name(name, around) for name in asked.names)
    return said / len(asked.names)


def _names_stand_in(names: Iterable[tuple[str, ...]], hit: Hit, sources: Sources) -> bool:
    """Whether every name, number and reference of the question stands somewhere in the document of `hit`."""
    missing = [name for name in names if not says_name(name, f"{hit.passage.text} {_title(hit)}")]
    for element in sources.elements(hit.passage.document_id) if missing else ():
        text = f"{element.text} {_label(element)}"
        missing = [name for name in missing if not says_name(name, text)]
        if not missing:
            break
    return not missing


def _title(hit: Hit) -> str:
    """The document's name as words."""
    return hit.document_name.replace("-", " ").replace("_", " ")


def _merged(chosen: Sequence[_Sentence], sources: Sources) -> list[Statement]:
    """One statement for each wording, with a link for each place it stands in; a list follows what introduces it."""
    places: dict[str, list[_Sentence]] = {}
    for sentence in chosen:
        places.setdefault(_key(sentence), []).append(sentence)
    statements = []
    for same in places.values():
        statements.append(_statement(same))
        if same[0].text.endswith(":"):
            statements += _list_after(same[0], sources)
    return statements


def _key(sentence: _Sentence) -> str:
    """What two sentences of the same wording share, whatever their spacing, capitals and notes."""
    return " ".join(_NOTE_MARK.sub("", sentence.text).split()).casefold()


def _statement(same: Sequence[_Sentence]) -> Statement:
    header = _header(same[0].element)
    if header is None:
        return Statement(text=same[0].text, links=tuple(_link(s.hit, s.element, s.span) for s in same))
    links = (_link(same[0].hit, same[0].element, header), _link(same[0].hit, same[0].element, same[0].span))
    return Statement(text="\n".join(link.quote for link in links), links=links)


def _header(element: Element) -> Span | None:
    """Where the names of a table's columns stand, without which its rows cannot be understood; None without any."""
    rows = element.rows
    if not rows or len(rows[0]) < 3 or any(not cell or any(c.isdigit() for c in cell) for cell in rows[0]):
        return None
    return _pieces(element)[0]


def _list_after(sentence: _Sentence, sources: Sources) -> list[Statement]:
    """The list items that follow the element whose last words introduce them."""
    elements = sources.elements(sentence.hit.passage.document_id)
    start = next(n for n, element in enumerate(elements) if element.id == sentence.element.id) + 1
    items = []
    for element in elements[start : start + MAX_LIST_ITEMS]:
        if element.kind != "list_item":
            break
        span = Span(start=0, end=len(element.text))
        items.append(Statement(text=element.text, links=(_link(sentence.hit, element, span),)))
    return items


def _link(hit: Hit, element: Element, span: Span) -> SourceLink:
    return SourceLink(
        document_id=hit.passage.document_id,
        document_name=hit.document_name,
        element_id=element.id,
        span=span,
        page=element.page,
        quote=span.cut(element.text),
        score=1.0,
    )
