"""Shows the food diary."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, send
from actions.records import diary, diary_of


class ActionDiaryShow(CalmAction):
    """Lists what was tried and what followed."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_diary_show"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send the list."""
        send(dispatcher, [diary().show(diary_of(tracker))])
        return []
