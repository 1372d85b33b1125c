"""How urgent a message is, from what the rules and the second reader say of it together.

Each feature has a name and one weight a level; their sum gives the shares of the levels (a
multinomial logistic regression, `guide.second_reader.Weights`). `training.weighing` fits the
weights on labelled messages that neither the rules nor the second reader were made with, so that
a share of 0.3 means three in ten.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache

from guide.context import Status
from guide.model import FEVER_C, Level
from guide.recogniser import Recognition
from guide.second_reader import LEVELS, Impression
from guide.triage import Outcome, Situation, is_met

WORRY_SIGN = "worry_check"
"""The sign whose question opens a check on something that no rule is sure about."""

OLDER_MONTHS = 6.0
"""From this age on a fever below 40 °C is no danger sign by itself (clinical-reference 1.2)."""

TOLD = (Status.PRESENT, Status.RECENT, Status.UNCERTAIN)
CONSTANT = "constant"
LOWEST_SHARE = 1e-4
MOST_FINDINGS = 4
"""More findings of one kind tell no more."""

_COUNTED = {
    "present": (Status.PRESENT,),
    "uncertain": (Status.UNCERTAIN,),
    "negated": (Status.NEGATED,),
    "over": (Status.PAST, Status.CLEARED, Status.RECENT),
    "imagined": (Status.HYPOTHETICAL,),
    "somebody else's": (Status.OTHER,),
}


def features(
    outcome: Outcome, impression: Impression, recognition: Recognition, situation: Situation
) -> dict[str, float]:
    """Return what is weighed, by name.

    Args:
        outcome: what the rules say.
        impression: what the second reader makes of the message after those before it.
        recognition: the message.
        situation: what the rules went by.
    """
    rules = _kind(outcome)
    heard = {
        level: math.log(max(impression.levels.get(level, 0.0), LOWEST_SHARE)) for level in LEVELS
    }
    sign = recognition.lexicon.signs.get(impression.likeliest)
    age, temperature = situation.age_months, situation.temperature_c
    fever = temperature is not None and temperature >= FEVER_C
    told = Counter(found.status for found in recognition.findings)
    values = {
        CONSTANT: 1.0,
        **{f"reader {level}": value for level, value in heard.items()},
        f"rules {rules}": 1.0,
        f"rules {rules}, reader routine": heard["routine"],
        f"rules {rules}, reader emergency": heard["emergency"],
        "no sign heard": math.log(max(impression.signs.get("", 0.0), LOWEST_SHARE)),
        "same sign": float(impression.likeliest in (*outcome.signs, *outcome.asked)),
        "signs": len(outcome.signs),
        "question mark": float("?" in recognition.text),
        "age known": float(age is not None),
        "under 3 months": float(age is not None and age < 3),
        "under 6 months": float(age is not None and age < 6),
        "fever measured": float(fever),
        "fever of an older baby": float(fever and age is not None and age >= OLDER_MONTHS),
        "reading heard as a sign, not met": float(
            sign is not None
            and sign.rests_on_reading
            and age is not None
            and temperature is not None
            and not is_met(sign, situation)
        ),
        "words": math.log1p(len(recognition.doc)),
        "telling words": math.log1p(len(telling_words(recognition))),
        "symptom": float(tells_symptoms(recognition)),
    }
    for name, statuses in _COUNTED.items():
        values[name] = min(MOST_FINDINGS, sum(told[status] for status in statuses))
    return values


def telling_words(recognition: Recognition) -> list[str]:
    """Return the words that may tell how a baby is."""
    light = _as_set(recognition.lexicon.words.get("tells_little", ()))
    return [
        token.text
        for token in recognition.doc
        if token.is_alpha and len(token.text) > 2 and token.text not in light
    ]


@lru_cache(maxsize=2)
def _as_set(words: tuple[str, ...]) -> frozenset[str]:
    """Return the words to look up in: every token of every message is looked for."""
    return frozenset(words)


def tells_symptoms(recognition: Recognition) -> bool:
    """Tell whether a message tells a symptom, not denied and not long ago."""
    findings = recognition.lexicon.findings
    return any(findings[name].symptom for name in recognition.with_status(*TOLD))


def is_vague(outcome: Outcome) -> bool:
    """Tell whether the rules' question is the general one, which rests on no sign of its own."""
    return outcome.level is Level.CHECK and {*outcome.signs, *outcome.asked} == {WORRY_SIGN}


def _kind(outcome: Outcome) -> str:
    if is_vague(outcome):
        return "wonder"
    return outcome.level.value if outcome.level.rank >= Level.CHECK.rank else "calm"
