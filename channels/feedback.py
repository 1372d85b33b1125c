"""Thumbs up and down, kept in a small SQLite file, without words unless the parent agrees."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

REASONS = ("not_my_question", "hard_to_understand", "does_not_fit", "seems_wrong", "other")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    who TEXT NOT NULL, message TEXT NOT NULL, day TEXT NOT NULL, helpful INTEGER NOT NULL,
    reason TEXT, topics TEXT NOT NULL, rules TEXT NOT NULL, level TEXT NOT NULL,
    question TEXT, answer TEXT, PRIMARY KEY (who, message)
)"""


@dataclass(frozen=True)
class Opinion:
    """What a parent thought of one answer.

    Attributes:
        who: pseudonym of the session, so that "forget me" finds it.
        message: id of the parent's message that was answered.
        helpful: thumbs up.
        reason: one of `REASONS`, or None.
        metadata: the answer's metadata (topics, rules, level).
        question, answer: the words, only when the parent agreed to send them.
    """

    who: str
    message: str
    helpful: bool
    reason: str | None
    metadata: Mapping[str, Any]
    question: str | None = None
    answer: str | None = None


def _ids(values: Sequence[str]) -> str:
    return json.dumps(list(values))


class FeedbackBook:
    """The file of opinions: one row for each answer, the last opinion counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as database, database:
            database.execute(_SCHEMA)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=5)

    def add(self, opinion: Opinion) -> None:
        """Write an opinion down, in place of an earlier one about the same answer."""
        row = (
            opinion.who,
            opinion.message,
            date.today().isoformat(),
            int(opinion.helpful),
            opinion.reason,
            _ids(opinion.metadata.get("topics") or ()),
            _ids(opinion.metadata.get("rules") or ()),
            str(opinion.metadata.get("escalation") or "none"),
            opinion.question,
            opinion.answer,
        )
        marks = ",".join("?" * len(row))
        with closing(self._open()) as database, database:
            database.execute(f"INSERT OR REPLACE INTO feedback VALUES ({marks})", row)

    def forget(self, who: str) -> None:
        """Delete every opinion of one session and free its place in the file."""
        with closing(self._open()) as database, database:
            database.execute("PRAGMA secure_delete = ON")
            database.execute("DELETE FROM feedback WHERE who = ?", (who,))
