"""Messages without a subject of their own are about the question before them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from evaluation.bot import Bot, Conversation, train_classifier
from guide.knowledge import load_reader
from guide.state import read_question

NOW = datetime(2026, 1, 15, 12)


@pytest.fixture(scope="module")
def bot() -> Bot:
    return Bot(train_classifier(), load_reader())


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
        (["can he have milk kefir at 10 months", "what about the water one"], "kefir"),
        (["10 months, is milk kefir ok", "and the water one?"], "kefir"),
        (["what is dysbiosis", "and how would I put that right in an 8 month old"], "dysbiosis"),
        (["can he have kefir", "which soap is gentle on eczema skin?"], "skin_irritants"),
        (["can my 8 month old have kefir", "and if she's breastfed?"], "kefir"),
        (["can my 8 month old have kefir", "even with cmpa?"], "kefir"),
        (["can my 8 month old have kefir", "instead of his bottle?"], "kefir"),
        (["can my 8 month old have kefir", "and if she was born early?"], "kefir"),
        (["can my 8 month old have kefir", "which brand"], "kefir"),
        (["can my 8 month old have kefir", "and my toddler?"], "kefir"),
        (["kefir for 9 months?", "and if he's constipated, what then"], "digestive_symptoms"),
        (["hydrocortisone on his face ok?", "what if it doesn't work"], "medication"),
        (["how much formula at 4 months", "how do i renew my passport"], "out_of_scope"),
        (["is E45 fine"], "medication"),
    ],
)
def test_topic(bot: Bot, messages: list[str], topic: str) -> None:
    assert bot.converse(messages, NOW).topics[0] == topic


def test_what_is_asked_comes_before_what_is_only_told(bot: Bot) -> None:
    told = "5 months, formula fed, constipated since we started solids"
    talk = bot.converse([f"{told}, can I give kefir and does the soap matter"], NOW)
    assert talk.topics[:3] == ("kefir", "digestive_symptoms", "skin_irritants")


@pytest.mark.parametrize(
    ("messages", "topic"),
    [
        (["can he have kefir, he is 8 months", "what about yoghurt?"], "starting_solids"),
        (
            [
                "can he have kefir, he is 8 months",
                "sorry, 7 weeks not months",
                "what about yoghurt?",
            ],
            "starting_solids",
        ),
        (["what about honey?"], "starting_solids"),
        (["and meat stock?"], "meat_stock"),
        (["is kombucha alcoholic enough to fail a breath test"], "out_of_scope"),
    ],
)
def test_a_named_food_is_declined_only_for_somebody_else(
    bot: Bot, messages: list[str], topic: str
) -> None:
    assert bot.converse(messages, NOW).topics[0] == topic


def test_a_supposed_allergy_counts_for_the_answer(bot: Bot) -> None:
    conversation = bot.converse(
        ["can my 8 month old have kefir", "what if she's allergic to milk?"], NOW
    )
    question = read_question(conversation.slots["question"])
    assert question is not None
    assert question.items == ("kefir",)
    assert question.supposed == {"milk_allergy"}
    assert "milk_allergy" not in (conversation.slots.get("conditions") or [])


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


@pytest.mark.parametrize("text", ["how much", "how much?", "is it safe?", "how often please"])
def test_without_a_question_before_it_a_bare_one_is_unclear(bot: Bot, text: str) -> None:
    conversation = bot.converse([text], NOW)
    assert conversation.decision is not None
    assert conversation.decision.intent == "unclear"
    assert conversation.topics == ()


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("gave kefir today", "diary_log"),
        ("she had her first egg this morning", "diary_log"),
        ("tried yoghurt at lunch, no reaction", "diary_log"),
        ("gave kefir today, is that ok?", "ask_kefir"),
        ("can she have egg today", "ask_food_allergy"),
    ],
)
def test_what_was_eaten_when_is_a_note(bot: Bot, text: str, intent: str) -> None:
    decision = bot.converse([text], NOW).decision
    assert decision is not None
    assert decision.intent == intent


@pytest.mark.parametrize(
    ("text", "intent"), [("yes", "affirm"), ("ok", "affirm"), ("no", "deny"), ("thanks", "thanks")]
)
def test_what_agrees_brings_no_answer_twice(bot: Bot, text: str, intent: str) -> None:
    decision = bot.converse(["can he have kefir, he is 8 months", text], NOW).decision
    assert decision is not None
    assert decision.intent == intent


def test_a_no_with_a_fact_in_it_asks_again(bot: Bot) -> None:
    conversation = bot.converse(["can he have kefir", "no she is breastfed"], NOW)
    assert conversation.topics == ("kefir",)


@pytest.mark.parametrize("text", ["hola como estas", "wie geht es dir"])
def test_small_talk_in_another_language(bot: Bot, text: str) -> None:
    decision = bot.converse([text], NOW).decision
    assert decision is not None
    assert decision.intent == "other_language"


def given(*foods: str, reaction: str = "", hours_ago: float = 0) -> dict[str, object]:
    when = (NOW - timedelta(hours=hours_ago)).isoformat(timespec="minutes")
    return {"when": when, "told": when, "foods": [*foods], "said": "", "reaction": reaction}


def asked(bot: Bot, slots: dict[str, object], *messages: str) -> Conversation:
    conversation = Conversation(dict(slots))
    for message in messages:
        bot.hear(conversation, message, NOW)
    return conversation


@pytest.mark.parametrize(
    ("messages", "reaction", "topic"),
    [
        (("should I give it again tomorrow?",), "", "kefir"),
        (("should I give it again tomorrow?",), "rash", "food_allergy"),
        (("can I keep giving it?",), "rash", "food_allergy"),
        (("rash round the mouth an hour later", "should I give it again?"), "", "food_allergy"),
        (("can she have egg?", "thanks", "should I give it again?"), "rash", "food_allergy"),
    ],
)
def test_giving_it_again_is_about_the_food_of_the_diary(
    bot: Bot, messages: tuple[str, ...], reaction: str, topic: str
) -> None:
    conversation = asked(bot, {"diary": [given("kefir", reaction=reaction)]}, *messages)
    question = read_question(conversation.slots["question"])
    assert question is not None
    assert (question.topics, question.items) == ((topic,), ("kefir",))


def test_it_is_the_food_asked_about_since(bot: Bot) -> None:
    slots = {"diary": [given("kefir", reaction="rash")]}
    conversation = asked(bot, slots, "can she have egg?", "should I give it again tomorrow?")
    question = read_question(conversation.slots["question"])
    assert question is not None
    assert question.items == ("egg",)


def test_what_followed_a_food_is_a_note_and_a_question_in_waiting(bot: Bot) -> None:
    conversation = asked(bot, {"diary": [given("kefir")]}, "rash round the mouth an hour later")
    assert conversation.decision is not None
    assert conversation.decision.intent == "diary_log"
    assert conversation.topics == ("food_allergy",)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("loose nappy an hour later", "diary_log"),
        ("all good, no reaction", "diary_log"),
        ("no rash or anything", "diary_log"),
        ("itchy straight after", "diary_log"),
        ("see you later", "goodbye"),
        ("all good, thanks", "thanks"),
        ("can she have egg later?", "ask_food_allergy"),
    ],
)
def test_what_followed_is_told_from_what_is_asked(bot: Bot, text: str, intent: str) -> None:
    decision = asked(bot, {"diary": [given("kefir")]}, text).decision
    assert decision is not None
    assert decision.intent == intent


@pytest.mark.parametrize(("hours_ago", "held"), [(1, True), (30, False)])
def test_a_food_of_the_diary_that_set_off_a_danger_is_held_back(
    bot: Bot,
    hours_ago: float,
    held: bool,  # noqa: FBT001
) -> None:
    slots = {"diary": [given("kefir", hours_ago=hours_ago)]}
    conversation = asked(bot, slots, "her lips are swelling and she has hives")
    assert ("milk_allergy" in conversation.slots.get("conditions", ())) is held


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("who do I call in an emergency?", "emergency_info"),
        ("what's the emergency number", "emergency_info"),
        ("what number is poison control", "emergency_info"),
        ("can I talk to a person", "ask_person"),
        ("who do I phone", "ask_person"),
        ("call an ambulance!", "danger_emergency"),
        ("what pram should I buy?", "out_of_scope"),
    ],
)
def test_help_is_found(bot: Bot, text: str, intent: str) -> None:
    decision = bot.converse([text], NOW).decision
    assert decision is not None
    assert decision.intent == intent


@pytest.mark.parametrize(
    "text",
    ["at what age can she drink cow's milk?", "he is 10 months and has a cow's milk allergy"],
)
def test_cow_s_milk_is_no_farm(bot: Bot, text: str) -> None:
    assert "microbial_exposure" not in bot.converse([text], NOW).topics


def test_one_of_the_topics_before_may_be_asked_about_alone(bot: Bot) -> None:
    told = "10 weeks, eczema on his cheeks, gran says baby rice and bone broth for his stomach"
    assert bot.converse([told, "what can i do for his cheeks then"], NOW).topics[0] == (
        "eczema_symptoms"
    )


def test_a_food_of_the_question_before_is_left_behind_by_another_subject(bot: Bot) -> None:
    talk = bot.converse(["8 months, is egg ok and which soap for her rash", "and the soap?"], NOW)
    assert talk.topics[0] == "skin_irritants"
    assert talk.slots["question"]["items"] == []
