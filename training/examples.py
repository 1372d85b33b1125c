"""What the second reader learns from, read from `data/reader/` and the training data of Rasa.

    data/reader/danger/*.jsonl     {"t": message, "l": "E|U|R|N", "a": "UE", "f": sign or kind}
    data/reader/weighing/*.jsonl   the same; each encoder learns a half of them
    data/reader/topics/*.jsonl     {"t": message, "topics": [main, ...], "l": ..., "f": ...}

`t` joins the turns of a conversation with " || ". `l` is the level owed after the last of them:
emergency, urgent, routine, none; `a` has every level that a fair judge accepts. Of the topic posts
those have a level in which the rules or an earlier reader heard an alarm, right or wrong.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from guide.knowledge import DATA
from guide.model import TOPICS
from guide.reading import read_nlu
from guide.second_reader import TURN
from training.signs import lexicon_sign

READER = DATA / "reader"
LEVEL_OF = {"N": "routine", "R": "routine", "U": "urgent", "E": "emergency"}
MAIN_SHARE = 0.7
"""Share of the main topic where a message asks about several."""

ORDINARY_WEIGHT = 0.7
"""What a question without a level counts for as a calm message: no reader heard an alarm in it."""

ARGUABLE = 0.3
"""Share of the levels that a fair judge accepts beside the one owed, all together."""

BURIED, MISTYPED = 0.15, 0.25
"""Shares of the messages that are put beside an ordinary question, and that get typing errors."""

_NEIGHBOURS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqretyuoipsadfghjklxzvcbnm", strict=True))


@dataclass(frozen=True)
class Example:
    """One message and what is owed for it.

    Attributes:
        text: the message, turns joined with `TURN`.
        levels: share of each level of `LEVELS`; empty where no level is known.
        sign: id of the danger sign, "" for none, None where it is not known.
        topics: share of each topic id, empty where none is known.
        weight: what its level counts for.
    """

    text: str
    levels: dict[str, float]
    sign: str | None = None
    topics: dict[str, float] | None = None
    weight: float = 1.0


def danger_examples(paths: Iterable[Path]) -> Iterator[Example]:
    """Yield the labelled messages of the danger files."""
    yield from map(_labelled, _rows(paths))


def topic_examples(paths: Iterable[Path]) -> Iterator[Example]:
    """Yield the messages of the topic files, with their level where it was labelled."""
    for row in _rows(paths):
        ordinary = _ordinary(row["t"], row["topics"])
        yield replace(_labelled(row), topics=ordinary.topics) if "l" in row else ordinary


def question_examples(paths: Iterable[Path]) -> Iterator[Example]:
    """Yield the messages of Rasa's training data: calm ones, with their topic where they have one.

    What only tells or greets ("she's 9 months", "no fever") must raise nothing, so it counts fully.
    """
    for text, intent in read_nlu(paths):
        topic = intent.removeprefix("ask_")
        if topic in TOPICS:
            yield _ordinary(text, [topic])
        else:
            yield Example(text, {"routine": 1.0}, "", {})


def _labelled(row: Mapping[str, Any]) -> Example:
    accepted = {LEVEL_OF[letter] for letter in row.get("a") or row["l"]}
    main = LEVEL_OF[row["l"]]
    levels = dict.fromkeys(accepted, ARGUABLE / len(accepted))
    levels[main] = levels.get(main, 0.0) + 1.0 - sum(levels.values())
    sign = "" if main == "routine" else lexicon_sign(str(row.get("f") or ""), row["l"])
    return Example(row["t"], levels, sign)


def _ordinary(text: str, topics: Sequence[str]) -> Example:
    rest = (1.0 - MAIN_SHARE) / (len(topics) - 1) if len(topics) > 1 else 0.0
    shares = dict.fromkeys(topics[1:], rest)
    shares[topics[0]] = 1.0 - sum(shares.values())
    return Example(text, {"routine": 1.0}, None, shares, ORDINARY_WEIGHT)


def _rows(paths: Iterable[Path]) -> Iterator[dict]:
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def varied(example: Example, ordinary: Sequence[str], chance: random.Random) -> Example:
    """Return an example as another parent might have typed it.

    A labelled message may stand beside an ordinary question (a sign is often told in passing),
    and any may have typing errors.
    """
    text = example.text
    told = example.topics is None and TURN not in text
    if told and chance.random() < BURIED:
        other = chance.choice(ordinary)
        text = " ".join(chance.sample([text, other], 2))
    if chance.random() < MISTYPED:
        text = " ".join(_mistyped(word, chance) for word in text.split(" "))
    return replace(example, text=text)


def _mistyped(word: str, chance: random.Random) -> str:
    if len(word) < 4 or not word.isalpha() or chance.random() > 0.12:
        return word
    at = chance.randrange(len(word) - 1)
    return chance.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + _NEIGHBOURS.get(word[at].lower(), word[at]) + word[at + 1 :],
        )
    )
