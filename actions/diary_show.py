"""Shows the food diary."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import alarm_open, send
from actions.records import diary, diary_of


class ActionDiaryShow(Action):  # type: ignore[misc]
    """Lists what was tried and what followed."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_diary_show"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send the list."""
        if alarm_open(tracker.slots):
            dispatcher.utter_message(response="utter_still_open")
            return []
        send(dispatcher, [diary().show(diary_of(tracker))])
        return []
