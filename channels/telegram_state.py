"""The Telegram channel's memory: what came in, what was answered, what is still to be sent.

One small SQLite file, readable by its owner alone. An update moves through it in steps, each
one transaction, so that a crash between any two of them neither loses nor repeats it:

1. stored (with the offset, before Telegram is told that it may forget the update),
2. answered (its messages lie in the outbox, and its marks are set),
3. each message sent (and gone from the outbox),
4. done (the update's own words are wiped).
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEEP_DONE_S = 3 * 24 * 3600  # Telegram offers an update for 24 hours at most
KEEP_BUTTONS_S = 30 * 24 * 3600
_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS updates (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, bot TEXT NOT NULL, update_id INTEGER NOT NULL,
    stage TEXT NOT NULL, urged INTEGER NOT NULL DEFAULT 0, body TEXT, time REAL NOT NULL,
    UNIQUE (bot, update_id));
CREATE INDEX IF NOT EXISTS open_updates ON updates (bot, seq) WHERE stage != 'done';
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bot TEXT NOT NULL, chat INTEGER NOT NULL,
    method TEXT NOT NULL, params TEXT NOT NULL, time REAL NOT NULL);
CREATE INDEX IF NOT EXISTS outbox_of_chat ON outbox (bot, chat, id);
CREATE TABLE IF NOT EXISTS buttons (
    key TEXT PRIMARY KEY, bot TEXT NOT NULL, sender TEXT NOT NULL, payload TEXT NOT NULL,
    turn INTEGER NOT NULL, time REAL NOT NULL);
CREATE TABLE IF NOT EXISTS turns (sender TEXT PRIMARY KEY, turn INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS marks (
    bot TEXT NOT NULL, chat INTEGER NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL,
    value TEXT NOT NULL, time REAL NOT NULL, PRIMARY KEY (bot, chat, kind, ref));
"""


@dataclass(frozen=True)
class Stored:
    """An update in the file.

    Attributes:
        seq: its place in the order of arrival.
        update_id: Telegram's own number of it.
        stage: `received`, `started`, `answered` or `done`.
        urged: a danger reply to it was given ahead of its turn.
        body: the update as Telegram sent it; empty once it is done.
    """

    seq: int
    update_id: int
    stage: str
    urged: bool
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Outgoing:
    """A call that is still to be made; a missing `id` is given by the file."""

    chat: int
    method: str
    params: Mapping[str, Any]
    id: int = 0
    time: float = 0.0


@dataclass(frozen=True)
class KnownButton:
    """What stands behind a button's short key: whose it is, what it says, in which turn.

    A turn goes by its update's place in the order of arrival, so that a danger reply given ahead
    counts as later than the answers that it has overtaken.
    """

    sender: str
    payload: str
    turn: int


@dataclass(frozen=True)
class Mark:
    """Something to remember of a chat: `edit`, `album`, `pressed` or `blocked`."""

    chat: int
    kind: str
    ref: str
    value: str = ""


@dataclass
class Outcome:
    """All that one update leads to, written in one transaction.

    Attributes:
        sends: what is to be sent, in order.
        marks: what is to be remembered.
        sender: whose turn it was; empty when it was no turn.
        turn: the update's place in the order of arrival.
        buttons: payloads by short key, for buttons that don't fit into a message.
        forget: whether all that is kept of `sender` goes.
    """

    sends: list[Outgoing] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    sender: str = ""
    turn: int = 0
    buttons: dict[str, str] = field(default_factory=dict)
    forget: bool = False


class State:
    """The file of one bot. Not for several threads at once."""

    def __init__(self, path: Path, bot: str) -> None:
        self._bot = bot
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made before SQLite opens it: its side files take over the mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        # An offset once told to Telegram can't be taken back: it must survive a power cut too.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def setting(self, name: str) -> str:
        """Return a remembered setting of this bot, empty when there is none."""
        row = self._db.execute(
            "SELECT value FROM settings WHERE name = ?", (f"{self._bot}:{name}",)
        ).fetchone()
        return str(row[0]) if row else ""

    def remember(self, name: str, value: str) -> None:
        """Remember a setting of this bot."""
        self._db.execute(
            "INSERT OR REPLACE INTO settings VALUES (?, ?)", (f"{self._bot}:{name}", value)
        )

    def secret(self) -> str:
        """Return a random secret of this file, made once: it keeps sender ids unguessable."""
        if not self.setting("secret"):
            self.remember("secret", secrets.token_hex(32))
        return self.setting("secret")

    def offset(self) -> int:
        """Return the id of the first update that wasn't received, 0 when none ever was."""
        return int(self.setting("offset") or 0)

    def store(self, updates: Sequence[Mapping[str, Any]]) -> list[Stored]:
        """Store a batch with the offset after it; return those that are new, in order."""
        fresh, numbers = [], [int(update["update_id"]) for update in updates]
        with self._transaction() as database:
            for number, update in zip(numbers, updates, strict=True):
                cursor = database.execute(
                    "INSERT OR IGNORE INTO updates (bot, update_id, stage, body, time) "
                    "VALUES (?, ?, 'received', ?, ?)",
                    (self._bot, number, json.dumps(update), time.time()),
                )
                if cursor.rowcount:
                    fresh.append(Stored(cursor.lastrowid or 0, number, "received", False, update))
            if numbers:
                # Of this batch alone: after a week of silence Telegram may start lower again.
                self.remember("offset", str(max(numbers) + 1))
        return fresh

    def unfinished(self) -> list[Stored]:
        """Return the updates that an earlier process left unfinished, in order."""
        rows = self._db.execute(
            "SELECT seq, update_id, stage, urged, body FROM updates "
            "WHERE bot = ? AND stage != 'done' ORDER BY seq",
            (self._bot,),
        )
        return [Stored(s, u, stage, bool(g), json.loads(body)) for s, u, stage, g, body in rows]

    def start(self, seq: int) -> None:
        """Note that a turn may leave its trace in the conversation from now on."""
        self._db.execute("UPDATE updates SET stage = 'started' WHERE seq = ?", (seq,))

    def urge(self, seq: int, outcome: Outcome) -> None:
        """Put a danger reply into the outbox ahead of the update's own turn."""
        with self._transaction() as database:
            database.execute("UPDATE updates SET urged = 1 WHERE seq = ?", (seq,))
            self._write(outcome)

    def post(self, sends: Iterable[Outgoing]) -> None:
        """Put calls into the outbox that don't end the update's turn."""
        with self._transaction():
            self._write(Outcome(sends=list(sends)))

    def answer(self, seq: int, outcome: Outcome) -> None:
        """Note that the update is answered by `outcome`."""
        with self._transaction() as database:
            if outcome.forget:
                database.execute("DELETE FROM buttons WHERE sender = ?", (outcome.sender,))
                database.execute("DELETE FROM turns WHERE sender = ?", (outcome.sender,))
            self._write(outcome)
            database.execute("UPDATE updates SET stage = 'answered' WHERE seq = ?", (seq,))

    def _write(self, outcome: Outcome) -> None:
        now = time.time()
        sends = [each for each in outcome.sends if self.mark(each.chat, "blocked", "") is None]
        self._db.executemany(
            "INSERT INTO outbox (bot, chat, method, params, time) VALUES (?, ?, ?, ?, ?)",
            [(self._bot, o.chat, o.method, json.dumps(o.params), now) for o in sends],
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?)",
            [(self._bot, m.chat, m.kind, m.ref, m.value, now) for m in outcome.marks],
        )
        self._db.executemany(
            "INSERT INTO buttons VALUES (?, ?, ?, ?, ?, ?)",
            [
                (key, self._bot, outcome.sender, payload, outcome.turn, now)
                for key, payload in outcome.buttons.items()
            ],
        )
        if outcome.sender:
            self._db.execute(
                "INSERT INTO turns VALUES (?, ?) "
                "ON CONFLICT (sender) DO UPDATE SET turn = max(turn, excluded.turn)",
                (outcome.sender, outcome.turn),
            )

    def finish(self, seq: int) -> None:
        """Note that nothing is left to do for an update, and wipe what it said."""
        self._db.execute("UPDATE updates SET stage = 'done', body = NULL WHERE seq = ?", (seq,))

    def next_out(self, chat: int) -> Outgoing | None:
        """Return the oldest call that is still to be made for `chat`."""
        row = self._db.execute(
            "SELECT id, method, params, time FROM outbox WHERE bot = ? AND chat = ? "
            "ORDER BY id LIMIT 1",
            (self._bot, chat),
        ).fetchone()
        return Outgoing(chat, row[1], json.loads(row[2]), row[0], row[3]) if row else None

    def sent(self, outgoing: Outgoing) -> None:
        """Take a call out of the outbox."""
        self._db.execute("DELETE FROM outbox WHERE id = ?", (outgoing.id,))

    def block(self, chat: int) -> None:
        """Remember that nothing can be sent to `chat`, and drop what was waiting for it."""
        with self._transaction() as database:
            self._write(Outcome(marks=[Mark(chat, "blocked", "")]))
            database.execute("DELETE FROM outbox WHERE bot = ? AND chat = ?", (self._bot, chat))

    def unblock(self, chat: int) -> None:
        """Forget that nothing could be sent to `chat`."""
        self._db.execute(
            "DELETE FROM marks WHERE bot = ? AND chat = ? AND kind = 'blocked'", (self._bot, chat)
        )

    def mark(self, chat: int, kind: str, ref: str) -> str | None:
        """Return the value of a mark, None when it isn't set."""
        row = self._db.execute(
            "SELECT value FROM marks WHERE bot = ? AND chat = ? AND kind = ? AND ref = ?",
            (self._bot, chat, kind, ref),
        ).fetchone()
        return str(row[0]) if row else None

    def turn(self, sender: str) -> int:
        """Return the latest turn of `sender` in which something was said, 0 for none."""
        row = self._db.execute("SELECT turn FROM turns WHERE sender = ?", (sender,)).fetchone()
        return int(row[0]) if row else 0

    def button(self, key: str) -> KnownButton | None:
        """Return what stands behind a short key."""
        row = self._db.execute(
            "SELECT sender, payload, turn FROM buttons WHERE key = ? AND bot = ?",
            (key, self._bot),
        ).fetchone()
        return KnownButton(*row) if row else None

    def prune(self) -> None:
        """Delete what is too old to matter."""
        now = time.time()
        with self._transaction() as database:
            database.execute(
                "DELETE FROM updates WHERE stage = 'done' AND time < ?", (now - KEEP_DONE_S,)
            )
            database.execute("DELETE FROM buttons WHERE time < ?", (now - KEEP_BUTTONS_S,))
            # A turn is only asked for to tell whether a button is of the last one.
            database.execute("DELETE FROM turns WHERE sender NOT IN (SELECT sender FROM buttons)")
            database.execute(
                "DELETE FROM marks WHERE kind != 'blocked' AND time < ?", (now - KEEP_DONE_S,)
            )
