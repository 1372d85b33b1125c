"""Ages in words, as parents say them: the same in every answer, plan and note."""

from __future__ import annotations

from guide.model import DAYS_PER_MONTH

WEEKS_UNTIL = 3.0
"""Below this age in months an age is told in weeks."""

HALVES_UNTIL = 6.0
"""Below this age in months half a month counts; an older baby is so many whole months."""

DAYS_PER_WEEK = 7
_ROUNDING_DAYS = 0.2
"""Stored ages are rounded: "7 weeks" must not come back as 6."""


def age_words(months: float) -> str:
    """Return an age in words: days, weeks under 3 months, then months ("4½ months")."""
    days = max(1, int(months * DAYS_PER_MONTH + _ROUNDING_DAYS))
    if days < DAYS_PER_WEEK:
        return _counted(str(days), "day")
    if months < WEEKS_UNTIL:
        return _counted(str(days // DAYS_PER_WEEK), "week")
    whole = int(months)
    half = "½" if months < HALVES_UNTIL and months - whole >= 0.5 else ""
    return _counted(f"{whole}{half}", "month")


def _counted(number: str, unit: str) -> str:
    return f"{number} {unit}{'' if number == '1' else 's'}"
