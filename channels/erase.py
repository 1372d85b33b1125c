"""Erasing a conversation from Rasa's tracker store: Rasa itself has no call for it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore, RedisTrackerStore, SQLTrackerStore
from sqlalchemy import text

logger = logging.getLogger(__name__)


def _innermost(store: Any) -> Any:
    while hasattr(store, "_tracker_store"):
        store = store._tracker_store
    return store


def _erase_sql(store: SQLTrackerStore, sender: str) -> None:
    with store.session_scope() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA secure_delete = ON"))  # no words left in free pages
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
    else:
        logger.error("cannot erase from a tracker store of type %s", type(store).__name__)
        return False
    return True


async def erase_conversation(agent: Any, sender: str) -> bool:
    """Delete all that the tracker store holds of `sender`; return whether it could be done.

    Waits for a running turn of the same parent, which would otherwise write the words back.
    """
    async with agent.lock_store.lock(sender, wait_time_in_seconds=0.1):
        store = _innermost(agent.tracker_store)
        return await asyncio.get_running_loop().run_in_executor(None, _erase, store, sender)
