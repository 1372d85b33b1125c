"""The emergency numbers by country that the widget offers to call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

_NUMBER = re.compile(r"[+#]?\d[\d \-]{1,18}\d")
_LINES = ("urgent", "poison", "crisis", "perinatal", "protection", "er_or_urgent")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield str(value)


def _numbers(value: Any) -> list[str]:
    found = (number for text in _texts(value) for number in _NUMBER.findall(text))
    return list(dict.fromkeys(found))


def read_countries(path: Path) -> list[dict[str, Any]]:
    """Return the countries of a file of numbers, in its order; none when there is no file.

    The file holds `numbers: {GB: {name, emergency: 999 or 112, urgent: ..., poison: ...}}`, the
    lines in words; the entry without a code is for whoever has not chosen. Each country comes
    back as `{code, name, emergency, dial}`: the numbers to offer at once, and those of its other
    lines, which are made into links where a message names them.
    """
    if not path.exists():
        return []
    entries: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["numbers"]
    return [
        {
            "code": str(code),
            "name": entry["name"],
            "emergency": _numbers(entry.get("emergency")),
            "dial": _numbers([entry.get(line) for line in _LINES]),
        }
        for code, entry in entries.items()
        if code and _numbers(entry.get("emergency"))
    ]
