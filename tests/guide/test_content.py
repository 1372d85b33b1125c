"""The content loader: the real files load, and an editor's mistakes are told with line and fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.content import CLAIMS, Content, load_content
from guide.model import TOPICS
from guide.yaml_file import DataError

DATA = Path(__file__).parents[2] / "data"

SOURCES = """
sources:
  PEAR-1: {title: Pears and skin, year: 2020, url: "https://example.org/pear", status: primary}
"""
TOPIC = """topic: kefir
title: Kefir
intent: ask_kefir
guide:
  - claims: [D3c]
    say: The guide suggests it.
evidence:
  - claims: [D3c]
    label: weak
    say: Nobody has shown it.
    sources: [PEAR-1]
do:
  - say: Wash.
clinician: See a nurse.
aspects:
  - id: amount
    when: ["how much"]
    say: No amount is known.
more: A longer text.
followups: [probiotics]
"""


def load(folder: Path, topic: str = TOPIC, sources: str = SOURCES) -> Content:
    (folder / "guidance").mkdir(exist_ok=True)
    (folder / "sources.yml").write_text(sources, encoding="utf-8")
    (folder / "guidance" / "kefir.yml").write_text(topic, encoding="utf-8")
    return load_content(folder)


def test_every_topic_has_words_and_every_claim_an_answer() -> None:
    content = load_content(DATA)
    assert set(TOPICS) <= set(content.topics)
    assert content.uncovered_claims() == []


def test_a_topic_is_read_with_its_claims_and_sources(tmp_path: Path) -> None:
    content = load(tmp_path)
    topic = content.topics["kefir"]
    assert list(topic.claims()) == ["D3c"]
    assert list(topic.source_keys()) == ["PEAR-1"]
    assert content.titles() == {"kefir": "Kefir"}
    assert content.sources["PEAR-1"].year == 2020
    assert len(content.uncovered_claims()) == len(CLAIMS) - 1


@pytest.mark.parametrize(
    ("wrong", "right", "line", "says"),
    [
        ("title: Kefir", "titel: Kefir", 2, "rename it to 'title'"),
        ("title: Kefir", "title: Kefir: the drink", 2, "not valid YAML"),
        ("title: Kefir", "title: Kefir\ntitle: Again", 3, "stands here twice"),
        ("title: Kefir\n", "", 1, "'title' is missing"),
        ("title: Kefir", "title: [Kefir]", 2, "write words here"),
        ("label: weak", "label: week", 9, "label"),
        ("topic: kefir", "topic: keffir", 1, "topic: kefir"),
        ("intent: ask_kefir", "intent: ask_keffir", 3, "intent: ask_kefir"),
        ("  - claims: [D3c]\n    label", "  - claims: [D3z]\n    label", 8, "no claim 'D3z'"),
        ("sources: [PEAR-1]", "sources: [PEAR-2]", 11, "did you mean 'PEAR-1'"),
        ("followups: [probiotics]", "followups: [probiotic]", 20, "did you mean 'probiotics'"),
        ('when: ["how much"]', "when: how much", 17, "write a list"),
        ("  - say: Wash.", "  - tell: Wash.", 13, "unknown key 'tell'"),
        ("say: Nobody has shown it.", "say: ''", 10, "write the sentence"),
    ],
)
def test_an_editor_s_mistake_is_told_with_line_and_fix(
    tmp_path: Path, wrong: str, right: str, line: int, says: str
) -> None:
    assert wrong in TOPIC
    with pytest.raises(DataError) as caught:
        load(tmp_path, TOPIC.replace(wrong, right, 1))
    told = [problem for problem in caught.value.problems if says in str(problem)]
    assert told, str(caught.value)
    assert told[0].line == line
    assert told[0].file.endswith("kefir.yml")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    broken = TOPIC.replace("label: weak", "label: week").replace("clinician", "clinican")
    with pytest.raises(DataError) as caught:
        load(tmp_path, broken)
    assert len(caught.value.problems) == 3


def test_a_missing_or_empty_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_content(tmp_path)
    with pytest.raises(DataError, match="expected `key"):
        load(tmp_path, "- just\n- a list\n")
