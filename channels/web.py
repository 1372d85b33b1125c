"""The web channel: serves the widget and answers it, on Rasa's own server.

Routes: `/chat` (page), `/embed` (demo of the embed line), `/widget.js`, `/page.css`, and under
`/api/` session, message, history, forget, feedback, numbers, health, ready.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic

from channels import inprocess
from channels.feedback import FeedbackBook
from channels.numbers import read_countries
from channels.sessions import Sessions, load_secret
from channels.turns import LookOut, Turns, look_out
from channels.web_api import Api
from channels.web_door import Doorkeeper, Settings
from channels.web_pages import Pages
from channels.words import ROOT, channel_words


def _import(path: str) -> Any:
    module, _, name = path.replace(":", ".").rpartition(".")
    return getattr(importlib.import_module(module), name)


def _state_dir(name: str) -> Path:
    path = ROOT / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignore = path / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return path


class WebInput(InputChannel):  # type: ignore[misc]
    """Input channel of the web widget."""

    def __init__(self, settings: Settings | None = None, look: LookOut | None = None) -> None:
        self.settings = settings or Settings()
        self.words = channel_words()
        state = _state_dir(self.settings.state_dir)
        self.sessions = Sessions(load_secret(state), self.settings.session_days * 86_400)
        self.feedback = FeedbackBook(state / "feedback.db")
        self.door = Doorkeeper(self.settings)
        self.countries = read_countries(ROOT / self.settings.numbers)
        self.turns = Turns(self.words, look, self.settings.turn_timeout_s)

    @classmethod
    def name(cls) -> str:
        """Return the name of the channel in trackers and responses."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebInput:
        """Create the channel as `credentials.yml` says.

        Raises:
            ImportError, AttributeError: the look-out that is named does not exist; starting
                without it would leave out a protection in silence.
        """
        settings = Settings.from_credentials(credentials)
        return cls(settings, _import(settings.lookout) if settings.lookout else None)

    def url_prefix(self) -> str:
        """Return an absolute prefix: it leaves Rasa's `/webhooks/`."""
        return "/"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes of the page, its script and its API."""
        routes = Blueprint("web_channel")
        Pages(self.door, self.words).add_to(routes)
        Api(self, on_new_message).add_to(routes)
        routes.listener("before_server_start")(self._warm_up)
        routes.listener("after_server_start")(_run_actions_here)
        return routes

    async def _warm_up(self, _app: Sanic, _loop: Any) -> None:
        """Load what the look-out reads before the first parent comes, not while they wait."""
        look_out(self.turns.look, "hello", {})


async def _run_actions_here(app: Sanic, _loop: Any) -> None:
    agent = getattr(app.ctx, "agent", None)
    if agent is not None and inprocess.wanted(agent):
        inprocess.install(agent)
