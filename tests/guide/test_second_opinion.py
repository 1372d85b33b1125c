"""Rules and second reader weighed together: a table of what either says, and what comes of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from guide.assess import Memory, assess
from guide.knowledge import load_reader, load_words
from guide.model import Facts, Level
from guide.recogniser import Recogniser
from guide.second_opinion import (
    BOUNDS,
    CARER_SIGNS,
    GENERIC,
    WORRY_SIGN,
    impression_of,
    weighed,
)
from guide.second_reader import Impression, SecondReader
from guide.triage import Outcome, Situation

NOW = datetime(2026, 11, 30, 12)
CHOKING = ("choking",)
STORY = "our carpet looks strange since the window was painted"
"""A message without a finding, long enough to be read."""


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return load_words().recogniser()


@pytest.fixture(scope="module")
def reader() -> SecondReader:
    return load_reader()


def impression(emergency: float, urgent: float, sign: str = "") -> Impression:
    levels = {"routine": 1.0 - emergency - urgent, "urgent": urgent, "emergency": emergency}
    return Impression(levels, {sign: 0.9} if sign else {}, {})


TABLE = [
    # rules, (emergency, urgent), sign heard, level owed, signs said
    (Level.EMERGENCY, (0.9, 0.05), "", Level.EMERGENCY, CHOKING),
    (Level.EMERGENCY, (0.2, 0.2), "", Level.EMERGENCY, CHOKING),
    (Level.NONE, (0.97, 0.02), "seizure", Level.EMERGENCY, ("seizure",)),
    (Level.NONE, (0.97, 0.02), "", Level.EMERGENCY, (GENERIC[Level.EMERGENCY],)),
    (Level.NONE, (0.97, 0.02), "blood_in_stool", Level.EMERGENCY, (GENERIC[Level.EMERGENCY],)),
    (Level.ROUTINE, (0.02, 0.96), "blood_in_stool", Level.URGENT, ("blood_in_stool",)),
    (Level.ROUTINE, (0.0, 0.0), "", Level.ROUTINE, ()),
    (Level.URGENT, (0.98, 0.01), "seizure", Level.EMERGENCY, ("seizure",)),
    (Level.URGENT, (0.1, 0.8), "seizure", Level.URGENT, CHOKING),
]


@pytest.mark.parametrize(("rules", "shares", "sign", "level", "signs"), TABLE)
def test_what_comes_of_both(
    recogniser: Recogniser,
    rules: Level,
    shares: tuple[float, float],
    sign: str,
    level: Level,
    signs: tuple[str, ...],
) -> None:
    told = CHOKING if rules.rank > Level.CHECK.rank else ()
    outcome = weighed(
        Outcome(rules, told), impression(*shares, sign), recogniser(STORY), (), Situation()
    )
    assert (outcome.level, outcome.signs) == (level, signs)


@pytest.mark.parametrize("rules", [Level.NONE, Level.ROUTINE])
def test_in_doubt_it_asks_about_what_it_hears(recogniser: Recogniser, rules: Level) -> None:
    doubt = (BOUNDS[rules].check + BOUNDS[rules].urgent) / 2.0
    outcome = weighed(
        Outcome(rules), impression(0.0, doubt, "seizure"), recogniser(STORY), (), Situation()
    )
    assert (outcome.level, outcome.signs) == (Level.CHECK, (WORRY_SIGN,))
    assert outcome.asked == ("seizure",)


def test_a_parent_in_distress_is_asked_about_themselves(recogniser: Recogniser) -> None:
    doubt = BOUNDS[Level.NONE].check + 0.01
    heard = impression(0.0, doubt, "carer_harm_to_baby")
    outcome = weighed(Outcome(), heard, recogniser(STORY), (), Situation())
    assert (outcome.level, outcome.asked) == (Level.CHECK, CARER_SIGNS)


def test_an_alarm_that_the_reader_finds_harmless_is_asked_about(recogniser: Recogniser) -> None:
    outcome = Outcome(Level.EMERGENCY, CHOKING)
    bounds = BOUNDS[Level.EMERGENCY]
    heard = impression(0.0, (bounds.keep + bounds.drop) / 2.0)
    asked = weighed(outcome, heard, recogniser(STORY), (), Situation())
    assert (asked.level, asked.asked) == (Level.CHECK, CHOKING)


def test_a_harmless_story_keeps_the_fixed_line(recogniser: Recogniser) -> None:
    told = weighed(
        Outcome(Level.EMERGENCY, CHOKING), impression(0.0, 0.0), recogniser(STORY), (), Situation()
    )
    assert (told.level, told.imagined) == (Level.ROUTINE, True)


@pytest.mark.parametrize("sign", ["carer_suicide_or_self_harm", "carer_harm_to_baby"])
@pytest.mark.parametrize("beside", [(), CHOKING])
def test_an_alarm_about_the_carer_is_never_dropped(
    recogniser: Recogniser, sign: str, beside: tuple[str, ...]
) -> None:
    told = Outcome(Level.EMERGENCY, beside or (sign,), carer_signs=(sign,) if beside else ())
    found = recogniser(STORY)
    calm = weighed(told, impression(0.0, 0.0), found, (), Situation())
    assert (calm.level, calm.asked) == (Level.CHECK, CARER_SIGNS)
    assert weighed(told, impression(0.1, 0.2), found, (), Situation()) == told


def test_a_reading_outweighs_the_reader(recogniser: Recogniser) -> None:
    fever = Outcome(Level.EMERGENCY, ("fever_under_3_months",))
    calm = impression(0.0, 0.0)
    measured = Situation(temperature_c=38.6, age_months=2.0)
    assert weighed(fever, calm, recogniser(STORY), (), measured) == fever
    assert weighed(fever, calm, recogniser(STORY), (), Situation()).level is Level.ROUTINE


def test_a_sign_of_another_age_is_left_to_the_rules(recogniser: Recogniser) -> None:
    heard, found = impression(0.9, 0.05, "fever_under_3_months"), recogniser(STORY)
    assert weighed(Outcome(), heard, found, (), Situation(age_months=15.0)) == Outcome()
    young = weighed(Outcome(), heard, found, (), Situation(age_months=1.0))
    assert young.level is Level.EMERGENCY


PLAIN = (
    "he is having a seizure",
    "my baby is choking",
    "she is choking on a nut",
    "her lips are blue",
    "he is floppy and won't wake up",
    "my son swallowed bleach",
    "he has anaphylaxis",
    "she is having a fit",
    "baby not breathing",
    "i want to kill myself",
    "he has a rash that doesn't fade under a glass",
    "vomiting green stuff, 3 weeks old",
)


@pytest.mark.parametrize("text", PLAIN)
def test_a_sign_in_plain_words_is_never_outweighed(
    recogniser: Recogniser, reader: SecondReader, text: str
) -> None:
    assert assess(recogniser, text, Facts(), Memory(), NOW, reader=reader).level is Level.EMERGENCY


LITTLE = (
    "hello",
    "he is 9 months old",
    "my baby is 9 months old",
    "7 weeks",
    "my twins are 4 weeks old",
    "my son is 2 months old and formula fed",
    "we live in Australia",
    "gave kefir today",
    "who do I call in an emergency?",
)


@pytest.mark.parametrize("text", LITTLE)
def test_a_message_that_tells_little_raises_nothing(
    recogniser: Recogniser, reader: SecondReader, text: str
) -> None:
    told = assess(recogniser, text, Facts(), Memory(), NOW, reader=reader)
    assert told.level.rank <= Level.ROUTINE.rank


EXPLAINED = (
    ("she's gone grey!!", "omg no, it's the vest that went grey in the wash, sorry", True),
    ("his lips are blue", "it was the blueberry ice cream, wiped off, he's pink", True),
    ("he is choking on a nut", "can I give him probiotics?", False),
    ("she won't wake up", "what about kefir", False),
    ("he can't breathe", "hello?", False),
)


@pytest.mark.parametrize(("alarm", "text", "closes"), EXPLAINED)
def test_an_alarm_is_explained_away_but_not_by_another_subject(
    recogniser: Recogniser, reader: SecondReader, alarm: str, text: str, *, closes: bool
) -> None:
    first = assess(recogniser, alarm, Facts(), Memory(), NOW, reader=reader)
    assert first.level is Level.EMERGENCY
    at = NOW + timedelta(minutes=1)
    then = assess(recogniser, text, first.update.facts, first.memory, at, reader=reader)
    assert then.closes is closes
    assert then.still_open is not closes


def test_the_rules_question_is_kept(recogniser: Recogniser) -> None:
    outcome = Outcome(Level.CHECK, asked=("fever_age_unknown",))
    heard = impression(0.0, BOUNDS[Level.CHECK].check + 0.01, "seizure")
    assert weighed(outcome, heard, recogniser(STORY), (), Situation()).asked == (
        "fever_age_unknown",
    )


def test_messages_before_are_read_with_it(reader: SecondReader) -> None:
    alone = impression_of(reader, "38.4, under the arm", ())
    together = impression_of(reader, "38.4, under the arm", ("she is five weeks old",))
    assert together.emergency >= alone.emergency
    assert together.emergency > 0.5


def test_what_was_calm_is_kept_and_an_alarm_ends_it(
    recogniser: Recogniser, reader: SecondReader
) -> None:
    facts, memory, kept = Facts(), Memory(), []
    for minute, text in enumerate(
        ("hello", "he is 9 months old", "is oat milk fine?", "he is choking on a nut", "help")
    ):
        at = NOW + timedelta(minutes=minute)
        assessed = assess(recogniser, text, facts, memory, at, reader=reader)
        facts, memory = assessed.update.facts, assessed.memory
        kept.append(memory.said)
    assert kept[1] == ("hello", "he is 9 months old")
    assert kept[2] == ("he is 9 months old", "is oat milk fine?")
    assert kept[3] == ()


def test_nobody_is_asked_twice(recogniser: Recogniser, reader: SecondReader) -> None:
    text = "he is a bit off his food and quieter than he was, is it the new cream"
    first = assess(recogniser, text, Facts(), Memory(), NOW, reader=reader)
    again = assess(recogniser, text, first.update.facts, first.memory, NOW, reader=reader)
    if first.level is Level.CHECK:
        assert again.level is not Level.CHECK or again.outcome.asked != first.outcome.asked
