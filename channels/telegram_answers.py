"""What each kind of update leads to: the words, the buttons, and what is to be remembered."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from channels.erase import erase_conversation
from channels.messages import (
    MAX_CHARACTERS,
    channel_message,
    clean_text,
    level_of,
    metadata_of,
    reply_message,
)
from channels.telegram_api import where
from channels.telegram_desk import Desk, Job
from channels.telegram_render import KEY_PREFIX, Renderer, stands_alone
from channels.telegram_state import KnownButton, Mark, Outcome, Outgoing
from channels.telegram_text import MAX_TOAST_UNITS, shorten
from channels.telegram_turns import Asked, Messages
from channels.telegram_updates import Incoming, Kind
from channels.telegram_words import commands
from guide.seen import slot_memory

logger = logging.getLogger("rasa.channels.telegram_guide")


class Answers:
    """Finds the outcome of an update."""

    def __init__(self, desk: Desk) -> None:
        self.commands = {each.command: each.payload for each in commands()}
        self._desk = desk

    async def outcome(self, job: Job) -> Outcome:
        """Return what an update leads to; a failure of ours leads to words as well."""
        try:
            return await self._decide(job)
        except Exception as error:
            logger.error("Telegram: an update failed: %s", where(error))
            sorry = [self._desk.conversation.failure("failed")]
            return self._says(job, self._with_danger(job, [], sorry))

    async def _decide(self, job: Job) -> Outcome:
        incoming = job.incoming
        if incoming.kind is Kind.AWAY:
            await self._desk.in_file(self._desk.state.block, incoming.chat)
        if incoming.kind in (Kind.AWAY, Kind.SILENT):
            return Outcome()
        # Whoever writes or comes back can be written to again.
        await self._desk.in_file(self._desk.state.unblock, incoming.chat)
        if incoming.kind is Kind.BACK:
            return Outcome()
        if incoming.kind is Kind.NO_PERSON:
            return self._says(job, [channel_message(self._desk.words.say("no_person"))])
        if incoming.kind is Kind.PRESS:
            return await self._pressed(job)
        if incoming.kind is Kind.COMMAND:
            return await self._asked(job, self.commands[incoming.command])
        if incoming.edited and not await self._is_changed(job):
            return Outcome()
        if incoming.kind is Kind.MEDIA:
            return await self._shown(job)
        return await self._typed(job, [])

    def _says(self, job: Job, messages: Iterable[Mapping[str, Any]]) -> Outcome:
        renderer = Renderer(self._desk.words, job.incoming)
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
        return [Mark(incoming.chat, "edit", ref, self._desk.digest(incoming.text))]

    async def _is_changed(self, job: Job) -> bool:
        """Tell whether an edit changed words: Telegram also reports a link's preview as one."""
        incoming = job.incoming
        before = await self._mark(incoming, "edit", str(incoming.message_id))
        return before != self._desk.digest(incoming.text)

    async def _shown(self, job: Job) -> Outcome:
        """Answer a photo or the like: its caption, and that the rest can't be seen."""
        incoming, outcome = job.incoming, Outcome()
        if incoming.text:
            aside = channel_message(self._desk.words.say("media_caption"))
            outcome = await self._typed(job, [aside])
        elif not await self._album_answered(incoming):
            words = self._desk.words.say_safely(f"media_{incoming.media}")
            outcome = self._says(job, [channel_message(words)])
            outcome.sender = ""  # no turn of the conversation: its buttons stay good
        if incoming.album:
            outcome.marks.append(Mark(incoming.chat, "album", incoming.album))
        return outcome

    async def _album_answered(self, incoming: Incoming) -> bool:
        if not incoming.album:
            return False
        return await self._mark(incoming, "album", incoming.album) is not None

    async def _mark(self, incoming: Incoming, kind: str, ref: str) -> str | None:
        found: str | None = await self._desk.in_file(
            self._desk.state.mark, incoming.chat, kind, ref
        )
        return found

    async def _typed(self, job: Job, before: Messages) -> Outcome:
        """Answer typed words; those too long for Rasa are looked at for danger alone."""
        text = clean_text(job.incoming.text)
        before = [*before, *self._correction(job)]
        if len(text) > MAX_CHARACTERS:
            words = self._desk.words.say_safely("too_long", length=len(text), limit=MAX_CHARACTERS)
            messages = [channel_message(words)] if job.danger is None else []
            return self._says(job, self._with_danger(job, before, messages))
        if not text:
            help_payload = self.commands.get("help") if job.incoming.group else None
            if help_payload:  # a bare mention
                return await self._asked(job, help_payload)
            return self._says(job, [channel_message(self._desk.words.say_safely("empty"))])
        return await self._asked(job, text, before=before)

    def _correction(self, job: Job) -> Messages:
        return [channel_message(self._desk.words.say("corrected"))] if job.incoming.edited else []

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
            messages = await self._desk.conversation.answered_before(asked)
        if not messages:
            await self._desk.in_file(self._desk.state.start, job.stored.seq)
            messages = await self._desk.turn(job, asked)
        async with job.urging:
            pass  # a danger reply may just be on its way into the outbox
        outcome = self._says(job, self._with_danger(job, list(before), messages))
        outcome.forget = any(metadata_of(message).get("forget") for message in messages)
        if outcome.forget:
            await self._forget(job.sender)
        return outcome

    async def _forget(self, sender: str) -> None:
        slot_memory.forget(sender)
        if self._desk.conversation.agent is not None:
            await erase_conversation(self._desk.conversation.agent, sender)

    # -- buttons ----------------------------------------------------------------------------

    async def _pressed(self, job: Job) -> Outcome:
        """Answer a pressed button: acknowledge it, put its keyboard away, take its turn."""
        incoming = job.incoming
        key = incoming.data if incoming.data.startswith(KEY_PREFIX) else ""
        known = await self._desk.in_file(self._desk.state.button, key) if key else None
        if await self._pressed_before(incoming):
            return Outcome(sends=[self._toast(incoming, self._desk.words.say("pressed_before"))])
        if known is not None and known.sender != job.sender:
            return Outcome(sends=[self._toast(incoming, self._desk.words.say("others_button"))])
        payload = known.payload if known else incoming.data
        if known is None and not stands_alone(payload):
            return await self._kindly(job, "unknown_button")
        if known is not None and await self._is_old(job, known):
            return await self._kindly(job, "old_button")
        chosen = self._desk.words.say("chosen", title=incoming.title) if incoming.title else ""
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
        return await self._mark(incoming, "pressed", str(incoming.message_id)) is not None

    async def _is_old(self, job: Job, known: KnownButton) -> bool:
        """Tell whether the conversation went on, for a button that only fits its question."""
        if stands_alone(known.payload):
            return False
        return bool(known.turn != await self._desk.in_file(self._desk.state.turn, job.sender))

    async def _kindly(self, job: Job, key: str) -> Outcome:
        await self._acknowledge(job.incoming, "")
        outcome = self._says(job, [channel_message(self._desk.words.say_safely(key))])
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
        await self._desk.post(sends)
        self._desk.spawn(self._desk.deliver(incoming.chat))

    def _toast(self, incoming: Incoming, words: str) -> Outgoing:
        params: dict[str, Any] = {"callback_query_id": incoming.callback}
        if words:
            params["text"] = shorten(words, MAX_TOAST_UNITS)
        return Outgoing(incoming.chat, "answerCallbackQuery", params)
