"""What is nothing to fear, what a parent says to calm, and the danger that looks like either."""

from __future__ import annotations

from datetime import datetime

import pytest

from guide.assess import assess_turns
from guide.model import Level
from guide.recogniser import Recogniser
from guide.second_reader import SecondReader

NOW = datetime(2026, 1, 15, 12)

CALM = [
    "she keeps grabbing her toes",
    "he keeps turning onto his side in his sleep",
    "she keeps sneezing",
    "he loves blowing raspberries || 5 months",
    "she keeps rubbing her ear || 6 months",
    "why does he keep throwing his spoon",
    "he's being stroppy today",
    "her sick was milky",
    "posset was white and curdled",
    "his wee is clear",
    "he had a heavy nappy at 8 this morning",
    "she breathes 38 times a minute",
    "breathing 46 per minute || 7 weeks",
    "respiratory rate 34",
    "her lips are pink",
    "lips and tongue pink",
    "the spots go away when i press",
    "i would never hurt him",
    "i never shook her",
    "damp hair || 3 months",
    "his willy is red",
    "she doesn't wake til 7 now",
    "allergies run in the family",
    "his oxygen shows 98",
]
DANGER = [
    ("she keeps rolling her eyes back", Level.EMERGENCY),
    ("he keeps stretching and going stiff", Level.EMERGENCY),
    ("sucks her hands, no milk since 7 this morning", Level.CHECK),
    ("sick was green", Level.EMERGENCY),
    ("sick was white with blood in it", Level.EMERGENCY),
    ("she's been sick and looks pale", Level.EMERGENCY),
    ("lips not pink", Level.EMERGENCY),
    ("only one wet nappy since yesterday", Level.URGENT),
    ("he breathes 68 times a minute", Level.EMERGENCY),
    ("breathing fast, ribs sucking in, 44 a minute", Level.EMERGENCY),
    ("she won't wake for her feed", Level.EMERGENCY),
    ("i won't hurt him again", Level.CHECK),
    ("one testicle is swollen and red", Level.EMERGENCY),
    ("his willy is swollen and purple", Level.EMERGENCY),
    ("purple spots || they do not fade when i press", Level.EMERGENCY),
    ("birthmark on her leg || purple rash that doesn't fade", Level.EMERGENCY),
    ("uh uh uh with every breath", Level.EMERGENCY),
    ("he's having anaphylaxis", Level.EMERGENCY),
]
AT_MOST_ASKED = [
    "she threw up again",
    "sick a couple of times since last night",
    "he brought up some of his milk",
    "diarrhoea since this morning",
    "his sick is yellow",
    "birthmark on her back || doesn't fade when pressed",
]
LEVELS = [
    ("the sock reads oxygen 83", Level.EMERGENCY),
    ("sats are 87 || he's pink", Level.EMERGENCY),
    ("pulse ox says 78%", Level.EMERGENCY),
    ("oxygen is 90", Level.URGENT),
    ("she breathes 46 times a minute || 15 months", Level.URGENT),
    ("breathing 54 a minute || 8 months", Level.URGENT),
    ("he's been sick 3 times today || 9 months", Level.URGENT),
    ("a tiny streak of blood in her nappy || 5 months", Level.URGENT),
    ("i noticed blood in her poo", Level.URGENT),
    ("he is pooing blood", Level.EMERGENCY),
    ("takes just 15 ml each feed || 3 weeks", Level.URGENT),
    ("a dog bit her hand", Level.URGENT),
    ("marble skin", Level.URGENT),
    ("how much salt is in stock || she drank a whole cup || 8 months", Level.URGENT),
    ("the bairn willnae wake", Level.EMERGENCY),
    ("oor wean cannae breathe", Level.EMERGENCY),
    ("she's boaked up green stuff", Level.EMERGENCY),
    ("he no gree take breast", Level.URGENT),
    ("his sister is limp || 7 years", Level.EMERGENCY),
    ("my 6 year old has an asthma attack", Level.EMERGENCY),
    ("tried egg || rash on her face || keeps coughing", Level.EMERGENCY),
]


def levels(recogniser: Recogniser, reader: SecondReader, talk: str) -> list[Level]:
    return [one.level for one in assess_turns(recogniser, talk.split(" || "), NOW, reader)]


@pytest.mark.parametrize("talk", CALM)
def test_what_is_harmless_raises_nothing(
    real_recogniser: Recogniser, reader: SecondReader, talk: str
) -> None:
    assert Level.highest(levels(real_recogniser, reader, talk)).rank < Level.CHECK.rank


@pytest.mark.parametrize(("talk", "least"), DANGER)
def test_danger_that_looks_harmless(
    real_recogniser: Recogniser, reader: SecondReader, talk: str, least: Level
) -> None:
    assert Level.highest(levels(real_recogniser, reader, talk)).rank >= least.rank


@pytest.mark.parametrize("talk", AT_MOST_ASKED)
def test_a_plain_symptom_is_asked_about(
    real_recogniser: Recogniser, reader: SecondReader, talk: str
) -> None:
    assert Level.highest(levels(real_recogniser, reader, talk)) in (Level.ROUTINE, Level.CHECK)


@pytest.mark.parametrize(("talk", "level"), LEVELS)
def test_the_level_that_is_owed(
    real_recogniser: Recogniser, reader: SecondReader, talk: str, level: Level
) -> None:
    assert Level.highest(levels(real_recogniser, reader, talk)) is level


@pytest.mark.parametrize(
    ("talk", "level"),
    [
        ("baby has blood in her nappy || just a tiny streak", Level.URGENT),
        ("black poo || she takes iron drops", Level.NONE),
        ("black poo || he's swallowed iron tablets", Level.EMERGENCY),
        ("black poo || just a few specks", Level.EMERGENCY),
        ("blood in his poo, loads of it || just a streak", Level.EMERGENCY),
        ("baby has blood in her nappy || she takes iron drops", Level.EMERGENCY),
        ("purple spots that don't fade || 3 months || had it since birth", Level.EMERGENCY),
    ],
)
def test_what_settles_an_alarm(
    real_recogniser: Recogniser, reader: SecondReader, talk: str, level: Level
) -> None:
    assert levels(real_recogniser, reader, talk)[-1] is level
