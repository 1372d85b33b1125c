"""Who may call the web channel, how it is set, and how it says no."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from channels.limits import RateLimit


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that is answered by an error: a status, a code, and a sentence."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": {"code": code, "message": message}, **extra}

    def response(self) -> HTTPResponse:
        """Return the error as JSON; one that asks to wait says so in the header as well."""
        wait = self.body.get("retry_after")
        headers = {"Retry-After": str(wait)} if wait else None
        return json_response(self.body, status=self.status, headers=headers)


@dataclass(frozen=True)
class Settings:
    """The channel's settings, from `credentials.yml`, each with a default that is safe.

    Attributes:
        title: heading of the full page.
        origins: other websites that may embed the widget ("https://example.org").
        lookout: dotted path of a function `(text, facts) -> Reply | None`.
        state_dir: where the secret and the feedback file live.
        numbers: the file of emergency numbers by country.
        turn_timeout_s: seconds until a slow turn is answered with a sentence.
        session_days: how long a session may be resumed.
        proxies: how many reverse proxies of ours stand before the server.
        session_burst, session_per_minute, address_burst, address_per_minute: rate limits.
    """

    title: str = "Baby eczema guide"
    origins: Sequence[str] = ()
    lookout: str | None = None
    state_dir: str = "state"
    numbers: str = "data/lexicon/numbers.yml"
    turn_timeout_s: float = 8.0
    session_days: float = 7.0
    proxies: int = 0
    session_burst: float = 20
    session_per_minute: float = 20
    address_burst: float = 120
    address_per_minute: float = 120

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> Settings:
        """Read the settings; `WEB_ORIGINS` (comma-separated) adds to the origins,
        `WEB_STATE_DIR` goes before `state_dir`.

        Raises:
            TypeError: a setting that does not exist.
        """
        values = dict(credentials or {})
        from_env = os.environ.get("WEB_ORIGINS", "").split(",")
        origins = [*(values.pop("origins", None) or ()), *from_env]
        values["origins"] = tuple(o.strip().rstrip("/").lower() for o in origins if o.strip())
        values["state_dir"] = os.environ.get("WEB_STATE_DIR") or values.get("state_dir", "state")
        return cls(**values)


@dataclass
class Doorkeeper:
    """Decides who may call: websites by origin, callers by rate."""

    settings: Settings
    addresses: RateLimit = field(init=False)
    parents: RateLimit = field(init=False)

    def __post_init__(self) -> None:
        chosen = self.settings
        self.addresses = RateLimit(chosen.address_burst, chosen.address_per_minute)
        self.parents = RateLimit(chosen.session_burst, chosen.session_per_minute)

    def address(self, request: Request) -> str:
        """Return the caller's address; a forwarded one only from proxies that we know of."""
        hops = [h.strip() for h in request.headers.get("x-forwarded-for", "").split(",") if h]
        proxies = self.settings.proxies
        if proxies and len(hops) >= proxies:
            return str(hops[-proxies])
        return str(request.ip)

    def origin_allowed(self, request: Request) -> bool:
        """Tell whether the page that calls is ours, or on the list."""
        origin = request.headers.get("origin", "").lower()
        if not origin:
            return True
        forwarded = request.headers.get("x-forwarded-host", "") if self.settings.proxies else ""
        own = {request.host, forwarded}
        return origin in self.settings.origins or urlsplit(origin).netloc in own - {""}

    def cors_headers(self, request: Request) -> dict[str, str]:
        """Return the headers that let an allowed website read the answer."""
        origin = request.headers.get("origin", "")
        if origin.lower() not in self.settings.origins:
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Expose-Headers": "retry-after",
            "Access-Control-Max-Age": "600",
        }

    def page_headers(self) -> dict[str, str]:
        """Return the headers of our own pages: nothing but our own script and style runs."""
        frames = " ".join(("'self'", *self.settings.origins))
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            "img-src 'self' data:; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {frames}; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        return {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
