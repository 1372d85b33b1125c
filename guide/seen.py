"""What this process has last seen of each conversation, for the look-out before the lock."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

MAX_REMEMBERED = 5_000
"""Most conversations that are remembered; the longest silent one is dropped first."""


class SlotMemory:
    """The slots that were last seen of each conversation, for the look-out before the lock.

    Reading them here costs nothing, and works while a turn of the same parent is running or
    the tracker store is gone.
    """

    def __init__(self) -> None:
        self._slots: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def of(self, sender: str) -> Mapping[str, Any]:
        """Return the last known slots of `sender`, empty when none are known."""
        return self._slots.get(sender, {})

    def note(self, sender: str, slots: Mapping[str, Any]) -> None:
        """Remember slot values, on top of those known already."""
        self._slots[sender] = {**self._slots.pop(sender, {}), **slots}
        if len(self._slots) > MAX_REMEMBERED:
            self._slots.popitem(last=False)

    def forget(self, sender: str) -> None:
        """Drop all that is known of `sender`."""
        self._slots.pop(sender, None)


slot_memory = SlotMemory()
