"""One message, assessed: what it says, what is known after it, and how urgent it is.

This is the one entry for the NLU component and for the channels' look-out before the lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from guide.children import A_BABYS_MONTHS, OLDER_MONTHS, Subject, Whose, is_shared
from guide.context import Status
from guide.course import Course, Follower, Step, stamp
from guide.languages import in_latin_letters
from guide.lexicon import FEELS_HOT, FEVER, LOW_TEMPERATURE, Lexicon
from guide.memory import FactUpdate, is_own, is_recent, may_be_own, update
from guide.model import ILL_NOW, LOW_C, Facts, Level
from guide.quantities import temperatures
from guide.reading import Reading, is_talk
from guide.recogniser import Recogniser, Recognition
from guide.second_opinion import (
    GENERIC,
    HELP,
    asked_about,
    explains_away,
    impression_of,
    is_read_in_part,
    telling_part,
    tells_little,
    tells_only_harmless,
    weighed,
    words_beside,
)
from guide.second_reader import Impression, SecondReader
from guide.triage import (
    RAISED_C,
    Outcome,
    Situation,
    fits_age,
    is_met,
    is_settled,
    measured_by,
    triage,
)
from guide.weighing import features, is_vague, telling_words

CALM_TOGETHER = 0.95
"""Share of calm from which even a sentence that is nothing but a sign is asked about: a story."""

CALM_ALONE = 0.2
"""Share of calm from which the words that tell a sign of the rules are calm by themselves."""

FEVERS = frozenset({"fever_under_3_months", "low_temperature_young"})
"""The emergency signs of a child's age and its temperature alone."""

HEAT = frozenset({FEVER, FEELS_HOT, LOW_TEMPERATURE})
"""The findings that are of the one child whose temperature is told."""

REMEMBERED = timedelta(hours=24)
"""How long a finding of an earlier message still counts."""

TEMPERATURE = "temperature"
"""The key under which `Memory.reported` keeps when the temperature was told."""

SAID = 2
"""So many messages before this one are read with it, as long as none of them was alarming."""

MAX_SAID = 300
"""Longest part of them that is kept, in characters."""

WELL = "well_again"
"""The finding that the baby looks well: no end of an alarm that looking well doesn't settle."""

CARER_HELPED = "carer_helped"
"""The finding that the carer is not alone, or has called somebody: of no alarm of the baby."""

TAKEN_BACK = "taken_back"
"""The finding that what was told before was wrong: "sorry", "not 38.7"."""

CARE_NAMED = "care_named"
"""The finding that a clinician is named: a doctor who is closed explains no sign away."""

AT_CARE = "at_care"
"""The finding that a place of care is named as where one is: "at a&e"."""

CLOSING = (HELP, "false_alarm", WELL, "explained_away")

BARE_LENGTH = re.compile(r"\W*(about |nearly |almost |only )?\w+ ?(days?|weeks?|wks?)\W*")
"""A length of time and nothing else; "for 6 days" and "6 days now" are no age."""

AGAIN = "happening_again"
"""The finding that what was over has come back."""

WORSE, NOT_OVER = "gets_worse", "not_over"
"""The findings that it gets worse, and that it isn't over after all: "no wait"."""

TAKES_BACK = frozenset({"false_alarm", "explained_away", TAKEN_BACK})
"""The findings that take back what was told and say no more: "just kidding"."""

WORDS_BESIDE = 2
"""Most telling words that may stand beside "it's happening again" for it to mean the sign told."""

OVER = "alarm_over"
"""The intent of words that end an alarm; with none open they may tell of one."""


@dataclass(frozen=True)
class Memory:
    """What a conversation remembers beside the facts.

    Attributes:
        reported: ISO times at which findings were told, by finding id.
        open_alarm: id of the emergency sign that is open, the baby's before the carer's, or None.
        beside: id of the carer's emergency sign that is open beside the baby's, or None.
        asked: ids of signs that a safety check has asked about; nobody is asked twice.
        said: the last messages, as long as they were calm, the oldest first.
        alarming: the message that opened the alarm, as typed.
        closed: id of the emergency sign that was closed last, or None.
        closed_at: ISO time at which it was closed.
        over: ISO times at which findings were told as over, by finding id.
        asked_at: ISO time of the last safety check.
        course: since when, and how many times, what was told goes on.
    """

    reported: Mapping[str, str] = field(default_factory=dict)
    open_alarm: str | None = None
    beside: str | None = None
    asked: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    alarming: str = ""
    closed: str | None = None
    closed_at: str = ""
    over: Mapping[str, str] = field(default_factory=dict)
    asked_at: str = ""
    course: Course = field(default_factory=Course)


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
        told_at: ISO time of the message.
    """

    recognition: Recognition
    update: FactUpdate
    outcome: Outcome
    memory: Memory
    closes: bool = False
    still_open: bool = False
    impression: Impression | None = None
    evidence: Mapping[str, float] = field(default_factory=dict)
    told_at: str = ""

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
    expecting = expecting or _asked_fact(recognition, facts, memory)
    memory = _with_confirmed(_without_old_checks(memory, now), recogniser.lexicon, now)
    memory = _only_emergencies_stay_open(memory, recogniser.lexicon)
    fact_update = update(
        _current(facts, memory, now),
        recognition.text,
        now.date(),
        expecting=expecting,
        found=recognition.facts,
    )
    situation, reported, step = _situation(recognition, fact_update, facts, memory, now)
    outcome = _with_foreign_danger(triage(recogniser.lexicon, situation), recognition)
    doubted = _is_of_another_child(
        outcome, recognition, situation, facts
    ) or _may_be_the_older_ones(outcome, fact_update, facts, now.date())
    if doubted and not set(outcome.signs) <= set(memory.asked):
        outcome = asked_about(outcome)
    if step.only_ends and is_vague(outcome):
        outcome = Outcome(Level.ROUTINE)
    if memory.open_alarm:
        outcome = _by_itself(outcome, recognition, situation, memory)
    ended = _ended(recognition, outcome, memory)
    other = fact_update.facts.other_on(now.date())
    corrected = _is_corrected(outcome, memory, situation, recognition, other)
    if corrected:
        ended = memory.open_alarm
    evidence: Mapping[str, float] = {}
    reader = reader if _can_be_weighed(recognition) else None
    if reader and not ended:
        told_only = step.only_ends or _is_told_only(recognition, fact_update, memory, reading)
        if outcome.level.rank >= Level.CHECK.rank or not told_only:
            before = () if fact_update.of_sibling or doubted else memory.said
            outcome, evidence = _with_second_opinion(
                outcome, recognition, replace(memory, said=before), situation, reader
            )
        if _is_explained(outcome, memory, reader, recognition):
            ended = memory.open_alarm
    outcome = _without_repeats(_reopened(outcome, recognition, memory, now), memory)
    outcome = _still_named(outcome, memory, recogniser.lexicon)
    outcome = _together(outcome, memory, recogniser.lexicon)
    after = _remembered(
        replace(memory, course=step.course), recognition, outcome, ended, reported, now
    )
    return Assessment(
        recognition=recognition,
        update=fact_update,
        outcome=outcome,
        memory=after,
        # A reading put right may still need a doctor today: that is said, not thanks.
        closes=bool(ended and not after.open_alarm)
        and not (corrected and outcome.level is Level.URGENT),
        still_open=bool(after.open_alarm and outcome.level is not Level.EMERGENCY),
        impression=reader.read(recognition.text) if reader else None,
        evidence=evidence,
        told_at=stamp(now),
    )


def _asked_fact(recognition: Recognition, facts: Facts, memory: Memory) -> str | None:
    """Return "age_months" where a fever waits for the age and the message may be nothing else.

    "Fever 38.5", then "6 days": it may be the age as well as how long, so the worse counts.
    """
    signs = recognition.lexicon.signs
    waits = any(signs[name].waits_for_age for name in memory.asked if name in signs)
    bare = BARE_LENGTH.fullmatch(recognition.text.lower())
    return "age_months" if waits and bare and facts.age_months is None else None


def assess_turns(
    recogniser: Recogniser, turns: Iterable[str], now: datetime, reader: SecondReader | None = None
) -> Iterator[Assessment]:
    """Yield the assessment of each message of a conversation, all of them said at `now`."""
    facts, memory = Facts(), Memory()
    for text in turns:
        assessed = assess(recogniser, text, facts, memory, now, reader=reader)
        facts, memory = assessed.update.facts, assessed.memory
        yield assessed


def _remembered(
    before: Memory,
    recognition: Recognition,
    outcome: Outcome,
    ended: str | None,
    reported: Mapping[str, str],
    now: datetime,
) -> Memory:
    """Return what is remembered after a message that ended the sign `ended`, or none."""
    opened = outcome.level is Level.EMERGENCY
    named = (outcome.signs[0], *outcome.carer_signs[:1]) if opened else ()
    left = tuple(name for name in (before.open_alarm, before.beside) if name and name != ended)
    open_alarm, beside, *_ = (*(named or left), None, None)
    return Memory(
        reported=only_reading(reported) if ended and ended == before.open_alarm else reported,
        open_alarm=open_alarm,
        beside=beside,
        asked=tuple(dict.fromkeys([*before.asked, *_questions(outcome)])),
        said=() if ended else _said(before.said, recognition, outcome),
        # Of two alarms no story explains which.
        alarming="" if beside else _alarming(before.alarming, recognition, outcome, open_alarm),
        closed=None if opened else (ended or before.closed),
        closed_at="" if opened else (stamp(now) if ended else before.closed_at),
        over=_over(before, recognition, now),
        asked_at=stamp(now) if outcome.level is Level.CHECK else before.asked_at,
        course=Course() if ended and ended == before.open_alarm else before.course,
    )


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
    part = telling_part(outcome, recognition)
    skips = part.text and is_read_in_part(recognition)
    impression = impression_of(reader, part.text if skips else recognition.text, before)
    evidence = features(outcome, impression, recognition, _told_now(situation, memory))
    shares = reader.weights(evidence)
    both = weighed(outcome, shares, impression, recognition, memory.asked, situation)
    if both.level.rank >= outcome.level.rank:
        return both, evidence
    if _rests_on_before(outcome, recognition.lexicon, situation) or _says(recognition, AGAIN):
        return outcome, evidence
    text = part.text or (recognition.text if before else "")
    if not text or outcome.level.rank <= Level.CHECK.rank:
        return both, evidence
    # An alarm of the rules is dropped only where the words that tell it are calm by themselves.
    if part.plain:
        surely_calm = shares["routine"] >= CALM_TOGETHER
        return (asked_about(outcome) if surely_calm else outcome), evidence
    alone = reader.weights(features(outcome, reader.read(text), recognition, situation))
    if both.level.rank < Level.CHECK.rank and alone["routine"] < CALM_ALONE:
        both = asked_about(outcome)
    return both, evidence


def _said(before: tuple[str, ...], recognition: Recognition, outcome: Outcome) -> tuple[str, ...]:
    """Return what is read with the next message.

    An alarm or a question has been dealt with, and another language would only confuse. What is
    harmless tells it nothing: it would hear an alarm in it once more.
    """
    if outcome.level.rank >= Level.CHECK.rank or recognition.foreign:
        return ()
    if tells_only_harmless(recognition):
        return before
    return (*before, recognition.text[-MAX_SAID:])[-SAID:]


def _alarming(
    before: str, recognition: Recognition, outcome: Outcome, open_alarm: str | None
) -> str:
    """Return the words that a later message may explain: none where a bare fact raised the alarm.

    "38.3", then "5 weeks": nothing that is said next makes a harmless story of the age.
    """
    if outcome.level is Level.EMERGENCY:
        return recognition.text[-MAX_SAID:] if telling_words(recognition) else ""
    return before if open_alarm else ""


def _is_explained(
    outcome: Outcome, memory: Memory, reader: SecondReader, recognition: Recognition
) -> bool:
    if not (memory.open_alarm and memory.alarming) or outcome.level.rank > Level.CHECK.rank:
        return False
    if CARE_NAMED in {found.id for found in recognition.findings}:
        return False
    if _is_of_a_carer(memory.open_alarm, recognition) and _says(recognition, *TAKES_BACK):
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
    another = fact_update.another_child and not recognition.findings and tells_little(recognition)
    if another or reading is None:
        return another
    return is_talk(reading) and bool(memory.open_alarm or reading.intent != OVER)


def _over(before: Memory, recognition: Recognition, now: datetime) -> dict[str, str]:
    """Return what was told as over: "it's happening again" may follow."""
    told = recognition.with_status(Status.PAST, Status.RECENT, Status.CLEARED)
    kept = {name: at for name, at in before.over.items() if _is_remembered(at, now)}
    return kept | dict.fromkeys(told, stamp(now))


def _says(recognition: Recognition, *names: str) -> bool:
    """Tell whether a message says one of the findings `names`, and hardly more."""
    said = [
        found
        for found in recognition.findings
        if found.id in names and found.status in (Status.PRESENT, Status.UNCERTAIN)
    ]
    told = recognition.lexicon.findings
    more = any(told[found.id].symptom for found in recognition.findings if found not in said)
    if not said or more or recognition.items:
        return False
    return len(words_beside(recognition, said, recognition.doc)) <= WORDS_BESIDE


def _reopened(outcome: Outcome, recognition: Recognition, memory: Memory, now: datetime) -> Outcome:
    """Raise an alarm that was closed again: "he's pink now", then "it's happening again"."""
    again = AGAIN in recognition.with_status(Status.PRESENT, Status.UNCERTAIN)
    again = again or _says(recognition, WORSE, NOT_OVER)
    if not (memory.closed and again) or outcome.level is Level.EMERGENCY:
        return outcome
    if not _is_remembered(memory.closed_at, now):
        return outcome
    return Outcome(Level.EMERGENCY, (memory.closed,))


def _still_named(outcome: Outcome, memory: Memory, lexicon: Lexicon) -> Outcome:
    """Keep the open sign's own words where a message sounds alarming and names no sign.

    "Lips are blue", then "hurry, what do I do".
    """
    name = memory.open_alarm
    if name is None or lexicon.signs[name].who != "baby":
        return outcome
    unnamed = outcome.signs == (GENERIC[Level.EMERGENCY],)
    return replace(outcome, signs=(name,)) if unnamed else outcome


def _together(outcome: Outcome, memory: Memory, lexicon: Lexicon) -> Outcome:
    """Say the baby's alarm and the carer's both, where one is open and the other is told now.

    "My baby is floppy", then "I want to die" (clinical-reference 1.1, rule 2).
    """
    if outcome.level is not Level.EMERGENCY or outcome.carer_signs:
        return outcome
    told = outcome.signs[0]
    before = [
        name
        for name in (memory.open_alarm, memory.beside)
        if name and lexicon.signs[name].who != lexicon.signs[told].who
    ]
    if not before:
        return outcome
    if lexicon.signs[told].who == "carer":
        return replace(outcome, signs=tuple(before), carer_signs=(told,))
    return replace(outcome, carer_signs=tuple(before))


def only_reading(reported: Mapping[str, str]) -> dict[str, str]:
    """Return when the reading was told, which stays a fact after an alarm; nothing else does."""
    return {name: at for name, at in reported.items() if name == TEMPERATURE}


def _without_old_checks(memory: Memory, now: datetime) -> Memory:
    """Forget what a safety check asked more than a day ago: it may be asked again."""
    return memory if _is_remembered(memory.asked_at, now) else replace(memory, asked=())


def _with_confirmed(memory: Memory, lexicon: Lexicon, now: datetime) -> Memory:
    """Remember what a sign that is less than an emergency rests on, after "yes" to its check.

    "He might have a fever", "yes": an age of 2 months told next must meet a fever.
    """
    sign = lexicon.signs.get(memory.open_alarm or "")
    if sign is None or sign.level is Level.EMERGENCY:
        return memory
    first = sign.when[0]
    confirmed = first.all or first.any[:1]
    at = stamp(now)
    return replace(memory, reported=dict.fromkeys(confirmed, at) | dict(memory.reported))


def _only_emergencies_stay_open(memory: Memory, lexicon: Lexicon) -> Memory:
    signs = ((name, lexicon.signs.get(name or "")) for name in (memory.open_alarm, memory.beside))
    names = (name for name, sign in signs if sign and sign.level is Level.EMERGENCY)
    open_alarm, beside, *_ = (*names, None, None)
    closed = memory.closed if memory.closed in lexicon.signs else None
    return replace(memory, open_alarm=open_alarm, beside=beside, closed=closed)


def _situation(
    recognition: Recognition,
    fact_update: FactUpdate,
    before: Facts,
    memory: Memory,
    now: datetime,
) -> tuple[Situation, dict[str, str], Step]:
    lexicon = recognition.lexicon
    always = {name for name, finding in lexicon.findings.items() if finding.always}
    lasting = {name for name, finding in lexicon.findings.items() if finding.lasting}
    told = recognition.with_status(Status.PRESENT) | (
        recognition.with_status(Status.PAST, Status.HYPOTHETICAL, Status.CLEARED, Status.OTHER)
        & always
    )
    told |= recognition.with_status(Status.PAST, Status.RECENT) & lasting
    if _says(recognition, AGAIN):
        told |= {name for name, at in memory.over.items() if _is_remembered(at, now)}
    child = fact_update.child
    another = child.whose is Whose.OTHER
    if fact_update.of_sibling:
        told -= HEAT
    doubted = _doubted_by_reading(recognition.text, now.date()) if FEVER in told else set()
    told -= doubted
    denied = recognition.with_status(Status.NEGATED, Status.CLEARED)
    earlier = {
        name
        for name, at in memory.reported.items()
        if _is_remembered(at, now) and name not in denied
    }
    if fact_update.baby_is_well:
        earlier -= HEAT
    facts = fact_update.facts
    temperature = fact_update.reading_c if another else facts.temperature_c
    measured = measured_by(temperature)
    changed = {
        name
        for name, old, new in (
            ("age", before.safe_age_on(now.date()), facts.safe_age_on(now.date())),
            ("conditions", before.conditions, facts.conditions),
        )
        if new != old and new is not None
    }
    of_baby = temperature is not None and not fact_update.of_sibling
    if of_baby and (another or _is_read(recognition.text, now.date())):
        changed |= {"temperature"}
    fresh = measured if "temperature" in changed else set()
    # Another child's fever is no longer told when the next message is the baby's.
    kept = told - HEAT if another else told
    step = Follower(
        recognition,
        kept if another else kept | fresh,
        denied,
        {name: memory.reported[name] for name in earlier},
        memory.course,
        now,
        aged="age" in changed,
        age_known=facts.age_months is not None,
    ).step()
    earlier -= step.ended
    at, now_told = stamp(now), told | step.carried
    reported = {name: memory.reported[name] for name in earlier}
    reported |= dict.fromkeys(kept | step.carried, at)
    if "temperature" in changed:
        reported[TEMPERATURE] = at
    elif facts.temperature_c is not None:
        reported[TEMPERATURE] = memory.reported.get(TEMPERATURE, at)
    situation = Situation(
        present=frozenset(now_told | earlier | measured),
        new=frozenset(now_told | changed | fresh),
        uncertain=frozenset(recognition.with_status(Status.UNCERTAIN) | doubted),
        ended=frozenset(recognition.with_status(Status.RECENT)),
        imagined=frozenset(recognition.with_status(Status.HYPOTHETICAL)),
        age_months=_age_of(child, facts.safe_age_on(now.date())),
        temperature_c=temperature,
        carried=step.carried,
        lasting=step.lasting,
        told_lasting=step.told,
        conditions=facts.conditions,
        country=facts.country,
    )
    return situation, reported, step


def _age_of(child: Subject, baby: float | None) -> float | None:
    """Return the age that counts: of two children the younger, where nothing says whose it is."""
    if child.whose is Whose.OTHER:
        return child.months
    if child.whose is Whose.UNKNOWN:
        return None
    known = [age for age in (child.months, baby) if age is not None]
    return min(known, default=None)


def _current(facts: Facts, memory: Memory, now: datetime) -> Facts:
    """Return the facts without a temperature, and an illness, that are too old to count."""
    told = memory.reported.get(TEMPERATURE)
    if told and not _is_remembered(told, now):
        return facts.with_(temperature_c=None, conditions=facts.conditions - {ILL_NOW})
    return facts


def _is_remembered(at: str, now: datetime) -> bool:
    """Tell whether what was told at an ISO time still counts."""
    return bool(at) and now - datetime.fromisoformat(at) < REMEMBERED


def _is_read(text: str, day: date) -> bool:
    """Tell whether a reading stands in a message, though it be the one told before."""
    return any(one.certain and may_be_own(one) for one in temperatures(text, day))


def _doubted_by_reading(text: str, day: date) -> set[str]:
    """Return the fever that is named beside a normal reading: "37.3, is that a fever?"."""
    readings = [one.celsius for one in temperatures(text, day) if is_own(one)]
    return {FEVER} if readings and LOW_C <= max(readings) < RAISED_C else set()


def _by_itself(
    outcome: Outcome, recognition: Recognition, situation: Situation, memory: Memory
) -> Outcome:
    """Return an emergency only for what this message tells: an open alarm stands by itself.

    After "he won't wake", a question about a food must not turn the alarm into another one; one
    more symptom may: "she keeps vomiting since the egg", then "and now hives".
    """
    told = recognition.lexicon.findings
    calls = HELP in recognition.with_status(Status.PRESENT)
    if calls and outcome.signs == (GENERIC[Level.EMERGENCY],):  # "calling 999" is no new cry
        return Outcome(Level.ROUTINE)
    more = recognition.with_status(Status.PRESENT) - set(memory.reported)
    if outcome.level is not Level.EMERGENCY or any(told[name].symptom for name in more):
        return outcome
    alone = triage(recognition.lexicon, replace(situation, present=situation.new))
    return outcome if alone.level is Level.EMERGENCY else Outcome(Level.ROUTINE)


def _is_of_another_child(
    outcome: Outcome, recognition: Recognition, situation: Situation, before: Facts
) -> bool:
    """Tell whether an alarm joins what was told of an older child to the age of a baby.

    "My 3 year old has 39.5", then "the baby is 6 weeks": that is asked about.
    """
    was, now = before.age_months, situation.age_months
    if outcome.level is not Level.EMERGENCY or "age" not in situation.new:
        return False
    of_older = (was is not None and was >= OLDER_MONTHS) or before.older_ill_on is not None
    younger = now is not None and now < A_BABYS_MONTHS and of_older
    shared = is_shared(recognition.text)
    if not younger or shared or _is_taken_back(recognition) or "temperature" in situation.new:
        return False
    return _alone(recognition.lexicon, situation).level is not Level.EMERGENCY


def _may_be_the_older_ones(
    outcome: Outcome, fact_update: FactUpdate, before: Facts, day: date
) -> bool:
    """Tell whether a fever may be that of the older child who had one: it is asked about once."""
    unclear = fact_update.child.whose is Whose.UNCLEAR and is_recent(before.older_ill_on, day)
    return outcome.level is Level.EMERGENCY and unclear and set(outcome.signs) <= FEVERS


def _is_taken_back(recognition: Recognition) -> bool:
    """Tell whether a message takes back what was told before: "sorry", "not 38.7"."""
    return TAKEN_BACK in recognition.with_status(Status.PRESENT, Status.NEGATED)


def _alone(lexicon: Lexicon, situation: Situation) -> Outcome:
    """Return what the rules say to this message without what earlier ones told."""
    reading = situation.temperature_c if "temperature" in situation.new else None
    own = situation.new - situation.carried
    return triage(
        lexicon,
        replace(
            situation,
            present=own,
            new=own,
            temperature_c=reading,
            lasting=situation.told_lasting,
        ),
    )


def _told_now(situation: Situation, memory: Memory) -> Situation:
    """Return the situation without the reading that has raised the open alarm already."""
    if memory.open_alarm and "temperature" not in situation.new:
        return replace(situation, temperature_c=None)
    return situation


def _rests_on_before(outcome: Outcome, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether an alarm rests on what earlier messages told, which only the rules remember.

    "My baby has a fever", then "he is 7 weeks": these words alone are calm. "Still no wet nappy"
    alone is less than what the hours since the first message make of it.
    """
    alone = _alone(lexicon, situation)
    if outcome.level.rank > Level.CHECK.rank > alone.level.rank:
        return True
    summed = replace(situation, lasting=situation.told_lasting)
    return triage(lexicon, summed).level.rank < outcome.level.rank


def _with_foreign_danger(outcome: Outcome, recognition: Recognition) -> Outcome:
    """Raise the alarm for words of danger in another language."""
    foreign = recognition.foreign
    if foreign is None or not foreign.is_danger or outcome.level is Level.EMERGENCY:
        return outcome
    return Outcome(Level.EMERGENCY, (GENERIC[Level.EMERGENCY],))


def _ended(recognition: Recognition, outcome: Outcome, memory: Memory) -> str | None:
    """Return the open sign that the words of a message end: the baby's, unless they say whose."""
    if not memory.open_alarm or outcome.level is Level.EMERGENCY:
        return None
    signs = recognition.lexicon.signs
    told = recognition.with_status(Status.PRESENT, Status.CLEARED, Status.RECENT, Status.PAST)
    closing = told.intersection(CLOSING) | ({HELP} if _says(recognition, AT_CARE) else set())
    denied = recognition.with_status(Status.NEGATED)
    for name in filter(None, (memory.beside, memory.open_alarm)):
        taken_back = closing and any(denied & one.needs for one in signs[name].when)
        if signs[name].who == "carer" and (CARER_HELPED in told or taken_back):
            return name
    # Who is in crisis, or is watched, may say that it was a joke.
    if _is_of_a_carer(memory.open_alarm, recognition):
        closing &= {HELP}
    if outcome.level is Level.URGENT or signs[memory.open_alarm].stays_when_well:
        closing -= {WELL}
    return memory.open_alarm if closing else None


def _is_of_a_carer(sign: str, recognition: Recognition) -> bool:
    return recognition.lexicon.signs[sign].who == "carer"


def _is_corrected(
    outcome: Outcome,
    memory: Memory,
    situation: Situation,
    recognition: Recognition,
    other: float | None,
) -> bool:
    """Tell whether another age or reading than the one told before takes the open alarm away.

    "38.5, 3 weeks", then "3 years, not weeks" or "sorry, 37.5": the alarm rested on that alone.
    So does what settles it: "black poo", then "he's on iron".
    The age of the baby takes no alarm of another, younger child away: it is `other` months old.
    """
    sign = recognition.lexicon.signs.get(memory.open_alarm or "")
    if sign is None or outcome.level is Level.EMERGENCY or is_met(sign, situation):
        return False
    told, age = situation.new, situation.age_months
    if other is not None:
        age = other if age is None else min(age, other)
    too_old = "age" in told and not any(fits_age(one, age) for one in sign.when)
    misread = "temperature" in told and sign.rests_on_reading and _is_taken_back(recognition)
    return too_old or misread or is_settled(sign, situation)


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
