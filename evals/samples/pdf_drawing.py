"""Draw plain A4 pages and fillable fields with pypdf, in points from the top left corner."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

WIDTH, HEIGHT = 595, 842
LEADING = 1.25  # line height over type size
CHARACTER_WIDTH = 0.52  # of Helvetica, over type size: wide enough for mixed text
DIGEST = bytes(16)  # the file's id, fixed so that making it twice gives the same bytes
MULTILINE, COMBO = 1 << 12, 1 << 17


def wrap(words: str, width: float, size: float) -> list[str]:
    """`words` in lines that fit `width` points."""
    return textwrap.wrap(words, int(width / (size * CHARACTER_WIDTH))) or [""]


def show_text(x: float, y: float, words: str, size: float, font: str = "F1") -> bytes:
    """The operators that show one line of `words` with its base line at (x, y), measured from the bottom left."""
    escaped = words.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    return f"BT /{font} {size} Tf {x:.1f} {y:.1f} Td (".encode() + escaped + b") Tj ET\n"


class Sheet:
    """What is drawn on one page."""

    def __init__(self) -> None:
        self._operators: list[bytes] = []

    def text(self, x: float, y: float, words: str, size: float = 10, *, bold: bool = False) -> None:
        """One line of words, the top of its letters at `y`."""
        self._operators.append(show_text(x, HEIGHT - y - size, words, size, "F2" if bold else "F1"))

    def paragraph(self, x: float, y: float, words: str, width: float, size: float = 10) -> float:
        """Wrapped words; returns the y below them."""
        for line in wrap(words, width, size):
            self.text(x, y, line, size)
            y += size * LEADING
        return y

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """An outlined rectangle."""
        self._operators.append(f"0.6 w {x:.1f} {HEIGHT - y - height:.1f} {width:.1f} {height:.1f} re S\n".encode())

    def band(self, y: float, words: str) -> None:
        """A section heading: bold words on grey across the page."""
        self._operators.append(f"0.88 g 40 {HEIGHT - y - 18} {WIDTH - 80} 18 re f 0 g\n".encode())
        self.text(45, y + 4, words, 10.5, bold=True)

    def tick_box(self, x: float, y: float, *, ticked: bool, size: float = 10) -> None:
        """A square, with a cross drawn in it when ticked: lines, not a character."""
        self.box(x, y, size, size)
        if ticked:
            left, right, top, bottom = x + 2, x + size - 2, HEIGHT - y - 2, HEIGHT - y - size + 2
            lines = f"1.4 w {left} {top} m {right} {bottom} l S {left} {bottom} m {right} {top} l S\n"
            self._operators.append(lines.encode())

    def content(self) -> bytes:
        """The page's content stream."""
        return b"".join(self._operators)


class Form:
    """A PDF of drawn pages, with or without fillable fields."""

    def __init__(self, title: str) -> None:
        self.writer = PdfWriter()
        self.writer.metadata = {"/Title": title, "/Producer": "pypdf", "/CreationDate": "D:20260610090000Z"}
        self._fonts = DictionaryObject(
            {
                NameObject("/F1"): self._font("/Helvetica", "/WinAnsiEncoding"),
                NameObject("/F2"): self._font("/Helvetica-Bold", "/WinAnsiEncoding"),
                NameObject("/ZaDb"): self._font("/ZapfDingbats", None),
            }
        )
        self._fields = ArrayObject()

    def add_page(self, sheet: Sheet) -> Any:
        """A page that shows `sheet`; returns pypdf's page object, which the field methods take."""
        page = self.writer.add_blank_page(WIDTH, HEIGHT)
        stream = DecodedStreamObject()
        stream.set_data(sheet.content())
        page[NameObject("/Contents")] = self.writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): self._fonts})
        page[NameObject("/Annots")] = ArrayObject()
        return page

    def add_text(self, page: Any, name: str, label: str, area: tuple[float, float, float, float], value: str) -> None:
        """A text field over area (x, y, width, height); of several lines when it is tall."""
        field = self._widget(page, name, label, area, "/Tx")
        multiline = area[3] > 24
        if multiline:
            field[NameObject("/Ff")] = NumberObject(MULTILINE)
        lines = wrap(value, area[2] - 6, 9) if multiline else [value]
        self._set_value(field, area, value, lines)

    def add_choice(
        self, page: Any, name: str, label: str, area: tuple[float, float, float, float], value: str, options: list[str]
    ) -> None:
        """A drop-down list over area (x, y, width, height) with one option chosen."""
        field = self._widget(page, name, label, area, "/Ch")
        field[NameObject("/Ff")] = NumberObject(COMBO)
        field[NameObject("/Opt")] = ArrayObject(TextStringObject(option) for option in options)
        self._set_value(field, area, value, [value])

    def add_check(
        self, page: Any, name: str, label: str, x: float, y: float, *, ticked: bool, size: float = 11
    ) -> None:
        """A check box, whose states are Yes and Off."""
        field = self._widget(page, name, label, (x, y, size, size), "/Btn")
        outline = f"0.6 w 0.5 0.5 {size - 1} {size - 1} re S\n".encode()
        mark = f"BT /ZaDb {size - 2} Tf 1.8 2.2 Td (4) Tj ET\n".encode()
        states = DictionaryObject(
            {
                NameObject("/Yes"): self._appearance(size, size, outline + mark),
                NameObject("/Off"): self._appearance(size, size, outline),
            }
        )
        state = NameObject("/Yes" if ticked else "/Off")
        field[NameObject("/AP")] = DictionaryObject({NameObject("/N"): states})
        field[NameObject("/V")] = field[NameObject("/AS")] = state

    def write(self, path: Path) -> None:
        """Write the PDF; the same drawing gives the same bytes."""
        if self._fields:
            entries = {
                NameObject("/Fields"): self._fields,
                NameObject("/DR"): DictionaryObject({NameObject("/Font"): self._fonts}),
                NameObject("/DA"): TextStringObject("/F1 9 Tf 0 g"),
                NameObject("/NeedAppearances"): BooleanObject(False),
            }
            self.writer._root_object[NameObject("/AcroForm")] = self.writer._add_object(DictionaryObject(entries))
        self.writer._ID = ArrayObject([ByteStringObject(DIGEST), ByteStringObject(DIGEST)])
        self.writer.write(path)

    def _font(self, name: str, encoding: str | None) -> Any:
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject(name),
            }
        )
        if encoding is not None:
            font[NameObject("/Encoding")] = NameObject(encoding)
        return self.writer._add_object(font)

    def _widget(
        self, page: Any, name: str, label: str, area: tuple[float, float, float, float], kind: str
    ) -> DictionaryObject:
        x, y, width, height = area
        corners = (x, HEIGHT - y - height, x + width, HEIGHT - y)
        field = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/FT"): NameObject(kind),
                NameObject("/T"): TextStringObject(name),
                NameObject("/TU"): TextStringObject(label),
                NameObject("/Rect"): ArrayObject(FloatObject(corner) for corner in corners),
                NameObject("/F"): NumberObject(4),
                NameObject("/P"): page.indirect_reference,
            }
        )
        reference = self.writer._add_object(field)
        page["/Annots"].append(reference)
        self._fields.append(reference)
        return field

    def _set_value(
        self, field: DictionaryObject, area: tuple[float, float, float, float], value: str, lines: list[str]
    ) -> None:
        width, height = area[2], area[3]
        shown = b"".join(show_text(3, height - 12 - 11 * number, line, 9) for number, line in enumerate(lines))
        drawing = b"/Tx BMC\nq\n" + shown + b"Q\nEMC\n"
        field[NameObject("/V")] = TextStringObject(value)
        field[NameObject("/DA")] = TextStringObject("/F1 9 Tf 0 g")
        field[NameObject("/AP")] = DictionaryObject({NameObject("/N"): self._appearance(width, height, drawing)})

    def _appearance(self, width: float, height: float, drawing: bytes) -> Any:
        stream = DecodedStreamObject()
        stream.set_data(drawing)
        stream[NameObject("/Type")] = NameObject("/XObject")
        stream[NameObject("/Subtype")] = NameObject("/Form")
        stream[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in (0, 0, width, height))
        stream[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): self._fonts})
        return self.writer._add_object(stream)
