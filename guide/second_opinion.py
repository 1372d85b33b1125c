"""The level of a message after the rules and the second reader have been weighed together.

Rules know exact things (ages, readings, hours, what was told turns ago); the second reader knows
wordings that nobody wrote down, and a harmless story when it hears one. `guide.weighing` says how
likely each level is, given both; here the likely levels become an alarm, a question or nothing.
Clinical ground: clinical-reference 1.1, rules 10 (vague alarm) and 11 (in doubt, the safe side).

The bounds were chosen on messages that nothing was trained on; see docs/safety.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Token

from guide.context import Status
from guide.lexicon import Lexicon
from guide.model import Level
from guide.reading import asks, sentences_of
from guide.recogniser import Found, Recognition
from guide.second_reader import MAX_PIECES, TURN, Impression, SecondReader
from guide.triage import Outcome, Situation, fits_age, fits_reading
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
NAMED_OF_CARER = 0.6
"""The same for a sign of the one who writes: no parent is taken for suicidal on a guess."""

ASKED = 0.08
"""Lowest share at which a check asks about a sign."""
TELLING_WORDS = 2
"""Below so many words that may tell how a baby is, and no symptom, a message tells little."""

ALARM_FROM = 0.42
"""Share of any alarm from which one is raised, whoever hears it."""

EMERGENCY_FROM = 0.15
"""Share of an emergency from which the alarm is one: in doubt between the two, the safe side."""

URGENT_ALONE_FROM = 0.65
"""The same where it is no emergency and the rules hear nothing: below, a question is asked."""

RAISED_FROM = 0.9
"""Share of an emergency that raises what the rules know every word of: "blotchy, temp 39"."""

DROPPED_BELOW = 0.1
"""Share of any alarm below which an emergency of the rules is dropped; from here it is asked."""

CHECK_FROM = 0.25
"""Share of any alarm from which a question is asked where the rules raise none."""

EXPLAINED = 0.2
"""Share of any alarm, in both messages together, below which the second explains the first away."""

AROUND, WHOLE = 15, 0.8
"""Tokens of a long sentence on each side that belong to what it tells; share that is the whole."""

MAX_JOINED = 500
"""Longest text, in characters, that is read with the messages before it: none skips its middle."""

PIECES_PER_TOKEN = 1.15
"""Word pieces that a token comes to, as a rule."""

Signs = list[tuple[str, float]]
"""Signs with their shares, the likeliest first."""


def impression_of(reader: SecondReader, text: str, before: Sequence[str]) -> Impression:
    """Return what the second reader makes of `text` after the calm messages before it.

    "He is six weeks old", then "38.4".
    """
    fits = len(text) + sum(map(len, before)) <= MAX_JOINED
    return reader.read(TURN.join([*before, text]) if fits else text)


def explains_away(reader: SecondReader, alarm: str, text: str) -> bool:
    """Tell whether `text` makes a harmless story of the message that raised the alarm.

    "She's gone grey!!", then "omg no, the VEST has gone grey". A question doesn't.
    """
    told = " ".join(sentence for sentence in sentences_of(text) if not asks(sentence))
    if not told or reader.read(alarm).alarm < ALARM_FROM:  # it never heard what it would explain
        return False
    return reader.read(TURN.join([alarm, told])).alarm < EXPLAINED


@dataclass(frozen=True)
class Part:
    """The sentences of a message that tell what the rules heard.

    Attributes:
        text: their words, "" where they are nearly the whole message.
        plain: every telling word of them is one of the signs.
    """

    text: str = ""
    plain: bool = False


def telling_part(outcome: Outcome, recognition: Recognition) -> Part:
    """Return the sentences that tell the rules' signs: the rest must not drown them.

    "He is not breathing. We started oat porridge last week, and ..."
    """
    doc, sentence_of = recognition.doc, recognition.context.sentence_of
    offsets = doc.user_data["offsets"]
    rests_on = _rests_on(outcome.signs[:1], recognition.lexicon)
    kept: set[int] = set()
    for found in recognition.findings:
        if found.id in rests_on and found.status is Status.PRESENT:
            inside = [n for n, (a, b) in enumerate(offsets) if a < found.end and b > found.start]
            near = range(inside[0] - AROUND, inside[-1] + AROUND + 1) if inside else ()
            kept |= {n for n in near if 0 <= n < len(doc) and sentence_of[n] == found.sentence}
    if not kept or len(kept) > WHOLE * len(doc):
        return Part()
    spans = dict.fromkeys(offsets[n] for n in sorted(kept))  # "can't" is two tokens of one span
    told = [found for found in recognition.findings if found.id in rests_on]
    plain = _is_told_by(recognition, told, [doc[n] for n in sorted(kept)])
    return Part(" ".join(recognition.text[start:end] for start, end in spans), plain)


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
    plain = _is_said_plainly(outcome, recognition) and shares["emergency"] < RAISED_FROM
    if plain or _waits_for_age(outcome, likely, lexicon):
        return outcome
    old_age = "age" not in situation.new and own not in (Level.CHECK, Level.EMERGENCY)
    if old_age and _is_ruled_out(heard, lexicon, situation):
        return outcome
    if own.rank < Level.CHECK.rank and (
        _tells_nothing(recognition, impression)
        or _only_tells_of_help(recognition, impression)
        or _only_denies(recognition)
    ):
        return outcome
    if level.rank > Level.CHECK.rank:
        unsure = level is Level.URGENT and _alarm(shares) < URGENT_ALONE_FROM
        unsure |= shares["emergency"] < RAISED_FROM and _is_of_other_age(heard, lexicon, situation)
        if own.rank < Level.CHECK.rank and (unsure or _is_a_plain_symptom(recognition)):
            return _question(outcome, likely, recognition, asked)
        question = _question_of_age(outcome, likely, lexicon, situation)
        if question and question not in asked:
            return replace(outcome, level=Level.CHECK, signs=(), asked=(question,))
        return _raised(outcome, level, likely, lexicon)
    if _is_of_carer(outcome, lexicon):
        return _asked_about_carer(outcome)
    if own.rank > Level.CHECK.rank:
        doubted = own is Level.EMERGENCY and _alarm(shares) >= DROPPED_BELOW
        if doubted or level is Level.CHECK or _is_measured(outcome, lexicon, situation):
            return replace(
                outcome, level=Level.CHECK, signs=(), asked=outcome.signs, carer_signs=()
            )
        # The answer then ends in the fixed line "if this is happening to your baby now".
        return Outcome(Level.ROUTINE, imagined=True)
    if own is Level.CHECK and not is_vague(outcome):
        return outcome
    if level is Level.CHECK:
        return _question(outcome, likely, recognition, asked)
    return replace(outcome, level=Level.ROUTINE, signs=(), asked=())


def tells_little(recognition: Recognition) -> bool:
    """Tell whether a message is hardly more than an age, a greeting or a place."""
    return len(telling_words(recognition)) < TELLING_WORDS and not tells_symptoms(recognition)


def _likely_level(shares: Mapping[str, float]) -> Level:
    alarm = _alarm(shares)
    if alarm >= ALARM_FROM:
        return Level.EMERGENCY if shares["emergency"] >= EMERGENCY_FROM else Level.URGENT
    return Level.CHECK if alarm >= CHECK_FROM else Level.ROUTINE


def _alarm(shares: Mapping[str, float]) -> float:
    return shares["urgent"] + shares["emergency"]


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
    rests_on = _rests_on(outcome.signs, recognition.lexicon)
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


def _rests_on(signs: Sequence[str], lexicon: Lexicon) -> set[str]:
    """Return the findings on which signs may rest."""
    criteria = (one for name in signs for one in lexicon.signs[name].when)
    return {name for one in criteria for name in (*one.all, *one.any, *one.also, *one.two_of)}


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
    told = recognition.lexicon.findings
    denied = [
        found
        for found in recognition.findings
        if found.status is Status.NEGATED and told[found.id].symptom
    ]
    return bool(denied) and _is_all_told_by(recognition, denied)


def _is_all_told_by(recognition: Recognition, findings: Sequence[Found]) -> bool:
    """Tell whether every telling word of a message stands inside one of `findings`."""
    return _is_told_by(recognition, findings, recognition.doc)


def _is_told_by(
    recognition: Recognition, findings: Sequence[Found], tokens: Iterable[Token]
) -> bool:
    offsets = recognition.doc.user_data["offsets"]
    telling = set(telling_words(recognition))
    return all(
        any(found.start <= offsets[token.i][0] < found.end for found in findings)
        for token in tokens
        if token.text in telling
    )


def _is_ruled_out(heard: Signs, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether the second reader hears a fever that the age and the reading rule out.

    "His temperature is 38.6": it fears for a newborn; the rules know that he is 15 months.
    """
    name, share = heard[0] if heard else ("", 0.0)
    return share >= NAMED and not _is_possible(name, lexicon, situation)


def _is_of_other_age(heard: Signs, lexicon: Lexicon, situation: Situation) -> bool:
    """Tell whether it hears a fever that this very age and reading rule out: "38.5, 10 months"."""
    return situation.temperature_c is not None and _is_ruled_out(heard, lexicon, situation)


def is_read_in_part(recognition: Recognition) -> bool:
    """Tell whether a message is so long that the second reader may skip its middle."""
    return len(recognition.doc) * PIECES_PER_TOKEN > MAX_PIECES


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
        (age is None or fits_age(one, age)) and (reading is None or fits_reading(one, reading))
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
    signs = lexicon.signs
    sign = next(
        (
            name
            for name, share in likely
            if name in signs
            and signs[name].level is level
            and share >= (NAMED if signs[name].who == "baby" else NAMED_OF_CARER)
        ),
        GENERIC[level],
    )
    return replace(outcome, level=level, signs=(sign,), asked=())


def _question(
    outcome: Outcome, likely: Signs, recognition: Recognition, asked: Collection[str]
) -> Outcome:
    """Return a safety check: on what the symptoms told ask for, and what the second reader hears.

    "He's vomiting": is it green?
    """
    lexicon = recognition.lexicon
    heard = [name for name, share in likely if share >= ASKED and name in lexicon.signs]
    if heard and lexicon.signs[heard[0]].who == "carer":
        return _asked_about_carer(outcome)
    present = (lexicon.findings[name] for name in recognition.with_status(Status.PRESENT))
    first = sorted(name for finding in present for name in finding.asks)
    fitting = [
        name
        for name in dict.fromkeys([*first, *heard])
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
