"""Gut test results: what is read from free text, lists, tables and CSV, and what is said."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guide.content import load_content
from guide.model import Facts, Level, Reply
from guide.results import MarkerFile, read_results, replies
from guide.yaml_file import read_yaml, validated

DATA = Path(__file__).parents[2] / "data"
MARKERS = validated(read_yaml(DATA / "markers" / "markers.yml"), MarkerFile).markers
CONTENT = load_content(DATA)
TODAY = date(2026, 3, 1)

TABLE = """
| Marker           | Result   | Range    | Status |
|------------------|----------|----------|--------|
| Bifidobacterium  | 2.1%     | 30-80%   | low    |
| Faecalibacterium | 0.02     | 1.5 - 12 |        |
| Calprotectin     | 180 ug/g | <50      |        |
| Weissella        | 0.1      | 0 - 1    | ok     |
"""
CSV = """marker,value,flag
Akkermansia muciniphila,0,ND
Escherichia coli,41.2,HIGH
Shannon diversity,1.8,LOW
"""
TABS = "Bifidobacterium\t12.5\t↓\nKlebsiella\t8\t↑\nAkkermansia\t0.0\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Faecalibacterium 0.02% low, Enterobacteriaceae high, Akkermansia not detected",
            {"faecalibacterium": "low", "enterobacteriaceae": "high", "akkermansia": "absent"},
        ),
        ("low bifido, high e. coli", {"bifidobacterium": "low", "enterobacteriaceae": "high"}),
        (
            "low bifido and high klebsiella",
            {"bifidobacterium": "low", "enterobacteriaceae": "high"},
        ),
        ("there was no akkermansia in the sample", {"akkermansia": "absent"}),
        ("bacteroides: not detected", {"bacteroides": "absent"}),
        ("they found bacteroides absent", {"bacteroides": "absent"}),
        ("Proteobacteria above range", {"enterobacteriaceae": "high"}),
        ("zonulin is elevated", {"zonulin": "high"}),
        ("calprotectin 180, is that normal?", {"calprotectin": ""}),
        ("is 12% bifido ok for a one year old", {"bifidobacterium": ""}),
        ("siga not low", {"siga": ""}),
        ("C. diff positive", {"c_difficile": "found"}),
        ("faecalibacterum low", {"faecalibacterium": "low"}),
        ("Enterobactericeae 41 %", {"enterobacteriaceae": ""}),
        ("butyrate genes: low", {"scfa": "low"}),
        ("H pylori antigen negative", {"h_pylori": "absent"}),
        ("birth mode: c-section like", {"c_section": ""}),
        ("Diversity 1.8 (normal range 2.5 - 4)", {"diversity": "low"}),
        ("Faecalibacterium 0,02 % (1,5–12)", {"faecalibacterium": "low"}),
        ("Bifidobacterium = 55% (30-80)", {"bifidobacterium": "normal"}),
        ("Bifidobacterium: 12.3% (typical range 20–60%)", {"bifidobacterium": "low"}),
        ("E. coli 4.5e5 cfu/g (<1e6)", {"enterobacteriaceae": "normal"}),
        ("E. coli 4.5 x 10^7 (< 1 x 10^6)", {"enterobacteriaceae": "high"}),
        ("Elastase 1,200 (> 200)", {"elastase": "normal"}),
        ("Bifidobacterium, sample of 12.03.2026: low", {"bifidobacterium": "low"}),
        ("Bifidobacterium 12.03.2026 (1 - 3)", {"bifidobacterium": ""}),
        ("H. pylori: <dl", {"h_pylori": "absent"}),
        ("sIgA 320 ug/g (510-2010) L", {"siga": "low"}),
        ("Calprotectin 89 H", {"calprotectin": "high"}),
        ("zonulin 78 (normal < 61)", {"zonulin": "high"}),
        ("klebsiella normal 3%", {"enterobacteriaceae": "normal"}),
        ("Calprotectin: 1,5 ug/g", {"calprotectin": ""}),
        ("• Lactobacillus ↓\n• Candida ↑", {"lactobacillus": "low", "candida": "high"}),
        (
            TABLE,
            {"bifidobacterium": "low", "faecalibacterium": "low", "calprotectin": "high"},
        ),
        (CSV, {"akkermansia": "absent", "enterobacteriaceae": "high", "diversity": "low"}),
        (
            TABS,
            {"bifidobacterium": "low", "enterobacteriaceae": "high", "akkermansia": "absent"},
        ),
    ],
)
def test_markers_and_states_are_read(text: str, expected: dict[str, str]) -> None:
    results = read_results(text)
    assert results is not None
    assert {one.marker: one.state for one in results.found} == expected


@pytest.mark.parametrize(
    "text",
    [
        "should I show the results to my GP",
        "my baby is 8 months and has a rash",
        "she was good and fine today",
        "",
        "12, 13, 14",
    ],
)
def test_other_messages_name_no_marker(text: str) -> None:
    assert read_results(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TABLE, ("Weissella",)),
        ("Akkermansia low, Ruthenibacterium 3%", ("Ruthenibacterium",)),
        ("Prevotella: 12 %\nBifidobacterium: 3 %", ("Prevotella",)),
    ],
)
def test_unknown_markers_are_named_as_such(text: str, expected: tuple[str, ...]) -> None:
    results = read_results(text)
    assert results is not None
    assert results.unknown == expected
    assert expected[0] in said(text)
    assert "I don't know" in said(text)


def say(text: str) -> list[Reply]:
    results = read_results(text)
    assert results is not None
    return replies(results, Facts(), TODAY)


def said(text: str) -> str:
    return "\n".join(reply.text for reply in say(text))


def every_result() -> list[str]:
    one_each = [
        f"{marker.names[0]} {state}" for marker in MARKERS.values() for state in ("low", "high", "")
    ]
    everything = "\n".join(marker.names[0] + ": high" for marker in MARKERS.values())
    return [*one_each, everything, TABLE, CSV, TABS]


@pytest.mark.parametrize("text", every_result())
def test_a_result_is_never_a_diagnosis_nor_a_reason_for_a_supplement(text: str) -> None:
    whole = said(text)
    assert "without your doctor" in whole
    assert re.search(r"can't tell", whole)
    assert not re.search(r"\b\d+ ?(mg|billion|cfu)\b|\bcure|REF-", whole, re.IGNORECASE)
    assert 1 <= len(say(text)) <= 3
    for reply in say(text):
        assert reply.level is Level.ROUTINE
        assert reply.topics[0] == "test_results"
        assert len(reply.text.split()) <= 190


@pytest.mark.parametrize("marker", [name for name, one in MARKERS.items() if one.doctor])
def test_what_a_doctor_should_see_comes_first(marker: str) -> None:
    text = said(f"Bifidobacterium low\n{MARKERS[marker].names[0]} high")
    assert text.index(MARKERS[marker].doctor) < text.index("Bifidobacterium")


@pytest.mark.parametrize("marker", [name for name, one in MARKERS.items() if one.doctor])
def test_what_a_report_did_not_find_is_no_alarm(marker: str) -> None:
    text = said(f"{MARKERS[marker].names[0]}: not detected")
    assert MARKERS[marker].doctor not in text
    assert "a kit can miss things" in text


NAMES = sorted({name for marker in MARKERS.values() for name in marker.names})
PIECES = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(
        "low high normal ND ↓ ↑ 0,02% 1e9 <5 3-9 | : ; , . ? not -- no 12.3.26".split()
    ),
    st.text(max_size=8),
)


@given(st.lists(PIECES, max_size=14), st.sampled_from([" ", "\n", "\t", ",", " | "]))
@settings(max_examples=300, deadline=None)
def test_no_paste_breaks_the_reader(pieces: list[str], between: str) -> None:
    results = read_results(between.join(pieces))
    if results is not None:
        assert len(replies(results, Facts(), TODAY)) <= 3


def test_every_claim_is_the_guide_s_and_every_topic_exists() -> None:
    for marker in MARKERS.values():
        assert bool(marker.guide) == bool(marker.claims)
        assert marker.topic in CONTENT.topics
        assert not marker.guide or marker.guide.startswith("The guide")


def test_every_name_of_a_marker_is_found() -> None:
    for marker_id, marker in MARKERS.items():
        for name in marker.names:
            results = read_results(f"{name.upper()}: low")
            assert results, name
            assert [one.marker for one in results.found][:1] == [marker_id], name
