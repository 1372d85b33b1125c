"""Whose fever a message tells, where more than one child is spoken of.

A reading belongs to the child that it is named with. The baby's own age stays; another child that
is younger is remembered beside it, because the younger of the two counts for danger as long as
nothing says whose fever it is (rules 7, 8 and 11 of the clinical reference's recognition rules).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from guide.model import Facts
from guide.quantities import OTHERS_RE, AgeMention, TemperatureMention, fold

OLDER_MONTHS = 24.0
"""From here another child is an older one, whose fever is no baby's."""

A_BABYS_MONTHS = 12.0
"""Below it a toddler is another child than the baby."""

YOUNG_MONTHS = 3.0
"""Below it another child counts although nothing is known of the baby's age."""

SIBLING_MONTHS = 9.0
"""Below it a baby's brother or sister is an older one, or a twin."""

SAME_MONTHS = 0.7
"""Ages that differ by less are one child's."""


class Whose(Enum):
    """Which child a message is about.

    Attributes:
        BABY: the baby, named outright, or the only child.
        OTHER: another child, of the age told with it.
        OLDER: an older child alone, outright.
        UNKNOWN: another child, of whose age nothing is known.
        UNCLEAR: one of two children, nobody says which.
    """

    BABY = "baby"
    OTHER = "other"
    OLDER = "older"
    UNKNOWN = "unknown"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Subject:
    """The child of a message: `months` is its age where it is another than the baby's."""

    whose: Whose = Whose.BABY
    months: float | None = None


THE_BABY = Subject()

_OLDER = re.compile(
    r"\b(?:(?:older|elder|bigger) (?:one|boy|girl|son|daughter|child|kid|lad|lass|brother|sister|"
    r"sibling|bro|sis|dd|ds)|(?:my|our|the|his|her) (?:older|elder)\b|firstborn|"
    r"(?:the|my|our) (?:big|biggest) one\b|"
    r"(?:eldest|oldest)(?: (?:one|boy|girl|son|daughter|child|kid|brother|sister))?|"
    r"big (?:brother|sister|bro|sis)|(?:pre)?schooler|school ?(?:boy|girl|kid))\b"
)
_TODDLER = re.compile(r"\btoddler(?:'?s)?\b")
_KIN = re.compile(rf"\b(?:his|her|their) (?=(?:{OTHERS_RE.pattern}|{_OLDER.pattern}))")
"""Whose brother an older child is tells nothing of the baby."""

_YOUNGER = re.compile(
    r"\b(?:younger|youngest|littlest|smallest|smaller one|little one|wee one|tiny one|"
    r"new ?borns?|new (?:baby|one|arrival))\b"
)
_YOUNGER_SIBLING = re.compile(
    r"\b(?:younger|new|baby|little|lil|wee) "
    r"(?:brother|sister|sibling|bro|sis|cousin|niece|nephew)\b"
)
_MY_BABY = re.compile(r"\b(?:my|our) (?:own )?(?:baby|babe|bub|lo|son|daughter|boy|girl|little)\b")
_A_BABY = re.compile(r"\b(?:baby|babies|bubs?|bubba|lo|infant|twins?)\b")
_SIBLING = re.compile(r"\b(?:brother|sister|sibling|bro|sis)s?\b")
_TWIN = re.compile(r"\btwin\b")
_OUTSIDE = re.compile(r"\b(?:niece|nephew|cousin|friend|neighbou?r|colleague|mate|next door)\b")
_MAY_BE_GROWN_UP = r"(?:sister|brother|cousin|friend|neighbou?r|colleague)"
_TELLER = re.compile(
    rf"\b{_MAY_BE_GROWN_UP}(?: in law)? (?:\w+ )?"
    r"(?:says?|said|thinks?|thought|told|took|takes|measured|checked|asked|reckons|noticed)\b"
)
"""Who only tells of the baby: "my sister says he has 38.5"."""

_HIS = re.compile(r"\b(?:his|her|their|a|the|my|our|one)[ -]$")
_THE = re.compile(r"\b(?:the|his|her)[ -]$")
_OF_BABY = (
    r"he|she|him|his|hers?|both|all|too|also|gave|caught|passed|baby|babies|bub|newborn|lo|"
    r"little one|youngest|twins?"
)
_TELLS_OF_BABY = re.compile(rf"\b(?:{_OF_BABY})\b")
_TELLS_OF = re.compile(rf"\b(?:they|them|their|us|{_OF_BABY})\b")
_FEARED = re.compile(
    r"\b(?:(?:worry|worried|concerned|about|protect|infect) (?:for |about )?"
    r"|(?:keep|away|apart|separate|isolate|safe) (?:from |for )?)"
    r"(?:(?:my|the|our|his|her) (?:little |baby )?)?"
    r"(?:baby|newborn|lo|brother|sister|him|her|twins)\b"
    r"|\b(?:can|will|could|might|may|would|what if|if|so|before) (?:(?:my|the|our) )?"
    r"(?:baby|newborn|lo|he|she|twins) "
    r"(?:not |doesn't |doesnt |won't |wont |still |going to )?"
    r"(?:catch|catches|get it|gets it|be at risk)\b"
)
"""What a parent fears or asks for a baby who has no fever: "how do I protect him"."""

_SHARED = re.compile(r"\b(?:too|also|both|as well|same|caught)\b")
_IS_WELL = re.compile(
    r"\b(?:fine|ok|okay|well|normal|(?:all|is|doing|are) good|no (?:fever|temp\w*)|healthy|"
    r"not (?:hot|ill|sick|poorly)|3[67](?:[.,][0-4])?(?![.,]?\d)|"
    r"(?:hasn't|hasnt|has not) got|has none|happy)\b"
)
_NOT_WELL = re.compile(
    r"\b(?:not|isn't|isnt|aren't|never|was|were|as) (?:\w+ )?(?:fine|ok|okay|well)\b"
    r"|\b(?:fine|ok|okay|well) (?:until|till|before|yesterday|but)\b|\?"
)
_HOT = re.compile(
    r"\b(?:fevers?|feverish|temp\w*|hot|burning|boiling|38|39|4[0-2]|3\d[.,]\d|10[0-6](?:\.\d)?)\b"
)
_HE, _SHE = re.compile(r"\b(?:he|him|his|he's|hes)\b"), re.compile(r"\b(?:she|hers?|she's|shes)\b")
_BOYS = re.compile(r"\b(?:brother|bro|nephew|boy|son|lad|ds|stepson)\b")
_GIRLS = re.compile(r"\b(?:sister|sis|niece|girl|daughter|lass|dd|stepdaughter)\b")

_Named = tuple[int, int, Subject]


@dataclass(frozen=True)
class _Known:
    """The ages known: of the baby, and of another child called `word`."""

    baby: float | None
    other: float | None
    word: str

    @property
    def younger(self) -> float | None:
        """Return the age of the other child where it counts for danger."""
        if self.other is None:
            return None
        limit = YOUNG_MONTHS if self.baby is None else self.baby
        return self.other if self.other < limit else None


def subject(
    text: str,
    facts: Facts,
    today: date,
    mentions: Sequence[AgeMention],
    readings: Sequence[TemperatureMention],
) -> Subject:
    """Return the child whose fever, or other sign, a message tells.

    Args:
        text: the message as typed.
        facts: what is known with its own ages, another child's among them.
        today: its day.
        mentions: the ages in it.
        readings: the temperatures in it.
    """
    plain = _TELLER.sub(lambda match: " " * len(match.group()), fold(text))
    known = _Known(facts.age_on(today), facts.other_on(today), facts.other_word)
    named = sorted(_named(plain, known, mentions), key=lambda one: one[:2])
    if not named:
        return _not_named(plain, known)
    at = _anchor(plain, readings)
    before = [one for one in named if one[0] <= at]
    start, end, found = before[-1] if before else named[0]
    if _is_anothers(found, known) and not _is_alone(plain, start, end, at):
        return _unclear(known)
    return _twin_or_older(plain, known) if found.whose is Whose.UNKNOWN else found


def _is_anothers(found: Subject, known: _Known) -> bool:
    """Tell whether it is a child whose fever would be no danger to the baby."""
    if found.whose is Whose.OTHER and found.months is not None:
        return known.baby is not None and found.months > known.baby
    return found.whose in {Whose.OLDER, Whose.UNKNOWN}


def _anchor(plain: str, readings: Sequence[TemperatureMention]) -> int:
    """Return where the fever is told; the end of a message that tells none."""
    places = [one.start for one in readings if one.kind not in {"other", "hypothetical", "history"}]
    hot = _HOT.search(plain)
    return min(places) if places else hot.start() if hot else len(plain)


def _named(plain: str, known: _Known, mentions: Sequence[AgeMention]) -> Iterator[_Named]:
    """Yield the children named, with their places; of two readings of a word the first counts."""
    taken: set[int] = set()
    for start, end, child in _candidates(plain, known, mentions):
        if taken.isdisjoint(range(start, end)):
            taken |= {*range(start, end)}
            yield start, end, child


_MY_GROWN_UP = re.compile(
    rf"\bmy {_MAY_BE_GROWN_UP}(?! ?(?:'s|s\b|in|and|baby|son|"
    r"daughter|kid|little|boy|girl))\b"
)
"""Who is as old as the parent, where no age is told."""


def _candidates(plain: str, known: _Known, mentions: Sequence[AgeMention]) -> Iterator[_Named]:
    a_baby = known.baby is not None and known.baby < A_BABYS_MONTHS
    older = [_OLDER, _TODDLER] if a_baby or known.younger is not None else [_OLDER]
    for pattern in older:
        yield from _places(pattern, plain, Subject(Whose.OLDER))
    for mention in mentions:
        child = _of_age(plain, known, mention)
        if child:
            yield mention.start, mention.end, child
    younger = known.younger is not None
    other = Subject(Whose.OTHER, known.other)
    yield from _places(_YOUNGER_SIBLING, plain, other if younger else Subject(Whose.UNKNOWN))
    yield from _places(_YOUNGER, plain, other if younger else THE_BABY)
    if _another(known, mentions).whose is Whose.UNKNOWN:
        yield from _places(_MY_GROWN_UP, plain, Subject(Whose.OLDER))
    yield from _places(OTHERS_RE, plain, _another(known, mentions))
    # "My baby" beside a niece is the baby; beside a little sister it may be either.
    outside = not younger or _OUTSIDE.search(known.word) is not None
    yield from _places(_MY_BABY, plain, THE_BABY if outside else _unclear(known))
    yield from _places(_A_BABY, plain, _called_baby(known))


def _called_baby(known: _Known) -> Subject:
    """Return who "the baby" is: of two children of the family the younger."""
    if known.younger is None:
        return THE_BABY
    return _unclear(known) if _OUTSIDE.search(known.word) else Subject(Whose.OTHER, known.other)


def _places(pattern: re.Pattern[str], plain: str, child: Subject) -> Iterator[_Named]:
    for match in pattern.finditer(plain):
        yield match.start(), match.end(), child


def _of_age(plain: str, known: _Known, mention: AgeMention) -> Subject | None:
    """Return whose age it is: "the 3 year old" of a baby of weeks is another child."""
    months = mention.months
    if mention.kind == "other_child":
        return Subject(Whose.OLDER) if months >= OLDER_MONTHS else Subject(Whose.OTHER, months)
    if mention.kind != "now":
        return None
    if known.younger is not None and abs(known.younger - months) < SAME_MONTHS:
        return Subject(Whose.OTHER, known.other)
    called = _HIS.search(plain[: mention.start]) is not None
    baby = known.baby
    older = baby is not None and baby < A_BABYS_MONTHS and months >= OLDER_MONTHS
    if older and called:
        return Subject(Whose.OLDER)
    the_other = (
        _THE.search(plain[: mention.start]) is not None
        and "old" in plain[mention.start : mention.end]
    )
    another = baby is not None and months > baby + max(SAME_MONTHS, baby / 2)
    return Subject(Whose.OTHER, months) if the_other and another else THE_BABY


def _another(known: _Known, mentions: Sequence[AgeMention]) -> Subject:
    """Return the child that is called "her brother" or "my niece"."""
    told = [one.months for one in mentions if one.kind == "other_child"]
    months = min(told, default=known.other)
    if months is None:
        return Subject(Whose.UNKNOWN)
    return Subject(Whose.OLDER) if months >= OLDER_MONTHS else Subject(Whose.OTHER, months)


def _twin_or_older(plain: str, known: _Known) -> Subject:
    """Return whose fever it is of whose age nothing is told."""
    if _TWIN.search(plain):
        return THE_BABY
    young = known.baby is not None and known.baby < SIBLING_MONTHS
    if young and _SIBLING.search(plain) and is_well(plain):
        return Subject(Whose.OLDER)
    return Subject(Whose.UNKNOWN)


def _is_alone(plain: str, start: int, end: int, at: int) -> bool:
    """Tell whether a fever is an older child's alone: "and now the baby" makes it another's."""
    between, rest = plain[end:at], _FEARED.sub(" ", plain[max(at, end) :])
    before = _KIN.sub(" ", plain[: min(start, at)])
    tells_of_baby = _TELLS_OF_BABY.search(rest) or _TELLS_OF_BABY.search(before)
    return not _TELLS_OF.search(between) and (not tells_of_baby or is_well(plain))


def is_well(text: str) -> bool:
    """Tell whether a message says that a child is well: "and the baby is fine"."""
    plain = fold(text)
    return _IS_WELL.search(plain) is not None and not _NOT_WELL.search(plain)


def is_shared(text: str) -> bool:
    """Tell whether one child has what another has: "the baby has it too"."""
    return _SHARED.search(fold(text)) is not None


def is_hot(text: str) -> bool:
    """Tell whether a message speaks of a fever, in words or by a number."""
    return _HOT.search(fold(text)) is not None


def names_toddler(text: str) -> bool:
    """Tell whether a message names a child that is no small baby."""
    plain = fold(text)
    return _TODDLER.search(plain) is not None or _OLDER.search(plain) is not None


def _unclear(known: _Known) -> Subject:
    return Subject(Whose.UNCLEAR, known.younger)


def _not_named(plain: str, known: _Known) -> Subject:
    """Return the younger of two children, unless "he" can't be the girl of 6 weeks."""
    if known.younger is None:
        return THE_BABY
    he, she = _HE.search(plain), _SHE.search(plain)
    girl, boy = _GIRLS.search(known.word), _BOYS.search(known.word)
    if (girl and he and not she) or (boy and she and not he):
        return THE_BABY
    return _unclear(known)


def other_child(
    text: str, facts: Facts, today: date, mentions: Iterable[AgeMention]
) -> tuple[float, str] | None:
    """Return the age of the youngest other child that a message tells, and what it is called."""
    told = [one for one in mentions if one.kind == "other_child" and one.months < OLDER_MONTHS]
    if not told:
        return None
    youngest = min(told, key=lambda one: one.months)
    before = facts.other_on(today)
    if before is not None and before < youngest.months - SAME_MONTHS:
        return None
    plain = fold(text)
    around = plain[max(0, youngest.start - 40) : youngest.end + 20]
    words = [match.group() for match in OTHERS_RE.finditer(around)]
    return youngest.months, " ".join(words)
