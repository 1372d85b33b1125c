"""Runs an action on a conversation made up of slots."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

LINES = {"line_emergency": "999", "line_urgent": "NHS 111"}


@dataclass
class Talk:
    """A conversation: its slots go on from action to action."""

    slots: dict[str, Any] = field(default_factory=lambda: dict(LINES))
    events: list[dict[str, Any]] = field(default_factory=list)
    channel: str = "rest"

    def run(
        self, action: type[Action], text: str = "", entities: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Return the messages of `action` after `text`; its slot events are applied."""
        dispatcher = CollectingDispatcher()
        named = [{"entity": name, "value": value} for name, value in (entities or {}).items()]
        message = {"text": text, "intent": {"name": "x"}, "entities": named}
        tracker = Tracker(
            "parent", dict(self.slots), message, self._events(), False, None, {}, "action_listen"
        )
        done: Sequence[Any] = asyncio.run(action().run(dispatcher, tracker, {}))
        for event in done:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            elif event["event"] == "reset_slots":
                self.slots = dict(LINES)
        return list(dispatcher.messages)

    def say(
        self, action: type[Action], text: str = "", entities: Mapping[str, Any] | None = None
    ) -> str:
        """Return the words of `action` after `text`."""
        messages = self.run(action, text, entities)
        return "\n".join(one.get("text") or one.get("response") or "" for one in messages)

    def _events(self) -> list[dict[str, Any]]:
        return [*self.events, {"event": "user", "input_channel": self.channel, "text": "x"}]
