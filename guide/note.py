"""A note for the doctor: what the parent told, dated, in clinical order; nothing is added.

What nobody told stands there as "not told", so that a clinician knows where to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from guide.ages import age_words
from guide.composer import ComposerWords
from guide.context import Status
from guide.lexicon import Lexicon
from guide.model import CONDITIONS, ILL_NOW, Button, Facts, Level, Reply
from guide.recogniser import Recogniser, Recognition
from guide.yaml_file import Entry, Words, read_yaml, validated

MAX_QUESTIONS = 3
MAX_QUESTION_LENGTH = 300
MAX_FOODS = 20
MAX_RESULT_LINES = 40
MAX_QUOTE_TOKENS = 10


_QUOTE_ENDS = frozenset([",", ".", ";", ":", "!", "?", "and", "but", "so", "which", "(", ")"])


class NoteWords(Entry):
    """`note_words:` of `data/words/note.yml`."""

    title: Words
    heading: Words
    source: Words
    not_told: Words
    none: Words
    line: Words
    labels: dict[str, Words]
    age: Words
    corrected: Words
    temperature: Words
    told_on: Words
    answers: dict[str, Words]
    missing: Words
    intro: Words
    empty: Words
    memory_button: Words
    severity_button: Words
    forget_button: Words
    growth_findings: frozenset[str]
    skin_findings: frozenset[str]
    gut_findings: frozenset[str]
    growth_conditions: tuple[str, ...]
    skin_conditions: tuple[str, ...]
    left_out: frozenset[str]
    skin_words: tuple[str, ...]


class NoteFile(Entry):
    """`data/words/note.yml`."""

    note_words: NoteWords


@dataclass(frozen=True)
class Told:
    """All that a note is made of.

    Attributes:
        facts: what is known of the baby.
        findings: days on which findings were told, by finding id ("" when not known).
        danger: ids of danger signs that were told, with the day.
        asked: ids of danger signs that a safety check asked about, with the answer: `yes`, `no`
            or "".
        diary: the lines of the food diary.
        skin_check: the answers of the skin check in words, with its day.
        questions: what the parent asked, in their words, the oldest first.
        denied: signs that the parent ruled out, in their words, with the day.
        skin: skin trouble in the parent's words, with the day.
        results: pasted gut test results.
    """

    facts: Facts
    findings: Mapping[str, str] = field(default_factory=dict)
    danger: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    diary: Sequence[str] = ()
    skin_check: tuple[str, str] = ("", "")
    questions: Sequence[str] = ()
    denied: Mapping[str, str] = field(default_factory=dict)
    skin: Mapping[str, str] = field(default_factory=dict)
    results: Sequence[str] = ()

    def is_empty(self) -> bool:
        """Tell whether nothing was told at all."""
        return self.facts == Facts(country=self.facts.country) and not any(
            (
                self.findings,
                self.danger,
                self.asked,
                self.diary,
                self.skin_check[0],
                self.questions,
                self.denied,
                self.skin,
                self.results,
            )
        )


class NoteWriter:
    """Writes notes; holds no conversation."""

    def __init__(self, words: NoteWords, names: ComposerWords, lexicon: Lexicon) -> None:
        self._words = words
        self._names = names
        self._lexicon = lexicon

    def reply(self, told: Told, today: date) -> Reply:
        """Return the note as a message; its card carries it for printing and saving."""
        words = self._words
        if told.is_empty():
            return Reply(words.empty, Level.NONE, ())
        note = self.text(told, today)
        severity = [] if told.skin_check[0] else [Button(words.severity_button, "/ask_severity")]
        return Reply(
            text=f"{words.intro}\n\n{note}",
            level=Level.NONE,
            rules=("note",),
            buttons=(
                *severity,
                Button(words.memory_button, "/ask_memory"),
                Button(words.forget_button, "/forget_me"),
            ),
            card={"title": words.title, "paper": note, "note": note, "sources": []},
        )

    def shown(self, findings: Iterable[str]) -> list[str]:
        """Return the findings that mean something to people, of those that are remembered."""
        return [name for name in findings if name not in self._words.left_out]

    def text(self, told: Told, today: date) -> str:
        """Return the note as plain text, one line for each matter."""
        words = self._words
        sections = self._sections(told, today)
        lines = [
            words.line.format(label=words.labels[label], text=text).replace(": \n", ":\n")
            for label, text in sections.items()
            if text
        ]
        missing = [words.labels[label].lower() for label, text in sections.items() if text is None]
        ends = [words.missing.format(names=", ".join(missing))] if missing else []
        heading = words.heading.format(day=f"{today.day} {today:%B %Y}")
        return "\n".join([heading, words.source, *lines, *ends])

    def _sections(self, told: Told, today: date) -> dict[str, str | None]:
        """Return the text of each section; None is "not told", "" is left out."""
        words, facts = self._words, told.facts
        findings = self._labelled(told.findings, today)
        sorted_out = {
            "growth": words.growth_findings,
            "skin": words.skin_findings,
            "gut": words.gut_findings,
        }
        listed = {
            section: [text for name, text in findings.items() if name in ids]
            for section, ids in sorted_out.items()
        }
        others = [
            text
            for name, text in findings.items()
            if not any(name in ids for ids in sorted_out.values())
        ]
        named = self._names.conditions
        for section, ids in (("growth", words.growth_conditions), ("skin", words.skin_conditions)):
            listed[section] = [
                *(named[one] for one in ids if one in facts.conditions),
                *listed[section],
            ]
        apart = {*words.growth_conditions, *words.skin_conditions}
        conditions = [
            named[one] for one in CONDITIONS if one in facts.conditions and one not in apart
        ]
        listed["skin"] += [self._dated(f"“{said}”", day, today) for said, day in told.skin.items()]
        checked = {"severe_eczema"} if told.skin_check[0] else set()  # its answers stand there
        checked |= {ILL_NOW} if told.denied else set()  # said in the parent's words
        excluded = [
            *(named[one] for one in CONDITIONS if one in facts.cleared - checked),
            *(self._dated(said, day, today) for said, day in told.denied.items()),
        ]
        return {
            "age": self._age(facts, today),
            "feeding": self._names.feeding.get(facts.feeding_type or "") or None,
            "growth": _row(listed["growth"]),
            "skin": _row(listed["skin"]),
            "check": self._skin_check(told.skin_check),
            "gut": _row(listed["gut"]),
            "other": _row(others) or "",
            "temperature": words.temperature.format(degrees=f"{facts.temperature_c:g}")
            if facts.temperature_c is not None
            else "",
            "foods": _rows(told.diary[-MAX_FOODS:]) if told.diary else None,
            "results": _rows(_pasted(told.results)),
            "conditions": _row(conditions),
            "excluded": _row(excluded) or "",
            "danger": self._signs(told.danger, today) or words.none,
            "asked": self._answers(told.asked),
            "question": self._questions(told.questions),
        }

    def _age(self, facts: Facts, today: date) -> str | None:
        age, safe = facts.age_on(today), facts.safe_age_on(today)
        if age is None or safe is None:
            return None
        text = self._words.age.format(age=age_words(age))
        if facts.corrected_by_months:
            text = f"{text}; {self._words.corrected.format(age=age_words(safe))}"
        return text

    def _labelled(self, findings: Mapping[str, str], today: date) -> dict[str, str]:
        known = self._lexicon.findings
        return {
            name: self._dated(known[name].label, day, today)
            for name, day in findings.items()
            if name in known and known[name].who == "baby" and name not in self._words.left_out
        }

    def _dated(self, what: str, day: str, today: date) -> str:
        if not day:
            return what
        told = date.fromisoformat(day[:10])
        return self._words.told_on.format(what=what, day=f"{told.day} {told:%B}")

    def _signs(self, signs: Mapping[str, str], today: date) -> str:
        known = self._lexicon.signs
        return "; ".join(
            self._dated(known[name].title, day, today)
            for name, day in signs.items()
            if name in known and known[name].who == "baby"
        )

    def _answers(self, asked: Mapping[str, str]) -> str:
        known, words = self._lexicon.signs, self._words
        lines = dict.fromkeys(
            words.answers[answer].format(what=known[name].question.rstrip("?"))
            for name, answer in asked.items()
            if name in known and known[name].question
        )
        return "; ".join(lines)

    def _skin_check(self, check: tuple[str, str]) -> str | None:
        said, day = check
        if not said:
            return None
        told = date.fromisoformat(day)
        return self._words.told_on.format(what=said, day=f"{told.day} {told:%B}")

    def _questions(self, questions: Sequence[str]) -> str | None:
        kept = [one.strip()[:MAX_QUESTION_LENGTH] for one in questions if one.strip()]
        return "\n  ".join(f"“{one}”" for one in kept[-MAX_QUESTIONS:]) or None


def _pasted(results: Iterable[str]) -> list[str]:
    """Return the lines of pasted results, each once."""
    lines = (line.strip() for text in results for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))[:MAX_RESULT_LINES]


def _rows(lines: Iterable[str]) -> str:
    return "".join(f"\n  {line}" for line in lines)


def _row(parts: Iterable[str]) -> str | None:
    return "; ".join(dict.fromkeys(parts)) or None


class SkinQuotes:
    """Finds skin trouble in a message, to be quoted: "itchy patches in her elbow creases".

    Args:
        recogniser: reads the messages.
        words: the note's words, with the phrases to look for.
    """

    def __init__(self, recogniser: Recogniser, words: NoteWords) -> None:
        self._recogniser = recogniser
        self._phrases = recogniser.phrase_set()
        self._phrases.add("skin", words.skin_words)
        self._findings = words.skin_findings

    def __call__(self, text: str) -> list[str]:
        """Return what the message tells of the baby's skin and no skin finding stands for."""
        found = self._recogniser(text)
        offsets = found.doc.user_data["offsets"]
        known = [one for one in found.findings if one.id in self._findings]
        quotes, end = [], 0
        for match in self._phrases.matches(found.doc):
            last = self._end(found, match.end)
            start, stop = offsets[match.start][0], offsets[last - 1][1]
            told = found.context.status(match) in (Status.PRESENT, Status.RECENT)
            covered = any(one.start < stop and start < one.end for one in known)
            if told and not covered and match.start >= end:
                quotes.append(found.text[start:stop])
                end = last
        return quotes

    def _end(self, found: Recognition, index: int) -> int:
        """Return where the clause of a match ends, at most some words on."""
        words = [token.text for token in found.doc]
        limit = min(len(words), index + MAX_QUOTE_TOKENS)
        return next((i for i in range(index, limit) if words[i] in _QUOTE_ENDS), limit)


def load_skin_quotes(data: Path, recogniser: Recogniser) -> SkinQuotes:
    """Read the phrases below the data folder.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    file = read_yaml(data / "words" / "note.yml")
    return SkinQuotes(recogniser, validated(file, NoteFile).note_words)


def load_note_writer(data: Path, names: ComposerWords, lexicon: Lexicon) -> NoteWriter:
    """Read the note's words below the data folder.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    file = read_yaml(data / "words" / "note.yml")
    words = validated(file, NoteFile).note_words
    return NoteWriter(words, names, lexicon)
