"""Text as Telegram takes it: plain, within the limits, split where a reader would pause.

Messages go out without a parse mode, so no character of theirs has a meaning for Telegram.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

MAX_MESSAGE_UNITS = 4096
MAX_BUTTON_UNITS = 60
MAX_TOAST_UNITS = 200
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PARAGRAPH = re.compile(r"(?<=\n\n)(?=[^\n])")
_LINE = re.compile(r"(?<=\n)(?=[^\n])")
_SENTENCE = re.compile(r"(?<=[.!?…])(?=\s)")
_WORD = re.compile(r"(?<=\s)(?=\S)")


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units, in which Telegram counts offsets.

    It is never less than the number of characters, so a limit kept in units is kept either way.
    """
    return len(text) + sum(ord(char) > 0xFFFF for char in text)


def tidy(text: str) -> str:
    """Return `text` without characters that Telegram refuses or that would disguise it."""
    kept = (
        char
        for char in text.replace("\r\n", "\n")
        if char in "\n\t"
        or (unicodedata.category(char) not in ("Cc", "Cs") and char not in _DIRECTION_MARKS)
    )
    return "".join(kept).strip()


def shorten(text: str, limit: int) -> str:
    """Return `text` cut to `limit` UTF-16 units, ending in an ellipsis when it was longer."""
    if units(text) <= limit:
        return text
    return next(_chunks(text, limit - 1)).rstrip() + "…"


def _chunks(text: str, limit: int) -> Iterator[str]:
    """Cut a text without a pause in it: by characters, and not before a combining mark."""
    while text:
        size, end = 0, 0
        while end < len(text) and size + units(text[end]) <= limit:
            size += units(text[end])
            end += 1
        back = end
        while 0 < back < len(text) and _joins(text[back - 1], text[back]):
            back -= 1
        end = back or end
        yield text[:end]
        text = text[end:]


def _joins(left: str, right: str) -> bool:
    joiners = ("\u200d", "\ufe0f")
    return left == "\u200d" or right in joiners or unicodedata.combining(right) > 0


def _pieces(text: str, limit: int, breaks: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    """Yield pieces within `limit`, each broken at the coarsest pause that serves."""
    if units(text) <= limit:
        yield text
    elif breaks:
        for part in breaks[0].split(text):
            yield from _pieces(part, limit, breaks[1:])
    else:
        yield from _chunks(text, limit)


def _packed(pieces: Iterable[str], limit: int) -> Iterator[str]:
    packed = ""
    for piece in pieces:
        if packed and units(packed + piece) > limit:
            yield packed
            packed = ""
        packed += piece
    yield packed


def split_text(text: str, limit: int = MAX_MESSAGE_UNITS) -> list[str]:
    """Return `text` as messages of at most `limit` UTF-16 units, none of them blank.

    Breaks between paragraphs where it can, else between lines, sentences, words.
    """
    pieces = _pieces(tidy(text), limit, (_PARAGRAPH, _LINE, _SENTENCE, _WORD))
    return [part.strip() for part in _packed(pieces, limit) if part.strip()]
