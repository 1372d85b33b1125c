"""The phrase language of the YAML files, and its matcher over a spaCy Doc.

    word          any inflection of the word (equal stems)
    =word         exactly this word
    (a|b c|d)     alternatives of one or more words;  <name> takes them from the vocabulary
    x?            optional;  #  a number
    ..            a gap of up to 3 tokens in the sentence, ..6 of up to 6
    a b|c d       two phrases
    a & b         both, in either order, at most 6 tokens apart (&10: at most 10)

Each phrase hangs on its rarest word. Only where that word stands in the message is the rest of
the phrase tried, to the left and to the right of it. spaCy's own Matcher tries every pattern at
every token: on the same phrases it took more than ten times as long.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from spacy.tokens import Doc

from guide.text import SENTENCE_END, Normaliser, english_words

GAP = 3
BOTH_GAP = 6

_ELEMENT = re.compile(r"\((?:[^()]|\([^()]*\))*\)\??|<[\w-]+>\??|\.\.\d*|&\d*|[^\s()]+")
_INNER = re.compile(r"\(([^()]*)\)")
_NAME = re.compile(r"<[\w-]+>")
# Parents write of little else; English texts hold these words less often.
_COMMON_HERE = dict.fromkeys(
    "baby eczema skin milk he she his her him wee poo nappy feed fever rash month week old".split(),
    10**9,
)
_NUMBER_COMMONNESS = 2 * 10**9


class PhraseError(ValueError):
    """A phrase that can't be read; the message says where and why."""


class Match(NamedTuple):
    """One place where a key's phrases match: tokens `start` (inclusive) to `end` (exclusive)."""

    key: str
    start: int
    end: int


_UNLESS = "!"
"""Begins the key under which the `unless` of a key is kept."""


def _overlap(one: Match, other: Match) -> bool:
    return one.start < other.end and other.start < one.end


class _Spec(NamedTuple):
    """What one token must be: one of `stems`, or exactly `word`, or a number.

    `commonness` tells how often English texts hold such a token.
    """

    stems: frozenset[str] = frozenset()
    word: str = ""
    number: bool = False
    commonness: int = 0


class _Element(NamedTuple):
    """A parsed element: alternatives (each a sequence of specs), or a gap of tokens."""

    alternatives: tuple[tuple[_Spec, ...], ...] = ()
    gap: int = 0
    optional: bool = False


class _Hook(NamedTuple):
    """Where a phrase hangs on a word: the word is `alternative[offset]` of `elements[at]`.

    `needs` has, for every other word that the phrase can't do without, the stems it may have.
    """

    key: str
    elements: tuple[_Element, ...]
    at: int
    alternative: tuple[_Spec, ...]
    offset: int
    needs: tuple[frozenset[str], ...] = ()


class PhraseSet:
    """Named groups of phrases, matched together over a Doc made by `guide.text.Normaliser`.

    Args:
        normaliser: makes the Docs; the phrases' words are read as it reads the parent's.
        vocabulary: named lists of phrases (plain words) for `<name>`.

    Raises:
        PhraseError: from `add`, for a phrase that can't be read.
    """

    def __init__(
        self,
        normaliser: Normaliser,
        vocabulary: Mapping[str, Sequence[str]] = {},
    ) -> None:
        self._stem = normaliser.stem
        self._expand = normaliser.expand
        self._vocabulary = vocabulary
        self._hooks: dict[str, list[_Hook]] = defaultdict(list)
        self._number_hooks: list[_Hook] = []
        # The same (he|she|baby) stands in hundreds of phrases; reading it once halves the start-up.
        self._parsed: dict[str, _Element] = {}
        self._spelled: dict[str, tuple[_Spec, ...]] = {}

    def add(self, key: str, phrases: Iterable[str], unless: Iterable[str] = ()) -> None:
        """Add `phrases` under `key`; a key may be added to several times.

        Args:
            key: the name of the group.
            phrases: what matches.
            unless: wordings that look like it and are not: they cancel an overlapping match.
        """
        self._add(key, phrases)
        self._add(_UNLESS + key, unless)

    def _add(self, key: str, phrases: Iterable[str]) -> None:
        for phrase in itertools.chain.from_iterable(map(_whole_alternatives, phrases)):
            for elements in self._orders(phrase):
                self._hang(key, phrase, tuple(elements))

    def matches(self, doc: Doc) -> list[Match]:
        """Return the shortest, non-nested matches of every key, in the order of the message.

        Those that overlap a match of the key's `unless` are left out.
        """
        message = _Message.of(doc)
        found = {match for match in self._all_matches(message) if match.end > match.start}
        kept: dict[str, list[Match]] = defaultdict(list)
        for match in sorted(found, key=lambda match: (match.end - match.start, match.start)):
            others = kept[match.key]
            if not any(match.start <= one.start and one.end <= match.end for one in others):
                others.append(match)
        return sorted(
            (
                match
                for key, matches in kept.items()
                if not key.startswith(_UNLESS)
                for match in matches
                if not any(_overlap(match, other) for other in kept.get(_UNLESS + key, ()))
            ),
            key=lambda match: (match.start, match.end),
        )

    def _all_matches(self, message: _Message) -> Iterator[Match]:
        for index, stem in enumerate(message.stems):
            for hook in self._hooks.get(stem, ()):
                if message.has(hook.needs):
                    yield from message.around(hook, index)
            if message.is_number(index):
                for hook in self._number_hooks:
                    yield from message.around(hook, index)

    def _orders(self, phrase: str) -> list[list[_Element]]:
        """Return the element sequences of a phrase: one for each order of what `&` joins."""
        parts: list[list[str]] = [[]]
        gaps: list[int] = []
        for raw in _ELEMENT.findall(phrase):
            if re.fullmatch(r"&\d*", raw):
                gaps.append(int(raw[1:] or BOTH_GAP))
                parts.append([])
            else:
                parts[-1].append(raw)
        if any(not part for part in parts):
            raise PhraseError(f"{phrase!r}: nothing stands beside an & (or the phrase is empty)")
        parsed = [[self._element(raw, phrase) for raw in part] for part in parts]
        if not gaps:
            return parsed
        gap = _Element(gap=max(gaps))
        return [
            [element for index, part in enumerate(order) for element in [gap] * (index > 0) + part]
            for order in itertools.permutations(parsed)
        ]

    def _element(self, raw: str, phrase: str) -> _Element:
        element = self._parsed.get(raw)
        if element is None:
            element = self._parsed[raw] = self._parse(raw, phrase)
        return element

    def _parse(self, raw: str, phrase: str) -> _Element:
        if raw.startswith(".."):
            return _Element(gap=int(raw[2:] or GAP))
        optional = raw.endswith("?") and len(raw) > 1
        raw = raw[:-1] if optional else raw
        if raw.startswith("("):
            alternatives = [
                words
                for choice in _flatten(raw[1:-1])
                for words in self._with_names(choice, phrase)
            ]
        elif raw.startswith("<"):
            alternatives = list(self._named(raw[1:-1], phrase))
        else:
            alternatives = [raw]
        split = [self._specs(alternative) for alternative in alternatives]
        if not all(split):
            raise PhraseError(f"{phrase!r}: an alternative is empty")
        return _Element(alternatives=_merge_single(split), optional=optional)

    def _with_names(self, choice: str, phrase: str) -> list[str]:
        """Return an alternative of ( ) with each <name> in it multiplied out."""
        words = [
            self._named(word[1:-1], phrase) if _NAME.fullmatch(word) else [word]
            for word in choice.split()
        ]
        return [" ".join(chosen) for chosen in itertools.product(*words)] if words else [""]

    def _named(self, name: str, phrase: str) -> Sequence[str]:
        if name not in self._vocabulary:
            known = ", ".join(sorted(self._vocabulary)[:8])
            raise PhraseError(f"{phrase!r}: there is no <{name}> in the vocabulary ({known}, ...)")
        return self._vocabulary[name]

    def _specs(self, words: str) -> tuple[_Spec, ...]:
        return tuple(spec for word in words.split() for spec in self._word_specs(word))

    def _word_specs(self, word: str) -> tuple[_Spec, ...]:
        specs = self._spelled.get(word)
        if specs is None:
            specs = self._spelled[word] = tuple(self._spell(word))
        return specs

    def _spell(self, word: str) -> Iterator[_Spec]:
        if word == "#":
            yield _Spec(number=True, commonness=_NUMBER_COMMONNESS)
        elif word.startswith("=") and len(word) > 1:
            for form in self._expand(word[1:]):
                yield _Spec(word=form, commonness=_commonness(form))
        else:
            for form in self._expand(word):
                yield _Spec(stems=frozenset([self._stem(form)]), commonness=_commonness(form))

    def _hang(self, key: str, phrase: str, elements: tuple[_Element, ...]) -> None:
        choices = [
            [(at, alternative, _rarest(alternative)) for alternative in element.alternatives]
            for at, element in enumerate(elements)
            if element.alternatives and not element.optional
        ]
        if not choices:
            raise PhraseError(f"{phrase!r}: needs at least one word that is not optional")
        best = min(choices, key=_total_commonness)
        needs = self._needs(elements, best[0][0])
        for at, alternative, offset in best:
            hook = _Hook(key, elements, at, alternative, offset, needs)
            for stem in self._anchors(alternative[offset]):
                self._hooks[stem].append(hook)
            if alternative[offset].number:
                self._number_hooks.append(hook)

    def _needs(self, elements: tuple[_Element, ...], at: int) -> tuple[frozenset[str], ...]:
        """Return the stems of which each element beside `at` needs one, the fewest first."""
        needs = []
        for index, element in enumerate(elements):
            if index == at or element.gap or element.optional:
                continue
            specs = [alternative[_rarest(alternative)] for alternative in element.alternatives]
            if not any(spec.number for spec in specs):
                needs.append(frozenset().union(*map(self._anchors, specs)))
        return tuple(sorted(needs, key=len))

    def _anchors(self, spec: _Spec) -> Iterable[str]:
        return [self._stem(spec.word)] if spec.word else spec.stems


class _Message:
    """The tokens of a Doc as the matcher needs them."""

    def __init__(self, doc: Doc) -> None:
        self.stems = [token.norm_ for token in doc]
        self._words = [token.text for token in doc]
        self._numbers = [token.like_num for token in doc]
        self._length = len(doc)
        self._stem_set = frozenset(self.stems)
        self._has: dict[frozenset[str], bool] = {}

    def has(self, needs: tuple[frozenset[str], ...]) -> bool:
        """Tell whether the message has a word for each of `needs`."""
        for need in needs:
            known = self._has.get(need)
            if known is None:
                known = self._has[need] = not self._stem_set.isdisjoint(need)
            if not known:
                return False
        return True

    @classmethod
    def of(cls, doc: Doc) -> _Message:
        """Return the Doc's tokens, taken from it once for all phrase sets."""
        message = doc.user_data.get("message")
        if not isinstance(message, cls):
            message = doc.user_data["message"] = cls(doc)
        return message

    def is_number(self, index: int) -> bool:
        return self._numbers[index]

    def around(self, hook: _Hook, index: int) -> Iterator[Match]:
        """Yield the shortest match of the hook's phrase with its word at token `index`."""
        first = index - hook.offset
        if first < 0 or not self._fits(hook.alternative, first):
            return
        start = self._left(hook.elements, hook.at - 1, first)
        end = self._right(hook.elements, hook.at + 1, first + len(hook.alternative))
        if start is not None and end is not None:
            yield Match(hook.key, start, end)

    def _fits(self, alternative: tuple[_Spec, ...], first: int) -> bool:
        if first < 0 or first + len(alternative) > self._length:
            return False
        for index, spec in enumerate(alternative, first):
            if spec.stems:
                if self.stems[index] not in spec.stems:
                    return False
            elif spec.word:
                if self._words[index] != spec.word:
                    return False
            elif not self._numbers[index]:
                return False
        return True

    def _right(self, elements: tuple[_Element, ...], at: int, position: int) -> int | None:
        """Return where the elements from `at` on end when they start at `position`."""
        if at == len(elements):
            return position
        element = elements[at]
        if element.gap:
            for skipped in range(element.gap + 1):
                if skipped and not self._inside(position + skipped - 1):
                    return None
                end = self._right(elements, at + 1, position + skipped)
                if end is not None:
                    return end
            return None
        for alternative in element.alternatives:
            if self._fits(alternative, position):
                end = self._right(elements, at + 1, position + len(alternative))
                if end is not None:
                    return end
        return self._right(elements, at + 1, position) if element.optional else None

    def _left(self, elements: tuple[_Element, ...], at: int, position: int) -> int | None:
        """Return where the elements up to `at` start when they end at `position`."""
        if at < 0:
            return position
        element = elements[at]
        if element.gap:
            for skipped in range(element.gap + 1):
                if skipped and not self._inside(position - skipped):
                    return None
                start = self._left(elements, at - 1, position - skipped)
                if start is not None:
                    return start
            return None
        for alternative in element.alternatives:
            first = position - len(alternative)
            if self._fits(alternative, first):
                start = self._left(elements, at - 1, first)
                if start is not None:
                    return start
        return self._left(elements, at - 1, position) if element.optional else None

    def _inside(self, index: int) -> bool:
        """Tell whether a gap may pass over the token: a word inside the sentence."""
        return 0 <= index < self._length and self._words[index] not in SENTENCE_END


def _merge_single(alternatives: list[tuple[_Spec, ...]]) -> tuple[tuple[_Spec, ...], ...]:
    """Merge the one-word alternatives into one spec of many stems."""
    single = [specs[0] for specs in alternatives if len(specs) == 1 and specs[0].stems]
    others = [specs for specs in alternatives if len(specs) > 1 or not specs[0].stems]
    if not single:
        return tuple(others)
    stems = frozenset().union(*(spec.stems for spec in single))
    merged = _Spec(stems=stems, commonness=sum(spec.commonness for spec in single))
    return ((merged,), *others)


def _commonness(word: str) -> int:
    return _COMMON_HERE.get(word) or english_words().get(word, 0)


def _rarest(alternative: tuple[_Spec, ...]) -> int:
    return min(range(len(alternative)), key=lambda index: alternative[index].commonness)


def _total_commonness(hooks: list[tuple[int, tuple[_Spec, ...], int]]) -> int:
    return sum(alternative[offset].commonness for _, alternative, offset in hooks)


def _whole_alternatives(phrase: str) -> list[str]:
    """Return the phrases that stand beside a | outside of ( )."""
    depth, parts = 0, [""]
    for char in phrase:
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _flatten(alternatives: str) -> list[str]:
    """Return the alternatives of "a|b (c|d)" with inner groups multiplied out: a, b c, b d."""
    inner = _INNER.search(alternatives)
    if not inner:
        return alternatives.split("|")
    start, end = inner.span()
    before = alternatives.rfind("|", 0, start) + 1
    after = alternatives.find("|", end)
    after = len(alternatives) if after < 0 else after
    multiplied = "|".join(
        alternatives[before:start] + choice + alternatives[end:after]
        for choice in inner.group(1).split("|")
    )
    return _flatten(alternatives[:before] + multiplied + alternatives[after:])
