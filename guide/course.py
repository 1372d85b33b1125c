"""The course of an illness over the messages of a conversation: since when, and how many times.

"Last wet nappy 6 am", ten hours later "still dry"; "he has diarrhoea", then "8 so far today";
"fever since Monday", then "Saturday now". None of the later messages tells a sign by itself. The
words and the numbers of times that matter are data (`data/lexicon/course.yml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from guide.context import Status
from guide.lexicon import FEVER, Finding, Lexicon
from guide.model import FEVER_C
from guide.quantities import durations, fold, temperatures
from guide.recogniser import Recognition
from guide.second_opinion import words_beside
from guide.weighing import telling_words

MOST_BY_CLOCK = 6.0
"""Hours that a time of day ("6 am") counts for, at most: where the parent is it isn't known, so
neither is the time there; nobody names a nappy's time for less than a few hours."""

LATER = 1.0
"""Hours after which a mere "none" tells that it goes on; sooner it answers something else."""

CLAUSE_END = re.compile(r"[,;.!?\n]|\bbut\b|(?<!\bon )\band\b(?! on\b)")
"""What ends a clause; "on and off" doesn't."""

COUNTED_APART = "counted_apart"
"""The list of words whose number is nobody's illness: feeds, naps, wet nappies."""

BESIDE = "goes_on_beside"
"""The list of words that may stand beside "still dry" in its clause."""

_NUMBERS = {
    word: value
    for value, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split(),
        start=1,
    )
} | {"a": 1, "an": 1, "couple": 2, "once": 1, "twice": 2, "few": 3}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=3
    )
}
_N = r"(?:\d{1,2}|" + "|".join(word for word in _NUMBERS if len(word) > 2 and word != "few") + ")"
_NTH = r"(?:\d{1,2}(?:st|nd|rd|th)|" + "|".join(_ORDINALS) + ")"
_LEAD = (
    r"(?:(?:and|so|now|ok|its|it's|it|is|that's|thats|that|makes|he's|hes|she's|shes|he|she|we're|we|"
    r"are|has|have|had|been|done|about|around|maybe|probably|least|at|on|up|already|over|more|than|"
    r"nearly|almost|like|must|be|i've|ive|i|counted|number|still|there|the|a|same|hot|got|high|for|"
    r"after|going|today|yes|yeah|no|well|then|went|gone|to|of|sorry|actually) )*"
)
_TAIL = (
    r"(?: (?:so far|now|today|already|altogether|in total|in all|and counting|overnight|tonight|"
    r"this (?:morning|afternoon|evening)|in (?:the (?:last|past) )?(?:24|12|[1-9]|a few) ?"
    r"(?:hours?|hrs?|h)|straight|running|in a row))*(?: since \w+(?: \w+){0,2})?"
)
_THINGS = (
    r"(?:times?|x|lots|goes|rounds|bouts|of them|ones?|(?:loose|runny|watery|dirty|pooey|poo) "
    r"(?:ones?|nappy|nappies|diapers?|poos?)|poos?|poops?|nappies|diapers|vomits|sicks|pukes)"
)
_COUNT = re.compile(rf"{_LEAD}(?P<n>{_N})(?: of)? ?(?P<things>{_THINGS})?(?P<tail>{_TAIL})")
_NTH_ONE = re.compile(rf"{_LEAD}(?P<nth>{_NTH})(?: (?:one|time|nappy|poo|vomit))?{_TAIL}")
_ONE_MORE = re.compile(
    rf"{_LEAD}(?:just )?(?:done it |did it |happened )?"
    rf"(?:another(?: one| (?P<n>{_N}))?|(?P<m>{_N}) more(?: times?)?|again)"
    rf"(?: just)?{_TAIL}"
)
LONGEST = 80
"""Characters of the longest clause that may be nothing but a number."""

_AGAIN = re.compile(r"\b(?:again|another|more)\b")
_OWN_COUNT = re.compile(rf"\b(?:(once|twice)|({_N}) ?(?:times|x))\b")
_UNIT = r"(?P<unit>hours?|hrs?|h|days?|nights?|weeks?|wks?)"
_EXTRA = r"(?P<more2> more| further| extra)?"
_BARE = re.compile(
    rf"{_LEAD}(?P<more>another |a further )?(?P<n>{_N})(?: of)?{_EXTRA} ?{_UNIT}"
    rf"(?P<more3> later| more| on)?{_TAIL}"
)
_DAY_N = re.compile(rf"{_LEAD}(?:day|night) (?P<n>{_N})(?: of it)?{_TAIL}")
_NTH_DAY = re.compile(rf"{_LEAD}(?P<nth>{_NTH}) (?:day|night)(?: of it)?{_TAIL}")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(
    r"(?:and |so |now |ok |still |there |it'?s |its |it is |today'?s? |is |on |already )*"
    rf"(?P<day>{'|'.join(_DAYS)})[a-z]*(?: (?:now|today|already))*"
)
_MORE = re.compile(
    rf"\b(?:another|further) (?P<n>{_N}) ?{_UNIT}\b|"
    rf"\b(?P<n2>{_N}) (?:more|further|extra) (?P<unit2>hours?|hrs?|days?|nights?|weeks?)\b|"
    rf"\b(?P<n3>{_N}) (?P<unit3>hours?|hrs?|days?|nights?|weeks?) (?:later|more|on)\b"
)
_STILL = re.compile(r"\b(?:still|since then|no change|even now)\b")
_CLOCK = re.compile(
    r"\b(?P<at>at|since|around|about|by|was|from)? ?(?P<h>1[0-2]|0?[1-9])(?:[:.](?P<min>[0-5]\d))?"
    r" ?(?P<half>am|pm|a\.m|p\.m)?\b(?! ?(?:hours?|hrs?|h\b|days?|weeks?|months?|nights?|times|x\b|"
    r"wet|wee|min|%|°|years?|mo\b|m\b|w\b|oz|ml|[.,]\d))"
)
_NOW = re.compile(r"\b(?:now|it'?s)\b")


@dataclass(frozen=True)
class Course:
    """What is remembered of it from message to message.

    Attributes:
        since: ISO times at which a finding began and was told last, by finding id.
        times: how often a finding has come so far today, where a bare number counts it.
    """

    since: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    times: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What a message adds to the course.

    Attributes:
        course: what to remember after it.
        carried: findings that it tells only by what earlier messages told.
        ended: findings of earlier messages that it ends.
        lasting: hours that findings have lasted, by finding id.
        told: the hours that it tells by itself.
        only_ends: it tells that something is over, and no more: "finally a wet nappy".
    """

    course: Course
    carried: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    lasting: Mapping[str, float] = field(default_factory=dict)
    told: Mapping[str, float] = field(default_factory=dict)
    only_ends: bool = False


@dataclass(frozen=True)
class _Length:
    """A length of time told by itself: hours, more hours, or up to a weekday."""

    hours: float = 0.0
    more: bool = False
    weekday: int | None = None


@dataclass(frozen=True)
class Follower:
    """One message after those before it: `step` tells what it adds to the course.

    Attributes:
        recognition: the message.
        told: the findings that it tells, a measured fever among them.
        gone: those that it denies.
        reported: ISO times at which findings were told before, by finding id.
        course: what was remembered before it.
        now: the time of the message.
        aged: it tells the baby's age: "6 days" may be that.
        age_known: the age is known after it: else "9 now" may be that.
    """

    recognition: Recognition
    told: set[str]
    gone: set[str]
    reported: Mapping[str, str]
    course: Course
    now: datetime
    aged: bool = False
    age_known: bool = True

    @property
    def lexicon(self) -> Lexicon:
        """The lexicon of the message."""
        return self.recognition.lexicon

    @cached_property
    def text(self) -> str:
        """The message in small letters, its blanks single."""
        return " ".join(fold(self.recognition.text).split())

    @cached_property
    def own(self) -> dict[str, float]:
        """The hours that the message tells by itself."""
        return lasting_in(self.recognition, self.now)

    @cached_property
    def length(self) -> _Length | None:
        """The length of time that is all of a clause, where it isn't the baby's age."""
        return None if self.aged else _bare_length(self.text)

    @cached_property
    def words(self) -> set[tuple[str, str]]:
        """The wordings of a course that it holds: (finding, kind)."""
        return _words_of_course(self.recognition)

    def step(self) -> Step:
        """Return what the message adds."""
        over = self._over()
        carried = self._carried() - over
        times, amounts = self._counted()
        since = self._since(carried, over)
        hours = {name: _hours_between(*one) for name, one in since.items()}
        hours |= {
            name: one
            for name, one in self.own.items()
            if name not in since or name not in self.told | carried
        }
        return Step(
            course=Course(since, times),
            carried=frozenset((carried - self.told) | amounts),
            ended=frozenset(name for name in over if name not in self.told | carried),
            lasting={name: one for name, one in hours.items() if one > 0},
            told=self.own,
            only_ends=self._only_ends(over),
        )

    # --- since when ---------------------------------------------------------------------------

    def _over(self) -> set[str]:
        """Return the findings that the message ends: "he's had a big wet nappy"."""
        over = {name for name, kind in self.words if kind == "over"}
        return (over | self.gone) & set(self.lexicon.course)

    def _only_ends(self, over: set[str]) -> bool:
        """Tell whether every telling word of the message says that what was told is over."""
        told = self.recognition
        beside = words_beside(told, told.course, told.doc, light=(BESIDE,))
        return not over.isdisjoint(self.course.since) and not beside

    def _carried(self) -> set[str]:
        """Return the findings told before that the message goes on telling: "still dry"."""
        still = {
            name
            for name, kind in self.words
            if kind == "still" or (kind == "later" and self._silent_for(name) >= LATER)
        }
        named = bool(self.told & set(self.lexicon.course))
        latest = self._latest() if not named else set()
        same = {name for name, kind in self.words if kind == "same"} & latest
        if self.length is not None:
            same |= latest
        goes_on = {name for name in still | same if self._goes_on(name, still=True)}
        after = {
            name
            for name in still
            if not set(self.lexicon.course[name].after).isdisjoint(self.reported)
        }
        beside = {one for name in after for one in self.lexicon.course[name].after}
        return goes_on | after | (beside & set(self.course.since))

    def _goes_on(self, name: str, *, still: bool) -> bool:
        """Tell whether a finding was told so little a time ago that it has gone on since."""
        if name not in self.course.since or (still and name not in self._remembered()):
            return False
        within = self.lexicon.course[name].again_within * (2 if still else 1)
        return self._silent_for(name) <= within

    def _silent_for(self, name: str) -> float:
        """Return the hours since a finding was told last."""
        since = self.course.since.get(name)
        return _hours_between(since[1], stamp(self.now)) if since else 0.0

    def _remembered(self) -> set[str]:
        """Return the findings that have not ended, or ended so long ago that it matters again."""
        return {
            name
            for name, (start, last) in self.course.since.items()
            if last > start
            or name in self.reported
            or _hours_between(start, stamp(self.now)) >= self.lexicon.course[name].worrying_from
        }

    def _latest(self) -> set[str]:
        """Return the findings whose course may go on, with no other symptom told since."""
        findings = self.lexicon.findings
        symptoms = (at for name, at in self.reported.items() if _is_symptom(findings, name))
        last = max(symptoms, default="")
        return {name for name, (_, at) in self.course.since.items() if at >= last}

    def _since(self, carried: set[str], over: set[str]) -> dict[str, tuple[str, str]]:
        """Return when the findings began and were told last, after this message."""
        at = stamp(self.now)
        since = {name: one for name, one in self.course.since.items() if name not in self.gone}
        for name in self.lexicon.course:
            if name in self.told | carried:
                hours = self._hours(name, carried, over)
                since[name] = (stamp(self.now - timedelta(hours=hours)), at)
            elif name in over and name not in self.gone:
                start = stamp(self.now - timedelta(hours=self._by_clock()))
                since[name] = (start, start)  # "None since": from here the hours count.
        return since

    def _hours(self, name: str, carried: set[str], over: set[str]) -> float:
        """Return how long a finding that the message tells has lasted."""
        before, still = self.course.since.get(name), bool(_STILL.search(self.text))
        still |= name in carried
        goes_on = name not in over and before is not None and self._goes_on(name, still=still)
        elapsed = _hours_between(before[0], stamp(self.now)) if before and goes_on else 0.0
        so_far = _hours_between(*before) if before and goes_on else 0.0
        length = self.length if name in carried else None
        if length and length.weekday is not None:
            return self._up_to(length.weekday, before)
        more = length.hours if length and length.more else _more_hours(self.text)
        if more and goes_on:
            return max(elapsed, so_far + more)
        told = length.hours if length else self.own.get(name, self._by_clock())
        if not told:
            return elapsed
        return max(told, elapsed) if still or name == FEVER else told

    def _up_to(self, weekday: int, before: tuple[str, str] | None) -> float:
        """Return the hours from the day it began to the weekday that the parent says it is."""
        start = datetime.fromisoformat(before[0]) if before else self.now
        days = (weekday - start.weekday()) % 7
        return max(24.0 * days, (self.now - start).total_seconds() / 3600)

    def _by_clock(self) -> float:
        """Return the hours since the time of day that the message names, 0 where it names none."""
        clocks = list(_clock_hours(self.text))
        if len(clocks) == 2 and _NOW.search(self.text):
            (first, _), (second, certain) = clocks
            return (second - first) % (24.0 if certain else 12.0)
        if len(clocks) != 1:
            return 0.0
        hour, certain = clocks[0]
        passed = (self.now.hour + self.now.minute / 60 - hour) % (24.0 if certain else 12.0)
        return min(passed, MOST_BY_CLOCK)

    # --- how many times -----------------------------------------------------------------------

    def _counted(self) -> tuple[dict[str, int], set[str]]:
        """Return how often the counted findings have come, and what that amounts to."""
        before = {name: n for name, n in self.course.times.items() if name in self.reported}
        times = {
            name: self._own_count(name, before.get(name, 0))
            for name, words in self.lexicon.course.items()
            if words.counts and name in self.told and (name, "uncounted") not in self.words
        }
        if times and self._counts_another():
            return {}, set()
        if not times and before and not (self.gone & set(before) or self._tells_another()):
            times = {name: self._new_count(count) for name, count in before.items()}
        amounts = {
            finding
            for name, count in times.items()
            if count > before.get(name, count)
            for finding, least in self.lexicon.course[name].counts.items()
            if count >= least
        }
        return times, amounts

    def _own_count(self, name: str, before: int) -> int:
        """Return the number of times told in the sentence of a finding, at least once."""
        if before and (count := self._new_count(before)) != before:
            return count
        places = [found.sentence for found in self.recognition.findings if found.id == name]
        for match in _OWN_COUNT.finditer(fold(self.recognition.text)):
            if self.recognition.sentence_at(match.start()) in places:
                return _number(match[1] or match[2])
        return before + 1 if _AGAIN.search(self.text) else max(before, 1)

    def _new_count(self, before: int) -> int:
        for clause in _clauses(self.text):
            match = _COUNT.fullmatch(clause)
            bare = match and not match["things"] and match["tail"] in ("", " now")
            if match and not (bare and (not match["tail"] or not self.age_known)):
                return _number(match["n"])
            if nth := _NTH_ONE.fullmatch(clause):
                return _number(nth["nth"])
            if more := _ONE_MORE.fullmatch(clause):
                return before + _number(more["n"] or more["m"] or "one")
        return before

    def _counts_another(self) -> bool:
        """Tell whether a number of something else is told beside it: "loose poo, 6 wet nappies"."""
        apart = "|".join(self.lexicon.words.get(COUNTED_APART, ()))
        return bool(apart and re.search(rf"\b{_N} (?:\w+ )?(?:{apart})\b", self.text))

    def _tells_another(self) -> bool:
        """Tell whether the message is about something else that a number may count."""
        apart = self.lexicon.words.get(COUNTED_APART, ())
        if set(re.findall(r"[a-z]+", self.text)) & set(apart):
            return True
        bare = any(
            pattern.fullmatch(clause)
            for clause in _clauses(self.text)
            for pattern in (_COUNT, _NTH_ONE, _ONE_MORE)
        )
        return not bare and len(telling_words(self.recognition)) >= 2


def _is_symptom(findings: Mapping[str, Finding], name: str) -> bool:
    return name in findings and findings[name].symptom


def lasting_in(recognition: Recognition, now: datetime) -> dict[str, float]:
    """Return the hours told in the same sentence as each finding, or beside a fever's reading."""
    lasting: dict[str, float] = {}
    text, lengths = recognition.text, durations(recognition.text, now.date())
    read = temperatures(text, now.date()) if lengths else []
    fevers = [one for one in read if one.celsius >= FEVER_C and one.kind != "other"]
    for length in lengths:
        if length.kind not in ("lasting", "ago"):
            continue
        sentence = recognition.sentence_at(length.start)
        for found in recognition.findings:
            if found.sentence == sentence:
                lasting[found.id] = max(lasting.get(found.id, 0.0), length.hours)
        beside = (text[one.end : length.start] for one in fevers)
        if length.kind == "lasting" and any(map(_is_one_clause, beside)):
            lasting[FEVER] = max(lasting.get(FEVER, 0.0), length.hours)
    return lasting


def _is_one_clause(between: str) -> bool:
    """Tell whether one clause goes on over the words between a reading and a length of time."""
    return bool(between) and not CLAUSE_END.search(between)


def _words_of_course(recognition: Recognition) -> set[tuple[str, str]]:
    """Return the wordings of a course that make up their clause: (finding, kind).

    "Still dry" and "still dry, 5 months"; not "the towel is still dry".
    """
    offsets = recognition.doc.user_data["offsets"]
    clause_of, telling = recognition.context.clause_of, _telling(recognition)
    told: set[tuple[str, str]] = set()
    for found in recognition.course:
        name, kind = found.id.split(" ")
        inside = {n for n, (a, b) in enumerate(offsets) if a < found.end and b > found.start}
        clauses = {clause_of[n] for n in inside}
        outside = (
            token.text
            for n, token in enumerate(recognition.doc)
            if n not in inside and clause_of[n] in clauses
        )
        whole = kind in ("over", "uncounted") or telling.isdisjoint(outside)
        if whole and (kind != "over" or found.status is Status.PRESENT):
            told.add((name, kind))
    return told


def _telling(recognition: Recognition) -> set[str]:
    """Return the words that tell something, but those that may stand beside "still dry"."""
    return set(telling_words(recognition)) - set(recognition.lexicon.words.get(BESIDE, ()))


def _bare_length(text: str) -> _Length | None:
    """Return the length of time that is all of a clause: "13 hours now", "day six"."""
    for clause in _clauses(text):
        if match := _BARE.fullmatch(clause):
            more = bool(match["more"] or match["more2"] or match["more3"])
            return _Length(_number(match["n"]) * _unit_hours(match["unit"]), more)
        if match := _DAY_N.fullmatch(clause):
            return _Length(24.0 * _number(match["n"]))
        if match := _NTH_DAY.fullmatch(clause):
            return _Length(24.0 * _number(match["nth"]))
        if (match := _WEEKDAY.fullmatch(clause)) and " " in clause:
            return _Length(weekday=_DAYS.index(match["day"]))
    return None


def _more_hours(text: str) -> float:
    """Return the hours of "another 2 days", "two days later", anywhere in a message."""
    match = _MORE.search(text)
    if match is None:
        return 0.0
    number = match["n"] or match["n2"] or match["n3"]
    return _number(number) * _unit_hours(match["unit"] or match["unit2"] or match["unit3"])


def _clock_hours(text: str) -> Iterator[tuple[float, bool]]:
    """Yield the times of day in a message, and whether morning or evening is told."""
    for match in _CLOCK.finditer(text):
        if not (match["at"] or match["half"]):
            continue
        hour = int(match["h"]) % 12 + int(match["min"] or 0) / 60
        yield hour + 12 * (match["half"] or "").startswith("p"), bool(match["half"])


def _clauses(text: str) -> Iterator[str]:
    for clause in CLAUSE_END.split(text):
        plain = clause.strip(" -()")
        if plain and len(plain) <= LONGEST:
            yield plain


def _number(word: str) -> int:
    known = _NUMBERS.get(word) or _ORDINALS.get(word)
    return known or int(re.sub(r"\D", "", word) or 1)


def _unit_hours(unit: str) -> float:
    return {"d": 24.0, "n": 24.0, "w": 168.0}.get(unit[:1], 1.0)


def _hours_between(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 3600


def stamp(at: datetime) -> str:
    """Return the ISO time that is remembered, to the second."""
    return at.isoformat(timespec="seconds")
