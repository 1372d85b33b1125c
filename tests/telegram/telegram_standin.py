"""A stand-in for Telegram's Bot API that is strict where the npm emulator is lenient.

Long polling with an offset, one reader at a time (409), lengths of messages and button data,
blocked chats (403), flood limits (429), errors of the server (500), dropped connections (before
and after the message was taken), webhooks with the secret header.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "4242:AAtoken-for-tests_only-0123456789abcd"
BOT = {"id": 4242, "is_bot": True, "first_name": "Guide", "username": "GuideTestBot"}
DROP_AFTER = "drop_after"
LOST = ("drop_before", "500", "429")


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _same(message: dict[str, Any], after: dict[str, Any] | None) -> bool:
    return after is not None and after["text"] == message["text"]


class RefusedError(Exception):
    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        self.body = {**body, "parameters": parameters} if parameters else body
        self.code = code


@dataclass
class Faults:
    """Which calls go wrong: by chance, or as told for the next calls of a method."""

    chance: float = 0.0
    kinds: tuple[str, ...] = (*LOST, DROP_AFTER)
    seed: int = 1
    told: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    retry_after_s: float = 0.02
    seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def draw(self, method: str) -> str:
        if self.told[method]:
            fault = self.told[method].pop(0)
        elif self._random.random() < self.chance:
            fault = self._random.choice(self.kinds)
        else:
            return ""
        self.seen[f"{method}:{fault}"] += 1
        return fault


class Telegram:
    """The server; everything it was told is there to be looked at."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.sent: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.blocked: set[int] = set()
        self.flood: dict[int, float] = {}
        self.webhook: dict[str, Any] = {}
        self.url = ""
        self.callbacks: set[str] = set()
        self.confirmed = 0
        self.reading = 0
        self.most_readers = 0
        self._updates: list[dict[str, Any]] = []
        self._update_ids = itertools.count(1000)
        self._message_ids = itertools.count(1)
        self._news = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> Telegram:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    # -- what happens in the chats ------------------------------------------------------------

    async def update(self, **content: Any) -> int:
        number = next(self._update_ids)
        update = {"update_id": number, **content}
        if self.webhook.get("url"):
            await self.post(update)
        else:
            async with self._news:
                self._updates.append(update)
                self._news.notify_all()
        return number

    async def post(self, update: Any, secret: str | None = None) -> int:
        key = self.webhook.get("secret_token", "") if secret is None else secret
        headers = {"X-Telegram-Bot-Api-Secret-Token": key}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook["url"], json=update, headers=headers) as response,
        ):
            return response.status

    def message(self, chat: int = 1, user: int | None = None, **content: Any) -> dict[str, Any]:
        person = {"id": user or abs(chat), "is_bot": False, "first_name": "Ada"}
        kind = "private" if chat > 0 else "supergroup"
        base = {
            "message_id": next(self._message_ids),
            "date": 1_800_000_000,
            "chat": {"id": chat, "type": kind},
            "from": person,
        }
        return {**base, **content}

    async def say(self, text: str, chat: int = 1, **content: Any) -> dict[str, Any]:
        message = self.message(chat, text=text, **content)
        await self.update(message=message)
        return message

    async def press(
        self, shown: dict[str, Any], title: str, user: int | None = None, times: int = 1
    ) -> None:
        """Press the button `title` of a message that the bot has sent."""
        keyboard = itertools.chain(*shown["reply_markup"]["inline_keyboard"])
        data = next(b["callback_data"] for b in keyboard if b["text"] == title)
        for _ in range(times):
            await self.press_data(data, shown, user=user)

    async def press_data(
        self, data: str, shown: dict[str, Any] | None = None, chat: int = 1, user: int | None = None
    ) -> str:
        callback = f"callback-{next(self._update_ids)}"
        self.callbacks.add(callback)
        query: dict[str, Any] = {"id": callback, "data": data}
        chat = shown["chat_id"] if shown else chat
        query["from"] = {"id": user or abs(chat), "is_bot": False, "first_name": "Ada"}
        if shown:
            chat_type = "private" if chat > 0 else "supergroup"
            query["message"] = {
                "message_id": shown["message_id"],
                "date": 1_800_000_000,
                "chat": {"id": chat, "type": chat_type},
                "text": shown["text"],
                "reply_markup": shown["reply_markup"],
            }
        await self.update(callback_query=query)
        return callback

    def texts(self, chat: int | None = None) -> list[str]:
        return [m["text"] for m in self.sent if chat is None or m["chat_id"] == chat]

    def kept(self, chat: int) -> list[str]:
        """Return the texts of a chat without those whose receipt the bot can't have had."""
        mine = [m for m in self.sent if m["chat_id"] == chat]
        pairs = itertools.zip_longest(mine, mine[1:])
        return [m["text"] for m, after in pairs if not (m.get("receipt_lost") and _same(m, after))]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == method]

    async def until(self, met: Any, seconds: float = 30.0) -> None:
        """Wait until `met()` holds.

        Raises:
            AssertionError: it didn't within `seconds`.
        """
        end = asyncio.get_running_loop().time() + seconds
        while not met():
            left = [u["update_id"] for u in self._updates if u["update_id"] >= self.confirmed]
            assert asyncio.get_running_loop().time() < end, (self.texts()[-5:], left[:5])
            await asyncio.sleep(0.01)

    async def until_texts(
        self, count: int, chat: int | None = None, seconds: float = 30.0
    ) -> list[str]:
        await self.until(lambda: len(self.texts(chat)) >= count, seconds)
        await asyncio.sleep(0.05)
        return self.texts(chat)

    # -- the Bot API ----------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fault = self.faults.draw(method)
        if fault == "drop_before":
            return self._drop(request)
        try:
            if request.match_info["token"] != TOKEN:
                raise RefusedError(401, "Unauthorized")
            if fault == "500":
                return web.Response(status=500, text="<html>Internal Server Error</html>")
            if fault == "429":
                wait = self.faults.retry_after_s
                raise RefusedError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
            result = await self._answer(method, await request.json())
        except RefusedError as refused:
            return web.json_response(refused.body, status=refused.code)
        if fault == DROP_AFTER:
            if method == "sendMessage":
                self.sent[-1]["receipt_lost"] = True
            return self._drop(request)
        return web.json_response({"ok": True, "result": result})

    def _drop(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _answer(self, method: str, params: dict[str, Any]) -> Any:
        if method == "getUpdates":
            return await self._get_updates(params)
        self.calls.append((method, params))
        handler = getattr(self, f"_do_{method}", None)
        if handler is None:
            raise RefusedError(404, "Not Found")
        return handler(params)

    async def _get_updates(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook.get("url"):
            raise RefusedError(409, "Conflict: can't use getUpdates method while webhook is active")
        if self.reading:
            raise RefusedError(409, "Conflict: terminated by other getUpdates request")
        self.reading += 1
        try:
            self.confirmed = max(self.confirmed, params.get("offset", 0))
            self._updates = [u for u in self._updates if u["update_id"] >= self.confirmed]
            async with self._news:
                if not self._updates:
                    wait = self._news.wait_for(lambda: self._updates)
                    await asyncio.wait_for(wait, min(params.get("timeout", 0), 2) or 0.01)
        except asyncio.TimeoutError:
            pass
        finally:
            self.reading -= 1
        return self._updates[: params.get("limit", 100)]

    def _do_getMe(self, _params: dict[str, Any]) -> Any:  # noqa: N802
        return BOT

    def _do_deleteWebhook(self, _params: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = {}
        return True

    def _do_setWebhook(self, params: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = params
        return True

    def _do_setMyCommands(self, params: dict[str, Any]) -> Any:  # noqa: N802
        for each in params["commands"]:
            if not 1 <= len(each["command"]) <= 32 or not 1 <= len(each["description"]) <= 256:
                raise RefusedError(400, "Bad Request: BOT_COMMAND_INVALID")
        return True

    def _do_sendChatAction(self, params: dict[str, Any]) -> Any:  # noqa: N802
        self._check_chat(params)
        return True

    def _do_answerCallbackQuery(self, params: dict[str, Any]) -> Any:  # noqa: N802
        if params["callback_query_id"] not in self.callbacks:
            raise RefusedError(400, "Bad Request: query is too old or query ID is invalid")
        if len(params.get("text", "")) > 200:
            raise RefusedError(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    def _do_editMessageReplyMarkup(self, params: dict[str, Any]) -> Any:  # noqa: N802
        shown = next((m for m in self.sent if m["message_id"] == params["message_id"]), None)
        if shown is None:
            raise RefusedError(400, "Bad Request: message to edit not found")
        if shown.get("put_away"):
            raise RefusedError(400, "Bad Request: message is not modified")
        shown["put_away"] = True
        return True

    def _check_chat(self, params: dict[str, Any]) -> None:
        chat = params["chat_id"]
        if chat in self.blocked:
            raise RefusedError(403, "Forbidden: bot was blocked by the user")
        if self.flood.get(chat, 0.0) > asyncio.get_running_loop().time():
            raise RefusedError(429, "Too Many Requests: retry after 1", retry_after=0.05)

    def _do_sendMessage(self, params: dict[str, Any]) -> Any:  # noqa: N802
        self._check_chat(params)
        text = params.get("text", "")
        if not text.strip():
            raise RefusedError(400, "Bad Request: message text is empty")
        if utf16(text) > 4096:
            raise RefusedError(400, "Bad Request: message is too long")
        if "parse_mode" in params:
            raise RefusedError(400, "Bad Request: these tests expect no parse mode")
        for entity in params.get("entities", ()):
            if entity["offset"] + entity["length"] > utf16(text):
                raise RefusedError(400, "Bad Request: ENTITY_BOUNDS_INVALID")
        for row in params.get("reply_markup", {}).get("inline_keyboard", ()):
            for button in row:
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise RefusedError(400, "Bad Request: BUTTON_DATA_INVALID")
                if not button["text"].strip():
                    raise RefusedError(400, "Bad Request: text buttons must be non-empty")
        message = {**params, "message_id": next(self._message_ids)}
        self.sent.append(message)
        return {"message_id": message["message_id"], "chat": {"id": params["chat_id"]}}
