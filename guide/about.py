"""What is known of a parent and baby, in words; forgetting, and what remains afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from guide.composer import ComposerWords
from guide.lexicon import Lexicon
from guide.model import CONDITIONS, ILL_NOW, Button, Facts, Level, Reply
from guide.yaml_file import Entry, Words, read_yaml, validated

DEFAULT_EXPIRE_DAYS = 30.0
EXPIRE_SETTING = "FACTS_EXPIRE_DAYS"
MAX_LISTED = 12


class MemoryWords(Entry):
    """`memory_words:` of `data/words/memory.yml`."""

    title: Words
    heading: Words
    nothing: Words
    messages: Words
    line: Words
    labels: dict[str, Words]
    temperature: Words
    stays: Words
    stays_no_limit: Words
    correct: Words
    forget_button: Words
    note_button: Words
    diary_button: Words
    forgotten: Words
    forgotten_alarm: Words
    remains: dict[str, Words]
    over: Words


class MemoryFile(Entry):
    """`data/words/memory.yml`."""

    memory_words: MemoryWords


@dataclass(frozen=True)
class Held:
    """All that a conversation holds.

    Attributes:
        facts: the facts, for the age on this day see `known`.
        known: the facts in words, one an entry.
        reported: ids of findings told in the last day.
        alarm: id of the emergency sign that is open, or "".
        diary: the lines of the food diary.
        skin_check: the answers of the skin check in words.
        question: the last question as typed.
        denied: signs ruled out, in the parent's words.
    """

    facts: Facts
    known: Sequence[str] = ()
    reported: Sequence[str] = field(default_factory=tuple)
    alarm: str = ""
    diary: Sequence[str] = ()
    skin_check: str = ""
    question: str = ""
    denied: Sequence[str] = ()


def expire_days(env: Mapping[str, str]) -> float:
    """Return after how many days without a message a conversation is erased, 0 for never.

    The setting `FACTS_EXPIRE_DAYS` decides; what isn't a number of days counts as the default.
    """
    try:
        days = float(env.get(EXPIRE_SETTING, DEFAULT_EXPIRE_DAYS))
    except ValueError:
        return DEFAULT_EXPIRE_DAYS
    return days if 0 <= days < float("inf") else DEFAULT_EXPIRE_DAYS


class About:
    """Tells what is held, and what remains after forgetting."""

    def __init__(self, words: MemoryWords, names: ComposerWords, lexicon: Lexicon) -> None:
        self._words = words
        self._names = names
        self._lexicon = lexicon

    def reply(self, held: Held, days: float) -> Reply:
        """Return all that is held, in words.

        Args:
            held: it.
            days: days after the last message at which it is erased, 0 for never.
        """
        words = self._words
        lines = self.lines(held)
        stays = words.stays.format(days=f"{days:g}") if days else words.stays_no_limit
        shown = [words.heading, *(f"• {line}" for line in (*lines, words.messages))]
        head = "\n".join(shown) if lines else words.nothing
        ends = [stays, words.correct] if lines else [stays]
        buttons = [Button(words.forget_button, "/forget_me")]
        if lines:
            buttons.append(Button(words.note_button, "/ask_note"))
        if held.diary:
            buttons.append(Button(words.diary_button, "/diary_show"))
        card = {"title": words.title, "gate": lines, "note": stays, "sources": []}
        return Reply(
            text="\n\n".join([head, " ".join(ends)]),
            level=Level.NONE,
            rules=("memory",),
            buttons=tuple(buttons),
            card=card,
        )

    def lines(self, held: Held) -> list[str]:
        """Return one line for each kind of thing that is held."""
        words, facts = self._words, held.facts
        findings, signs = self._lexicon.findings, self._lexicon.signs
        country = self._lexicon.numbers.get(facts.country or "")
        degrees = facts.temperature_c
        checked = {"severe_eczema"} if held.skin_check else set()  # its answers stand there
        checked |= {ILL_NOW} if held.denied else set()  # said in the parent's words
        cleared = [one for one in CONDITIONS if one in facts.cleared - checked]
        texts = {
            "baby": "; ".join(held.known),
            "country": (country.name if country else facts.country) if facts.country else "",
            "temperature": ""
            if degrees is None
            else words.temperature.format(degrees=f"{degrees:g}"),
            "symptoms": "; ".join(findings[one].label for one in facts.symptoms if one in findings),
            "excluded": "; ".join(
                [*(self._names.conditions[one] for one in cleared), *held.denied]
            ),
            "reported": "; ".join(findings[one].label for one in held.reported if one in findings),
            "alarm": signs[held.alarm].title if held.alarm in signs else "",
            "check": held.skin_check,
            "diary": _rows(held.diary),
            "question": f"“{held.question}”" if held.question else "",
        }
        return [
            words.line.format(label=words.labels[label], text=text).replace(": \n", ":\n")
            for label, text in texts.items()
            if text
        ]

    def forgotten(self, channel: str, open_alarm: str, line_emergency: str) -> Reply:
        """Return what is said once all is erased.

        Args:
            channel: the name of the parent's channel; `web` and `telegram` begin the names of ours.
            open_alarm: whether an emergency was open (its sign's id, else "").
            line_emergency: whom to call, in words.
        """
        words = self._words
        alarm = [words.forgotten_alarm.format(line=line_emergency)] if open_alarm else []
        family = next((name for name in words.remains if channel.startswith(name)), "other")
        remains = words.remains[family]
        level = Level.EMERGENCY if open_alarm else Level.NONE
        return Reply(" ".join([*alarm, words.forgotten, remains]), level, rules=("forget",))

    def started_over(self, open_alarm: str, line_emergency: str) -> Reply:
        """Return what is said at a fresh start; the arguments are as in `forgotten`."""
        words = self._words
        alarm = [words.forgotten_alarm.format(line=line_emergency)] if open_alarm else []
        level = Level.EMERGENCY if open_alarm else Level.NONE
        return Reply(" ".join([*alarm, words.over]), level, rules=("start_over",))


def _rows(lines: Sequence[str]) -> str:
    return "".join(f"\n  {line}" for line in lines[-MAX_LISTED:])


def load_about(data: Path, names: ComposerWords, lexicon: Lexicon) -> About:
    """Read the words below the data folder.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    file = read_yaml(data / "words" / "memory.yml")
    return About(validated(file, MemoryFile).memory_words, names, lexicon)
