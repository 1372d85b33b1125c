"""The longer explanation of a topic."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import alarm_open, guide, send, today
from actions.records import facts_of


class ActionMore(Action):  # type: ignore[misc]
    """Tells more of the topic on the button, or of the last answer's main topic."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_more"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send one reply."""
        if alarm_open(tracker.slots):
            dispatcher.utter_message(response="utter_still_open")
            return []
        answered = (tracker.get_slot("answered") or {}).get("topics") or []
        topic = next(tracker.get_latest_entity_values("topic"), None) or next(iter(answered), None)
        if topic not in guide().content.topics:
            dispatcher.utter_message(response="utter_help")
            return []
        send(dispatcher, [guide().composer.more(topic, facts_of(tracker), today())])
        return []
