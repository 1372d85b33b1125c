"""scripts/if_changed.py runs a command only when something that it depends on changed."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "if_changed.py"
ADD_A_LINE = "open('made', 'a').write('x')"


def run(folder: Path, code: str = ADD_A_LINE) -> "subprocess.CompletedProcess[str]":
    """Makes the file `made` in `folder` from the inputs `data` and `settings`."""
    options = ["thing", "--makes", "made", "--inputs", "data", "settings", "absent"]
    return subprocess.run(
        [sys.executable, str(SCRIPT), *options, "--", sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder in which the thing was made once."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "one.yml").write_text("a: 1")
    (tmp_path / "settings").write_text("b: 2")
    assert run(tmp_path).returncode == 0
    return tmp_path


def times_made(project: Path) -> int:
    """Returns how often the command ran."""
    return len((project / "made").read_text())


def test_unchanged_inputs_are_skipped(project: Path) -> None:
    assert "up to date" in run(project).stdout
    assert times_made(project) == 1


@pytest.mark.parametrize("changed", ["data/one.yml", "data/new.yml", "settings", "absent"])
def test_a_changed_or_new_input_runs_it_again(project: Path, changed: str) -> None:
    (project / changed).write_text("changed")
    run(project)
    assert times_made(project) == 2


def test_a_missing_result_is_made_again(project: Path) -> None:
    (project / "made").unlink()
    run(project)
    assert times_made(project) == 1


def test_compiled_python_is_no_input(project: Path) -> None:
    (project / "data" / "__pycache__").mkdir()
    (project / "data" / "__pycache__" / "one.pyc").write_text("")
    run(project)
    assert times_made(project) == 1


def test_a_failure_is_passed_on_and_tried_again(project: Path) -> None:
    (project / "settings").write_text("changed")
    assert run(project, "raise SystemExit(3)").returncode == 3
    run(project)
    assert times_made(project) == 2


def test_success_without_a_result_is_a_failure(project: Path) -> None:
    (project / "made").unlink()
    done = run(project, "pass")
    assert done.returncode == 1
    assert "made is missing" in done.stderr
