"""Rules and second reader weighed together: a table of what either says, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from guide.assess import Assessment, Memory, assess, assess_turns
from guide.model import Facts, Level
from guide.recogniser import Recogniser
from guide.second_opinion import (
    ALARM_FROM,
    ALONE_FROM,
    CARER_SIGNS,
    CHECK_FROM,
    EMERGENCY_FROM,
    GENERIC,
    SURE_FROM,
    impression_of,
    weighed,
)
from guide.second_reader import Impression, SecondReader
from guide.triage import Outcome, Situation
from guide.weighing import WORRY_SIGN

NOW = datetime(2026, 11, 30, 12)
CHOKING = ("choking",)
STORY = "our carpet looks strange since the window was painted"
"""A message without a finding, long enough to be read."""


Say = Callable[[str], Assessment]


@pytest.fixture
def say(real_recogniser: Recogniser, reader: SecondReader) -> Say:
    """Return a function that assesses the first message of a conversation."""

    def assessed(text: str) -> Assessment:
        return assess(real_recogniser, text, Facts(), Memory(), NOW, reader=reader)

    return assessed


def shares(emergency: float, urgent: float) -> dict[str, float]:
    return {"routine": 1.0 - emergency - urgent, "urgent": urgent, "emergency": emergency}


def impression(sign: str = "") -> Impression:
    return Impression(shares(0.3, 0.3), {sign: 0.9} if sign else {}, {})


ALARMING = ALARM_FROM + 0.1
LIKELY = max(ALARMING, EMERGENCY_FROM, SURE_FROM + 0.1)
DOUBTFUL = (CHECK_FROM + ALARM_FROM) / 2.0
SURELY = ALONE_FROM
UNSURELY = ALONE_FROM - 0.01
TABLE = [
    # rules, (emergency, urgent), sign heard, level owed, signs said
    (Level.EMERGENCY, (LIKELY, 0.05), "", Level.EMERGENCY, CHOKING),
    (Level.EMERGENCY, (0.0, ALARMING), "", Level.EMERGENCY, CHOKING),
    (Level.NONE, (LIKELY, 0.02), "seizure", Level.EMERGENCY, ("seizure",)),
    (Level.NONE, (LIKELY, 0.02), "", Level.EMERGENCY, (GENERIC[Level.EMERGENCY],)),
    (Level.NONE, (LIKELY, 0.02), "blood_in_stool", Level.EMERGENCY, (GENERIC[Level.EMERGENCY],)),
    (Level.ROUTINE, (0.02, SURELY), "blood_in_stool", Level.URGENT, ("blood_in_stool",)),
    (Level.ROUTINE, (0.02, SURELY), "seizure", Level.URGENT, (GENERIC[Level.URGENT],)),
    (Level.ROUTINE, (0.0, UNSURELY), "blood_in_stool", Level.CHECK, (WORRY_SIGN,)),
    (Level.ROUTINE, (0.0, 0.0), "", Level.ROUTINE, ()),
    (Level.URGENT, (LIKELY, 0.01), "seizure", Level.EMERGENCY, ("seizure",)),
    (Level.URGENT, (0.0, ALARMING), "seizure", Level.URGENT, CHOKING),
    (Level.NONE, (EMERGENCY_FROM, 0.6), "seizure", Level.EMERGENCY, ("seizure",)),
    (Level.NONE, (EMERGENCY_FROM - 0.01, 0.6), "seizure", Level.URGENT, (GENERIC[Level.URGENT],)),
]


@pytest.mark.parametrize(("rules", "likely", "sign", "level", "signs"), TABLE)
def test_what_comes_of_both(
    real_recogniser: Recogniser,
    rules: Level,
    likely: tuple[float, float],
    sign: str,
    level: Level,
    signs: tuple[str, ...],
) -> None:
    told = CHOKING if rules.rank > Level.CHECK.rank else ()
    outcome = weighed(
        Outcome(rules, told),
        shares(*likely),
        impression(sign),
        real_recogniser(STORY),
        (),
        Situation(),
    )
    assert (outcome.level, outcome.signs) == (level, signs)


@pytest.mark.parametrize("rules", [Level.NONE, Level.ROUTINE])
def test_in_doubt_it_asks_about_what_it_hears(real_recogniser: Recogniser, rules: Level) -> None:
    outcome = weighed(
        Outcome(rules),
        shares(0.0, DOUBTFUL),
        impression("seizure"),
        real_recogniser(STORY),
        (),
        Situation(),
    )
    assert (outcome.level, outcome.signs) == (Level.CHECK, (WORRY_SIGN,))
    assert outcome.asked == ("seizure",)


def test_a_parent_in_distress_is_asked_about_themselves(real_recogniser: Recogniser) -> None:
    heard = impression("carer_harm_to_baby")
    outcome = weighed(
        Outcome(), shares(0.0, DOUBTFUL), heard, real_recogniser(STORY), (), Situation()
    )
    assert (outcome.level, outcome.asked) == (Level.CHECK, CARER_SIGNS)


@pytest.mark.parametrize("alarm", [CHECK_FROM, ALARM_FROM - 0.01])
def test_an_alarm_that_is_not_likely_is_asked_about(
    real_recogniser: Recogniser, alarm: float
) -> None:
    outcome = Outcome(Level.EMERGENCY, CHOKING)
    asked = weighed(
        outcome, shares(0.0, alarm), impression(), real_recogniser(STORY), (), Situation()
    )
    assert (asked.level, asked.asked) == (Level.CHECK, CHOKING)


def test_a_harmless_story_keeps_the_fixed_line(real_recogniser: Recogniser) -> None:
    alarm = Outcome(Level.EMERGENCY, CHOKING)
    told = weighed(alarm, shares(0.0, 0.0), impression(), real_recogniser(STORY), (), Situation())
    assert (told.level, told.imagined) == (Level.ROUTINE, True)


@pytest.mark.parametrize("sign", ["carer_suicide_or_self_harm", "carer_harm_to_baby"])
@pytest.mark.parametrize("beside", [(), CHOKING])
def test_an_alarm_about_the_carer_is_never_dropped(
    real_recogniser: Recogniser, sign: str, beside: tuple[str, ...]
) -> None:
    told = Outcome(Level.EMERGENCY, beside or (sign,), carer_signs=(sign,) if beside else ())
    found, heard = real_recogniser(STORY), impression()
    calm = weighed(told, shares(0.0, 0.0), heard, found, (), Situation())
    assert (calm.level, calm.asked) == (Level.CHECK, CARER_SIGNS)
    assert weighed(told, shares(0.0, ALARMING), heard, found, (), Situation()) == told


def test_an_alarm_that_rests_on_a_reading_is_never_dropped(real_recogniser: Recogniser) -> None:
    fever = Outcome(Level.EMERGENCY, ("fever_under_3_months",))
    calm, heard, found = shares(0.0, 0.0), impression(), real_recogniser(STORY)
    measured = weighed(fever, calm, heard, found, (), Situation(temperature_c=38.6))
    assert (measured.level, measured.asked) == (Level.CHECK, fever.signs)
    assert weighed(fever, calm, heard, found, (), Situation()).level is Level.ROUTINE


@pytest.mark.parametrize(
    ("sign", "age", "reading", "said"),
    [
        ("fever_under_3_months", 1.0, 38.6, "fever_under_3_months"),
        ("fever_under_3_months", 15.0, 38.6, WORRY_SIGN),
        ("fever_under_3_months", 8.0, None, "generic_emergency"),
        ("fever_under_3_months", 1.0, None, "fever_under_3_months"),
        ("low_temperature_young", 1.0, 35.5, "low_temperature_young"),
        ("low_temperature_young", 15.0, 35.5, WORRY_SIGN),
        ("seizure", 15.0, 38.6, "seizure"),
    ],
)
def test_a_sign_of_another_age_or_reading_is_not_named(
    real_recogniser: Recogniser, sign: str, age: float, reading: float | None, said: str
) -> None:
    found = real_recogniser(STORY)
    told_now = frozenset({"age", "temperature"})
    situation = Situation(age_months=age, temperature_c=reading, new=told_now)
    told = weighed(Outcome(), shares(LIKELY, 0.0), impression(sign), found, (), situation)
    assert told.signs == (said,)


def test_a_fever_that_only_the_reader_hears_waits_for_the_age(
    real_recogniser: Recogniser,
) -> None:
    heard, found = impression("fever_under_3_months"), real_recogniser(STORY)
    sure = shares(0.9, 0.0)
    told = weighed(Outcome(), sure, heard, found, (), Situation())
    assert (told.level, told.asked) == (Level.CHECK, ("fever_age_unknown",))
    again = weighed(Outcome(), sure, heard, found, told.asked, Situation())
    assert again.level is Level.EMERGENCY
    young = weighed(Outcome(), sure, heard, found, (), Situation(age_months=1.0))
    assert young.signs == ("fever_under_3_months",)


def test_a_fever_that_the_age_told_before_rules_out_raises_nothing(
    real_recogniser: Recogniser,
) -> None:
    situation = Situation(age_months=15.0, temperature_c=38.6, new=frozenset({"temperature"}))
    heard, found = impression("fever_under_3_months"), real_recogniser(STORY)
    assert weighed(Outcome(), shares(0.9, 0.0), heard, found, (), situation) == Outcome()


@pytest.mark.parametrize("words", [0, 15, 40, 80, 200])
@pytest.mark.parametrize(
    "sign", ["He is not breathing.", "Her lips are blue.", "He swallowed a battery."]
)
def test_a_sign_is_not_drowned(
    say: Say, real_recogniser: Recogniser, sign: str, words: int
) -> None:
    """A sentence that is nothing but a sign stands, whatever is told around it (contract 5)."""
    told = ("we gave her oat porridge with a bit of pear and she likes the spoon " * 20).split()
    before, after = " ".join(told[:words]), " ".join(told[words : 2 * words])
    assert say(f"{before}. {sign} {after}?").level is Level.EMERGENCY


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("ambulance is coming", Level.NONE),
        ("ambulance here now thank you", Level.NONE),
        ("the paramedics are here", Level.NONE),
        ("nana has rung 999 and they are coming", Level.NONE),
        ("call an ambulance", Level.EMERGENCY),
        ("ambulance called but he's gone limp", Level.EMERGENCY),
    ],
)
def test_help_on_its_way_is_no_cry_for_it(say: Say, text: str, level: Level) -> None:
    assert say(text).level is level


@pytest.mark.parametrize("sign", ["", "fever_under_3_months"])
def test_the_rules_question_about_a_reading_waits_for_the_age(
    real_recogniser: Recogniser, sign: str
) -> None:
    asked = Outcome(Level.CHECK, asked=("fever_age_unknown",))
    sure, measured = shares(0.9, 0.1), Situation(temperature_c=38.6)
    assert weighed(asked, sure, impression(sign), real_recogniser(STORY), (), measured) == asked


def test_what_no_age_decides_does_not_wait(real_recogniser: Recogniser) -> None:
    asked = Outcome(Level.CHECK, asked=("fever_age_unknown",))
    sure, measured = shares(0.9, 0.1), Situation(temperature_c=39.8)
    told = weighed(asked, sure, impression("seizure"), real_recogniser(STORY), (), measured)
    assert (told.level, told.signs) == (Level.EMERGENCY, ("seizure",))


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
def test_a_sign_in_plain_words_is_never_outweighed(say: Say, text: str) -> None:
    assert say(text).level is Level.EMERGENCY


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
def test_a_message_that_tells_little_raises_nothing(say: Say, text: str) -> None:
    told = say(text)
    assert told.level.rank <= Level.ROUTINE.rank


WHOLE = (
    # message, level: the rules' urgent sign is all of it, or more is told
    ("she is wheezing", Level.URGENT),
    ("there is blood in his poo, can he have kefir?", Level.URGENT),
    ("he fell off the bed", Level.URGENT),
    ("he has a wheeze and is blue", Level.EMERGENCY),
    ("peanut butter, now wheezing", Level.EMERGENCY),
)


@pytest.mark.parametrize(("text", "level"), WHOLE)
def test_an_urgent_sign_in_plain_words_stays_urgent(say: Say, text: str, level: Level) -> None:
    assert say(text).level is level


@pytest.mark.parametrize("text", [".", "?", "😢", "no fever, no blood in her nappy"])
def test_no_word_and_a_mere_denial_raise_nothing(say: Say, text: str) -> None:
    told = say(text)
    assert told.level.rank <= Level.ROUTINE.rank


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("37.3 for a 3 week old, is it a fever?", Level.CHECK),
        ("38.3 for a 3 week old, is it a fever?", Level.EMERGENCY),
        ("he has a fever, he is 3 weeks old", Level.EMERGENCY),
    ],
)
def test_a_fever_that_is_measured_away_is_asked_about_at_most(
    say: Say, text: str, level: Level
) -> None:
    told = say(text)
    assert told.level.rank <= level.rank
    assert told.level is level or level is Level.CHECK


def test_what_earlier_messages_told_stands(
    real_recogniser: Recogniser, reader: SecondReader
) -> None:
    turns = ("my baby has a fever", "he is 7 weeks")
    first, then = assess_turns(real_recogniser, turns, NOW, reader)
    assert first.level is Level.CHECK
    assert then.outcome.signs == ("fever_under_3_months",)
    assert then.level is Level.EMERGENCY


ORDINARY = (
    "he has a cold and a cough",
    "my baby won't sleep",
    "she's hot and grumpy",
    "red cheeks",
    "she was sick once after carrots",
    "he's scratching his head at night",
    "4 weeks old and hiccups a lot",
)


@pytest.mark.parametrize("text", ORDINARY)
def test_a_few_ordinary_words_are_asked_about_at_most(say: Say, text: str) -> None:
    told = say(text)
    assert told.level.rank <= Level.CHECK.rank


EXPLAINED = (
    ("her face has gone grey!!", "omg no, it's the vest that went grey in the wash, sorry", True),
    ("his lips are blue", "it was the blueberry ice cream, wiped off, he's pink", True),
    ("he is choking on a nut", "can I give him probiotics?", False),
    ("she won't wake up", "what about kefir", False),
    ("her lips are blue", "can she have kefir at 8 months?", False),
    ("he is floppy and grey", "ok, and how much goat milk may he drink?", False),
    ("he can't breathe", "hello?", False),
)


@pytest.mark.parametrize(("alarm", "text", "closes"), EXPLAINED)
def test_an_alarm_is_explained_away_but_not_by_another_subject(
    real_recogniser: Recogniser, reader: SecondReader, alarm: str, text: str, *, closes: bool
) -> None:
    first = assess(real_recogniser, alarm, Facts(), Memory(), NOW, reader=reader)
    assert first.level is Level.EMERGENCY
    at = NOW + timedelta(minutes=1)
    then = assess(real_recogniser, text, first.update.facts, first.memory, at, reader=reader)
    assert then.closes is closes
    assert then.still_open is not closes


def test_the_rules_question_is_kept(real_recogniser: Recogniser) -> None:
    outcome = Outcome(Level.CHECK, asked=("anaphylaxis",))
    heard = impression("seizure")
    kept = weighed(outcome, shares(0.0, 0.0), heard, real_recogniser(STORY), (), Situation())
    assert kept.asked == ("anaphylaxis",)


def test_messages_before_are_read_with_it(reader: SecondReader) -> None:
    alone = impression_of(reader, "38.4, under the arm", ())
    young = impression_of(reader, "38.4, under the arm", ("she is five weeks old",))
    older = impression_of(reader, "38.4, under the arm", ("she is two and a half years old",))
    assert young.emergency > 0.5
    assert older.emergency < min(alone.emergency, young.emergency)


def test_a_bare_fact_that_raised_the_alarm_is_not_explained_away(
    real_recogniser: Recogniser, reader: SecondReader
) -> None:
    turns = ("ours is 38.3", "5 wks", "so I just carry on with the zinc cream?")
    *_, last = assess_turns(real_recogniser, turns, NOW, reader)
    assert last.still_open
    assert not last.closes


def test_what_was_calm_is_kept_and_an_alarm_ends_it(
    real_recogniser: Recogniser, reader: SecondReader
) -> None:
    turns = ("hello", "he is 9 months old", "is oat milk fine?", "he is choking on a nut", "help")
    kept = [one.memory.said for one in assess_turns(real_recogniser, turns, NOW, reader)]
    assert kept[1] == ("hello", "he is 9 months old")
    assert kept[2] == ("he is 9 months old", "is oat milk fine?")
    assert kept[3] == ()


def test_nobody_is_asked_twice(real_recogniser: Recogniser, reader: SecondReader) -> None:
    text = "she vomited"
    first = assess(real_recogniser, text, Facts(), Memory(), NOW, reader=reader)
    assert first.level is Level.CHECK
    again = assess(real_recogniser, text, first.update.facts, first.memory, NOW, reader=reader)
    assert again.level is not Level.CHECK or again.outcome.asked != first.outcome.asked
    tomorrow = NOW + timedelta(hours=30)
    later = assess(real_recogniser, text, first.update.facts, first.memory, tomorrow, reader=reader)
    assert (later.level, later.outcome.asked) == (Level.CHECK, first.outcome.asked)
