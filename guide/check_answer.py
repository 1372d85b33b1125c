"""What a parent's words answer to a safety check: yes, no, or nothing.

The wordings stand in data/lexicon/answers.yml. Who isn't sure says yes (clinical-reference 1.1,
rule 11); "no, but ..." is no plain no.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from spacy.tokens import Doc

from guide.lexicon import AnswerWords, Lexicon
from guide.patterns import Match, PhraseSet
from guide.reading import is_telling, words_of
from guide.recogniser import Recognition

BEFORE, SHADES = "before_an_answer", "shades_an_answer"
"""Lists of the lexicon's words: what may stand before an answer, and what only shades one."""

_STARTS, _WHOLE = " starts", " whole"
_DENIES = re.compile(r"\b(no|not|none|never)\b|n't\b", re.IGNORECASE)

SAME_START = 4
"""Letters in which "greenish" and the question's "green" must agree, at least."""


class Answer(Enum):
    """What an answer comes to."""

    YES = "check_yes"
    NO = "check_no"


class CheckAnswers:
    """Reads answers to safety checks; built once, safe to share.

    Args:
        lexicon: has the wordings.
        phrases: an empty set, which they are put into.

    Raises:
        PhraseError: for a wording that can't be read.
    """

    def __init__(self, lexicon: Lexicon, phrases: PhraseSet) -> None:
        self._answers = lexicon.answers
        self._before = frozenset(lexicon.words.get(BEFORE, ()))
        self._shades = frozenset(lexicon.words.get(SHADES, ()))
        self._phrases = phrases
        for name, answer in lexicon.answers.items():
            phrases.add(name + _STARTS, answer.starts, answer.unless)
            phrases.add(name + _WHOLE, answer.whole, answer.unless)

    def __call__(
        self, recognition: Recognition, question: str, *, tells_a_fact: bool, tells_a_symptom: bool
    ) -> Answer | None:
        """Return what a message answers to the check `question`, or None where it is no answer.

        Args:
            recognition: the message.
            question: what was asked, its lines joined.
            tells_a_fact: the message tells something of the baby that was not known ("2 months").
            tells_a_symptom: it tells a symptom: "no, he vomited" is no plain no.
        """
        answer = self._said(recognition.doc)
        if answer is None and not tells_a_fact and self._says_it_again(recognition.text, question):
            return Answer.YES
        return None if answer is Answer.NO and tells_a_symptom else answer

    def _said(self, doc: Doc) -> Answer | None:
        matches = self._phrases.matches(doc)
        words = [token.text for token in doc]
        told = [place for place, word in enumerate(words) if any(map(str.isalnum, word))]
        first = next((place for place in told if words[place] not in self._before), None)
        for name, answer in self._answers.items():
            starts = [one for one in matches if one.key == name + _STARTS and one.start == first]
            whole = [one for one in matches if one.key == name + _WHOLE]
            rests = [[words[place] for place in told if place >= one.end] for one in starts]
            if any(_may_follow(answer, rest) for rest in rests) or _covers(whole, told, first):
                return Answer(answer.means)
        return None

    def _says_it_again(self, text: str, question: str) -> bool:
        """Tell whether it has none but the question's own words: "green", to "is it green?"."""
        said = [word for word in words_of(text) if is_telling(word) and word not in self._shades]
        asked = [word for word in words_of(question) if is_telling(word)]
        denied = _DENIES.search(text)
        return bool(said) and not denied and all(_is_one_of(word, asked) for word in said)


def _may_follow(answer: AnswerWords, rest: list[str]) -> bool:
    few = answer.at_most is None or len(rest) <= answer.at_most
    return few and not set(answer.without) & set(rest)


def _covers(matches: Iterable[Match], told: Iterable[int], first: int | None) -> bool:
    """Tell whether matches hold every word from the first of the answer on."""
    needed = {place for place in told if first is not None and place >= first}
    held = {place for one in matches for place in range(one.start, one.end)}
    return bool(needed) and needed <= held


def _is_one_of(word: str, asked: list[str]) -> bool:
    return any(word == one or (len(one) >= SAME_START and word.startswith(one)) for one in asked)
