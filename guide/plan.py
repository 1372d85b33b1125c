"""The plan: first-line eczema care, then the guide's five steps in order, fitted to one baby.

What the steps say is data (`data/plan/plan.yml`); what may be given now, later or after a
clinician's word follows from the gates, so that the plan and the answers can't disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from guide.ages import age_words
from guide.content import CLAIMS, Content
from guide.gates import END_MONTHS, GateResult, Gates
from guide.model import (
    CONDITIONS,
    FEEDING_TYPES,
    Button,
    Facts,
    Level,
    Question,
    Reply,
    Verdict,
)
from guide.yaml_file import (
    DataError,
    Entry,
    Problem,
    Words,
    YamlFile,
    read_yaml,
    unknown_id,
    validated,
)

PLACES = (
    "fine",
    "when_well",
    "later",
    "when_ready",
    "ask_clinician",
    "ask_later",
    "unknown_age",
    "avoid",
)
"""The lines of a step with foods, in the order of speaking; also their keys in the words."""

SOON_MONTHS = 0.05
"""A day or two from now: what fits then but not today waits for the baby to be well."""


class PlanWhen(Entry):
    """For which babies a way holds; every part that is given must hold.

    Attributes:
        feeding: the baby is fed in one of these ways.
        any: one of these conditions holds.
        age_from, age_below: bounds of the age in months (corrected for a baby born early).
    """

    feeding: tuple[Literal["breast", "formula", "mixed", "solids"], ...] = ()
    any: tuple[str, ...] = ()
    age_from: float | None = None
    age_below: float | None = None

    def holds(self, facts: Facts, age: float | None) -> bool:
        """Tell whether it holds for a baby of `age` months; no bound holds for an unknown age."""
        bounded = self.age_from is not None or self.age_below is not None
        if bounded and age is None:
            return False
        return (
            (not self.feeding or facts.feeding_type in self.feeding)
            and (not self.any or bool(facts.conditions & {*self.any}))
            and (self.age_from is None or age is None or age >= self.age_from)
            and (self.age_below is None or age is None or age < self.age_below)
        )


class Way(Entry):
    """What a step means for some babies: `say` in the short plan, `whole` in the whole one."""

    when: PlanWhen = PlanWhen()
    status: Literal["now", "ask", "skip"]
    say: Words
    whole: Words


class PlanStep(Entry):
    """One of the guide's five steps.

    Attributes:
        id: its name; title: the word before its sentence.
        topics: topic ids; claims: ids of what the article says.
        items: ids of the foods and exposures that the gates judge.
        labels: how an item is named here, by item id; else by its title.
        guide: what the article suggests; known: what is known of it.
        ways: what to do, by baby; empty where the items say it all.
        sources: keys of `data/sources.yml`.
    """

    id: Words
    title: Words
    topics: tuple[str, ...]
    claims: tuple[str, ...]
    items: tuple[str, ...] = ()
    labels: dict[str, Words] = Field(default_factory=dict)
    guide: Words
    known: Words
    ways: tuple[Way, ...] = ()
    sources: tuple[str, ...] = ()


class Care(Entry):
    """First-line eczema care; `severe` comes first for a baby with severe eczema."""

    title: Words
    say: Words
    whole: tuple[Words, ...]
    severe: Words
    sources: tuple[str, ...] = ()


class PlanData(Entry):
    """`plan:` of `data/plan/plan.yml`; `allergens` are the foods that do help when given early."""

    care: Care
    allergens: tuple[str, ...]
    steps: tuple[PlanStep, ...]


class PlanFile(Entry):
    """`data/plan/plan.yml`."""

    plan: PlanData


class PlanWords(Entry):
    """`plan_words:` of `data/words/plan.yml`."""

    title: Words
    for_age: Words
    for_corrected: Words
    for_unknown: Words
    over_age: Words
    step: Words
    whole_step: Words
    fine: Words
    later: Words
    when_well: Words
    when_ready: Words
    ask_clinician: Words
    ask_later: Words
    avoid: Words
    unknown_age: Words
    and_word: Words
    guide_says: Words
    known: Words
    solids_first: Words
    clinician: Words
    whole_button: Words
    note_button: Words
    severity_button: Words
    why_button: Words
    note: Words


class PlanWordsFile(Entry):
    """`data/words/plan.yml`."""

    plan_words: PlanWords


@dataclass(frozen=True)
class Timed:
    """A gate's result with when the item fits.

    Attributes:
        result: the verdict of today.
        months: age in months from which it fits, when that is later than today; counted as the
            gates count, so corrected for a baby born early.
        when: which line of the plan it belongs to (a key of `PlanWords`).
    """

    result: GateResult
    when: str
    months: float | None = None


@dataclass
class _Parts:
    """What a reply is made of, collected step by step."""

    topics: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    guide: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def add_step(self, step: PlanStep, timed: Sequence[Timed]) -> None:
        self.topics += step.topics
        self.sources += step.sources
        self.add_items(timed)

    def add_items(self, timed: Sequence[Timed]) -> None:
        for one in timed:
            self.rules += one.result.rules
            self.verdicts[one.result.item] = one.result.verdict


class Planner:
    """Makes plans; holds no conversation, so one instance serves a process."""

    def __init__(self, content: Content, gates: Gates, plan: PlanData, words: PlanWords) -> None:
        self._content = content
        self._gates = gates
        self._plan = plan
        self._words = words

    def short(self, facts: Facts, today: date) -> Reply:
        """Return the plan in one short message, at most 120 words."""
        age = facts.safe_age_on(today)
        if age is not None and age >= END_MONTHS:
            return self._too_old()
        parts = _Parts()
        lines = []
        for number, step in enumerate(self._plan.steps, 1):
            timed = self._timed(step.items, facts, today)
            parts.add_step(step, timed)
            way = _way(step, facts, age)
            say = way.say if way else self._listed(timed, step.labels)
            lines.append(self._words.step.format(number=number, title=step.title, say=say))
        care = [*self._severe(facts), self._plan.care.say]
        parts.steps = lines
        end = [] if self._severe(facts) else ["", self._words.clinician]
        text = "\n".join([*care, "", self._opening(facts, today), *lines, *end])
        whole = Button(self._words.whole_button, '/ask_plan{"whole":"yes"}')
        return self._reply(text, care, parts, self._buttons(facts, age, [whole]))

    def whole(self, facts: Facts, today: date) -> list[Reply]:
        """Return the plan in full: skin care with the first steps, the foods, and the rest."""
        age = facts.safe_age_on(today)
        if age is not None and age >= END_MONTHS:
            return [self._too_old()]
        care = [*self._severe(facts), *self._plan.care.whole]
        groups = self._groups()
        replies = []
        for index, group in enumerate(groups):
            parts = _Parts()
            for number, step in group:
                self._tell(step, number, facts, today, parts)
            head, tail = [], []
            if index == 0:
                bullets = [f"• {line}" for line in care]
                head = [self._plan.care.title, *bullets, "", self._opening(facts, today)]
            if index == len(groups) - 1:
                tail = ["", self._words.clinician]
            text = "\n".join([*head, *parts.steps, *tail])
            last = index == len(groups) - 1
            buttons = self._buttons(facts, age, []) if last else ()
            replies.append(self._reply(text, care if index == 0 else [], parts, buttons))
        return replies

    def _groups(self) -> list[list[tuple[int, PlanStep]]]:
        """Return the numbered steps in three messages: what comes before the foods, they, after."""
        numbered = list(enumerate(self._plan.steps, 1))
        food = next((i for i, (_, step) in enumerate(numbered) if len(step.items) > 1), 0)
        groups = [numbered[:food], [numbered[food]], numbered[food + 1 :]]
        return [group for group in groups if group]

    def _tell(self, step: PlanStep, number: int, facts: Facts, today: date, parts: _Parts) -> None:
        """Add a whole step to `parts`."""
        words = self._words
        timed = self._timed(step.items, facts, today)
        parts.add_step(step, timed)
        parts.claims += step.claims
        guide = words.guide_says.format(says=step.guide)
        known = words.known.format(says=step.known)
        parts.guide.append(guide)
        parts.evidence.append(known)
        way = _way(step, facts, facts.safe_age_on(today))
        say: list[str] = [way.whole] if way else list(self._by_line(timed, step.labels))
        if not way:
            early = self._timed(self._plan.allergens, facts, today)
            parts.add_items(early)
            early_lines = " ".join(self._by_line(early, {}))
            say.append(words.solids_first.format(says=early_lines))
            said = (Verdict.FINE, Verdict.ASK_CLINICIAN)
            say += dict.fromkeys(
                f"{_upper(one.result.title)}: {one.result.say}"
                for one in (*timed, *early)
                if one.result.verdict in said and one.when != "ask_later"
            )
        lines = [words.whole_step.format(number=number, title=step.title), guide, known, *say]
        parts.steps += [*lines, ""] if step.id != self._plan.steps[-1].id else lines

    def _timed(self, items: Iterable[str], facts: Facts, today: date) -> list[Timed]:
        question = Question("", ("starting_solids",))
        return [
            self._when(result, facts, today)
            for result in self._gates.verdicts(tuple(items), facts, today, question)
        ]

    def _when(self, result: GateResult, facts: Facts, today: date) -> Timed:
        """Return when an item fits: now, from an age on, once well, or after a clinician's word."""
        verdict, age = result.verdict, facts.safe_age_on(today)
        if verdict in (Verdict.FINE, Verdict.UNKNOWN_AGE, Verdict.ASK_CLINICIAN) or age is None:
            return Timed(result, verdict.value if verdict != Verdict.NOT_YET else "when_ready")
        for months in (age + SOON_MONTHS, *(one for one in self._gates.breakpoints if one > age)):
            later = self._at(result.item, facts, today, months)
            if later.verdict is Verdict.FINE:
                soon = months == age + SOON_MONTHS
                return Timed(result, "when_well") if soon else Timed(result, "later", months)
            if later.verdict is Verdict.ASK_CLINICIAN:
                return Timed(result, "ask_later")
        return Timed(result, "when_ready" if verdict is Verdict.NOT_YET else "avoid")

    def _at(self, item: str, facts: Facts, today: date, months: float) -> GateResult:
        """Return the verdict at `months`; a question about a later age counts from birth."""
        asked = months + facts.corrected_by_months
        question = Question("", ("starting_solids",), asked_age_months=asked)
        return self._gates.verdicts((item,), facts, today, question)[0]

    def _by_line(self, timed: Sequence[Timed], labels: Mapping[str, str]) -> Iterator[str]:
        """Yield one sentence for each time that some item fits, the earliest first."""
        groups: dict[tuple[str, float | None], list[str]] = {}
        for one in sorted(timed, key=lambda one: (PLACES.index(one.when), one.months or 0)):
            name = labels.get(one.result.item, one.result.title)
            groups.setdefault((one.when, one.months), []).append(name)
        for (when, months), titles in groups.items():
            line: str = getattr(self._words, when)
            yield _upper(line.format(items=self._joined(titles), months=_number(months))) + "."

    def _listed(self, timed: Sequence[Timed], labels: Mapping[str, str]) -> str:
        text = " ".join(self._by_line(timed, labels))
        return text[:1].lower() + text[1:]

    def _joined(self, titles: Sequence[str]) -> str:
        if len(titles) < 2:
            return "".join(titles)
        return f"{', '.join(titles[:-1])} {self._words.and_word} {titles[-1]}"

    def _opening(self, facts: Facts, today: date) -> str:
        age, safe = facts.age_on(today), facts.safe_age_on(today)
        if age is None or safe is None:
            return self._words.for_unknown
        if facts.corrected_by_months:
            return self._words.for_corrected.format(age=age_words(safe))
        return self._words.for_age.format(age=age_words(age))

    def _severe(self, facts: Facts) -> list[str]:
        return [self._plan.care.severe] if "severe_eczema" in facts.conditions else []

    def _buttons(
        self, facts: Facts, age: float | None, first: Sequence[Button]
    ) -> tuple[Button, ...]:
        words = self._words
        rated = {"severe_eczema"} & (facts.conditions | facts.cleared)
        severity = [] if rated else [Button(words.severity_button, "/ask_severity")]
        return (
            *first,
            Button(words.note_button, "/ask_note"),
            *severity,
            Button(words.why_button, "/ask_why"),
        )

    def _too_old(self) -> Reply:
        return Reply(
            self._words.over_age, Level.ROUTINE, ("eczema_symptoms",), rules=("G_AGE_GT36M",)
        )

    def _reply(
        self, text: str, care: Sequence[str], parts: _Parts, buttons: tuple[Button, ...]
    ) -> Reply:
        first = ["eczema_symptoms"] if care else []
        keys = [*(self._plan.care.sources if care else ()), *parts.sources]
        card: dict[str, Any] = {
            "title": self._words.title,
            "do": list(care),
            "gate": [line for line in parts.steps if line],
            "clinician": self._words.clinician,
            "sources": [
                {"key": key, **self._content.sources[key].dict(include={"title", "url", "year"})}
                for key in dict.fromkeys(keys)
                if key in self._content.sources
            ],
            "note": self._words.note,
        }
        return Reply(
            text=text,
            level=Level.ROUTINE,
            topics=tuple(dict.fromkeys([*first, *parts.topics])),
            claims=tuple(dict.fromkeys(parts.claims)),
            rules=tuple(dict.fromkeys(parts.rules)),
            verdicts=parts.verdicts,
            buttons=buttons,
            card=card,
        )


def _way(step: PlanStep, facts: Facts, age: float | None) -> Way | None:
    """Return the first way that holds for the baby, None for a step that its items speak for."""
    return next((way for way in step.ways if way.when.holds(facts, age)), None)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}".removesuffix(".0")


def load_plan(data: Path, content: Content, gates: Gates) -> Planner:
    """Read and check the plan's files below the data folder.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    file = read_yaml(data / "plan" / "plan.yml")
    plan = validated(file, PlanFile).plan
    words = validated(read_yaml(data / "words" / "plan.yml"), PlanWordsFile).plan_words
    problems = list(_problems(file, plan, content, gates))
    if problems:
        raise DataError(problems)
    return Planner(content, gates, plan, words)


def _problems(file: YamlFile, plan: PlanData, content: Content, gates: Gates) -> Iterator[Problem]:
    def unknown(
        place: tuple[str | int, ...], kind: str, used: Iterable[str], known: Iterable[str]
    ) -> Iterator[Problem]:
        right = list(known)
        for at, name in enumerate(used):
            if name not in right:
                yield unknown_id(file, ("plan", *place, at), kind, name, right)

    yield from unknown(("allergens",), "item", plan.allergens, gates.items)
    yield from unknown(("care", "sources"), "source", plan.care.sources, content.sources)
    for index, step in enumerate(plan.steps):
        place: tuple[str | int, ...] = ("steps", index)
        checks: Mapping[str, tuple[str, Iterable[str], Iterable[str]]] = {
            "topics": ("topic", step.topics, content.topics),
            "claims": ("claim", step.claims, CLAIMS),
            "items": ("item", step.items, gates.items),
            "sources": ("source", step.sources, content.sources),
        }
        for part, (kind, used, known) in checks.items():
            yield from unknown((*place, part), kind, used, known)
        for at, way in enumerate(step.ways):
            inner: tuple[str | int, ...] = (*place, "ways", at, "when")
            yield from unknown((*inner, "any"), "condition", way.when.any, CONDITIONS)
            yield from unknown((*inner, "feeding"), "feeding", way.when.feeding, FEEDING_TYPES)
        if not step.items and not any(way.when == PlanWhen() for way in step.ways):
            fix = "add a last way without `when`"
            yield file.problem(("plan", *place), f"{step.id} says nothing for some babies", fix)
