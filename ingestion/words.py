"""Words as search sees them: where they begin and end, which carry no meaning of their own, and what they share.

One home for both sides of the search, so that the built-in vectors and the word index agree on what a word is.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

STOP_WORDS = frozenset(
    """
    a about above after again against all also although always am among an and another any anybody anyone anything are
    aren't around as at away back be became because become been before began behind being below between both but by came
    can can't cannot come comes could couldn't did didn't do does doesn't doing don't done down due during each either
    else enough etc even ever every everyone everything few first for from further gave get gets getting give given go
    goes going gone got had hadn't has hasn't have haven't having he he'd he'll he's her here here's hers herself him
    himself his how how's however i i'd i'll i'm i've if in instead into is isn't it it's its itself just keep kept know
    last let let's like likely made make makes making many may maybe me might mine more most much must my myself near
    need needs never next no nor not now of off often ok on once one only onto or other others otherwise ought our ours
    ourselves out over own perhaps please put quite rather really said same say says see seem seems seen shall she
    she'd she'll she's should shouldn't since so some somebody someone something soon still such take taken than that
    that's the their theirs them themselves then there there's therefore these they they'd they'll they're they've thing
    things think this those though through thus to together too took toward towards under until up upon us use used
    using usually very via want wanted wants was wasn't way we we'd we'll we're we've well went were weren't what what's
    when when's where where's whether which while who who's whom whose why will with within without won't would wouldn't
    yes yet you you'd you'll you're you've your yours yourself yourselves
    """.split()
)
"""English function words, and the commonest verbs that a question is phrased with rather than about."""

TITLES = frozenset("mr mrs ms miss mx dr prof rev sir dame lord lady cllr councillor alderman chair".split())
"""What people are called before their names; a name is found with and without."""

_VOWEL = re.compile(r"[aeiouy]")
_SUFFIXES = (
    ("ational", "ate"),
    ("ization", "ize"),
    ("isation", "ize"),
    ("fulness", "ful"),
    ("iveness", "ive"),
    ("ousness", "ous"),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ators", "ate"),
    ("ator", "ate"),
    ("ments", ""),
    ("ment", ""),
    ("ings", ""),
    ("ing", ""),
    ("ised", "ize"),
    ("ises", "ize"),
    ("ise", "ize"),
    ("ies", "y"),
    ("ied", "y"),
    ("sses", "ss"),
    ("edly", ""),
    ("ingly", ""),
    ("ness", ""),
    ("able", ""),
    ("ible", ""),
    ("ally", "al"),
    ("ers", ""),
    ("er", ""),
    ("or", ""),
    ("ity", ""),
    ("ed", ""),
    ("es", ""),
    ("ly", ""),
    ("al", ""),
    ("s", ""),
    ("e", ""),
)


def stem(word: str) -> str:
    """What a lower-case word shares with its inflections: `repairs`, `repaired` and `repairing` give `repair`.

    One suffix is taken off, and only where at least three letters with a vowel among them stay.
    """
    word = word.replace("’", "'").removesuffix("'s")
    if len(word) <= 3 or not word.isalpha():
        return word
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix):
            root = word.removesuffix(suffix)
            if len(root) >= 3 and _VOWEL.search(root) and not (suffix == "s" and root.endswith("s")):
                return _undoubled(root + instead).removesuffix("e")
    return word


def _undoubled(root: str) -> str:
    """`stopp` is `stop`; `call`, `miss` and `buzz` keep their doubles."""
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeiouylsz":
        return root[:-1]
    return root
