"""Start over: everything told before goes, and the talk begins afresh."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, EventType, Restarted
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.records import about, send_forgetting
from guide.state import read_memory


class ActionStartOver(Action):  # type: ignore[misc]
    """Resets every slot; the store is emptied once the turn is over."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_start_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Say so, and what remains; the message's metadata tells channels to forget, too."""
        alarm = read_memory(tracker.slots).open_alarm or ""
        line = tracker.get_slot("line_emergency") or ""
        send_forgetting(dispatcher, about().started_over(alarm, line))
        return [AllSlotsReset(), Restarted()]
