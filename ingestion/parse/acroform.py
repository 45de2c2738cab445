"""The fields of a fillable PDF (AcroForm) as elements: what each is called and what was entered, by pypdf."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.errors import DamagedFile
from ingestion.parse.form_labels import PrintedWords, as_words, readable_name
from ingestion.parse.page_frame import Frame, as_box
from ingestion.types import Box, Element, FormField, Span, WordBox

if TYPE_CHECKING:
    from pypdf import PageObject

_HIDDEN = 1 << 1  # of a widget's /F
_PUSH_BUTTON = 1 << 16  # of a field's /Ff
_RADIO = 1 << 15
_PASSWORD = 1 << 13
_DEEPEST = 20  # parents of a field; a damaged file may loop

_YES = re.compile(r"^(?:yes|on|true|checked|selected|x|\d+|choice ?\d*|ie?)$", re.I)


@dataclass(slots=True)
class _Field:
    """One field and its widgets: their boxes, and the state each stands for when it is a button."""

    page: int
    name: str
    tooltip: str | None
    kind: str
    flags: int
    value: Any
    options: list[Any]
    boxes: list[Box]
    states: list[str | None]
    places: list[int]


def with_fields(path: Path, printed: Sequence[Element]) -> list[Element]:
    """`printed`, with an element of kind "field" for each field of the form, after what is printed above it.

    A field's label is its tooltip, else its name when that can be read, else the words printed beside it.
    Raises DamagedFile when the form cannot be read.
    """
    fields = _read_fields(path)
    elements = list(printed)
    words = PrintedWords(printed)
    made = _joined_answers([_element(field, words) for field in fields], words)
    for element in sorted(made, key=lambda e: (e.page or 0, round((e.box.top if e.box else 0) * 100))):
        elements.insert(_place(elements, element), element)
    return elements


def _read_fields(path: Path) -> list[_Field]:
    from pypdf import PdfReader

    try:
        with _complaints() as complaints, path.open("rb") as stream:
            fields = list(_fields(PdfReader(stream)))
        if complaints.unreadable:
            raise ValueError("objects of the file cannot be parsed")
    except Exception as err:  # pypdf raises whatever a malformed object leads it to
        raise DamagedFile(f"The form in {path.name} is damaged; open it, print it to a new PDF and add that.") from err
    return fields


class _Complaints(logging.Handler):
    """Notes whether pypdf gave up on an object, for which it then silently reads nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.unreadable = False

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(("PdfReadError", "PdfStreamError")):
            self.unreadable = True


@contextmanager
def _complaints() -> Iterator[_Complaints]:
    """Keep pypdf's messages, which quote the bytes of the document, out of every log, and listen to them instead."""
    logger = logging.getLogger("pypdf")
    handler, propagate = _Complaints(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


def _fields(reader: Any) -> Iterator[_Field]:
    """Every visible field that holds a value, in the order of the pages; widgets of one field together."""
    known: dict[tuple[str, int], _Field] = {}
    for number, page in enumerate(reader.pages, start=1):
        for annotation in _resolved(page.get("/Annots")) or ():
            widget = _resolved(annotation)
            if not _is_shown_widget(widget):
                continue
            kind = str(_inherited(widget, "/FT") or "")
            flags = int(_inherited(widget, "/Ff") or 0)
            if kind not in ("/Tx", "/Btn", "/Ch", "/Sig") or (kind == "/Btn" and flags & _PUSH_BUTTON):
                continue
            name = _full_name(widget)
            field = known.get((name, number if kind != "/Btn" else 0))
            if field is None:
                field = _Field(
                    number,
                    name,
                    _text_or_none(_inherited(widget, "/TU")),
                    kind,
                    flags,
                    _resolved(_inherited(widget, "/V")),
                    list(_resolved(_inherited(widget, "/Opt")) or ()),
                    [],
                    [],
                    [],
                )
                known[name, number if kind != "/Btn" else 0] = field
            field.boxes.append(_box(widget, page))
            field.states.append(_on_state(widget) if kind == "/Btn" else None)
            field.places.append(number)
    yield from known.values()


def _is_shown_widget(widget: Any) -> bool:
    if not hasattr(widget, "get") or widget.get("/Subtype") != "/Widget" or "/Rect" not in widget:
        return False
    return not int(widget.get("/F") or 0) & _HIDDEN


def _resolved(item: Any) -> Any:
    return item.get_object() if hasattr(item, "get_object") else item


def _lineage(widget: Any) -> Iterator[Any]:
    node = widget
    for _ in range(_DEEPEST):
        if node is None:
            return
        yield node
        node = _resolved(node.get("/Parent"))


def _inherited(widget: Any, key: str) -> Any:
    """A field's entry, its own or the nearest of its parents'."""
    return next((_resolved(node[key]) for node in _lineage(widget) if key in node), None)


def _full_name(widget: Any) -> str:
    names = [str(_resolved(node["/T"])) for node in _lineage(widget) if "/T" in node]
    return ".".join(reversed(names))


def _text_or_none(value: Any) -> str | None:
    text = " ".join(str(value).split()) if value is not None else ""
    return text or None


def _on_state(widget: Any) -> str | None:
    """The name of the appearance a button shows when it is chosen."""
    normal = _resolved((_resolved(widget.get("/AP")) or {}).get("/N"))
    states = [str(key).lstrip("/") for key in (normal or {}) if str(key) != "/Off"] if hasattr(normal, "keys") else []
    return states[0] if states else None


def _box(widget: Any, page: PageObject) -> Box:
    left, bottom, right, top = (float(value) for value in _resolved(widget["/Rect"]))
    crop, media = page.cropbox, page.mediabox
    frame = Frame(
        int(page.rotation) % 360,
        max(float(crop.left), float(media.left)),
        max(float(crop.bottom), float(media.bottom)),
        min(float(crop.right), float(media.right)),
        min(float(crop.top), float(media.top)),
    )
    return as_box(frame.fractions(min(left, right), min(bottom, top), max(left, right), max(bottom, top)))


def _element(field: _Field, printed: PrintedWords) -> Element:
    chosen = _chosen_widget(field)
    box, page = field.boxes[chosen], field.places[chosen]
    single = field.kind == "/Btn" and len(field.boxes) == 1
    label = field.tooltip or readable_name(field.name)
    if label is None and len(field.boxes) == 1:
        label = printed.label(page, box, button=single)
    elif label is None:
        group = [box for box, place in zip(field.boxes, field.places, strict=True) if place == field.page]
        label = printed.label(field.page, Box.around(group), button=False)
    value = _value(field, chosen, printed, single=single)
    return _field_element((label or field.name or "Field").rstrip(" :*"), value, page, box)


def _field_element(label: str, value: str | None, page: int, box: Box | None) -> Element:
    """The element of a field; each word of its value lies where the field does."""
    colon = "" if label.endswith("?") else ":"
    text = f"{label}{colon} {value}" if value is not None else f"{label}{colon}"
    start = len(text) - len(value) if value is not None else len(text)
    words = tuple(
        WordBox(span=Span(start=start + match.start(), end=start + match.end()), box=box)
        for match in re.finditer(r"\S+", value or "")
        if box is not None
    )
    return Element(
        id="", kind="field", text=text, page=page, box=box, words=words, field=FormField(label=label, value=value)
    )


def _joined_answers(fields: list[Element], printed: PrintedWords) -> list[Element]:
    """Make a box called Yes and one called No beside it into one field, called what is asked before them."""
    joined: list[Element] = []
    for element in fields:
        before = joined[-1] if joined else None
        if before is not None and _is_answer(before, "yes") and _is_answer(element, "no") and _level(before, element):
            question = printed.before(before)
            if question:
                ticked = [e.field.label for e in (before, element) if e.field is not None and e.field.value == "Yes"]
                chosen = element if ticked == ["No"] else before
                joined[-1] = _field_element(question, ", ".join(ticked) or None, chosen.page or 1, chosen.box)
                continue
        joined.append(element)
    return joined


def _is_answer(element: Element, answer: str) -> bool:
    field = element.field
    return field is not None and field.label.casefold() == answer and field.value in ("Yes", "No")


def _level(a: Element, b: Element) -> bool:
    """Whether two fields stand on one line, the first before the second."""
    if a.page != b.page or a.box is None or b.box is None:
        return False
    return abs(a.box.top - b.box.top) < 0.01 and a.box.right <= b.box.left + 0.005


def _chosen_widget(field: _Field) -> int:
    state = str(field.value).lstrip("/") if field.value is not None else None
    return field.states.index(state) if field.kind == "/Btn" and state in field.states else 0


def _value(field: _Field, chosen: int, printed: PrintedWords, *, single: bool) -> str | None:
    if field.kind == "/Sig":
        return "Signed" if field.value is not None else None
    if field.kind == "/Btn":
        return _button_value(field, chosen, printed, single=single)
    if field.value is None:
        return None
    if field.flags & _PASSWORD and field.kind == "/Tx":
        return None
    values = field.value if isinstance(field.value, list) else [field.value]
    shown = [_displayed(str(_resolved(value)), field.options) for value in values]
    return _text_or_none(", ".join(text for text in shown if text.strip()))


def _displayed(value: str, options: Iterable[Any]) -> str:
    """What a choice shows for a stored value: options are pairs of both, or single texts."""
    for option in options:
        pair = _resolved(option)
        if isinstance(pair, list) and len(pair) == 2 and str(_resolved(pair[0])) == value:
            return str(_resolved(pair[1]))
    return value


def _button_value(field: _Field, chosen: int, printed: PrintedWords, *, single: bool) -> str | None:
    state = str(field.value).lstrip("/") if field.value is not None else "Off"
    if state in ("Off", ""):
        return None if field.flags & _RADIO and not single else "No"
    if single and not field.flags & _RADIO:
        return "Yes"
    if state.isdigit() and int(state) < len(field.options):
        return _text_or_none(_resolved(field.options[int(state)])) or "Yes"
    if _YES.match(state) and state.lower() != "yes":
        beside = printed.label(field.places[chosen], field.boxes[chosen], button=True)
        return beside or "Yes"
    return as_words(state)


def _place(elements: Sequence[Element], field: Element) -> int:
    """Where a field goes: after the last element of its page that begins no lower than it does, before the footer."""
    place = 0
    for index, element in enumerate(elements):
        if element.page is None or field.page is None or element.page > field.page:
            break
        if element.page < field.page or (
            element.kind != "footer" and element.box and field.box and element.box.top <= field.box.top + 0.004
        ):
            place = index + 1
    return place
