"""The food diary: what is read, what is said, and one new food at a time."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guide.content import load_content
from guide.diary import Heard, load_diary, reacted_foods
from guide.gates import load_gates
from guide.knowledge import load_words
from guide.model import Facts, Level, Verdict

DATA = Path(__file__).parents[2] / "data"
CONTENT = load_content(DATA)
GATES = load_gates(DATA / "gates", CONTENT.sources, CONTENT.topics)
DIARY = load_diary(DATA, CONTENT, GATES, load_words(DATA).recogniser())
NOW = datetime(2026, 3, 4, 16, 30)  # a Wednesday
TODAY = NOW.date()
BABY = Facts(age_months=8)
LINE = "999"


@pytest.mark.parametrize(
    ("text", "foods", "when"),
    [
        ("gave kefir today", ["kefir"], "2026-03-04T16:30"),
        ("log: egg at breakfast", ["egg"], "2026-03-04T08:00"),
        ("she had peanut butter at noon yesterday", ["peanut"], "2026-03-03T12:00"),
        ("we tried yoghurt this morning", ["yoghurt"], "2026-03-04T08:00"),
        ("gave yoghurt at 8", ["yoghurt"], "2026-03-04T08:00"),
        ("he had egg at 5", ["egg"], "2026-03-04T17:00"),
        ("egg at 7 pm yesterday", ["egg"], "2026-03-03T19:00"),
        ("fish on monday", ["fish"], "2026-03-02T16:30"),
        ("gave him kefir two hours ago", ["kefir"], "2026-03-04T14:30"),
        ("bath with the new soap tonight", [], "2026-03-04T20:00"),
        ("oats and egg for lunch", ["oats", "egg"], "2026-03-04T12:00"),
        ("we didn't give egg today", [], "2026-03-04T16:30"),
    ],
)
def test_foods_and_times_are_read(text: str, foods: list[str], when: str) -> None:
    told = DIARY.read(text, NOW)
    assert list(told.foods) == foods
    assert told.when.isoformat(timespec="minutes") == when


@pytest.mark.parametrize(
    ("text", "reaction", "fine"),
    [
        ("rash an hour later", True, False),
        ("had hummus, red cheeks at 1", True, False),
        ("itchy after tomato", True, False),
        ("loose nappies after lunch", True, False),
        ("skin worse today", True, False),
        ("for the diary, no reaction to wheat", False, True),
        ("he ate fish today and nothing happened", False, True),
        ("second try of yoghurt, all good", False, True),
        ("gave egg", False, False),
    ],
)
def test_reactions_are_read(text: str, reaction: bool, fine: bool) -> None:  # noqa: FBT001
    told = DIARY.read(text, NOW)
    assert (told.reaction, told.fine) == (reaction, fine)


def talk(*messages: str, facts: Facts = BABY, hours: float = 1.0) -> tuple[list[Any], str]:
    entries: list[Any] = []
    said = ""
    for index, text in enumerate(messages):
        at = NOW + timedelta(hours=hours * index)
        logged = DIARY.log(entries, DIARY.read(text, at), facts, at.date(), LINE)
        entries, said = logged.entries, logged.reply.text
        assert logged.reply.level is Level.ROUTINE
        json.dumps(entries)
    return entries, said


def test_a_reaction_belongs_to_the_food_before_it() -> None:
    entries, said = talk("gave kefir", "itchy an hour later")
    assert len(entries) == 1
    assert entries[0]["reaction"] == "itchy an hour later"
    assert "Leave kefir out for now" in said
    assert "Ask your doctor" in said
    assert LINE in said


def test_a_flare_days_later_is_not_blamed_on_a_food() -> None:
    entries, said = talk("gave kefir", "skin worse today", hours=30)
    assert len(entries) == 2
    assert not entries[0]["reaction"]
    assert "Leave kefir" not in said
    assert "don't cut foods" in said


def test_what_follows_without_any_food_is_noted_by_itself() -> None:
    entries, said = talk("bad night, scratched a lot")
    assert entries[0]["foods"] == []
    assert "no food behind it" in said


def test_a_food_that_went_well_is_marked() -> None:
    entries, said = talk("gave egg", "all good, no reaction")
    assert entries[0]["fine"] is True
    assert "Keep the food in the diet" in said


@pytest.mark.parametrize(
    ("messages", "hours", "warned"),
    [
        (("gave egg", "gave peanut butter"), 2, True),
        (("gave egg and peanut butter",), 1, True),
        (("gave egg", "gave peanut butter"), 26, False),
        (("gave egg", "gave egg"), 2, False),
        (("gave egg", "gave egg", "gave peanut butter"), 30, False),
        (("gave egg",), 1, False),
        (("gave egg", "bath with the new soap"), 1, False),
    ],
)
def test_one_new_food_at_a_time(
    messages: tuple[str, ...],
    hours: float,
    warned: bool,  # noqa: FBT001
) -> None:
    _, said = talk(*messages, hours=hours)
    assert ("on separate days" in said) is warned


@pytest.mark.parametrize(
    ("text", "facts", "verdict"),
    [
        ("gave honey today", Facts(age_months=5), Verdict.AVOID),
        ("gave kefir today", Facts(age_months=3), Verdict.NOT_YET),
        ("gave kefir today", Facts(), Verdict.UNKNOWN_AGE),
        (
            "gave yoghurt today",
            Facts(age_months=9, conditions=frozenset({"milk_allergy"})),
            Verdict.AVOID,
        ),
        ("gave egg today", Facts(age_months=8), Verdict.FINE),
    ],
)
def test_what_the_gates_hold_back_is_said_when_it_is_noted(
    text: str, facts: Facts, verdict: Verdict
) -> None:
    logged = DIARY.log([], DIARY.read(text, NOW), facts, TODAY, LINE)
    (item,) = logged.reply.verdicts
    assert logged.reply.verdicts[item] is verdict
    result = GATES.verdicts((item,), facts, TODAY, _question())[0]
    if verdict is not Verdict.FINE:
        assert result.say in logged.reply.text
        assert result.instead in logged.reply.text
    else:
        assert result.watch in logged.reply.text


def _question() -> Any:
    from guide.model import Question

    return Question("", ("starting_solids",))


def test_a_food_with_a_reaction_is_no_longer_fine() -> None:
    entries, _ = talk("gave egg")
    logged = DIARY.log(entries, DIARY.read("rash an hour later", NOW), BABY, TODAY, LINE)
    assert logged.reply.verdicts == {"egg": Verdict.ASK_CLINICIAN}
    assert logged.reply.topics[0] == "food_allergy"


def test_the_list_shows_what_was_tried_and_what_followed() -> None:
    entries, _ = talk("gave egg", "rash an hour later", "bath with the new soap", "gave oats")
    text = DIARY.show(entries).text
    assert "4 March: egg; then: rash an hour later" in text
    assert "4 March: bath with the new soap" in text
    assert "2 foods tried, 1 with a reaction noted" in text
    assert "no proof" in text


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        (("gave egg",), "1 food tried, none with a reaction noted"),
        (("gave egg", "itchy an hour later"), "1 food tried, 1 with a reaction noted"),
        (("gave egg and oats",), "2 foods tried, none with a reaction noted"),
    ],
)
def test_foods_are_counted_in_good_grammar(messages: tuple[str, ...], words: str) -> None:
    assert words in DIARY.show(talk(*messages)[0]).text


@pytest.mark.parametrize(
    ("text", "minutes", "followed"),
    [
        ("rash round the mouth an hour later", 0, True),
        ("now her lips are swelling and she is wheezing", 120, True),
        ("he is floppy and pale", 30, True),
        ("she has a fever of 39 since then", 600, True),
        ("her lips are swelling", 600, False),
        ("her lips are swelling", -60, False),
        ("she swallowed a battery", 30, False),
        ("no rash, no swelling an hour later", 60, False),
    ],
)
def test_what_triage_answered_belongs_to_the_food_before_it(
    text: str,
    minutes: int,
    followed: bool,  # noqa: FBT001
) -> None:
    entries, _ = talk("gave kefir")
    merged = DIARY.with_reactions(entries, [Heard(text, NOW + timedelta(minutes=minutes))])
    assert (merged[0]["reaction"] == text) is followed
    assert not entries[0]["reaction"]
    assert reacted_foods(merged) == (frozenset({"kefir"}) if followed else frozenset())


def test_what_followed_is_written_once() -> None:
    entries, _ = talk("gave kefir")
    heard = [Heard("rash; red lips an hour later", NOW), Heard("she is wheezing", NOW)]
    once = DIARY.with_reactions(entries, heard)
    assert once[0]["reaction"] == "rash, red lips an hour later; she is wheezing"
    assert DIARY.with_reactions(once, heard) == once


def test_a_food_that_went_well_later_is_no_longer_held() -> None:
    entries, _ = talk("gave egg", "itchy an hour later", "second try of egg, all good", hours=30)
    assert reacted_foods(entries) == frozenset()


PIECES = st.one_of(
    st.sampled_from(
        "gave egg kefir honey rash itchy later yesterday at 25 7 pm 99 years ago on monday log: "
        "no reaction not didn't 1000000 12:75 / * 🙂".split()
    ),
    st.text(max_size=6),
)


@given(st.lists(st.lists(PIECES, max_size=8).map(" ".join), max_size=4))
@settings(max_examples=60, deadline=None)
def test_no_message_breaks_the_diary(messages: list[str]) -> None:
    entries, _ = talk(*messages)
    assert len(DIARY.lines(entries)) == len(entries) <= len(messages)
    DIARY.show(entries)


def test_an_empty_diary_says_how_to_begin() -> None:
    assert "The diary is empty" in DIARY.show([]).text


def test_only_the_newest_entries_are_shown_and_old_ones_counted() -> None:
    entries, _ = talk(*(["gave egg"] * 20), hours=24)
    text = DIARY.show(entries).text
    assert text.count("•") == 12
    assert "And 8 older entries." in text


def test_the_parent_s_words_are_kept_short() -> None:
    told = DIARY.read("gave kefir " + "very " * 200, NOW)
    assert len(told.said) <= 160
    assert date(2026, 3, 4) == told.when.date()
