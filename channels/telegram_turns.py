"""One turn of a parent on Telegram: Rasa's answer, or words in place of every silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa.core.channels.channel import UserMessage

from channels.history import exchanges
from channels.messages import WebOutput, channel_message
from channels.words import ChannelWords

logger = logging.getLogger("rasa.channels.telegram_guide")

CHANNEL = "telegram_guide"
Handler = Callable[[UserMessage], Awaitable[Any]]
Messages = list[dict[str, Any]]


class TelegramOutput(WebOutput):
    """Collects whole messages; they go out when the turn is written down."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, as responses may be written for one channel."""
        return CHANNEL


@dataclass(frozen=True)
class Asked:
    """What Rasa is given.

    Attributes:
        sender: Rasa sender id.
        message_id: names the update, so that a turn can be found again in the tracker.
        text: words, or the payload of a button or command.
        metadata: goes into the tracker with the message.
    """

    sender: str
    message_id: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Conversation:
    """Rasa behind one call: messages out, never an exception, never nothing."""

    def __init__(self, handle: Handler, words: ChannelWords, agent: Any = None) -> None:
        self.agent = agent
        self._handle = handle
        self._words = words

    async def answer(self, asked: Asked) -> list[dict[str, Any]]:
        """Return what the bot says to `asked`; a failure becomes a sentence."""
        if self.agent is not None and not self.agent.is_ready():
            return [self.failure("not_ready")]  # Rasa itself would say nothing
        output = TelegramOutput()
        message = UserMessage(
            asked.text,
            output,
            asked.sender,
            input_channel=CHANNEL,
            message_id=asked.message_id,
            metadata=dict(asked.metadata),
        )
        try:
            await self._handle(message)
        except Exception as error:  # lock or tracker store gone, a component raising
            # The type alone: an error's text may hold the parent's words.
            logger.error("Telegram: a turn failed: %s", type(error).__name__)
            if not output.messages:
                return [self.failure("failed")]
        return output.messages or [self.failure("silent")]

    def failure(self, key: str) -> dict[str, Any]:
        """Return the sentence `key` with the emergency line, as a message."""
        return channel_message(self._words.say_safely(key))

    async def answered_before(self, asked: Asked) -> list[dict[str, Any]]:
        """Return what was answered to `asked` before a crash; empty when the turn never ended.

        Rasa writes a turn down as a whole, so it is either found with its answer or not at all.
        """
        if self.agent is None:
            return []
        try:
            tracker = await self.agent.tracker_store.retrieve(asked.sender)
        except Exception as error:
            logger.error("Telegram: can't look up an earlier turn: %s", type(error).__name__)
            return []
        found = exchanges(tracker.events) if tracker else []
        return next((e.messages for e in found if e.message_id == asked.message_id), [])


async def finished(task: asyncio.Task[Any], seconds: float) -> bool:
    """Wait at most `seconds` for `task`, leaving it at work; return whether it is done."""
    done, _ = await asyncio.wait({task}, timeout=max(0.0, seconds))
    return bool(done)
