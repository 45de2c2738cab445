"""The words of a PDF page with their places, sizes and weights, from pdfium's character tables.

Two frames of reference are used:

- the **shown** page, as a reader sees it after /Rotate and /CropBox: fractions, for `Box`;
- the **upright** frame of a word, turned so that its line runs left to right: points, origin top left, for layout.

They differ only for sideways text. Only the first and last character of a word are measured, since the calls through
ctypes are what reading a page costs.
"""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ingestion.parse.page_frame import Frame, Rectangle, shown_frame

SOFT_HYPHEN = "\u00ad"
_WORD = re.compile(r"[^\s\x00-\x1f\x7f\ufffe\ufeff\u200b]+[\x02\ufffe]?")
_BOLD_NAME = re.compile(r"bold|black|heavy|semi-?b|demi(?!-?ital)|\bbd\b", re.I)
_FORCE_BOLD = 1 << 18
_CLEAN = str.maketrans(
    {
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
        "\x02": SOFT_HYPHEN,  # pdfium's own marks for a hyphen at the end of a line
        "\ufffe": SOFT_HYPHEN,
        "\uf0b7": "•",  # bullets of Symbol and Wingdings, which have no Unicode of their own
        "\uf0a7": "▪",
        "\uf0d8": "•",
        "\uf0fc": "✓",
        "\uf06c": "•",
        "\uf06e": "▪",
        "\uf02d": "–",
        "\uf0a8": "☐",
        "\uf06f": "☐",
        "\uf0fe": "☑",
    }
)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_TRAILING_DIGITS = re.compile(r"(?<=.)\d{1,3}$")
_SAMPLE = 200  # words of a page by which its letters are judged
_MAX_ADVANCE = 1.15  # of the size: a word wider than this a character has lost its spaces


@dataclass(slots=True)
class Word:
    """One word. `left` to `bottom`, `baseline` and `size` are points in its upright frame; `box` is on the shown page.

    `order` is its place in the stream of the page. `glued` words follow the one before them without a space.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    size: float
    bold: bool
    order: int
    box: tuple[float, float, float, float]
    glued: bool = False


class PageWords(NamedTuple):
    """The words of a page by the angle of their lines, how many there are, and the share without readable letters."""

    by_angle: dict[int, list[Word]]
    askew: list[Word]  # neither level nor upright: stamps and watermarks
    total: int
    unreadable: float


def page_words(page: Any) -> PageWords:
    """Every word of a loaded pdfium page, invisible text included, in the order of the page's stream.

    `page` is the raw FPDF_PAGE handle.
    """
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return PageWords({}, [], 0, 0.0)
    try:
        return _Reader(page, text_page).read()
    finally:
        pdfium.FPDFText_ClosePage(text_page)


class _Ends(NamedTuple):
    """Where a word's first and last character stand, and the index of the last."""

    first: Rectangle
    last: Rectangle
    at: int


class _Typeface(NamedTuple):
    """Size in points, the angle of the line (None when askew), and whether bold."""

    size: float
    angle: int | None
    bold: bool


class _Reader:
    """Reads one text page. Holds the buffers that the pdfium calls fill."""

    def __init__(self, page: Any, text_page: Any) -> None:
        self.text_page = text_page
        self.shown = shown_frame(page)
        self.frames = {angle: self.shown._replace(angle=angle) for angle in (0, 90, 180, 270)}
        self.fonts: dict[int, bool] = {}
        self.drawn_at: int | None = None  # the text object the last word belonged to
        self.typeface = _Typeface(0.0, 0, False)
        self.rect = pdfium.FS_RECTF()
        self.matrix = pdfium.FS_MATRIX()
        self.x = ctypes.c_double()
        self.y = ctypes.c_double()

    def read(self) -> PageWords:
        by_angle: dict[int, list[Word]] = {}
        askew: list[Word] = []
        total = unreadable = 0
        if self.shown.width <= 0 or self.shown.height <= 0:
            return PageWords(by_angle, askew, 0, 0.0)
        text = self._characters()
        for match in _WORD.finditer(text):
            for start, stop, ends in self._pieces(text, *match.span()):
                raw = text[start:stop]
                total += 1
                if total <= _SAMPLE and self._is_unreadable(raw, start):
                    unreadable += 1
                angle, words = self._measure(raw, start, ends, total)
                if angle is None:
                    askew.extend(words)
                elif words:
                    by_angle.setdefault(angle, []).extend(words)
        return PageWords(by_angle, askew, total, unreadable / min(total, _SAMPLE) if total else 0.0)

    def _is_unreadable(self, raw: str, start: int) -> bool:
        """Whether a word's letters have no meaning: not mapped to Unicode, or mostly to private-use characters."""
        if pdfium.FPDFText_HasUnicodeMapError(self.text_page, start) == 1:
            return True
        if raw.isascii():
            return False
        odd = sum("\ue000" <= c <= "\uf8ff" or c == "\ufffd" for c in raw.translate(_CLEAN))
        return 2 * odd > len(raw)

    def _characters(self) -> str:
        """The page's text, one Python character for each of pdfium's, so that indexes agree."""
        count = pdfium.FPDFText_CountChars(self.text_page)
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (count + 1))()
        got = pdfium.FPDFText_GetText(self.text_page, 0, count, buffer)
        if got == count + 1:
            text = bytes(buffer)[: 2 * count].decode("utf-16-le", "surrogatepass")
            if len(text) == count:
                return text
        codes = (pdfium.FPDFText_GetUnicode(self.text_page, index) for index in range(count))
        return "".join("\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code) for code in codes)

    def _rectangle(self, index: int) -> Rectangle:
        """Left, bottom, right, top of a character in PDF space, as high as its font."""
        rect = self.rect
        pdfium.FPDFText_GetLooseCharBox(self.text_page, index, rect)
        return rect.left, rect.bottom, rect.right, rect.top

    def _pieces(self, text: str, start: int, end: int) -> list[tuple[int, int, _Ends]]:
        """A run of characters as [start, end) with its first and last; cut where it is wider than letters can be."""
        last = _last_letter(text, start, end)
        first_at = self._rectangle(start)
        last_at = self._rectangle(last) if last > start else first_at
        if last - start >= 2 and _length(first_at, last_at) > _MAX_ADVANCE * _size_of(first_at) * (last + 1 - start):
            return self._cut(text, start, end)
        if last > start and last_at[2] <= first_at[2] and self._is_level(start):
            return self._cut(text, start, end)  # letters below each other, each a line of its own
        return [(start, end, _Ends(first_at, last_at, last))]

    def _cut(self, text: str, start: int, end: int) -> list[tuple[int, int, _Ends]]:
        """Cut a run where two of its characters stand more than half their size apart."""
        pieces: list[tuple[int, int, _Ends]] = []
        piece, piece_at = start, self._rectangle(start)
        before = piece_at
        level = self._is_level(start)
        for index in range(start + 1, _last_letter(text, start, end) + 1):
            here = self._rectangle(index)
            below = level and here[2] <= before[2] and abs(here[1] - before[1]) > _size_of(before) / 2
            if below or _gap(before, here) > _size_of(before) / 2:
                pieces.append((piece, index, _Ends(piece_at, before, index - 1)))
                piece, piece_at = index, here
            before = here
        pieces.append((piece, end, _Ends(piece_at, before, _last_letter(text, start, end))))
        return pieces

    def _is_level(self, index: int) -> bool:
        """Whether a character's line runs to the right in PDF space."""
        pdfium.FPDFText_GetMatrix(self.text_page, index, self.matrix)
        return _right_angle(self.matrix.a, self.matrix.b) == 0

    def _measure(self, raw: str, start: int, ends: _Ends, order: int) -> tuple[int | None, list[Word]]:
        """The word that begins at `start` of the text page and the angle of its line; None when it is askew."""
        last = ends.at
        l0, b0, r0, t0 = ends.first
        if last > start:
            l1, b1, r1, t1 = ends.last
            l0, b0, r0, t0 = min(l0, l1), min(b0, b1), max(r0, r1), max(t0, t1)
        size, angle, bold = self._typeface(start)
        frame = self.frames[self.shown.angle if angle is None else angle]
        pdfium.FPDFText_GetCharOrigin(self.text_page, start, self.x, self.y)
        baseline = frame.point(self.x.value, self.y.value)[1]
        left, top, right, bottom = frame.rectangle(l0, b0, r0, t0)
        if right < 0 or bottom < 0 or left > frame.width or top > frame.height:
            return angle, []  # outside the page: printers' marks, or hidden on purpose
        text = _clean(raw)
        if not text:
            return angle, []
        level = frame.angle == self.shown.angle
        box = frame.share(left, top, right, bottom) if level else self.shown.fractions(l0, b0, r0, t0)
        word = Word(text, left, top, right, bottom, baseline, size or bottom - top, bold, order, box)
        digits = _TRAILING_DIGITS.search(text) if len(text) == last - start + 1 else None
        if digits and angle is not None:
            return angle, self._lift_superscript(word, start + digits.start(), last, frame)
        return angle, [word]

    def _lift_superscript(self, word: Word, start: int, last: int, frame: Frame) -> list[Word]:
        """Part a raised note number from the word it is set against, so that "2024" and note 3 do not make 20243."""
        cut = last
        while cut >= start and self._is_raised(cut, word, frame):
            cut -= 1
        if cut == last:
            return [word]
        length = last - cut
        l0, b0, r0, t0 = self._rectangle(cut + 1)
        l1, b1, r1, t1 = self._rectangle(last)
        rect = (min(l0, l1), min(b0, b1), max(r0, r1), max(t0, t1))
        left, top, right, bottom = frame.rectangle(*rect)
        base = word.text[:-length]
        mark = Word(
            word.text[-length:].translate(_SUPERSCRIPTS),
            left,
            top,
            right,
            bottom,
            word.baseline,
            word.size,
            word.bold,
            word.order,
            self.shown.fractions(*rect),
            glued=not base[-1].isdigit(),
        )
        shown_width = word.box[2] - word.box[0]
        share = (left - word.left) / (word.right - word.left) if word.right > word.left else 1.0
        word.text = base
        word.right = max(word.left, left)
        if frame.angle == self.shown.angle:
            word.box = (word.box[0], word.box[1], word.box[0] + shown_width * share, word.box[3])
        return [word, mark]

    def _is_raised(self, index: int, word: Word, frame: Frame) -> bool:
        pdfium.FPDFText_GetMatrix(self.text_page, index, self.matrix)
        size = pdfium.FPDFText_GetFontSize(self.text_page, index) * math.hypot(self.matrix.c, self.matrix.d)
        if size > 0.8 * word.size:
            return False
        pdfium.FPDFText_GetCharOrigin(self.text_page, index, self.x, self.y)
        return frame.point(self.x.value, self.y.value)[1] < word.baseline - 0.1 * word.size

    def _typeface(self, index: int) -> _Typeface:
        """How a character is set; asked once for the words drawn together."""
        text_object = pdfium.FPDFText_GetTextObject(self.text_page, index)
        address = ctypes.addressof(text_object.contents) if text_object else None
        if address is None or address != self.drawn_at:
            matrix = self.matrix
            pdfium.FPDFText_GetMatrix(self.text_page, index, matrix)
            size = pdfium.FPDFText_GetFontSize(self.text_page, index) * math.hypot(matrix.c, matrix.d)
            bold = bool(text_object) and self._is_bold(text_object)
            self.typeface = _Typeface(size, _right_angle(matrix.a, matrix.b), bold)
            self.drawn_at = address
        return self.typeface

    def _is_bold(self, text_object: Any) -> bool:
        font = pdfium.FPDFTextObj_GetFont(text_object)
        if not font:
            return False
        address = ctypes.addressof(font.contents)
        known = self.fonts.get(address)
        if known is None:
            known = self.fonts[address] = _font_is_bold(font)
        return known


def _last_letter(text: str, start: int, end: int) -> int:
    """The index of a run's last character, not counting pdfium's mark of a hyphen."""
    return end - 2 if text[end - 1] in "\x02\ufffe" and end - start > 1 else end - 1


def _size_of(at: Rectangle) -> float:
    return max(at[2] - at[0], at[3] - at[1], 1.0)


def _length(first: Rectangle, last: Rectangle) -> float:
    """How long a word is along its line, whichever way it runs; too long rather than too short when it slants."""
    across = max(first[2], last[2]) - min(first[0], last[0])
    up = max(first[3], last[3]) - min(first[1], last[1])
    return max(across, up)


def _gap(a: Rectangle, b: Rectangle) -> float:
    """The distance between two characters' boxes."""
    return math.hypot(max(b[0] - a[2], a[0] - b[2], 0.0), max(b[1] - a[3], a[1] - b[3], 0.0))


def _font_is_bold(font: Any) -> bool:
    if pdfium.FPDFFont_GetWeight(font) >= 600 or pdfium.FPDFFont_GetFlags(font) & _FORCE_BOLD:
        return True
    length = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = ctypes.create_string_buffer(length or 1)
    pdfium.FPDFFont_GetBaseFontName(font, buffer, length)
    return bool(_BOLD_NAME.search(buffer.value.decode("utf-8", "replace")))


def _right_angle(a: float, b: float) -> int | None:
    """The direction of a line as 0, 90, 180 or 270 degrees; None when it is more than 8 degrees off all of them."""
    if abs(b) <= 0.14 * abs(a):
        return 0 if a >= 0 else 180
    if abs(a) <= 0.14 * abs(b):
        return 90 if b > 0 else 270
    return None


def _clean(raw: str) -> str:
    """Ligatures undone; soft hyphens gone except one at the end, which marks a word broken at the end of its line."""
    if raw.isascii() and raw[-1] != "\x02":
        return raw
    text = raw.translate(_CLEAN)
    if SOFT_HYPHEN in text:
        text = text[:-1].replace(SOFT_HYPHEN, "") + text[-1]
    return "" if text == SOFT_HYPHEN else text
