"""Takes the outbox to Telegram: in order for each chat, obeying every wish to wait.

A message leaves the outbox when Telegram has it, or when Telegram will never take it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from channels.telegram_api import ApiError, BotApi
from channels.telegram_state import Outgoing, State

# Rasa shows INFO of its own loggers only, so the channel's place below them makes it heard.
logger = logging.getLogger("rasa.channels.telegram_guide")

MAX_AGE_S = 24 * 3600.0  # as long as Telegram itself keeps what it couldn't hand over
MAX_SERVER_ERRORS = 10
MAX_COURTESY_ATTEMPTS = 3
# What a chat can do without, if need be: the words of an answer are not among them.
_COURTESIES = ("answerCallbackQuery", "editMessageReplyMarkup")
_EXTRAS = ("reply_markup", "reply_parameters", "entities", "message_thread_id")

InFile = Callable[..., Awaitable[Any]]


@dataclass
class Backoff:
    """Pauses that double with each failure, with jitter so that clients don't come in step."""

    first_s: float = 1.0
    most_s: float = 60.0
    failures: int = 0

    def next_s(self) -> float:
        """Return the seconds to wait after one more failure."""
        limit = min(self.most_s, self.first_s * 2.0**self.failures)
        self.failures = min(self.failures + 1, 20)
        return limit * random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Start over after a success."""
        self.failures = 0


class Pace:
    """Spreads sends so that all chats together stay below Telegram's limit."""

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1.0 / per_second
        self._next = 0.0

    async def wait(self) -> None:
        """Wait for the next free place."""
        now = time.monotonic()
        at = max(now, self._next)
        self._next = at + self._gap_s
        if at > now:
            await asyncio.sleep(at - now)


class Courier:
    """Sends what is in the outbox of a chat."""

    def __init__(
        self,
        api: BotApi,
        state: State,
        in_file: InFile,
        pace: Pace,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self._api = api
        self._state = state
        self._in_file = in_file
        self._pace = pace
        self._backoff = backoff
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._stopping = False

    def stop(self) -> None:
        """Begin no further send; what is left goes out after the next start."""
        self._stopping = True

    async def deliver(self, chat: int) -> bool:
        """Make every call that waits for `chat`, oldest first; return whether none is left."""
        lock = self._locks.setdefault(chat, asyncio.Lock())
        async with lock:
            while not self._stopping:
                outgoing = await self._in_file(self._state.next_out, chat)
                if outgoing is None:
                    return True
                await self._send(outgoing)
        return False

    async def _send(self, outgoing: Outgoing) -> None:
        """Make one call until it is settled.

        Telegram has no way to ask whether it took a message whose answer was lost. Such a
        message is sent again: a parent who reads it twice is better off than one who never does.
        """
        backoff = self._backoff()
        server_errors = 0
        while not self._stopping:
            await self._pace.wait()
            try:
                await self._api.call(outgoing.method, outgoing.params)
                break
            except ApiError as error:
                server_errors += error.status >= 500
                if self._is_last(outgoing, error, server_errors, backoff.failures):
                    changed = await self._give_way(outgoing, error)
                    if changed is None:
                        break
                    outgoing = changed
                else:
                    await asyncio.sleep(max(backoff.next_s(), error.retry_after_s))
        else:
            return
        await self._in_file(self._state.sent, outgoing)

    def _is_last(
        self, outgoing: Outgoing, error: ApiError, server_errors: int, failures: int
    ) -> bool:
        if time.time() - outgoing.time > MAX_AGE_S or server_errors >= MAX_SERVER_ERRORS:
            return True
        if error.status == 429:
            return False
        if outgoing.method in _COURTESIES and failures + 1 >= MAX_COURTESY_ATTEMPTS:
            return True
        return not (error.transient or error.bad_token)

    async def _give_way(self, outgoing: Outgoing, error: ApiError) -> Outgoing | None:
        """Return the call in a form that may pass, None when there is none."""
        if error.moved_to and error.moved_to != outgoing.params.get("chat_id"):
            return replace(outgoing, params={**outgoing.params, "chat_id": error.moved_to})
        if outgoing.method in _COURTESIES:
            logger.debug("Telegram: %s was not taken: %s", outgoing.method, error)
            return None
        if error.unreachable_chat:
            logger.info("Telegram: a chat has blocked the bot; nothing more is sent to it")
            await self._in_file(self._state.block, outgoing.chat)
            return None
        bare = {key: value for key, value in outgoing.params.items() if key not in _EXTRAS}
        if error.status == 400 and bare != outgoing.params:
            logger.error("Telegram refused a message (%s); sending its bare words", error)
            return replace(outgoing, params=bare)
        logger.error("Telegram: a message could not be delivered: %s", error)
        return None
