"""What the tests of the guide share: a small lexicon of their own, and the real one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from guide.knowledge import Words, load_reader, load_words
from guide.lexicon import Lexicon, load_lexicon
from guide.memory import load_facts
from guide.recogniser import Recogniser
from guide.second_reader import SecondReader

DATA = Path(__file__).parents[1] / "data"

NOW = datetime(2026, 11, 22, 12, 0)
"""The noon at which the tests take place."""

FINDINGS = {
    "not_breathing": {"label": "not breathing", "phrases": ["not breathe", "stop breathing"]},
    "blue_lips": {
        "label": "blue lips",
        "phrases": ["blue .. lips", "lips .. blue"],
        "unless": ["blueberry .. lips", "lips .. blueberry", "blue lipstick"],
        "implies": ["bad_colour"],
    },
    "bad_colour": {"label": "a bad colour"},
    "wheeze": {"label": "wheeze", "phrases": ["wheeze"], "symptom": True},
    "poor_feeding": {"label": "feeding less than half", "phrases": ["not feeding"]},
    "fever": {"label": "fever", "phrases": ["fever"], "symptom": True},
    "low_temperature": {"label": "low temperature"},
    "rash": {"label": "rash", "phrases": ["rash"], "symptom": True},
    "vomiting": {"label": "vomiting", "phrases": ["vomit"], "symptom": True},
    "dry_mouth": {"label": "dry mouth", "phrases": ["dry mouth"]},
    "no_tears": {"label": "no tears", "phrases": ["no tears", "not .. tears"]},
    "honey": {"label": "honey", "phrases": ["honey"], "lasting": True},
    "weak": {"label": "weak", "phrases": ["weak"]},
    "carer_crisis": {
        "label": "a carer in crisis",
        "phrases": ["want to die"],
        "who": "carer",
        "always": True,
    },
    "help_arranged": {"label": "help is on its way", "phrases": ["ambulance .. (come|way)"]},
    "false_alarm": {"label": "false alarm", "phrases": ["false alarm"]},
    "well_again": {"label": "well again", "phrases": ["fine now"]},
}

SIGNS = {
    "breathing": {
        "level": "emergency",
        "title": "Breathing",
        "when": [{"any": ["not_breathing"]}, {"all": ["wheeze", "poor_feeding"]}],
        "now": "Call {emergency} now.",
        "then": "Keep your baby upright.",
        "question": "Is your baby struggling to breathe?",
    },
    "colour": {
        "level": "emergency",
        "title": "Colour",
        "when": [{"all": ["bad_colour"]}],
        "now": "Call {emergency} now.",
        "question": "Are the lips blue?",
    },
    "young_fever": {
        "level": "emergency",
        "title": "Fever under 3 months",
        "when": [{"all": ["fever"], "age_below": 3}, {"temperature_from": 38.0, "age_below": 3}],
        "now": "Go now: {er_or_urgent}.",
        "question": "Has your baby had 38.0 °C or more?",
    },
    "weak_after_honey": {
        "level": "emergency",
        "title": "Honey",
        "when": [{"all": ["honey", "weak"], "age_below": 12}],
        "now": "Call {emergency} now.",
    },
    "carer": {
        "level": "emergency",
        "title": "The carer",
        "when": [{"any": ["carer_crisis"]}],
        "now": "Call {crisis} now.",
        "who": "carer",
    },
    "long_fever": {
        "level": "urgent",
        "title": "Fever of 5 days",
        "when": [{"lasting": {"fever": 120}}],
        "now": "See a doctor today: {urgent}.",
    },
    "wheezing": {
        "level": "urgent",
        "title": "Wheeze",
        "when": [{"any": ["wheeze"]}],
        "now": "See a doctor today: {urgent}.",
        "question": "Is your baby wheezing?",
    },
    "drying_out": {
        "level": "urgent",
        "title": "Dehydration",
        "when": [{"all": ["vomiting"], "two_of": ["dry_mouth", "no_tears", "weak"]}],
        "now": "See a doctor today: {urgent}.",
    },
    "rash_and_fever": {
        "level": "check",
        "title": "Rash and fever",
        "when": [{"all": ["rash", "fever"], "age_from": 3}],
        "now": "Tell me more.",
        "question": "Does the rash stay when you press a glass on it?",
    },
}


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """Return a lexicon of few findings and signs, with the project's own cues and spelling."""
    real = load_lexicon(DATA / "lexicon").dict()
    course = {"fever": real["course"]["fever"]}
    return Lexicon(**{**real, "findings": FINDINGS, "signs": SIGNS, "topics": {}, "course": course})


@pytest.fixture(scope="session")
def recogniser(lexicon: Lexicon) -> Recogniser:
    """Return a recogniser over the small lexicon and two foods."""
    items = {"kefir": ["kefir"], "water_kefir": ["water kefir"], "honey": ["honey"]}
    return Recogniser(lexicon, load_facts(DATA / "lexicon" / "facts.yml"), items)


@pytest.fixture(scope="session")
def real_words() -> Words:
    """Return the words of `data/`."""
    return load_words()


@pytest.fixture(scope="session")
def real_recogniser(real_words: Words) -> Recogniser:
    """Return the recogniser over `data/`, as parents meet it."""
    return real_words.recogniser()


@pytest.fixture(scope="session")
def reader() -> SecondReader:
    """Return the second reader as `training` stored it."""
    return load_reader()


@pytest.fixture
def now() -> datetime:
    """Return the noon at which the tests take place."""
    return NOW
