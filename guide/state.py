"""What a conversation keeps between messages, as the values of Rasa slots.

The contract slots (`age_months`, `feeding_type`, `conditions`, `symptoms`) stand alone; what no
rule or response reads stays together in the slot `memory`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guide.assess import Assessment, Memory, only_reading
from guide.course import Course
from guide.lexicon import Lexicon
from guide.model import Facts, Question

CONTRACT_SLOTS = (
    "age_months",
    "age_told_on",
    "feeding_type",
    "conditions",
    "symptoms",
    "country",
    "age_declined",
)
MEMORY_SLOT = "memory"
QUESTION_SLOT = "question"
NOTED_SLOT = "noted"
"""What the last message told without asking, to be said back."""

DENIED_SLOT = "denied"
"""Signs ruled out, in the parent's words, with the day."""

ALARM_SLOT = "alarm"
"""The emergency sign that is open; or one of the two values below, which buttons set."""

ALARM_OVER = "over"
ALARM_CHECKED = "checked"
LINES = (
    "emergency",
    "brief",
    "urgent",
    "er_or_urgent",
    "poison",
    "crisis",
    "perinatal",
    "protection",
)


WORDED = ("feeding_type", "country")
"""Facts told in words, which are taken back by an empty one."""


def read_facts(slots: Mapping[str, Any]) -> Facts:
    """Return the facts kept in `slots`."""
    return Facts.from_slots({**(slots.get(MEMORY_SLOT) or {}), **_told(slots)})


def read_memory(slots: Mapping[str, Any]) -> Memory:
    """Return what the conversation remembers beside the facts."""
    kept = slots.get(MEMORY_SLOT) or {}
    alarm = slots.get(ALARM_SLOT) or ""
    open_alarm, beside = _open_alarm(alarm, slots.get("danger_sign")), kept.get("beside")
    reported = kept.get("reported") or {}
    tapped_off = kept.get("open_alarm") if alarm == ALARM_OVER else None
    return Memory(
        reported=only_reading(reported) if alarm == ALARM_OVER else reported,
        open_alarm=open_alarm or beside,
        beside=beside if open_alarm else None,
        asked=tuple(kept.get("asked") or ()),
        said=tuple(kept.get("said") or ()),
        alarming=kept.get("alarming") or "",
        closed=tapped_off or kept.get("closed"),
        closed_at=kept.get("told_at" if tapped_off else "closed_at") or "",
        over=kept.get("over") or {},
        asked_at=kept.get("asked_at") or "",
        course=Course() if alarm == ALARM_OVER else _course(kept),
    )


def slots_after(
    assessment: Assessment, before: Mapping[str, Any], lexicon: Lexicon
) -> dict[str, Any]:
    """Return the slots that `assessment` changes, by name."""
    facts = assessment.update.facts
    values = facts.to_slots()
    memory = {name: value for name, value in values.items() if name not in CONTRACT_SLOTS}
    memory |= {
        "reported": dict(assessment.memory.reported),
        "asked": list(assessment.memory.asked),
        "said": list(assessment.memory.said),
        "alarming": assessment.memory.alarming,
        "open_alarm": assessment.memory.open_alarm,
        "beside": assessment.memory.beside,
        "told_at": assessment.told_at,
        "closed": assessment.memory.closed,
        "closed_at": assessment.memory.closed_at,
        "over": dict(assessment.memory.over),
        "asked_at": assessment.memory.asked_at,
        "since": {name: list(one) for name, one in assessment.memory.course.since.items()},
        "times": dict(assessment.memory.course.times),
    }
    after: dict[str, Any] = {
        name: values[name] for name in CONTRACT_SLOTS if name != "age_declined"
    }
    # Rasa keeps a slot that gets None: what is taken back ("we stopped nursing") is set to "".
    after |= {name: "" for name in WORDED if values[name] is None and before.get(name)}
    after[MEMORY_SLOT] = memory
    after[ALARM_SLOT] = assessment.memory.open_alarm or (ALARM_OVER if assessment.closes else "")
    if facts.country and facts.country != before.get("country"):
        after |= line_slots(lexicon, facts.country)
    return {
        name: value
        for name, value in after.items()
        if value is not None and value != before.get(name) and (value or before.get(name))
    }


def line_slots(lexicon: Lexicon, country: str) -> dict[str, str]:
    """Return the help lines of `country` as slots; words for what is not known there."""
    unknown, own = lexicon.numbers[""], lexicon.numbers.get(country, lexicon.numbers[""])
    lines = {
        name: getattr(own, name, "") or getattr(unknown, name, "")
        for name in LINES
        if name not in ("er_or_urgent", "brief")
    }
    lines["er_or_urgent"] = own.er_or_urgent or unknown.er_or_urgent or lines["emergency"]
    lines["brief"] = own.brief or own.emergency or lines["emergency"]
    return {f"line_{name}": words for name, words in lines.items()}


def question_value(question: Question) -> dict[str, Any]:
    """Return a question as a JSON-ready slot value."""
    return {
        "text": question.text,
        "topics": list(question.topics),
        "items": list(question.items),
        "as_drink": question.as_drink,
        "instead_of_milk": question.instead_of_milk,
        "asked_age_months": question.asked_age_months,
        "supposed": sorted(question.supposed),
        "before": question.before,
    }


def read_question(value: Mapping[str, Any] | None) -> Question | None:
    """Return the question kept in a slot value, or None."""
    if not value or not value.get("topics"):
        return None
    return Question(
        text=value["text"],
        topics=tuple(value["topics"]),
        items=tuple(value.get("items", ())),
        as_drink=value.get("as_drink", False),
        instead_of_milk=value.get("instead_of_milk", False),
        asked_age_months=value.get("asked_age_months"),
        supposed=frozenset(value.get("supposed", ())),
        before=value.get("before", ""),
    )


def _open_alarm(alarm: str, danger_sign: str | None) -> str | None:
    """Return the open sign; a safety check answered "yes" opens the sign that it asked about."""
    if alarm == ALARM_CHECKED:
        return danger_sign
    return alarm if alarm and alarm != ALARM_OVER else None


def _course(kept: Mapping[str, Any]) -> Course:
    since = {name: (start, last) for name, (start, last) in (kept.get("since") or {}).items()}
    return Course(since, kept.get("times") or {})


def _told(slots: Mapping[str, Any]) -> dict[str, Any]:
    return {name: slots.get(name) for name in CONTRACT_SLOTS}
