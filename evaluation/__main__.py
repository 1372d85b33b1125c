"""Scores the bot's decisions on labelled messages: python -m evaluation [--record]."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from evaluation import danger, topics
from evaluation.bot import Bot, train_classifier
from guide.knowledge import load_reader

HERE = Path(__file__).resolve().parent
SETS = HERE / "sets"
# Labelled messages that may not be published stay in a folder named by EVAL_SAMPLES.
SAMPLES = Path(os.environ.get("EVAL_SAMPLES", SETS))
HISTORY = HERE / "history.jsonl"
REPORTS = HERE.parent / "results" / "evaluation"
NOON = time(12)

DANGER_SETS = (
    SETS / "danger_parents.jsonl",
    SETS / "danger_adversary.jsonl",
    SETS / "danger_examiner.jsonl",
    SETS / "danger_nurse.jsonl",
    SETS / "danger_last.jsonl",
    SETS / "danger_voice.jsonl",
    SETS / "danger_sealed.jsonl",
    SETS / "danger_fresh.jsonl",
    SETS / "danger_final.jsonl",
    SETS / "danger_everyday.jsonl",
    SETS / "danger_blind.jsonl",
    SETS / "danger_unseen.jsonl",
    SETS / "danger_held.jsonl",
    SETS / "danger_short.jsonl",
    SETS / "danger_sisters.jsonl",
    SETS / "danger_calm.jsonl",
    SETS / "danger_night.jsonl",
    SETS / "danger_tone.jsonl",
    SETS / "danger_dawn.jsonl",
    SETS / "danger_dusk.jsonl",
    SAMPLES / "red_flags.jsonl",
)
TOPIC_SETS = (
    SETS / "topics_real.jsonl",
    SETS / "topics_guide.jsonl",
    SETS / "topics_examiner.jsonl",
    SETS / "topics_last.jsonl",
    SETS / "topics_sealed.jsonl",
    SETS / "topics_fresh.jsonl",
    SETS / "topics_unseen.jsonl",
    SETS / "topics_held.jsonl",
    SAMPLES / "real_questions.jsonl",
    SAMPLES / "guidance.jsonl",
)


def danger_reports(bot: Bot, now: datetime) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yields (set, scores, report) for each danger set that is there."""
    for path in filter(Path.exists, DANGER_SETS):
        judged = list(danger.judge(bot.recogniser, danger.read_cases(path), now, bot.reader))
        yield path.stem, asdict(danger.score(judged)), danger.report(judged)


def topic_reports(bot: Bot, now: datetime) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yields (set, scores, report) for each topic set that is there, then for all together."""
    together = []
    for path in filter(Path.exists, TOPIC_SETS):
        judged = list(topics.judge(bot, topics.read_cases(path), now))
        together += judged
        yield path.stem, asdict(topics.score(judged)), topics.report(judged)
    yield "topics_all", asdict(topics.score(together)), topics.report(together)


def line(name: str, scores: dict[str, Any]) -> str:
    """Returns one set's scores on one line."""
    shown = [f"{key} {value:.3f}" for key, value in scores.items() if value is not None]
    return f"{name:18} " + "  ".join(shown)


def record(scores: dict[str, dict[str, Any]], today: date) -> None:
    """Appends the scores to the history file."""
    rounded = {
        name: {key: None if value is None else round(value, 4) for key, value in values.items()}
        for name, values in scores.items()
    }
    with HISTORY.open("a", encoding="utf-8") as history:
        history.write(json.dumps({"date": today.isoformat(), "scores": rounded}) + "\n")


def main() -> None:
    """Prints the scores of every set and writes the misses to results/evaluation."""
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("--record", action="store_true", help="add the scores to the history file")
    parser.add_argument("--only", choices=("danger", "topics"), help="score one kind of set")
    arguments = parser.parse_args()
    now = datetime.combine(date.today(), NOON)
    bot = Bot(train_classifier(), load_reader())
    REPORTS.mkdir(parents=True, exist_ok=True)
    scores: dict[str, dict[str, Any]] = {}
    kinds = {"danger": danger_reports, "topics": topic_reports}
    for kind, reports in kinds.items():
        if arguments.only in (None, kind):
            print(kind)
            for name, values, report in reports(bot, now):
                scores[name] = values
                (REPORTS / f"{name}.txt").write_text(report + "\n", encoding="utf-8")
                print("  " + line(name, values))
    print(f"misses: {REPORTS}")
    if arguments.record:
        record(scores, now.date())


if __name__ == "__main__":
    main()
