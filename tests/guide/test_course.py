"""What hours, days and times told over several messages come to; "+h3": three hours pass."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import pytest

from evaluation.bot import Bot, Conversation, train_classifier
from guide.assess import Memory, assess
from guide.course import Course
from guide.knowledge import Words, load_reader
from guide.model import Facts, Level
from guide.recogniser import Recogniser
from guide.state import read_memory, slots_after

NOW = datetime(2026, 1, 15, 12)  # A Thursday.
EMERGENCY, URGENT = Level.EMERGENCY, Level.URGENT

DRY = [
    "last wet nappy 5am || +h9 || still dry",
    "no wet nappy for 7 hours || +h6 || nope, still bone dry",
    "she hasn't peed for 9 hours || can i give water || +h4 || none since",
    "nappy dry for 5 hours now || 8 months || +h8 || still hasn't gone",
    "no wet nappy for 8 hours || another 5 hours later, same",
    "baby hasn't weed || 13 hours now",
    "no wet nappy today || +h13 || no change",
    "no wet nappy for 6 hours || +h7 || none",
    "no wet nappy for 7 hours || +h6 || still none, what do i do",
    "one wet diaper since yesterday, 7 months || none since then",
    "last wet nappy was 10pm, now it's 11am",
    "no wet nappy for 6 hours || wet nappy now || +h13 || nothing since",
]
MANY = [
    "watery poo, 5 months || that's number 7 now",
    "runny nappies, 7 months || 8 of them since lunch",
    "diarrhoea all day, 10 months || 6 poos so far",
    "diarrhoea 6 months || 4 nappies so far || 7 now",
    "was sick after his feed, 4 months || 6 times now",
    "fewer wet nappies today, 8 months || +h10 || still the same",
    "only 2 wet nappies today || none since lunch",
    "been sick once, 4 months || another one just now || and again",
]
DAYS = [
    "15 months, 39 fever started monday || it's saturday now",
    "fever 3 days, 16 months || still there 2 days later",
    "temp 38.4, 11 months || day five now",
    "fever for 4 days, 16 months || +h24 || still hot",
    "she's 2, fever 38.8 || +h24 || 38.6 again || +h24 || still 38.9 || +h24 || 38.5 || +h24 || "
    "38.4 || +h24 || 39.1 again",
]
HARMLESS = [
    "his eczema patches are dry || +h13 || still dry",
    "no wet nappy for 6 hours || +h7 || his skin is still dry, which cream",
    "no wet nappy for 6 hours || he's just had a wee",
    "no wet nappy for 6 hours || finally a wet nappy",
    "no wet nappy for 6 hours || it's wet now, phew",
    "diarrhoea || 9 now",
    "fever for 2 days, 10 months || saturday",
    "no wet nappy for 6 hours || +h2 || big wet nappy now! || +h6 || still none",
    "no wet nappy for 6 hours || any medicine? || none",
    "no poo for 4 days || +h13 || still none",
    "potty training, dry for 3 hours || +h10 || still dry!",
    "loose poos || 4 months || how many feeds a day should he have || 8 so far today",
    "6 wet nappies a day, 4 months, loose poo || 6 so far today",
    "how many feeds should he have || 8 so far today",
    "he possets after feeds, 4 months || 6 times today",
    "loose stool from antibiotics, 9 months || twice today",
    "he has diarrhoea, 4 months || how many naps || 5 so far today",
    "he has a cough, 10 months || 6 times now",
    "cough and cold for 3 days || 6 days now",
    "10 months, fever 38.5 || weaned for 6 days now",
    "fever 3 days, 14 months || gone now || another 2 days off nursery",
    "10 months, fever 38.5 || +h96 || 38.6",
]
TALKS = [
    *((talk, EMERGENCY, "severe_dehydration") for talk in DRY),
    *((talk, URGENT, "dehydration") for talk in MANY),
    *((talk, URGENT, "fever_prolonged_or_very_high") for talk in DAYS),
]


@pytest.fixture(scope="module")
def bot() -> Bot:
    return Bot(train_classifier(), load_reader())


def _talked(bot: Bot, talk: str) -> Conversation:
    conversation, now = Conversation(), NOW
    for text in talk.split(" || "):
        now += timedelta(minutes=1)
        if text.startswith("+h"):
            now += timedelta(hours=int(text[2:]))
        else:
            bot.hear(conversation, text, now)
    return conversation


@pytest.mark.parametrize(("talk", "level", "sign"), TALKS)
def test_hours_days_and_times_add_up(bot: Bot, talk: str, level: Level, sign: str) -> None:
    assessment = _talked(bot, talk).assessment
    assert assessment is not None
    assert assessment.outcome.level is level
    assert sign in assessment.outcome.signs


@pytest.mark.parametrize("talk", HARMLESS)
def test_what_only_looks_like_it(bot: Bot, talk: str) -> None:
    assessment = _talked(bot, talk).assessment
    assert assessment is not None
    assert assessment.level.rank < Level.URGENT.rank


def test_the_course_survives_the_slots(real_recogniser: Recogniser, real_words: Words) -> None:
    slots: dict[str, Any] = {}
    for text in ("no wet nappy for 6 hours", "and diarrhoea, 3 times"):
        told = assess(real_recogniser, text, Facts(), read_memory(slots), NOW)
        slots |= slots_after(told, slots, real_words.lexicon)
    assert read_memory(slots) == told.memory
    assert told.memory.course.since["no_wee"] == ("2026-01-15T06:00:00", "2026-01-15T12:00:00")
    assert told.memory.course.times == {"diarrhoea": 3}
    assert read_memory(slots | {"alarm": "over"}).course == Course()


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("last wee 9am", 3.0),
        ("last wee at 9", 3.0),
        ("last wee 1am", 6.0),
        ("last wee 11pm, it's 10am now", 11.0),
        ("no wee for 9 hours", 9.0),
        ("no wee", 0.0),
    ],
)
def test_a_time_of_day_counts_for_a_few_hours(
    real_recogniser: Recogniser, text: str, hours: float
) -> None:
    since = assess(real_recogniser, text, Facts(), Memory(), NOW).memory.course.since["no_wee"]
    start, last = map(datetime.fromisoformat, since)
    assert (last - start).total_seconds() / 3600 == pytest.approx(hours, abs=0.02)


@pytest.mark.parametrize(
    "text",
    ["still " * 400, "it is " * 300 + "6", "so now about 6 since a since b " * 60, "6 7am " * 300],
)
def test_a_long_message_takes_no_long_time(real_recogniser: Recogniser, text: str) -> None:
    memory = assess(real_recogniser, "diarrhoea, no wet nappy", Facts(), Memory(), NOW).memory
    began = perf_counter()
    assess(real_recogniser, text, Facts(), memory, NOW)
    assert perf_counter() - began < 2
