"""The food that the diary noted last, as the understanding of the next message needs it.

The entries themselves are `guide/diary.py`'s; here they are only looked at, before any action runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

WATCHED = timedelta(hours=4)
"""How long after a food something counts as following it unasked (clinical reference, 2.2)."""


@dataclass(frozen=True)
class Given:
    """The last entry of the diary with a food.

    Attributes:
        foods: item ids.
        when: when it was given, in UTC.
        reacted: something followed it.
    """

    foods: tuple[str, ...]
    when: datetime
    reacted: bool = False

    def is_watched(self, at: datetime) -> bool:
        """Tell whether a sign told at `at` counts as following it."""
        return timedelta(0) <= at - self.when < WATCHED


def last_given(entries: Sequence[Mapping[str, Any]] | None) -> Given | None:
    """Return the food that was given last, or None when the diary holds none."""
    for entry in reversed(entries or ()):
        if entry["foods"]:
            when = datetime.fromisoformat(entry["when"])
            return Given(tuple(entry["foods"]), when, bool(entry["reaction"]))
    return None
