"""How bad is the eczema: four questions with buttons, asked one after another."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, send, today
from actions.records import facts_of, skin_check
from guide.state import MEMORY_SLOT


class ActionSeverity(CalmAction):
    """Takes an answer, asks the next question, or tells the answers back."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_severity"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send a question or the result; a finished check says whether the eczema is severe."""
        answer = next(tracker.get_latest_entity_values("severity_answer"), None)
        value = skin_check().after(tracker.get_slot("severity"), answer, today())
        before = facts_of(tracker)
        send(dispatcher, [skin_check().reply(value, tracker.get_slot("line_urgent") or "")])
        after = skin_check().facts_after(before, value)
        events: list[EventType] = [SlotSet("severity", value)]
        if after != before:
            slots = after.to_slots()
            memory = {**(tracker.get_slot(MEMORY_SLOT) or {}), "cleared": slots["cleared"]}
            events += [SlotSet("conditions", slots["conditions"]), SlotSet(MEMORY_SLOT, memory)]
        return events
