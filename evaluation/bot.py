"""The bot's own way from words to decision, without Rasa around it: what is evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from guide.assess import Assessment, assess
from guide.decide import Decider, Decision
from guide.knowledge import DATA, load_words
from guide.reading import Classifier, Reading, read_training, train
from guide.second_reader import SecondReader
from guide.state import QUESTION_SLOT, read_facts, read_memory


@cache
def train_classifier(data: Path = DATA) -> Classifier:
    """Train the classifier on the training data, as `rasa train` does, once in a process."""
    examples = read_training(data)
    return train([text for text, _ in examples], [intent for _, intent in examples])


def read_all(classifier: Classifier, text: str) -> list[Reading]:
    """Return what the classifier reads: the message first, then each of its sentences."""
    return classifier.read_all(text)


@dataclass
class Conversation:
    """A conversation's slots, and what its last message came to."""

    slots: dict[str, Any] = field(default_factory=dict)
    assessment: Assessment | None = None
    decision: Decision | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        """Return the topics that the last message is answered with, danger aside."""
        question = self.decision.slots.get(QUESTION_SLOT) if self.decision else None
        return tuple(question["topics"]) if question else ()


class Bot:
    """Recogniser, classifier and decision, put together once.

    Args:
        classifier: the intent classifier.
        reader: the second reader; without it the rules decide alone.
    """

    def __init__(self, classifier: Classifier, reader: SecondReader | None = None) -> None:
        self.words = load_words()
        self.recogniser = self.words.recogniser()
        self.classifier = classifier
        self.reader = reader
        self._decide = Decider(self.words, self.recogniser)

    def hear(self, conversation: Conversation, text: str, now: datetime) -> None:
        """Take one message of the parent into `conversation`."""
        slots = conversation.slots
        readings = read_all(self.classifier, text)
        assessed = assess(
            self.recogniser,
            text,
            read_facts(slots),
            read_memory(slots),
            now,
            reader=self.reader,
            reading=readings[0],
        )
        conversation.assessment = assessed
        conversation.decision = self._decide(assessed, readings, slots)
        slots.update(conversation.decision.slots)

    def converse(self, messages: Iterable[str], now: datetime) -> Conversation:
        """Return the conversation after all of `messages`."""
        conversation = Conversation()
        for message in messages:
            self.hear(conversation, message, now)
        return conversation
