"""The routes under `/api/` that the widget calls.

Every error is JSON: `{"error": {"code", "message"}}` with a sentence that the parent may be shown.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import yaml
from rasa.core.channels.channel import UserMessage
from sanic import Blueprint, Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from channels.erase import erase_conversation
from channels.feedback import REASONS, Opinion
from channels.history import exchanges
from channels.messages import (
    MAX_CHARACTERS,
    channel_message,
    clean_text,
    for_browser,
    reply_message,
)
from channels.sessions import BadToken, SignedButton
from channels.turns import MAX_RUNNING, Answer, Said, look_out
from channels.web_door import Refusal
from channels.words import ROOT, channel_words
from guide.seen import slot_memory

if TYPE_CHECKING:
    from channels.web import WebInput

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
MENU = (
    SignedButton("My plan", "/ask_plan"),
    SignedButton("A note for the doctor", "/ask_note"),
    SignedButton("What do you know about me?", "/ask_memory"),
    SignedButton("What can you do?", "/ask_help"),
)
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_TOPIC = re.compile(r"[a-z][a-z0-9_]{1,40}")


async def _read_json(request: Request) -> dict[str, Any]:
    """Read the body piece by piece, so that a huge one is refused before it is held."""
    words, stream = channel_words(), request.stream
    body = bytearray()
    while stream is not None:
        piece = await stream.read()
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
            app.register_middleware(self._finish, "response")  # type: ignore[arg-type]

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
        title = _topic_title(data.get("topic"))
        opening = [SignedButton(title, f"/ask_{data['topic']}")] if title else []
        body = {
            "session": token,
            "menu": self._signed(sender, MENU),
            "opening": self._signed(sender, opening),
            "countries": self._channel.countries,
        }
        return json_response(body, status=201)

    def _signed(self, sender: str, buttons: Iterable[SignedButton]) -> list[dict[str, str]]:
        sign = self._channel.sessions.button_token
        return [{"title": each.title, "token": sign(sender, each)} for each in buttons]

    async def message(self, request: Request) -> HTTPResponse:
        """Take one message, typed or pressed, and return what the bot says to it."""
        sender = self._sender(request)
        data = await _read_json(request)
        said = self._said(sender, data)
        danger = None
        if said.typed:
            slots = {**slot_memory.of(sender), **_country_slot(said)}
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
            "menu": self._signed(sender, MENU),
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
        slot_memory.forget(sender)
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
            if agent is not None:
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


def _topic_title(topic: object) -> str | None:
    """Return the readable name of a topic of the guide, None for what is not one."""
    if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
        return None
    file = ROOT / "data" / "guidance" / f"{topic}.yml"
    if not file.exists():
        return None
    return str(yaml.safe_load(file.read_text(encoding="utf-8"))["title"])


def _country_slot(said: Said) -> dict[str, Any]:
    country = said.metadata.get("country")
    return {"country": country} if country else {}
