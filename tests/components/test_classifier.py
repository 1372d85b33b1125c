"""The classifier: its numbers, its files, and nothing known meaning nothing said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from guide.reading import Classifier, features_of, read_nlu, sentences_of, train

TEXTS = [
    "can she have kefir",
    "is kefir safe at 9 months",
    "how much kefir a day",
    "kefir in porridge",
    "which soap for the bath",
    "how often do I bath a newborn",
    "fragrance free washing powder",
    "soap free wash for eczema",
    "hello",
    "hi there",
    "good morning",
    "hello to you",
]
LABELS = ["ask_kefir"] * 4 + ["ask_skin_irritants"] * 4 + ["greet"] * 4


@pytest.fixture(scope="module")
def model() -> Classifier:
    return train(TEXTS, LABELS)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("kefir at 10 months?", "ask_kefir"),
        ("kefirr for her", "ask_kefir"),
        ("what soap", "ask_skin_irritants"),
        ("hello!", "greet"),
    ],
)
def test_reads(model: Classifier, text: str, intent: str) -> None:
    assert model.read(text).intent == intent


@pytest.mark.parametrize("text", ["", "   ", "zzz", "👶👶", "qwrtz plk", "12", "?!"])
def test_nothing_known_means_no_intent(model: Classifier, text: str) -> None:
    reading = model.read(text)
    assert reading.intent is None
    assert reading.confidence == 0.0


def test_probabilities_add_up(model: Classifier) -> None:
    shares = list(model.read("can she have kefir with soap").probabilities.values())
    assert sum(shares) == pytest.approx(1.0, abs=1e-4)
    assert shares == sorted(shares, reverse=True)


def test_training_again_gives_the_same_model(model: Classifier) -> None:
    again = train(TEXTS, LABELS)
    assert dict(again.read("kefir?").probabilities) == dict(model.read("kefir?").probabilities)


def test_stored_without_code_and_read_back(model: Classifier, tmp_path: Path) -> None:
    model.save(tmp_path)
    for array in np.load(tmp_path / "classifier.npz", allow_pickle=False).values():
        assert array.dtype.kind == "f"
    loaded = Classifier.load(tmp_path)
    for text in TEXTS:
        read, before = loaded.read(text), model.read(text)
        assert read.intent == before.intent
        assert read.confidence == pytest.approx(before.confidence, abs=1e-2)


def test_one_intent_is_not_enough() -> None:
    with pytest.raises(ValueError, match="two intents"):
        train(["a word", "another"], ["greet", "greet"])


def test_features_are_of_words_and_of_letters() -> None:
    features = features_of("Eating 2 eggs")
    assert features["weat"] == 1
    assert features["w# egg"] == 1
    assert features["c egg"] == 1


def test_sentences() -> None:
    assert sentences_of("Hi all. She is 2.5 months?? Any tips!\n\nthanks") == [
        "Hi all.",
        "She is 2.5 months??",
        "Any tips!",
        "thanks",
    ]


def test_reads_rasa_files_without_entity_marks(tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    path.write_text(
        "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hello [you](who)\n"
        "- synonym: x\n  examples: |\n    - y\n",
        encoding="utf-8",
    )
    assert list(read_nlu([path])) == [("hello you", "greet")]


def test_two_intents_are_told_apart() -> None:
    told = {"greet": ("hello there", "hi you", "good morning"), "ask": ("how much", "how often")}
    pairs = [(text, name) for name, texts in told.items() for text in texts]
    model = train([text for text, _ in pairs], [name for _, name in pairs])
    for text, name in pairs:
        assert model.read(text).intent == name
        assert sum(model.read(text).probabilities.values()) == pytest.approx(1.0, abs=1e-3)
