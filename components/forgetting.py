"""True erasure, on every channel: what was forgotten is never saved, and old chats expire.

An action can't delete its own tracker: Rasa saves it when the turn is over. Rasa 3.6 has no hook
there and gives components no tracker store, so two methods of its `MessageProcessor` are wrapped,
once, when the components are imported. The wrappers hold for any channel, any `--endpoints` and
any kind of action server.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import time
from collections.abc import Sequence
from typing import Any

from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import ActionExecuted, Event, Restarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.erase import erase_from, erase_older
from guide.about import expire_days

logger = logging.getLogger(__name__)

FORGETTING_ACTIONS = ("action_forget", "action_start_over")
DAY_S = 86_400.0
CLEANED_EVERY_S = DAY_S / 4
_last_cleaned: dict[int, float] = {}


def is_forgetting(events: Sequence[Event]) -> bool:
    """Tell whether the last turn asked to be forgotten, and its action did run."""
    restarted = False
    for event in reversed(events):
        if isinstance(event, UserUttered):
            return False
        restarted = restarted or isinstance(event, Restarted)
        if isinstance(event, ActionExecuted) and event.action_name in FORGETTING_ACTIONS:
            return restarted
    return False


def is_expired(events: Sequence[Event], now: float) -> bool:
    """Tell whether the last event is older than the setting `FACTS_EXPIRE_DAYS`."""
    days = expire_days(os.environ)
    return bool(events and days) and now - events[-1].timestamp > days * DAY_S


async def _in_thread(work: Any, *arguments: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)


async def _erase(processor: MessageProcessor, sender: str) -> None:
    if not await _in_thread(erase_from, processor.tracker_store, sender):
        raise RuntimeError("this tracker store can't erase a conversation")


def _is_cleaning_due(store: Any, now: float) -> bool:
    """Tell, a few times a day, that it's time to look for chats nobody came back to."""
    if now - _last_cleaned.get(id(store), 0.0) < CLEANED_EVERY_S:
        return False
    _last_cleaned[id(store)] = now
    return expire_days(os.environ) > 0


async def _clean_old(store: Any) -> None:
    now = time.time()
    if not _is_cleaning_due(store, now):
        return
    try:
        await _in_thread(erase_older, store, now - expire_days(os.environ) * DAY_S)
    except Exception as error:  # the turn itself must not suffer from it
        logger.error("old conversations could not be erased: %s", type(error).__name__)


def install() -> None:
    """Wrap Rasa's processor; a second call changes nothing."""
    if hasattr(MessageProcessor.save_tracker, "__wrapped__"):
        return
    save, get = MessageProcessor.save_tracker, MessageProcessor.get_tracker

    @functools.wraps(save)
    async def save_tracker(self: MessageProcessor, tracker: DialogueStateTracker) -> None:
        if is_forgetting(tracker.events):
            await _erase(self, tracker.sender_id)
        else:
            await save(self, tracker)
        await _clean_old(self.tracker_store)

    @functools.wraps(get)
    async def get_tracker(self: MessageProcessor, conversation_id: str) -> DialogueStateTracker:
        tracker = await get(self, conversation_id)
        if is_expired(tracker.events, time.time()):
            await _erase(self, tracker.sender_id)
            tracker = await get(self, conversation_id)
        return tracker

    MessageProcessor.save_tracker = save_tracker
    MessageProcessor.get_tracker = get_tracker
