"""Transcripts to turns: every shape people bring, damage, and telling transcripts from other papers. All invented."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.errors import DamagedFile, EmptyFile
from ingestion.language import split_sentences
from ingestion.parse.transcripts import read_docx_paragraphs, read_labelled, read_srt, read_vtt
from ingestion.parse.turns import MAX_TURN_CHARACTERS, Speech, make_turns
from ingestion.types import Element

Said = tuple[str | None, str, float | None, float | None]


def said(elements: list[Element] | None) -> list[Said]:
    """(speaker, words, start, end) of the turns."""
    assert elements is not None, "taken for no transcript"
    return [
        (e.turn.speaker, e.text, e.turn.start_seconds, e.turn.end_seconds)
        for e in elements
        if e.kind == "turn" and e.turn is not None
    ]


def pairs(elements: list[Element] | None) -> list[tuple[str | None, str]]:
    return [(speaker, text) for speaker, text, _, _ in said(elements)]


def other(elements: list[Element] | None) -> list[tuple[str, str]]:
    """(kind, text) of what is no turn."""
    return [(e.kind, e.text) for e in elements or [] if e.kind != "turn"]


TEAMS_VTT = """\ufeffWEBVTT

NOTE duration:"00:00:19.0000000"

NOTE language:en-gb

0f3c-9a/14-0
00:00:03.120 --> 00:00:05.900
<v Ann Bell>Good evening, everyone,</v>

0f3c-9a/14-1
00:00:05.900 --> 00:00:08.000
<v Ann Bell>and welcome.</v>

0f3c-9a/15-0
00:00:08.500 --> 00:00:12.250
<v Tomos O&apos;Marsh &amp; team>Thank you, Chair.
Item one.</v>
"""

VTT_ROWS: list[tuple[str, str, list[Said]]] = [
    (
        "Teams, a turn over several cues, entities",
        TEAMS_VTT,
        [
            ("Ann Bell", "Good evening, everyone, and welcome.", 3.12, 8.0),
            ("Tomos O'Marsh & team", "Thank you, Chair. Item one.", 8.5, 12.25),
        ],
    ),
    (
        "the closing tag missing, a class on the voice, formatting, settings, hours left out",
        "WEBVTT\n\n00:03.000 --> 00:05.000 align:start position:10%,line-left line:0\n"
        "<v.loud Ann Bell><b>Order</b>, <i>order</i>!\n",
        [("Ann Bell", "Order, order!", 3.0, 5.0)],
    ),
    (
        "several voices in one cue, and words before the first",
        "WEBVTT\n\n00:03.000 --> 00:05.000\nWell.\n<v Ann Bell>Yes?\n<v Raj Patelson>No, Chair.</v>\n",
        [(None, "Well.", 3.0, 5.0), ("Ann Bell", "Yes?", 3.0, 5.0), ("Raj Patelson", "No, Chair.", 3.0, 5.0)],
    ),
    (
        "words in angle brackets that are no tag stay",
        "WEBVTT\n\n00:03.000 --> 00:05.000\n<v Ann Bell>It is <inaudible> if x < 3 &lt;sic&gt; [laughter]</v>\n",
        [("Ann Bell", "It is <inaudible> if x < 3 <sic> [laughter]", 3.0, 5.0)],
    ),
    (
        "STYLE and REGION blocks",
        "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:one\nwidth:40%\n\n00:03.000 --> 00:05.000\n"
        "<v Ann Bell>Hello.\n",
        [("Ann Bell", "Hello.", 3.0, 5.0)],
    ),
    (
        "Zoom, names before a colon",
        "WEBVTT\r\n\r\n1\r\n00:00:01.000 --> 00:00:02.000\r\nAnn Bell: Item one: bins.\r\n\r\n"
        "2\r\n00:00:02.000 --> 00:00:03.000\r\nAnn Bell: It is 10:30 now.\r\n\r\n"
        "3\r\n00:00:04.000 --> 00:00:05.000\r\ngwenm22: Note: see http://example.org\r\n\r\n"
        "4\r\n00:00:05.000 --> 00:00:06.000\r\ngwenm22: Yes.\r\n\r\n5\r\n"
        "00:00:06.500 --> 00:00:07.000\r\ngwenm22: No.\r\n",
        [
            ("Ann Bell", "Item one: bins. It is 10:30 now.", 1.0, 3.0),
            ("gwenm22", "Note: see http://example.org Yes. No.", 4.0, 7.0),
        ],
    ),
    (
        "Zoom, somebody it does not know stays unknown",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nAnn Bell: One.\n\n00:02.000 --> 00:03.000\nAnn Bell: Two.\n\n"
        "00:03.000 --> 00:04.000\nThree.\n",
        [("Ann Bell", "One. Two.", 1.0, 3.0), (None, "Three.", 3.0, 4.0)],
    ),
    (
        "nobody named: turns by pauses",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nOne.\n\n00:02.500 --> 00:03.000\nTwo: bins.\n\n"
        "00:06.000 --> 00:07.000\nThree.\n",
        [(None, "One. Two: bins.", 1.0, 3.0), (None, "Three.", 6.0, 7.0)],
    ),
    (
        "captions that roll up are not said twice",
        "WEBVTT\nKind: captions\nLanguage: en\n\n00:00:01.000 --> 00:00:03.000\nwelcome<00:00:01.500><c> all</c>\n\n"
        "00:00:03.000 --> 00:00:05.000\nwelcome all\nto<00:00:03.500><c> the</c><00:00:04.000><c> meeting</c>\n",
        [(None, "welcome all to the meeting", 1.0, 5.0)],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in VTT_ROWS], ids=[row[0] for row in VTT_ROWS])
def test_web_captions_are_read_to_turns(text: str, expected: list[Said]) -> None:
    assert said(read_vtt(text, "committee.vtt")) == expected


SRT_ROWS: list[tuple[str, str, list[Said]]] = [
    (
        "a name only where the speaker changes",
        "1\n00:00:03,120 --> 00:00:05,900\nCLLR BELL: Item one.\n\n2\n00:00:06,000 --> 00:00:07,000\n"
        "We have three bids.\n\n"
        "3\n00:00:07,500 --> 00:00:09,000\nMR MARSH: Thank you.\n\n4\n00:00:10,000 --> 00:00:11,000\n"
        "One thing: cost.\n",
        [
            ("CLLR BELL", "Item one. We have three bids.", 3.12, 7.0),
            ("MR MARSH", "Thank you. One thing: cost.", 7.5, 11.0),
        ],
    ),
    (
        "two speakers in one cue, font tags, a blank line inside the words",
        '1\n00:00:03,120 --> 00:00:05,900\n<font color="#fff">ANN BELL: Yes.</font>\nRAJ PATELSON: No,\n\nand why.\n',
        [("ANN BELL", "Yes.", 3.12, 5.9), ("RAJ PATELSON", "No, and why.", 3.12, 5.9)],
    ),
    ("no names", "1\n00:00:03,120 --> 00:00:05,900\n{\\an8}Item one.\n", [(None, "Item one.", 3.12, 5.9)]),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in SRT_ROWS], ids=[row[0] for row in SRT_ROWS])
def test_subtitles_are_read_to_turns(text: str, expected: list[Said]) -> None:
    assert said(read_srt(text, "committee.srt")) == expected


DAMAGED_ROWS: list[tuple[str, str, list[Said]]] = [
    ("no header", "00:01.000 --> 00:02.000\n<v Ann Bell>One.", [("Ann Bell", "One.", 1.0, 2.0)]),
    (
        "a broken start, a broken end, 61 seconds",
        "WEBVTT\n\nxx:01.000 --> 00:02.000\n<v Ann Bell>One.\n\n00:03.000 --> 00:0\n<v Raj Patelson>Two.\n\n"
        "00:04.000 --> 00:61.000\n<v Ann Bell>Three.\n",
        [("Ann Bell", "One.", None, 2.0), ("Raj Patelson", "Two.", 3.0, None), ("Ann Bell", "Three.", 4.0, None)],
    ),
    (
        "it ends before it starts",
        "WEBVTT\n\n00:09.000 --> 00:02.000\n<v Ann Bell>One.",
        [("Ann Bell", "One.", None, None)],
    ),
    ("no end at all", "WEBVTT\n\n00:09.000 -->\n<v Ann Bell>One.", [("Ann Bell", "One.", 9.0, None)]),
    ("another arrow", "WEBVTT\n\n00:01.000 -> 00:02.000\n<v Ann Bell>One.", [("Ann Bell", "One.", 1.0, 2.0)]),
    (
        "the last cue cut off",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Bell>One.</v>\n\n0f3c-9a/15-0\n"
        "00:03.000 --> 00:04.000\n<v Raj Patelson>Tw",
        [("Ann Bell", "One.", 1.0, 2.0), ("Raj Patelson", "Tw", 3.0, 4.0)],
    ),
    (
        "cut off after an id",
        "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nAnn Bell: One.\n\n2",
        [("Ann Bell", "One.", 1.0, 2.0)],
    ),
    (
        "mixed line ends, a NUL",
        "\ufeffWEBVTT\r\r\n00:01.000 --> 00:02.000\r<v Ann Bell>One\x00.\r\n\n00:02.000 --> 00:03.000\n"
        "<v Raj Patelson>Two.",
        [("Ann Bell", "One.", 1.0, 2.0), ("Raj Patelson", "Two.", 2.0, 3.0)],
    ),
    (
        "blank lines lost between cues",
        "WEBVTT\n00:01.000 --> 00:02.000\n<v Ann Bell>One.\n2\n00:02.000 --> 00:03.000\n<v Raj Patelson>Two.\n"
        "00:03.000 --> 00:04.000\n<v Ann Bell>Three.",
        [("Ann Bell", "One.", 1.0, 2.0), ("Raj Patelson", "Two.", 2.0, 3.0), ("Ann Bell", "Three.", 3.0, 4.0)],
    ),
    (
        "words on the timing line",
        "WEBVTT\n\n00:01.000 --> 00:02.000 Good evening\n\n00:02.000 --> 00:03.000\nall.",
        [(None, "Good evening all.", 1.0, 3.0)],
    ),
    (
        "a timing line lost",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Bell>One.\n\n<v Raj Patelson>Two.\n\n"
        "00:03.000 --> 00:04.000\n<v Ann Bell>Three.",
        [("Ann Bell", "One.", 1.0, 2.0), ("Raj Patelson", "Two.", None, None), ("Ann Bell", "Three.", 3.0, 4.0)],
    ),
    (
        "an arrow in the words",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Bell>Go from page 3\nfrom there --> page 4.",
        [("Ann Bell", "Go from page 3 from there --> page 4.", 1.0, 2.0)],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in DAMAGED_ROWS], ids=[row[0] for row in DAMAGED_ROWS])
def test_local_damage_costs_times_but_no_words(text: str, expected: list[Said]) -> None:
    assert said(read_vtt(text, "committee.vtt")) == expected


@pytest.mark.parametrize(
    "text", ["WEBVTT\n", "WEBVTT\n\n00:01.000 --> 00:02.000\n", "Just a letter.\n\nWith words.", "\x00\x01PK"]
)
def test_a_file_without_a_usable_cue_is_damaged(text: str) -> None:
    with pytest.raises(DamagedFile, match=r"^committee\.vtt .*plain text.*\.$"):
        read_vtt(text, "committee.vtt")


@pytest.mark.parametrize("text", ["", "\ufeff \r\n"])
def test_a_file_without_text_is_empty(text: str) -> None:
    with pytest.raises(EmptyFile, match=r"committee\.srt"):
        read_srt(text, "committee.srt")


def test_the_header_and_a_clerks_note_are_kept_in_their_place() -> None:
    text = (
        "WEBVTT - Planning Committee, 3 March 2025\nKind: captions\n\n00:01.000 --> 00:02.000\n<v Ann Bell>One.\n\n"
        "NOTE\nThe recording stopped here for a minute.\n\nNOTE Confidence: 0.91\n\n"
        "00:03.000 --> 00:04.000\n<v Ann Bell>Two.\n"
    )
    elements = read_vtt(text, "committee.vtt")
    assert [(e.kind, e.text) for e in elements] == [
        ("title", "Planning Committee, 3 March 2025"),
        ("turn", "One."),
        ("text", "The recording stopped here for a minute."),
        ("turn", "Two."),
    ]


# --- Word


def test_the_word_files_of_teams_are_read() -> None:
    paragraphs = [
        "Planning Committee-20250303_100000-Meeting Recording",
        "March 3, 2025, 10:00AM",
        "19m 4s",
        "Ann Bell started transcription",
        "Ann Bell   0:03\nGood morning.\nItem one: the bins.",
        "Raj Patelson   1:02:07\nThank you.",
        "Raj Patelson   1:02:30\nAnd more.",
        "Ann Bell stopped transcription",
    ]
    elements = read_docx_paragraphs(paragraphs, "committee.docx")
    assert said(elements) == [
        ("Ann Bell", "Good morning. Item one: the bins.", 3.0, None),
        ("Raj Patelson", "Thank you. And more.", 3727.0, None),
    ]
    assert other(elements) == [
        ("title", "Planning Committee-20250303_100000-Meeting Recording"),
        ("text", "March 3, 2025, 10:00AM"),
        ("text", "19m 4s"),
    ]


@pytest.mark.parametrize("glue", [True, False], ids=["line breaks", "paragraphs"])
def test_the_older_word_files_of_teams_are_read(glue: bool) -> None:
    blocks = [
        ["0:0:3.12 --> 0:0:5.9", "Ann Bell", "Good morning."],
        ["0:0:5.9 --> 0:0:9.0", "Ann Bell", "Item one."],
        ["0:1:5.9 --> 0:1:9.04", "Raj Patelson (Guest)", "Thank you."],
    ]
    paragraphs = ["\n".join(block) for block in blocks] if glue else [line for block in blocks for line in block]
    assert said(read_docx_paragraphs(paragraphs, "committee.docx")) == [
        ("Ann Bell", "Good morning. Item one.", 3.12, 9.0),
        ("Raj Patelson (Guest)", "Thank you.", 65.9, 69.04),
    ]


def test_a_word_file_with_labels_is_read_and_a_report_is_not() -> None:
    labelled = [
        "CHAIR: Welcome to the meeting.",
        "CLLR BELL: Thank you, Chair.",
        "It was a long walk.",
        "CHAIR: Item one, then.",
    ]
    assert pairs(read_docx_paragraphs(labelled, "m.docx")) == [
        ("CHAIR", "Welcome to the meeting."),
        ("CLLR BELL", "Thank you, Chair.\nIt was a long walk."),
        ("CHAIR", "Item one, then."),
    ]
    report = ["Waste report", "1. Background", "The contract ends in 2026: it needs a decision.", "Contact: Ann Bell"]
    assert read_docx_paragraphs(report, "r.docx") is None


# --- Labels in plain text

LABELLED_ROWS: list[tuple[str, str, list[Said]]] = [
    (
        "times in brackets, a wrapped line, a colon in the words",
        "[00:03:10] Cllr Bell: I move the motion\nas printed. One thing: cost.\n[00:03:40] CHAIR: Seconded?\n"
        "[00:04:01] Cllr Bell: By Cllr Patelson at 10:30.\n",
        [
            ("Cllr Bell", "I move the motion as printed. One thing: cost.", 190.0, None),
            ("CHAIR", "Seconded?", 220.0, None),
            ("Cllr Bell", "By Cllr Patelson at 10:30.", 241.0, None),
        ],
    ),
    (
        "capitals, a new paragraph in a turn, Note: and http: inside",
        "CHAIR: Good evening.\n\nMRS O'MARSH: Thank you.\n\nNote: the plan is at http://example.org\n\n"
        "CHAIR: We vote [inaudible] now.\n",
        [
            ("CHAIR", "Good evening.", None, None),
            ("MRS O'MARSH", "Thank you.\nNote: the plan is at http://example.org", None, None),
            ("CHAIR", "We vote [inaudible] now.", None, None),
        ],
    ),
    (
        "names in brackets on their own line",
        "(Ann Bell)\nGood evening, all.\n(Applause)\n\n(Raj Patelson)\nThank you very much.\n\n"
        "(Ann Bell)\nItem one is the budget.\n",
        [
            ("Ann Bell", "Good evening, all. (Applause)", None, None),
            ("Raj Patelson", "Thank you very much.", None, None),
            ("Ann Bell", "Item one is the budget.", None, None),
        ],
    ),
    (
        "numbered speakers on their own line",
        "Speaker 1\nGood evening, all.\n\nSpeaker 2\nThank you very much.\n\nSpeaker 1\nItem one is the budget.\n",
        [
            ("Speaker 1", "Good evening, all.", None, None),
            ("Speaker 2", "Thank you very much.", None, None),
            ("Speaker 1", "Item one is the budget.", None, None),
        ],
    ),
    (
        "name and time above the words",
        "Ann Bell  0:03\nGood evening, all.\n\nSpeaker 2  00:12\nThank you.\n",
        [("Ann Bell", "Good evening, all.", 3.0, None), ("Speaker 2", "Thank you.", 12.0, None)],
    ),
    (
        "name, then the time, then a colon; a range of times",
        "Ann Bell (00:03): Good evening, all.\nRaj Patelson [00:00:12]: Thank you.\n"
        "00:00:20 --> 00:00:31 Ann Bell: Item one, please.\n",
        [
            ("Ann Bell", "Good evening, all.", 3.0, None),
            ("Raj Patelson", "Thank you.", 12.0, None),
            ("Ann Bell", "Item one, please.", 20.0, 31.0),
        ],
    ),
    (
        "Zoom chat, messages stay apart, a private one says to whom",
        "10:02:11 From Ann Bell to Everyone:\n\tHello all\n10:02:15 From Ann Bell to Everyone:\n\tNote: mute please\n"
        "10:03:00\t From  Raj Patelson : Thanks\n"
        "10:03:09 From Raj Patelson to Ann Bell (Direct Message):\n\tis this on?\n",
        [
            ("Ann Bell", "Hello all", 36131.0, None),
            ("Ann Bell", "Note: mute please", 36135.0, None),
            ("Raj Patelson", "Thanks", 36180.0, None),
            ("Raj Patelson", "[to Ann Bell (Direct Message)] is this on?", 36189.0, None),
        ],
    ),
    (
        "bracketed times and nobody named",
        "[00:00:03] Good evening and welcome to the meeting.\n[00:00:20] We start with the minutes.\n"
        "[00:01:10] Are they agreed?\n",
        [
            (None, "Good evening and welcome to the meeting.", 3.0, None),
            (None, "We start with the minutes.", 20.0, None),
            (None, "Are they agreed?", 70.0, None),
        ],
    ),
    (
        "one who speaks once, lower-case names that come back",
        "ann: shall we start then\nbob: yes please do\nann: item one is bins\nbob: i agree with that\n"
        "ann: good\nbob: fine\n"
        "Cllr Price: I am late, sorry.\n",
        [
            ("ann", "shall we start then", None, None),
            ("bob", "yes please do", None, None),
            ("ann", "item one is bins", None, None),
            ("bob", "i agree with that", None, None),
            ("ann", "good", None, None),
            ("bob", "fine", None, None),
            ("Cllr Price", "I am late, sorry.", None, None),
        ],
    ),
    (
        "surnames that are also words of reports",
        "CLLR PAGE: The report is clear.\nMR WARD: I do not agree with it.\n"
        "CLLR PAGE: Then we vote on it.\nElaine Price: Agreed, let us vote.\n",
        [
            ("CLLR PAGE", "The report is clear.", None, None),
            ("MR WARD", "I do not agree with it.", None, None),
            ("CLLR PAGE", "Then we vote on it.", None, None),
            ("Elaine Price", "Agreed, let us vote.", None, None),
        ],
    ),
    (
        "letters for speakers, a title before a name, a wrapped line that opens with a word and a colon",
        "A: We should start now.\nB: Yes, we should think of\nVeterans: they come first.\nA: Good, and then?\n"
        "B: The budget.\nThe Honourable Elin d'Sample: I am here too.\n",
        [
            ("A", "We should start now.", None, None),
            ("B", "Yes, we should think of Veterans: they come first.", None, None),
            ("A", "Good, and then?", None, None),
            ("B", "The budget.", None, None),
            ("The Honourable Elin d'Sample", "I am here too.", None, None),
        ],
    ),
    (
        "captions under the wrong ending",
        TEAMS_VTT,
        VTT_ROWS[0][2],
    ),
]


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in LABELLED_ROWS], ids=[row[0] for row in LABELLED_ROWS]
)
def test_labelled_text_is_read_to_turns(text: str, expected: list[Said]) -> None:
    assert said(read_labelled(text, "committee.txt")) == expected


def test_what_stands_above_the_first_label_and_between_items_is_kept() -> None:
    text = (
        "Planning Committee\nMonday 3 March 2025, 6.30 pm, Town Hall\n\nPresent: Cllr Bell (Chair), Cllr Patelson\n"
        "Apologies: Cllr Price\n\nCHAIR: Good evening.\n\nItem 2: Declarations of interest\n\n"
        "CLLR PATELSON: None, Chair.\n"
        "CHAIR: Thank you, all.\n"
    )
    elements = read_labelled(text, "committee.txt")
    assert elements is not None
    assert [(e.kind, e.text, e.level) for e in elements] == [
        ("title", "Planning Committee", 1),
        ("text", "Monday 3 March 2025, 6.30 pm, Town Hall", None),
        ("text", "Present: Cllr Bell (Chair), Cllr Patelson\nApologies: Cllr Price", None),
        ("turn", "Good evening.", None),
        ("title", "Item 2: Declarations of interest", 2),
        ("turn", "None, Chair.", None),
        ("turn", "Thank you, all.", None),
    ]


NOT_TRANSCRIPTS = {
    "a letter": "Dear Mr Patelson\n\nRe: Your tenancy\n\nOur ref: TEN/22\nDate: 3 March 2025\n\n"
    "I write about the rent. You owe "
    "two things: rent and a fee.\n\nTelephone: 01632 960123\nEmail: housing@example.gov.uk\n\n"
    "Yours sincerely\n\nAnn Bell\n",
    "an agenda": "AGENDA\n\nItem 1: Apologies\nItem 2: Declarations of interest\nItem 3: Minutes of the last meeting\n"
    "Item 3: Planning applications\n\nContact: Ann Bell\nTime: 10:30\n",
    "minutes": "Present: Cllr Bell (Chair), Cllr Price\nApologies: Cllr Ward\n\n12/25 Budget\n"
    "The Committee noted the report.\n"
    "Proposed: Cllr Bell\nSeconded: Cllr Price\nRESOLVED: That the budget be approved.\n\n"
    "13/25 Bins\nThe Committee heard "
    "from an officer.\nProposed: Cllr Price\nSeconded: Cllr Bell\nRESOLVED: That the contract be let.\n",
    "a report with implications": "\n\n".join(
        f"{n}. Proposal {n}\nLead Officer: Ann Bell\nFinancial Implications: There are none to report this year.\n"
        "Legal Implications: There are none to report this year.\n"
        "Public Comment: The plan is not liked by many people."
        for n in range(1, 5)
    ),
    "a consultation report": "\n\n".join(
        f"Question {n}: Do you agree?\nResponse: Most people agreed with it.\n"
        f"Officer Response: The council will look again at it."
        for n in range(1, 6)
    ),
    "prose with colons": "The council has three aims: clean streets, safe homes and fair rents. Remember: bins go "
    "out on "
    "Tuesday. See http://example.org for more: it is all there.\n\nThe second aim is this: safe homes.\n" * 3,
    "an e-mail thread": "From: Ann Bell\nTo: Raj Patelson\nSent: 3 March 2025 10:30\nSubject: Bins\n\n"
    "Thanks, that is fine by me.\n\n"
    "From: Raj Patelson\nTo: Ann Bell\nSent: 3 March 2025 09:12\nSubject: Bins\n\n"
    "Shall we meet on Thursday about the bins?\n",
    "a contact list": "Ann Bell: 01632 960123\nRaj Patelson: 01632 960124\nElaine Price: 01632 960125\n"
    "Ann Bell: 07700 900123\n",
    "a form": "Name: Ann Bell\nAddress: 1 Made Up Road\nPostcode: ZZ99 9ZZ\nDate Of Birth: 01/01/1990\n"
    "Name: Raj Patelson\n"
    "Address: 2 Made Up Road\nPostcode: ZZ99 9ZZ\nDate Of Birth: 01/01/1991\n",
    "a timetable": "Open Day Programme\n\n9:30 Registration\n10:00 Welcome\n11:30 Workshop\n12:30 Lunch\n"
    "13:30 Workshop\n15:00 Close\n",
    "questions and answers": "Q: How do I pay?\nA: You pay online at any time.\n\nQ: When do I pay?\n"
    "A: You pay in April of each year.\n\n"
    "Q: Who can help?\nA: Ask at the desk in the hall.\n",
    "case notes in words": "Note: 3 March 2025\nVisited at home. All well.\n\nNote: 4 March 2025\n"
    "Rang the school. No reply.\n",
    "action list": "Action: Ann Bell to write to the parish council.\nOwner: Ann Bell\nDeadline: 3 April 2025\n\n"
    "Action: Raj Patelson to read the plan again.\nOwner: Raj Patelson\nDeadline: 4 April 2025\n",
    "a quote in a report": "The bins report\n\n"
    + "The contract is up. We have asked people what they think of it. " * 20
    + "\n\nAnn Bell: It was fine with me.\nRaj Patelson: I liked it a lot.\nAnn Bell: So did the rest of us.\n",
    "a planning schedule": "\n\n".join(
        f"Application: 25/{n:04}\nSite: {n} Made Up Road\nProposal: A porch at the front of the house.\n"
        "Applicant: Raj Patelson\nCase Officer: Ann Bell\nRecommendation: That permission is granted.\n"
        for n in range(1, 6)
    ),
    "one voice only": "Ann Bell: I was there all day.\nAnn Bell: Then I left for home.\nAnn Bell: That is all.\n",
    "opening hours": "Monday: 9:00 to 17:00\nTuesday: 9:00 to 17:00\nLibrary: closed\nMonday: 9:00 to 12:00\n"
    "Library: closed all day long\n",
    "nothing": "",
    "one line": "CHAIR: Good evening.",
}


@pytest.mark.parametrize("text", NOT_TRANSCRIPTS.values(), ids=NOT_TRANSCRIPTS.keys())
def test_other_papers_are_not_taken_for_transcripts(text: str) -> None:
    assert read_labelled(text, "paper.txt") is None


# --- Long turns


def test_a_long_turn_is_cut_at_sentence_ends_with_the_times_of_its_own_cues() -> None:
    cues = [
        f"00:{n // 60:02}:{n % 60:02}.000 --> 00:{n // 60:02}:{n % 60:02}.900\n"
        f"<v Ann Bell>Cllr. Price asked about road {n}. It was</v>"
        for n in range(90)
    ]
    elements = read_vtt("WEBVTT\n\n" + "\n\n".join(cues), "committee.vtt")
    assert len(elements) > 2
    assert all(len(e.text) <= MAX_TURN_CHARACTERS for e in elements)
    assert all(e.text.endswith(".") for e in elements[:-1])
    assert all("road" in e.text.split(".")[-2] for e in elements[:-1])  # never after "Cllr."
    for e in elements:
        assert e.turn is not None
        first = int(e.text.split("road ")[1].split(".")[0])
        last = int(e.text.split("road ")[-1].split(".")[0])
        assert e.turn.start_seconds in (first, first - 1)  # "It was" stands in the cue before
        assert e.turn.end_seconds in (last + 0.9, last + 1.9)


@given(
    st.lists(
        st.lists(st.text(string.ascii_letters + ".", min_size=1, max_size=12), min_size=1, max_size=60),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 6),
)
@settings(max_examples=60, deadline=None)
def test_cutting_keeps_every_word_in_order(stretches: list[list[str]], repeat: int) -> None:
    pieces = [Speech("Ann Bell", " ".join(words), float(n), n + 0.5) for n, words in enumerate(stretches * repeat)]
    elements = make_turns(pieces)
    words = [word for piece in pieces for word in piece.text.split()]
    assert [word for e in elements for word in e.text.split()] == words
    for e in elements:
        assert len(e.text) <= MAX_TURN_CHARACTERS
        assert e.turn is not None
        assert e.turn.start_seconds is not None
        assert e.turn.end_seconds is not None
        assert e.turn.start_seconds < e.turn.end_seconds
        assert split_sentences(e.text)


# --- Written in each format, read back

NAMES = ["Ann Bell", "Raj Patelson", "Cllr Price", "CHAIR", "Tomos O'Marsh", "Speaker 2", "Mrs Ann-Marie de Testley"]
WORDS = st.lists(
    st.text(string.ascii_letters + "éŵ3", min_size=1, max_size=9).filter(lambda word: word.strip("3") != ""),
    min_size=2,
    max_size=8,
).map(lambda words: " ".join(words) + ".")


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """Turns of (speaker, cues): at least four, neighbours different, the first speaker coming back."""
    speakers = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=8))
    order = [speakers[0]]
    for speaker in speakers[1:]:
        order += [speaker] if speaker != order[-1] else []
    if len(order) == 1:
        order.append(next(name for name in NAMES if name != order[0]))
    order += order if order[-1] != order[0] else order[1:]
    return [(speaker, draw(st.lists(WORDS, min_size=1, max_size=3))) for speaker in order]


def stamp(seconds: int, mark: str = ".") -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}250"


def as_teams(turns: list[tuple[str, list[str]]]) -> list[Element] | None:
    cues, at = [], 0
    for speaker, parts in turns:
        for part in parts:
            cues.append(f"{at:x}c-9/{at}-0\n{stamp(at)} --> {stamp(at + 2)}\n<v {speaker}>{part}</v>")
            at += 3
    return read_vtt("WEBVTT\n\n" + "\n\n".join(cues), "t.vtt")


def as_zoom(turns: list[tuple[str, list[str]]]) -> list[Element] | None:
    cues = [f"{speaker}: {part}" for speaker, parts in turns for part in parts]
    return read_vtt(
        "WEBVTT\r\n\r\n"
        + "\r\n\r\n".join(f"{n}\r\n{stamp(n)} --> {stamp(n + 1)}\r\n{cue}" for n, cue in enumerate(cues)),
        "z.vtt",
    )


def as_srt(turns: list[tuple[str, list[str]]]) -> list[Element] | None:
    cues = [f"{speaker}: {part}" if not n else part for speaker, parts in turns for n, part in enumerate(parts)]
    return read_srt(
        "\n\n".join(f"{n}\n{stamp(n, ',')} --> {stamp(n + 1, ',')}\n{cue}" for n, cue in enumerate(cues)), "s.srt"
    )


def as_docx(turns: list[tuple[str, list[str]]]) -> list[Element] | None:
    return read_docx_paragraphs(
        [f"{who}   0:{n:02}\n" + "\n".join(parts) for n, (who, parts) in enumerate(turns)], "d.docx"
    )


def as_old_docx(turns: list[tuple[str, list[str]]]) -> list[Element] | None:
    return read_docx_paragraphs(
        [f"0:0:{n}.0 --> 0:0:{n}.9\n{who}\n" + "\n".join(parts) for n, (who, parts) in enumerate(turns)], "o.docx"
    )


def as_labels(turns: list[tuple[str, list[str]]]) -> list[Element] | None:
    return read_labelled("\n".join(f"{who}: " + "\n".join(parts) for who, parts in turns), "l.txt")


def as_timed_labels(turns: list[tuple[str, list[str]]]) -> list[Element] | None:
    return read_labelled(
        "\n\n".join(f"[00:00:{n:02}] {who}: " + "\n".join(parts) for n, (who, parts) in enumerate(turns)), "l.txt"
    )


def as_bracketed_names(turns: list[tuple[str, list[str]]]) -> list[Element] | None:
    return read_labelled("\n\n".join(f"({who})\n" + "\n".join(parts) for who, parts in turns), "b.txt")


@pytest.mark.parametrize(
    "write", [as_teams, as_zoom, as_srt, as_docx, as_old_docx, as_labels, as_timed_labels, as_bracketed_names]
)
def test_turns_written_in_each_format_read_back_the_same(
    write: Callable[[list[tuple[str, list[str]]]], list[Element] | None],
) -> None:
    @given(conversations())
    @settings(max_examples=40, deadline=None)
    def check(turns: list[tuple[str, list[str]]]) -> None:
        assert pairs(write(turns)) == [(speaker, " ".join(parts)) for speaker, parts in turns]

    check()


@given(st.text(st.sampled_from("WEBVT\n\r:.->0123 <v/>ab&{\\[]()\ufeff"), max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_turns_or_a_named_error(text: str) -> None:
    for read in (read_vtt, read_srt, read_labelled):
        try:
            elements = read(text, "x.vtt")
        except (DamagedFile, EmptyFile):
            continue
        assert elements is None or all(e.text.strip() for e in elements)


@given(st.lists(st.text(string.ascii_lowercase, min_size=4, max_size=9), min_size=1, max_size=20), st.data())
@settings(max_examples=100, deadline=None)
def test_a_line_that_is_broken_anywhere_loses_no_other_words(words: list[str], data: st.DataObject) -> None:
    lines = ["WEBVTT", ""]
    for n, word in enumerate(words):
        lines += [f"a{n}/{n}-0", f"{stamp(n)} --> {stamp(n + 1)}", f"<v Ann Bell>{word} said so</v>", ""]
    at = data.draw(st.sampled_from([n for n, line in enumerate(lines) if "-->" in line]))
    lines[at] = data.draw(
        st.sampled_from([lines[at][:5], lines[at][:18], "-->", "00:00 --> xx", "", "99:99:99.9 --> 1", "garbage"])
    )
    text = " ".join(e.text for e in read_vtt("\n".join(lines), "t.vtt"))
    assert text.split().count("said") == len(words)
    assert set(words) <= set(text.split())
