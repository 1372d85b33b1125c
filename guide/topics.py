"""Which topics a message asks about, and whether to answer, to offer choices, or to pass.

Three kinds of evidence are added up as log odds, sentence by sentence: what the classifier reads,
the wordings of `data/lexicon/topics.yml`, and the foods, products and findings recognised.
A sentence that asks weighs more than one that tells.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from guide.context import Status
from guide.model import TOPICS
from guide.reading import Reading, asks, sentence_spans
from guide.recogniser import Recogniser, Recognition
from guide.second_reader import Impression

OUT_OF_SCOPE = "out_of_scope"
A_BABY = "a_baby"
SOMEBODY_ELSE = "somebody_else"
ANOTHER_MATTER = "another_matter"
EATEN = "starting_solids"
ALLERGENS = "food_allergy"
TOLD = {
    "formula": "formula_feeding",
    "breast": "breastfeeding",
    "solids_started": EATEN,
}
"""Topics of facts: a message that tells one ("formula fed, ...") asks about others first."""

MAX_TOPICS = 4
MAX_OFFERED = 3

# Found by coordinate search on a random half of the development sets; see docs/understanding.md.
FLOOR = 0.005  # a topic that the classifier rules out still has this probability
READER = 1.0  # weight of the second reader's log odds
READER_FLOOR = 0.003  # a topic that the second reader rules out still has this probability
SENTENCES = 0.2  # weight of the sentences' readings beside the whole message's
HINT = 0.55  # log odds of a hint of weight 1
HINT_CAP = 5.0
ITEM = 0.65
FIRST_ITEM = 0.5  # more for the thing that is named first
FINDING = 0.35
ELSEWHERE = 4.4  # log odds for "out of scope" when the message is plainly about somebody else
OURS_ELSEWHERE = 0.35  # what is left then of the evidence for the guide's own topics
ADULT_BABY = 0.25  # what is left of the evidence for "out of scope" when a baby is named
OURS = 1.8  # strength of hints from which a message names a topic of the guide
BESIDE_OURS = 0.4  # the same when the message names a topic of the guide
MATTER_BESIDE_OURS = 0.8  # the same for other matters of a baby: teeth, sleep, talking
OUTSIDE = -0.6  # log odds for "out of scope" in every message: a baby's matter is seldom declined
TOLD_OUTSIDE = 0.3  # what a hint of "out of scope" weighs in a sentence that doesn't ask
NOBODY = 0.6  # log odds for "out of scope" when neither a baby nor a topic of the guide is named
NAMED = 1.8  # strength of hints from which a topic is answered beside the best one
FURTHER = 0.12  # a further topic has at least this share of the best one's odds
UNKNOWN_SHARE = 0.1  # a best topic below this is no answer
KNOWN_SHARE = 0.34  # below this share of known words, nothing is understood without a hint

ERRANDS = frozenset(
    {"diary_show", "ask_plan", "ask_note", "ask_memory", "ask_severity", "forget_me"}
)
"""What a parent asks the chat to do: a food or symptom named in it makes it no question."""

TELLINGS = frozenset({"inform", "alarm_over"})
"""Intents of what is only told: a question is none of them."""

ASKING = 1.6
LAST = 1.2
FIRST = 1.1


class Outcome(str, Enum):
    """What to do with a message."""

    ANSWER = "answer"
    OFFER = "offer"
    DECLINE = "decline"
    SOCIAL = "social"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Ranking:
    """What a message asks about.

    Attributes:
        outcome: what to do with it.
        topics: topic ids to answer, or to offer as choices, the likeliest first; `out_of_scope`
            alone when it is declined; empty when it is small talk or not understood.
        scores: share of 1 by topic id, highest first.
        intent: the intent that Rasa is told, None when nothing was understood.
        evidence: log odds that recognised words speak for each topic.
        asks: some sentence of it asks something.
    """

    outcome: Outcome
    topics: tuple[str, ...]
    scores: Mapping[str, float]
    intent: str | None
    evidence: Mapping[str, float] = field(default_factory=dict)
    asks: bool = False

    @property
    def confidence(self) -> float:
        """Return the share of the likeliest topic."""
        return next(iter(self.scores.values()), 0.0)


class TopicRanker:
    """Ranks topics; built once, safe to share.

    Args:
        recogniser: makes the recognitions that are ranked.
        item_topics: the topic of each food, product or exposure.
    """

    def __init__(self, recogniser: Recogniser, item_topics: Mapping[str, str]) -> None:
        self._lexicon = recogniser.lexicon
        self._item_topics = item_topics
        self._hints = recogniser.phrase_set()
        for topic, hints in self._lexicon.topics.items():
            for name, hint in hints.items():
                self._hints.add(f"{topic} {name}", hint.phrases)

    def __call__(
        self,
        recognition: Recognition,
        readings: Sequence[Reading],
        impression: Impression | None = None,
    ) -> Ranking:
        """Rank the topics of a message.

        Args:
            recognition: what was recognised in it.
            readings: what the classifier reads: the whole message first, then each of the
                sentences that `guide.reading.sentences_of` finds.
            impression: what the second reader makes of it; None leaves it out.
        """
        spans = sentence_spans(recognition.text)
        weights = sentence_weights(recognition.text, spans)
        whole = readings[0] if readings else Reading({}, 0.0)
        evidence = self._evidence(recognition, spans, weights)
        intents = _mixed(readings, weights)
        odds = {
            topic: math.log(intents.get(_intent(topic), 0.0) + FLOOR) + evidence.get(topic, 0.0)
            for topic in TOPICS
        }
        odds[OUT_OF_SCOPE] += OUTSIDE
        if impression is not None:
            for topic in TOPICS:
                odds[topic] += READER * math.log(impression.topics.get(topic, 0.0) + READER_FLOOR)
        social = {
            intent: share
            for intent, share in intents.items()
            if intent.removeprefix("ask_") not in TOPICS
        }
        named = frozenset(self._topics_of_items(recognition))
        told = frozenset(TOLD[hit.id] for hit in recognition.facts if hit.holds and hit.id in TOLD)
        return _decide(odds, evidence, social, whole, named, told, asks=asks(recognition.text))

    def _evidence(
        self,
        recognition: Recognition,
        spans: Sequence[tuple[int, int]],
        weights: Sequence[float],
    ) -> dict[str, float]:
        """Return the log odds that hints, items and findings speak for each topic."""
        top = max(weights, default=1.0)

        def weight(start: int) -> float:
            for (_, end), value in zip(spans, weights, strict=True):
                if start < end:
                    return value / top
            return 1.0

        strongest: dict[tuple[str, str], float] = {}
        for topic, name, start, strength in self._hints_at(recognition):
            if topic in (OUT_OF_SCOPE, ANOTHER_MATTER) and weight(start) < 1.0:
                strength *= TOLD_OUTSIDE
            key = (topic, name)
            strongest[key] = max(strongest.get(key, 0.0), strength * weight(start))
        by_topic: dict[str, list[float]] = defaultdict(list)
        for (topic, _), strength in strongest.items():
            by_topic[topic].append(strength)
        evidence = {topic: HINT * _joined(values) for topic, values in by_topic.items()}
        for topic, value in self._items_and_findings(recognition, weight):
            evidence[topic] = evidence.get(topic, 0.0) + value
        return _about_whom(evidence)

    def _hints_at(self, recognition: Recognition) -> Iterator[tuple[str, str, int, float]]:
        """Yield (topic, hint, start in characters, weight) of each hint in the message."""
        offsets = recognition.doc.user_data["offsets"]
        for match in self._hints.matches(recognition.doc):
            topic, name = match.key.split(" ", 1)
            yield topic, name, offsets[match.start][0], self._lexicon.topics[topic][name].weight

    def _topics_of_items(self, recognition: Recognition) -> Iterator[str]:
        """Yield the topics of what is named to be given; they are answered whatever else is."""
        for found in recognition.items:
            if found.status in (Status.PRESENT, Status.HYPOTHETICAL, Status.UNCERTAIN):
                topic = self._item_topics[found.id]
                yield topic
                if topic == ALLERGENS:
                    yield EATEN

    def _items_and_findings(
        self, recognition: Recognition, weight: Callable[[int], float]
    ) -> Iterator[tuple[str, float]]:
        items: dict[str, float] = {}
        for found in recognition.items:
            topic = self._item_topics[found.id]
            denied = found.status in (Status.NEGATED, Status.OTHER)
            value = ITEM * weight(found.start) * (0.4 if denied else 1.0)
            if not items and not denied:
                value += FIRST_ITEM
            items[topic] = max(items.get(topic, 0.0), value)
            if topic == ALLERGENS:  # egg or fish is as often a question of feeding
                items[EATEN] = max(items.get(EATEN, 0.0), value)
        findings: dict[str, float] = {}
        for found in recognition.findings:
            for place, topic in enumerate(self._lexicon.findings[found.id].topics):
                if found.status not in (Status.NEGATED, Status.OTHER):
                    value = FINDING * weight(found.start) / (place + 1)
                    findings[topic] = max(findings.get(topic, 0.0), value)
        yield from items.items()
        yield from findings.items()


def _about_whom(evidence: Mapping[str, float]) -> dict[str, float]:
    """Return the evidence weighed by whom the message is about: a baby, or plainly not."""
    weighed = {topic: value for topic, value in evidence.items() if topic in TOPICS}
    outside = weighed.get(OUT_OF_SCOPE, 0.0)
    matter = evidence.get(ANOTHER_MATTER, 0.0)
    if SOMEBODY_ELSE in evidence:
        share = 1.0 if A_BABY in evidence else OURS_ELSEWHERE
        weighed = {topic: value * share for topic, value in weighed.items()}
        elsewhere = ELSEWHERE * (ADULT_BABY if A_BABY in evidence else 1.0)
        weighed[OUT_OF_SCOPE] = outside + matter + elsewhere
        return weighed
    ours = max((value for topic, value in weighed.items() if topic != OUT_OF_SCOPE), default=0.0)
    if ours >= OURS * HINT:
        outside *= BESIDE_OURS
        matter *= MATTER_BESIDE_OURS
    if A_BABY in evidence:
        outside *= ADULT_BABY
    elif ours <= 0.0:
        outside += NOBODY
    return {**weighed, OUT_OF_SCOPE: outside + matter}


def sentence_weights(text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
    """Return how much each sentence counts: more when it asks, comes last or stands first."""
    weights = []
    for index, (start, end) in enumerate(spans):
        weight = ASKING if asks(text[start:end]) else 1.0
        if len(spans) > 1 and index == len(spans) - 1:
            weight *= LAST
        if len(spans) > 1 and index == 0:
            weight *= FIRST
        weights.append(weight)
    return weights


def _mixed(readings: Sequence[Reading], weights: Sequence[float]) -> dict[str, float]:
    """Return probabilities of intents: the whole message's mixed with its sentences'."""
    if not readings:
        return {}
    whole, sentences = readings[0], readings[1:]
    told = [
        (reading, weight * _length_weight(reading))
        for reading, weight in zip(sentences, weights, strict=False)
        if reading.probabilities
    ]
    total = sum(weight for _, weight in told)
    if len(sentences) < 2 or not total:
        return dict(whole.probabilities)
    mixed: dict[str, float] = defaultdict(float)
    for intent, share in whole.probabilities.items():
        mixed[intent] += (1.0 - SENTENCES) * share
    for reading, weight in told:
        for intent, share in reading.probabilities.items():
            mixed[intent] += SENTENCES * share * weight / total
    return mixed


def _length_weight(reading: Reading) -> float:
    """Return the weight of a sentence by how sure it is: "Normal?" tells little of the topic."""
    return reading.confidence * reading.known


def _joined(values: Iterable[float]) -> float:
    """Return the strength of several hints of one topic: the best, and a part of the others."""
    ordered = sorted(values, reverse=True)
    return min(HINT_CAP, ordered[0] + 0.4 * sum(ordered[1:]))


def _decide(
    odds: Mapping[str, float],
    evidence: Mapping[str, float],
    social: Mapping[str, float],
    whole: Reading,
    named: frozenset[str],
    told: frozenset[str],
    *,
    asks: bool,
) -> Ranking:
    best_odds = max(odds.values())
    shares = {topic: math.exp(value - best_odds) for topic, value in odds.items()}
    total = sum(shares.values())
    ordered = sorted(shares, key=lambda topic: -shares[topic])
    scores = {topic: shares[topic] / total for topic in ordered}
    best = ordered[0]
    hinted = max(
        (value - (NOBODY if topic == OUT_OF_SCOPE else 0.0) for topic, value in evidence.items()),
        default=0.0,
    )
    talk = max(social, key=social.__getitem__, default=None)
    if talk and social[talk] > 0.5 and social[talk] > 4 * whole.probabilities.get(_intent(best), 0):
        is_talk = talk in ERRANDS or (hinted < 2 * HINT and not (talk in TELLINGS and asks))
        if is_talk:
            return Ranking(Outcome.SOCIAL, (), scores, talk, evidence, asks)
    if (whole.known < KNOWN_SHARE and hinted <= 0) or scores[best] < UNKNOWN_SHARE:
        return Ranking(Outcome.UNKNOWN, (), scores, None, evidence, asks)
    if best == OUT_OF_SCOPE:
        decline = Outcome.DECLINE
        return Ranking(decline, (OUT_OF_SCOPE,), scores, OUT_OF_SCOPE, evidence, asks)
    near = [
        topic
        for topic in ordered[1:]
        if topic != OUT_OF_SCOPE
        and (topic in named or _is_near(shares[topic], evidence.get(topic, 0.0)))
    ]
    near.sort(key=told.__contains__)
    topics = (best, *near)[:MAX_TOPICS]
    certain = scores[best] >= 0.3 or hinted > HINT
    outcome = Outcome.ANSWER if certain else Outcome.OFFER
    return Ranking(outcome, topics, scores, _intent(best), evidence, asks)


def _is_near(share: float, evidence: float) -> bool:
    return share >= FURTHER or evidence >= NAMED * HINT


def _intent(topic: str) -> str:
    return topic if topic == OUT_OF_SCOPE else f"ask_{topic}"
