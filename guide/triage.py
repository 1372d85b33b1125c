"""From findings and facts to a level: a pure function over the danger signs of the lexicon.

The criteria are data (`signs` in `data/lexicon/`); their clinical sources stand beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from guide.lexicon import FEVER, LOW_TEMPERATURE, MEASURED, Criterion, Lexicon, Sign
from guide.model import FEVER_C, LOW_C, Level

RAISED_C = 37.5
"""Below it no reading, wherever it was taken, hides a fever."""


@dataclass(frozen=True)
class Situation:
    """What is known when a message has been understood.

    Attributes:
        present: findings that hold now (told in this message or a little while ago).
        new: those of them, and the computed ones, that this message told or changed.
        uncertain: findings told as possible.
        ended: findings that ended yesterday in a baby now well.
        imagined: findings asked about, not reported.
        age_months: the age to use for thresholds, or None.
        temperature_c: the reading that counts, in °C, or None.
        carried: those of `new` that it told only by what earlier messages told ("still dry").
        lasting: hours that findings have lasted, by finding id.
        told_lasting: those that this message tells by itself.
        conditions: conditions of the baby.
        country: ISO country code, or None.
    """

    present: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    uncertain: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    imagined: frozenset[str] = frozenset()
    age_months: float | None = None
    temperature_c: float | None = None
    carried: frozenset[str] = frozenset()
    lasting: Mapping[str, float] = field(default_factory=dict)
    told_lasting: Mapping[str, float] = field(default_factory=dict)
    conditions: frozenset[str] = frozenset()
    country: str | None = None


@dataclass(frozen=True)
class Outcome:
    """The decision on one message.

    Attributes:
        level: the level owed.
        signs: ids of the signs that are met at that level, the first to be said first.
        carer_signs: emergency signs of the carer, said beside a sign of the baby.
        asked: ids of the signs that a safety check should ask about.
        imagined: whether danger signs were asked about rather than reported.
    """

    level: Level = Level.NONE
    signs: tuple[str, ...] = ()
    carer_signs: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    imagined: bool = False


def triage(lexicon: Lexicon, situation: Situation) -> Outcome:
    """Decide the level of a message: the most urgent sign that is met, or a safety check.

    A sign is said when this message adds to it. One that only holds if something uncertain is
    true asks for a safety check; one that ended yesterday in a baby now well comes down a level
    (emergency to urgent). A sign that is only imagined raises nothing.
    """
    met = _met(lexicon, situation, situation.present)
    said = {name: sign for name, sign in met.items() if _touches(sign, situation.new, situation)}
    ended = _met(lexicon, situation, situation.present | situation.ended)
    possible = _met(lexicon, situation, situation.present | situation.uncertain)
    levels = {name: sign.level for name, sign in said.items()}
    for name, sign in ended.items():
        if name not in met and sign.level is Level.EMERGENCY:
            levels[name] = Level.URGENT
    asked = tuple(
        name
        for name, sign in possible.items()
        if name not in met and sign.level in (Level.EMERGENCY, Level.URGENT, Level.CHECK)
    )
    level = Level.highest(levels.values())
    if asked and level.rank < Level.CHECK.rank:
        level = Level.CHECK
    top = [name for name, own in levels.items() if own is level]
    carer = tuple(name for name in top if lexicon.signs[name].who == "carer")
    baby = tuple(name for name in top if lexicon.signs[name].who == "baby")
    imagined = _met(lexicon, situation, situation.present | situation.imagined)
    return Outcome(
        level=level,
        signs=(baby or carer),
        carer_signs=carer if baby else (),
        asked=asked if level is Level.CHECK else (),
        imagined=any(
            name not in met and sign.level in (Level.EMERGENCY, Level.URGENT)
            for name, sign in imagined.items()
        ),
    )


def is_met(sign: Sign, situation: Situation) -> bool:
    """Tell whether a sign holds in the situation, whoever told what it rests on, and when."""
    return any(_holds(criterion, situation.present, situation) for criterion in sign.when)


def is_settled(sign: Sign, situation: Situation) -> bool:
    """Tell whether a sign that doesn't hold by the rules is explained by what is told now.

    "Blood in her nappy", then "just a streak": the second reader had feared for more.
    """
    return not is_met(sign, situation) and any(
        _holds(criterion, situation.present, situation)
        and not situation.new.isdisjoint((*criterion.all, *criterion.any))
        for criterion in sign.settled
    )


def _met(lexicon: Lexicon, situation: Situation, present: frozenset[str]) -> dict[str, Sign]:
    """Return the signs that are met when `present` holds, in the order of the lexicon."""
    return {
        name: sign
        for name, sign in lexicon.signs.items()
        if not (sign.needs and sign.needs.isdisjoint(present))
        and any(_holds(criterion, present, situation) for criterion in sign.when)
    }


def _holds(criterion: Criterion, present: frozenset[str], situation: Situation) -> bool:
    return (
        all(name in present for name in criterion.all)
        and (not criterion.any or any(name in present for name in criterion.any))
        and (not criterion.also or any(name in present for name in criterion.also))
        and not any(name in present for name in criterion.none)
        and (not criterion.two_of or sum(name in present for name in criterion.two_of) >= 2)
        and fits_age(criterion, situation.age_months)
        and fits_temperature(criterion, situation.temperature_c)
        and all(
            name in present and situation.lasting.get(name, 0.0) >= hours
            for name, hours in criterion.lasting.items()
        )
        and (not criterion.conditions or not situation.conditions.isdisjoint(criterion.conditions))
        and (not criterion.countries or situation.country in criterion.countries)
        and situation.country not in criterion.not_countries
    )


def fits_age(criterion: Criterion, age: float | None) -> bool:
    """Tell whether a criterion's bounds hold at an age in months, or at an unknown one."""
    if criterion.age_unknown is not None and (age is None) != criterion.age_unknown:
        return False
    if age is None:
        return criterion.age_below is None and criterion.age_from is None
    if criterion.age_below is not None and age >= criterion.age_below:
        return False
    return criterion.age_from is None or age >= criterion.age_from


def fits_temperature(criterion: Criterion, temperature: float | None) -> bool:
    """Tell whether a criterion's bounds hold at a reading in °C, or with none."""
    lowest, highest = criterion.temperature_from, criterion.temperature_below
    if temperature is None:
        return lowest is None and highest is None
    return (lowest is None or temperature >= lowest) and (highest is None or temperature < highest)


def measured_by(reading: float | None) -> set[str]:
    """Return the finding that a reading in °C stands for, if any."""
    if reading is None:
        return set()
    if reading >= FEVER_C:
        return {FEVER}
    return {LOW_TEMPERATURE} if reading < LOW_C else set()


def fits_reading(criterion: Criterion, reading: float) -> bool:
    """Tell whether a reading in °C leaves room for a criterion, which may name its finding."""
    missed = MEASURED - measured_by(reading)
    ruled_out = not missed.isdisjoint(criterion.all) or (
        bool(criterion.any) and missed.issuperset(criterion.any)
    )
    return fits_temperature(criterion, reading) and not ruled_out


def _touches(sign: Sign, new: frozenset[str], situation: Situation) -> bool:
    """Tell whether this message told something that the sign's met criteria rest on."""
    for criterion in sign.when:
        if not _holds(criterion, situation.present, situation):
            continue
        rests_on = {
            *criterion.all,
            *criterion.any,
            *criterion.also,
            *criterion.two_of,
            *criterion.lasting,
        }
        if criterion.age_below is not None or criterion.age_from is not None:
            rests_on.add("age")
        if criterion.temperature_from is not None or criterion.temperature_below is not None:
            rests_on.add("temperature")
        if criterion.conditions:
            rests_on.add("conditions")
        if not new.isdisjoint(rests_on):
            return True
    return False
