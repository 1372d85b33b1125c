"""Stores and actions that fail when a file in the folder `FAULTS` says so."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import InMemoryTrackerStore

SLOW_S = 4.0


def _on(name: str) -> bool:
    return Path(os.environ["FAULTS"], name).exists()


class FailingTrackerStore(InMemoryTrackerStore):  # type: ignore[misc]
    """Keeps trackers in memory; `store` switched on, it can't be reached."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        named.pop("host", None)
        super().__init__(*arguments, **named)
        _let_actions_fail()

    async def save(self, tracker: Any) -> None:
        if _on("store"):
            raise ConnectionError("the store is gone")
        await super().save(tracker)

    async def retrieve(self, sender_id: str) -> Any:
        if _on("store"):
            raise ConnectionError("the store is gone")
        return await super().retrieve(sender_id)


class FailingLockStore(InMemoryLockStore):  # type: ignore[misc]
    """Keeps locks in memory; `lock` switched on, it can't be reached."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def get_lock(self, conversation_id: str) -> Any:
        if _on("lock"):
            raise ConnectionError("the lock store is gone")
        return super().get_lock(conversation_id)


def _let_actions_fail() -> None:
    """Make the answering action slow or throwing when a fault says so."""
    from actions.answer import ActionAnswer

    real: Callable[..., Any] = ActionAnswer.run

    async def run(self: Any, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        if _on("slow"):
            time.sleep(SLOW_S)
        if _on("throw"):
            raise RuntimeError("the action is broken")
        return await real(self, dispatcher, tracker, domain)

    ActionAnswer.run = run
