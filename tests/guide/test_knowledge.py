"""The words that a trained model carries are the words of `data/`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from guide.assess import Memory, assess
from guide.knowledge import Words, load_words
from guide.model import TOPICS, Facts, Level


def test_words_survive_json(real_words: Words) -> None:
    stored = json.loads(json.dumps(real_words.to_json()))
    assert Words.from_json(stored).to_json() == real_words.to_json()


def test_the_stored_words_recognise_danger(real_words: Words, now: datetime) -> None:
    recogniser = Words.from_json(json.loads(json.dumps(real_words.to_json()))).recogniser()
    assessment = assess(recogniser, "she can't breathe", Facts(), Memory(), now)
    assert assessment.level is Level.EMERGENCY


def test_every_item_has_a_topic_of_the_guide(real_words: Words) -> None:
    assert set(real_words.items) == set(real_words.item_topics)
    assert set(real_words.item_topics.values()) <= set(TOPICS)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises((ValueError, OSError)):
        load_words(tmp_path)


def test_every_sign_that_asks_can_be_asked(real_words: Words) -> None:
    for name, sign in real_words.lexicon.signs.items():
        if sign.level is Level.CHECK:
            assert sign.question, name
