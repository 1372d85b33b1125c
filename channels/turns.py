"""One turn of a parent: danger first, then the bot's answer, never silence, never twice."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa.core.channels.channel import UserMessage

from channels.messages import (
    MAX_CHARACTERS,
    WebOutput,
    channel_message,
    level_of,
    reply_message,
)
from channels.words import ChannelWords
from guide.model import Reply

logger = logging.getLogger(__name__)

LookOut = Callable[[str, Mapping[str, Any]], "Reply | None"]
Handler = Callable[[UserMessage], Awaitable[Any]]
MAX_TURNS = 5_000
MAX_RUNNING = 5
CHUNK_OVERLAP = 200
MAX_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Said:
    """What a parent sent.

    Attributes:
        sender: Rasa sender id.
        message_id: the browser's own id of the message; the same id is the same message.
        shown: the words as the parent saw them (a button's title, or the text).
        text: what Rasa is given (a button's payload, or the text).
        typed: the parent typed it, so it is looked at for danger signs.
        metadata: goes into the tracker with the message.
    """

    sender: str
    message_id: str
    shown: str
    text: str
    typed: bool
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Answer:
    """The messages for one thing said; `pending` when the bot is still at work on it."""

    messages: list[dict[str, Any]]
    pending: bool = False


@dataclass
class Turn:
    """A thing said, and the task that answers it."""

    said: Said
    task: asyncio.Task[list[dict[str, Any]]]
    danger: Reply | None
    time: float
    answer: Answer | None = None


def look_out(look: LookOut | None, text: str, slots: Mapping[str, Any]) -> Reply | None:
    """Return the reply to a danger sign in `text`, if there is one.

    A text longer than a message may be is looked at in overlapping pieces. A look-out that
    fails must not take the answer away: Rasa's own recogniser sees the text again.
    """
    if look is None:
        return None
    try:
        step = MAX_CHARACTERS - CHUNK_OVERLAP
        for start in range(0, min(len(text), MAX_LOOKED_AT), step):
            reply = look(text[start : start + MAX_CHARACTERS], slots)
            if reply is not None:
                return reply
            if start + MAX_CHARACTERS >= len(text):
                break
    except Exception as error:
        logger.error("the look-out for danger signs failed: %s", type(error).__name__)
    return None


class Turns:
    """Runs turns, remembers their answers for retries, and fills every silence with words."""

    def __init__(
        self,
        words: ChannelWords,
        look: LookOut | None = None,
        timeout_s: float = 8.0,
        danger_wait_s: float = 0.7,
    ) -> None:
        self.look = look
        self._words = words
        self._timeout_s = timeout_s
        self._danger_wait_s = danger_wait_s
        self._turns: OrderedDict[tuple[str, str], Turn] = OrderedDict()

    def find(self, sender: str, message_id: str) -> Turn | None:
        """Return the turn of a message that this process has seen."""
        return self._turns.get((sender, message_id))

    def of(self, sender: str) -> list[Turn]:
        """Return the turns of one parent that are still remembered, oldest first."""
        return [turn for (owner, _), turn in self._turns.items() if owner == sender]

    def running(self, sender: str) -> int:
        """Return how many turns of `sender` are at work."""
        return sum(not turn.task.done() for turn in self.of(sender))

    def forget(self, sender: str) -> None:
        """Drop every remembered turn of `sender`."""
        for turn in self.of(sender):
            del self._turns[sender, turn.said.message_id]

    async def answer(self, said: Said, danger: Reply | None, handle: Handler) -> Answer:
        """Return the answer to `said`, running the turn unless it ran already.

        A danger sign is answered within `danger_wait_s` seconds, and at once when another
        turn of the same parent holds the conversation; anything else within `timeout_s`.
        """
        turn = self.find(said.sender, said.message_id)
        if turn is None:
            at_once = danger is not None and self.running(said.sender) > 0
            turn = self._start(said, danger, handle)
            wait_s = self._timeout_s if danger is None else self._danger_wait_s
            await asyncio.wait({turn.task}, timeout=0 if at_once else wait_s)
        elif not turn.task.done() and turn.danger is None:
            await asyncio.wait({turn.task}, timeout=self._timeout_s)
        turn.answer = self._settle(turn)
        return turn.answer

    def _start(self, said: Said, danger: Reply | None, handle: Handler) -> Turn:
        task = asyncio.get_running_loop().create_task(self._run(said, handle))
        turn = Turn(said, task, danger, time.time())
        self._turns[said.sender, said.message_id] = turn
        if len(self._turns) > MAX_TURNS:
            self._turns.popitem(last=False)
        return turn

    async def _run(self, said: Said, handle: Handler) -> list[dict[str, Any]]:
        output = WebOutput()
        message = UserMessage(
            said.text,
            output,
            said.sender,
            input_channel=output.name(),
            message_id=said.message_id,
            metadata=dict(said.metadata),
        )
        try:
            await handle(message)
        except Exception as error:  # lock or tracker store gone, a component raising
            # The type alone: an error's text may hold the parent's words.
            logger.error("a turn failed: %s", type(error).__name__)
            if not output.messages:
                return [channel_message(self._words.say_safely("failed"))]
        return output.messages or [channel_message(self._words.say_safely("silent"))]

    def _settle(self, turn: Turn) -> Answer:
        """Return what can be said now, the danger reply first if the bot hasn't said its like."""
        done = turn.task.done()
        messages = turn.task.result() if done else []
        if turn.danger is not None:
            if any(level_of(message).rank >= turn.danger.level.rank for message in messages):
                return Answer(messages)
            # Nothing that is less urgent may stand beside it.
            return Answer([reply_message(turn.danger)])
        if done:
            return Answer(messages)
        return Answer([channel_message(self._words.say_safely("slow"))], pending=True)
