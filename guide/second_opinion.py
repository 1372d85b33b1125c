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
from guide.recogniser import Found, Recognition
from guide.second_reader import MAX_PIECES, TURN, Impression, SecondReader
from guide.triage import Outcome, Situation, fits_age, fits_temperature
from guide.weighing import WORRY_SIGN, is_vague, telling_words, tells_symptoms

GENERIC = {Level.EMERGENCY: "generic_emergency", Level.URGENT: "something_wrong"}
"""What is said where the second reader is sure of a level and not of a sign."""
HELP = "help_arranged"
"""The finding that help is on its way or has come."""
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

ALARM_FROM = 0.42
"""Share of any alarm from which one is raised, whoever hears it."""

EMERGENCY_FROM = 0.15
"""Share of an emergency from which the alarm is one: in doubt between the two, the safe side."""

CHECK_FROM = 0.25
"""Share of any alarm from which a question is asked; below, an alarm of the rules is dropped."""

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
    if not told or reader.read(alarm).alarm < ALARM_FROM:  # it never heard what it would explain
        return False
    return reader.read(TURN.join([alarm, told])).alarm < EXPLAINED


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
    level = _likely_level(shares)
    heard = _likely(impression)
    likely = [one for one in heard if _is_possible(one[0], lexicon, situation)]
    if _waits_for_age(outcome, likely, lexicon) or _is_said_plainly(outcome, recognition):
        return outcome
    if own.rank < Level.CHECK.rank and (
        _is_ruled_out(heard, lexicon, situation)
        or _tells_nothing(recognition, impression)
        or _only_tells_of_help(recognition, impression)
        or _only_denies(recognition)
    ):
        return outcome
    if level.rank > Level.CHECK.rank:
        if own.rank < Level.CHECK.rank and _is_a_plain_symptom(recognition):
            return _question(outcome, likely, lexicon, asked)
        question = _question_of_age(outcome, likely, lexicon, situation)
        if question and question not in asked:
            return replace(outcome, level=Level.CHECK, signs=(), asked=(question,))
        return _raised(outcome, level, likely, lexicon)
    if own.rank > Level.CHECK.rank and _is_read_in_part(recognition):
        return outcome
    if _is_of_carer(outcome, lexicon):
        return _asked_about_carer(outcome)
    if own.rank > Level.CHECK.rank:
        if level is Level.CHECK or _is_measured(outcome, lexicon, situation):
            return replace(
                outcome, level=Level.CHECK, signs=(), asked=outcome.signs, carer_signs=()
            )
        # The answer then ends in the fixed line "if this is happening to your baby now".
        return Outcome(Level.ROUTINE, imagined=True)
    if own is Level.CHECK and not is_vague(outcome):
        return outcome
    if level is Level.CHECK:
        return _question(outcome, likely, lexicon, asked)
    return replace(outcome, level=Level.ROUTINE, signs=(), asked=())


def tells_little(recognition: Recognition) -> bool:
    """Tell whether a message is hardly more than an age, a greeting or a place."""
    return len(telling_words(recognition)) < TELLING_WORDS and not tells_symptoms(recognition)


def _likely_level(shares: Mapping[str, float]) -> Level:
    alarm = shares["urgent"] + shares["emergency"]
    if alarm >= ALARM_FROM:
        return Level.EMERGENCY if shares["emergency"] >= EMERGENCY_FROM else Level.URGENT
    return Level.CHECK if alarm >= CHECK_FROM else Level.ROUTINE


def _question_of_age(
    outcome: Outcome, likely: Signs, lexicon: Lexicon, situation: Situation
) -> str:
    """Return the question that a fever waits for, where only the second reader hears one; or "".

    "She's hot and grumpy" is an emergency at six weeks, and none at two years.
    """
    heard = lexicon.signs.get(likely[0][0]) if likely else None
    if outcome.level.rank > Level.CHECK.rank or situation.age_months is not None or heard is None:
        return ""
    if not heard.rests_on_reading or any(fits_age(criterion, None) for criterion in heard.when):
        return ""
    by_age = (
        name
        for name, sign in lexicon.signs.items()
        if sign.level is Level.CHECK and sign.waits_for_age
    )
    return next(by_age, "")


def _is_measured(outcome: Outcome, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether the rules' level may rest on a reading: that is never dropped."""
    return situation.temperature_c is not None and any(
        lexicon.signs[name].rests_on_reading for name in (*outcome.signs, *outcome.asked)
    )


def _waits_for_age(outcome: Outcome, likely: Signs, lexicon: Lexicon) -> bool:
    """Tell whether the rules ask about a fever that the age decides, and no other sign is heard."""
    named = (*outcome.signs, *outcome.asked)
    asks_age = any(lexicon.signs[name].waits_for_age for name in named)
    heard = lexicon.signs.get(likely[0][0]) if likely and likely[0][1] >= NAMED else None
    return outcome.level is Level.CHECK and asks_age and (heard is None or heard.rests_on_reading)


def _is_said_plainly(outcome: Outcome, recognition: Recognition) -> bool:
    """Tell whether the rules know every word of a message with their sign.

    "She is wheezing, can she have kefir?", "omg help me my baby".
    """
    if outcome.level.rank <= Level.CHECK.rank:
        return False
    criteria = (one for name in outcome.signs for one in recognition.lexicon.signs[name].when)
    rests_on = {name for one in criteria for name in (*one.all, *one.any, *one.also)}
    asked, told = asks(recognition.text), recognition.lexicon.findings
    return _is_all_told_by(
        recognition,
        [
            found
            for found in recognition.findings
            if asked
            or found.id in rests_on
            or found.id == HELP
            or (told[found.id].symptom and found.status is Status.PRESENT)
        ],
    )


def _is_a_plain_symptom(recognition: Recognition) -> bool:
    """Tell whether a message names symptoms and nothing else, of which no rule makes a sign.

    "He's vomiting", "she's been sick": what is missing is asked about.
    """
    told = recognition.lexicon.findings
    present = [
        found
        for found in recognition.findings
        if told[found.id].symptom and found.status is Status.PRESENT
    ]
    return bool(present) and _is_all_told_by(recognition, present)


def _only_denies(recognition: Recognition) -> bool:
    """Tell whether a message is a list of what is not there: "no fever, vomiting or rash"."""
    denied = [found for found in recognition.findings if found.status is Status.NEGATED]
    return bool(denied) and _is_all_told_by(recognition, denied)


def _is_all_told_by(recognition: Recognition, findings: Sequence[Found]) -> bool:
    """Tell whether every telling word of a message stands inside one of `findings`."""
    offsets = recognition.doc.user_data["offsets"]
    telling = set(telling_words(recognition))
    return all(
        any(found.start <= offsets[token.i][0] < found.end for found in findings)
        for token in recognition.doc
        if token.text in telling
    )


def _is_ruled_out(heard: Signs, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether the second reader hears a fever that an age told earlier rules out.

    "His temperature is 38.6": it fears for a newborn; the rules know that he is 15 months.
    """
    name, share = heard[0] if heard else ("", 0.0)
    known_before = "age" not in situation.new
    return known_before and share >= NAMED and not _is_possible(name, lexicon, situation)


def _is_read_in_part(recognition: Recognition) -> bool:
    """Tell whether a message is so long that the second reader skips its middle."""
    return len(recognition.doc) > MAX_PIECES


def _tells_nothing(recognition: Recognition, impression: Impression) -> bool:
    """Tell whether a message is hardly more than a fact, and no sign is heard in it."""
    wordless = not any(map(str.isalnum, recognition.text))
    return wordless or (tells_little(recognition) and impression.signs.get("", 0.0) > NAMED)


def _only_tells_of_help(recognition: Recognition, impression: Impression) -> bool:
    """Tell whether help is on its way, and no sign is heard: not a cry for it.

    "Ambulance is coming"; but "GP at four, her ribs suck in".
    """
    told = HELP in recognition.with_status(Status.PRESENT)
    return told and impression.likeliest in ("", *GENERIC.values())


def _is_possible(name: str, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether the age and the reading, where they are known, leave room for a sign.

    The second reader hears "a fever of 38.6" and fears for a newborn; the rules know that he is
    15 months.
    """
    sign, age, reading = lexicon.signs.get(name), situation.age_months, situation.temperature_c
    if sign is None or not sign.rests_on_reading:
        return True
    return any(
        (age is None or fits_age(one, age)) and (reading is None or fits_temperature(one, reading))
        for one in sign.when
    )


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
        if lexicon.signs[name].question
        and lexicon.signs[name].who == "baby"
        and name not in (*asked, *GENERIC.values())
    ]
    about = tuple(fitting[:MAX_ASKED])
    return replace(outcome, level=Level.CHECK, signs=(WORRY_SIGN,), asked=about)


def _likely(impression: Impression) -> Signs:
    """Return the signs that the second reader hears, the likeliest first, with their shares."""
    told = ((name, share) for name, share in impression.signs.items() if name)
    return sorted(told, key=lambda entry: -entry[1])
