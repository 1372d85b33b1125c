"""What may be given to this baby: foods, products and exposures, and the gates before them.

Everything that knows a food by name is data: `data/gates/items.yml` says what each item is and
from which age, the other files of `data/gates/` say what holds back whole kinds of items (by flag)
or single ones (by id). This module only reads and applies them.

The strictest rule that fires wins: avoid, not yet, ask a clinician, age unknown, fine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from guide.content import Source
from guide.model import CONDITIONS, MAX_AGE_MONTHS, Facts, Question, Verdict
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

STRICTNESS = (
    Verdict.FINE,
    Verdict.UNKNOWN_AGE,
    Verdict.ASK_CLINICIAN,
    Verdict.NOT_YET,
    Verdict.AVOID,
)
"""The verdicts, the most permissive first."""

END_MONTHS = MAX_AGE_MONTHS + 1
"""First age in months that the guide doesn't cover: 36 completed months still count."""

BAND_PREFIX = "G_AGE"
AGE_FACT = "age_months"
CORRECTION_FACT = "corrected_by_months"


class Band(Entry):
    """What holds for an item from an age on, up to the next band.

    Attributes:
        from_: age in months (corrected for a baby born early) from which it holds.
        verdict: what may be said about giving it.
        say: what may be given and in which form, or why not.
        instead: what may be done instead; needed unless the verdict is `fine`.
        sources: keys of `data/sources.yml`.
    """

    from_: float = Field(alias="from", ge=0, le=END_MONTHS)
    verdict: Verdict
    say: Words
    instead: str = ""
    sources: tuple[str, ...] = ()


class Item(Entry):
    """A food, product or exposure that a parent may ask about.

    Attributes:
        title: its name as it stands inside a sentence.
        topic: the topic id that speaks of it.
        names: how parents write it, in the phrase language.
        flags: the kinds of item it belongs to; gates apply by them.
        main: the topic is about this item also when the parent doesn't name it: `always`, or only
            `if_alone`, when no other item is named either.
        ages: bands by age, the youngest first; ages before the first are left to the gates.
        age_unknown: what to say when the answer hangs on an age that wasn't told.
        introduce: how to start; watch: what to look out for, and how long.
    """

    title: Words
    topic: Words
    names: tuple[Words, ...]
    flags: frozenset[str] = frozenset()
    main: Literal["no", "always", "if_alone"] = "no"
    ages: tuple[Band, ...]
    age_unknown: str = ""
    introduce: str = ""
    watch: str = ""


class When(Entry):
    """The condition of a gate: every part that is given must hold.

    Attributes:
        age_from, age_below: bounds of the age in months (corrected for a baby born early).
        age_unknown: the age wasn't told and the verdict hangs on it.
        any: one of these conditions of the baby holds.
        all: all of these hold.
        open: none of these was told, neither that it holds nor that it doesn't.
        cleared: one of these was ruled out by the parent.
        use: the parent means one of these uses: as a `drink`, or to `replace_milk`.
        younger_by: the baby was born early, nobody said how early, and a baby younger by these
            months would get another verdict.
        reacted: a reaction was noted to the very item that is asked about.
        reacted_to: a reaction was noted to an item with one of these flags.
    """

    age_from: float | None = None
    age_below: float | None = None
    age_unknown: Literal[True] | None = None
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    use: tuple[Literal["drink", "replace_milk"], ...] = ()
    younger_by: float | None = None
    reacted: Literal[True] | None = None
    reacted_to: tuple[str, ...] = ()


class To(Entry):
    """The items that a gate applies to: by flag, by id, or everything, less `but_not`."""

    flags: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    everything: bool = False
    but_not: tuple[str, ...] = ()

    def covers(self, item_id: str, item: Item) -> bool:
        """Tell whether the gate applies to the item."""
        if item_id in self.but_not:
            return False
        return self.everything or item_id in self.items or bool(item.flags & {*self.flags})


class Gate(Entry):
    """A rule that holds items back.

    Attributes:
        title: what it is about, for "Why?".
        when: its condition.
        to: the items it applies to.
        verdict: what it turns the answer into (never `fine`).
        say: why; `{item}` stands for the item's title.
        instead: what may be done instead.
        sources: keys of `data/sources.yml`.
        replaces: ids of gates that give way to this one.
        now_only: it speaks of today, so a question about a later age passes it.
        asks: the facts that would change the answer while nobody has told them.
    """

    title: Words
    when: When
    to: To
    verdict: Verdict
    say: Words
    instead: Words
    sources: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    now_only: bool = False
    asks: tuple[str, ...] = ()


class GateFile(Entry):
    """A file of `data/gates/`."""

    flags: dict[str, str] = Field(default_factory=dict)
    items: dict[str, Item] = Field(default_factory=dict)
    gates: dict[str, Gate] = Field(default_factory=dict)


@dataclass(frozen=True)
class GateResult:
    """The verdict on one item for this baby, with the words for it.

    Attributes:
        item: the item's id; title: its name inside a sentence.
        verdict: what may be said about giving it.
        rules: ids of the gates and age bands that fired, the deciding one first.
        words: what may be given and in which form, or why not; `{item}` stands for the title.
        otherwise: what may be done instead; never empty unless the verdict is `fine`.
        introduce: how to start, for what is fine.
        watch: what to look out for and how long, for what is fine.
        unknown: facts (slot names or condition ids) that would change the answer.
        sources: keys of the sources behind it.
    """

    item: str
    title: str
    verdict: Verdict
    rules: tuple[str, ...]
    words: str
    otherwise: str = ""
    introduce: str = ""
    watch: str = ""
    unknown: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def say(self) -> str:
        """Return what may be given and in which form, or why not."""
        return fill(self.words, self.title)

    @property
    def instead(self) -> str:
        """Return what may be done instead; never empty unless the verdict is `fine`."""
        return fill(self.otherwise, self.title)


@dataclass(frozen=True)
class BandLimits:
    """What an age band says of an item.

    Attributes:
        title: the item's name inside a sentence.
        verdict: what holds.
        from_months: the age from which it holds.
        until_months: the age from which a milder band holds, or None.
    """

    title: str
    verdict: Verdict
    from_months: float
    until_months: float | None


@dataclass(frozen=True)
class _Fired:
    """A band or gate that holds: its id and what it says."""

    rule: str
    verdict: Verdict
    say: str
    instead: str
    sources: tuple[str, ...]
    replaces: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Case:
    """A baby and a question, as the conditions see them; ages in months."""

    age: float | None
    facts: Facts
    uses: frozenset[str]
    later: bool


@dataclass(frozen=True)
class Gates:
    """All items and gates, validated."""

    items: Mapping[str, Item]
    gates: Mapping[str, Gate]
    flags: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> dict[str, tuple[str, ...]]:
        """Return how parents write each item, by item id, in the phrase language."""
        return {item_id: tuple(item.names) for item_id, item in self.items.items()}

    def main_items(self, topic: str, *, alone: bool) -> tuple[str, ...]:
        """Return the ids of the items that `topic` is about when the parent names none of them.

        Args:
            topic: topic id.
            alone: no item at all was named.
        """
        wanted = {"always", "if_alone"} if alone else {"always"}
        return tuple(
            item_id
            for item_id, item in self.items.items()
            if item.main in wanted and item.topic == topic
        )

    def band_limits(self, rule: str) -> BandLimits | None:
        """Return what an age band ("G_AGE.kefir.6") says, or None for another rule."""
        for item_id, item in self.items.items():
            for index, band in enumerate(item.ages):
                if rule == _band_rule(item_id, band):
                    milder = (one.from_ for one in item.ages[index + 1 :] if _is_milder(one, band))
                    return BandLimits(item.title, band.verdict, band.from_, next(milder, None))
        return None

    def rule_sources(self, rule: str) -> tuple[str, ...]:
        """Return the keys of the sources behind a gate or an age band, () if unknown."""
        if rule in self.gates:
            return self.gates[rule].sources
        for item_id, item in self.items.items():
            for band in item.ages:
                if rule == _band_rule(item_id, band):
                    return band.sources
        return ()

    def verdicts(
        self, items: Sequence[str], facts: Facts, today: date, question: Question
    ) -> tuple[GateResult, ...]:
        """Judge `items` for this baby.

        Args:
            items: item ids; unknown ones are left out.
            facts: what is known of the baby.
            today: the day of the question.
            question: how it is to be given, the age asked about and what is supposed are used.

        Returns:
            One result for each item, in the same order.
        """
        case = _case(facts, today, question)
        return tuple(
            self._judge(item_id, self.items[item_id], case)
            for item_id in dict.fromkeys(items)
            if item_id in self.items
        )

    def depends_on_age(self, item_id: str) -> bool:
        """Tell whether the verdict on an item hangs on the age of a healthy baby."""
        case = _Case(None, Facts(), frozenset(), False)
        return len(self._verdicts_by_age(item_id, self.items[item_id], case)) > 1

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """Every age in months at which some rule begins or ends, from 0 to the end."""
        ages = {0.0}
        for item in self.items.values():
            ages.update(band.from_ for band in item.ages)
        for gate in self.gates.values():
            ages.update(age for age in (gate.when.age_from, gate.when.age_below) if age is not None)
        return tuple(sorted(age for age in ages if age < END_MONTHS))

    @cached_property
    def _gates_of(self) -> dict[str, tuple[tuple[str, Gate], ...]]:
        """The gates that apply to each item, by item id."""
        return {
            item_id: tuple(
                (gate_id, gate)
                for gate_id, gate in self.gates.items()
                if gate.to.covers(item_id, item)
            )
            for item_id, item in self.items.items()
        }

    def _judge(self, item_id: str, item: Item, case: _Case) -> GateResult:
        if case.age is None:
            fired = self._fired_without_age(item_id, item, case)
        else:
            fired = self._fired(item_id, item, case)
        return _result(item_id, item, fired, self._open_facts(item_id, item, case))

    def _fired(self, item_id: str, item: Item, case: _Case) -> list[_Fired]:
        found = [
            _fired_gate(gate_id, gate)
            for gate_id, gate in self._gates_of[item_id]
            if self._holds(gate, item_id, item, case)
        ]
        found += _bands(item_id, item, case.age)
        replaced = {rule for one in found for rule in one.replaces}
        return [one for one in found if one.rule not in replaced]

    def _fired_without_age(self, item_id: str, item: Item, case: _Case) -> list[_Fired]:
        by_age = [
            self._fired(item_id, item, _Case(age, case.facts, case.uses, case.later))
            for age in self.breakpoints
        ]
        if len({_strictest(fired) for fired in by_age}) == 1:
            return by_age[-1]
        always = set.intersection(*({one.rule for one in fired} for fired in by_age))
        kept = [one for one in by_age[-1] if one.rule in always and one.verdict != Verdict.FINE]
        for gate_id, gate in self._gates_of[item_id]:
            if gate.when.age_unknown:
                words = {"say": item.age_unknown} if item.age_unknown else {}
                kept.append(_fired_gate(gate_id, gate.copy(update=words)))
        return kept

    def _verdicts_by_age(self, item_id: str, item: Item, case: _Case) -> set[Verdict]:
        return {
            _strictest(self._fired(item_id, item, _Case(age, case.facts, case.uses, case.later)))
            for age in self.breakpoints
        }

    def _holds(self, gate: Gate, item_id: str, item: Item, case: _Case) -> bool:
        if gate.when.age_unknown or (gate.now_only and case.later):
            return False
        if not _condition_holds(gate.when, case):
            return False
        if not self._reaction_fits(gate.when, item_id, case.facts):
            return False
        younger = gate.when.younger_by
        return younger is None or self._differs_younger(item_id, item, case, younger)

    def _reaction_fits(self, when: When, item_id: str, facts: Facts) -> bool:
        """Tell whether the part of a condition about reactions in the diary holds."""
        if when.reacted and item_id not in facts.reacted:
            return False
        kinds = (self.items[one].flags for one in facts.reacted if one in self.items)
        return not when.reacted_to or any(flags & {*when.reacted_to} for flags in kinds)

    def _differs_younger(self, item_id: str, item: Item, case: _Case, months: float) -> bool:
        facts = case.facts
        if case.age is None or "preterm" not in facts.conditions or facts.corrected_by_months:
            return False
        healthy = Facts()
        verdicts = {
            _strictest(self._fired(item_id, item, _Case(age, healthy, case.uses, case.later)))
            for age in (case.age, max(0.0, case.age - months))
        }
        return len(verdicts) > 1

    def _open_facts(self, item_id: str, item: Item, case: _Case) -> tuple[str, ...]:
        told = case.facts.conditions | case.facts.cleared
        return tuple(
            dict.fromkeys(
                fact
                for _, gate in self._gates_of[item_id]
                if not gate.when.open
                for fact in gate.asks
                if fact in CONDITIONS and fact not in told
            )
        )


def _case(facts: Facts, today: date, question: Question) -> _Case:
    """Return the case: a later age that is asked about counts from birth, so it's corrected too."""
    facts = facts.with_(conditions=facts.conditions | question.supposed)
    age = facts.safe_age_on(today)
    asked = question.asked_age_months
    uses = {
        use
        for use, meant in (
            ("drink", question.as_drink),
            ("replace_milk", question.instead_of_milk),
        )
        if meant
    }
    if asked is None:
        return _Case(age, facts, frozenset(uses), False)
    corrected = max(0.0, asked - facts.corrected_by_months)
    return _Case(corrected, facts, frozenset(uses), age is not None and corrected > age)


def _condition_holds(when: When, case: _Case) -> bool:
    facts = case.facts
    if when.age_from is not None and (case.age is None or case.age < when.age_from):
        return False
    if when.age_below is not None and (case.age is None or case.age >= when.age_below):
        return False
    return (
        (not when.any or bool(facts.conditions & {*when.any}))
        and facts.conditions.issuperset(when.all)
        and (facts.conditions | facts.cleared).isdisjoint(when.open)
        and (not when.cleared or bool(facts.cleared & {*when.cleared}))
        and (not when.use or bool(case.uses & {*when.use}))
    )


def _bands(item_id: str, item: Item, age: float | None) -> Iterator[_Fired]:
    reached = [band for band in item.ages if age is not None and band.from_ <= age]
    for band in reached[-1:]:
        yield _Fired(_band_rule(item_id, band), band.verdict, band.say, band.instead, band.sources)


def _is_milder(band: Band, other: Band) -> bool:
    return STRICTNESS.index(band.verdict) < STRICTNESS.index(other.verdict)


def _band_rule(item_id: str, band: Band) -> str:
    return f"{BAND_PREFIX}.{item_id}.{band.from_:g}"


def _fired_gate(gate_id: str, gate: Gate) -> _Fired:
    return _Fired(
        gate_id, gate.verdict, gate.say, gate.instead, gate.sources, gate.replaces, gate.asks
    )


def _strictest(fired: Iterable[_Fired]) -> Verdict:
    """Return the strictest verdict; where no rule speaks, a clinician is asked."""
    return max((one.verdict for one in fired), key=STRICTNESS.index, default=Verdict.ASK_CLINICIAN)


def _result(
    item_id: str, item: Item, fired: Sequence[_Fired], open_facts: tuple[str, ...]
) -> GateResult:
    ordered = sorted(fired, key=lambda one: -STRICTNESS.index(one.verdict))
    verdict = _strictest(fired)
    if verdict is Verdict.FINE:
        unknown = open_facts
    else:
        ordered = [one for one in ordered if one.verdict is not Verdict.FINE]
        unknown = tuple(dict.fromkeys(fact for one in ordered for fact in one.asks))
    spoken = [*ordered[:1], *_also(ordered)]
    return GateResult(
        item=item_id,
        title=item.title,
        verdict=verdict,
        rules=tuple(one.rule for one in ordered),
        words=" ".join(dict.fromkeys(one.say for one in spoken)),
        otherwise=ordered[0].instead if ordered else "",
        introduce=item.introduce if verdict is Verdict.FINE else "",
        watch=item.watch if verdict is Verdict.FINE else "",
        unknown=unknown,
        sources=tuple(dict.fromkeys(key for one in ordered for key in one.sources)),
    )


def _also(ordered: Sequence[_Fired]) -> Iterator[_Fired]:
    """Yield the first rule that asks for a clinician when a "not yet" would hide it."""
    if ordered and ordered[0].verdict is Verdict.NOT_YET:
        for one in ordered[1:]:
            if one.verdict is Verdict.ASK_CLINICIAN:
                yield one
                return


def fill(words: str, titles: str) -> str:
    """Return `words` with the items' titles set in, beginning with a capital letter."""
    text = words.replace("{item}", titles)
    return text[:1].upper() + text[1:]


def load_gates(path: Path, sources: Mapping[str, Source], topics: Iterable[str]) -> Gates:
    """Read and check every file of the folder `path` (`data/gates`).

    Args:
        path: the folder.
        sources: the sources by key, to check the rules' keys.
        topics: topic ids, to check the items' topics.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    problems: list[Problem] = []
    read: list[tuple[YamlFile, GateFile]] = []
    for each in sorted(path.glob("*.yml")):
        try:
            file = read_yaml(each)
            read.append((file, validated(file, GateFile)))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    problems += _twice(read)
    gates = Gates(
        {key: item for _, part in read for key, item in part.items.items()},
        {key: gate for _, part in read for key, gate in part.gates.items()},
        {key: words for _, part in read for key, words in part.flags.items()},
    )
    known_topics = set(topics)
    for file, part in read:
        for item_id, item in part.items.items():
            problems += _item_problems(file, item_id, item, gates, known_topics)
            problems += _source_problems(file, item_id, item, sources)
        for gate_id, gate in part.gates.items():
            problems += _gate_problems(file, gate_id, gate, gates, sources)
    if problems:
        raise DataError(problems)
    return gates


def _twice(read: Iterable[tuple[YamlFile, GateFile]]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], YamlFile] = {}
    for file, part in read:
        for kind in ("items", "gates", "flags"):
            for key in getattr(part, kind):
                first = seen.setdefault((kind, key), file)
                if first is not file:
                    message = f"{key!r} stands also in {first.path.name}"
                    yield file.problem((kind, key), message, "keep one of the two")


def _item_problems(
    file: YamlFile, item_id: str, item: Item, gates: Gates, topics: set[str]
) -> Iterator[Problem]:
    place = ("items", item_id)
    if item.topic not in topics:
        yield unknown_id(file, (*place, "topic"), "topic", item.topic, topics)
    for flag in sorted(item.flags - set(gates.flags)):
        yield unknown_id(file, (*place, "flags"), "flag", flag, gates.flags)
    starts = [band.from_ for band in item.ages]
    if not starts or starts != sorted(set(starts)):
        fix = "give at least one `- from: ...`, the youngest age first"
        yield file.problem((*place, "ages"), f"the ages of {item_id} are not in order", fix)
        return
    for index, band in enumerate(item.ages):
        if band.verdict is not Verdict.FINE and not band.instead:
            message = (
                f"{item_id} is {band.verdict.value} from {band.from_:g} months without `instead`"
            )
            yield file.problem((*place, "ages", index), message, "say what may be done instead")
    yield from _age_problems(file, item_id, item, gates)


def _age_problems(file: YamlFile, item_id: str, item: Item, gates: Gates) -> Iterator[Problem]:
    case = _Case(None, Facts(), frozenset(), False)
    for age in gates.breakpoints:
        if not gates._fired(item_id, item, _Case(age, case.facts, case.uses, case.later)):
            message = f"no rule says whether {item_id} may be given at {age:g} months"
            fix = "start its `ages` with `from: 0`, or give it the flag of the age gates"
            yield file.problem(("items", item_id, "ages"), message, fix)
            return
    if not item.age_unknown and gates.depends_on_age(item_id):
        message = f"{item_id} depends on the age and has no `age_unknown`"
        fix = "add `age_unknown:` with what to say when the age wasn't told"
        yield file.problem(("items", item_id), message, fix)


def _source_problems(
    file: YamlFile, item_id: str, item: Item, sources: Mapping[str, Source]
) -> Iterator[Problem]:
    for index, band in enumerate(item.ages):
        for at, key in enumerate(band.sources):
            if key not in sources:
                place = ("items", item_id, "ages", index, "sources", at)
                yield unknown_id(file, place, "source", key, sources)


def _gate_problems(
    file: YamlFile, gate_id: str, gate: Gate, gates: Gates, sources: Mapping[str, Source]
) -> Iterator[Problem]:
    place = ("gates", gate_id)
    known: dict[tuple[str, ...], tuple[str, Sequence[str], Iterable[str]]] = {
        ("to", "flags"): ("flag", gate.to.flags, gates.flags),
        ("to", "items"): ("item", gate.to.items, gates.items),
        ("to", "but_not"): ("item", gate.to.but_not, gates.items),
        ("when", "reacted_to"): ("flag", gate.when.reacted_to, gates.flags),
        ("replaces",): ("gate", gate.replaces, gates.gates),
        ("sources",): ("source", gate.sources, sources),
        ("asks",): ("fact", gate.asks, (*CONDITIONS, AGE_FACT, CORRECTION_FACT)),
        **{
            ("when", part): ("condition", getattr(gate.when, part), CONDITIONS)
            for part in ("any", "all", "open", "cleared")
        },
    }
    for inner, (kind, used, right) in known.items():
        for name in used:
            if name not in right:
                yield unknown_id(file, (*place, *inner), kind, name, right)
    if gate.verdict is Verdict.FINE:
        yield file.problem((*place, "verdict"), f"{gate_id} says fine", "a gate only holds back")
    if not any(gate.to.covers(item_id, item) for item_id, item in gates.items.items()):
        fix = "name flags or items under `to:`"
        yield file.problem((*place, "to"), f"{gate_id} applies to no item", fix)
    if not gate.when.dict(exclude_defaults=True):
        yield file.problem((*place, "when"), f"{gate_id} has no condition", "say when it holds")
