"""Messages that aren't in English: which language, what to say in it, and whether it tells danger.

Scripts are told by their letters, languages in Latin letters by their commonest words. The guide
answers with one sentence in that language, the emergency line in it, and then in English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from guide.text import clean, english_words, without_accents

ENOUGH_WORDS = 0.45
"""Share of a message's words that must be a language's own for it to count as written in it."""

ENOUGH_LETTERS = 0.3
"""Share of its letters that must be of a script."""

SCRIPTS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "devanagari": ((0x0900, 0x097F),),
    "arabic": ((0x0600, 0x06FF), (0x0750, 0x077F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
    "cyrillic": ((0x0400, 0x052F),),
    "han": ((0x4E00, 0x9FFF), (0x3400, 0x4DBF)),
    "kana": ((0x3040, 0x30FF),),
    "hangul": ((0xAC00, 0xD7AF), (0x1100, 0x11FF)),
    "bengali": ((0x0980, 0x09FF),),
    "gurmukhi": ((0x0A00, 0x0A7F),),
    "tamil": ((0x0B80, 0x0BFF),),
    "hebrew": ((0x0590, 0x05FF),),
    "greek": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
    "thai": ((0x0E00, 0x0E7F),),
}
LAST_LATIN = "\u024f"
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
# English words that other languages share, or that parents of any language type.
_SHARED = frozenset(
    "me no a baby in on to he we man die war pet main par so son sin has are but".split()
)


@dataclass(frozen=True)
class Language:
    """A language that parents write in.

    Attributes:
        code: its id; name: its English name.
        say: one sentence in it: English only, and whom to call in danger.
        words: its common words, for a language in Latin letters.
        script: a key of `SCRIPTS`, for any other.
        letters: letters of that script that only this language has.
        danger: wordings of an emergency in it.
        native_check: a native speaker has read the sentence.
    """

    code: str
    name: str
    say: str
    words: frozenset[str] = frozenset()
    script: str = ""
    letters: str = ""
    danger: tuple[str, ...] = ()
    native_check: bool = False


@dataclass(frozen=True)
class Foreign:
    """What a message in another language is: the language, and whether it tells of danger."""

    language: Language
    is_danger: bool


class Languages:
    """Recognises other languages; built once.

    Args:
        entries: language entries by code, as in `data/lexicon/languages.yml`.
    """

    def __init__(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self.languages = tuple(_language(code, entry) for code, entry in entries.items())
        self._danger = {one.code: _danger_pattern(one) for one in self.languages if one.danger}

    def __call__(self, text: str) -> Foreign | None:
        """Return what language `text` is in, or None for English and for what can't be told."""
        text = unicodedata.normalize("NFC", clean(text)).lower()
        language = self._by_script(text) or self._by_words(text)
        if language is None and text.isascii() and all(map(_is_english, _WORD.findall(text))):
            return None
        danger = [one for one in self.languages if self._tells_danger(text, one)]
        if language is None:
            # A cry for help, short or in the midst of English words, tells the language by itself.
            language = next((one for one in danger if _tells_by_itself(text, one)), None)
        if language is None:
            return None
        same = [one for one in danger if one is language or one.script == language.script]
        return Foreign(language, bool(same))

    def _tells_danger(self, text: str, language: Language) -> bool:
        pattern = self._danger.get(language.code)
        return bool(pattern and pattern.search(text))

    def _by_script(self, text: str) -> Language | None:
        letters = [char for char in text if char.isalpha()]
        if not letters or text.isascii():
            return None
        for language in self.languages:
            if not language.script:
                continue
            own = sum(_in_script(char, language.script) for char in letters)
            enough = own / len(letters) >= (0.1 if language.script == "kana" else ENOUGH_LETTERS)
            if enough and (not language.letters or any(c in language.letters for c in text)):
                if language.script == "han" and any(_in_script(c, "kana") for c in letters):
                    continue
                return language
        return None

    def _by_words(self, text: str) -> Language | None:
        words = _WORD.findall(text)
        if not words:
            return None
        counts = {
            language: sum(word in language.words for word in words)
            for language in self.languages
            if language.words
        }
        if not counts:
            return None
        best = max(counts, key=lambda language: counts[language])
        telling = [
            word
            for word in words
            if word in best.words and word not in _SHARED and not _is_english(word)
        ]
        english = sum(_is_english(word) and word not in best.words for word in words)
        if len(telling) < 2 and not (telling and len(words) <= 3):
            return None
        enough = counts[best] / len(words) >= ENOUGH_WORDS or len(telling) > english
        return best if enough and counts[best] > english else None


def _language(code: str, entry: Mapping[str, Any]) -> Language:
    return Language(
        code=code,
        name=entry["name"],
        say=entry["say"],
        words=frozenset(entry.get("words", ())),
        script=entry.get("script", ""),
        letters=entry.get("letters", ""),
        danger=_danger_phrases(entry),
        native_check=bool(entry.get("native_check")),
    )


def _danger_phrases(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the wordings of an emergency; in Latin letters also without accents: "s'etouffe"."""
    phrases = tuple(entry.get("danger", ()))
    if entry.get("script"):
        return phrases
    return tuple(dict.fromkeys([*phrases, *map(without_accents, phrases)]))


def load_languages(path: Path) -> dict[str, dict[str, Any]]:
    """Read the entries of `data/lexicon/languages.yml`, by code."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))[
        "languages"
    ]
    return entries


def in_latin_letters(text: str) -> bool:
    """Tell whether no more than half of the letters of `text` are of another alphabet."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(char > LAST_LATIN for char in letters) <= len(letters)


def _in_script(char: str, script: str) -> bool:
    return any(first <= ord(char) <= last for first, last in SCRIPTS[script])


def _danger_pattern(language: Language) -> re.Pattern[str]:
    """Return a pattern of the language's danger words; scripts join words, so parts count too."""
    phrases = "|".join(map(re.escape, sorted(language.danger, key=len, reverse=True)))
    return re.compile(phrases if language.script else rf"(?<!\w)(?:{phrases})(?!\w)")


def _tells_by_itself(text: str, language: Language) -> bool:
    """Tell whether a phrase of danger that can't be English is in the text.

    "Engasgou com pipoca"; a phrase of several words needs one that isn't English.
    """
    others = [word for word in _WORD.findall(text) if not _is_english(word)]
    return any(
        phrase in others
        or (
            " " in phrase
            and phrase in text
            and any(word in language.words or word in phrase for word in others)
        )
        for phrase in language.danger
    )


def _is_english(word: str) -> bool:
    return word.isascii() and (word in _SHARED or word in english_words())
