"""Erasing a conversation from Rasa's tracker store: Rasa itself has no call for it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

from rasa.core.tracker_store import (
    DynamoTrackerStore,
    InMemoryTrackerStore,
    MongoTrackerStore,
    RedisTrackerStore,
    SQLTrackerStore,
)
from sqlalchemy import func, text

from guide.seen import slot_memory

logger = logging.getLogger(__name__)


def _stores(store: Any) -> Iterator[Any]:
    """Yield the stores inside Rasa's wrappers: the one in use, and one to fall back on."""
    inner = getattr(store, "_tracker_store", None)
    fallback = getattr(store, "_fallback_tracker_store", None)
    if inner is None:
        yield store
    else:
        yield from _stores(inner)
    if fallback is not None:
        yield from _stores(fallback)


def _begin(session: Any) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))  # no words left in free pages


def _erase_sql(store: SQLTrackerStore, sender: str) -> None:
    with store.session_scope() as session:
        _begin(session)
        session.query(store.SQLEvent).filter(store.SQLEvent.sender_id == sender).delete()
        session.commit()


def _erase(store: Any, sender: str) -> bool:
    if callable(getattr(store, "delete_sender", None)):
        store.delete_sender(sender)
    elif isinstance(store, InMemoryTrackerStore):
        store.store.pop(sender, None)
    elif isinstance(store, SQLTrackerStore):
        _erase_sql(store, sender)
    elif isinstance(store, RedisTrackerStore):
        store.red.delete(store.key_prefix + sender)
    elif isinstance(store, MongoTrackerStore):
        store.conversations.delete_many({"sender_id": sender})
    elif isinstance(store, DynamoTrackerStore):
        store.db.delete_item(Key={"sender_id": sender})
    else:
        logger.error("cannot erase from a tracker store of type %s", type(store).__name__)
        return False
    return True


def erase_from(tracker_store: Any, sender: str) -> bool:
    """Delete all that `tracker_store` and this process hold of `sender`, without any lock.

    Returns:
        Whether it could be done: a store of an unknown type can't be erased from.
    """
    slot_memory.forget(sender)
    done = [_erase(store, sender) for store in _stores(tracker_store)]  # each of them, in any case
    return all(done)


async def erase_conversation(agent: Any, sender: str) -> bool:
    """Delete all that the tracker store holds of `sender`; return whether it could be done.

    Waits for a running turn of the same parent, which would otherwise write the words back.
    """
    async with agent.lock_store.lock(sender, wait_time_in_seconds=0.1):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, erase_from, agent.tracker_store, sender)


def erase_older(tracker_store: Any, before: float) -> None:
    """Delete every conversation whose last event is older than `before` (seconds since 1970).

    Works for stores in memory and in SQL; Redis, Mongo and DynamoDB have an expiry of their own.
    """
    for store in _stores(tracker_store):
        if isinstance(store, InMemoryTrackerStore):
            for sender, held in list(store.store.items()):
                events = json.loads(held).get("events") or []
                if events and events[-1]["timestamp"] < before:
                    store.store.pop(sender, None)
        elif isinstance(store, SQLTrackerStore):
            _erase_older_sql(store, before)


def _erase_older_sql(store: SQLTrackerStore, before: float) -> None:
    with store.session_scope() as session:
        _begin(session)
        sender, last = store.SQLEvent.sender_id, func.max(store.SQLEvent.timestamp)
        old = session.query(sender).group_by(sender).having(last < before)
        session.query(store.SQLEvent).filter(sender.in_([one for (one,) in old])).delete(
            synchronize_session=False
        )
        session.commit()
