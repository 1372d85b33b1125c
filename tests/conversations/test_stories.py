"""The stories of this folder, twice: as Rasa reads them, and word by word with the real bot.

Stock `rasa test core` checks the rules with the intents that the stories name. It gives its NLU no
conversation, so the second test says each message to a running bot and compares what it understood
and did: intents, and the actions in their order.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import model as model
from tests.e2e.servers import QUIET, ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.rasa]

HERE = Path(__file__).parent
KINDS = {
    "red_flags",
    "corrections",
    "digressions",
    "invalid_input",
    "outage",
    "out_of_scope",
    "happy_path",
}


def _stories() -> Iterator[Any]:
    for path in sorted(HERE.rglob("test_*.yml")):
        for story in yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]:
            yield pytest.param(story["steps"], id=f"{path.parent.name}: {story['story']}")


def test_every_kind_of_failure_has_its_folder() -> None:
    assert {path.parent.name for path in HERE.rglob("test_*.yml")} == KINDS


def test_stock_rasa_test_passes(model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rasa", "test", "core", "--stories", str(HERE)]
    command += ["--model", str(model), "--out", str(tmp_path), "--no-plot"]
    command += ["--fail-on-prediction-errors"]
    made = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **QUIET}, capture_output=True, text=True, timeout=120
    )
    assert made.returncode == 0, made.stderr[-3000:]
    report = json.loads((tmp_path / "story_report.json").read_text())
    assert report["conversation_accuracy"]["accuracy"] == 1.0


@pytest.fixture(scope="module")
def agent(model: Path) -> Any:
    """Return the bot in this process, actions included."""
    from rasa.core.agent import Agent

    from channels.inprocess import InProcessActions

    loaded = Agent.load(str(model), action_endpoint=InProcessActions(timeout_s=30))
    assert loaded.is_ready()
    return loaded


@pytest.mark.parametrize("steps", _stories())
async def test_said_to_the_bot(agent: Any, steps: list[dict[str, Any]], request: Any) -> None:
    sender = request.node.name
    for step in steps:
        if "user" in step:
            await agent.handle_text(step["user"].strip(), sender_id=sender)
            tracker = await agent.tracker_store.retrieve(sender)
            done = _actions_since_the_last_message(tracker.events)
            intent = tracker.latest_message.intent["name"]
            assert intent == step["intent"], (step["user"], intent)
        else:
            assert done.pop(0) == step["action"]


def _actions_since_the_last_message(events: Any) -> list[str]:
    done: list[str] = []
    for event in events:
        if event.type_name == "user":
            done = []
        elif event.type_name == "action" and event.action_name:
            done.append(event.action_name)
    return [name for name in done if name not in ("action_listen", "age_form")]
