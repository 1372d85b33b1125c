"""Topics are ranked from what is read, named and found; who and what it is about decides scope."""

from __future__ import annotations

import pytest

from evaluation.bot import Bot, read_all, train_classifier
from guide.knowledge import load_reader
from guide.reading import sentence_spans
from guide.topics import MAX_TOPICS, Outcome, Ranking, TopicRanker, sentence_weights


@pytest.fixture(scope="module")
def bot() -> Bot:
    return Bot(train_classifier(), load_reader())


@pytest.fixture(scope="module")
def ranker(bot: Bot) -> TopicRanker:
    return TopicRanker(bot.recogniser, bot.words.item_topics)


def rank(bot: Bot, ranker: TopicRanker, text: str) -> Ranking:
    return ranker(bot.recogniser(text), read_all(bot.classifier, text))


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("could she have a little kefir in her oats", "kefir"),
        ("what soap do you wash a baby with", "skin_irritants"),
        ("trapped wind every evening, he pulls his knees up", "digestive_symptoms"),
        ("she won't latch on the left side", "breastfeeding"),
        ("is dog hair good or bad for allergies, he is 10 months", "microbial_exposure"),
        ("what is klebsiella doing in a baby's gut", "enterobacteriaceae"),
        ("is the antihistamine syrup fine beside the cream", "medication"),
        ("is leaky gut a real thing in babies", "gut_barrier"),
        ("which probiotic strain is there for eczema", "probiotics"),
    ],
)
def test_main_topic_comes_first(bot: Bot, ranker: TopicRanker, text: str, topic: str) -> None:
    assert rank(bot, ranker, text).topics[0] == topic


@pytest.mark.parametrize(
    "text",
    [
        "my nan swears by a bit of sauerkraut juice off a spoon",
        "my boy is 8 months, can he have kefir",
    ],
)
def test_a_grandmother_is_no_formula(bot: Bot, ranker: TopicRanker, text: str) -> None:
    assert "formula_feeding" not in rank(bot, ranker, text).topics


@pytest.mark.parametrize(
    "text", ["is nan optipro fine for him", "we switched to nan and he is constipated"]
)
def test_a_formula_may_be_called_nan(bot: Bot, ranker: TopicRanker, text: str) -> None:
    assert "formula_feeding" in rank(bot, ranker, text).topics


def test_each_thing_asked_is_answered(bot: Bot, ranker: TopicRanker) -> None:
    text = "5 months, formula fed, constipated. Can I give kefir and does the soap matter?"
    ranking = rank(bot, ranker, text)
    assert {"kefir", "skin_irritants"} <= set(ranking.topics)
    assert len(ranking.topics) <= MAX_TOPICS


@pytest.mark.parametrize(
    "text",
    [
        "which stroller fits a small car",
        "I'm 45 with psoriasis, what cream can I use on me",
        "can adults take kefir for bloating, it's for my husband",
        "how do I reset my router",
        "my 9 year old has a cough at school",
        "is it legal to fire me on maternity leave",
        "when do the first teeth come",
        "how much kefir should my husband drink for his own bloating",
        "which shampoo for my itchy spaniel",
        "my manager says I can't pump at work, is that legal",
        "excel formula for the average of a column",
        "she is 13 months and doesn't walk yet",
        "his fingernails are so long, how do I cut them",
    ],
)
def test_other_matters_are_declined(bot: Bot, ranker: TopicRanker, text: str) -> None:
    ranking = rank(bot, ranker, text)
    assert ranking.outcome is Outcome.DECLINE
    assert ranking.topics == ("out_of_scope",)


def test_another_matter_in_passing_is_no_reason_to_decline(bot: Bot, ranker: TopicRanker) -> None:
    text = "He's teething and naps badly. Is it fine to put kefir in his porridge at 9 months?"
    assert rank(bot, ranker, text).topics[0] == "kefir"


@pytest.mark.parametrize(
    "text", ["zzz", "👶", "blorp fnord", "asdfgh", "qwerty 123", "lkjsdf sdflkj"]
)
def test_nothing_known_is_not_understood(bot: Bot, ranker: TopicRanker, text: str) -> None:
    ranking = rank(bot, ranker, text)
    assert ranking.outcome is Outcome.UNKNOWN
    assert ranking.topics == ()
    assert ranking.intent is None


@pytest.mark.parametrize("text", ["hello", "thank you so much", "bye"])
def test_small_talk_is_no_topic(bot: Bot, ranker: TopicRanker, text: str) -> None:
    assert rank(bot, ranker, text).outcome is Outcome.SOCIAL


def test_shares_add_up(bot: Bot, ranker: TopicRanker) -> None:
    scores = rank(bot, ranker, "is kefir ok with eczema").scores
    assert sum(scores.values()) == pytest.approx(1.0)
    assert list(scores.values()) == sorted(scores.values(), reverse=True)


def test_a_sentence_that_asks_weighs_more() -> None:
    text = "He sleeps well. How much water does he need? We like it here."
    told, asked, last = sentence_weights(text, sentence_spans(text))
    assert asked > told
    assert asked > last
