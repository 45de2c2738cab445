"""The cells of a case-note export: dates as people and programs write them, flags, and words out of HTML."""

from __future__ import annotations

import html
import math
import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan ionawr ion",
            "february feb chwefror chwe chw",
            "march mar mawrth maw",
            "april apr ebrill ebr",
            "may mai",
            "june jun mehefin meh",
            "july jul gorffennaf gorff gor",
            "august aug awst aws",
            "september sep sept medi med",
            "october oct hydref hyd",
            "november nov tachwedd tach",
            "december dec rhagfyr rhag",
        ),
        start=1,
    )
    for name in names.split()
}
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?(?:m\.?)?(?:\s*(?:hrs|hours))?", re.IGNORECASE
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|af|ail|ydd|fed|eg)?(?:\s+of?)?[\s-]+([^\W\d_]+)\.?,?[\s-]+(\d{4}|\d{2})(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_WEEKDAY = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|dydd\s+\w+)\.?,?\s+", re.IGNORECASE
)
_ZONE = re.compile(r"\s*(?:Z|UTC|GMT|BST|(?<=:\d\d:\d\d)[+-]\d\d:?\d\d|(?<=\.\d\d\d)[+-]\d\d:?\d\d)$")
_DOUBT = re.compile(r"\?|\bor\b|\bneu\b", re.IGNORECASE)
_SERIALS = range(20_000, 80_000)  # Excel's days 1954 to 2119: a bare number outside is not a day

_TAG_NAMES = (
    "a|abbr|article|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|font|footer|h[1-6]|head|header|hr|html|i|img"
    "|ins|li|link|mark|meta|o:p|ol|p|pre|s|section|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead"
    "|title|tr|tt|u|ul"
)
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b[^>]*>.*?</\1\s*>|<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(
    r"<(?:br|hr)\b[^<>]*>|</?(?:p|div|li|tr|h[1-6]|ul|ol|table|blockquote|dd|dt|pre|section)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_LINE_BREAKS = re.compile(r"[\r\n\x0b\x0c\x85\u2028\u2029]+")
_NEEDS_CARE = re.compile(r"[<&\r\n\x0b\x0c\x85\u2028\u2029]|_x000D_")
_CELL_END = re.compile(r"</t[dh]\s*>", re.IGNORECASE)


def plain_text(cell: object) -> str:
    """The words of a cell: HTML gone, entities decoded, paragraphs as lines, other white space as single spaces.

    Only tags that HTML knows are taken out: "<38.5" and "<name withheld>" are somebody's words. Numbers that Excel
    made of whole numbers lose their ".0"; dates are written day first.
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M" if cell.time() != time() else "%d/%m/%Y")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    text = str(cell)
    if not _NEEDS_CARE.search(text):
        return " ".join(text.split())
    text = text.replace("_x000D_", "\n")
    if "<" in text or "&" in text:
        escaped = not _TAG.search(text)
        text = _without_tags(text)
        if escaped and _TAG.search(text):  # "&lt;p&gt;Seen at home&lt;/p&gt;": escaped once more on the way out
            text = _without_tags(text)
    lines = (" ".join(line.split()) for line in _LINE_BREAKS.split(text))
    return "\n".join(line for line in lines if line)


def _without_tags(text: str) -> str:
    text = _UNSEEN.sub(" ", text)
    if _BREAK.search(text):
        text = re.sub(r"[\r\n]+", " ", text) if re.search(r"<(?:p|div|br)\b", text, re.IGNORECASE) else text
        text = _BREAK.sub("\n", text)
    return html.unescape(_TAG.sub("", _CELL_END.sub(" ", text)))


def read_flag(cell: object) -> bool | None:
    """A flag: True for yes, 1 or a tick, False for no or an empty cell, None when it says something else."""
    word = plain_text(cell).lower().rstrip(".").replace("/", "")
    return True if word in _YES else False if word in _NO else None


_YES = frozenset(
    ["y", "yes", "t", "true", "1", "x", "✓", "✔", "☑", "ie", "oes", "significant", "significant event", "key event"]
)
_NO = frozenset(["", "n", "no", "f", "false", "0", "-", "☐", "na", "none", "nac oes"])


class When(NamedTuple):
    """A day, and time if given, as read from a cell; `whole` is False when the cell says more than was read."""

    moment: datetime | None
    whole: bool = True


def read_date(cell: object) -> When:
    """The day, and time if given, of a cell; no moment when the day cannot be read with certainty.

    Numbers are read day, month, year as in the United Kingdom and never month first: 04/13/2025 is not read. A year
    of two digits from 69 is of the last century. Excel's serial numbers count days from 30 December 1899. Time zones
    are dropped: a case note holds the local time somebody wrote down. A partial date ("April 2025") is not read.
    """
    if isinstance(cell, datetime):
        return When(cell.replace(tzinfo=None))
    if isinstance(cell, date):
        return When(datetime(cell.year, cell.month, cell.day))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        moment = _from_serial(float(cell))
        return When(moment, moment is not None or math.isnan(cell))
    text = plain_text(cell)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        moment = _from_serial(float(text))
        return When(moment, moment is not None)
    found = None if _DOUBT.search(text) else _read_day(_WEEKDAY.sub("", text, count=1).strip())
    if found is None:
        return When(None, whole=not text)
    day, rest = found
    rest = _ZONE.sub("", rest).lstrip(" ,T-").removeprefix("at ").strip(" ()")
    clock = read_time(rest) if rest else time()
    return When(datetime.combine(day, clock)) if clock is not None else When(day, whole=False)


def _read_day(text: str) -> tuple[datetime, str] | None:
    """The day at the start of `text` and what follows it."""
    for pattern, order in (
        (_ISO, "ymd"),
        (_DAY_FIRST, "dmy"),
        (_DAY_MONTH, "dmy"),
        (_MONTH_DAY, "mdy"),
        (_COMPACT, "ymd"),
    ):
        match = pattern.match(text)
        if match is None:
            continue
        parts = dict(zip(order, match.groups(), strict=True))
        month = int(parts["m"]) if parts["m"].isdecimal() else _MONTHS.get(parts["m"].lower())
        year = int(parts["y"])
        if len(parts["y"]) == 2:
            year += 1900 if year > 68 else 2000
        try:
            return datetime(year, month or 0, int(parts["d"])), text[match.end() :]
        except ValueError:  # 31/02, 04/13, or a word that is no month
            continue
    return None


def _from_serial(days: float) -> datetime | None:
    if not math.isfinite(days) or int(days) not in _SERIALS:
        return None
    return datetime(1899, 12, 30) + timedelta(seconds=round(days * 86_400))


def read_time(cell: object) -> time | None:
    """The time of day of a cell ("10:30", "2.15pm", Excel's 0.4375); None when it cannot be read."""
    if isinstance(cell, datetime):
        return cell.time()
    if isinstance(cell, time):
        return cell.replace(tzinfo=None)
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return (datetime(1900, 1, 1) + timedelta(seconds=round(cell * 86_400))).time() if 0 <= cell < 1 else None
    text = plain_text(cell).strip()
    if text.lower() in ("noon", "midday"):
        return time(12)
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    half = (match[4] or "").lower()
    if not half and match[2] is None:  # a bare "10" may be anything
        return None
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return time(hour, minute, second)
