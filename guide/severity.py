"""How bad is the eczema: four questions in our own words, told back in words for a clinician.

Licensed scores (POEM and the like) are left out on purpose; nothing is added up. The highest level
among the answers decides what to do next, since a bad night or a wide rash each count by
themselves (clinical reference, section 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from guide.model import Button, Facts, Level, Reply
from guide.yaml_file import Entry, Words, read_yaml, validated

CALM, MILD, MODERATE, SEVERE = range(4)
TOPIC = "eczema_symptoms"
CONDITION = "severe_eczema"


class Option(Entry):
    """One answer: `words` for the clinician; `today`: somebody should see it today."""

    id: Words
    level: int
    button: Words
    words: Words
    today: bool = False


class SkinQuestion(Entry):
    """One question with its answers."""

    id: Words
    question: Words
    options: tuple[Option, ...]


class LevelWords(Entry):
    """What to do at a level, and when to see whom."""

    id: Words
    say: Words
    clinician: Words


class SeverityWords(Entry):
    """`severity_words:` of `data/words/severity.yml`."""

    ask: Words
    hint: Words
    summary: Words
    title: Words
    note_button: Words
    plan_button: Words
    care_button: Words
    again_button: Words
    note: Words
    questions: tuple[SkinQuestion, ...]
    levels: tuple[LevelWords, ...]
    today: Words


class SeverityFile(Entry):
    """`data/words/severity.yml`."""

    severity_words: SeverityWords


class SkinCheck:
    """Asks the questions and tells the answers back; the answers live in the slot `severity`.

    The slot's value: `{"on": ISO day of the first answer, "answers": {question id: option id}}`.
    """

    def __init__(self, words: SeverityWords) -> None:
        self._words = words
        self._options = {
            f"{question.id}.{option.id}": (question, option)
            for question in words.questions
            for option in question.options
        }

    def after(
        self, value: Mapping[str, Any] | None, answer: str | None, today: date
    ) -> dict[str, Any]:
        """Return the slot's value after an answer ("itch.often") or, without one, a fresh start.

        An answer that no question knows changes nothing. A finished check starts anew.
        """
        kept = dict((value or {}).get("answers", {}))
        if answer is None:
            kept = {} if self._is_done(kept) else kept
        elif answer in self._options:
            question, option = self._options[answer]
            kept[question.id] = option.id
        on = (value or {}).get("on") if kept and value else None
        return {"on": on or today.isoformat(), "answers": kept}

    def reply(self, value: Mapping[str, Any], line_urgent: str) -> Reply:
        """Return the next question, or what the four answers come to.

        Args:
            value: the slot's value.
            line_urgent: whom to ask today, in words.
        """
        answers = value["answers"]
        for number, question in enumerate(self._words.questions, 1):
            if question.id not in answers:
                return self._question(number, question)
        return self._result(answers, line_urgent)

    def level(self, value: Mapping[str, Any] | None) -> int | None:
        """Return the level (0 calm to 3 severe) of a finished check, None of an unfinished one."""
        answers = (value or {}).get("answers", {})
        if not self._is_done(answers):
            return None
        return max(option.level for option in self._chosen(answers))

    def facts_after(self, facts: Facts, value: Mapping[str, Any] | None) -> Facts:
        """Return the facts with severe eczema set, or ruled out unless it was told before."""
        level = self.level(value)
        if level is None:
            return facts
        if level == SEVERE:
            return facts.with_(
                conditions=facts.conditions | {CONDITION, "eczema"},
                cleared=facts.cleared - {CONDITION},
            )
        if CONDITION in facts.conditions:
            return facts  # a good week doesn't undo what a doctor or the parent said before
        told = facts.conditions | ({"eczema"} if level > CALM else set())
        return facts.with_(conditions=told, cleared=facts.cleared | {CONDITION})

    def in_words(self, value: Mapping[str, Any] | None) -> str:
        """Return the answers so far in words for a clinician, "" without any."""
        return ", ".join(option.words for option in self._chosen((value or {}).get("answers", {})))

    def _is_done(self, answers: Mapping[str, str]) -> bool:
        return all(question.id in answers for question in self._words.questions)

    def _chosen(self, answers: Mapping[str, str]) -> list[Option]:
        keys = (f"{question.id}.{answers.get(question.id)}" for question in self._words.questions)
        return [self._options[key][1] for key in keys if key in self._options]

    def _question(self, number: int, question: SkinQuestion) -> Reply:
        words = self._words
        text = words.ask.format(
            number=number, total=len(words.questions), question=question.question
        )
        if number == 1:
            text = f"{text}\n{words.hint}"
        buttons = tuple(
            Button(one.button, f'/ask_severity{{"severity_answer":"{question.id}.{one.id}"}}')
            for one in question.options
        )
        return Reply(text, Level.ROUTINE, (TOPIC,), rules=("skin_check",), buttons=buttons)

    def _result(self, answers: Mapping[str, str], line_urgent: str) -> Reply:
        words = self._words
        chosen = self._chosen(answers)
        summary = words.summary.format(words=", ".join(option.words for option in chosen))
        to_note = Button(words.note_button, "/ask_note")
        if any(option.today for option in chosen):
            say = words.today.format(line=line_urgent)
            rules = ("skin_check", "infected_eczema")
            text = f"{say}\n\n{summary}"
            return Reply(text, Level.URGENT, (TOPIC,), rules=rules, buttons=(to_note,))
        level = words.levels[max(option.level for option in chosen)]
        text = f"{level.say}\n\n{summary}\n\n{level.clinician}"
        buttons = (
            to_note,
            Button(words.plan_button, "/ask_plan"),
            Button(words.care_button, "/ask_eczema_symptoms"),
            Button(words.again_button, "/ask_severity"),
        )
        card = {
            "title": words.title,
            "do": [level.say],
            "gate": [summary],
            "clinician": level.clinician,
            "sources": [],
            "note": words.note,
        }
        return Reply(
            text, Level.ROUTINE, (TOPIC,), rules=("skin_check",), buttons=buttons, card=card
        )


def load_skin_check(data: Path) -> SkinCheck:
    """Read the questions below the data folder.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    file = read_yaml(data / "words" / "severity.yml")
    return SkinCheck(validated(file, SeverityFile).severity_words)
