"""The plan: order, length, and that it never offers what the gates hold back."""

from __future__ import annotations

import itertools
import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from guide.content import load_content
from guide.gates import load_gates
from guide.model import CONDITIONS, FEEDING_TYPES, Facts, Level, Question, Reply, Verdict
from guide.plan import load_plan

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 3, 1)
CONTENT = load_content(DATA)
GATES = load_gates(DATA / "gates", CONTENT.sources, CONTENT.topics)
PLANNER = load_plan(DATA, CONTENT, GATES)
AGES = (None, 0.0, 0.5, 1.9, 2.9, 3.0, 4.0, 5.9, 6.0, 8.9, 9.0, 11.9, 12.0, 18.0, 24.0, 36.9, 37.0)
LABELS = {"meat_stock": "no-salt stock", "kefir": "milk kefir", "water_kefir": "water kefir"}


def babies() -> list[Facts]:
    single = [frozenset([one]) for one in CONDITIONS]
    pairs = [frozenset(pair) for pair in itertools.combinations(("preterm", "ill_now", "fpies"), 2)]
    told = [frozenset(), *single, *pairs, frozenset(CONDITIONS)]
    return [
        Facts(age_months=age, conditions=conditions, feeding_type=feeding)
        for age, conditions, feeding in itertools.product(AGES, told, (None, *FEEDING_TYPES[:2]))
    ]


@cache
def short(facts: Facts) -> Reply:
    return PLANNER.short(facts, TODAY)


def test_the_short_plan_is_short_for_every_baby() -> None:
    longest = max(babies(), key=lambda facts: len(short(facts).text.split()))
    assert len(short(longest).text.split()) <= 120, longest


def test_nothing_held_back_is_called_fine_for_now() -> None:
    for facts in babies():
        reply = short(facts)
        now = re.search(r"meals: now: ([^.]*)\.", reply.text)
        offered = now.group(1) if now else ""
        for item, label in LABELS.items():
            if label in offered:
                assert reply.verdicts[item] is Verdict.FINE, (facts, reply.text)


def test_the_verdicts_are_those_of_the_gates() -> None:
    question = Question("", ("starting_solids",))
    for facts in babies():
        verdicts = short(facts).verdicts
        judged = GATES.verdicts(tuple(verdicts), facts, TODAY, question)
        assert {one.item: one.verdict for one in judged} == dict(verdicts)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(age_months=2), "from 6 months: no-salt stock and milk kefir."),
        (Facts(age_months=2), "From 9 months: fermented vegetables."),
        (Facts(age_months=7), "From 12 months: a taste of sauerkraut brine."),
        (Facts(age_months=7), "Leave out: water kefir."),
        (
            Facts(age_months=8, conditions=frozenset({"ill_now"})),
            "once your baby is well: no-salt stock and milk kefir.",
        ),
        (
            Facts(age_months=9, conditions=frozenset({"milk_allergy"})),
            "Leave out: milk kefir and water kefir.",
        ),
        (
            Facts(age_months=5, conditions=frozenset({"preterm"}), corrected_by_months=2),
            "Later, after asking your doctor: milk kefir, fermented vegetables",
        ),
        (Facts(), "once I know the age: no-salt stock"),
        (Facts(age_months=2, feeding_type="breast"), "2. Feed: breast milk is all"),
        (Facts(age_months=2, feeding_type="formula"), "2. Feed: any first infant formula"),
        (Facts(age_months=0.5), "For your baby, 2 weeks old:"),
        (Facts(age_months=8.7), "For your baby, 8 months old:"),
        (
            Facts(age_months=5, conditions=frozenset({"preterm"}), corrected_by_months=2),
            "counted as 3 months for the early birth",
        ),
        (Facts(age_months=14, conditions=frozenset({"severe_eczema"})), "Severe eczema: see"),
        (Facts(age_months=40), "up to 36 months"),
    ],
)
def test_the_plan_fits_the_baby(facts: Facts, expected: str) -> None:
    assert expected in PLANNER.short(facts, TODAY).text


def test_skin_care_comes_first_and_the_five_steps_in_the_guide_s_order() -> None:
    text = PLANNER.short(Facts(age_months=7), TODAY).text
    order = ["moisturise", "1. Test", "2. Feed", "3. Foods", "4. Probiotics", "5. Triggers"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_the_whole_plan_answers_every_step_and_no_message_is_endless() -> None:
    replies = PLANNER.whole(Facts(age_months=7), TODAY)
    claims = {claim for reply in replies for claim in reply.claims}
    assert {one for one in claims if one.startswith("D")} >= {
        "D1", "D2a", "D2b", "D2c", "D3", "D3a", "D3b", "D3c", "D3d", "D4", "D4a", "D4b", "D5a",
        "D5b", "D5c",
    }  # fmt: skip
    assert len(replies) == 3
    assert all(len(reply.text.split()) <= 210 for reply in replies)
    for reply in replies:
        assert reply.text.count("The guide suggests") == reply.text.count("What is known")
    assert {"egg", "peanut"} <= set(replies[1].verdicts)


def test_severe_eczema_asks_about_peanut_now_and_never_says_avoid() -> None:
    facts = Facts(age_months=7, conditions=frozenset({"severe_eczema"}))
    foods = PLANNER.whole(facts, TODAY)[1]
    assert foods.verdicts["peanut"] is Verdict.ASK_CLINICIAN
    assert (
        "ask your doctor now" in foods.text.lower() or "ask your doctor first" in foods.text.lower()
    )


def test_the_plan_is_guidance_and_offers_the_whole() -> None:
    reply = PLANNER.short(Facts(age_months=7), TODAY)
    assert reply.level is Level.ROUTINE
    assert reply.topics[0] == "eczema_symptoms"
    assert reply.buttons[0].payload == '/ask_plan{"whole":"yes"}'
    assert len(reply.buttons) <= 4
