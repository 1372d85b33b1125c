"""The words of plan, results, note, diary, skin check and memory: easy, careful, British."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

DATA = Path(__file__).parents[2] / "data"
FILES = [
    DATA / "plan" / "plan.yml",
    DATA / "markers" / "markers.yml",
    *(
        DATA / "words" / f"{name}.yml"
        for name in "plan results note diary severity memory noted".split()
    ),
]
RASA_KEYS = {
    "nlu", "rules", "stories", "responses", "intents", "slots", "forms", "entities", "actions",
    "version", "session_config", "lookup", "synonyms", "regex",
}  # fmt: skip
NOT_SENTENCES = {
    "names", "say_so", "reactions", "not_given", "times", "days_ago",
    "sources", "claims", "topics", "items", "when", "id", "left_out", "weekdays",
}  # fmt: skip
NEVER = re.compile(
    r"\b(?:cures?|guaranteed?|miracle|detox|\d+ ?(?:mg|mcg|ml|iu|cfu|billion|drops)|REF-\w+|"
    r"diagnosed with|you should have|your fault|diaper|color|pediatric\w*|hospitalized)\b",
    re.IGNORECASE,
)


def sentences() -> Iterator[tuple[str, str]]:
    for path in FILES:
        yield from _inside(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")))


def _inside(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in NOT_SENTENCES and not str(key).endswith(("_findings", "_conditions")):
                yield from _inside(f"{place}.{key}", inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _inside(f"{place}.{index}", inner)
    elif isinstance(value, str):
        for index, sentence in enumerate(re.split(r"(?<=[.!?])\s+", value)):
            yield f"{place}.{index}", sentence


EVERY = list(sentences())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rasa_does_not_take_the_file_for_its_own(path: Path) -> None:
    assert not RASA_KEYS & set(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("place", "sentence"), EVERY, ids=[place for place, _ in EVERY])
def test_a_sentence_is_short_and_careful(place: str, sentence: str) -> None:
    assert not NEVER.search(sentence), sentence
    assert len(sentence.split()) <= 30, sentence


def test_the_reading_age_is_about_twelve() -> None:
    texts = [sentence for _, sentence in EVERY if len(sentence.split()) > 4]
    words = [word for text in texts for word in re.findall(r"[A-Za-z']+", text)]
    grade = 0.39 * len(words) / len(texts) + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59
    assert grade <= 7.0, grade


def _syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", word.lower())
    return max(1, len(groups) - (word.lower().endswith("e") and len(groups) > 1))
