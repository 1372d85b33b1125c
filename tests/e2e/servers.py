"""Starts the real servers as a user would, and talks to them over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONPATH": str(ROOT),
    "PYTHONUTF8": "1",
}
READY_S = 90.0
RANKS = ("none", "routine", "check", "urgent", "emergency")


def free_port() -> int:
    """Return a TCP port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A `rasa` command that serves, ended with all its children.

    Attributes:
        command: what follows `python -m rasa`.
        ready: the address that answers 200 once it serves.
        log: receives what it prints.
        environment: added to this process's own.
    """

    command: Sequence[str]
    ready: str
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rasa", *self.command],
                cwd=ROOT,
                env={**os.environ, **QUIET, **self.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if requests.get(self.ready, timeout=2).status_code == 200:
                    return self
            except requests.RequestException:
                time.sleep(0.2)
        self.__exit__()
        raise RuntimeError(f"not ready:\n{self.log.read_text()[-3000:]}")

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.process = None


@dataclass(frozen=True)
class Turn:
    """What the bot said to one message.

    Attributes:
        messages: the bot's messages: text, buttons, and the contract's metadata, of which Rasa
            leaves out what is empty.
        seconds: how long the answer took.
    """

    messages: tuple[dict[str, Any], ...]
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """Return all that was said."""
        return "\n".join(message["text"] for message in self.messages)

    @property
    def level(self) -> str:
        """Return the highest level of the messages."""
        levels = (message["metadata"].get("escalation", "none") for message in self.messages)
        return max(levels, key=RANKS.index, default="nothing was said")

    @property
    def topics(self) -> list[str]:
        """Return the topics of all messages, the first first."""
        return [
            topic for message in self.messages for topic in message["metadata"].get("topics") or ()
        ]

    @property
    def rules(self) -> set[str]:
        """Return the gates and signs that fired."""
        return {
            rule for message in self.messages for rule in message["metadata"].get("rules") or ()
        }

    @property
    def verdicts(self) -> dict[str, str]:
        """Return the verdict by food, product or exposure."""
        return {
            item: verdict
            for message in self.messages
            for item, verdict in (_of(message, "verdicts") or {}).items()
        }

    @property
    def payloads(self) -> dict[str, str]:
        """Return the payload, or the token that stands for it, by button title."""
        return {
            button["title"]: button.get("payload") or button["token"]
            for message in self.messages
            for button in message.get("buttons") or ()
        }


def _of(message: Mapping[str, Any], name: str) -> Any:
    return message["metadata"].get(name)


def _flat(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contract's metadata, wherever Rasa has put it."""
    nested = metadata.get("metadata")
    return {**metadata, **(nested if isinstance(nested, dict) else {})}


@dataclass
class RestChat:
    """A parent on Rasa's plain `rest` channel; metadata is read from the tracker."""

    url: str
    token: str
    sender: str

    def say(self, text: str) -> Turn:
        """Send `text` (or a button's payload) and return what the bot said."""
        started = time.monotonic()
        answer = requests.post(
            f"{self.url}/webhooks/rest/webhook",
            json={"sender": self.sender, "message": text},
            timeout=30,
        )
        seconds = time.monotonic() - started
        answer.raise_for_status()
        said = answer.json()
        kept = self._last_bot_events()
        assert [one["text"] for one in said] == [one["text"] for one in kept], (said, kept)
        return Turn(tuple(kept), seconds)

    def _last_bot_events(self) -> list[dict[str, Any]]:
        events = self.tracker()["events"]
        last = max(i for i, event in enumerate(events) if event["event"] == "user")
        return [
            {
                "text": event["text"],
                "buttons": event["data"].get("buttons"),
                "metadata": _flat(event["metadata"]),
            }
            for event in events[last:]
            if event["event"] == "bot"
        ]

    def tracker(self) -> dict[str, Any]:
        """Return the conversation as Rasa keeps it."""
        answer = requests.get(
            f"{self.url}/conversations/{self.sender}/tracker",
            params={"token": self.token},
            timeout=30,
        )
        answer.raise_for_status()
        tracker: dict[str, Any] = answer.json()
        return tracker

    def slot(self, name: str) -> Any:
        """Return the value of a slot."""
        return self.tracker()["slots"].get(name)


class WebChat:
    """A parent on the project's own web channel."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._count = 0
        self.session = self._post("session", {}).json()["session"]

    def _post(self, path: str, data: Mapping[str, Any]) -> requests.Response:
        session = getattr(self, "session", "")
        headers = {"Authorization": f"Bearer {session}"} if session else {}
        return requests.post(f"{self._url}/api/{path}", json=data, headers=headers, timeout=30)

    def say(self, text: str, **more: Any) -> Turn:
        """Send `text` and return what the bot said, an error's sentence included."""
        return self._send({"text": text, **more})

    def press(self, token: str) -> Turn:
        """Press a button."""
        return self._send({"button": token})

    def _send(self, data: dict[str, Any]) -> Turn:
        self._count += 1
        started = time.monotonic()
        answer = self._post("message", {"id": f"message-{self._count}", **data})
        seconds = time.monotonic() - started
        body = answer.json()
        if "error" in body:
            said = {"text": body["error"]["message"], "metadata": {"escalation": "none"}}
            return Turn((said,), seconds)
        return Turn(tuple(body["messages"]), seconds)
