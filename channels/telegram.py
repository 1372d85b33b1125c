"""The Telegram channel: `channels.telegram.TelegramInput` in `credentials.yml`.

A token in the environment (`TELEGRAM_TOKEN`) is all that it needs: it then asks Telegram for
updates by itself (long polling). `docs/telegram.md` tells the rest.
"""

from __future__ import annotations

import asyncio
import hmac
import importlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from channels import inprocess
from channels.inprocess import InProcessActions
from channels.telegram_api import ApiError, BotApi, TokenMask, where
from channels.telegram_courier import Backoff
from channels.telegram_desk import Desk
from channels.telegram_engine import Engine
from channels.telegram_settings import Settings, SettingsError
from channels.telegram_state import State
from channels.telegram_turns import CHANNEL, Conversation
from channels.telegram_updates import HANDLED_KINDS, Me
from channels.telegram_words import commands, telegram_words
from channels.turns import LookOut, look_out

logger = logging.getLogger("rasa.channels.telegram_guide")

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_BODY_BYTES = 1024 * 1024
MAX_OPEN_JOBS = 500
QUICK_S = 1.0
IDLE_S = 0.25
LOCK_EVERY_S = 5.0
PRUNE_EVERY_S = 3600.0
COMMAND_ATTEMPTS = 5


class TelegramInput(InputChannel):  # type: ignore[misc]
    """Input channel of the Telegram bot."""

    def __init__(self, settings: Settings | None = None, look: LookOut | None = None) -> None:
        self.settings = settings or Settings()
        self.look = look

    @classmethod
    def name(cls) -> str:
        """Return the name of the channel in trackers; "telegram" is Rasa's own."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TelegramInput:
        """Create the channel as the environment and `credentials.yml` say.

        Raises:
            ImportError, AttributeError: the look-out that is named does not exist.
        """
        settings = Settings.read(credentials, os.environ)
        return cls(settings, _import(settings.lookout) if settings.lookout else None)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the webhook's route, and start the bot with the server."""
        routes = Blueprint(CHANNEL)
        bot = self._bot(on_new_message)
        status = partial(_status, bot)
        routes.add_route(status, "/", name="health")
        if bot is None:
            return routes
        routes.listener("after_server_start")(bot.start)
        routes.listener("before_server_stop")(bot.stop)
        if self.settings.mode == "webhook":
            # Sanic sets an attribute on a handler that streams; a bound method would refuse it.
            receive = partial(bot.receive)
            routes.add_route(receive, "/webhook", methods=["POST"], name="webhook", stream=True)
        return routes

    def _bot(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Bot | None:
        """Return the bot, None when there is to be none; one line of the log says why."""
        if not self.settings.token:
            logger.info("Telegram is off: TELEGRAM_TOKEN is not set")
            return None
        TokenMask.hide(self.settings.token)
        try:
            self.settings.check()
        except SettingsError as error:
            logger.error("Telegram is off: %s", error)
            return None
        return Bot(self.settings, on_new_message, self.look)


async def _status(bot: Bot | None, _request: Request) -> HTTPResponse:
    return json_response({"status": "ok", "telegram": bot.condition if bot else "off"})


def _import(path: str) -> Any:
    module, _, name = path.replace(":", ".").rpartition(".")
    return getattr(importlib.import_module(module), name)


class Bot:
    """Runs the channel beside the server: whatever Telegram does, the server goes on."""

    def __init__(
        self,
        settings: Settings,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
        look: LookOut | None,
    ) -> None:
        self.engine: Engine | None = None
        self._settings = settings
        self._look = look
        self._menu = [{"command": c.command, "description": c.description} for c in commands()]
        self._api = BotApi(settings.token, settings.server)
        self._conversation = Conversation(on_new_message, telegram_words())
        self._task: asyncio.Task[None] | None = None
        self._commands_task: asyncio.Task[None] | None = None
        self._state: State | None = None
        self._alone: sqlite3.Connection | None = None
        self._introduced = False
        self._pruned = 0.0
        self._outage_since: float | None = None
        self._backoff = Backoff(settings.backoff_first_s, settings.backoff_most_s)

    @property
    def condition(self) -> str:
        """Return `starting`, `connected` or `out of reach`, for whoever watches the server."""
        if self._outage_since is not None:
            return "out of reach"
        return "connected" if self._introduced else "starting"

    async def start(self, app: Sanic, _loop: Any) -> None:
        """Begin in the background; the server doesn't wait for Telegram."""
        agent = getattr(app.ctx, "agent", None)
        self._conversation.agent = agent
        if agent is not None and inprocess.wanted(agent):
            inprocess.install(agent)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self, _app: Any, _loop: Any) -> None:
        """End: no new updates, what is on its way arrives, the rest stays in the file."""
        for task in (self._task, self._commands_task):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self.engine is not None:
            await self.engine.stop()
        await self._api.close()
        if self._state is not None:
            self._state.close()
        if self._alone is not None:
            self._alone.close()

    # -- running ------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            try:
                await self._serve()
            except Exception as error:
                # Nothing of Telegram's may end the task for good, and nothing may be silent.
                logger.error("Telegram: the channel failed: %s", where(error))
                await asyncio.sleep(self._backoff.next_s())

    async def _serve(self) -> None:
        if self.engine is None:
            await self._until_alone()
            await self._warm_up()
            self._state = _open_state(self._settings)
            desk = Desk(self._settings, self._api, self._state, self._conversation)
            engine = Engine(desk, self._look)
            await engine.recall()
            await engine.resume()
            self.engine = engine
        await self._patiently(partial(self._introduce, self.engine))
        while True:
            await self._prune_sometimes(self.engine)
            if self._settings.mode == "polling":
                await self._patiently(partial(self._poll, self.engine))
            else:
                await asyncio.sleep(PRUNE_EVERY_S)

    async def _prune_sometimes(self, engine: Engine) -> None:
        if time.monotonic() - self._pruned >= PRUNE_EVERY_S or not self._pruned:
            self._pruned = time.monotonic()
            await engine.prune()

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do `step`, again and again until it works, saying once when Telegram is away."""
        while True:
            try:
                await step()
            except ApiError as error:
                self._note_outage(error)
                if error.status == 409:
                    self._introduced = False  # somebody may have set a webhook
                await asyncio.sleep(max(self._backoff.next_s(), error.retry_after_s))
            else:
                self._note_success()
                return

    def _note_outage(self, error: ApiError) -> None:
        if self._outage_since is not None:
            return
        self._outage_since = time.monotonic()
        if error.bad_token:
            logger.error("Telegram doesn't accept the token (%s); trying again", error)
        elif error.status == 409:
            logger.error("Telegram: another program reads this bot's updates (%s)", error)
        else:
            logger.warning("Telegram is out of reach (%s); trying again, all else goes on", error)

    def _note_success(self) -> None:
        self._backoff.reset()
        if self._outage_since is not None:
            seconds = time.monotonic() - self._outage_since
            logger.warning("Telegram answers again, after %.0f s", seconds)
            self._outage_since = None

    async def _until_alone(self) -> None:
        """Wait until no other process serves this file: Telegram allows one reader of updates."""
        if self._alone is not None:
            return
        path = self._settings.state
        _make_folder(path.parent)
        # SQLite's lock works on every system and ends with the process, however that ends.
        alone = sqlite3.connect(f"{path}.lock.db", timeout=0, isolation_level=None)
        told = False
        while not _taken(alone):
            if not told:
                logger.warning("Telegram: another process serves the bot; this one stands by")
                told = True
            await asyncio.sleep(LOCK_EVERY_S)
        self._alone = alone

    async def _warm_up(self) -> None:
        """Let the look-out and the actions load their words before the first update is read.

        Until then the updates are safe with Telegram; taken too early, the first action would
        run out of its time.
        """
        in_thread = partial(asyncio.get_running_loop().run_in_executor, None)
        await in_thread(look_out, self._look, "hello", {})
        if isinstance(getattr(self._conversation.agent, "action_endpoint", None), InProcessActions):
            package = importlib.import_module(inprocess.ACTION_PACKAGE)
            await in_thread(getattr(package, "warm_up", lambda: None))

    # -- Telegram ---------------------------------------------------------------------------------

    async def _introduce(self, engine: Engine) -> None:
        """Learn the bot's name, say how updates are to come, and which commands there are."""
        if self._introduced:
            return
        me = await self._api.call("getMe")
        if isinstance(me, dict):
            await engine.learn(Me(int(me.get("id") or 0), str(me.get("username") or "")))
        if self._settings.mode == "webhook":
            await self._api.call("setWebhook", self._webhook())
        else:
            await self._api.call("deleteWebhook", {"drop_pending_updates": False})
        self._introduced = True
        logger.info("Telegram: connected, by %s", self._settings.mode)
        if self._commands_task is None:
            loop = asyncio.get_running_loop()
            self._commands_task = loop.create_task(self._offer_commands())

    def _webhook(self) -> dict[str, Any]:
        return {
            "url": self._settings.webhook_url,
            "secret_token": self._settings.secret,
            "allowed_updates": list(HANDLED_KINDS),
            # More connections would let updates of one chat overtake each other.
            "max_connections": 1,
        }

    async def _offer_commands(self) -> None:
        backoff = Backoff(self._settings.backoff_first_s, self._settings.backoff_most_s)
        for _ in range(COMMAND_ATTEMPTS):
            try:
                await self._api.call("setMyCommands", {"commands": self._menu})
                return
            except ApiError as error:
                reason = str(error)
                await asyncio.sleep(max(backoff.next_s(), error.retry_after_s))
        logger.warning("Telegram: the menu of commands could not be set (%s)", reason)

    async def _poll(self, engine: Engine) -> None:
        """Ask once for updates and take them."""
        await self._introduce(engine)
        while engine.open_jobs >= MAX_OPEN_JOBS:  # they are safe with Telegram meanwhile
            await asyncio.sleep(IDLE_S)
        params: dict[str, Any] = {
            "timeout": int(self._settings.poll_s),
            "limit": 100,
            "allowed_updates": list(HANDLED_KINDS),
        }
        offset = await engine.offset()
        if offset:
            params["offset"] = offset
        began = time.monotonic()
        updates = await self._api.call("getUpdates", params, self._settings.poll_s + 15)
        updates = updates if isinstance(updates, list) else []
        await engine.take(updates)
        if not updates and time.monotonic() - began < QUICK_S:
            await asyncio.sleep(IDLE_S)  # a server that doesn't hold the request open

    async def receive(self, request: Request) -> HTTPResponse:
        """Take an update that Telegram posts; answered with 200 when it is safely stored."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._settings.secret.encode()):
            return json_response({"ok": False}, status=403)
        body = bytearray()
        stream: Any = request.stream
        while piece := await stream.read():
            body += piece
            if len(body) > MAX_BODY_BYTES:
                return json_response({"ok": False}, status=413)
        try:
            update = json.loads(body)
        except ValueError:
            return json_response({"ok": False}, status=400)
        if self.engine is None:
            return json_response({"ok": False}, status=503)  # Telegram posts it again
        try:
            await self.engine.take([update])
        except Exception as error:
            logger.error("Telegram: an update could not be stored: %s", type(error).__name__)
            return json_response({"ok": False}, status=503)
        return json_response({"ok": True})


def _taken(alone: sqlite3.Connection) -> bool:
    try:
        alone.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True


def _open_state(settings: Settings) -> State:
    """Open the file; one that can't be read any more is put aside, not into the way."""
    try:
        return State(settings.state, settings.bot)
    except sqlite3.OperationalError:
        raise  # locked, or the disk is full: it may be good again in a moment
    except sqlite3.DatabaseError:
        aside = settings.state.with_name(f"{settings.state.name}.broken-{int(time.time())}")
        logger.error("Telegram: its file can't be read; it is put aside as %s", aside.name)
        for part in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{settings.state}{part}").rename(f"{aside}{part}")
        return State(settings.state, settings.bot)


def _make_folder(folder: Path) -> None:
    """Make the state's folder; one of our own making is kept out of git."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        (folder / ".gitignore").write_text("*\n")
