"""What a question asks for: its telling words, the names in it, and the kind of thing that would answer it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingestion.words import STOP_WORDS, WORD, stem

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty|thirty|forty|fifty|"
    r"hundred|thousand|half|none|no|once|twice)"
)
_UNIT = r"(?:second|minute|hour|day|week|fortnight|month|year|working day|calendar month)s?"

ANSWERS: dict[str, re.Pattern[str]] = {
    "money": re.compile(r"£\s?\d|\d\s?(?:p|pence|pounds)\b", re.IGNORECASE),
    "number": re.compile(rf"\d|\b{_NUMBER_WORD}\b", re.IGNORECASE),
    "date": re.compile(
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b|\b{_MONTH} \d|\b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b|"
        rf"\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b(?:19|20)\d\d\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
        rf"\bwithin (?:\d+|{_NUMBER_WORD}) |\b\d{{1,2}}(?:[:.]\d\d)? ?[ap]\.?m\b|"
        r"\b(?:today|tomorrow|yesterday|daily|weekly|monthly|annually|spring|summer|autumn|winter)\b",
        re.IGNORECASE,
    ),
    "time": re.compile(
        r"\b\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\b|\b\d{1,2}:\d\d\b|\b(?:midday|noon|midnight)\b", re.IGNORECASE
    ),
    "duration": re.compile(rf"\b(?:\d+|{_NUMBER_WORD})[ -](?:working |calendar )?{_UNIT}\b", re.IGNORECASE),
    "phone": re.compile(r"\b0\d{2,4}[ -]?\d{3,4}[ -]?\d{3,4}\b"),
    "email": re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "person": re.compile(
        r"(?<=[a-z,;:(|] )(?:Cllr|Mrs?|Ms|Miss|Dr)?\.? ?[A-Z][a-z]+|^[A-Z][\w.'’-]+ [A-Z][a-z]+|\b[a-z]+er\b"
    ),
    "place": re.compile(r"\b[A-Z][a-z]+|\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b"),
    "percentage": re.compile(r"\d ?%|\bper ?cent\b", re.IGNORECASE),
}
"""What each kind of answer looks like on the page."""

_ASKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "phone",
            r"\b(?:tele)?phone number\b|\bwhat number\b.*\b(?:call|ring|phone)\b|\bnumber to (?:call|ring|phone)\b",
        ),
        ("email", r"\be-?mail address\b|\bwhat e-?mail\b"),
        ("percentage", r"\b(?:percentage|per ?cent|proportion)\b"),
        (
            "money",
            r"\bhow much (?:\w+ ){0,3}(?:cost|money|spen[dt]|rent|pay|paid|owe[ds]?|budget|is|was|will|does|did)\b|"
            r"\bwhat (?:is|was|will|does|did) (?:\w+ ){1,4}cost\b|\b(?:what|which) (?:sum|amount|price|fee|budget)\b",
        ),
        (
            "duration",
            r"\bhow (?:long|soon|quickly|fast|often)\b|"
            r"\bhow many (?:\w+ )?(?:second|minute|hour|day|week|month|year)s\b",
        ),
        ("number", r"\bhow many\b|\bwhat number of\b"),
        ("time", r"\b(?:what|which) time\b|\bat what time\b"),
        (
            "date",
            r"\bwhen\b|\b(?:what|which|by what) (?:date|day|month|year)\b|\bdeadline\b|\bdate of birth\b|\bhow old\b",
        ),
        ("person", r"\bwho(?:m|se)?\b"),
        ("place", r"\bwhere\b"),
    )
)

# Words that say what kind of answer is wanted; the answer itself seldom repeats them.
_KIND_WORDS = {
    "phone": "telephone phone number call ring contact",
    "email": "email e-mail address contact",
    "percentage": "percentage per cent proportion",
    "money": "much cost costs money pay paid sum amount price",
    "duration": "long soon quickly fast many often",
    "number": "many number",
    "time": "time",
    "date": "date day month year deadline",
    "person": "name person",
    "place": "place",
}
_PHRASING = frozenset(
    "what which who whom whose when where why how does did document documents say says tell name".split()
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# Written in many ways, or left out, by those who speak of the same person or body.
_OFFICES = frozenset(
    "mr mrs ms miss dr cllr cllrs councillor councillors chair vice officer director committee council borough".split()
)


@dataclass(frozen=True)
class Question:
    """A question as the search for its answer sees it.

    `terms` are the stems of its telling words, `names` those of them that are proper names or carry a digit, and must
    therefore stand in any document that answers; `kind` is a key of ANSWERS, None when anything may answer.
    """

    text: str
    terms: frozenset[str]
    names: frozenset[str]
    kind: str | None

    @classmethod
    def read(cls, text: str) -> Question:
        """The question behind the words."""
        kind = next((kind for kind, pattern in _ASKS if pattern.search(text)), None)
        idle = _PHRASING | set(_KIND_WORDS.get(kind or "", "").split())
        found = [match for match in WORD.finditer(text) if match.group().lower() not in STOP_WORDS | idle]
        names = {stem(word.lower()) for match in found if _is_name(word := match.group(), first=match.start() == 0)}
        terms = frozenset(stem(match.group().lower()) for match in found)
        return cls(text=text, terms=terms, names=frozenset(names), kind=kind)

    def fits(self, text: str) -> bool:
        """Whether `text` holds the kind of thing that is asked for."""
        return self.kind is None or ANSWERS[self.kind].search(text) is not None


def _is_name(word: str, *, first: bool) -> bool:
    """Whether a word is a name, number or reference; the capital of a first word, an office or a year says nothing."""
    if _YEAR.fullmatch(word) or word.lower() in _OFFICES:
        return False
    return any(c.isdigit() for c in word) or (word[0].isupper() and not first)


def stems(text: str) -> frozenset[str]:
    """The stems of the words of `text` that carry meaning."""
    return frozenset(stem(word) for word in WORD.findall(text.lower()) if word not in STOP_WORDS)


def holds(term: str, words: frozenset[str]) -> bool:
    """Whether the term, or a word that begins as it does for most of its length, is among the words."""
    if term in words:
        return True
    if len(term) < 6 or not term.isalpha():
        return False
    return any(word.startswith(term[:5]) and abs(len(word) - len(term)) <= 4 for word in words)
