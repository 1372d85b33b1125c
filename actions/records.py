"""The parts of the guide that keep records of a baby: plan, diary, note, skin check, memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.base import guide
from guide.about import About, load_about
from guide.composer import ComposerWords, load_words
from guide.diary import Diary, load_diary
from guide.knowledge import DATA
from guide.model import Reply
from guide.note import NoteWriter, load_note_writer
from guide.noted import Acknowledger, load_noted_words
from guide.plan import Planner, load_plan
from guide.severity import SkinCheck, load_skin_check


@lru_cache(maxsize=1)
def _names() -> ComposerWords:
    return load_words(DATA / "words" / "composer.yml")


@lru_cache(maxsize=1)
def planner() -> Planner:
    """Return the maker of plans, loaded at the first call."""
    return load_plan(DATA, guide().content, guide().gates)


@lru_cache(maxsize=1)
def diary() -> Diary:
    """Return the reader of the food diary, loaded at the first call."""
    return load_diary(DATA, guide().content, guide().gates, guide().recogniser)


@lru_cache(maxsize=1)
def note_writer() -> NoteWriter:
    """Return the writer of notes for the doctor, loaded at the first call."""
    return load_note_writer(DATA, _names(), guide().recogniser.lexicon)


@lru_cache(maxsize=1)
def skin_check() -> SkinCheck:
    """Return the skin check, loaded at the first call."""
    return load_skin_check(DATA)


@lru_cache(maxsize=1)
def about() -> About:
    """Return the teller of what is known, loaded at the first call."""
    return load_about(DATA, _names(), guide().recogniser.lexicon)


@lru_cache(maxsize=1)
def acknowledger() -> Acknowledger:
    """Return what says facts back, loaded at the first call."""
    return Acknowledger(load_noted_words(DATA), guide().composer, guide().recogniser.lexicon)


def merged(replies: Sequence[Reply]) -> dict[str, Any]:
    """Return the metadata of several replies as a whole, for "why?"."""
    return {
        "topics": list(dict.fromkeys(topic for reply in replies for topic in reply.topics)),
        "claims": list(dict.fromkeys(claim for reply in replies for claim in reply.claims)),
        "rules": list(dict.fromkeys(rule for reply in replies for rule in reply.rules)),
        "verdicts": {
            item: verdict.value for reply in replies for item, verdict in reply.verdicts.items()
        },
    }


def send_forgetting(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Send the reply after which the channel, too, forgets the parent."""
    dispatcher.utter_message(text=reply.text, forget=True, **reply.metadata())
