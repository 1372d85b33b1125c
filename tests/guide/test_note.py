"""The note for the doctor: clinical order, only what was told, unknowns named."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from guide.composer import load_words
from guide.context import Status
from guide.knowledge import load_words as load_recogniser_words
from guide.model import CONDITIONS, Facts
from guide.note import NoteFile, Told, load_note_writer, load_skin_quotes
from guide.yaml_file import read_yaml, validated

DATA = Path(__file__).parents[2] / "data"
NAMES = load_words(DATA / "words" / "composer.yml")
RECOGNISER_WORDS = load_recogniser_words(DATA)
LEXICON, RECOGNISER = RECOGNISER_WORDS.lexicon, RECOGNISER_WORDS.recogniser()
QUOTES = load_skin_quotes(DATA, RECOGNISER)
WRITER = load_note_writer(DATA, NAMES, LEXICON)
WORDS = validated(read_yaml(DATA / "words" / "note.yml"), NoteFile).note_words
TODAY = date(2026, 3, 4)
ASKED = next(name for name, sign in LEXICON.signs.items() if sign.question and sign.who == "baby")
DANGER = next(name for name, sign in LEXICON.signs.items() if sign.who == "baby")

FULL = Told(
    facts=Facts(
        age_months=8,
        age_told_on=TODAY,
        corrected_by_months=2,
        feeding_type="breast",
        conditions=frozenset({"preterm", "eczema", "antibiotics", "faltering_growth"}),
        cleared=frozenset({"milk_allergy"}),
        symptoms=("rash", "constipation"),
        temperature_c=37.4,
        country="GB",
    ),
    findings={"rash": "2026-03-04T10:00:00", "constipation": "", "losing_weight": "", "wheeze": ""},
    danger={DANGER: "2026-03-03"},
    asked={ASKED: "no"},
    diary=["3 March: egg", "4 March: kefir; then: itchy"],
    skin_check=("a few dry patches, itches often", "2026-03-04"),
    questions=["can kefir help?", "is egg ok?"],
)


def test_everything_told_stands_in_clinical_order() -> None:
    text = WRITER.text(FULL, TODAY)
    order = [
        "Note for the clinician, 4 March 2026",
        "Age: 8 months; 6 months, corrected for early birth",
        "Feeding: breastfed",
        "Growth worries: slow growth; losing weight",
        "Skin: eczema; a rash (4 March)",
        "Skin check: a few dry patches, itches often (4 March)",
        "Tummy and nappies: constipation",
        "Other symptoms: wheezes",
        "Last temperature told: 37.4 °C",
        "Foods tried and what followed:\n  3 March: egg\n  4 March: kefir; then: itchy",
        "Conditions and treatments: born early; on antibiotics",
        "Ruled out by the parent: milk allergy",
        f"Danger signs told: {LEXICON.signs[DANGER].title} (3 March)",
        "answered no",
        "The parent's own question: “can kefir help?”\n  “is egg ok?”",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "Not told" not in text


def test_what_nobody_told_is_named_and_nothing_is_invented() -> None:
    text = WRITER.text(Told(facts=Facts(age_months=8)), TODAY)
    assert "Not told: feeding, growth worries, skin" in text
    assert "Danger signs told: none told" in text
    assert "eczema" not in text.lower().replace("eczema and", "")
    known = re.sub(r"Not told:.*", "", text)
    for name in CONDITIONS:
        assert NAMES.conditions[name] not in known


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_finds_its_place(condition: str) -> None:
    told = Told(facts=Facts(conditions=frozenset({condition})))
    cleared = Told(facts=Facts(cleared=frozenset({condition})))
    assert NAMES.conditions[condition] in WRITER.text(told, TODAY)
    assert f"Ruled out by the parent: {NAMES.conditions[condition]}" in WRITER.text(cleared, TODAY)


def test_every_finding_of_the_baby_stands_once() -> None:
    for name, finding in LEXICON.findings.items():
        text = WRITER.text(Told(facts=Facts(), findings={name: ""}), TODAY)
        shown = finding.who == "baby" and name not in WORDS.left_out
        assert text.count(f": {finding.label}") == (1 if shown else 0), name


def test_what_is_ruled_out_stands_in_the_parent_s_words() -> None:
    told = Told(
        facts=Facts(cleared=frozenset({"ill_now", "fpies"})),
        denied={"fever": "2026-03-04", "blood in her nappy": "2026-03-04"},
    )
    line = "Ruled out by the parent: FPIES; fever (4 March); blood in her nappy (4 March)\n"
    text = WRITER.text(told, TODAY)
    assert line in text
    assert "ill now" not in text


def test_skin_trouble_is_quoted_and_pasted_results_stand_by_themselves() -> None:
    told = Told(
        facts=Facts(conditions=frozenset({"eczema"})),
        skin={"itchy patches in her elbow creases": "2026-03-04"},
        results=["Faecalibacterium 0.02% low\nAkkermansia not detected"],
    )
    text = WRITER.text(told, TODAY)
    assert "Skin: eczema; “itchy patches in her elbow creases” (4 March)\n" in text
    lines = "Faecalibacterium 0.02% low\n  Akkermansia not detected"
    assert f"Gut test, as typed by the parent:\n  {lines}\n" in text
    assert "The parent's own question" not in text


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        (
            "she has itchy patches in her elbow creases and is constipated",
            ["itchy patches in her elbow creases"],
        ),
        ("his cheeks are dry and red, what helps?", ["cheeks are dry"]),
        (
            "dry skin on her legs, itchy elbows at night",
            ["dry skin on her legs", "itchy elbows at night"],
        ),
        ("she has no dry patches", []),
        ("what if he gets dry skin", []),
        ("my husband has dry hands", []),
        ("could a different formula help her skin?", []),
        ("can she have kefir?", []),
    ],
)
def test_skin_trouble_is_found_in_messages(text: str, quotes: list[str]) -> None:
    assert QUOTES(text) == quotes


@pytest.mark.parametrize(
    "text",
    [
        "could the twins have kefir too?",
        "can he have fermented vegetables?",
        "can he have raw milk?",
    ],
)
def test_a_food_asked_about_is_no_symptom(text: str) -> None:
    present = RECOGNISER(text).with_status(Status.PRESENT)
    labels = [LEXICON.findings[name].label for name in WRITER.shown(present)]
    assert [label for label in labels if "milk" in label or "bacteria" in label] == []


def test_a_skin_check_is_no_ruling_out_by_the_parent() -> None:
    facts = Facts(cleared=frozenset({"severe_eczema", "fpies"}))
    text = WRITER.text(Told(facts=facts, skin_check=("sleeps fine", "2026-03-04")), TODAY)
    assert "Ruled out by the parent: FPIES" in text
    assert "severe eczema" not in text


def test_a_carer_s_crisis_is_not_written_down() -> None:
    carer = {name: "2026-03-04" for name, sign in LEXICON.signs.items() if sign.who == "carer"}
    text = WRITER.text(Told(facts=Facts(age_months=8), danger=carer), TODAY)
    assert "Danger signs told: none told" in text


def test_the_findings_named_in_the_words_exist() -> None:
    named = WORDS.growth_findings | WORDS.skin_findings | WORDS.gut_findings | WORDS.left_out
    assert named <= set(LEXICON.findings)


def test_the_message_carries_the_note_for_printing() -> None:
    reply = WRITER.reply(FULL, TODAY)
    note = WRITER.text(FULL, TODAY)
    assert reply.card["paper"] == note
    assert reply.text.endswith(note)
    assert "Not checked, not a diagnosis" in note


def test_without_anything_told_there_is_no_note() -> None:
    reply = WRITER.reply(Told(facts=Facts(country="GB")), TODAY)
    assert reply.text == WORDS.empty
    assert not reply.card
