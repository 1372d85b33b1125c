"""The lexicon's names for the signs of the labelled messages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from guide.knowledge import DATA
from guide.lexicon import load_lexicon
from guide.yaml_file import read_yaml


@lru_cache(maxsize=1)
def _names() -> Mapping[str, Mapping[str, str]]:
    names: Mapping[str, Mapping[str, str]] = read_yaml(DATA / "reader" / "signs.yml").data[
        "sign_names"
    ]
    return names


def lexicon_sign(name: str, level: str) -> str | None:
    """Return the lexicon's id of the sign `name` in a message of `level` (E or U), None if none."""
    name = _names()["any"].get(name, name)
    name = _names()[level].get(name, name)
    return name if name in _signs() else None


@lru_cache(maxsize=1)
def _signs() -> frozenset[str]:
    return frozenset(load_lexicon(DATA / "lexicon").signs)
