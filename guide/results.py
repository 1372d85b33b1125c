"""Gut test results as parents paste them: which markers are named, and what to say to each.

Reads free text, lists, tables and CSV. A result is never a diagnosis here and never a reason for a
supplement; what needs a doctor comes first (clinical reference, sections 3 and 4.4, R3).
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from guide.content import CLAIMS, Content, Source, load_content
from guide.model import Button, Facts, Level, Reply
from guide.text import clean
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

DATA = Path(__file__).resolve().parent.parent / "data"
TOPIC = "test_results"
Said = Literal["low", "high", "normal", "absent", "found"]
State = Literal["low", "high", "normal", "absent", "found", ""]
WordLists = tuple[tuple[str, ...], ...]
MARKERS_IN_A_MESSAGE = 4
MAX_MARKERS = 8
MAX_UNKNOWN = 6


class Marker(Entry):
    """Something that a report may name.

    Attributes:
        title: its readable name.
        names: how reports and parents write it, in small letters.
        topic: the topic that speaks of it.
        claims, guide: what the article says of it, empty where it says nothing.
        known: what is known.
        doctor: set when a doctor should see the result, and how soon.
        sources: keys of `data/sources.yml`.
    """

    title: Words
    names: tuple[Words, ...]
    topic: Words
    claims: tuple[str, ...] = ()
    guide: str = ""
    known: Words
    doctor: str = ""
    sources: tuple[str, ...] = ()


class MarkerFile(Entry):
    """`data/markers/markers.yml`."""

    markers: dict[str, Marker]


class ResultWords(Entry):
    """`result_words:` of `data/words/results.yml`."""

    title: Words
    opening: Words
    line: Words
    states: dict[str, Words]
    doctor_first: Words
    no_claim: Words
    clear: Words
    cannot: Words
    cannot_one: Words
    do: Words
    clinician: Words
    unknown: Words
    further: Words
    and_word: Words
    note_button: Words
    care_button: Words
    why_button: Words
    more_button: Words
    note: Words
    say_so: dict[Said, WordLists]


class ResultsFile(Entry):
    """`data/words/results.yml`."""

    result_words: ResultWords


@dataclass(frozen=True)
class Found:
    """One marker in a report.

    Attributes:
        marker: its id.
        state: what the report says of it, "" when it says nothing that can be read.
        value: the number as written, with its unit; "" without one.
    """

    marker: str
    state: State = ""
    value: str = ""


@dataclass(frozen=True)
class Results:
    """What a report names: known markers in its order, and names that the guide doesn't know."""

    found: tuple[Found, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Mention:
    """A marker's name in a line, in characters."""

    marker: str
    start: int
    end: int


_NAME_END = r"(?![\w])"
_NUMBER = r"\d+(?:[.,]\d+)*(?:\s*[x×]\s*10\s*\^?\s*-?\d{1,2}|e[+-]?\d{1,2})?"
_PARTS_OF_NUMBER = re.compile(
    r"(\d+(?:[.,]\d+)*)(?:\s*[x×]\s*10\s*\^?\s*(-?\d{1,2})|e([+-]?\d{1,2}))?", re.IGNORECASE
)
_UNIT = (
    r"%|percent|per cent|µg/g|ug/g|mcg/g|mg/g|mg/kg|ng/ml|mmol/l|cfu/g|copies/g|out of \d+|/\s*\d+"
)
_AGE = r"(?!\s*-?(?:months?|mo\b|mths?|weeks?|wks?|days?|years?|yrs?|yo\b))"
_VALUE = re.compile(rf"(?<![\w.])(?<!\d,)[<>≤≥~]?\s*({_NUMBER}){_AGE}\s*({_UNIT})?", re.IGNORECASE)
_NO_RANGE = (-math.inf, math.inf)
_RANGE = re.compile(rf"({_NUMBER})\s*%?\s*(?:-|–|—|to|\.\.)\s*({_NUMBER})\s*%?")
_BOUND = re.compile(rf"(?:^|[\s(|,;:\t])([<>≤≥])\s*({_NUMBER})")
_DENIED = re.compile(r"\b(?:not|isn't|is not|out of|ab)\W{0,3}$", re.IGNORECASE)
_NORMAL_RANGE = re.compile(
    r"(?:normal|reference|ref|healthy|optimal|typical) ?"
    r"(?:range|values?|:|(?=\s*[<>≤≥])|(?=\s*\d[\d.,]*\s*[-–]))",
    re.IGNORECASE,
)
_FLAG = re.compile(r"\d[^A-Za-z]{0,12}(?:\s(?:[µum]?g/\S+|cfu/\S+|%))?[\s|,;*(]*\b([HL])\b")
"""A laboratory's flag behind a number: H or L."""
_GERM = re.compile(
    r"\b[A-Za-z]{3,}(?:bacter|bacterium|bacteria|coccus|cocci|ella|aceae|monas|vibrio|spira|bacillus|"
    r"myces|otella|ostipes|plasma|virus)\b",
    re.IGNORECASE,
)
_ROW = re.compile(
    r"^\s*[•*\-]?\s*(?P<name>[A-Za-z][A-Za-z0-9 .()/'-]{2,40}?)\s*(?:[|\t:=;,]\s*|\s{2,})"
    r"(?P<rest>[<>]?\s*\d.*|(?:low|high|normal|not detected|detected|negative|positive|nd)\b.*)$",
    re.IGNORECASE,
)
_NOT_A_MARKER = re.compile(
    r"\b(?:marker|result|value|range|reference|level|status|percent|sample|date|age|name|unit|page|"
    r"months?|weeks?|days?|years?|test|report|total|bacteria|bacterium|species|genus|family|virus|"
    r"probiotics?|she|he|they|baby|we|i|it|my|our|his|her|temp|temperature|fever)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"^\s*(?:is|are|was|does|do|should|can|what|which|how)\b|\?\s*$", re.IGNORECASE)
# A line, or a sentence; "E. coli" is no end of a sentence.
_PARTS = re.compile(r"[\n\r]+|(?:(?<=[^\W\d]{2}[.!?])|(?<=[\d%)][.!?]))(?:\s+|$)|;")


class Reader:
    """Finds markers and what a report says of each; built once from the markers' names."""

    def __init__(self, markers: Mapping[str, Marker], say_so: Mapping[Said, WordLists]) -> None:
        self._states: list[tuple[State, re.Pattern[str]]] = [
            (state, _any_of(lists)) for state, lists in say_so.items()
        ]
        self._by_name = {
            _plain(name): marker_id
            for marker_id, marker in markers.items()
            for name in marker.names
        }
        longest = sorted(self._by_name, key=len, reverse=True)
        names = "|".join(re.escape(name).replace(r"\ ", r"[\s_.-]+") for name in longest)
        self._names = re.compile(rf"(?<![\w]){'(?:' + names + ')'}{_NAME_END}", re.IGNORECASE)
        self._single = [name for name in self._by_name if " " not in name and len(name) >= 8]

    def read(self, text: str) -> Results | None:
        """Return what `text` names, None when it names no marker."""
        found: dict[str, Found] = {}
        unknown: dict[str, None] = {}
        for line in _PARTS.split(clean(text)):
            mentions = list(self._mentions(line))
            strangers = list(_strangers(line, mentions))
            borders = sorted([*mentions, *strangers], key=lambda one: one.start)
            asked = bool(_ASKED.search(line))
            for mention, before, after in _surroundings(line, borders):
                if mention in strangers:
                    unknown.setdefault(mention.marker)
                    continue
                one = _read(mention.marker, before, after, self._state)
                if asked and one.state == "normal":  # "180, normal?" is a question, no result
                    one = Found(one.marker, "", one.value)
                kept = found.get(one.marker)
                if kept is None or (not kept.state and one.state):
                    found[one.marker] = one
        if not found and not unknown:
            return None
        return Results(tuple(found.values()), tuple(unknown))

    def _mentions(self, line: str) -> Iterator[_Mention]:
        taken: list[_Mention] = []
        for match in self._names.finditer(line):
            taken.append(_Mention(self._by_name[_plain(match.group())], *match.span()))
        for match in re.finditer(r"[A-Za-z]{8,}", line):
            if any(one.start < match.end() and match.start() < one.end for one in taken):
                continue
            near = difflib.get_close_matches(match.group().lower(), self._single, 1, 0.86)
            if near:
                taken.append(_Mention(self._by_name[near[0]], *match.span()))
        yield from sorted(taken, key=lambda one: one.start)

    def _state(self, text: str) -> State:
        """Return the state that `text` names first."""
        best: tuple[int, State] | None = None
        for state, pattern in self._states:
            for match in pattern.finditer(text):
                if state != "absent" and _DENIED.search(text[: match.start()]):
                    continue
                if best is None or match.start() < best[0]:
                    best = (match.start(), state)
                break
        return best[1] if best else ""


def _any_of(lists: WordLists) -> re.Pattern[str]:
    """Return a pattern of whole words and signs, the longest first."""
    words = sorted({word for words in lists for word in words}, key=len, reverse=True)
    listed = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)


def _plain(name: str) -> str:
    return re.sub(r"[\s_.-]+", " ", name.lower()).strip()


def _surroundings(line: str, mentions: Sequence[_Mention]) -> Iterator[tuple[_Mention, str, str]]:
    """Yield each mention with the words before and after it that belong to no other mention."""
    for index, mention in enumerate(mentions):
        start = mentions[index - 1].end if index else 0
        end = mentions[index + 1].start if index + 1 < len(mentions) else len(line)
        yield mention, line[start : mention.start], line[mention.end : end]


def _read(marker: str, before: str, after: str, state_of: Callable[[str], State]) -> Found:
    """Read a marker's state and value: what follows its name, else what stands just before it."""
    lead = re.split(r"[,|\t]|\band\b|\bbut\b", before)[-1]
    rest = re.split(r"\bbut\b", after)[0]
    # "low bifido and high E. coli": the last word of what follows is the next one's.
    following = re.split(r"(?:,|\band\b)(?=[^,]*$)", rest)
    own = following[0] if state_of(lead) else rest
    number = _VALUE.search(_NORMAL_RANGE.split(rest)[0])
    value = " ".join(number.group().split()) if number else ""
    said, follows = state_of(lead), state_of(_without_range(own))
    if said == "found" and follows:  # "they found bacteroides absent"
        said = follows
    flag = _FLAG.search(rest)
    flagged: State = "" if not flag else "high" if flag.group(1) == "H" else "low"
    state = said or follows or flagged or _against_range(value, rest)
    if not state and value and _number(value) == 0:
        state = "absent"
    return Found(marker, state, value)


def _without_range(text: str) -> str:
    return _NORMAL_RANGE.split(text)[0]


def _number(text: str) -> float:
    """Return the first number in `text`: "0,02", "1,200", "4.5e7" and "4.5 x 10^7" are read."""
    found = _PARTS_OF_NUMBER.search(text)
    if not found:
        return float("nan")
    digits, power = found.group(1), found.group(2) or found.group(3)
    grouped = re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", digits)
    plain = digits.replace(",", "" if grouped else ".")
    if plain.count(".") > 1:  # a date
        return float("nan")
    value = float(plain)
    return value * 10.0 ** int(power) if power and abs(int(power)) < 30 else value


def _against_range(value: str, text: str) -> State:
    """Compare a value with the report's own range ("0.02 | 1.5 - 12", "180 (<50)")."""
    if not value:
        return ""
    number = _number(value)
    low, high = _range_in(text.replace(value, " ", 1))
    if number < low:
        return "low"
    if number > high:
        return "high"
    return "normal" if low <= number <= high and (low, high) != _NO_RANGE else ""


def _range_in(text: str) -> tuple[float, float]:
    """Return the bounds of the range that `text` names; `_NO_RANGE` where there is none."""
    between, bound = _RANGE.search(text), _BOUND.search(text)
    if between:
        return _number(between.group(1)), _number(between.group(2))
    if bound is None:
        return _NO_RANGE
    limit = _number(bound.group(2))
    return (_NO_RANGE[0], limit) if bound.group(1) in "<≤" else (limit, _NO_RANGE[1])


def _strangers(line: str, mentions: Sequence[_Mention]) -> Iterator[_Mention]:
    """Yield names that look like a marker of a report and that no marker has, as mentions."""

    def is_known(start: int, end: int) -> bool:
        return any(one.start < end and start < one.end for one in mentions)

    row = _ROW.match(line)
    if row and not is_known(*row.span("name")) and not _NOT_A_MARKER.search(row.group("name")):
        yield _Mention(row.group("name").strip(), *row.span("name"))
        return
    for match in _GERM.finditer(line):
        if not is_known(*match.span()) and not _NOT_A_MARKER.fullmatch(match.group()):
            yield _Mention(match.group(), *match.span())


class Explainer:
    """Says what the guide says, what is known, and what can't be told of each marker."""

    def __init__(
        self, markers: Mapping[str, Marker], words: ResultWords, sources: Mapping[str, Source]
    ) -> None:
        self._markers = markers
        self._words = words
        self._sources = sources

    def replies(self, results: Results) -> list[Reply]:
        """Return one to three replies, what a doctor should see first."""
        ordered = sorted(results.found, key=lambda one: not self._needs_doctor(one))
        told, rest = ordered[:MAX_MARKERS], ordered[MAX_MARKERS:]
        first, second = told[:MARKERS_IN_A_MESSAGE], told[MARKERS_IN_A_MESSAGE:]
        replies = []
        if len(told) > 1 or not told:
            opening: list[str] = [self._words.opening] if told else []
            if first:
                replies.append(self._reply([*opening, *map(self._short, first)], first))
            if second:
                replies.append(self._reply([*map(self._short, second)], second))
            closing: list[str] = [self._words.cannot]
        else:
            closing = []
            replies.append(self._reply([self._single(told[0])], told))
        closing += self._leftovers(results.unknown, rest)
        closing += [self._words.do, self._words.clinician]
        if len(told) == 1:
            return [self._closed(self._joined_reply(replies[0], closing), told)]
        return [*replies, self._closed(self._reply(closing, ()), told)]

    def _single(self, found: Found) -> str:
        return f"{self._short(found)}\n\n{self._words.cannot_one}"

    def _short(self, found: Found) -> str:
        marker = self._markers[found.marker]
        state = self._words.states.get(found.state, "")
        shown = ", ".join(part for part in (state, found.value) if part)
        shown = f" ({shown})" if shown else ""
        says = f"{marker.guide or self._words.no_claim} {marker.known}"
        if marker.doctor and not self._needs_doctor(found):
            says = self._words.clear
        title = marker.title[:1].upper() + marker.title[1:]
        if self._needs_doctor(found):
            says = f"{marker.known} {marker.doctor}"
            return self._words.doctor_first.format(title=marker.title, state=shown, says=says)
        return self._words.line.format(title=title, state=shown, says=says)

    def _needs_doctor(self, found: Found) -> bool:
        """Tell whether a doctor should see it: not what the report says isn't there."""
        return bool(self._markers[found.marker].doctor) and found.state not in ("absent", "normal")

    def _leftovers(self, unknown: Sequence[str], rest: Sequence[Found]) -> Iterator[str]:
        if rest:
            titles = self._joined([self._markers[one.marker].title for one in rest])
            yield self._words.further.format(titles=titles)
        if unknown:
            yield self._words.unknown.format(names=self._joined(unknown[:MAX_UNKNOWN]))

    def _joined(self, names: Sequence[str]) -> str:
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self._words.and_word} {names[-1]}"

    def _joined_reply(self, reply: Reply, closing: Sequence[str]) -> Reply:
        text = "\n\n".join([reply.text, *closing])
        return Reply(**{**vars(reply), "text": text})

    def _reply(self, lines: Sequence[str], found: Sequence[Found]) -> Reply:
        markers = [self._markers[one.marker] for one in found]
        keys = dict.fromkeys(key for marker in markers for key in marker.sources)
        card: dict[str, Any] = {
            "title": self._words.title,
            "gate": list(lines),
            "sources": [
                {"key": key, **self._sources[key].dict(include={"title", "url", "year"})}
                for key in keys
            ],
            "note": self._words.note,
        }
        return Reply(
            text="\n\n".join(lines),
            level=Level.ROUTINE,
            topics=tuple(dict.fromkeys([TOPIC, *(marker.topic for marker in markers)])),
            claims=tuple(dict.fromkeys(claim for marker in markers for claim in marker.claims)),
            rules=tuple(f"marker.{one.marker}" for one in found),
            card=card,
        )

    def _closed(self, reply: Reply, told: Sequence[Found]) -> Reply:
        """Return the last reply with its card's ending and the buttons."""
        words = self._words
        topic = self._markers[told[0].marker].topic if told else TOPIC
        more = json.dumps({"topic": topic if topic else TOPIC}, separators=(",", ":"))
        card = {**reply.card, "do": [words.do], "clinician": words.clinician}
        card["gate"] = [
            line for line in reply.card["gate"] if line not in (words.do, words.clinician)
        ]
        buttons = (
            Button(words.note_button, "/ask_note"),
            Button(words.care_button, "/ask_eczema_symptoms"),
            Button(words.more_button, f"/more{more}"),
            Button(words.why_button, "/ask_why"),
        )
        return Reply(**{**vars(reply), "buttons": buttons, "card": card})


@dataclass(frozen=True)
class Laboratory:
    """Reader and explainer, loaded from `data/`."""

    reader: Reader
    explainer: Explainer


def load_results(data: Path, content: Content) -> Laboratory:
    """Read and check the markers and words below the data folder.

    Raises:
        DataError: with every mistake found, each with file, line and fix.
    """
    file = read_yaml(data / "markers" / "markers.yml")
    markers = validated(file, MarkerFile).markers
    words = validated(read_yaml(data / "words" / "results.yml"), ResultsFile).result_words
    problems = list(_problems(file, markers, content))
    if problems:
        raise DataError(problems)
    return Laboratory(Reader(markers, words.say_so), Explainer(markers, words, content.sources))


def _problems(file: YamlFile, markers: Mapping[str, Marker], content: Content) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for marker_id, marker in markers.items():
        place = ("markers", marker_id)
        if marker.topic not in content.topics:
            yield unknown_id(file, (*place, "topic"), "topic", marker.topic, content.topics)
        for part, used, known in (
            ("sources", marker.sources, content.sources),
            ("claims", marker.claims, CLAIMS),
        ):
            for at, name in enumerate(used):
                if name not in known:
                    yield unknown_id(file, (*place, part, at), part[:-1], name, known)
        if bool(marker.guide) != bool(marker.claims):
            message = f"{marker_id} has `guide` without `claims`, or the other way round"
            yield file.problem(place, message, "give both or neither")
        for name in marker.names:
            first = seen.setdefault(_plain(name), marker_id)
            if first != marker_id:
                yield file.problem(place, f"{name!r} stands also under {first}", "keep one of them")


@lru_cache(maxsize=1)
def _laboratory() -> Laboratory:
    return load_results(DATA, load_content(DATA))


def read_results(text: str) -> Results | None:
    """Return the markers that `text` names with what it says of each, None when it names none."""
    return _laboratory().reader.read(text)


def replies(results: Results, facts: Facts, today: date) -> list[Reply]:
    """Return one to three replies to pasted results; the same for every baby and day."""
    return _laboratory().explainer.replies(results)
