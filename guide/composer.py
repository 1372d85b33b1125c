"""Words out: one to three short replies from a question, the facts and the guide's content.

An answer has, in this order: what the parent asked for directly (the verdict on the foods named and
the matching aspects), what the guide says beside what is known, what to do, and when to see whom.
Nothing here speaks of a food or topic by name; every sentence comes from `data/`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from guide.ages import age_words
from guide.content import Aspect, Content, Topic
from guide.gates import BAND_PREFIX, END_MONTHS, BandLimits, GateResult, Gates, fill
from guide.model import CONDITIONS, Button, Facts, Level, Question, Reply, Verdict
from guide.patterns import PhraseSet
from guide.text import Normaliser
from guide.yaml_file import Entry, Words, read_yaml, validated

MAX_REPLIES = 3
MAX_BUTTONS = 4
MAIN_WORDS = 90
FURTHER_WORDS = 55
WHY_SOURCES = 4

Aspects = Callable[[str], Mapping[str, Sequence[str]]]
"""Finds the aspects that a message asks about: text -> aspect ids by topic id."""


class RuleWords(Entry):
    """What an age band says, in a few words; `{item}` and `{months}` are filled in."""

    any_age: Words
    from_age: Words
    not_before: Words
    never: Words
    ask: Words
    ask_from: Words
    ask_before: Words


class ComposerWords(Entry):
    """`composer:` of `data/words/composer.yml`: the sentences between the guide's own."""

    also: Words
    unchanged: Words
    and_word: Words
    or_word: Words
    if_fine: Words
    ask_age: Words
    age_declined: Words
    over_age: Words
    counted: Words
    note: Words
    more_button: Words
    why_button: Words
    choices: Words
    no_choices: Words
    referral_off: Words
    why_nothing: Words
    why_facts: Words
    why_no_facts: Words
    why_rules: Words
    why_claims: Words
    why_holds: Words
    why_evidence: Words
    why_sources: Words
    age: Words
    age_corrected: Words
    mother_topics: tuple[str, ...]
    rules: RuleWords
    labels: dict[str, Words]
    if_conditions: dict[str, Words]
    feeding: dict[str, Words]
    conditions: dict[str, Words]


class ComposerFile(Entry):
    """`data/words/composer.yml`."""

    composer: ComposerWords


def load_words(path: Path) -> ComposerWords:
    """Read the joining sentences from `path`.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    return validated(read_yaml(path), ComposerFile).composer


@dataclass(frozen=True)
class Settings:
    """What the operator decides.

    Attributes:
        show_referral: show the guide's referral code where a parent asks about a test's price.
    """

    show_referral: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings; `SHOW_REFERRAL` is off unless it is 1, true, yes or on."""
        return cls(env.get("SHOW_REFERRAL", "").strip().lower() in {"1", "true", "yes", "on"})


def aspect_finder(
    content: Content, normaliser: Normaliser, vocabulary: Mapping[str, Sequence[str]]
) -> Aspects:
    """Return a finder of aspects that reads messages as the recogniser does.

    Args:
        content: the topics with their aspects.
        normaliser: makes Docs of messages.
        vocabulary: the lexicon's named lists of phrases.
    """
    phrases = PhraseSet(normaliser, vocabulary)
    order: dict[str, int] = {}
    for topic_id, topic in content.topics.items():
        for aspect in topic.aspects:
            key = f"{topic_id} {aspect.id}"
            order[key] = len(order)
            phrases.add(key, aspect.when, aspect.unless)

    def find(text: str) -> dict[str, list[str]]:
        matched = {match.key for match in phrases.matches(normaliser(text))}
        found: dict[str, list[str]] = {}
        for key in sorted(matched, key=order.__getitem__):
            topic_id, aspect_id = key.split(" ", 1)
            found.setdefault(topic_id, []).append(aspect_id)
        return found

    return find


@dataclass(frozen=True)
class _Line:
    """One sentence of a reply: its section, whether it must be said, and what it rests on."""

    section: str
    text: str
    needed: bool = False
    claims: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        return len(self.text.split())


@dataclass
class _Draft:
    """A reply in the making: `lines` stand in the order of speaking."""

    topic: Topic
    results: tuple[GateResult, ...] = ()
    lines: list[_Line] = field(default_factory=list)
    lead: str = ""


class Composer:
    """Composes replies. Holds no state of a conversation; one instance serves a process.

    Args:
        content: the guide's words.
        gates: foods and gates.
        words: the sentences in between.
        aspects: finds the particular questions inside a message.
        settings: what the operator decides.
    """

    def __init__(
        self,
        content: Content,
        gates: Gates,
        words: ComposerWords,
        aspects: Aspects,
        settings: Settings = Settings(),
    ) -> None:
        self._content = content
        self._gates = gates
        self._words = words
        self._aspects = aspects
        self._settings = settings

    def answer(
        self, question: Question, facts: Facts, today: date, level: Level = Level.ROUTINE
    ) -> list[Reply]:
        """Answer a question.

        Args:
            question: the message, understood.
            facts: what is known of the baby.
            today: the day of the question.
            level: the highest level of the turn; above `routine` no referral code is shown.

        Returns:
            One to three short replies, the main topic first; the buttons are on the last.
        """
        topics = [
            topic for topic in dict.fromkeys(question.topics) if topic in self._content.topics
        ]
        found = self._particulars(question)
        refused = [topic for topic in topics if self._is_refused(topic, found.get(topic, ()))]
        told = refused[:1] or topics[:MAX_REPLIES]
        shared = self._items_by_topic(question, told)
        drafts = [
            self._draft(
                self._content.topics[topic],
                self._gates.verdicts(shared.get(topic, ()), facts, today, question),
                self._asked_aspects(topic, found.get(topic, ()), level),
                facts,
                today,
                main=topic == told[0],
            )
            for topic in told
        ]
        if not drafts:
            return [self.choices(())]
        for draft in drafts[1:]:
            draft.lead = self._words.also.format(title=draft.topic.title)
        return self._with_buttons(drafts, topics)

    def unchanged(self, replies: Sequence[Reply]) -> list[Reply]:
        """Return the first words of an answer that a follow-up doesn't change, and whom to ask."""
        first, last = replies[0], replies[-1]
        said = first.text.split("\n")
        text = "\n".join([self._words.unchanged.format(answer=said[0]), *said[1:][-1:]])
        return [replace(first, text=text, buttons=last.buttons)]

    def more(self, topic: str, facts: Facts, today: date) -> Reply:
        """Return the longer explanation of a topic, fitted to the baby."""
        told = self._content.topics[topic]
        items = self._gates.main_items(topic, alone=True)
        results = self._gates.verdicts(items, facts, today, Question("", (topic,)))
        draft = _Draft(told, results)
        draft.lines += self._gate_lines([one for one in results if one.verdict != Verdict.FINE])
        draft.lines.append(_Line("more", told.more, True, tuple(told.claims())))
        for result in results:
            draft.lines += _how_lines(result)
        draft.lines.append(_Line("clinician", told.clinician, True))
        sources = tuple(told.source_keys())
        draft.lines.append(_Line("sources", "", True, (), sources))
        buttons = (*self._topic_buttons(told.followups), self._why_button())
        return self._reply(draft, draft.lines, buttons[:MAX_BUTTONS])

    def why(self, previous: Mapping[str, Any], facts: Facts, today: date) -> Reply:
        """Explain the last answer from its metadata: facts, gates, claims and sources."""
        topics = [one for one in previous.get("topics", ()) if one in self._content.topics]
        rules = [str(rule) for rule in previous.get("rules", ())]
        if not topics and not rules:
            return Reply(self._words.why_nothing, Level.NONE)
        claims = [str(claim) for claim in previous.get("claims", ())]
        told = self.known(facts, today)
        words = self._words
        parts = [words.why_facts.format(facts="; ".join(told)) if told else words.why_no_facts]
        titles = [title for rule in rules if (title := self._rule_title(rule))]
        if titles:
            parts.append(words.why_rules.format(rules="; ".join(dict.fromkeys(titles))))
        parts += self._why_claims(topics, claims)
        sources = self._why_sources(topics, rules, claims)
        if sources:
            named = "; ".join(_source_text(one) for one in sources[:WHY_SOURCES])
            parts.append(words.why_sources.format(sources=named))
        card = {"title": words.why_button, "why": parts, "sources": sources, "note": words.note}
        return Reply(
            text="\n\n".join(parts),
            topics=tuple(topics),
            claims=tuple(claims),
            rules=tuple(rules),
            verdicts={
                str(item): Verdict(verdict)
                for item, verdict in dict(previous.get("verdicts", {})).items()
            },
            buttons=tuple(self._more_button(topic) for topic in topics[:1]),
            card=card,
        )

    def choices(self, topics: Sequence[str]) -> Reply:
        """Ask which of two or three topics the parent meant."""
        known = [topic for topic in topics if topic in self._content.topics][:MAX_REPLIES]
        text = self._words.choices if known else self._words.no_choices
        return Reply(text, Level.NONE, tuple(known), buttons=tuple(self._topic_buttons(known)))

    def known(self, facts: Facts, today: date) -> list[str]:
        """Return what is known of the baby, in the parent's words, one fact an entry."""
        words, told = self._words, []
        age, safe = facts.age_on(today), facts.safe_age_on(today)
        if age is not None:
            told.append(words.age.format(age=age_words(age)))
        said = set()
        if safe is not None and facts.corrected_by_months:
            told.append(words.age_corrected.format(age=age_words(safe)))
            said.add("preterm")
        if facts.feeding_type:
            told.append(words.feeding[facts.feeding_type])
        told += [words.conditions[one] for one in CONDITIONS if one in facts.conditions - said]
        return told

    def _items_by_topic(self, question: Question, told: Sequence[str]) -> dict[str, list[str]]:
        """Return the items to judge under each topic told; what has no topic goes to the main."""
        shared: dict[str, list[str]] = {topic: [] for topic in told}
        if not told or self._content.topics[told[0]].kind == "decline":
            return shared
        hers = told[0] in self._words.mother_topics
        for item_id in question.items:
            item = self._gates.items.get(item_id)
            if item is None or (hers and item.topic not in told):
                continue
            shared[item.topic if item.topic in shared else told[0]].append(item_id)
        for topic in told:
            own = {self._gates.items[one].topic for one in shared[topic]}
            if topic not in own and (topic == told[0] or not question.items):
                alone = not question.items
                shared[topic] += self._gates.main_items(topic, alone=alone)
        return shared

    def _particulars(self, question: Question) -> dict[str, list[str]]:
        """Return the ids of the aspects asked about, by topic.

        A follow-up asks about what its words and those before it only tell together: "which
        steroid cream?", then "how long for?".
        """
        found = {topic: list(ids) for topic, ids in self._aspects(question.text).items()}
        if not question.before:
            return found
        told = self._aspects(question.before)
        for text in (f"{question.before} {question.text}", f"{question.text} {question.before}"):
            for topic, ids in self._aspects(text).items():
                known = found.setdefault(topic, [])
                known += [one for one in ids if one not in (*known, *told.get(topic, ()))]
        return found

    def _asked_aspects(self, topic: str, ids: Sequence[str], level: Level) -> list[Aspect]:
        """Return the aspects asked about, with the referral words that may be shown now."""
        shown = self._settings.show_referral and level.rank <= Level.ROUTINE.rank
        aspects = [one for one in self._content.topics[topic].aspects if one.id in ids]
        return [
            one.copy(update={"say": self._words.referral_off, "sources": ()})
            if one.referral and not shown
            else one
            for one in aspects
        ]

    def _is_refused(self, topic: str, ids: Sequence[str]) -> bool:
        """Tell whether what is asked of a topic is declined."""
        aspects = self._content.topics[topic].aspects
        return any(one.refusal for one in aspects if one.id in ids)

    def _draft(
        self,
        topic: Topic,
        results: tuple[GateResult, ...],
        aspects: Sequence[Aspect],
        facts: Facts,
        today: date,
        *,
        main: bool,
    ) -> _Draft:
        draft = _Draft(topic, results)
        held = [one for one in results if one.verdict is not Verdict.FINE]
        fine = [one for one in results if one.verdict is Verdict.FINE]
        answers = [
            _Line("answer", one.say, one.always or (index == 0 and not held), (), one.sources)
            for index, one in enumerate(aspects[:2])
        ]
        if any(one.refusal for one in aspects):
            draft.lines += self._refusal_lines(topic, aspects, held)
            return draft
        draft.lines += self._age_lines(topic, results, facts, today)
        counted = self._counted_lines(held, facts, today) if main else ()
        draft.lines += [*self._gate_lines(held), *counted, *answers, *self._gate_lines(fine)]
        if topic.kind == "decline":
            draft.lines += [_Line("do", one.say, True) for one in topic.do[:1] if not answers]
        else:
            draft.lines += _guide_lines(topic, needed=main or not draft.lines)
            draft.lines += [_Line("do", one.say, False, (), one.sources) for one in topic.do[:2]]
            draft.lines += [line for one in fine for line in _how_lines(one)]
        draft.lines.append(_Line("clinician", topic.clinician, True))
        return draft

    def _refusal_lines(
        self, topic: Topic, aspects: Sequence[Aspect], held: Sequence[GateResult]
    ) -> Iterator[_Line]:
        """Yield a refusal, what holds the items back, and whom to ask; nothing is suggested."""
        first = sorted(aspects, key=lambda one: not one.refusal)
        for aspect in first[:2]:
            yield _Line("answer", aspect.say, True, (), aspect.sources)
        own = [one for one in held if one.rules[0] in self._gates.gates]
        yield from self._gate_lines(own)  # what holds for every baby, the refusal says already
        yield _Line("clinician", topic.clinician, True)

    def _age_lines(
        self, topic: Topic, results: Sequence[GateResult], facts: Facts, today: date
    ) -> Iterator[_Line]:
        age = facts.age_on(today)
        if results or topic.kind == "decline":
            return
        if age is not None and age >= END_MONTHS:
            yield _Line("gate", self._words.over_age, True)
        elif age is None and topic.age_matters:
            words = self._words
            yield _Line("gate", words.age_declined if facts.age_declined else words.ask_age)

    def _counted_lines(
        self, held: Sequence[GateResult], facts: Facts, today: date
    ) -> Iterator[_Line]:
        """Yield the age that counts for a baby born early, where an age holds something back."""
        age = facts.safe_age_on(today)
        waits = any(
            one.verdict is Verdict.NOT_YET and one.rules[0].startswith(BAND_PREFIX) for one in held
        )
        if age is not None and facts.corrected_by_months and waits:
            yield _Line("gate", self._words.counted.format(age=age_words(age)), True)

    def _gate_lines(self, results: Sequence[GateResult]) -> list[_Line]:
        """Return the sentences on the items: those with the same words are said together."""
        groups: dict[tuple[Verdict, str, str], list[GateResult]] = {}
        for result in results:
            groups.setdefault((result.verdict, result.words, result.otherwise), []).append(result)
        lines, instead = [], {}
        for (_, say, otherwise), group in groups.items():
            titles = self._joined([one.title for one in group], self._words.and_word)
            text = fill(say, titles)
            if len(groups) > 1 and group[0].title.lower() not in text.lower():
                text = f"{titles[:1].upper()}{titles[1:]}: {text}"
            keys = tuple(dict.fromkeys(key for one in group for key in one.sources))
            lines.append(_Line("gate", text, True, (), keys))
            if otherwise and group[0].verdict is not Verdict.FINE:
                instead[fill(otherwise, titles)] = _Line("gate", fill(otherwise, titles), True)
        return [*lines, *instead.values(), *self._if_fine(results)]

    def _if_fine(self, results: Sequence[GateResult]) -> Iterator[_Line]:
        names = self._words.if_conditions
        facts = dict.fromkeys(
            fact
            for one in results
            if one.verdict is Verdict.FINE
            for fact in one.unknown
            if fact in names
        )
        if facts:
            listed = self._joined([names[fact] for fact in facts], self._words.or_word)
            yield _Line("gate", self._words.if_fine.format(facts=listed), True)

    def _joined(self, words: Sequence[str], last: str) -> str:
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {last} {words[-1]}"

    def _with_buttons(self, drafts: Sequence[_Draft], topics: Sequence[str]) -> list[Reply]:
        replies = [
            self._reply(draft, _fitted(draft.lines, FURTHER_WORDS if index else MAIN_WORDS), ())
            for index, draft in enumerate(drafts)
        ]
        main = drafts[0].topic
        answered = {draft.topic.topic for draft in drafts}
        offered = [
            topic
            for topic in dict.fromkeys((*topics[MAX_REPLIES:], *main.followups))
            if topic not in answered
        ]
        ends = [] if main.kind == "decline" else [self._more_button(main.topic)]
        why = [] if main.kind == "decline" else [self._why_button()]
        room = MAX_BUTTONS - len(ends) - len(why)
        buttons = (*ends, *list(self._topic_buttons(offered))[:room], *why)
        last = replies[-1]
        return [*replies[:-1], replace(last, buttons=buttons)]

    def _reply(self, draft: _Draft, lines: Sequence[_Line], buttons: tuple[Button, ...]) -> Reply:
        keys = dict.fromkeys(key for line in lines for key in line.sources)
        sections: dict[str, list[str]] = {}
        for line in lines:
            if line.text:
                sections.setdefault(line.section, []).append(line.text)
        card: dict[str, Any] = {
            "title": draft.topic.title,
            **{name: texts for name, texts in sections.items() if name != "clinician"},
            "clinician": draft.topic.clinician,
            "sources": self._sources(keys),
            "note": self._words.note,
        }
        return Reply(
            text=_flat(draft.lead, lines),
            level=draft.topic.level,
            topics=(draft.topic.topic,),
            claims=tuple(dict.fromkeys(claim for line in lines for claim in line.claims)),
            rules=tuple(dict.fromkeys(rule for one in draft.results for rule in one.rules)),
            verdicts={one.item: one.verdict for one in draft.results},
            buttons=buttons,
            card=card,
        )

    def _sources(self, keys: Iterable[str]) -> list[dict[str, Any]]:
        register = self._content.sources
        return [
            {"key": key, **register[key].dict(include={"title", "url", "year"})}
            for key in keys
            if key in register
        ]

    def _rule_title(self, rule: str) -> str:
        """Return what a rule says, "" for one that isn't the gates'."""
        if rule in self._gates.gates:
            return str(self._gates.gates[rule].title)
        limits = self._gates.band_limits(rule)
        if limits is None:
            return ""
        say, months = _band_words(self._words.rules, limits)
        return fill(say, limits.title).replace("{months}", f"{months:g}")

    def _why_claims(self, topics: Sequence[str], claims: Sequence[str]) -> Iterator[str]:
        """Yield what the guide says, with how well that holds, and what is known of it."""
        words = self._words
        for topic in topics:
            told = self._content.topics[topic]
            known = [one for one in told.evidence if {*one.claims} & {*claims}]
            for suggestion in told.guide:
                if {*suggestion.claims} & {*claims}:
                    labels = [one.label for one in known if {*one.claims} & {*suggestion.claims}]
                    holds = [words.why_holds.format(label=words.labels[one]) for one in labels[:1]]
                    yield " ".join([words.why_claims.format(says=suggestion.say), *holds])
            for evidence in known:
                yield words.why_evidence.format(says=evidence.say)

    def _why_sources(
        self, topics: Sequence[str], rules: Sequence[str], claims: Sequence[str]
    ) -> list[dict[str, Any]]:
        keys: list[str] = [key for rule in rules for key in self._gates.rule_sources(rule)]
        for topic in topics:
            for evidence in self._content.topics[topic].evidence:
                if {*evidence.claims} & {*claims}:
                    keys += evidence.sources
        return self._sources(dict.fromkeys(keys))

    def _topic_buttons(self, topics: Iterable[str]) -> Iterator[Button]:
        for topic in topics:
            if topic in self._content.topics:
                told = self._content.topics[topic]
                yield Button(told.title, f"/{told.intent}")

    def _more_button(self, topic: str) -> Button:
        payload = json.dumps({"topic": topic}, separators=(",", ":"))
        return Button(self._words.more_button, f"/more{payload}")

    def _why_button(self) -> Button:
        return Button(self._words.why_button, "/ask_why")


def _band_words(words: RuleWords, limits: BandLimits) -> tuple[str, float]:
    """Return the words for an age band, and the age in months that they name."""
    start, until = limits.from_months, limits.until_months
    if limits.verdict is Verdict.FINE:
        return (words.from_age if start else words.any_age), start
    if limits.verdict is Verdict.ASK_CLINICIAN:
        if until is not None:
            return words.ask_before, until
        return (words.ask_from if start else words.ask), start
    return (words.never, start) if until is None else (words.not_before, until)


def _guide_lines(topic: Topic, *, needed: bool) -> Iterator[_Line]:
    """Yield what the guide says beside what is known of it; `needed` holds for the first pair."""
    for index, suggestion in enumerate(topic.guide[:2]):
        yield _Line("guide", suggestion.say, needed and index == 0, suggestion.claims)
    for index, evidence in enumerate(topic.evidence[:2]):
        must = needed and index == 0
        yield _Line("evidence", evidence.say, must, evidence.claims, evidence.sources)


def _how_lines(result: GateResult) -> Iterator[_Line]:
    for text in (result.introduce, result.watch):
        if text:
            yield _Line("do", text)


def _fitted(lines: Sequence[_Line], budget: int) -> list[_Line]:
    """Return the needed lines, and of the others as many, in order, as fit `budget` words.

    What the guide says is left out unless what is known of it fits too, and the other way round.
    """
    room = budget - sum(line.length for line in lines if line.needed)
    kept: list[_Line] = []
    for line in lines:
        if line.needed:
            kept.append(line)
        elif line.length <= room:
            kept.append(line)
            room -= line.length
    said = {
        section: {claim for line in kept if line.section == section for claim in line.claims}
        for section in ("guide", "evidence")
    }
    other = {"guide": "evidence", "evidence": "guide"}
    return [
        line
        for line in kept
        if line.needed
        or line.section not in other
        or not said[other[line.section]].isdisjoint(line.claims)
    ]


def _flat(lead: str, lines: Sequence[_Line]) -> str:
    """Return the words for a plain channel: sections as paragraphs, in the order of speaking."""
    paragraphs: list[tuple[str, list[str]]] = []
    for line in lines:
        block = {"answer": "gate", "evidence": "guide"}.get(line.section, line.section)
        if not line.text:
            continue
        if not paragraphs or paragraphs[-1][0] != block:
            paragraphs.append((block, []))
        paragraphs[-1][1].append(line.text)
    text = "\n\n".join(" ".join(texts) for _, texts in paragraphs)
    return f"{lead} {text}" if lead else text


def _source_text(source: Mapping[str, Any]) -> str:
    link = f" {source['url']}" if source["url"] else ""
    return f"{source['title']}{link}"
