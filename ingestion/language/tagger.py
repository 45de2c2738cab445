"""A small rule tagger that stands in for spaCy's English model, which cannot be installed without a network.

Unstructured asks its tagger one question of a line of text: does it hold a verb? (A line without one is more likely a
heading than a sentence.) Rules answer that well enough: a list of auxiliaries and common verbs, and the endings -ed,
-ing, -ise, -ify with the nouns and adjectives that share them.
"""

from __future__ import annotations

from functools import cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc

MODEL = "en_core_web_sm"

_AUXILIARIES = """
am are be been being is was were 's 're 'm ai had has have having 've 'd do does did doing done can could may might must
shall should will would 'll ca wo need needs ought
"""
# Verbs that minutes, letters and reports use, in the forms the endings below do not give away. Forms that are as
# often nouns ("report", "plan", "review", "note", "support", "meeting") stay out: they would turn headings into
# sentences.
_COMMON = """
agree agrees apply applies arise arose ask asks attend attends became become becomes began begin begun believe believes
bring brings brought buy bought came catch caught choose chose chosen come comes confirm confirms consider considers
contain contains continue continues deliver delivers describe describes did ensure ensures exist exists expect expects
explain explains feel feels fell felt find finds follow follows found gave get gets give given gives go goes gone got
grew grow grown happen happens hear heard held help helps hold holds include includes keep keeps kept knew know known
knows learn leave leaves led left let lets live lives lose lost made make makes mean means meant meet meets met move
moves occur occurs offer offers paid pay pays provide provides put puts ran read recommend recommends receive receives
remain remains require requires resolve resolves rise risen rose said sat saw say says see seem seems seen sell send
sends sent set sets show shown shows sit sits sold speak speaks spend spends spent spoke spoken stand stands stood stop
stops suggest suggests take taken takes taught tell tells think thinks thought told took tries try
understand understands understood use uses visit visits want wants wear went wish wishes wore worn write
writes written wrote
"""
_ENDINGS = ("ed", "ing", "ise", "ises", "ify", "ifies", "ize", "izes")
_NOT_VERBS = """
accommodating advertising asking banking bed bedding bleed briefing building buildings caring
childminding ceiling clothing concise cycling dwelling enterprise evening everything exercise expertise feed franchise
funding greed heading hearing hearings heating hundred housing indeed indeed king learning lighting lodging meeting
meetings merchandise morning noise nothing nursing offspring otherwise outstanding parking planning precise premise
premises promise proceeding raise red reed ring safeguarding seed setting shed shopping sibling something speed
spelling spring standing string surprise swimming thing training treatise unauthorised underlying upbringing weed
wellbeing wing wise
"""

VERBS = frozenset((_AUXILIARIES + _COMMON).split())
NOT_VERBS = frozenset(_NOT_VERBS.split())
_SHORTEST_ENDING_WORD = 5
"""Letters below which an ending says nothing: "king", "bed" and "wise" are no verbs."""


def model_installed() -> bool:
    """Whether spaCy's small English model is installed, in which case these rules are not wanted."""
    return spacy.util.is_package(MODEL)


def is_verb(word: str) -> bool:
    """Whether `word` alone looks like a verb."""
    lower = word.lower()
    if lower in VERBS:
        return True
    if len(lower) < _SHORTEST_ENDING_WORD or lower in NOT_VERBS:
        return False
    return lower.endswith(_ENDINGS)


@Language.component("council_verb_rules")
def _tag_verbs(doc: Doc) -> Doc:
    for token in doc:
        token.tag_ = "VB" if is_verb(token.text) else "NN"
    return doc


@cache
def rule_pipeline() -> Language:
    """A spaCy pipeline that needs no download: tokens, sentences, and the tag VB on every verb (NN on the rest)."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("council_verb_rules")
    return nlp
