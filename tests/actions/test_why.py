"""Why the last answer was what it was."""

from __future__ import annotations

from actions.answer import ActionAnswer
from actions.why import ActionWhy
from tests.actions.talking import question, run


async def test_the_last_answer_is_explained() -> None:
    _, events = await run(ActionAnswer(), question("kefir?", "kefir"), age_months=8.0)
    answered = next(event["value"] for event in events if event.get("name") == "answered")
    said, _ = await run(ActionWhy(), {}, answered=answered, age_months=8.0)
    assert len(said) == 1
    assert said[0]["text"]


async def test_nothing_answered_yet() -> None:
    said, _ = await run(ActionWhy(), {})
    assert said[0].get("text") or said[0].get("response")


async def test_an_open_alarm_comes_first() -> None:
    said, _ = await run(ActionWhy(), {}, alarm="not_breathing")
    assert [message["response"] for message in said] == ["utter_danger_still_open"]
