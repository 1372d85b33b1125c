"""Runs one action as the action server would, without a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


def question(text: str, *topics: str) -> dict[str, Any]:
    """Return the value of the slot `question`."""
    items = [topic for topic in topics if topic == "kefir"]
    return {"text": text, "topics": list(topics), "items": items}


async def run(
    action: Action,
    asked: dict[str, Any],
    text: str = "",
    entities: Sequence[dict[str, Any]] = (),
    **slots: Any,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return (the messages that the action sends, the events that it returns)."""
    dispatcher = CollectingDispatcher()
    intent = text.lstrip("/").split("{")[0]
    latest = {
        "intent": {"name": intent},
        "intent_ranking": [{"name": intent}],
        "entities": list(entities),
        "text": text,
    }
    tracker = Tracker("parent", {"question": asked, **slots}, latest, [], False, None, {}, "")
    events = await action.run(dispatcher, tracker, {})
    said = [message | message.pop("metadata", {}) for message in dispatcher.messages]
    return said, list(events)


def messages_of(said: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the topics of all messages together."""
    return {"topics": [topic for message in said for topic in message.get("topics", ())]}
