"""Findings and facts in, level out: one table, then the finer rules."""

from typing import Any

import pytest
from pydantic import ValidationError

from guide.lexicon import Criterion, Lexicon, Sign
from guide.model import Level
from guide.triage import Situation, triage

TABLE: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    ({}, "none", ()),
    ({"present": {"rash"}}, "none", ()),
    # any, all
    ({"present": {"not_breathing"}}, "emergency", ("breathing",)),
    ({"present": {"wheeze"}}, "urgent", ("wheezing",)),
    ({"present": {"wheeze", "poor_feeding"}}, "emergency", ("breathing",)),
    # age thresholds; an age that nobody told meets none of them
    ({"present": {"fever"}, "age_months": 2.9}, "emergency", ("young_fever",)),
    ({"present": {"fever"}, "age_months": 3.0}, "none", ()),
    ({"present": {"fever"}}, "none", ()),
    ({"present": {"honey", "weak"}, "age_months": 11.9}, "emergency", ("weak_after_honey",)),
    ({"present": {"honey", "weak"}, "age_months": 12.0}, "none", ()),
    ({"present": {"rash", "fever"}, "age_months": 8.0}, "check", ("rash_and_fever",)),
    ({"present": {"rash", "fever"}, "age_months": 2.0}, "emergency", ("young_fever",)),
    # temperature
    (
        {"temperature_c": 38.0, "age_months": 1.0, "new": {"temperature"}},
        "emergency",
        ("young_fever",),
    ),
    ({"temperature_c": 37.9, "age_months": 1.0, "new": {"temperature"}}, "none", ()),
    ({"temperature_c": 39.0, "age_months": 5.0, "new": {"temperature"}}, "none", ()),
    # two of
    ({"present": {"vomiting", "dry_mouth"}}, "none", ()),
    ({"present": {"vomiting", "dry_mouth", "no_tears"}}, "urgent", ("drying_out",)),
    ({"present": {"dry_mouth", "no_tears"}}, "none", ()),
    # how long
    ({"present": {"fever"}, "lasting": {"fever": 119.0}, "age_months": 9.0}, "none", ()),
    ({"present": {"fever"}, "lasting": {"fever": 120.0}, "age_months": 9.0}, "urgent",
     ("long_fever",)),
    # the most urgent level is given, all of its signs in the lexicon's order
    ({"present": {"bad_colour", "not_breathing", "wheeze"}}, "emergency", ("breathing", "colour")),
]  # fmt: skip


def _situation(**parts: Any) -> Situation:
    present = frozenset(parts.pop("present", ()))
    new = frozenset(parts.pop("new", present))
    sets = {
        name: frozenset(parts.pop(name))
        for name in ("uncertain", "ended", "imagined", "conditions")
        if name in parts
    }
    return Situation(present=present, new=new, **sets, **parts)


def _meant_by(sign: Sign, criterion: Criterion) -> Sign:
    return Sign(**{**sign.dict(), "when": (criterion,)})


@pytest.mark.parametrize(("parts", "level", "signs"), TABLE)
def test_level(lexicon: Lexicon, parts: dict[str, Any], level: str, signs: tuple[str, ...]) -> None:
    outcome = triage(lexicon, _situation(**parts))
    assert (outcome.level.value, outcome.signs) == (level, signs)


def test_a_sign_is_not_said_again_without_news(lexicon: Lexicon) -> None:
    old = _situation(present={"wheeze"}, new=set())
    assert triage(lexicon, old).level is Level.NONE


def test_a_sign_is_said_when_the_second_half_of_it_arrives(lexicon: Lexicon) -> None:
    outcome = triage(lexicon, _situation(present={"wheeze", "poor_feeding"}, new={"poor_feeding"}))
    assert outcome.signs == ("breathing",)


def test_an_age_told_later_completes_a_sign(lexicon: Lexicon) -> None:
    outcome = triage(lexicon, _situation(present={"fever"}, age_months=2.0, new={"age"}))
    assert outcome.level is Level.EMERGENCY


def test_what_is_uncertain_asks_for_a_check(lexicon: Lexicon) -> None:
    outcome = triage(lexicon, _situation(uncertain={"not_breathing"}))
    assert (outcome.level, outcome.signs, outcome.asked) == (Level.CHECK, (), ("breathing",))


def test_what_is_uncertain_is_not_asked_beside_an_emergency(lexicon: Lexicon) -> None:
    outcome = triage(lexicon, _situation(present={"bad_colour"}, uncertain={"not_breathing"}))
    assert (outcome.level, outcome.asked) == (Level.EMERGENCY, ())


def test_an_emergency_that_ended_yesterday_is_urgent(lexicon: Lexicon) -> None:
    outcome = triage(lexicon, _situation(ended={"not_breathing"}))
    assert (outcome.level, outcome.signs) == (Level.URGENT, ("breathing",))


def test_an_urgent_sign_that_ended_raises_nothing(lexicon: Lexicon) -> None:
    assert triage(lexicon, _situation(ended={"wheeze"})).level is Level.NONE


def test_what_is_imagined_raises_nothing_but_is_noticed(lexicon: Lexicon) -> None:
    outcome = triage(lexicon, _situation(imagined={"not_breathing"}))
    assert (outcome.level, outcome.imagined) == (Level.NONE, True)


def test_the_baby_comes_before_the_carer(lexicon: Lexicon) -> None:
    outcome = triage(lexicon, _situation(present={"carer_crisis", "not_breathing"}))
    assert (outcome.signs, outcome.carer_signs) == (("breathing",), ("carer",))


def test_the_carer_alone_gets_the_carers_words(lexicon: Lexicon) -> None:
    outcome = triage(lexicon, _situation(present={"carer_crisis"}))
    assert (outcome.signs, outcome.carer_signs) == (("carer",), ())


@pytest.mark.parametrize(
    ("country", "level"),
    [("AU", Level.EMERGENCY), ("GB", Level.NONE), (None, Level.NONE)],
)
def test_a_criterion_may_hold_in_some_countries(
    lexicon: Lexicon, country: str | None, level: Level
) -> None:
    sign = lexicon.signs["colour"]
    only = _meant_by(sign, Criterion(all=("rash",), countries=("AU",)))
    there = lexicon.copy(update={"signs": {"colour": only}})
    assert triage(there, _situation(present={"rash"}, country=country)).level is level


@pytest.mark.parametrize(("country", "level"), [("AU", Level.NONE), ("GB", Level.EMERGENCY)])
def test_a_criterion_may_leave_countries_out(lexicon: Lexicon, country: str, level: Level) -> None:
    sign = lexicon.signs["colour"]
    criterion = Criterion(all=("rash",), not_countries=("AU",))
    there = lexicon.copy(update={"signs": {"colour": _meant_by(sign, criterion)}})
    assert triage(there, _situation(present={"rash"}, country=country)).level is level


def test_a_condition_may_be_part_of_a_criterion(lexicon: Lexicon) -> None:
    sign = lexicon.signs["colour"]
    criterion = Criterion(all=("fever",), conditions=("immune_problem",))
    there = lexicon.copy(update={"signs": {"colour": _meant_by(sign, criterion)}})
    fever = {"present": {"fever"}, "age_months": 9.0}
    assert triage(there, _situation(**fever)).level is Level.NONE
    ill = _situation(**fever, conditions={"immune_problem", "eczema"})
    assert triage(there, ill).level is Level.EMERGENCY


def test_none_cancels_a_criterion(lexicon: Lexicon) -> None:
    sign = lexicon.signs["colour"]
    criterion = Criterion(any=("bad_colour",), none=("rash",))
    there = lexicon.copy(update={"signs": {"colour": _meant_by(sign, criterion)}})
    assert triage(there, _situation(present={"bad_colour"})).level is Level.EMERGENCY
    assert triage(there, _situation(present={"bad_colour", "rash"})).level is Level.NONE


@pytest.mark.parametrize(
    "parts", [{}, {"age_below": 3}, {"none": ["fever"]}, {"all": ["fever"], "conditions": ["x"]}]
)
def test_a_criterion_that_sees_nothing_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Criterion(**parts)
