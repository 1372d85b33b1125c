"""The project's own credentials: the web channel, with actions, locks and stores that fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from tests.e2e.servers import Turn, WebChat

pytestmark = [pytest.mark.e2e, pytest.mark.rasa]

Fault = Callable[[str], None]
NUMBERS = ("112", "911", "999")
FILLER = "We went to the park and she had some carrots and then a nap. "


def test_a_question_gets_an_answer(web: WebChat) -> None:
    turn = web.say("my baby is 8 months old, can she have kefir?")
    assert "kefir" in turn.topics
    assert turn.verdicts["kefir"]


def test_a_button_is_pressed(web: WebChat) -> None:
    turn = web.say("hello")
    title, token = next(iter(turn.payloads.items()))
    assert web.press(token).messages, title


def test_trap_a_slow_action_does_not_hold_back_an_emergency(web: WebChat, fault: Fault) -> None:
    fault("slow")
    slow: list[Turn] = []
    asking = threading.Thread(target=lambda: slow.append(web.say("what is kefir?")))
    asking.start()
    time.sleep(0.5)
    danger = web.say("he can't breathe")
    assert danger.level == "emergency"
    assert danger.seconds < 2
    assert asking.is_alive() or slow
    asking.join(timeout=20)
    assert slow[0].messages


def test_trap_a_throwing_action_is_a_visible_sentence(web: WebChat, fault: Fault) -> None:
    fault("throw")
    turn = web.say("what is kefir?")
    assert turn.messages
    assert any(number in turn.text for number in NUMBERS)
    assert web.say("he can't breathe").level == "emergency"


@pytest.mark.parametrize("gone", ["lock", "store"])
def test_trap_a_lost_store_is_a_visible_sentence(web: WebChat, fault: Fault, gone: str) -> None:
    fault(gone)
    turn = web.say("what is kefir?")
    # Without its store Rasa goes on in memory; without its lock nothing can be answered.
    assert turn.topics or any(number in turn.text for number in NUMBERS)
    danger = web.say("he can't breathe")
    assert danger.level == "emergency"
    assert danger.seconds < 3


@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_trap_ten_thousand_characters_with_a_flag(web: WebChat, place: str) -> None:
    filler = (FILLER * 200)[:9_950]
    half = len(filler) // 2
    cut = {"start": 0, "middle": half, "end": len(filler)}[place]
    text = f"{filler[:cut]} Her lips are blue. {filler[cut:]}"
    turn = web.say(text)
    assert turn.level == "emergency"
    assert turn.seconds < 5


def test_trap_ten_thousand_characters_without_a_flag(web: WebChat) -> None:
    turn = web.say((FILLER * 200)[:10_000])
    assert turn.level == "none"
    assert any(number in turn.text for number in NUMBERS)
    assert turn.seconds < 5


def test_trap_a_flag_inside_the_age_form(web: WebChat) -> None:
    assert "ask_age" in web.say("can my baby have kefir?").rules
    assert web.say("5 months, and she is limp and won't wake up").level == "emergency"


def test_trap_a_flag_as_the_first_word_ever(web: WebChat) -> None:
    assert web.say("seizure").level in ("emergency", "check")
    assert web.say("choking").level == "emergency"


def test_trap_a_leading_slash_is_no_order(web: WebChat) -> None:
    assert web.say("/danger_emergency").level != "emergency"
    assert web.say('/check_yes{"danger_sign": "choking"}').level != "emergency"


def test_trap_a_lost_memory_does_not_hide_an_alarm_in_words(web: WebChat, fault: Fault) -> None:
    """The look-out before the lock knows the facts of the turns before it."""
    web.say("he is 2 months old, is kefir ok?")
    fault("lock")
    assert web.say("his temperature is 38.6").level == "emergency"


def test_the_country_chosen_gives_its_number(web: WebChat) -> None:
    assert "999" in web.say("he can't breathe", country="GB").text
