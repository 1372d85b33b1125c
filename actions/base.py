"""What every action shares: the guide, loaded once, and how replies are sent."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from functools import lru_cache
from threading import Lock
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from guide.composer import Composer, Settings, aspect_finder, load_words
from guide.content import Content, load_content
from guide.decide import STILL_OPEN
from guide.gates import Gates, load_gates
from guide.knowledge import DATA, shared_recogniser
from guide.lexicon import Sign
from guide.model import Level, Reply
from guide.recogniser import Recogniser
from guide.state import read_memory


@dataclass(frozen=True)
class Guide:
    """The parts of the guide that actions call."""

    content: Content
    gates: Gates
    composer: Composer
    recogniser: Recogniser


_LOADING = Lock()


def guide() -> Guide:
    """Return the guide, loaded from `data/` at the first call; whoever calls meanwhile waits."""
    with _LOADING:
        return _load()


@lru_cache(maxsize=1)
def _load() -> Guide:
    content = load_content(DATA)
    gates = load_gates(DATA / "gates", content.sources, content.topics)
    recogniser = shared_recogniser()
    composer = Composer(
        content,
        gates,
        load_words(DATA / "words" / "composer.yml"),
        aspect_finder(content, recogniser.normaliser, recogniser.lexicon.vocabulary),
        Settings.from_env(os.environ),
    )
    return Guide(content, gates, composer, recogniser)


def today() -> date:
    """Return the day on which an answer is given (UTC)."""
    return datetime.now(timezone.utc).date()


def send(dispatcher: CollectingDispatcher, replies: Iterable[Reply]) -> None:
    """Send replies with their metadata (contract 1).

    Rasa cuts a text without buttons at its empty lines into messages of their own; three
    replies must stay three messages.
    """
    for reply in replies:
        buttons = [{"title": one.title, "payload": one.payload} for one in reply.buttons]
        text = reply.text.replace("\n\n", "\n")
        dispatcher.utter_message(text=text, buttons=buttons or None, **reply.metadata())


def say(dispatcher: CollectingDispatcher, text: str, level: Level = Level.NONE) -> None:
    """Send one plain message."""
    send(dispatcher, [Reply(text=text, level=level)])


def open_sign(slots: Mapping[str, Any]) -> Sign | None:
    """Return the emergency that is open: nothing but help is talked about then.

    "Yes" to a safety check opens the sign that it asked about, which may be less than one.
    """
    sign = guide().recogniser.lexicon.signs.get(read_memory(slots).open_alarm or "")
    return sign if sign and sign.level is Level.EMERGENCY else None


class CalmAction(Action, ABC):  # type: ignore[misc]
    """An action that has nothing to say of its own while an emergency is open."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Respond; while an emergency is open, only say that help comes first."""
        sign = open_sign(tracker.slots)
        if sign:
            dispatcher.utter_message(response=f"utter_{STILL_OPEN[sign.who]}")
            return []
        return await self.respond(dispatcher, tracker)

    @abstractmethod
    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send what there is to say; return the events it makes."""
