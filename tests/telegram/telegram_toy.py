"""A toy bot behind the real channel: as slow, silent or broken as a test asks for.

Run as a program it is a server of its own, to be killed: `python telegram_toy.py FOLDER PORT`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from channels.telegram import TelegramInput
from channels.telegram_settings import Settings
from guide.model import Button, Facts, Level, Reply

ROOT = Path(__file__).resolve().parents[2]
FAST = {
    "poll_s": 1.0,
    "typing_after_s": 0.05,
    "turn_timeout_s": 0.4,
    "turn_limit_s": 1.2,
    "sends_per_second": 5000.0,
    "backoff_first_s": 0.01,
    "backoff_most_s": 0.05,
    "stop_wait_s": 5.0,
}
EMERGENCY = "Call 999, 112 or 911 now."


def lookout(text: str, facts: Facts) -> Reply | None:
    if "breathe" not in text.lower():
        return None
    buttons = (Button("False alarm", "/alarm_over"),)
    return Reply(text=EMERGENCY, level=Level.EMERGENCY, rules=("breathing",), buttons=buttons)


class ToyAgent:
    """Answers `echo: <words>`; a few words make it misbehave."""

    def __init__(self, log: Path | None = None, pause_s: float = 0.0) -> None:
        self.turns: list[UserMessage] = []
        self.ready = True
        self.action_endpoint = object()
        self.tracker_store = self
        self.trackers: dict[str, Any] = {}
        self._log = log
        self._pause_s = pause_s

    def is_ready(self) -> bool:
        return self.ready

    async def retrieve(self, sender: str) -> Any:
        return self.trackers.get(sender)

    async def handle_message(self, message: UserMessage) -> None:
        self.turns.append(message)
        word, _, rest = message.text.partition(" ")
        await asyncio.sleep(float(rest.split()[0]) if word == "slow" else self._pause_s)
        if word == "crash":
            raise ValueError(f"a secret: {message.text}")
        if word != "silent":
            await message.output_channel.send_response(message.sender_id, self._reply(message.text))
        if self._log is not None:
            with self._log.open("a") as file:
                file.write(f"{message.message_id} {message.text}\n")

    def _reply(self, text: str) -> dict[str, Any]:
        if text == "buttons":
            titles = {"Kefir": "/ask_kefir", "Yes": "/affirm", "Why?": "/ask_why"}
            titles["Long"] = '/inform{"age_months": 5, "why": "' + "x" * 80 + '"}'
            buttons = [{"title": t, "payload": p} for t, p in titles.items()]
            return {"text": "Choose one", "buttons": buttons, "escalation": "routine"}
        if text == "long":
            return {
                "text": "One sentence here. " * 800,
                "buttons": [{"title": "Go", "payload": "/go"}],
            }
        if text == "breaking":
            return {"text": "<b>un*closed_ [x](javascript:1) & \x00\u202e `"}
        if text == "card":
            return {"text": "Kefir 🥛\nNot yet.", "card": {"title": "Kefir 🥛"}}
        if text == "/forget_me":
            return {"text": "Forgotten.", "forget": True}
        if "breathe" in text:
            return {"text": "From Rasa: call 999.", "metadata": {"escalation": "emergency"}}
        return {"text": f"echo: {text}", "escalation": "routine"}


def toy_settings(token: str, server: str, state: Path, **changes: Any) -> Settings:
    return Settings(token=token, server=server, state=state, **{**FAST, **changes})


def app_of(agent: Any) -> Any:
    return SimpleNamespace(ctx=SimpleNamespace(agent=agent))


def serve(folder: Path, port: int) -> None:
    """Run the toy under Sanic, with the settings of the environment."""
    logging.basicConfig(level=logging.DEBUG)  # the token must be in none of it
    settings = replace(Settings.read({}, os.environ), **FAST)
    app = Sanic("toy")
    app.ctx.agent = ToyAgent(folder / "turns.log", pause_s=0.01)
    register([TelegramInput(settings, lookout)], app, route="/webhooks/")
    app.run(host="127.0.0.1", port=port, access_log=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
