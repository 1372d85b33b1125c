"""One encoder's training as a process of its own runs it.

Apart from `training.__main__`, which a new process doesn't import.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from guide.second_reader import ENCODERS
from training import graph
from training.encoder import Settings, Words, fit
from training.examples import Example


@dataclass(frozen=True)
class Task:
    """An encoder to train.

    Attributes:
        examples: what it learns from.
        base: folder of the encoder that it starts from.
        words: what it knows by name.
        settings: how it is trained.
        path: the file that it is stored in.
    """

    examples: Sequence[Example]
    base: Path
    words: Words
    settings: Settings
    path: Path


def train(task: Task) -> None:
    """Train an encoder on its share of the cores, and store it."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // len(ENCODERS)))
    graph.store(fit(task.examples, task.base, task.words, task.settings), task.path)
