"""What is known, in words: everything that is held, and what remains after forgetting."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.about import Held, expire_days, load_about
from guide.composer import load_words
from guide.knowledge import load_words as load_recogniser_words
from guide.model import Facts, Level

DATA = Path(__file__).parents[2] / "data"
LEXICON = load_recogniser_words(DATA).lexicon
ABOUT = load_about(DATA, load_words(DATA / "words" / "composer.yml"), LEXICON)


def test_everything_that_is_held_is_shown() -> None:
    alarm = next(iter(LEXICON.signs))
    held = Held(
        facts=Facts(
            country="GB",
            temperature_c=38.2,
            symptoms=("rash",),
            cleared=frozenset({"fpies"}),
        ),
        known=("8 months old", "breastfed"),
        reported=("constipation",),
        alarm=alarm,
        diary=("3 March: egg",),
        skin_check="a few dry patches",
        question="can kefir help?",
    )
    text = ABOUT.reply(held, 30).text
    for words in (
        "8 months old; breastfed", "United Kingdom", "38.2 °C", "a rash", "FPIES", "constipation",
        LEXICON.signs[alarm].title, "3 March: egg", "a few dry patches", "can kefir help?",
        "our messages", "30 days",
    ):  # fmt: skip
        assert words in text


def test_a_skin_check_is_no_ruling_out_by_the_parent() -> None:
    facts = Facts(cleared=frozenset({"severe_eczema"}))
    assert "ruled out" not in ABOUT.reply(Held(facts=facts, skin_check="sleeps fine"), 30).text
    assert "ruled out: severe eczema" in ABOUT.reply(Held(facts=facts), 30).text


def test_what_is_ruled_out_stands_in_the_parent_s_words() -> None:
    facts = Facts(cleared=frozenset({"ill_now"}))
    text = ABOUT.reply(Held(facts=facts, denied=("fever", "blood in her nappy")), 30).text
    assert "You ruled out: fever; blood in her nappy" in text
    assert "ill now" not in text


def test_nothing_known_is_said_as_such() -> None:
    reply = ABOUT.reply(Held(facts=Facts()), 0)
    assert reply.text.startswith("I don't know anything")
    assert "until you say" in reply.text
    assert reply.level is Level.NONE


@pytest.mark.parametrize(
    ("setting", "days"),
    [({}, 30), ({"FACTS_EXPIRE_DAYS": "7"}, 7), ({"FACTS_EXPIRE_DAYS": "0"}, 0),
     ({"FACTS_EXPIRE_DAYS": "0.5"}, 0.5), ({"FACTS_EXPIRE_DAYS": "soon"}, 30),
     ({"FACTS_EXPIRE_DAYS": "-1"}, 30), ({"FACTS_EXPIRE_DAYS": "nan"}, 30)],
)  # fmt: skip
def test_the_setting_is_read_and_a_wrong_one_is_the_default(
    setting: dict[str, str], days: float
) -> None:
    assert expire_days(setting) == days


@pytest.mark.parametrize(
    ("channel", "words"),
    [("web", "your screen"), ("telegram", "Telegram keeps its own copy"), ("rest", "may still")],
)
def test_what_remains_is_told_by_channel(channel: str, words: str) -> None:
    text = ABOUT.forgotten(channel, "", "999").text
    assert "erased" in text
    assert words in text


def test_an_open_emergency_comes_before_forgetting() -> None:
    for reply in (ABOUT.forgotten("web", "seizure", "999"), ABOUT.started_over("seizure", "999")):
        assert reply.text.startswith("Your baby comes first")
        assert "999" in reply.text
        assert reply.level is Level.EMERGENCY
    assert "999" not in ABOUT.started_over("", "999").text
