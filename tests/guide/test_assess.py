"""Whole conversations: what a message comes to with what was said before it.

Each talk is a list of (message, what is owed). A number between messages: the hours that pass.
What is owed: the level, then the sign; `still` an alarm goes on, `closes` it ends, `open` it stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from guide.assess import REMEMBERED, Assessment, Memory, assess
from guide.model import Facts, Level
from guide.recogniser import Recogniser

Talk = list["tuple[str, str] | float"]

TALKS: dict[str, Talk] = {
    "a danger sign at once": [("he is not breathing", "emergency breathing open")],
    "age first, temperature later": [
        ("he is 2 months old", "none"),
        ("his temperature is 38.4", "emergency young_fever open"),
    ],
    "temperature first, age later": [
        ("his temperature is 38.4", "none"),
        ("he is 2 months old", "emergency young_fever open"),
    ],
    "temperature first, an older age later": [
        ("his temperature is 38.4", "none"),
        ("he is 7 months old", "none"),
    ],
    "a temperature in Fahrenheit": [
        ("he is 8 weeks old", "none"),
        ("101 F", "emergency young_fever open"),
    ],
    "the threshold itself": [("6 weeks old with 38.0 C", "emergency young_fever open")],
    "just below the threshold": [("6 weeks old with 37.9 C", "none")],
    "a finding and its partner in two turns": [
        ("she has a wheeze", "urgent wheezing"),
        ("she is not feeding", "emergency breathing open"),
    ],
    "two signs of drying out over three turns": [
        ("he keeps vomiting", "none"),
        ("he has a dry mouth", "none"),
        ("there are no tears", "urgent drying_out"),
    ],
    "denied later": [
        ("he has a fever", "none"),
        ("sorry, he has no fever", "none"),
        ("he is 8 weeks old", "none"),
    ],
    "an unrelated denial takes nothing back": [
        ("he has a fever", "none"),
        ("he has no rash", "none"),
        ("he is 8 weeks old", "emergency young_fever open"),
    ],
    "a finding expires after a day": [
        ("he has a fever", "none"),
        24.5,
        ("he is 8 weeks old", "none"),
    ],
    "a finding of the same day counts": [
        ("he has a fever", "none"),
        23.0,
        ("he is 8 weeks old", "emergency young_fever open"),
    ],
    "a temperature expires after a day": [
        ("his temperature is 38.4", "none"),
        24.5,
        ("he is 8 weeks old", "none"),
    ],
    "told again, it counts again": [
        ("he has a fever", "none"),
        20.0,
        ("still a fever", "none"),
        20.0,
        ("he is 8 weeks old", "emergency young_fever open"),
    ],
    "the alarm stays open over a food question": [
        ("he is not breathing", "emergency breathing open"),
        ("can he have kefir?", "emergency still open"),
        ("and honey?", "emergency still open"),
    ],
    "help is on its way": [
        ("he is not breathing", "emergency breathing open"),
        ("the ambulance is on its way", "none closes"),
        ("can he have kefir?", "none"),
    ],
    "a false alarm": [
        ("he is not breathing", "emergency breathing open"),
        ("false alarm", "none closes"),
    ],
    "another age takes the alarm away": [
        ("38.5, he is 3 weeks old", "emergency young_fever open"),
        ("sorry, 3 years not weeks", "none closes"),
    ],
    "another age that is still young does not": [
        ("38.5, he is 3 weeks old", "emergency young_fever open"),
        ("he is 5 weeks old", "emergency young_fever open"),
    ],
    "he is fine now": [
        ("his lips are blue", "emergency colour open"),
        ("he is fine now", "none closes"),
    ],
    "closed, and then it comes back": [
        ("he is not breathing", "emergency breathing open"),
        ("false alarm", "none closes"),
        ("he is not breathing", "emergency breathing open"),
    ],
    "a closed alarm leaves no findings behind": [
        ("he has a wheeze and is not feeding", "emergency breathing open"),
        ("false alarm", "none closes"),
        ("he has a rash", "none"),
    ],
    "a second danger sign is said while the first is open": [
        ("he is not breathing", "emergency breathing open"),
        ("his lips are blue", "emergency colour open"),
    ],
    "closing words beside a danger sign close nothing": [
        ("his lips are blue", "emergency colour open"),
        ("the ambulance is on its way but he is not breathing", "emergency breathing open"),
    ],
    "nothing to close": [("false alarm", "none")],
    "an age corrected up": [
        ("he is 2 months old", "none"),
        ("sorry, 7 months not 2 months", "none"),
        ("his temperature is 38.4", "none"),
    ],
    "an age corrected down": [
        ("he is 7 months old", "none"),
        ("he has a fever", "none"),
        ("sorry, 7 weeks not months", "emergency young_fever open"),
    ],
    "an old finding is not said again by small talk": [
        ("she has a wheeze", "urgent wheezing"),
        ("can she have kefir?", "none"),
    ],
    "days of fever in one message": [("she has had a fever for 5 days", "urgent long_fever")],
    "days of a reading": [("9 months, 39.2 on and off for a week", "urgent long_fever")],
    "days of something else": [("9 months, 39.2 today, a cold for a week", "none")],
    "days of a normal reading": [("9 months, 36.9 for a week", "none")],
    "two days of fever": [("she has had a fever for 2 days", "none")],
    "imagined": [("what should I do if he stops breathing?", "none")],
    "another's": [("my dog is not breathing", "none")],
    "denied beside a sign": [("no fever but she has a wheeze", "urgent wheezing")],
    "a crisis counts in the past as well": [("last week I wanted to die", "emergency carer open")],
}


def _talk(recogniser: Recogniser, now: datetime, talk: Talk) -> list[tuple[str, Assessment]]:
    facts, memory, answers = Facts(), Memory(), []
    for step in talk:
        if isinstance(step, float):
            now += timedelta(hours=step)
            continue
        assessment = assess(recogniser, step[0], facts, memory, now)
        facts, memory = assessment.update.facts, assessment.memory
        answers.append((step[1], assessment))
    return answers


def _told(assessment: Assessment) -> str:
    words = [assessment.level.value, *assessment.outcome.signs[:1]]
    words += ["still"] * assessment.still_open + ["closes"] * assessment.closes
    return " ".join(words + ["open"] * bool(assessment.memory.open_alarm))


@pytest.mark.parametrize("name", TALKS)
def test_talk(recogniser: Recogniser, now: datetime, name: str) -> None:
    for owed, assessment in _talk(recogniser, now, TALKS[name]):
        assert _told(assessment) == owed, assessment.recognition.text


def test_a_safety_check_is_asked_once_a_day(recogniser: Recogniser, now: datetime) -> None:
    text = "he is 6 months old with a rash and might have a fever"
    first = assess(recogniser, text, Facts(), Memory(), now)
    assert (first.level, first.memory.asked) == (Level.CHECK, ("rash_and_fever",))
    again = assess(recogniser, text, Facts(), first.memory, now)
    assert again.level is not Level.CHECK
    assert again.memory.asked == first.memory.asked
    tomorrow = assess(recogniser, text, Facts(), first.memory, now + REMEMBERED)
    assert tomorrow.level is Level.CHECK


def test_what_is_only_thought_of_as_certain_is_told(recogniser: Recogniser, now: datetime) -> None:
    talk: Talk = [("I think he is not breathing", ""), ("I think he is not breathing", "")]
    levels = [assessment.level for _, assessment in _talk(recogniser, now, talk)]
    assert levels == [Level.EMERGENCY, Level.EMERGENCY]


def test_an_alarm_that_is_no_emergency_of_the_lexicon_does_not_stay_open(
    recogniser: Recogniser, now: datetime
) -> None:
    for name in ("wheezing", "no_such_sign"):
        assessment = assess(recogniser, "hello", Facts(), Memory(open_alarm=name), now)
        assert (assessment.level, assessment.memory.open_alarm) == (Level.NONE, None)


def test_a_finding_that_always_counts_needs_no_present(
    recogniser: Recogniser, now: datetime
) -> None:
    assessment = assess(recogniser, "what if I want to die?", Facts(), Memory(), now)
    assert assessment.outcome.signs == ("carer",)


def test_memory_is_plain_data(recogniser: Recogniser, now: datetime) -> None:
    assessment = assess(recogniser, "he has a fever of 39", Facts(), Memory(), now)
    assert assessment.memory.reported == {
        "fever": now.isoformat(timespec="seconds"),
        "temperature": now.isoformat(timespec="seconds"),
    }
    assert timedelta(hours=24) == REMEMBERED


# Plain cases over the real lexicon: what must hold however its words are tuned.
PLAIN = [
    (["he can't breathe"], "emergency"),
    (["she is limp and will not wake up"], "emergency"),
    (["her lips are blue"], "emergency"),
    (["he is having a seizure"], "emergency"),
    (["he is 7 weeks old and has a temperature of 38.5"], "emergency"),
    (["can he have kefir", "his temperature is 38.5", "he is 7 weeks old"], "emergency"),
    (["I want to kill myself"], "emergency"),
    (["there is blood in her poo"], "urgent"),
    (["no fever but she is wheezing"], "urgent"),
    (["can my 8 month old have kefir?"], "none"),
    (["what are the signs of sepsis?"], "none"),
    (["my dog can't breathe"], "none"),
]


@pytest.mark.parametrize(("messages", "level"), PLAIN)
def test_plain_cases_of_the_real_lexicon(
    real_recogniser: Recogniser, now: datetime, messages: list[str], level: str
) -> None:
    talk: Talk = [(message, "") for message in messages]
    last = _talk(real_recogniser, now, talk)[-1][1]
    if level == "none":
        assert last.level.rank <= Level.ROUTINE.rank
    else:
        assert last.level.rank >= Level(level).rank


@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_a_flag_anywhere_in_a_message_of_the_longest_length(
    real_recogniser: Recogniser, now: datetime, place: str
) -> None:
    filler = "We went to the park and she had some carrots and then a nap. " * 15
    parts = {
        "start": ("", filler + filler),
        "middle": (filler, filler),
        "end": (filler + filler, ""),
    }[place]
    text = f"{parts[0]}Her lips are blue. {parts[1]}"
    assert len(text) < 2_000
    assert assess(real_recogniser, text, Facts(), Memory(), now).level is Level.EMERGENCY
