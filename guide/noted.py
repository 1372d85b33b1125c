"""What is said to facts told alone: they are said back, so that a wrong one can be put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from guide.composer import Composer
from guide.lexicon import Lexicon
from guide.model import Button, Facts, Level, Reply
from guide.telling import Told
from guide.yaml_file import Entry, Words, read_yaml, validated


class NotedWords(Entry):
    """`noted_words:` of `data/words/noted.yml`."""

    told: Words
    thanks: Words
    taken_out: Words
    denied: Words
    temperature: Words
    numbers: Words
    another_child: Words
    ask: Words
    ask_for_baby: Words
    plan_button: Words
    foods_button: Words
    skin_button: Words


class NotedFile(Entry):
    """`data/words/noted.yml`."""

    noted_words: NotedWords


class Acknowledger:
    """Says back what was told; holds no conversation.

    Args:
        words: the sentences.
        composer: knows the facts' names.
        lexicon: knows the countries' names.
    """

    def __init__(self, words: NotedWords, composer: Composer, lexicon: Lexicon) -> None:
        self._words = words
        self._composer = composer
        self._lexicon = lexicon

    def reply(self, told: Told, facts: Facts, today: date, line_emergency: str) -> Reply:
        """Return the acknowledgement.

        Args:
            told: what the message told.
            facts: all that is known after it.
            today: the day of the message.
            line_emergency: whom to call in an emergency, in words.
        """
        words = self._words
        says = list(self._sentences(told, facts, today)) or [words.thanks]
        if "country" in told.facts:
            says.append(words.numbers.format(line=line_emergency))
        ask = words.ask_for_baby if told.another_child else words.ask
        return Reply(
            text=" ".join([*says, ask]),
            level=Level.NONE,
            rules=("noted",),
            buttons=(
                Button(words.plan_button, "/ask_plan"),
                Button(words.foods_button, "/ask_starting_solids"),
                Button(words.skin_button, "/ask_eczema_symptoms"),
            ),
        )

    def before_answer(self, reply: Reply, told: Told, facts: Facts, today: date) -> Reply:
        """Return an answer given afresh, which begins with the facts that it was given afresh for.

        Args:
            reply: the answer.
            told: what the message told.
            facts: all that is known after it.
            today: the day of the message.
        """
        says = [*self._sentences(told, facts, today), reply.text]
        return replace(reply, text=" ".join(says))

    def _sentences(self, told: Told, facts: Facts, today: date) -> Iterator[str]:
        words = self._words
        if told.another_child:
            yield words.another_child
            return
        known = [
            *self._composer.known(_only(told, facts), today),
            *self._temperature(told, facts),
            *self._country(told, facts),
        ]
        if told.taken_out:
            yield words.taken_out
        if known:
            yield words.told.format(facts=", ".join(known))
        elif told.denied and not told.taken_out:
            yield words.denied

    def _temperature(self, told: Told, facts: Facts) -> Iterator[str]:
        if "temperature_c" in told.facts and facts.temperature_c is not None:
            yield self._words.temperature.format(degrees=f"{facts.temperature_c:g}")

    def _country(self, told: Told, facts: Facts) -> Iterator[str]:
        if "country" in told.facts and facts.country in self._lexicon.numbers:
            yield self._lexicon.numbers[facts.country].name


def _only(told: Told, facts: Facts) -> Facts:
    """Return the facts that were told now."""
    early = "preterm" in told.facts
    aged = "age_months" in told.facts
    return Facts(
        age_months=facts.age_months if aged else None,
        age_told_on=facts.age_told_on if aged else None,
        corrected_by_months=facts.corrected_by_months if early else 0.0,
        feeding_type=facts.feeding_type if "feeding_type" in told.facts else None,
        conditions=facts.conditions & {*told.facts},
    )


def load_noted_words(data: Path) -> NotedWords:
    """Read the sentences below the data folder.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    return validated(read_yaml(data / "words" / "noted.yml"), NotedFile).noted_words
