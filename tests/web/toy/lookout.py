"""A look-out for one danger sign, standing in for the guide's."""

from guide.model import Facts, Level, Reply


def lookout(text: str, facts: Facts) -> "Reply | None":
    """Answer any text with "breathe" in it."""
    if "breathe" not in text.lower():
        return None
    return Reply(text="Call 999, 112 or 911 now.", level=Level.EMERGENCY, rules=("breathing",))
