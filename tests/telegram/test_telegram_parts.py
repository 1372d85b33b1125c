"""The parts by themselves: text, updates, pauses, the token's mask."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram_standin import TOKEN

from channels.telegram import _open_state
from channels.telegram_api import TokenMask
from channels.telegram_courier import Backoff
from channels.telegram_render import stands_alone
from channels.telegram_settings import Settings
from channels.telegram_text import shorten, split_text, units
from channels.telegram_updates import Incoming, Kind, Me, understand

ME = Me(7, "GuideBot")


@given(st.text(max_size=400), st.integers(4, 60))
def test_parts_of_a_text_are_within_the_limit_and_lose_no_word(text: str, limit: int):
    parts = split_text(text, limit)
    assert all(0 < units(part) <= limit and part == part.strip() for part in parts)
    # Control and direction characters are taken out; the rest is all there, in order.
    assert "".join("".join(parts).split()) == "".join("".join(split_text(text, 10_000)).split())


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("One. Two. Three.", 10, ["One. Two.", "Three."]),
        ("First line\nSecond line", 12, ["First line", "Second line"]),
        ("A b.\n\nC d. E f.", 12, ["A b.", "C d. E f."]),
        ("longwordwithoutend", 6, ["longwo", "rdwith", "outend"]),
        ("👶👶👶", 4, ["👶👶", "👶"]),
        ("e\u0301e\u0301", 3, ["e\u0301", "e\u0301"]),
        ("0.5 to 1.5 years. Yes.", 18, ["0.5 to 1.5 years.", "Yes."]),
        ("   \n ", 10, []),
        ("", 10, []),
    ],
)
def test_texts_are_split_where_a_reader_pauses(text: str, limit: int, parts: list[str]):
    assert split_text(text, limit) == parts


def test_a_title_is_shortened_with_an_ellipsis():
    assert shorten("short", 10) == "short"
    assert shorten("far too long for it", 10) == "far too l…"
    assert units(shorten("👶" * 50, 60)) <= 60


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "chat from id type text caption entities photo message data is_bot offset length "
                "user caption_entities reply_to_message sender_chat new_chat_member status "
                "reply_markup inline_keyboard message_thread_id is_topic_message "
                "media_group_id".split()
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "other"]), ANY
)
def test_no_update_is_too_strange(kind: str, content: Any):
    assert isinstance(understand({kind: content}, ME, frozenset({"help"})), Incoming)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("@guidebot hello", Kind.TEXT),
        ("hello @GuideBot", Kind.TEXT),
        ("@guidebotany hello", Kind.SILENT),
        ("mail@guidebot.org", Kind.SILENT),
        ("/help", Kind.COMMAND),
        ("/help@guidebot", Kind.COMMAND),
        ("/help@otherbot", Kind.SILENT),
        ("/unknown", Kind.SILENT),
    ],
)
def test_who_is_addressed_in_a_group(text: str, kind: Kind):
    at = text.find("@")
    word = text[at:].split()[0].split(".")[0] if at >= 0 else ""
    # Telegram itself marks mentions, and not inside a mail address.
    marked = at == 0 or (at > 0 and text[at - 1] == " ")
    entities = [{"type": "mention", "offset": at, "length": len(word)}] if marked else []
    message = {
        "chat": {"id": -1, "type": "group"},
        "from": {"id": 5},
        "text": text,
        "entities": entities,
    }
    assert understand({"message": message}, ME, frozenset({"help"})).kind is kind


@pytest.mark.parametrize(
    ("payload", "alone"),
    [
        ("/ask_kefir", True),
        ('/more{"topic":"kefir"}', True),
        ('/more{"topic": "kefir"}', True),
        ("/emergency_info", True),
        ("/ask_why", False),
        ("/affirm", False),
        ("/forget_me", False),
        ('/ask_kefir{"age_months": 40}', False),
        ("/ask_kefir\n", False),
        ("kefir", False),
    ],
)
def test_which_payloads_need_no_memory(payload: str, alone: bool):  # noqa: FBT001
    assert stands_alone(payload) is alone


def test_pauses_double_up_to_their_limit_with_jitter():
    backoff = Backoff(1.0, 60.0)
    pauses = [backoff.next_s() for _ in range(12)]
    for number, pause in enumerate(pauses):
        most = min(60.0, 2.0**number)
        assert most / 2 <= pause <= most
    backoff.reset()
    assert backoff.next_s() <= 1.0


def test_the_token_is_in_no_record(caplog: pytest.LogCaptureFixture):
    TokenMask.hide(TOKEN)
    log = logging.getLogger("httpx")
    url = f"https://api.telegram.org/bot{TOKEN}/getMe"
    with caplog.at_level(logging.DEBUG):
        log.info("HTTP Request: %s %s", "POST", url)
        log.warning("quoted %s", TOKEN.replace(":", "%3A"))
        try:
            raise ValueError(url)
        except ValueError:
            log.exception("failed")
    text = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert TOKEN.partition(":")[2] not in text
    assert caplog.text.count("<token>") >= 3
    assert "ValueError" in caplog.text


def test_a_broken_file_is_put_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = tmp_path / "telegram.db"
    path.write_bytes(b"this is no database at all, but long enough to be looked at " * 50)
    state = _open_state(Settings(token=TOKEN, state=path))
    assert state.offset() == 0
    state.close()
    assert len(list(tmp_path.glob("telegram.db.broken-*"))) == 1
    assert "put aside" in caplog.text
