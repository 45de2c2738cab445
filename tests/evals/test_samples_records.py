"""The case-note, meeting and form samples are as their gold files say; read here without the product's parser."""

from __future__ import annotations

import csv
import email
import html
import itertools
import re
from datetime import date, datetime
from email import policy
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import yaml
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from evals.samples import forms, meetings, records
from evals.samples.care_form import write_care_needs_assessment
from evals.samples.form_pdfs import write_child_referral, write_planning_householder

SAMPLES = Path(__file__).parents[2] / "evals" / "data" / "samples"
NOTES = "case-notes-bramblewood"
HOUSING, PLANNING = "housing-committee-2026-06-09", "planning-subcommittee-2026-05-20"
FORMS = ("care-needs-assessment.docx", "child-referral.pdf", "planning-householder.pdf", "damp-report.eml")
DOCUMENTS = (
    f"{NOTES}.csv",
    f"{NOTES}.xlsx",
    f"{HOUSING}.vtt",
    f"{HOUSING}-agenda.docx",
    f"{PLANNING}.txt",
    f"{PLANNING}-agenda.pdf",
    *FORMS,
)
MAX_VISIT_GAP_DAYS = 42


def load(name: str) -> Any:
    return yaml.safe_load((SAMPLES.parent / name).read_text(encoding="utf-8"))


def squeeze(text: str) -> str:
    """Text with tags and entities resolved and every run of white space made one space."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def read_csv_notes() -> dict[int, dict[str, str]]:
    with (SAMPLES / f"{NOTES}.csv").open(encoding="utf-8-sig", newline="") as file:
        return {int(row["Case Note ID"]): row for row in csv.DictReader(file)}


def read_sheet_rows() -> list[tuple[Any, ...]]:
    return list(load_workbook(SAMPLES / f"{NOTES}.xlsx").active.iter_rows(values_only=True))


def read_cues() -> list[tuple[str, float, float, str, str]]:
    """(id, start, end, speaker, words) of each cue, times in seconds."""
    blocks = (SAMPLES / f"{HOUSING}.vtt").read_text(encoding="utf-8").split("\n\n")
    assert blocks[0] == "WEBVTT"
    cues = []
    for block in blocks[1:]:
        cue_id, times, words = block.strip().split("\n", 2)
        found = re.fullmatch(r"<v ([^>]+)>(.*)</v>", words, re.DOTALL)
        assert found, block
        start, end = (to_seconds(stamp) for stamp in times.split(" --> "))
        cues.append((cue_id, start, end, found[1], squeeze(found[2])))
    return cues


def to_seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def read_vtt_turns() -> list[tuple[float, str, str]]:
    """(start, speaker, words) of each turn: its cues share the number in their ids."""
    groups = itertools.groupby(read_cues(), key=lambda cue: cue[0].rpartition("-")[0])
    turns = []
    for _, group in groups:
        cues = list(group)
        turns.append((cues[0][1], cues[0][3], " ".join(cue[4] for cue in cues)))
    return turns


def read_labelled_turns(path: Path) -> list[tuple[str | None, str, str]]:
    """(stamp, label, words) of each line of a plain transcript that begins with a label."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (re.match(r"(?:\[(\S+)\] )?([A-Z][^:]*): (.*)", line) for line in lines)
    return [(line[1], line[2], line[3]) for line in found if line]


def read_docx_text(path: Path) -> str:
    """All the words of a Word file, in order, content controls included."""
    nodes = Document(str(path)).element.body.iter()
    return squeeze("".join(_docx_piece(node) for node in nodes))


def _docx_piece(node: Any) -> str:
    tag = str(node.tag).rpartition("}")[2]
    if tag == "t":
        return str(node.text or "")
    return " " if tag in ("p", "br", "tab") else ""


def read_pdf_pages(path: Path) -> list[str]:
    """The words of each page, its fields' values included."""
    pages = []
    fields = PdfReader(path)
    with pypdfium2.PdfDocument(path) as pdf:
        for number in range(len(pdf)):
            text = pdf[number].get_textpage().get_text_bounded()
            widgets = [annotation.get_object() for annotation in fields.pages[number].get("/Annots", [])]
            pages.append(squeeze(" ".join([text, *(str(widget.get("/V", "")) for widget in widgets)])))
    return pages


def read_text(name: str, place: dict[str, Any]) -> str:
    """The words of the document `name` at the place an evidence entry gives (note, page, speaker and time)."""
    path = SAMPLES / name
    if path.suffix == ".csv":
        return squeeze(read_csv_notes()[place["note"]]["Note Text"])
    if path.suffix == ".xlsx":
        return squeeze(next(str(row[6]) for row in read_sheet_rows() if row[0] == place["note"]))
    if path.suffix == ".vtt":
        wanted = (int(to_seconds(place["at"])), place["speaker"])
        return next(words for start, speaker, words in read_vtt_turns() if (int(start), speaker) == wanted)
    if path.suffix == ".txt":
        return " ".join(
            words
            for at, speaker, words in read_labelled_turns(path)
            if speaker.startswith(place["speaker"]) and place.get("at") in (None, at)
        )
    if path.suffix == ".docx":
        return read_docx_text(path)
    if path.suffix == ".pdf":
        return read_pdf_pages(path)[int(place["page"]) - 1]
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    return squeeze(str(message.get_content()))


def all_text(name: str) -> str:
    """Every word of the document, whatever its format."""
    path = SAMPLES / name
    if path.suffix == ".pdf":
        return " ".join(read_pdf_pages(path))
    if path.suffix == ".docx":
        return read_docx_text(path)
    if path.suffix == ".xlsx":
        return squeeze(" ".join(str(cell) for row in read_sheet_rows() for cell in row))
    if path.suffix == ".eml":
        return read_text(name, {})
    return squeeze(path.read_text(encoding="utf-8-sig"))


def is_nhs_number(digits: str) -> bool:
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return len(digits) == 10 and check % 11 == int(digits[9]) and check != 10


# ---- the files


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_sample_is_there_and_is_not_empty(name: str) -> None:
    assert len(all_text(name)) > 500


@pytest.mark.parametrize("name", DOCUMENTS)
def test_only_made_up_identifiers_are_used(name: str) -> None:
    text = all_text(name)
    for phone in re.findall(r"\b0\d{4} ?\d{6}\b|\b0\d{2,3} \d{3,4} \d{4}\b", text):
        assert re.fullmatch(r"01632 ?960\d{3}|07700 ?900\d{3}", phone), phone
    for address in re.findall(r"[\w.]+@([\w.-]+\w)", text):
        assert address.endswith((".example.gov.uk", "example.org")), address
    for digits in re.findall(r"\b\d{3} \d{3} \d{4}\b", text):
        assert digits.startswith("999"), digits
        assert is_nhs_number(digits.replace(" ", "")), digits
    for insurance_number in re.findall(r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", text):
        assert insurance_number.startswith("QQ"), insurance_number
    for postcode in re.findall(r"\b[A-Z]{1,2}\d{1,2} \d[A-Z]{2}\b", text):
        assert re.match(r"FM[1-9] ", postcode), postcode


@pytest.mark.parametrize(("name", "number"), [(f"{NOTES}.csv", "999 123 4608"), (FORMS[0], "999 000 0018")])
def test_the_nhs_numbers_are_in_the_documents(name: str, number: str) -> None:
    assert number in all_text(name)


# ---- case notes


def test_the_csv_has_a_byte_order_mark_and_sixty_notes() -> None:
    assert (SAMPLES / f"{NOTES}.csv").read_bytes().startswith(b"\xef\xbb\xbfCase Note ID,")
    assert len(read_csv_notes()) == load(f"gold/{NOTES}.yaml")["notes"] == 60


def test_the_workbook_has_a_title_row_real_dates_and_the_same_notes() -> None:
    title, header, *rows = read_sheet_rows()
    assert [cell for cell in title if cell] == [title[0]]
    assert header == records.HEADER
    notes = read_csv_notes()
    for row in rows:
        note = notes[row[0]]
        assert isinstance(row[2], datetime)
        assert row[2].strftime("%d/%m/%Y") == note["Contact Date"]
        assert row[6] == note["Note Text"]
    assert len(rows) == len(notes)


def test_drafts_deleted_notes_and_markup_are_where_the_gold_says() -> None:
    notes, gold = read_csv_notes(), load(f"gold/{NOTES}.yaml")
    assert sorted(key for key, note in notes.items() if note["Status"] == "Draft") == gold["drafts"]
    assert [key for key, note in notes.items() if note["Status"] == "Deleted"] == gold["deleted"]
    assert sorted(key for key, note in notes.items() if re.search(r"</\w+>", note["Note Text"])) == gold["html"]
    assert (len(gold["drafts"]), len(gold["deleted"])) == (3, 1)


def test_exactly_the_three_group_notes_are_repeated() -> None:
    by_text: dict[str, list[int]] = {}
    for key, note in sorted(read_csv_notes().items()):
        by_text.setdefault(note["Note Text"], []).append(key)
    repeated = [keys for keys in by_text.values() if len(keys) > 1]
    assert repeated == load(f"gold/{NOTES}.yaml")["duplicates"]
    assert len(repeated) == 3


def test_the_gaps_between_visits_are_those_in_the_gold() -> None:
    notes, gold = read_csv_notes(), load(f"gold/{NOTES}.yaml")
    copies = {copy for _, copy in gold["duplicates"]}
    visits = sorted(
        datetime.strptime(note["Contact Date"], "%d/%m/%Y").date()
        for key, note in notes.items()
        if note["Type"] == "Home Visit" and note["Status"] == "Complete" and key not in copies
    )
    gaps = [(before, after, (after - before).days) for before, after in itertools.pairwise(visits)]
    wanted = [(gap["from"], gap["to"], gap["days"]) for gap in gold["gaps_between_visits"]]
    assert [gap for gap in gaps if gap[2] > MAX_VISIT_GAP_DAYS] == wanted
    assert len(wanted) == 3


def test_the_significant_events_are_those_flagged_with_copies_left_out() -> None:
    notes, gold = read_csv_notes(), load(f"gold/{NOTES}.yaml")
    copies = {copy for _, copy in gold["duplicates"]}
    flagged = {
        key: datetime.strptime(note["Contact Date"], "%d/%m/%Y").date()
        for key, note in notes.items()
        if note["Significant Event"] == "Yes" and key not in copies
    }
    assert {event["note"]: event["date"] for event in gold["significant_events"]} == flagged


def test_every_planted_saying_stands_in_its_note() -> None:
    notes, gold = read_csv_notes(), load(f"gold/{NOTES}.yaml")
    sides = [side for contradiction in gold["contradictions"] for side in contradiction["sides"]]
    lists = ("quotes", "negations", "hearsay", "partial_dates", "relative_dates")
    for entry in [*sides, *(entry for name in lists for entry in gold[name])]:
        assert entry["says"] in squeeze(notes[entry["note"]]["Note Text"]), entry
    assert all(len(contradiction["sides"]) >= 2 for contradiction in gold["contradictions"])


def test_the_figures_names_and_note_ids_of_the_gold_are_in_the_notes() -> None:
    notes, gold = read_csv_notes(), load(f"gold/{NOTES}.yaml")
    for entry in gold["attendance"]:
        assert f"{entry['per_cent']}%" in notes[entry["note"]]["Note Text"], entry
    for person in gold["people"]:
        for key in person.get("misspelt_in", []):
            assert (
                person["misspelt_as"][0] in notes[key]["Note Text"]
                or person["misspelt_as"][0].lower() in notes[key]["Note Text"]
            )
    for group in ("risks", "protective_factors"):
        assert all(key in notes for entry in gold[group] for key in entry["notes"])


def test_the_notes_run_from_one_line_to_four_hundred_words() -> None:
    lengths = [len(squeeze(note["Note Text"]).split()) for note in read_csv_notes().values()]
    assert min(lengths) < 15
    assert 380 <= max(lengths) <= 420


def test_no_note_speaks_of_what_the_gold_calls_absent() -> None:
    text = all_text(f"{NOTES}.csv").lower()
    assert not [word for word in ("suicid", "sexual", "care order", "caution") if word in text]


# ---- meetings


def test_the_cues_are_in_order_and_run_for_about_fifty_minutes() -> None:
    cues = read_cues()
    starts = [cue[1] for cue in cues]
    assert starts == sorted(starts)
    assert all(start < end for _, start, end, _, _ in cues)
    assert len({cue[0] for cue in cues}) == len(cues)
    assert 45 * 60 <= cues[-1][2] <= 60 * 60
    assert 5500 <= sum(len(cue[4].split()) for cue in cues) <= 7000


def test_some_turns_begin_before_the_one_in_front_has_ended() -> None:
    overlaps = [after[3] for before, after in itertools.pairwise(read_cues()) if after[1] < before[2]]
    assert overlaps == ["Sunniva Brack", "Tomas Wren", "Desmond Quill"]


def test_everyone_who_speaks_at_the_housing_committee_is_in_its_gold() -> None:
    gold = load("gold/housing-committee.yaml")
    known = (
        {member["name"] for member in gold["present"]} | set(gold["in_attendance"]) | {gold["not_to_be_named"]["label"]}
    )
    assert {cue[3] for cue in read_cues()} == known


@pytest.mark.parametrize("name", ["gold/housing-committee.yaml", "gold/planning-subcommittee.yaml"])
def test_every_quote_of_a_meetings_gold_stands_in_one_turn(name: str) -> None:
    gold = load(name)
    if gold["meeting"]["recording"].endswith(".vtt"):
        turns = [words for _, _, words in read_vtt_turns()]
    else:
        turns = (SAMPLES / gold["meeting"]["recording"]).read_text(encoding="utf-8").splitlines()
    groups = ("motions", "actions", "conditions_changed", "reasons")
    quotes = [entry["quote"] for group in groups for entry in gold.get(group, [])]
    quotes += [*gold.get("exempt", {}).get("words", []), *([gold["exempt"]["from"]] if "exempt" in gold else [])]
    assert not [quote for quote in quotes if not any(quote in turn for turn in turns)]


@pytest.mark.parametrize("name", ["gold/housing-committee.yaml", "gold/planning-subcommittee.yaml"])
def test_no_vote_has_more_members_than_were_present(name: str) -> None:
    gold = load(name)
    for motion in gold["motions"]:
        if "for" in motion:
            votes = motion["for"] + motion["against"] + motion["abstained"]
            assert votes + len(motion.get("absent", [])) == len(gold["present"]), motion


def test_the_named_vote_adds_up() -> None:
    motion = next(motion for motion in load("gold/housing-committee.yaml")["motions"] if "named_vote" in motion)
    named = motion["named_vote"]
    assert all(len(named[way]) == motion[way] for way in ("for", "against", "abstained"))


def test_the_exempt_words_are_said_only_after_the_public_has_left() -> None:
    exempt = load("gold/housing-committee.yaml")["exempt"]
    turns = [words for _, _, words in read_vtt_turns()]
    leaving = next(number for number, words in enumerate(turns) if exempt["from"] in words)
    for secret in exempt["words"]:
        assert [number > leaving for number, words in enumerate(turns) if secret in words] == [True], secret


def test_the_close_is_the_time_the_recording_ends() -> None:
    start, _, words = read_vtt_turns()[-2]
    assert meetings.CLOSED_AT in words
    minutes_after_half_past_six = 49  # 7:19pm; the recording began at about 6:31pm
    assert abs(start / 60 + 1 - minutes_after_half_past_six) < 1.5


def test_the_planning_transcript_is_long_messy_and_half_stamped() -> None:
    lines = (SAMPLES / f"{PLANNING}.txt").read_text(encoding="utf-8").splitlines()
    assert sum(len(line.split()) for line in lines) > 2500
    stamped = [line for line in lines if re.match(r"\[\d\d:\d\d:\d\d\] ", line)]
    unstamped = [line for line in lines if re.match(r"(CHAIR|CLERK|Cllr \w+|Speaker 4|Hallam [^:]+): ", line)]
    assert len(stamped) > 40
    assert len(unstamped) > 40
    assert stamped[-1].startswith(load("gold/planning-subcommittee.yaml")["stamped_until"])


@pytest.mark.parametrize("name", [f"{HOUSING}-agenda.docx", f"{PLANNING}-agenda.pdf"])
def test_the_agendas_list_every_item(name: str) -> None:
    source = "housing_agenda.yaml" if name.startswith("housing") else "planning_agenda.yaml"
    agenda = yaml.safe_load((Path(meetings.__file__).parent / source).read_text(encoding="utf-8"))
    text = all_text(name)
    for item in (item for part in agenda["parts"] for item in part["items"]):
        assert f"{item['number']}. {item['title']}" in text


# ---- forms


def flatten(value: Any) -> list[str]:
    """The gold's words as they stand on the form; marks for yes, no and nothing left out."""
    if isinstance(value, dict):
        return [words for inner in value.values() for words in flatten(inner)]
    if isinstance(value, list):
        return [words for inner in value for words in flatten(inner)]
    if value is None or isinstance(value, bool) or value == "":
        return []
    return [value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value).strip('"')]


@pytest.mark.parametrize("name", FORMS)
def test_a_forms_true_values_stand_on_it(name: str) -> None:
    fields = forms.read_gold(name.partition(".")[0])
    text = all_text(name)
    assert not [words for words in flatten(fields) if squeeze(words) not in text]


def test_the_referrals_fields_hold_their_values_and_show_them() -> None:
    fields, path = forms.read_gold("child-referral"), SAMPLES / "child-referral.pdf"
    found = PdfReader(path).get_fields()
    assert found is not None
    assert found["child_name"].value == fields["child"]["name"]
    assert found["consent_reason"].value == fields["consent_reason"].strip()
    assert found["level_of_need"].value == fields["level_of_need"]
    ticks = {name: field.value for name, field in found.items() if field.get("/FT") == "/Btn"}
    assert (ticks["consent_yes"], ticks["consent_no"]) == ("/Off", "/Yes")
    assert (ticks["immediate_danger_yes"], ticks["immediate_danger_no"]) == ("/Off", "/Yes")
    agencies = {name for name, value in ticks.items() if name.startswith("agency_") and value == "/Yes"}
    assert agencies == {"agency_health_visiting", "agency_nursery_or_school", "agency_gp"}
    widgets = [widget.get_object() for page in PdfReader(path).pages for widget in page.get("/Annots", [])]
    assert all("/N" in widget["/AP"] for widget in widgets)


def test_the_householder_form_has_no_fields_and_draws_its_ticks() -> None:
    reader = PdfReader(SAMPLES / "planning-householder.pdf")
    assert reader.get_fields() is None or not reader.get_fields()
    drawings = [page.get_contents() for page in reader.pages]
    crosses = [drawing.get_data().count(b"1.4 w ") for drawing in drawings if drawing is not None]
    assert crosses == [4, 6]


def test_the_care_form_has_content_controls_and_leaves_eligibility_to_a_person() -> None:
    body = Document(str(SAMPLES / "care-needs-assessment.docx")).element.body
    tags = [node.get(node.keys()[0]) for node in body.iter() if node.tag.endswith("}tag")]
    assert tags == [
        "name",
        "date_of_birth",
        "nhs_number",
        "capacity_yes",
        "capacity_no",
        "consent_yes",
        "consent_no",
        "eligible",
    ]
    assert forms.read_gold("care-needs-assessment")["eligible"] is None
    assert "Eligibility (team manager) Choose an item." in all_text("care-needs-assessment.docx")


# ---- questions


def questions() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = load("questions-records.yaml")
    return found


def test_there_are_twenty_questions_and_at_least_four_have_no_answer() -> None:
    assert len({question["id"] for question in questions()}) == 20
    assert sum(question.get("answerable", True) is False for question in questions()) >= 4


@pytest.mark.parametrize("question", questions(), ids=lambda question: question["id"])
def test_a_questions_quotes_stand_where_it_says(question: dict[str, Any]) -> None:
    answerable = question.get("answerable", True)
    places = question["evidence"] if answerable else question["near_places"]
    assert places
    assert ("answer" in question) == answerable
    for place in places:
        assert place["quote"] in read_text(place["document"], place), place


# ---- the generators


def test_making_the_samples_again_gives_the_same_bytes(tmp_path: Path) -> None:
    title, notes = records.read_notes()
    records.write_csv(notes, tmp_path / f"{NOTES}.csv")
    records.write_workbook(title, notes, tmp_path / f"{NOTES}.xlsx")
    meetings.write_vtt(tmp_path / f"{HOUSING}.vtt")
    meetings.write_agenda(Path(meetings.__file__).parent / "housing_agenda.yaml", tmp_path / f"{HOUSING}-agenda.docx")
    forms.write_damp_report(forms.read_gold("damp-report"), tmp_path / "damp-report.eml")
    write_child_referral(forms.read_gold("child-referral"), tmp_path / "child-referral.pdf")
    write_planning_householder(forms.read_gold("planning-householder"), tmp_path / "planning-householder.pdf")
    care = tmp_path / "care-needs-assessment.docx"
    write_care_needs_assessment(forms.read_gold("care-needs-assessment"), care)
    made = sorted(tmp_path.iterdir())
    assert len(made) == 8
    assert [path.name for path in made if path.read_bytes() != (SAMPLES / path.name).read_bytes()] == []
