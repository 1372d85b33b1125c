"""Starts the stand-in bot on Rasa's own server, a foreign website, and a browser."""

from __future__ import annotations

import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
TOY = Path(__file__).parent / "toy"
BUNDLE = ROOT / "widget" / "dist" / "widget.js"
AXE = ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONPATH": f"{ROOT}{os.pathsep}{TOY}",
}


def missing(what: str) -> None:
    """Skip on somebody's own machine; fail where everything is meant to be there."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def toy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train the stand-in bot once."""
    out = tmp_path_factory.mktemp("model")
    command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", "toy"]
    subprocess.run(
        [*command, "--out", str(out)],
        cwd=TOY,
        env={**os.environ, **QUIET},
        check=True,
        capture_output=True,
        timeout=240,
    )
    return out / "toy.tar.gz"


@dataclass
class Server:
    """A running bot: start, stop, start again on the same port and store."""

    model: Path
    state: Path
    environment: dict[str, str] = field(default_factory=dict)
    credentials: str = "credentials.yml"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        endpoints = self.state / "endpoints.yml"
        store = f"tracker_store: {{type: SQL, dialect: sqlite, db: '{self.state / 'chats.db'}'}}\n"
        endpoints.write_text(store)
        command = [sys.executable, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(self.port)]
        files = ["-m", str(self.model), "--endpoints", str(endpoints)]
        log = (self.state / "server.log").open("ab")
        self.process = subprocess.Popen(
            [*command, *files, "--credentials", self.credentials],
            cwd=TOY,
            env={
                **os.environ,
                **QUIET,
                "WEB_STATE_DIR": str(self.state),
                "INPROCESS_ACTIONS": "1",
                **self.environment,
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self._wait()
        return self

    def _wait(self) -> None:
        for _ in range(240):
            try:
                if requests.get(f"{self.url}/api/ready", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                pass
            if self.process is None or self.process.poll() is not None:
                break
            time.sleep(0.25)
        raise RuntimeError((self.state / "server.log").read_text()[-3000:])

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class Parent:
    """A parent without a browser: talks to the channel's API."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.session = self.post("session", {}).json()["session"]
        self.count = 0

    def _headers(self) -> dict[str, str]:
        session = getattr(self, "session", None)
        return {"Authorization": f"Bearer {session}"} if session else {}

    def post(self, path: str, data: Any, **headers: str) -> requests.Response:
        return requests.post(
            f"{self.server.url}/api/{path}",
            json=data,
            headers={**self._headers(), **headers},
            timeout=30,
        )

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.server.url}/api/{path}", headers=self._headers(), timeout=30)

    def say(self, text: str, **more: Any) -> requests.Response:
        self.count += 1
        return self.post("message", {"id": f"message-{self.count:04}", "text": text, **more})

    def press(self, token: str) -> requests.Response:
        self.count += 1
        return self.post("message", {"id": f"message-{self.count:04}", "button": token})


class Website:
    """A website that isn't ours, with a strict policy and rude styles."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.policy = ""
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = site.pages.get(self.path, "<!doctype html><title>none</title>").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", site.policy)
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="session")
def website() -> Iterator[Website]:
    site = Website()
    yield site
    site.server.shutdown()


@pytest.fixture(scope="session")
def start_server(
    toy_model: Path, tmp_path_factory: pytest.TempPathFactory, website: Website
) -> Iterator[Callable[..., Server]]:
    """Start servers of the stand-in bot; all are stopped at the end."""
    started: list[Server] = []

    def start(credentials: str = "credentials.yml", **environment: str) -> Server:
        state = tmp_path_factory.mktemp("state")
        origins = {"WEB_ORIGINS": website.url, **environment}
        server = Server(toy_model, state, origins, credentials).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    return start_server()


@pytest.fixture
def parent(server: Server) -> Parent:
    return Parent(server)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return Debian's Chromium, driven by Playwright."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    if not program:
        missing("no chromium: apt-get install chromium")
    if not BUNDLE.exists():
        missing("the widget isn't built: make widget")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    if not AXE.exists():
        missing("no axe-core: npm ci in widget/")
    return AXE.read_text(encoding="utf-8")
