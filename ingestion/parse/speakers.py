"""Telling a speaker's label ("Cllr Bell", "CHAIR", "Speaker 2") from other words before a colon ("Note", "Item 3")."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_LABEL = 60  # characters
_LONGEST_HEAD = 200  # characters of a line that can hold its times and label; a whole document may be one line

_CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,3})?"
_TIMES = re.compile(r"(?:(?P<hours>\d+):)?(?P<minutes>\d{1,3}):(?P<seconds>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?")

CHAT = re.compile(
    rf"^(?:\d{{4}}-\d\d-\d\d\s+)?(?P<start>{_CLOCK})\s+From\s+(?P<label>[^:]+?)(?:\s+to\s+(?P<to>[^:]+?))?\s*:(?:\s+(?P<rest>.*))?$"
)
_STAMP = rf"[\[(<]?(?P<start>{_CLOCK})(?:\s*(?:-+>?|–|—|to)\s*(?P<end>{_CLOCK}))?[\])>]?"
_STAMP_LABEL = re.compile(rf"^{_STAMP}\s*[-–—|]?\s*(?P<label>[^:\[\]<>]+?)\s*:(?:\s+(?P<rest>.*))?$")
_LABEL_STAMP = re.compile(
    rf"^(?P<label>[^:\[\]<>]+?)\s*[,-]?\s*[\[(]?(?P<start>{_CLOCK})[\])]?\s*:(?:\s+(?P<rest>.*))?$"
)
_LABEL_ABOVE = re.compile(rf"^(?P<label>[^:\[\]<>]+?)[ \t]+[\[(]?(?P<start>{_CLOCK})[\])]?$")
_STAMP_ABOVE = re.compile(rf"^{_STAMP}\s+[-–—|]?\s*(?P<label>[^:\[\]<>]+)$")
STAMP_ONLY = re.compile(rf"^{_STAMP}(?:\s+(?P<rest>\S.*))?$")
COLON = re.compile(r"^(?:>>\s*)?(?P<label>[^:\[\]<>]+?)\s*:(?:\s+(?P<rest>.*))?$")
_BRACKETED = re.compile(r"^\((?P<label>[^():]+)\)$")
_NUMBERED = re.compile(
    r"^(?P<label>(?:unknown |unidentified )?(?:speaker|participant|voice)(?: ?(?:\d+|[A-Z]))?)$", re.IGNORECASE
)

_TITLES = frozenset(
    "cllr councillor cllrs cr mr mrs ms miss mx dr prof professor rev revd sir dame lord lady hon honourable".split()
)
_ROLES = frozenset(
    """chair chairman chairwoman chairperson vice-chair mayor leader deputy clerk officer solicitor secretary
    convenor speaker participant interviewer interviewee facilitator moderator host applicant agent objector
    supporter resident director manager planner lawyer auditor witness panel public member councillor guest
    unknown unidentified voice chief monitoring presenting democratic legal cadeirydd cynghorydd maer""".split()
)
_PARTICLES = frozenset(
    "of the and for to in at de da del der den di du la le van von ap ab ferch y yr bin ibn al el &".split()
)

# Words that stand before a colon in letters, reports, agendas, forms and minutes, but are nobody's name.
_NEVER_ALONE = frozenset(
    """note notes nb http https ftp mailto re ref reference date time venue place location present apologies
    attendance attendees absent subject to from cc bcc sent tel telephone phone mobile fax email e-mail web
    website address contact contacts enquiries name names title agenda item items action actions decision
    decisions resolved recommended recommendation recommendations reason reasons proposed proposer proposal
    seconded seconder vote votes motion amendment noted agreed carried lost report author authors ward wards
    purpose background summary introduction conclusion risk risks impact cost costs budget total example
    examples eg ie appendix annex table figure source sources step option options stage part section chapter
    paragraph policy objective objectives outcome outcomes status owner deadline priority site application
    conditions condition informative warning caution tip important remember key question questions answer
    answers q a p s ps pps monday tuesday wednesday thursday friday saturday sunday january february march
    april may june july august september october november december am pm yes no also however therefore finally
    first second third firstly secondly lastly so but and or if then now here there this that these those it
    is who what when where why how dear signed yours copy copies enclosed enc attachments attached page pages
    version draft published updated created applause laughter pause silence inaudible crosstalk break
    adjourned adjournment music beep bell-rings end start income expenditure balance debit credit amount
    quantity price dob nhs age gender male female ethnicity type category details detail description comments
    comment response responses feedback team department service directorate duration hours open opening closed
    closing free booking tickets fee fees bus parking monday-friday weekdays weekend bins recycling evidence
    finding findings strengths needs worries plan aim aims goal goals facts fact method methods results
    discussion keywords abstract contents glossary definition definitions""".split()
)
_DAYS_AND_MONTHS = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december""".split()
)
_NEVER_FIRST = frozenset(
    """note item agenda appendix annex table figure section part chapter paragraph page step option stage question
    answer action recommendation resolution motion amendment minute minutes report policy objective version
    date time ref reference application condition reason risk total proposed seconded our your my their the
    this that these those a an in on at for from to with by if when how what where why who which there it all
    any each some one two three four contact registered background key next previous opening closing meeting
    telephone email cost budget lot phase schedule clause article rule regulation goal priority theme
    priorities votes""".split()
)
_NEVER_LAST = frozenset(
    """name number date time address reference ref code id implications implication comments comment response
    responses question questions answer answers action actions recommendation recommendations reason reasons
    update updates position summary details detail background issues issue options proposals considerations
    consultation assessment plan plans policy report hours cost costs budget income expenditure total type
    status telephone email phone postcode website holder contact venue location affected papers by on of for
    and the to at in with from required points notes note decision decisions outcome outcomes requirements
    conditions area areas services""".split()
)


class Label(NamedTuple):
    """What stands at the head of a line of a transcript: who, when, and the words that follow on the same line."""

    speaker: str
    start: float | None
    end: float | None
    rest: str
    form: str  # "chat", "timed", "colon" or "own line"
    to: str | None = None  # whom a chat message went to


def seconds(stamp: str | None) -> float | None:
    """`h:mm:ss.fff`, `mm:ss` or the comma form as seconds; None for what is no time (also 61 seconds, 75 minutes)."""
    match = _TIMES.fullmatch(stamp.strip()) if stamp else None
    if match is None:
        return None
    hours, minutes, whole = int(match["hours"] or 0), int(match["minutes"]), int(match["seconds"])
    if whole > 59 or (match["hours"] is not None and minutes > 59):
        return None
    if match["hours"] is None and len(match["seconds"]) < 2:  # "00:0" is a time cut off
        return None
    fraction = int(match["fraction"]) / 10 ** len(match["fraction"]) if match["fraction"] else 0.0
    return round(hours * 3600 + minutes * 60 + whole + fraction, 3)


def label_of(line: str) -> Label | None:
    """The label that `line` may begin with, judged by this line alone; whether it is a speaker's needs the rest."""
    line = line.strip()
    line, tail = line[:_LONGEST_HEAD], line[_LONGEST_HEAD:]
    if ":" not in line and not line.startswith("(") and not _NUMBERED.match(line):
        return None
    for form, pattern in _FORMS:
        match = pattern.match(line)
        if match is None:
            continue
        found = match.groupdict()
        if tail and "rest" not in found:
            continue
        speaker = found["label"].strip().strip("*").strip()
        if not 0 < len(speaker) <= LONGEST_LABEL or not any(c.isalpha() for c in speaker):
            continue
        lettered = form == "timed" and re.fullmatch(r"[A-Z]", speaker)
        if form in ("timed", "own line") and not (lettered or is_name_shaped(speaker)):
            continue
        start, end = seconds(found.get("start")), seconds(found.get("end"))
        return Label(speaker, start, end, ((found.get("rest") or "") + tail).strip(), form, found.get("to"))
    return None


_FORMS = (
    ("chat", CHAT),
    ("timed", _STAMP_LABEL),
    ("timed", _LABEL_STAMP),
    ("timed", _LABEL_ABOVE),
    ("timed", _STAMP_ABOVE),
    ("own line", _BRACKETED),
    ("own line", _NUMBERED),
    ("colon", COLON),
)


def is_name_shaped(label: str) -> bool:
    """Whether `label` could be a person's name, role or number: capitals, few words, and no word of report headings."""
    words = _words(label)
    if not words or len(words) > 8 or len(label) > LONGEST_LABEL or re.search(r"[?!;\"“”]|\w{2,}\.$", label):
        return False
    keys = [word.lower().strip(".,'’") for word in words]
    if keys[0] in _TITLES and len(words) > 1:
        return all(_is_name_word(word) for word in words)
    if len(words) == 1 and keys[0] in _NEVER_ALONE:
        return False
    if len(words) > 1 and (keys[-1] in _NEVER_LAST or _is_heading_start(keys)):
        return False
    if words[0][0].isdigit() or (any(key.isdigit() for key in keys) and any(key in _DAYS_AND_MONTHS for key in keys)):
        return False
    return any(word[0].isupper() or word[0].isdigit() for word in words) and all(_is_name_word(word) for word in words)


def is_role_or_titled(label: str) -> bool:
    """Whether `label` names an office ("CHAIR", "Legal Officer", "Speaker 2") or starts with a title ("Cllr Bell")."""
    words = [word.lower().strip(".,'’") for word in _words(label)]
    return any(word in _ROLES for word in words) or (len(words) > 1 and words[0] in _TITLES)


def is_stopped(label: str) -> bool:
    """Whether `label` is what heads a line of a document or a letter ("Legal implications") and never a speaker."""
    words = [word.lower().strip(".,'’") for word in _words(label)]
    if len(words) > 1 and words[0] in _TITLES:
        return False
    return (
        not words
        or all(word in _NEVER_ALONE or word.isdigit() for word in words)
        or _is_heading_start(words)
        or (len(words) > 1 and words[-1] in _NEVER_LAST)
    )


def _is_heading_start(keys: list[str]) -> bool:
    return keys[0] in _NEVER_FIRST and not (
        keys[0] == "the" and any(key in _ROLES or key in _TITLES for key in keys[1:])
    )


def _words(label: str) -> list[str]:
    """The words of `label` without what stands in brackets after the name: "Bell, Ann (Legal)" is two words."""
    return [word for word in re.sub(r"\([^)]*\)|[|/,]", " ", label).split() if word.strip(".,-–'’")]


def _is_name_word(word: str) -> bool:
    bare = word.strip("'’\"“”.,")
    bare = re.sub(r"^[a-z]['’](?=[A-Z])", "", bare)  # d'Arcy
    return bool(bare) and (bare[0].isupper() or bare[0].isdigit() or word.lower() in _PARTICLES)
