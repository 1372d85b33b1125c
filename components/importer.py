"""Training data that follows from `data/`: nobody keeps a topic or a danger sign in two places.

From each topic of `data/guidance` come its intent and its rule; from the danger signs of
`data/lexicon` come the danger responses with their metadata; from the numbers come the slots of
the help lines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from guide.content import load_content
from guide.knowledge import DATA
from guide.lexicon import Lexicon, Sign, load_lexicon
from guide.model import Level
from guide.reading import read_posts
from guide.state import line_slots

AGE_FORM = "age_form"
DEACTIVATE = "action_deactivate_loop"
STAY_IN_FORM = frozenset({"ask_why", "decline_age"})


class GuideImporter(RasaFileImporter):
    """Reads Rasa's files and adds what follows from the guide's own."""

    def get_domain(self) -> Domain:
        """Return the domain of the files with the topics' intents and the danger responses."""
        return super().get_domain().merge(Domain.from_yaml(yaml.safe_dump(_domain())))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Return the rules of the files, one for each topic, and the ways out of the age form."""
        rules = [*_topic_rules(), *self._ways_out_of_the_form()]
        reader = YAMLStoryReader(self.get_domain())
        steps = reader.read_from_string(yaml.safe_dump({"version": "3.1", "rules": rules}))
        return super().get_stories(exclusion_percentage).merge(StoryGraph(steps))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the messages of the files with the labelled posts of `data/reader/topics`."""
        posts = read_posts(sorted((DATA / "reader" / "topics").glob("*.jsonl")))
        messages = [Message.build(text, intent) for text, intent in posts]
        return super().get_nlu_data(language).merge(TrainingData(messages))

    def _ways_out_of_the_form(self) -> list[dict[str, Any]]:
        """Return each one-message rule once more, for while the form is open: it ends the form.

        The age is asked for once. Whoever says something else gets an answer to that.
        """
        written = (rule for path in self._story_files for rule in _read_rules(path))
        return [
            {
                "rule": f"{rule['rule']}, instead of the age",
                "condition": [{"active_loop": AGE_FORM}],
                "steps": [*rule["steps"], {"action": DEACTIVATE}, {"active_loop": None}],
            }
            for rule in [*written, *_topic_rules()]
            if "condition" not in rule and rule["steps"][0]["intent"] not in STAY_IN_FORM
        ]


@lru_cache(maxsize=1)
def _topic_intents() -> tuple[str, ...]:
    topics = load_content(DATA).topics
    return tuple(topic if topic == "out_of_scope" else f"ask_{topic}" for topic in topics)


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return load_lexicon(DATA / "lexicon")


def _read_rules(path: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = yaml.safe_load(Path(path).read_text("utf-8")).get("rules") or []
    return rules


def _topic_rules() -> list[dict[str, Any]]:
    return [
        {"rule": f"answer {intent}", "steps": [{"intent": intent}, {"action": "action_answer"}]}
        for intent in _topic_intents()
    ]


def _domain() -> dict[str, Any]:
    lexicon = _lexicon()
    lines = line_slots(lexicon, os.environ.get("GUIDE_COUNTRY", ""))
    return {
        "version": "3.1",
        "intents": [intent for intent in _topic_intents() if intent != "out_of_scope"],
        "slots": {name: _line_slot(name, words) for name, words in lines.items()},
        "responses": {
            "utter_danger": _danger_variations(lexicon, "danger_sign"),
            "utter_danger_carer": _danger_variations(lexicon, "carer_sign"),
        },
    }


def _line_slot(name: str, words: str) -> dict[str, Any]:
    return {
        "type": "text",
        "initial_value": words,
        "influence_conversation": False,
        "mappings": [{"type": "from_entity", "entity": name}],
    }


def _danger_variations(lexicon: Lexicon, slot: str) -> list[dict[str, Any]]:
    """Return one variation for each sign, chosen by `slot`, and a last one for safety."""
    variations = [
        {
            "text": _filled(sign),
            "condition": [{"type": "slot", "name": slot, "value": name}],
            "metadata": _metadata(sign.level, name, sign.topics),
            **_buttons(sign),
        }
        for name, sign in lexicon.signs.items()
    ]
    generic = "Call {line_emergency} now. I am only a chat program; do not wait for me."
    metadata = _metadata(Level.EMERGENCY, "generic_emergency", ())
    return [*variations, {"text": generic, "metadata": metadata}]


def _metadata(level: Level, rule: str, topics: Sequence[str]) -> dict[str, Any]:
    return {
        "escalation": level.value,
        "topics": list(topics),
        "claims": [],
        "rules": [rule],
        "verdicts": {},
    }


def _buttons(sign: Sign) -> dict[str, Any]:
    """An urgent reply offers the guidance that was asked for; an emergency offers nothing."""
    if sign.level is Level.EMERGENCY:
        return {}
    return {"buttons": [{"title": "Answer my question too", "payload": "/answer_anyway"}]}


def _filled(sign: Sign) -> str:
    words = f"{sign.now}\n{sign.then}".strip()
    return re.sub(r"\{(\w+)\}", r"{line_\1}", words)
