"""The main path against the public emulator of Telegram, `telegram-test-api`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from telegram_process import Process, environment, free_port, node
from telegram_toy import EMERGENCY

from channels.words import ROOT

TOKEN = "777:emulated-token_of-the-tests-0123456789"
PERSON = {"id": 1, "first_name": "Ada", "username": "ada", "is_bot": False}
CHAT = {"id": 1, "type": "private", "first_name": "Ada"}
MODEL = Path(os.environ.get("GUIDE_MODEL") or ROOT / "models" / "guide.tar.gz")


class Emulator:
    """The emulator, and a parent who uses it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        await self._session.close()

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self._session.post(self.url + path, json=body) as response:
            return (await response.json(content_type=None)).get("result")

    async def say(self, text: str) -> None:
        message = {"botToken": TOKEN, "from": PERSON, "chat": CHAT, "date": 1, "text": text}
        if text.startswith("/"):
            entities = [{"type": "bot_command", "offset": 0, "length": len(text)}]
            await self._post("/sendCommand", {**message, "entities": entities})
        else:
            await self._post("/sendMessage", message)

    async def press(self, shown: dict[str, Any], title: str) -> None:
        rows = shown["message"]["reply_markup"]["inline_keyboard"]
        data = next(b["callback_data"] for row in rows for b in row if b["text"] == title)
        message = {**shown["message"], "message_id": shown["messageId"], "chat": CHAT}
        query = {"botToken": TOKEN, "from": PERSON, "message": message, "data": data, "date": 1}
        await self._post("/sendCallback", query)

    async def answers(self, count: int, seconds: float = 30.0) -> list[dict[str, Any]]:
        """Return at least `count` new messages of the bot, in order."""
        found: list[dict[str, Any]] = []
        end = asyncio.get_running_loop().time() + seconds
        while len(found) < count:
            assert asyncio.get_running_loop().time() < end, [f["message"]["text"] for f in found]
            found += await self._post("/getUpdates", {"token": TOKEN, "chatId": 1}) or []
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        return found + (await self._post("/getUpdates", {"token": TOKEN, "chatId": 1}) or [])


def texts(shown: list[dict[str, Any]]) -> list[str]:
    return [each["message"]["text"] for each in shown]


async def until_listening(process: Process, url: str, seconds: float, says: str = "") -> None:
    end = asyncio.get_running_loop().time() + seconds
    async with aiohttp.ClientSession() as session:
        while asyncio.get_running_loop().time() < end and process.running():
            try:
                async with session.get(url) as response:
                    if says in await response.text():
                        return
                    await asyncio.sleep(0.1)
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    pytest.fail(f"nothing listens at {url}: {process.output()[-500:]}")


@pytest_asyncio.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[Emulator]:
    port = free_port()
    script = str(Path(__file__).with_name("node") / "emulator.js")
    process = Process([node(), script, str(port)], tmp_path / "emulator.txt", environment())
    process.start()
    server = Emulator(f"http://127.0.0.1:{port}")
    try:
        await until_listening(process, server.url, 20)
        yield server
    finally:
        await server.close()
        await process.end()


Start = Callable[..., Awaitable[Any]]


async def test_words_commands_and_buttons(emulator: Emulator, start_bot: Start):
    running = await start_bot(token=TOKEN, server=emulator.url)
    await emulator.say("/start")
    await emulator.say("is it eczema")
    assert texts(await emulator.answers(2)) == ["echo: /greet", "echo: is it eczema"]
    await emulator.say("buttons")
    (shown,) = await emulator.answers(1)
    await emulator.press(shown, "Yes")
    await emulator.press(shown, "Yes")
    assert texts(await emulator.answers(1)) == ["echo: /affirm"]
    await emulator.say("slow 0.3")
    await emulator.say("he can't breathe")
    assert texts(await emulator.answers(2)) == [EMERGENCY, "echo: slow 0.3"]
    assert running.agent.turns[0].sender_id.startswith("telegram:777:1:1:")


async def test_what_was_said_before_the_start_is_answered(emulator: Emulator, start_bot: Start):
    await emulator.say("early")
    await start_bot(token=TOKEN, server=emulator.url)
    assert texts(await emulator.answers(1)) == ["echo: early"]


# -- the whole project -----------------------------------------------------------------------


@pytest.mark.e2e
@pytest.mark.rasa
async def test_the_guide_answers_a_chat_from_end_to_end(emulator: Emulator, tmp_path: Path):
    """Greeting, a food question with buttons, an emergency, the note: `make run`'s own server."""
    if not MODEL.exists():
        pytest.skip("no trained model: `make train` makes one")
    port = free_port()
    settings = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_BASE_URL": emulator.url,
        "TELEGRAM_STATE": str(tmp_path / "telegram.db"),
        "WEB_STATE_DIR": str(tmp_path / "web"),
        "INPROCESS_ACTIONS": "1",
    }
    options = ["--interface", "127.0.0.1", "--port", str(port), "--endpoints", "endpoints.yml"]
    options += ["--model", str(MODEL), "--credentials", "credentials.yml"]
    command = [sys.executable, "-m", "rasa", "run", *options]
    process = Process(command, tmp_path / "rasa.txt", environment(**settings))
    process.start()
    try:
        status = f"http://127.0.0.1:{port}/webhooks/telegram_guide/"
        await until_listening(process, status, 80, says="connected")
        await emulator.say("hello")
        assert texts(await emulator.answers(1))[0]
        await emulator.say("can I give kefir to my 5 month old")
        food = await emulator.answers(1)
        assert "kefir" in " ".join(texts(food)).lower()
        button = food[-1]["message"]["reply_markup"]["inline_keyboard"][0][0]["text"]
        await emulator.press(food[-1], button)
        assert texts(await emulator.answers(1))[0]
        await emulator.say("he is not breathing and his lips are blue")
        assert "112" in " ".join(texts(await emulator.answers(1)))
        await emulator.say("false alarm, he is well")
        assert texts(await emulator.answers(1))[0]
        await emulator.say("/note")
        assert "5 months" in " ".join(texts(await emulator.answers(1)))
    finally:
        await process.end()
    assert TOKEN.partition(":")[2] not in process.output()
