"""The plan: skin care first, then the guide's five steps for this baby."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, send, today
from actions.records import facts_of, merged, planner


class ActionPlan(CalmAction):
    """Sends the plan, short; whole when the button asks for it."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_plan"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send the plan and remember what it rests on, for "why?"."""
        whole = next(tracker.get_latest_entity_values("whole"), None)
        facts = facts_of(tracker)
        short = [planner().short(facts, today())]
        replies = planner().whole(facts, today()) if whole else short
        send(dispatcher, replies)
        # "Why?" tells of the facts and gates; what the guide says and what is known stand in the
        # whole plan itself.
        return [SlotSet("answered", merged(short))]
