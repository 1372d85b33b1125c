"""The web channel: serves the widget and answers it, on Rasa's own server.

Routes: `/chat` (page), `/embed` (demo of the embed line), `/widget.js`, `/page.css`, and under
`/api/` session, message, history, forget, feedback, numbers, health, ready. Every error is
JSON: `{"error": {"code", "message"}}` with a sentence that the parent may be shown.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import importlib
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, empty, raw
from sanic.response import json as json_response

from channels import inprocess
from channels.erase import erase_conversation
from channels.feedback import REASONS, FeedbackBook, Opinion
from channels.history import exchanges
from channels.limits import RateLimit
from channels.messages import (
    MAX_CHARACTERS,
    channel_message,
    clean_text,
    for_browser,
    reply_message,
)
from channels.numbers import read_countries
from channels.sessions import BadToken, Sessions, SignedButton, load_secret
from channels.turns import MAX_RUNNING, Answer, LookOut, Said, Turns, look_out
from channels.words import ROOT, channel_words

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
WIDGET_FILE = ROOT / "widget" / "dist" / "widget.js"
PAGES = ROOT / "widget" / "pages"
MENU = (
    SignedButton("My plan", "/ask_plan"),
    SignedButton("A note for the doctor", "/ask_note"),
    SignedButton("What can you do?", "/ask_help"),
)
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_TOPIC = re.compile(r"[a-z][a-z0-9_]{1,40}")
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that is answered by an error: a status, a code, and a sentence."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": {"code": code, "message": message}, **extra}

    def response(self) -> HTTPResponse:
        """Return the error as JSON; one that asks to wait says so in the header as well."""
        wait = self.body.get("retry_after")
        headers = {"Retry-After": str(wait)} if wait else None
        return json_response(self.body, status=self.status, headers=headers)


@dataclass(frozen=True)
class Settings:
    """The channel's settings, from `credentials.yml`, each with a default that is safe.

    Attributes:
        title: heading of the full page.
        origins: other websites that may embed the widget ("https://example.org").
        lookout: dotted path of a function `(text, facts) -> Reply | None`.
        state_dir: where the secret and the feedback file live.
        numbers: the file of emergency numbers by country.
        turn_timeout_s: seconds until a slow turn is answered with a sentence.
        session_days: how long a session may be resumed.
        proxies: how many reverse proxies of ours stand before the server.
        session_burst, session_per_minute, address_burst, address_per_minute: rate limits.
    """

    title: str = "Baby eczema guide"
    origins: Sequence[str] = ()
    lookout: str | None = None
    state_dir: str = "state"
    numbers: str = "data/lexicon/numbers.yml"
    turn_timeout_s: float = 8.0
    session_days: float = 7.0
    proxies: int = 0
    session_burst: float = 20
    session_per_minute: float = 20
    address_burst: float = 120
    address_per_minute: float = 120

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> Settings:
        """Read the settings; `WEB_ORIGINS` (comma-separated) adds to the origins,
        `WEB_STATE_DIR` goes before `state_dir`.

        Raises:
            TypeError: a setting that does not exist.
        """
        values = dict(credentials or {})
        from_env = os.environ.get("WEB_ORIGINS", "").split(",")
        origins = [*(values.pop("origins", None) or ()), *from_env]
        values["origins"] = tuple(o.strip().rstrip("/").lower() for o in origins if o.strip())
        values["state_dir"] = os.environ.get("WEB_STATE_DIR") or values.get("state_dir", "state")
        return cls(**values)


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


async def _read_json(request: Request) -> dict[str, Any]:
    """Read the body piece by piece, so that a huge one is refused before it is held."""
    words = channel_words()
    body = bytearray()
    while True:
        piece = await request.stream.read()
        if not piece:
            break
        body += piece
        if len(body) > MAX_BODY_BYTES:
            message = words.say_safely("too_long", length=len(body), limit=MAX_CHARACTERS)
            raise Refusal(413, "too_large", message)
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Refusal(400, "bad_json", words.say("wrong_request"))
    return data


@dataclass
class StaticFile:
    """A file kept in memory with its gzipped form and its ETag, re-read when it changes."""

    path: Path
    content_type: str
    _changed: float = -1.0
    _plain: bytes = b""
    _packed: bytes = b""
    _etag: str = ""

    def _refresh(self) -> None:
        changed = self.path.stat().st_mtime
        if changed != self._changed:
            self._plain = self.path.read_bytes()
            self._packed = gzip.compress(self._plain, 9, mtime=0)
            self._etag = f'"{hashlib.sha256(self._plain).hexdigest()[:20]}"'
            self._changed = changed

    def text(self) -> str:
        """Return the file's text."""
        self._refresh()
        return self._plain.decode()

    def response(self, request: Request) -> HTTPResponse:
        """Return the file, gzipped where the browser takes it, or 304 when it has it already."""
        self._refresh()
        headers = {"ETag": self._etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match", "").removeprefix("W/") == self._etag:
            return empty(304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return raw(self._packed, content_type=self.content_type, headers=headers)
        return raw(self._plain, content_type=self.content_type, headers=headers)


@dataclass
class Doorkeeper:
    """Decides who may call: websites by origin, callers by rate."""

    settings: Settings
    addresses: RateLimit = field(init=False)
    parents: RateLimit = field(init=False)

    def __post_init__(self) -> None:
        chosen = self.settings
        self.addresses = RateLimit(chosen.address_burst, chosen.address_per_minute)
        self.parents = RateLimit(chosen.session_burst, chosen.session_per_minute)

    def address(self, request: Request) -> str:
        """Return the caller's address; a forwarded one only from proxies that we know of."""
        hops = [h.strip() for h in request.headers.get("x-forwarded-for", "").split(",") if h]
        proxies = self.settings.proxies
        if proxies and len(hops) >= proxies:
            return hops[-proxies]
        return str(request.ip)

    def origin_allowed(self, request: Request) -> bool:
        """Tell whether the page that calls is ours, or on the list."""
        origin = request.headers.get("origin", "").lower()
        if not origin:
            return True
        own = {request.host, request.headers.get("x-forwarded-host", "")}
        return origin in self.settings.origins or urlsplit(origin).netloc in own - {""}

    def cors_headers(self, request: Request) -> dict[str, str]:
        """Return the headers that let an allowed website read the answer."""
        origin = request.headers.get("origin", "")
        if origin.lower() not in self.settings.origins:
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Expose-Headers": "retry-after",
            "Access-Control-Max-Age": "600",
        }

    def page_headers(self) -> dict[str, str]:
        """Return the headers of our own pages: nothing but our own script and style runs."""
        frames = " ".join(("'self'", *self.settings.origins))
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            "img-src 'self' data:; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {frames}; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        return {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}


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
        Pages(self).add_to(routes)
        Api(self, on_new_message).add_to(routes)
        routes.listener("after_server_start")(_run_actions_here)
        return routes


async def _run_actions_here(app: Sanic, _loop: Any) -> None:
    agent = getattr(app.ctx, "agent", None)
    if agent is not None and inprocess.wanted(agent):
        inprocess.install(agent)


class Pages:
    """What a browser loads: the full page, the demo page, the script."""

    def __init__(self, channel: WebInput) -> None:
        self._channel = channel
        self._script = StaticFile(WIDGET_FILE, "text/javascript; charset=utf-8")
        self._style = StaticFile(PAGES / "page.css", "text/css; charset=utf-8")
        self._chat = StaticFile(PAGES / "chat.html", "text/html")
        self._demo = StaticFile(PAGES / "embed.html", "text/html")

    def add_to(self, routes: Blueprint) -> None:
        """Register the pages."""
        routes.add_route(partial(self._serve_script), "/widget.js", name="script")
        routes.add_route(partial(self._serve_style), "/page.css", name="style")
        routes.add_route(partial(self._serve_page, self._chat), "/chat", name="chat")
        routes.add_route(partial(self._serve_page, self._demo), "/embed", name="embed")

    async def _serve_script(self, request: Request) -> HTTPResponse:
        if not WIDGET_FILE.exists():
            return Refusal(503, "not_built", self._channel.words.say("not_built")).response()
        response = self._script.response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    async def _serve_style(self, request: Request) -> HTTPResponse:
        return self._style.response(request)

    async def _serve_page(self, page: StaticFile, _request: Request) -> HTTPResponse:
        values = {
            "{{title}}": self._channel.settings.title,
            "{{emergency}}": self._channel.words.emergency_line,
        }
        html = page.text()
        for mark, value in values.items():
            html = html.replace(mark, escape(value))
        headers = {**_SECURITY_HEADERS, **self._channel.door.page_headers()}
        return raw(html.encode(), content_type="text/html; charset=utf-8", headers=headers)


ApiHandler = Callable[[Request], Awaitable[HTTPResponse]]


class Api:
    """The routes under `/api/` that the widget calls."""

    def __init__(
        self, channel: WebInput, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> None:
        self._channel = channel
        self._say = on_new_message

    def add_to(self, routes: Blueprint) -> None:
        """Register the routes, each behind the same checks."""
        paths: dict[str, tuple[str, ApiHandler]] = {
            "session": ("POST", self.session),
            "message": ("POST", self.message),
            "history": ("GET", self.history),
            "forget": ("POST", self.forget),
            "feedback": ("POST", self.give_feedback),
            "numbers": ("GET", self.numbers),
            "health": ("GET", self.health),
            "ready": ("GET", self.ready),
        }
        for name, (method, handler) in paths.items():
            routes.add_route(
                self._guarded(method, handler),
                f"/api/{name}",
                methods=_METHODS,
                name=f"api_{name}",
                stream=True,
            )
        routes.add_route(
            self._guarded("", self.health), "/api/<path:path>", methods=_METHODS, name="api_other"
        )

        async def prepare(app: Sanic, _loop: Any) -> None:
            app.config.FALLBACK_ERROR_FORMAT = "json"
            # On the whole app: a blueprint's own would miss the preflights that Rasa answers.
            app.register_middleware(self._finish, "response")

        routes.listener("before_server_start")(prepare)

    def _guarded(self, method: str, handler: ApiHandler) -> Callable[..., Any]:
        async def guarded(request: Request, path: str = "") -> HTTPResponse:
            try:
                self._check_caller(request)
                self._check_method(request, method)
                return await handler(request)
            except Refusal as refusal:
                return refusal.response()
            except SanicException:
                raise
            except Exception as error:
                logger.error("a request of the widget failed: %s", type(error).__name__)
                message = self._channel.words.say_safely("failed")
                return Refusal(500, "failed", message).response()

        return guarded

    def _check_method(self, request: Request, method: str) -> None:
        if not method:
            raise Refusal(404, "not_found", self._channel.words.say("not_found"))
        if request.method != method:
            raise Refusal(405, "method", self._channel.words.say("wrong_request"))

    async def _finish(self, request: Request, response: HTTPResponse) -> None:
        """Add the headers of an API answer, a preflight's among them."""
        if not request.path.startswith("/api/"):
            return
        response.headers.update(self._channel.door.cors_headers(request))
        response.headers["Vary"] = "Origin"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"

    def _check_caller(self, request: Request) -> None:
        door, words = self._channel.door, self._channel.words
        if not door.origin_allowed(request):
            raise Refusal(403, "origin", words.say("not_allowed"))
        if request.path not in ("/api/health", "/api/ready"):
            self._slow_down(door.addresses.seconds_to_wait(door.address(request)))

    def _slow_down(self, seconds: int) -> None:
        if seconds:
            message = self._channel.words.say_safely("too_fast", seconds=seconds)
            raise Refusal(429, "too_fast", message, retry_after=seconds)

    def _sender(self, request: Request) -> str:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            if kind.lower() != "bearer":
                raise BadToken("missing")
            return self._channel.sessions.sender(token.strip())
        except (BadToken, ValueError) as error:
            raise Refusal(401, "session", self._channel.words.say("expired")) from error

    def _button(self, sender: str, token: object) -> SignedButton:
        try:
            return self._channel.sessions.button(sender, str(token))
        except (BadToken, ValueError) as error:
            message = self._channel.words.say_safely("unknown_button")
            raise Refusal(400, "unknown_button", message) from error

    async def session(self, request: Request) -> HTTPResponse:
        """Create a session, with the buttons of the widget's menu and the numbers to call."""
        data = await _read_json(request)
        sessions = self._channel.sessions
        token = sessions.create()
        sender = sessions.sender(token)
        buttons = list(MENU)
        topic = data.get("topic")
        if isinstance(topic, str) and _TOPIC.fullmatch(topic):
            buttons.append(SignedButton(topic.replace("_", " ").capitalize(), f"/ask_{topic}"))
        body = {
            "session": token,
            "menu": [
                {"title": each.title, "token": sessions.button_token(sender, each)}
                for each in buttons
            ],
            "countries": self._channel.countries,
        }
        return json_response(body, status=201)

    async def message(self, request: Request) -> HTTPResponse:
        """Take one message, typed or pressed, and return what the bot says to it."""
        sender = self._sender(request)
        data = await _read_json(request)
        said = self._said(sender, data)
        danger = None
        if said.typed:
            slots = {**inprocess.slot_memory.of(sender), **_country_slot(said)}
            danger = look_out(self._channel.turns.look, said.text, slots)
        try:
            self._check_parent(said, data)
        except Refusal:
            # A parent may be cut off for any reason but this one.
            if danger is None:
                raise
            return self._respond(said, Answer([reply_message(danger)]))
        if data.get("attempt", 1) != 1 and not self._channel.turns.find(sender, said.message_id):
            kept = await self._answered_before(request, said)
            if kept:
                return self._respond(said, Answer(kept))
        answer = await self._answer(request, said, danger)
        return self._respond(said, answer)

    def _said(self, sender: str, data: Mapping[str, Any]) -> Said:
        words = self._channel.words
        message_id = str(data.get("id") or "")
        if not _CLIENT_ID.fullmatch(message_id):
            raise Refusal(400, "bad_id", words.say("wrong_request"))
        country = self._country(data)
        if data.get("button") is not None:
            button = self._button(sender, data["button"])
            metadata = {**country, "title": button.title}
            return Said(sender, message_id, button.title, button.payload, False, metadata)
        text = clean_text(data["text"]) if isinstance(data.get("text"), str) else ""
        if not text:
            raise Refusal(400, "empty", words.say("empty"))
        return Said(sender, message_id, text, text, True, country)

    def _country(self, data: Mapping[str, Any]) -> dict[str, str]:
        known = {each["code"] for each in self._channel.countries}
        return {"country": data["country"]} if data.get("country") in known else {}

    def _check_parent(self, said: Said, data: Mapping[str, Any]) -> None:
        words, turns = self._channel.words, self._channel.turns
        if said.typed and len(said.text) > MAX_CHARACTERS:
            message = words.say_safely("too_long", length=len(said.text), limit=MAX_CHARACTERS)
            raise Refusal(413, "too_long", message)
        if turns.find(said.sender, said.message_id):
            return  # a retry costs nothing
        self._slow_down(self._channel.door.parents.seconds_to_wait(said.sender))
        if turns.running(said.sender) >= MAX_RUNNING:
            raise Refusal(429, "busy", words.say_safely("busy"), retry_after=3)

    async def _answered_before(self, request: Request, said: Said) -> list[dict[str, Any]]:
        """Return what was answered to this message before a restart of the server."""
        try:
            tracker = await request.app.ctx.agent.tracker_store.retrieve(said.sender)
        except Exception as error:
            logger.error("can't look up a retried message: %s", type(error).__name__)
            return []
        found = exchanges(tracker.events) if tracker else []
        return next((each.messages for each in found if each.message_id == said.message_id), [])

    async def _answer(self, request: Request, said: Said, danger: Any) -> Answer:
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            message = channel_message(self._channel.words.say_safely("not_ready"))
            return Answer([reply_message(danger) if danger else message])
        answer = await self._channel.turns.answer(said, danger, self._say)
        if any(message.get("forget") for message in answer.messages):
            await self._erase(agent, said.sender)
        return answer

    def _respond(self, said: Said, answer: Answer) -> HTTPResponse:
        messages = for_browser(self._channel.sessions, said.sender, answer.messages)
        return json_response(
            {"id": said.message_id, "messages": messages, "pending": answer.pending}
        )

    async def history(self, request: Request) -> HTTPResponse:
        """Return the conversation so far, to go on after a reload."""
        sender = self._sender(request)
        sessions = self._channel.sessions
        try:
            tracker = await request.app.ctx.agent.tracker_store.retrieve(sender)
        except Exception as error:
            raise Refusal(503, "history", self._channel.words.say("no_history")) from error
        found = exchanges(tracker.events if tracker else (), self._channel.turns.of(sender))
        body = {
            "exchanges": [
                {
                    "id": each.message_id,
                    "text": each.shown,
                    "time": each.time,
                    "messages": for_browser(sessions, sender, each.messages),
                }
                for each in found[-100:]
            ],
            "menu": [
                {"title": each.title, "token": sessions.button_token(sender, each)} for each in MENU
            ],
            "countries": self._channel.countries,
        }
        return json_response(body)

    async def forget(self, request: Request) -> HTTPResponse:
        """Let the bot forget, then erase what the server holds of this session."""
        sender = self._sender(request)
        await _read_json(request)
        agent = request.app.ctx.agent
        said = Said(sender, "forget", "", "/forget_me", typed=False)
        self._channel.turns.forget(sender)
        await self._channel.turns.answer(said, None, self._say)
        erased = await self._erase(agent, sender)
        if not erased:
            raise Refusal(500, "failed", self._channel.words.say("failed"))
        message = channel_message(self._channel.words.say("forgotten"))
        return json_response({"messages": for_browser(self._channel.sessions, sender, [message])})

    async def _erase(self, agent: Any, sender: str) -> bool:
        self._channel.turns.forget(sender)
        inprocess.slot_memory.forget(sender)
        who = self._channel.sessions.pseudonym(sender)
        await _in_thread(self._channel.feedback.forget, who)
        return await erase_conversation(agent, sender)

    async def give_feedback(self, request: Request) -> HTTPResponse:
        """Keep a thumb up or down; the words only when the parent says so."""
        sender = self._sender(request)
        data = await _read_json(request)
        message_id, helpful = str(data.get("id") or ""), data.get("helpful")
        reason = data.get("reason") if data.get("reason") in REASONS else None
        if not _CLIENT_ID.fullmatch(message_id) or not isinstance(helpful, bool):
            raise Refusal(400, "bad_feedback", self._channel.words.say("wrong_request"))
        self._slow_down(self._channel.door.parents.seconds_to_wait(sender))
        tracker = await request.app.ctx.agent.tracker_store.retrieve(sender)
        found = exchanges(tracker.events if tracker else (), self._channel.turns.of(sender))
        asked = next((each for each in found if each.message_id == message_id), None)
        if asked is None:
            raise Refusal(404, "unknown_message", self._channel.words.say("not_found"))
        answer = for_browser(self._channel.sessions, sender, asked.messages)
        share = data.get("share") is True
        opinion = Opinion(
            who=self._channel.sessions.pseudonym(sender),
            message=message_id,
            helpful=helpful,
            reason=reason,
            metadata=answer[0]["metadata"] if answer else {},
            question=asked.shown if share else None,
            answer="\n\n".join(each["text"] for each in answer) if share else None,
        )
        await _in_thread(self._channel.feedback.add, opinion)
        return json_response({"kept": True}, status=201)

    async def numbers(self, _request: Request) -> HTTPResponse:
        """Return the emergency numbers by country."""
        return json_response({"countries": self._channel.countries})

    async def health(self, _request: Request) -> HTTPResponse:
        """Tell that the process answers."""
        return json_response({"status": "ok"})

    async def ready(self, request: Request) -> HTTPResponse:
        """Tell whether a parent would get an answer: a model is loaded, the store answers."""
        agent = getattr(request.app.ctx, "agent", None)
        checks = {"model": bool(agent and agent.is_ready()), "store": False}
        try:
            await asyncio.wait_for(agent.tracker_store.retrieve("web:ready"), 2)
            checks["store"] = True
        except Exception as error:
            logger.error("not ready, the tracker store fails: %s", type(error).__name__)
        good = all(checks.values())
        return json_response(
            {"status": "ready" if good else "not_ready", "checks": checks},
            status=200 if good else 503,
        )


async def _in_thread(work: Callable[..., None], *arguments: Any) -> None:
    await asyncio.get_running_loop().run_in_executor(None, partial(work, *arguments))


def _country_slot(said: Said) -> dict[str, Any]:
    country = said.metadata.get("country")
    return {"country": country} if country else {}
