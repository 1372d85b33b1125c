"""What is weighed: every feature has a weight, and each of the two readers counts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime

import pytest

from guide.assess import Memory, assess
from guide.knowledge import DATA
from guide.model import Facts, Level
from guide.recogniser import Recogniser
from guide.second_reader import LEVELS, WEIGHTS_FILE, Impression, SecondReader, Weights
from guide.triage import Outcome, Situation
from guide.weighing import CONSTANT, WORRY_SIGN, features

NOW = datetime(2026, 11, 30, 12)
CALM = {"routine": 0.9, "urgent": 0.07, "emergency": 0.03}
ALARMED = {"routine": 0.05, "urgent": 0.05, "emergency": 0.9}
OUTCOMES = {
    "calm": Outcome(),
    "wonder": Outcome(Level.CHECK, (WORRY_SIGN,)),
    "check": Outcome(Level.CHECK, asked=("anaphylaxis",)),
    "urgent": Outcome(Level.URGENT, ("blood_in_stool",)),
    "emergency": Outcome(Level.EMERGENCY, ("choking",)),
}


def weighed_on(
    real_recogniser: Recogniser, outcome: Outcome, levels: Mapping[str, float]
) -> dict[str, float]:
    found = real_recogniser("his eyes look odd since he had the egg")
    return features(outcome, Impression(levels, {"": 0.5}, {}), found, Situation(age_months=8.0))


def test_shares_add_up_and_a_name_that_is_not_known_counts_nothing() -> None:
    weights = Weights({CONSTANT: [0.0, 0.0, math.log(2.0)]})
    shares = weights({CONSTANT: 1.0, "unheard of": 100.0})
    assert shares == pytest.approx({"routine": 0.25, "urgent": 0.25, "emergency": 0.5})


@pytest.mark.parametrize("rules", OUTCOMES)
def test_every_feature_has_its_weights(real_recogniser: Recogniser, rules: str) -> None:
    weights = json.loads((DATA / "reader" / WEIGHTS_FILE).read_text(encoding="utf-8"))
    assert set(weighed_on(real_recogniser, OUTCOMES[rules], CALM)) <= set(weights)
    assert all(len(row) == len(LEVELS) for row in weights.values())


@pytest.mark.parametrize("rules", OUTCOMES)
def test_what_the_second_reader_hears_counts(
    real_recogniser: Recogniser, reader: SecondReader, rules: str
) -> None:
    calm = reader.weights(weighed_on(real_recogniser, OUTCOMES[rules], CALM))
    alarmed = reader.weights(weighed_on(real_recogniser, OUTCOMES[rules], ALARMED))
    assert alarmed["emergency"] > calm["emergency"]
    assert alarmed["routine"] < calm["routine"]


def test_what_the_rules_say_counts(real_recogniser: Recogniser, reader: SecondReader) -> None:
    doubtful = {"routine": 0.5, "urgent": 0.25, "emergency": 0.25}
    routine = {
        rules: reader.weights(weighed_on(real_recogniser, outcome, doubtful))["routine"]
        for rules, outcome in OUTCOMES.items()
    }
    assert routine["calm"] > max(routine["urgent"], routine["emergency"])


def test_an_assessment_tells_what_was_weighed(
    real_recogniser: Recogniser, reader: SecondReader
) -> None:
    text = "she is 6 weeks old and 38.4"
    alone = assess(real_recogniser, text, Facts(), Memory(), NOW)
    both = assess(real_recogniser, text, Facts(), Memory(), NOW, reader=reader)
    assert not alone.evidence
    assert both.evidence["under 3 months"] == 1.0
    assert both.evidence["fever measured"] == 1.0
    assert both.evidence["rules emergency"] == 1.0
