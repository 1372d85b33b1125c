"""The settings of the Telegram channel, from the environment and `credentials.yml`."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from channels.telegram_api import DEFAULT_BASE_URL, base_url
from channels.words import ROOT

MODES = ("polling", "webhook")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
# What `credentials.yml` may set; all that is secret or differs by machine is in the environment.
_IN_CREDENTIALS = frozenset({"lookout", "turn_timeout_s"})


class SettingsError(ValueError):
    """The settings can't work; the text says which, and never holds the token."""


@dataclass(frozen=True)
class Settings:
    """How the channel reaches Telegram.

    Attributes:
        token: the bot's token; empty when there is to be no Telegram.
        server: address of the Bot API server.
        mode: `polling` or `webhook`.
        webhook_url: the public address to which Telegram posts.
        webhook_secret: what Telegram must send along.
        state: the file that remembers what was answered.
        lookout: dotted path of a function `(text, facts) -> Reply | None`.
        poll_s: seconds that a request for updates may stay open.
        typing_after_s, turn_timeout_s, turn_limit_s: seconds of a slow turn until the typing
            action (or the danger reply), until a sign of life, until it is given up.
        sends_per_second: to all chats together; Telegram allows about 30.
        backoff_first_s, backoff_most_s: pauses after failures.
        stop_wait_s: how long a stop waits for what is on its way.
    """

    token: str = ""
    server: str = DEFAULT_BASE_URL
    mode: str = "polling"
    webhook_url: str = ""
    webhook_secret: str = ""
    state: Path = ROOT / ".state" / "telegram.db"
    lookout: str | None = None
    poll_s: float = 25.0
    typing_after_s: float = 0.7
    turn_timeout_s: float = 8.0
    turn_limit_s: float = 60.0
    sends_per_second: float = 25.0
    backoff_first_s: float = 1.0
    backoff_most_s: float = 60.0
    stop_wait_s: float = 5.0

    @property
    def bot(self) -> str:
        """Return the bot's id: the number before the token's colon, else a digest of it."""
        number = self.token.partition(":")[0]
        if number.isascii() and number.isdigit():
            return number
        return hashlib.sha256(self.token.encode()).hexdigest()[:12]

    @property
    def secret(self) -> str:
        """Return the webhook's secret: the one that is set, else one derived from the token."""
        if self.webhook_secret:
            return self.webhook_secret
        return hmac.new(self.token.encode(), b"webhook", hashlib.sha256).hexdigest()

    def check(self) -> None:
        """Raise SettingsError when the settings can't work."""
        if not re.fullmatch(r"[\x21-\x7e]+", self.token) or set(self.token) & set("/?#%"):
            raise SettingsError("TELEGRAM_TOKEN is not a token")
        if self.mode not in MODES:
            raise SettingsError(f"TELEGRAM_MODE must be one of {', '.join(MODES)}")
        if not self.server.startswith(("http://", "https://")):
            raise SettingsError("TELEGRAM_BASE_URL must begin with https:// or http://")
        if self.mode == "webhook" and not self.webhook_url:
            raise SettingsError("TELEGRAM_MODE=webhook needs TELEGRAM_WEBHOOK_URL")
        if not _SECRET.fullmatch(self.secret):
            raise SettingsError("TELEGRAM_WEBHOOK_SECRET may hold 1 to 256 of A-Z a-z 0-9 _ -")

    @classmethod
    def read(cls, credentials: Mapping[str, Any] | None, env: Mapping[str, str]) -> Settings:
        """Read the settings; the environment has those that differ from machine to machine.

        Raises:
            TypeError: `credentials.yml` holds a setting that does not exist.
        """
        given = dict(credentials or {})
        unknown = set(given) - _IN_CREDENTIALS
        if unknown:
            raise TypeError(f"unknown settings of the Telegram channel: {sorted(unknown)}")
        settings = cls(**given)
        state = env.get("TELEGRAM_STATE", "").strip()
        return replace(
            settings,
            token=env.get("TELEGRAM_TOKEN", "").strip(),
            server=base_url(env.get("TELEGRAM_BASE_URL", "")),
            mode=env.get("TELEGRAM_MODE", "").strip().lower() or settings.mode,
            webhook_url=env.get("TELEGRAM_WEBHOOK_URL", "").strip(),
            webhook_secret=env.get("TELEGRAM_WEBHOOK_SECRET", "").strip(),
            state=ROOT / Path(state).expanduser() if state else settings.state,
        )
