"""The second reader: what a message means as a whole, where no rule knows its words.

Small transformer encoders (all-MiniLM-L6-v2, trained on with labelled messages of `data/reader/`)
read a message and give three opinions: how urgent it is, which danger sign it tells of, and which
topics it asks about. N-grams of the same messages give one more, on the level, and err elsewhere.
It only chooses among levels, signs and topics that the YAML files define; it writes no word.
`guide.assess` and `guide.topics` weigh its opinion beside the rules.

ONNX Runtime does the arithmetic, in 8 bits. `python -m training` makes the files; nothing is learnt
at run time.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import onnxruntime

from guide.text import without_accents

Floats = npt.NDArray[np.float32]

LEVELS = ("routine", "urgent", "emergency")
"""The levels it tells apart; `routine` stands for `none` too."""

TURN = " || "
"""What stands between the turns of a conversation in the text that it reads."""

MAX_PIECES = 160
"""Longest text that is read, in word pieces; a longer one keeps its start and its end."""

MAX_WORD = 100
REMEMBERED = 256
_WORD = re.compile(r"\w+|[^\w\s]")
ENCODERS = ("first", "second")
"""The trained encoders: the graph of each is `.onnx`, its weights `.bin` beside it."""

NAMES_FILE = "reader.json"
VOCABULARY_FILE = "vocabulary.txt"
GRAMS_FILE = "grams.npz"
WEIGHTS_FILE = "weighing.json"
FILES = (
    *(f"{name}{ending}" for name in ENCODERS for ending in (".onnx", ".bin")),
    NAMES_FILE,
    VOCABULARY_FILE,
    GRAMS_FILE,
    WEIGHTS_FILE,
)
OPINIONS = ("levels", "signs", "topics")
PIECES = "pieces"
"""What the graph calls the message that it is given."""

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
    for match in _WORD.finditer(without_accents(text.lower())):
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


class Encoder:
    """A trained encoder, read from its file. Safe to share between threads.

    Args:
        path: the graph that `training` stored, with its weights beside it.

    Raises:
        Exception: a file is missing or damaged; ONNX Runtime's own errors, which name the file.
    """

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        # A message is too short to share out; memory kept ready would not be given back.
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, numbers: Sequence[int]) -> list[Floats]:
        """Return its `OPINIONS` of a message's word pieces, as logarithms of shares."""
        opinions = self._session.run(list(OPINIONS), {PIECES: np.array([numbers], dtype=np.int64)})
        return [opinion[0] for opinion in opinions]


class SecondReader:
    """The trained encoders with their opinions. Safe to share between conversations.

    Args:
        pieces: cuts a text into word pieces.
        encoders: what reads them; of their opinions the geometric mean counts.
        names: `levels`, `signs` and `topics` in the order of the opinions' shares.
        grams: a second opinion of the level.
        weights: what its opinion counts for beside the rules'.
    """

    def __init__(
        self,
        pieces: WordPieces,
        encoders: Sequence[Encoder],
        names: Mapping[str, Sequence[str]],
        grams: Grams,
        weights: Weights,
    ) -> None:
        self.weights = weights
        self._cut = pieces
        self._encoders = encoders
        self._names = names
        self._grams = grams
        # The runtime works outside of Python's lock, so the encoders read side by side.
        self._threads = ThreadPoolExecutor(max(1, len(encoders) - 1), "second-reader")
        self.read = lru_cache(maxsize=REMEMBERED)(self._read)

    @classmethod
    def load(cls, folder: Path) -> SecondReader:
        """Read the files that `training` stored in `folder`."""
        names = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
        vocabulary = (folder / VOCABULARY_FILE).read_text(encoding="utf-8").splitlines()
        weights = Weights(json.loads((folder / WEIGHTS_FILE).read_text(encoding="utf-8")))
        read = [Encoder(folder / f"{name}.onnx") for name in ENCODERS]
        with np.load(folder / GRAMS_FILE, allow_pickle=False) as grams:
            return cls(WordPieces(vocabulary), read, names, Grams(dict(grams)), weights)

    def _read(self, text: str) -> Impression:
        heard = zip(*self._heard(self._cut(text)), strict=True)
        levels, signs, topics = (_shares(np.mean(opinions, axis=0)) for opinions in heard)
        shares = zip(OPINIONS, (_mixed(levels, self._grams(text)), signs, topics), strict=True)
        return Impression(
            **{
                name: dict(zip(self._names[name], map(float, values), strict=True))
                for name, values in shares
            }
        )

    def _heard(self, numbers: Sequence[int]) -> list[list[Floats]]:
        """Return each encoder's opinions."""
        first, *others = self._encoders
        waiting = [self._threads.submit(encoder, numbers) for encoder in others]
        return [first(numbers), *(one.result() for one in waiting)]


def _mixed(encoder: Floats, grams: Floats) -> Floats:
    mixed: Floats = encoder ** (1.0 - GRAMS_SHARE) * grams**GRAMS_SHARE
    mixed /= mixed.sum()
    return mixed


def _shares(values: Floats) -> Floats:
    """Return the softmax over the last axis."""
    odds = np.exp(values - values.max(-1, keepdims=True))
    shares: Floats = odds / odds.sum(-1, keepdims=True)
    return shares
