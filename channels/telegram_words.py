"""The sentences and commands of the Telegram channel, read from `data/words/`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from channels.words import ROOT, WORDS_FILE, ChannelWords

TELEGRAM_WORDS_FILE = ROOT / "data" / "words" / "telegram.yml"


@dataclass(frozen=True)
class Command:
    """An entry of the bot's menu in Telegram, and the Rasa payload behind it."""

    command: str
    payload: str
    description: str


def _telegram_file() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(TELEGRAM_WORDS_FILE.read_text(encoding="utf-8"))
    return content


@lru_cache(maxsize=1)
def telegram_words() -> ChannelWords:
    """Return the sentences that all channels share, with Telegram's own on top."""
    shared = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))["channel_words"]
    return ChannelWords({**shared, **_telegram_file()["telegram_words"]})


@lru_cache(maxsize=1)
def commands() -> tuple[Command, ...]:
    """Return the commands of the bot's menu, in the order of the file."""
    return tuple(Command(**entry) for entry in _telegram_file()["telegram_commands"])
