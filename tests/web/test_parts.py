"""The channel's parts, each alone: sessions, limits, words, turns, history, in-process actions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Restarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection

from channels import inprocess
from channels.erase import erase_conversation
from channels.history import exchanges
from channels.inprocess import InProcessActions
from channels.limits import RateLimit
from channels.messages import clean_text, for_browser, level_of, metadata_of
from channels.numbers import read_countries
from channels.sessions import BadToken, Sessions, SignedButton
from channels.turns import Answer, Said, Turns, look_out
from channels.web_door import Settings
from channels.words import channel_words
from guide.model import Level, Reply
from guide.seen import SlotMemory, slot_memory

WORDS = "she can't breathe"
EMERGENCY = Reply(text="Call now.", level=Level.EMERGENCY, rules=("breathing",))
URGENT = Reply(text="Phone today.", level=Level.URGENT)


# ---- sessions ----


def test_a_session_names_its_parent() -> None:
    sessions = Sessions(b"secret")
    token = sessions.create()
    assert sessions.sender(token).startswith("web:")
    assert sessions.sender(token) != sessions.sender(sessions.create())


def test_sessions_of_another_secret_or_too_old_are_refused() -> None:
    token = Sessions(b"secret").create()
    with pytest.raises(BadToken, match="forged"):
        Sessions(b"other").sender(token)
    with pytest.raises(BadToken, match="expired"):
        Sessions(b"secret", lifetime_s=-1).sender(token)


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_changed_session_is_refused(at: int, char: str) -> None:
    sessions = Sessions(b"secret")
    token = sessions.create()
    at %= len(token)
    changed = token[:at] + char + token[at + 1 :]
    if changed != token:
        with pytest.raises(BadToken):
            sessions.sender(changed)


@given(st.text(max_size=40), st.text(max_size=80))
def test_buttons_come_back_as_they_went(title: str, payload: str) -> None:
    sessions = Sessions(b"secret")
    button = SignedButton(title, payload)
    token = sessions.button_token("web:a", button)
    assert sessions.button("web:a", token) == button
    with pytest.raises(BadToken):
        sessions.button("web:b", token)


# ---- limits ----


def test_a_limit_lets_a_burst_through_then_asks_to_wait() -> None:
    now = [0.0]
    limit = RateLimit(burst=2, per_minute=6, clock=lambda: now[0])
    assert [limit.seconds_to_wait("a") for _ in range(3)] == [0, 0, 10]
    assert limit.seconds_to_wait("b") == 0
    now[0] = 10.0
    assert limit.seconds_to_wait("a") == 0


# ---- words ----


@given(st.text())
def test_cleaned_text_can_be_no_command(text: str) -> None:
    cleaned = clean_text(text)
    assert not cleaned.startswith("/")
    assert cleaned == UserMessage(cleaned).text or not cleaned.startswith("/")
    assert not set(cleaned) & set(map(chr, [*range(10), *range(11, 32), 0x202E, 0x2066]))
    assert clean_text(cleaned) == cleaned


def test_cleaning_keeps_what_parents_write() -> None:
    text = "She's 5 mo\n½ kefir & “rash” 😀 38.5 °C and/or عربي"
    assert clean_text(text) == text


def test_every_failure_ends_in_the_emergency_line() -> None:
    words = channel_words()
    for key in ("failed", "silent", "slow", "not_ready", "action_failed"):
        assert words.say_safely(key).endswith(words.emergency_line)
    assert "112" in words.emergency_line


# ---- messages ----


def test_metadata_is_found_flat_and_nested() -> None:
    flat = {"text": "x", "escalation": "urgent", "topics": ["kefir"]}
    nested = {"text": "x", "metadata": {"escalation": "urgent", "topics": ["kefir"]}}
    assert metadata_of(flat) == metadata_of(nested)
    assert metadata_of({"text": "x"})["verdicts"] == {}
    assert level_of({"metadata": {"escalation": "nonsense"}}) is Level.NONE


def test_the_browser_gets_nothing_but_the_contract() -> None:
    message = {"text": "x", "internal": "secret", "buttons": [{"title": "a", "payload": "/a"}]}
    shown = for_browser(Sessions(b"s"), "web:a", [message])[0]
    assert "secret" not in str(shown)
    assert "/a" not in str({k: v for k, v in shown.items() if k != "buttons"})


# ---- turns ----


def said(text: str = "hello", message_id: str = "id-1") -> Said:
    return Said("web:a", message_id, text, text, typed=True)


def saying(*messages: dict[str, Any], after: float = 0.0) -> Any:
    async def handle(message: UserMessage) -> None:
        await asyncio.sleep(after)
        for each in messages:
            await message.output_channel.send_response(message.sender_id, dict(each))

    return handle


async def failing(_message: UserMessage) -> None:
    raise ConnectionError("the store is gone: she can't breathe")


async def answered(turns: Turns, handle: Any, danger: Reply | None = None) -> Answer:
    return await turns.answer(said(), danger, handle)


async def test_an_answer_is_passed_on() -> None:
    answer = await answered(Turns(channel_words()), saying({"text": "hi"}))
    assert [m["text"] for m in answer.messages] == ["hi"]


@pytest.mark.parametrize("handle", [saying(), failing])
async def test_silence_becomes_words(handle: Any) -> None:
    answer = await answered(Turns(channel_words()), handle)
    assert channel_words().emergency_line in answer.messages[0]["text"]


async def test_a_failure_never_logs_the_words(caplog: pytest.LogCaptureFixture) -> None:
    await answered(Turns(channel_words()), failing)
    assert "ConnectionError" in caplog.text
    assert "breathe" not in caplog.text


@pytest.mark.parametrize("handle", [saying(), failing, saying({"text": "kefir is food"})])
async def test_danger_is_said_whatever_becomes_of_the_turn(handle: Any) -> None:
    answer = await answered(Turns(channel_words()), handle, EMERGENCY)
    assert [m["text"] for m in answer.messages] == ["Call now."]


async def test_the_bots_own_danger_reply_is_preferred() -> None:
    own = {"text": "Call 999.", "metadata": {"escalation": "emergency"}}
    answer = await answered(Turns(channel_words()), saying(own), URGENT)
    assert [m["text"] for m in answer.messages] == ["Call 999."]


async def test_danger_does_not_wait_for_a_slow_turn() -> None:
    turns = Turns(channel_words(), timeout_s=5, danger_wait_s=0.05)
    started = time.monotonic()
    answer = await answered(turns, saying({"text": "late"}, after=3), EMERGENCY)
    assert answer.messages[0]["text"] == "Call now."
    assert time.monotonic() - started < 1


async def test_a_slow_turn_is_answered_twice_run_once() -> None:
    turns = Turns(channel_words(), timeout_s=0.05)
    handle = saying({"text": "done"}, after=0.08)
    first = await answered(turns, handle)
    second = await answered(turns, handle)
    assert first.pending
    assert not second.pending
    assert [m["text"] for m in second.messages] == ["done"]


async def test_forgetting_drops_the_turns() -> None:
    turns = Turns(channel_words())
    await answered(turns, saying({"text": "hi"}))
    turns.forget("web:a")
    assert turns.of("web:a") == []


# ---- the look-out ----


def looking(text: str, _slots: Mapping[str, Any]) -> Reply | None:
    return EMERGENCY if "breathe" in text else None


@pytest.mark.parametrize("before", [0, 1795, 1799, 1990, 1999, 5000, 18_000])
def test_danger_is_found_anywhere_in_a_long_text(before: int) -> None:
    assert look_out(looking, "x" * before + " can't breathe " + "x" * 5000, {}) is EMERGENCY


def test_a_failing_look_out_takes_nothing_away() -> None:
    def broken(_text: str, _slots: Mapping[str, Any]) -> Reply | None:
        raise RuntimeError

    assert look_out(broken, "she can't breathe", {}) is None
    assert look_out(None, "she can't breathe", {}) is None


def test_the_look_out_knows_the_baby() -> None:
    seen: list[Mapping[str, Any]] = []
    known = {"age_months": 2, "country": "GB"}
    look_out(lambda _text, slots: seen.append(slots), "38.5", known)
    assert seen == [known]


# ---- history ----


def user(text: str, message_id: str, **metadata: Any) -> UserUttered:
    return UserUttered(text, message_id=message_id, metadata=metadata)


def test_history_shows_what_the_parent_saw() -> None:
    events = [
        user("old", "1"),
        BotUttered("old answer"),
        Restarted(),
        user("/ask_kefir", "2", title="Kefir"),
        BotUttered("not yet", metadata={"escalation": "routine"}),
        user("/session_start", "3"),
    ]
    found = exchanges(events)
    assert [(each.message_id, each.shown) for each in found] == [("2", "Kefir"), ("3", "")]
    assert level_of(found[0].messages[0]) is Level.ROUTINE


async def test_history_fills_in_what_a_failed_turn_left_out() -> None:
    turns = Turns(channel_words())
    await answered(turns, failing)
    found = exchanges([], turns.of("web:a"))
    assert [(each.shown, len(each.messages)) for each in found] == [("hello", 1)]


# ---- erasing ----


@pytest.mark.parametrize("kind", ["memory", "sql"])
async def test_erasing_takes_one_conversation_alone(kind: str, tmp_path: Path) -> None:
    domain = Domain.empty()
    store: Any = InMemoryTrackerStore(domain)
    if kind == "sql":
        store = SQLTrackerStore(domain, dialect="sqlite", db=str(tmp_path / "t.db"))
    for name in ("web:a", "web:b"):
        tracker = DialogueStateTracker.from_events(name, [user("secretword" + name, "1")])
        await store.save(tracker)
    agent = SimpleNamespace(tracker_store=store, lock_store=InMemoryLockStore())
    assert await erase_conversation(agent, "web:a")
    assert await store.retrieve("web:a") is None
    assert await store.retrieve("web:b") is not None
    if kind == "sql":
        assert b"secretwordweb:a" not in (tmp_path / "t.db").read_bytes()


async def test_an_unknown_store_says_that_it_cannot_erase() -> None:
    agent = SimpleNamespace(tracker_store=object(), lock_store=InMemoryLockStore())
    assert not await erase_conversation(agent, "web:a")


# ---- actions in this process ----


class GoodAction(Action):
    def name(self) -> str:
        return "test_good"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        tracker.slots["conditions"].append("changed in place")
        dispatcher.utter_message(text=f"age {tracker.get_slot('age_months')}")
        return [SlotSet("age_months", 6)]


class SleepyAction(Action):
    def name(self) -> str:
        return "test_sleepy"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        time.sleep(0.4)
        return []


class BrokenAction(Action):
    def name(self) -> str:
        return "test_broken"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise KeyError(WORDS)


class RejectingAction(Action):
    def name(self) -> str:
        return "test_rejecting"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise ActionExecutionRejection(self.name())


def endpoint() -> InProcessActions:
    return InProcessActions(package="tests.web.test_parts", timeout_s=0.2)


def call(name: str, slots: dict[str, Any] | None = None) -> dict[str, Any]:
    tracker = {"sender_id": "web:a", "slots": slots or {}, "events": [], "latest_message": {}}
    return {"next_action": name, "sender_id": "web:a", "tracker": tracker, "domain": {}}


async def test_an_action_runs_here_and_its_slots_are_remembered() -> None:
    slots = {"age_months": 5, "conditions": []}
    result = await endpoint().request(json=call("test_good", slots))
    assert result["responses"][0]["text"] == "age 5"
    assert slot_memory.of("web:a")["age_months"] == 6
    assert slots["conditions"] == [], "the conversation's own slots are not touched"


@pytest.mark.parametrize("name", ["test_sleepy", "test_broken", "test_unknown"])
async def test_an_action_that_fails_is_never_silent(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = await endpoint().request(json=call(name))
    assert channel_words().emergency_line in result["responses"][0]["text"]
    assert name in caplog.text
    assert "breathe" not in caplog.text


async def test_a_hanging_action_holds_up_nobody() -> None:
    actions = endpoint()
    hanging = asyncio.create_task(actions.request(json=call("test_sleepy")))
    started = time.monotonic()
    await actions.request(json=call("test_good", {"conditions": []}))
    assert time.monotonic() - started < 0.15
    await hanging


async def test_a_rejection_reaches_rasa_as_from_a_server() -> None:
    with pytest.raises(ClientResponseError) as caught:
        await endpoint().request(json=call("test_rejecting"))
    assert caught.value.status == 400
    assert "test_rejecting" in caught.value.text


def test_installing_is_for_agents_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = SimpleNamespace(action_endpoint=None, processor=SimpleNamespace(action_endpoint=None))
    assert inprocess.wanted(agent)
    inprocess.install(agent, "tests.web.test_parts")
    kept = agent.action_endpoint
    inprocess.install(agent, "tests.web.test_parts")
    assert agent.action_endpoint is agent.processor.action_endpoint is kept
    assert not inprocess.wanted(SimpleNamespace(action_endpoint=object()))
    monkeypatch.setenv("INPROCESS_ACTIONS", "1")
    assert inprocess.wanted(SimpleNamespace(action_endpoint=object()))


def test_remembered_slots_can_be_forgotten() -> None:
    memory = SlotMemory()
    memory.note("web:a", {"age_months": 5})
    memory.note("web:a", {"country": "GB"})
    assert memory.of("web:a") == {"age_months": 5, "country": "GB"}
    memory.forget("web:a")
    assert memory.of("web:a") == {}


# ---- settings and numbers ----


def test_settings_take_origins_from_both_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_ORIGINS", "https://A.example/, ,https://b.example")
    settings = Settings.from_credentials({"origins": ["https://c.example"], "title": "T"})
    assert settings.origins == ("https://c.example", "https://a.example", "https://b.example")
    with pytest.raises(TypeError):
        Settings.from_credentials({"orgins": []})


def test_numbers_are_read_by_country(tmp_path: Path) -> None:
    file = tmp_path / "numbers.yml"
    file.write_text(
        "numbers:\n  '': {name: '', emergency: 'your local number (911 US, 999 UK)'}\n"
        "  GB: {name: United Kingdom, emergency: 999 or 112, urgent: NHS 111, words: [uk],\n"
        "       crisis: 'Helpline (116 123), 8am to 10pm', checked: 2026-11-22}\n"
    )
    assert read_countries(file) == [
        {
            "code": "GB",
            "name": "United Kingdom",
            "emergency": ["999", "112"],
            "dial": ["111", "116 123"],
        }
    ]
    assert read_countries(tmp_path / "none.yml") == []
