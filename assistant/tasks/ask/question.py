"""What a question asks for: its telling words, the names in it, and the kind of thing that would answer it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.tasks.ask.kinds import ANSWERS, KIND_WORDS, kind_asked
from assistant.tasks.ask.synonyms import group_of
from ingestion.words import STOP_WORDS, WORD, stem

_TITLES = frozenset("mr mrs ms miss dr cllr cllrs councillor councillors".split())
_PHRASING = _TITLES | frozenset(
    "what which who whom whose when where why how does did document documents say says tell name".split()
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# Written in many ways, or left out, by those who speak of the same person or body.
_OFFICES = frozenset("chair vice officer director committee council borough".split())
_JOINED = re.compile(r"[ /'’.-]{1,2}\Z")
_SHORT_NUMBER = re.compile(r"\d{1,3}")
_PREFIX = 5  # letters that two forms of one word share


@dataclass(frozen=True)
class Question:
    """A question as the search for its answer sees it.

    `terms` are the stems of its telling words, names left out. `names` are its names, references and numbered things
    ("Wharf House", "26/00871/FUL", "stage 2"), each as the stems of its words in order: they must stand so in any
    document that answers. `kind` is a key of ANSWERS, None when anything may answer.
    """

    text: str
    terms: frozenset[str]
    names: tuple[tuple[str, ...], ...]
    kind: str | None

    @classmethod
    def read(cls, text: str) -> Question:
        """The question behind the words."""
        kind = kind_asked(text)
        idle = STOP_WORDS | _PHRASING | set(KIND_WORDS.get(kind or "", "").split())
        found = list(WORD.finditer(text))
        names = _names(text, found, idle)
        inside = {match.start() for name in names for match in name}
        terms = {
            stem(match.group().lower())
            for match in found
            if match.group().lower() not in idle and match.start() not in inside
        }
        return cls(
            text=text,
            terms=frozenset(terms),
            names=tuple(tuple(stem(match.group().lower()) for match in name) for name in names),
            kind=kind,
        )

    def fits(self, text: str) -> bool:
        """Whether `text` holds the kind of thing that is asked for."""
        return self.kind is None or ANSWERS[self.kind].search(text) is not None


def _names(text: str, found: Sequence[re.Match[str]], idle: frozenset[str] | set[str]) -> list[list[re.Match[str]]]:
    """The runs of neighbouring words that are names; a short number goes with the word before it, or after it."""
    names: list[list[re.Match[str]]] = []
    for index, match in enumerate(found):
        if not _is_name(match.group(), first=index == 0):
            continue
        before = found[index - 1] if index else None
        joined = before is not None and _JOINED.fullmatch(text, before.end(), match.start())
        if names and joined and names[-1][-1] is before:
            names[-1].append(match)
        elif joined and before and _SHORT_NUMBER.fullmatch(match.group()) and _may_be_numbered(found, index, idle):
            names.append([before, match])
        else:
            names.append([match])
    return names


def _may_be_numbered(found: Sequence[re.Match[str]], index: int, idle: frozenset[str] | set[str]) -> bool:
    """Whether the number numbers the word before it ("stage 2") rather than begins a name ("22 Wharf House")."""
    following = found[index + 1].group() if index + 1 < len(found) else ""
    return found[index - 1].group().lower() not in idle and not _is_name(following or "x", first=False)


def _is_name(word: str, *, first: bool) -> bool:
    """Whether a word is a name, number or reference; the capital of a first word, "I" or an office says nothing."""
    if _YEAR.fullmatch(word) or word.lower() in _OFFICES | _TITLES | STOP_WORDS:
        return False
    return any(c.isdigit() for c in word) or (word[0].isupper() and not first)


def stems(text: str) -> frozenset[str]:
    """The stems of the words of `text` that carry meaning, and of function words that stand for one ("until")."""
    found = ((word, stem(word)) for word in WORD.findall(text.lower()))
    return frozenset(root for word, root in found if word not in STOP_WORDS or group_of(root) is not None)


def says_name(name: Sequence[str], text: str) -> bool:
    """Whether the words of `text` hold the stems of `name` in order, one after the other."""
    words = [stem(word) for word in WORD.findall(text.lower())]
    return any(words[at : at + len(name)] == list(name) for at in range(len(words) - len(name) + 1))


def holds(term: str, words: frozenset[str]) -> bool:
    """Whether the term, another form of it, or a word for the same thing is among the words."""
    if term in words:
        return True
    group = group_of(term)
    if group is not None and any(group_of(word) == group for word in words):
        return True
    if len(term) <= _PREFIX or not term.isalpha():
        return False
    return any(word.startswith(term[:_PREFIX]) and abs(len(word) - len(term)) <= 4 for word in words)
