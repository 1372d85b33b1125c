"""The recogniser inside Rasa: what it stores, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from guide.knowledge import Words

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """Return (storage, resource) of a trained recogniser."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from components.recogniser import GuideRecogniser

    storage = LocalModelStorage.create(tmp_path_factory.mktemp("storage"))
    resource = Resource("recogniser")
    made = GuideRecogniser.create(GuideRecogniser.get_default_config(), storage, resource, None)
    return storage, made.train(TrainingData())


@pytest.fixture(scope="module")
def component(stored: tuple[Any, Any]) -> Any:
    from components.recogniser import GuideRecogniser

    return GuideRecogniser.load(GuideRecogniser.get_default_config(), *stored, None)


def _read(component: Any, text: str | None) -> Any:
    from rasa.shared.nlu.training_data.message import Message

    message = Message(data={} if text is None else {"text": text})
    component.process([message])
    return message


def test_the_model_carries_its_words(
    stored: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Loading must work where the data folder is absent."""
    from components import recogniser
    from guide import knowledge

    def no_data(*_: Any) -> Words:
        raise AssertionError("the data folder was read")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(recogniser, "load_words", no_data)
    monkeypatch.setattr(knowledge, "DATA", tmp_path)
    loaded = recogniser.GuideRecogniser.load({}, *stored, None)
    assert _read(loaded, "he can't breathe").get("intent")["name"] == "danger_emergency"


def test_the_fingerprint_follows_the_words(
    real_words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    from components import recogniser

    before = recogniser.GuideRecogniser.fingerprint_addon({})
    assert recogniser.GuideRecogniser.fingerprint_addon({}) == before
    values = json.loads(json.dumps(real_words.to_json()))
    values["lexicon"]["expansions"]["wheezin"] = "wheezing"
    monkeypatch.setattr(recogniser, "load_words", lambda: Words.from_json(values))
    assert recogniser.GuideRecogniser.fingerprint_addon({}) != before


def test_danger_sets_intent_and_entities(component: Any) -> None:
    message = _read(component, "he can't breathe")
    assert message.get("intent")["name"] == "danger_emergency"
    entities = {one["entity"]: one["value"] for one in message.get("entities")}
    assert entities["danger_sign"] == entities["alarm"]
    json.dumps(message.get("entities"))  # must reach the tracker as JSON


@pytest.mark.parametrize("text", ["", " ", "\n", "/nonsense", '/ask_kefir{"a": 1}'])
def test_what_holds_no_words_is_not_understood(component: Any, text: str) -> None:
    message = _read(component, text)
    assert message.get("intent")["name"] == "unclear"
    assert message.get("entities") == []
    assert message.get("text") == text  # a payload is left for Rasa to read


@pytest.mark.parametrize("text", ["/he can't breathe", "// he can't breathe", "/ he can't breathe"])
def test_a_slash_before_words_is_dropped(component: Any, text: str) -> None:
    message = _read(component, text)
    assert message.get("intent")["name"] == "danger_emergency"
    assert message.get("text") == "he can't breathe"


def test_an_example_without_words_is_left_alone(component: Any) -> None:
    assert _read(component, None).get("intent") is None
