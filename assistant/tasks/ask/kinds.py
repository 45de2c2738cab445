"""The kinds of thing a question can ask for: how a question shows it, and what the answer looks like on the page."""

from __future__ import annotations

import re

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
    "money": re.compile(r"£\s?\d|\d\s?(?:p|pence|pounds)\b|\b\d+\.\d\d\b|\b(?:pounds|pence)\b", re.IGNORECASE),
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
    "person": re.compile(r"(?<=[a-z,;:(|] )(?:(?:Cllr|Mrs?|Ms|Miss|Dr)\.? )?[A-Z][a-z]+|^[A-Z][\w.'’-]+ [A-Z][a-z]+"),
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
            r"\bhow much(?! (?:time|notice|longer|land|space|room|work))\b|"
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
KIND_WORDS = {
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


def kind_asked(question: str) -> str | None:
    """The key of ANSWERS that a question asks for; None when anything may answer."""
    return next((kind for kind, pattern in _ASKS if pattern.search(question)), None)
