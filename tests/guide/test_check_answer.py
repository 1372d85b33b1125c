"""What parents answer to a safety check, in their own words."""

from __future__ import annotations

import pytest

from guide.check_answer import Answer, CheckAnswers
from guide.recogniser import Recogniser

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
    "yh",
    "oh yes, he does that",
    "he is doing it now",
    "i think it might be",
    "well um yes",
    "could be",
    "i guess so",
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
    "n",
    "oh no, none",
    "he isn't",
    "not any more",
    "true, no",
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
def test_answers(recogniser: Recogniser, text: str, owed: Answer | None) -> None:
    assert read(recogniser, text, GREEN) is owed


def test_a_no_with_a_symptom_is_no_plain_no(recogniser: Recogniser) -> None:
    assert read(recogniser, "no he vomited", GREEN, symptom=True) is None


def test_a_fact_repeats_nothing(recogniser: Recogniser) -> None:
    asked = "Is your baby under 3 months old with a fever?"
    assert read(recogniser, "3 months", asked, fact=True) is None


def read(
    recogniser: Recogniser, text: str, question: str, *, fact: bool = False, symptom: bool = False
) -> Answer | None:
    answers = CheckAnswers(recogniser.lexicon, recogniser.phrase_set())
    return answers(recogniser(text), question, tells_a_fact=fact, tells_a_symptom=symptom)
