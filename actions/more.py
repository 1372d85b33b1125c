"""The longer explanation of a topic."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, guide, send, today
from actions.records import facts_of


class ActionMore(CalmAction):
    """Tells more of the topic on the button, or of the last answer's main topic."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_more"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send one reply."""
        answered = (tracker.get_slot("answered") or {}).get("topics") or []
        topic = next(tracker.get_latest_entity_values("topic"), None) or next(iter(answered), None)
        if topic not in guide().content.topics:
            dispatcher.utter_message(response="utter_help")
            return []
        send(dispatcher, [guide().composer.more(topic, facts_of(tracker), today())])
        return []
