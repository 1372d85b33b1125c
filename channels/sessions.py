"""Sessions and buttons that can't be forged: signed, so that the server stores nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SENDER_PREFIX = "web:"
SIGNATURE_BYTES = 16


class BadToken(Exception):  # noqa: N818 - named for what it is about
    """A token that this server did not sign, that was changed, or that is too old."""


@dataclass(frozen=True)
class SignedButton:
    """A button as the parent saw it: its words and the Rasa payload behind them."""

    title: str
    payload: str


def _pack(data: Any) -> str:
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpack(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def load_secret(state_dir: Path) -> bytes:
    """Return the signing secret: `WEB_SECRET`, or one made once and kept in `state_dir`.

    The file is readable by its owner alone (mode 600).
    """
    from_env = os.environ.get("WEB_SECRET", "")
    if from_env:
        return from_env.encode()
    path = state_dir / "web-secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
    return path.read_bytes()


class Sessions:
    """Makes and checks session tokens and button tokens.

    A session token is `<random>.<time of issue>.<signature>`; whoever holds it is the parent of
    that conversation. A button token carries its payload and title, signed for one session, so
    a browser can only send back what that very session was offered.
    """

    def __init__(self, secret: bytes, lifetime_s: float = 7 * 24 * 3600) -> None:
        self._secret = secret
        self._lifetime_s = lifetime_s

    def _sign(self, purpose: str, *parts: str) -> str:
        message = "\0".join((purpose, *parts)).encode()
        digest = hmac.new(self._secret, message, hashlib.sha256).digest()[:SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def create(self) -> str:
        """Return a fresh session token with 144 random bits."""
        name = secrets.token_urlsafe(18)
        issued = str(int(time.time()))
        return f"{name}.{issued}.{self._sign('session', name, issued)}"

    def sender(self, token: str) -> str:
        """Return the Rasa sender id of a session token.

        Raises:
            BadToken: the token is not one of ours, or has expired.
        """
        parts = token.split(".")
        if len(parts) != 3 or not token.isascii():
            raise BadToken("malformed")
        name, issued, signature = parts
        if not hmac.compare_digest(signature, self._sign("session", name, issued)):
            raise BadToken("forged")
        if time.time() - int(issued) > self._lifetime_s:
            raise BadToken("expired")
        return SENDER_PREFIX + name

    def button_token(self, sender: str, button: SignedButton) -> str:
        """Return the token that lets `sender` press `button`."""
        body = _pack([button.payload, button.title])
        return f"{body}.{self._sign('button', sender, body)}"

    def button(self, sender: str, token: str) -> SignedButton:
        """Return the button behind a token.

        Raises:
            BadToken: `sender` was never offered this button.
        """
        body, _, signature = token.partition(".")
        if not token.isascii():
            raise BadToken("malformed")
        if not hmac.compare_digest(signature, self._sign("button", sender, body)):
            raise BadToken("forged")
        payload, title = _unpack(body)
        return SignedButton(title=title, payload=payload)

    def pseudonym(self, sender: str) -> str:
        """Return a name for `sender` that can't be turned back into the session."""
        return self._sign("pseudonym", sender)
