"""Stock `rasa run` and `rasa run actions`, a caller's own plain files, over HTTP."""

from __future__ import annotations

import pytest

from tests.e2e.servers import RestChat

pytestmark = [pytest.mark.e2e, pytest.mark.rasa]


def test_a_greeting(chat: RestChat) -> None:
    turn = chat.say("hello")
    assert turn.level == "none"
    assert "clinician" in turn.text


def test_a_food_question_asks_the_age_and_uses_it(chat: RestChat) -> None:
    asked = chat.say("can my baby have kefir?")
    assert "kefir" in asked.topics
    assert "ask_age" in asked.rules
    told = chat.say("7 months")
    assert "kefir" in told.topics
    assert told.verdicts.get("kefir") not in (None, "unknown_age")
    assert chat.slot("age_months") == 7
    again = chat.say("what about honey?")
    assert again.verdicts.get("honey") in ("avoid", "not_yet")
    assert "ask_age" not in again.rules


def test_an_age_that_is_declined_gives_a_careful_answer(chat: RestChat) -> None:
    asked = chat.say("can my baby have kefir?")
    payload = asked.payloads["I'd rather not say"]
    declined = chat.say(payload)
    assert "kefir" in declined.topics
    assert declined.verdicts.get("kefir") != "fine"
    assert "ask_age" not in chat.say("and honey?").rules


def test_facts_are_remembered_and_used(chat: RestChat) -> None:
    chat.say("my daughter is 5 months old and breastfed")
    assert chat.slot("age_months") == 5
    assert chat.slot("feeding_type") == "breast"
    turn = chat.say("can she have honey?")
    assert turn.verdicts["honey"] == "avoid"
    assert "ask_age" not in turn.rules


def test_an_emergency_says_only_what_to_do_now(chat: RestChat) -> None:
    turn = chat.say("my baby can't breathe")
    assert turn.level == "emergency"
    assert any(number in turn.text for number in ("112", "911", "999"))
    assert len(turn.messages) == 1
    assert not turn.payloads
    assert not turn.topics
    assert not turn.verdicts


def test_urgent_advice_offers_the_guidance(chat: RestChat) -> None:
    chat.say("my baby is 9 months old")
    turn = chat.say("there is blood in his poo, can he have kefir?")
    assert turn.level == "urgent"
    assert "/answer_anyway" in turn.payloads.values()
    assert "kefir" in chat.say("/answer_anyway").topics


def test_a_check_then_no_then_guidance(chat: RestChat) -> None:
    turn = chat.say("I think he might be having trouble breathing")
    assert turn.level in ("check", "emergency")
    if turn.level == "check":
        assert "/check_no" in turn.payloads.values()
        assert chat.say("/check_no").level != "emergency"


def test_a_check_answered_yes_counts_in_the_turns_after_it(chat: RestChat) -> None:
    turn = chat.say("he might have a fever")
    assert turn.level == "check"
    assert set(turn.payloads.values()) == {"/check_yes", "/check_no"}
    assert chat.say("/check_yes").level in ("check", "urgent", "emergency")
    assert chat.say("he is 6 weeks old").level == "emergency"


@pytest.mark.parametrize("answer", ["yes", "yes he does", "Yes!"])
def test_a_check_may_be_answered_in_words(chat: RestChat, answer: str) -> None:
    assert chat.say("he might have a fever").level == "check"
    assert chat.say(answer).level in ("check", "urgent", "emergency")


def test_a_check_answered_no_in_words_leads_on(chat: RestChat) -> None:
    assert chat.say("he might have a fever, can he have kefir?").level == "check"
    assert chat.say("no").level in ("none", "routine")


def test_a_what_if_is_answered_with_the_fixed_line(chat: RestChat) -> None:
    turn = chat.say("what are the signs of a bad allergic reaction in babies?")
    assert turn.level in ("none", "routine")


def test_out_of_scope(chat: RestChat) -> None:
    turn = chat.say("who won the football last night?")
    assert turn.level in ("none", "routine")
    assert not turn.verdicts


def test_an_open_alarm_comes_before_a_food_question(chat: RestChat) -> None:
    assert chat.say("her lips are blue").level == "emergency"
    turn = chat.say("can she have kefir at 8 months?")
    assert turn.level == "emergency"
    assert "kefir" not in turn.topics
    closed = chat.say("the ambulance is on its way")
    assert closed.level == "routine"
    later = chat.say("/answer_anyway")
    assert "kefir" in later.topics
    assert later.level != "emergency"


def test_buttons_do_not_get_past_an_open_alarm(chat: RestChat) -> None:
    chat.say("her lips are blue")
    for payload in ("/ask_kefir", '/more{"topic": "kefir"}', "/ask_why", "/answer_anyway"):
        assert chat.say(payload).level == "emergency", payload


def test_two_turns_make_an_emergency(chat: RestChat) -> None:
    assert chat.say("his temperature is 38.5").level != "emergency"
    assert chat.say("he is 7 weeks old").level == "emergency"


def test_more_and_why(chat: RestChat) -> None:
    chat.say("my baby is 8 months old")
    chat.say("what is kefir good for?")
    assert "kefir" in chat.say('/more{"topic": "kefir"}').topics
    assert chat.say("/ask_why").text


@pytest.mark.parametrize("text", ["zzz", "😢", "?", ".", "ok"])
def test_nothing_known_in_a_message_is_not_taken_for_an_answer(chat: RestChat, text: str) -> None:
    turn = chat.say(text)
    assert turn.messages
    assert turn.level in ("none", "routine")
    assert not turn.verdicts


def test_trap_empty_and_odd_text_is_answered_once_and_the_chat_goes_on(chat: RestChat) -> None:
    for text in ("", " ", "/", "/nonsense", "{}", "a" * 5_000, "\n\n", "/decline_age"):
        assert 1 <= len(chat.say(text).messages) <= 3, repr(text)
    assert chat.say("he can't breathe").level == "emergency"


def test_trap_a_leading_slash_is_no_order(chat: RestChat) -> None:
    assert chat.say("/he can't breathe").level == "emergency"
    assert chat.say("// what about kefir").level == "emergency"


def test_trap_two_spaces_hide_no_sign(chat: RestChat) -> None:
    assert chat.say("she  can't   breathe").level == "emergency"


def test_trap_a_flag_inside_the_age_form(chat: RestChat) -> None:
    assert "ask_age" in chat.say("can my baby have kefir?").rules
    assert chat.say("well she is 5 months but now her lips are blue").level == "emergency"
    assert chat.say("the ambulance is on its way").level == "routine"


def test_trap_a_flag_as_the_first_word_ever(chat: RestChat) -> None:
    assert chat.say("CHOKING").level == "emergency"


def test_trap_at_most_three_messages(chat: RestChat) -> None:
    turn = chat.say(
        "my 8 month old is formula fed and has eczema and reflux, can she have kefir, probiotics "
        "and bone broth, and should I do a gut test?"
    )
    assert 1 <= len(turn.messages) <= 3


@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_trap_a_long_message_with_a_flag(chat: RestChat, place: str) -> None:
    filler = "We went to the park and she had some carrots and then a nap. " * 14
    flag = "Her lips are blue. "
    text = {"start": flag + filler * 2, "middle": filler + flag + filler, "end": filler * 2 + flag}
    turn = chat.say(text[place])
    assert turn.level == "emergency"
    assert turn.seconds < 3


def test_why_is_the_age_asked(chat: RestChat) -> None:
    assert "ask_age" in chat.say("can my baby have kefir?").rules
    assert chat.say("why do you need that?").messages
    assert "kefir" in chat.say("9 months").topics


def test_the_age_form_is_left_by_another_question(chat: RestChat) -> None:
    assert "ask_age" in chat.say("can my baby have kefir?").rules
    turn = chat.say("what is akkermansia?")
    assert "akkermansia" in turn.topics
