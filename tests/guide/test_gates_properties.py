"""Nothing forbidden is ever offered: over every age, food and combination of conditions.

The table below restates sections 2.1 to 2.5 of the clinical reference in plain Python, apart from
the data. It says for each case which verdicts are right, and a mutation of any gate or age band
must make it disagree.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from guide.content import load_content
from guide.gates import STRICTNESS, Band, Gate, GateResult, Gates, When, load_gates
from guide.model import CONDITIONS, Facts, Question, Verdict

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 3, 1)

FINE, NOT_YET, ASK, AVOID, UNKNOWN = (
    Verdict.FINE,
    Verdict.NOT_YET,
    Verdict.ASK_CLINICIAN,
    Verdict.AVOID,
    Verdict.UNKNOWN_AGE,
)

# ---------------------------------------------------------------- the table, by item
ALWAYS_AVOID = set(
    "water_kefir homemade_formula raw_milk stock_cubes juice kombucha choking_foods mould_cheese "
    "reptiles_and_poultry eating_soil".split()
)
ALWAYS_ASK = set(
    "probiotics special_formula soy_formula herbal_tea supplements vitamin_d_dose".split()
)
AVOID_BEFORE_12 = {"honey", "sugar", "salt", "sauerkraut_brine"}
NOT_BEFORE_12 = {"cows_milk_drink", "goat_milk_drink", "plant_milk_drink"}
NOT_BEFORE_9 = {"fermented_vegetables"}
FROM_BIRTH = {"hmo_formula", "goat_formula", "animals_and_dirt"}
FROM_6 = set(
    "kefir milk_kefir meat_stock peanut egg tree_nuts fish wheat soy sesame yoghurt cheese solids "
    "fruit_puree vegetables meat pulses oats rice_cereal".split()
)
EATEN = FROM_6 | NOT_BEFORE_12 | NOT_BEFORE_9 | AVOID_BEFORE_12
LIVE = set(
    "kefir milk_kefir water_kefir sauerkraut_brine fermented_vegetables probiotics raw_milk "
    "kombucha mould_cheese".split()
)
MILK = set("kefir milk_kefir yoghurt cheese cows_milk_drink goat_milk_drink goat_formula".split())
SALTY = set("meat_stock sauerkraut_brine fermented_vegetables salt stock_cubes".split())
FORMULA = set("hmo_formula goat_formula special_formula soy_formula".split())
ALLERGENS = set("peanut egg tree_nuts fish wheat soy sesame".split())
FOOD_ALLERGIES = set(
    "milk_allergy egg_allergy peanut_allergy soy_allergy other_food_allergy fpies".split()
)
HIGH_RISK = set(
    "preterm low_birth_weight immune_problem central_line short_bowel tube_fed "
    "heart_disease".split()
)
LOW_IMMUNITY = {"immune_problem", "central_line", "short_bowel"}

# item -> conditions under which it needs the baby's own clinician at least
ASK_WHEN: dict[str, set[str]] = {
    **{
        item: HIGH_RISK
        | FOOD_ALLERGIES
        | {"severe_eczema", "kidney_disease", "faltering_growth", "exclusion_diet", "antibiotics"}
        for item in LIVE
    },
    "yoghurt": {*LOW_IMMUNITY, "fpies"},
    "animals_and_dirt": LOW_IMMUNITY,
    "solids": {"tube_fed", "short_bowel"},
    "meat_stock": {"kidney_disease", "faltering_growth", "exclusion_diet"},
    "salt": {"kidney_disease", "heart_disease"},
    "stock_cubes": {"kidney_disease"},
    **{
        item: (HIGH_RISK | {"kidney_disease", "faltering_growth", "exclusion_diet"})
        | {"milk_allergy", "fpies"}
        for item in ("hmo_formula", "goat_formula")
    },
    **{item: {"fpies"} for item in ("cheese", "cows_milk_drink", "goat_milk_drink", "oats")},
    "rice_cereal": {"fpies"},
    "plant_milk_drink": {"soy_allergy", "other_food_allergy", "peanut_allergy"},
    **{item: {"fpies", "other_food_allergy"} for item in ALLERGENS},
}
ASK_WHEN["tree_nuts"] = ASK_WHEN["tree_nuts"] | {"peanut_allergy"}
ASK_WHEN["peanut"] = ASK_WHEN["peanut"] | {
    "milk_allergy",
    "soy_allergy",
    "severe_eczema",
    "egg_allergy",
}
ASK_WHEN["egg"] = ASK_WHEN["egg"] | {"severe_eczema"}
AVOID_WHEN: dict[str, set[str]] = {
    **{item: {"milk_allergy"} for item in MILK},
    "peanut": {"peanut_allergy"},
    "egg": {"egg_allergy"},
    "soy": {"soy_allergy"},
}


def base(item: str, age: float) -> Verdict:
    """Return the verdict for a healthy baby of `age` months."""
    if item in ALWAYS_AVOID or (item in AVOID_BEFORE_12 and age < 12):
        return AVOID
    if item in ALWAYS_ASK or age >= 37:
        return ASK
    first = {**dict.fromkeys(NOT_BEFORE_12, 12), **dict.fromkeys(NOT_BEFORE_9, 9)}
    if item in EATEN and age < first.get(item, 6):
        return NOT_YET
    return FINE


@cache
def expected(
    item: str,
    age: float | None,
    conditions: frozenset[str] = frozenset(),
    cleared: frozenset[str] = frozenset(),
    uses: frozenset[str] = frozenset(),
) -> Verdict:
    """Return the right verdict by the reference, independent of the data files."""
    if age is None:
        ages = [0, 2, 4, 5, 6, 7, 9, 10, 12, 20, 36]
        by_age = {expected(item, each, conditions, cleared, uses) for each in ages}
        if len(by_age) == 1:
            return by_age.pop()
        held = strictest(timeless(item, conditions, cleared, uses))
        return strictest([held, UNKNOWN])
    found = [base(item, age), *timeless(item, conditions, cleared, uses)]
    if age < 12 and "swap" in uses and item in EATEN:
        found.append(NOT_YET)
    if age < 12 and "drink" in uses and item in {"kefir", "milk_kefir", "yoghurt"}:
        found.append(NOT_YET)
    if (
        age < 12
        and "solids_started" in cleared
        and item
        in {
            "kefir",
            "milk_kefir",
            "fermented_vegetables",
        }
    ):
        found.append(NOT_YET)
    if early_route(item, age, conditions, cleared):
        found = [ASK, *(one for one in found[1:])]
    if "preterm" in conditions:
        healthy = {strictest(plain(item, each, uses)) for each in (age, max(0.0, age - 4))}
        found += [ASK] if len(healthy) > 1 else []
    return strictest(found)


def plain(item: str, age: float, uses: frozenset[str]) -> list[Verdict]:
    found = [base(item, age), *timeless(item, frozenset(), frozenset(), uses)]
    if age < 12 and (
        ("swap" in uses and item in EATEN)
        or ("drink" in uses and item in {"kefir", "milk_kefir", "yoghurt"})
    ):
        found.append(NOT_YET)
    return found


def open_severity(conditions: frozenset[str], cleared: frozenset[str]) -> bool:
    return "eczema" in conditions and "severe_eczema" not in conditions | cleared


def early_route(item: str, age: float, conditions: frozenset[str], cleared: frozenset[str]) -> bool:
    """Tell whether 4 to 6 months is the age to ask, and not the age to wait (2.5)."""
    if not 4 <= age < 6:
        return False
    if item in {"peanut", "egg"} and conditions & {"severe_eczema", "egg_allergy"}:
        return True
    return item == "peanut" and open_severity(conditions, cleared)


def timeless(
    item: str, conditions: frozenset[str], cleared: frozenset[str], uses: frozenset[str]
) -> list[Verdict]:
    """Return what holds at any age."""
    found = [FINE]
    if conditions & ASK_WHEN.get(item, set()):
        found.append(ASK)
    if item == "peanut" and open_severity(conditions, cleared):
        found.append(ASK)
    if conditions & AVOID_WHEN.get(item, set()):
        found.append(AVOID)
    if item in EATEN and conditions & {"ill_now", "not_ready_for_solids"}:
        found.append(NOT_YET)
    if uses & {"drink", "swap"} and item in {"meat_stock", "sauerkraut_brine"}:
        found.append(AVOID)
    reacted = {use.removeprefix(REACTED) for use in uses if use.startswith(REACTED)}
    if item in reacted or (item in MILK and reacted & MILK):
        found.append(ASK)
    return found


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    return max(verdicts, key=STRICTNESS.index)


# ---------------------------------------------------------------- the cases
AGES: list[float | None] = [
    None, 0, 1, 2.9, 3, 3.7, 3.99, 4, 4.5, 5, 5.99, 6, 6.5, 7, 8, 8.99, 9, 9.5, 10, 11, 11.99, 12,
    12.5, 13, 15, 15.9, 16.1, 18, 24, 30, 35.9, 36, 36.9, 37, 40,
]  # fmt: skip
EDGES: list[float | None] = [
    None,
    2,
    3.9,
    4.1,
    5,
    5.9,
    6.1,
    8,
    8.9,
    9.1,
    11.9,
    12.1,
    20,
    36.9,
    37.1,
]
REACTED = "reacted to "
USES: list[tuple[str, ...]] = [
    (),
    ("drink",),
    ("swap",),
    (f"{REACTED}kefir",),
    (f"{REACTED}egg",),
]


@pytest.fixture(scope="module")
def gates() -> Gates:
    content = load_content(DATA)
    return load_gates(DATA / "gates", content.sources, content.topics)


def judge(
    gates: Gates,
    items: Iterable[str],
    age: float | None,
    conditions: Iterable[str] = (),
    cleared: Iterable[str] = (),
    use: tuple[str, ...] = (),
) -> tuple[GateResult, ...]:
    facts = Facts(
        age_months=age,
        conditions=frozenset(conditions),
        cleared=frozenset(cleared),
        reacted=frozenset(one.removeprefix(REACTED) for one in use if one.startswith(REACTED)),
    )
    question = Question("", ("kefir",), (), as_drink="drink" in use, instead_of_milk="swap" in use)
    return gates.verdicts(list(items), facts, TODAY, question)


def differences(gates: Gates, cases: Iterable[tuple], items: Sequence[str] = ()) -> Iterator[str]:
    """Yield each case where the gates and the table disagree, for `items` or for all."""
    for age, conditions, cleared, use in cases:
        for result in judge(gates, items or gates.items, age, conditions, cleared, use):
            right = expected(
                result.item, age, frozenset(conditions), frozenset(cleared), frozenset(use)
            )
            if result.verdict is not right:
                told = f"{result.verdict} and not {right}"
                yield f"{result.item} {age} {sorted(conditions)} {use}: {told}"
            no_drink = "No drink before 12 months" in result.say
            is_kefir = result.item in {"kefir", "milk_kefir"} and result.verdict is FINE
            if is_kefir and no_drink != (age < 12):
                yield f"{result.item} {age}: {result.say}"
            if age is not None and age < 6 and result.item in FROM_6:
                named = "G_AGE_LT4M" if age < 4 else "G_AGE_4_6M"
                if not {"G_AGE_LT4M", "G_AGE_4_6M"} & {*result.rules} <= {named}:
                    yield f"{result.item} {age}: {result.rules} and not {named}"


def single_cases() -> Iterator[tuple]:
    """Every condition alone, at every edge of age, with and without a use."""
    for age in EDGES:
        for use in USES:
            yield age, (), (), use
        for condition in CONDITIONS:
            yield age, (condition,), (), ()
        yield age, ("eczema",), ("severe_eczema",), ()
        yield age, (), ("solids_started",), ()


# ---------------------------------------------------------------- the tests
def test_the_table_speaks_of_every_item_the_reference_names(gates: Gates) -> None:
    told = ALWAYS_AVOID | ALWAYS_ASK | EATEN | FROM_BIRTH
    assert set(gates.items) - told == set(), "say in the table above what holds for a new item"
    assert told - set(gates.items) == set()


def test_each_condition_alone_gives_the_verdict_of_the_reference(gates: Gates) -> None:
    cases = [
        (age, conditions, cleared, use)
        for age in AGES
        for conditions, cleared, use in {case[1:] for case in single_cases()}
    ]
    assert list(differences(gates, cases))[:10] == []


def test_every_pair_of_conditions_gives_the_verdict_of_the_reference(gates: Gates) -> None:
    cases = [
        (age, pair, (), ())
        for age in (None, 3, 5, 7, 10, 14)
        for pair in itertools.combinations(CONDITIONS, 2)
    ]
    assert list(differences(gates, cases))[:10] == []


MATTERING = (
    "preterm", "immune_problem", "kidney_disease", "milk_allergy", "egg_allergy", "peanut_allergy",
    "fpies", "severe_eczema", "eczema", "ill_now",
)  # fmt: skip


def test_every_combination_of_what_matters_most_is_right(gates: Gates) -> None:
    sets = [
        combination
        for size in range(len(MATTERING) + 1)
        for combination in itertools.combinations(MATTERING, size)
    ]
    ages: list[float | None] = [None, 3, 5, 6.5, 10, 14]
    cases = [(ages[index % 6], each, (), ()) for index, each in enumerate(sets)]
    assert list(differences(gates, cases))[:10] == []


def test_what_is_not_fine_says_what_to_do_instead(gates: Gates) -> None:
    for age, conditions, cleared, use in single_cases():
        for result in judge(gates, gates.items, age, conditions, cleared, use):
            assert result.say
            assert result.rules
            assert "{" not in result.say + result.instead
            assert result.verdict is FINE or result.instead, result
            assert result.sources, result


def test_another_condition_never_makes_the_answer_more_permissive(gates: Gates) -> None:
    # Severe eczema turns "wait with peanut" into "ask now": both hold back, so both count alike.
    rank = {FINE: 0, UNKNOWN: 1, ASK: 2, NOT_YET: 2, AVOID: 3}
    for age in (None, 3, 5, 7, 14):
        alone = {condition: judge(gates, gates.items, age, [condition]) for condition in CONDITIONS}
        healthy = judge(gates, gates.items, age)
        for condition, results in alone.items():
            for before, after in zip(healthy, results, strict=True):
                assert rank[after.verdict] >= rank[before.verdict], (condition, before, after)
            for other in CONDITIONS:
                both = judge(gates, gates.items, age, [condition, other])
                for before, after in zip(results, both, strict=True):
                    if condition == "eczema" and other == "severe_eczema":
                        continue
                    assert rank[after.verdict] >= rank[before.verdict], (condition, other, after)


def test_a_later_age_that_is_asked_about_keeps_the_conditions(gates: Gates) -> None:
    facts = Facts(age_months=5, conditions=frozenset({"milk_allergy"}))
    question = Question("", ("kefir",), asked_age_months=10)
    (result,) = gates.verdicts(["kefir"], facts, TODAY, question)
    assert result.verdict is AVOID
    (result,) = gates.verdicts(["kefir"], Facts(age_months=5), TODAY, question)
    assert result.verdict is FINE


def test_a_baby_born_early_counts_from_the_due_date(gates: Gates) -> None:
    facts = Facts(age_months=8, corrected_by_months=3, conditions=frozenset({"preterm"}))
    results = gates.verdicts(["solids", "vegetables"], facts, TODAY, Question("", ("kefir",)))
    assert {one.verdict for one in results} == {NOT_YET}
    later = Question("", ("kefir",), asked_age_months=13)
    (honey,) = gates.verdicts(["honey"], facts, TODAY, later)
    assert honey.verdict is AVOID


# ---------------------------------------------------------------- mutations
def mutants(gates: Gates) -> Iterator[tuple[str, Gates, list[str]]]:
    """Yield the gates with one thing changed, and the items that this touches."""
    for gate_id, gate in gates.gates.items():
        touched = [one for one, item in gates.items.items() if gate.to.covers(one, item)]
        for name, changed in _gate_mutants(gates, gate):
            others = {**gates.gates}
            if changed is None:
                del others[gate_id]
            else:
                others[gate_id] = changed
            yield f"{gate_id}: {name}", Gates(gates.items, others, gates.flags), touched
    for item_id, item in gates.items.items():
        for index, band in enumerate(item.ages):
            for name, changed_band in _band_mutants(band):
                ages = (*item.ages[:index], changed_band, *item.ages[index + 1 :])
                items = {**gates.items, item_id: item.copy(update={"ages": ages})}
                mutant = Gates(items, gates.gates, gates.flags)
                yield f"{item_id} from {band.from_:g}: {name}", mutant, [item_id]


def _gate_mutants(gates: Gates, gate: Gate) -> Iterator[tuple[str, Gate | None]]:
    yield "removed", None
    when = gate.when
    for part in ("any", "all", "open", "cleared", "use"):
        for one in getattr(when, part):
            rest = tuple(each for each in getattr(when, part) if each != one)
            if rest:
                yield f"{part} less {one}", gate.copy(update={"when": _with(when, part, rest)})
    for part in ("age_from", "age_below"):
        age = getattr(when, part)
        if age is not None:
            for shift in (-0.5, 0.5):
                moved = gate.copy(update={"when": _with(when, part, age + shift)})
                yield f"{part} {shift:+}", moved
    for flag in gate.to.flags:
        rest = tuple(each for each in gate.to.flags if each != flag)
        yield f"to less {flag}", gate.copy(update={"to": gate.to.copy(update={"flags": rest})})
    for item in gate.to.items:
        rest = tuple(each for each in gate.to.items if each != item)
        yield f"to less {item}", gate.copy(update={"to": gate.to.copy(update={"items": rest})})
    if gate.verdict is not FINE:
        yield "fine", gate.copy(update={"verdict": FINE})


def _band_mutants(band: Band) -> Iterator[tuple[str, Band]]:
    for verdict in (FINE, AVOID):
        if verdict is not band.verdict:
            yield verdict.value, band.copy(update={"verdict": verdict})
    if band.from_ > 6:
        for shift in (-0.5, 0.5):
            yield f"{shift:+} months", band.copy(update={"from_": band.from_ + shift})


def _with(when: When, part: str, value: object) -> When:
    return when.copy(update={part: value})


def test_a_change_of_any_one_gate_or_age_is_noticed(gates: Gates) -> None:
    cases = list(single_cases())
    assert not list(differences(gates, cases))
    missed = [
        name
        for name, mutant, touched in mutants(gates)
        if next(differences(mutant, cases, touched), None) is None
    ]
    assert missed == []
