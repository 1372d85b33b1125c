"""The lexicon: what the recogniser knows, read from `data/lexicon/*.yml` and validated.

The whole lexicon is one plain mapping (`Lexicon.dict()`), so that a trained model can carry it
and needs no file beside it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import (
    BaseModel,
    Extra,
    Field,
    PrivateAttr,
    ValidationError,
    root_validator,
    validator,
)

from guide.model import CONDITIONS, Level

MERGED_KEYS = (
    "vocabulary",
    "expansions",
    "irregular",
    "cues",
    "findings",
    "signs",
    "numbers",
    "topics",
    "words",
    "answers",
    "course",
)


FEVER, FEELS_HOT, LOW_TEMPERATURE = "fever", "feels_hot", "low_temperature"
MEASURED = frozenset({FEVER, LOW_TEMPERATURE})
"""Findings that a temperature reading stands for."""


class LexiconError(ValueError):
    """A mistake in a lexicon file; the message names the file, the place and the fix."""


class _Model(BaseModel):
    class Config:
        extra = Extra.forbid
        frozen = True


class Cue(_Model):
    """Words that tell how a finding is meant.

    Attributes:
        phrases: in the phrase language.
        scope: `forward` to the end of the list it opens, `backward` to the finding just before,
            `clause`, or `sentence`.
    """

    phrases: tuple[str, ...]
    scope: Literal["forward", "backward", "clause", "sentence", "marker"]


class Finding(_Model):
    """Something that a parent may report, with its wordings.

    Attributes:
        label: what it is, in a parent's words, as shown in checks and in the note.
        phrases: wordings that mean it; negative words inside a phrase belong to it.
        unless: wordings that look like it and are not: they cancel an overlapping match.
        who: whose finding it is.
        implies: ids of findings that are true with it.
        symptom: whether it is remembered as a symptom of the baby.
        topics: topic ids that it speaks for, the nearest first.
        always: it counts also as a question or in the past (a carer's crisis).
        lasting: it counts also when it is some time ago (honey, raw milk).
        asks: ids of the signs that a safety check asks about first where it is told.
        harmless: a well baby does it, or it rules a danger out: where a message tells nothing else,
            the second reader raises nothing.
    """

    label: str
    phrases: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    who: Literal["baby", "carer", "anyone"] = "baby"
    implies: tuple[str, ...] = ()
    symptom: bool = False
    topics: tuple[str, ...] = ()
    always: bool = False
    lasting: bool = False
    asks: tuple[str, ...] = ()
    harmless: bool = False


class AnswerWords(_Model):
    """Wordings of one answer to a safety check, in the phrase language.

    Attributes:
        means: the intent that it comes to.
        starts: an answer begins with one of them and may go on.
        whole: one of them is all of the answer.
        unless: wordings that look like it and are not.
        at_most: words that may follow what it starts with; None for any number.
        without: words that may not follow.
    """

    means: Literal["check_yes", "check_no"]
    starts: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    at_most: int | None = None
    without: tuple[str, ...] = ()


class CourseWords(_Model):
    """How a finding goes on over the messages of a conversation, in the phrase language.

    Attributes:
        again_within: told again within so many hours, it has gone on meanwhile; with a word of that
            ("still"), within twice as many.
        still: wordings that tell it goes on and don't name it: "still dry".
        later: bare ones, which tell it an hour or more after it was told: "none".
        same: those that may be of any illness, so of the one told last: "no better".
        over: wordings that it ended: "he's had a big wet nappy".
        unless: wordings that look like one of these and are not.
        after: findings after which `still` tells it too: one wet nappy, "and none since".
        worrying_from: once over, hours from which "none since" tells it anew.
        counts: findings that it amounts to from so many times in a day, by id.
        uncounted: wordings of it whose number is harmless: possets.
    """

    again_within: float = 0.0
    still: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    worrying_from: float = 0.0
    counts: dict[str, int] = {}
    uncounted: tuple[str, ...] = ()

    def kinds(self) -> dict[str, tuple[str, ...]]:
        """Return the wordings by what they tell."""
        return {
            "still": self.still,
            "later": self.later,
            "same": self.same,
            "over": self.over,
            "uncounted": self.uncounted,
        }


class Criterion(_Model):
    """One way in which a sign is met: every part that is given must hold.

    Ages are in months (corrected for a baby born early), temperatures in °C, times in hours.
    """

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    also: tuple[str, ...] = Field((), description="a second list of which one must be present")
    none: tuple[str, ...] = ()
    two_of: tuple[str, ...] = ()
    age_below: float | None = None
    age_from: float | None = None
    age_unknown: bool | None = None
    temperature_from: float | None = None
    temperature_below: float | None = None
    lasting: dict[str, float] = {}
    conditions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()

    _needs: frozenset[str] = PrivateAttr(frozenset())

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        told = (*self.all, *self.lasting) or self.any or self.two_of
        object.__setattr__(self, "_needs", frozenset(told))

    @property
    def needs(self) -> frozenset[str]:
        """Findings of which at least one must be present; empty if a reading may do."""
        return self._needs

    @root_validator
    def _something_to_see(cls, values: dict[str, Any]) -> dict[str, Any]:
        positive = ("all", "any", "two_of", "temperature_from", "temperature_below", "lasting")
        if not any(values.get(name) for name in positive):
            raise ValueError("needs at least one of: " + ", ".join(positive))
        unknown = set(values.get("conditions", ())) - set(CONDITIONS)
        if unknown:
            raise ValueError(f"unknown condition(s) {sorted(unknown)}")
        return values


class Sign(_Model):
    """A danger sign: a row of the red-flag table.

    Attributes:
        level: `emergency`, `urgent`, `check` or `routine` (book within days).
        rank: its place inside its level: where several are met, the lowest is said.
        title: its name for a clinician.
        when: the criteria, of which one is enough.
        now: the first thing to say; then: the second.
        line: which help line it names.
        question: what the safety check asks about it, as a yes/no question.
        confirmed: id of the sign that "yes" to a mere question means; itself if empty.
        stays_when_well: looking well doesn't settle it: a swallowed battery, a newborn's fever.
        definite: its findings are so plain that the second reader never lowers it: a number that a
            monitor shows.
        settled: criteria of which one, told after it, shows that it was none: black poo of a baby
            who takes iron.
        sources: keys of `data/sources.yml`.
    """

    level: Level
    rank: int = 100
    title: str
    when: tuple[Criterion, ...]
    now: str
    then: str = ""
    who: Literal["baby", "carer"] = "baby"
    question: str = ""
    confirmed: str = ""
    stays_when_well: bool = False
    definite: bool = False
    settled: tuple[Criterion, ...] = ()
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    _needs: frozenset[str] = PrivateAttr(frozenset())

    @property
    def rests_on_reading(self) -> bool:
        """Tell whether a thermometer's reading can meet it: a number that no wording outweighs."""
        return any(
            criterion.temperature_from is not None
            or criterion.temperature_below is not None
            or not MEASURED.isdisjoint((*criterion.all, *criterion.any))
            for criterion in self.when
        )

    @property
    def waits_for_age(self) -> bool:
        """Tell whether some of it holds only while the age is not known."""
        return any(criterion.age_unknown for criterion in self.when)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if all(criterion.needs for criterion in self.when):
            needs = frozenset().union(*(criterion.needs for criterion in self.when))
            object.__setattr__(self, "_needs", needs)

    @property
    def needs(self) -> frozenset[str]:
        """Findings without any of which no criterion can hold; empty if none is sure."""
        return self._needs


class TopicHint(_Model):
    """Wordings that speak for a topic, beside what the intent classifier says."""

    phrases: tuple[str, ...]
    weight: float = 1.0


class CountryNumbers(_Model):
    """The numbers to call in one country; empty where none is known for certain."""

    name: str
    emergency: str
    urgent: str = ""
    poison: str = ""
    crisis: str = ""
    perinatal: str = ""
    protection: str = ""
    er_or_urgent: str = ""
    brief: str = ""
    words: tuple[str, ...] = ()
    checked: str = ""


class Lexicon(_Model):
    """All of the lexicon, merged from its files."""

    vocabulary: dict[str, tuple[str, ...]] = {}
    expansions: dict[str, str] = {}
    irregular: dict[str, str] = {}
    cues: dict[str, Cue] = {}
    findings: dict[str, Finding] = {}
    signs: dict[str, Sign] = {}
    numbers: dict[str, CountryNumbers] = {}
    topics: dict[str, dict[str, TopicHint]] = {}
    words: dict[str, tuple[str, ...]] = {}
    answers: dict[str, AnswerWords] = {}
    course: dict[str, CourseWords] = {}

    @validator("words", pre=True, each_item=True)
    def _split(cls, words: Any) -> Any:
        return words.split() if isinstance(words, str) else words

    @validator("signs")
    def _in_order(cls, signs: dict[str, Sign]) -> dict[str, Sign]:
        return dict(sorted(signs.items(), key=lambda entry: entry[1].rank))

    @root_validator(skip_on_failure=True)
    def _ids_exist(cls, values: dict[str, Any]) -> dict[str, Any]:
        findings = values["findings"]
        for name, sign in values["signs"].items():
            for used in _used_findings(sign):
                if used not in findings:
                    raise ValueError(
                        f"sign {name}: there is no finding {used!r}{_near(used, findings)}"
                    )
            if sign.confirmed and sign.confirmed not in values["signs"]:
                raise ValueError(
                    f"sign {name}: there is no sign {sign.confirmed!r}"
                    f"{_near(sign.confirmed, values['signs'])}"
                )
        for name, finding in findings.items():
            for used in finding.implies:
                if used not in findings:
                    raise ValueError(f"finding {name} implies {used!r}, which does not exist")
            for used in finding.asks:
                if used not in values["signs"] or not values["signs"][used].question:
                    raise ValueError(f"finding {name} asks about {used!r}, which has no question")
        for name, words in values["course"].items():
            for used in (name, *words.after, *words.counts):
                if used not in findings:
                    raise ValueError(f"course {name}: there is no finding {used!r}")
        return values

    def known_words(self) -> set[str]:
        """Return every plain word that some phrase uses, as the target of spelling repair."""
        return {word for phrase in self._phrases() for word in re.findall(r"[a-z]{3,}", phrase)}

    def _phrases(self) -> Iterator[str]:
        for entries in self.vocabulary.values():
            yield from entries
        for cue in self.cues.values():
            yield from cue.phrases
        for finding in self.findings.values():
            yield from (*finding.phrases, *finding.unless)
        for words in self.course.values():
            yield from itertools.chain(*words.kinds().values(), words.unless)
        for hints in self.topics.values():
            for hint in hints.values():
                yield from hint.phrases


def _used_findings(sign: Sign) -> Iterator[str]:
    for criterion in (*sign.when, *sign.settled):
        yield from (*criterion.all, *criterion.any, *criterion.also, *criterion.none)
        yield from (*criterion.two_of, *criterion.lasting)


def _near(name: str, names: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, list(names), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def load_lexicon(folder: Path) -> Lexicon:
    """Read and merge every YAML file below `folder`.

    Raises:
        LexiconError: for a file that can't be read, a key given twice, or a wrong entry.
    """
    merged: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob("*.yml")):
        for key, entries in _read(path).items():
            if key not in MERGED_KEYS:
                continue
            target = merged.setdefault(key, {})
            for name, entry in (entries or {}).items():
                if name in target:
                    raise LexiconError(f"{path}: {key} {name!r} is given twice; rename or merge it")
                target[name] = entry
    try:
        return Lexicon(**merged)
    except ValidationError as error:
        raise LexiconError(_explain(error, folder)) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.load(
            path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
    except yaml.YAMLError as error:
        raise LexiconError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(loaded, dict):
        raise LexiconError(f"{path}: expected `key: ...` entries at the top level")
    return loaded


def _explain(error: ValidationError, folder: Path) -> str:
    lines = []
    for problem in error.errors():
        place = [str(part) for part in problem["loc"] if part != "__root__"]
        lines.append(f"{_where(folder, place)}{' > '.join(place)}: {problem['msg']}")
    return "\n".join(lines)


def _where(folder: Path, place: list[str]) -> str:
    """Return "file:line: " of the entry named by the first two keys of `place`, if found."""
    if len(place) < 2:
        return ""
    pattern = re.compile(rf"^  ['\"]?{re.escape(place[1])}['\"]?:", re.MULTILINE)
    for path in sorted(folder.rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        found = pattern.search(text)
        if found and re.search(rf"^{re.escape(place[0])}:", text, re.MULTILINE):
            return f"{path}:{text.count(chr(10), 0, found.start()) + 1}: "
    return ""
