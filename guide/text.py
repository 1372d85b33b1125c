"""From a parent's typing to a spaCy Doc that rules can be matched on.

The text is cleaned (controls, quotes, runs of blanks), cut into tokens, its contractions are
expanded ("cant" -> "can not"), slang and typos are repaired against the lexicon, and each token's
NORM is set to its stem. What the parent typed stays reachable by character offsets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources

import snowballstemmer
import spacy
from spacy.tokens import Doc, Span
from symspellpy import SymSpell, Verbosity

MAX_CHARS = 2000
"""Longest message that is read, in characters; what is longer keeps its start and its end."""

SENTENCE_END = (".", "!", "?", ";")

_QUOTES = str.maketrans(
    {**dict.fromkeys("’‘`´′ʼ‵ʹ＇", "'"), **dict.fromkeys("“”„″", '"'), "…": "..."}
)
_KEPT = re.compile(r"([½¼¾℃℉])")
"""What Unicode's normal form would tear apart: "6½" is no "61⁄2"."""

MAX_STRINGS = 50_000
"""Words that a spaCy vocabulary keeps before it is made anew: it forgets none by itself."""

MAX_APOSTROPHES = 3
"""A word with more of them has none that count."""

_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)?"  # 38,5
    r"|[^\W\d_]+(?:'[^\W\d_]+)*"  # she's
    r"|\n+"
    r"|[½¼¾°℃℉]"
    r"|[^\w\s]",
)
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")  # "dairy-free" is read as two words
_REPEATED = re.compile(r"([a-z])\1{2,}")
_SUFFIXES = {
    "n't": ["not"],
    "'re": ["are"],
    "'ve": ["have"],
    "'ll": ["will"],
    "'d": ["would"],
    "'m": ["am"],
}
_IS_AFTER = frozenset("he she it that there what who where how here this everything".split())


def clean(text: str) -> str:
    """Return `text` without control characters and typographic quotes, at most `MAX_CHARS` long.

    Characters that nobody sees (a soft hyphen, a blank of no width) part no words.
    """
    parts = _KEPT.split(text.translate(_QUOTES))
    text = "".join(
        part if _KEPT.match(part) else unicodedata.normalize("NFKC", part) for part in parts
    )
    text = "".join(map(_visible, text))
    if len(text) > MAX_CHARS:
        half = MAX_CHARS // 2
        text = f"{text[:half]}\n{text[-half + 1 :]}"
    return text


def without_accents(text: str) -> str:
    """Return `text` with each letter bare: "étouffe" as "etouffe"."""
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if char == "\n" or category[0] != "C":
        return char
    return "" if category == "Cf" else " "


def _lower(text: str) -> str:
    """Return `text` in small letters, each where its capital stood."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


@lru_cache(maxsize=1)
def english_words() -> dict[str, int]:
    """Return common English words with how often they stand in a large collection of texts.

    A word of it is never "repaired" into another, and a phrase hangs on its rarest word.
    """
    source = resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    with source.open(encoding="utf-8-sig") as lines:
        return {word: int(count) for word, count in map(str.split, lines)}


class Stemmer:
    """The Snowball English stemmer with the irregular forms that the lexicon names."""

    def __init__(self, irregular: Mapping[str, str] = {}) -> None:
        self._stem = snowballstemmer.stemmer("english").stemWord
        self._irregular = dict(irregular)
        self._cache: dict[str, str] = {}

    def __call__(self, word: str) -> str:
        """Return the stem of `word` (lower case)."""
        stem = self._cache.get(word)
        if stem is None:
            stem = self._stem(self._irregular.get(word, word))
            if len(self._cache) < 50_000:
                self._cache[word] = stem
        return stem


class Normaliser:
    """Makes Docs. One instance serves a process; it holds no conversation state.

    Args:
        expansions: what a token stands for, as blank-separated words ("cant": "can not").
        irregular: base forms of irregular words ("woke": "wake").
        known: words that the lexicon uses: never repaired, and the target of repairs.
    """

    def __init__(
        self,
        expansions: Mapping[str, str] = {},
        irregular: Mapping[str, str] = {},
        known: Iterable[str] = (),
    ) -> None:
        self._vocab = spacy.blank("en").vocab
        self.stem = Stemmer(irregular)
        self._expansions = {token: words.split() for token, words in expansions.items()}
        self._known = frozenset(known) | frozenset(irregular)
        self._speller = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        for word in self._known:
            if len(word) > 3 and word.isalpha():
                self._speller.create_dictionary_entry(word, 1)
        self._repairs: dict[str, str] = {}

    def __call__(self, text: str) -> Doc:
        """Return the Doc of `text`; its `user_data["offsets"]` counts in `clean(text)`."""
        words: list[str] = []
        offsets: list[tuple[int, int]] = []
        for match in _TOKEN.finditer(_HYPHEN.sub(" ", _lower(clean(text)))):
            for word in self._expand(match.group()):
                words.append(word)
                offsets.append(match.span())
        if len(self._vocab.strings) > MAX_STRINGS:
            self._vocab = spacy.blank("en").vocab
        doc = Doc(self._vocab, words=words)
        for token, word in zip(doc, words, strict=True):
            token.norm_ = self.stem(word)
        doc.user_data["offsets"] = offsets
        return doc

    def expand(self, word: str) -> list[str]:
        """Return the words that a word of the lexicon stands for; "can't" as a parent's would."""
        if "'" in word:
            return self._expand_apostrophe(word)
        return self._expansions.get(word, [word])

    def _expand(self, token: str) -> list[str]:
        if token.startswith("\n"):
            return ["."]
        if not token[0].isalpha():
            return [token]
        if "'" in token:
            return self._expand_apostrophe(token)
        token = _REPEATED.sub(r"\1\1", token)
        if token in self._expansions:
            return self._expansions[token]
        repaired = self._repair(token)
        return self._expansions.get(repaired, [repaired])

    def _expand_apostrophe(self, token: str) -> list[str]:
        joined = token.replace("'", "")
        if token.count("'") > MAX_APOSTROPHES:
            return self._expand(joined)
        if joined in self._expansions and not token.endswith(("'ll", "'re", "'d")):
            return self._expansions[joined]
        for suffix, words in _SUFFIXES.items():
            if token.endswith(suffix) and len(token) > len(suffix):
                return [*self._expand(token[: -len(suffix)]), *words]
        stem, _, suffix = token.rpartition("'")
        if suffix == "s":
            return [*self._expand(stem), *(["is"] if stem in _IS_AFTER else [])]
        return self._expand(joined)

    def _repair(self, word: str) -> str:
        """Return the lexicon's word nearest to a word that is no English word, else `word`."""
        if len(word) < 4 or word in self._known or word in english_words():
            return word
        repaired = self._repairs.get(word)
        if repaired is None:
            distance = 1 if len(word) < 7 else 2
            found = self._speller.lookup(word, Verbosity.TOP, max_edit_distance=distance)
            repaired = found[0].term if found else _undouble(word, self._known)
            if len(self._repairs) < 20_000:
                self._repairs[word] = repaired
        return repaired


def _undouble(word: str, known: frozenset[str]) -> str:
    """Return `word` with doubled letters made single where that gives a known word."""
    single = re.sub(r"([a-z])\1", r"\1", word)
    return single if single in known else word


def span_text(span: Span, text: str) -> tuple[int, int, str]:
    """Return (start, end, words) of `span` in `clean(text)`, in characters."""
    offsets = span.doc.user_data["offsets"]
    start, end = offsets[span.start][0], offsets[span.end - 1][1]
    return start, end, clean(text)[start:end]
