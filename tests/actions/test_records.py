"""Plan, note, diary, skin check, memory and forgetting as Rasa runs them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from actions.answer import ActionAnswer
from actions.diary_log import ActionDiaryLog
from actions.diary_show import ActionDiaryShow
from actions.forget import ActionForget
from actions.memory import ActionMemory
from actions.note import ActionNote
from actions.plan import ActionPlan
from actions.severity import ActionSeverity
from actions.start_over import ActionStartOver
from tests.actions.run import LINES, Talk

TODAY = datetime.now(timezone.utc).date().isoformat()
BABY = {**LINES, "age_months": 8.0, "age_told_on": TODAY, "feeding_type": "breast"}
BESIDE_HELP = (ActionPlan, ActionNote, ActionSeverity, ActionDiaryLog, ActionDiaryShow)
CONTRACT = {"escalation", "topics", "claims", "rules", "verdicts"}


def user(text: str, intent: str) -> dict[str, Any]:
    now = datetime.now(timezone.utc).timestamp()
    return {
        "event": "user", "text": text, "timestamp": now, "parse_data": {"intent": {"name": intent}},
    }  # fmt: skip


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value}


@pytest.mark.parametrize("action", BESIDE_HELP)
def test_while_an_emergency_is_open_only_help_is_talked_about(action: Any) -> None:
    talk = Talk({**BABY, "alarm": "seizure"})
    assert talk.say(action, "gave kefir") == "utter_danger_still_open"


@pytest.mark.parametrize("action", [*BESIDE_HELP, ActionMemory, ActionForget, ActionStartOver])
def test_every_message_carries_the_contract_s_metadata(action: Any) -> None:
    for message in Talk(dict(BABY)).run(action, "gave kefir"):
        assert set(message) >= CONTRACT


def test_the_plan_is_short_and_whole_on_request() -> None:
    talk = Talk(dict(BABY))
    assert len(talk.run(ActionPlan)) == 1
    assert talk.slots["answered"]["topics"][0] == "eczema_symptoms"
    whole = talk.run(ActionPlan, "", {"whole": "yes"})
    assert len(whole) == 3
    assert "D3c" in whole[1]["claims"]
    assert talk.slots["answered"]["claims"] == []
    assert "G_AGE.kefir.6" in talk.slots["answered"]["rules"]


def test_the_skin_check_feeds_the_gates_and_the_note() -> None:
    talk = Talk({**BABY, "memory": {"cleared": ["severe_eczema", "fpies"], "asked": ["x"]}})
    talk.say(ActionSeverity)
    for answer in ("skin.most", "itch.often", "sleep.some", "cracks.none"):
        talk.say(ActionSeverity, "", {"severity_answer": answer})
    assert talk.slots["conditions"] == ["eczema", "severe_eczema"]
    assert talk.slots["memory"] == {"cleared": ["fpies"], "asked": ["x"]}
    assert "patches over most of the body" in talk.say(ActionNote)
    assert "Severe eczema: see your doctor" in talk.say(ActionPlan)


def test_the_diary_goes_on_and_stands_in_note_and_memory() -> None:
    talk = Talk(dict(BABY))
    talk.say(ActionDiaryLog, "gave egg today")
    talk.say(ActionDiaryLog, "rash an hour later")
    for action in (ActionDiaryShow, ActionNote, ActionMemory):
        assert "egg; then: rash an hour later" in talk.say(action)


def test_what_triage_answered_stands_in_the_diary_and_holds_the_food_back() -> None:
    talk = Talk(dict(BABY))
    talk.say(ActionDiaryLog, "gave kefir today")
    talk.events = [user("rash round the mouth an hour later", "danger_check")]
    for action in (ActionDiaryShow, ActionNote, ActionMemory):
        assert "kefir; then: rash round the mouth an hour later" in talk.say(action)
    assert "Ask your doctor first: milk kefir" in talk.say(ActionPlan)
    talk.slots["question"] = {"text": "again?", "topics": ["food_allergy"], "items": ["kefir"]}
    (message,) = talk.run(ActionAnswer)
    assert message["verdicts"] == {"kefir": "ask_clinician"}
    recalled = "You told me of kefir, then: “rash round the mouth an hour later”. "
    assert message["text"].startswith(f"{recalled}Not again before your doctor has agreed")


def test_the_diary_s_button_says_how_to_note_something() -> None:
    talk = Talk(dict(BABY))
    assert "I can note foods" in talk.say(ActionDiaryLog, "/diary_log")
    assert "diary" not in talk.slots


def test_the_note_tells_danger_signs_checks_and_the_parent_s_questions() -> None:
    talk = Talk(dict(BABY))
    talk.events = [
        user("can kefir help?", "ask_kefir"),
        user("/ask_plan", "ask_plan"),
        user("he is floppy", "danger_emergency"),
        slot("danger_sign", "seizure"),
        user("bit hot", "danger_check"),
        slot("danger_sign", "infected_eczema"),
        user("/check_no", "check_no"),
    ]
    text = talk.say(ActionNote)
    assert "“can kefir help?”" in text
    assert "/ask_plan" not in text
    assert "Danger signs told: " in text
    assert "none told" not in text
    assert "answered yes" not in text


PASTED = "Faecalibacterium 0.02% low\nAkkermansia not detected"


def test_the_note_sorts_what_the_parent_typed() -> None:
    talk = Talk({**BABY, "denied": {"fever": "2026-03-04"}, "question": {"text": "kefir?"}})
    talk.events = [
        user("what pram should I buy?", "out_of_scope"),
        user(PASTED, "ask_faecalibacterium"),
        user("itchy patches on her knees", "ask_eczema_symptoms"),
        user("kefir?", "ask_kefir"),
        slot("question", {"text": "kefir?"}),
        user("she is 9 months", "ask_kefir"),
        slot("question", {"text": "kefir?"}),
    ]
    text = talk.say(ActionNote)
    assert "Skin: “itchy patches on her knees” (" in text
    assert "Ruled out by the parent: fever (4 March)" in text
    assert "Gut test, as typed by the parent:\n  Faecalibacterium 0.02% low\n  Akk" in text
    assert "question: “itchy patches on her knees”\n  “kefir?”" in text
    assert "pram" not in text
    assert "“she is 9 months”" not in text


def test_a_worry_told_stands_for_a_question_where_none_was_asked() -> None:
    told = {"text": "she has eczema", "asks": False}
    asked = {"text": "kefir?", "asks": True}
    talk = Talk(dict(BABY))
    talk.events = [user("she has eczema", "ask_eczema_symptoms"), slot("question", told)]
    assert "question: “she has eczema”" in talk.say(ActionNote)
    talk.events += [user("kefir?", "ask_kefir"), slot("question", asked)]
    assert "question: “kefir?”" in talk.say(ActionNote)


def test_a_question_about_a_result_is_a_question() -> None:
    talk = Talk(dict(BABY))
    talk.events = [user("Akkermansia is low, what now?", "ask_test_results")]
    assert "question: “Akkermansia is low, what now?”" in talk.say(ActionNote)


def test_a_check_answered_yes_is_a_danger_sign_told() -> None:
    talk = Talk(dict(BABY))
    talk.events = [
        user("bit hot", "danger_check"), slot("danger_sign", "seizure"),
        user("/check_yes", "check_yes"),
    ]  # fmt: skip
    assert "Danger signs told: none told" not in talk.say(ActionNote)


def test_forgetting_resets_everything_and_tells_the_channel() -> None:
    talk = Talk({**BABY, "diary": [], "memory": {}})
    (message,) = talk.run(ActionForget)
    assert message["forget"] is True
    assert talk.slots == LINES
    assert "I don't know anything" in talk.say(ActionMemory)


def test_starting_over_resets_everything_too() -> None:
    talk = Talk(dict(BABY))
    (message,) = talk.run(ActionStartOver)
    assert message["forget"] is True
    assert talk.slots == LINES


@pytest.mark.parametrize("action", [ActionForget, ActionStartOver])
def test_an_open_emergency_is_named_before_forgetting(action: Any) -> None:
    text = Talk({**BABY, "alarm": "seizure", "danger_sign": "seizure"}).say(action)
    assert text.startswith("Your baby comes first")
    assert "999" in text


@pytest.mark.parametrize(
    ("channel", "words"),
    [("web", "screen"), ("telegram_guide", "Telegram"), ("cmdline", "may still")],
)
def test_what_remains_is_told_by_channel(channel: str, words: str) -> None:
    talk = Talk(dict(BABY))
    talk.channel = channel
    assert words in talk.say(ActionForget)
