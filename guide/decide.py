"""The decision on one message: which intent Rasa gets, and which slots change.

Danger comes first, then the answer to a question that the bot has asked, then what the
classifier and the recogniser make of the topic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from guide.assess import AGAIN, OVER, TAKES_BACK, Assessment
from guide.check_answer import Answer, CheckAnswers
from guide.context import Status
from guide.followups import DIARY, REACTION, FollowUps
from guide.given import last_given
from guide.knowledge import Words
from guide.model import Level
from guide.reading import Reading
from guide.recogniser import Recogniser
from guide.second_opinion import tells_little
from guide.state import (
    DENIED_SLOT,
    NOTED_SLOT,
    QUESTION_SLOT,
    question_value,
    read_facts,
    read_question,
    slots_after,
)
from guide.telling import Tellings, Told
from guide.topics import Outcome, Ranking, TopicRanker

CERTAIN = 0.99
UNCLEAR = "unclear"
UNCLEAR_AGAIN = "unclear_again"
MAX_CHECK_LINES = 4
CHECK_SLOT = "check_question"
SIGN_SLOT = "danger_sign"
"""The slot of the sign that an emergency or urgent advice was given for last."""

WHAT_TO_DO = "asks_what_to_do"
"""The finding of "what do I do?": while an alarm is open its first steps are said again."""

START_OVER = "start_over"
"""The intent that erases the conversation."""

WAITS = "waits_for_help"
"""The finding of "while I wait", "until they come"."""

WAITING = timedelta(hours=1)
"""How long a parent may be waiting for an ambulance."""

STILL_OPEN = {"baby": "danger_still_open", "carer": "carer_still_open"}
"""The intent of a message while an emergency is open, by whose it is."""

ALWAYS_ALLOWED = frozenset({"emergency_info", "forget_me", "set_country"})
"""What a parent may ask for while an emergency is open."""

PASSED_SLOT = "question_passed"
PASSED = "yes"

AGE = "age_months"
AGE_SLOT = "age_answer"
CONTRADICTED_SLOT = "age_contradicted"
TO_ASK, ASKED = "ask", "asked"
FOR_HELP = frozenset({"ask_person", "emergency_info"})
"""Who is sought, or a number: no word of another matter ("phone", "talk") makes it out of scope."""

SURE = 0.8
ABOUT_THE_AGE_QUESTION = frozenset({"ask_why", "decline_age"})
"""What a parent may say to the age question beside the age."""

KEEPS_THE_CHECK = frozenset(
    {"inform", UNCLEAR, UNCLEAR_AGAIN, "ask_why", "greet", "thanks", "ask_help", "out_of_scope"}
)
"""What may be said between a safety check and its answer: "2 months", "what is floppy?"."""

_AGREED = {"affirm": Answer.YES, "deny": Answer.NO}
_AGREES = frozenset(_AGREED)
_IN_ENGLISH_ONLY = frozenset(
    {UNCLEAR, "out_of_scope", "greet", "goodbye", "thanks", "bot_challenge"}
)
"""What a message in another language is taken for when nothing in it is about a topic."""


@dataclass(frozen=True)
class Decision:
    """What Rasa is told of a message.

    Attributes:
        intent: its intent; confidence: from 0 to 1.
        slots: values of the slots that change, by name.
    """

    intent: str
    confidence: float = CERTAIN
    slots: dict[str, Any] = field(default_factory=dict)


class Decider:
    """Decides on assessed messages; built once, safe to share.

    Args:
        words: the recogniser's words.
        recogniser: made of the same words.
    """

    def __init__(self, words: Words, recogniser: Recogniser) -> None:
        self._words = words
        self._rank = TopicRanker(recogniser, words.item_topics)
        self._follow_up = FollowUps(recogniser, words.item_topics)
        self._answer = CheckAnswers(words.lexicon, recogniser.phrase_set())
        self._tell = Tellings(recogniser, words.facts)

    def __call__(
        self, assessment: Assessment, readings: Sequence[Reading], slots: Mapping[str, Any]
    ) -> Decision:
        """Return the intent and the slots of an assessed message.

        Args:
            assessment: the message, assessed.
            readings: what the classifier reads in the message and in its sentences.
            slots: the conversation's slots before the message.
        """
        words = self._words
        changed = slots_after(assessment, slots, words.lexicon) | _symptoms(
            assessment, slots, words
        )
        if "age_months" in changed:
            changed["age_answer"] = "told"
        changed |= _contradiction(assessment, slots)
        reacted_to = _reacted_to(assessment, words, slots)
        if reacted_to:
            known = changed.get("conditions", slots.get("conditions")) or []
            changed["conditions"] = sorted({*known, *reacted_to})
        changed |= self._ruled_out(assessment, slots)
        asked = self._asked(assessment, readings, slots)
        if asked.intent != UNCLEAR:
            changed |= _passed(asked, slots)
        misses = 1 + (slots.get("misses") or 0) if asked.intent == UNCLEAR else 0
        if misses != (slots.get("misses") or 0):
            changed["misses"] = misses
        foreign = assessment.recognition.foreign
        if foreign:
            changed["language"] = foreign.language.code
            changed["language_sentence"] = foreign.language.say
        danger = _danger(assessment, words)
        if assessment.still_open and _is_allowed(asked, assessment):
            danger = None
        if danger and foreign and danger.intent == "danger_emergency":
            danger = Decision("danger_emergency_foreign", slots=danger.slots)
        if danger:
            return Decision(danger.intent, CERTAIN, changed | asked.slots | danger.slots)
        if slots.get(CHECK_SLOT):
            tells_a_symptom = bool(_symptoms(assessment, {}, self._words))
            answer = self._answer(
                assessment.recognition,
                slots[CHECK_SLOT],
                tells_a_fact=bool(assessment.update.changes),
                tells_a_symptom=tells_a_symptom,
            )
            answer = answer or _agreed(asked, tells_a_symptom=tells_a_symptom)
            if answer or not _keeps_the_check(asked):
                changed[CHECK_SLOT] = ""
            if answer:
                return Decision(answer.value, CERTAIN, changed)
        if foreign and asked.intent in _IN_ENGLISH_ONLY:
            return Decision("other_language", slots=changed)
        intent = UNCLEAR_AGAIN if misses > 1 else asked.intent
        return Decision(intent, asked.confidence, changed | asked.slots)

    def _ruled_out(self, assessment: Assessment, slots: Mapping[str, Any]) -> dict[str, Any]:
        """Return the slot of the signs ruled out, if the message changes it."""
        before = slots.get(DENIED_SLOT) or {}
        after = self._tell.denied_after(assessment, before)
        return {DENIED_SLOT: after} if after != before else {}

    def _asked(
        self, assessment: Assessment, readings: Sequence[Reading], slots: Mapping[str, Any]
    ) -> Decision:
        """Return what the message asks for, danger aside."""
        recognition = assessment.recognition
        whole = readings[0].intent if readings else None
        if whole in ABOUT_THE_AGE_QUESTION and slots.get("requested_slot") == AGE_SLOT:
            return Decision(whole, readings[0].confidence)
        if whole in FOR_HELP and readings[0].confidence >= SURE:
            return Decision(whole, readings[0].confidence)
        heard = None if recognition.foreign else assessment.impression  # it knows English alone
        ranking = self._rank(recognition, readings, heard)
        ranking = self._tell.subjects(recognition, ranking, readings)
        before = read_question(slots.get(QUESTION_SLOT))
        if self._follow_up.is_note(recognition, ranking) and not _symptoms(
            assessment, {}, self._words
        ):
            return Decision(DIARY, ranking.confidence)
        given, passed = last_given(slots.get("diary")), bool(slots.get(PASSED_SLOT))
        followed = self._follow_up.followed(recognition, ranking, given)
        if followed:
            return Decision(DIARY, ranking.confidence, {QUESTION_SLOT: question_value(followed)})
        told = self._tell(assessment, ranking, readings, read_facts(slots))
        asked_before = (slots.get(QUESTION_SLOT) or {}).get("asks", True)
        again = told and told.asks_again(before, passed=passed, asked=asked_before)
        if told and not again:
            return Decision("inform", ranking.confidence, {NOTED_SLOT: told.to_slot()})
        if not told and _only_agrees(assessment, ranking, slots):
            return _small_talk(assessment, ranking, slots)
        if before and before.items and not passed:
            given = None  # "again" is about the food that was asked about since
        asked_age = assessment.update.asked_age_months
        question = (
            before if again else self._follow_up(recognition, ranking, before, asked_age, given)
        )
        if question is None:
            return _small_talk(assessment, ranking, slots)
        value = question_value(question)
        value["asks"] = ranking.asks or bool(again)
        value["told"] = told.to_slot() if told and again else None
        value["imagined"] = assessment.outcome.imagined
        value["foreign"] = recognition.foreign is not None
        value["which_age"] = AGE in assessment.update.contradictions and not slots.get(
            CONTRADICTED_SLOT
        )
        if ranking.outcome is Outcome.OFFER and question.topics == ranking.topics:
            offered = {QUESTION_SLOT: value | {"choices": list(ranking.topics)}}
            return Decision("choices", ranking.confidence, offered)
        return Decision(_intent(question.topics[0]), CERTAIN, {QUESTION_SLOT: value})


def _is_allowed(asked: Decision, assessment: Assessment) -> bool:
    """Tell whether a parent gets what is asked for while an emergency is open.

    "Forget it" takes back what was told; it doesn't ask to delete it.
    """
    taken_back = TAKES_BACK & assessment.recognition.with_status(Status.PRESENT)
    return asked.intent in ALWAYS_ALLOWED and not taken_back


def _agreed(asked: Decision, *, tells_a_symptom: bool) -> Answer | None:
    """Return what a message means to a safety check that the classifier takes for a yes or no."""
    answer = _AGREED.get(asked.intent)
    return None if answer is Answer.NO and tells_a_symptom else answer


def _keeps_the_check(asked: Decision) -> bool:
    """Tell whether a safety check still waits for its answer after a message."""
    only_told = (asked.slots.get(QUESTION_SLOT) or {}).get("told")  # an answer fitted anew
    return asked.intent in KEEPS_THE_CHECK or bool(only_told)


def _reacted_to(assessment: Assessment, words: Words, slots: Mapping[str, Any]) -> set[str]:
    """Return the allergies that a reaction told in this message speaks for.

    It is one to the food named in it, or else to the one that the diary noted some hours before.

    Until a clinician has ruled it out, the food of a reaction is not offered again (NIAID-HOME).
    """
    signs = (words.lexicon.signs[name] for name in assessment.outcome.signs)
    if not any(sign.topics[:1] == (REACTION,) for sign in signs):
        return set()
    named = {found.id for found in assessment.recognition.items}
    given, told = last_given(slots.get("diary")), assessment.memory.reported.values()
    sure = assessment.outcome.level.rank > Level.CHECK.rank
    if given and told and sure and not named:
        named = {*given.foods} if given.is_watched(datetime.fromisoformat(max(told))) else set()
    return {words.item_allergies[item] for item in named if item in words.item_allergies}


def _contradiction(assessment: Assessment, slots: Mapping[str, Any]) -> dict[str, str]:
    """Return the slot that makes a contradicting age be asked about, once."""
    if AGE in assessment.update.contradictions:
        return {} if slots.get(CONTRADICTED_SLOT) else {CONTRADICTED_SLOT: TO_ASK}
    return {CONTRADICTED_SLOT: ASKED} if slots.get(CONTRADICTED_SLOT) == TO_ASK else {}


def _only_agrees(assessment: Assessment, ranking: Ranking, slots: Mapping[str, Any]) -> bool:
    """Tell whether a message is a "yes" or "no" that answers nothing: no answer is said twice."""
    if ranking.outcome is not Outcome.SOCIAL or ranking.intent not in _AGREES:
        return False
    waits = slots.get("requested_slot") or (slots.get(QUESTION_SLOT) or {}).get("choices")
    return not waits and not assessment.update.changes


def _small_talk(assessment: Assessment, ranking: Ranking, slots: Mapping[str, Any]) -> Decision:
    """Return the decision on a message that asks about no topic."""
    if ranking.topics:  # it asks, and doesn't say about what
        return Decision(UNCLEAR)
    intent = ranking.intent or ("inform" if assessment.update.changes else UNCLEAR)
    alarmed = assessment.memory.closed or slots.get(SIGN_SLOT)
    if intent == OVER and not alarmed:  # "fine", and nothing was wrong
        intent = "inform"
    if intent == START_OVER and AGAIN in assessment.recognition.with_status(Status.PRESENT):
        intent = UNCLEAR  # "it has started again" erases nothing
    told = {NOTED_SLOT: Told().to_slot()} if intent == "inform" else {}
    return Decision(intent, ranking.confidence if ranking.intent else CERTAIN, told)


def _passed(asked: Decision, slots: Mapping[str, Any]) -> dict[str, str]:
    """Return the slot that tells whether the talk has gone on since the last question."""
    passed = "" if QUESTION_SLOT in asked.slots else PASSED
    return {PASSED_SLOT: passed} if passed != (slots.get(PASSED_SLOT) or "") else {}


def _intent(topic: str) -> str:
    return topic if topic == "out_of_scope" else f"ask_{topic}"


def expected_fact(slots: Mapping[str, Any]) -> str | None:
    """Return the fact that the bot has just asked for, or None."""
    asks = slots.get("requested_slot") == AGE_SLOT or slots.get(CONTRADICTED_SLOT) == TO_ASK
    return AGE if asks else None


def _danger(assessment: Assessment, words: Words) -> Decision | None:
    """Return the intent that danger decides, or None."""
    outcome = assessment.outcome
    if assessment.closes:
        return Decision("alarm_over")
    if assessment.still_open:
        name = assessment.memory.open_alarm or ""
        who = words.lexicon.signs[name].who
        if who == "baby" and _asks_what_to_do(assessment):
            return Decision("danger_emergency", slots={SIGN_SLOT: name})
        return Decision(STILL_OPEN[who], slots={SIGN_SLOT: name})
    if assessment.memory.closed and _waits_for_help(assessment):
        return Decision("danger_emergency", slots={SIGN_SLOT: assessment.memory.closed})
    if outcome.carer_signs:
        signs = {SIGN_SLOT: outcome.signs[0], "carer_sign": outcome.carer_signs[0]}
        return Decision("danger_and_carer", slots=signs)
    if outcome.level is Level.EMERGENCY:
        return Decision("danger_emergency", slots={SIGN_SLOT: outcome.signs[0]})
    if outcome.level is Level.URGENT:
        return Decision("danger_urgent", slots={SIGN_SLOT: outcome.signs[0]})
    if outcome.level is Level.CHECK:
        return Decision("danger_check", slots=_check(outcome.signs, outcome.asked, words))
    return None


def _asks_what_to_do(assessment: Assessment) -> bool:
    return WHAT_TO_DO in assessment.recognition.with_status(Status.PRESENT)


def _waits_for_help(assessment: Assessment) -> bool:
    """Tell whether "what do I do?", or "while I wait", follows soon on help being on its way."""
    waits = WAITS in assessment.recognition.with_status(Status.PRESENT, Status.HYPOTHETICAL)
    if not _asks_what_to_do(assessment) or not (waits or tells_little(assessment.recognition)):
        return False
    told, closed = map(datetime.fromisoformat, (assessment.told_at, assessment.memory.closed_at))
    return told - closed < WAITING


def _check(signs: tuple[str, ...], asked: tuple[str, ...], words: Words) -> dict[str, Any]:
    """Return the slots of a safety check: the sign that "yes" would mean, and what to ask."""
    first = (*asked, *signs)[0]
    questions = [words.lexicon.signs[name].question for name in (*signs, *asked)]
    lines = list(dict.fromkeys(question for question in questions if question))
    return {
        SIGN_SLOT: words.lexicon.signs[first].confirmed or first,
        CHECK_SLOT: "\n".join(f"• {line}" for line in lines[:MAX_CHECK_LINES]),
    }


def _symptoms(
    assessment: Assessment, slots: Mapping[str, Any], words: Words
) -> dict[str, list[str]]:
    """Return the slot of the symptoms told so far, if this message adds one."""
    before = list(slots.get("symptoms") or ())
    present = assessment.recognition.with_status(Status.PRESENT)
    new = sorted(
        name for name in present if words.lexicon.findings[name].symptom and name not in before
    )
    return {"symptoms": before + new} if new else {}
