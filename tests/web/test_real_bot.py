"""The guide itself in the browser: the way from a parent's words to a card and back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import QUIET, ROOT, Server, missing

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.timeout(240)]

MODEL = ROOT / "models" / "guide.tar.gz"
CREDENTIALS = ROOT / "credentials.yml"


class GuideServer(Server):
    """The project's own server, as `make run` starts it."""

    def start(self) -> GuideServer:
        command = [sys.executable, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(self.port)]
        files = ["--model", str(MODEL), "--credentials", str(CREDENTIALS)]
        self.process = subprocess.Popen(
            [*command, *files, "--endpoints", "endpoints.yml"],
            cwd=ROOT,
            env={
                **os.environ,
                **QUIET,
                "PYTHONPATH": str(ROOT),
                "WEB_STATE_DIR": str(self.state),
                "INPROCESS_ACTIONS": "1",
            },
            stdout=(self.state / "server.log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        self._wait()
        return self


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not MODEL.exists() or not CREDENTIALS.exists():
        missing("no trained model: make train")
    started = GuideServer(MODEL, Path(tmp_path_factory.mktemp("guide"))).start()
    yield started
    started.stop()


@pytest.fixture
def page(browser: Any, guide: Server) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    opened.goto(f"{guide.url}/chat")
    yield opened
    pictures = os.environ.get("WEB_SCREENSHOTS")
    if pictures:
        name = os.environ["PYTEST_CURRENT_TEST"].split("::")[-1].split(" ")[0]
        opened.screenshot(path=Path(pictures) / f"real-{name}.png")
    context.close()


def ask(page: Any, text: str) -> Any:
    count = page.locator(".exchange:has(> .me)").count()
    page.get_by_label("Your question").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    exchange = page.locator(".exchange:has(> .me)").nth(count)
    exchange.locator(".bot").first.wait_for()
    return exchange


def test_a_food_question_gets_a_card_and_buttons(page: Any) -> None:
    exchange = ask(page, "my baby is 5 months old, can I give her kefir?")
    assert exchange.locator(".chip.not_yet").count() >= 1
    assert exchange.locator(".section").count() >= 2
    assert exchange.get_by_role("link", include_hidden=True).count() >= 1
    assert page.locator(".quick button").count() >= 1


def test_an_emergency_is_an_alert(page: Any) -> None:
    alert = ask(page, "help she is struggling to breathe and her lips are blue").get_by_role(
        "alert"
    )
    assert "Emergency" in alert.inner_text()
    assert page.locator(".sos.on").is_visible()
    assert page.locator(".chip, .quick button").count() == 0 or "kefir" not in alert.inner_text()


def test_the_note_and_forgetting(page: Any) -> None:
    ask(page, "he is 7 months old, formula fed, with dry itchy patches on his cheeks")
    page.get_by_role("button", name="Menu").click()
    page.locator(".menu").get_by_role("button", name="A note for the doctor").click()
    note = page.locator(".paper")
    note.wait_for()
    assert "7" in note.inner_text()
    page.get_by_role("button", name="Menu").click()
    page.locator(".menu").get_by_role("button", name="Clear this chat").click()
    page.get_by_role("button", name="Yes, erase it").click()
    note.wait_for(state="detached")
