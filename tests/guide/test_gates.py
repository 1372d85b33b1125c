"""Gates: the loader's messages, and single verdicts that parents ask about most."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from guide.content import load_content
from guide.gates import GateResult, Gates, load_gates
from guide.model import Facts, Question, Verdict
from guide.yaml_file import DataError

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 3, 1)

SMALL = """
flags: {food: eaten}
items:
  pear:
    title: pear
    topic: starting_solids
    names: [pear]
    flags: [food]
    ages:
      - from: 6
        verdict: fine
        say: Soft pear is fine.
    age_unknown: Pear fits from about 6 months.
gates:
  G_YOUNG:
    title: Under 6 months
    when: {age_below: 6}
    to: {flags: [food]}
    verdict: not_yet
    say: "Not yet for {item}."
    instead: Keep to milk.
  G_NO_AGE:
    title: Age not told
    when: {age_unknown: true}
    to: {everything: true}
    verdict: unknown_age
    say: It depends.
    instead: Tell me the age.
    asks: [age_months]
"""


@pytest.fixture(scope="module")
def gates() -> Gates:
    content = load_content(DATA)
    return load_gates(DATA / "gates", content.sources, content.topics)


def small(folder: Path, text: str = SMALL) -> Gates:
    (folder / "all.yml").write_text(text, encoding="utf-8")
    return load_gates(folder, {}, ["starting_solids"])


def one(gates: Gates, item: str, facts: Facts, **asked: object) -> GateResult:
    (result,) = gates.verdicts([item], facts, TODAY, Question("", ("kefir",), **asked))
    return result


@pytest.mark.parametrize(
    ("item", "age", "conditions", "cleared", "verdict"),
    [
        ("kefir", 5.8, [], [], "not_yet"),
        ("kefir", 10, [], [], "fine"),
        ("kefir", None, [], [], "unknown_age"),
        ("kefir", None, ["preterm"], [], "ask_clinician"),
        ("kefir", 11, ["ill_now"], [], "not_yet"),
        ("kefir", 9, ["severe_eczema"], [], "ask_clinician"),
        ("kefir", 18, ["milk_allergy"], [], "avoid"),
        ("kefir", 7, [], ["solids_started"], "not_yet"),
        ("water_kefir", None, [], [], "avoid"),
        ("probiotics", None, [], [], "ask_clinician"),
        ("probiotics", 2, ["preterm"], [], "ask_clinician"),
        ("sauerkraut_brine", 11.9, [], [], "avoid"),
        ("fermented_vegetables", 8, [], [], "not_yet"),
        ("peanut", 7, [], [], "fine"),
        ("peanut", 7, ["eczema"], [], "ask_clinician"),
        ("peanut", 7, ["eczema"], ["severe_eczema"], "fine"),
        ("peanut", 5, ["severe_eczema"], [], "ask_clinician"),
        ("peanut", 5, [], [], "not_yet"),
        ("peanut", 9, ["peanut_allergy"], [], "avoid"),
        ("egg", 8, ["egg_allergy"], [], "avoid"),
        ("honey", 11.5, [], [], "avoid"),
        ("honey", 12, [], [], "fine"),
        ("honey", 13, ["preterm"], [], "ask_clinician"),
        ("cows_milk_drink", 13, [], [], "fine"),
        ("hmo_formula", 1, [], [], "fine"),
        ("hmo_formula", 1, ["preterm"], [], "ask_clinician"),
        ("animals_and_dirt", None, [], [], "fine"),
        ("kefir", 40, [], [], "ask_clinician"),
    ],
)
def test_the_verdict_fits_this_baby(
    gates: Gates,
    item: str,
    age: float | None,
    conditions: list[str],
    cleared: list[str],
    verdict: str,
) -> None:
    facts = Facts(age_months=age, conditions=frozenset(conditions), cleared=frozenset(cleared))
    assert one(gates, item, facts).verdict == verdict


def test_an_age_told_once_keeps_growing(gates: Gates) -> None:
    facts = Facts(age_months=5.5, age_told_on=TODAY - timedelta(days=30))
    assert one(gates, "kefir", facts).verdict is Verdict.FINE


def test_kefir_is_no_drink_and_no_feed_before_12_months(gates: Gates) -> None:
    facts = Facts(age_months=8)
    assert one(gates, "kefir", facts, as_drink=True).verdict is Verdict.NOT_YET
    assert one(gates, "kefir", facts, instead_of_milk=True).verdict is Verdict.NOT_YET
    assert one(gates, "meat_stock", Facts(), as_drink=True).verdict is Verdict.AVOID
    older = Facts(age_months=35)
    assert one(gates, "kefir", older, as_drink=True).verdict is Verdict.FINE


def test_today_s_illness_does_not_hold_back_a_question_on_a_later_age(gates: Gates) -> None:
    facts = Facts(age_months=6, conditions=frozenset({"ill_now"}))
    assert one(gates, "kefir", facts, asked_age_months=10).verdict is Verdict.FINE
    assert one(gates, "kefir", facts).verdict is Verdict.NOT_YET


def test_the_facts_that_would_change_the_answer_are_named(gates: Gates) -> None:
    assert one(gates, "kefir", Facts()).unknown == ("age_months",)
    assert "milk_allergy" in one(gates, "kefir", Facts(age_months=9)).unknown
    cleared = Facts(age_months=9, cleared=frozenset({"milk_allergy"}))
    assert "milk_allergy" not in one(gates, "kefir", cleared).unknown
    eczema = Facts(age_months=7, conditions=frozenset({"eczema"}))
    assert one(gates, "peanut", eczema).unknown == ("severe_eczema",)


def test_not_yet_does_not_hide_that_a_clinician_must_be_asked(gates: Gates) -> None:
    facts = Facts(age_months=9, conditions=frozenset({"ill_now", "central_line"}))
    result = one(gates, "kefir", facts)
    assert result.verdict is Verdict.NOT_YET
    assert "own doctor" in result.say


def test_unknown_items_are_left_out(gates: Gates) -> None:
    assert gates.verdicts(["moon cheese"], Facts(), TODAY, Question("", ("kefir",))) == ()


def test_a_new_food_is_one_entry(tmp_path: Path) -> None:
    loaded = small(tmp_path)
    assert one(loaded, "pear", Facts(age_months=7)).verdict is Verdict.FINE
    assert one(loaded, "pear", Facts(age_months=5)).say == "Not yet for pear."
    assert one(loaded, "pear", Facts()).say == "Pear fits from about 6 months."


@pytest.mark.parametrize(
    ("wrong", "right", "line", "says"),
    [
        ("    title: pear", "    titel: pear", 5, "rename it to 'title'"),
        ("verdict: fine", "verdict: fin", 11, "verdict"),
        ("flags: [food]\n    ages", "flags: [fod]\n    ages", 8, "did you mean 'food'"),
        ("topic: starting_solids", "topic: starting_solid", 6, "'starting_solids'"),
        ("from: 6", "from: six", 10, "write a number"),
        ("to: {flags: [food]}", "to: {}", 18, "applies to no item"),
        ("when: {age_below: 6}", "when: {}", 17, "has no condition"),
        ("when: {age_below: 6}", "when: {any: [pretrem]}", 17, "did you mean 'preterm'"),
        ("verdict: not_yet\n    say", "verdict: fine\n    say", 19, "only holds back"),
        ("    instead: Keep to milk.\n", "", 15, "'instead' is missing"),
        ("    age_unknown: Pear fits from about 6 months.\n", "", 4, "age_unknown"),
        ("from: 6", "from: 7", 9, "no rule says whether pear"),
        ("say: It depends.", "say: It: depends", 27, "not valid YAML"),
        ("asks: [age_months]", "sources: [NHS]", 29, "there is no source 'NHS'"),
    ],
)
def test_an_editor_s_mistake_is_told_with_line_and_fix(
    tmp_path: Path, wrong: str, right: str, line: int, says: str
) -> None:
    assert wrong in SMALL
    with pytest.raises(DataError) as caught:
        small(tmp_path, SMALL.replace(wrong, right, 1))
    told = [problem for problem in caught.value.problems if says in str(problem)]
    assert told, str(caught.value)
    assert told[0].line == line
    assert told[0].file.endswith("all.yml")
    assert told[0].fix


@pytest.mark.parametrize(
    ("reacted", "item", "age", "verdict", "rule"),
    [
        ({"kefir"}, "kefir", 8, Verdict.ASK_CLINICIAN, "G_REACTED"),
        ({"kefir"}, "yoghurt", 8, Verdict.ASK_CLINICIAN, "G_REACTED_MILK"),
        ({"kefir"}, "egg", 8, Verdict.FINE, "G_AGE.egg.6"),
        ({"kefir"}, "kefir", 3, Verdict.NOT_YET, "G_AGE_LT4M"),
        ({"egg"}, "egg", 8, Verdict.ASK_CLINICIAN, "G_REACTED"),
        ({"egg"}, "kefir", 8, Verdict.FINE, "G_AGE.kefir.6"),
        (set(), "kefir", 8, Verdict.FINE, "G_AGE.kefir.6"),
    ],
)
def test_a_food_that_something_followed_waits_for_the_doctor(
    gates: Gates, reacted: set[str], item: str, age: float, verdict: Verdict, rule: str
) -> None:
    result = one(gates, item, Facts(age_months=age, reacted=frozenset(reacted)))
    assert (result.verdict, result.rules[0]) == (verdict, rule)


def test_a_rash_round_the_mouth_may_be_irritation_and_both_are_said(gates: Gates) -> None:
    result = one(gates, "kefir", Facts(age_months=8, reacted=frozenset({"kefir"})))
    assert "before your doctor has agreed" in result.say
    assert "only round the mouth" in result.say
    assert "irritation" in result.say
