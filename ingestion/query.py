"""What a person typed into a search, taken apart: words that carry meaning, names, and what must be found exactly.

    Has Ottoline Quillfeather appealed about 26/01234/FUL?
        words   ottoline quillfeather appealed 26 01234 ful
        names   "ottoline quillfeather"
        exact   "26 01234 ful" or "2601234ful"

Names and exact terms are FTS5 expressions; they hold nothing but words in double quotes, so that whatever was typed is
never taken for FTS5's own syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingestion.words import STOP_WORDS, TITLES, WORD

MAX_WORDS = 64
MAX_TERMS = 8  # of names, and of exact terms


class Query(NamedTuple):
    """The parts of a query; see the module."""

    words: tuple[str, ...]  # lower case, without stop words, each once
    names: tuple[str, ...]
    exact: tuple[str, ...]


def read_query(text: str) -> Query:
    """Take a query apart; every part is empty when it holds no word that carries meaning."""
    lowered = (match.group().lower() for match in WORD.finditer(text))
    words = tuple(dict.fromkeys(word for word in lowered if not is_stop_word(word)))[:MAX_WORDS]
    exact = dict.fromkeys([*_quoted_phrases(text), *_identifiers(text)])
    return Query(words, tuple(dict.fromkeys(_names(text)))[:MAX_TERMS], tuple(exact)[:MAX_TERMS])


def is_stop_word(word: str) -> bool:
    """Whether a lower-case word carries no meaning of its own."""
    return word.replace("’", "'") in STOP_WORDS


def phrase(words: Iterable[str]) -> str:
    """The FTS5 phrase of these words; empty when there are none."""
    joined = " ".join(word.lower() for word in words)
    return f'"{joined}"' if joined else ""


def any_of(phrases: Iterable[str]) -> str:
    """The FTS5 expression that any of these phrases satisfies."""
    return " OR ".join(dict.fromkeys(phrases))


def all_of(phrases: Iterable[str]) -> str:
    """The FTS5 expression that only all of these phrases together satisfy."""
    return " AND ".join(dict.fromkeys(phrases))


# --- exact terms ---

_QUOTED = re.compile(r"\"([^\"]{2,200})\"|“([^”]{2,200})”|(?<!\w)‘([^’]{2,200})’(?!\w)")


def _quoted_phrases(text: str) -> Iterator[str]:
    """What stands in quotation marks, if there is a word in it."""
    for match in _QUOTED.finditer(text):
        expression = phrase(WORD.findall(match[match.lastindex or 0]))
        if expression:
            yield expression


_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b", re.IGNORECASE)
_NATIONAL_INSURANCE = re.compile(r"\b([A-Z]{2}) ?(\d\d) ?(\d\d) ?(\d\d) ?([A-D])\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w+])(?:\+44 ?(?:\(0\) ?)?|\(?0)(?:[ ()-]*\d){9,10}(?![\w])")
_NHS = re.compile(r"(?<!\w)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\w)")
_CODE = re.compile(r"(?<![\w£$€])[^\W_]+(?:[/_-][^\W_]+)*(?!\w)")
_NOT_A_CODE = re.compile(
    r"\d{1,4}|\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?|\d{4}[./-]\d{1,2}(?:[./-]\d{1,2})?|\d+(?:st|nd|rd|th|s)|"
    r"\d+(?:[.:]\d+)?(?:am|pm|k|m|p|kg|km|cm|mm|hrs?|mins?|bn)|\d+(?:\.\d+)+|"
    r"(?:\d+[-/])*\d+(?:-?[a-z]{3,})+(?:-[a-z]+)*|covid-?19|\d{1,4}[/-]\d{1,4}|[a-z]+-\d{1,2}",
    re.IGNORECASE,
)
_HAS_DIGIT = re.compile(r"\d")
_PHONE_GROUPS = ((5, 6), (5, 3, 3), (3, 4, 4), (4, 3, 4))


def _identifiers(text: str) -> Iterator[str]:
    """References, postcodes and numbers of all kinds, each in every way it may be written in a document."""
    text, expressions = _take_patterns(text)
    yield from expressions
    for match in _CODE.finditer(text):
        code = match.group()
        if _HAS_DIGIT.search(code) and not _NOT_A_CODE.fullmatch(code):
            parts = WORD.findall(code)
            yield any_of([phrase(parts), phrase(["".join(parts)])])


def _take_patterns(text: str) -> tuple[str, list[str]]:
    """The expressions for identifiers whose parts may be spaced, and the text without them."""
    found: list[str] = []
    for pattern, spellings in (
        (_EMAIL, _email_spellings),
        (_NATIONAL_INSURANCE, _insurance_spellings),
        (_POSTCODE, _postcode_spellings),
        (_PHONE, _phone_spellings),
        (_NHS, _nhs_spellings),
    ):
        found.extend(any_of(map(phrase, spellings(match))) for match in pattern.finditer(text))
        text = pattern.sub(" ", text)
    return text, found


def _email_spellings(match: re.Match[str]) -> list[list[str]]:
    return [WORD.findall(match.group().replace("'", " "))]


def _postcode_spellings(match: re.Match[str]) -> list[list[str]]:
    return [[match[1], match[2]], [match[1] + match[2]]]


def _insurance_spellings(match: re.Match[str]) -> list[list[str]]:
    first, *middle, last = match.groups()
    return [[first, *middle, last], [first, "".join(middle), last], ["".join(match.groups())]]


def _nhs_spellings(match: re.Match[str]) -> list[list[str]]:
    return _groupings(re.sub(r"\D", "", match.group()), ((3, 3, 4),))


def _phone_spellings(match: re.Match[str]) -> list[list[str]]:
    """With 0 and with +44, in the usual groups; the code of the country is a word of its own or part of the first."""
    digits = re.sub(r"\D", "", match.group())
    national = digits if digits.startswith("0") else "0" + digits.removeprefix("44").removeprefix("0")
    spellings = _groupings(national, _PHONE_GROUPS)
    abroad = [[group[0].removeprefix("0"), *group[1:]] for group in spellings]
    return spellings + [["44", *group] for group in abroad] + [["44" + group[0], *group[1:]] for group in abroad]


def _groupings(digits: str, groups: tuple[tuple[int, ...], ...]) -> list[list[str]]:
    """The digits in one piece, and in each of the groupings that they fill."""
    found = [[digits]]
    for sizes in groups:
        if sum(sizes) == len(digits):
            ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
            found.append([digits[end - size : end] for size, end in zip(sizes, ends, strict=True)])
    return found


# --- names ---

_CAPITALISED = re.compile(r"[A-Z][\w'’-]+(?:[ ]+[A-Z][\w'’-]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n])[\s\"'“‘(]*\Z")


def _names(text: str) -> Iterator[str]:
    """Runs of capitalised words: people, places, schemes. One word alone at the start of a sentence is none."""
    for match in _CAPITALISED.finditer(text):
        words = [word for word in WORD.findall(match.group()) if not is_stop_word(word.lower())]
        named = [word for word in words if word.lower() not in TITLES]
        starts = _SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()] or "\n")
        if named and (len(words) >= 2 or not starts):
            yield phrase(named)
