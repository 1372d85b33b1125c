"""Measures training, start-up, memory and first turns of Rasa projects, one after the other.

    python -m benchmarks.startup --runs 3 NAME=PYTHON=FOLDER ...

Each project is copied to a temporary folder, trained cold (no Rasa cache), served on a free port of
the loopback address and asked a few messages over the stock REST channel. Without arguments it
measures this project. Beside a fresh `rasa init` project in the full environment, in one run:

    make setup FULL=1
    .venv-full/bin/rasa init --no-prompt --init-dir /tmp/default
    .venv/bin/python -m benchmarks.startup guide=.venv/bin/python=. \\
        default=.venv-full/bin/python=/tmp/default
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
TRAIN_LIMIT = 600.0  # seconds
READY_LIMIT = 180.0  # seconds
LEFT_OUT = shutil.ignore_patterns(
    ".venv*", ".uv", ".git", ".cache", ".rasa", "models", "node_modules", "__pycache__", "*.db"
)
MESSAGES = ("hello", "my baby is 5 months old and has a rash", "can i give her kefir", "thanks")

# Unit and decimals of each figure of a sample, in the order of the printed table.
UNITS = {
    "train": ("s", 1),
    "ready": ("s", 1),
    "resident_ready": ("MB", 0),
    "resident_used": ("MB", 0),
    "first_turn": ("ms", 0),
    "turn": ("ms", 1),
}


@dataclass(frozen=True)
class Project:
    """A Rasa project and the Python that runs it."""

    name: str
    python: Path
    folder: Path


@dataclass(frozen=True)
class Sample:
    """One measured run; times in seconds (turns in milliseconds), memory in megabytes."""

    train: float
    ready: float
    resident_ready: float
    resident_used: float
    first_turn: float
    turn: float


def free_port() -> int:
    """Returns a TCP port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def environment() -> dict[str, str]:
    """Returns the environment in which every project runs: quiet, no reports sent."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONPATH": ".",
    }


def train(project: Project, folder: Path) -> float:
    """Trains the copy of `project` in `folder`; returns seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(project.python), "-m", "rasa", "train", "--fixed-model-name", "measured"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TRAIN_LIMIT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{project.name}: training failed\n{done.stderr[-2000:]}")
    return time.perf_counter() - began


@contextlib.contextmanager
def serving(project: Project, folder: Path, port: int) -> Iterator[tuple[psutil.Process, float]]:
    """Serves the trained copy; yields its process and the seconds until the model answered."""
    (folder / "measured-credentials.yml").write_text("rest:\n")
    command = [str(project.python), "-m", "rasa", "run", "--model", "models/measured.tar.gz"]
    command += ["--interface", LOOPBACK, "--port", str(port)]
    command += ["--credentials", "measured-credentials.yml"]
    began = time.perf_counter()
    with (folder / "measured.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=log, stderr=log)
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - began > READY_LIMIT:
                    tail = (folder / "measured.log").read_text()[-2000:]
                    raise RuntimeError(f"{project.name}: the server did not start\n{tail}")
                time.sleep(0.05)
            yield psutil.Process(process.pid), time.perf_counter() - began
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(port: int) -> bool:
    # The port opens only after the model was loaded.
    try:
        urllib.request.urlopen(f"http://{LOOPBACK}:{port}/", timeout=5).close()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


def ask(port: int, sender: str, text: str) -> float:
    """Sends one message over REST; returns milliseconds."""
    body = json.dumps({"sender": sender, "message": text}).encode()
    request = urllib.request.Request(
        f"http://{LOOPBACK}:{port}/webhooks/rest/webhook",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
    return (time.perf_counter() - began) * 1000


def resident(process: psutil.Process) -> float:
    """Returns the resident memory of a server and its children, in megabytes (10^6 bytes)."""
    family = [process, *process.children(recursive=True)]
    return sum(member.memory_info().rss for member in family) / 1e6


def measure(project: Project, turns: int) -> Sample:
    """Trains and serves a fresh copy of `project` once, with `turns` messages after the first."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "project")
        shutil.copytree(project.folder, folder, ignore=LEFT_OUT)
        trained = train(project, folder)
        port = free_port()
        with serving(project, folder, port) as (process, ready):
            at_ready = resident(process)
            first = ask(port, "first", MESSAGES[0])
            # New senders keep the conversations short: their growth is another measurement.
            times = [
                ask(port, f"s{turn // len(MESSAGES)}", MESSAGES[turn % len(MESSAGES)])
                for turn in range(turns)
            ]
            return Sample(
                trained, ready, at_ready, resident(process), first, statistics.median(times)
            )


def median(samples: Sequence[Sample]) -> Sample:
    """Returns the median of each figure."""
    return Sample(
        *(
            statistics.median(getattr(sample, field) for sample in samples)
            for field in Sample.__dataclass_fields__
        )
    )


def table(results: dict[str, Sample]) -> str:
    """Returns the results as a Markdown table, the ratio to the last project in brackets."""
    base = list(results.values())[-1]
    lines = [
        "| project | train, cold | ready | resident at ready | resident after turns "
        "| first turn | turn, median |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, sample in results.items():
        figures = {field: (getattr(sample, field), getattr(base, field)) for field in UNITS}
        cells = [
            f"{value:.{digits}f} {unit} ({value / reference:.2f})"
            for (value, reference), (unit, digits) in zip(
                figures.values(), UNITS.values(), strict=True
            )
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def parse_project(text: str) -> Project:
    """Reads NAME=PYTHON=FOLDER.

    Raises:
        argparse.ArgumentTypeError: when a part is missing or does not exist.
    """
    parts = text.split("=")
    if len(parts) != 3:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PYTHON=FOLDER")
    # absolute(), not resolve(): a virtual environment's Python is known by the path of its link.
    project = Project(parts[0], Path(parts[1]).absolute(), Path(parts[2]).absolute())
    for path in (project.python, project.folder):
        if not path.exists():
            raise argparse.ArgumentTypeError(f"{path} does not exist")
    return project


def main() -> int:
    """Measures each project and prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Measure training, start-up and memory of Rasa projects."
    )
    parser.add_argument("projects", nargs="*", type=parse_project, metavar="NAME=PYTHON=FOLDER")
    parser.add_argument("--runs", type=int, default=3, help="runs of each project (median)")
    parser.add_argument("--turns", type=int, default=100, help="messages after the first")
    arguments = parser.parse_args()
    projects = arguments.projects or [Project("this project", Path(sys.executable), Path.cwd())]
    samples: dict[str, list[Sample]] = {project.name: [] for project in projects}
    for run in range(arguments.runs):
        # In turns, so that a busy spell of the machine falls on all of them.
        for project in projects:
            samples[project.name].append(measure(project, arguments.turns))
            print(f"run {run + 1}, {project.name}: {samples[project.name][-1]}", flush=True)
    print(table({name: median(group) for name, group in samples.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
