"""Facts told alone are said back in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from guide.knowledge import load_words
from guide.model import Facts, Level
from guide.noted import Acknowledger, load_noted_words
from guide.telling import Told
from tests.guide.test_composer import composer

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 3, 1)
ACKNOWLEDGER = Acknowledger(load_noted_words(DATA), composer(), load_words(DATA).lexicon)
FACTS = Facts(
    age_months=7,
    age_told_on=TODAY,
    corrected_by_months=2.3,
    feeding_type="formula",
    conditions=frozenset({"preterm", "eczema"}),
    country="IE",
    temperature_c=37.2,
)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(facts=("age_months",)), "Thank you: 7 months old. What would you like to know?"),
        (
            Told(facts=("age_months", "preterm")),
            "Thank you: 7 months old, born early, so counted as 4½ months.",
        ),
        (Told(facts=("feeding_type",)), "Thank you: formula-fed. What"),
        (Told(facts=("country",)), "Thank you: Ireland. In an emergency call 112."),
        (Told(facts=("temperature_c",)), "Thank you: 37.2 °C. What"),
        (Told(denied=("fever",)), "Good to know. What would you like to know?"),
        (Told(taken_out=("preterm",)), "Thank you, I've taken that out. What"),
        (Told(another_child=True), "about another child"),
        (Told(another_child=True), "What would you like to know for your baby?"),
        (Told(), "Thank you, I'll keep that in mind. What would you like to know?"),
    ],
)
def test_what_was_told_is_said_back(told: Told, words: str) -> None:
    reply = ACKNOWLEDGER.reply(told, FACTS, TODAY, "112")
    assert words in reply.text
    assert reply.level is Level.NONE
    assert not reply.verdicts


def test_what_was_told_before_is_not_said_again() -> None:
    assert "eczema" not in ACKNOWLEDGER.reply(Told(facts=("age_months",)), FACTS, TODAY, "").text


def test_it_goes_through_a_slot() -> None:
    told = Told(("age_months",), ("eczema",), ("fever",), another_child=True)
    assert Told.from_slot(told.to_slot()) == told
    assert Told.from_slot(None) == Told()
