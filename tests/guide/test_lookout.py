"""The look-out of the channels: an emergency, from the words alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from guide.assess import assess
from guide.knowledge import Words
from guide.lookout import look_out, sign_words
from guide.model import Facts, Level
from guide.recogniser import Recogniser
from guide.state import read_facts, read_memory, slots_after

DANGER = [
    "he can't breathe",
    "HE CANT BREATHE",
    "her lips are blue",
    "my baby is limp and will not wake up",
    "he is having a seizure",
    "I want to kill myself",
]
CALM = [
    "can he have kefir?",
    "hello",
    "no fever, no rash",
    "what are the signs of an allergy?",
    "my dog can't breathe",
    "",
    "😢",
    "zzz",
]


@pytest.mark.parametrize("text", DANGER)
def test_an_emergency_is_answered(text: str) -> None:
    reply = look_out(text, {})
    assert reply is not None
    assert reply.level is Level.EMERGENCY
    assert reply.rules
    assert any(number in reply.text for number in ("112", "911", "999"))
    assert not reply.buttons
    assert "{" not in reply.text


@pytest.mark.parametrize("text", CALM)
def test_all_else_is_left_to_the_turn(text: str) -> None:
    assert look_out(text, {}) is None


def test_facts_count() -> None:
    today = date.today()
    young = Facts(age_months=1.5, age_told_on=today).to_slots()
    old = Facts(age_months=15.0, age_told_on=today).to_slots()
    assert look_out("his temperature is 38.6", young) is not None
    assert look_out("his temperature is 38.6", old) is None


def test_the_number_of_the_country_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = look_out("he can't breathe", Facts(country="GB").to_slots())
    assert reply is not None
    assert "999" in reply.text
    monkeypatch.setenv("GUIDE_COUNTRY", "US")
    reply = look_out("he can't breathe", {})
    assert reply is not None
    assert "911" in reply.text


@pytest.mark.parametrize("country", ["", "GB", "US", "AU", "XX"])
def test_the_words_of_every_sign_are_filled_in_every_country(
    real_words: Words, country: str
) -> None:
    lexicon = real_words.lexicon
    for name in lexicon.signs:
        words = sign_words(lexicon, name, country)
        assert words.strip()
        assert "{" not in words
        assert "None" not in words


def test_what_only_follows_on_is_left_to_the_turn() -> None:
    facts = Facts(age_months=11.0, conditions=frozenset({"egg_allergy", "other_food_allergy"}))
    baby = facts.to_slots()
    assert look_out("and the blankets?", baby) is None
    assert look_out("floppy!!", baby) is not None


@pytest.mark.parametrize(
    "talk",
    [
        "4 months old, born at 30 weeks || his temp is 38.3",
        "his temp is 38.6 || she is 5 weeks old",
        "my baby has a fever || he is 7 weeks",
    ],
)
def test_it_knows_what_the_turns_before_told(real_recogniser: Recogniser, talk: str) -> None:
    *before, last = talk.split(" || ")
    slots: dict[str, Any] = {}
    for text in before:
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        assessed = assess(real_recogniser, text, read_facts(slots), read_memory(slots), now)
        slots |= slots_after(assessed, slots, real_recogniser.lexicon)
    assert look_out(last, slots) is not None
    assert look_out("can he have kefir?", slots) is None


def test_hours_since_an_earlier_message_count(
    real_recogniser: Recogniser, real_words: Words
) -> None:
    earlier = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(hours=7)
    told = assess(real_recogniser, "no wet nappy for 6 hours", Facts(), read_memory({}), earlier)
    slots = slots_after(told, {}, real_words.lexicon)
    reply = look_out("still none", slots)
    assert reply is not None
    assert reply.rules == ("severe_dehydration",)
    assert look_out("still none", {}) is None
