from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio

# The helpers beside this file; the folder is no package, for it would hide the real `telegram`.
sys.path.insert(0, str(Path(__file__).parent))

from telegram_standin import TOKEN, Telegram
from telegram_toy import ToyAgent, app_of, lookout, toy_settings

from channels.telegram import Bot


@dataclass
class Running:
    """The channel at work in this process."""

    bot: Bot
    agent: Any

    async def stop(self) -> None:
        await self.bot.stop(None, None)


StartBot = Callable[..., Awaitable[Running]]


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[Telegram]:
    server = await Telegram().start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def start_bot(telegram: Telegram, tmp_path: Path) -> AsyncIterator[StartBot]:
    """Return a function that starts the channel against the stand-in, or starts it again."""
    running: list[Running] = []

    async def start(agent: Any = None, **changes: Any) -> Running:
        agent = agent or ToyAgent()
        settings = toy_settings(
            changes.pop("token", TOKEN),
            changes.pop("server", telegram.url),
            changes.pop("state", tmp_path / "telegram.db"),
            **changes,
        )
        bot = Bot(settings, agent.handle_message, lookout)
        await bot.start(app_of(agent), None)
        running.append(Running(bot, agent))
        return running[-1]

    yield start
    await asyncio.gather(*(each.stop() for each in running), return_exceptions=True)
