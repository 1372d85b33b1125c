"""Runs a command only when its inputs changed since it last succeeded.

    python scripts/if_changed.py NAME --makes FILE --inputs PATH... -- COMMAND...

The digest of the inputs' content is kept in .cache/NAME.stamp. A missing input counts as empty, so
the list may name what a project does not have. Needs no package.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

STAMPS = Path(".cache")
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "dist", ".git", ".cache"})


def input_files(paths: Sequence[str]) -> Iterator[Path]:
    """Yields the files under `paths`, in a fixed order, build results and caches left out."""
    for path in map(Path, paths):
        if path.is_file():
            yield path
        elif path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not SKIPPED_FOLDERS.intersection(file.parts):
                    yield file


def digest(paths: Sequence[str]) -> str:
    """Returns one SHA-256, in hex, over the names and content of all input files."""
    total = hashlib.sha256()
    for file in input_files(paths):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{file.as_posix()} {content}\n".encode())
    return total.hexdigest()


def run_if_changed(name: str, makes: Path, inputs: Sequence[str], command: Sequence[str]) -> int:
    """Runs `command` unless `makes` exists and the inputs are those of the last success.

    Args:
        name: what is made, in words for the console and for the stamp's file name.
        makes: file that the command makes.
        inputs: files and folders that it depends on.
        command: the command and its arguments, which count as an input too.

    Returns:
        The command's exit code, 0 when there was nothing to do.
    """
    stamp = STAMPS / f"{name}.stamp"
    wanted = hashlib.sha256(f"{digest(inputs)} {list(command)}".encode()).hexdigest()
    if makes.exists() and stamp.exists() and stamp.read_text() == wanted:
        print(f"==> The {name} is up to date", flush=True)
        return 0
    print(f"==> Making the {name}", flush=True)
    code = subprocess.run(list(command), check=False).returncode
    if code == 0 and not makes.exists():
        print(f"The {name} was not made: {makes} is missing.", file=sys.stderr)
        return 1
    if code == 0:
        STAMPS.mkdir(exist_ok=True)
        stamp.write_text(wanted)
    return code


def main() -> int:
    """Reads the command line and returns the exit code."""
    parser = argparse.ArgumentParser(description="Run a command only when its inputs changed.")
    parser.add_argument("name")
    parser.add_argument("--makes", type=Path, required=True)
    parser.add_argument("--inputs", nargs="+", required=True)
    own, command = _split(sys.argv[1:])
    arguments = parser.parse_args(own)
    if not command:
        parser.error("no command after --")
    return run_if_changed(arguments.name, arguments.makes, arguments.inputs, command)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


if __name__ == "__main__":
    sys.exit(main())
