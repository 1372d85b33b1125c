"""The third answer, measured: what it catches of the danger that rules miss, and whom it asks."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evaluation.danger import ALARMS, Case, judge, read_cases
from guide.knowledge import DATA, load_words
from guide.model import Level
from guide.reading import read_nlu
from guide.recogniser import Recogniser
from guide.worry import Examples, WorryModel, read_messages, train_worry

SETS = Path(__file__).parent / "sets"
NOW = datetime(2026, 11, 22, 12)
"""When the conversations of the sets take place: ages and durations hang on it."""


@dataclass(frozen=True)
class Scored:
    """A case with how worrying its last message sounds.

    Attributes:
        case: the case.
        score: from 0 to 1.
        before: its level by the rules alone.
        after: its level with the model.
    """

    case: Case
    score: float
    before: Level
    after: Level


def examples(data: Path = DATA) -> Examples:
    """Return the training examples of `data`: those of `worry`, and the questions in scope."""
    messages = read_messages(data / "worry")
    questions = read_nlu(sorted((data / "nlu").glob("*.yml")))
    ordinary = [text for text, intent in questions if intent.startswith("ask_")]
    return Examples(messages["alarming"], messages["carer"], messages["calm"], ordinary)


def trained() -> WorryModel:
    """Return the model, trained on the examples of `data`."""
    return train_worry(examples(), load_words().recogniser())


def scored(recogniser: Recogniser, model: WorryModel, cases: Sequence[Case]) -> list[Scored]:
    """Return each case with the score of its last message and the rules' level."""
    before = judge(recogniser, cases, NOW)
    after = judge(recogniser, cases, NOW, model)
    return [
        Scored(old.case, model.worry(recogniser(old.case.messages[-1])), old.level, new.level)
        for old, new in zip(before, after, strict=True)
    ]


def area_under_curve(higher: Sequence[float], lower: Sequence[float]) -> float:
    """Return how often one of `higher` is above one of `lower`, 0 to 1; a tie counts half."""
    wins = sum((one > other) + 0.5 * (one == other) for one in higher for other in lower)
    return wins / (len(higher) * len(lower))


def report(rows: Sequence[Scored], threshold: float) -> str:
    """Return what the model adds to the rules on `rows`, and how well its scores part them."""
    alarming = [row for row in rows if row.case.level in ALARMS]
    calm = [row for row in rows if not row.case.accept & set(ALARMS)]
    missed = [row for row in alarming if row.before.rank < Level.CHECK.rank]
    lines = []
    if alarming and calm:
        area = area_under_curve([row.score for row in alarming], [row.score for row in calm])
        lines.append(f"{'area under the curve':32} {area:7.3f}")
    lines += [
        _line("alarming, above the threshold", (row.score >= threshold for row in alarming)),
        _line("missed by the rules, now asked", (row.after is Level.CHECK for row in missed)),
        _line("alarming, noticed by the rules", (_noticed(row.before) for row in alarming)),
        _line("alarming, noticed now", (_noticed(row.after) for row in alarming)),
        _line("calm, above the threshold", (row.score >= threshold for row in calm)),
        _line("calm, asked by the rules", (row.before is Level.CHECK for row in calm)),
        _line("calm, asked now", (row.after is Level.CHECK for row in calm)),
    ]
    return "\n".join(line for line in lines if line)


def _noticed(level: Level) -> bool:
    return level.rank >= Level.CHECK.rank


def _line(name: str, hits: Iterable[bool]) -> str:
    values = list(hits)
    if not values:
        return ""
    return f"{name:32} {sum(values) / len(values):7.1%} of {len(values)}"


def milliseconds(recogniser: Recogniser, model: WorryModel, texts: Sequence[str]) -> float:
    """Return the mean time that the model adds to a message, after one round of warming up."""
    recognised = [recogniser(text) for text in texts]
    for recognition in recognised:
        model.worry(recognition)
    start = time.perf_counter()
    for recognition in recognised:
        model.worry(recognition)
    return 1000.0 * (time.perf_counter() - start) / len(texts)


def main() -> None:
    """Train the model and print its figures on each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path, default=sorted(SETS.glob("*.jsonl")))
    recogniser = load_words().recogniser()
    begun = time.perf_counter()
    model = train_worry(examples(), recogniser)
    print(f"trained in {time.perf_counter() - begun:.0f} s, threshold {model.threshold:.3f}")
    texts: list[str] = []
    for path in parser.parse_args().sets:
        cases = read_cases(path)
        texts += [case.messages[-1] for case in cases]
        print(f"\n{path.name}\n{report(scored(recogniser, model, cases), model.threshold)}")
    print(f"\n{milliseconds(recogniser, model, texts[:300]):.2f} ms per message")


if __name__ == "__main__":
    main()
