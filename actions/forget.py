"""Forget me: everything goes, from the tracker store too (components/forgetting.py)."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, EventType, Restarted
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.records import about, send_forgetting
from guide.state import read_memory


class ActionForget(Action):  # type: ignore[misc]
    """Resets every slot; the store is emptied once the turn is over."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_forget"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Say so, and what remains; the message's metadata tells channels to forget, too."""
        alarm = read_memory(tracker.slots).open_alarm or ""
        line = tracker.get_slot("line_emergency") or ""
        send_forgetting(
            dispatcher, about().forgotten(tracker.get_latest_input_channel() or "", alarm, line)
        )
        return [AllSlotsReset(), Restarted()]
