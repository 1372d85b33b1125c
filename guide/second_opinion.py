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
from functools import cached_property

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
NAMED_OF_CARER = 0.4
"""The same for a sign of the one who writes: no parent is taken for suicidal on a guess."""

ASKED = 0.08
"""Lowest share at which a check asks about a sign."""
TELLING_WORDS = 2
"""Below so many words that may tell how a baby is, and no symptom, a message tells little."""

ALARM_FROM = 0.36
"""Share of any alarm from which one is raised, whoever hears it."""

ALONE_FROM = 0.6
"""The same where the rules hear nothing and it is no emergency or few words: below, it is asked."""

SURE_FROM = 0.4
"""The same where it may be an emergency, in many words."""

EMERGENCY_FROM = 0.15
"""Share of an emergency from which the alarm is one: in doubt between the two, the safe side."""

BRIEF = 4
"""Telling words of a message, at most, that says too little to be sure of: "red cheeks and hot"."""

RAISED_FROM = 0.9
"""Share of an emergency that raises what the rules know every word of: "blotchy, temp 39"."""

DROPPED_BELOW = 0.1
"""Share of any alarm below which an emergency of the rules is dropped; from here it is asked."""

CHECK_FROM = 0.2
"""Share of any alarm from which a question is asked where the rules raise none."""

EXPLAINED = 0.2
"""Share of any alarm, in both messages together, below which the second explains the first away."""

AROUND, WHOLE = 15, 0.8
"""Tokens of a long sentence on each side that belong to what it tells; share that is the whole."""

MAX_JOINED = 500
"""Longest text, in characters, that is read with the messages before it: none skips its middle."""

PIECES_PER_TOKEN = 1.15
"""Word pieces that a token comes to, as a rule."""

WHEN, HOW_OFTEN, DENIALS = "tells_when", "tells_how_often", "tells_no"
"""Lists of words: two tell no more beside a symptom or what is harmless, the third always does."""

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
    text = " ".join(recognition.text[start:end] for start, end in spans)
    return Part(text, _is_plain(outcome, recognition, told, [doc[n] for n in sorted(kept)], text))


def _is_plain(
    outcome: Outcome,
    recognition: Recognition,
    told: Sequence[Found],
    tokens: Sequence[Token],
    text: str,
) -> bool:
    """Tell whether sentences are nothing but the sign of an emergency, and don't ask.

    "Help!!!" and "so done" are said of a nappy, too.
    """
    sure = outcome.level is Level.EMERGENCY and outcome.signs[:1] != (GENERIC[Level.EMERGENCY],)
    return sure and not asks(text) and _is_told_by(recognition, told, tokens)


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
    case = _Case(outcome, shares, impression, recognition, asked, situation)
    own = outcome.level
    if _is_harmless(case):
        level = Level.ROUTINE if own is Level.CHECK else own
        return replace(outcome, level=level, signs=(), asked=())
    if _stays(case):
        return outcome
    if case.level.rank > Level.CHECK.rank:
        return _alarmed(case)
    if _is_of_carer(outcome, case.lexicon):
        return _asked_about_carer(outcome)
    if own.rank > Level.CHECK.rank:
        return _lowered(case)
    if own is Level.CHECK and not is_vague(outcome):
        return outcome
    if case.level is Level.CHECK:
        return _question(case)
    return replace(outcome, level=Level.ROUTINE, signs=(), asked=())


@dataclass(frozen=True)
class _Case:
    """All that the decision on one message rests on; see `weighed`."""

    outcome: Outcome
    shares: Mapping[str, float]
    impression: Impression
    recognition: Recognition
    asked: Collection[str]
    situation: Situation

    @property
    def lexicon(self) -> Lexicon:
        return self.recognition.lexicon

    @property
    def alarm(self) -> float:
        return self.shares["urgent"] + self.shares["emergency"]

    @property
    def level(self) -> Level:
        """The likely level."""
        if self.alarm >= ALARM_FROM:
            emergency = self.shares["emergency"] >= EMERGENCY_FROM
            return Level.EMERGENCY if emergency else Level.URGENT
        return Level.CHECK if self.alarm >= CHECK_FROM else Level.ROUTINE

    @cached_property
    def heard(self) -> Signs:
        """The signs that the second reader hears, the likeliest first."""
        told = ((name, share) for name, share in self.impression.signs.items() if name)
        return sorted(told, key=lambda entry: -entry[1])

    @cached_property
    def likely(self) -> Signs:
        """Those of them for which age and reading leave room."""
        return [one for one in self.heard if _is_possible(one[0], self.lexicon, self.situation)]


def _stays(case: _Case) -> bool:
    """Tell whether what the rules say stands, whatever the second reader hears."""
    own, recognition = case.outcome.level, case.recognition
    nearly_sure = case.shares["emergency"] >= RAISED_FROM
    if _is_said_plainly(case.outcome, recognition) and not nearly_sure:
        return True
    if _is_definite(case.outcome, case.lexicon) and case.level.rank <= own.rank:
        return True
    if _waits_for_age(case.outcome, case.likely, case.lexicon):
        return True
    old_age = "age" not in case.situation.new and own not in (Level.CHECK, Level.EMERGENCY)
    if old_age and _is_ruled_out(case):
        return True
    return own.rank < Level.CHECK.rank and (
        _tells_nothing(recognition, case.impression)
        or _only_tells_of_help(recognition, case.impression)
        or _only_denies(recognition)
    )


def _alarmed(case: _Case) -> Outcome:
    """Return the alarm that is likely, or the question that comes before it."""
    if _is_doubtful(case.outcome) and _is_a_plain_symptom(case.recognition):
        return _question(case)
    if case.outcome.level is Level.URGENT and _is_said_at_most(case):
        return case.outcome
    if case.outcome.level.rank < Level.CHECK.rank and _is_unsure(case):
        return _question(case)
    question = _question_of_age(case)
    if question and question not in case.asked:
        return replace(case.outcome, level=Level.CHECK, signs=(), asked=(question,))
    return _raised(case)


def _is_unsure(case: _Case) -> bool:
    """Tell whether an alarm that no rule hears is asked about first."""
    if case.alarm < (ALONE_FROM if _is_least(case) else SURE_FROM):
        return True
    # Bare facts, another language and a fever of another age need it to be nearly sure.
    recognition = case.recognition
    weak = recognition.foreign is not None or tells_little(recognition) or _is_of_other_age(case)
    return weak and case.shares["emergency"] < RAISED_FROM


def _is_least(case: _Case) -> bool:
    """Tell whether it is no emergency, or said in few words: the least that may be an alarm."""
    return case.level is Level.URGENT or _is_brief(case.recognition)


def _lowered(case: _Case) -> Outcome:
    """Return what is left of an alarm of the rules that is not likely: a question, or a line."""
    outcome = case.outcome
    doubted = outcome.level is Level.EMERGENCY and case.alarm >= DROPPED_BELOW
    if doubted or case.level is Level.CHECK or _is_measured(outcome, case.lexicon, case.situation):
        return asked_about(outcome)
    # The answer then ends in the fixed line "if this is happening to your baby now".
    return Outcome(Level.ROUTINE, imagined=True)


def asked_about(outcome: Outcome) -> Outcome:
    """Return the question about the signs of an alarm, in its place."""
    return replace(outcome, level=Level.CHECK, signs=(), asked=outcome.signs, carer_signs=())


def tells_little(recognition: Recognition) -> bool:
    """Tell whether a message is hardly more than an age, a greeting or a place."""
    return len(telling_words(recognition)) < TELLING_WORDS and not tells_symptoms(recognition)


def _question_of_age(case: _Case) -> str:
    """Return the question that a fever waits for, where only the second reader hears one; or "".

    "She's hot and grumpy" is an emergency at six weeks, and none at two years.
    """
    likely, signs = case.likely, case.lexicon.signs
    heard = signs.get(likely[0][0]) if likely else None
    known = case.situation.age_months is not None
    if case.outcome.level.rank > Level.CHECK.rank or known or heard is None:
        return ""
    if not heard.rests_on_reading or any(fits_age(criterion, None) for criterion in heard.when):
        return ""
    by_age = (
        name for name, sign in signs.items() if sign.level is Level.CHECK and sign.waits_for_age
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
    return _is_all_told_by(recognition, _plainly_told(outcome, recognition))


def _is_definite(outcome: Outcome, lexicon: Lexicon) -> bool:
    """Tell whether the rules' alarm is one that no calm wording outweighs: "oxygen 85"."""
    return any(lexicon.signs[name].definite for name in outcome.signs)


def _is_said_at_most(case: _Case) -> bool:
    """Tell whether the rules know every word of a message, but for when and how often.

    "She's been sick three times today", "I found a streak of blood in his nappy": that is no less
    than the rules say, and no more unless it is nearly sure.
    """
    told = _plainly_told(case.outcome, case.recognition)
    nearly_sure = case.shares["emergency"] >= RAISED_FROM
    return not nearly_sure and _is_all_told_by(case.recognition, told, light=(WHEN,))


def _plainly_told(outcome: Outcome, recognition: Recognition) -> list[Found]:
    """Return the findings that the rules' alarm rests on, and what may stand beside them."""
    rests_on = _rests_on(outcome.signs, recognition.lexicon)
    asked, told = asks(recognition.text), recognition.lexicon.findings
    return [
        found
        for found in recognition.findings
        if asked
        or found.id in rests_on
        or found.id == HELP
        or (told[found.id].symptom and found.status is Status.PRESENT)
    ]


def _rests_on(signs: Sequence[str], lexicon: Lexicon) -> set[str]:
    """Return the findings on which signs may rest."""
    criteria = (one for name in signs for one in lexicon.signs[name].when)
    return {name for one in criteria for name in (*one.all, *one.any, *one.also, *one.two_of)}


def _is_a_plain_symptom(recognition: Recognition) -> bool:
    """Tell whether a message names symptoms and nothing else, of which no rule makes a sign.

    "He's vomiting", "she's been sick twice since last night": what is missing is asked about.
    """
    return _is_all_symptoms(recognition, Status.PRESENT, light=(WHEN,))


def _is_harmless(case: _Case) -> bool:
    """Tell whether a message tells what is nothing to fear, and nothing else; no rule objects.

    "He keeps grabbing his feet", "the sick was white": the second reader knows babies from alarms.
    """
    return _is_doubtful(case.outcome) and tells_only_harmless(case.recognition)


def tells_only_harmless(recognition: Recognition) -> bool:
    """Tell whether harmless findings are all that a message tells, with how often they are."""
    told = recognition.lexicon.findings
    harmless = [
        found
        for found in recognition.findings
        if told[found.id].harmless and found.status not in (Status.NEGATED, Status.UNCERTAIN)
    ]
    return bool(harmless) and _is_all_told_by(
        recognition, harmless, light=(WHEN, HOW_OFTEN), heavy=(DENIALS,)
    )


def _is_doubtful(outcome: Outcome) -> bool:
    """Tell whether the rules raise nothing, or only wonder."""
    return outcome.level.rank < Level.CHECK.rank or is_vague(outcome)


def _only_denies(recognition: Recognition) -> bool:
    """Tell whether a message is a list of what is not there: "no fever, vomiting or rash"."""
    return _is_all_symptoms(recognition, Status.NEGATED)


def _is_all_symptoms(recognition: Recognition, status: Status, light: Sequence[str] = ()) -> bool:
    """Tell whether symptoms of one status are all that a message tells."""
    told = recognition.lexicon.findings
    symptoms = [
        found for found in recognition.findings if found.status is status and told[found.id].symptom
    ]
    return bool(symptoms) and _is_all_told_by(recognition, symptoms, light)


def _is_all_told_by(
    recognition: Recognition,
    findings: Sequence[Found],
    light: Sequence[str] = (),
    heavy: Sequence[str] = (),
) -> bool:
    """Tell whether every telling word of a message stands inside one of `findings`."""
    return _is_told_by(recognition, findings, recognition.doc, light, heavy)


def _is_told_by(
    recognition: Recognition,
    findings: Sequence[Found],
    tokens: Iterable[Token],
    light: Sequence[str] = (),
    heavy: Sequence[str] = (),
) -> bool:
    return not words_beside(recognition, findings, tokens, light, heavy)


def words_beside(
    recognition: Recognition,
    findings: Sequence[Found],
    tokens: Iterable[Token],
    light: Sequence[str] = (),
    heavy: Sequence[str] = (),
) -> list[str]:
    """Return the telling words among `tokens` that stand outside of `findings`.

    Args:
        recognition: the message.
        findings: those that count.
        tokens: what is looked at.
        light: names of the word lists that tell nothing more beside the findings.
        heavy: names of those that always tell something.
    """
    offsets = recognition.doc.user_data["offsets"]
    words = recognition.lexicon.words
    telling = set(telling_words(recognition))
    telling.difference_update(word for name in light for word in words.get(name, ()))
    telling.update(word for name in heavy for word in words.get(name, ()))
    return [
        token.text
        for token in tokens
        if token.text in telling
        and not any(found.start <= offsets[token.i][0] < found.end for found in findings)
    ]


def _is_ruled_out(case: _Case) -> bool:
    """Tell whether the second reader hears a fever that the age and the reading rule out.

    "His temperature is 38.6": it fears for a newborn; the rules know that he is 15 months.
    """
    name, share = case.heard[0] if case.heard else ("", 0.0)
    return share >= NAMED and not _is_possible(name, case.lexicon, case.situation)


def _is_brief(recognition: Recognition) -> bool:
    return len(telling_words(recognition)) <= BRIEF


def _is_of_other_age(case: _Case) -> bool:
    """Tell whether it hears a fever that this very age and reading rule out: "38.5, 10 months"."""
    return case.situation.temperature_c is not None and _is_ruled_out(case)


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


def _raised(case: _Case) -> Outcome:
    """Return the alarm at `level`: with the rules' signs where they are at that level already."""
    outcome, level, signs = case.outcome, case.level, case.lexicon.signs
    if outcome.level.rank >= level.rank:
        return outcome
    level = _level_of_carer(case) or level
    sign = next(
        (
            name
            for name, share in case.likely
            if name in signs
            and signs[name].level is level
            and share >= (NAMED if signs[name].who == "baby" else NAMED_OF_CARER)
        ),
        GENERIC[level],
    )
    if (
        _is_of_carer(outcome, case.lexicon) and sign == GENERIC[level]
    ):  # "call 999" says nothing to who is at the limit
        return outcome
    return replace(outcome, level=level, signs=(sign,), asked=())


def _level_of_carer(case: _Case) -> Level | None:
    """Return `urgent` where that is likelier than more, and the carer is who it is about."""
    name, share = case.heard[0] if case.heard else ("", 0.0)
    sign = case.lexicon.signs.get(name)
    if sign is None or sign.who == "baby" or share < NAMED_OF_CARER:
        return None
    less = case.shares["urgent"] > case.shares["emergency"] and sign.level is Level.URGENT
    return Level.URGENT if less else None


def _question(case: _Case) -> Outcome:
    """Return a safety check: on what the symptoms told ask for, and what the second reader hears.

    "He's vomiting": is it green?
    """
    findings, signs = case.lexicon.findings, case.lexicon.signs
    heard = [name for name, share in case.likely if share >= ASKED and name in signs]
    if heard and signs[heard[0]].who == "carer":
        return _asked_about_carer(case.outcome)
    present = (findings[name] for name in case.recognition.with_status(Status.PRESENT))
    first = sorted(name for finding in present for name in finding.asks)
    fitting = [
        name
        for name in dict.fromkeys([*first, *heard])
        if signs[name].question
        and signs[name].who == "baby"
        and name not in (*case.asked, *GENERIC.values())
    ]
    about = tuple(fitting[:MAX_ASKED])
    return replace(case.outcome, level=Level.CHECK, signs=(WORRY_SIGN,), asked=about)
