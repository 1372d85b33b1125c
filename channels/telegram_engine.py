"""The heart of the Telegram channel: updates in, each answered once and in order.

Every chat has a queue of its own, worked off one update at a time. A danger sign doesn't wait
in it: while the chat is busy, its reply overtakes.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections import deque
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from channels import inprocess
from channels.erase import erase_conversation
from channels.messages import (
    MAX_CHARACTERS,
    channel_message,
    clean_text,
    level_of,
    metadata_of,
    reply_message,
)
from channels.telegram_api import ApiError, BotApi, where
from channels.telegram_courier import Backoff, Courier, Pace
from channels.telegram_render import KEY_PREFIX, Renderer, stands_alone
from channels.telegram_settings import Settings
from channels.telegram_state import KnownButton, Mark, Outcome, Outgoing, State, Stored
from channels.telegram_text import MAX_TOAST_UNITS, shorten
from channels.telegram_turns import Asked, Conversation, finished
from channels.telegram_updates import SILENT, Incoming, Kind, Me, understand
from channels.telegram_words import commands, telegram_words
from channels.turns import LookOut, look_out
from guide.model import Reply

logger = logging.getLogger("rasa.channels.telegram_guide")

MAX_TURNS_AT_ONCE = 32
TYPING_EVERY_S = 4.5
ATTEMPTS = 5
Messages = list[dict[str, Any]]


@dataclass
class Job:
    """An update on its way to an answer."""

    stored: Stored
    incoming: Incoming
    sender: str
    danger: Reply | None = None
    urged: bool = False
    urging: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Chat:
    """The updates of one chat that wait for their turn, and the task that works them off."""

    jobs: deque[Job] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class Engine:
    """Answers the updates of one bot."""

    def __init__(
        self,
        settings: Settings,
        api: BotApi,
        state: State,
        conversation: Conversation,
        look: LookOut | None = None,
    ) -> None:
        self.me = Me()
        self._settings = settings
        self._api = api
        self._state = state
        self._conversation = conversation
        self._look = look
        self._words = telegram_words()
        self._commands = {each.command: each.payload for each in commands()}
        self._secret = state.secret().encode()
        # One thread for the file: a slow disk delays nobody's turn, and calls keep their order.
        self._file_thread = ThreadPoolExecutor(1, thread_name_prefix="telegram-state")
        self._courier = Courier(
            api,
            state,
            self._in_file,
            Pace(settings.sends_per_second),
            partial(Backoff, settings.backoff_first_s, settings.backoff_most_s),
        )
        self._chats: dict[int, Chat] = {}
        self._turns = asyncio.Semaphore(MAX_TURNS_AT_ONCE)
        self._aside: set[asyncio.Task[Any]] = set()
        self.open_jobs = 0

    async def _in_file(self, work: Any, *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        # Shielded: a step once begun is written down, also while the server stops.
        return await asyncio.shield(loop.run_in_executor(self._file_thread, work, *arguments))

    # -- in ---------------------------------------------------------------------------------

    async def recall(self) -> None:
        """Recall who the bot was when Telegram last told it."""
        number = await self._in_file(self._state.setting, "me_id")
        self.me = Me(int(number or 0), await self._in_file(self._state.setting, "me_name"))

    async def learn(self, me: Me) -> None:
        """Remember who the bot is: mentions and replies in groups are known by it."""
        self.me = me
        await self._in_file(self._state.remember, "me_id", str(me.id))
        await self._in_file(self._state.remember, "me_name", me.username)

    async def offset(self) -> int:
        """Return the id of the first update that isn't stored yet, 0 when none ever was."""
        return int(await self._in_file(self._state.offset))

    async def prune(self) -> None:
        """Delete what is too old to matter."""
        await self._in_file(self._state.prune)

    async def resume(self) -> None:
        """Take up what an earlier process left unfinished."""
        for stored in await self._in_file(self._state.unfinished):
            self._enqueue(stored)

    async def take(self, updates: Sequence[Any]) -> None:
        """Store a batch of updates, then see to each; returns as soon as they are stored.

        Raises:
            sqlite3.Error: they could not be stored, so Telegram must keep them.
        """
        usable = [each for each in updates if _has_number(each)]
        for stored in await self._in_file(self._state.store, usable):
            self._enqueue(stored)

    def sender_of(self, incoming: Incoming) -> str:
        """Return the Rasa sender id of a person in a chat.

        The last part can't be guessed: a channel that lets its callers choose their own sender
        can't speak as somebody of Telegram.
        """
        if not incoming.user:
            return ""
        place = f"telegram:{self._settings.bot}:{incoming.chat}:{incoming.user}"
        return f"{place}:{self._digest(place)[:16]}"

    def _digest(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def _enqueue(self, stored: Stored) -> None:
        try:
            incoming = understand(stored.body, self.me, frozenset(self._commands))
        except Exception as error:
            logger.error("Telegram: an update can't be read: %s", where(error))
            incoming = SILENT
        sender = self.sender_of(incoming)
        job = Job(stored, incoming, sender, self._danger_in(incoming, sender), stored.urged)
        chat = self._chats.setdefault(incoming.chat, Chat())
        busy = chat.task is not None or self._turns.locked()
        if job.danger is not None and busy and stored.stage == "received":
            self._spawn(self._urge(job))
        chat.jobs.append(job)
        self.open_jobs += 1
        if chat.task is None:
            chat.task = asyncio.get_running_loop().create_task(self._work(incoming.chat, chat))

    def _danger_in(self, incoming: Incoming, sender: str) -> Reply | None:
        if incoming.kind not in (Kind.TEXT, Kind.MEDIA) or not incoming.text:
            return None
        return look_out(self._look, incoming.text, inprocess.slot_memory.of(sender))

    def _spawn(self, work: Awaitable[Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._aside_of_the_queue(work))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _aside_of_the_queue(self, work: Awaitable[Any]) -> None:
        try:
            await work
        except Exception as error:
            logger.error("Telegram: a send ahead of its turn failed: %s", where(error))

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
                await asyncio.sleep(self._settings.backoff_first_s * 2**attempt)
        return True  # it stays unfinished in the file, and is tried again after the next start

    async def _process(self, job: Job) -> bool:
        if job.stored.stage != "answered":
            async with self._turns:
                outcome = await self._decide_safely(job)
            await self._in_file(self._state.answer, job.stored.seq, outcome)
        # Also when it has nothing to send itself: the outbox may hold what a crash left there.
        if not await self._courier.deliver(job.incoming.chat):
            return False
        await self._in_file(self._state.finish, job.stored.seq)
        return True

    async def _decide_safely(self, job: Job) -> Outcome:
        try:
            return await self._decide(job)
        except Exception as error:
            logger.error("Telegram: an update failed: %s", where(error))
            return self._says(job, [self._conversation.failure("failed")])

    # -- what each kind of update leads to ------------------------------------------------------

    async def _decide(self, job: Job) -> Outcome:
        incoming = job.incoming
        if incoming.kind is Kind.AWAY:
            await self._in_file(self._state.block, incoming.chat)
        if incoming.kind in (Kind.AWAY, Kind.SILENT):
            return Outcome()
        # Whoever writes or comes back can be written to again.
        await self._in_file(self._state.unblock, incoming.chat)
        if incoming.kind is Kind.BACK:
            return Outcome()
        if incoming.kind is Kind.NO_PERSON:
            return self._says(job, [channel_message(self._words.say("no_person"))])
        if incoming.kind is Kind.PRESS:
            return await self._pressed(job)
        if incoming.kind is Kind.COMMAND:
            return await self._asked(job, self._commands[incoming.command])
        if incoming.edited and not await self._is_changed(job):
            return Outcome()
        if incoming.kind is Kind.MEDIA:
            return await self._shown(job)
        return await self._typed(job, [])

    def _says(self, job: Job, messages: Iterable[Mapping[str, Any]]) -> Outcome:
        renderer = Renderer(self._words, job.incoming)
        return Outcome(
            sends=renderer.render(messages),
            marks=self._text_marks(job),
            sender=job.sender,
            turn=job.stored.seq,
            buttons=renderer.buttons,
        )

    def _text_marks(self, job: Job) -> list[Mark]:
        incoming = job.incoming
        if incoming.kind is Kind.PRESS or not (incoming.message_id and incoming.text):
            return []
        ref = str(incoming.message_id)
        return [Mark(incoming.chat, "edit", ref, self._digest(incoming.text))]

    async def _is_changed(self, job: Job) -> bool:
        """Tell whether an edit changed words: Telegram also reports a link's preview as one."""
        incoming = job.incoming
        before = await self._in_file(
            self._state.mark, incoming.chat, "edit", str(incoming.message_id)
        )
        return bool(before != self._digest(incoming.text))

    async def _shown(self, job: Job) -> Outcome:
        """Answer a photo or the like: its caption, and that the rest can't be seen."""
        incoming, outcome = job.incoming, Outcome()
        if incoming.text:
            aside = channel_message(self._words.say("media_caption"))
            outcome = await self._typed(job, [aside])
        elif not await self._album_answered(incoming):
            words = self._words.say_safely(f"media_{incoming.media}")
            outcome = self._says(job, [channel_message(words)])
            outcome.sender = ""  # no turn of the conversation: its buttons stay good
        if incoming.album:
            outcome.marks.append(Mark(incoming.chat, "album", incoming.album))
        return outcome

    async def _album_answered(self, incoming: Incoming) -> bool:
        if not incoming.album:
            return False
        mark = await self._in_file(self._state.mark, incoming.chat, "album", incoming.album)
        return mark is not None

    async def _typed(self, job: Job, before: Messages) -> Outcome:
        """Answer typed words; those too long for Rasa are looked at for danger alone."""
        text = clean_text(job.incoming.text)
        before = [*before, *self._correction(job)]
        if len(text) > MAX_CHARACTERS:
            words = self._words.say_safely("too_long", length=len(text), limit=MAX_CHARACTERS)
            messages = [channel_message(words)] if job.danger is None else []
            return self._says(job, self._with_danger(job, before, messages))
        if not text:
            help_payload = self._commands.get("help") if job.incoming.group else None
            if help_payload:  # a bare mention
                return await self._asked(job, help_payload)
            return self._says(job, [channel_message(self._words.say_safely("empty"))])
        return await self._asked(job, text, before=before)

    def _correction(self, job: Job) -> Messages:
        return [channel_message(self._words.say("corrected"))] if job.incoming.edited else []

    def _with_danger(self, job: Job, before: Messages, messages: Messages) -> Messages:
        """Return what is said in the end: nothing less urgent stands beside a danger reply."""
        if job.urged:
            return []
        if job.danger is None:
            return [*before, *messages]
        if any(level_of(message).rank >= job.danger.level.rank for message in messages):
            return messages
        return [reply_message(job.danger)]

    async def _asked(
        self, job: Job, text: str, title: str = "", before: Sequence[dict[str, Any]] = ()
    ) -> Outcome:
        """Take a turn of Rasa."""
        # The update's number alone could meet another one of this sender after a long silence.
        message_id = f"tg-{job.incoming.message_id}-{job.stored.update_id}"
        metadata = {"title": title} if title else {}
        asked = Asked(job.sender, message_id, text, metadata)
        messages: Messages = []
        if job.stored.stage == "started":
            messages = await self._conversation.answered_before(asked)
        if not messages:
            await self._in_file(self._state.start, job.stored.seq)
            messages = await self._turn(job, asked)
        async with job.urging:
            pass  # a danger reply may just be on its way into the outbox
        outcome = self._says(job, self._with_danger(job, list(before), messages))
        outcome.forget = any(metadata_of(message).get("forget") for message in messages)
        if outcome.forget:
            await self._forget(job.sender)
        return outcome

    async def _forget(self, sender: str) -> None:
        inprocess.slot_memory.forget(sender)
        if self._conversation.agent is not None:
            await erase_conversation(self._conversation.agent, sender)

    # -- a turn and the waiting for it ----------------------------------------------------------

    async def _turn(self, job: Job, asked: Asked) -> Messages:
        """Return Rasa's answer; a slow one is covered by a sign of life, or the danger reply."""
        wait = self._settings
        task = asyncio.get_running_loop().create_task(self._conversation.answer(asked))
        try:
            if await finished(task, wait.typing_after_s):
                return task.result()
            if job.danger is not None:
                await self._urge(job)
            typing = asyncio.get_running_loop().create_task(self._type(job.incoming))
            try:
                done = await finished(task, wait.turn_timeout_s - wait.typing_after_s)
            finally:
                typing.cancel()
            if not done and job.danger is None:
                await self._post(job, [self._conversation.failure("slow")])
            if done or await finished(task, wait.turn_limit_s - wait.turn_timeout_s):
                return task.result()
            logger.error("Telegram: a turn took longer than %s s", wait.turn_limit_s)
            return [self._conversation.failure("failed")]
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

    async def _urge(self, job: Job) -> None:
        """Send the danger reply now; the update's own turn then has nothing more to say."""
        async with job.urging:
            if job.urged or job.danger is None:
                return
            renderer = Renderer(self._words, job.incoming)
            sends = renderer.render([reply_message(job.danger)])
            outcome = Outcome(
                sends=sends, sender=job.sender, turn=job.stored.seq, buttons=renderer.buttons
            )
            await self._in_file(self._state.urge, job.stored.seq, outcome)
            job.urged = True
        await self._courier.deliver(job.incoming.chat)

    async def _post(self, job: Job, messages: Messages) -> None:
        sends = Renderer(self._words, job.incoming).render(messages)
        await self._in_file(self._state.post, sends)
        await self._courier.deliver(job.incoming.chat)

    # -- buttons --------------------------------------------------------------------------------

    async def _pressed(self, job: Job) -> Outcome:
        """Answer a pressed button: acknowledge it, put its keyboard away, take its turn."""
        incoming = job.incoming
        key = incoming.data if incoming.data.startswith(KEY_PREFIX) else ""
        known = await self._in_file(self._state.button, key) if key else None
        if await self._pressed_before(incoming):
            return Outcome(sends=[self._toast(incoming, self._words.say("pressed_before"))])
        if known is not None and known.sender != job.sender:
            return Outcome(sends=[self._toast(incoming, self._words.say("others_button"))])
        payload = known.payload if known else incoming.data
        if known is None and not stands_alone(payload):
            return await self._kindly(job, "unknown_button")
        if known is not None and await self._is_old(job, known):
            return await self._kindly(job, "old_button")
        chosen = self._words.say("chosen", title=incoming.title) if incoming.title else ""
        await self._acknowledge(incoming, chosen)
        outcome = await self._asked(job, payload, title=incoming.title)
        outcome.marks += self._press_marks(incoming)
        return outcome

    def _press_marks(self, incoming: Incoming) -> list[Mark]:
        if not incoming.message_id:
            return []
        return [Mark(incoming.chat, "pressed", str(incoming.message_id))]

    async def _pressed_before(self, incoming: Incoming) -> bool:
        if not incoming.message_id:
            return False
        ref = str(incoming.message_id)
        mark = await self._in_file(self._state.mark, incoming.chat, "pressed", ref)
        return mark is not None

    async def _is_old(self, job: Job, known: KnownButton) -> bool:
        """Tell whether the conversation went on, for a button that only fits its question."""
        if stands_alone(known.payload):
            return False
        return bool(known.turn != await self._in_file(self._state.turn, job.sender))

    async def _kindly(self, job: Job, key: str) -> Outcome:
        await self._acknowledge(job.incoming, "")
        outcome = self._says(job, [channel_message(self._words.say_safely(key))])
        outcome.sender = ""
        outcome.marks += self._press_marks(job.incoming)
        return outcome

    async def _acknowledge(self, incoming: Incoming, words: str) -> None:
        """Stop the button's spinner and put the keyboard away, without waiting for the turn."""
        sends = [self._toast(incoming, words)]
        if incoming.message_id:
            params = {
                "chat_id": incoming.chat,
                "message_id": incoming.message_id,
                "reply_markup": {"inline_keyboard": []},
            }
            sends.append(Outgoing(incoming.chat, "editMessageReplyMarkup", params))
        await self._in_file(self._state.post, sends)
        self._spawn(self._courier.deliver(incoming.chat))

    def _toast(self, incoming: Incoming, words: str) -> Outgoing:
        params: dict[str, Any] = {"callback_query_id": incoming.callback}
        if words:
            params["text"] = shorten(words, MAX_TOAST_UNITS)
        return Outgoing(incoming.chat, "answerCallbackQuery", params)

    # -- the end --------------------------------------------------------------------------------

    async def stop(self, wait_s: float) -> None:
        """Let what is on its way arrive, at most `wait_s` seconds; the rest stays in the file."""
        self._courier.stop()
        tasks = {chat.task for chat in self._chats.values() if chat.task} | self._aside
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=wait_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._file_thread.shutdown(wait=True)


def _has_number(update: Any) -> bool:
    number = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(number, int) and not isinstance(number, bool)
