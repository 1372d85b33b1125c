"""The look-out of the channels: an emergency, from the words alone."""

from __future__ import annotations

from datetime import date

import pytest

from guide.knowledge import Words
from guide.lookout import look_out, sign_words
from guide.model import Facts, Level

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
    reply = look_out(text, Facts())
    assert reply is not None
    assert reply.level is Level.EMERGENCY
    assert reply.rules
    assert any(number in reply.text for number in ("112", "911", "999"))
    assert not reply.buttons
    assert "{" not in reply.text


@pytest.mark.parametrize("text", CALM)
def test_all_else_is_left_to_the_turn(text: str) -> None:
    assert look_out(text, Facts()) is None


def test_facts_count() -> None:
    today = date.today()
    young = Facts(age_months=1.5, age_told_on=today)
    old = Facts(age_months=15.0, age_told_on=today)
    assert look_out("his temperature is 38.6", young) is not None
    assert look_out("his temperature is 38.6", old) is None


def test_the_number_of_the_country_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = look_out("he can't breathe", Facts(country="GB"))
    assert reply is not None
    assert "999" in reply.text
    monkeypatch.setenv("GUIDE_COUNTRY", "US")
    reply = look_out("he can't breathe", Facts())
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
