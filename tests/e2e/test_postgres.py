"""Erasure on the real server over a real PostgreSQL store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.e2e.servers import Server, free_port
from tests.postgres import OWNER, Postgres
from tests.postgres import postgres as postgres

pytestmark = [pytest.mark.e2e, pytest.mark.rasa, pytest.mark.slow]

WORDS = ("Matilda", "kefir", "forget me", "7.0")


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture(scope="module")
def url(
    model: Path, folder: Path, action_port: int, postgres: Postgres, database: str
) -> Iterator[str]:
    """Run the stock server with a plain `rest` channel over the database."""
    credentials, endpoints = folder / "pg-credentials.yml", folder / "pg-endpoints.yml"
    credentials.write_text("rest:\n")
    endpoints.write_text(
        f"action_endpoint: {{url: 'http://127.0.0.1:{action_port}/webhook'}}\n"
        "tracker_store:\n"
        "  type: SQL\n"
        "  dialect: postgresql\n"
        "  url: 127.0.0.1\n"
        f"  port: {postgres.port}\n"
        f"  db: {database}\n"
        f"  username: {OWNER}\n"
    )
    port = free_port()
    command = ["run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(model)]
    command += ["--credentials", str(credentials), "--endpoints", str(endpoints)]
    url = f"http://127.0.0.1:{port}"
    with Server(command, f"{url}/webhooks/rest/", folder / "pg.log"):
        yield url


def say(url: str, sender: str, text: str) -> str:
    answer = requests.post(
        f"{url}/webhooks/rest/webhook", json={"sender": sender, "message": text}, timeout=30
    )
    answer.raise_for_status()
    return " ".join(one.get("text") or "" for one in answer.json())


def test_after_forget_me_no_table_holds_a_word(url: str, postgres: Postgres, database: str) -> None:
    say(url, "one", "my baby Matilda is 7 months old, can she have kefir?")
    say(url, "one", "gave kefir today")
    say(url, "two", "can he have honey?")
    held = "\n".join(postgres.rows(database))
    assert "Matilda" in held
    assert "erased" in say(url, "one", "forget me")
    rows = postgres.rows(database)
    assert rows
    assert all("two" in row for row in rows)
    assert not any(word in row for row in rows for word in WORDS)
    assert "erased" in say(url, "two", "forget me")
    assert postgres.rows(database) == []
    assert "I don't know anything" in say(url, "one", "what do you know about me?")
