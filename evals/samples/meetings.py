"""Make the meeting samples: `python -m evals.samples.meetings`.

`housing_meeting.txt` holds what was said at the Housing and Communities Committee; this writes it as the WebVTT that
Teams gives. The two agendas stand in `housing_agenda.yaml` and `planning_agenda.yaml`. The planning transcript is plain
text and is kept beside the other samples as it is.
"""

from __future__ import annotations

import html
import re
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from docx import Document
from docx.shared import Cm, Pt

from evals.samples.fixed_zip import fix_times
from evals.samples.office import convert_to_pdf

HERE = Path(__file__).parent
OUT = HERE.parent / "data" / "samples"
MEETING = "housing-committee-2026-06-09"
PLANNING = "planning-subcommittee-2026-05-20"

CALL_ID = "0f3c9a1e-5b72-4d0e-9c41-7e2f6a8d1b03"
CLOSED_AT = "nineteen minutes past seven"
FIRST_CUE_SECONDS = 3.12
SECONDS_A_WORD = 0.425
SECONDS_BETWEEN_TURNS = 0.9
OVERLAP_SECONDS = 1.4
MAX_CUE_WORDS = 18
LINE_CHARACTERS = 64


class Turn(NamedTuple):
    """One speaker's turn; `overlaps` when it begins before the one in front of it has ended."""

    speaker: str
    words: str
    overlaps: bool
    pause_before: float


class Cue(NamedTuple):
    """One WebVTT cue; times in seconds from the start of the recording."""

    id: str
    start: float
    end: float
    speaker: str
    words: str


def read_turns(source: Path = HERE / "housing_meeting.txt") -> Iterator[Turn]:
    """The turns of the meeting: `Name: words`, `~` before a turn that cuts in, `# pause 45` for seconds of silence."""
    pause = 0.0
    for line in source.read_text(encoding="utf-8").splitlines():
        if line.startswith("# pause "):
            pause = float(line.removeprefix("# pause "))
            continue
        speaker, words = line.removeprefix("~").split(": ", 1)
        yield Turn(speaker, words.replace("{CLOSE}", CLOSED_AT), line.startswith("~"), pause)
        pause = 0.0


def split_cues(words: str) -> list[str]:
    """`words` cut after sentences and, where a sentence is long, every `MAX_CUE_WORDS`, as captions are."""
    cues: list[str] = []
    for sentence in re.split(r"(?<=[.?!])\s+", words):
        tokens = sentence.split()
        for start in range(0, len(tokens), MAX_CUE_WORDS):
            piece = " ".join(tokens[start : start + MAX_CUE_WORDS])
            if start == 0 and cues and len(f"{cues[-1]} {piece}".split()) <= MAX_CUE_WORDS:
                cues[-1] = f"{cues[-1]} {piece}"
            else:
                cues.append(piece)
    return cues


def time_cues(turns: Iterator[Turn]) -> Iterator[Cue]:
    """Cues with times, as long as their words take to say; a turn that overlaps begins before the last cue ends."""
    now = FIRST_CUE_SECONDS
    for number, turn in enumerate(turns):
        now += turn.pause_before - (OVERLAP_SECONDS if turn.overlaps else 0)
        for part, words in enumerate(split_cues(turn.words)):
            end = now + SECONDS_A_WORD * len(words.split()) + 0.2
            yield Cue(f"{CALL_ID}/{number + 14}-{part}", now, end, turn.speaker, words)
            now = end
        now += SECONDS_BETWEEN_TURNS


def format_time(seconds: float) -> str:
    """hh:mm:ss.mmm"""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest / 1000:06.3f}"


def format_cue(cue: Cue) -> str:
    """The cue's block: id, times, and its words inside the speaker's voice tag."""
    words = "\n".join(textwrap.wrap(html.escape(cue.words, quote=False), LINE_CHARACTERS, break_on_hyphens=False))
    return f"{cue.id}\n{format_time(cue.start)} --> {format_time(cue.end)}\n<v {cue.speaker}>{words}</v>\n"


def write_vtt(path: Path) -> None:
    """The meeting as WebVTT."""
    blocks = ["WEBVTT\n", *(format_cue(cue) for cue in time_cues(read_turns()))]
    path.write_text("\n".join(blocks), encoding="utf-8")


def write_agenda(source: Path, path: Path) -> None:
    """The agenda in the YAML file `source` as a Word document."""
    agenda: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(11)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.footer.paragraphs[0].text = agenda["footer"]
    document.core_properties.title = f"Agenda: {agenda['committee']}"
    document.core_properties.author = "Democratic Services"
    document.add_heading(agenda["council"], level=0)
    document.add_heading(f"{agenda['committee']}: agenda", level=1)
    _add_pairs(document, agenda["details"])
    document.add_heading("Membership", level=2)
    for member in agenda["members"]:
        document.add_paragraph(member, style="List Bullet")
    for paragraph in agenda["notes"]:
        document.add_paragraph(paragraph)
    for part in agenda["parts"]:
        document.add_heading(part["title"], level=2)
        for item in part["items"]:
            _add_item(document, item)
    document.save(str(path))
    fix_times(path)


def _add_pairs(document: Any, pairs: dict[str, str]) -> None:
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    table.columns[0].width, table.columns[1].width = Cm(3.5), Cm(12.9)
    for label, value in pairs.items():
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(3.5), Cm(12.9)
        cells[0].paragraphs[0].add_run(label).bold = True
        cells[1].text = value


def _add_item(document: Any, item: dict[str, Any]) -> None:
    pages = f" ({item['pages']})" if "pages" in item else ""
    document.add_heading(f"{item['number']}. {item['title']}{pages}", level=3)
    if "report_of" in item:
        document.add_paragraph(f"Report of the {item['report_of']}")
    for paragraph in item.get("text", []):
        document.add_paragraph(paragraph)
    for number, recommendation in enumerate(item.get("recommendations", []), start=1):
        lead = document.add_paragraph(f"({number}) {recommendation}")
        lead.paragraph_format.left_indent = Cm(1)


def main() -> None:
    """Write the transcript and both agendas into evals/data/samples."""
    write_vtt(OUT / f"{MEETING}.vtt")
    write_agenda(HERE / "housing_agenda.yaml", OUT / f"{MEETING}-agenda.docx")
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch, f"{PLANNING}-agenda.docx")
        write_agenda(HERE / "planning_agenda.yaml", draft)
        convert_to_pdf(draft, OUT / f"{PLANNING}-agenda.pdf")


if __name__ == "__main__":
    main()
