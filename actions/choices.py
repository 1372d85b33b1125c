"""A close call: the parent chooses among two or three topics."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import guide, send


class ActionChoices(Action):  # type: ignore[misc]
    """Offers the topics that the question may be about, as buttons."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_choices"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send one reply."""
        question = tracker.get_slot("question") or {}
        send(dispatcher, [guide().composer.choices(question.get("choices") or ())])
        return []
