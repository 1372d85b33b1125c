"""What parents answer to a safety check, in their own words."""

from __future__ import annotations

import pytest

from guide.check_answer import Answer, read_answer

GREEN = "Is the vomit green, or is there blood in it?"
YES = [
    "yes",
    "yeah he does",
    "not sure",
    "not really sure",
    "i'm not sure",
    "I am not entirely sure",
    "I don't really know",
    "no, maybe",
    "no wait, yes",
    "kinda",
    "slightly",
    "just the first one",
    "earlier",
    "green",
    "dark green",
    "a bit greenish",
]
NO = [
    "no",
    "nope, he's fine",
    "no nothing like that",
    "nothing like that",
    "none of those",
    "she has none of these",
    "negative",
    "definitely not",
    "absolutely not",
    "not really",
    "yes he is fine",
    "yep all good",
    "no, she is laughing",
]
NEITHER = [
    "no but she is very pale",
    "no only sleepier",
    "what do you mean",
    "can he have kefir",
    "definitely not but very quiet",
    "he vomited again",
]


@pytest.mark.parametrize(
    ("text", "owed"),
    [
        *((text, Answer.YES) for text in YES),
        *((text, Answer.NO) for text in NO),
        *((text, None) for text in NEITHER),
    ],
)
def test_answers(text: str, owed: Answer | None) -> None:
    assert read_answer(text, GREEN, tells_a_fact=False, tells_a_symptom=False) is owed


def test_a_no_with_a_symptom_is_no_plain_no() -> None:
    assert read_answer("no he vomited", GREEN, tells_a_fact=False, tells_a_symptom=True) is None


def test_a_fact_repeats_nothing() -> None:
    asked = "Is your baby under 3 months old with a fever?"
    assert read_answer("3 months", asked, tells_a_fact=True, tells_a_symptom=False) is None
