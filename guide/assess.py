"""One message, assessed: what it says, what is known after it, and how urgent it is.

This is the one entry for the NLU component and for the channels' look-out before the lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from guide.context import Status
from guide.languages import in_latin_letters
from guide.lexicon import Lexicon
from guide.memory import FactUpdate, update
from guide.model import Facts, Level
from guide.quantities import durations, temperatures
from guide.reading import Reading, is_talk
from guide.recogniser import Recogniser, Recognition
from guide.second_opinion import (
    GENERIC,
    HELP,
    explains_away,
    impression_of,
    tells_little,
    weighed,
)
from guide.second_reader import Impression, SecondReader
from guide.triage import FEVER_C, LOW_C, RAISED_C, Outcome, Situation, is_met, triage
from guide.weighing import features

REMEMBERED = timedelta(hours=24)
"""How long a finding of an earlier message still counts."""

TEMPERATURE = "temperature"
"""The key under which `Memory.reported` keeps when the temperature was told."""

FEVER = "fever"
"""The finding that a word tells, and that a reading stands for."""

SAID = 2
"""So many messages before this one are read with it, as long as none of them was alarming."""

MAX_SAID = 300
"""Longest part of them that is kept, in characters."""

CLAUSE_END = re.compile(r"[,;.!?\n]|\bbut\b|(?<!\bon )\band\b(?! on\b)")
"""What ends a clause; "on and off" doesn't."""

WELL = "well_again"
"""The finding that the baby looks well: no end of an alarm that looking well doesn't settle."""

CLOSING = (HELP, "false_alarm", WELL, "explained_away")

AGAIN = "happening_again"
"""The finding that what was over has come back."""

OVER = "alarm_over"
"""The intent of words that end an alarm; with none open they may tell of one."""


@dataclass(frozen=True)
class Memory:
    """What a conversation remembers beside the facts.

    Attributes:
        reported: ISO times at which findings were told, by finding id.
        open_alarm: id of the emergency sign that is not closed yet, or None.
        asked: ids of signs that a safety check has asked about; nobody is asked twice.
        said: the last messages, as long as they were calm, the oldest first.
        alarming: the message that opened the alarm, as typed.
        closed: id of the emergency sign that was closed last, or None.
    """

    reported: Mapping[str, str] = field(default_factory=dict)
    open_alarm: str | None = None
    asked: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    alarming: str = ""
    closed: str | None = None


@dataclass(frozen=True)
class Assessment:
    """What a message comes to.

    Attributes:
        recognition: what was recognised in it.
        update: the facts after it, with what changed.
        outcome: the triage decision on it.
        memory: what to remember after it.
        closes: it ends the open alarm.
        still_open: the alarm of an earlier message goes on.
        impression: what the second reader makes of the message by itself.
        evidence: what was weighed, by name; empty without the second reader.
    """

    recognition: Recognition
    update: FactUpdate
    outcome: Outcome
    memory: Memory
    closes: bool = False
    still_open: bool = False
    impression: Impression | None = None
    evidence: Mapping[str, float] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """Return the level owed: an open alarm keeps it at emergency."""
        return Level.EMERGENCY if self.still_open else self.outcome.level


def assess(
    recogniser: Recogniser,
    text: str,
    facts: Facts,
    memory: Memory,
    now: datetime,
    expecting: str | None = None,
    reader: SecondReader | None = None,
    reading: Reading | None = None,
) -> Assessment:
    """Assess `text`.

    Args:
        recogniser: the recogniser.
        text: the message as typed.
        facts: what was known before it.
        memory: what was remembered before it.
        now: the time of the message.
        expecting: the fact that the bot has just asked for ("age"), or None.
        reader: reads the message as a whole, beside the rules; None leaves it to the rules.
        reading: what the intent classifier takes the message for, where it was asked.
    """
    recognition = recogniser(text)
    memory = _with_confirmed(memory, recogniser.lexicon, now)
    memory = _only_emergencies_stay_open(memory, recogniser.lexicon)
    fact_update = update(
        _current(facts, memory, now), text, now.date(), expecting=expecting, found=recognition.facts
    )
    situation, reported = _situation(recognition, fact_update, facts, memory, now)
    outcome = _with_foreign_danger(triage(recogniser.lexicon, situation), recognition)
    if memory.open_alarm:
        outcome = _by_itself(outcome, recogniser.lexicon, situation)
    closes = _closes(recognition, outcome, memory) or _is_corrected(
        outcome, memory, facts, situation, recogniser.lexicon
    )
    evidence: Mapping[str, float] = {}
    reader = reader if _can_be_weighed(recognition) else None
    if reader and not closes:
        told_only = _is_told_only(recognition, fact_update, memory, reading)
        if outcome.level.rank >= Level.CHECK.rank or not told_only:
            outcome, evidence = _with_second_opinion(
                outcome, recognition, memory, situation, reader
            )
        closes = _is_explained(outcome, memory, reader, recognition)
    outcome = _without_repeats(_reopened(outcome, recognition, memory), memory)
    open_alarm = _open_alarm(outcome, None if closes else memory.open_alarm)
    return Assessment(
        recognition=recognition,
        update=fact_update,
        outcome=outcome,
        memory=Memory(
            reported={} if closes else reported,
            open_alarm=open_alarm,
            asked=tuple(dict.fromkeys([*memory.asked, *_questions(outcome)])),
            said=_said(memory.said, recognition, outcome),
            alarming=_alarming(memory.alarming, recognition, outcome, open_alarm),
            closed=None if open_alarm else (memory.open_alarm or memory.closed),
        ),
        closes=closes,
        still_open=bool(memory.open_alarm and open_alarm and outcome.level is not Level.EMERGENCY),
        impression=reader.read(recognition.text) if reader else None,
        evidence=evidence,
    )


def assess_turns(
    recogniser: Recogniser, turns: Iterable[str], now: datetime, reader: SecondReader | None = None
) -> Iterator[Assessment]:
    """Yield the assessment of each message of a conversation, all of them said at `now`."""
    facts, memory = Facts(), Memory()
    for text in turns:
        assessed = assess(recogniser, text, facts, memory, now, reader=reader)
        facts, memory = assessed.update.facts, assessed.memory
        yield assessed


def _with_second_opinion(
    outcome: Outcome,
    recognition: Recognition,
    memory: Memory,
    situation: Situation,
    reader: SecondReader,
) -> tuple[Outcome, Mapping[str, float]]:
    """Return the outcome weighed with what the second reader hears, and what was weighed."""
    # A rule's own question stands for what was told before; this message alone may outdo it.
    before = () if outcome.level is Level.CHECK else memory.said
    impression = impression_of(reader, recognition.text, before)
    evidence = features(outcome, impression, recognition, _told_now(situation, memory))
    shares = reader.weights(evidence)
    both = weighed(outcome, shares, impression, recognition, memory.asked, situation)
    lowered = both.level.rank < outcome.level.rank
    kept = lowered and _rests_on_before(outcome, recognition.lexicon, situation)
    return (outcome if kept else both), evidence


def _said(before: tuple[str, ...], recognition: Recognition, outcome: Outcome) -> tuple[str, ...]:
    """Return what is read with the next message.

    An alarm or a question has been dealt with, and another language would only confuse.
    """
    if outcome.level.rank >= Level.CHECK.rank or recognition.foreign:
        return ()
    return (*before, recognition.text[-MAX_SAID:])[-SAID:]


def _alarming(
    before: str, recognition: Recognition, outcome: Outcome, open_alarm: str | None
) -> str:
    """Return the words that a later message may explain: none where a bare fact raised the alarm.

    "38.3", then "5 weeks": nothing that is said next makes a harmless story of the age.
    """
    if outcome.level is Level.EMERGENCY:
        return "" if tells_little(recognition) else recognition.text[-MAX_SAID:]
    return before if open_alarm else ""


def _is_explained(
    outcome: Outcome, memory: Memory, reader: SecondReader, recognition: Recognition
) -> bool:
    if not (memory.open_alarm and memory.alarming) or outcome.level.rank > Level.CHECK.rank:
        return False
    return not tells_little(recognition) and explains_away(
        reader, memory.alarming, recognition.text
    )


def _can_be_weighed(recognition: Recognition) -> bool:
    """Tell whether the second reader may speak: it knows little but English, and no other letters.

    Words of danger in another language count by themselves.
    """
    abroad = recognition.foreign is not None and recognition.foreign.is_danger
    return not abroad and in_latin_letters(recognition.text)


def _is_told_only(
    recognition: Recognition, fact_update: FactUpdate, memory: Memory, reading: Reading | None
) -> bool:
    """Tell whether a message only tells a fact, or is small talk: no sign is to be heard in it."""
    another = fact_update.another_child and not recognition.findings
    if another or reading is None:
        return another
    return is_talk(reading) and bool(memory.open_alarm or reading.intent != OVER)


def _reopened(outcome: Outcome, recognition: Recognition, memory: Memory) -> Outcome:
    """Raise an alarm that was closed again: "he's pink now", then "it's happening again"."""
    again = AGAIN in recognition.with_status(Status.PRESENT, Status.UNCERTAIN)
    if not (memory.closed and again) or outcome.level is Level.EMERGENCY:
        return outcome
    return Outcome(Level.EMERGENCY, (memory.closed,))


def _with_confirmed(memory: Memory, lexicon: Lexicon, now: datetime) -> Memory:
    """Remember what a sign that is less than an emergency rests on, after "yes" to its check.

    "He might have a fever", "yes": an age of 2 months told next must meet a fever.
    """
    sign = lexicon.signs.get(memory.open_alarm or "")
    if sign is None or sign.level is Level.EMERGENCY:
        return memory
    first = sign.when[0]
    confirmed = first.all or first.any[:1]
    at = now.isoformat(timespec="seconds")
    return replace(memory, reported=dict.fromkeys(confirmed, at) | dict(memory.reported))


def _only_emergencies_stay_open(memory: Memory, lexicon: Lexicon) -> Memory:
    sign = lexicon.signs.get(memory.open_alarm or "")
    return memory if sign and sign.level is Level.EMERGENCY else replace(memory, open_alarm=None)


def _situation(
    recognition: Recognition,
    fact_update: FactUpdate,
    before: Facts,
    memory: Memory,
    now: datetime,
) -> tuple[Situation, dict[str, str]]:
    lexicon = recognition.lexicon
    always = {name for name, finding in lexicon.findings.items() if finding.always}
    lasting = {name for name, finding in lexicon.findings.items() if finding.lasting}
    told = recognition.with_status(Status.PRESENT) | (
        recognition.with_status(Status.PAST, Status.HYPOTHETICAL, Status.CLEARED, Status.OTHER)
        & always
    )
    told |= recognition.with_status(Status.PAST, Status.RECENT) & lasting
    doubted = _doubted_by_reading(recognition.text, now.date()) if FEVER in told else set()
    told -= doubted
    denied = recognition.with_status(Status.NEGATED, Status.CLEARED)
    earlier = {
        name
        for name, at in memory.reported.items()
        if now - datetime.fromisoformat(at) < REMEMBERED and name not in denied
    }
    facts = fact_update.facts
    temperature = facts.temperature_c
    measured = _measured(temperature)
    changed = {
        name
        for name, old, new in (
            ("age", before.safe_age_on(now.date()), facts.safe_age_on(now.date())),
            ("temperature", before.temperature_c, temperature),
            ("conditions", before.conditions, facts.conditions),
        )
        if new != old and new is not None
    }
    at = now.isoformat(timespec="seconds")
    reported = {name: memory.reported[name] for name in earlier} | dict.fromkeys(told, at)
    if "temperature" in changed:
        reported[TEMPERATURE] = at
    elif temperature is not None:
        reported[TEMPERATURE] = memory.reported.get(TEMPERATURE, at)
    situation = Situation(
        present=frozenset(told | earlier | measured),
        new=frozenset(told | changed | (measured if "temperature" in changed else set())),
        uncertain=frozenset(recognition.with_status(Status.UNCERTAIN) | doubted),
        ended=frozenset(recognition.with_status(Status.RECENT)),
        imagined=frozenset(recognition.with_status(Status.HYPOTHETICAL)),
        age_months=facts.safe_age_on(now.date()),
        temperature_c=temperature,
        lasting=_lasting(recognition, now.date()),
        conditions=facts.conditions,
        country=facts.country,
    )
    return situation, reported


def _current(facts: Facts, memory: Memory, now: datetime) -> Facts:
    """Return the facts without a temperature that is too old to count."""
    told = memory.reported.get(TEMPERATURE)
    if told and now - datetime.fromisoformat(told) >= REMEMBERED:
        return facts.with_(temperature_c=None)
    return facts


def _measured(temperature: float | None) -> set[str]:
    if temperature is None:
        return set()
    if temperature >= FEVER_C:
        return {FEVER}
    return {"low_temperature"} if temperature < LOW_C else set()


def _doubted_by_reading(text: str, day: date) -> set[str]:
    """Return the fever that is named beside a normal reading: "37.3, is that a fever?"."""
    readings = [one.celsius for one in temperatures(text, day)]
    return {FEVER} if readings and LOW_C <= max(readings) < RAISED_C else set()


def _lasting(recognition: Recognition, day: date) -> dict[str, float]:
    """Return the hours told in the same sentence as each finding, or beside a fever's reading."""
    lasting: dict[str, float] = {}
    text, lengths = recognition.text, durations(recognition.text, day)
    read = temperatures(text, day) if lengths else []
    fevers = [one for one in read if one.celsius >= FEVER_C and one.kind != "other"]
    for length in lengths:
        if length.kind not in ("lasting", "ago"):
            continue
        sentence = recognition.sentence_at(length.start)
        for found in recognition.findings:
            if found.sentence == sentence:
                lasting[found.id] = max(lasting.get(found.id, 0.0), length.hours)
        beside = (text[one.end : length.start] for one in fevers)
        if length.kind == "lasting" and any(map(_goes_on, beside)):
            lasting[FEVER] = max(lasting.get(FEVER, 0.0), length.hours)
    return lasting


def _goes_on(between: str) -> bool:
    """Tell whether one clause goes on over the words between a reading and a length of time."""
    return bool(between) and not CLAUSE_END.search(between)


def _by_itself(outcome: Outcome, lexicon: Lexicon, situation: Situation) -> Outcome:
    """Return an emergency only for what this message tells: an open alarm stands by itself.

    After "he won't wake", a question about a food must not turn the alarm into another one.
    """
    if outcome.level is not Level.EMERGENCY:
        return outcome
    alone = triage(lexicon, replace(situation, present=situation.new))
    return outcome if alone.level is Level.EMERGENCY else Outcome(Level.ROUTINE)


def _told_now(situation: Situation, memory: Memory) -> Situation:
    """Return the situation without the reading that has raised the open alarm already."""
    if memory.open_alarm and "temperature" not in situation.new:
        return replace(situation, temperature_c=None)
    return situation


def _rests_on_before(outcome: Outcome, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether an alarm rests on what earlier messages told, which only the rules remember.

    "My baby has a fever", then "he is 7 weeks": these words alone are calm.
    """
    reading = situation.temperature_c if "temperature" in situation.new else None
    alone = triage(lexicon, replace(situation, present=situation.new, temperature_c=reading))
    return outcome.level.rank > Level.CHECK.rank > alone.level.rank


def _with_foreign_danger(outcome: Outcome, recognition: Recognition) -> Outcome:
    """Raise the alarm for words of danger in another language."""
    foreign = recognition.foreign
    if foreign is None or not foreign.is_danger or outcome.level is Level.EMERGENCY:
        return outcome
    return Outcome(Level.EMERGENCY, (GENERIC[Level.EMERGENCY],))


def _closes(recognition: Recognition, outcome: Outcome, memory: Memory) -> bool:
    if not memory.open_alarm or outcome.level is Level.EMERGENCY:
        return False
    told = recognition.with_status(Status.PRESENT, Status.CLEARED, Status.RECENT, Status.PAST)
    closing = told.intersection(CLOSING)
    sign = recognition.lexicon.signs.get(memory.open_alarm)
    if outcome.level is Level.URGENT or (sign and sign.stays_when_well):
        closing -= {WELL}
    return bool(closing)


def _is_corrected(
    outcome: Outcome, memory: Memory, before: Facts, situation: Situation, lexicon: Lexicon
) -> bool:
    """Tell whether another age than the one told before takes the open alarm away.

    "38.5, 3 weeks", "3 years, not weeks": the alarm rested on the age alone.
    """
    sign = lexicon.signs.get(memory.open_alarm or "")
    if sign is None or outcome.level is Level.EMERGENCY or before.age_months is None:
        return False
    return "age" in situation.new and not is_met(sign, situation)


def _questions(outcome: Outcome) -> tuple[str, ...]:
    """Return the signs that a safety check asks about: the possible ones, else its own."""
    if outcome.level is not Level.CHECK:
        return ()
    return tuple(dict.fromkeys([*outcome.asked, *outcome.signs]))


def _without_repeats(outcome: Outcome, memory: Memory) -> Outcome:
    """Drop a safety check whose questions were all asked before."""
    if outcome.level is Level.CHECK and not set(_questions(outcome)) - set(memory.asked):
        return replace(outcome, level=Level.ROUTINE, signs=(), asked=())
    return outcome


def _open_alarm(outcome: Outcome, before: str | None) -> str | None:
    return outcome.signs[0] if outcome.level is Level.EMERGENCY else before
