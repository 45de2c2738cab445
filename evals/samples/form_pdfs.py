"""The two sample forms that are PDFs: a fillable referral of a child, and a flat householder planning application."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from evals.samples.pdf_drawing import WIDTH, Form, Sheet

LEFT, MIDDLE = 40, 305
LEVELS = ["Level 1 - Universal", "Level 2 - Early help", "Level 3 - Targeted", "Level 4 - Specialist"]
GENDERS = ["Girl", "Boy", "Not stated"]
AGENCIES = ["Health visiting", "Nursery or school", "GP", "Police", "Housing", "Mental health service"]
CERTIFICATES = {
    "A": "Certificate A: nobody but the applicant owned any part of the land 21 days before the date of this form",
    "B": "Certificate B: notice has been given to everyone else who owns part of the land",
    "C": "Certificate C: some of the owners are not known",
    "D": "Certificate D: none of the owners is known",
}
DECLARATION = (
    "I confirm that, to the best of my knowledge, the facts stated are true and the opinions given are honestly held."
)


def format_date(value: date) -> str:
    """dd/mm/yyyy, as forms ask for it."""
    return value.strftime("%d/%m/%Y")


class _Filler:
    """Lays out one page of a fillable form: a label, and a field under or beside it."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.sheet = Sheet()
        self._waiting: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def text(self, label: str, name: str, x: float, y: float, width: float, value: str, height: float = 18) -> None:
        self.sheet.text(x, y, label, 9, bold=True)
        self.sheet.box(x, y + 13, width, height)
        self._waiting.append(("add_text", (name, label, (x, y + 13, width, height), value), {}))

    def choice(self, label: str, name: str, x: float, y: float, width: float, value: str, options: list[str]) -> None:
        self.sheet.text(x, y, label, 9, bold=True)
        self.sheet.box(x, y + 13, width, 18)
        self._waiting.append(("add_choice", (name, label, (x, y + 13, width, 18), value, options), {}))

    def check(self, label: str, name: str, x: float, y: float, *, ticked: bool) -> None:
        self._waiting.append(("add_check", (name, label, x, y), {"ticked": ticked}))
        self.sheet.text(x + 16, y + 1, label, 9)

    def yes_no(self, label: str, name: str, x: float, y: float, *, yes: bool) -> None:
        self.sheet.text(x, y + 1, label, 9, bold=True)
        self.check("Yes", f"{name}_yes", x + 165, y, ticked=yes)
        self.check("No", f"{name}_no", x + 215, y, ticked=not yes)

    def finish(self) -> None:
        page = self.form.add_page(self.sheet)
        for method, arguments, options in self._waiting:
            getattr(self.form, method)(page, *arguments, **options)


def write_child_referral(fields: dict[str, Any], path: Path) -> None:
    """The multi-agency referral form, filled, with real fields."""
    form = Form("Multi-agency referral form")
    _referral_first_page(form, fields)
    _referral_second_page(form, fields)
    form.write(path)


def _referral_first_page(form: Form, fields: dict[str, Any]) -> None:
    child, referrer, page = fields["child"], fields["referrer"], _Filler(form)
    page.sheet.text(LEFT, 36, "Fernmoor Borough Council", 16, bold=True)
    page.sheet.text(LEFT, 58, "Multi-agency referral form: children's services", 12)
    page.sheet.band(84, "1. The child")
    page.text("Full name of child", "child_name", LEFT, 110, 250, child["name"])
    page.text("Date of birth or expected date", "child_dob", MIDDLE, 110, 140, format_date(child["date_of_birth"]))
    page.choice("Gender", "child_gender", MIDDLE + 155, 110, 95, child["gender"], GENDERS)
    page.text("Home address and postcode", "child_address", LEFT, 150, 515, child["address"])
    page.text("Ethnicity", "child_ethnicity", LEFT, 190, 165, child["ethnicity"])
    page.text("First language", "child_language", 215, 190, 165, child["language"])
    page.text("Religion", "child_religion", 390, 190, 165, child["religion"])
    page.text("School or nursery", "child_school", LEFT, 230, 250, child["school"])
    page.yes_no("Does the child have a disability?", "child_disability", MIDDLE, 248, yes=child["disability"])
    page.sheet.band(284, "2. Parents and other people in the household")
    for number, person in enumerate(fields["household"], start=1):
        y = 310 + 40 * (number - 1)
        page.text(f"Person {number}: name", f"person{number}_name", LEFT, y, 180, person["name"])
        page.text("Relationship to child", f"person{number}_relationship", 230, y, 150, person["relationship"])
        has_responsibility = person["parental_responsibility"]
        page.check("Has parental responsibility", f"person{number}_pr", 400, y + 17, ticked=has_responsibility)
    page.sheet.band(440, "3. Who is making this referral")
    page.text("Name", "referrer_name", LEFT, 466, 250, referrer["name"])
    page.text("Role", "referrer_role", MIDDLE, 466, 250, referrer["role"])
    page.text("Agency", "referrer_agency", LEFT, 506, 250, referrer["agency"])
    page.text("Telephone", "referrer_phone", MIDDLE, 506, 250, referrer["phone"])
    page.text("Email", "referrer_email", LEFT, 546, 250, referrer["email"])
    page.text("Date of referral", "referral_date", MIDDLE, 546, 120, format_date(fields["date"]))
    page.sheet.band(596, "4. Consent")
    page.yes_no("Has a parent agreed to this referral?", "consent", LEFT, 624, yes=fields["consent"])
    page.text("If not, say why", "consent_reason", LEFT, 646, 515, fields["consent_reason"], 48)
    page.sheet.text(LEFT, 800, "Page 1 of 2. If a child is in danger now, ring 999.", 8)
    page.finish()


def _referral_second_page(form: Form, fields: dict[str, Any]) -> None:
    page = _Filler(form)
    page.sheet.band(40, "5. What you are worried about")
    page.text("Your concerns: what you saw and heard", "concerns", LEFT, 66, 515, fields["concerns"], 120)
    page.text("History known to you", "history", LEFT, 210, 515, fields["history"], 64)
    page.yes_no("Is the child in immediate danger?", "immediate_danger", LEFT, 302, yes=fields["immediate_danger"])
    page.sheet.band(330, "6. Agencies working with the family (tick all that apply)")
    for number, agency in enumerate(AGENCIES):
        x, y = LEFT + 175 * (number % 3), 358 + 22 * (number // 3)
        name = f"agency_{agency.lower().replace(' ', '_')}"
        page.check(agency, name, x, y, ticked=agency in fields["agencies"])
    page.sheet.band(414, "7. Level of need")
    page.choice("Level, in your judgement", "level_of_need", LEFT, 440, 200, fields["level_of_need"], LEVELS)
    page.sheet.text(LEFT, 800, "Page 2 of 2. Send to frontdoor@fernmoor.example.gov.uk", 8)
    page.finish()


class _Flat:
    """Lays out one page of a flat form: labels in one column, answers in another, boxes drawn."""

    def __init__(self) -> None:
        self.sheet = Sheet()

    def pair(self, label: str, value: str, x: float, y: float, width: float = 250, label_width: float = 80) -> None:
        self.sheet.text(x, y + 4, label, 9, bold=True)
        self.sheet.box(x + label_width, y, width - label_width, 17)
        self.sheet.text(x + label_width + 4, y + 4, value, 9.5)

    def pairs(self, left: dict[str, str], right: dict[str, str], y: float) -> float:
        """Two columns of labels and answers side by side; returns the y below them."""
        for x, column in ((LEFT, left), (MIDDLE, right)):
            for row, (label, value) in enumerate(column.items()):
                self.pair(label, value, x, y + 21 * row)
        return y + 21 * max(len(left), len(right))

    def question(self, words: str, y: float, *, yes: bool) -> float:
        """A question with its Yes and No boxes at the right; returns the y below it."""
        self.sheet.text(LEFT, y, words, 9.5)
        for x, label, ticked in ((455, "Yes", yes), (510, "No", not yes)):
            self.sheet.tick_box(x, y, ticked=ticked)
            self.sheet.text(x + 14, y, label, 9.5)
        return y + 20

    def long(self, label: str, value: str, y: float, height: float) -> float:
        """A label with a tall box under it; returns the y below the box."""
        self.sheet.text(LEFT, y, label, 9, bold=True)
        self.sheet.box(LEFT, y + 13, WIDTH - 80, height)
        self.sheet.paragraph(LEFT + 5, y + 18, value, WIDTH - 90, 9.5)
        return y + 13 + height + 10


def write_planning_householder(fields: dict[str, Any], path: Path) -> None:
    """The householder planning application, printed flat: words and lines only."""
    form = Form("Householder application for planning permission")
    form.add_page(_householder_first_page(fields))
    form.add_page(_householder_second_page(fields))
    form.write(path)


def _contact(person: dict[str, Any], *names: str) -> dict[str, str]:
    return {name.replace("_", " ").capitalize(): str(person[name]) for name in names}


def _householder_first_page(fields: dict[str, Any]) -> Sheet:
    page = _Flat()
    page.sheet.text(LEFT, 36, "Fernmoor Borough Council: Planning", 15, bold=True)
    page.sheet.text(LEFT, 58, "Householder application for planning permission for works to a dwelling", 11)
    page.sheet.band(84, "1. Applicant")
    page.sheet.text(MIDDLE, 88, "2. Agent", 10.5, bold=True)
    y = page.pairs(
        _contact(fields["applicant"], "name", "address", "postcode", "phone", "email"),
        _contact(fields["agent"], "name", "company", "address", "postcode", "phone", "email"),
        110,
    )
    page.sheet.band(y + 8, "3. Site")
    site = fields["site"]
    y = page.pairs(_contact(site, "address", "postcode"), _contact(site, "easting", "northing"), y + 34)
    page.sheet.band(y + 8, "4. Description of the proposed works")
    y = page.long("Describe the works", fields["proposal"], y + 34, 44)
    y = page.question("Has the work already been started without permission?", y, yes=fields["work_started"])
    page.sheet.band(y + 4, "5. Access and rights of way")
    y = page.question("Will a new or altered access to the highway be made?", y + 32, yes=fields["access_changed"])
    y = page.question("Will any public right of way be affected?", y, yes=fields["rights_of_way_affected"])
    page.sheet.band(y + 4, "6. Advice before the application")
    advice = fields["pre_application_advice"]
    y = page.question("Has the council given advice about this application?", y + 32, yes=advice)
    page.pair("Officer", fields["pre_application_officer"], LEFT, y)
    page.pair("Reference", fields["pre_application_reference"], MIDDLE, y)
    page.pair("Date", format_date(fields["pre_application_date"]), LEFT, y + 21)
    page.sheet.text(LEFT, 805, "Form PA1 (Fernmoor), page 1 of 2", 8)
    return page.sheet


def _householder_second_page(fields: dict[str, Any]) -> Sheet:
    page = _Flat()
    page.sheet.band(40, "7. Trees and hedges")
    near = fields["trees_within_falling_distance"]
    y = page.question("Are there trees within falling distance of the works?", 68, yes=near)
    y = page.question("Will any tree or hedge be removed or pruned?", y, yes=fields["trees_removed"])
    y = page.long("If yes to either, give details", fields["trees_details"], y, 30)
    page.sheet.band(y, "8. Parking")
    y = page.question("Will the works affect parking on the site?", y + 28, yes=fields["parking_affected"])
    page.sheet.band(y + 4, "9. Materials")
    y += 30
    columns = (LEFT, 130, 345)
    for x, heading in zip(columns, ("Part", "Existing", "Proposed"), strict=True):
        page.sheet.text(x + 4, y, heading, 9, bold=True)
    for material in fields["materials"]:
        y += 19
        for x, edge, key in zip(columns, (*columns[1:], 555), ("part", "existing", "proposed"), strict=True):
            page.sheet.box(x, y - 4, edge - x, 19)
            page.sheet.text(x + 4, y, material[key], 9.5)
    y += 30
    page.sheet.band(y, "10. Council employee or member")
    question = "Is the applicant or agent a member or employee of the council, or related to one?"
    y = page.question(question, y + 28, yes=fields["council_employee_or_member"])
    page.sheet.band(y + 4, "11. Ownership certificate (tick one)")
    y += 32
    for letter, words in CERTIFICATES.items():
        page.sheet.tick_box(LEFT, y, ticked=letter == fields["certificate"])
        y = page.sheet.paragraph(LEFT + 18, y, words, WIDTH - 110, 9.5) + 8
    page.sheet.band(y + 4, "12. Declaration")
    y += 32
    page.sheet.tick_box(LEFT, y, ticked=fields["declaration"])
    y = page.sheet.paragraph(LEFT + 18, y, DECLARATION, WIDTH - 110, 9.5) + 10
    page.pair("Name", fields["declaration_name"], LEFT, y)
    page.pair("Date", format_date(fields["date"]), MIDDLE, y)
    page.sheet.text(LEFT, 805, "Form PA1 (Fernmoor), page 2 of 2", 8)
    return page.sheet
