"""The rules' outcome, weighed against what the second reader makes of the message as a whole.

Rules know exact things (ages, readings, hours, what was told turns ago); the second reader knows
wordings that nobody wrote down, and a harmless story when it hears one. Where they agree, the
rules' sign is said. Where only one of them sees danger, how sure the second reader is decides
between an alarm, a question and nothing. Clinical ground: clinical-reference 1.1, rules 10 (vague
alarm) and 11 (in doubt, the safe side).

The bounds were chosen on messages that the encoder was not trained on; see docs/safety.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from guide.context import Status
from guide.lexicon import Lexicon
from guide.model import Level
from guide.recogniser import Recognition
from guide.second_reader import TURN, Impression, SecondReader
from guide.triage import Outcome, Situation, fits_age

WORRY_SIGN = "worry_check"
"""The sign whose question opens a check on something that no rule is sure about."""
GENERIC = {Level.EMERGENCY: "generic_emergency", Level.URGENT: "something_wrong"}
"""What is said where the second reader is sure of a level and not of a sign."""
CARER_SIGNS = ("carer_suicide_or_self_harm", "carer_harm_to_baby")
"""What a parent in distress is asked about."""
MAX_ASKED = 2
"""Most signs that a check asks about, beside the general question."""
TOLD = (Status.PRESENT, Status.RECENT, Status.UNCERTAIN)
NAMED = 0.3
"""Lowest share at which the second reader's sign is said instead of the generic words."""
ASKED = 0.08
"""Lowest share at which a check asks about a sign."""
TELLING_WORDS = 2
"""Below so many words that may tell how a baby is, and no symptom, the rules decide alone."""

BRIEF_WORDS = 4
"""Below so many of them, a message without a sign of the rules is asked about at most."""

TOGETHER = 0.9
"""Share of any alarm from which what several messages say together counts."""

DENIAL_WORDS = 12
"""Longest message, in words, that can be a mere denial."""

EXPLAINED = 0.1
"""Share of any alarm, in both messages together, below which the second explains the first away."""

Signs = list[tuple[str, float]]
"""Signs with their shares, the likeliest first."""


@dataclass(frozen=True)
class Bounds:
    """Shares of the second reader from which a level is given, by what the rules say.

    Attributes:
        emergency: share of an emergency from which it is one.
        urgent: share of any alarm from which it is urgent at least.
        check: share of any alarm from which a question is asked.
        keep: share of any alarm below which the rules' alarm is only asked about.
        drop: share of any alarm below which it is taken for a harmless story.
    """

    emergency: float
    urgent: float
    check: float
    keep: float = 0.0
    drop: float = 0.0


BOUNDS = {
    Level.EMERGENCY: Bounds(emergency=0.0, urgent=0.0, check=0.0, keep=0.12, drop=0.05),
    Level.URGENT: Bounds(emergency=0.35, urgent=0.0, check=0.0, keep=0.08, drop=0.08),
    Level.CHECK: Bounds(emergency=0.9, urgent=0.9, check=0.0),
    Level.ROUTINE: Bounds(emergency=0.6, urgent=0.85, check=0.35),
    Level.NONE: Bounds(emergency=0.6, urgent=0.85, check=0.35),
}
VAGUE = Bounds(emergency=0.87, urgent=0.93, check=0.5)
"""The same where the rules' question is the general one, which rests on no sign of its own."""

BRIEF = Bounds(emergency=0.95, urgent=0.97, check=0.35)
"""The same for a few words without a sign of the rules: too little to be sure, enough to ask."""

FOREIGN = Bounds(emergency=0.9, urgent=0.9, check=0.9)
"""The same for a message in another language, of which the second reader knows little."""


def impression_of(reader: SecondReader, text: str, before: Sequence[str]) -> Impression:
    """Return what the second reader makes of `text`, alone or after the calm messages before it.

    "He is six weeks old", then "38.4": read together they count where they are plainly alarming.
    """
    alone = reader.read(text)
    if not before:
        return alone
    together = reader.read(TURN.join([*before, text]))
    plainly = together.alarm >= TOGETHER and together.emergency >= alone.emergency
    return together if plainly else alone


def explains_away(reader: SecondReader, alarm: str, text: str) -> bool:
    """Tell whether `text` makes a harmless story of the message that raised the alarm.

    "She's gone grey!!", then "omg no, the VEST has gone grey". A change of subject doesn't.
    """
    return reader.read(TURN.join([alarm, text])).alarm < EXPLAINED


def weighed(
    outcome: Outcome,
    impression: Impression,
    recognition: Recognition,
    asked: Collection[str],
    situation: Situation,
) -> Outcome:
    """Return the outcome of the rules and the second reader together.

    Args:
        outcome: what the rules say.
        impression: what the second reader makes of the message.
        recognition: the message.
        asked: ids of signs that were asked about before.
        situation: what the rules went by: age, temperature.
    """
    lexicon, bounds = recognition.lexicon, BOUNDS[outcome.level]
    if _is_vague(outcome):
        bounds = VAGUE
    elif outcome.level.rank < Level.CHECK.rank and len(_telling(recognition)) < BRIEF_WORDS:
        bounds = BRIEF
    if recognition.foreign and outcome.level.rank < Level.CHECK.rank:
        bounds = FOREIGN
    measured = situation.temperature_c is not None and any(
        lexicon.signs[name].rests_on_reading for name in (*outcome.signs, *outcome.asked)
    )
    if measured and outcome.level is Level.CHECK:
        return outcome
    likely = _likely(impression)
    if outcome.level.rank < Level.CHECK.rank and (
        tells_little(recognition)
        or _only_denies(recognition)
        or _is_ruled_out(likely, lexicon, situation)
    ):
        return outcome
    if _is_of_carer(outcome, lexicon):
        calm = impression.alarm < bounds.keep
        return _asked_about_carer(outcome) if calm else outcome
    if impression.alarm < bounds.drop and not measured:
        # The answer then ends in the fixed line "if this is happening to your baby now".
        return Outcome(Level.ROUTINE, imagined=True)
    if impression.alarm < bounds.keep and not measured:
        return replace(outcome, level=Level.CHECK, signs=(), asked=outcome.signs, carer_signs=())
    if impression.emergency >= bounds.emergency:
        return _alarm(outcome, Level.EMERGENCY, likely, lexicon)
    if impression.alarm >= bounds.urgent:
        return _alarm(outcome, Level.URGENT, likely, lexicon)
    if impression.alarm >= bounds.check:
        return _question(outcome, likely, lexicon, asked)
    return replace(outcome, level=Level.ROUTINE, signs=(), asked=())


def _is_of_carer(outcome: Outcome, lexicon: Lexicon) -> bool:
    """Tell whether the rules' alarm is about the one who writes: it is never dropped."""
    named = (*outcome.signs, *outcome.carer_signs)
    alarmed = outcome.level.rank > Level.CHECK.rank
    return alarmed and any(lexicon.signs[name].who == "carer" for name in named)


def _asked_about_carer(outcome: Outcome) -> Outcome:
    """Return the question how the one who writes is, in place of the rules' alarm."""
    return replace(outcome, level=Level.CHECK, signs=(), asked=CARER_SIGNS, carer_signs=())


def tells_little(recognition: Recognition) -> bool:
    """Tell whether a message is hardly more than an age, a greeting or a place."""
    return len(_telling(recognition)) < TELLING_WORDS and not _symptoms(recognition)


def _telling(recognition: Recognition) -> list[str]:
    """Return the words that may tell how a baby is."""
    light = recognition.lexicon.words.get("tells_little", ())
    return [
        token.text
        for token in recognition.doc
        if token.is_alpha and len(token.text) > 2 and token.text not in light
    ]


def _only_denies(recognition: Recognition) -> bool:
    """Tell whether a short message says only what is not there ("no fever, no blood")."""
    denied = [one for one in recognition.findings if one.status is Status.NEGATED]
    taken_back = [fact for fact in recognition.facts if not fact.holds]
    short = sum(token.is_alpha for token in recognition.doc) <= DENIAL_WORDS
    return bool(denied or taken_back) and short and not _symptoms(recognition)


def _symptoms(recognition: Recognition) -> list[str]:
    findings = recognition.lexicon.findings
    return [name for name in recognition.with_status(*TOLD) if findings[name].symptom]


def _is_ruled_out(likely: Signs, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether the sign that the second reader hears can't be, at the age that is known.

    It hears "a fever of 38.6" and fears for a newborn; the rules know that he is 15 months.
    """
    name, share = likely[0] if likely else ("", 0.0)
    sign = lexicon.signs.get(name)
    if sign is None or share < NAMED or situation.age_months is None:
        return False
    return not any(fits_age(criterion, situation.age_months) for criterion in sign.when)


def _alarm(outcome: Outcome, level: Level, likely: Signs, lexicon: Lexicon) -> Outcome:
    """Return the alarm at `level`: with the rules' signs where they are at that level already."""
    if outcome.level.rank >= level.rank:
        return outcome
    sign = next(
        (
            name
            for name, share in likely
            if share >= NAMED and name in lexicon.signs and lexicon.signs[name].level is level
        ),
        GENERIC[level],
    )
    return replace(outcome, level=level, signs=(sign,), asked=())


def _question(outcome: Outcome, likely: Signs, lexicon: Lexicon, asked: Collection[str]) -> Outcome:
    """Return a safety check: about the rules' signs, else about what the second reader hears."""
    if outcome.level is Level.CHECK and not _is_vague(outcome):
        return outcome
    heard = [name for name, share in likely if share >= ASKED and name in lexicon.signs]
    if heard and lexicon.signs[heard[0]].who == "carer":
        return _asked_about_carer(outcome)
    fitting = [
        name
        for name in heard
        if lexicon.signs[name].question and lexicon.signs[name].who == "baby" and name not in asked
    ]
    about = tuple(fitting[:MAX_ASKED]) or (GENERIC[Level.EMERGENCY],)
    return replace(outcome, level=Level.CHECK, signs=(WORRY_SIGN,), asked=about)


def _is_vague(outcome: Outcome) -> bool:
    return outcome.level is Level.CHECK and {*outcome.signs, *outcome.asked} == {WORRY_SIGN}


def _likely(impression: Impression) -> Signs:
    """Return the signs that the second reader hears, the likeliest first, with their shares."""
    told = ((name, share) for name, share in impression.signs.items() if name)
    return sorted(told, key=lambda entry: -entry[1])
