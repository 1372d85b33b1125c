"""After "forget me" no store holds a word; what is old is erased; nothing else is lost."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    AllSlotsReset,
    BotUttered,
    Restarted,
    SessionStarted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

import components
from components import forgetting
from tests.postgres import OWNER, Postgres
from tests.postgres import postgres as postgres

SECRET = "our Matilda has eczema since March"
DOMAIN = Domain.empty()


def postgres_store(server: Postgres, database: str) -> SQLTrackerStore:
    where = {"host": "127.0.0.1", "port": server.port, "db": database, "username": OWNER}
    return SQLTrackerStore(DOMAIN, dialect="postgresql", **where)


@pytest.fixture(params=["sql", "memory", "safe", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        return InMemoryTrackerStore(DOMAIN)
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        return postgres_store(server, server.new_database())
    sql = SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "chats.db"))
    return sql if request.param == "sql" else FailSafeTrackerStore(sql)


def processor(store: Any) -> Any:
    metadata = SimpleNamespace(model_id="m", assistant_id="a")
    return SimpleNamespace(tracker_store=store, model_metadata=metadata)


def tracker(sender: str, *events: Any, at: float | None = None) -> DialogueStateTracker:
    made = DialogueStateTracker(sender, [])
    at = time.time() if at is None else at
    for index, event in enumerate(events):
        event.timestamp = at + index / 1000
        made.update(event, DOMAIN)
    return made


def chat(sender: str, at: float | None = None) -> DialogueStateTracker:
    return tracker(
        sender, SessionStarted(), ActionExecuted("action_listen"), UserUttered(SECRET),
        BotUttered("Here is what helps."), ActionExecuted("action_listen"), at=at,
    )  # fmt: skip


def forget(held: DialogueStateTracker, action: str = "action_forget") -> DialogueStateTracker:
    asked = (
        UserUttered("forget me"), ActionExecuted(action), BotUttered("Done."), AllSlotsReset(),
        Restarted(), ActionExecuted("action_listen"),
    )  # fmt: skip
    for event in asked:
        held.update(event, DOMAIN)
    return held


async def save(store: Any, held: DialogueStateTracker) -> None:
    await MessageProcessor.save_tracker(processor(store), held)


def files_hold(folder: Path, words: str) -> bool:
    return any(words.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("action", forgetting.FORGETTING_ACTIONS)
async def test_after_forgetting_no_table_and_no_file_holds_a_word(
    store: Any, action: str, tmp_path: Path
) -> None:
    await save(store, chat("one"))
    await save(store, chat("two"))
    held = await store.retrieve("one")
    await save(store, forget(held, action))
    assert await store.retrieve("one") is None
    assert set(await store.keys()) == {"two"}
    await save(store, forget(await store.retrieve("two")))
    assert not set(await store.keys())
    for words in (SECRET, "Matilda", "forget me", "Done."):
        assert not files_hold(tmp_path, words)
    for file in tmp_path.glob("*.db"):
        with sqlite3.connect(file) as connection:
            assert connection.execute("select count(*) from events").fetchone() == (0,)


async def test_after_forgetting_no_table_of_postgresql_holds_a_word(postgres: Postgres) -> None:
    database = postgres.new_database()
    store = postgres_store(postgres, database)
    await save(store, chat("one"))
    await save(store, chat("two"))
    assert any(SECRET in row for row in postgres.rows(database))
    for sender in ("one", "two"):
        await save(store, forget(await store.retrieve(sender)))
    assert postgres.rows(database) == []
    # What stays in PostgreSQL's files until they are rewritten is told in docs/records.md.
    postgres.run(database, "vacuum full")
    postgres.run(database, "checkpoint")
    assert not files_hold(postgres.files(database), "Matilda")


async def test_the_file_did_hold_the_words_before(tmp_path: Path) -> None:
    sql = SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "chats.db"))
    await save(sql, chat("one"))
    assert files_hold(tmp_path, "Matilda")


async def test_an_ordinary_turn_is_saved(store: Any) -> None:
    await save(store, chat("one"))
    held = await store.retrieve("one")
    assert SECRET in [event.text for event in held.events if isinstance(event, UserUttered)]


async def test_a_forgetting_action_that_failed_erases_nothing(store: Any) -> None:
    held = chat("one")
    held.update(UserUttered("forget me"), DOMAIN)
    held.update(ActionExecuted("action_forget"), DOMAIN)  # as when the action server is down
    await save(store, held)
    assert await store.retrieve("one") is not None


async def test_after_forgetting_the_talk_begins_afresh(store: Any) -> None:
    await save(store, forget(chat("one")))
    fresh = await MessageProcessor.get_tracker(processor(store), "one")
    assert not fresh.events
    await save(store, chat("one"))
    assert await store.retrieve("one") is not None


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
async def test_a_chat_expires_when_the_parent_comes_back_late(
    store: Any,
    days: int,
    kept: bool,  # noqa: FBT001
) -> None:
    await save(store, chat("one"))
    held = await store.retrieve("one")
    assert held
    store_of = getattr(store, "_tracker_store", store)
    await _erase_all(store_of)
    await store.save(chat("one", at=time.time() - days * forgetting.DAY_S))
    fetched = await MessageProcessor.get_tracker(processor(store), "one")
    assert bool(fetched.events) is kept


async def _erase_all(store: Any) -> None:
    from channels.erase import erase_from

    erase_from(store, "one")


async def test_chats_that_nobody_came_back_to_are_erased(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.save(chat("old", at=time.time() - 40 * forgetting.DAY_S))
    await store.save(chat("young", at=time.time() - 2 * forgetting.DAY_S))
    monkeypatch.setitem(forgetting._last_cleaned, id(store), 0.0)
    await save(store, chat("new"))
    assert set(await store.keys()) == {"young", "new"}


async def test_nothing_expires_when_the_setting_says_never(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "FACTS_EXPIRE_DAYS", "0")
    await store.save(chat("old", at=time.time() - 400 * forgetting.DAY_S))
    monkeypatch.setitem(forgetting._last_cleaned, id(store), 0.0)
    await save(store, chat("new"))
    assert set(await store.keys()) == {"old", "new"}


async def test_a_store_that_cannot_erase_is_an_error_and_no_silence() -> None:
    with pytest.raises(RuntimeError, match="can't erase"):
        await save(SimpleNamespace(), forget(chat("one")))


def test_the_wrapping_is_done_once_by_importing_the_components() -> None:
    wrapped = MessageProcessor.save_tracker
    assert components.forgetting is forgetting
    forgetting.install()
    assert MessageProcessor.save_tracker is wrapped
