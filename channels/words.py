"""The sentences that a channel says by itself, read from `data/words/channel.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
WORDS_FILE = ROOT / "data" / "words" / "channel.yml"


class ChannelWords:
    """Sentences by key; those about a failure end in the emergency line."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._sentences = {key: str(text).strip() for key, text in sentences.items()}

    @property
    def emergency_line(self) -> str:
        """Return the sentence that names the emergency numbers."""
        return self._sentences["emergency_line"].format(
            emergency=self._sentences["emergency_numbers"]
        )

    def say(self, key: str, **values: object) -> str:
        """Return the sentence `key` with its `{values}` filled in.

        Raises:
            KeyError: there is no such sentence in the words file.
        """
        return self._sentences[key].format(**values)

    def say_safely(self, key: str, **values: object) -> str:
        """Return the sentence `key` followed by the emergency line.

        Used wherever an answer is missing: a parent who asked about a danger must never be
        left with an apology alone.
        """
        return f"{self.say(key, **values)}\n\n{self.emergency_line}"


@lru_cache(maxsize=1)
def channel_words() -> ChannelWords:
    """Return the sentences of `data/words/channel.yml`, read once."""
    content = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))
    return ChannelWords(content["channel_words"])
