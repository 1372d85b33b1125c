"""Holds the scripted conversations with the bot in this process and writes them down.

    python -m tests.transcripts.render [name ...]

The model is `GUIDE_MODEL`, else models/guide.tar.gz. A turn in conversations.yml is a parent's
words (`say`) or the title of a button on offer (`press`), and what is owed for it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.servers import QUIET, Turn

HERE = Path(__file__).parent
MODEL = Path(os.environ.get("GUIDE_MODEL") or "models/guide.tar.gz")


def conversations() -> list[dict[str, Any]]:
    """Return the scripted conversations: `name`, `about` and `turns` each."""
    scripted = yaml.safe_load((HERE / "conversations.yml").read_text(encoding="utf-8"))
    return list(scripted["conversations"])


def load_agent(model: Path) -> Any:
    """Return the bot in this process, actions included."""
    os.environ.update(QUIET)
    from rasa.core.agent import Agent

    from channels.inprocess import InProcessActions

    agent = Agent.load(str(model), action_endpoint=InProcessActions(timeout_s=30))
    assert agent.is_ready(), model
    return agent


async def take_turn(agent: Any, sender: str, owed: Mapping[str, Any], before: Turn) -> Turn:
    """Say or press what the script has next; `before` is the bot's last turn, with its buttons."""
    from rasa.core.channels.channel import UserMessage

    from channels.messages import WebOutput, metadata_of

    words = owed["say"].strip() if "say" in owed else before.payloads.get(owed["press"])
    assert words, (owed["press"], before.text, sorted(before.payloads))
    output = WebOutput()
    await agent.handle_message(
        UserMessage(words, output_channel=output, sender_id=sender, input_channel="web")
    )
    return Turn(
        tuple(
            {
                "text": str(message.get("text") or ""),
                "metadata": metadata_of(message),
                "buttons": message.get("buttons") or message.get("quick_replies") or (),
            }
            for message in output.messages
        )
    )


async def hold(agent: Any, conversation: Mapping[str, Any], sender: str) -> list[Turn]:
    """Return the bot's turns of a whole conversation."""
    turns: list[Turn] = []
    last = Turn(())
    for owed in conversation["turns"]:
        last = await take_turn(agent, sender, owed, last)
        turns.append(last)
    return turns


def page(conversation: Mapping[str, Any], turns: list[Turn]) -> str:
    """Return a conversation as Markdown: both sides' words, then level and verdicts."""
    lines = [f"# {conversation['name']}", "", conversation["about"], ""]
    for owed, turn in zip(conversation["turns"], turns, strict=True):
        said = f"`{owed['press']}`" if "press" in owed else owed["say"].strip()
        lines += [_quoted("Parent", said), ""]
        for message in turn.messages:
            lines += [_quoted("Guide", message["text"]), ""]
        if turn.payloads:
            lines += ["> " + " ".join(f"`{title}`" for title in turn.payloads), ""]
        verdicts = ", ".join(f"{item} {verdict}" for item, verdict in turn.verdicts.items())
        lines += [f"*{turn.level}{': ' + verdicts if verdicts else ''}*", ""]
    return "\n".join(lines)


def _quoted(who: str, said: str) -> str:
    first, *rest = said.strip().splitlines() or [""]
    return "\n".join([f"> **{who}:** {first}", *(f"> {line}".rstrip() for line in rest)]).replace(
        "\n> ", "  \n> "
    )


async def _render(names: list[str]) -> None:
    agent = load_agent(MODEL)
    for conversation in conversations():
        name = conversation["name"]
        if not names or name in names:
            try:
                text = page(conversation, await hold(agent, conversation, f"transcript-{name}"))
            except AssertionError as error:
                print(name, *error.args, file=sys.stderr)
                continue
            (HERE / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_render(sys.argv[1:]))
