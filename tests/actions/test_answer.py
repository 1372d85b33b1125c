"""The answering action: one to three replies, the age where it matters, nothing beside an alarm."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answer import ActionAnswer
from tests.actions.talking import messages_of, question, run

CONTRACT = {"escalation", "topics", "claims", "rules", "verdicts"}


async def test_a_question_is_answered_with_metadata() -> None:
    said, events = await run(ActionAnswer(), question("kefir?", "kefir"), age_months=8.0)
    assert 1 <= len(said) <= 3
    for message in said:
        assert set(message) >= CONTRACT
    assert "kefir" in said[0]["topics"]
    assert "answered" in {event.get("name") for event in events}


async def test_an_age_that_matters_is_asked_for() -> None:
    _, events = await run(ActionAnswer(), question("kefir?", "kefir"))
    assert {"event": "followup", "name": "age_form"} in [
        {"event": event["event"], "name": event.get("name")} for event in events
    ]


@pytest.mark.parametrize("known", [{"age_months": 8.0}, {"age_declined": True}])
async def test_an_age_that_is_known_or_declined_is_not_asked_for(known: dict[str, Any]) -> None:
    _, events = await run(ActionAnswer(), question("kefir?", "kefir"), **known)
    assert not [event for event in events if event["event"] == "followup"]


@pytest.mark.parametrize(
    "alarm", [{"alarm": "not_breathing"}, {"alarm": "checked", "danger_sign": "not_breathing"}]
)
async def test_an_open_alarm_comes_first(alarm: dict[str, str]) -> None:
    said, events = await run(ActionAnswer(), question("kefir?", "kefir"), **alarm)
    assert [message["response"] for message in said] == ["utter_danger_still_open"]
    assert not events


@pytest.mark.parametrize(
    "alarm",
    [{"alarm": ""}, {"alarm": "over"}, {"alarm": "checked", "danger_sign": "fever_age_unknown"}],
)
async def test_no_alarm_or_less_than_an_emergency_is_answered(alarm: dict[str, str]) -> None:
    said, _ = await run(ActionAnswer(), question("kefir?", "kefir"), age_months=8.0, **alarm)
    assert "kefir" in messages_of(said)["topics"]


async def test_no_question_is_not_understood() -> None:
    said, _ = await run(ActionAnswer(), {})
    assert [message["response"] for message in said] == ["utter_unclear"]


async def test_a_tapped_topic_goes_before_the_question_in_words() -> None:
    said, _ = await run(
        ActionAnswer(), question("kefir?", "kefir"), text="/ask_akkermansia", age_months=8.0
    )
    assert "akkermansia" in messages_of(said)["topics"]


async def test_a_what_if_ends_in_the_fixed_line() -> None:
    asked = question("kefir?", "kefir") | {"imagined": True}
    said, _ = await run(ActionAnswer(), asked, age_months=8.0)
    assert said[-1]["response"] == "utter_if_now"
    assert len(said) <= 3


async def test_the_carers_alarm_has_its_own_words() -> None:
    said, _ = await run(
        ActionAnswer(), question("kefir?", "kefir"), alarm="carer_suicide_or_self_harm"
    )
    assert [message["response"] for message in said] == ["utter_carer_still_open"]


async def test_a_follow_up_that_changes_nothing_isnt_answered_word_for_word_again() -> None:
    first, events = await run(ActionAnswer(), question("kefir?", "kefir"), age_months=9.0)
    answered = next(event["value"] for event in events if event.get("name") == "answered")
    told = {"age_months": 9.0, "answered": answered}
    follows = {"before": "kefir?"}
    asked = question("and if she's breastfed?", "kefir") | follows
    again, after = await run(ActionAnswer(), asked, **told)
    assert len(again[0]["text"]) < len(first[0]["text"])
    for line in (first[0]["text"].split("\n")[0], first[-1]["text"].split("\n")[-1]):
        assert line in again[0]["text"]
    assert again[0]["buttons"] == first[-1]["buttons"]
    assert answered in [event.get("value") for event in after]
    whole, _ = await run(ActionAnswer(), question("kefir?", "kefir"), **told)
    assert whole == first
    other, _ = await run(ActionAnswer(), question("how much?", "kefir") | follows, **told)
    assert len(other[0]["text"]) > len(first[0]["text"])


async def test_a_tapped_end_of_the_babys_alarm_leaves_the_carers_open() -> None:
    kept = {"open_alarm": "unresponsive_or_floppy", "beside": "carer_suicide_or_self_harm"}
    said, _ = await run(ActionAnswer(), question("kefir?", "kefir"), alarm="over", memory=kept)
    assert [message["response"] for message in said] == ["utter_carer_still_open"]


async def test_three_replies_are_three_messages_on_plain_channels() -> None:
    said, _ = await run(ActionAnswer(), question("kefir?", "kefir"), age_months=8.0)
    assert all("\n\n" not in (message["text"] or "") for message in said)
