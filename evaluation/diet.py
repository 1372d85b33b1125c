"""Trains Rasa's default NLU pipeline and reads messages with it; run by a Python with TensorFlow.

    .venv-full/bin/python -m evaluation.diet NLU_FOLDER MESSAGES.json ANSWERS.json [EPOCHS]

MESSAGES.json is a list of texts. ANSWERS.json gets, for each, the intents with their probabilities,
and the seconds and megabytes that it took.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

SEED = 1
EPOCHS = 100  # what `rasa init` sets
PIPELINE: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {
        "name": "DIETClassifier",
        "epochs": EPOCHS,
        "constrain_similarities": True,
        "random_seed": SEED,
    },
    {"name": "EntitySynonymMapper"},
]

DIET = next(place for place, one in enumerate(PIPELINE) if one["name"] == "DIETClassifier")


async def main() -> None:
    """Trains, reads, and writes the answers."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    nlu, messages, answers = map(Path, sys.argv[1:4])
    if len(sys.argv) > 4:
        PIPELINE[DIET]["epochs"] = int(sys.argv[4])
    texts = json.loads(messages.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.yml")
        config.write_text(
            yaml.safe_dump({"recipe": "default.v1", "language": "en", "pipeline": PIPELINE})
        )
        began = time.perf_counter()
        model = train_nlu(str(config), str(nlu), folder)
        trained = time.perf_counter() - began
        assert model is not None
        size = Path(model).stat().st_size
        began = time.perf_counter()
        agent = Agent.load(model)
        loaded = time.perf_counter() - began
        read, times = [], []
        for text in texts:
            began = time.perf_counter()
            parsed = await agent.parse_message(text)
            times.append(time.perf_counter() - began)
            read.append({one["name"]: one["confidence"] for one in parsed["intent_ranking"]})
    figures = {
        "train_s": trained,
        "load_s": loaded,
        "ms": 1000 * sorted(times)[len(times) // 2],
        "model_mb": size / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }
    answers.write_text(json.dumps({"figures": figures, "readings": read}), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
