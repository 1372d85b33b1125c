"""Bot messages as calls of the Bot API: parts within the limits, buttons that fit."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from channels.messages import MAX_BUTTONS, metadata_of
from channels.telegram_state import Outgoing
from channels.telegram_text import MAX_BUTTON_UNITS, shorten, split_text, tidy, units
from channels.telegram_updates import Incoming
from channels.words import ChannelWords

MAX_CALLBACK_BYTES = 64
KEY_PREFIX = "b:"
_NARROW_UNITS = 16
# Payloads that mean the same whenever they are sent; "/ask_why" asks about the last answer.
_STANDS_ALONE = re.compile(
    r'/(?!ask_why\b)(ask_[a-z0-9_]+|more\{"topic": ?"[a-z0-9_]+"\}|greet|emergency_info)'
)


def stands_alone(payload: str) -> bool:
    """Tell whether a button's payload needs no memory of the question it was offered under."""
    return _STANDS_ALONE.fullmatch(payload) is not None


class Renderer:
    """Turns the messages of one answer into sends; collects what its buttons stand for."""

    def __init__(self, words: ChannelWords, incoming: Incoming) -> None:
        self.buttons: dict[str, str] = {}
        self._words = words
        self._incoming = incoming

    def render(self, messages: Iterable[Mapping[str, Any]]) -> list[Outgoing]:
        """Return the sends of all `messages`, in order."""
        sends: list[Outgoing] = []
        for message in messages:
            keyboard = self._keyboard(message)
            text = str(message.get("text") or "")
            parts = split_text(text) or ([self._words.say("choose")] if keyboard else [])
            for number, part in enumerate(parts):
                params: dict[str, Any] = self._place(first=not sends)
                params["text"] = part
                params["link_preview_options"] = {"is_disabled": True}
                heading = _heading(part, message) if number == 0 else []
                if heading:
                    params["entities"] = heading
                if keyboard and number == len(parts) - 1:
                    params["reply_markup"] = {"inline_keyboard": keyboard}
                sends.append(Outgoing(self._incoming.chat, "sendMessage", params))
        return sends

    def _place(self, *, first: bool) -> dict[str, Any]:
        incoming = self._incoming
        place: dict[str, Any] = {"chat_id": incoming.chat}
        if incoming.thread:
            place["message_thread_id"] = incoming.thread
        if first and incoming.message_id and (incoming.group or incoming.edited):
            place["reply_parameters"] = {
                "message_id": incoming.message_id,
                "allow_sending_without_reply": True,
            }
        return place

    def _keyboard(self, message: Mapping[str, Any]) -> list[list[dict[str, str]]]:
        rows: list[list[dict[str, str]]] = []
        offered = message.get("buttons") or message.get("quick_replies") or ()
        for raw in list(offered)[:MAX_BUTTONS]:
            title = shorten(tidy(str(raw.get("title") or "")), MAX_BUTTON_UNITS)
            payload = str(raw.get("payload") or raw.get("title") or "")
            if not title:
                continue
            button = {"text": title, "callback_data": self._data(payload)}
            narrow = units(title) <= _NARROW_UNITS
            if narrow and rows and len(rows[-1]) == 1 and _is_narrow(rows[-1][0]):
                rows[-1].append(button)
            else:
                rows.append([button])
        return rows

    def _data(self, payload: str) -> str:
        """Return what a button carries: its payload, or a key where that wouldn't do.

        A payload that stands alone travels as it is, so it outlives the loss of our file. Any
        other one, and one that is too long, is kept in the file under a random key.
        """
        if stands_alone(payload) and len(payload.encode()) <= MAX_CALLBACK_BYTES:
            return payload
        key = KEY_PREFIX + secrets.token_urlsafe(12)
        self.buttons[key] = payload
        return key


def _is_narrow(button: Mapping[str, str]) -> bool:
    return units(button["text"]) <= _NARROW_UNITS


def _heading(part: str, message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entity that sets a card's title in bold, where the text opens with it.

    Entities mark a range of literal text: unlike a parse mode, nothing in it can break them.
    """
    card = metadata_of(message).get("card")
    title = str(card.get("title") or "") if isinstance(card, Mapping) else ""
    if not title or part.split("\n", 1)[0].strip() != title:
        return []
    return [{"type": "bold", "offset": 0, "length": units(title)}]
