"""The care needs assessment as a Word form: label tables, content controls and tick boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt

from evals.samples.fixed_zip import fix_times
from evals.samples.form_pdfs import format_date

TICKED, EMPTY = "\u2612", "\u2610"
W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
RISKS = (
    "Falls on the stairs",
    "Burns and scalds",
    "Losing weight",
    "Pressure sores",
    "Self-neglect",
    "Abuse by another person",
    "Carer's strain",
)


def write_care_needs_assessment(fields: dict[str, Any], path: Path) -> None:
    """The form filled with `fields`; whether the adult is eligible is left for a person to decide."""
    document = Document()
    _set_page(document)
    document.add_heading("Fernmoor Borough Council", level=1)
    document.add_heading("Care needs assessment (Care Act 2014)", level=2)
    _add_person(document, fields)
    _add_capacity(document, fields)
    _add_heading(document, "3. Health and what matters")
    table = _label_table(document)
    _add_row(table, "Conditions", "\n".join(fields["conditions"]))
    _add_row(table, "What matters to me", fields["what_matters_to_me"])
    _add_outcomes(document, fields["outcomes"])
    _add_closing(document, fields)
    document.save(str(path))
    fix_times(path)


def _set_page(document: Any) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(10)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(1.6)
    section.footer.paragraphs[0].text = "Form ASC 4 (Fernmoor). OFFICIAL-SENSITIVE: PERSONAL"
    document.core_properties.title = "Care needs assessment"
    document.core_properties.author = "Adult Social Care"


def _add_heading(document: Any, words: str) -> None:
    document.add_heading(words, level=3)


def _label_table(document: Any, widths: tuple[float, ...] = (4.6, 12.8)) -> Any:
    table = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    return table


def _add_row(table: Any, label: str, value: str) -> Any:
    """A row of a label and its answer; returns the answer's cell."""
    cells = table.add_row().cells
    cells[0].paragraphs[0].add_run(label).bold = True
    cells[1].text = value
    return cells[1]


def _add_control(cell: Any, tag: str, value: str, kind: str = "<w:text/>") -> None:
    """Put a content control that holds `value` into `cell`; `kind` is the element that says what sort it is."""
    control = (
        f'<w:sdt {nsdecls("w")} {W14}><w:sdtPr><w:alias w:val="{tag}"/><w:tag w:val="{tag}"/>{kind}</w:sdtPr>'
        f"<w:sdtContent><w:r><w:t>{escape(value)}</w:t></w:r></w:sdtContent></w:sdt>"
    )
    cell.paragraphs[0]._p.append(parse_xml(control))


def _add_tick(cell: Any, tag: str, label: str, *, ticked: bool) -> None:
    """A check box control with its label after it."""
    state = f'<w14:checkbox><w14:checked w14:val="{int(ticked)}"/></w14:checkbox>'
    _add_control(cell, tag, TICKED if ticked else EMPTY, state)
    cell.paragraphs[0].add_run(f" {label}    ")


def _add_person(document: Any, fields: dict[str, Any]) -> None:
    _add_heading(document, "1. About the person")
    table = _label_table(document)
    _add_control(_add_row(table, "Full name", ""), "name", fields["name"])
    born = fields["date_of_birth"]
    date_kind = f'<w:date w:fullDate="{born.isoformat()}T00:00:00Z"><w:dateFormat w:val="dd/MM/yyyy"/></w:date>'
    _add_control(_add_row(table, "Date of birth", ""), "date_of_birth", format_date(born), date_kind)
    _add_control(_add_row(table, "NHS number", ""), "nhs_number", fields["nhs_number"])
    _add_row(table, "Address", fields["address"])
    _add_row(table, "Postcode", fields["postcode"])
    _add_row(table, "Telephone", fields["contact"])
    _add_row(table, "Communication needs", fields["communication_needs"])
    _add_row(table, "Advocate", fields["advocate"])
    _add_row(table, "Assessor", fields["assessor"])
    _add_row(table, "Date of assessment", format_date(fields["date"]))


def _add_capacity(document: Any, fields: dict[str, Any]) -> None:
    _add_heading(document, "2. Mental capacity")
    capacity, table = fields["capacity"], _label_table(document)
    _add_row(table, "Decision to be made", capacity["decision"])
    cell = _add_row(table, "Has capacity for it", "")
    _add_tick(cell, "capacity_yes", "Yes", ticked=capacity["has_capacity"])
    _add_tick(cell, "capacity_no", "No", ticked=not capacity["has_capacity"])


def _add_outcomes(document: Any, outcomes: list[dict[str, Any]]) -> None:
    _add_heading(document, "4. Outcomes")
    table = _label_table(document, (4.6, 2.9, 5.4, 4.5))
    for cell, heading in zip(
        table.add_row().cells, ("Outcome", "Can achieve it?", "Impact", "In the person's words"), strict=True
    ):
        cell.paragraphs[0].add_run(heading).bold = True
    for outcome in outcomes:
        cells = table.add_row().cells
        cells[0].text = outcome["outcome"]
        yes, no = (TICKED, EMPTY) if outcome["achieved"] else (EMPTY, TICKED)
        cells[1].text = f"{yes} Yes  {no} No"
        cells[2].text = outcome["impact"]
        cells[3].text = f"\u201c{outcome['quote']}\u201d" if outcome["quote"] else ""


def _add_closing(document: Any, fields: dict[str, Any]) -> None:
    _add_heading(document, "5. Wellbeing, carer, risks and money")
    table = _label_table(document)
    _add_row(table, "Wellbeing", fields["wellbeing"])
    _add_row(table, "Carer", fields["carer"])
    risks = "\n".join(f"{TICKED if risk in fields['risks'] else EMPTY} {risk}" for risk in RISKS)
    _add_row(table, "Risks (tick all that apply)", risks)
    _add_row(table, "Funding", fields["funding"])
    cell = _add_row(table, "Agrees to information being shared", "")
    _add_tick(cell, "consent_yes", "Yes", ticked=fields["consent"])
    _add_tick(cell, "consent_no", "No", ticked=not fields["consent"])
    _add_row(table, "Date of consent", format_date(fields["consent_date"]))
    choices = '<w:dropDownList><w:listItem w:value="Eligible"/><w:listItem w:value="Not eligible"/></w:dropDownList>'
    cell = _add_row(table, "Eligibility (team manager)", "")
    _add_control(cell, "eligible", "Choose an item.", f"<w:showingPlcHdr/>{choices}")
