"""What a parent sees on Telegram: every kind of update against the strict stand-in."""

from __future__ import annotations

from typing import Any

import pytest
from telegram_standin import BOT, Telegram, utf16
from telegram_toy import EMERGENCY

from channels.telegram_words import commands, telegram_words
from channels.words import channel_words

LINE = channel_words().emergency_line
WORDS = telegram_words()


async def test_text_is_answered_and_the_sender_is_namespaced(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    await telegram.say("hello there", chat=7)
    assert await telegram.until_texts(1) == ["echo: hello there"]
    turn = running.agent.turns[0]
    assert turn.sender_id.startswith("telegram:4242:7:7:")
    assert len(turn.sender_id.rsplit(":", 1)[1]) == 16
    assert turn.input_channel == "telegram_guide"
    assert "Ada" not in repr(vars(turn))


async def test_commands_are_registered_and_mapped(telegram: Telegram, start_bot: Any):
    await start_bot()
    await telegram.until(lambda: telegram.called("setMyCommands"))
    offered = [each["command"] for each in telegram.called("setMyCommands")[0]["commands"]]
    assert offered == ["start", "help", "plan", "note", "urgent", "forget"]
    for each in commands()[:-1]:
        await telegram.say(f"/{each.command}")
    await telegram.say("/start kefir_link")
    expected = [f"echo: {each.payload}" for each in commands()[:-1]]
    assert await telegram.until_texts(6) == [*expected, "echo: /greet"]


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("/kefir", "kefir"),
        ("/help my baby has a rash", "help my baby has a rash"),
        ('/inform{"age_months": 40}', 'inform{"age_months": 40}'),
        ("  //ask_plan", "ask_plan"),
        ("/PLAN", "/ask_plan"),
        ("/help@guidetestbot", "/ask_help"),
    ],
)
async def test_a_slash_never_reaches_rasa_as_an_order(
    telegram: Telegram, start_bot: Any, typed: str, understood: str
):
    running = await start_bot()
    await telegram.say(typed)
    await telegram.until_texts(1)
    assert running.agent.turns[0].text == understood


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"photo": [{"file_id": "x"}]}, "media_photo"),
        ({"voice": {"file_id": "x"}}, "media_voice"),
        ({"audio": {"file_id": "x"}}, "media_voice"),
        ({"video": {"file_id": "x"}}, "media_video"),
        ({"video_note": {"file_id": "x"}}, "media_video"),
        ({"animation": {}, "document": {}}, "media_video"),
        ({"sticker": {"emoji": "🙂"}}, "media_sticker"),
        ({"document": {"file_id": "x"}}, "media_file"),
        ({"location": {"latitude": 1, "longitude": 2}}, "media_location"),
        ({"contact": {"phone_number": "1"}}, "media_other"),
        ({"poll": {"question": "?"}}, "media_other"),
    ],
)
async def test_what_cannot_be_seen_gets_a_kind_sentence_with_the_danger_line(
    telegram: Telegram, start_bot: Any, content: dict[str, Any], key: str
):
    running = await start_bot()
    await telegram.update(message=telegram.message(**content))
    (text,) = await telegram.until_texts(1)
    assert text == f"{WORDS.say(key)}\n\n{LINE}"
    assert not running.agent.turns


async def test_a_caption_is_read_as_words(telegram: Telegram, start_bot: Any):
    await start_bot()
    await telegram.update(message=telegram.message(photo=[{}], caption="is this eczema"))
    texts = await telegram.until_texts(2)
    assert texts == [WORDS.say("media_caption"), "echo: is this eczema"]


async def test_a_caption_is_read_for_danger(telegram: Telegram, start_bot: Any):
    await start_bot()
    await telegram.update(message=telegram.message(video={}, caption="she can't breathe"))
    assert await telegram.until_texts(1) == ["From Rasa: call 999."]


async def test_an_album_is_answered_once(telegram: Telegram, start_bot: Any):
    await start_bot()
    for _ in range(4):
        await telegram.update(message=telegram.message(photo=[{}], media_group_id="a"))
    await telegram.say("next")
    texts = await telegram.until_texts(2)
    assert len(texts) == 2
    assert texts[1] == "echo: next"


async def test_an_edit_is_answered_once_as_a_correction(telegram: Telegram, start_bot: Any):
    await start_bot()
    message = await telegram.say("he is 5 months")
    await telegram.until_texts(1)
    changed = {**message, "text": "he is 6 months"}
    await telegram.update(edited_message=changed)
    await telegram.update(edited_message={**changed, "edit_date": 1})  # a link's preview
    await telegram.update(edited_message=telegram.message(location={"live_period": 60}))
    await telegram.say("end")
    texts = await telegram.until_texts(4)
    assert texts[1:] == [WORDS.say("corrected"), "echo: he is 6 months", "echo: end"]
    assert telegram.sent[1]["reply_parameters"]["message_id"] == message["message_id"]


async def test_an_edit_is_read_for_danger(telegram: Telegram, start_bot: Any):
    await start_bot()
    message = await telegram.say("he can rest")
    await telegram.until_texts(1)
    await telegram.update(edited_message={**message, "text": "he can't breathe"})
    assert await telegram.until_texts(2) == ["echo: he can rest", "From Rasa: call 999."]


@pytest.mark.parametrize(
    "content",
    [
        {"channel_post": {"message_id": 1, "chat": {"id": -5, "type": "channel"}, "text": "x"}},
        {"edited_channel_post": {"message_id": 1, "chat": {"id": -5, "type": "channel"}}},
        {"message": {"message_id": 1, "chat": {"id": 1, "type": "private"}, "from": {"id": 1}}},
        {"message": {"new_chat_members": [], "chat": {"id": -1, "type": "group"}, "from": 5}},
        {"message": None},
        {"message": {"chat": 7, "from": [], "text": {"a": 1}}},
        {"callback_query": {"id": "1"}},
        {"inline_query": {"id": "1", "query": "x"}},
        {"poll_answer": {}},
        {"from_the_future": {"a": [1]}},
        {},
    ],
)
async def test_other_updates_are_let_pass_and_stop_nothing(
    telegram: Telegram, start_bot: Any, content: dict[str, Any]
):
    await start_bot()
    await telegram.update(**content)
    await telegram.say("still there")
    assert await telegram.until_texts(1) == ["echo: still there"]


async def test_bots_are_not_answered(telegram: Telegram, start_bot: Any):
    await start_bot()
    await telegram.update(
        message=telegram.message(text="hi", **{"from": {"id": 9, "is_bot": True}})
    )
    await telegram.say("hi", chat=2)
    assert await telegram.until_texts(1) == ["echo: hi"]


# -- buttons -----------------------------------------------------------------------------


async def shown_buttons(telegram: Telegram, chat: int = 1) -> dict[str, Any]:
    before = len(telegram.texts(chat))
    await telegram.say("buttons", chat=chat)
    await telegram.until_texts(before + 1, chat)
    return [m for m in telegram.sent if m["chat_id"] == chat][-1]


async def test_a_button_is_acknowledged_put_away_and_answered(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    shown = await shown_buttons(telegram)
    await telegram.press(shown, "Kefir")
    assert (await telegram.until_texts(2))[1] == "echo: /ask_kefir"
    assert shown["put_away"]
    (acknowledged,) = telegram.called("answerCallbackQuery")
    assert acknowledged["text"] == "You chose: Kefir"
    assert running.agent.turns[-1].metadata == {"title": "Kefir"}


async def test_a_long_payload_travels_by_key(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    shown = await shown_buttons(telegram)
    await telegram.press(shown, "Long")
    await telegram.until_texts(2)
    assert running.agent.turns[-1].text == '/inform{"age_months": 5, "why": "' + "x" * 80 + '"}'


async def test_a_button_pressed_twice_is_answered_once(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    shown = await shown_buttons(telegram)
    await telegram.press(shown, "Yes", times=3)
    await telegram.say("end")
    assert (await telegram.until_texts(3))[1:] == ["echo: /affirm", "echo: end"]
    assert len(telegram.called("answerCallbackQuery")) == 3
    assert len(running.agent.turns) == 3


@pytest.mark.parametrize("title", ["Yes", "Why?"])
async def test_an_old_button_that_needs_its_question_gets_a_kind_answer(
    telegram: Telegram, start_bot: Any, title: str
):
    running = await start_bot()
    shown = await shown_buttons(telegram)
    await telegram.say("something else")
    await telegram.until_texts(2)
    await telegram.press(shown, title)
    assert (await telegram.until_texts(3))[2] == WORDS.say_safely("old_button")
    assert len(running.agent.turns) == 2
    assert shown["put_away"]


async def test_an_old_button_that_stands_alone_still_works(telegram: Telegram, start_bot: Any):
    await start_bot()
    shown = await shown_buttons(telegram)
    await telegram.say("something else")
    await telegram.until_texts(2)
    await telegram.press(shown, "Kefir")
    assert (await telegram.until_texts(3))[2] == "echo: /ask_kefir"


@pytest.mark.parametrize(
    "data", ["b:unknown", "/affirm", '/inform{"age_months": 3}', "", "nonsense"]
)
async def test_a_made_up_button_gets_a_kind_answer(telegram: Telegram, start_bot: Any, data: str):
    running = await start_bot()
    await telegram.press_data(data)
    assert await telegram.until_texts(1) == [WORDS.say_safely("unknown_button")]
    assert not running.agent.turns


async def test_a_callback_that_is_too_old_to_acknowledge_is_still_answered(
    telegram: Telegram, start_bot: Any
):
    await start_bot()
    shown = await shown_buttons(telegram)
    telegram.faults.told["answerCallbackQuery"] = ["500", "500", "500", "500"]
    await telegram.press(shown, "Yes")
    assert (await telegram.until_texts(2))[1] == "echo: /affirm"


# -- the words that go out ---------------------------------------------------------------


async def test_a_long_answer_is_split_at_sentences(telegram: Telegram, start_bot: Any):
    await start_bot()
    await telegram.say("long")
    texts = await telegram.until_texts(4)
    assert all(text.endswith("here.") and utf16(text) <= 4096 for text in texts)
    assert " ".join(texts) == ("One sentence here. " * 800).strip()
    assert ["reply_markup" in m for m in telegram.sent] == [False, False, False, True]


async def test_formatting_neither_breaks_nor_injects(telegram: Telegram, start_bot: Any):
    await start_bot()
    await telegram.say("breaking")
    assert await telegram.until_texts(1) == ["<b>un*closed_ [x](javascript:1) &  `"]
    assert telegram.sent[0]["link_preview_options"] == {"is_disabled": True}


async def test_a_title_is_bold_by_range(telegram: Telegram, start_bot: Any):
    await start_bot()
    await telegram.say("card")
    await telegram.until_texts(1)
    assert telegram.sent[0]["entities"] == [{"type": "bold", "offset": 0, "length": 8}]


# -- slow, silent, broken ----------------------------------------------------------------


@pytest.mark.parametrize(("text", "key"), [("crash", "failed"), ("silent", "silent")])
async def test_no_turn_ends_in_silence(
    telegram: Telegram, start_bot: Any, text: str, key: str, caplog: pytest.LogCaptureFixture
):
    await start_bot()
    await telegram.say(text)
    assert await telegram.until_texts(1) == [WORDS.say_safely(key)]
    assert "a secret" not in caplog.text


async def test_without_a_model_danger_is_still_answered(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    running.agent.ready = False
    await telegram.say("hello")
    await telegram.until_texts(1)
    await telegram.say("he can't breathe")
    assert await telegram.until_texts(2) == [WORDS.say_safely("not_ready"), EMERGENCY]
    assert not running.agent.turns


async def test_a_slow_turn_shows_typing_then_a_sign_of_life_then_the_answer(
    telegram: Telegram, start_bot: Any
):
    await start_bot()
    await telegram.say("slow 0.2")
    assert await telegram.until_texts(1) == ["echo: slow 0.2"]
    assert telegram.called("sendChatAction") == [{"chat_id": 1, "action": "typing"}]
    await telegram.say("slow 0.7")
    texts = await telegram.until_texts(3)
    assert texts[1:] == [WORDS.say_safely("slow"), "echo: slow 0.7"]


async def test_a_turn_that_never_ends_is_given_up(telegram: Telegram, start_bot: Any):
    await start_bot()
    await telegram.say("slow 99")
    await telegram.say("next")
    texts = await telegram.until_texts(3)
    assert texts == [WORDS.say_safely("slow"), WORDS.say_safely("failed"), "echo: next"]


async def test_danger_overtakes_a_slow_turn_and_is_said_once(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    await telegram.say("slow 0.3")
    await telegram.until(lambda: running.agent.turns)
    await telegram.say("he can't breathe")
    texts = await telegram.until_texts(2)
    assert texts == [EMERGENCY, "echo: slow 0.3"]
    await telegram.until(lambda: len(running.agent.turns) == 2)
    await telegram.say("end")
    assert (await telegram.until_texts(3))[2] == "echo: end"


async def test_the_buttons_of_a_danger_reply_given_ahead_are_the_latest(
    telegram: Telegram, start_bot: Any
):
    running = await start_bot()
    await telegram.say("slow 0.2")
    await telegram.say("buttons")
    await telegram.until(lambda: running.agent.turns)
    await telegram.say("he can't breathe")
    await telegram.until_texts(3)
    await telegram.until(lambda: len(running.agent.turns) == 3)
    alarm, _, overtaken = telegram.sent
    await telegram.press(alarm, "False alarm")
    await telegram.press(overtaken, "Yes")
    texts = await telegram.until_texts(5)
    assert texts[3:] == ["echo: /alarm_over", WORDS.say_safely("old_button")]


async def test_danger_in_a_slow_turn_of_its_own_is_answered_at_once(
    telegram: Telegram, start_bot: Any
):
    await start_bot()
    await telegram.say("slow 0.3 can't breathe")
    assert await telegram.until_texts(1) == [EMERGENCY]
    await telegram.say("end")
    assert await telegram.until_texts(2) == [EMERGENCY, "echo: end"]


@pytest.mark.parametrize("place", ["start", "middle", "end"])
async def test_words_over_the_limit_are_refused_kindly_unless_there_is_danger(
    telegram: Telegram, start_bot: Any, place: str
):
    running = await start_bot()
    filler, danger = "word " * 700, "he can't breathe "
    await telegram.say(filler)
    await telegram.until_texts(1)
    half = len(filler) // 2
    texts = {
        "start": danger + filler,
        "middle": filler[:half] + danger + filler[half:],
        "end": filler + danger,
    }
    await telegram.say(texts[place])
    first, second = await telegram.until_texts(2)
    assert "2000" in first
    assert first.endswith(LINE)
    assert second == EMERGENCY
    assert not running.agent.turns


async def test_forgetting_takes_the_buttons_along(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    running.bot._conversation.agent = None  # erasing from Rasa's store is tested elsewhere
    shown = await shown_buttons(telegram)
    await telegram.say("/forget")
    assert (await telegram.until_texts(2))[1] == "Forgotten."
    await telegram.press(shown, "Yes")
    assert (await telegram.until_texts(3))[2] == WORDS.say_safely("unknown_button")


# -- groups ------------------------------------------------------------------------------

GROUP = -100


def mention(text: str) -> list[dict[str, Any]]:
    name = f"@{BOT['username']}"
    start = text.lower().find(name.lower())
    return [{"type": "mention", "offset": utf16(text[:start]), "length": len(name)}]


async def test_a_group_is_answered_only_when_the_bot_is_addressed(
    telegram: Telegram, start_bot: Any
):
    running = await start_bot()
    await telegram.say("he can't breathe", GROUP, user=5)
    await telegram.say("/other@SomeBot", GROUP, user=5)
    await telegram.say("/nobodys", GROUP, user=5)
    asked = "🙂 @guidetestbot what about kefir"
    await telegram.say(asked, GROUP, user=5, entities=mention(asked))
    reply = {"from": {"id": BOT["id"]}, "message_id": 1}
    await telegram.say("and egg", GROUP, user=6, reply_to_message=reply)
    await telegram.say("/help", GROUP, user=7)
    await telegram.say("/help@GuideTestBot", GROUP, user=7)
    texts = await telegram.until_texts(4)
    assert texts == [
        "echo: 🙂 what about kefir",
        "echo: and egg",
        "echo: /ask_help",
        "echo: /ask_help",
    ]
    senders = [turn.sender_id for turn in running.agent.turns]
    assert [s.split(":")[2:4] for s in senders] == [["-100", u] for u in ("5", "6", "7", "7")]
    assert all("reply_parameters" in m for m in telegram.sent)


async def test_a_bare_mention_gets_help_and_an_anonymous_one_a_hint(
    telegram: Telegram, start_bot: Any
):
    await start_bot()
    text = "@GuideTestBot"
    await telegram.say(text, GROUP, user=5, entities=mention(text))
    await telegram.say(text, GROUP, user=1087968824, entities=mention(text), sender_chat={"id": -1})
    assert await telegram.until_texts(2) == ["echo: /ask_help", WORDS.say("no_person")]


async def test_a_button_in_a_group_belongs_to_the_one_who_asked(telegram: Telegram, start_bot: Any):
    running = await start_bot()
    reply = {"from": {"id": BOT["id"]}, "message_id": 1}
    await telegram.say("buttons", GROUP, user=5, reply_to_message=reply)
    await telegram.until_texts(1)
    await telegram.press(telegram.sent[0], "Yes", user=6)
    await telegram.until(lambda: telegram.called("answerCallbackQuery"))
    assert telegram.called("answerCallbackQuery")[0]["text"] == WORDS.say("others_button")
    await telegram.press(telegram.sent[0], "Yes", user=5)
    await telegram.until_texts(2)
    assert running.agent.turns[-1].sender_id == running.agent.turns[0].sender_id


# -- blocked -----------------------------------------------------------------------------


async def test_a_parent_who_blocks_the_bot_is_left_in_peace_until_they_return(
    telegram: Telegram, start_bot: Any
):
    await start_bot()
    telegram.blocked.add(3)
    await telegram.say("hello", chat=3)
    await telegram.say("other", chat=4)
    assert await telegram.until_texts(1) == ["echo: other"]
    tried = len(telegram.called("sendMessage"))
    await telegram.update(my_chat_member=member(3, "kicked"))
    telegram.blocked.clear()
    await telegram.update(my_chat_member=member(3, "member"))
    await telegram.say("back", chat=3)
    assert await telegram.until_texts(2) == ["echo: other", "echo: back"]
    assert len(telegram.called("sendMessage")) == tried + 1


def member(chat: int, status: str) -> dict[str, Any]:
    return {"chat": {"id": chat, "type": "private"}, "new_chat_member": {"status": status}}
