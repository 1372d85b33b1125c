"""What the parent tells of the baby, kept from turn to turn.

`FactReader` finds conditions, feeding and country in a Doc (the phrases are data:
`data/lexicon/facts.yml`); `update` is a pure function from the facts so far and one message to the
facts after it. It lets a correction replace, another child or a future age pass by, and reports a
contradiction instead of choosing silently. Until the parent has settled one, the younger age holds,
because each threshold of the guide is stricter for a younger baby (rule 8 of the clinical
reference's recognition rules).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Extra, root_validator
from spacy.tokens import Doc

from guide.children import (
    A_BABYS_MONTHS,
    OLDER_MONTHS,
    THE_BABY,
    Subject,
    Whose,
    is_hot,
    is_well,
    names_toddler,
    other_child,
    subject,
)
from guide.model import (
    CONDITIONS,
    DAYS_PER_MONTH,
    FEEDING_TYPES,
    FEVER_C,
    ILL_NOW,
    LOW_C,
    Facts,
)
from guide.patterns import Match, PhraseSet
from guide.quantities import (
    AgeMention,
    TemperatureMention,
    ages,
    fold,
    gestation_to_corrected_by,
    temperatures,
)
from guide.text import SENTENCE_END, Normaliser

WEEKS_PER_MONTH = 30.4375 / 7
OLDER_CHILD_MONTHS = 48.0
"""From here an age is an older child's: one of a baby, told after it, contradicts nothing."""

NEWBORN_MONTHS = 1.0
"""Below here an age told with a reading counts ("the newborn has 38.2"), however old a baby was."""

AGE_TOLERANCE_MONTHS = 0.7
AGE_TOLERANCE_SHARE = 0.2

_DENY_REACH = 5
_LIST_REACH = 4


class _Model(BaseModel):
    class Config:
        extra = Extra.forbid
        frozen = True


class FactPhrases(_Model):
    """Wordings of one fact, in the phrase language.

    Attributes:
        phrases: it holds.
        cleared: it doesn't hold, or no more.
        unless: wordings that only look like it; they cancel an overlapping match.
        background: topics at which its words hint although nothing is asked of them; None for a
            fact that is a worry, and gets an answer when it is told alone.
    """

    phrases: tuple[str, ...]
    cleared: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    background: tuple[str, ...] | None = None


class FactLexicon(_Model):
    """The content of `data/lexicon/facts.yml`."""

    facts: dict[str, FactPhrases]
    feeding: dict[str, FactPhrases]
    countries: dict[str, tuple[str, ...]]

    @root_validator(skip_on_failure=True)
    def _known_ids(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name, allowed in (("facts", CONDITIONS), ("feeding", FEEDING_TYPES)):
            unknown = set(values[name]) - set(allowed)
            if unknown:
                raise ValueError(f"{name}: unknown id(s) {sorted(unknown)}; known: {allowed}")
        return values

    def known_words(self) -> set[str]:
        """Return every plain word that some phrase uses, as the target of spelling repair."""
        groups = [*self.facts.values(), *self.feeding.values()]
        phrases = [p for g in groups for p in (*g.phrases, *g.cleared, *g.unless)]
        phrases += [word for words in self.countries.values() for word in words]
        return {word for phrase in phrases for word in re.findall(r"[a-z]{3,}", phrase)}


def load_facts(path: Path) -> FactLexicon:
    """Read and validate `data/lexicon/facts.yml`."""
    return FactLexicon(**yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class FactHit:
    """A fact named in a message.

    Attributes:
        kind: `condition`, `feeding` or `country`.
        id: the condition, feeding type or country code.
        holds: True when it holds, False when the parent rules it out.
        position: its first token.
    """

    kind: str
    id: str
    holds: bool
    position: int


class FactReader:
    """Finds conditions, feeding and countries in Docs; built once, safe to share.

    Args:
        lexicon: the phrases.
        normaliser: makes the Docs that will be read.
        vocabulary: named lists for `<name>` in phrases.
    """

    def __init__(
        self,
        lexicon: FactLexicon,
        normaliser: Normaliser,
        vocabulary: Mapping[str, Sequence[str]] = {},
    ) -> None:
        self.normaliser = normaliser
        self._phrases = PhraseSet(normaliser, vocabulary)
        for kind, group in (("condition", lexicon.facts), ("feeding", lexicon.feeding)):
            for name, entry in group.items():
                self._phrases.add(f"{kind} {name} yes", entry.phrases, entry.unless)
                self._phrases.add(f"{kind} {name} no", entry.cleared, entry.unless)
        for code, words in lexicon.countries.items():
            self._phrases.add(f"country {code} yes", words)

    def __call__(self, doc: Doc) -> tuple[FactHit, ...]:
        """Return the facts in `doc`, in the order of the message."""
        words = [token.text for token in doc]
        hits: list[FactHit] = []
        for match in self._phrases.matches(doc):
            kind, name, sense = match.key.split(" ")
            holds = sense == "yes"
            if kind != "country":
                if _not_told(words, match):
                    continue
                holds = holds and not _denied(words, match)
            hits.append(FactHit(kind, name, holds, match.start))
        return tuple(_ruled(hits))

    def read(self, text: str) -> tuple[FactHit, ...]:
        """Return the facts in `text` as typed."""
        return self(self.normaliser(text))


def _ruled(hits: Sequence[FactHit]) -> list[FactHit]:
    """Let "ruled out" win over "holds" where both are read from about the same words."""
    denied = [h for h in hits if not h.holds]
    return [
        hit
        for hit in hits
        if not hit.holds
        or not any(d.id == hit.id and abs(d.position - hit.position) <= 2 for d in denied)
    ]


_NO = frozenset(["no", "not", "never", "without", "nor", "neither", "denies", "negative", "nope"])
_NO_STOPS = frozenset([",", "but", "and", "so", ":", "(", ")", "-", "sure", "just", "only"])
_NO_THEN = frozenset(
    ["it", "he", "she", "they", "i", "we", "that", "this", "the", "actually", "just", "only"]
)
_NO_AFTER = re.compile(
    r"^(?:(?:is|was|are|has been|been|have been) )?(?:(?:now|all) )?(?:ruled out|rules out|"
    r"negative|gone|"
    r"cleared up|excluded|not (?:true|the case|confirmed)|any ?more|no more|: no|- no|none|"
    r"in the past)"
)
_FAMILY = re.compile(
    r"\b(?:i am|i have|i had|i get|i take|i was|i got|me|my own|myself|husband|wife|hubby|"
    r"partner|dad|"
    r"daddy|mum|mom|mummy|mother|father|nan|grandma|granny|gran|aunt|auntie|uncle|brother|"
    r"sister|sibling|"
    r"siblings|cousin|nephew|niece|eldest|oldest|family|friend|friends|neighbour|parents|dh|"
    r"fil|mil|"
    r"(?:older|other|elder|big|bigger|first|previous|last) "
    r"(?:one|child|girl|boy|son|daughter|kid|baby|twin|dd|ds)|dog|cat|runs in|i)\b"
)
_BABY = re.compile(
    r"\b(?:he|she|they|baby|lo|bub|bubs|bubba|son|daughter|dd|ds|youngest|newborn|toddler|infant|"
    r"little|twins?|babe|our girl|our boy|my girl|my boy)\b"
)
_PERSONAL = re.compile(
    r"\b(?:he|she|they|his|her|him|hers|their|my|mine|our|i|we|us|baby is|lo|bub|son|"
    r"daughter|has|had|"
    r"diagnosed|month|months|week|weeks|year|years|think|suspect|now|him)\b"
)
_TOLD_BY_MOTHER = re.compile(
    r"breast|nurs|bf|milk|pump|express|formula|combi|mix|wean|solids|supplement|"
    r"top|puree|weight|jabs|vaccin|diet|dairy"
)
_GENERAL = re.compile(
    r"^(?:and |so |but |hi |hello |ok |please )*(?:what|why|how (?:do|does|is|are|can|to|"
    r"common|many|long|"
    r"would|often)|is (?!it\b|this\b|he\b|she\b|my\b)|does (?!she|he|my|it)|do (?!i|we)|"
    r"difference|can (?!it|i|we|she|he|my)|"
    r"are (?!they|we)|which|when (?:do|does|should|can)|explain|define|tell me about)"
)
_FEARED = re.compile(
    r"\b(?:prevent|preventing|prevention of|avoid|avoiding|risk of|chance of|likely to|"
    r"worried about|worry "
    r"about|scared of|afraid of|cause|causes|causing|lead to|in case of|protect (?:against|from)|"
    r"what if|if|test for|tested for|testing for|reduce|stop .{0,12}getting|fear of|do not want|"
    r"before|instead of|rather than|looks like|check for|rule out)\b[^,]{0,25}$"
)

_HAS_IT = re.compile(
    r"\b(?:our|my|the|this|his|her) (?:\w+ ){0,4}?"
    r"(?:old|baby|lo|son|daughter|boy|girl|toddler|twins?|newborn|little one) "
    r"(?:who )?(?:with|has|have)(?: \w+)?$"
)
"""Up to a condition: "a gut test for our 10 month old with" tells who has it."""


def _sentence(words: Sequence[str], match: Match) -> tuple[int, int]:
    start, end = match.start, match.end
    while start > 0 and words[start - 1] not in SENTENCE_END and match.start - start < 24:
        start -= 1
    while end < len(words) and words[end] not in SENTENCE_END and end - match.end < 16:
        end += 1
    return start, end


def _clause_start(words: Sequence[str], match: Match) -> int:
    start, _ = _sentence(words, match)
    breaks = [k for k in range(start, match.start) if words[k] in {",", ":", "but", "(", ")"}]
    return breaks[-1] + 1 if breaks else start


def _not_told(words: Sequence[str], match: Match) -> bool:
    """Say whether the match is feared, asked about in general, or somebody else's."""
    start, end = _sentence(words, match)
    clause = " ".join(words[_clause_start(words, match) : match.start])
    if _FEARED.search(clause) and not _HAS_IT.search(f"{clause} {words[match.start]}"):
        return True
    inside = " ".join(words[match.start : match.end])
    others = [m.end() for m in _FAMILY.finditer(clause)]
    babies = [m.end() for m in _BABY.finditer(clause)]
    if others and max(others) > max(babies, default=-1) and not _mothers_milk(inside):
        return True
    sentence = " ".join(words[start:end])
    asked = (end < len(words) and words[end] == "?") or _GENERAL.match(sentence) is not None
    return asked and _GENERAL.match(sentence) is not None and not _PERSONAL.search(sentence)


def _mothers_milk(inside: str) -> bool:
    """A mother tells her baby's feeding of herself: "I am breastfeeding"."""
    return _TOLD_BY_MOTHER.search(inside) is not None


def _denied(words: Sequence[str], match: Match) -> bool:
    first = max(_sentence(words, match)[0], match.start - _DENY_REACH)
    listed = not {"or", "nor"}.isdisjoint(words[match.end : match.end + _LIST_REACH])
    for k in range(match.start - 1, first - 1, -1):
        if listed and words[k] == "," and words[k - 1] not in _NO:
            continue  # "no fever, vomiting or rash"
        if words[k] == "no" and words[k + 1] in _NO_THEN:
            break  # "no it is mild": an answer, no denial
        if words[k] in _NO:
            return " ".join(words[k : k + 2]) not in {"not sure", "not only", "not just", "no idea"}
        if words[k] in _NO_STOPS:
            break
    lead = " ".join(words[first : match.start])
    if re.search(r"\b(?:outgrew|outgrown|grown out of|grew out of|ruled out|used to have)\b", lead):
        return True
    after = " ".join(words[match.end : match.end + 5])
    return _NO_AFTER.search(after) is not None


@dataclass(frozen=True)
class FactUpdate:
    """What one message changes.

    Attributes:
        facts: the facts after the message.
        changes: names of the facts that changed (slots, or condition ids), in order.
        contradictions: facts that the message contradicts without correcting: `age_months`.
        questions: facts to be asked about, at most one each: `age_months`, `temperature_c`.
        asked_age_months: the age that the message asks about, when it isn't today's.
        another_child: an age in it is another child's.
        of_sibling: it is about an older child of the family alone.
        child: the child that it is about.
        reading_c: the reading of that child, where it is another than the baby.
        baby_is_well: the fever told before was an older child's; the baby is well.
        day: the day of the message.
    """

    facts: Facts
    changes: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    asked_age_months: float | None = None
    another_child: bool = False
    of_sibling: bool = False
    child: Subject = THE_BABY
    reading_c: float | None = None
    baby_is_well: bool = False
    day: date | None = None


_CORRECTION = re.compile(
    r"^(?:(?:oh|so|ah|um|er|and) )?(?:no|nope|sorry|oops|wait|correction|whoops|apologies|"
    r"typo)\b[ ,.:!-]"
    r"(?!.{50})|\b(?:i|we) (?:meant|mean)\b|\bi should (?:have said|say)\b|\bshould (?:be|"
    r"have been|say)\b|"
    r"\btypo\b|\bmy mistake\b|\bgot that wrong\b|\bactually,? (?:he|she|it|they|the|my|baby|"
    r"lo|\d|nearly|"
    r"about|only)|\bsorry,? (?:he|she|i|it|that|not|\d)|\bnot \d+|\bnot (?:weeks|months|years)\b|"
    r"^meant\b|\bsorry[ !.]*$|\b(?:oops|whoops|autocorrect|mistyped|misread)\b|"
    r"\b(?:fat|sausage|clumsy) (?:thumb|finger)s?\b|"
    r"\bi said\b.{0,30}\bbut\b|\bwrong\b|\d\s*\*|\*\s*\d|^\*|\w\*$|\brather\b, \d|\bcorrecting\b"
)
_UNIT_SWAP = re.compile(
    r"\b(weeks|months|years|wks|mths|days)\b,? not (?:weeks|months|years|wks|mths|days)\b|"
    r"\b(?:i )?(?:meant|mean|sorry),? (?:in )?(weeks|months|years|days)\b|"
    r"\bnot (?:weeks|months|years),? (?:but )?(weeks|months|years|days)\b|"
    r"\b(?:put|typed|wrote|said|say) (?:weeks|months|years|days)\b"
    r"(?: \w+)?,? (?:but|and|when|instead of)\b"
    r"(?: \S+){0,3} (weeks|months|years|days)\b"
)
_UNIT_ALONE = re.compile(
    r"^\W*(?:(?:no|nope|oh|ah|omg|ops|oops|whoops|sorry|typo|wait|correction|edit|actually|i|it|"
    r"it's|its|that|that's|thats|is|was|he|she|he's|she's|hes|shes|baby|meant|mean|say|in|to|put|"
    r"type|should|shld|be|have been|said|read|rather|meaning|autocorrect|duh|haha|lol)\W+)*"
    r"(?P<unit>days|weeks|wks|months|mths|years)\b"
    r"(?:\W+(?:old|of|age|i|meant|mean|mean to say|sorry|typo|oops|ops|whoops|lol|haha|duh|is|was|"
    r"rather|actually|it|should|be|have|been|that|said|even|not|days|weeks|months|years|my|bad|"
    r"mistake|autocorrect|silly|me|edit|correction|of course|obviously))*\W*$"
)
"""A message that is no more than the right unit: "typo weeks", "weeks*", "weeks i mean"."""

_SWAP_MONTHS = {
    "days": 1 / 30.4375, "weeks": 1 / WEEKS_PER_MONTH, "wks": 1 / WEEKS_PER_MONTH, "months": 1.0,
    "mths": 1.0, "years": 12.0,
}  # fmt: skip
_OF_AN_ADULT = re.compile(
    r"^\W*(?:(?:no|oh|oops|sorry|wait|omg)\W+)*(?:that|this|it)(?: is| was|'s) "
    r"(?:me|mine|my (?:own )?(?:temp|temperature|reading|fever)|"
    r"(?:my|his|her) (?:dad|mum|mom|husband|wife)(?:'s)?)"
    r",? not (?:the |my |our )?(?:baby|bub|him|her|his|hers|lo)(?:'?s)?\W*$"
)
"""Whose reading it was: "that's me, not the baby"."""

_MY_YEARS_OLD = re.compile(r"^\W*(?:my|our) (?:\w+ )?[\w.]+[ -]?(?:years?|yr?s?)[ -]?(?:old|o)\b")
_OF_THE_BABY_TOO = re.compile(
    r"\b(?:baby|bub|newborn|lo|little one|he|she|him|his|her|hers|they|them|us|both|all|too|also|"
    r"now|gave|caught|passed)\b"
)
_NO_FEVER = re.compile(
    r"\b(?:no|without|hasn't got a|hasnt got a|doesn't have a|"
    r"not got a) (?:more )?(?:temp\b|temperature|fever)|"
    r"\b(?:temp|temperature|fever)(?:'s| is| has| was|s)?(?: \w+)? (?:normal|gone|fine|down|"
    r"settled|broke)\b"
)


def update(
    facts: Facts,
    text: str,
    today: date,
    *,
    expecting: str | None = None,
    found: Sequence[FactHit] = (),
) -> FactUpdate:
    """Return the facts after the message `text`, with what changed and what to ask.

    Args:
        facts: what was known before.
        text: the message as typed.
        today: its day.
        expecting: the fact that the bot has just asked for (`age_months`, `temperature_c`).
        found: the facts that `FactReader` found in the same message.
    """
    mentions = ages(text, today, expecting_age=expecting == "age_months")
    readings = temperatures(text, today)
    correcting = expecting == "age_months" or bool(_CORRECTION.search(fold(text)))
    family = _with_other_child(facts, text, today, mentions)
    aged = _with_age(family, text, mentions, today, correcting)
    child = subject(
        text, aged.facts if facts.age_months is None else family, today, mentions, readings
    )
    if not correcting and _tells_anothers_age(facts, child, mentions, today):
        aged = FactUpdate(family)
    of_sibling = aged.of_sibling or (child.whose is Whose.OLDER and not correcting)
    warm, ask_temperature, reading = aged.facts, False, None
    if child.whose is Whose.OTHER:
        reading = _reading_of(readings)
    elif not of_sibling:
        warm, ask_temperature = _with_temperature(aged.facts, text, readings)
    baby_is_well = not correcting and _is_well_beside(facts, warm, text, today)
    if baby_is_well:
        warm = warm.with_(temperature_c=None, conditions=warm.conditions - {ILL_NOW})
    warm = _with_older_ill(facts, warm, text, today, of_sibling=of_sibling, child=child)
    if warm.temperature_c != facts.temperature_c and _cooled(facts, warm):
        warm = warm.with_(conditions=warm.conditions - {ILL_NOW})
    if any(m.kind == "gestation" for m in mentions) and "preterm" not in warm.conditions:
        # "born 10 days early" is at term: the weeks told decide, not the word.
        found = [hit for hit in found if not (hit.id == "preterm" and hit.holds)]
    whole = _with_conditions(warm, found)
    whole = _with_feeding(whole, found)
    whole = _with_country(whole, found)
    questions = (*aged.questions, *(("temperature_c",) if ask_temperature else ()))
    return FactUpdate(
        facts=whole,
        changes=_changes(facts, whole),
        contradictions=aged.contradictions,
        questions=questions,
        asked_age_months=aged.asked_age_months,
        another_child=of_sibling or any(mention.kind == "other_child" for mention in mentions),
        of_sibling=of_sibling,
        child=child,
        reading_c=reading,
        baby_is_well=baby_is_well,
        day=today,
    )


_UNTOLD = frozenset({"age_told_on", "other_born_on", "other_word", "older_ill_on"})
"""What is kept beside the facts of the baby."""


def _changes(before: Facts, after: Facts) -> tuple[str, ...]:
    old, new = before.to_slots(), after.to_slots()
    slots = [name for name in new if new[name] != old[name] and name not in _UNTOLD]
    return (*slots, *sorted(before.conditions ^ after.conditions))


# --- more than one child ----------------------------------------------------------------------


def _with_other_child(
    facts: Facts, text: str, today: date, mentions: Sequence[AgeMention]
) -> Facts:
    """Remember the youngest other child told of, and what it was called."""
    told = other_child(text, facts, today, mentions)
    if told is None:
        return facts
    months, word = told
    # A day too old at most: "3 months" must not come back as less.
    days = math.ceil(round(months * DAYS_PER_MONTH, 1))
    return facts.with_(other_born_on=today - timedelta(days=days), other_word=word)


def _tells_anothers_age(
    facts: Facts, child: Subject, mentions: Sequence[AgeMention], today: date
) -> bool:
    """Tell whether the ages of a message are another child's: "she is 6 weeks", of his sister."""
    if facts.age_on(today) is None or child.whose not in {Whose.OTHER, Whose.OLDER}:
        return False
    now = [one.months for one in mentions if one.kind == "now"]
    if child.whose is Whose.OTHER:
        of_it = child.months
        return bool(now) and of_it is not None and all(_agree(of_it, months) for months in now)
    return bool(now) and min(now) >= OLDER_MONTHS


def _is_well_beside(before: Facts, after: Facts, text: str, today: date) -> bool:
    """Tell whether the baby is well and the fever told before was an older child's.

    "39, for my 5 year old", then "the baby is 3 months and fine".
    """
    was, now = before.age_on(today), after.age_on(today)
    of_older = is_recent(before.older_ill_on, today) or (was is not None and was >= OLDER_MONTHS)
    young = now is not None and now < A_BABYS_MONTHS and now != was
    hot = is_hot(_NO_FEVER.sub("", fold(text)))
    return of_older and young and is_well(text) and not hot


def _with_older_ill(
    before: Facts, after: Facts, text: str, today: date, *, of_sibling: bool, child: Subject
) -> Facts:
    """Remember that an older child has the fever, when it is told or comes out later."""
    age, told = after.age_on(today), is_hot(text)
    hot, known_hot = _has_fever(after), _has_fever(before)
    older = (
        (of_sibling and told)
        or (child.whose is Whose.BABY and told and age is None and names_toddler(text))
        or (age is not None and age >= OLDER_MONTHS and (hot or told))
        or (child.whose is Whose.OTHER and known_hot and not told)
    )
    return after.with_(older_ill_on=today) if older else after


def _has_fever(facts: Facts) -> bool:
    return facts.temperature_c is not None and facts.temperature_c >= FEVER_C


def is_recent(day: date | None, today: date) -> bool:
    """Tell whether what was told on a day still counts: of today, or of last night."""
    return day is not None and (today - day).days <= 1


def _reading_of(readings: Sequence[TemperatureMention]) -> float | None:
    """Return the reading of another child."""
    sure = [one for one in readings if one.certain and (is_own(one) or one.kind == "other_child")]
    return round(_alarming(sure), 2) if sure else None


# --- age --------------------------------------------------------------------------------------


def _with_age(
    facts: Facts,
    text: str,
    mentions: Sequence[AgeMention],
    today: date,
    correcting: bool,  # noqa: FBT001  # internal
) -> FactUpdate:
    facts, now = _with_early_birth(facts, mentions, today)
    swapped = _swapped(facts, text, today) if now is None else None
    now, correcting = (swapped, True) if swapped is not None else (now, correcting)
    asked = next((m.months for m in mentions if m.kind == "future"), None)
    known = facts.age_on(today)
    if now is None:
        return FactUpdate(facts, asked_age_months=asked)
    if known is not None and not correcting and _is_siblings(text, known, now):
        return FactUpdate(facts, of_sibling=True)
    sure = any(m.kind == "now" and m.certain and m.months == now for m in mentions)
    sure |= now < NEWBORN_MONTHS and any(map(is_own, temperatures(text, today)))
    of_another = known is not None and known >= OLDER_CHILD_MONTHS > now
    if known is None or correcting or of_another or _agree(known, now):
        return FactUpdate(_aged(facts, now, today), asked_age_months=asked)
    if not sure and _said_at(mentions, now):
        # "and at 12 months?" with a known age asks about another age.
        return FactUpdate(facts, asked_age_months=asked if asked is not None else now)
    younger = _aged(facts, min(known, now), today) if now < known else facts
    return FactUpdate(younger, (), ("age_months",), ("age_months",), asked)


def _is_siblings(text: str, known: float, told: float) -> bool:
    """Say whether "my 3 year old has 38.5" is of another child than a baby, and of it alone."""
    plain = fold(text)
    alone = _MY_YEARS_OLD.search(plain) is not None and _OF_THE_BABY_TOO.search(plain) is None
    return known < 12.0 <= told - known and alone


def _said_at(mentions: Sequence[AgeMention], months: float) -> bool:
    return any(m.kind == "now" and not m.certain and m.months == months for m in mentions)


def _agree(known: float, told: float) -> bool:
    limit = max(AGE_TOLERANCE_MONTHS, AGE_TOLERANCE_SHARE * min(known, told))
    return abs(known - told) <= limit


def _aged(facts: Facts, months: float, today: date) -> Facts:
    known = facts.age_on(today)
    if known is not None and int(known) == months and 0 <= known - months < AGE_TOLERANCE_MONTHS:
        return facts  # "9 months" of a baby known to be 9.4: nothing new
    return facts.with_(age_months=round(months, 3), age_told_on=today, age_declined=False)


def _with_early_birth(
    facts: Facts, mentions: Sequence[AgeMention], today: date
) -> tuple[Facts, float | None]:
    """Read gestation and corrected age; return the facts and the age since birth, if told."""
    now = _best(mentions)
    corrected = next((m.months for m in mentions if m.kind == "corrected"), None)
    gestation = next((m.months for m in mentions if m.kind == "gestation"), None)
    if gestation is not None:
        by = gestation_to_corrected_by(gestation)
        if by > 0:
            facts = _preterm(facts, by)
    if corrected is None:
        return facts, now
    birth_age = now if now is not None else facts.age_on(today)
    if birth_age is not None and birth_age > corrected:
        return _preterm(facts, round(birth_age - corrected, 2)), now
    if birth_age is None:
        # Only the corrected age is told: it is the younger one, so it is the safe one.
        return _preterm(facts, facts.corrected_by_months), corrected + facts.corrected_by_months
    return _preterm(facts, facts.corrected_by_months), now


def _preterm(facts: Facts, by: float) -> Facts:
    return facts.with_(
        corrected_by_months=by,
        conditions=facts.conditions | {"preterm"},
        cleared=facts.cleared - {"preterm"},
    )


def _best(mentions: Sequence[AgeMention]) -> float | None:
    """Return the youngest plainly told age, else the youngest weakly told one."""
    now = [m for m in mentions if m.kind == "now"]
    sure = [m.months for m in now if m.certain]
    return min(sure or [m.months for m in now], default=None)


def _swapped(facts: Facts, text: str, today: date) -> float | None:
    """Read "weeks, not months": the number told before in the unit told now."""
    plain = fold(text).strip()
    match = _UNIT_SWAP.search(plain) or _UNIT_ALONE.match(plain)
    if match is None or facts.age_months is None:
        return None
    unit = next(group for group in match.groups() if group)
    told = facts.age_months
    for months in (1.0, 1 / WEEKS_PER_MONTH, 12.0):
        number = told / months
        if abs(number - round(number)) < 0.02 and months != _SWAP_MONTHS[unit]:
            return round(number) * _SWAP_MONTHS[unit]
    return None


# --- temperature, conditions, feeding, country --------------------------------------------------


def _with_temperature(
    facts: Facts, text: str, readings: Sequence[TemperatureMention]
) -> tuple[Facts, bool]:
    own = [*filter(may_be_own, readings)]
    sure = [m for m in own if m.certain]
    if _OF_AN_ADULT.search(fold(text)):
        return facts.with_(temperature_c=None), False
    if sure:
        return facts.with_(temperature_c=round(_alarming(sure), 2)), False
    if facts.temperature_c is not None and _NO_FEVER.search(fold(text)):
        return facts.with_(temperature_c=None), False
    return facts, bool(own)


def is_own(mention: TemperatureMention) -> bool:
    """Tell whether a reading is the baby's, of now: no bath's, no adult's, no supposed one."""
    return mention.kind in {"reading", "now", "past"}


def may_be_own(mention: TemperatureMention) -> bool:
    """Tell whether a reading counts where no other child alone is spoken of."""
    return is_own(mention) or mention.kind == "other_child"


def _cooled(before: Facts, after: Facts) -> bool:
    """Say whether a fever told before is corrected or over."""
    was, now = before.temperature_c, after.temperature_c
    return was is not None and was >= FEVER_C and (now is None or now < FEVER_C)


def _alarming(readings: Sequence[TemperatureMention]) -> float:
    """Return the reading that matters: a fever that came down with medicine was a fever."""
    degrees = [m.celsius for m in readings]
    if max(degrees) >= FEVER_C:
        return max(degrees)
    return min(degrees) if min(degrees) < LOW_C else degrees[-1]


def _with_conditions(facts: Facts, found: Sequence[FactHit]) -> Facts:
    holding, cleared = set(facts.conditions), set(facts.cleared)
    for hit in sorted(found, key=lambda h: h.position):
        if hit.kind != "condition":
            continue
        if hit.holds:
            holding |= {hit.id, "eczema"} if hit.id == "severe_eczema" else {hit.id}
            cleared -= {hit.id}
            if hit.id == "solids_started":
                holding -= {"not_ready_for_solids"}
        else:
            holding -= {hit.id, "severe_eczema"} if hit.id == "eczema" else {hit.id}
            cleared |= {hit.id}
    if facts.temperature_c is not None and facts.temperature_c >= FEVER_C:
        holding |= {ILL_NOW}
    corrected = facts.corrected_by_months if "preterm" not in cleared else 0.0
    return facts.with_(
        conditions=frozenset(holding),
        cleared=frozenset(cleared),
        corrected_by_months=corrected,
    )


def _with_feeding(facts: Facts, found: Sequence[FactHit]) -> Facts:
    hits = [h for h in sorted(found, key=lambda h: h.position) if h.kind == "feeding"]
    if not hits:
        return facts
    told = {h.id for h in hits if h.holds}
    stopped = {h.id for h in hits if not h.holds}
    current = facts.feeding_type
    if "mixed" in told or {"breast", "formula"} <= told:
        return facts.with_(feeding_type="mixed")
    milk = next((kind for kind in ("breast", "formula") if kind in told), None)
    if milk:
        return facts.with_(feeding_type=milk)
    if current == "mixed" and stopped & {"breast", "formula"}:
        return facts.with_(feeding_type="formula" if "breast" in stopped else "breast")
    if current in stopped:
        return facts.with_(feeding_type=None)
    if "solids" in told and current is None:
        return facts.with_(feeding_type="solids")
    return facts


def _with_country(facts: Facts, found: Sequence[FactHit]) -> Facts:
    codes = [h.id for h in found if h.kind == "country"]
    return facts.with_(country=codes[-1]) if codes else facts
