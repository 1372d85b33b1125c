"""The parts of the guide that keep records of a baby: plan, diary, note, skin check, memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import guide
from guide.about import About, load_about
from guide.composer import ComposerWords, load_words
from guide.diary import Diary, Heard, Note, load_diary, reacted_foods
from guide.knowledge import DATA
from guide.model import Facts, Reply
from guide.note import NoteWriter, SkinQuotes, load_note_writer, load_skin_quotes
from guide.noted import Acknowledger, load_noted_words
from guide.plan import Planner, load_plan
from guide.severity import SkinCheck, load_skin_check
from guide.state import read_facts

TRIAGE_INTENTS = frozenset(
    {
        "danger_emergency",
        "danger_and_carer",
        "danger_urgent",
        "danger_check",
        "danger_still_open",
        "carer_still_open",
    }
)
"""Messages that danger decided: no action has seen them."""


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
def skin_quotes() -> SkinQuotes:
    """Return what finds skin trouble in messages, loaded at the first call."""
    return load_skin_quotes(DATA, guide().recogniser)


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


def diary_of(tracker: Tracker) -> list[Note]:
    """Return the food diary, with what danger signs told since of the foods in it."""
    kept = tracker.get_slot("diary") or []
    return diary().with_reactions(kept, _answered_by_triage(tracker.events)) if kept else []


def facts_of(tracker: Tracker) -> Facts:
    """Return what the parent has told of the baby, reactions in the diary included."""
    return read_facts(tracker.slots).with_(reacted=reacted_foods(diary_of(tracker)))


def _answered_by_triage(events: Iterable[Mapping[str, Any]]) -> list[Heard]:
    heard: list[Heard] = []
    for event in events:
        if event.get("event") == "restart":
            heard = []
        elif event.get("event") == "user" and intent_of(event) in TRIAGE_INTENTS:
            at = datetime.fromtimestamp(event.get("timestamp") or 0, timezone.utc)
            heard.append(Heard(event.get("text") or "", at.replace(tzinfo=None)))
    return heard


def intent_of(event: Mapping[str, Any]) -> str:
    return (event.get("parse_data") or {}).get("intent", {}).get("name") or ""


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
