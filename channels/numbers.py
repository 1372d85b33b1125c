"""The emergency numbers by country that the widget offers to call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

_NUMBER = re.compile(r"\+?\d[\d \-]{1,18}\d")


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

    The file holds `numbers: {GB: {name, emergency: [...], and other lines}}`. Each country
    comes back as `{code, name, emergency, dial}`, where `dial` has every number of its entry:
    those are made into links where a message names them.
    """
    if not path.exists():
        return []
    entries: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["numbers"]
    return [
        {
            "code": str(code),
            "name": entry["name"],
            "emergency": _numbers(entry.get("emergency")),
            "dial": _numbers({k: v for k, v in entry.items() if k not in ("name", "emergency")}),
        }
        for code, entry in entries.items()
        if isinstance(entry, Mapping) and entry.get("name") and entry.get("emergency")
    ]
