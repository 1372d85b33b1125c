"""Why the last answer was what it was."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import alarm_open, guide, send, today
from actions.records import facts_of


class ActionWhy(Action):  # type: ignore[misc]
    """Tells the facts, rules, claims and sources behind the last answer."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_why"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send one reply."""
        if alarm_open(tracker.slots):
            dispatcher.utter_message(response="utter_still_open")
            return []
        answered = tracker.get_slot("answered") or {}
        send(dispatcher, [guide().composer.why(answered, facts_of(tracker), today())])
        return []
