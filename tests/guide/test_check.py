"""`python -m guide.check`: one line when all is well, else every mistake and status 1."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from guide.check import check, main

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for part in ("guidance", "gates", "words", "lexicon", "plan", "markers"):
        shutil.copytree(DATA / part, tmp_path / part)
    shutil.copy(DATA / "sources.yml", tmp_path)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_data_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    status = main([])
    told = capsys.readouterr().out
    assert status == 0, told
    assert told.count("\n") == 1
    assert "topics" in told


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("guidance/kefir.yml", "title: Kefir", "titel: Kefir", "rename it to 'title'"),
        ("guidance/kefir.yml", "items: [kefir,", "items: [keffir,", "did you mean 'kefir'"),
        ("guidance/kefir.yml", "clinician: ", "clinician: Give 10 mg. ", "like a dose"),
        ("guidance/kefir.yml", "clinician: ", "clinician: Use REF-ABC1. ", "referral code"),
        ("guidance/kefir.yml", "claims: [D3c]", "claims: [A1]", "without what is known"),
        ("gates/items.yml", "verdict: fine", "verdict: good", "items.yml"),
        ("gates/items.yml", "names: [kefir,", "names: ['kefir & &',", "kefir & &"),
        ("lexicon/answers.yml", "- idk", '- "idk & &"', "idk & &"),
        ("words/composer.yml", "    preterm: born early\n", "", "no words for 'preterm'"),
    ],
)
def test_a_mistake_is_printed_and_ends_with_1(
    data: Path, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, says: str
) -> None:
    change(data / file, old, new)
    assert main([str(data)]) == 1
    told = capsys.readouterr().out
    assert says in told
    assert "Fix: " in told


def test_a_topic_without_a_file_is_told(data: Path) -> None:
    (data / "guidance" / "akkermansia.yml").unlink()
    problems, _ = check(data)
    assert any("akkermansia" in problem for problem in problems)
