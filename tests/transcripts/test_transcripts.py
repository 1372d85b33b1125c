"""The twenty conversations of conversations.yml, said to one bot from start to end.

Levels, topics, verdicts and rules are owed, not sentences. A turn marked `wrong` says what the bot
still gets wrong there: its conversation may fail until that is repaired and the mark is taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.conversations.test_stories import agent as agent
from tests.e2e.conftest import model as model
from tests.e2e.servers import Turn
from tests.transcripts.render import conversations, hold

pytestmark = [pytest.mark.e2e, pytest.mark.rasa]


def _parameters() -> Iterator[Any]:
    for conversation in conversations():
        wrong = [turn["wrong"] for turn in conversation["turns"] if "wrong" in turn]
        marks = [pytest.mark.xfail(reason="; ".join(wrong), strict=False)] if wrong else []
        yield pytest.param(conversation, id=conversation["name"], marks=marks)


def test_there_are_twenty_of_five_turns_or_more() -> None:
    lengths = [len(conversation["turns"]) for conversation in conversations()]
    assert len(lengths) >= 20
    assert min(lengths) >= 5


@pytest.mark.parametrize("conversation", _parameters())
async def test_each_turn_gives_what_is_owed(agent: Any, conversation: dict[str, Any]) -> None:
    turns = await hold(agent, conversation, f"transcript-{conversation['name']}")
    for owed, turn in zip(conversation["turns"], turns, strict=True):
        assert not _missing(owed, turn), (owed, turn.text)


def _missing(owed: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    missing: dict[str, Any] = {}
    if turn.level != owed["level"]:
        missing["level"] = turn.level
    if not set(owed.get("topics", ())) <= set(turn.topics):
        missing["topics"] = turn.topics
    if not set(owed.get("rules", ())) <= turn.rules:
        missing["rules"] = turn.rules
    if not owed.get("verdicts", {}).items() <= turn.verdicts.items():
        missing["verdicts"] = turn.verdicts
    return missing
