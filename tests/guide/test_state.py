"""Slots in, facts and memory out, and back again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from guide.assess import Memory, assess
from guide.knowledge import Words
from guide.model import Facts, Question
from guide.recogniser import Recogniser
from guide.state import (
    line_slots,
    question_value,
    read_facts,
    read_memory,
    read_question,
    slots_after,
)

EVERYTHING = [
    "she is 8 months old, born 4 weeks early, breastfed, with eczema and a milk allergy",
    "her temperature is 38.2, we are in Ireland",
    "she can't breathe",
]


def test_facts_and_memory_survive_the_slots(
    real_recogniser: Recogniser, real_words: Words, now: datetime
) -> None:
    slots: dict[str, Any] = {}
    for text in EVERYTHING:
        assessment = assess(real_recogniser, text, read_facts(slots), read_memory(slots), now)
        slots |= slots_after(assessment, slots, real_words.lexicon)
        facts = assessment.update.facts.with_(symptoms=())
        assert read_facts(slots) == facts
        assert read_memory(slots) == assessment.memory


def test_no_slots_are_no_facts() -> None:
    assert read_facts({}) == Facts()
    assert read_memory({}) == Memory()
    assert read_question(None) is None
    assert read_question({}) is None


def test_a_tapped_end_leaves_the_carers_alarm_and_remembers_the_babys() -> None:
    kept = {
        "open_alarm": "seizure",
        "beside": "carer_suicide_or_self_harm",
        "told_at": "2026-01-15",
    }
    both = read_memory({"memory": kept, "alarm": "seizure"})
    assert (both.open_alarm, both.beside) == ("seizure", "carer_suicide_or_self_harm")
    tapped = read_memory({"memory": kept, "alarm": "over"})
    assert (tapped.open_alarm, tapped.beside) == ("carer_suicide_or_self_harm", None)
    assert (tapped.closed, tapped.closed_at) == ("seizure", "2026-01-15")


def test_an_alarm_that_is_over_leaves_nothing_reported() -> None:
    kept = {"reported": {"wheeze": "2026-11-22T12:00:00"}, "asked": ["breathing"]}
    over = read_memory({"memory": kept, "alarm": "over"})
    assert over == Memory(asked=("breathing",))
    still = read_memory({"memory": kept, "alarm": "choking"})
    assert still == Memory(kept["reported"], "choking", asked=("breathing",))


def test_a_check_answered_yes_opens_its_sign() -> None:
    memory = read_memory({"alarm": "checked", "danger_sign": "choking"})
    assert memory.open_alarm == "choking"


@pytest.mark.parametrize(
    "question",
    [
        Question("kefir?", ("kefir",)),
        Question("a", ("kefir", "probiotics"), ("kefir",), True, True, 8.0),
    ],
)
def test_a_question_survives_its_slot(question: Question) -> None:
    assert read_question(question_value(question)) == question


@pytest.mark.parametrize("country", ["", "GB", "IE", "US", "AU", "nowhere"])
def test_every_help_line_has_words(real_words: Words, country: str) -> None:
    lines = line_slots(real_words.lexicon, country)
    assert all(words and words != "None" for words in lines.values())


def test_an_age_grows_with_the_days() -> None:
    facts = read_facts({"age_months": 5.0, "age_told_on": "2026-01-01"})
    assert facts.age_on(date(2026, 2, 1)) == pytest.approx(6.02, abs=0.01)
