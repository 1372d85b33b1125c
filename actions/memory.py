"""What do you know about me?"""

from __future__ import annotations

import os

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import guide, send, today
from actions.records import about, diary, diary_of, facts_of, note_writer, skin_check
from guide.about import Held, expire_days
from guide.state import DENIED_SLOT, read_memory


class ActionMemory(Action):  # type: ignore[misc]
    """Tells all that is held of the parent and the baby."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_memory"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send the list, also while an emergency is open: it's the parent's right."""
        facts, memory = facts_of(tracker), read_memory(tracker.slots)
        held = Held(
            facts=facts,
            known=guide().composer.known(facts, today()),
            reported=note_writer().shown(memory.reported),
            alarm=memory.open_alarm or "",
            diary=diary().lines(diary_of(tracker)),
            skin_check=skin_check().in_words(tracker.get_slot("severity")),
            denied=list(tracker.get_slot(DENIED_SLOT) or {}),
            question=(tracker.get_slot("question") or {}).get("text", ""),
        )
        send(dispatcher, [about().reply(held, expire_days(os.environ))])
        return []
