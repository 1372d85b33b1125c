"""Rasa SDK actions: slots in, `guide`'s words out. Each file holds one action."""


def warm_up() -> None:
    """Load the guide before the first question comes."""
    from actions.base import guide

    guide()
