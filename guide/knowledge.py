"""All that the guide knows, loaded from `data/`, in one piece."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from guide.content import load_content
from guide.gates import load_gates
from guide.languages import load_languages
from guide.lexicon import Lexicon, load_lexicon
from guide.memory import FactLexicon, load_facts
from guide.model import CONDITIONS
from guide.recogniser import Recogniser
from guide.second_reader import SecondReader

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True)
class Words:
    """What the recogniser needs of `data/`: plain data, so that a trained model can carry it.

    Attributes:
        lexicon: vocabulary, cues, findings, danger signs, numbers.
        facts: wordings of conditions, feeding and countries.
        items: names of foods, products and exposures, by item id.
        item_topics: the topic of each item.
        languages: other languages that parents write in, by code.
        item_allergies: the condition that a reaction to an item speaks for, by item id.
    """

    lexicon: Lexicon
    facts: FactLexicon
    items: Mapping[str, tuple[str, ...]]
    item_topics: Mapping[str, str]
    languages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    item_allergies: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON-ready values."""
        return {
            "lexicon": self.lexicon.dict(),
            "facts": self.facts.dict(),
            "items": {name: list(words) for name, words in self.items.items()},
            "item_topics": dict(self.item_topics),
            "languages": dict(self.languages),
            "item_allergies": dict(self.item_allergies),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Words:
        """Read back what `to_json` gave."""
        return cls(
            lexicon=Lexicon(**values["lexicon"]),
            facts=FactLexicon(**values["facts"]),
            items={name: tuple(words) for name, words in values["items"].items()},
            item_topics=values["item_topics"],
            languages=values["languages"],
            item_allergies=values["item_allergies"],
        )

    def recogniser(self) -> Recogniser:
        """Return a recogniser of these words."""
        return Recogniser(self.lexicon, self.facts, self.items, self.languages)


def load_words(data: Path = DATA) -> Words:
    """Load what the recogniser needs.

    Raises:
        LexiconError, DataError: for a mistake in a file, with its place and the fix.
    """
    content = load_content(data)
    gates = load_gates(data / "gates", content.sources, content.topics)
    return Words(
        lexicon=load_lexicon(data / "lexicon"),
        facts=load_facts(data / "lexicon" / "facts.yml"),
        items=gates.names(),
        item_topics={name: item.topic for name, item in gates.items.items()},
        languages=load_languages(data / "lexicon" / "languages.yml"),
        item_allergies={
            name: condition
            for name, item in gates.items.items()
            if (condition := _allergy(name, item.flags))
        },
    )


def _allergy(item: str, flags: Collection[str]) -> str | None:
    """Return the allergy that a reaction to an item speaks for, or None."""
    for name in (item, *sorted(flags)):
        if f"{name}_allergy" in CONDITIONS:
            return f"{name}_allergy"
    return "other_food_allergy" if "food" in flags else None


def load_reader(data: Path = DATA) -> SecondReader:
    """Load the second reader as `training` stored it."""
    return SecondReader.load(data / "reader")


def shared_recogniser() -> Recogniser:
    """Return the recogniser that the whole process shares: the model's, else one over `data/`."""
    with _sharing:  # who comes while it is built waits, instead of building a second one
        if not _recognisers:
            _recognisers.append(load_words().recogniser())
        return _recognisers[0]


def shared_reader() -> SecondReader:
    """Return the second reader that the whole process shares: the model's, else that of `data/`."""
    with _sharing:
        if not _readers:
            _readers.append(load_reader())
        return _readers[0]


def share(recogniser: Recogniser, reader: SecondReader) -> None:
    """Let the whole process use what a trained model has brought."""
    with _sharing:
        _recognisers[:] = [recogniser]
        _readers[:] = [reader]


_sharing = Lock()
_recognisers: list[Recogniser] = []
_readers: list[SecondReader] = []
