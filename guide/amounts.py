"""Falls that only numbers tell: a weight that went down, a day's milk that halved.

Phrases can't compare numbers. Thresholds: any fall in weight (NICE NG75); half of the usual
milk or less (NICE NG143).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_KG = re.compile(r"\b(\d{1,2}(?:[.,]\d{1,3})?)\s*(?:kgs?|kilos?|kilograms?)\b")
_ANY_KG = re.compile(
    r"\b(\d{1,2}(?:[.,]\d{1,3}|(?=\s*k))|\d{1,2}(?=\s*kilo))"
    r"(?!\d|[.,]\d|\s*(?:c\b|mo|m\b|week|wk|day|year|yr|y\b|ml|oz|lb|%|°|deg))"
)
_WEIGHED = re.compile(r"\bweigh(?:s|ed|t|ing)?\b")
_GRAMS = re.compile(r"\b(\d{4,5})\s*(?:g|gr|grams?)\b")
_NOW = re.compile(r"\b(?:now|today|currently|this (?:week|morning|month))\b")
_EARLIER = re.compile(
    r"\b(?:was|were|from|born|birth|last|before|ago|earlier|used to|previously)\b"
)
_WISH = re.compile(r"\b(?:should|need|needs|want|wants|expected|expect|target|average|wash|dose)\b")
_NEAR = 22
"""Characters around a weight in which a word dates it."""

_ANY_MILK = re.compile(r"\d\s*(?:mls?|oz|ounces?)\b")
_UNIT = r"\s*(mls?|oz|ounces?)?"
_NOT_MILK = (
    r"(?![\d.,]*\d)(?!\s*(?:%|am|pm|c\b|f\b|kg|mg|g\b|mo|m\b|w|y|day|d\b|h|min|sec|time|x|nap|wet"
    r"|feed|scoop|drop)|\s*(?:now\s+)?up from)"
)
_NOT_BOTTLES = r"(?!\s*bott)"
_USUAL = re.compile(
    r"\b(?:usual(?:ly)?|normal(?:ly)?|used to|was|from|instead of|rather than|(?:out )?of)"
    r"(?:\s+(?:an?|has|have|takes|drinks|does|do|had|be|about|around|his|her|the|their|over|on"
    r"|having|taking|drinking|to|is|at)){0,3}\s+(\d{1,4})" + _UNIT + r"\b" + _NOT_MILK
)
_TAKEN = re.compile(
    r"\b(?:only|just|barely|hardly|had|on|managed|manages|taken|took|takes|taking|drank|drinks"
    r"|drinking|drunk|scraped|to|finished|finishes|having|about|maybe|at|now|got|getting|scraping)"
    r"(?:\s+(?:about|only|just|barely|around|maybe|scraped|taken|managed|had|like|to|a))*"
    r"\s+(\d{1,4})" + _UNIT + r"\b" + _NOT_MILK + _NOT_BOTTLES
)
_PART = re.compile(r"\b(\d{1,4})" + _UNIT + r"\s+(?:out\s+)?of\s+(?:\w+\s+){0,2}?(\d{2,4})" + _UNIT)
_SMALLEST_USUAL = {"ml": 60.0, "oz": 3.0}
_ML = {"m": "ml", "o": "oz", "": ""}


class Fall(NamedTuple):
    """A fall: the finding that it amounts to, and the characters that tell it."""

    finding: str
    start: int
    end: int


def falls(text: str) -> list[Fall]:
    """Return the falls that the numbers of `text` tell."""
    low = text.lower()
    return [*_weights(low), *_milk(low)]


def _weights(text: str) -> Iterator[Fall]:
    kilos = _ANY_KG if _WEIGHED.search(text) or _KG.search(text) else _KG
    for pattern, least, most in ((kilos, 1.5, 18.0), (_GRAMS, 1500.0, 18000.0)):
        told = [
            (float(match.group(1).replace(",", ".")), match)
            for match in pattern.finditer(text)
            if not _WISH.search(_around(text, match))
        ]
        told = [(value, match) for value, match in told if least <= value <= most]
        if len(told) < 2:
            continue
        (first, a), (last, b) = told[0], told[-1]
        if _NOW.search(_around(text, a)) and _EARLIER.search(text[a.end() : b.start()]):
            first, last = last, first
        if last < first:
            yield Fall("losing_weight", a.start(), b.end())


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - _NEAR) : match.end() + _NEAR]


def _milk(text: str) -> Iterator[Fall]:
    if not _ANY_MILK.search(text):
        return
    for part in _PART.finditer(text):
        if _is_little(part.group(1), part.group(2), part.group(3), part.group(4)):
            yield Fall("poor_feeding", part.start(), part.end())
            return
    for usual in _USUAL.finditer(text):
        for taken in _TAKEN.finditer(text):
            apart = taken.end() <= usual.start() or usual.end() <= taken.start()
            if apart and _is_little(taken.group(1), taken.group(2), usual.group(1), usual.group(2)):
                start = min(taken.start(), usual.start())
                yield Fall("poor_feeding", start, max(taken.end(), usual.end()))
                return


def _is_little(taken: str, taken_unit: str | None, usual: str, usual_unit: str | None) -> bool:
    """Tell whether `taken` is half of `usual` or less, in one unit, and both can be milk."""
    units = {_ML[(unit or "")[:1]] for unit in (taken_unit, usual_unit)} - {""}
    if len(units) != 1:
        return False
    most = float(usual)
    return _SMALLEST_USUAL[units.pop()] <= most <= 1300 and 0 < float(taken) <= most / 2
