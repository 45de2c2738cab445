"""Make the filled forms: `python -m evals.samples.forms`.

Each form is filled from its file in evals/data/gold/, so that the true values stand in one place.
"""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml

from evals.samples.care_form import write_care_needs_assessment
from evals.samples.form_pdfs import format_date, write_child_referral, write_planning_householder

OUT = Path(__file__).parent.parent / "data" / "samples"
GOLD = OUT.parent / "gold"


def read_gold(name: str) -> dict[str, Any]:
    """The true values of the form `name`."""
    content = yaml.safe_load((GOLD / f"{name}.yaml").read_text(encoding="utf-8"))
    fields: dict[str, Any] = content["fields"]
    return fields


def write_damp_report(fields: dict[str, Any], path: Path) -> None:
    """The email that the council's web form sends when a tenant reports damp."""
    answers = {
        "Reference": fields["reference"],
        "Date of report": format_date(fields["reported"]),
        "Name": fields["name"],
        "Address": fields["address"],
        "Postcode": fields["postcode"],
        "UPRN": fields["uprn"],
        "Telephone": fields["phone"],
        "Email": fields["email"],
        "Tenure": fields["tenure"],
        "Rooms affected": ", ".join(fields["rooms"]),
        "When did you first notice it?": fields["first_noticed"],
        "Have you reported it before?": "Yes" if fields["reported_before"] else "No",
        "Who lives in the home?": fields["occupants"],
        "Is anyone ill or at more risk?": fields["vulnerability"],
        "Photographs uploaded to the website": str(fields["photos"]),
        "When can we visit?": fields["access"],
    }
    lines = [f"{label}: {value}" if label[-1] != "?" else f"{label} {value}" for label, value in answers.items()]
    message = EmailMessage(policy=policy.default)
    message["From"] = "Fernmoor web forms <webforms@fernmoor.example.gov.uk>"
    message["To"] = "Housing repairs <repairs@fernmoor.example.gov.uk>"
    message["Reply-To"] = fields["email"]
    message["Subject"] = f"Damp and mould report {fields['reference']}: {fields['address']}"
    message["Date"] = "Sun, 07 Jun 2026 21:42:10 +0100"
    message["Message-ID"] = f"<{fields['reference'].lower()}@fernmoor.example.gov.uk>"
    body = [
        "A tenant has filled in the damp and mould form on the website.",
        "",
        *lines,
        "",
        "Tell us what is happening:",
        fields["description"],
        "",
        "-- ",
        "Sent by the website. Please don't reply to this address.",
    ]
    message.set_content("\n".join(body) + "\n")
    path.write_bytes(message.as_bytes())


def main() -> None:
    """Write the four forms into evals/data/samples."""
    write_care_needs_assessment(read_gold("care-needs-assessment"), OUT / "care-needs-assessment.docx")
    write_child_referral(read_gold("child-referral"), OUT / "child-referral.pdf")
    write_planning_householder(read_gold("planning-householder"), OUT / "planning-householder.pdf")
    write_damp_report(read_gold("damp-report"), OUT / "damp-report.eml")


if __name__ == "__main__":
    main()
