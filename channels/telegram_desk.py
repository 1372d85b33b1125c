"""What an answer needs at hand: the file, the way to Telegram, and Rasa with a watch beside it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from channels.messages import reply_message
from channels.telegram_api import ApiError, BotApi, where
from channels.telegram_courier import Backoff, Courier, Pace
from channels.telegram_render import Renderer
from channels.telegram_settings import Settings
from channels.telegram_state import Outcome, Outgoing, State, Stored
from channels.telegram_turns import Asked, Conversation, Messages, finished
from channels.telegram_updates import Incoming
from channels.telegram_words import telegram_words
from guide.model import Reply

logger = logging.getLogger("rasa.channels.telegram_guide")

TYPING_EVERY_S = 4.5


@dataclass
class Job:
    """An update on its way to an answer.

    Attributes:
        stored: the update in the file.
        incoming: what it means.
        sender: Rasa sender id; empty when nobody wrote it.
        danger: the reply to a danger sign in its words.
        urged: that reply was given ahead of the update's turn.
        urging: held while it is being given.
        outcome: what the update leads to, once that is known.
    """

    stored: Stored
    incoming: Incoming
    sender: str
    danger: Reply | None = None
    urged: bool = False
    urging: asyncio.Lock = field(default_factory=asyncio.Lock)
    outcome: Outcome | None = None


class Desk:
    """The tools of one bot, shared by its queues and its answers."""

    def __init__(
        self, settings: Settings, api: BotApi, state: State, conversation: Conversation
    ) -> None:
        self.settings = settings
        self.state = state
        self.conversation = conversation
        self.words = telegram_words()
        self._api = api
        self._secret = state.secret().encode()
        # One thread for the file: a slow disk delays nobody's turn, and calls keep their order.
        self._file_thread = ThreadPoolExecutor(1, thread_name_prefix="telegram-state")
        self._courier = Courier(
            api,
            state,
            self.in_file,
            Pace(settings.sends_per_second),
            partial(Backoff, settings.backoff_first_s, settings.backoff_most_s),
        )
        self._aside: set[asyncio.Task[None]] = set()

    async def in_file(self, work: Any, *arguments: Any) -> Any:
        """Call a method of the file, in the file's own thread."""
        loop = asyncio.get_running_loop()
        # Shielded: a step once begun is written down, also while the server stops.
        return await asyncio.shield(loop.run_in_executor(self._file_thread, work, *arguments))

    def sender_of(self, incoming: Incoming) -> str:
        """Return the Rasa sender id of a person in a chat.

        The last part can't be guessed: a channel that lets its callers choose their own sender
        can't speak as somebody of Telegram.
        """
        if not incoming.user:
            return ""
        place = f"telegram:{self.settings.bot}:{incoming.chat}:{incoming.user}"
        return f"{place}:{self.digest(place)[:16]}"

    def digest(self, text: str) -> str:
        """Return a digest of `text` that nobody without the file's secret can make."""
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def spawn(self, work: Awaitable[Any]) -> None:
        """Do `work` beside the queues; a failure is logged."""
        task = asyncio.get_running_loop().create_task(self._beside(work))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _beside(self, work: Awaitable[Any]) -> None:
        try:
            await work
        except Exception as error:
            logger.error("Telegram: a send ahead of its turn failed: %s", where(error))

    async def deliver(self, chat: int) -> bool:
        """Send what waits for `chat`; return whether nothing is left."""
        return await self._courier.deliver(chat)

    async def post(self, sends: Sequence[Outgoing]) -> None:
        """Put sends into the outbox that don't end an update's turn."""
        await self.in_file(self.state.post, sends)

    async def turn(self, job: Job, asked: Asked) -> Messages:
        """Return Rasa's answer; a slow one is covered by a sign of life, or the danger reply."""
        wait = self.settings
        task = asyncio.get_running_loop().create_task(self.conversation.answer(asked))
        try:
            if await finished(task, wait.typing_after_s):
                return task.result()
            if job.danger is not None:
                await self.urge(job)
            typing = asyncio.get_running_loop().create_task(self._type(job.incoming))
            try:
                done = await finished(task, wait.turn_timeout_s - wait.typing_after_s)
            finally:
                typing.cancel()
            if not done and job.danger is None:
                await self._show(job, [self.conversation.failure("slow")])
            if done or await finished(task, wait.turn_limit_s - wait.turn_timeout_s):
                return task.result()
            logger.error("Telegram: a turn took longer than %s s", wait.turn_limit_s)
            return [self.conversation.failure("failed")]
        finally:
            task.cancel()

    async def _type(self, incoming: Incoming) -> None:
        params: dict[str, Any] = {"chat_id": incoming.chat, "action": "typing"}
        if incoming.thread:
            params["message_thread_id"] = incoming.thread
        while True:
            try:
                await self._api.call("sendChatAction", params, timeout_s=TYPING_EVERY_S)
            except ApiError as error:
                logger.debug("Telegram: no typing action: %s", error)
            await asyncio.sleep(TYPING_EVERY_S)

    async def urge(self, job: Job) -> None:
        """Send the danger reply now; the update's own turn then has nothing more to say."""
        async with job.urging:
            if job.urged or job.danger is None:
                return
            renderer = Renderer(self.words, job.incoming)
            sends = renderer.render([reply_message(job.danger)])
            outcome = Outcome(
                sends=sends, sender=job.sender, turn=job.stored.seq, buttons=renderer.buttons
            )
            await self.in_file(self.state.urge, job.stored.seq, outcome)
            job.urged = True
        await self.deliver(job.incoming.chat)

    async def _show(self, job: Job, messages: Sequence[Mapping[str, Any]]) -> None:
        await self.post(Renderer(self.words, job.incoming).render(messages))
        await self.deliver(job.incoming.chat)

    async def stop(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Let `tasks` and what is on its way end, for a while; the rest stays in the file."""
        self._courier.stop()
        waiting = {*tasks, *self._aside}
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=self.settings.stop_wait_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._file_thread.shutdown(wait=True)
