"""The decision on one message: which intent Rasa gets, and which slots change.

Danger comes first, then the answer to a question that the bot has asked, then what the
classifier and the recogniser make of the topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guide.assess import Assessment
from guide.context import Status
from guide.knowledge import Words
from guide.model import TOPICS, Level, Question
from guide.state import QUESTION_SLOT, question_value, slots_after

CERTAIN = 0.99
UNCLEAR = "unclear"
MAX_CHECK_LINES = 4


@dataclass(frozen=True)
class Decision:
    """What Rasa is told of a message.

    Attributes:
        intent: its intent; confidence: from 0 to 1.
        slots: values of the slots that change, by name.
    """

    intent: str
    confidence: float = CERTAIN
    slots: dict[str, Any] = field(default_factory=dict)


def decide(
    assessment: Assessment, intents: Mapping[str, float], slots: Mapping[str, Any], words: Words
) -> Decision:
    """Return the intent and the slots of an assessed message.

    Args:
        assessment: the message, assessed.
        intents: what the classifier thinks: probability by intent.
        slots: the conversation's slots before the message.
        words: the recogniser's words.
    """
    changed = slots_after(assessment, slots, words.lexicon) | _symptoms(assessment, slots, words)
    if "age_months" in changed:
        changed["age_answer"] = "told"
    question = _question(assessment, intents, words)
    if question:
        changed[QUESTION_SLOT] = question_value(question, assessment.outcome.imagined)
    danger = _danger(assessment, words)
    if danger:
        return Decision(danger.intent, CERTAIN, changed | danger.slots)
    if question:
        main = question.topics[0]
        intent = main if main == "out_of_scope" else f"ask_{main}"
    else:
        intent = max(intents, key=intents.__getitem__, default=UNCLEAR)
    return Decision(intent, intents.get(intent, CERTAIN), changed)


def _danger(assessment: Assessment, words: Words) -> Decision | None:
    """Return the intent that danger decides, or None."""
    outcome = assessment.outcome
    if assessment.closes:
        return Decision("alarm_over")
    if assessment.still_open:
        return Decision("danger_still_open")
    if outcome.level is Level.EMERGENCY and outcome.carer_signs:
        signs = {"danger_sign": outcome.signs[0], "carer_sign": outcome.carer_signs[0]}
        return Decision("danger_emergency_and_carer", slots=signs)
    if outcome.level is Level.EMERGENCY:
        return Decision("danger_emergency", slots={"danger_sign": outcome.signs[0]})
    if outcome.level is Level.URGENT:
        return Decision("danger_urgent", slots={"danger_sign": outcome.signs[0]})
    if outcome.level is Level.CHECK:
        return Decision("danger_check", slots=_check(outcome.signs, outcome.asked, words))
    return None


def _check(signs: tuple[str, ...], asked: tuple[str, ...], words: Words) -> dict[str, Any]:
    """Return the slots of a safety check: the sign that "yes" would mean, and what to ask."""
    questions = [words.lexicon.signs[name].question for name in (*signs, *asked)]
    lines = list(dict.fromkeys(question for question in questions if question))
    return {
        "danger_sign": (*asked, *signs)[0],
        "check_question": "\n".join(f"• {line}" for line in lines[:MAX_CHECK_LINES]),
    }


def _symptoms(
    assessment: Assessment, slots: Mapping[str, Any], words: Words
) -> dict[str, list[str]]:
    """Return the slot of the symptoms told so far, if this message adds one."""
    before = list(slots.get("symptoms") or ())
    present = assessment.recognition.with_status(Status.PRESENT)
    new = sorted(
        name for name in present if words.lexicon.findings[name].symptom and name not in before
    )
    return {"symptoms": before + new} if new else {}


def _question(
    assessment: Assessment, intents: Mapping[str, float], words: Words
) -> Question | None:
    """Return the question that the message asks, or None for small talk."""
    recognition = assessment.recognition
    items = tuple(dict.fromkeys(found.id for found in recognition.items))
    top = max(intents, key=intents.__getitem__, default="").removeprefix("ask_")
    named = [words.item_topics[item] for item in items]
    topics = [topic for topic in dict.fromkeys([top, *named]) if topic in TOPICS]
    if not topics:
        return None
    return Question(
        recognition.text,
        tuple(topics),
        items,
        asked_age_months=assessment.update.asked_age_months,
    )
