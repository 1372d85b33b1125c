"""What a message asks, with what was asked before ("how much?", "and if she's breastfed?").

A message with a subject of its own is taken as it is. One without takes over the topics and items
of the question before it; new facts alone ("oh, she's 7 months") ask the same question again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from guide.context import Status
from guide.given import Given
from guide.model import Question
from guide.patterns import Match
from guide.reading import is_telling, words_of
from guide.recogniser import Recogniser, Recognition
from guide.topics import NOBODY, OUT_OF_SCOPE, Outcome, Ranking

SHORT_WORDS = 9
"""A message of at most so many words may be about the question before it."""

SURE = 0.75
"""Share from which the ranking is believed without a word that names a subject."""

MAX_BEFORE = 300
"""Longest part of the question before that is kept, in characters."""

OWN_SUBJECT = 0.8
"""Log odds of recognised evidence from which a message has a subject of its own."""

FOLLOWS = "follows_on"
SUPPOSES = "on_condition"
BABY = "about_the_baby"
BARE = "no_subject"
DRINK = "given_as_drink"
REPLACES = "given_instead_of_milk"
EATEN = "was_eaten"
TIME = "told_time"
FOLLOWS_FOOD = "after_a_food"
GIVEN_AGAIN = "given_again"
WENT_WELL = "went_well"
_LISTS = (
    FOLLOWS,
    SUPPOSES,
    BABY,
    BARE,
    DRINK,
    REPLACES,
    EATEN,
    TIME,
    FOLLOWS_FOOD,
    GIVEN_AGAIN,
    WENT_WELL,
)

REACTION = "food_allergy"
"""The topic of what follows a food."""

FEEDINGS = frozenset({"breastfeeding", "formula_feeding"})
CIRCUMSTANCES = FEEDINGS | {"eczema_symptoms", "medication", REACTION, OUT_OF_SCOPE}
"""Topics of what may be true of a baby whom a question is about: "and if she's breastfed?"."""

SYMPTOMS = ("eczema_symptoms", "digestive_symptoms", REACTION)
"""Topics of what may follow a food."""

DIARY = "diary_log"
NOTED_WORDS = 16
"""A message of at most so many words may be a note for the diary."""

SPEAKS = 0.3
"""Log odds of recognised words from which a message speaks of a topic."""

NOT_ASKED = (Status.NEGATED, Status.OTHER)
"""How a food is meant that isn't asked about."""

_TELLS = frozenset({"inform", "deny", "affirm", "decline_age"})


class FollowUps:
    """Makes the question to answer from a message and the question before it.

    Args:
        recogniser: gives the phrase language; its vocabulary holds the wordings.
        item_topics: the topic of each food, product or exposure.
    """

    def __init__(self, recogniser: Recogniser, item_topics: Mapping[str, str]) -> None:
        self._item_topics = item_topics
        self._recogniser = recogniser
        self._phrases = recogniser.phrase_set()
        for name in _LISTS:
            self._phrases.add(name, recogniser.lexicon.vocabulary.get(name, ()))

    def __call__(
        self,
        recognition: Recognition,
        ranking: Ranking,
        previous: Question | None = None,
        asked_age_months: float | None = None,
        given: Given | None = None,
    ) -> Question | None:
        """Return the question to answer, or None when there is none.

        Args:
            recognition: what was recognised in the message.
            ranking: the topics of the message, ranked without the question before it.
            previous: the question before it in the conversation.
            asked_age_months: the age that the message asks about, when it isn't today's.
            given: the food noted last in the diary, when the talk has been of it since.
        """
        matches = tuple(self._phrases.matches(recognition.doc))
        said = {match.key for match in matches}
        items = tuple(dict.fromkeys(found.id for found in recognition.items))
        if given and not items and GIVEN_AGAIN in said:
            topics = (REACTION,) if given.reacted else self._topics_of(given.foods)
            return Question(recognition.text, topics, given.foods)
        topics = self._topics(recognition, ranking, previous, items, matches)
        if not topics:
            return None
        taken_over = previous is not None and not items and topics[0] in previous.topics
        old = previous if taken_over else None
        return Question(
            text=recognition.text,
            topics=topics,
            items=items or self._kept_items(old, topics),
            as_drink=DRINK in said or bool(old and old.as_drink),
            instead_of_milk=REPLACES in said or bool(old and old.instead_of_milk),
            asked_age_months=asked_age_months,
            supposed=self._supposed(recognition, matches),
            before=f"{old.before} {old.text}".strip()[-MAX_BEFORE:] if old else "",
        )

    def _kept_items(self, old: Question | None, topics: tuple[str, ...]) -> tuple[str, ...]:
        """Return the items of the question before that are still asked about.

        Of egg and a soap, "and the soap?" leaves the egg behind.
        """
        if old is None or topics == old.topics:
            return old.items if old else ()
        return tuple(item for item in old.items if self._item_topics[item] in topics)

    def _supposed(self, recognition: Recognition, matches: Sequence[Match]) -> frozenset[str]:
        """Return the conditions that a message only supposes: "what if she's allergic to milk?"."""
        ends = [match.end for match in matches if match.key == SUPPOSES]
        offsets = recognition.doc.user_data["offsets"]
        if not ends or min(ends) >= len(offsets):
            return frozenset()
        rest = self._recogniser.facts_in(recognition.text[offsets[min(ends)][0] :])
        return frozenset(hit.id for hit in rest if hit.kind == "condition" and hit.holds)

    def _topics(
        self,
        recognition: Recognition,
        ranking: Ranking,
        previous: Question | None,
        items: tuple[str, ...],
        matches: Sequence[Match],
    ) -> tuple[str, ...]:
        said = {match.key for match in matches}
        own = self._own_topics(recognition, ranking)
        bare = not items and _is_bare(recognition, matches)
        if previous is None:
            return () if bare else own
        if previous.topics[0] == OUT_OF_SCOPE:
            meant = self._topics_of(previous.items)
            if BABY in said and not items and meant:
                return meant
            return () if bare else own
        if ranking.outcome is Outcome.SOCIAL:
            return previous.topics if ranking.intent in _TELLS and not ranking.asks else own
        if bare:
            return previous.topics
        if self._length(recognition) > SHORT_WORDS:
            return own
        if items:  # "what about the water one?"
            same = self._topics_of(items)
            return same if set(same) <= set(previous.topics) else own
        spoken = {topic for topic, value in ranking.evidence.items() if value > 0.0}
        if SUPPOSES in said and spoken <= CIRCUMSTANCES - _other_feeding(previous):
            return previous.topics
        strongest = max(
            (value for topic, value in ranking.evidence.items() if topic != OUT_OF_SCOPE),
            default=0.0,
        )
        if not ranking.asks and FOLLOWS not in said:  # facts, told after the question
            return previous.topics if strongest < 2 * OWN_SUBJECT else own
        outside = ranking.evidence.get(OUT_OF_SCOPE, 0.0) - NOBODY
        declined = own[:1] == (OUT_OF_SCOPE,) and (FOLLOWS not in said or outside >= SPEAKS)
        guessed = strongest <= 0.0 and not declined  # no word of it names a subject
        if guessed and ranking.confidence >= SURE and own[0] in previous.topics:
            return own[:1]  # one of the topics before: "what can i do for his cheeks then"
        if guessed or (strongest < OWN_SUBJECT and ranking.confidence < SURE):
            return previous.topics
        return own

    def _own_topics(self, recognition: Recognition, ranking: Ranking) -> tuple[str, ...]:
        """Return the ranked topics; a named food is declined only where other words say why.

        "What about yoghurt?" has no word of the guide's beside the food, and no other either.
        """
        named = self._topics_of(one.id for one in recognition.items if one.status not in NOT_ASKED)
        outside = ranking.evidence.get(OUT_OF_SCOPE, 0.0)
        guessed = ranking.outcome is Outcome.DECLINE and outside < SPEAKS
        return named if guessed and named else ranking.topics

    def followed(
        self, recognition: Recognition, ranking: Ranking, given: Given | None
    ) -> Question | None:
        """Return the question of what did or did not follow a food; None for another matter.

        "Rash an hour later", "no reaction": it is noted, and what is asked next is about that food.
        """
        if given is None or ranking.asks or recognition.items:
            return None
        said = {match.key for match in self._phrases.matches(recognition.doc)}
        symptom = any(ranking.evidence.get(topic, 0.0) >= SPEAKS for topic in SYMPTOMS)
        noted = ranking.intent == DIARY
        well = WENT_WELL in said and len(words_of(recognition.text)) <= NOTED_WORDS
        if well and not given.reacted and (noted or ranking.outcome is not Outcome.SOCIAL):
            return Question(recognition.text, self._topics_of(given.foods), given.foods)
        if FOLLOWS_FOOD in said and (symptom or noted):
            return Question(recognition.text, (REACTION,), given.foods)
        return None

    def is_note(self, recognition: Recognition, ranking: Ranking) -> bool:
        """Tell whether a message only tells what was eaten when, as one notes it in a diary."""
        if ranking.asks or not recognition.items:
            return False
        said = {match.key for match in self._phrases.matches(recognition.doc)}
        return {EATEN, TIME} <= said and len(words_of(recognition.text)) <= NOTED_WORDS

    def _topics_of(self, items: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._item_topics[item] for item in items))

    def _length(self, recognition: Recognition) -> int:
        """Return how many words a message has beside those that tell an age or nothing."""
        return sum(is_telling(word) for word in words_of(recognition.text))


def _is_bare(recognition: Recognition, matches: Iterable[Match]) -> bool:
    """Tell whether a message has no word that says what it is about ("how much?")."""
    covered: set[int] = set()
    for match in matches:
        if match.key in (FOLLOWS, BARE):
            covered.update(range(match.start, match.end))
    return bool(covered) and all(
        token.i in covered or token.is_punct or not is_telling(token.text)
        for token in recognition.doc
    )


def _other_feeding(previous: Question) -> frozenset[str]:
    """Return the topics that are no mere circumstance: of formula, "and if she's breastfed?"."""
    return FEEDINGS if previous.topics[0] in FEEDINGS else frozenset()
