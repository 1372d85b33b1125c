"""The one action that answers questions about the guide's topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from threading import Thread
from typing import Any
from zlib import crc32

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CalmAction, Guide, guide, send, today
from actions.records import acknowledger, diary, diary_of, facts_of
from guide import results
from guide.model import Facts, Question, Reply, Verdict
from guide.state import read_question
from guide.telling import Told

AGE_FORM = "age_form"
TOPIC_PREFIX = "ask_"
REPLIES_BESIDE_ANOTHER = 2
"""Replies that leave room for the age question or the fixed line: three messages are the most."""


class ActionAnswer(CalmAction):
    """Answers the question in the slot `question`, or the topic of the button that was tapped."""

    def __init__(self) -> None:
        # The first parent after a start must not wait until all files are read.
        Thread(target=guide, daemon=True, name="warm-up").start()

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_answer"

    async def respond(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Send one to three replies; ask for the age where it would change them."""
        slots = tracker.slots
        question = _question(tracker)
        if question is None:
            dispatcher.utter_message(response="utter_unclear")
            return []
        facts = facts_of(tracker)
        replies = _replies(guide(), question, facts, today())
        asks_age = _age_would_help(guide(), question, replies, facts, slots)
        asked = slots.get("question") or {}
        imagined = bool(asked.get("imagined"))
        tapped = (tracker.latest_message.get("text") or "").startswith("/")
        answered = _merged(replies) | {"said": _checksum(replies)}
        if question.before and not tapped and answered == slots.get("answered"):
            replies = guide().composer.unchanged(replies)
        if asks_age or imagined or asked.get("foreign") or asked.get("which_age"):
            replies = replies[:REPLIES_BESIDE_ANOTHER]
        replies = _with_what_followed(replies, facts, tracker)
        if asked.get("told") and replies and not tapped:
            told = Told.from_slot(asked["told"])
            replies[0] = acknowledger().before_answer(replies[0], told, facts, today())
        if asked.get("foreign"):
            dispatcher.utter_message(response="utter_language_sentence")
        send(dispatcher, replies)
        if imagined:
            dispatcher.utter_message(response="utter_if_now")
        elif asked.get("which_age"):
            dispatcher.utter_message(response="utter_which_age")
        events: list[EventType] = [SlotSet("answered", answered)]
        if asks_age:
            events += [
                SlotSet("age_answer", None),
                SlotSet("age_asked", True),
                FollowupAction(AGE_FORM),
            ]
        return events


def _question(tracker: Tracker) -> Question | None:
    """Return the question to answer: a tapped topic, or what was last asked in words."""
    intent = tracker.get_intent_of_latest_message() or ""
    tapped = (tracker.latest_message.get("text") or "").startswith("/" + TOPIC_PREFIX)
    if tapped and intent.startswith(TOPIC_PREFIX):
        return Question(text="", topics=(intent.removeprefix(TOPIC_PREFIX),))
    return read_question(tracker.get_slot("question"))


def _replies(parts: Guide, question: Question, facts: Facts, day: date) -> list[Reply]:
    if "test_results" in question.topics:
        found = results.read_results(question.text)
        if found:
            return results.replies(found, facts, day)
    return parts.composer.answer(question, facts, day)


def _checksum(replies: list[Reply]) -> int:
    return crc32("\n".join(reply.text for reply in replies).encode())


def _with_what_followed(replies: list[Reply], facts: Facts, tracker: Tracker) -> list[Reply]:
    """Return the replies, the first of which begins with what the diary holds of its food."""
    held = [item for item in replies[0].verdicts if item in facts.reacted] if replies else []
    recalled = diary().recall(diary_of(tracker), held) if held else ""
    if not recalled:
        return replies
    return [replace(replies[0], text=f"{recalled} {replies[0].text}"), *replies[1:]]


def _age_would_help(
    parts: Guide,
    question: Question,
    replies: list[Reply],
    facts: Facts,
    slots: Mapping[str, Any],
) -> bool:
    """Tell whether to ask for the age: it is not known, was not asked for, and would matter."""
    if facts.age_months is not None or facts.age_declined or slots.get("age_asked"):
        return False
    if question.asked_age_months is not None:
        return False
    verdicts = {verdict for reply in replies for verdict in reply.verdicts.values()}
    main = parts.content.topics.get(question.topics[0])
    return Verdict.UNKNOWN_AGE in verdicts or bool(main and main.age_matters)


def _merged(replies: list[Reply]) -> dict[str, Any]:
    """Return the metadata of an answer as a whole, for "why?"."""
    return {
        "topics": list(dict.fromkeys(topic for reply in replies for topic in reply.topics)),
        "claims": list(dict.fromkeys(claim for reply in replies for claim in reply.claims)),
        "rules": list(dict.fromkeys(rule for reply in replies for rule in reply.rules)),
        "verdicts": {
            item: verdict.value for reply in replies for item, verdict in reply.verdicts.items()
        },
    }
