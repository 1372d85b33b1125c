"""One model for all; each server is started once and shared by the tests that need it."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.servers import QUIET, ROOT, RestChat, Server, WebChat, free_port

TOKEN = "only-for-the-tests"
_names = itertools.count()


@pytest.fixture(scope="session")
def model() -> Path:
    """Return the trained model, made by `make train` when its inputs changed."""
    made = subprocess.run(
        ["make", "--no-print-directory", "train"],
        cwd=ROOT,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert made.returncode == 0, (made.stdout + made.stderr)[-3000:]
    return ROOT / "models" / "guide.tar.gz"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the servers' files."""
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def action_port(folder: Path) -> Iterator[int]:
    """Run the stock `rasa run actions`."""
    port = free_port()
    ready = f"http://127.0.0.1:{port}/health"
    command = ["run", "actions", "--port", str(port)]
    with Server(command, ready, folder / "actions.log", {"SANIC_HOST": "127.0.0.1"}):
        yield port


def _stock(model: Path, folder: Path, name: str, action_port: int) -> tuple[Server, str]:
    """Return the stock `rasa run` with a caller's own plain files, and its address."""
    credentials, endpoints = folder / f"{name}-credentials.yml", folder / f"{name}-endpoints.yml"
    credentials.write_text("rest:\n")
    endpoints.write_text(f"action_endpoint: {{url: 'http://127.0.0.1:{action_port}/webhook'}}\n")
    port = free_port()
    command = ["run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(model)]
    command += ["--credentials", str(credentials), "--endpoints", str(endpoints)]
    command += ["--enable-api", "--auth-token", TOKEN]
    url = f"http://127.0.0.1:{port}"
    return Server(command, f"{url}/status?token={TOKEN}", folder / f"{name}.log"), url


@pytest.fixture(scope="session")
def stock_url(model: Path, folder: Path, action_port: int) -> Iterator[str]:
    """Run both stock commands with plain files."""
    server, url = _stock(model, folder, "stock", action_port)
    with server:
        yield url


@pytest.fixture(scope="session")
def lone_url(model: Path, folder: Path) -> Iterator[str]:
    """Run `rasa run` with no action server behind it."""
    server, url = _stock(model, folder, "lone", free_port())
    with server:
        yield url


@pytest.fixture
def chat(stock_url: str) -> RestChat:
    """Return a new parent on the stock servers."""
    return RestChat(stock_url, TOKEN, f"parent-{next(_names)}")


@pytest.fixture
def lone_chat(lone_url: str) -> RestChat:
    """Return a new parent on the server without actions."""
    return RestChat(lone_url, TOKEN, f"parent-{next(_names)}")


@pytest.fixture(scope="session")
def faults(folder: Path) -> Path:
    """Return the folder in which a file switches a fault on."""
    path = folder / "faults"
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def own_url(model: Path, folder: Path, faults: Path) -> Iterator[str]:
    """Run the server as `make run` does, over stores that fail when a test wants it."""
    endpoints = folder / "own-endpoints.yml"
    endpoints.write_text(
        "tracker_store: {type: tests.e2e.faults.FailingTrackerStore}\n"
        "lock_store: {type: tests.e2e.faults.FailingLockStore}\n"
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(model)]
    command += ["--credentials", "credentials.yml", "--endpoints", str(endpoints)]
    environment = {
        "INPROCESS_ACTIONS": "1",
        "FAULTS": str(faults),
        "WEB_STATE_DIR": str(folder / "state"),
    }
    with Server(command, f"{url}/api/ready", folder / "own.log", environment):
        yield url


@pytest.fixture
def web(own_url: str) -> WebChat:
    """Return a new parent on the web channel."""
    return WebChat(own_url)


@pytest.fixture
def fault(faults: Path) -> Iterator[Callable[[str], None]]:
    """Return a function that switches a fault on until the test ends."""
    on: list[Path] = []

    def switch(name: str) -> None:
        on.append(faults / name)
        on[-1].touch()

    yield switch
    for path in on:
        path.unlink()
