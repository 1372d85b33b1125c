"""What Rasa is told of a message: the intent and the slots that change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest

from guide.assess import assess
from guide.decide import CHECK_SLOT, STILL_OPEN, Decider, Decision
from guide.knowledge import Words
from guide.reading import Reading
from guide.recogniser import Recogniser
from guide.state import read_facts, read_memory

Say = Callable[..., Decision]


@pytest.fixture(scope="module")
def decider(real_words: Words, real_recogniser: Recogniser) -> Decider:
    return Decider(real_words, real_recogniser)


@pytest.fixture
def say(decider: Decider, real_recogniser: Recogniser, now: datetime) -> Say:
    """Return a function that decides on a message: its intents, and the slots before it."""

    def decide(text: str, slots: Mapping[str, Any] = {}, **intents: float) -> Decision:
        facts, memory = read_facts(slots), read_memory(slots)
        assessment = assess(real_recogniser, text, facts, memory, now)
        readings = [Reading(intents, 1.0 if intents else 0.0)] * 2
        return decider(assessment, readings, slots)

    return decide


DANGER = [
    ("he can't breathe", "danger_emergency"),
    ("her lips are blue", "danger_emergency"),
    ("she is wheezing", "danger_urgent"),
    ("he might have a fever", "danger_check"),
    ("I want to kill myself and my baby is not breathing", "danger_and_carer"),
]


@pytest.mark.parametrize(("text", "intent"), DANGER)
def test_danger_decides_whatever_the_classifier_thinks(say: Say, text: str, intent: str) -> None:
    assert say(text, ask_kefir=0.99).intent == intent
    assert say(text, greet=0.99).intent == intent
    assert say(text).intent == intent


def test_danger_names_its_sign(say: Say, real_words: Words) -> None:
    slots = say("he can't breathe").slots
    assert slots["danger_sign"] in real_words.lexicon.signs
    assert slots["alarm"] == slots["danger_sign"]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("all of a sudden he is like a different baby", "generic_emergency"),
        ("he might have a fever", "fever_under_3_months"),
    ],
)
def test_yes_to_a_check_means_its_sign(say: Say, text: str, sign: str) -> None:
    asked = say(text)
    assert (asked.intent, asked.slots["danger_sign"]) == ("danger_check", sign)


def test_danger_keeps_the_question_for_later(say: Say) -> None:
    decision = say("can he have kefir? he can't breathe", ask_kefir=0.9)
    assert decision.intent == "danger_emergency"
    assert "kefir" in decision.slots["question"]["topics"]


def test_an_open_alarm_goes_on_and_closes(say: Say) -> None:
    slots = say("he can't breathe").slots
    assert say("can he have kefir?", slots, ask_kefir=0.9).intent == "danger_still_open"
    closed = say("the ambulance is on its way", slots)
    assert (closed.intent, closed.slots["alarm"]) == ("alarm_over", "over")


def test_a_question_goes_by_its_topic(say: Say) -> None:
    decision = say("can my 8 month old have kefir?", ask_kefir=0.9)
    assert decision.intent == "ask_kefir"
    assert decision.slots["question"]["items"] == ["kefir"]
    assert decision.slots["age_months"] == 8
    assert decision.slots["age_answer"] == "told"


def test_only_what_changed_is_told(say: Say) -> None:
    first = say("she is 8 months old and breastfed", inform=0.9).slots
    assert (first["age_months"], first["feeding_type"]) == (8, "breast")
    again = say("can she have kefir?", first, ask_kefir=0.9).slots
    assert "age_months" not in again
    assert "feeding_type" not in again


def test_symptoms_add_up(say: Say) -> None:
    first = say("she has a fever", inform=0.9).slots
    second = say("and she keeps vomiting", first, inform=0.9).slots
    assert set(first["symptoms"]) < set(second["symptoms"])


@pytest.mark.parametrize("text", ["zzz", "😢", "..."])
def test_nothing_known_is_not_understood(say: Say, text: str) -> None:
    decision = say(text)
    assert decision.intent == "unclear"
    assert say(text, decision.slots).intent == "unclear_again"


ANSWERS = [
    ("yes", "check_yes"),
    ("Yes!", "check_yes"),
    ("yeah he does", "check_yes"),
    ("he does", "check_yes"),
    ("not sure", "check_yes"),
    ("I don't know", "check_yes"),
    ("maybe", "check_yes"),
    ("no", "check_no"),
    ("No, none of these", "check_no"),
    ("nope", "check_no"),
    ("not really", "check_no"),
]


@pytest.mark.parametrize(("text", "intent"), ANSWERS)
def test_a_check_is_answered_in_words(say: Say, text: str, intent: str) -> None:
    asked = say("he might have a fever").slots
    assert asked[CHECK_SLOT]
    decision = say(text, asked, affirm=0.5, deny=0.5)
    assert decision.intent == intent
    assert decision.slots[CHECK_SLOT] == ""


@pytest.mark.parametrize("text", ["he is 9 months old", "yes", "no"])
def test_without_a_check_nothing_is_answered(say: Say, text: str) -> None:
    slots = say("he might have a fever").slots if text[0] == "h" else {}
    assert say(text, slots, inform=0.9).intent not in ("check_yes", "check_no")


def test_a_confirmed_check_stays_open_in_the_turns_after_it(say: Say) -> None:
    slots = say("he might have a fever").slots | {"alarm": "checked"}
    assert say("he is 6 weeks old", slots, inform=0.9).intent == STILL_OPEN["baby"]


def test_the_check_asks_each_question_once(say: Say) -> None:
    lines = say("he might have a fever").slots[CHECK_SLOT].splitlines()
    assert lines
    assert len(lines) == len(set(lines)) <= 4
    assert all(line.startswith("• ") and line.endswith("?") for line in lines)
