"""What a parent's words answer to a safety check: yes, no, or nothing.

Who isn't sure says yes (clinical-reference 1.1, rule 11); "no, but ..." is no plain no.
"""

from __future__ import annotations

import re
from enum import Enum

from guide.reading import is_telling, words_of

_BEFORE = r"\W* ((well|um+|omg|oh|ok|okay|unfortunately|sadly|actually)\W+)?"
_THEY = r"(he|she|it|they|baby|we)"
_WELL = r"(fine|ok|okay|good|great|well|happy|alright|all\ right|normal|perfect)"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


_UNSURE = _pattern(
    rf"""
    {_BEFORE}
    (
        (i'?m\ |i\ am\ |we'?re\ |we\ are\ )?
        (not\ ((really|that|too|so|quite|entirely|totally|very)\ )?(sure|certain)|unsure)
        |(i\ )?(don'?t|do\ not)\ (really\ )?know|idk|dunno|no\ (idea|clue)
        |hard\ to\ (say|tell)|(i\ )?can'?t\ (really\ )?(tell|say)
        |no\W+(well\W+)?(maybe|perhaps)
    )\b
    """
)
_YES = _pattern(
    rf"""
    {_BEFORE} ((no,?\ wait|no,?\ i\ mean)\W+)?
    (
        (
            yes+|yea|yeah|yeh|yep|yup|y|ya|aye|true|correct|exactly|definitely|absolutely
            |maybe|perhaps|possibly|probably|sometimes|kind\ of|kinda|sort\ of|sorta
            |i\ guess|(i\ )?think\ so|i\ think\ {_THEY}\ (is|does|has|are)
            |({_THEY}\ )?(could|might|may)\ be|some\ of|one\ of|both|all\ of
        )\b (?!\W+(not|no|none)\b)
        |(
            ({_THEY}\ (is|does|has|are|do|have)|(it|he|she)'?s\ (happening|doing\ it))
            (\ right)?(\ now)?
            |happening(\ right)?\ now|still|slightly|earlier|(just\ )?a\ (bit|little)(\ yes)?
            |(just\ |only\ )?the\ (\w+\ one|first|second|third|last)
        )\W*$
    )
    """
)
_YES_BUT_WELL = _pattern(
    rf"""
    {_BEFORE} (yes+|yea|yeah|yeh|yep|yup|y|ya|aye)\W+
    ({_THEY}\W?(\ ?i?s|\ are|\ seems)?\ )? ((all|totally|absolutely|perfectly|just)\ )?{_WELL}
    (\ now|\ thanks|\ thank\ you)?\W*$
    """
)
_NOT_AT_ALL = _pattern(
    rf"""
    {_BEFORE}
    (
        (definitely|absolutely|exactly|certainly|thankfully|luckily)\ (not|no|none)
        |true\W+no
        |nothing|negative|{_THEY}\ (has|have|is)\ none
    )\b (?!.*\b(but|except|apart|only)\b) (\W+\w+){{0,4}}\W*$
    """
)
_NO = _pattern(  # a longer message asks something of its own
    rf"""
    {_BEFORE}
    (
        (no|nope|nah|none|neither|n|not\ (really|at\ all|that))\b
        (?!.*\b(yes|actually|now|but|maybe|perhaps|only|except|apart)\b) (\W+\w+){{0,3}}
        |{_THEY}(\ is|'?s|'?re|\ are|\ does|\ has)?\ ?(not|isn'?t|aren'?t|doesn'?t|hasn'?t)
        |not\ (now|any\ ?more)
    )\W*$
    """
)
_DENIES = re.compile(r"\b(no|not|none|never)\b|n't\b", re.IGNORECASE)
_SHADES = frozenset(
    "dark light bright pale deep bit kind kinda sort some little slightly very quite looks look "
    "bits yellowy yellow greeny maybe think yes now today ones still this morning just".split()
)
"""Words that only shade the question's own: "dark green"."""

SAME_START = 4
"""Letters in which "greenish" and the question's "green" must agree, at least."""


class Answer(Enum):
    """What an answer comes to."""

    YES = "check_yes"
    NO = "check_no"


def read_answer(
    text: str, question: str, *, tells_a_fact: bool, tells_a_symptom: bool
) -> Answer | None:
    """Return what `text` answers to the check `question`, or None where it is no answer.

    Args:
        text: the message.
        question: what was asked, its lines joined.
        tells_a_fact: the message tells something of the baby that was not known ("2 months").
        tells_a_symptom: it tells a symptom: "no, he vomited" is no plain no.
    """
    if _UNSURE.match(text):
        return Answer.YES
    if _NOT_AT_ALL.match(text) or _YES_BUT_WELL.match(text):
        return Answer.NO
    if _YES.match(text) or (not tells_a_fact and _says_it_again(text, question)):
        return Answer.YES
    return Answer.NO if _NO.match(text) and not tells_a_symptom else None


def _says_it_again(text: str, question: str) -> bool:
    """Tell whether an answer has none but the question's own words: "green", to "is it green?"."""
    said = [word for word in words_of(text) if is_telling(word) and word not in _SHADES]
    asked = [word for word in words_of(question) if is_telling(word)]
    return bool(said) and not _DENIES.search(text) and all(_is_one_of(word, asked) for word in said)


def _is_one_of(word: str, asked: list[str]) -> bool:
    return any(word == one or (len(one) >= SAME_START and word.startswith(one)) for one in asked)
