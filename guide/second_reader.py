"""The second reader: what a message means as a whole, where no rule knows its words.

A small transformer encoder (three layers of all-MiniLM-L6-v2, trained on with labelled messages of
`data/reader/`) reads a message once and gives three opinions: how urgent it is, which danger sign
it tells of, and which topics it asks about. N-grams of the same messages give a fourth, on the
level, and err elsewhere. It only chooses among levels, signs and topics that
the YAML files define; it writes no word. `guide.assess` and `guide.topics` weigh its opinion
beside the rules.

It runs on NumPy alone. `python -m training` makes its files; nothing is learnt at run time.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LEVELS = ("routine", "urgent", "emergency")
"""The levels it tells apart; `routine` stands for `none` too."""

TURN = " || "
"""What stands between the turns of a conversation in the text that it reads."""

MAX_PIECES = 160
"""Longest text that is read, in word pieces; a longer one keeps its start and its end."""

MAX_WORD = 100
HEADS = 12
REMEMBERED = 256
_WORD = re.compile(r"\w+|[^\w\s]")
ARRAYS_FILE = "reader.npz"
NAMES_FILE = "reader.json"
VOCABULARY_FILE = "vocabulary.txt"
GRAMS_FILE = "grams.npz"
WEIGHTS_FILE = "weighing.json"
FILES = (ARRAYS_FILE, NAMES_FILE, VOCABULARY_FILE, GRAMS_FILE, WEIGHTS_FILE)
BUCKETS = 2**18
"""N-grams are known by a number below this, their checksum: no list of them is kept."""

GRAMS_SHARE = 0.35
"""What the n-grams' opinion of the level weighs beside the encoder's, in a geometric mean."""

PIECE_SIZES = (3, 4, 5)


@dataclass(frozen=True)
class Impression:
    """What the second reader makes of a message: shares of 1.

    Attributes:
        levels: by level of `LEVELS`.
        signs: by id of a danger sign, the likeliest first; "" for none.
        topics: by topic id.
    """

    levels: Mapping[str, float] = field(default_factory=dict)
    signs: Mapping[str, float] = field(default_factory=dict)
    topics: Mapping[str, float] = field(default_factory=dict)

    @property
    def likeliest(self) -> str:
        """Return the id of the likeliest sign, "" for none."""
        return max(self.signs, key=self.signs.__getitem__, default="")

    @property
    def emergency(self) -> float:
        """Return the share of an emergency."""
        return self.levels.get("emergency", 0.0)

    @property
    def alarm(self) -> float:
        """Return the share of anything that can't wait."""
        return self.emergency + self.levels.get("urgent", 0.0)


class WordPieces:
    """Cuts a text into the numbers of word pieces, as BERT does: the longest known piece first.

    Args:
        vocabulary: the pieces in the order of their numbers; `##` begins one inside a word.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._number = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown = self._number["[UNK]"]
        self._of_word = lru_cache(maxsize=20_000)(self._cut)

    def __call__(self, text: str) -> list[int]:
        """Return the numbers, at most `MAX_PIECES`: the start and the end of a longer text."""
        numbers = [number for word in _words(text) for number in self._of_word(word)]
        room = MAX_PIECES - 2
        if len(numbers) > room:
            numbers = [*numbers[: room // 2], *numbers[-room // 2 :]]
        return [self._number["[CLS]"], *numbers, self._number["[SEP]"]]

    def _cut(self, word: str) -> tuple[int, ...]:
        numbers, start = [], 0
        while start < len(word):
            mark = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if mark + word[start:end] in self._number), None)
            if end is None:
                return (self._unknown,)
            numbers.append(self._number[mark + word[start:end]])
            start = end
        return tuple(numbers)


def _words(text: str) -> Iterator[str]:
    """Yield the words and marks of a text, in lower case and without accents."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(char for char in plain if unicodedata.category(char) != "Mn")
    for match in _WORD.finditer(plain):
        yield match.group()[:MAX_WORD]


def weighted_grams(text: str, rarity: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the buckets of a text's n-grams with their weights.

    Words and pairs of words, and pieces of words, are each scaled to length 1.

    Args:
        text: the message.
        rarity: how telling each bucket is, shape (BUCKETS,).
    """
    words = list(_words(text))
    kinds = (
        Counter(chain(words, map(" ".join, pairwise(words)))),
        Counter(chain.from_iterable(map(_pieces_of, words))),
    )
    buckets: list[int] = []
    weights: list[Floats] = []
    for kind, counted in zip("wc", kinds, strict=True):
        own = [crc32(f"{kind}{gram}".encode()) % BUCKETS for gram in counted]
        values = (1.0 + np.log(np.fromiter(counted.values(), np.float32, len(own)))) * rarity[own]
        buckets += own
        weights.append((values / (np.linalg.norm(values) or 1.0)).astype(np.float32))
    return np.array(buckets, dtype=np.intp), np.concatenate(weights)


@lru_cache(maxsize=20_000)
def _pieces_of(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        padded[start : start + size]
        for size in PIECE_SIZES
        for start in range(len(padded) - size + 1)
    )


class Grams:
    """The n-grams' opinion of the level.

    Args:
        arrays: `rarity`, `weights` and `bias`, as `training.grams` stores them.
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self._rarity = arrays["rarity"].astype(np.float32)
        self._weights = arrays["weights"]
        self._bias = arrays["bias"]

    def __call__(self, text: str) -> Floats:
        """Return the share of each level of `LEVELS`."""
        buckets, values = weighted_grams(text, self._rarity)
        weighed: Floats = values @ self._weights[buckets].astype(np.float32)
        return _shares(weighed + self._bias)


class Weights:
    """The learned balance of what rules and second reader say: see `guide.weighing`.

    Args:
        values: the weight of each feature for each level of `LEVELS`, by the feature's name.
    """

    def __init__(self, values: Mapping[str, Sequence[float]]) -> None:
        self._values = {name: np.array(row, np.float32) for name, row in values.items()}

    def __call__(self, features: Mapping[str, float]) -> dict[str, float]:
        """Return the share of each level of `LEVELS`."""
        sums = np.zeros(len(LEVELS), dtype=np.float32)
        for name, value in features.items():
            if name in self._values:
                sums += np.float32(value) * self._values[name]
        return dict(zip(LEVELS, map(float, _shares(sums)), strict=True))


class SecondReader:
    """The trained encoder with its three opinions. Safe to share between conversations.

    Args:
        pieces: cuts a text into word pieces.
        arrays: the weights, by name, as `training` stores them: 8-bit rows with a scale each.
        names: `levels`, `signs` and `topics` in the order of the weights.
        grams: a second opinion of the level.
        weights: what its opinion counts for beside the rules'.
    """

    def __init__(
        self,
        pieces: WordPieces,
        arrays: Mapping[str, npt.NDArray[Any]],
        names: Mapping[str, Any],
        grams: Grams,
        weights: Weights,
    ) -> None:
        self.weights = weights
        self._cut = pieces
        self._grams = grams
        self._names = names
        self._pieces = arrays["pieces"]
        self._piece_scale = arrays["pieces.scale"].astype(np.float32)
        self._places = _full(arrays, "places")
        self._start = _norm(arrays, "start")
        self._layers = [_Layer(arrays, number) for number in range(int(names["layers"]))]
        self._opinions = {
            name: (_full(arrays, name).T.copy(), arrays[f"{name}.bias"].astype(np.float32))
            for name in ("levels", "signs", "topics")
        }
        self.read = lru_cache(maxsize=REMEMBERED)(self._read)

    @classmethod
    def load(cls, folder: Path) -> SecondReader:
        """Read the files that `training` stored in `folder`."""
        names = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
        vocabulary = (folder / VOCABULARY_FILE).read_text(encoding="utf-8").splitlines()
        weights = Weights(json.loads((folder / WEIGHTS_FILE).read_text(encoding="utf-8")))
        with (
            np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays,
            np.load(folder / GRAMS_FILE, allow_pickle=False) as grams,
        ):
            return cls(WordPieces(vocabulary), dict(arrays), names, Grams(dict(grams)), weights)

    def _read(self, text: str) -> Impression:
        meaning = self._encode(self._cut(text))
        shares = {
            name: _shares(meaning @ weights + bias)
            for name, (weights, bias) in self._opinions.items()
        }
        shares["levels"] = _mixed(shares["levels"], self._grams(text))
        return Impression(
            **{
                name: dict(zip(self._names[name], map(float, values), strict=True))
                for name, values in shares.items()
            }
        )

    def _encode(self, numbers: list[int]) -> Floats:
        pieces = self._pieces[numbers].astype(np.float32) * self._piece_scale[numbers, None]
        hidden = _normalised(pieces + self._places[: len(numbers)], *self._start)
        for layer in self._layers:
            hidden = layer(hidden)
        meaning: Floats = hidden.mean(0)
        return meaning


class _Layer:
    """One transformer layer: attention between the pieces, then a step on each."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], number: int) -> None:
        def linear(name: str) -> tuple[Floats, Floats]:
            weights = np.ascontiguousarray(_full(arrays, f"{number}.{name}").T)
            return weights, arrays[f"{number}.{name}.bias"].astype(np.float32)

        self._asked, self._out = linear("asked"), linear("out")
        self._wide, self._narrow = linear("wide"), linear("narrow")
        self._after = _norm(arrays, f"{number}.after")
        self._end = _norm(arrays, f"{number}.end")

    def __call__(self, hidden: Floats) -> Floats:
        attended = self._attended(hidden) @ self._out[0] + self._out[1]
        hidden = _normalised(hidden + attended, *self._after)
        step = _gelu(hidden @ self._wide[0] + self._wide[1]) @ self._narrow[0] + self._narrow[1]
        return _normalised(hidden + step, *self._end)

    def _attended(self, hidden: Floats) -> Floats:
        count, width = hidden.shape
        asked = (hidden @ self._asked[0] + self._asked[1]).reshape(count, 3, HEADS, -1)
        query, key, value = asked.transpose(1, 2, 0, 3)
        scale = np.float32((width // HEADS) ** -0.5)
        weights = _shares(query @ key.transpose(0, 2, 1) * scale)
        attended: Floats = (weights @ value).transpose(1, 0, 2).reshape(count, width)
        return attended


def _full(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Floats:
    """Return an array that is stored as 8-bit rows with a scale each."""
    full: Floats = (
        arrays[name].astype(np.float32) * arrays[f"{name}.scale"].astype(np.float32)[:, None]
    )
    return full


def _norm(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> tuple[Floats, Floats]:
    return arrays[f"{name}.gain"].astype(np.float32), arrays[f"{name}.bias"].astype(np.float32)


def _normalised(values: Floats, gain: Floats, bias: Floats) -> Floats:
    values = values - values.mean(-1, keepdims=True)
    spread = np.sqrt((values * values).mean(-1, keepdims=True) + np.float32(1e-12))
    normalised: Floats = values / spread * gain + bias
    return normalised


def _gelu(values: Floats) -> Floats:
    """Return the Gaussian error linear unit, in its usual approximation by tanh."""
    inner = np.float32(0.7978845608) * (values + np.float32(0.044715) * values * values * values)
    activated: Floats = np.float32(0.5) * values * (np.float32(1.0) + np.tanh(inner))
    return activated


def _mixed(encoder: Floats, grams: Floats) -> Floats:
    mixed: Floats = encoder ** (1.0 - GRAMS_SHARE) * grams**GRAMS_SHARE
    mixed /= mixed.sum()
    return mixed


def _shares(values: Floats) -> Floats:
    """Return the softmax over the last axis."""
    odds = np.exp(values - values.max(-1, keepdims=True))
    shares: Floats = odds / odds.sum(-1, keepdims=True)
    return shares
