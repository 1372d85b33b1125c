"""Danger signs: recall by level and by sign, and false alarms, on labelled conversations."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from guide.assess import assess_turns
from guide.model import Level
from guide.recogniser import Recogniser
from guide.second_reader import SecondReader

ALARMS = (Level.URGENT, Level.EMERGENCY)


@dataclass(frozen=True)
class Case:
    """A labelled conversation.

    Attributes:
        id: its id in the set.
        messages: what the parent writes, in order.
        level: the level owed after the last message.
        accept: all levels that a fair judge takes.
        flag: the family of the sign, or None.
    """

    id: str
    messages: tuple[str, ...]
    level: Level
    accept: frozenset[Level]
    flag: str | None


@dataclass(frozen=True)
class Judged:
    """A case with the level that the guide gave and the signs behind it."""

    case: Case
    level: Level
    signs: tuple[str, ...]


def read_cases(path: Path) -> list[Case]:
    """Read a JSON-lines file of labelled conversations."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        messages = row["messages"] if "messages" in row else [row["text"]]
        level = Level(row["tier"])
        accept = frozenset(map(Level, row.get("accept", ()))) | {level}
        cases.append(Case(row["id"], tuple(messages), level, accept, row.get("flag")))
    return cases


def judge(
    recogniser: Recogniser, cases: Iterable[Case], now: datetime, reader: SecondReader | None = None
) -> Iterator[Judged]:
    """Run each conversation through the assessment and yield the level after its last message.

    Without `reader` the rules are judged alone.
    """
    for case in cases:
        *_, assessed = assess_turns(recogniser, case.messages, now, reader)
        yield Judged(case, assessed.level, assessed.outcome.signs or assessed.outcome.asked)


@dataclass(frozen=True)
class Scores:
    """Shares of 1; `None` where there was nothing to score."""

    emergency: float | None
    emergency_noticed: float | None
    urgent: float | None
    false_alarms: float | None
    false_checks: float | None


def score(judged: Iterable[Judged]) -> Scores:
    """Return recall and false alarms, as the issue defines them."""
    rows = list(judged)
    emergencies = [row for row in rows if row.case.level is Level.EMERGENCY]
    urgent = [row for row in rows if row.case.level is Level.URGENT]
    calm = [row for row in rows if not row.case.accept & set(ALARMS)]
    return Scores(
        emergency=_share(row.level in row.case.accept | {Level.EMERGENCY} for row in emergencies),
        emergency_noticed=_share(row.level.rank >= Level.CHECK.rank for row in emergencies),
        urgent=_share(row.level in ALARMS or row.level in row.case.accept for row in urgent),
        false_alarms=_share(row.level in ALARMS for row in calm),
        false_checks=_share(row.level is Level.CHECK for row in calm),
    )


def report(judged: list[Judged]) -> str:
    """Return the misses and the false alarms with their texts, then the shares."""
    lines = []
    by_flag: dict[str, Counter[str]] = defaultdict(Counter)
    for row in judged:
        case = row.case
        wrong = row.level not in case.accept
        alarm = row.level in ALARMS
        if case.level in ALARMS:
            enough = row.level.rank >= case.level.rank or not wrong
            by_flag[case.flag or "-"]["ok" if enough else "missed"] += 1
            if not enough:
                lines.append(_line("MISS", row))
        elif (alarm or row.level is Level.CHECK) and wrong:
            lines.append(_line("FALSE" if alarm else "check", row))
    lines.append("")
    for flag, counts in sorted(by_flag.items(), key=lambda entry: -entry[1]["missed"]):
        total = counts["ok"] + counts["missed"]
        lines.append(f"{flag:40} {counts['ok']:3} of {total:3}")
    scores = score(judged)
    lines.append("")
    for name in Scores.__dataclass_fields__:
        share = getattr(scores, name)
        lines.append(f"{name:20} {'-' if share is None else f'{share:7.1%}'}")
    return "\n".join(lines)


def _line(kind: str, row: Judged) -> str:
    signs = ", ".join(row.signs) or "-"
    text = " || ".join(row.case.messages)
    return (
        f"{kind} {row.case.id} owed {row.case.level.value} ({row.case.flag}), "
        f"given {row.level.value} ({signs})\n    {text}"
    )


def _share(hits: Iterable[bool]) -> float | None:
    values = list(hits)
    return sum(values) / len(values) if values else None
