"""What a Telegram update means for the bot: who says what, and whether it is the bot's to answer.

Pure functions over the update's JSON. They never raise: a shape that nobody expected is an
update that is let pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

HANDLED_KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?", re.DOTALL)
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What a message may hold besides words, and which sentence answers it.
_MEDIA = {
    "photo": "photo",
    "live_photo": "photo",
    "voice": "voice",
    "audio": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "sticker": "sticker",
    "dice": "sticker",
    "document": "file",
    "location": "location",
    "venue": "location",
    "contact": "other",
    "poll": "other",
    "checklist": "other",
    "game": "other",
    "story": "other",
    "invoice": "other",
    "paid_media": "other",
    "giveaway": "other",
    "rich_message": "other",
}
_AWAY = ("kicked", "left")


class Kind(Enum):
    """What sort of answer an update needs."""

    TEXT = "text"
    COMMAND = "command"
    MEDIA = "media"
    PRESS = "press"
    NO_PERSON = "no_person"
    AWAY = "away"
    BACK = "back"
    SILENT = "silent"


@dataclass(frozen=True)
class Me:
    """The bot itself, as Telegram knows it."""

    id: int = 0
    username: str = ""


@dataclass(frozen=True)
class Incoming:
    """One update, understood.

    Attributes:
        kind: what sort of answer it needs.
        chat: the chat's id; 0 when the update belongs to none.
        user: the id of the person who wrote or pressed; 0 when nobody did.
        message_id: the message that it is about; 0 when unknown.
        text: the words, with a mention of the bot taken out.
        command: the command's name without `/`, for `Kind.COMMAND`.
        media: which sentence says what can't be seen; empty for words alone.
        album: what the messages of one album share.
        edited: the message was changed after it had been sent.
        group: it came from a group.
        thread: the topic of a forum in which it was said; 0 for none.
        callback: what a pressed button must be acknowledged by.
        data: what the pressed button carries.
        title: the words on the pressed button.
    """

    kind: Kind
    chat: int = 0
    user: int = 0
    message_id: int = 0
    text: str = ""
    command: str = ""
    media: str = ""
    album: str = ""
    edited: bool = False
    group: bool = False
    thread: int = 0
    callback: str = ""
    data: str = ""
    title: str = ""


SILENT = Incoming(Kind.SILENT)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _int(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def understand(update: Mapping[str, Any], me: Me, commands: frozenset[str]) -> Incoming:
    """Return what `update` means; `commands` are the names that the bot knows."""
    if "callback_query" in update:
        return _press(_map(update["callback_query"]))
    if "my_chat_member" in update:
        return _membership(_map(update["my_chat_member"]))
    if "message" in update:
        return _Message(_map(update["message"]), me, commands).understood()
    if "edited_message" in update:
        found = _Message(_map(update["edited_message"]), me, commands).understood()
        # A change of anything but words (a live location that moves) says nothing new.
        words = bool(found.text or found.command)
        return replace(found, edited=True) if words else replace(found, kind=Kind.SILENT)
    return SILENT


def _press(query: Mapping[str, Any]) -> Incoming:
    message, user = _map(query.get("message")), _int(_map(query.get("from")).get("id"))
    chat, callback = _map(message.get("chat")), query.get("id")
    if not user or callback is None:
        return SILENT
    data = _text(query.get("data"))
    return Incoming(
        Kind.PRESS,
        # Without its message, a press can only be answered to the person.
        chat=_int(chat.get("id")) or user,
        user=user,
        message_id=_int(message.get("message_id")),
        group=chat.get("type") in ("group", "supergroup"),
        thread=_thread(message),
        callback=str(callback),
        data=data,
        title=_button_title(message, data),
    )


def _button_title(message: Mapping[str, Any], data: str) -> str:
    for row in _list(_map(message.get("reply_markup")).get("inline_keyboard")):
        for button in _list(row):
            if _map(button).get("callback_data") == data:
                return _text(_map(button).get("text"))
    return ""


def _membership(change: Mapping[str, Any]) -> Incoming:
    status = _map(change.get("new_chat_member")).get("status")
    kind = Kind.AWAY if status in _AWAY else Kind.BACK
    return Incoming(kind, chat=_int(_map(change.get("chat")).get("id")))


def _thread(message: Mapping[str, Any]) -> int:
    return _int(message.get("message_thread_id")) if message.get("is_topic_message") else 0


@dataclass
class _Message:
    """Reads one message; in a group, finds out whether it is meant for the bot."""

    message: Mapping[str, Any]
    me: Me
    commands: frozenset[str]
    words: str = field(init=False)
    entities: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        kind = "text" if isinstance(self.message.get("text"), str) else "caption"
        self.words = _text(self.message.get(kind))
        prefix = "" if kind == "text" else "caption_"
        self.entities = _list(self.message.get(prefix + "entities"))

    def understood(self) -> Incoming:
        chat, sender = _map(self.message.get("chat")), _map(self.message.get("from"))
        chat_id, user = _int(chat.get("id")), _int(sender.get("id"))
        group = chat.get("type") in ("group", "supergroup")
        if not chat_id or chat.get("type") == "channel" or not (user or group):
            return SILENT
        found = Incoming(
            self._kind(),
            chat=chat_id,
            user=user,
            message_id=_int(self.message.get("message_id")),
            text=self.words.strip(),
            media=self._media(),
            album=_text(self.message.get("media_group_id")),
            group=group,
            thread=_thread(self.message),
        )
        if found.kind is Kind.SILENT:
            return found
        if group:
            found = self._in_group(found)
        elif sender.get("is_bot"):
            return replace(found, kind=Kind.SILENT)
        return self._command(found)

    def _kind(self) -> Kind:
        if self._media():
            return Kind.MEDIA
        return Kind.TEXT if self.words else Kind.SILENT

    def _media(self) -> str:
        return next((name for key, name in _MEDIA.items() if key in self.message), "")

    def _in_group(self, found: Incoming) -> Incoming:
        """Stay out, unless the bot is addressed by somebody who can be told apart."""
        sender = _map(self.message.get("from"))
        command = _COMMAND.fullmatch(found.text)
        to_other = bool(command and command[2] and not self._is_me(command[2]))
        called = bool(command and (command[2] or command[1].lower() in self.commands))
        addressed = called or self._mentioned() or self._replies_to_me()
        if to_other or not addressed:
            return replace(found, kind=Kind.SILENT)
        # An anonymous admin or a linked channel: nobody whose baby could be remembered.
        if "sender_chat" in self.message or not found.user:
            return replace(found, kind=Kind.NO_PERSON)
        if sender.get("is_bot"):
            return replace(found, kind=Kind.SILENT)
        return replace(found, text=self._without_mention())

    def _is_me(self, username: str) -> bool:
        return bool(self.me.username) and username.lower() == self.me.username.lower()

    def _replies_to_me(self) -> bool:
        author = _map(_map(self.message.get("reply_to_message")).get("from"))
        return bool(self.me.id) and author.get("id") == self.me.id

    def _mentioned(self) -> bool:
        return any(self._names_me(_map(entity)) for entity in self.entities)

    def _names_me(self, entity: Mapping[str, Any]) -> bool:
        if entity.get("type") == "text_mention":
            return bool(self.me.id) and _map(entity.get("user")).get("id") == self.me.id
        return entity.get("type") == "mention" and self._is_me(self._span(entity).lstrip("@"))

    def _span(self, entity: Mapping[str, Any]) -> str:
        # Telegram counts in UTF-16 units.
        raw, start = self.words.encode("utf-16-le"), 2 * max(0, _int(entity.get("offset")))
        end = start + 2 * max(0, _int(entity.get("length")))
        return raw[start:end].decode("utf-16-le", "ignore")

    def _without_mention(self) -> str:
        if not self.me.username:
            return self.words.strip()
        mention = re.compile(rf"(?<!\S)@{re.escape(self.me.username)}\b[,:]?", re.IGNORECASE)
        return re.sub(r"[ \t]{2,}", " ", mention.sub("", self.words)).strip()

    def _command(self, found: Incoming) -> Incoming:
        """Tell a command of the menu from words; one with words after it is words."""
        match = _COMMAND.fullmatch(found.text)
        if found.kind is not Kind.TEXT or match is None:
            return found
        name, words = match[1].lower(), (match[3] or "").strip()
        link = name == "start" and bool(_START_PARAMETER.fullmatch(words))
        if name in self.commands and (link or not words):
            return replace(found, kind=Kind.COMMAND, command=name, text="")
        return replace(found, text=f"{match[1]} {words}".strip())
