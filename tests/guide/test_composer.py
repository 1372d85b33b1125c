"""Answers: what they hold, how long they are, and what they never say."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from guide.composer import Aspects, Composer, Settings, aspect_finder, load_words
from guide.content import load_content
from guide.gates import load_gates
from guide.model import CONDITIONS, FEEDING_TYPES, TOPICS, Facts, Level, Question, Reply, Verdict
from guide.recogniser import Recogniser

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 3, 1)
NOTHING_TOLD = Facts()
CONTENT = load_content(DATA)
GATES = load_gates(DATA / "gates", CONTENT.sources, CONTENT.topics)
WORDS = load_words(DATA / "words" / "composer.yml")


def composer(
    aspects: Mapping[str, list[str]] | None = None, settings: Settings | None = None
) -> Composer:
    return Composer(CONTENT, GATES, WORDS, lambda _: aspects or {}, settings or Settings())


def ask(
    *topics: str,
    items: tuple[str, ...] = (),
    facts: Facts = NOTHING_TOLD,
    aspects: Mapping[str, list[str]] | None = None,
) -> list[Reply]:
    return composer(aspects).answer(Question("hello", topics, items), facts, TODAY)


def words(reply: Reply) -> int:
    return len(reply.text.split())


@pytest.mark.parametrize("topic", [one for one in TOPICS if one != "out_of_scope"])
@pytest.mark.parametrize("age", [None, 2.0, 10.0])
def test_an_answer_attributes_the_guide_and_ends_with_the_clinician(
    topic: str, age: float | None
) -> None:
    (reply,) = ask(topic, facts=Facts(age_months=age))
    told = CONTENT.topics[topic]
    assert told.guide[0].say in reply.text
    assert told.evidence[0].say in reply.text
    assert reply.text.endswith(told.clinician)
    assert set(told.guide[0].claims) <= set(reply.claims)
    assert reply.level is Level.ROUTINE
    assert reply.topics == (topic,)
    assert words(reply) <= 95


def test_the_card_holds_the_same_words() -> None:
    (reply,) = ask("kefir", facts=Facts(age_months=9), aspects={"kefir": ["amount"]})
    for section in ("gate", "answer", "guide", "evidence"):
        for sentence in reply.card[section]:
            assert sentence in reply.text
    assert reply.card["clinician"] in reply.text
    assert all(source["title"] for source in reply.card["sources"])
    json.dumps(reply.metadata())


@pytest.mark.parametrize("topic", ["probiotics", "medication", "food_allergy"])
def test_a_dose_is_refused_first_and_nothing_is_suggested(topic: str) -> None:
    replies = ask("eczema_symptoms", topic, facts=Facts(age_months=9), aspects={topic: ["r2_dose"]})
    (aspect,) = [one for one in CONTENT.topics[topic].aspects if one.id == "r2_dose"]
    (reply,) = replies
    assert reply.text.startswith(aspect.say)
    assert reply.text.endswith(CONTENT.topics[topic].clinician)
    assert "guide" not in reply.text
    assert not reply.claims


def test_a_refusal_keeps_the_verdict_and_its_reason() -> None:
    facts = Facts(age_months=9, conditions=frozenset({"preterm"}))
    (reply,) = ask("probiotics", facts=facts, aspects={"probiotics": ["r2_dose"]})
    assert reply.verdicts == {"probiotics": Verdict.ASK_CLINICIAN}
    assert "living germs" in reply.text


def test_too_much_of_a_probiotic_is_answered_beside_the_refusal() -> None:
    (reply,) = ask("probiotics", aspects={"probiotics": ["r2_dose", "too_much"]})
    assert "poison line" in reply.text


def test_a_topic_s_own_food_is_judged_when_none_is_named() -> None:
    (reply,) = ask("kefir", facts=Facts(age_months=4.5))
    assert reply.verdicts == {"kefir": Verdict.NOT_YET}
    assert reply.rules == ("G_AGE_4_6M",)
    assert reply.text.startswith("Not yet for kefir")


def test_foods_with_the_same_answer_are_said_together() -> None:
    items = ("vegetables", "fruit_puree", "meat")
    (reply,) = ask("starting_solids", items=items, facts=Facts(age_months=5))
    assert reply.text.count("Not yet") == 1
    assert "vegetables, fruit and meat" in reply.text
    assert set(reply.verdicts) == set(items)


def test_the_direct_answer_comes_first_when_the_food_is_fine() -> None:
    (reply,) = ask("kefir", facts=Facts(age_months=9), aspects={"kefir": ["alcohol"]})
    (aspect,) = [one for one in CONTENT.topics["kefir"].aspects if one.id == "alcohol"]
    assert reply.text.startswith(aspect.say)


def test_the_age_asked_for_is_told_beside_what_holds_the_food_back() -> None:
    (reply,) = ask(
        "starting_solids",
        items=("cows_milk_drink",),
        facts=Facts(age_months=4.2),
        aspects={"starting_solids": ["cows_milk"]},
    )
    assert reply.text.startswith("Not yet for cow's milk as a drink")
    assert "as a main drink only from 12" in reply.text
    assert words(reply) <= 120


@pytest.mark.parametrize(("by", "told"), [(2.3, True), (0.0, False)])
def test_a_baby_born_early_is_told_which_age_counts(by: float, told: bool) -> None:  # noqa: FBT001
    facts = Facts(age_months=7, corrected_by_months=by, conditions=frozenset({"preterm"}))
    (reply,) = ask("starting_solids", facts=facts)
    assert ("your baby counts as 4½ months old" in reply.text) is told


def test_what_is_fine_names_who_must_ask_first() -> None:
    (reply,) = ask("kefir", facts=Facts(age_months=9))
    assert "reacts to milk" in reply.text
    known = Facts(age_months=9, cleared=frozenset({"milk_allergy"}))
    (reply,) = ask("kefir", facts=known)
    assert "reacts to milk" not in reply.text


def test_without_the_age_the_answer_is_cautious_and_asks_for_it() -> None:
    (reply,) = ask("kefir")
    assert reply.verdicts == {"kefir": Verdict.UNKNOWN_AGE}
    assert "Tell me the age" in reply.text


def test_an_older_child_is_told_what_the_guide_covers() -> None:
    (reply,) = ask("eczema_symptoms", facts=Facts(age_months=50))
    assert "36 months" in reply.text


def test_at_most_three_replies_and_the_rest_as_buttons() -> None:
    topics = ("kefir", "probiotics", "meat_stock", "medication", "breastfeeding")
    replies = ask(*topics, facts=Facts(age_months=9))
    assert [reply.topics[0] for reply in replies] == list(topics[:3])
    assert not replies[0].buttons
    titles = [button.title for button in replies[-1].buttons]
    assert len(titles) <= 4
    assert titles[0] == WORDS.more_button
    assert CONTENT.topics["medication"].title in titles
    assert titles[-1] == WORDS.why_button
    assert all(words(reply) <= 72 for reply in replies[1:])


def test_buttons_carry_rasa_payloads() -> None:
    (reply,) = ask("kefir")
    payloads = [button.payload for button in reply.buttons]
    assert payloads[0] == '/more{"topic":"kefir"}'
    assert payloads[-1] == "/ask_why"
    assert all(payload.startswith("/ask_") for payload in payloads[1:])


def test_a_mother_s_food_is_not_judged_as_the_baby_s() -> None:
    (reply,) = ask("breastfeeding", items=("egg",), facts=Facts(age_months=3))
    assert reply.verdicts == {}


def test_what_the_guide_does_not_cover_is_declined() -> None:
    (reply,) = ask("out_of_scope")
    assert reply.level is Level.NONE
    assert WORDS.why_button not in [button.title for button in reply.buttons]


def test_beside_what_is_declined_no_food_is_judged() -> None:
    (reply,) = ask("out_of_scope", items=("kefir",), facts=Facts(age_months=5))
    assert reply.verdicts == {}
    assert "Not yet" not in reply.text


def test_the_referral_code_is_hidden_unless_the_operator_shows_it() -> None:
    question = Question("any discount?", ("microbiome_testing",))
    aspects = {"microbiome_testing": ["discount"]}
    shown = composer(aspects, Settings(show_referral=True))
    (hidden,) = composer(aspects).answer(question, Facts(), TODAY)
    (open_,) = shown.answer(question, Facts(), TODAY)
    (urgent,) = shown.answer(question, Facts(), TODAY, Level.CHECK)
    assert "REF-" not in hidden.text
    assert "may be rewarded" in hidden.text
    assert open_.text.index("may be rewarded") < open_.text.index("REF-")
    assert "REF-" not in urgent.text


def test_the_setting_is_off_unless_the_environment_says_so() -> None:
    shown = {one: Settings.from_env({"SHOW_REFERRAL": one}) for one in ("", "0", "false", "true")}
    assert [one for one, settings in shown.items() if settings.show_referral] == ["true"]
    assert not Settings.from_env({}).show_referral


def test_no_other_sentence_holds_the_referral_code() -> None:
    every = {one: [aspect.id for aspect in CONTENT.topics[one].aspects] for one in TOPICS}
    for topic in TOPICS:
        for aspect in every[topic]:
            (reply,) = ask(topic, aspects={topic: [aspect]})
            assert "REF-" not in reply.text


def test_more_is_longer_and_fitted_to_the_baby() -> None:
    reply = composer().more("kefir", Facts(age_months=4), TODAY)
    assert reply.text.startswith("Not yet for kefir")
    assert reply.verdicts == {"kefir": Verdict.NOT_YET}
    assert CONTENT.topics["kefir"].more[:40] in reply.text
    fine = composer().more("kefir", Facts(age_months=9), TODAY)
    assert "2 hours" in fine.text


def test_why_names_facts_rules_claims_and_sources() -> None:
    facts = Facts(age_months=9, conditions=frozenset({"milk_allergy"}))
    (reply,) = ask("kefir", facts=facts)
    why = composer().why(reply.metadata(), facts, TODAY)
    assert "9 months old; milk allergy" in why.text
    assert "Cow's milk allergy" in why.text
    assert CONTENT.topics["kefir"].guide[0].say in why.text
    assert "http" in why.text
    assert why.verdicts == reply.verdicts
    assert composer().why({}, facts, TODAY).level is Level.NONE


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("G_AGE.probiotics.0", "Probiotics: ask a clinician first, at any age"),
        ("G_AGE.sauerkraut_brine.0", "Sauerkraut brine: not before 12 months"),
        ("G_AGE.fermented_vegetables.6", "Fermented vegetables: not before 9 months"),
        ("G_AGE.kefir.6", "Kefir: from 6 months"),
        ("G_AGE.kefir.12", "Kefir: from 12 months"),
        ("G_AGE.water_kefir.0", "Water kefir: not for a baby or toddler"),
        ("G_AGE.animals_and_dirt.0", "Animals, soil and nature: at any age"),
        ("G_AGE_4_6M", "Solid food: from about 6 months"),
        ("G_ALLERGEN_MILK", "Cow's milk allergy: nothing made of milk"),
    ],
)
def test_why_says_what_a_rule_is(rule: str, words: str) -> None:
    why = composer().why({"topics": ["kefir"], "rules": [rule]}, NOTHING_TOLD, TODAY)
    assert f"Rules that I followed: {words}." in why.text


def test_every_rule_says_what_it_is() -> None:
    bands = [
        f"G_AGE.{name}.{band.from_:g}" for name, item in GATES.items.items() for band in item.ages
    ]
    for rule in (*GATES.gates, *bands):
        text = composer().why({"topics": ["kefir"], "rules": [rule]}, NOTHING_TOLD, TODAY).text
        assert "Rules that I followed: " in text, rule
        assert "{" not in text, rule


def test_how_well_a_claim_holds_stands_beside_the_claim() -> None:
    (reply,) = ask("probiotics", facts=Facts(age_months=9))
    why = composer().why(reply.metadata(), Facts(age_months=9), TODAY).text
    claim = "only for a short time. How well this holds: good studies say otherwise."
    assert claim in why
    assert "What is known: Big reviews found little or no difference" in why
    assert "(good studies" not in why


def test_choices_are_buttons_with_readable_titles() -> None:
    reply = composer().choices(["kefir", "probiotics", "no_such_topic"])
    assert [button.title for button in reply.buttons] == ["Kefir", "Probiotics"]
    assert reply.level is Level.NONE


def test_every_condition_and_feeding_type_has_words() -> None:
    assert set(WORDS.conditions) == set(CONDITIONS)
    assert set(WORDS.feeding) == set(FEEDING_TYPES)


def test_every_pair_of_topic_and_food_gives_short_whole_replies() -> None:
    for topic, item in itertools.product(("kefir", "food_allergy"), GATES.items):
        for age in (None, 3.0, 8.0, 20.0):
            for reply in ask(topic, items=(item,), facts=Facts(age_months=age)):
                assert "{" not in reply.text
                assert ".." not in reply.text
                assert words(reply) <= 150


@pytest.fixture(scope="module")
def finder(real_recogniser: Recogniser) -> Aspects:
    return aspect_finder(CONTENT, real_recogniser.normaliser, real_recogniser.lexicon.vocabulary)


@pytest.mark.parametrize(
    ("before", "text", "topic", "aspect"),
    [
        ("hydrocortisone for her cheeks", "how long?", "medication", "steroid_how_long"),
        ("how often should i bath him", "how long?", "skin_irritants", "how_long_bath"),
    ],
)
def test_a_follow_up_asks_what_its_words_and_those_before_tell_together(
    finder: Aspects, before: str, text: str, topic: str, aspect: str
) -> None:
    say = next(one.say for one in CONTENT.topics[topic].aspects if one.id == aspect)
    composer = Composer(CONTENT, GATES, WORDS, finder, Settings())
    (alone,) = composer.answer(Question(text, (topic,)), NOTHING_TOLD, TODAY)
    (after,) = composer.answer(Question(text, (topic,), before=before), NOTHING_TOLD, TODAY)
    assert say in after.text
    assert say not in alone.text
    earlier = finder(before).get(topic, [])
    aspects = CONTENT.topics[topic].aspects
    assert not any(one.say in after.text for one in aspects if one.id in earlier)


def test_what_is_denied_is_not_asked_about(finder: Aspects) -> None:
    assert "mild_reaction" in finder("he had a reaction to milk")["food_allergy"]
    assert "mild_reaction" not in finder("no reaction to milk, cheese?").get("food_allergy", [])
    both = finder("no reaction to milk but hives after egg")
    assert "mild_reaction" in both["food_allergy"]
    assert finder("why no honey?")["starting_solids"]
