"""The food diary: what was given, when, and what followed; one new food at a time.

Entries are plain JSON, so that they live in a Rasa slot:
`{"when": ISO minute, "told": ISO minute of the message, "foods": [item ids], "said": the parent's
words, "reaction": words or "", "fine": bool}`. Times are UTC and rough: a part of the day stands
for its hour.

Danger signs are answered by triage. What they tell of a food before them is read from those
messages when the diary is opened (`with_reactions`): nothing of it hangs on the action server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from guide.content import Content, Source
from guide.context import Status
from guide.gates import GateResult, Gates
from guide.given import WATCHED
from guide.model import Button, Facts, Level, Question, Reply, Verdict
from guide.patterns import PhraseSet
from guide.quantities import durations
from guide.recogniser import Recogniser, Recognition
from guide.yaml_file import Entry, Words, read_yaml, validated

Note = dict[str, Any]

MAX_SAID = 160
MAX_ENTRIES = 200
MAX_SHOWN = 12
REACTION_WINDOW = timedelta(days=3)
"""How long after a food a parent may say that something followed it (clinical reference, 2.6)."""

LONGEST_AGO = timedelta(days=60)

FOLLOWS = "after_a_food"
"""The vocabulary's list of "an hour later", which belongs to what was given before."""

WENT_WELL = "went_well"
REACTIONS_APART = "; "

GIVEN = (Status.PRESENT, Status.RECENT, Status.PAST, Status.UNCERTAIN)
MAX_NAMED = 3

APART = timedelta(hours=20)
"""Two new foods closer than this are not on separate days (clinical reference, 2.2)."""

TOPIC = "food_allergy"
SOLIDS = "starting_solids"
_HOUR = r"(\d{1,2})(?:[:.](\d{2}))?\s*"
_CLOCK = re.compile(rf"\b(?:at |around |about ){_HOUR}(am|pm)?\b|\b{_HOUR}(am|pm)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"^\s*(?:please |can you |could you )?"
    r"(?:diary|log|note|record|save|add|write down|put down|jot down)"
    r"(?: (?:this|that|it|an entry|in the diary|to (?:the )?diary))*\s*[:,-]?\s+(?:that )?",
    re.IGNORECASE,
)


class DiaryWords(Entry):
    """`diary_words:` of `data/words/diary.yml`."""

    title: Words
    noted: Words
    noted_other: Words
    noted_reaction: Words
    noted_reaction_alone: Words
    nothing: Words
    one_at_a_time: Words
    reaction: Words
    reaction_alone: Words
    reaction_watch: Words
    pink_mouth: Words
    no_reaction: Words
    watch: Words
    empty: Words
    heading: Words
    entry: Words
    then: Words
    recall: Words
    fine: Words
    so_far: Words
    one_food: Words
    foods: Words
    none: Words
    older: Words
    and_word: Words
    show_button: Words
    note_button: Words
    allergy_button: Words
    note: Words
    reactions: tuple[str, ...]
    not_given: tuple[str, ...]
    times: dict[int, tuple[str, ...]] = Field(default_factory=dict)
    days_ago: dict[int, tuple[str, ...]] = Field(default_factory=dict)
    weekdays: tuple[str, ...]


class DiaryFile(Entry):
    """`data/words/diary.yml`."""

    diary_words: DiaryWords


@dataclass(frozen=True)
class Told:
    """A message for the diary, understood.

    Attributes:
        foods: item ids named as given.
        when: when it was given, or when it happened; at: the time of the message.
        said: the parent's words without "please log that".
        reaction: something followed, or the skin or tummy got worse.
        fine: the parent says that nothing followed.
        follows: it speaks of what was given before ("an hour later").
    """

    foods: tuple[str, ...]
    when: datetime
    at: datetime
    said: str
    reaction: bool = False
    fine: bool = False
    follows: bool = False


@dataclass(frozen=True)
class Heard:
    """A message that triage answered: its words, and its time in UTC."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Logged:
    """The diary after a message, and what to say to it."""

    entries: list[Note]
    reply: Reply


class Diary:
    """Reads messages for the diary and answers them; holds no conversation."""

    def __init__(
        self,
        words: DiaryWords,
        recogniser: Recogniser,
        gates: Gates,
        sources: Mapping[str, Source],
    ) -> None:
        self._words = words
        self._recogniser = recogniser
        self._gates = gates
        self._sources = sources
        self._phrases = recogniser.phrase_set()
        for key in ("reactions", "not_given"):
            self._phrases.add(key, getattr(words, key))
        for key in (FOLLOWS, WENT_WELL):
            self._phrases.add(key, recogniser.lexicon.vocabulary.get(key, ()))
        self._times = _numbered(recogniser.phrase_set(), words.times)
        self._days = _numbered(recogniser.phrase_set(), words.days_ago)

    def read(self, text: str, now: datetime) -> Told:
        """Return what a message tells the diary.

        Args:
            text: the message as typed.
            now: its time, in UTC.
        """
        found = self._recogniser(text)
        keys = {match.key for match in self._phrases.matches(found.doc)}
        given = (one.id for one in found.items if one.status in GIVEN)
        foods = tuple(dict.fromkeys(one for one in given if one in self._gates.items))
        foods = () if "not_given" in keys else foods
        fine = WENT_WELL in keys
        symptoms = [
            name
            for name in found.with_status(Status.PRESENT, Status.RECENT)
            if self._recogniser.lexicon.findings[name].symptom
        ]
        reaction = not fine and (bool(symptoms) or "reactions" in keys)
        said = _LEAD.sub("", found.text).strip()[:MAX_SAID] or found.text.strip()[:MAX_SAID]
        return Told(
            foods=foods,
            when=self._when(found, now),
            at=now,
            said=said,
            reaction=reaction,
            fine=fine,
            follows=FOLLOWS in keys,
        )

    def log(
        self,
        entries: Sequence[Note],
        told: Told,
        facts: Facts,
        today: date,
        line_emergency: str,
    ) -> Logged:
        """Return the diary with the message in it, and the reply.

        Args:
            entries: the diary so far.
            told: the message, understood.
            facts: what is known of the baby.
            today: the day of the message.
            line_emergency: whom to call in an emergency, in words.
        """
        kept = [dict(entry) for entry in entries]
        before = _last_food(kept, told)
        if not told.foods and (told.reaction or told.fine) and before:
            before["fine"] = told.fine
            if told.reaction:
                _add_reaction(before, told.said)
            new = before
        else:
            new = {
                "when": told.when.isoformat(timespec="minutes"),
                "told": told.at.isoformat(timespec="minutes"),
                "foods": list(told.foods),
                "said": told.said,
                "reaction": told.said if told.reaction else "",
                "fine": told.fine,
            }
            kept.append(new)
        kept = sorted(kept, key=lambda entry: str(entry["when"]))[-MAX_ENTRIES:]
        results = self._gates.verdicts(
            tuple(told.foods), facts, today, Question(told.said, (SOLIDS,), told.foods)
        )
        lines = self._lines(entries, told, new, results, line_emergency)
        return Logged(kept, self._reply(lines, results, told, new["foods"]))

    def with_reactions(self, entries: Iterable[Note], heard: Iterable[Heard]) -> list[Note]:
        """Return the diary with what danger signs, answered by triage, tell of the foods before.

        Args:
            entries: the diary so far.
            heard: the messages that triage answered, the oldest first.
        """
        kept = [dict(entry) for entry in entries]
        for message in heard:
            told = self.read(message.text, message.at)
            noted = [one for one in kept if _told_at(one) <= message.at]
            before = _last_food(noted, told)
            if told.reaction and not told.foods and before:
                _add_reaction(before, told.said)
                before["fine"] = False
        return kept

    def how_to(self) -> Reply:
        """Return how to note something: for the button without words."""
        return Reply(self._words.nothing, Level.NONE)

    def show(self, entries: Sequence[Note]) -> Reply:
        """Return the diary in words, the newest entries."""
        words = self._words
        note = Button(words.note_button, "/ask_note")
        if not entries:
            return Reply(words.empty, Level.NONE)
        lines = self.lines(entries)
        shown = lines[-MAX_SHOWN:]
        tried = dict.fromkeys(food for entry in entries for food in entry["foods"])
        reacted = {food for entry in entries if entry["reaction"] for food in entry["foods"]}
        older = len(lines) - len(shown)
        ends = [words.older.format(count=older)] if older else []
        count = words.one_food if len(tried) == 1 else words.foods.format(count=len(tried))
        ends.append(words.so_far.format(tried=count, reacted=len(reacted) or words.none))
        text = "\n".join([words.heading, *(f"• {line}" for line in shown), *ends])
        card = {"title": words.title, "gate": shown, "note": words.note, "sources": []}
        return Reply(text, Level.NONE, (SOLIDS,), buttons=(note,), card=card)

    def lines(self, entries: Iterable[Note]) -> list[str]:
        """Return one line for each entry, the oldest first: for the list and for the note."""
        lines = []
        for entry in entries:
            what = self.titles(entry["foods"]) or entry["said"]
            if entry["reaction"] and entry["foods"]:
                what = f"{what}; {self._words.then.format(said=entry['reaction'])}"
            elif entry["fine"]:
                what = f"{what}; {self._words.fine}"
            lines.append(self._words.entry.format(when=day_words(entry["when"]), what=what))
        return lines

    def recall(self, entries: Sequence[Note], foods: Iterable[str]) -> str:
        """Return what followed one of `foods` the last time, in words, or "" if nothing did."""
        asked = {*foods}
        for entry in reversed(entries):
            eaten = [food for food in entry["foods"] if food in asked]
            if entry["reaction"] and eaten:
                said = entry["reaction"]
                return self._words.recall.format(foods=self.titles(eaten), said=said)
        return ""

    def titles(self, foods: Sequence[str]) -> str:
        """Return the foods' names in a row."""
        names = [self._gates.items[food].title for food in foods if food in self._gates.items]
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self._words.and_word} {names[-1]}"

    def _lines(
        self,
        entries: Sequence[Note],
        told: Told,
        new: Note,
        results: Sequence[GateResult],
        line_emergency: str,
    ) -> list[str]:
        words = self._words
        lines = [self._noted(told, new)]
        for result in results:
            if result.verdict is not Verdict.FINE:
                lines += [result.say, result.instead]
        if told.reaction:
            foods = self.titles(new["foods"])
            after = words.reaction.format(foods=foods) if foods else words.reaction_alone
            lines += [after, words.reaction_watch.format(line=line_emergency)]
            if foods:
                lines.append(words.pink_mouth)
            return lines
        if told.fine:
            lines.append(words.no_reaction)
        new_foods = self._new_together(entries, told)
        offered = all(one.verdict is not Verdict.AVOID for one in results)
        if len(new_foods) > 1 and offered:
            lines.append(words.one_at_a_time.format(foods=self.titles(new_foods)))
        elif not told.fine:
            watch = [one.watch for one in results if one.verdict is Verdict.FINE and one.watch]
            lines += [words.watch.format(watch=one) for one in watch[:1]]
        return lines

    def _noted(self, told: Told, new: Note) -> str:
        words = self._words
        when, said = day_words(new["when"]), _sentence(told.said)
        if told.reaction and new["foods"]:
            return words.noted_reaction.format(foods=self.titles(new["foods"]), said=said)
        if told.reaction:
            return words.noted_reaction_alone.format(when=when, said=said)
        if told.foods:
            return words.noted.format(when=when, foods=self.titles(told.foods))
        return words.noted_other.format(when=when, said=said)

    def _new_together(self, entries: Sequence[Note], told: Told) -> list[str]:
        """Return the foods of this day that the diary had not seen before, if this adds one."""
        close = [one for one in entries if abs(_time(one) - told.when) < APART]
        earlier = {food for one in entries if one not in close for food in one["foods"]}
        seen = {food for one in entries for food in one["foods"]}
        if not set(told.foods) - seen:
            return []
        unsure = (food for one in close if not one["fine"] for food in one["foods"])
        together = dict.fromkeys([*told.foods, *unsure])
        return [food for food in together if food not in earlier][:MAX_NAMED]

    def _when(self, found: Recognition, now: datetime) -> datetime:
        """Return the time that a message speaks of: "an hour ago", "at lunch", "on monday"."""
        for length in durations(found.text, now.date()):
            if length.kind == "ago":
                return now - min(timedelta(hours=min(length.hours, 10_000.0)), LONGEST_AGO)
        hour = next((match.key for match in self._times.matches(found.doc)), None)
        days = self._days_back(found, now)
        at = now - timedelta(days=days)
        clock = _clock(found.text, hour)
        if clock:
            return at.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0)
        if hour is not None:
            return at.replace(hour=int(hour), minute=0, second=0, microsecond=0)
        return at

    def _days_back(self, found: Recognition, now: datetime) -> int:
        days = next((match.key for match in self._days.matches(found.doc)), None)
        if days is not None:
            return int(days)
        words = [token.text for token in found.doc]
        for index, name in enumerate(self._words.weekdays):
            if name in words:
                return (now.weekday() - index) % 7
        return 0

    def _reply(
        self,
        lines: Sequence[str],
        results: Sequence[GateResult],
        told: Told,
        foods: Sequence[str],
    ) -> Reply:
        words = self._words
        named = [str(self._gates.items[one.item].topic) for one in results]
        topics = dict.fromkeys([TOPIC, *named] if told.reaction else named)
        keys = dict.fromkeys(key for one in results for key in one.sources)
        card: dict[str, Any] = {
            "title": words.title,
            "do": list(lines),
            "sources": [
                {"key": key, **self._sources[key].dict(include={"title", "url", "year"})}
                for key in keys
                if key in self._sources
            ],
            "note": words.note,
        }
        buttons = [Button(words.show_button, "/diary_show")]
        verdicts = {one.item: one.verdict for one in results}
        if told.reaction:
            held = (Verdict.AVOID, Verdict.NOT_YET)
            verdicts |= {
                food: Verdict.ASK_CLINICIAN for food in foods if verdicts.get(food) not in held
            }
            buttons += [
                Button(words.allergy_button, "/ask_food_allergy"),
                Button(words.note_button, "/ask_note"),
            ]
        return Reply(
            text="\n".join(line for line in lines if line),
            level=Level.ROUTINE,
            topics=tuple(topics) or (SOLIDS,),
            rules=tuple(dict.fromkeys(["diary", *(rule for one in results for rule in one.rules)])),
            verdicts=verdicts,
            buttons=tuple(buttons),
            card=card,
        )


def reacted_foods(entries: Iterable[Note]) -> frozenset[str]:
    """Return the foods that something followed, unless a later try of them went well."""
    foods: set[str] = set()
    for entry in entries:
        if entry["reaction"]:
            foods |= {*entry["foods"]}
        elif entry["fine"]:
            foods -= {*entry["foods"]}
    return frozenset(foods)


def day_words(when: str) -> str:
    """Return the day of an ISO time as parents write it: "3 March"."""
    day = datetime.fromisoformat(when)
    return f"{day.day} {day:%B}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _time(entry: Note) -> datetime:
    return datetime.fromisoformat(entry["when"])


def _told_at(entry: Note) -> datetime:
    """Return when an entry was told; one of an older version tells only when it was."""
    return datetime.fromisoformat(entry.get("told") or entry["when"])


def _add_reaction(entry: Note, said: str) -> None:
    """Add what followed to an entry, once."""
    known = [entry["reaction"]] if entry["reaction"] else []
    said = said.replace(REACTIONS_APART, ", ")
    if said not in entry["reaction"].split(REACTIONS_APART):
        entry["reaction"] = REACTIONS_APART.join([*known, said])


def _last_food(entries: Sequence[Note], told: Told) -> Note | None:
    """Return the last entry with a food that what was told now belongs to.

    Without "later" or the like only the hours of watching count: blaming a food for a flare some
    days on would cut foods for nothing.
    """
    window = REACTION_WINDOW if told.follows or told.fine else WATCHED
    for entry in reversed(entries):
        if entry["foods"]:
            return entry if told.when - _time(entry) < window else None
    return None


def _clock(text: str, part: str | None) -> tuple[int, int] | None:
    """Return hour and minute of a clock time; a bare hour from 1 to 7 is in the afternoon."""
    match = _CLOCK.search(text)
    if not match:
        return None
    first, second = match.groups()[:3], match.groups()[3:]
    hour_words, minute, half = first if first[0] else second
    hour = int(hour_words)
    if hour > 24 or int(minute or 0) > 59:
        return None
    half = (half or "").lower()
    afternoon = half == "pm" or (not half and (1 <= hour <= 7 or (part and int(part) > 12)))
    if afternoon and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return hour % 24, int(minute or 0)


def _numbered(phrases: PhraseSet, groups: Mapping[int, Sequence[str]]) -> PhraseSet:
    for number, wordings in groups.items():
        phrases.add(str(number), wordings)
    return phrases


def load_diary(data: Path, content: Content, gates: Gates, recogniser: Recogniser) -> Diary:
    """Read the diary's words below the data folder.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    words = validated(read_yaml(data / "words" / "diary.yml"), DiaryFile).diary_words
    return Diary(words, recogniser, gates, content.sources)
