"""The lexicon's files: what an editor is told of a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.lexicon import LexiconError, load_lexicon


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("signs: [", "not valid YAML"),
        ("- a list", "expected"),
        ("findings: {x: {label: x, phrase: [y]}}", "extra fields"),
        (
            "signs: {s: {level: emergency, title: s, now: n, when: [{any: [fevr]}]}}\n"
            "findings: {fever: {label: f}}",
            "no finding 'fevr'.*did you mean 'fever'",
        ),
        ("findings: {x: {label: x, implies: [y]}}", "implies 'y'"),
        (
            "signs: {s: {level: check, title: s, now: n, when: [], confirmed: t}}\nfindings: {}",
            "no sign 't'",
        ),
        ("signs: {s: {level: loud, title: s, now: n, when: []}}", "level"),
    ],
)
def test_a_mistake_in_a_lexicon_file_is_explained(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "words.yml").write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError, match=reason):
        load_lexicon(tmp_path)


def test_a_key_given_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("one.yml", "two.yml"):
        (tmp_path / name).write_text("findings: {fever: {label: f}}", encoding="utf-8")
    with pytest.raises(LexiconError, match="given twice"):
        load_lexicon(tmp_path)


def test_the_place_of_a_mistake_is_named(tmp_path: Path) -> None:
    (tmp_path / "signs.yml").write_text(
        "signs:\n  one:\n    level: emergency\n    title: t\n    now: n\n    when: [{}]\n",
        encoding="utf-8",
    )
    with pytest.raises(LexiconError, match=r"signs\.yml:2"):
        load_lexicon(tmp_path)
