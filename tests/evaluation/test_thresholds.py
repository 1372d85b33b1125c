"""The scores on the development sets must not fall below the recorded floors."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from evaluation import danger, topics
from evaluation.bot import Bot, train_classifier
from guide.knowledge import load_reader

FOLDER = Path(topics.__file__).resolve().parent
THRESHOLDS: dict[str, dict[str, float]] = yaml.safe_load(
    (FOLDER / "thresholds.yml").read_text(encoding="utf-8")
)
NOW = datetime(2026, 1, 15, 12)


@pytest.fixture(scope="module")
def bot() -> Bot:
    return Bot(train_classifier(), load_reader())


@pytest.mark.slow
@pytest.mark.parametrize("name", THRESHOLDS)
def test_scores_hold(bot: Bot, name: str) -> None:
    path = FOLDER / "sets" / f"{name}.jsonl"
    scores: dict[str, Any]
    if name.startswith("danger"):
        judged = danger.judge(bot.recogniser, danger.read_cases(path), NOW, bot.reader)
        scores = asdict(danger.score(judged))
    else:
        scores = asdict(topics.score(topics.judge(bot, topics.read_cases(path), NOW)))
    for limit, value in THRESHOLDS[name].items():
        if limit.startswith("max_"):
            assert scores[limit.removeprefix("max_")] <= value, limit
        else:
            assert scores[limit] >= value, limit
