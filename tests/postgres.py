"""A real PostgreSQL server, started by the test from Debian's binaries and ended with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.servers import free_port

VERSIONS = Path("/usr/lib/postgresql")
OWNER = "guide"
READY_S = 30.0


@dataclass(frozen=True)
class Postgres:
    """A running server.

    Attributes:
        port: where it listens on 127.0.0.1; anybody there is let in.
        folder: its data files.
    """

    port: int
    folder: Path

    def connect(self, database: str = "postgres") -> Any:
        """Return a connection of psycopg2 that commits each statement."""
        import psycopg2

        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user=OWNER, dbname=database)
        connection.autocommit = True
        return connection

    def new_database(self) -> str:
        """Return the name of a new, empty database."""
        name = f"chats_{uuid.uuid4().hex}"
        self.run("postgres", f"create database {name}")
        return name

    def run(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def rows(self, database: str) -> list[str]:
        """Return every row of every table as text."""
        tables = self.run(database, "select tablename from pg_tables where schemaname = 'public'")
        return [
            row
            for (table,) in tables
            for (row,) in self.run(database, f'select t::text from "{table}" t')
        ]

    def files(self, database: str) -> Path:
        """Return the folder of a database's tables."""
        found = self.run("postgres", f"select oid from pg_database where datname = '{database}'")
        return self.folder / "base" / str(found[0][0])


def _binaries() -> Path | None:
    """Return the folder of the newest server's programs, or None."""
    found = [path.parent for path in VERSIONS.glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def _user() -> str | None:
    """Return the user to run it as, for PostgreSQL won't run as root; None for this one."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _missing(what: str) -> None:
    """Skip on somebody's own machine; fail where everything is meant to be there."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL server of our own."""
    programs = _binaries()
    if programs is None:
        _missing(f"no PostgreSQL server below {VERSIONS} (Debian's package postgresql)")
    assert programs
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="guide-postgres-"))  # pytest's own is closed to others
    try:
        if user:
            shutil.chown(folder, user)
        with _server(programs, folder, user) as started:
            yield started
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _server:  # noqa: N801 - used as a context
    """Makes the data files, starts the server, and ends it."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self._programs, self._folder, self._user = programs, folder, user
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Postgres:
        data, port = self._folder / "data", free_port()
        made = subprocess.run(
            [self._programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync"],
            cwd=self._folder, user=self._user, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        log = self._folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", data, "-p", str(port), "-k", self._folder,
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
                cwd=self._folder, user=self._user, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        started = Postgres(port, data)
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                started.connect().close()
                return started
            except Exception:  # the server is still starting
                time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f"PostgreSQL is not ready:\n{log.read_text()[-2000:]}")

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # a fast shutdown
            self._process.wait(timeout=20)
