"""Where sentences end in council English: minutes, case notes, letters, reports and transcripts."""

from __future__ import annotations

import re

from ingestion.types import Span

# Never the end of a sentence: a name or a number follows.
_TITLES = frozenset(
    (
        "mr mrs ms mx miss dr prof rev revd fr sr cllr cllrs hon rt lt sgt capt col gen insp supt ch sir dame "
        "mt st ste messrs"
    ).split()
)
# Not the end before a digit ("No. 12", "para. 3", "s. 47", "ext. 4417").
_BEFORE_NUMBER = frozenset(
    (
        "no nos para paras s ss sec sect p pp pg fig figs art arts reg regs sch vol vols ref refs ext tel "
        "approx c ca circa cl min max app appx ann annex rec ed eds box item"
    ).split()
)
# Not the end unless a capital follows ("etc. The committee ...", "Hollin & Sons Ltd. They ...").
_MAY_END = frozenset(
    (
        "etc ltd inc co plc llp bros dept dist est approx vs v cf al jan feb mar apr jun jul aug sept sep oct "
        "nov dec mon tue tues wed thu thur thurs fri sat sun incl excl esp max min hrs mins yrs wks mth mths "
        "tbc rd ave ln"
    ).split()
)
# After these words a single capital is a label, and may end a sentence: "Members chose Option B. The chair ...".
_LABELS = frozenset(
    (
        "option plan category class part appendix schedule section zone group block grade level type table "
        "figure flat unit area team ward site route phase stage certificate band lot annex vitamin hepatitis"
    ).split()
)

_STOP = re.compile(r"[.!?…]+[)\]\"'”’»⁰¹²³⁴-⁹]*(?=\s)|\n+")  # a note's mark stays with its sentence
_LAST_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*\Z")
_ENUMERATOR = re.compile(r"\W*(?:\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivx]{1,5})\Z", re.IGNORECASE)
_NEXT_CHARACTER = re.compile(r"[\s(\[\"'“‘«•·*–—-]*(\S)")


def split_sentences(text: str) -> list[Span]:
    """The sentences of `text` in order, as spans without the white space around them.

    A line break ends a sentence: readers join wrapped lines, so that a break which is left is a list's, a table's or
    a note's. Every character that is not white space is in exactly one span.
    """
    spans: list[Span] = []
    start = 0
    for stop in _STOP.finditer(text):
        if text[stop.start()] != "\n" and not _ends(text, start, stop):
            continue
        _keep(spans, text, start, stop.end())
        start = stop.end()
    _keep(spans, text, start, len(text))
    return spans


def _keep(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    trimmed = piece.strip()
    if trimmed:
        lead = len(piece) - len(piece.lstrip())
        spans.append(Span(start=start + lead, end=start + lead + len(trimmed)))


def _ends(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the punctuation `stop` ends the sentence that began at `start`."""
    following = _NEXT_CHARACTER.match(text, stop.end())
    if following is None:
        return True
    next_character = following.group(1)
    if stop.group()[0] != "." or stop.group().startswith(".."):
        # "Really?" she asked. — goes on in lower case
        return not next_character.islower()
    before = text[start : stop.start()]
    if _ENUMERATOR.fullmatch(before):  # "3.2.1. Approve", "a. Approve": the number of what follows
        return False
    found = _LAST_WORD.search(before[-40:])
    word = found.group() if found else ""
    folded = word.lower()
    if folded in _TITLES:
        return False
    if folded in _BEFORE_NUMBER and (next_character.isdigit() or next_character in "£#"):
        return False
    if len(word) == 1 and word.isupper() and not next_character.isdigit():  # an initial: "Cllr J. Smith"
        earlier = before.rstrip()[:-1].rstrip(" .").rsplit(None, 1)
        return bool(earlier) and earlier[-1].lower().strip("(\"'“‘") in _LABELS
    if next_character.islower():
        # Sloppy notes go on without capitals; an abbreviation ("e.g.", "approx.") also does.
        return len(word) > 1 and "." not in word and folded not in _MAY_END | _BEFORE_NUMBER
    if folded in _MAY_END or "." in word:  # "p.m.", "e.g.", "Ltd"
        return next_character.isupper() and folded not in {"e.g", "i.e", "vs", "v", "cf", "approx"}
    return True
