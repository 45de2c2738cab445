"""What a form's field is called: its name as words, or the words printed beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingestion.types import Box, Element

_OPAQUE = re.compile(
    r"^(?:text|txt|field|form|fill|undefined|untitled|check ?box|cb|chk|group|radio|button|drop ?down|combo|list|date"
    r"|signature|toggle|f|c|t|topmost subform|page)?(?: ?(?:box|field|button|group|af|text))? ?[\d .]*$",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def readable_name(name: str) -> str | None:
    """A field's name as words, "tenancy.dateOfBirth" as "Date of birth"; None when it says nothing, as "Text12"."""
    for part in reversed(name.split(".")):
        text = as_words(re.sub(r"\[\d+\]|#subform", "", part))
        if not _OPAQUE.match(text) and re.search(r"[aeiouwy]", text, re.I) and len(text) > 2:
            return text
    return None


def as_words(name: str) -> str:
    """An identifier as words: "dateOfBirth" as "Date of birth"."""
    text = re.sub(r"#([0-9A-Fa-f]{2})", lambda m: chr(int(m.group(1), 16)), name)
    text = " ".join(_CAMEL.sub(" ", text.replace("_", " ").replace("-", " ")).split())
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in text.split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


class PrintedWords:
    """The printed words of each page, to find the label beside a field."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self.words: dict[int, list[tuple[str, Box]]] = {}
        for element in elements:
            for word in element.words:
                self.words.setdefault(element.page or 0, []).append((word.span.cut(element.text), word.box))

    def label(self, page: int, box: Box, *, button: bool) -> str | None:
        """The words beside a field: to the right of a button, else on its line to the left, else on the line above."""
        sides = (self._right, self._left, self._above) if button else (self._left, self._above)
        for side in sides:
            text = " ".join(side(page, box)).strip(" :*_.☐")
            if any(c.isalpha() for c in text):
                return text
        return None

    def before(self, field: Element) -> str | None:
        """The words on a field's line to its left."""
        if field.box is None:
            return None
        text = " ".join(self._left(field.page or 0, field.box)).strip(" :*_.☐")
        return text if any(c.isalpha() for c in text) else None

    def _level(self, page: int, box: Box) -> list[tuple[str, Box]]:
        """The words on the field's line; of a tall field, its first line."""
        middle = min((box.top + box.bottom) / 2, box.top + 0.012)
        return [
            (text, at)
            for text, at in self.words.get(page, [])
            if at.top - 0.004 <= middle <= at.bottom + 0.004 and (at.top + at.bottom) / 2 < box.bottom + 0.008
        ]

    def _left(self, page: int, box: Box) -> list[str]:
        before = sorted((w for w in self._level(page, box) if w[1].right <= box.left + 0.01), key=lambda w: -w[1].left)
        taken: list[str] = []
        edge = box.left
        for text, at in before:
            if edge - at.right > (0.6 if not taken else 0.02):
                break
            taken.append(text)
            edge = at.left
        return taken[::-1]

    def _right(self, page: int, box: Box) -> list[str]:
        after = sorted((w for w in self._level(page, box) if w[1].left >= box.right - 0.01), key=lambda w: w[1].left)
        taken: list[str] = []
        edge = box.right
        for text, at in after:
            if at.left - edge > (0.04 if not taken else 0.02):
                break
            taken.append(text)
            edge = at.right
        return taken

    def _above(self, page: int, box: Box) -> list[str]:
        over = [
            (text, at)
            for text, at in self.words.get(page, [])
            if -0.004 <= box.top - at.bottom <= 0.03 and at.left < box.right and at.right > box.left - 0.005
        ]
        if not over:
            return []
        line = max(at.bottom for _, at in over)
        return [text for text, at in sorted(over, key=lambda w: w[1].left) if line - at.bottom < 0.006]
