"""The recogniser as a node of Rasa's NLU pipeline: the guide decides, Rasa carries it out.

It runs after the intent classifier. A danger sign decides the intent whatever the classifier
thinks; all else that was understood goes out as entities, from which Rasa fills the slots, so that
nothing of it hangs on the action server.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.classifier import READINGS
from guide.assess import assess
from guide.decide import UNCLEAR, Decider, Decision, expected_fact
from guide.knowledge import DATA, Words, load_reader, load_words, share
from guide.model import Facts
from guide.reading import Reading
from guide.second_reader import FILES, SecondReader
from guide.seen import slot_memory
from guide.state import read_facts, read_memory

WORDS_FILE = "words.json"
READER = DATA / "reader"
_PAYLOAD = re.compile(r"/\w+(?:@[\d.]+)?\s*(?:\{.*\}\s*)?", re.DOTALL)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class GuideRecogniser(GraphComponent):
    """Assesses each message with what the conversation knows already."""

    def __init__(
        self,
        words: Words,
        model_storage: ModelStorage,
        resource: Resource,
        reader: SecondReader,
    ) -> None:
        self._words = words
        self._reader = reader
        self._recogniser = words.recogniser()
        self._decide = Decider(words, self._recogniser)
        self._model_storage = model_storage
        self._resource = resource

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the component's settings: none."""
        return {}

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages that it needs."""
        return ["onnxruntime", "spacy", "symspellpy", "snowballstemmer"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GuideRecogniser:
        """Make it from the files of `data/`, for training."""
        return cls(load_words(), model_storage, resource, load_reader())

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> GuideRecogniser:
        """Make it from the words that the model carries."""
        with model_storage.read_from(resource) as folder:
            values = json.loads((folder / WORDS_FILE).read_text(encoding="utf-8"))
            reader = SecondReader.load(folder)
        component = cls(Words.from_json(values), model_storage, resource, reader)
        share(component._recogniser, reader)
        return component

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Return a hash of the words: Rasa must not reuse a model of older ones."""
        digest = hashlib.sha256(_as_json(load_words()).encode())
        for name in FILES:
            digest.update((READER / name).read_bytes())
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Store the words and the second reader in the model: it runs without `data/`."""
        words = _as_json(self._words)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / WORDS_FILE).write_text(words, encoding="utf-8")
            for name in FILES:
                shutil.copyfile(READER / name, folder / name)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the training data as it is."""
        return training_data

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        """Set the intent and the entities of each message."""
        slots = tracker.current_slot_values() if tracker else {}
        sender = tracker.sender_id if tracker else ""
        for message in messages:
            text = message.get(TEXT)
            if text is None:  # an example without words, in training
                continue
            words = _words_of(text)
            if words:
                # Rasa obeys what starts with a slash; a parent's words are only words.
                message.set(TEXT, words, add_to_output=True)
                told = self._process(message, words, slots, _now())
                if sender:
                    slot_memory.note(sender, {**slots, **told})
            else:
                # No rule fits "no intent", and Rasa would say its fallback ten times.
                _write(message, Decision(UNCLEAR), text)
        return messages

    def _process(
        self, message: Message, text: str, slots: Mapping[str, Any], now: datetime
    ) -> Mapping[str, Any]:
        """Write the decision on one message, and return the slots that it changes."""
        readings = [Reading(one["intents"], one["known"]) for one in message.get(READINGS) or ()]
        assessment = assess(
            self._recogniser,
            text,
            self._facts(slots, message.get("metadata") or {}),
            read_memory(slots),
            now,
            expecting=expected_fact(slots),
            reader=self._reader,
            reading=readings[0] if readings else None,
        )
        decision = self._decide(assessment, readings, slots)
        _write(message, decision, text)
        return decision.slots

    def _facts(self, slots: Mapping[str, Any], metadata: Mapping[str, Any]) -> Facts:
        """Return the facts so far; a channel may say which country the parent chose."""
        facts = read_facts(slots)
        country = metadata.get("country")
        known = isinstance(country, str) and country in self._words.lexicon.numbers
        return facts.with_(country=country) if country and known else facts


def _words_of(text: str) -> str:
    """Return what a parent typed; nothing for a button's payload, which Rasa reads by itself."""
    if _PAYLOAD.fullmatch(text):
        return ""
    return text.lstrip("/ \n") if text.startswith("/") else text.strip()


def _write(message: Message, decision: Decision, text: str) -> None:
    message.set(
        INTENT,
        {INTENT_NAME_KEY: decision.intent, PREDICTED_CONFIDENCE_KEY: decision.confidence},
        add_to_output=True,
    )
    entities = [
        {
            "entity": name,
            "value": value,
            "start": 0,
            "end": len(text),
            "extractor": "GuideRecogniser",
        }
        for name, value in decision.slots.items()
    ]
    message.set(ENTITIES, entities, add_to_output=True)


def _now() -> datetime:
    """Return the present moment; conversations count in UTC."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


def _as_json(words: Words) -> str:
    return json.dumps(words.to_json(), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value)
    return getattr(value, "value", str(value))
