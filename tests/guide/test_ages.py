"""Ages as parents say them, the same wherever they are shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from guide.ages import age_words
from guide.composer import load_words
from guide.content import load_content
from guide.gates import load_gates
from guide.knowledge import load_words as load_recogniser_words
from guide.memory import update
from guide.model import Facts
from guide.note import Told, load_note_writer
from guide.plan import load_plan
from tests.guide.test_composer import composer

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (0.0, "1 day"),
        (0.1, "3 days"),
        (0.23, "1 week"),
        (0.46, "2 weeks"),
        (1.61, "7 weeks"),
        (2.0, "8 weeks"),
        (2.76, "12 weeks"),
        (3.0, "3 months"),
        (3.4, "3 months"),
        (4.5, "4½ months"),
        (4.7, "4½ months"),
        (5.99, "5½ months"),
        (6.7, "6 months"),
        (8.9, "8 months"),
        (14.2, "14 months"),
        (24.0, "24 months"),
    ],
)
def test_ages_are_told_as_parents_tell_them(months: float, words: str) -> None:
    assert age_words(months) == words


@pytest.mark.parametrize("weeks", range(1, 13))
def test_weeks_come_back_as_they_were_told(weeks: int) -> None:
    facts = update(Facts(), f"she is {weeks} weeks old", TODAY).facts
    stored = Facts.from_slots(facts.to_slots())
    assert age_words(stored.age_on(TODAY) or 0) == f"{weeks} week{'' if weeks == 1 else 's'}"


def test_memory_why_plan_and_note_show_the_same_age() -> None:
    names = load_words(DATA / "words" / "composer.yml")
    content = load_content(DATA)
    gates = load_gates(DATA / "gates", content.sources, content.topics)
    writer = load_note_writer(DATA, names, load_recogniser_words(DATA).lexicon)
    planner = load_plan(DATA, content, gates)
    early = Facts(age_months=7, corrected_by_months=2.3, conditions=frozenset({"preterm"}))
    known = "; ".join(composer().known(early, TODAY))
    note = writer.text(Told(early), TODAY)
    plan = planner.short(early, TODAY).text
    assert known.startswith("7 months old; born early, so counted as 4½ months")
    assert "Age: 7 months; 4½ months, corrected" in note
    assert "counted as 4½ months" in plan
