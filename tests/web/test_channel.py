"""The channel over HTTP: sessions, limits, errors, danger first, never silence, never twice."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.web.conftest import Parent, Server, Website

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def texts(response: requests.Response) -> list[str]:
    return [message["text"] for message in response.json()["messages"]]


def levels(response: requests.Response) -> list[str]:
    return [message["metadata"]["escalation"] for message in response.json()["messages"]]


def test_answers_carry_the_contracts_metadata(parent: Parent) -> None:
    from_action = parent.say("kefir").json()["messages"][0]["metadata"]
    from_response = parent.say("breathe").json()["messages"][0]["metadata"]
    assert from_action["verdicts"]["kefir"] == "not_yet"
    assert from_action["topics"] == ["kefir"]
    assert from_action["card"]["do"]
    assert from_response["escalation"] == "emergency"
    assert set(from_response) == {"escalation", "topics", "claims", "rules", "verdicts"}


def test_buttons_work_for_the_session_that_was_offered_them_alone(parent: Parent) -> None:
    button = parent.say("hello").json()["messages"][0]["buttons"][0]
    assert "Kefir" in texts(parent.press(button["token"]))[0]
    stranger = Parent(parent.server)
    refused = stranger.press(button["token"])
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "unknown_button"
    assert "112" in refused.json()["error"]["message"]


@pytest.mark.parametrize("token", ["", "x", "a.b", "WyIvZ3JlZXQiLCJ4Il0.AAAA", "é.é"])
def test_forged_buttons_are_refused(parent: Parent, token: str) -> None:
    assert parent.press(token).status_code == 400


@pytest.mark.parametrize("session", ["", "x.1.y", "a.b", "é", "x" * 5000])
def test_forged_sessions_are_refused(server: Server, session: str) -> None:
    headers = {"Authorization": f"Bearer {session}".encode()}
    answer = requests.get(f"{server.url}/api/history", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "session"


@pytest.mark.parametrize("text", ["/emergency", " / /emergency", "\u200b/emergency", "//emergency"])
def test_a_typed_slash_is_no_command(parent: Parent, text: str) -> None:
    assert levels(parent.say(text)) == ["none"]
    shown = parent.get("history").json()["exchanges"][0]["text"]
    assert not shown.startswith("/")


@pytest.mark.parametrize("text", ["", "   ", "///", "\u0000\u0007", None, 7])
def test_nothing_said_gets_a_clear_sentence(parent: Parent, text: object) -> None:
    answer = parent.post("message", {"id": "message-x1", "text": text})
    assert answer.status_code == 400
    assert "type" in answer.json()["error"]["message"]


def test_control_characters_are_dropped(parent: Parent) -> None:
    parent.say("ke\u0000f\u202eir")
    assert parent.get("history").json()["exchanges"][0]["text"] == "kefir"


def test_long_messages_are_refused_and_still_looked_at_for_danger(parent: Parent) -> None:
    refused = parent.say("x" * 10_000)
    assert refused.status_code == 413
    assert "2000" in refused.json()["error"]["message"]
    assert "911" in refused.json()["error"]["message"]
    assert levels(parent.say("x " * 4_000 + "she can't breathe" + " x" * 500)) == ["emergency"]


def test_a_huge_body_is_refused_before_it_is_read(parent: Parent) -> None:
    started = time.monotonic()
    assert parent.say("x" * 1_000_000).json()["error"]["code"] == "too_large"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"text"'])
def test_bad_bodies_get_json_errors(parent: Parent, body: bytes) -> None:
    answer = requests.post(
        f"{parent.server.url}/api/message",
        data=body,
        headers={"Authorization": f"Bearer {parent.session}"},
        timeout=10,
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "message", 405),
        ("DELETE", "session", 405),
        ("GET", "nothing", 404),
        ("POST", "a/b/c", 404),
    ],
)
def test_wrong_addresses_get_json_errors(
    server: Server, method: str, path: str, status: int
) -> None:
    answer = requests.request(method, f"{server.url}/api/{path}", timeout=10)
    assert answer.status_code == status
    assert answer.json()["error"]["code"]


def test_a_retry_never_runs_twice(parent: Parent) -> None:
    with ThreadPoolExecutor(5) as pool:
        both = list(
            pool.map(
                lambda n: parent.post(
                    "message", {"id": "the-same-id", "text": "kefir", "attempt": n}
                ),
                range(1, 6),
            )
        )
    assert len({answer.text.split('"buttons"')[0] for answer in both}) == 1
    assert len(parent.get("history").json()["exchanges"]) == 1


def test_a_retry_after_a_restart_gets_the_stored_answer(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    parent = Parent(server)
    first = parent.say("kefir")
    server.stop()
    server.start()
    again = parent.post("message", {"id": "message-0001", "text": "kefir", "attempt": 2})
    assert texts(again) == texts(first)
    assert len(parent.get("history").json()["exchanges"]) == 1
    token = again.json()["messages"][0]["buttons"][0]["token"]
    assert parent.press(token).status_code == 200, "buttons outlive a restart"


def test_silence_and_failures_become_sentences(parent: Parent) -> None:
    for trouble in ("silent", "crash"):
        answer = texts(parent.say(trouble))
        assert len(answer) == 1
        assert "call your local emergency number" in answer[0]


def test_a_slow_turn_is_said_to_be_slow_then_answered(parent: Parent) -> None:
    answer = parent.say("slow")
    assert answer.json()["pending"] is True
    assert "emergency" in texts(answer)[0]
    again = parent.post("message", {"id": "message-0001", "text": "slow", "attempt": 2})
    while again.json()["pending"]:
        again = parent.post("message", {"id": "message-0001", "text": "slow", "attempt": 3})
    assert texts(again) == ["Here is the slow answer."]


def test_danger_does_not_wait_for_a_running_turn(parent: Parent) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(parent.say, "slow")
        time.sleep(0.4)
        started = time.monotonic()
        danger = parent.post("message", {"id": "danger-message", "text": "she can't breathe"})
        assert time.monotonic() - started < 1
        assert levels(danger) == ["emergency"]
        slow.result()


def test_limits_say_when_to_come_back_and_let_danger_through(
    start_server: Callable[..., Server],
) -> None:
    server = start_server("tight.yml")
    parent = Parent(server)
    answers = [parent.say("hello") for _ in range(5)]
    refused = answers[-1]
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    assert refused.status_code == 429
    assert refused.json()["retry_after"] == int(refused.headers["Retry-After"]) > 0
    assert "112" in refused.json()["error"]["message"]
    assert levels(parent.say("she can't breathe")) == ["emergency"]
    assert Parent(server).say("hello").status_code == 200, "others are not held up"


def test_only_named_websites_may_call(server: Server, website: Website) -> None:
    url = f"{server.url}/api/session"
    friend = requests.post(url, json={}, headers={"Origin": website.url}, timeout=10)
    stranger = requests.post(url, json={}, headers={"Origin": "https://evil.example"}, timeout=10)
    asked = requests.options(
        url,
        headers={"Origin": website.url, "Access-Control-Request-Method": "POST"},
        timeout=10,
    )
    assert friend.headers["Access-Control-Allow-Origin"] == website.url
    assert asked.headers["Access-Control-Allow-Origin"] == website.url
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert stranger.status_code == 403
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_pages_are_guarded(server: Server) -> None:
    page = requests.get(f"{server.url}/chat", timeout=10)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in page.headers
    assert "112" in page.text, "somebody without JavaScript still sees the emergency line"
    script = requests.get(f"{server.url}/widget.js", timeout=10)
    tag = {"If-None-Match": script.headers["ETag"]}
    assert requests.get(f"{server.url}/widget.js", headers=tag, timeout=10).status_code == 304


def test_health_and_readiness(server: Server) -> None:
    assert requests.get(f"{server.url}/api/health", timeout=10).json() == {"status": "ok"}
    ready = requests.get(f"{server.url}/api/ready", timeout=10).json()
    assert ready == {"status": "ready", "checks": {"model": True, "store": True}}


def test_forget_leaves_no_word_in_any_file(start_server: Callable[..., Server]) -> None:
    server = start_server()
    parent = Parent(server)
    parent.say("kefir zanzibarword please")
    parent.post(
        "feedback", {"id": "message-0001", "helpful": False, "reason": "other", "share": True}
    )
    files = [server.state / "chats.db", server.state / "feedback.db"]
    assert all(b"zanzibarword" in file.read_bytes() for file in files)
    assert parent.post("forget", {}).status_code == 200
    assert parent.get("history").json()["exchanges"] == []
    server.stop()
    for file in server.state.iterdir():
        assert b"zanzibarword" not in file.read_bytes(), file.name


def test_feedback_keeps_no_words_unless_agreed(server: Server, parent: Parent) -> None:
    parent.say("kefir for my little one")
    for share in (False, True):
        opinion = {"id": "message-0001", "helpful": False, "reason": "seems_wrong", "share": share}
        assert parent.post("feedback", opinion).status_code == 201
        with sqlite3.connect(server.state / "feedback.db") as database:
            row = database.execute(
                "SELECT helpful, reason, topics, question, answer FROM feedback "
                "WHERE reason = 'seems_wrong' ORDER BY rowid DESC LIMIT 1"
            ).fetchone()
        assert row[:3] == (0, "seems_wrong", '["kefir"]')
        assert (row[3] is not None, row[4] is not None) == (share, share)
    assert parent.post("feedback", {"id": "message-0001", "helpful": "yes"}).status_code == 400
    assert parent.post("feedback", {"id": "unknown-id", "helpful": True}).status_code == 404


def test_the_parents_words_are_in_no_log(server: Server, parent: Parent) -> None:
    parent.say("crash quixoticword")
    assert "quixoticword" not in (server.state / "server.log").read_text()


def test_the_secret_is_readable_by_its_owner_alone(server: Server) -> None:
    assert (server.state / "web-secret").stat().st_mode & 0o777 == 0o600


def test_other_channels_cannot_reach_a_web_conversation(server: Server, parent: Parent) -> None:
    address = f"{server.url}/webhooks/rest/webhook"
    answer = requests.post(address, json={"sender": "web:x", "message": "hi"}, timeout=10)
    assert answer.status_code == 404
