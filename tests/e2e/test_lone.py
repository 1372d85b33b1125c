"""The action server is down: danger is answered all the same, over plain REST."""

from __future__ import annotations

import pytest

from tests.e2e.servers import RestChat

pytestmark = [pytest.mark.e2e, pytest.mark.rasa]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("my baby can't breathe", "emergency"),
        ("her lips are blue", "emergency"),
        ("I want to kill myself", "emergency"),
        ("she is wheezing", "urgent"),
        ("he might have a fever", "check"),
    ],
)
def test_trap_action_server_down_danger_is_answered(
    lone_chat: RestChat, text: str, level: str
) -> None:
    turn = lone_chat.say(text)
    assert turn.level == level
    assert turn.rules
    assert turn.seconds < 3


def test_trap_action_server_down_the_alarm_stays_open_and_closes(lone_chat: RestChat) -> None:
    assert lone_chat.say("he can't breathe").level == "emergency"
    assert lone_chat.say("can he have kefir?").level == "emergency"
    assert lone_chat.say("the ambulance is on its way").level == "routine"


def test_trap_action_server_down_facts_are_kept(lone_chat: RestChat) -> None:
    lone_chat.say("he is 2 months old")
    assert lone_chat.slot("age_months") == 2
    assert lone_chat.say("his temperature is 38.6").level == "emergency"


def test_trap_action_server_down_a_second_chat_goes_on(lone_chat: RestChat) -> None:
    """A failed action must not leave the conversation locked or lost."""
    lone_chat.say("hello")
    lone_chat.say("can he have kefir?")
    assert lone_chat.say("he can't breathe").level == "emergency"
