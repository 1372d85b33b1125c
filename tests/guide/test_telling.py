"""What is told without a question is acknowledged, not answered; what worries is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from evaluation.bot import Bot, Conversation, train_classifier
from guide.knowledge import load_reader
from guide.state import NOTED_SLOT, read_question

NOW = datetime(2026, 1, 15, 12)


@pytest.fixture(scope="module")
def bot() -> Bot:
    return Bot(train_classifier(), load_reader())


def heard(bot: Bot, *messages: str) -> Conversation:
    return bot.converse(messages, NOW)


def intent(conversation: Conversation) -> str:
    assert conversation.decision is not None
    return conversation.decision.intent


def noted(conversation: Conversation) -> dict[str, Any]:
    assert conversation.decision is not None
    return dict(conversation.decision.slots[NOTED_SLOT])


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("my daughter is 4 months old and breastfed", ["age_months", "feeding_type"]),
        ("my boy was born at 30 weeks, he is 7 months now", ["age_months", "preterm"]),
        (
            "my baby is 5 months, formula fed, and we live in Ireland",
            ["age_months", "country", "feeding_type"],
        ),
        ("she's mixed fed now", ["feeding_type"]),
        ("14 weeks, combi fed, UK", ["age_months", "country", "feeding_type"]),
        ("first time mum here, baby is 5 months and ebf", ["age_months", "feeding_type"]),
        ("he is 9 months and has started solids", ["age_months", "solids_started"]),
        ("she was premature", ["preterm"]),
        ("his temp is 37.2", ["temperature_c"]),
        ("baby is 8 months", ["age_months"]),
    ],
)
def test_facts_told_alone_are_acknowledged(bot: Bot, text: str, facts: list[str]) -> None:
    conversation = heard(bot, text)
    assert intent(conversation) == "inform"
    assert set(facts) <= set(noted(conversation)["facts"])


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("my 8 month old has eczema", ["eczema_symptoms"]),
        ("constipated since solids", ["digestive_symptoms", "starting_solids"]),
        ("my baby girl is 8 months old, mixed fed, with eczema", ["eczema_symptoms"]),
        (
            "my baby is 5 months, breastfed, in the UK, with eczema and bloating",
            ["eczema_symptoms", "digestive_symptoms"],
        ),
        ("my baby is 6 months old and has a milk allergy", ["food_allergy"]),
        ("I have twins, they're 9 months old, one has eczema on her cheeks", ["eczema_symptoms"]),
        (
            "she has itchy patches in her elbow creases and is constipated",
            ["eczema_symptoms", "digestive_symptoms"],
        ),
    ],
)
def test_a_symptom_or_food_told_alone_is_a_question(bot: Bot, text: str, topics: list[str]) -> None:
    assert sorted(heard(bot, text).topics) == sorted(topics)


@pytest.mark.parametrize(
    "text",
    [
        "she is 4 months old and breastfed, can she have kefir?",
        "my 5 month old is breastfed. what can I eat?",
        "we're in the UK and my 6 month old drinks formula, which one is best",
    ],
)
def test_a_question_beside_facts_is_answered(bot: Bot, text: str) -> None:
    assert intent(heard(bot, text)).startswith("ask_")


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("no fever, no blood in her nappy", ["fever", "blood in her nappy"]),
        ("she has no fever, vomiting or rash", ["fever", "vomiting", "rash"]),
        ("she doesn't have a fever or a rash", ["fever", "rash"]),
        ("no rash", ["rash"]),
        ("no fever, and she is happy", ["fever"]),
    ],
)
def test_what_is_denied_is_good_to_know(bot: Bot, text: str, denied: list[str]) -> None:
    for conversation in (heard(bot, text), heard(bot, "is kefir ok at 8 months?", text)):
        assert intent(conversation) == "inform"
        assert noted(conversation)["denied"] == denied
        assert sorted(conversation.slots["denied"]) == sorted(denied)


@pytest.mark.parametrize("text", ["no", "no thanks", "none of that", "no idea"])
def test_a_no_to_nothing_denies_no_sign(bot: Bot, text: str) -> None:
    assert "denied" not in heard(bot, text).slots


def test_a_sign_told_later_is_not_ruled_out_any_more(bot: Bot) -> None:
    conversation = heard(bot, "no fever, no blood in her nappy", "now there is blood in her poo")
    assert list(conversation.slots["denied"]) == ["fever"]


def test_a_fact_beside_a_denial_is_told_too(bot: Bot) -> None:
    conversation = heard(bot, "she is 7 months, no fever")
    assert intent(conversation) == "inform"
    assert noted(conversation)["facts"] == ["age_months"]
    assert noted(conversation)["denied"] == ["fever"]


@pytest.mark.parametrize(
    "text",
    [
        "my other one is 3 and drinks kefir every day",
        "her sister is 4 and has egg daily",
        "my older son drinks kefir every day",
        "my nephew loves sauerkraut",
    ],
)
def test_another_child_is_not_the_baby(bot: Bot, text: str) -> None:
    conversation = heard(bot, "she is 9 months old", "can she have stock?", text)
    assert intent(conversation) == "inform"
    assert noted(conversation)["another_child"] is True
    assert conversation.slots["age_months"] == 9


def test_a_question_about_the_baby_beside_another_child_is_answered(bot: Bot) -> None:
    text = "my other one is 3 and drinks kefir every day, can the baby have it?"
    assert intent(heard(bot, text)) == "ask_kefir"


AGAIN: list[tuple[Sequence[str], str]] = [
    (("can he have kefir?", "he is 9 months"), "kefir"),
    (("can he have kefir?", "no she is breastfed"), "kefir"),
    (("can he have kefir?", "he was premature"), "kefir"),
    (("can he have kefir?", "thanks", "he is only 7 weeks old"), "kefir"),
    (("can he have milk kefir?", "sorry, 7 weeks not months"), "kefir"),
    (("can he have kefir?", "13 months", "no conditions, no allergies"), "kefir"),
]


@pytest.mark.parametrize(("messages", "topic"), AGAIN)
def test_facts_after_a_question_ask_it_again(bot: Bot, messages: Sequence[str], topic: str) -> None:
    conversation = heard(bot, *messages)
    assert conversation.topics == (topic,)
    question = read_question(conversation.slots["question"])
    assert question is not None
    assert question.text == messages[0]


def test_what_changes_no_answer_does_not_bring_an_old_question_back(bot: Bot) -> None:
    messages = ("is kefir ok at 8 months?", "what do you know about me?", "she's mixed fed now")
    assert intent(heard(bot, *messages)) == "inform"


def test_what_is_taken_back_asks_again_and_says_so(bot: Bot) -> None:
    conversation = heard(
        bot,
        "my baby is 10 months old and has a cow's milk allergy",
        "can he have milk kefir?",
        "actually he doesn't have a milk allergy, that was my nephew",
    )
    assert conversation.topics == ("kefir",)
    assert conversation.slots["question"]["told"]["taken_out"] == ["milk_allergy"]
    assert conversation.slots["question"]["text"] == "can he have milk kefir?"
    assert "milk_allergy" not in conversation.slots["conditions"]


def test_a_worry_taken_back_is_not_answered_again(bot: Bot) -> None:
    conversation = heard(bot, "she has eczema", "actually she doesn't have eczema")
    assert intent(conversation) == "inform"
    assert noted(conversation)["taken_out"] == ["eczema"]


def test_a_country_told_alone_brings_its_numbers(bot: Bot) -> None:
    assert intent(heard(bot, "we're in Australia")) == "set_country"


def test_what_is_taken_back_without_a_question_is_acknowledged(bot: Bot) -> None:
    conversation = heard(bot, "she was premature", "no, she was not premature")
    assert intent(conversation) == "inform"
    assert noted(conversation)["taken_out"] == ["preterm"]
