"""`make shell` through a terminal of its own: whatever is typed reaches the bot."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.servers import QUIET, ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.rasa]

PROMPT = "Your input ->"
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A chat in a pseudo-terminal."""

    def __init__(self, model: Path) -> None:
        self._own, other = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "scripts/shell.py", "--model", str(model)],
            cwd=ROOT,
            env={**os.environ, **QUIET, "TERM": "xterm"},
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)

    def read_until(self, wanted: str, seconds: float = 60) -> str:
        """Return what is printed until `wanted` is."""
        text, deadline = "", time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self._own], [], [], 0.2)[0]:
                try:
                    raw = os.read(self._own, 65_536)
                except OSError:
                    break
                if b"\x1b[6n" in raw:  # the prompt asks where the cursor is
                    os.write(self._own, b"\x1b[1;1R")
                text += raw.decode(errors="replace")
                if wanted in _COLOURS.sub("", text):
                    return _COLOURS.sub("", text)
        raise AssertionError(f"{wanted!r} was not printed:\n{_COLOURS.sub('', text)[-2000:]}")

    def type(self, line: str) -> None:
        """Type a line."""
        time.sleep(0.3)
        os.write(self._own, line.encode() + b"\r")

    def close(self) -> None:
        """End the chat with all that it started."""
        self.type("/stop")
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        os.close(self._own)


@pytest.fixture
def terminal(model: Path) -> Iterator[Terminal]:
    opened = Terminal(model)
    yield opened
    opened.close()


def test_trap_danger_typed_while_buttons_are_shown(terminal: Terminal) -> None:
    terminal.read_until(PROMPT)
    terminal.type("hello")
    assert "a) " in terminal.read_until("b) ")
    terminal.type("he can't breathe")
    terminal.read_until("911", 30)
    terminal.type("false alarm, he is fine now")
    terminal.read_until("Thank you for telling me", 30)


def test_a_letter_chooses_its_button_and_all_else_is_a_message() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    import plain_shell

    buttons = [{"title": "Yes", "payload": "/check_yes"}, {"title": "No", "payload": "/check_no"}]
    message = {"text": "Is any of this happening?", "buttons": buttons}
    assert plain_shell.lines_of(message)[1:] == ["   a) Yes", "   b) No"]
    assert plain_shell.chosen("b") == "/check_no"
    plain_shell.lines_of(message)
    assert plain_shell.chosen("blue lips") == "blue lips"
    assert plain_shell.chosen("a") == "a"
