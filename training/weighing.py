"""How rules and second reader are weighed together, fitted.

It learns from messages that the second reader hasn't seen yet: on its own lessons it is too sure.
A multinomial logistic regression over the features of `guide.weighing`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from guide.assess import assess_turns
from guide.recogniser import Recogniser
from guide.second_reader import LEVELS, TURN, WEIGHTS_FILE, SecondReader
from guide.weighing import CONSTANT
from training.examples import Example

STRENGTH = 0.3
STEPS = 3000
NOW = datetime(2026, 1, 15, 12)
DIGITS = 4

Row = tuple[Mapping[str, float], Mapping[str, float]]
"""What was weighed, and the share of each level owed."""


def plain() -> dict[str, list[float]]:
    """Return weights that take the second reader's shares as they are, to begin with."""
    return {f"reader {level}": [float(level == other) for other in LEVELS] for level in LEVELS}


def rows(
    examples: Iterable[Example], recogniser: Recogniser, reader: SecondReader
) -> Iterator[Row]:
    """Yield what is weighed at the last turn of each conversation; an open alarm stands anyway."""
    for one in examples:
        *_, assessed = assess_turns(recogniser, one.text.split(TURN), NOW, reader)
        if assessed.evidence and not assessed.still_open:
            yield assessed.evidence, one.levels


def fit(weighed: Iterable[Row]) -> dict[str, list[float]]:
    """Return the weight of each feature for each level of `LEVELS`."""
    told = list(weighed)
    names = sorted({name for evidence, _ in told for name in evidence} - {CONSTANT})
    values = np.array([[evidence.get(name, 0.0) for name in names] for evidence, _ in told])
    middle, spread = values.mean(0), values.std(0) + 1e-6
    scaled = (values - middle) / spread
    owed = np.array([[levels.get(level, 0.0) for level in LEVELS] for _, levels in told])
    row, level = np.nonzero(owed)
    machine = LogisticRegression(C=STRENGTH, max_iter=STEPS)
    machine.fit(scaled[row], level, sample_weight=owed[row, level])
    weights = machine.coef_ / spread
    constant = machine.intercept_ - weights @ middle
    return {
        CONSTANT: [round(float(value), DIGITS) for value in constant],
        **{
            name: [round(float(value), DIGITS) for value in weights[:, place]]
            for place, name in enumerate(names)
        },
    }


def store(weighed: Iterable[Row], folder: Path) -> None:
    """Fit on what was weighed and write the file to `folder`."""
    weights = json.dumps(fit(weighed), indent=1)
    (folder / WEIGHTS_FILE).write_text(weights + "\n", encoding="utf-8")
