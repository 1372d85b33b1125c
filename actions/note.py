"""A note for the doctor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import alarm_open, send, today
from actions.records import diary, diary_of, facts_of, note_writer, skin_check
from guide.model import TOPICS
from guide.note import Told
from guide.state import MEMORY_SLOT

DANGER_INTENTS = ("danger_emergency", "danger_and_carer", "danger_urgent", "check_yes")
ASKED_INTENT = "danger_check"
ANSWERS = {"check_yes": "yes", "check_no": "no"}


class ActionNote(Action):  # type: ignore[misc]
    """Writes down what the parent told, for a clinician."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_note"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send the note."""
        if alarm_open(tracker.slots):
            dispatcher.utter_message(response="utter_still_open")
            return []
        facts = facts_of(tracker)
        check = tracker.get_slot("severity") or {}
        memory = tracker.get_slot(MEMORY_SLOT) or {}
        findings = {**dict.fromkeys(facts.symptoms, ""), **(memory.get("reported") or {})}
        danger, asked, questions = _from_events(tracker.events)
        asked = {**dict.fromkeys(memory.get("asked") or (), ""), **asked}
        kept = (tracker.get_slot("question") or {}).get("text")
        told = Told(
            facts=facts,
            findings=findings,
            danger=danger,
            asked=asked,
            diary=diary().lines(diary_of(tracker)),
            skin_check=(skin_check().in_words(check), check.get("on", "")),
            questions=questions or ([kept] if kept else []),
        )
        send(dispatcher, [note_writer().reply(told, today())])
        return []


def _from_events(
    events: Iterable[Mapping[str, Any]],
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Return the danger signs told (with their day), those asked about, and the questions."""
    danger: dict[str, str] = {}
    asked: dict[str, str] = {}
    questions: list[str] = []
    intent, day, sign = "", "", ""
    for event in events:
        kind = event.get("event")
        if kind == "restart":
            danger, asked, questions, sign = {}, {}, [], ""
        elif kind == "user":
            intent = (event.get("parse_data") or {}).get("intent", {}).get("name") or ""
            day = _day(event.get("timestamp"))
            if intent in ANSWERS and sign:
                asked[sign] = ANSWERS[intent]
            if intent == "check_yes" and sign:
                danger[sign] = day
            text = event.get("text") or ""
            if intent.removeprefix("ask_") in TOPICS and not text.startswith("/"):
                questions.append(text)
        elif kind == "slot" and event.get("name") == "danger_sign" and event.get("value"):
            sign = event["value"]
            if intent in DANGER_INTENTS:
                danger[sign] = day
            elif intent == ASKED_INTENT:
                asked.setdefault(sign, "")
    return danger, asked, questions


def _day(timestamp: float | None) -> str:
    return datetime.fromtimestamp(timestamp or 0, timezone.utc).date().isoformat()
