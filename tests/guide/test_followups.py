"""Messages without a subject of their own are about the question before them."""

from __future__ import annotations

from datetime import datetime

import pytest

from evaluation.bot import Bot, train_classifier
from guide.state import read_question

NOW = datetime(2026, 1, 15, 12)


@pytest.fixture(scope="module")
def bot() -> Bot:
    return Bot(train_classifier())


@pytest.mark.parametrize(
    ("messages", "topic"),
    [
        (["can he have kefir, he is 8 months", "how much?"], "kefir"),
        (["can he have kefir, he is 8 months", "is it safe?"], "kefir"),
        (["can he have kefir, he is 8 months", "and every day?"], "kefir"),
        (["is sauerkraut brine fine for her", "so kefir then?"], "kefir"),
        (["can she have kefir", "she is 9 months"], "kefir"),
        (["what does a formula with hmo do", "and if she is breastfed?"], "breastfeeding"),
        (["what does akkermansia do", "and faecalibacterium?"], "faecalibacterium"),
        (["can he have kefir", "which soap is gentle on eczema skin?"], "skin_irritants"),
    ],
)
def test_topic(bot: Bot, messages: list[str], topic: str) -> None:
    assert bot.converse(messages, NOW).topics[0] == topic


def test_items_are_taken_over(bot: Bot) -> None:
    conversation = bot.converse(["can he have kefir in his cup, he is 8 months", "how often?"], NOW)
    question = read_question(conversation.slots["question"])
    assert question is not None
    assert "kefir" in question.items
    assert question.as_drink


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("kefir in her bottle at 9 months?", (True, False)),
        ("can he drink kefir", (True, False)),
        ("a spoon of kefir in porridge", (False, False)),
        ("meat stock instead of formula for my 5 month old", (False, True)),
        ("kefir replaces formula now?", (False, True)),
    ],
)
def test_use(bot: Bot, text: str, uses: tuple[bool, bool]) -> None:
    question = read_question(bot.converse([text], NOW).slots["question"])
    assert question is not None
    assert (question.as_drink, question.instead_of_milk) == uses
