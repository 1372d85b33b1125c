"""The longer explanation of a topic."""

from __future__ import annotations

from actions.more import ActionMore
from tests.actions.talking import messages_of, run

TOPIC = {"entity": "topic", "value": "kefir"}


async def test_the_topic_on_the_button() -> None:
    said, _ = await run(ActionMore(), {}, text="/more", entities=[TOPIC])
    assert "kefir" in messages_of(said)["topics"]


async def test_else_the_last_answer_s_topic() -> None:
    said, _ = await run(ActionMore(), {}, text="more", answered={"topics": ["akkermansia"]})
    assert "akkermansia" in messages_of(said)["topics"]


async def test_nothing_to_tell_more_of_is_help() -> None:
    unknown = {"entity": "topic", "value": "nothing_of_ours"}
    for entities in ([], [unknown]):
        said, _ = await run(ActionMore(), {}, text="/more", entities=entities)
        assert [message["response"] for message in said] == ["utter_help"]


async def test_an_open_alarm_comes_first() -> None:
    said, _ = await run(ActionMore(), {}, entities=[TOPIC], alarm="not_breathing")
    assert [message["response"] for message in said] == ["utter_danger_still_open"]
