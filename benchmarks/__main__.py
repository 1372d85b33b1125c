"""Runs the benchmarks: python -m benchmarks [turn|startup ...]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import startup, turn


def main() -> int:
    """Measures a turn's understanding, then (unless told otherwise) training and start-up."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("only", nargs="?", choices=("turn", "startup"))
    only = parser.parse_args().only
    if only != "startup":
        turn.main()
    if only != "turn":
        here = startup.Project("this project", Path(sys.executable), Path.cwd())
        print(startup.table({here.name: startup.measure(here, turns=100)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
