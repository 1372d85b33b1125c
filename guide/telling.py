"""What a message tells without asking anything: facts, signs ruled out, something of another child.

A symptom, a food or an allergy told alone is a question and isn't met here; an age, the feeding or
"no fever" is. Such a message is acknowledged, and asks the question before it again where it bears
on the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from guide.assess import Assessment
from guide.context import Status
from guide.memory import FactLexicon
from guide.model import ILL_NOW, Facts, Question
from guide.reading import Reading, is_telling, words_of
from guide.recogniser import Recogniser, Recognition
from guide.topics import OUT_OF_SCOPE, Outcome, Ranking

BESIDE_DENIAL = "beside_a_denial"
FACT_WORDS = "fact_words"
DENIED_FACTS = "denied_facts"
ANOTHER_CHILD = "another_child"
COUNTRY_INTENT = "set_country"
TELLS = frozenset({"inform", COUNTRY_INTENT})
"""What the classifier calls messages that tell facts."""

SUBJECT = 0.3
"""Log odds of recognised words from which a message has a subject."""

OUTSIDE_SUBJECT = 1.0
"""The same for what the guide doesn't cover: every message starts with some."""

TEMPERATURE = "temperature_c"
ILLNESS = "frequent_illness"
"""The topic at which a temperature hints; a fever is a danger sign, and is met before."""

GATED = frozenset({"age_months", "corrected_by_months"})
"""Facts beside the conditions that decide what may be given."""

_FACTS = ("age_months", "feeding_type", "country", TEMPERATURE)
_OPENS_DENIAL = frozenset(["no", "not", "without", "never", "neither", "nor"])
_REASSURING = frozenset({"seems_well", "feeding_well", "belly_soft_or_well", "well_again"})
_JOINTS = frozenset([",", ";", ":", ".", "!", "and", "or", "nor", "but", "also", "/", "&", "-"])


@dataclass(frozen=True)
class Told:
    """What a message tells that asks nothing.

    Attributes:
        facts: names of the facts told: slots, or condition ids that hold.
        taken_out: conditions that it takes back, which were thought to hold.
        denied: what it rules out, in the parent's words.
        another_child: it is about another child.
        bears_on_gates: it changes what decides on foods.
        denies_facts: what it rules out are facts ("no allergies"), which an answer asked after.
    """

    facts: tuple[str, ...] = ()
    taken_out: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    another_child: bool = False
    bears_on_gates: bool = False
    denies_facts: bool = False

    def asks_again(self, before: Question | None, *, passed: bool, asked: bool) -> bool:
        """Tell whether it asks the question before it again.

        What decides on foods always does. Other facts do right after the question only ("what about
        formula?", "she's breastfed").

        Args:
            before: that question, if there was one.
            passed: the talk has gone on since.
            asked: it was a question, and not a worry told ("she has eczema", "no, she hasn't").
        """
        if before is None or before.topics[0] == OUT_OF_SCOPE:
            return False
        if self.taken_out and not asked:
            return False
        return self.bears_on_gates or (not passed and bool(self.facts or self.denies_facts))

    def to_slot(self) -> dict[str, Any]:
        """Return it as a JSON-ready slot value."""
        return {
            "facts": list(self.facts),
            "taken_out": list(self.taken_out),
            "denied": list(self.denied),
            "another_child": self.another_child,
        }

    @classmethod
    def from_slot(cls, value: Mapping[str, Any] | None) -> Told:
        """Read back what `to_slot` gave."""
        kept = value or {}
        return cls(
            facts=tuple(kept.get("facts", ())),
            taken_out=tuple(kept.get("taken_out", ())),
            denied=tuple(kept.get("denied", ())),
            another_child=bool(kept.get("another_child")),
        )


@dataclass(frozen=True)
class _Part:
    """A part of a message between two joints: tokens `start` to `end`, without light words.

    `denied` tells whether it is ruled out.
    """

    start: int
    end: int
    denied: bool


class Tellings:
    """Tells what is only told from what is asked; built once, safe to share.

    Args:
        recogniser: gives the phrase language and the lexicon.
        facts: the facts with the topics that their words hint at.
    """

    def __init__(self, recogniser: Recogniser, facts: FactLexicon) -> None:
        self._background = {
            name: entry.background
            for name, entry in (*facts.facts.items(), *facts.feeding.items())
            if entry.background is not None
        }
        self._phrases = recogniser.phrase_set()
        for name in (BESIDE_DENIAL, FACT_WORDS, DENIED_FACTS, ANOTHER_CHILD):
            self._phrases.add(name, recogniser.lexicon.vocabulary.get(name, ()))

    def __call__(
        self,
        assessment: Assessment,
        ranking: Ranking,
        readings: Sequence[Reading],
        before: Facts,
    ) -> Told | None:
        """Return what a message tells, or None when it asks something or names a worry.

        Args:
            assessment: the message, assessed.
            ranking: its topics.
            readings: what the classifier reads in it.
            before: the facts before it.
        """
        if ranking.asks or ranking.intent == COUNTRY_INTENT:  # that has an answer of its own
            return None
        told = self._told(assessment, before)
        if told.taken_out or self._is_background(assessment, ranking, readings, told):
            return told
        if told.another_child:
            return told
        parts = list(self._parts(assessment.recognition))
        if self._only_denies(assessment.recognition, ranking, parts):
            return told
        return None

    def denied(self, recognition: Recognition) -> tuple[str, ...]:
        """Return the signs that a message rules out, in the parent's words.

        What is a fact of the baby ("no milk allergy") is kept as such, and isn't a sign.
        """
        # "No fever" is said in the parent's words instead.
        facts = {hit.position for hit in recognition.facts if hit.id != ILL_NOW}
        offsets = recognition.doc.user_data["offsets"]
        negated = [one for one in recognition.findings if one.status is Status.NEGATED]
        parts = list(self._parts(recognition))
        if not negated and not all(part.denied for part in parts):
            return ()
        return tuple(
            dict.fromkeys(
                recognition.text[offsets[part.start][0] : offsets[part.end - 1][1]]
                for part in parts
                if part.denied and facts.isdisjoint(range(part.start, part.end))
            )
        )

    def denied_after(self, assessment: Assessment, before: Mapping[str, str]) -> dict[str, str]:
        """Return the signs ruled out so far with their days, after a message.

        Args:
            assessment: the message, assessed.
            before: the signs ruled out before it; one that is told now is ruled out no more.
        """
        recognition = assessment.recognition
        present = {
            word
            for one in recognition.findings
            if one.status is Status.PRESENT
            for word in words_of(recognition.text[one.start : one.end])
            if is_telling(word)
        }
        kept = {said: day for said, day in before.items() if present.isdisjoint(words_of(said))}
        day = assessment.update.day
        return kept | dict.fromkeys(self.denied(recognition), day.isoformat() if day else "")

    def subjects(
        self, recognition: Recognition, ranking: Ranking, readings: Sequence[Reading]
    ) -> Ranking:
        """Return the ranking without the topics that a telling message brings in by the way.

        "8 months, mixed fed, with eczema" is about eczema: feeding is a fact there, and what no
        word speaks for is the classifier's guess.
        """
        is_question = ranking.asks or recognition.items or not _tells(readings)
        if is_question or ranking.outcome is not Outcome.ANSWER:
            return ranking
        spoken = self._subjects(ranking)
        told = {topic for hit in recognition.facts for topic in self._background.get(hit.id, ())}
        kept = [topic for topic in ranking.topics if topic in spoken - told]
        return replace(ranking, topics=tuple(kept)) if kept else ranking

    def _told(self, assessment: Assessment, before: Facts) -> Told:
        update, recognition = assessment.update, assessment.recognition
        after = update.facts
        held = {hit.id for hit in recognition.facts if hit.kind == "condition" and hit.holds}
        named = {"feeding": "feeding_type", "country": "country"}
        facts = {name for name in update.changes if name in _FACTS}
        facts |= {named[hit.kind] for hit in recognition.facts if hit.kind in named and hit.holds}
        facts |= (after.conditions - before.conditions) | (held & after.conditions)
        return Told(
            facts=tuple(sorted(facts - {ILL_NOW})),
            taken_out=tuple(sorted(before.conditions - after.conditions - {ILL_NOW})),
            denied=self.denied(recognition),
            another_child=self._is_of_another_child(assessment),
            bears_on_gates=after.conditions != before.conditions
            or (after.cleared ^ before.cleared) - {ILL_NOW} != frozenset()
            or not GATED.isdisjoint(update.changes),
            denies_facts=self._denies_facts(recognition),
        )

    def _is_of_another_child(self, assessment: Assessment) -> bool:
        """Tell whether it names another child, and neither a fact nor a symptom of the baby."""
        update, recognition = assessment.update, assessment.recognition
        named = update.another_child or bool([*self._covered(recognition, ANOTHER_CHILD)])
        findings = recognition.lexicon.findings
        ill = any(findings[name].symptom for name in recognition.with_status(Status.PRESENT))
        return named and not (update.changes or recognition.facts or ill)

    def _denies_facts(self, recognition: Recognition) -> bool:
        facts = set(self._covered(recognition, DENIED_FACTS))
        denied = [part for part in self._parts(recognition) if part.denied]
        return bool(denied) and all(part.start in facts for part in denied)

    def _is_background(
        self,
        assessment: Assessment,
        ranking: Ranking,
        readings: Sequence[Reading],
        told: Told,
    ) -> bool:
        """Tell whether facts are told that ask for no answer, and nothing else."""
        recognition = assessment.recognition
        of_their_own = [name for name in told.facts if name not in (*_FACTS, *self._background)]
        if not told.facts or of_their_own:
            return False
        plainly = self._rest_is_facts(recognition)
        if told.denied and plainly:
            return True
        if not plainly and not _tells(readings):
            return False
        names = {*told.facts, *(hit.id for hit in recognition.facts)}
        hinted = {topic for name in names for topic in self._background.get(name, ())}
        hinted |= {ILLNESS} if TEMPERATURE in names else set()
        return self._subjects(ranking) <= hinted

    def _rest_is_facts(self, recognition: Recognition) -> bool:
        """Tell whether each part that isn't denied tells a fact or nothing but a number."""
        doc = recognition.doc
        facts = {hit.position for hit in recognition.facts}
        ages = set(self._covered(recognition, FACT_WORDS))
        return all(
            part.denied
            or not facts.isdisjoint(range(part.start, part.end))
            or ages.issuperset(
                index for index in range(part.start, part.end) if is_telling(doc[index].text)
            )
            for part in self._parts(recognition)
        )

    def _subjects(self, ranking: Ranking) -> set[str]:
        """Return the topics for which recognised words of the message speak."""
        least = {OUT_OF_SCOPE: OUTSIDE_SUBJECT}
        return {
            topic for topic, value in ranking.evidence.items() if value > least.get(topic, SUBJECT)
        }

    def _only_denies(
        self, recognition: Recognition, ranking: Ranking, parts: Sequence[_Part]
    ) -> bool:
        """Tell whether a message only rules things out: "no fever, no blood in her nappy".

        "No thanks" rules nothing out: there a sign or a subject is named.
        """
        if not parts or not all(part.denied for part in parts):
            return False
        named = any(one.status is Status.NEGATED for one in recognition.findings)
        cleared = any(not hit.holds for hit in recognition.facts)
        speaks = ranking.outcome is not Outcome.SOCIAL and bool(self._subjects(ranking))
        return named or cleared or speaks

    def _parts(self, recognition: Recognition) -> Iterator[_Part]:
        """Yield the parts of a message that say something; "she is well" says nothing here."""
        doc = recognition.doc
        light = {*self._covered(recognition, BESIDE_DENIAL), *self._reassuring(recognition)}
        start, listed = 0, False
        for end in range(len(doc) + 1):
            if end < len(doc) and doc[end].text not in _JOINTS:
                continue
            said = [
                index
                for index in range(start, end)
                if index not in light and not doc[index].is_punct
            ]
            while said and not is_telling(doc[said[0]].text) and not doc[said[0]].text[0].isdigit():
                said.pop(0)
            if said:
                first, last = said[0], said[-1] + 1
                opened = any(doc[index].text in _OPENS_DENIAL for index in range(start, first))
                listed = (opened or listed) and self._is_denied(recognition, first)
                yield _Part(first, last, listed)
            start = end + 1

    def _covered(self, recognition: Recognition, key: str) -> Iterator[int]:
        for match in self._phrases.matches(recognition.doc):
            if match.key == key:
                yield from range(match.start, match.end)

    def _reassuring(self, recognition: Recognition) -> Iterator[int]:
        """Yield the tokens of what is said to be well."""
        offsets = recognition.doc.user_data["offsets"]
        for one in recognition.findings:
            if one.id in _REASSURING and one.status is Status.PRESENT:
                for index, (start, end) in enumerate(offsets):
                    inside = one.start <= start and end <= one.end
                    if inside and not self._is_denied(recognition, index):
                        yield index

    def _is_denied(self, recognition: Recognition, index: int) -> bool:
        start, end = recognition.doc.user_data["offsets"][index]
        return recognition.status_at(start, end) is Status.NEGATED


def _tells(readings: Sequence[Reading]) -> bool:
    """Tell whether the classifier takes a message for facts."""
    return bool(readings) and readings[0].intent in TELLS
