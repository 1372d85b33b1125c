"""Ages, temperatures and durations in a parent's own words.

Pure functions over the raw message: any case, typos, curly quotes, "½", emoji, dictated
numbers. Each mention says what it is about, because most numbers in such messages are no age of
the baby now: "28 weeker", "size 6-9 months", "when she was 5 weeks", "my other one is 3".

Every look around a number is bounded (at most `_REACH` tokens), so the time grows linearly with
the length of the message. Rules 7 to 9 of the recognition rules in the clinical reference say
whose numbers count and which numbers are temperatures.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from guide.model import DAYS_PER_MONTH

AgeKind = Literal[
    "now", "future", "past", "gestation", "corrected", "other_child", "duration", "other"
]
TemperatureKind = Literal[
    "reading", "now", "past", "history", "hypothetical", "other_child", "other"
]
DurationKind = Literal["lasting", "ago", "ahead", "every"]

FULL_TERM_WEEKS = 40.0
PRETERM_WEEKS = 37.0
_REACH = 14
_MAX_CHARS = 4000
_ADULT_MONTHS = 16 * 12.0
_BARE_ANSWER_WORDS = 8
_NEWBORN_MONTHS = 0.5
_UNVACCINATED_MONTHS = 1.5
_NOT_NEW_MONTHS = 3.0


@dataclass(frozen=True)
class AgeMention:
    """An age, or a number that looks like one.

    Attributes:
        months: the age in months (for `gestation`: the length of the pregnancy in months).
        kind: `now` is the baby's age today; `future` an age asked about; `past` an earlier age of
            the baby; `other_child` another child's; `duration` a length of time; `other` a size,
            a plan, an adult, a denied number.
        start: first character in the text.
        end: one past the last character.
        certain: the wording leaves no doubt that it is of this `kind`.
    """

    months: float
    kind: AgeKind
    start: int
    end: int
    certain: bool = True


@dataclass(frozen=True)
class TemperatureMention:
    """A temperature.

    Attributes:
        celsius: in °C; the number as typed where it can't be a body temperature (44 to 92).
        kind: `reading`; `now` and `past` where two readings of one illness are compared;
            `history` for an illness long over; `hypothetical` ("if it hits 40"); `other_child`
            for another child's; `other` for an adult, a pet, a room, a bath.
        certain: False where the parent must be asked (44 to 92, "38 f", "385").
        start: first character in the text.
        end: one past the last character.
    """

    celsius: float
    start: int
    end: int
    certain: bool = True
    kind: TemperatureKind = "reading"


@dataclass(frozen=True)
class DurationMention:
    """A length of time in hours: lasting, `ago`, `ahead` ("in 2 weeks") or between repeats."""

    hours: float
    kind: DurationKind
    start: int
    end: int


def gestation_to_corrected_by(months: float) -> float:
    """Return the months to subtract for a birth after `months` of pregnancy, 0 at term.

    Born before 37 weeks is preterm; the correction counts from 40 weeks.
    """
    weeks = months * DAYS_PER_MONTH / 7
    if weeks >= PRETERM_WEEKS - 0.01:
        return 0.0
    return round((FULL_TERM_WEEKS - weeks) * 7 / DAYS_PER_MONTH, 2)


def _listed(words: str) -> list[str]:
    return words.split()


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# --- tokens -----------------------------------------------------------------------------------

_FOLD = str.maketrans(
    "’‘ʼ´`“”–—‑−º˚\u00a0\u202f\u2009·", "'''''" + '""' + "----" + "°°" + "   " + "."
)
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-zà-öø-ÿ]+(?:'[a-zà-öø-ÿ]+)*|\n|\S")
_SENTENCE_END = frozenset(".!?;\n")
_ABBREVIATIONS = frozenset({"temp", "approx", "tmp"})
_CLAUSE_END = frozenset(',:()|/"')


class _Token(NamedTuple):
    text: str
    start: int
    end: int


class _Number(NamedTuple):
    value: float
    stop: int
    spelled: bool
    decimal: bool


class _Span(NamedTuple):
    """A number with a unit of time: tokens `first` up to `stop`, in months and in `unit`s."""

    first: int
    stop: int
    months: float
    high: float
    unit: str
    old: bool


def fold(text: str) -> str:
    """Return `text` in lower case with plain quotes and dashes, of the same length."""
    plain = text[:_MAX_CHARS].translate(_FOLD)
    low = plain.lower()
    if len(low) == len(plain):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)


_AND_TENTHS = re.compile(r"(?<=\d)(?:\.| point )(?=something\b)")
"""What stands between the degrees and the tenths that nobody remembers: "38.something"."""


@lru_cache(maxsize=64)
def _tokens(text: str) -> tuple[_Token, ...]:
    plain = _AND_TENTHS.sub(lambda match: " " * len(match.group()), fold(text))
    return tuple(_Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(plain))


def _at(tokens: Sequence[_Token], i: int) -> str:
    return tokens[i].text if 0 <= i < len(tokens) else ""


# --- numbers ----------------------------------------------------------------------------------

_SMALL = {
    word: float(value)
    for value, word in enumerate(
        _listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen "
            "fourteen fifteen sixteen seventeen eighteen nineteen"
        )
    )
} | {"couple": 2.0, "few": 3.0, "eigth": 8.0, "nien": 9.0, "sevn": 7.0, "elevn": 11.0,
     "twelv": 12.0, "tow": 2.0, "thre": 3.0, "dos": 2.0, "tres": 3.0, "cuatro": 4.0,
     "cinco": 5.0, "seis": 6.0, "siete": 7.0, "ocho": 8.0, "nueve": 9.0, "diez": 10.0,
     "doce": 12.0, "teen": 3.0, "paanch": 5.0, "panch": 5.0, "chhe": 6.0, "saat": 7.0,
     "aath": 8.0, "nau": 9.0, "das": 10.0}  # fmt: skip
_TENS = {
    word: 10.0 * value
    for value, word in enumerate(
        _listed("twenty thirty forty fifty sixty seventy eighty ninety"), start=2
    )
} | {"fourty": 40.0, "forti": 40.0, "thirthy": 30.0, "therty": 30.0, "thirdy": 30.0,
     "thurty": 30.0, "thirtee": 30.0, "tirty": 30.0, "ninty": 90.0}  # fmt: skip
_POINTS = frozenset({"point", "poynt", "piont", "poin", "pont", "dot", "decimal"})
_AFTER_TENS = {"ate": 8.0, "eihgt": 8.0, "nein": 9.0, "nyne": 9.0, "nin": 9.0, "sevin": 7.0}
_AFTER_POINT = _AFTER_TENS | {
    "too": 2.0, "to": 2.0, "for": 4.0, "fore": 4.0, "won": 1.0, "oh": 0.0, "o": 0.0, "nil": 0.0,
}  # fmt: skip
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_AND = frozenset({"and", "n", "&", "an", "nd", "y"})


def _digits(tokens: Sequence[_Token], i: int) -> _Number | None:
    raw = _at(tokens, i)
    if raw in _FRACTIONS:
        return _Number(_FRACTIONS[raw], i + 1, False, True)
    if not raw or not raw[0].isdecimal() or len(raw) > 7:
        return None
    if re.fullmatch(r"\d{1,3},\d{3}", raw):
        return _Number(float(raw.replace(",", "")), i + 1, False, False)
    plain = raw.replace(",", ".")
    if plain.count(".") > 1:
        return None
    if raw == "1" and _at(tokens, i + 1) == "/" and _at(tokens, i + 2) == "2":
        return _Number(0.5, i + 3, False, True)
    return _Number(float(plain), i + 1, False, "." in plain)


def _below_hundred(tokens: Sequence[_Token], i: int) -> _Number | None:
    word = _at(tokens, i)
    if word in _TENS:
        j = i + 2 if _at(tokens, i + 1) == "-" else i + 1
        ones = _SMALL.get(_at(tokens, j)) or _AFTER_TENS.get(_at(tokens, j), 0.0)
        if 0 < ones < 10:
            return _Number(_TENS[word] + ones, j + 1, True, False)
        return _Number(_TENS[word], i + 1, True, False)
    if word in _SMALL:
        stop = i + 2 if word in {"couple", "few"} and _at(tokens, i + 1) == "of" else i + 1
        return _Number(_SMALL[word], stop, True, False)
    return None


def _spelled(tokens: Sequence[_Token], i: int) -> _Number | None:
    word = _at(tokens, i)
    hundred = i if word == "hundred" else i + 1 if _at(tokens, i + 1) == "hundred" else -1
    if hundred >= 0 and word in {"hundred", "a", "one", "1"}:
        j = hundred + 2 if _at(tokens, hundred + 1) in _AND else hundred + 1
        rest = _below_hundred(tokens, j)
        if rest is None:
            return _Number(100.0, hundred + 1, True, False)
        return _Number(100.0 + rest.value, rest.stop, True, False)
    if word == "one" and _at(tokens, i + 1) in {"oh", "o"}:
        ones = _SMALL.get(_at(tokens, i + 2), 0.0)
        if 0 < ones < 10:
            return _Number(100.0 + ones, i + 3, True, False)
    return _below_hundred(tokens, i)


def _number(tokens: Sequence[_Token], i: int) -> _Number | None:
    """Read the number that starts at token `i`, with its fraction."""
    found = _digits(tokens, i) or _spelled(tokens, i)
    if found is None or found.decimal:
        return found
    value, j, spelled, _ = found
    if _at(tokens, j) in _FRACTIONS:
        return _Number(value + _FRACTIONS[_at(tokens, j)], j + 1, spelled, True)
    if (_at(tokens, j), _at(tokens, j + 1), _at(tokens, j + 2)) == ("1", "/", "2"):
        return _Number(value + 0.5, j + 3, spelled, True)
    if _at(tokens, j) in _POINTS:
        return _decimals(tokens, found)
    stop = _half(tokens, j)
    if stop:
        return _Number(value + 0.5, stop, spelled, True)
    return found._replace(stop=_bit(tokens, j) or found.stop)


def _decimals(tokens: Sequence[_Token], whole: _Number) -> _Number:
    after = _at(tokens, whole.stop + 1)
    typed = float(after) if after.isdecimal() and len(after) == 1 else -1.0
    digit = _SMALL.get(after, _AFTER_POINT.get(after, typed))
    if not 0 <= digit < 10:
        return whole
    return _Number(round(whole.value + digit / 10, 1), whole.stop + 2, whole.spelled, True)


def _half(tokens: Sequence[_Token], j: int) -> int:
    """Return the token after "and a half" that starts at `j`, 0 when there is none."""
    words = [(_at(tokens, k), k) for k in range(j, j + 6) if _at(tokens, k) != "-"][:3]
    texts = [word for word, _ in words]
    if len(texts) == 3 and texts[0] in _AND and texts[1] == "a" and texts[2] == "half":
        return words[2][1] + 1
    if len(texts) >= 2 and texts[0] in _AND and texts[1] in {"half", "1/2", "½"}:
        return words[1][1] + 1
    return 0


def _bit(tokens: Sequence[_Token], j: int) -> int:
    """Return the token after "and a bit" that starts at `j`, 0 when there is none."""
    words = (_at(tokens, j), _at(tokens, j + 1), _at(tokens, j + 2))
    return j + 3 if words[0] in _AND and words[1:] == ("a", "bit") else 0


# --- units of time ----------------------------------------------------------------------------

_UNIT_WORDS = {
    "min": "min mins minute minutes minuts",
    "hour": "h hr hrs hour hours hors horas ghante",
    "day": "d day days dys dayz din dia dias días tage",
    "night": "night nights nite nites",
    "week": "w wk wks weeker weekers week weeks weeek weeeks semana semanas hafte hafta wochen",
    "fortnight": "fortnight fortnights fortnite",
    "month": "m mo mos mth mths mnth mnths mon's monther monthers month months monthes mahina "
    "mahine mahino maheene mahinay mes meses mois monate mese mesi",
    "year": "y yr yrs year years yo yrold saal año años ano anos",
}
_DAYS = {
    "min": 1 / 1440, "hour": 1 / 24, "day": 1.0, "night": 1.0, "week": 7.0, "fortnight": 14.0,
    "month": DAYS_PER_MONTH, "year": 12 * DAYS_PER_MONTH,
}  # fmt: skip
_ORDER = ("year", "month", "week", "day")
_METRE_WORDS = frozenset({"away", "long", "tall", "high", "wide", "deep", "people", "walk"})


def _misspellings(word: str) -> Iterator[str]:
    """Yield what a hasty thumb makes of `word`: one letter lost, two letters swapped."""
    for k in range(1, len(word)):
        yield word[:k] + word[k + 1 :]
    for k in range(1, len(word) - 1):
        yield word[:k] + word[k + 1] + word[k] + word[k + 2 :]


def _unit_table() -> dict[str, str]:
    table = {
        slip: unit
        for unit, words in (("month", "months month"), ("week", "weeks"), ("year", "years"))
        for word in words.split()
        for slip in _misspellings(word)
        if len(slip) > 3
    }
    table.update({word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()})
    glued = {f"{w}old": u for u in _ORDER for w in (u, f"{u}s")}
    return {**table, **glued, "mo": "month", "wo": "week"}


_UNITS = _unit_table()
_OLD_UNITS = frozenset({"mo", "yo", "wo"})
_OLD_WORDS = frozenset({"old", "olds", "old's"})


class _Unit(NamedTuple):
    name: str
    stop: int
    old: bool


def _unit(tokens: Sequence[_Token], i: int) -> _Unit | None:
    j = i + 1 if _at(tokens, i) in {"-", "+"} else i
    raw = _at(tokens, j)
    word = raw[:-2] if raw.endswith("'s") else raw
    letter = word in {"m", "y", "w"}
    if letter and _at(tokens, j + 1) in {".", "/"} and _at(tokens, j + 2) in {"o", "old"}:
        stop = j + 4 if _at(tokens, j + 3) == "." else j + 3
        return _Unit(_UNITS[word], stop, True)
    name = _UNITS.get(word)
    if name is None:
        return None
    stop = j + 2 if _at(tokens, j + 1) == "'" else j + 1
    return _Unit(name, stop, word in _OLD_UNITS or word.endswith("old"))


def _unit_fits(tokens: Sequence[_Token], value: float, unit: _Unit) -> bool:
    """Say no to metres: a lone "m" counts as months only where months are likely."""
    if _at(tokens, unit.stop - 1) == "m" and not unit.old:
        return value <= 36 and _at(tokens, unit.stop) not in _METRE_WORDS
    return value < 1000


def _span(tokens: Sequence[_Token], i: int) -> _Span | None:
    """Read a length of time at token `i`: "7m2w", "a year and a half", "4-5 months"."""
    if _at(tokens, i) in {"a", "an", "one"} or _at(tokens, i) in _UNITS:
        article = _article_span(tokens, i)
        if article is not None:
            return article
    if _at(tokens, i) == "half":
        return _half_year(tokens, i)
    number = _number(tokens, i)
    if number is None:
        return None
    unit = _unit(tokens, number.stop)
    if unit is not None and _unit_fits(tokens, number.value, unit):
        return _compound(tokens, i, number.value, number.value, unit)
    return _range(tokens, i, number)


def _article_span(tokens: Sequence[_Token], i: int) -> _Span | None:
    """Read "a month (and a half)", "week old": one unit told without a number."""
    article = _at(tokens, i) in {"a", "an"}
    unit = _unit(tokens, i + 1 if article else i)
    if unit is None or len(_at(tokens, unit.stop - 1)) < 3:
        return None
    span = _compound(tokens, i, 1.0, 1.0, unit)
    return span if article or (span.old and _at(tokens, i) in {"week", "month", "day"}) else None


def _half_year(tokens: Sequence[_Token], i: int) -> _Span | None:
    j = i + 2 if _at(tokens, i + 1) in {"a", "an"} else i + 1
    unit = _unit(tokens, j)
    if unit is None or unit.name not in {"year", "month"}:
        return None
    return _compound(tokens, i, 0.5, 0.5, unit)


def _range(tokens: Sequence[_Token], i: int, low: _Number) -> _Span | None:
    """Read "4-5 months", "4 or 5 months", and "2 and 8 months" (years and months)."""
    joint = _at(tokens, low.stop)
    if joint not in {"-", "to", "or", "/", "and", "&", "till"}:
        return None
    high = _number(tokens, low.stop + 1)
    unit = _unit(tokens, high.stop) if high else None
    if high is None or unit is None or not _unit_fits(tokens, high.value, unit):
        return None
    if joint in {"and", "&"} and _at(tokens, i - 1) != "between":
        if _of_children(tokens, i):
            return _two_of_a_unit(i, low, unit)
        if unit.name != "month" or not 1 <= low.value <= 3 or high.value >= 12:
            return None
        total = low.value * 12 + high.value
        return _compound(tokens, i, total, total, unit)
    if low.value >= high.value:
        return None
    return _compound(tokens, i, low.value, high.value, unit)


def _compound(tokens: Sequence[_Token], i: int, low: float, high: float, unit: _Unit) -> _Span:
    """Finish a span: add "and a half", smaller units ("2y3m"), and "old"."""
    days, stop, old = low * _DAYS[unit.name], unit.stop, unit.old
    half = _half(tokens, stop)
    if half:
        days, stop = days + _DAYS[unit.name] / 2, half
    name = unit.name
    while name in _ORDER:
        j = stop + 1 if _at(tokens, stop) in {"and", "&", "n", "+", "-"} else stop
        more = _number(tokens, j)
        part = _unit(tokens, more.stop) if more else None
        if more is None or part is None or part.name not in _ORDER:
            break
        if _ORDER.index(part.name) <= _ORDER.index(name) or more.value > 31:
            break
        if _is_second_child(tokens, i, (name, days), more.value, part, old=old):
            break
        days, stop, name = days + more.value * _DAYS[part.name], part.stop, part.name
        old = old or part.old
    j = stop + 1 if _at(tokens, stop) == "-" else stop
    if _at(tokens, j) in _OLD_WORDS:
        stop, old = j + 1, True
    elif (_at(tokens, stop), _at(tokens, stop + 1)) == ("of", "age"):
        stop, old = stop + 2, True
    extra = (high - low) * _DAYS[unit.name]
    return _Span(i, stop, days / DAYS_PER_MONTH, (days + extra) / DAYS_PER_MONTH, unit.name, old)


_CHILDREN = _words(
    "kids children babies boys girls sons daughters siblings brothers sisters ones two both kiddos"
)
"""Who may have more than one age: "my kids are 3 years and 9 weeks"."""

_MOST = {("month", "week"): 4, ("year", "month"): 11, ("year", "week"): 52}
"""So many of the smaller unit are told beside the larger one, of one child."""

_YEARS_WITHOUT_WEEKS = 2 * 365
"""From this age in days nobody counts a child's weeks: "3 years and 9 weeks" are two children."""


def _of_children(tokens: Sequence[_Token], i: int) -> bool:
    return any(_at(tokens, k) in _CHILDREN for k in range(i - 4, i))


def _is_second_child(
    tokens: Sequence[_Token],
    i: int,
    first: tuple[str, float],
    value: float,
    unit: _Unit,
    *,
    old: bool,
) -> bool:
    """Tell whether an age beside the one at `i`, in a smaller unit, is another child's.

    "10 months and 7 weeks", "my kids are 3 years and 9 weeks", "3yo and 9wo".
    """
    name, days = first
    most = _MOST.get((name, unit.name), 31)
    if unit.name == "week" and days >= _YEARS_WITHOUT_WEEKS:
        most = 4
    return value > most or (old and unit.old) or _of_children(tokens, i)


def _two_of_a_unit(i: int, low: _Number, unit: _Unit) -> _Span:
    """Read the first of "two kids, 2 and 4 months": months, the younger reading."""
    months = low.value * _DAYS[unit.name] / DAYS_PER_MONTH
    return _Span(i, low.stop, months, months, unit.name, False)


# --- the words around a number ----------------------------------------------------------------

_NEARLY = frozenset({"nearly", "almost", "nearing", "approaching", "practically", "virtually",
                     "nearli", "allmost", "nrly"})  # fmt: skip
_HEDGES = _NEARLY | _words(
    "about roughly approx approximately just only maybe like exactly abt bout currently already "
    "still circa ~ - : only around say prob probably"
)
_NEARLY_PHRASES = (
    ("coming", "up", "to"), ("coming", "up", "on"), ("coming", "up"), ("coming", "on"),
    ("just", "under"), ("not", "quite"), ("not", "yet"),
    ("not", "even"), ("going", "on"), ("close", "to"),
    ("a", "bit", "under"), ("bit", "under"), ("getting", "on", "for"), ("slightly", "under"),
)  # fmt: skip
_OVER_PHRASES = (("just", "over"), ("a", "bit", "over"), ("little", "over"), ("well", "over"),
                 ("bit", "over"), ("just", "past"), ("slightly", "over"),
                 ("just", "gone"))  # fmt: skip


class _Context(NamedTuple):
    """The words before and after a number, up to the end of its sentence."""

    lead: tuple[str, ...]
    after: tuple[str, ...]
    hedges: frozenset[str]
    nearly: bool


def _before(tokens: Sequence[_Token], i: int) -> list[str]:
    words: list[str] = []
    for k in range(i - 1, max(-1, i - 1 - _REACH), -1):
        if tokens[k].text in _SENTENCE_END:
            if _at(tokens, k - 1) in _ABBREVIATIONS:
                continue
            break
        words.append(tokens[k].text)
    return words[::-1]


def _after(tokens: Sequence[_Token], j: int) -> tuple[str, ...]:
    words: list[str] = []
    for token in tokens[j : j + _REACH // 2]:
        if token.text in _SENTENCE_END:
            break
        words.append(token.text)
    return tuple(words)


def _context(tokens: Sequence[_Token], first: int, stop: int) -> _Context:
    lead = _before(tokens, first)
    hedges: set[str] = set()
    nearly = False
    while lead:
        phrase = _ends_with(lead, _NEARLY_PHRASES)
        over = () if phrase else _ends_with(lead, _OVER_PHRASES)
        if phrase or over:
            nearly = nearly or bool(phrase)
            del lead[-len(phrase or over) :]
        elif lead[-1] in _HEDGES:
            nearly = nearly or lead[-1] in _NEARLY
            hedges.add(lead.pop())
        else:
            break
    return _Context(tuple(lead), _after(tokens, stop), frozenset(hedges), nearly)


def _ends_with(words: Sequence[str], phrases: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return next((p for p in phrases if tuple(words[-len(p) :]) == p), ())


def _clause(words: Sequence[str]) -> str:
    """Return the words after the last comma, colon or bracket, as one string."""
    cut = max((k for k, word in enumerate(words) if word in _CLAUSE_END), default=-1)
    return " ".join(words[cut + 1 :])


# --- ages: what a length of time is about -----------------------------------------------------

_BABY = _words(
    "baby baby's babies babe bub bubs bubba lo lo's son son's daughter boy girl newborn infant "
    "twin twins toddler dd ds dd's ds's child kid kiddo bebe bebé bb munchkin tot grandson "
    "granddaughter premie preemie little one bambino niño niña"
)
_COPULA = _words(
    "is are he's she's hes shes they're theyre theyr baby's lo's aged age turned hit reached hits "
    "be now at's becoming lil'un completed"
)
_OTHERS = (
    r"(?:(?:friend|sister|brother|cousin|neighbour|neighbor|mate|colleague)'?s "
    r"(?:baby|babies|son|daughter|kid|lo|little one|boy|girl|toddler|newborn)"
    r"|(?:older|elder|other|bigger|second|previous) "
    r"(?:one|girl|boy|son|daughter|child|kid|lad|dd|ds|baby|little|two|twin|toddler)s?"
    r"|eldest|oldest|brother(?:'?s)?|sister(?:'?s)?|siblings?|bro|sis|stepson|stepdaughter"
    r"|nephew(?:'?s)?|niece(?:'?s)?|cousin(?:'?s)?|friend(?:'?s)?(?: baby)?|neighbou?r(?:'?s)?"
    r"|colleague(?:'?s)?|mate's|next door's"
    r"|my (?:first|last|middle|other)(?: one| born)?(?= (?:is|was|had|has)\b)|firstborn"
    r"|grandchild(?:ren)?)"
)
OTHERS_RE = re.compile(rf"\b{_OTHERS}\b")
"""Another child than the baby: "his sister", "my other one", "my friend's baby"."""

_OTHERS_HERE_RE = re.compile(rf"\b{_OTHERS} (?:[,(] ?)(?:(?:who|she|he)(?:'?s| is)?)?$")
_ADULTS_RE = re.compile(
    r"\b(?:i'm|i am|im|i was|husband|wife|hubby|hubs|partner|dh|dad|daddy|mum|mom|mummy|mommy|"
    r"mother|father|granny|grandma|grandmother|nan|nanny|mil|fil|myself|boyfriend|fiancé|oh)\b"
)
_PETS_RE = re.compile(
    r"\b(?:dogs?|cats?|pupp(?:y|ies)|kittens?|hamsters?|rabbits?|horses?|pets?)\b"
)
_SUBJECT_RE = re.compile(
    r"\b(?:my (?:baby|babe|bub|lo|little|son|daughter|boy|girl|newborn|infant|youngest|toddler)"
    r"|lo|bubs?|bubba|(?:the|our) baby|baby|youngest|hes|shes|(?:he|she|they)(?:'s|'re)?|"
    r"(?:his|her|their) (?:temp|temperature|fever)\w*|dd|ds|twins)\b"
)
_NOT_BABY_NOUNS = _words(
    "sister brother sibling nephew niece cousin friend husband wife neighbour neighbor mum mom dad "
    "stepson stepdaughter uncle aunt"
)
_THINGS = _words(
    "milk formula breastmilk stock puree leftovers leftover kefir yoghurt yogurt food car mattress "
    "dog cat puppy kitten rabbit hamster bottle carpet house cream jar starter batch tin"
)
_PLANS = _words(
    "jab jabs vaccine vaccines vaccination vaccinations shot shots injection injections check "
    "checkup checkups review regression leap milestone milestones appointment appt appts plan "
    "immunisation immunisations immunization immunizations boosters booster spurt supply "
    "subscription warranty guarantee trial size sizes sized babygro babygros babygrow clothes vest "
    "vests sleepsuit sleepsuits onesie onesies nappies leggings pyjamas pjs waiting waitlist mark "
    "course programme program window rule protocol bodysuit clothing outfit checks weigh "
    "bottles teats teat bodysuits old-style wait stage developmental wellness visit"
)
_PLAN_ADJECTIVES = _words(
    "sleep growth health dev development developmental well baby booster routine baby's nurse "
    "vaccine gp doctor waiting weaning hv ped free elimination feeding check up"
)
_PREMATURE = _words(
    "early prem premmie preemie premature prematurely gestation gestational gest premie preterm "
    "weeker weekers prem's gestationally premi"
)
_BIRTH = _words("born delivered arrived induced came birth section csection")
_DURATION_LEADS = _words(
    "for since every within another in next per each further took takes take lasted lasts wait "
    "waited these those been after spent last first over-the over the-last again past lasting"
    " of next all waiting waiting-for"
)
_DURATION_AFTER = _words(
    "ago back later earlier after before since straight apart into worth running without pregnant "
    "previously prior non nonstop off solid gap break holiday"
)
_BOUND_LEADS = _words("until till til before by from under over below above than to up")
_FUTURE_RE = re.compile(
    r"\b(?:when|once|after|until|till|til|before|by the time|as soon as|whenever|from when|if)"
    r"(?: [\w']+){0,3}? (?:he's|she's|hes|shes|they're|theyre|\w+'s|is|are|turns?|reach|reaches|"
    r"hits?|gets? to|becomes?|will be|has turned|have turned|has reached)$"
    r"|\b(?:when|once)(?: [\w']+){0,2}$|\b(?:when|once)$"
)
_PAST_RE = re.compile(
    r"\b(?:when|since|until|till|til|while|before|after|from when|because)(?: [\w']+){0,4} "
    r"(?:was|were|wasn't|turned|hit|reached)$"
)
_WILL_BE_RE = re.compile(r"(?:\bwill be|'ll be|\b(?:he|she|they)ll be|\b(?:gonna|going to) be)$")
_A_WEEK, _TWO_WEEKS = 7 / DAYS_PER_MONTH, 14 / DAYS_PER_MONTH
_READING_RE = re.compile(r"3[5-9][.,]\d{1,2}|4[0-2][.,]\d|9[5-9][.,]\d|10[0-7](?:[.,]\d)?")
_ARRIVED = frozenset({"turned", "hit", "reached"})
_TURNS = frozenset({"turns", "turning", "hits", "reaches", "turn"})
_PAST_VERBS = _words(
    "had was were got went started did came began weaned stopped introduced diagnosed developed "
    "caught gave tried moved switched broke flared appeared put said told used choked reacted "
    "said's saw took needed spent"
)
_HEALTH = _words(
    "eczema rash cough coughing cold diarrhoea diarrhea vomiting vomit sick itching itchy crying "
    "constipation constipated hives screaming runny bum poorly ill flare flaring flared reflux "
    "colic snotty symptoms teething breastfed exclusively"
)
_FEVER_WORDS = _words("fever temp temperature feverish pyrexia")
_AMOUNT_RE = re.compile(r"\b(?:how (?:many|much)|best|which|what|good|safe|suitable|ok|okay)\b")
_GIVING_RE = re.compile(
    r"\b(?:been|take|taking|give|giving|use|using|do|continue|keep|on|off|had)\b"
)
_AGES_ASKED = (("what", "about"), ("how", "about"))
_SOON = _words(
    "tomorrow tmrw soon this next friday monday tuesday wednesday "
                  "thursday saturday sunday fri mon tue wed thu sat sun"
)  # fmt: skip


class _Reading(NamedTuple):
    """A classified span: its kind, its value, and how strongly the words say so (0 to 2)."""

    kind: AgeKind
    months: float
    strength: int


def _shaved(months: float) -> float:
    """Return what "nearly `months`" means: a little less, at most 0.2 months."""
    return months - min(0.2, months / 30)


def _adult(months: float) -> bool:
    return months >= _ADULT_MONTHS


def _owner(tokens: Sequence[_Token], span: _Span, context: _Context) -> AgeKind | None:
    """Return `other_child` or `other` when the span is somebody else's age."""
    lead, after = context.lead, context.after
    if _adult(span.months):
        return "other"
    if after and (after[0] in _NOT_BABY_NOUNS or (after[:2] and after[0] in {"big", "older"})):
        return "other_child"
    if span.old and after and after[0] in _THINGS:
        return "other"
    if _OTHERS_HERE_RE.search(" ".join(lead)):
        return "other_child"
    if lead and lead[-1] in {"my", "our", "this"}:
        return None
    clause = _clause(lead)
    if _unrelated(OTHERS_RE, clause):
        return "other_child"
    if _unrelated(_PETS_RE, clause):
        return "other"
    if lead and lead[-1] in {"i'm", "im", "am"} and not _postpartum(after):
        return "other"
    return None


def _unrelated(who: re.Pattern[str], clause: str) -> bool:
    """Say whether the last person that `clause` names is one of `who`, not the baby."""
    last = _last(who, clause)
    return last is not None and not _SUBJECT_RE.search(clause, last.end())


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(reversed(list(pattern.finditer(text)))), None)


def _postpartum(after: Sequence[str]) -> bool:
    return bool(after) and after[0] in {"pp", "postpartum", "post"}


def _gestation(tokens: Sequence[_Token], span: _Span, context: _Context) -> _Reading | None:
    """Read a length of pregnancy: "28 weeker", "born at 34 weeks", "7 weeks early"."""
    after, lead = context.after, context.lead
    weeks = span.months * DAYS_PER_MONTH / 7
    early = next((k for k, w in enumerate(after[:3]) if w in {"early", "prem", "premature",
                  "prematurely", "preterm"}), -1)  # fmt: skip
    if "pregnant" in after[:2] or "preg" in after[:2]:
        return _Reading("other", span.months, 2)
    between = after[: max(0, early)]
    if early >= 0 and weeks <= 18 and not span.old and _IN_BETWEEN.issuperset(between):
        term = FULL_TERM_WEEKS * 7 / DAYS_PER_MONTH
        return _Reading("gestation", term - span.months, 2)
    if _early_by(lead, after) and weeks <= 18 and not span.old:
        return _Reading("gestation", FULL_TERM_WEEKS * 7 / DAYS_PER_MONTH - span.months, 2)
    if not 21 <= weeks <= 43 or span.unit != "week":
        return None
    at_birth = any(word in _BIRTH | _PREMATURE for word in lead[-3:])
    told_after = (
        _at(tokens, span.stop - 1) in {"weeker", "weekers"}
        or any(w in _PREMATURE for w in after[:3])
        or _came_then(after)
    )
    if told_after or (at_birth and not span.old):
        return _Reading("gestation", span.months, 2)
    return None


_IN_BETWEEN = _words("born very so a bit and days day plus or")
"""What may stand between "7 weeks" and "early", beside numbers: "teething" doesn't."""


_EARLY_BY_RE = re.compile(
    r"\b(?:prem\w*|preemie|early|preterm|ex-?prem|too soon)(?: baby)?(?: by| -| :| ,)?(?: a)?$"
)
_BEFORE_TERM_RE = re.compile(
    r"^(?:too soon|(?:before|ahead of) (?:(?:his|her|their|the|my|our) )?(?:due|edd\b|term\b))"
)


def _early_by(lead: Sequence[str], after: Sequence[str]) -> bool:
    """Read "prem by 5 weeks", "came 5 weeks before her due date", "5 weeks too soon"."""
    alone = len(lead) == 1 and lead[0] != "early"
    born = bool({"was", "born", "came", "arrived"} & set(lead[-3:-1]))
    by = alone or born or bool({"by", "-", ":"} & set(lead[-2:]))
    told_before = by and "ago" not in after[:1] and _EARLY_BY_RE.search(" ".join(lead)) is not None
    return told_before or _BEFORE_TERM_RE.search(" ".join(after)) is not None


def _came_then(after: Sequence[str]) -> bool:
    text = " ".join(after[:6])
    return bool(re.match(r"(?:is|was) when .{0,20}\b(?:came|born|arrived|delivered)", text))


_CORRECTED = _words("corrected adjusted correct")
_BEFORE_CORRECTED = _CORRECTED | _words("age is of : to at be = he's she's hes shes it's its")
_LINKS = _words("age is of to at : = be he's she's it's only about - just")


def _corrected(tokens: Sequence[_Token], span: _Span, context: _Context) -> bool:
    near, after = context.lead[-3:], context.after
    if near and _CORRECTED & set(near) and near[-1] in _BEFORE_CORRECTED:
        return True
    mark = next((k for k, word in enumerate(after[:2]) if word in _CORRECTED), None)
    return mark is not None and not _of_the_next(tokens, span, mark)


def _of_the_next(tokens: Sequence[_Token], span: _Span, mark: int) -> bool:
    """Tell whether "corrected" goes with what follows it: "4 months, corrected 2 months"."""
    j = span.stop + mark + 1
    while _at(tokens, j) in _LINKS:
        j += 1
    number = _number(tokens, j)
    unit = _unit(tokens, number.stop) if number else None
    if number is None or (number.decimal and unit is None):
        return False
    own = _DAYS[unit.name if unit else span.unit] / DAYS_PER_MONTH
    ends = unit is not None or _at(tokens, number.stop) in _CLAUSE_END | _SENTENCE_END | {""}
    apart = mark == 1 or j > span.stop + mark + 1
    return (apart or unit is not None) and ends and number.value * own < span.months


def _label(span: _Span, context: _Context) -> bool:
    """Say whether the span names a size, a plan, a milestone, or is denied."""
    lead, after = context.lead, context.after
    if not span.old and after and after[0] in _PLANS:
        return not (after[0] in _JABS and _JUST_NOW & set(after[1:3]))
    if not span.old and len(after) > 1 and after[0] in _PLAN_ADJECTIVES and after[1] in _PLANS:
        return True
    if {"size", "sizes", "wears", "wearing", "sized"} & set(lead[-4:]):
        return True
    if after[:2] and after[0] in {"a", "per"} and _UNITS.get(after[1] if after[1:] else ""):
        return True
    return bool(lead) and lead[-1] in {"not", "isn't", "isnt", "never"} and "yet" not in after[:2]


_JABS = _words("jab jabs vaccines vaccinations shots injections immunisations immunizations")
_JUST_NOW = _words("today this yesterday just now")
"""What tells that "8 week jabs" have been given, so that it is the age."""


def _range_is_age(span: _Span, context: _Context) -> bool:
    lead = context.lead
    return span.old or not lead or lead[-1] in _COPULA or lead[-1] in _BABY


def _ahead(span: _Span, context: _Context) -> _Reading | None:
    """Read ages that are still to come: asked about, or only days away."""
    lead, after = context.lead, context.after
    clause = _clause(lead)
    if after and after[0] in _COUNTED_DOWN:
        return _Reading("duration", span.months, 2)
    if _WILL_BE_RE.search(clause) or (lead and lead[-1] in _TURNS):
        if _soon(after) and not re.search(r"\b(?:when|once|until|till|after)\b", clause):
            return _Reading("now", _shaved(span.months), 1)
        return _Reading("future", span.months, 2)
    if _PAST_RE.search(clause):
        return _Reading("past", span.months, 2)
    if _FUTURE_RE.search(clause) and not re.search(r"\bif\b", clause):
        return _Reading("future", span.months, 2)
    if _ends_with(lead, _AGES_ASKED) or (
        lead[-3:-1] in _AGES_ASKED and lead[-1] in {"a", "an", "at"}
    ):
        return _Reading("future", span.months, 2)
    if clause == "is" and len(lead) == 1 and not span.old:
        return _Reading("future", span.months, 1)
    return None


def _has_come(lead: Sequence[str]) -> bool:
    """Tell "turned 2 months on the first" from "turns 2 months on the first"."""
    return bool(lead) and lead[-1] in _ARRIVED


def _soon(after: Sequence[str]) -> bool:
    if not after:
        return False
    ahead = after[0] == "in" and after[1:2] and after[1] in {"a", "one", "two", "few", "couple"}
    days = after[0] == "in" and len(after) > 2 and _UNITS.get(after[2]) in {"day", "week"}
    return bool(after[0] in _SOON or (after[:2] and after[0] == "on") or ahead or days)


def _bounded(span: _Span, context: _Context) -> _Reading | None:
    """Read limits: "from 6 months", "under 12 months"; "she's under 3 months" is her age."""
    lead = context.lead
    if not lead or lead[-1] not in _BOUND_LEADS or span.unit not in _ORDER:
        return None
    said_of_baby = len(lead) > 1 and (lead[-2] in _COPULA or lead[-2] in _BABY - {"babies"})
    if said_of_baby and lead[-1] in {"under", "below"}:
        return _Reading("now", _shaved(span.months), 1)
    if (said_of_baby or span.old) and lead[-1] in {"over", "above"}:
        return _Reading("now", span.months, 1)
    if lead[-1] == "over" and lead[-2:-1] == ("for",):
        return _Reading("duration", span.months, 1)
    words = set(lead) | set(context.after[:4])
    if lead[-1] in {"from", "until", "till", "til", "by"} and _PAST_VERBS & words:
        return _Reading("past", span.months, 1)
    return _Reading("future", span.months, 1)


def _at_age(span: _Span, context: _Context) -> _Reading | None:
    """Read "at 5 months": told of the past with a past verb, else of now (weakly)."""
    lead, after = context.lead, context.after
    at_lead = lead[:-2] if lead[-2:] in {("age", "of"), ("aged", "of")} else lead
    at_lead = at_lead[:-1] if at_lead[-1:] == ("the",) else at_lead
    if at_lead[-1:] not in {("at",), ("@",)} and "around" not in context.hedges:
        return None
    words = set(at_lead[-6:]) | set(after[:5])
    if _PAST_VERBS & words:
        return _Reading("past", span.months, 2)
    if at_lead[-1:] in {("at",), ("@",)}:
        return _Reading("now", span.months, 0)
    return None


def _lasting(span: _Span, context: _Context) -> _Reading | None:
    """Read lengths of time: "for 3 weeks", "2 weeks ago", "3 days of vomiting"."""
    lead, after = context.lead, context.after
    duration = _Reading("duration", span.months, 2)
    if _has_come(lead):
        return None
    if after and after[0] in {"ago", "back"}:
        born = any(word in {"born", "birth", "arrived"} for word in lead[-5:])
        return _Reading("now", span.months, 2) if born else duration
    if after and (after[0] in _DURATION_AFTER or after[:2] in {("on", "end"), ("on", "the"),
                  ("in", "total"), ("so", "far"), ("to", "go")}):  # fmt: skip
        return duration
    if after[:3] == ("in", "a", "row"):
        return duration
    if after[:1] == ("of",) and not span.old:
        return duration
    if span.old and lead[-1:] == ("since",):
        return _Reading("past", span.months, 2)
    if not lead or lead[-1] not in _DURATION_LEADS or span.old:
        return None
    if after and after[0] in _BABY:
        return None
    if lead[-1] == "of":
        of_baby = len(lead) > 1 and (lead[-2] in _BABY or lead[-2] == "age")
        return None if of_baby else duration
    if lead[-1] == "for" and span.unit == "month" and span.months >= 2:
        clause = _clause(lead)
        if _AMOUNT_RE.search(clause) and not _GIVING_RE.search(clause):
            return _Reading("now", span.months, 1)
    return duration


def _present(tokens: Sequence[_Token], span: _Span, context: _Context) -> _Reading:
    """Read the rest: the baby's age now, or how long something has lasted."""
    lead, after = context.lead, context.after
    last = lead[-1] if lead else ""
    if last in {"was", "were"}:
        if "when" in after or "then" in after[:3] or "at" in after[:1]:
            return _Reading("past", span.months, 2)
        return _Reading("now", span.months, 0)
    strong = (
        span.old
        or last in _COPULA
        or last in _BABY
        or (last in {"my", "our", "a", "an"} and after[:1] != () and after[0] in _BABY)
        or (after[:1] != () and after[0] in _BABY | {"actual", "now", "chronological", "today"})
        or "now" in lead[-1:]
        or _postpartum(after)
    )
    if strong and not (span.unit in {"day", "night"} and after[:1] == ("now",) and not lead):
        return _Reading("now", span.months, 2)
    if _has_age(lead, context.after):
        return _Reading("now", span.months, 1)
    one = abs(span.months * DAYS_PER_MONTH - _DAYS[span.unit]) < 0.01
    a_week = one and _at(tokens, span.first) in {"a", "an"}
    whole = len(tokens) == span.stop - span.first
    if whole and span.unit == "day" and span.months >= _A_WEEK:  # "17 days": an answer
        return _Reading("now", span.months, 1)
    if span.unit == "day" and span.months >= _TWO_WEEKS and _by_a_reading(tokens, lead, after):
        return _Reading("now", span.months, 1)  # "38.4. 79 days."
    if a_week or span.unit in {"day", "night", "hour", "min"}:
        return _Reading("duration", span.months, 1)
    after_reading = last[:1].isdecimal()  # "temp 101 5wks"
    if last in _HEALTH or (set(lead[-2:]) & _FEVER_WORDS and not after_reading):
        long_fever = span.months >= 0.4 and last in _FEVER_WORDS
        if span.unit == "week" and not long_fever:
            return _Reading("duration", span.months, 1)
        return _Reading("now", span.months, 0)
    return _Reading("now", span.months, 1)


def _by_a_reading(tokens: Sequence[_Token], lead: Sequence[str], after: Sequence[str]) -> bool:
    """Tell whether days stand alone in their clause, in a text with a thermometer's reading."""
    alone = (not lead or lead[-1] in _CLAUSE_END) and (not after or after[0] in _CLAUSE_END)
    return alone and any(_READING_RE.fullmatch(token.text) for token in tokens)


def _has_age(lead: Sequence[str], after: Sequence[str]) -> bool:
    """Read "my baby has 82 days" and "is of 2 month": how many languages tell an age."""
    tells = lead[-1:] in {("has",), ("have",), ("having",), ("tiene",)} or lead[-2:] == ("is", "of")
    of_baby = lead[-1:] == ("tiene",) or bool(set(lead[-4:-1]) & _BABY)
    ends = not after or after[0] in _CLAUSE_END or after[0] in {"and", "y", "old", "now"}
    return tells and of_baby and ends


def _read_span(tokens: Sequence[_Token], span: _Span) -> _Reading:
    context = _context(tokens, span.first, span.stop)
    if _corrected(tokens, span, context):
        return _Reading("corrected", span.months, 2)
    gestation = _gestation(tokens, span, context)
    if gestation:
        return gestation
    owner = _owner(tokens, span, context)
    if owner:
        return _Reading(owner, span.months, 2)
    if span.unit in {"hour", "min", "night"} and not span.old:
        return _lasting(span, context) or _Reading("duration", span.months, 2)
    if _label(span, context):
        return _Reading("other", span.months, 2)
    if span.high > span.months and not _range_is_age(span, context):
        kind: AgeKind = "duration" if span.unit in {"day"} else "other"
        return _Reading(kind, span.months, 1)
    reading = (
        _ahead(span, context)
        or _bounded(span, context)
        or _at_age(span, context)
        or _lasting(span, context)
        or _present(tokens, span, context)
    )
    not_yet = context.lead[-1:] in {("not",), ("isn't",), ("isnt",)}  # "isn't 6 months yet"
    to_come = _soon(context.after) and not _has_come(context.lead)
    near = context.nearly or not_yet or (to_come and reading.strength > 0 and span.unit != "day")
    if reading.kind == "now" and near and reading.months == span.months:
        return reading._replace(months=_shaved(span.months))
    return reading


# --- ages: numbers without a unit, dates of birth, newborns --------------------------------------

_MEASURES = _words(
    "ml mls g gs gram grams kg kgs kilo kilos oz ounce ounces lb lbs pound pounds stone cm mm km % "
    "percent times x am pm o'clock degrees degree c f ° iu mcg mg l litre litres drops drop spoons "
    "tsp tbsp teaspoons feeds bottles nappies wet dirty people kids children in th st nd rd / : "
    "inches scoops poos jabs teeth other more £ $ € + ppm cfu billion million strains"
)
_MONEY = frozenset("£$€#")
_AFTER_BARE_YEARS = _words(
    ", now and so but with in next last on tomorrow today yesterday this ok ) he she can is a - "
    "already"
)
_IS_AGE = _words("is he's she's hes shes turned turning turns")


def _bare(tokens: Sequence[_Token], i: int, number: _Number) -> AgeMention | None:
    """Read a number without a unit: "5 corrected", "he's 2", "my other one is 3"."""
    start, end = tokens[i].start, tokens[number.stop - 1].end
    context = _context(tokens, i, number.stop)
    after, lead, value = context.after, context.lead, number.value
    if (lead and lead[-1] in _MONEY) or (after and after[0] in _MEASURES and after[0] != "in"):
        return None
    if after and after[0] in {"corrected", "adjusted"} and value <= 36:
        return AgeMention(_as_before(tokens, i, value), "corrected", start, end)
    if _CORRECTED & set(lead[-2:]) and lead[-1] in _BEFORE_CORRECTED and not number.decimal:
        return AgeMention(_as_before(tokens, i, value), "corrected", start, end)
    if not lead or value > 16 or "hundred" in after[:1]:
        return None
    clause = _clause(lead)
    copula = lead[-1] in _IS_AGE and value >= 1
    if _OTHERS_HERE_RE.search(" ".join(lead)) or (copula and _unrelated(OTHERS_RE, clause)):
        return AgeMention(value * 12, "other_child", start, end)
    if not copula or value > 3.5:
        return None
    return _bare_years(context, value, start, end)


def _as_before(tokens: Sequence[_Token], i: int, value: float) -> float:
    """Return the months of a bare number in the unit told before it: "14 weeks, corrected 9"."""
    before = [_at(tokens, k) for k in range(max(0, i - _REACH), i)]
    unit = next((_UNITS[word] for word in reversed(before) if word in _UNITS), "month")
    weeks = unit == "week" and not (_BIRTH | _PREMATURE) & set(before)
    return value * 7 / DAYS_PER_MONTH if weeks else value


def _bare_years(context: _Context, years: float, start: int, end: int) -> AgeMention | None:
    clause, after = _clause(context.lead), context.after
    about_child = re.search(
        r"(?:he's|she's|hes|shes|turned|turning|turns)$|\b(?:he|she|son|daughter|baby|lo|boy|girl|"
        r"toddler|child|kid|dd|ds|one|twin|bub) is$|^is (?:he|she)$",
        clause,
    )
    if not about_child or (after and after[0] not in _AFTER_BARE_YEARS):
        return None
    months = years * 12
    if _PAST_RE.search(clause):
        return AgeMention(months, "past", start, end)
    if _FUTURE_RE.search(clause) and "if" not in clause.split():
        return AgeMention(months, "future", start, end)
    if context.lead[-1] in {"turns", "turning"}:
        if not _soon(after) and context.lead[-1] == "turns":
            return AgeMention(months, "future", start, end)
        return AgeMention(_shaved(months), "now", start, end)
    near = context.nearly or _soon(after)
    return AgeMention(_shaved(months) if near else months, "now", start, end)


_MONTH_NAMES = _listed(
    "january february march april may june july august september october november december"
)
_MONTHS = {name: k for k, name in enumerate(_MONTH_NAMES, start=1)} | {
    name[:3]: k for k, name in enumerate(_MONTH_NAMES, start=1)
} | {"sept": 9}  # fmt: skip
_WEEKDAYS = {
    day[:n]: k
    for k, day in enumerate(_listed("monday tuesday wednesday thursday friday saturday sunday"))
    for n in (3, 4, 5, 6, 7, 8, 9)
}
_MONTH_ALT = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_ALT = (
    "mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|"
    "fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_DATE = (
    r"(?:(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    r"|(?P<slash>\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?)\b(?! ?(?:weeks?|wks?|months?))"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH_ALT})\b"
    r"(?:,? ?(?P<year>\d{4}))?"
    rf"|(?P<month2>{_MONTH_ALT})\b(?: (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?"
    r"(?:,? ?(?P<year2>\d{4}))?"
    r"|the (?P<ordinal>\d{1,2}(?:st|nd|rd|th)|[a-z]+) of (?P<whose>this|last) month"
    rf"|(?:last |on |this )(?P<weekday>{_DAY_ALT})\b"
    r"|(?P<word>yesterday|today|this morning|last night|last week|last month))"
)
_BORN_RE = re.compile(
    r"\b(?:born|birthday(?: is| was|:)?|dob|d\.o\.b\.?|birth ?date|date of birth|gave birth)\b"
    r"[ :]*(?:is |was |were )?(?:(?:on|in|the|early|mid|late|end of|at \d\d weeks?) ){0,3}" + _DATE
)
_TODAY_RE = re.compile(rf"\btoday(?: is|'s)?(?: the)? {_DATE}")
_WORD_DAYS = {"yesterday": 1, "today": 0, "this morning": 0, "last night": 1, "last week": 7}


def _date_of(match: re.Match[str], today: date) -> date | None:
    """Return the day that a matched date names: the latest one that isn't after `today`."""
    part = match.groupdict()
    if part["word"]:
        if part["word"] == "last month":
            return today.replace(day=1) - timedelta(days=1)
        return today - timedelta(days=_WORD_DAYS[part["word"]])
    if part["weekday"]:
        return _last_weekday(part["weekday"], today)
    if part["ordinal"]:
        return _monthly(part["ordinal"], part["whose"], today)
    if part["iso"]:
        year, month, day = (int(n) for n in part["iso"].split("-"))
        return _day(year, month, day)
    if part["slash"]:
        return _slashed(part["slash"], today)
    month_name = part["month"] or part["month2"]
    year_text, day_text = part["year"] or part["year2"], part["day"] or part["day2"]
    return _latest(_MONTHS[month_name], day_text, year_text, today)


_ORDINALS = {
    word: number
    for number, word in enumerate(
        _listed("first second third fourth fifth sixth seventh eighth ninth tenth eleventh "
                "twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth "
                "nineteenth twentieth"), start=1
    )
}  # fmt: skip


def _monthly(ordinal: str, whose: str, today: date) -> date | None:
    """Read "the fifth of this month"."""
    number = _ORDINALS.get(ordinal) or int(re.sub(r"\D", "", ordinal) or 0)
    month = today if whose == "this" else today.replace(day=1) - timedelta(days=1)
    return _day(month.year, month.month, number)


def _last_weekday(name: str, today: date) -> date:
    back = (today.weekday() - _WEEKDAYS[name[:3]]) % 7
    return today - timedelta(days=back or 7)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _slashed(text: str, today: date) -> date | None:
    """Read 12/3/2026 day first or month first: the younger reading, for safety."""
    numbers = [int(n) for n in re.split(r"[/.-]", text)]
    first, second = numbers[:2]
    if len(numbers) == 3:
        years = [numbers[2] + 2000 if numbers[2] < 100 else numbers[2]]
    else:
        years = [today.year, today.year - 1]
    days = [_day(y, m, d) for y in years for d, m in ((first, second), (second, first))]
    return max((d for d in days if d and d <= today), default=None)


def _latest(month: int, day: str | None, year: str | None, today: date) -> date | None:
    """Return the latest such day up to `today`; a month alone counts from its end (younger)."""
    years = [int(year)] if year else [today.year, today.year - 1]
    for candidate in years:
        last = monthrange(candidate, month)[1]
        found = _day(candidate, month, int(day) if day else last)
        if not day and (candidate, month) == (today.year, today.month):
            return today
        if found and found <= today:
            return found
    return None


def _births(text: str, today: date) -> Iterator[AgeMention]:
    low = fold(text)
    if "born" not in low and "birth" not in low and "dob" not in low and "d.o.b" not in low:
        return
    told = _TODAY_RE.search(low)
    day = (_date_of(told, today) if told else None) or today
    for match in _BORN_RE.finditer(low):
        born = _date_of(match, day)
        before = low[max(0, match.start() - 60) : match.start()]
        clause = re.split(r"[.!?,;\n]", before)[-1]
        if born is None or (day - born).days > 60 * DAYS_PER_MONTH:
            continue
        months = (day - born).days / DAYS_PER_MONTH
        if re.search(r"\bi was $", clause):
            continue
        kind: AgeKind = "other_child" if _unrelated(OTHERS_RE, clause) else "now"
        yield AgeMention(months, kind, match.start(), match.end())


_NEWBORN_RE = re.compile(
    r"\b(?:new ?born|new-born)(?:'?s)?\b(?! (?:screen|nappies|size|stage|phase|days|blood|check|"
    r"test|photo|hearing|spot|vest|clothes|formula))"
)
_JABS_WORDS = r"(?:jabs?|vaccin\w+|injections|immuni[sz]ations|shots|needles)"
_YOUNG_RE = re.compile(
    r"\b(?:not|hasn't|hasnt|has not|haven't|havent) (?:yet )?(?:had|have|got) "
    rf"(?:his |her |their |the |any )?(?:first|1st) {_JABS_WORDS}\b"
    rf"|\b(?:first|1st) {_JABS_WORDS} (?:(?:are|is|not) )?"
    r"(?:due|next|tomorrow|on|this|booked|yet)\b"
    r"|\bmidwife (?:has )?(?:signed|discharged) (?:us|him|her)(?: off)? "
    r"(?:today|yesterday|this week|last week|(?:on |last )?\w+day)\b"
)
"""What is told only of a baby before the first vaccines (6 to 8 weeks)."""
_NEWBORN_PAST_RE = re.compile(
    r"\b(?:as a|when|was a|were a|since|from a|like a|no longer a)\b[^.,!?]{0,25}$"
)
_BIRTHDAY_RE = re.compile(r"\b(first|1st|second|2nd|third|3rd) (?:birthday|bday|b-day)\b")
_BIRTHDAY_YEARS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3}


def _young(text: str) -> Iterator[AgeMention]:
    low = fold(text)
    for match in _NEWBORN_RE.finditer(low) if "born" in low else ():
        if not _NEWBORN_PAST_RE.search(low[max(0, match.start() - 40) : match.start()]):
            yield AgeMention(_NEWBORN_MONTHS, "now", match.start(), match.end(), certain=False)
    for match in _YOUNG_RE.finditer(low):
        yield AgeMention(_UNVACCINATED_MONTHS, "now", match.start(), match.end(), certain=False)


_NEWBORN_BESIDE_RE = re.compile(
    r"(?:\b(?:and|plus|with|also|have|got|has|other|second)|[&+,]) ?"
    r"(?:(?:a|an|my|our|the|his|her|new|one|is|are) ){0,2}$"
)


def _newborn_beside(text: str) -> list[AgeMention]:
    """Read the second child of "9 month old and a newborn"."""
    low = fold(text)
    return [
        AgeMention(_NEWBORN_MONTHS, "other_child", match.start(), match.end(), certain=False)
        for match in (_NEWBORN_RE.finditer(low) if "born" in low else ())
        if _NEWBORN_BESIDE_RE.search(low[max(0, match.start() - 24) : match.start()])
    ]


def _birthdays(text: str) -> Iterator[AgeMention]:
    low = fold(text)
    for match in _BIRTHDAY_RE.finditer(low) if "day" in low else ():
        months = 12.0 * _BIRTHDAY_YEARS[match.group(1)]
        before = re.split(r"[.!?,;\n]", low[max(0, match.start() - 40) : match.start()])[-1]
        after = low[match.end() : match.end() + 20]
        if re.search(r"\b(?:after|before|until|till|til|from|once|when|by|past|wait)\b", before):
            yield AgeMention(months, "future", match.start(), match.end())
        elif re.search(r"\b(?:just had|celebrated|was)\b", before) or " last week" in after:
            yield AgeMention(months, "now", match.start(), match.end())
        elif re.match(r" (?:is )?(?:tomorrow|next week|on |this|in \w+ (?:days|weeks))", after):
            yield AgeMention(_shaved(months), "now", match.start(), match.end())


def _answered(tokens: Sequence[_Token]) -> AgeMention | None:
    """Read a bare number as the answer to "how old?": months, or years for "one and a half"."""
    words = [t for t in tokens if t.text[0].isalnum()]
    if len(words) > _BARE_ANSWER_WORDS:
        return None
    for i in range(len(tokens)):
        number = _number(tokens, i)
        if number is None or (number.spelled and len(words) > 4):
            continue
        after = _at(tokens, number.stop)
        value = number.value
        if after in _MEASURES or _at(tokens, i - 1) in _MONEY or not 0 < value <= 36:
            return None
        months = value * 12 if value in {1.5, 2.5} else value
        months = _shaved(months) if _context(tokens, i, number.stop).nearly else months
        return AgeMention(months, "now", tokens[i].start, tokens[number.stop - 1].end, value > 3.5)
    return None


def ages(text: str, today: date, *, expecting_age: bool = False) -> list[AgeMention]:
    """Return the ages (and what only looks like one) in `text`, in order.

    Args:
        text: the message as typed.
        today: the day on which it was written.
        expecting_age: the bot has just asked how old the baby is, so a bare number is an answer.
    """
    return list(_ages(text, today, expecting_age))


@lru_cache(maxsize=64)
def _ages(text: str, today: date, expecting_age: bool) -> tuple[AgeMention, ...]:  # noqa: FBT001
    tokens = _tokens(text)
    read: list[tuple[AgeMention, int]] = []
    before: _Span | None = None
    i = 0
    while i < len(tokens):
        span = _span(tokens, i)
        if span is not None:
            kind, months, strength = _read_span(tokens, span)
            if before and kind == "now" and _goes_with(tokens, before, span):
                strength = _as_plain(read, strength)
            before = span
            start, end = tokens[i].start, tokens[span.stop - 1].end
            read.append((AgeMention(months, kind, start, end, strength > 0), strength))
            i = span.stop
            continue
        number = _number(tokens, i)
        if number is None:
            i += 1
            continue
        bare = _bare(tokens, i, number)
        if bare is not None:
            read.append((bare, 2))
        i = number.stop
    mentions = _settled(read)
    mentions += [*_births(text, today), *_birthdays(text)]
    if not any(m.kind == "now" for m in mentions):
        mentions += [m for m in _young(text) if not _overlaps(m, mentions)]
    elif all(m.months >= _NOT_NEW_MONTHS for m in mentions if m.kind == "now"):
        mentions += _newborn_beside(text)
    if expecting_age and not any(m.kind in {"now", "corrected"} for m in mentions):
        answer = _bare_answer(tokens, mentions)
        mentions = [answer] if answer else mentions
    return tuple(sorted(mentions, key=lambda m: m.start))


def _goes_with(tokens: Sequence[_Token], first: _Span, second: _Span) -> bool:
    """Tell whether two ages are told in one breath, as those of two children."""
    joint = [_at(tokens, k) for k in range(first.stop, second.first)]
    if len(joint) > 1 or not set(joint) <= _AND | {"+", ","}:
        return False
    if {first.unit, second.unit} <= set(_ORDER) and _of_children(tokens, first.first):
        return True
    return "," not in joint and first.unit in {"month", "year"} and second.unit == "week"


def _as_plain(read: list[tuple[AgeMention, int]], strength: int) -> int:
    """Make two ages that go together as plain as the plainer one; return how plain that is."""
    mention, beside = read[-1]
    if mention.kind != "now":
        return strength
    plainer = max(strength, beside)
    read[-1] = (replace(mention, certain=plainer > 0), plainer)
    return plainer


def _overlaps(mention: AgeMention, others: Sequence[AgeMention]) -> bool:
    return any(m.start <= mention.start < m.end for m in others)


def _bare_answer(tokens: Sequence[_Token], read: Sequence[AgeMention]) -> AgeMention | None:
    if not read:
        return _answered(tokens)
    # "4 days" after "how old is your baby?" is an age, though it is a duration elsewhere.
    only = read[0]
    if len(read) == 1 and only.kind == "duration" and len(tokens) <= 4:
        return replace(only, kind="now")
    return None


def _settled(read: Sequence[tuple[AgeMention, int]]) -> list[AgeMention]:
    """Let a plainly told age decide: weaker "now" readings beside it are lengths of time."""
    strongest = max((s for m, s in read if m.kind == "now"), default=0)
    settled: list[AgeMention] = []
    for mention, strength in read:
        if mention.kind == "now" and strength < strongest:
            # "bronchiolitis at 4 mo, now 18mo": the weak reading belongs to an earlier day.
            kind: AgeKind = "past" if strength == 0 else "duration"
            mention = replace(mention, kind=kind)
        settled.append(mention)
    return settled


# --- durations --------------------------------------------------------------------------------

_SINCE_RE = re.compile(
    rf"\b(?:since|started|starting|began) (?:last |on |this )?(?P<weekday>{_DAY_ALT})\b"
    r"|\bsince (?P<word>yesterday|last night|this morning|this afternoon|lunch(?:time)?|"
    r"last week|last month|the weekend)\b|\b(?P<span>all (?:day|night|week)|overnight)\b"
)
_SINCE_HOURS = {
    "yesterday": 24.0, "last night": 12.0, "this morning": 6.0, "this afternoon": 4.0,
    "lunch": 5.0, "lunchtime": 5.0, "last week": 168.0, "last month": 730.5,
    "the weekend": 72.0, "all day": 12.0, "all night": 10.0, "all week": 168.0, "overnight": 10.0,
}  # fmt: skip


def durations(text: str, today: date) -> list[DurationMention]:
    """Return the lengths of time in `text`, in hours and in order; ages are left out."""
    tokens = _tokens(text)
    kinds = {m.start: m.kind for m in ages(text, today)}
    found: list[DurationMention] = []
    i = 0
    while i < len(tokens):
        span = _span(tokens, i)
        if span is None:
            i += 1
            continue
        start, end = tokens[i].start, tokens[span.stop - 1].end
        if kinds.get(start) == "duration":
            hours = round(span.months * DAYS_PER_MONTH * 24, 2)
            found.append(DurationMention(hours, _duration_kind(tokens, span), start, end))
        i = span.stop
    for match in _SINCE_RE.finditer(fold(text)):
        if match["weekday"]:
            hours = 24.0 * (today - _last_weekday(match["weekday"], today)).days
        else:
            hours = _SINCE_HOURS[match["word"] or match["span"]]
        found.append(DurationMention(hours, "lasting", match.start(), match.end()))
    return sorted(found, key=lambda m: m.start)


def _duration_kind(tokens: Sequence[_Token], span: _Span) -> DurationKind:
    context = _context(tokens, span.first, span.stop)
    last = context.lead[-1] if context.lead else ""
    if context.after and context.after[0] in {"ago", "back", "earlier"}:
        return "ago"
    if last in {"every", "each", "per"} or context.after[:1] == ("apart",):
        return "every"
    if last in {"in", "next", "after", "within", "another", "wait"}:
        return "ahead"
    return "lasting"


# --- temperatures -----------------------------------------------------------------------------

_CELSIUS_RANGE = (34.0, 43.0)
_FAHRENHEIT_RANGE = (93.0, 110.0)
_C_UNITS = frozenset({"c", "celsius", "celcius", "centigrade", "℃"})
_F_UNITS = frozenset({"f", "fahrenheit", "farenheit", "fahreneit", "ferenheit", "℉"})
_DEGREE_UNITS = frozenset({"°", "degrees", "degree", "deg", "degs", "grados", "degress"})
_HOT_WORDS = _words(
    "temp temps temprature temperature temperatures tempreture tempature fever fevers fevered "
    "feverish feva fevr feaver febrile thermometer thermometers pyrexia fiebre bukhar bukhaar temo "
    "spiking spiked spike reading reads read measured measures calpol nurofen paracetamol panadol "
    "ibuprofen tylenol motrin advil crocin underarm armpit axillary rectal rectally forehead ear "
    "hypothermic hot burning hotter"
)
_HITS = _words("hit hits hitting reached reaches")
_VERBS = _words("hit hits hitting reached reaches at of with is was to now it's its has")
_NOT_DEGREES = _words(
    "week weeks weeker weekers wk wks w ml mls g gram grams gr kg kgs oz lb lbs minute minutes min "
    "mins month months mo mos mth mths m day days d year years yr yrs y hour hours hr hrs "
    "h % cm mm "
    "percent am pm th st nd rd £ $ € iu mcg mg times people kids ounces pounds percentile centile "
    "drops nights litres l km miles pages capsules foods old cfu billion million bpm ppm + "
    "breaths beats degrees-north seconds secs sec"
)
_SITES = _words("arm armpit ear forehead rectal rectally bum bottom tongue underarm thermometer")
_SAYS = _words("says saying said shows showing reads reading displays shown")
_AGE_ENDS = _words("week weeks wk wks month months mo mos mths mth old year years yr yrs w m")
_AFTER_READING = _words(
    ", . ! ? ; - and but now since today tonight this last after with for is what can do"
)
_SAID_AGE = re.compile(r"\b(?:weeks?|wks?|wk|months?|mos?|mths?|days?|yrs?|years?|newborn|w|m)\b")
_THING_RE = re.compile(
    r"\b(?:room|bedroom|nursery|house|outside|weather|bath(?:water)?|water|oven|milk|fridge|"
    r"freezer|kefir|brine|broth|soup|starter|dough|custard|"
    r"kettle|wash(?:ed|ing)?|dishwasher|garden|car|heating|thermostat|aircon|ac|incubate[ds]?|"
    r"incubator|ferment(?:ed|ing)?|culture[ds]?|cultur(?:e|ing)|yogurt|yoghurt|stock|jar|pan|oil|"
    r"heat(?:ed)? (?:it|the|them)|formula|bottle|steri\w+|tank|pool|shower|simmer\w*|cook\w*|"
    r"pasteuri\w+|laundry)\b"
)
_NO_THING_RE = re.compile(
    r"\b(?:after|before|since|during|in|from|out of|off|post|pre|with|on|took|taking|drinking|of) "
    r"(?:a |an |the |his |her |their |my |warm |hot |cool |tepid |lukewarm |more )*$"
)
_THING_AFTER = _words(
    "bath water wash oven room weather outside bathwater milk heat fridge kettle shower incubator "
    "nursery shade sun sunshine"
)
_THING_SAID_AFTER_RE = re.compile(
    r"\b(?:that's|thats|that is|that was|it's|its|from|on|with) (?:just |only )?the "
    r"(?:bath|water|room|oven|kitchen|food|jam|meat)\b"
)
_ILL_PERSON_RE = re.compile(
    r"\b(?:i have|i've|ive|i got|i am|i'm|im|dad|dada|daddy|husband|hubby|partner|wife|dh|mum|mom) "
    r"(?:\w+ ){0,4}(?:mastitis|flu|covid|tonsillitis|strep|sinusitis|bug|pneumonia)\b"
)
_CHILD_RE = re.compile(
    r"\b(?:newborn|(?:weeks?|wks?|months?|mths?|mo|days?) old|\d+ ?(?:wo|mo|w|m))\b"
)
_HEAD = _words("hc ofc circ circumference")
_LENGTHS = _words("length height weight weighs long tall kg kgs lb lbs cm l w wt")
_PERSON_RE = re.compile(
    r"\b(?:i'm|i am|im|i have|i've|i had|ive|my temp\w*|my own|husband|wife|hubby|partner|dh|dad|"
    r"daddy|mum|mom|mummy|mother|father|granny|grandma|nan|mil|fil|me|myself|"
    r"(?:flat|house|room)mate\w*(?:'s)?|au pair|nanny|childminder|lodger|landlord|boss)\b"
    r"|\b(?:dog|cat|puppy|kitten|hamster|rabbit|horse)s?\b"
)
_LONG_AGO_RE = re.compile(
    r"\bwhen (?:he|she|they|it|lo|baby|my \w+) (?:was|were)\b"
    r"|\b(?:last|previous) (?:month|year|winter|summer|spring|autumn|fall|christmas)\b|"
    r"\b(?:months?|years?|yrs?|mths?) (?:ago|back)\b|"
    r"\b(?:[2-9]|two|three|four|five|six|few|several) (?:weeks?|wks?) (?:ago|back)\b|"
    r"\bas a newborn\b|\bused to\b|(?<!born )\bin (?:january|february|march|april|june|july|"
    r"august|september|october|november|december)\b|\bat birth\b"
)
_READS_LOW_RE = re.compile(r"\b(?:always|often|usually|tends to) (?:reads?|runs?|shows?|low)\b")
_OVER_RE = re.compile(
    r"\b(?:gone|went|fine|normal|cleared|settled|better)(?: by| the)? "
    r"(?:next|same|morning|since|now|after|day)\b"
)
_STRANGER_RE = re.compile(
    r"\b(?:(?:flat|house|room)mate|colleague|boss|teacher|lodger|landlord|au pair)(?:'?s)?\b"
)
_BABIES_AFTER_RE = re.compile(
    r"\b(?:newborn|caught|gave|passed|from (?:his|her) (?:brother|sister))"
)
_KEPT_IN_RE = re.compile(r"\b(?:kept in|admitted|in hospital|hospital for|treated for|ward)\b")
_SENT_HOME_RE = re.compile(
    r"\b(?:discharged|sent home|home (?:now|since)|back home|all clear|"
    r"(?:cultures?|bloods?|tests?|lumbar puncture) (?:\w+ ){0,2}(?:clear|negative|fine|normal))\b"
)
_NOW_RE = re.compile(r"\b(?:now|today|tonight|currently|still|again|this (?:morning|evening))\b")
_IF_RE = re.compile(
    r"\b(?:if|unless|until|in case|should|whenever|when) (?:[\w']+ ){0,4}?"
    r"(?:goes|go|gets|get|hits|hit|reaches|rises|climbs|went|were|spikes|comes|came|becomes|"
    r"passes|exceeds|is)\b"
)
_WHAT_IF_RE = re.compile(
    r"\b(?:what if|how high|(?:does|do|is|are) (?:a |temp\w* of )*$|counts? as"
    r"|(?:can|could|might|may) (?:go|rise|get|climb|hit|reach))"
)
_WAS_RE = re.compile(
    r"\b(?:was|were|earlier|yesterday|last night|peaked|went up to|from|started at)\b"
)
_BELOW = (("under",), ("below",), ("less", "than"), ("lower", "than"))
_ABOVE = (("over",), ("above",), ("more", "than"), ("higher", "than"))
_NEVER = frozenset({"not", "never", "no", "isn't", "wasn't", "hasn't", "hasnt", "didn't", "isnt"})


class _Heat(NamedTuple):
    """A number read as a temperature, before the words around it are weighed."""

    celsius: float
    certain: bool
    with_unit: bool
    stop: int


def temperatures(text: str, today: date) -> list[TemperatureMention]:
    """Return the temperatures in `text`, in order and in °C.

    34.0 to 43.0 is °C, 93 to 110 °F; a number counts with a unit, a temperature word or a fever
    word near, or as a bare decimal in the °C range. `today` is unused by the grammar of today and
    kept so that all readers of quantities are called alike.
    """
    del today
    return list(_temperatures(text))


@lru_cache(maxsize=64)
def _temperatures(text: str) -> tuple[TemperatureMention, ...]:
    tokens = _tokens(text)
    found: list[TemperatureMention] = []
    i = 0
    while i < len(tokens):
        span = _span(tokens, i)
        if span is not None:
            i = span.stop
            continue
        number = _heat_number(tokens, i)
        if number is None:
            i += 1
            continue
        heat = _heat(tokens, i, number)
        if heat is not None and _is_temperature(tokens, i, number, heat):
            found.append(_mention(tokens, i, heat))
        i = heat.stop if heat else number.stop
    return tuple(_compared(found))


def _heat_number(tokens: Sequence[_Token], i: int) -> _Number | None:
    """Read a number; "thirty nine four" is dictated for 39.4."""
    number = _number(tokens, i)
    if number is None or number.decimal:
        return number
    if number.spelled and 34 <= number.value <= 43:
        tenth = _SMALL.get(_at(tokens, number.stop), 0.0)
        if 0 < tenth < 10 and _unit(tokens, number.stop + 1) is None:
            return _Number(number.value + tenth / 10, number.stop + 1, True, True)
    return number


def _heat(tokens: Sequence[_Token], i: int, number: _Number) -> _Heat | None:
    """Turn a number with its unit into °C, or None when it can't be a temperature."""
    stop = number.stop
    degree = _at(tokens, stop) in _DEGREE_UNITS
    stop += degree
    unit = _at(tokens, stop)
    letter = unit[:1] if unit in _C_UNITS | _F_UNITS else ""
    letter = {"℃": "c", "℉": "f"}.get(letter, letter)
    stop += bool(letter)
    value, with_unit = number.value, bool(degree or letter)
    if _at(tokens, stop) in _NOT_DEGREES and not with_unit:
        return None
    if _CELSIUS_RANGE[0] <= value <= _CELSIUS_RANGE[1]:
        return _Heat(value, letter != "f", with_unit, stop)
    if _FAHRENHEIT_RANGE[0] <= value <= _FAHRENHEIT_RANGE[1]:
        return _Heat(round((value - 32) / 1.8, 2), letter != "c", with_unit, stop)
    if 43 < value < 93:
        return _Heat(value, False, with_unit, stop)
    if number.decimal or not float(value).is_integer():
        return None
    if 350 <= value <= 425:
        return _Heat(value / 10, False, with_unit, stop)
    if 940 <= value <= 1080:
        return _Heat(round((value / 10 - 32) / 1.8, 2), False, with_unit, stop)
    return None


def _is_temperature(tokens: Sequence[_Token], i: int, number: _Number, heat: _Heat) -> bool:
    """Weigh the words around: a unit, a temperature word near, or a bare °C decimal."""
    lead, after = _before(tokens, i), _after(tokens, heat.stop)
    previous = lead[-1] if lead else ""
    if previous in _MONEY or (after and after[0] in _NOT_DEGREES and not heat.with_unit):
        return False
    if not heat.with_unit and _measures_growth(tokens, previous, after):
        return False
    if after[:2] == ("+", "2") or (previous in {"/", "+"} and _at(tokens, i - 2).isdecimal()):
        return False
    of_birth = lead[-1:] == ["at"] and set(lead[-2:]) & {"born", "due", "delivered"}
    if (of_birth or previous in {"born", "due", "aged", "page", "size"}) and not heat.with_unit:
        return False
    if heat.with_unit:
        return heat.certain or _hot(lead[-8:], after) or _at(tokens, heat.stop - 1) in _F_UNITS
    if _CELSIUS_RANGE[0] <= number.value <= _CELSIUS_RANGE[1] and number.decimal:
        return True
    if heat.certain and _stands_alone(tokens, number, lead, after):
        return True
    if heat.certain and _FAHRENHEIT_RANGE[0] <= number.value and number.decimal:
        return _hot_text(tokens) or previous in _VERBS or number.spelled
    if heat.certain and previous in _HITS:
        return True
    if heat.certain and _is_childs(number, lead, after):
        return True
    if heat.certain and previous in _VERBS and (_hot_text(tokens) or _tenths(tokens)):
        return True
    if not heat.certain and previous not in _VERBS | _HOT_WORDS | {"around", "about", ":", "="}:
        return False
    return _hot(lead[-7:], after[:4])


def _measures_growth(tokens: Sequence[_Token], previous: str, after: Sequence[str]) -> bool:
    """Read "HC 38.4", "weight 4.2, length 54, head 38.5" and "38 is his centile"."""
    of_head = previous == "head" and any(token.text in _LENGTHS for token in tokens)
    return previous in _HEAD or of_head or bool({"centile", "percentile"} & set(after[:4]))


def _stands_alone(
    tokens: Sequence[_Token], number: _Number, lead: Sequence[str], after: Sequence[str]
) -> bool:
    """Say whether a number without a unit can be nothing but a reading of a baby.

    "101.2 under the arm", "it says 38 flat", "ten weeks, thirty nine": it is in the range of
    fevers, beside a baby's age, and set apart from other words or followed by a place or "flat".
    "103.6" or "39" may be the whole message.
    """
    fahrenheit = number.value >= _FAHRENHEIT_RANGE[0]
    low, high = (100.0, 106.9) if fahrenheit else (38.0, 41.5)
    if not lead and set(after) <= _STILL:
        return number.decimal if fahrenheit else low <= number.value <= high
    if not low <= number.value <= high:
        return False
    if _SITES & set(after[:3]) or after[:1] in {("flat",), ("exactly",), ("dead",), ("something",)}:
        return True
    if not _SAID_AGE.search(" ".join(token.text for token in tokens)):
        return number.decimal and fahrenheit
    apart = not lead or lead[-1] in _CLAUSE_END or lead[-1] in _SAYS or lead[-1] in _AGE_ENDS
    if number.decimal and fahrenheit:
        return True
    return apart and (not after or after[0] in _AFTER_READING)


_STILL = _words("again still now")
_ONE_OF_THEM = _words("one old eldest oldest youngest younger older brother sister")
_PRONOUNS = _words("he she he's she's hes shes")
_COUNTED_DOWN = _words("until till til")
"""What makes a length of time one that is still to pass: "6 weeks until nursery"."""


def _is_childs(number: _Number, lead: Sequence[str], after: Sequence[str]) -> bool:
    """Read "the little one 39", "she has 39": a child, a number in the range of fevers, no more."""
    if (after and after[0] not in _AFTER_READING) or not 38.0 <= number.value <= 41.5:
        return False
    verb = {"has", "had", "got", "having"} & set(lead[-1:])
    told = lead[-4:-1] if verb else lead[-1:]
    pronouns = _PRONOUNS if verb else frozenset()
    return bool(set(told) & (_BABY | _ONE_OF_THEM | pronouns)) and len(lead) <= _REACH // 2


def _hot(lead: Sequence[str], after: Sequence[str]) -> bool:
    return bool(_HOT_WORDS & {*lead, *after})


def _hot_text(tokens: Sequence[_Token]) -> bool:
    return any(token.text in _HOT_WORDS for token in tokens)


def _tenths(tokens: Sequence[_Token]) -> bool:
    """Say whether a reading with tenths of a degree stands anywhere in the message."""
    return any(re.fullmatch(r"(?:3[4-9]|4[0-3])[.,]\d", token.text) for token in tokens)


def _mention(tokens: Sequence[_Token], i: int, heat: _Heat) -> TemperatureMention:
    celsius = _limited(_before(tokens, i), heat.celsius)
    start, end = tokens[i].start, tokens[heat.stop - 1].end
    kind = _temperature_kind(tokens, i, heat)
    return TemperatureMention(celsius, start, end, heat.certain, kind)


def _limited(lead: Sequence[str], celsius: float) -> float:
    """Read "under 38" and "never over 38" as just below 38, "over 39" as 39."""
    below = _ends_with(lead, _BELOW)
    if below:
        return celsius if _NEVER & set(lead[-5:]) else round(celsius - 0.1, 2)
    above = _ends_with(lead, _ABOVE)
    if above and _NEVER & set(lead[-5:]):
        return round(celsius - 0.1, 2)
    return celsius


def _temperature_kind(tokens: Sequence[_Token], i: int, heat: _Heat) -> TemperatureKind:
    lead, after = _before(tokens, i), _after(tokens, heat.stop)
    clause = _clause(lead)
    if lead and lead[-1] == "not":
        return "other"
    if heat.celsius < 36 and _READS_LOW_RE.search(" ".join(after)):
        return "other"
    if _of_thing(clause, after) or _of_adult(_PERSON_RE, clause):
        return "other"
    told_before = " ".join(lead)
    if _of_adult(_STRANGER_RE, told_before) or _of_adult(_ILL_PERSON_RE, told_before):
        return "other"
    sentence = f"{' '.join(lead)} # {' '.join(after)}"
    told, rest = sentence.split(" # ", 1) if " # " in sentence else (sentence, "")
    if _long_ago(clause, after, sentence):
        return "history"
    if _unrelated(OTHERS_RE, clause) and not _BABIES_AFTER_RE.search(clause):
        return "hypothetical" if _IF_RE.search(clause) else "other_child"
    if _IF_RE.search(clause) or _WHAT_IF_RE.search(told):
        return "hypothetical"
    if (
        clause.split()[-1:] == ["now"]
        or re.match(r"now\b(?!:? (?:\d|at|it))", rest)
        or "down to" in clause
    ):
        return "now"
    return "past" if _WAS_RE.search(clause) else "reading"


def _of_adult(who: re.Pattern[str], told: str) -> bool:
    """Read "I have flu, 39.1"; but "I have flu and my 5 week old has 39.1"."""
    last = _last(who, told)
    return last is not None and not any(
        child.search(told, last.end()) for child in (_SUBJECT_RE, _CHILD_RE)
    )


def _long_ago(clause: str, after: Sequence[str], sentence: str) -> bool:
    """Say whether the illness is long over; a cue in another clause needs a past verb in this."""
    if _NOW_RE.search(clause):
        return False
    cut = next((k for k, word in enumerate(after) if word in _CLAUSE_END), len(after))
    if _LONG_AGO_RE.search(f"{clause} # {' '.join(after[:cut])}"):
        return True
    if re.search(r"\blast week\b", f"{clause} # {' '.join(after)}") and _OVER_RE.search(sentence):
        return True
    if _KEPT_IN_RE.search(clause) and _SENT_HOME_RE.search(sentence):
        return True
    told = re.search(r"\b(?:had|was|were|got|reached|spiked|hit)\b", clause)
    return told is not None and _LONG_AGO_RE.search(sentence) is not None


def _of_thing(clause: str, after: Sequence[str]) -> bool:
    """Say whether a room, a bath or a bottle has this temperature."""
    if (after and after[0] in _THING_AFTER) or (
        after[:2] and after[0] in {"in", "outside"} and (_THING_AFTER & set(after[:3]))
    ):
        return True
    if _THING_SAID_AFTER_RE.search(" ".join(after)):
        return True
    last = _last(_THING_RE, clause)
    if last is None or _NO_THING_RE.search(clause[: last.start()]):
        return last is not None and bool(
            re.search(r"temp\w* (?:of|in) (?:\w+ ){0,2}$", clause[: last.start()])
        )
    return not _SUBJECT_RE.search(clause, last.end()) and not re.search(
        r"\b(?:temp|fever)", clause[last.end() + 12 :]
    )


def _compared(found: list[TemperatureMention]) -> list[TemperatureMention]:
    """Keep `past` and `now` only where two readings stand beside each other."""
    own = [m for m in found if m.kind in {"reading", "now", "past"}]
    if len(own) < 2:
        return [replace(m, kind="reading") if m in own else m for m in found]
    last = own[-1]
    if any(m.kind == "now" for m in own):
        return [replace(m, kind="past") if m in own and m.kind == "reading" else m for m in found]
    if all(m.kind == "past" for m in own):
        return [replace(m, kind="reading") if m in own else m for m in found]
    return [replace(m, kind="now") if m is last and m.kind == "reading" else m for m in found]
