"""The intent classifier as a Rasa component; the model itself is `guide.reading`."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from guide.reading import STRENGTH, Classifier, Reading, sentences_of, train

READINGS = "readings"
"""Message property: what each sentence asks for, as [{text, known, intents: {intent: share}}]."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NpzIntentClassifier(GraphComponent, IntentClassifier):
    """Tells the intent from the text alone; stored as .npz and JSON, without pickled code."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the settings: `strength`, the inverse of the regularisation."""
        return {"strength": STRENGTH}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: Classifier | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NpzIntentClassifier:
        """Makes an untrained classifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Trains on the texts of `training_data` and stores the model."""
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        texts = [one.get(TEXT) for one in examples]
        self._model = train(texts, [one.get(INTENT) for one in examples], self._config["strength"])
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> NpzIntentClassifier:
        """Loads the stored model."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, Classifier.load(folder))

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking of each message; no known word in it means no intent."""
        for message in messages:
            text = message.get(TEXT)
            if text and self._model:
                self._classify(message, text, self._model)
        return messages

    def _classify(self, message: Message, text: str, model: Classifier) -> None:
        reading = model.read(text)
        ranking = [_ranked(name, share) for name, share in reading.probabilities.items()]
        message.set(INTENT, ranking[0] if ranking else _ranked(None, 0.0), add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        readings = [_plain(one, model.read(one)) for one in sentences_of(text)]
        message.set(READINGS, [_plain(text, reading), *readings], add_to_output=True)


def _ranked(name: str | None, share: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: share}


def _plain(text: str, reading: Reading) -> dict[str, Any]:
    """Returns a reading as JSON-ready values."""
    intents = {name: round(share, 4) for name, share in reading.probabilities.items()}
    return {"text": text, "known": round(reading.known, 3), "intents": intents}
