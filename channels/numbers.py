"""The emergency numbers by country that the widget offers to call."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from channels.words import ROOT

NUMBERS_FILE = ROOT / "data" / "lexicon" / "numbers.yml"


def read_numbers(path: Path) -> list[dict[str, Any]]:
    """Return `[{code, name, emergency: [...]}]` from the file of numbers, in its order."""
    entries: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["numbers"]
    return [
        {
            "code": code,
            "name": entry["name"],
            "emergency": [str(number) for number in entry["emergency"]],
        }
        for code, entry in entries.items()
    ]


@lru_cache(maxsize=1)
def countries() -> list[dict[str, Any]]:
    """Return the countries of `data/lexicon/numbers.yml`; none when there is no such file."""
    return read_numbers(NUMBERS_FILE) if NUMBERS_FILE.exists() else []
