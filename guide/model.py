"""The words that every part of the guide shares: levels, topics, verdicts, facts, replies.

Each name stands here once. Slots, metadata keys and YAML files use these spellings, so a
change of one of them is a change of the contract with the channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Any

DAYS_PER_MONTH = 30.4375
MAX_AGE_MONTHS = 36.0


class Level(str, Enum):
    """How soon somebody must see the baby. Compare by `rank`, highest is most urgent."""

    NONE = "none"
    ROUTINE = "routine"
    CHECK = "check"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """Return the place in the order of urgency, 0 (none) to 4 (emergency)."""
        return list(Level).index(self)

    @classmethod
    def highest(cls, levels: Iterable[Level]) -> Level:
        """Return the most urgent of `levels`, `Level.NONE` when there is none."""
        return max(levels, key=lambda level: level.rank, default=cls.NONE)


class Verdict(str, Enum):
    """What the guide may say about giving one food, product or exposure to this baby."""

    FINE = "fine"
    NOT_YET = "not_yet"
    ASK_CLINICIAN = "ask_clinician"
    AVOID = "avoid"
    UNKNOWN_AGE = "unknown_age"


TOPICS = (
    "gut_skin_axis",
    "gut_barrier",
    "dysbiosis",
    "faecalibacterium",
    "enterobacteriaceae",
    "akkermansia",
    "microbiome_testing",
    "test_results",
    "breastfeeding",
    "formula_feeding",
    "starting_solids",
    "meat_stock",
    "sauerkraut_brine",
    "kefir",
    "fermented_vegetables",
    "probiotics",
    "skin_irritants",
    "processed_foods",
    "microbial_exposure",
    "eczema_symptoms",
    "digestive_symptoms",
    "food_allergy",
    "frequent_illness",
    "first_1000_days",
    "prevention",
    "medication",
    "out_of_scope",
)

FEEDING_TYPES = ("breast", "formula", "mixed", "solids")

CONDITIONS = (
    "preterm",
    "low_birth_weight",
    "immune_problem",
    "central_line",
    "short_bowel",
    "tube_fed",
    "heart_disease",
    "kidney_disease",
    "faltering_growth",
    "milk_allergy",
    "egg_allergy",
    "peanut_allergy",
    "soy_allergy",
    "other_food_allergy",
    "fpies",
    "eczema",
    "severe_eczema",
    "antibiotics",
    "ill_now",
    "not_ready_for_solids",
    "solids_started",
    "exclusion_diet",
    "unvaccinated",
    "vaccinated_48h",
)


ILL_NOW = "ill_now"
"""The condition of a baby with a fever or a bug: it passes."""

FEVER_C = 38.0
"""From here a reading in °C is a fever (NICE NG143)."""

LOW_C = 36.0
"""Below it a reading in °C is too low for a baby (clinical-reference 1.2, HT-FEVER-OX)."""


@dataclass(frozen=True)
class Facts:
    """What the parent has told about the baby so far.

    Attributes:
        age_months: age in months on the day `age_told_on`, or None when it was not told.
        age_told_on: the day on which `age_months` was true.
        corrected_by_months: months to subtract for a baby born early (0 when born at term).
        feeding_type: one of `FEEDING_TYPES`, or None.
        conditions: ids out of `CONDITIONS` that hold now.
        cleared: ids out of `CONDITIONS` that the parent has ruled out.
        symptoms: ids of symptoms from the lexicon, in the order told.
        temperature_c: the last temperature told, in °C.
        other_born_on: the day of birth of another child, the youngest told of, or None.
        other_word: what that child was called ("sister").
        older_ill_on: the day on which a fever was told of an older child, or None.
        country: ISO 3166 code ("GB"), "EU", or None.
        age_declined: the parent would rather not tell the age.
        reacted: ids of items that a reaction in the food diary followed. It stands in the diary and
            not in a slot of its own.
    """

    age_months: float | None = None
    age_told_on: date | None = None
    corrected_by_months: float = 0.0
    feeding_type: str | None = None
    conditions: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()
    symptoms: tuple[str, ...] = ()
    temperature_c: float | None = None
    other_born_on: date | None = None
    other_word: str = ""
    older_ill_on: date | None = None
    country: str | None = None
    age_declined: bool = False
    reacted: frozenset[str] = frozenset()

    def age_on(self, today: date) -> float | None:
        """Return the age in months since birth on `today`: an age told once keeps growing."""
        if self.age_months is None:
            return None
        if self.age_told_on is None:
            return self.age_months
        return self.age_months + (today - self.age_told_on).days / DAYS_PER_MONTH

    def safe_age_on(self, today: date) -> float | None:
        """Return the age in months to use for thresholds: corrected for a baby born early."""
        age = self.age_on(today)
        return None if age is None else max(0.0, age - self.corrected_by_months)

    def other_on(self, today: date) -> float | None:
        """Return the age in months of the youngest other child on `today`."""
        if self.other_born_on is None:
            return None
        return (today - self.other_born_on).days / DAYS_PER_MONTH

    def to_slots(self) -> dict[str, Any]:
        """Return the facts as JSON-ready Rasa slot values, by slot name."""
        return {
            "age_months": None if self.age_months is None else round(self.age_months, 2),
            "age_told_on": self.age_told_on.isoformat() if self.age_told_on else None,
            "corrected_by_months": self.corrected_by_months,
            "feeding_type": self.feeding_type,
            "conditions": sorted(self.conditions),
            "cleared": sorted(self.cleared),
            "symptoms": list(self.symptoms),
            "temperature_c": self.temperature_c,
            "other_born_on": self.other_born_on.isoformat() if self.other_born_on else None,
            "other_word": self.other_word,
            "older_ill_on": self.older_ill_on.isoformat() if self.older_ill_on else None,
            "country": self.country,
            "age_declined": self.age_declined,
        }

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> Facts:
        """Read the facts back from slot values; unknown or empty slots are "not told"."""
        return cls(
            age_months=slots.get("age_months"),
            age_told_on=_day(slots.get("age_told_on")),
            corrected_by_months=slots.get("corrected_by_months") or 0.0,
            feeding_type=slots.get("feeding_type") or None,
            conditions=frozenset(slots.get("conditions") or ()),
            cleared=frozenset(slots.get("cleared") or ()),
            symptoms=tuple(slots.get("symptoms") or ()),
            temperature_c=slots.get("temperature_c"),
            other_born_on=_day(slots.get("other_born_on")),
            other_word=slots.get("other_word") or "",
            older_ill_on=_day(slots.get("older_ill_on")),
            country=slots.get("country") or None,
            age_declined=bool(slots.get("age_declined")),
        )

    def with_(self, **changes: Any) -> Facts:
        """Return a copy with `changes`."""
        return replace(self, **changes)


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


@dataclass(frozen=True)
class Question:
    """One message of the parent, understood: what an answer is composed from.

    Attributes:
        text: the message as the parent typed it.
        topics: topic ids, the most important first; never empty.
        items: ids of the foods, products and exposures named, in the order of the message.
        as_drink: the parent means to give it as a drink or in a bottle.
        instead_of_milk: the parent means to give it in place of breast milk or formula.
        asked_age_months: the age that the question is about when it isn't today's
            ("when she's 8 months"), in months.
        supposed: conditions that the question only supposes ("what if she's allergic to milk?").
        before: the words of the questions that it follows ("and for how long?"), "" for none; of
            a long talk the last ones.
    """

    text: str
    topics: tuple[str, ...]
    items: tuple[str, ...] = ()
    as_drink: bool = False
    instead_of_milk: bool = False
    asked_age_months: float | None = None
    supposed: frozenset[str] = frozenset()
    before: str = ""


@dataclass(frozen=True)
class Button:
    """A quick reply: what the parent sees, and what is sent back."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One message to the parent, with all that a channel or a reviewer needs to know of it.

    `card` holds the same words by section for channels that can show more than text: keys out of
    `title`, `do`, `guide`, `evidence`, `clinician`, `sources`, `note`.
    """

    text: str
    level: Level = Level.ROUTINE
    topics: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    card: Mapping[str, Any] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        """Return the metadata that goes with the message on every channel."""
        return {
            "escalation": self.level.value,
            "topics": list(self.topics),
            "claims": list(self.claims),
            "rules": list(self.rules),
            "verdicts": {item: verdict.value for item, verdict in self.verdicts.items()},
            **({"card": dict(self.card)} if self.card else {}),
        }
