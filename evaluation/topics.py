"""Topics: is the right one first, is it among those answered, is the rest declined."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evaluation.bot import Bot

OUT_OF_SCOPE = "out_of_scope"
TEXT_SHOWN = 300


@dataclass(frozen=True)
class Case:
    """A labelled conversation.

    Attributes:
        id: its id in the set.
        messages: what the parent writes, in order.
        topics: the topics owed after the last message, main first; never empty.
    """

    id: str
    messages: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def main(self) -> str:
        """Return the main topic."""
        return self.topics[0]

    @property
    def is_out_of_scope(self) -> bool:
        """Tell whether it is to be declined."""
        return self.main == OUT_OF_SCOPE


@dataclass(frozen=True)
class Judged:
    """A case with the topics that the bot answers, and the intent that Rasa is told."""

    case: Case
    topics: tuple[str, ...]
    intent: str

    @property
    def is_first(self) -> bool:
        """Tell whether the main topic comes first."""
        return self.topics[:1] == (self.case.main,)

    @property
    def is_among(self) -> bool:
        """Tell whether the main topic is among those answered or offered."""
        return self.case.main in self.topics

    @property
    def is_declined(self) -> bool:
        """Tell whether the bot says that it can't help here."""
        return self.topics[:1] == (OUT_OF_SCOPE,)


@dataclass(frozen=True)
class Scores:
    """Shares of 1; None where there was nothing to score. `topics` is a mean count."""

    first: float | None
    among: float | None
    declined: float | None
    declined_wrongly: float | None
    topics: float | None


def read_cases(path: Path) -> list[Case]:
    """Read a JSON-lines file; conversations that owe no topic are left out."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        messages = row["messages"] if "messages" in row else [row["text"]]
        if row["topics"]:
            cases.append(Case(row["id"], tuple(messages), tuple(row["topics"])))
    return cases


def judge(bot: Bot, cases: Iterable[Case], now: datetime) -> Iterator[Judged]:
    """Run each conversation through the bot's own code."""
    for case in cases:
        conversation = bot.converse(case.messages, now)
        intent = conversation.decision.intent if conversation.decision else ""
        yield Judged(case, conversation.topics, intent)


def score(judged: Iterable[Judged]) -> Scores:
    """Return the shares over all judged conversations."""
    rows = list(judged)
    inside = [row for row in rows if not row.case.is_out_of_scope]
    outside = [row for row in rows if row.case.is_out_of_scope]
    return Scores(
        first=_mean(row.is_first for row in inside),
        among=_mean(row.is_among for row in inside),
        declined=_mean(row.is_declined for row in outside),
        declined_wrongly=_mean(row.is_declined for row in inside),
        topics=_mean(len(row.topics) for row in inside),
    )


def report(judged: list[Judged]) -> str:
    """Return the scores, the commonest confusions, and every miss with its text."""
    scores = score(judged)
    lines = [
        f"{name:18} {'-' if (value := getattr(scores, name)) is None else f'{value:7.3f}'}"
        for name in Scores.__dataclass_fields__
    ]
    wrong = [row for row in judged if not row.is_first]
    confusions = Counter((row.case.main, next(iter(row.topics), row.intent)) for row in wrong)
    lines += ["", "Confusions (owed -> given):"]
    lines += [
        f"{count:4}  {owed} -> {given}" for (owed, given), count in confusions.most_common(25)
    ]
    lines += ["", "Misses:"]
    for row in sorted(wrong, key=lambda row: (row.is_among, row.case.main)):
        kind = "late" if row.is_among else "MISS"
        given = ", ".join(row.topics) or f"({row.intent})"
        text = " || ".join(row.case.messages)[:TEXT_SHOWN]
        lines.append(
            f"{kind} {row.case.id} owed {', '.join(row.case.topics)}; given {given}\n    {text}"
        )
    return "\n".join(lines)


def _mean(values: Iterable[float]) -> float | None:
    counted = list(values)
    return sum(counted) / len(counted) if counted else None
