"""Trains the second reader's n-grams.

Words and pieces of words, weighed by a logistic regression for the level alone. It takes half a
minute, knows spellings that the encoder cuts to pieces, and errs elsewhere than the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from guide.second_reader import BUCKETS, GRAMS_FILE, LEVELS, weighted_grams
from training.examples import Example

STRENGTH = 3.0
STEPS = 300


def fit(examples: Sequence[Example]) -> dict[str, np.ndarray]:
    """Return the arrays of the n-grams: rarity, weights (buckets, levels) and bias."""
    plain = np.ones(BUCKETS, dtype=np.float32)
    seen = np.zeros(BUCKETS, dtype=np.int64)
    for one in examples:
        seen[weighted_grams(one.text, plain)[0]] += 1
    rarity = (np.log((1 + len(examples)) / (1 + seen)) + 1.0).astype(np.float32)
    rows = [weighted_grams(one.text, rarity) for one in examples]
    ends = np.cumsum([0, *(len(own) for own, _ in rows)])
    matrix = csr_matrix(
        (
            np.concatenate([values for _, values in rows]),
            np.concatenate([b for b, _ in rows]),
            ends,
        ),
        shape=(len(rows), BUCKETS),
    )
    owed = [max(one.levels, key=one.levels.__getitem__) for one in examples]
    machine = LogisticRegression(C=STRENGTH, max_iter=STEPS)
    weights = [one.weight for one in examples]
    machine.fit(matrix, [LEVELS.index(level) for level in owed], sample_weight=weights)
    return {
        "rarity": rarity.astype(np.float16),
        "weights": machine.coef_.T.astype(np.float16),
        "bias": machine.intercept_.astype(np.float32),
    }


def store(examples: Sequence[Example], folder: Path) -> None:
    """Train on `examples` and write the file that the second reader loads."""
    np.savez_compressed(folder / GRAMS_FILE, **fit(examples))
