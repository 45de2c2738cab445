"""The embedded engine's way to answer: choose the sentences that say it, and say so when none does.

The question is searched for; every sentence of the passages found is weighed by how many of the question's telling
words it covers (rare ones more, words of its surroundings less), by whether it holds the kind of thing asked for, and
by its passage's rank. An answer is given only when enough of the question is covered, and every name, number and
reference in the question stands in the document that answers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.tasks.ask.question import Question, stems
from assistant.tasks.ask.result import Answer
from assistant.types import SourceLink, Sources, Statement
from ingestion.language import split_sentences
from ingestion.types import Element, Filter, Hit, Span

PASSAGES_READ = 12
MAX_STATEMENTS = 3
MAX_LIST_ITEMS = 8
ENOUGH_COVERED = 0.55  # of the question's weight, by a sentence and its surroundings
NEARLY_AS_GOOD = 0.9  # of the best score, for a further statement
NEIGHBOUR, SURROUNDINGS = 0.6, 0.4  # what a word counts that stands beside the sentence, or elsewhere in its passage


@dataclass(frozen=True)
class _Sentence:
    """A sentence that may answer, with the words around it."""

    hit: Hit
    rank: int
    element: Element
    span: Span
    own: frozenset[str]
    beside: frozenset[str]
    around: frozenset[str]

    @property
    def text(self) -> str:
        return self.span.cut(self.element.text)


def answer(question: str, sources: Sources, *, where: Filter | None = None) -> Answer:
    """The statements that answer `question`, each a sentence of a document with its link; none when nothing does."""
    asked = Question.read(question)
    hits = sources.search(question, limit=PASSAGES_READ, where=where)
    sentences = [s for rank, hit in enumerate(hits) for s in _sentences_of(hit, rank, sources)]
    chosen = _choose(asked, sentences, sources) if asked.terms else []
    nearest = () if chosen else tuple(dict.fromkeys(hit.document_name for hit in hits))[:3]
    return Answer(question=question, statements=tuple(_merged(chosen, sources)), nearest=nearest)


def _sentences_of(hit: Hit, rank: int, sources: Sources) -> Iterator[_Sentence]:
    """The sentences of a passage; a table's header row goes with each of its rows' surroundings."""
    passage = hit.passage
    found = []
    for part in passage.parts:
        element = sources.element(passage.document_id, part.element_id)
        pieces = [Span(start=0, end=len(element.text))] if element.kind == "field" else split_sentences(element.text)
        found += [(element, span) for span in pieces if span.start >= part.span.start and span.end <= part.span.end]
    around = stems(" ".join((passage.text, *passage.headings, hit.document_name.replace("-", " "))))
    own = [stems(span.cut(element.text)) for element, span in found]
    for index, (element, span) in enumerate(found):
        if element.kind == "title":
            continue
        beside = frozenset().union(*own[max(0, index - 1) : index], *own[index + 1 : index + 2], stems(_label(element)))
        yield _Sentence(hit, rank, element, span, own[index], beside, around)


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
    weights = _weights(asked.terms, sentences)
    scored = sorted(
        ((score, -index) for index, s in enumerate(sentences) if (score := _score(asked, weights, s)) > 0), reverse=True
    )
    known_names: dict[str, bool] = {}
    chosen: list[_Sentence] = []
    best = 0.0
    for score, index in scored:
        sentence = sentences[-index]
        document = sentence.hit.passage.document_id
        if document not in known_names:
            known_names[document] = _names_stand_in(asked.names, sentence.hit, sources)
        if not known_names[document]:
            continue
        if chosen and (score < best * NEARLY_AS_GOOD or len({_key(s) for s in chosen}) >= MAX_STATEMENTS):
            break
        best = best or score
        chosen.append(sentence)
    return chosen


def _weights(terms: Iterable[str], sentences: Sequence[_Sentence]) -> dict[str, float]:
    """How telling each term is: the rarer among the sentences at hand, the more (inverse document frequency)."""
    counts = Counter(term for s in sentences for term in s.own)
    return {term: math.log(1 + len(sentences) / (0.5 + counts[term])) for term in terms}


def _score(asked: Question, weights: dict[str, float], sentence: _Sentence) -> float:
    """How well a sentence answers, in [0, 1.2]; 0 when it cannot be the answer."""
    if not asked.fits(sentence.text) and not (asked.kind == "date" and sentence.element.note):
        return 0.0
    own = sum(w for term, w in weights.items() if _in(term, sentence.own))
    beside = sum(w for term, w in weights.items() if not _in(term, sentence.own) and _in(term, sentence.beside))
    around = sum(
        w
        for term, w in weights.items()
        if not _in(term, sentence.own) and not _in(term, sentence.beside) and _in(term, sentence.around)
    )
    if own == 0:
        return 0.0
    covered = (own + NEIGHBOUR * beside + SURROUNDINGS * around) / sum(weights.values())
    if covered < ENOUGH_COVERED:
        return 0.0
    brevity = 1 / (1 + max(0, len(sentence.own) - 30) / 30)
    return covered * brevity + 0.1 / (1 + sentence.rank)


def _in(term: str, words: frozenset[str]) -> bool:
    """Whether the term, or a word that begins as it does for most of its length, is among the words."""
    if term in words:
        return True
    if len(term) < 6 or not term.isalpha():
        return False
    return any(word.startswith(term[:5]) and abs(len(word) - len(term)) <= 4 for word in words)


def _names_stand_in(names: frozenset[str], hit: Hit, sources: Sources) -> bool:
    """Whether every name and number of the question occurs somewhere in the document of `hit`."""
    if not names:
        return True
    missing = names - stems(f"{hit.passage.text} {hit.document_name.replace('-', ' ')}")
    for element in sources.elements(hit.passage.document_id) if missing else ():
        missing -= stems(f"{element.text} {_label(element)}")
        if not missing:
            break
    return not missing


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
    return " ".join(sentence.text.split()).casefold()


def _statement(same: Sequence[_Sentence]) -> Statement:
    return Statement(text=same[0].text, links=tuple(_link(s.hit, s.element, s.span) for s in same))


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
