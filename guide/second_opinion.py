"""The level of a message after the rules and the second reader have been weighed together.

Rules know exact things (ages, readings, hours, what was told turns ago); the second reader knows
wordings that nobody wrote down, and a harmless story when it hears one. `guide.weighing` says how
likely each level is, given both; here the likely levels become an alarm, a question or nothing.
Clinical ground: clinical-reference 1.1, rules 10 (vague alarm) and 11 (in doubt, the safe side).

The bounds were chosen on messages that nothing was trained on; see docs/safety.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from guide.context import Status
from guide.lexicon import Lexicon
from guide.model import Level
from guide.reading import asks, sentences_of
from guide.recogniser import Recognition
from guide.second_reader import TURN, Impression, SecondReader
from guide.triage import Outcome, Situation, fits_age, fits_temperature
from guide.weighing import WORRY_SIGN, is_vague, telling_words, tells_symptoms

GENERIC = {Level.EMERGENCY: "generic_emergency", Level.URGENT: "something_wrong"}
"""What is said where the second reader is sure of a level and not of a sign."""
CARER_SIGNS = ("carer_suicide_or_self_harm", "carer_harm_to_baby")
"""What a parent in distress is asked about."""
MAX_ASKED = 2
"""Most signs that a check asks about, beside the general question."""
NAMED = 0.3
"""Lowest share at which the second reader's sign is said instead of the generic words."""
ASKED = 0.08
"""Lowest share at which a check asks about a sign."""
TELLING_WORDS = 2
"""Below so many words that may tell how a baby is, and no symptom, a message tells little."""

DENIAL_WORDS = 12
"""Longest message, in words, that can be a mere denial."""

EMERGENCY_FROM = 0.5
"""Share of an emergency from which it is one."""

URGENT_FROM = 0.7
"""Share of any alarm from which it is urgent at least."""

BRIEF_WORDS = 6
"""Below so many telling words and without a sign of the rules, an alarm must be nearly certain."""

BRIEF_FROM = 0.8
"""Share from which it is: "he has a cold and a cough" is too little to be sure, enough to ask."""

CHECK_FROM = 0.35
"""Share of any alarm from which a question is asked."""

KEEP_FROM = 0.35
"""Share of any alarm from which an alarm of the rules stands; below, it is asked about."""

DROP_BELOW = 0.08
"""Share of any alarm below which an alarm of the rules is taken for a harmless story."""

FOREIGN_FROM = 0.9
"""The same as `CHECK_FROM` in another language, of which the second reader knows little."""

EXPLAINED = 0.2
"""Share of any alarm, in both messages together, below which the second explains the first away."""

Signs = list[tuple[str, float]]
"""Signs with their shares, the likeliest first."""


def impression_of(reader: SecondReader, text: str, before: Sequence[str]) -> Impression:
    """Return what the second reader makes of `text` after the calm messages before it.

    "He is six weeks old", then "38.4".
    """
    return reader.read(TURN.join([*before, text]))


def explains_away(reader: SecondReader, alarm: str, text: str) -> bool:
    """Tell whether `text` makes a harmless story of the message that raised the alarm.

    "She's gone grey!!", then "omg no, the VEST has gone grey". A question doesn't.
    """
    told = " ".join(sentence for sentence in sentences_of(text) if not asks(sentence))
    return bool(told) and reader.read(TURN.join([alarm, told])).alarm < EXPLAINED


def weighed(
    outcome: Outcome,
    shares: Mapping[str, float],
    impression: Impression,
    recognition: Recognition,
    asked: Collection[str],
    situation: Situation,
) -> Outcome:
    """Return the outcome of the rules and the second reader together.

    Args:
        outcome: what the rules say.
        shares: how likely each level of `guide.second_reader.LEVELS` is, given both.
        impression: what the second reader makes of the message.
        recognition: the message.
        asked: ids of signs that were asked about before.
        situation: what the rules went by: age, temperature.
    """
    lexicon, own = recognition.lexicon, outcome.level
    alarm = shares["urgent"] + shares["emergency"]
    level = _likely_level(shares, outcome, recognition)
    likely = _likely(impression)
    if (
        _waits_for_age(outcome, lexicon)
        or _is_ruled_out(likely, lexicon, situation)
        or _is_said_plainly(outcome, recognition)
        or (own.rank < Level.CHECK.rank and _tells_nothing(recognition))
    ):
        return outcome
    if _is_of_carer(outcome, lexicon):
        return outcome if level.rank > Level.CHECK.rank else _asked_about_carer(outcome)
    if recognition.foreign and own.rank < Level.CHECK.rank and alarm < FOREIGN_FROM:
        return outcome
    if own.rank > Level.CHECK.rank:
        if alarm < DROP_BELOW and not _is_measured(outcome, lexicon, situation):
            # The answer then ends in the fixed line "if this is happening to your baby now".
            return Outcome(Level.ROUTINE, imagined=True)
        if alarm < KEEP_FROM:
            return replace(
                outcome, level=Level.CHECK, signs=(), asked=outcome.signs, carer_signs=()
            )
        return _raised(outcome, level, likely, lexicon)
    if level.rank > Level.CHECK.rank:
        return _raised(outcome, level, likely, lexicon)
    if own is Level.CHECK and not is_vague(outcome):
        return outcome
    if level is Level.CHECK:
        return _question(outcome, likely, lexicon, asked)
    return replace(outcome, level=Level.ROUTINE, signs=(), asked=())


def tells_little(recognition: Recognition) -> bool:
    """Tell whether a message is hardly more than an age, a greeting or a place."""
    return len(telling_words(recognition)) < TELLING_WORDS and not tells_symptoms(recognition)


def _likely_level(shares: Mapping[str, float], outcome: Outcome, recognition: Recognition) -> Level:
    alarm = shares["urgent"] + shares["emergency"]
    told = outcome.level.rank >= Level.CHECK.rank
    brief = not told and len(telling_words(recognition)) < BRIEF_WORDS
    if shares["emergency"] >= (BRIEF_FROM if brief else EMERGENCY_FROM):
        return Level.EMERGENCY
    if alarm >= (BRIEF_FROM if brief else URGENT_FROM):
        return Level.URGENT
    return Level.CHECK if alarm >= CHECK_FROM else Level.ROUTINE


def _is_measured(outcome: Outcome, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether the rules' level may rest on a reading: that is never dropped."""
    return situation.temperature_c is not None and any(
        lexicon.signs[name].rests_on_reading for name in (*outcome.signs, *outcome.asked)
    )


def _waits_for_age(outcome: Outcome, lexicon: Lexicon) -> bool:
    """Tell whether the rules ask about something that the age, not known yet, decides."""
    named = (lexicon.signs[name] for name in (*outcome.signs, *outcome.asked))
    return outcome.level is Level.CHECK and any(
        criterion.age_unknown for sign in named for criterion in sign.when
    )


def _is_said_plainly(outcome: Outcome, recognition: Recognition) -> bool:
    """Tell whether the rules know every word of a message with an urgent sign.

    "She is wheezing, can she have kefir?"; but what was eaten may make more of it.
    """
    if outcome.level is not Level.URGENT:
        return False
    criteria = (one for name in outcome.signs for one in recognition.lexicon.signs[name].when)
    rests_on = {name for one in criteria for name in (*one.all, *one.any, *one.also)}
    known = [
        (found.start, found.end)
        for found in recognition.findings
        if found.id in rests_on or asks(recognition.text)
    ]
    offsets = recognition.doc.user_data["offsets"]
    telling = set(telling_words(recognition))
    return all(
        any(start <= offsets[token.i][0] < end for start, end in known)
        for token in recognition.doc
        if token.text in telling
    )


def _tells_nothing(recognition: Recognition) -> bool:
    """Tell whether a message has no word at all, or only says what is not there."""
    return not any(map(str.isalnum, recognition.text)) or _only_denies(recognition)


def _only_denies(recognition: Recognition) -> bool:
    """Tell whether a short message says only what is not there ("no fever, no blood")."""
    denied = recognition.with_status(Status.NEGATED)
    taken_back = [fact for fact in recognition.facts if not fact.holds]
    short = sum(token.is_alpha for token in recognition.doc) <= DENIAL_WORDS
    return bool(denied or taken_back) and short and not tells_symptoms(recognition)


def _is_ruled_out(likely: Signs, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether the reading and the age, both known, can't mean what the second reader hears.

    It hears "a fever of 38.6" and fears for a newborn; the rules know that he is 15 months.
    """
    name, share = likely[0] if likely else ("", 0.0)
    sign = lexicon.signs.get(name)
    if sign is None or share < NAMED or not sign.rests_on_reading:
        return False
    age, reading = situation.age_months, situation.temperature_c
    if age is None or reading is None:
        return False
    return not any(fits_age(one, age) and fits_temperature(one, reading) for one in sign.when)


def _is_of_carer(outcome: Outcome, lexicon: Lexicon) -> bool:
    """Tell whether the rules' alarm is about the one who writes: it is never dropped."""
    named = (*outcome.signs, *outcome.carer_signs)
    alarmed = outcome.level.rank > Level.CHECK.rank
    return alarmed and any(lexicon.signs[name].who == "carer" for name in named)


def _asked_about_carer(outcome: Outcome) -> Outcome:
    """Return the question how the one who writes is, in place of the rules' alarm."""
    return replace(outcome, level=Level.CHECK, signs=(), asked=CARER_SIGNS, carer_signs=())


def _raised(outcome: Outcome, level: Level, likely: Signs, lexicon: Lexicon) -> Outcome:
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
    """Return a safety check about what the second reader hears."""
    heard = [name for name, share in likely if share >= ASKED and name in lexicon.signs]
    if heard and lexicon.signs[heard[0]].who == "carer":
        return _asked_about_carer(outcome)
    fitting = [
        name
        for name in heard
        if lexicon.signs[name].question and lexicon.signs[name].who == "baby" and name not in asked
    ]
    about = tuple(fitting[:MAX_ASKED])
    return replace(outcome, level=Level.CHECK, signs=(WORRY_SIGN,), asked=about)


def _likely(impression: Impression) -> Signs:
    """Return the signs that the second reader hears, the likeliest first, with their shares."""
    told = ((name, share) for name, share in impression.signs.items() if name)
    return sorted(told, key=lambda entry: -entry[1])
