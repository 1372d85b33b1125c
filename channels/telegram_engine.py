"""The heart of the Telegram channel: updates in, each answered once and in order.

Every chat has a queue of its own, worked off one update at a time. A danger sign doesn't wait
in it: while the chat is busy, its reply overtakes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from channels.telegram_answers import Answers
from channels.telegram_api import where
from channels.telegram_desk import Desk, Job
from channels.telegram_state import Stored
from channels.telegram_updates import SILENT, Incoming, Kind, Me, understand
from channels.turns import LookOut, look_out
from guide.model import Reply
from guide.seen import slot_memory

logger = logging.getLogger("rasa.channels.telegram_guide")

MAX_TURNS_AT_ONCE = 32
ATTEMPTS = 5


@dataclass
class Chat:
    """The updates of one chat that wait for their turn, and the task that works them off."""

    jobs: deque[Job] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class Engine:
    """Sees to the updates of one bot."""

    def __init__(self, desk: Desk, look: LookOut | None = None) -> None:
        self.me = Me()
        self.open_jobs = 0
        self._desk = desk
        self._answers = Answers(desk)
        self._look = look
        self._chats: dict[int, Chat] = {}
        self._turns = asyncio.Semaphore(MAX_TURNS_AT_ONCE)

    async def recall(self) -> None:
        """Recall who the bot was when Telegram last told it."""
        number = await self._desk.in_file(self._desk.state.setting, "me_id")
        name = await self._desk.in_file(self._desk.state.setting, "me_name")
        self.me = Me(int(number or 0), name)

    async def learn(self, me: Me) -> None:
        """Remember who the bot is: mentions and replies in groups are known by it."""
        self.me = me
        await self._desk.in_file(self._desk.state.remember, "me_id", str(me.id))
        await self._desk.in_file(self._desk.state.remember, "me_name", me.username)

    async def offset(self) -> int:
        """Return the id of the first update that isn't stored yet, 0 when none ever was."""
        return int(await self._desk.in_file(self._desk.state.offset))

    async def prune(self) -> None:
        """Delete what is too old to matter."""
        await self._desk.in_file(self._desk.state.prune)

    async def resume(self) -> None:
        """Take up what an earlier process left unfinished."""
        for stored in await self._desk.in_file(self._desk.state.unfinished):
            self._enqueue(stored)

    async def take(self, updates: Sequence[Any]) -> None:
        """Store a batch of updates, then see to each; returns as soon as they are stored.

        Raises:
            sqlite3.Error: they could not be stored, so Telegram must keep them.
        """
        usable = [each for each in updates if _has_number(each)]
        for stored in await self._desk.in_file(self._desk.state.store, usable):
            self._enqueue(stored)

    def _enqueue(self, stored: Stored) -> None:
        try:
            incoming = understand(stored.body, self.me, frozenset(self._answers.commands))
        except Exception as error:
            logger.error("Telegram: an update can't be read: %s", where(error))
            incoming = SILENT
        sender = self._desk.sender_of(incoming)
        job = Job(stored, incoming, sender, self._danger_in(incoming, sender), stored.urged)
        chat = self._chats.setdefault(incoming.chat, Chat())
        busy = chat.task is not None or self._turns.locked()
        if job.danger is not None and busy and stored.stage == "received":
            self._desk.spawn(self._desk.urge(job))
        chat.jobs.append(job)
        self.open_jobs += 1
        if chat.task is None:
            chat.task = asyncio.get_running_loop().create_task(self._work(incoming.chat, chat))

    def _danger_in(self, incoming: Incoming, sender: str) -> Reply | None:
        if incoming.kind not in (Kind.TEXT, Kind.MEDIA) or not incoming.text:
            return None
        return look_out(self._look, incoming.text, slot_memory.of(sender))

    # -- the queue of a chat ------------------------------------------------------------------

    async def _work(self, chat_id: int, chat: Chat) -> None:
        try:
            while chat.jobs:
                if not await self._see_to(chat.jobs[0]):
                    return
                chat.jobs.popleft()
                self.open_jobs -= 1
        finally:
            chat.task = None
            if not chat.jobs:
                self._chats.pop(chat_id, None)

    async def _see_to(self, job: Job) -> bool:
        """Bring one update to its end; return False when the server stops before that."""
        for attempt in range(ATTEMPTS):
            try:
                return await self._process(job)
            except Exception as error:  # the file can't be written, most likely
                logger.error("Telegram: an update is stuck: %s", where(error))
                await asyncio.sleep(self._desk.settings.backoff_first_s * 2**attempt)
        return True  # it stays unfinished in the file, and is tried again after the next start

    async def _process(self, job: Job) -> bool:
        if job.stored.stage != "answered":
            if job.outcome is None:  # a turn isn't taken again because it couldn't be noted
                async with self._turns:
                    job.outcome = await self._answers.outcome(job)
            await self._desk.in_file(self._desk.state.answer, job.stored.seq, job.outcome)
            job.stored = replace(job.stored, stage="answered")
        # Also when it has nothing to send itself: the outbox may hold what a crash left there.
        if not await self._desk.deliver(job.incoming.chat):
            return False
        await self._desk.in_file(self._desk.state.finish, job.stored.seq)
        return True

    async def stop(self) -> None:
        """Let what is on its way arrive, for a while; the rest stays in the file."""
        await self._desk.stop(chat.task for chat in self._chats.values() if chat.task)


def _has_number(update: Any) -> bool:
    number = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(number, int) and not isinstance(number, bool)
