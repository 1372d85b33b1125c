"""A conversation as the parent saw it, read back from Rasa's tracker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rasa.shared.core.events import BotUttered, Event, Restarted, UserUttered

from channels.turns import Turn


@dataclass
class Exchange:
    """One message of the parent with all that was answered to it."""

    message_id: str
    shown: str
    time: float
    messages: list[dict[str, Any]] = field(default_factory=list)


def _shown(event: UserUttered) -> str:
    """Return the words as the parent saw them; an empty string for a hidden payload."""
    title = (event.metadata or {}).get("title")
    text = event.text or ""
    return str(title) if title else "" if text.startswith("/") else text


def exchanges(events: Iterable[Event], turns: Iterable[Turn] = ()) -> list[Exchange]:
    """Return the conversation since its last restart, oldest first.

    `turns` are those that the channel remembers: they fill in what a failed turn, whose
    events Rasa doesn't keep, would leave out.
    """
    found: list[Exchange] = []
    for event in events:
        if isinstance(event, Restarted):
            found.clear()
        elif isinstance(event, UserUttered):
            found.append(Exchange(event.message_id or "", _shown(event), event.timestamp))
        elif isinstance(event, BotUttered) and found and event.text:
            found[-1].messages.append(event.message())
    by_id = {each.message_id: each for each in found}
    for turn in turns:
        kept = by_id.get(turn.said.message_id)
        said = turn.answer.messages if turn.answer else []
        if kept is None:
            found.append(Exchange(turn.said.message_id, turn.said.shown, turn.time, list(said)))
        elif not kept.messages:
            kept.messages = list(said)
    return sorted(found, key=lambda each: each.time)
