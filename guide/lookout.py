"""The look-out for danger before the conversation lock: a second pair of eyes for the channels.

It needs no tracker, no lock and no action server, so a slow turn or a lost store can't hold back
an emergency reply.
"""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone

from guide.assess import Memory, assess
from guide.knowledge import shared_reader, shared_recogniser
from guide.lexicon import Lexicon
from guide.model import Facts, Level, Reply
from guide.state import line_slots

READ_WHOLE = 900
"""Longest text, in characters, that the second reader reads nearly whole; more is for the rules."""


def look_out(text: str, facts: Facts) -> Reply | None:
    """Return the emergency reply to `text`, or None when it holds no emergency.

    Args:
        text: the message as typed, at most `guide.text.MAX_CHARS` characters.
        facts: what is known of the baby.
    """
    recogniser = shared_recogniser()
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    reader = shared_reader() if len(text) <= READ_WHOLE else None
    outcome = assess(recogniser, text, facts, Memory(), now, reader=reader).outcome
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
