"""A note for the doctor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, send, today
from actions.records import (
    diary,
    diary_of,
    facts_of,
    intent_of,
    note_writer,
    skin_check,
    skin_quotes,
)
from guide.model import TOPICS
from guide.note import Told
from guide.results import read_results
from guide.state import DENIED_SLOT, MEMORY_SLOT, QUESTION_SLOT
from guide.topics import OUT_OF_SCOPE

DANGER_INTENTS = ("danger_emergency", "danger_and_carer", "danger_urgent", "check_yes")
ASKED_INTENT = "danger_check"
ANSWERS = {"check_yes": "yes", "check_no": "no"}
MAX_READ = 60
"""So many of the last messages are read for skin trouble: each takes some milliseconds."""


class ActionNote(CalmAction):
    """Writes down what the parent told, for a clinician."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_note"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send the note."""
        facts = facts_of(tracker)
        check = tracker.get_slot("severity") or {}
        memory = tracker.get_slot(MEMORY_SLOT) or {}
        findings = {**dict.fromkeys(facts.symptoms, ""), **(memory.get("reported") or {})}
        heard = _heard(tracker.events)
        kept = (tracker.get_slot(QUESTION_SLOT) or {}).get("text")
        told = Told(
            facts=facts,
            findings=findings,
            danger=heard.danger,
            asked={**dict.fromkeys(memory.get("asked") or (), ""), **heard.asked},
            diary=diary().lines(diary_of(tracker)),
            skin_check=(skin_check().in_words(check), check.get("on", "")),
            questions=heard.asked_in_words() or ([kept] if kept and not heard.results else []),
            denied=tracker.get_slot(DENIED_SLOT) or {},
            skin=_skin(heard.messages),
            results=heard.results,
        )
        send(dispatcher, [note_writer().reply(told, today())])
        return []


@dataclass
class _Heard:
    """What the events of a conversation tell.

    Attributes:
        danger: danger signs told, with the day; asked: those asked about, with the answer.
        questions: what was asked in words, and whether it asks or only tells of a worry.
        results: pasted gut test results.
        messages: all that the parent typed, each with its day.
    """

    danger: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    questions: dict[str, bool] = field(default_factory=dict)
    results: list[str] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)

    def asked_in_words(self) -> list[str]:
        """Return the questions; where nothing was asked, the worries told."""
        asked = [text for text, asks in self.questions.items() if asks]
        return asked or list(self.questions)


def _heard(events: Iterable[Mapping[str, Any]]) -> _Heard:
    heard = _Heard()
    intent, day, sign, text = "", "", "", ""
    for event in events:
        kind, name, value = event.get("event"), event.get("name"), event.get("value")
        if kind == "restart":
            heard, sign = _Heard(), ""
        elif kind == "user":
            intent, day = intent_of(event), _day(event.get("timestamp"))
            text = event.get("text") or ""
            if intent in ANSWERS and sign:
                heard.asked[sign] = ANSWERS[intent]
            if intent == "check_yes" and sign:
                heard.danger[sign] = day
            if not text.startswith("/"):
                _hear(heard, text, intent, day)
        elif kind == "slot" and name == QUESTION_SLOT and value:
            if value.get("text") != text:
                heard.questions.pop(text, None)  # a fact that asked the question before it again
            elif text in heard.questions:
                heard.questions[text] = value.get("asks", True)
        elif kind == "slot" and name == "danger_sign" and value:
            sign = value
            if intent in DANGER_INTENTS:
                heard.danger[sign] = day
            elif intent == ASKED_INTENT:
                heard.asked.setdefault(sign, "")
    return heard


def _hear(heard: _Heard, text: str, intent: str, day: str) -> None:
    """Add what the parent typed."""
    is_topic = intent.removeprefix("ask_") in TOPICS and intent != OUT_OF_SCOPE
    if is_topic and _is_pasted(text):
        heard.results.append(text)
        return
    heard.messages.append((text, day))
    if is_topic:
        heard.questions[text] = True


def _is_pasted(text: str) -> bool:
    """Tell whether a message is a test's results: it names markers with what was found."""
    results = None if "?" in text else read_results(text)
    return results is not None and any(one.state or one.value for one in results.found)


def _skin(messages: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return skin trouble in the parent's words, with the day."""
    last = list(messages)[-MAX_READ:]
    return {said: day for text, day in last for said in skin_quotes()(text)}


def _day(timestamp: float | None) -> str:
    return datetime.fromtimestamp(timestamp or 0, timezone.utc).date().isoformat()
