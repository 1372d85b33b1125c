"""The skin check: four questions, words for a clinician, no score."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pytest

from guide.model import Facts, Level
from guide.severity import SeverityFile, load_skin_check
from guide.yaml_file import read_yaml, validated

DATA = Path(__file__).parents[2] / "data"
CHECK = load_skin_check(DATA)
WORDS = validated(read_yaml(DATA / "words" / "severity.yml"), SeverityFile).severity_words
TODAY = date(2026, 3, 1)
LINE = "NHS 111"
EVERY = list(itertools.product(*([f"{q.id}.{o.id}" for o in q.options] for q in WORDS.questions)))


def answered(*answers: str) -> dict[str, object]:
    value = CHECK.after(None, None, TODAY)
    for answer in answers:
        value = CHECK.after(value, answer, TODAY)
    return value


def test_the_questions_come_one_after_another_each_with_buttons() -> None:
    value = CHECK.after(None, None, TODAY)
    for number, question in enumerate(WORDS.questions, 1):
        reply = CHECK.reply(value, LINE)
        assert f"{number} of 4" in reply.text
        assert question.question in reply.text
        assert [one.title for one in reply.buttons] == [one.button for one in question.options]
        value = CHECK.after(value, f"{question.id}.{question.options[0].id}", TODAY)
    assert "Skin check" not in CHECK.reply(value, LINE).text


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        (("skin.none", "itch.none", "sleep.fine", "cracks.none"), 0),
        (("skin.few", "itch.some", "sleep.fine", "cracks.none"), 1),
        (("skin.few", "itch.often", "sleep.fine", "cracks.none"), 2),
        (("skin.few", "itch.some", "sleep.some", "cracks.none"), 2),
        (("skin.few", "itch.some", "sleep.most", "cracks.none"), 3),
        (("skin.most", "itch.none", "sleep.fine", "cracks.none"), 3),
        (("skin.none", "itch.none", "sleep.fine", "cracks.thick"), 3),
    ],
)
def test_the_highest_answer_decides(answers: tuple[str, ...], level: int) -> None:
    assert CHECK.level(answered(*answers)) == level
    assert WORDS.levels[level].say in CHECK.reply(answered(*answers), LINE).text


@pytest.mark.parametrize("answers", EVERY)
def test_every_result_is_in_words_for_the_clinician_without_a_score(
    answers: tuple[str, ...],
) -> None:
    value = answered(*answers)
    reply = CHECK.reply(value, LINE)
    assert CHECK.in_words(value) in reply.text
    assert not any(char.isdigit() for char in reply.text.replace(LINE, ""))
    wet = "cracks.wet" in answers
    assert reply.level is (Level.URGENT if wet else Level.ROUTINE)
    if wet:
        assert reply.text.startswith("Wet, oozing or crusted skin")
        assert LINE in reply.text


@pytest.mark.parametrize("answers", EVERY)
def test_severe_sets_the_condition_and_nothing_else_clears_what_was_told(
    answers: tuple[str, ...],
) -> None:
    value = answered(*answers)
    severe = CHECK.level(value) == 3
    after = CHECK.facts_after(Facts(), value)
    assert ("severe_eczema" in after.conditions) is severe
    assert ("severe_eczema" in after.cleared) is not severe
    told = Facts(conditions=frozenset({"severe_eczema"}))
    assert "severe_eczema" in CHECK.facts_after(told, value).conditions


def test_an_unfinished_check_changes_no_fact() -> None:
    assert CHECK.facts_after(Facts(), answered("skin.most")) == Facts()
    assert CHECK.level(answered("skin.most")) is None


@pytest.mark.parametrize("answer", ["", "itch", "itch.sometimes", "x.y", "skin.none.more"])
def test_an_answer_that_nobody_gave_changes_nothing(answer: str) -> None:
    before = answered("skin.few")
    assert CHECK.after(before, answer, TODAY) == before


def test_asking_again_after_the_end_starts_afresh_and_before_it_goes_on() -> None:
    half = answered("skin.few", "itch.some")
    assert CHECK.after(half, None, TODAY) == half
    done = answered("skin.few", "itch.some", "sleep.fine", "cracks.none")
    later = date(2026, 4, 1)
    assert CHECK.after(done, None, later) == {"on": "2026-04-01", "answers": {}}


def test_no_words_of_a_licensed_score_are_used() -> None:
    text = (DATA / "words" / "severity.yml").read_text(encoding="utf-8").lower()
    assert "0–4" not in text
    for name in ("poem", "scorad", "idqol", "cdlqi", "days in the last"):
        assert name not in text
