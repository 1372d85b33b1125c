"""The guide's words: topics (`data/guidance/*.yml`) and sources (`data/sources.yml`).

The loader reports every editor's mistake at once, each with its file, its line and the fix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from guide.model import TOPICS, Level
from guide.yaml_file import (
    DataError,
    Entry,
    Problem,
    Words,
    YamlFile,
    nearest,
    read_yaml,
    unknown_id,
    validated,
)

# fmt: off
CLAIMS = (
    "A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4",
    "B5", "C1", "C2", "C3", "C4", "D1", "D2a", "D2b", "D2c", "D3",
    "D3a", "D3b", "D3c", "D3d", "D4", "D4a", "D4b", "D5a", "D5b", "D5c",
    "E1", "E2", "E3", "E4", "E5", "F1", "F2", "F3",
)
# fmt: on
"""Ids of everything that the article says; each must be answered somewhere."""


class Source(Entry):
    """Where a fact comes from.

    Attributes:
        title: issuing body and name of the page or paper.
        year: year of publication, where known.
        url: the address that was read, where there is one.
        status: `primary` (the issuing body's page or the paper), `secondary` (another page that
            states its content), `low` (a weak page, used for the named point only).
        note: anything a reviewer should know.
    """

    title: Words
    year: int | None
    url: str | None
    status: Literal["primary", "secondary", "low"]
    note: str = ""


class SourcesFile(Entry):
    """`data/sources.yml`."""

    sources: dict[str, Source]


class Suggestion(Entry):
    """What the article says, attributed to it; `claims` are ids out of `CLAIMS`."""

    claims: tuple[str, ...]
    say: Words


class Evidence(Entry):
    """What is known about some claims, in one line, with how well they are supported."""

    claims: tuple[str, ...]
    label: Literal["supported", "mixed", "weak", "contradicted", "not_medical_advice"]
    say: Words
    sources: tuple[str, ...] = ()


class Step(Entry):
    """A short line of what to do, action first."""

    say: Words
    sources: tuple[str, ...] = ()


class Aspect(Entry):
    """A particular question inside a topic, answered directly and first.

    Attributes:
        id: its name inside the topic.
        when: wordings, in the phrase language.
        unless: wordings that look like it and are not: "no reaction" asks about none.
        say: the answer.
        sources: keys of `data/sources.yml`.
        referral: the answer touches the guide's referral code.
        refusal: the answer declines (a dose, say): it comes first, and nothing is suggested.
        always: it is said also beside what holds a food back: it tells the age that was asked for.
    """

    id: Words
    when: tuple[Words, ...]
    unless: tuple[Words, ...] = ()
    say: Words
    sources: tuple[str, ...] = ()
    referral: bool = False
    refusal: bool = False
    always: bool = False


class Topic(Entry):
    """All that the guide has to say on one topic.

    Attributes:
        topic: its id; also the file's name.
        title: the readable name, used on buttons.
        intent: the Rasa intent that asks for it, always `ask_<topic>`.
        kind: `answer`, or `decline` for what the guide doesn't cover: then the aspects and `do`
            say where to turn.
        level: the level of its answers.
        items: ids of the foods, products and exposures that it is about.
        age_matters: the answer depends on the age.
        guide: what the article suggests.
        evidence: what is known about that.
        do: what to do.
        clinician: when to see whom.
        aspects: particular questions.
        more: the longer explanation.
        followups: topic ids offered next.
    """

    topic: Words
    title: Words
    intent: Words
    kind: Literal["answer", "decline"] = "answer"
    level: Level = Level.ROUTINE
    items: tuple[str, ...] = ()
    age_matters: bool = False
    guide: tuple[Suggestion, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    do: tuple[Step, ...] = ()
    clinician: Words
    aspects: tuple[Aspect, ...] = ()
    more: Words
    followups: tuple[str, ...] = ()

    def claims(self) -> Iterator[str]:
        """Yield the ids of the claims that the topic answers, in order, each once."""
        yield from dict.fromkeys(
            claim
            for lines in (self.guide, self.evidence)
            for line in lines
            for claim in line.claims
        )

    def source_keys(self) -> Iterator[str]:
        """Yield the keys of the sources behind the topic's evidence and steps, each once."""
        yield from dict.fromkeys(
            key for lines in (self.evidence, self.do) for line in lines for key in line.sources
        )


@dataclass(frozen=True)
class Content:
    """The guide's words, validated: topics by id and sources by key."""

    topics: Mapping[str, Topic]
    sources: Mapping[str, Source]

    def titles(self) -> dict[str, str]:
        """Return the readable names by topic id."""
        return {topic_id: topic.title for topic_id, topic in self.topics.items()}

    def uncovered_claims(self) -> list[str]:
        """Return the claim ids that no topic answers."""
        covered = {claim for topic in self.topics.values() for claim in topic.claims()}
        return [claim for claim in CLAIMS if claim not in covered]


def load_content(path: Path) -> Content:
    """Read topics and sources below the data folder `path`.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    problems: list[Problem] = []
    sources = _sources(path / "sources.yml", problems)
    files = sorted((path / "guidance").glob("*.yml"))
    read = [(file, topic) for file, topic in _topics(files, problems)]
    if problems:
        raise DataError(problems)
    topics: dict[str, Topic] = {topic.topic: topic for _, topic in read}
    known = {*topics, *TOPICS}
    for file, topic in read:
        problems += _topic_problems(file, topic, known, sources)
    if problems:
        raise DataError(problems)
    return Content(topics, sources)


def _sources(path: Path, problems: list[Problem]) -> dict[str, Source]:
    try:
        return validated(read_yaml(path), SourcesFile).sources
    except DataError as error:
        problems += error.problems
        return {}


def _topics(paths: Iterable[Path], problems: list[Problem]) -> Iterator[tuple[YamlFile, Topic]]:
    for path in paths:
        try:
            file = read_yaml(path)
            yield file, validated(file, Topic)
        except DataError as error:
            problems += error.problems


def _topic_problems(
    file: YamlFile, topic: Topic, topics: Iterable[str], sources: Mapping[str, Source]
) -> Iterator[Problem]:
    name = file.path.stem
    if topic.topic != name:
        yield file.problem(
            ("topic",),
            f"the topic is {topic.topic!r} in the file {name}.yml",
            f"write `topic: {name}`",
        )
    if topic.intent != f"ask_{topic.topic}":
        fix = f"write `intent: ask_{topic.topic}`"
        yield file.problem(("intent",), f"the intent is {topic.intent!r}", fix)
    for index, follow in enumerate(topic.followups):
        if follow not in topics:
            yield unknown_id(file, ("followups", index), "topic", follow, topics)
    for part in ("guide", "evidence"):
        for index, line in enumerate(getattr(topic, part)):
            for at, claim in enumerate(line.claims):
                if claim not in CLAIMS:
                    yield unknown_id(file, (part, index, "claims", at), "claim", claim, CLAIMS)
    yield from _source_problems(file, topic, sources)
    yield from _aspect_problems(file, topic)


def _source_problems(
    file: YamlFile, topic: Topic, sources: Mapping[str, Source]
) -> Iterator[Problem]:
    for part in ("evidence", "do", "aspects"):
        for index, line in enumerate(getattr(topic, part)):
            for at, key in enumerate(line.sources):
                if key not in sources:
                    yield unknown_id(file, (part, index, "sources", at), "source", key, sources)


def _aspect_problems(file: YamlFile, topic: Topic) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, aspect in enumerate(topic.aspects):
        if aspect.id in seen:
            message = f"the aspect {aspect.id!r} stands twice in {topic.topic}"
            yield file.problem(("aspects", index, "id"), message, "rename or merge one of them")
        seen.add(aspect.id)


__all__ = [
    "CLAIMS",
    "Aspect",
    "Content",
    "DataError",
    "Evidence",
    "Problem",
    "Source",
    "Step",
    "Suggestion",
    "Topic",
    "load_content",
    "nearest",
]
