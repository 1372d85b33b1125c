"""Findings, items and facts of one message, over the small lexicon and the real one."""

from __future__ import annotations

import pytest

from guide.context import Status
from guide.knowledge import Words
from guide.recogniser import Recogniser

# `id` present, `-id` denied, `?id` imagined, `<id` past, `@id` somebody else's
FINDINGS = [
    ("his lips are blue", {"blue_lips", "bad_colour"}),
    ("blue lipstick on my lips", set()),
    ("she eats blueberries, her lips are red", set()),
    ("no fever", {"-fever"}),
    ("no fever but a rash", {"-fever", "rash"}),
    ("no fever, rash or vomiting", {"-fever", "-rash", "-vomiting"}),
    ("he is not breathing", {"not_breathing"}),
    ("my dog is vomiting", {"@vomiting"}),
    ("vomiting", {"vomiting"}),
    ("VOMITTING!!!", {"vomiting"}),
    ("", set()),
    ("zzz 😢", set()),
]
SIGNS = {
    Status.PRESENT: "",
    Status.NEGATED: "-",
    Status.HYPOTHETICAL: "?",
    Status.PAST: "<",
    Status.OTHER: "@",
}


@pytest.mark.parametrize(("text", "owed"), FINDINGS)
def test_findings(recogniser: Recogniser, text: str, owed: set[str]) -> None:
    found = recogniser(text).findings
    assert {SIGNS[one.status] + one.id for one in found} == owed


@pytest.mark.parametrize(
    ("text", "owed"),
    [
        ("kefir", ["kefir"]),
        ("water kefir", ["water_kefir"]),
        ("water kefir or kefir?", ["water_kefir", "kefir"]),
        ("is kefir like water kefir", ["kefir", "water_kefir"]),
        ("kefer", ["kefir"]),
        ("breast milk", []),
    ],
)
def test_the_longest_name_of_an_item_counts(
    recogniser: Recogniser, text: str, owed: list[str]
) -> None:
    assert [one.id for one in recogniser(text).items] == owed


def test_places_are_in_the_typed_text(recogniser: Recogniser) -> None:
    text = "Help — his LIPS look  blue, he can't feed"
    found = next(one for one in recogniser(text).findings if one.id == "blue_lips")
    assert text[found.start : found.end] == "LIPS look  blue"


def test_sentences_are_counted(recogniser: Recogniser) -> None:
    found = recogniser("He has a rash. Is it a fever?\nHe keeps vomiting").findings
    assert [one.sentence for one in found] == [0, 1, 2]


def test_status_and_sentence_at_a_place(recogniser: Recogniser) -> None:
    text = "He has no fever. He has a rash."
    recognition = recogniser(text)
    assert recognition.status_at(text.index("fever"), text.index("fever") + 5) is Status.NEGATED
    assert recognition.sentence_at(text.index("rash")) == 1
    assert recogniser("").sentence_at(0) == 0
    assert recogniser("").status_at(0, 5) is Status.PRESENT


def test_one_recogniser_serves_many_messages(recogniser: Recogniser) -> None:
    first = recogniser("no fever but a rash").findings
    recogniser("his lips are blue")
    assert recogniser("no fever but a rash").findings == first


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("can she have kefir?", "kefir"),
        ("is honey ok in porridge", "honey"),
        ("sauerkraut juice for a baby", "sauerkraut_brine"),
        ("when can he have peanut butter", "peanut"),
        ("can she eat egg and chicken", "egg"),
        ("can she eat egg and chicken", "meat"),
        ("bone broth in her bottle", "meat_stock"),
        ("which probiotic drops", "probiotics"),
    ],
)
def test_foods_of_the_guide(real_recogniser: Recogniser, text: str, item: str) -> None:
    assert item in {one.id for one in real_recogniser(text).items}


@pytest.mark.parametrize("text", ["when can he have peanut butter", "which steroid cream to try"])
def test_a_gap_in_a_name_does_not_reach_for_another_food(
    real_recogniser: Recogniser, text: str
) -> None:
    assert "cheese" not in {one.id for one in real_recogniser(text).items}


def test_every_finding_of_the_lexicon_is_reachable(real_words: Words) -> None:
    """A finding without phrases must be implied, or computed from a temperature."""
    findings = real_words.lexicon.findings
    implied = {name for finding in findings.values() for name in finding.implies}
    computed = {"fever", "low_temperature"}
    dead = {
        name
        for name, finding in findings.items()
        if not finding.phrases and name not in implied | computed
    }
    assert not dead
