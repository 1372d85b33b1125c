"""Servers in processes of their own, for the tests of the Telegram channel."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE_FOLDER = Path(__file__).with_name("node")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without a developer's own bot, and with `changes`."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TELEGRAM_")}
    ours = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "RASA_TELEMETRY_ENABLED": "false"}
    return {**clean, **ours, **changes}


def unavailable(reason: str) -> None:
    """Skip the test, or fail it where everything has to be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def node() -> str:
    """Return the path of Node.js with the emulator installed; skips when there is none."""
    path = os.pathsep.join([str(ROOT / ".cache" / "node" / "bin"), os.environ.get("PATH", "")])
    found, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if found is None or npm is None:
        unavailable("Node.js is not installed: the emulator of Telegram can't be run")
    assert found is not None
    assert npm is not None
    if not (NODE_FOLDER / "node_modules" / "telegram-test-api").exists():
        command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        env = {**os.environ, "PATH": path}
        done = subprocess.run(command, cwd=NODE_FOLDER, env=env, timeout=100, check=False)
        if done.returncode:
            unavailable("npm could not install the emulator of Telegram")
    return found


class Process:
    """A server in a process of its own; what it prints goes into a file."""

    def __init__(self, command: Sequence[str], output: Path, env: dict[str, str]) -> None:
        self._command, self._output, self.env = list(command), output, env
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, env=self.env, cwd=ROOT, stdout=output, stderr=output
            )

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            # In a thread: a stand-in in this loop must still answer what is on its way.
            await asyncio.to_thread(self._process.wait, 30)
            self._process = None

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def output(self) -> str:
        return self._output.read_text(errors="replace")
