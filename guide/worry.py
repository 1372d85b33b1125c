"""A third answer between yes and no: how worrying a message sounds that no rule is sure about.

A linear model over words, their pieces and what the recogniser found, trained on the messages of
`data/worry/` and on the ordinary questions of the training data. It never raises an alarm: where
the rules say nothing, a message above its threshold is asked one safety question before guidance.
Clinical ground: clinical-reference 1.1, rules 10 (vague alarm) and 11 (in doubt, the safe side).

Training needs SciPy, running NumPy alone; a stored model is arrays and JSON, never pickled code.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from guide.context import Status
from guide.lexicon import Lexicon, Sign
from guide.model import Level
from guide.patterns import Match
from guide.recogniser import Recogniser, Recognition
from guide.triage import Outcome, Situation, triage
from guide.yaml_file import read_yaml

Floats = npt.NDArray[np.float32]
Wide = npt.NDArray[np.float64]
Row = tuple[npt.NDArray[np.intp], Floats]

ARRAYS_FILE = "worry.npz"
NAMES_FILE = "worry.json"
WORRY_SIGN = "worry_check"
"""The sign whose question opens a check on something that no rule is sure about."""
GENERIC_SIGN = "generic_emergency"
"""What "yes" to such a check means when nothing told points at another sign."""
CARER_SIGNS = ("carer_suicide_or_self_harm", "carer_harm_to_baby")
"""What a parent in distress is asked about."""
WELL = "seems_well"
"""The finding that the parent says the baby is well."""
MAX_FITTING = 2
"""Most signs that such a check asks about, beside the general question."""

CHECK_RATE = 0.065
"""Share of the calm look-alikes that may be asked a question, in cross-validation."""

STRENGTH = 3.0
FOLDS = 5
STEPS = 60
ORDINARY_WEIGHT = 0.3
"""What an ordinary question counts for, beside a calm look-alike."""
PIECES = (3, 5)
SCALES = {"w": 1.0, "c": 1.0, "f": 0.4}
"""How much words (w), their pieces (c) and findings (f) weigh against each other."""

FEW_WORDS = 4
"""Below so many telling words, a message without a finding says too little to worry about."""

_TOLD = (Status.PRESENT, Status.RECENT, Status.UNCERTAIN)
_MARKS = {
    Status.NEGATED: "~",
    Status.HYPOTHETICAL: "?",
    Status.PAST: "<",
    Status.CLEARED: "<",
    Status.OTHER: "@",
}
# Words that tell nothing by the way they are meant; asking for their status would only cost time.
_UNMARKED = frozenset(
    "a an the i me my we our you your he him his she her it its they them is am are was were be "
    "been do does did have has had to of in on at for with and or but so if as that this there can "
    "could will would should just not no yes what how when where who why which".split()
)


@dataclass(frozen=True)
class Examples:
    """What the model learns from.

    Attributes:
        alarming: messages that deserve a question about the baby.
        carer: messages that deserve a question about the parent.
        calm: messages that sound like them and don't.
        ordinary: everyday questions; they weigh less and don't set the threshold.
    """

    alarming: Sequence[str]
    carer: Sequence[str]
    calm: Sequence[str]
    ordinary: Sequence[str] = ()


def read_messages(folder: Path) -> dict[str, list[str]]:
    """Return the messages of `data/worry`, by kind: `alarming`, `carer` and `calm`.

    Raises:
        DataError: for a file that can't be read.
    """
    messages: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        for kind, lines in read_yaml(path).data["worry"].items():
            found = [line.removeprefix("- ").strip() for line in lines.splitlines()]
            messages.setdefault(kind, []).extend(
                line for line in found if line and not line.startswith("#")
            )
    return messages


def features_of(recognition: Recognition) -> Counter[str]:
    """Return what the model sees of a message, with how often it stands in it.

    `w` and one or two words, those denied, imagined, over or somebody else's with a mark before
    them; `c` and a piece of a word; `f` and a finding with how it is meant.
    """
    words = list(_words(recognition))
    counts: Counter[str] = Counter("w" + word for word in words)
    counts.update(f"w{first} {second}" for first, second in pairwise(words))
    for word in words:
        counts.update(_pieces(word.lstrip("~?<@")))
    for found in recognition.findings:
        counts[f"f{found.id}/{found.status.value}"] = 1
    return counts


def _words(recognition: Recognition) -> Iterator[str]:
    for index, token in enumerate(recognition.doc):
        word = token.norm_
        if word[0].isdigit():
            yield "#"
        elif word in _UNMARKED:
            yield word
        elif word[0].isalpha():
            status = recognition.context.status(Match("", index, index + 1))
            yield _MARKS.get(status, "") + word


@lru_cache(maxsize=20_000)
def _pieces(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        "c" + padded[start : start + size]
        for size in range(PIECES[0], PIECES[1] + 1)
        for start in range(len(padded) - size + 1)
    )


@dataclass(frozen=True)
class Judgement:
    """What the model makes of a message.

    Attributes:
        worrying: it deserves a question.
        about_carer: the question is about the parent, not the baby.
    """

    worrying: bool
    about_carer: bool


class WorryModel:
    """The trained model. Safe to share between conversations.

    Args:
        features: the names of the features, in the order of the rows of `weights`.
        idf: how telling each feature is by its rarity, shape (features,).
        weights: one column tells worry, one whether the parent is meant, shape (features, 2).
        bias: added to the sums, shape (2,).
        threshold: the lowest score, 0 to 1, that deserves a question.
    """

    def __init__(
        self,
        features: Sequence[str],
        idf: Floats,
        weights: npt.NDArray[np.floating[Any]],
        bias: Floats,
        threshold: float,
    ) -> None:
        self._features = tuple(features)
        self._row = {feature: row for row, feature in enumerate(features)}
        self._idf = idf
        self._weights = weights.astype(np.float32)
        self._bias = bias.astype(np.float32)
        self.threshold = threshold

    def worry(self, recognition: Recognition) -> float:
        """Return how worrying the message sounds, 0 to 1."""
        return _share(self.sums_of(features_of(recognition))[0])

    def judge(self, recognition: Recognition) -> Judgement:
        """Return whether the message deserves a question, and about whom."""
        worry, carer = self.sums_of(features_of(recognition))
        return Judgement(_share(worry) >= self.threshold, bool(carer > 0.0))

    def sums_of(self, counts: Mapping[str, int]) -> Floats:
        """Return a message's weighted sum for each column of the weights, 0 being undecided."""
        rows, values = _weighted(counts, self._row, self._idf)
        sums: Floats = values @ self._weights[rows] + self._bias
        return sums

    def save(self, folder: Path) -> None:
        """Store the model as two files in `folder`."""
        np.savez_compressed(
            folder / ARRAYS_FILE,
            idf=self._idf.astype(np.float32),
            weights=self._weights.astype(np.float16),
            bias=self._bias,
        )
        values = {"threshold": self.threshold, "features": self._features}
        (folder / NAMES_FILE).write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> WorryModel:
        """Read what `save` stored in `folder`."""
        values = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
            return cls(
                values["features"],
                arrays["idf"],
                arrays["weights"],
                arrays["bias"],
                values["threshold"],
            )


def with_question(
    outcome: Outcome, model: WorryModel, recognition: Recognition, asked: Collection[str]
) -> Outcome:
    """Return `outcome`, with a safety check where no rule is sure and the message sounds worrying.

    The model also decides about the rules' own vague check (`WORRY_SIGN`). It asks about the
    emergencies that something told may belong to, else whether an ambulance is needed.

    Args:
        outcome: what the rules say.
        model: the trained model.
        recognition: the message.
        asked: ids of signs that were asked about before.
    """
    lexicon = recognition.lexicon
    vague = outcome.level is Level.CHECK and {*outcome.signs, *outcome.asked} == {WORRY_SIGN}
    if WORRY_SIGN not in lexicon.signs or (outcome.level.rank >= Level.CHECK.rank and not vague):
        return outcome
    judgement = model.judge(recognition)
    if _plainly_well(recognition) or _tells_too_little(recognition) or not judgement.worrying:
        return replace(outcome, level=Level.ROUTINE, signs=(), asked=()) if vague else outcome
    if judgement.about_carer:
        return replace(outcome, level=Level.CHECK, signs=(), asked=CARER_SIGNS)
    fitting = _fitting(recognition, asked) or (GENERIC_SIGN,)
    return replace(outcome, level=Level.CHECK, signs=(WORRY_SIGN,), asked=fitting)


def _tells_too_little(recognition: Recognition) -> bool:
    """Tell whether a message is a few words without any finding: an age, "yes", a keyboard slip."""
    telling = [token for token in recognition.doc if token.is_alpha and len(token.text) > 2]
    return len(telling) < FEW_WORDS and not recognition.with_status(*_TOLD)


def _plainly_well(recognition: Recognition) -> bool:
    """Tell whether the parent says that the baby is well, and nothing that a sign rests on."""
    told = recognition.with_status(*_TOLD)
    return WELL in told and not any(_rests_on(sign) & told for sign in _urgent(recognition.lexicon))


def _fitting(recognition: Recognition, asked: Collection[str]) -> tuple[str, ...]:
    """Return the emergencies not asked about yet that what was told speaks for, best first.

    What fewer signs rest on speaks louder for each of them.
    """
    told = recognition.with_status(*_TOLD)
    signs = _urgent(recognition.lexicon)
    shared = Counter(name for sign in signs for name in _rests_on(sign) & told)
    fit = {
        name: sum(1.0 / shared[finding] for finding in _rests_on(sign) & told)
        for name, sign in recognition.lexicon.signs.items()
        if sign.level is Level.EMERGENCY and sign.who == "baby"
        if sign.question and name not in asked
    }
    best = sorted((name for name in fit if fit[name] > 0.0), key=lambda name: -fit[name])
    return tuple(best[:MAX_FITTING])


def _urgent(lexicon: Lexicon) -> list[Sign]:
    return [sign for sign in lexicon.signs.values() if sign.level.rank > Level.CHECK.rank]


def _rests_on(sign: Sign) -> frozenset[str]:
    return frozenset(
        name
        for criterion in sign.when
        for names in (criterion.all, criterion.any, criterion.also, criterion.two_of)
        for name in names
    )


def train_worry(examples: Examples, recogniser: Recogniser) -> WorryModel:
    """Train the model and set its threshold; the same input gives the same model.

    The threshold is the lowest at which, in cross-validation, no more than `CHECK_RATE` of the calm
    look-alikes would be asked.

    Raises:
        ValueError: when there are no examples of a kind that is needed.
    """
    if not (examples.alarming and examples.carer and examples.calm):
        raise ValueError("the worry model needs alarming, carer and calm examples")
    told = (*examples.alarming, *examples.carer, *examples.calm)
    counted = [features_of(recogniser(text)) for text in told]
    recognised = [recogniser(text) for text in examples.ordinary]
    counted += [features_of(one) for one in recognised if not _alarms(one)]
    sizes = [len(examples.alarming), len(examples.carer), len(examples.calm)]
    sizes.append(len(counted) - len(told))
    owed = np.repeat([[1.0, -1.0], [1.0, 1.0], [-1.0, -1.0], [-1.0, -1.0]], sizes, axis=0)
    counts_for = np.repeat([1.0, 1.0, 1.0, ORDINARY_WEIGHT], sizes)
    calm = slice(len(told) - len(examples.calm), len(told))
    held_out = _held_out_scores(counted, owed, counts_for)[calm]
    model = _fit(counted, owed, counts_for)
    model.threshold = _share(float(np.quantile(held_out, 1.0 - CHECK_RATE)))
    return model


def _alarms(recognition: Recognition) -> bool:
    """Tell whether the rules alone would answer first, with an alarm or a question."""
    told = frozenset(recognition.with_status(Status.PRESENT))
    outcome = triage(recognition.lexicon, Situation(present=told, new=told))
    return outcome.level.rank >= Level.CHECK.rank


def _held_out_scores(
    counted: Sequence[Mapping[str, int]], owed: Floats, counts_for: Floats
) -> Floats:
    """Return each example's sum for worry from a model that has not seen it."""
    fold = np.arange(len(counted)) % FOLDS
    scores = np.zeros(len(counted), dtype=np.float32)
    for number in range(FOLDS):
        seen = np.flatnonzero(fold != number)
        model = _fit([counted[index] for index in seen], owed[seen, :1], counts_for[seen])
        for index in np.flatnonzero(fold == number):
            scores[index] = model.sums_of(counted[index])[0]
    return scores


def _fit(counted: Sequence[Mapping[str, int]], owed: Floats, counts_for: Floats) -> WorryModel:
    """Return the logistic regression of `counted`; its threshold is not set yet.

    Args:
        counted: the features of each example.
        owed: 1 for what a column is to tell, -1 for the rest, shape (examples, columns).
        counts_for: the weight of each example, shape (examples,).
    """
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    features, idf = _vocabulary(counted)
    rows = {feature: row for row, feature in enumerate(features)}
    weighted = [_weighted(counts, rows, idf) for counts in counted]
    matrix = csr_matrix(
        (
            np.concatenate([values for _, values in weighted]).astype(np.float64),
            np.concatenate([found for found, _ in weighted]),
            np.cumsum([0, *(len(found) for found, _ in weighted)]),
        ),
        shape=(len(weighted), len(features)),
    )

    def loss(sought: Wide, signs: Wide) -> tuple[float, Wide]:
        weights, bias = sought[:-1], sought[-1]
        sums = signs * (matrix @ weights + bias)
        pull = -counts_for * signs / (1.0 + np.exp(np.clip(sums, -30.0, 30.0)))
        size = counts_for @ np.logaddexp(0.0, -sums) + weights @ weights / 2.0 / STRENGTH
        return float(size), np.append(matrix.T @ pull + weights / STRENGTH, pull.sum())

    options = {"maxiter": STEPS}
    start = np.zeros(len(features) + 1)
    columns = [
        minimize(loss, start, args=(signs,), jac=True, method="L-BFGS-B", options=options).x
        for signs in owed.T
    ]
    found = np.stack(columns, axis=1)
    return WorryModel(features, idf, found[:-1], found[-1], 0.5)


def _vocabulary(counted: Sequence[Mapping[str, int]]) -> tuple[list[str], Floats]:
    """Return the features to keep with their idf: single words, findings, what is seen twice."""
    seen: Counter[str] = Counter(name for counts in counted for name in counts)
    kept = sorted(name for name, times in seen.items() if times > 1 or _stands_alone(name))
    idf = [math.log((1 + len(counted)) / (1 + seen[name])) + 1 for name in kept]
    return kept, np.array(idf, dtype=np.float32)


def _stands_alone(name: str) -> bool:
    return name[0] == "f" or (name[0] == "w" and " " not in name)


def _weighted(counts: Mapping[str, int], rows: Mapping[str, int], idf: Floats) -> Row:
    """Return (rows, tf-idf values); each kind of feature is scaled to its length of `SCALES`."""
    found: list[int] = []
    values: list[float] = []
    for kind, scale in SCALES.items():
        known = [
            (rows[name], 1.0 + math.log(count))
            for name, count in counts.items()
            if name[0] == kind and name in rows
        ]
        scaled = [value * float(idf[row]) for row, value in known]
        length = math.sqrt(sum(value * value for value in scaled)) or 1.0
        found += [row for row, _ in known]
        values += [scale * value / length for value in scaled]
    return np.array(found, dtype=np.intp), np.array(values, dtype=np.float32)


def _share(total: float | np.floating[Any]) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, float(total)))))
