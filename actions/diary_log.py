"""Notes a food or what followed it."""

from __future__ import annotations

from datetime import datetime, timezone

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, send, today
from actions.records import diary, diary_of, facts_of


class ActionDiaryLog(CalmAction):
    """Writes the message into the food diary."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_diary_log"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Note what the message says, or explain how to note something."""
        entries = diary_of(tracker)
        text = tracker.latest_message.get("text") or ""
        if not text or text.startswith("/"):
            send(dispatcher, [diary().how_to()])
            return []
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        line = tracker.get_slot("line_brief") or tracker.get_slot("line_emergency") or ""
        logged = diary().log(entries, diary().read(text, now), facts_of(tracker), today(), line)
        send(dispatcher, [logged.reply])
        return [SlotSet("diary", logged.entries)]
