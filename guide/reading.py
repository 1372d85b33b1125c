"""What a message asks for, told from its words: intent probabilities by a linear model.

Word and character n-grams, weighted by how rare they are (tf-idf), are multiplied with one weight
per n-gram and intent; a softmax makes probabilities of the sums. Training
needs scikit-learn, running NumPy alone, and a stored model is arrays and JSON, never pickled code.
"""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import snowballstemmer

from guide.model import TOPICS
from guide.second_reader import TURN
from guide.text import clean

Floats = npt.NDArray[np.float32]

WORD_NGRAMS = (1, 2)
CHAR_NGRAMS = (3, 5)
MAX_FEATURES = 50_000
RANKED = 10  # so many of the likeliest intents are told
LIKE_CHARS = 4
SURELY = 0.7  # confidence from which the classifier is taken at its word
LIKE = 0.6  # share of known parts of so many letters from which a word counts as known
STRENGTH = 10.0
ROUNDS = 15
"""So often the training goes over all messages."""

BALANCE = 0.6
ARRAYS_FILE = "classifier.npz"
NAMES_FILE = "classifier.json"

_PLAIN_INTENTS = frozenset({"out_of_scope"})
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)?")
_SENTENCE = re.compile(r"(?:[^.!?;\n]|[.](?=\w))+[.!?;\n]*")
# Words that stand in every message and tell nothing of what it is about.
_EMPTY_WORDS = frozenset(
    "a an the i me my we our you your he him his she her it its they them is am are was were be "
    "been do does did have has had to of in on at for with and or but so if as that this there can "
    "could will would should just not no yes what how when where who why which".split()
)


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer.Stemmer:
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    stem: str = _stemmer().stemWord(word)
    return stem


def words_of(text: str) -> list[str]:
    """Return the stems of the words of `text`; every number is `#`."""
    return [
        "#" if word[0].isdigit() else _stem(word.replace("'", ""))
        for word in _WORD.findall(clean(text).lower())
    ]


def is_telling(word: str) -> bool:
    """Tell whether a word may tell what a message is about: no number, and not "the" or "how"."""
    return word.isalpha() and word not in _EMPTY_WORDS


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence of `clean(text)`; what has no word in it is left out."""
    text = clean(text)
    spans = [match.span() for match in _SENTENCE.finditer(text)]
    return [(start, end) for start, end in spans if _WORD.search(text, start, end)]


def sentences_of(text: str) -> list[str]:
    """Return the sentences of `text` in order, each with its closing signs."""
    cleaned = clean(text)
    return [cleaned[start:end].strip() for start, end in sentence_spans(cleaned)]


_ASKS = re.compile(
    r"\?|^\W*(?:(?:and|so|but|also|or|please|pls|hi|hello|hey)\W+)*"
    r"(?:how|what|whats|which|when|where|why|who|can|could|should|shall|is|are|does|do|did|will|would|"
    r"may|any|anyone|has anyone|has anybody|best|help|advice|tips|thoughts|wondering)\b"
    r"|\b(?:any (?:advice|ideas?|tips|suggestions|thoughts|recommendations)|i wonder|wondering|"
    r"what (?:do|should|can|could|would|to|would you)|how (?:do|to|much|many|long|often)|"
    r"(?:should|can|do|could) (?:i|we|you|he|she|they)|is (?:it|this|that)|please help|"
    r"need (?:help|advice)|worth it|thoughts|good idea|or not|yes or no)\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Tell whether a text or a sentence asks something, with a question mark or without."""
    return bool(_ASKS.search(text))


def features_of(text: str) -> Counter[str]:
    """Return the n-grams of `text` with how often they stand in it.

    Word n-grams start with `w`, character n-grams (inside words, with their edges) with `c`.
    """
    words = words_of(text)
    counts: Counter[str] = Counter()
    for size in range(WORD_NGRAMS[0], WORD_NGRAMS[1] + 1):
        for start in range(len(words) - size + 1):
            counts["w" + " ".join(words[start : start + size])] += 1
    for word in words:
        padded = f" {word} "
        for size in range(CHAR_NGRAMS[0], CHAR_NGRAMS[1] + 1):
            for start in range(len(padded) - size + 1):
                counts["c" + padded[start : start + size]] += 1
    return counts


@dataclass(frozen=True)
class Reading:
    """What one text (a message or a sentence of it) seems to ask for.

    Attributes:
        probabilities: share of 1 of the likeliest intents, highest first; empty when no word of it
            is known.
        known: share of its telling words that the training data had, 0 to 1.
    """

    probabilities: Mapping[str, float]
    known: float = 1.0

    @property
    def intent(self) -> str | None:
        """Return the most probable intent, or None when nothing is known."""
        return next(iter(self.probabilities), None)

    @property
    def confidence(self) -> float:
        """Return the probability of `intent`, 0.0 when nothing is known."""
        return next(iter(self.probabilities.values()), 0.0)


class Classifier:
    """The trained model. Safe to share between conversations.

    Args:
        labels: the intents, in the order of the columns of `weights`.
        features: the n-grams, in the order of the rows of `weights`.
        idf: weight of each n-gram, shape (features,).
        weights: shape (features, labels).
        bias: shape (labels,).
    """

    def __init__(
        self,
        labels: Sequence[str],
        features: Sequence[str],
        idf: Floats,
        weights: npt.NDArray[np.floating[Any]],
        bias: Floats,
    ) -> None:
        self.labels = tuple(labels)
        self._features = tuple(features)
        self._row = {feature: row for row, feature in enumerate(features)}
        self._idf = idf
        self._weights = weights
        self._bias = bias

    def read(self, text: str) -> Reading:
        """Return what `text` asks for."""
        counts = features_of(text)
        known = self._known_share(counts)
        rows, values = _weighted(counts, self._row, self._idf)
        if not known or not len(rows):
            return Reading({}, 0.0)
        sums = values @ self._weights[rows].astype(np.float32) + self._bias
        odds = np.exp(sums - sums.max())
        shares = odds / odds.sum()
        order = np.argsort(-shares, kind="stable")[:RANKED]
        return Reading({self.labels[index]: float(shares[index]) for index in order}, known)

    def read_all(self, text: str) -> list[Reading]:
        """Return what the message asks for, then what each of its sentences does."""
        return [self.read(text), *(self.read(one) for one in sentences_of(text))]

    def _known_share(self, counts: Mapping[str, int]) -> float:
        """Return the share of words that tell something and were trained on.

        Without a telling word in it ("why?", "and that?") a text counts as known by its others.
        """
        words = {name[1:] for name in counts if name[0] == "w" and " " not in name}
        telling = {word for word in words if word not in _EMPTY_WORDS and word != "#"}
        judged = telling or words - {"#"}
        return sum(map(self._knows, judged)) / len(judged) if judged else 0.0

    def _knows(self, word: str) -> bool:
        """Tell whether the word was trained on, or is spelt much like such words."""
        if "w" + word in self._row:
            return True
        padded = f" {word} "
        parts = [
            padded[start : start + LIKE_CHARS] for start in range(len(padded) - LIKE_CHARS + 1)
        ]
        return sum("c" + part in self._row for part in parts) >= LIKE * max(1, len(parts))

    def save(self, folder: Path) -> None:
        """Store the model as two files in `folder`."""
        np.savez_compressed(
            folder / ARRAYS_FILE,
            idf=self._idf.astype(np.float32),
            weights=self._weights.astype(np.float16),
            bias=self._bias.astype(np.float32),
        )
        names = {"labels": self.labels, "features": self._features}
        (folder / NAMES_FILE).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Read what `save` stored in `folder`."""
        names = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
            return cls(
                names["labels"], names["features"], arrays["idf"], arrays["weights"], arrays["bias"]
            )


def _weighted(
    counts: Mapping[str, int], rows: Mapping[str, int], idf: Floats
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return (rows, tf-idf values); words and characters are each scaled to length 1."""
    found: list[int] = []
    values: list[float] = []
    for kind in "wc":
        known = [
            (rows[name], 1.0 + float(np.log(count)) if count > 1 else 1.0)
            for name, count in counts.items()
            if name[0] == kind and name in rows
        ]
        scaled = [value * float(idf[row]) for row, value in known]
        length = sum(value * value for value in scaled) ** 0.5
        found += [row for row, _ in known]
        values += [value / length for value in scaled]
    return np.array(found, dtype=np.intp), np.array(values, dtype=np.float32)


def train(texts: Sequence[str], labels: Sequence[str], strength: float = STRENGTH) -> Classifier:
    """Train a multinomial logistic regression; the same input gives the same model.

    scikit-learn's SAGA goes over the messages a few times; it is stopped before it has converged,
    which is faster and no less accurate.

    Args:
        texts: the training messages.
        labels: the intent of each.
        strength: inverse of the regularisation.

    Raises:
        ValueError: when fewer than two intents are given.
    """
    names = sorted(set(labels))
    if len(names) < 2:
        raise ValueError("the training data needs at least two intents")
    counted = [features_of(text) for text in texts]
    features, idf = _vocabulary(counted)
    rows = {feature: row for row, feature in enumerate(features)}
    matrix = _matrix([_weighted(counts, rows, idf) for counts in counted], len(features))
    machine = _fitted(matrix, labels, strength)
    weights = machine.coef_.T.astype(np.float32)
    bias = machine.intercept_.astype(np.float32)
    if len(names) == 2:  # scikit-learn keeps the second of two alone
        weights, bias = np.hstack([-weights, weights]), np.hstack([-bias, bias])
    return Classifier(names, features, idf, np.ascontiguousarray(weights), bias)


def _fitted(matrix: Any, labels: Sequence[str], strength: float) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    # A rare intent counts more for each of its messages, a common one less.
    times = Counter(labels)
    balance = [(len(labels) / len(times) / times[label]) ** BALANCE for label in labels]
    machine = LogisticRegression(
        C=strength, solver="saga", multi_class="multinomial", max_iter=ROUNDS, random_state=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(matrix, labels, sample_weight=balance)
    return machine


def _matrix(weighted: Sequence[tuple[npt.NDArray[np.intp], Floats]], width: int) -> Any:
    """Return the messages' n-gram values as a sparse matrix, shape (messages, width)."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(found) for found, _ in weighted)])
    values = np.concatenate([values for _, values in weighted])
    found = np.concatenate([found for found, _ in weighted])
    return csr_matrix((values, found, ends), shape=(len(weighted), width), dtype=np.float32)


def _vocabulary(counted: Sequence[Mapping[str, int]]) -> tuple[list[str], Floats]:
    """Return the n-grams to keep with their idf: all single words, then the commonest others."""
    seen: Counter[str] = Counter(name for counts in counted for name in counts)
    kept = [name for name, times in seen.items() if times > 1 or _is_word(name)]
    kept.sort(key=lambda name: (not _is_word(name), -seen[name], name))
    kept = sorted(kept[:MAX_FEATURES])
    idf = [np.log((1 + len(counted)) / (1 + seen[name])) + 1 for name in kept]
    return kept, np.array(idf, dtype=np.float32)


def _is_word(name: str) -> bool:
    return name[0] == "w" and " " not in name


def is_talk(reading: Reading) -> bool:
    """Tell whether a message is surely no question: facts told alone, a greeting, an errand."""
    topic = (reading.intent or "").removeprefix("ask_")
    return bool(topic) and topic not in TOPICS and reading.confidence >= SURELY


def read_nlu(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield (text, intent) from Rasa's NLU files, entity marks removed."""
    import yaml

    for path in paths:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for entry in loaded.get("nlu", ()):
            if "intent" not in entry:
                continue
            examples = entry.get("examples", "")
            lines = examples.splitlines() if isinstance(examples, str) else examples
            for line in lines:
                text = line["text"] if isinstance(line, dict) else line
                text = _ENTITY.sub(r"\1", text.strip().removeprefix("- ").strip())
                if text:
                    yield text, entry["intent"]


def read_posts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield (text, intent of the main topic) from the labelled posts of `data/reader/topics`.

    What several turns say together is no example of a single message.
    """
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            post = json.loads(line)
            if TURN not in post["t"]:
                topic = post["topics"][0]
                yield post["t"], topic if topic in _PLAIN_INTENTS else f"ask_{topic}"


def read_training(data: Path) -> list[tuple[str, str]]:
    """Return all messages that the classifier is trained on, with their intents."""
    questions = read_nlu(sorted((data / "nlu").glob("*.yml")))
    return [*questions, *read_posts(sorted((data / "reader" / "topics").glob("*.jsonl")))]


_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
