"""Runs `rasa` with a terminal chat whose buttons are plain lines, chosen by a letter.

    python scripts/plain_shell.py shell [arguments for `rasa shell`]

Stock `rasa shell` opens a menu where the bot offers buttons, and the menu swallows what is typed: a
danger sign would pick the first button. Here everything typed is the parent's message.
"""

from __future__ import annotations

import string
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

OFFERED: dict[str, str] = {}
"""Payloads of the buttons on show, by letter."""


def lines_of(message: Mapping[str, Any]) -> list[str]:
    """Returns a bot message as lines, its buttons with a letter each; they stay on offer."""
    lines = [str(message["text"])] if message.get("text") else []
    for button in message.get("buttons") or message.get("quick_replies") or ():
        letter = string.ascii_lowercase[len(OFFERED) % 26]
        OFFERED[letter] = button.get("payload") or button["title"]
        lines.append(f"   {letter}) {button['title']}")
    return lines


def chosen(typed: str) -> str:
    """Returns the payload of the button whose letter was typed, else what was typed."""
    picked = OFFERED.get(typed.strip().rstrip(")").lower(), typed)
    OFFERED.clear()
    return picked


def install() -> None:
    """Puts the plain lines in the place of Rasa's menu."""
    import rasa.shared.utils.cli
    from rasa.core.channels import console
    from rasa.shared.utils.io import bcolors

    ask: Callable[[Any], Awaitable[str | None]] = console._get_user_input

    def show(message: dict[str, Any], *_: Any, **__: Any) -> None:
        rasa.shared.utils.cli.print_color("\n".join(lines_of(message)), color=bcolors.OKBLUE)

    async def get_input(previous: dict[str, Any] | None) -> str | None:
        typed = await ask(previous)
        return typed if typed is None else chosen(typed)

    console._print_bot_output = show
    console._get_user_input = get_input


def main() -> None:
    """Runs `rasa` with the arguments of this script."""
    install()
    from rasa.__main__ import main as run_rasa

    sys.argv[0] = "rasa"
    run_rasa()


if __name__ == "__main__":
    main()
