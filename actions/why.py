"""Why the last answer was what it was."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, guide, send, today
from actions.records import facts_of


class ActionWhy(CalmAction):
    """Tells the facts, rules, claims and sources behind the last answer."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_why"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send one reply."""
        answered = tracker.get_slot("answered") or {}
        send(dispatcher, [guide().composer.why(answered, facts_of(tracker), today())])
        return []
