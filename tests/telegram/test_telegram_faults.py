"""Telegram at its worst: outages, floods, lost connections, and our own sudden end."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import sqlite3
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from telegram_process import Process, environment, free_port
from telegram_standin import TOKEN, Faults, RefusedError, Telegram
from telegram_toy import EMERGENCY, ToyAgent

from channels.telegram import TelegramInput
from channels.telegram_settings import Settings
from channels.telegram_state import Mark, Outcome, Outgoing, State
from channels.telegram_words import telegram_words

WORDS = telegram_words()


# -- outages -----------------------------------------------------------------------------


async def test_an_outage_at_the_start_is_waited_out(start_bot: Any, caplog: Any):
    port = free_port()
    running = await start_bot(server=f"http://127.0.0.1:{port}")
    await asyncio.sleep(0.2)
    late = await Telegram().start(port)
    await late.say("are you there")
    assert await late.until_texts(1) == ["echo: are you there"]
    await running.stop()
    await late.stop()
    assert caplog.text.count("out of reach") == 1
    assert caplog.text.count("answers again") == 1
    assert TOKEN not in caplog.text


async def test_an_outage_while_answering_loses_nothing(telegram: Telegram, start_bot: Any):
    await start_bot()
    telegram.faults.told["sendMessage"] = ["drop_before", "500", "drop_before", "500"]
    telegram.faults.told["getUpdates"] = ["500", "drop_before", "drop_after", "429"]
    for number in range(5):
        await telegram.say(f"m{number}")
    assert await telegram.until_texts(5) == [f"echo: m{n}" for n in range(5)]


async def test_a_wish_to_wait_is_obeyed_in_order_and_holds_up_one_chat_alone(
    telegram: Telegram, start_bot: Any
):
    await start_bot()
    loop = asyncio.get_running_loop()
    telegram.flood[1] = loop.time() + 0.5
    await telegram.say("a", chat=1)
    await telegram.say("b", chat=1)
    await telegram.say("c", chat=2)
    assert await telegram.until_texts(1) == ["echo: c"]
    assert loop.time() < telegram.flood[1]
    assert await telegram.until_texts(3) == ["echo: c", "echo: a", "echo: b"]
    tries = len([c for c in telegram.called("sendMessage") if c["chat_id"] == 1])
    assert tries <= 2 + 0.5 / 0.05


async def test_another_reader_of_the_updates_is_outlasted(
    telegram: Telegram, start_bot: Any, caplog: Any
):
    telegram.reading = 1
    await start_bot()
    await telegram.say("x")
    await asyncio.sleep(0.3)
    telegram.reading = 0
    assert await telegram.until_texts(1) == ["echo: x"]
    assert caplog.text.count("another program") == 1


async def test_a_webhook_left_behind_is_taken_down(telegram: Telegram, start_bot: Any):
    telegram.webhook = {"url": "http://127.0.0.1:1/"}
    await start_bot()
    await telegram.until(lambda: not telegram.webhook)
    await telegram.say("x")
    await telegram.until_texts(1)
    telegram.webhook = {"url": "http://127.0.0.1:1/"}  # set by somebody while we poll
    await telegram.until(lambda: not telegram.webhook)
    await telegram.say("y")
    assert await telegram.until_texts(2) == ["echo: x", "echo: y"]


async def test_a_wrong_token_is_said_and_stops_nothing(
    telegram: Telegram, start_bot: Any, caplog: Any
):
    wrong = "4242:wrong-token-wrong-token-wrong"
    await start_bot(token=wrong)
    await asyncio.sleep(0.2)
    assert "doesn't accept the token" in caplog.text
    assert wrong not in caplog.text


async def test_a_message_that_telegram_refuses_is_sent_bare(telegram: Telegram, start_bot: Any):
    await start_bot()
    real = telegram._do_sendMessage

    def picky(params: dict[str, Any]) -> Any:
        if "reply_markup" in params:
            raise RefusedError(400, "Bad Request: BUTTON_INVALID")
        return real(params)

    telegram._do_sendMessage = picky  # type: ignore[method-assign]
    await telegram.say("buttons")
    await telegram.say("next")
    assert await telegram.until_texts(2) == ["Choose one", "echo: next"]


async def test_a_poisoned_message_does_not_hold_up_its_chat_for_ever(
    telegram: Telegram, start_bot: Any
):
    await start_bot()
    telegram.faults.told["sendMessage"] = ["500"] * 10
    await telegram.say("poisoned")
    await telegram.say("next")
    assert await telegram.until_texts(1) == ["echo: next"]


# -- a thousand updates ------------------------------------------------------------------


def mixed_update(telegram: Telegram, number: int, chance: random.Random) -> tuple[int, dict, list]:
    """Return a chat, an update's content, and what must be answered to it."""
    chat, kind = chance.randint(1, 40), chance.random()
    if kind < 0.5:
        text = f"words {number}"
        return chat, {"message": telegram.message(chat, text=text)}, [f"echo: {text}"]
    if kind < 0.6:
        message = telegram.message(chat, photo=[{}], caption=f"photo {number}")
        return chat, {"message": message}, [WORDS.say("media_caption"), f"echo: photo {number}"]
    if kind < 0.68:
        message = telegram.message(chat, sticker={"emoji": "x"})
        return chat, {"message": message}, [WORDS.say_safely("media_sticker")]
    if kind < 0.75:
        return chat, {"message": telegram.message(chat, text="/help")}, ["echo: /ask_help"]
    if kind < 0.82:
        query = {"id": "gone", "from": {"id": chat}, "data": "/ask_kefir"}
        return chat, {"callback_query": query}, ["echo: /ask_kefir"]
    if kind < 0.87:
        message = telegram.message(chat, text=f"edit {number}")
        return chat, {"edited_message": message}, [WORDS.say("corrected"), f"echo: edit {number}"]
    if kind < 0.90:
        return chat, {"message": telegram.message(chat, text="crash")}, [WORDS.say_safely("failed")]
    if kind < 0.93:
        return -7, {"message": telegram.message(-7, user=5, text="group talk")}, []
    if kind < 0.96:
        return chat, {"channel_post": {"chat": {"id": -8, "type": "channel"}, "text": "x"}}, []
    return chat, {"message": {"chat": "?", "text": number}, "mystery": None}, []


async def test_a_thousand_mixed_updates_with_faults(telegram: Telegram, start_bot: Any):
    chance = random.Random(20)
    telegram.faults = Faults(chance=0.08, seed=7)
    running = await start_bot()
    expected: dict[int, list[str]] = {}
    for number in range(1000):
        chat, content, answers = mixed_update(telegram, number, chance)
        expected.setdefault(chat, []).extend(answers)
        await telegram.update(**content)
    wanted = sum(map(len, expected.values()))
    await telegram.until(lambda: sum(len(telegram.kept(c)) for c in expected) >= wanted, 60)
    await asyncio.sleep(0.2)
    for chat, answers in expected.items():
        assert telegram.kept(chat) == answers
    assert running.bot._task is not None
    assert not running.bot._task.done()
    assert all(telegram.faults.seen[f"sendMessage:{kind}"] > 5 for kind in telegram.faults.kinds)
    assert wanted > 900


# -- restarts ----------------------------------------------------------------------------


async def test_the_offset_survives_a_restart(telegram: Telegram, start_bot: Any):
    first = await start_bot()
    await telegram.say("one")
    await telegram.until_texts(1)
    await first.stop()
    await telegram.say("two")
    await start_bot()
    assert await telegram.until_texts(2) == ["echo: one", "echo: two"]


async def test_an_update_that_comes_again_is_not_handled_again(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    message = {"update_id": 5000, "message": telegram.message(text="once")}
    for _ in range(2):
        telegram._updates.append(message)
        await telegram.say("nudge")
        await asyncio.sleep(0.1)
    await running.bot.engine.take([message, message])
    await telegram.say("end")
    await telegram.until(lambda: "echo: end" in telegram.texts())
    assert telegram.texts().count("echo: once") == 1


async def test_numbers_that_start_lower_after_a_long_silence_are_read(
    telegram: Telegram, start_bot: Any, tmp_path: Path
):
    running = await start_bot()
    await telegram.until(lambda: running.bot.engine is not None)
    await running.bot.engine.take([{"update_id": 900_000, "message": telegram.message(text="a")}])
    await running.bot.engine.take([{"update_id": 12, "message": telegram.message(text="b")}])
    assert await telegram.until_texts(2) == ["echo: a", "echo: b"]
    assert await running.bot.engine.offset() == 13


def stored(path: Path, *texts: str) -> tuple[State, list[Any]]:
    state = State(path, "4242")
    messages = [
        {"message_id": n, "chat": {"id": 1, "type": "private"}, "from": {"id": 1}, "text": text}
        for n, text in enumerate(texts, 1)
    ]
    updates = [{"update_id": n, "message": m} for n, m in enumerate(messages, 10)]
    return state, state.store(updates)


async def test_what_was_stored_but_not_answered_is_answered_after_a_crash(
    telegram: Telegram, start_bot: Any, tmp_path: Path
):
    state, _ = stored(tmp_path / "telegram.db", "one", "two")
    state.close()
    await start_bot()
    assert await telegram.until_texts(2) == ["echo: one", "echo: two"]


async def test_what_was_answered_but_not_sent_is_sent_without_another_turn(
    telegram: Telegram, start_bot: Any, tmp_path: Path
):
    state, (one, _) = stored(tmp_path / "telegram.db", "one", "two")
    sends = [Outgoing(1, "sendMessage", {"chat_id": 1, "text": text}) for text in ("p1", "p2")]
    state.answer(one.seq, Outcome(sends=sends))
    state.sent(state.next_out(1))  # the first part had gone out
    state.close()
    running = await start_bot()
    assert await telegram.until_texts(2) == ["p2", "echo: two"]
    assert [turn.text for turn in running.agent.turns] == ["two"]


async def test_a_turn_that_rasa_finished_before_the_crash_is_not_taken_again(
    telegram: Telegram, start_bot: Any, tmp_path: Path
):
    from rasa.shared.core.events import BotUttered, UserUttered

    state, (one,) = stored(tmp_path / "telegram.db", "one")
    state.start(one.seq)
    state.close()
    agent = ToyAgent()
    said = UserUttered("one", message_id="tg-1-10")
    events = [said, BotUttered("kept", metadata={"escalation": "routine"})]

    async def retrieve(_sender: str) -> Any:
        return SimpleNamespace(events=events)

    agent.retrieve = retrieve  # type: ignore[method-assign]
    await start_bot(agent)
    assert await telegram.until_texts(1) == ["kept"]
    assert not agent.turns


async def test_a_danger_reply_given_ahead_is_not_repeated_after_a_crash(
    telegram: Telegram, start_bot: Any, tmp_path: Path
):
    state, (one,) = stored(tmp_path / "telegram.db", "he can't breathe")
    send = Outgoing(1, "sendMessage", {"chat_id": 1, "text": EMERGENCY})
    state.urge(one.seq, Outcome(sends=[send]))
    state.close()
    running = await start_bot()
    await telegram.say("end")
    assert await telegram.until_texts(2) == [EMERGENCY, "echo: end"]
    assert len(running.agent.turns) == 2


def test_the_state_is_private_and_wipes_words(tmp_path: Path):
    path = tmp_path / "deep" / "telegram.db"
    state, (one,) = stored(path, "very private words")
    state.answer(one.seq, Outcome(sends=[Outgoing(1, "sendMessage", {"text": "secret answer"})]))
    assert {stat.S_IMODE(f.stat().st_mode) for f in path.parent.glob("telegram.db*")} == {0o600}
    state.sent(state.next_out(1))
    state.finish(one.seq)
    state.close()
    content = b"".join(f.read_bytes() for f in path.parent.glob("telegram.db*"))
    assert b"private words" not in content
    assert b"secret answer" not in content


def test_a_blocked_chat_gets_nothing_into_its_outbox(tmp_path: Path):
    state, (one,) = stored(tmp_path / "telegram.db", "x")
    state.block(1)
    state.answer(
        one.seq, Outcome(sends=[Outgoing(1, "sendMessage", {})], marks=[Mark(1, "a", "b")])
    )
    assert state.next_out(1) is None
    state.unblock(1)
    assert state.mark(1, "a", "b") == ""


async def test_a_second_process_stands_by(telegram: Telegram, start_bot: Any, caplog: Any):
    first = await start_bot()
    await telegram.until(lambda: first.bot.engine is not None)
    second = await start_bot()
    await telegram.say("x")
    assert await telegram.until_texts(1) == ["echo: x"]
    assert second.bot.engine is None
    assert "stands by" in caplog.text


async def test_a_full_disk_keeps_the_updates_with_telegram(
    telegram: Telegram, start_bot: Any, caplog: Any
):
    running = await start_bot()
    await telegram.until(lambda: running.bot.engine is not None)
    state, store = running.bot._state, running.bot._state.store

    def fails(_updates: Any) -> Any:
        raise sqlite3.OperationalError("database or disk is full")

    state.store = fails
    await telegram.say("x")
    await asyncio.sleep(0.2)
    assert not telegram.texts()
    state.store = store
    assert await telegram.until_texts(1) == ["echo: x"]
    assert "the channel failed: OperationalError" in caplog.text


# -- a real process, killed --------------------------------------------------------------


def toy_process(folder: Path, telegram: Telegram, port: int, **env: str) -> Process:
    program = str(Path(__file__).with_name("telegram_toy.py"))
    settings = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_BASE_URL": telegram.url,
        "TELEGRAM_STATE": str(folder / "telegram.db"),
        "LOG_LEVEL": "DEBUG",
    }
    command = [sys.executable, program, str(folder), str(port)]
    return Process(command, folder / "server.txt", environment(**settings, **env))


async def test_kill_9_in_the_middle_neither_loses_nor_repeats(telegram: Telegram, tmp_path: Path):
    process = toy_process(tmp_path, telegram, free_port())
    chance = random.Random(3)
    expected: dict[int, list[str]] = {chat: [] for chat in range(1, 6)}
    numbers = iter(range(1000))

    async def talk(count: int) -> None:
        for _ in range(count):
            chat, number = chance.randint(1, 5), next(numbers)
            expected[chat].append(f"echo: m{number}")
            await telegram.say(f"m{number}", chat=chat)

    try:
        for _ in range(3):
            process.start()
            already = len(telegram.sent)
            await talk(60)
            # Somewhere in the middle of the work.
            await telegram.until(
                lambda n=already: len(telegram.sent) > n + chance.randint(5, 40), 60
            )
            await process.end(signal.SIGKILL)
            for chat in expected:  # the one window: taken by Telegram, not yet written down
                last = [m for m in telegram.sent if m["chat_id"] == chat][-1:]
                for message in last:
                    message["receipt_lost"] = True
        process.start()
        await talk(20)
        wanted = sum(map(len, expected.values()))
        await telegram.until(lambda: sum(map(len, map(telegram.kept, expected))) >= wanted, 60)
        await asyncio.sleep(0.2)
        assert {chat: telegram.kept(chat) for chat in expected} == expected
        assert len(telegram.sent) - wanted <= 3 * len(expected)
    finally:
        await process.end()
    assert TOKEN.partition(":")[2] not in process.output()


async def test_a_gentle_stop_repeats_nothing_at_all(telegram: Telegram, tmp_path: Path):
    process = toy_process(tmp_path, telegram, free_port())
    try:
        for round_ in range(2):
            process.start()
            for number in range(30):
                await telegram.say(f"r{round_}-{number}", chat=number % 3 + 1)
            if round_ == 0:
                await telegram.until(lambda: len(telegram.sent) > 8, 60)
                await process.end()
        await telegram.until_texts(60, seconds=60)
        assert len(set(telegram.texts())) == len(telegram.texts()) == 60
    finally:
        await process.end()


async def test_webhook_mode_takes_only_what_carries_the_secret(telegram: Telegram, tmp_path: Path):
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhooks/telegram_guide/webhook"
    webhook = {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": "s3cret_-"}
    process = toy_process(tmp_path, telegram, port, TELEGRAM_WEBHOOK_URL=url, **webhook)
    process.start()
    try:
        await telegram.until(lambda: telegram.webhook, 60)
        async with aiohttp.ClientSession() as session, session.get(url[:-7]) as response:
            assert await response.json() == {"status": "ok", "telegram": "connected"}
        assert telegram.webhook["secret_token"] == "s3cret_-"
        assert telegram.webhook["max_connections"] == 1
        await telegram.say("by webhook")
        assert await telegram.until_texts(1) == ["echo: by webhook"]
        update = {"update_id": 7777, "message": telegram.message(text="forged")}
        assert await telegram.post(update, secret="") == 403
        assert await telegram.post(update, secret="s3cret_") == 403
        assert await telegram.post("not an update") == 200
        assert await telegram.post([1, 2]) == 200
        async with aiohttp.ClientSession() as session:
            headers = {"X-Telegram-Bot-Api-Secret-Token": "s3cret_-"}
            for data, status in ((b"{", 400), (b"x" * 1_100_000, 413)):
                async with session.post(url, data=data, headers=headers) as response:
                    assert response.status == status
        for _ in range(3):
            assert await telegram.post({**update, "message": telegram.message(text="dup")}) == 200
        await telegram.say("end")
        texts = await telegram.until_texts(3)
        assert texts == ["echo: by webhook", "echo: dup", "echo: end"]
    finally:
        await process.end()


# -- settings ----------------------------------------------------------------------------


def blueprint(env: dict[str, str], tmp_path: Path) -> Any:
    settings = Settings.read({}, {"TELEGRAM_STATE": str(tmp_path / "x.db"), **env})
    return TelegramInput(settings).blueprint(ToyAgent().handle_message)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "TELEGRAM_TOKEN is not set"),
        ({"TELEGRAM_TOKEN": "  "}, "TELEGRAM_TOKEN is not set"),
        ({"TELEGRAM_TOKEN": "1:a/../b"}, "TELEGRAM_TOKEN is not a token"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_MODE": "carrier pigeon"}, "TELEGRAM_MODE"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_MODE": "webhook"}, "needs TELEGRAM_WEBHOOK_URL"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": "ftp://x"}, "TELEGRAM_BASE_URL"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_SECRET": "a b"}, "TELEGRAM_WEBHOOK_SECRET"),
    ],
)
def test_without_good_settings_the_channel_is_silent_and_says_so_once(
    env: dict[str, str], said: str, caplog: Any, tmp_path: Path
):
    with caplog.at_level(logging.INFO):
        routes = blueprint(env, tmp_path)
    assert [said in record.getMessage() for record in caplog.records] == [True]
    assert not routes._future_listeners
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "address", ["http://x:1", "http://x:1/", "http://x:1/bot", "http://x:1/bot/"]
)
def test_the_base_url_may_be_written_in_any_usual_way(address: str):
    assert Settings.read({}, {"TELEGRAM_BASE_URL": address}).server == "http://x:1"


def test_unknown_settings_are_refused():
    with pytest.raises(TypeError, match="tokn"):
        Settings.read({"tokn": "x"}, {})
