"""Words in and messages out: cleaning what was typed, shaping what the bot said.

Rasa hands an action's metadata over flat and a domain response's under `metadata`; the browser
gets one shape for both.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from rasa.core.channels.channel import OutputChannel

from channels.sessions import Sessions, SignedButton
from guide.model import Level, Reply

MAX_CHARACTERS = 2000
MAX_BUTTONS = 12
_EMPTY_METADATA: dict[str, Any] = {
    "escalation": Level.NONE.value,
    "topics": [],
    "claims": [],
    "rules": [],
    "verdicts": {},
}
_OPTIONAL_METADATA = ("card", "forget")
# Marks that turn the direction of text around: a message could be made to read as another.
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_text(text: str) -> str:
    """Return typed text fit for the bot: no control characters, no leading slash.

    Rasa obeys a message that starts with `/` as an intent; a parent's words are only words.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ")
    kept = (
        char
        for char in text
        if char == "\n"
        or (unicodedata.category(char) not in ("Cc", "Cs", "Co") and char not in _DIRECTION_MARKS)
    )
    return "".join(kept).strip().lstrip("/ \n\u00a0\ufeff\u200b").strip()


class WebOutput(OutputChannel):
    """Collects whole messages, metadata included, in the order in which they were said."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, as responses may be written for one channel."""
        return "web"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one message of the bot; one without words or buttons says nothing and is left."""
        if message.get("text") or message.get("buttons") or message.get("quick_replies"):
            self.messages.append(dict(message))


def metadata_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contract's metadata of a bot message, wherever Rasa has put it."""
    nested = message.get("metadata")
    merged = {**message, **nested} if isinstance(nested, Mapping) else dict(message)
    found = {key: merged.get(key) or default for key, default in _EMPTY_METADATA.items()}
    found.update({key: merged[key] for key in _OPTIONAL_METADATA if merged.get(key)})
    return found


def level_of(message: Mapping[str, Any]) -> Level:
    """Return how urgent a message is; a level nobody knows counts as none."""
    value = metadata_of(message)["escalation"]
    return Level(value) if value in Level._value2member_map_ else Level.NONE


def reply_message(reply: Reply) -> dict[str, Any]:
    """Return a reply of the guide in the shape in which Rasa hands over a message."""
    buttons = [{"title": each.title, "payload": each.payload} for each in reply.buttons]
    return {"text": reply.text, "buttons": buttons, **reply.metadata()}


def channel_message(text: str) -> dict[str, Any]:
    """Return a message that the channel itself says."""
    return {"text": text, "rules": ["channel"]}


def _signed(sessions: Sessions, sender: str, buttons: Iterable[Any]) -> list[dict[str, str]]:
    signed = []
    for raw in list(buttons)[:MAX_BUTTONS]:
        title, payload = str(raw.get("title") or ""), str(raw.get("payload") or raw.get("title"))
        if title:
            token = sessions.button_token(sender, SignedButton(title, payload))
            signed.append({"title": title, "token": token})
    return signed


def for_browser(
    sessions: Sessions, sender: str, messages: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return messages as the widget takes them: text, metadata, buttons signed for `sender`."""
    return [
        {
            "text": str(message.get("text") or ""),
            "metadata": metadata_of(message),
            "buttons": _signed(
                sessions, sender, message.get("buttons") or message.get("quick_replies") or ()
            ),
        }
        for message in messages
    ]
