"""What Rasa is given beside its own files follows from the guide's."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from guide.knowledge import DATA, Words
from guide.model import Level

pytestmark = pytest.mark.rasa

CONTRACT = {"escalation", "topics", "claims", "rules", "verdicts"}


@pytest.fixture(scope="module")
def importer() -> Any:
    from components.importer import GuideImporter

    root = DATA.parent
    return GuideImporter(
        config_file=str(root / "config.yml"),
        domain_path=str(root / "domain.yml"),
        training_data_paths=[str(DATA / "nlu"), str(DATA / "rules")],
    )


@pytest.fixture(scope="module")
def domain(importer: Any) -> Any:
    return importer.get_domain()


@pytest.fixture(scope="module")
def rules(importer: Any) -> dict[str, list[str]]:
    """Return the actions of each rule that starts with an intent, by intent."""
    found: dict[str, list[str]] = {}
    for step in importer.get_stories().story_steps:
        names = [getattr(event, "intent_name", None) for event in step.events]
        intent = next((name for name in names if name), None)
        actions = [getattr(event, "action_name", None) for event in step.events]
        if intent:
            found[intent] = [name for name in actions if name]
    return found


def test_a_topic_gives_an_intent_and_a_rule(domain: Any, rules: dict[str, list[str]]) -> None:
    for path in (DATA / "guidance").glob("*.yml"):
        topic = yaml.safe_load(path.read_text(encoding="utf-8"))["topic"]
        intent = topic if topic == "out_of_scope" else f"ask_{topic}"
        assert intent in domain.intents
        assert "action_answer" in rules[intent]


def test_every_sign_has_words_with_metadata(domain: Any, real_words: Words) -> None:
    variations = domain.responses["utter_danger"]
    by_sign = {one["condition"][0]["value"]: one for one in variations if one.get("condition")}
    for name, sign in real_words.lexicon.signs.items():
        metadata = by_sign[name]["metadata"]
        assert set(metadata) == CONTRACT
        assert metadata["escalation"] == sign.level.value
        assert metadata["rules"] == [name]
        if sign.level is Level.EMERGENCY:
            assert not by_sign[name].get("buttons")


def test_a_sign_that_nobody_knows_still_gets_a_number(domain: Any) -> None:
    last = [one for one in domain.responses["utter_danger"] if not one.get("condition")]
    assert last
    assert last[0]["metadata"]["escalation"] == "emergency"


def test_every_response_carries_metadata(domain: Any) -> None:
    for name, variations in domain.responses.items():
        for one in variations:
            assert set(one.get("metadata", ())) >= CONTRACT, name


def test_every_button_has_an_intent_and_each_intent_a_rule(
    domain: Any, rules: dict[str, list[str]]
) -> None:
    for name, variations in domain.responses.items():
        for button in (button for one in variations for button in one.get("buttons", ())):
            intent = button["payload"].lstrip("/").split("{")[0]
            assert intent in domain.intents, (name, button)
            assert intent in rules or intent == "decline_age", (name, button)


def test_danger_rules_hold_no_action_of_the_action_server(rules: dict[str, list[str]]) -> None:
    of_rasa = {"...", "action_listen", "action_deactivate_loop"}
    for intent, actions in rules.items():
        if intent.startswith("danger_") or intent == "alarm_over":
            own = set(actions) - of_rasa
            assert own, intent
            assert all(action.startswith("utter_") for action in own), intent


def test_the_stock_domain_loads_by_itself() -> None:
    from rasa.shared.core.domain import Domain

    assert Domain.load(str(DATA.parent / "domain.yml")).intents
