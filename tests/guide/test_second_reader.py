"""The second reader: its pieces, its arithmetic, and what the trained one makes of plain cases."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from guide.knowledge import DATA
from guide.lexicon import load_lexicon
from guide.model import TOPICS
from guide.second_reader import (
    ENCODERS,
    FILES,
    LEVELS,
    MAX_PIECES,
    Encoder,
    SecondReader,
    WordPieces,
    _shares,
)

VOCABULARY = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "she", "is", "flo", "##ppy", "##p", "!", "cafe")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("she is floppy", "she is flo ##ppy"),
        ("SHE is\tflop!", "she is flo ##p !"),
        ("Café", "cafe"),
        ("she is blue", "she is [UNK]"),
        ("", ""),
        ("🙂", "[UNK]"),
    ],
)
def test_the_longest_known_piece_comes_first(text: str, pieces: str) -> None:
    numbers = WordPieces(VOCABULARY)(text)
    assert [VOCABULARY[number] for number in numbers] == ["[CLS]", *pieces.split(), "[SEP]"]


def test_a_long_text_keeps_its_start_and_its_end() -> None:
    numbers = WordPieces(VOCABULARY)("she " * 500 + "is flop " * 500)
    assert len(numbers) == MAX_PIECES
    assert VOCABULARY[numbers[1]] == "she"
    assert VOCABULARY[numbers[-2]] == "##p"


def test_shares_are_a_softmax() -> None:
    values = np.array([[1.0, 2.0, 6.0]], dtype=np.float32)
    assert _shares(values).sum() == pytest.approx(1.0)
    assert _shares(values)[0, 2] == pytest.approx(np.exp(6) / np.exp([1, 2, 6]).sum(), rel=1e-5)


def test_its_names_are_those_of_the_guide() -> None:
    names = json.loads((DATA / "reader" / "reader.json").read_text(encoding="utf-8"))
    signs = load_lexicon(DATA / "lexicon").signs
    assert tuple(names["levels"]) == LEVELS
    assert set(names["topics"]) == set(TOPICS)
    assert [name for name in names["signs"] if name and name not in signs] == []


@pytest.mark.parametrize("text", ["", " ", "🙂", "a " * 3_000, "<b>hi</b>", "\x00", "ママ"])
def test_any_text_is_read(reader: SecondReader, text: str) -> None:
    impression = reader.read(text)
    for shares in (impression.levels, impression.signs, impression.topics):
        assert sum(shares.values()) == pytest.approx(1.0, abs=1e-3)
    assert 0.0 <= impression.emergency <= impression.alarm <= 1.0 + 1e-6


def test_a_copy_of_its_files_reads_alike(reader: SecondReader, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((DATA / "reader" / name).read_bytes())
    text = "her skin is dry and she scratches at night"
    assert SecondReader.load(tmp_path).read(text) == reader.read(text)


def test_of_the_encoders_opinions_the_geometric_mean_counts(reader: SecondReader) -> None:
    text = "he's grunting when he breathes out and his tummy goes in"
    names = json.loads((DATA / "reader" / "reader.json").read_text(encoding="utf-8"))["signs"]
    vocabulary = (DATA / "reader" / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    numbers = WordPieces(vocabulary)(text)
    alone = []
    for encoder in ENCODERS:
        _, signs, _ = Encoder(DATA / "reader" / f"{encoder}.onnx")(numbers)
        alone.append(dict(zip(names, np.exp(signs), strict=True)))
    products = {name: math.sqrt(math.prod(one[name] for one in alone)) for name in alone[0]}
    total = sum(products.values())
    together = reader.read(text).signs
    for name, product in products.items():
        assert together[name] == pytest.approx(product / total, abs=1e-4)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name in FILES:
        if name != "second.bin":
            (tmp_path / name).write_bytes((DATA / "reader" / name).read_bytes())
    with pytest.raises(Exception, match=r"second\.bin"):
        SecondReader.load(tmp_path)


ALARMING = (
    "her chest caves in with every breath and she is too tired to cry",
    "we can't get him to open his eyes properly, he just slides off my arm",
    "after the peanut his tongue went fat and he is barking",
    "there are dots like red ink on his legs that stay when i press a glass on them",
    "six weeks old and the thermometer says 38.6",
    "what he brings up is the colour of spinach water, he is nine days old",
    "i have a feeling i will throw him if he does not stop",
)
CALM = (
    "how much kefir is ok for a ten month old",
    "his cheeks are dry in the wind, which cream is thick enough",
    "our cat was sick on the play mat, does that matter for the baby",
    "last winter she had croup, all fine since. when can i give honey",
    "no fever, eats well, just a bit of cradle cap",
    "what is a good first food",
    "hi",
)


@pytest.mark.parametrize("text", ALARMING)
def test_danger_without_its_textbook_word_is_heard(reader: SecondReader, text: str) -> None:
    assert reader.read(text).alarm > 0.7


@pytest.mark.parametrize("text", CALM)
def test_ordinary_questions_are_calm(reader: SecondReader, text: str) -> None:
    assert reader.read(text).alarm < 0.15


TOPIC_CASES = (
    ("our little one is bunged up since the rice", "digestive_symptoms"),
    ("the lab says hardly any butyrate makers in his stool, what does it mean", "test_results"),
    ("may she lick the dog's bowl, is that good for her", "microbial_exposure"),
    ("who pays for daycare when i go back to work", "out_of_scope"),
)


@pytest.mark.parametrize(("text", "topic"), TOPIC_CASES)
def test_topics_are_heard(reader: SecondReader, text: str, topic: str) -> None:
    assert topic in _best(reader.read(text).topics, 3)


def _best(shares: dict[str, float], count: int) -> Sequence[str]:
    return sorted(shares, key=lambda name: -shares[name])[:count]
