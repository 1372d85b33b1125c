"""The look-out for danger before the conversation lock: a second pair of eyes for the channels.

It needs no tracker, no lock and no action server, so a slow turn or a lost store can't hold back
an emergency reply.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from guide.assess import assess
from guide.knowledge import shared_reader, shared_recogniser
from guide.lexicon import Lexicon
from guide.model import Level, Reply
from guide.second_opinion import tells_little
from guide.state import line_slots, read_facts, read_memory

READ_WHOLE = 900
"""Longest text, in characters, that the second reader reads nearly whole; more is for the rules."""


def look_out(text: str, slots: Mapping[str, Any]) -> Reply | None:
    """Return the emergency reply to `text`, or None when it holds no emergency.

    Args:
        text: the message as typed, at most `guide.text.MAX_CHARS` characters.
        slots: what is known of the conversation: Rasa's slots by name, or none.
    """
    facts, memory = read_facts(slots), read_memory(slots)
    recogniser = shared_recogniser()
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    reader = shared_reader() if len(text) <= READ_WHOLE else None
    assessed = assess(recogniser, text, facts, memory, now, reader=reader)
    if tells_little(assessed.recognition) and not memory.said:
        # What "and the blankets?" is about was said before: the turn itself knows that.
        assessed = assess(recogniser, text, facts, memory, now)
    outcome = assessed.outcome
    if outcome.level is not Level.EMERGENCY:
        return None
    country = facts.country or os.environ.get("GUIDE_COUNTRY", "")
    signs = (outcome.signs[0], *outcome.carer_signs[:1])
    words = "\n\n".join(sign_words(recogniser.lexicon, sign, country) for sign in signs)
    return Reply(text=words, level=Level.EMERGENCY, rules=signs)


def sign_words(lexicon: Lexicon, name: str, country: str) -> str:
    """Return what is said to a sign, with the numbers of `country` ("" when unknown)."""
    sign = lexicon.signs[name]
    lines = line_slots(lexicon, country)
    words = f"{sign.now}\n{sign.then}".strip()
    return re.sub(r"\{(\w+)\}", lambda match: lines[f"line_{match.group(1)}"], words)
