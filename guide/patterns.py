"""The phrase language of the YAML files, compiled to spaCy Matchers.

    word          any inflection of the word (equal stems)
    =word         exactly this word
    (a|b c|d)     alternatives of one or more words;  <name> takes them from the vocabulary
    x?            optional;  #  a number;  ..  a gap of up to 3 tokens in the sentence, ..6 of up to 6
    a & b         both, in either order, at most 6 tokens apart (&10: at most 10)

Only the Matchers whose rarest word stands in the message are run, which keeps hundreds of
phrases within a millisecond or two.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from guide.text import SENTENCE_END

GAP = 3
BOTH_GAP = 6
MAX_VARIANTS = 4000

_ELEMENT = re.compile(r"\([^()]*\)\??|<[\w-]+>\??|\.\.\d*|&\d*|[^\s()]+")
# Too common to tell which phrases may match a message.
_COMMON = frozenset(
    "a an the is am are was be been not no do does have has had he she it him her his my i we they you "
    "and or to of in on at for with so but if as this that can will would . , ? !".split()
)


class PhraseError(ValueError):
    """A phrase that can't be read; the message says where and why."""


class Match(NamedTuple):
    """One place where a key's phrases match: tokens `start` (inclusive) to `end` (exclusive)."""

    key: str
    start: int
    end: int


@dataclass(frozen=True)
class _Element:
    """A parsed element: alternatives (each a sequence of word specs), or a gap of tokens."""

    alternatives: tuple[tuple[str, ...], ...] = ()
    gap: int = 0
    optional: bool = False


class PhraseSet:
    """Named groups of phrases, matched together over a Doc made by `guide.text.Normaliser`.

    Args:
        vocab: the vocabulary of the Docs.
        stem: the stemmer that made their NORMs.
        vocabulary: named lists of phrases (plain words) for `<name>`.

    Raises:
        PhraseError: from `add`, for a phrase that can't be read.
    """

    def __init__(
        self,
        vocab: Vocab,
        stem: Callable[[str], str],
        vocabulary: Mapping[str, Sequence[str]] = {},
    ) -> None:
        self._vocab = vocab
        self._stem = stem
        self._vocabulary = vocabulary
        self._matchers: dict[str, Matcher] = {}
        self._by_anchor: dict[str, set[str]] = defaultdict(set)
        self._order: dict[str, int] = {}

    def add(self, key: str, phrases: Iterable[str]) -> None:
        """Add `phrases` under `key`; a key may be added to several times."""
        matcher = self._matchers.setdefault(key, Matcher(self._vocab, validate=False))
        self._order.setdefault(key, len(self._order))
        for phrase in phrases:
            for elements in self._orders(phrase):
                self._add_variants(key, matcher, phrase, elements)

    def matches(self, doc: Doc) -> list[Match]:
        """Return the shortest, non-nested matches of every key, in the order of the message."""
        candidates = {
            key for token in doc for key in self._by_anchor.get(token.norm_, ())
        } | self._by_anchor.get("#", set())
        found: list[Match] = []
        for key in sorted(candidates, key=self._order.__getitem__):
            spans = sorted({(end - start, start, end) for _, start, end in self._matchers[key](doc)})
            kept: list[tuple[int, int]] = []
            for _, start, end in spans:
                if not any(start <= a and b <= end for a, b in kept):
                    kept.append((start, end))
                    found.append(Match(key, start, end))
        return sorted(found, key=lambda match: (match.start, match.end))

    def words(self) -> set[str]:
        """Return the stems that some phrase hangs on."""
        return set(self._by_anchor)

    def _orders(self, phrase: str) -> list[list[_Element]]:
        """Return the element sequences of a phrase: two for each `&`, one without it."""
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
        parsed = [[self._parse(raw, phrase) for raw in part] for part in parts]
        if not gaps:
            return parsed
        gap = _Element(gap=max(gaps))
        return [
            [element for index, part in enumerate(order) for element in ([gap] * (index > 0) + part)]
            for order in itertools.permutations(parsed)
        ]

    def _parse(self, raw: str, phrase: str) -> _Element:
        if raw.startswith(".."):
            return _Element(gap=int(raw[2:] or GAP))
        optional = raw.endswith("?") and len(raw) > 1
        raw = raw[:-1] if optional else raw
        if raw.startswith("("):
            alternatives = raw[1:-1].split("|")
        elif raw.startswith("<"):
            name = raw[1:-1]
            if name not in self._vocabulary:
                known = ", ".join(sorted(self._vocabulary)[:8])
                raise PhraseError(f"{phrase!r}: there is no <{name}> in the vocabulary ({known}, ...)")
            alternatives = list(self._vocabulary[name])
        elif "|" in raw:
            alternatives = raw.split("|")
        else:
            alternatives = [raw]
        split = tuple(tuple(alternative.split()) for alternative in alternatives)
        if not all(split):
            raise PhraseError(f"{phrase!r}: an alternative is empty")
        return _Element(alternatives=split, optional=optional)

    def _add_variants(
        self, key: str, matcher: Matcher, phrase: str, elements: list[_Element]
    ) -> None:
        choices = [self._choices(element) for element in elements]
        count = 1
        for choice in choices:
            count *= len(choice)
        if count > MAX_VARIANTS:
            raise PhraseError(f"{phrase!r}: {count} variants are too many; split it")
        for variant in itertools.product(*choices):
            specs = [spec for part in variant for spec in part]
            if not specs or all("OP" in spec for spec in specs):
                raise PhraseError(f"{phrase!r}: needs at least one word that is not optional")
            matcher.add(key, [[_public(spec) for spec in specs]])
            for anchor in _anchor(specs):
                self._by_anchor[anchor].add(key)

    def _choices(self, element: _Element) -> list[list[dict[str, Any]]]:
        """Return the token specs of an element; one-word alternatives share one spec."""
        if element.gap:
            return [[{"NORM": {"NOT_IN": list(SENTENCE_END)}, "OP": f"{{0,{element.gap}}}"}]]
        single = [words[0] for words in element.alternatives if len(words) == 1]
        choices = [[self._spec(word) for word in words] for words in element.alternatives if len(words) > 1]
        stems = [word for word in single if not word.startswith(("=", "#"))]
        if stems:
            norms = sorted({self._stem(word) for word in stems})
            choices.append([{"NORM": {"IN": norms}, "_anchor": norms}])
        choices.extend([self._spec(word)] for word in single if word.startswith(("=", "#")))
        return [*choices, []] if element.optional else choices

    def _spec(self, word: str) -> dict[str, Any]:
        if word == "#":
            return {"LIKE_NUM": True, "_anchor": ["#"]}
        if word.startswith("=") and len(word) > 1:
            return {"LOWER": word[1:], "_anchor": [self._stem(word[1:])]}
        stem = self._stem(word)
        return {"NORM": stem, "_anchor": [stem]}


def _public(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name != "_anchor"}


def _anchor(specs: list[dict[str, Any]]) -> list[str]:
    """Return the stems of the spec that is least likely to stand in any message."""
    anchors = [spec["_anchor"] for spec in specs if "_anchor" in spec]

    def commonness(stems: list[str]) -> tuple[bool, int]:
        return any(stem in _COMMON or stem == "#" for stem in stems), len(stems)

    return min(anchors, key=commonness)
