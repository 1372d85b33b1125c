"""Facts told alone: said back, and asked what the parent would like to know."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, send, today
from actions.records import acknowledger, facts_of
from guide.decide import CONTRADICTED_SLOT, TO_ASK
from guide.state import NOTED_SLOT
from guide.telling import Told


class ActionNoted(CalmAction):
    """Acknowledges what the last message told without asking."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_noted"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send one reply; two different ages are asked about instead."""
        slots = tracker.slots
        if slots.get(CONTRADICTED_SLOT) == TO_ASK:
            dispatcher.utter_message(response="utter_which_age")
            return []
        told = Told.from_slot(slots.get(NOTED_SLOT))
        line = slots.get("line_brief") or slots.get("line_emergency") or ""
        send(dispatcher, [acknowledger().reply(told, facts_of(tracker), today(), line)])
        return []
