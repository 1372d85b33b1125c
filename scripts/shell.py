"""Chats in the terminal: starts the action server on a free port, runs `rasa shell`, ends both.

Buttons are plain lines (see plain_shell.py), so that whatever is typed reaches the bot.

    python scripts/shell.py [arguments for `rasa shell`]

`rasa shell` loads only its own channel, so the actions need a server of their own beside it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ENDPOINTS = Path("endpoints.yml")
PLAIN_SHELL = Path(__file__).with_name("plain_shell.py")
START_LIMIT = 60.0  # seconds
LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Returns a TCP port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def action_server(port: int, log: Path) -> Iterator[None]:
    """Runs `rasa run actions` on the loopback address for as long as the context lasts.

    Args:
        port: TCP port to listen on.
        log: file that receives what the server prints.

    Raises:
        RuntimeError: when it ended early or did not answer within START_LIMIT seconds.
    """
    environment = {**os.environ, "SANIC_HOST": LOOPBACK}
    command = [sys.executable, "-m", "rasa", "run", "actions", "--port", str(port)]
    with log.open("wb") as output:
        # A session of its own: Ctrl-C in the chat must not end the actions in the middle of a turn.
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, start_new_session=True
        )
        try:
            _wait_until_ready(process, port, log)
            yield
        finally:
            _end(process)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The action server ended at once:\n{log.read_text()[-2000:]}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"http://{LOOPBACK}:{port}/health", timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"The action server did not start in {START_LIMIT:.0f} s; see {log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def write_endpoints(target: Path, port: int) -> None:
    """Writes a copy of endpoints.yml to `target` whose actions are at `port`."""
    settings: dict[str, Any] = {}
    if ENDPOINTS.exists():
        settings = yaml.safe_load(ENDPOINTS.read_text(encoding="utf-8")) or {}
    settings["action_endpoint"] = {"url": f"http://{LOOPBACK}:{port}/webhook"}
    target.write_text(yaml.safe_dump(settings), encoding="utf-8")


def main() -> int:
    """Runs the chat; returns the exit code of `rasa shell`."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        endpoints = Path(folder, "endpoints.yml")
        write_endpoints(endpoints, port)
        print("==> Starting the chat; type /stop to leave", flush=True)
        command = [sys.executable, str(PLAIN_SHELL), "shell", "--endpoints", str(endpoints)]
        # `rasa shell` opens a server port too: a free one lets it run beside `make run`.
        command += ["--port", str(free_port()), *sys.argv[1:]]
        try:
            with action_server(port, Path(folder, "actions.log")):
                return subprocess.run(command, check=False).returncode
        except KeyboardInterrupt:
            return 0
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
