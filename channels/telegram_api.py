"""A client for the few methods of Telegram's Bot API that the channel needs.

Updates and results stay plain JSON: a kind of update that nobody knew when this was written
can't make a whole batch unreadable. The token is part of every address, so no error of this
module carries an address.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

DEFAULT_BASE_URL = "https://api.telegram.org"
CALL_TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 10.0
_HIDDEN = "<token>"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def where(error: BaseException) -> str:
    """Return the type of an error and where it was raised, without its text.

    The text of an error may hold a parent's words, or an address with the token.
    """
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
    return f"{type(error).__name__} at {places}"


class ApiError(Exception):
    """A call that Telegram refused, or that didn't reach it.

    Attributes:
        status: the HTTP status or error code; 0 when there was no answer.
        retry_after_s: seconds that Telegram asks to wait, 0 when it doesn't.
        moved_to: the id that the chat has now, 0 when it hasn't changed.
    """

    def __init__(
        self, status: int, description: str, retry_after_s: float = 0.0, moved_to: int = 0
    ) -> None:
        super().__init__(f"{status} {description}".strip())
        self.status = status
        self.description = description
        self.retry_after_s = retry_after_s
        self.moved_to = moved_to

    @property
    def transient(self) -> bool:
        """Tell whether the same call may succeed later."""
        return self.status in (0, 408, 409, 429) or self.status >= 500

    @property
    def bad_token(self) -> bool:
        """Tell whether Telegram doesn't know the token; that may be put right at any time."""
        return self.status == 401 or (self.status, self.description) == (404, "Not Found")

    @property
    def unreachable_chat(self) -> bool:
        """Tell whether nothing can be sent to the chat until the parent comes back."""
        return self.status == 403


def base_url(text: str) -> str:
    """Return the server's address out of a setting that may end in `/` or `/bot`."""
    return (text or DEFAULT_BASE_URL).strip().rstrip("/").removesuffix("/bot").rstrip("/")


class BotApi:
    """Calls methods of the Bot API; use it within one event loop and close it there."""

    def __init__(self, token: str, server: str = DEFAULT_BASE_URL) -> None:
        self._token = token
        self._address = f"{base_url(server)}/bot{token}/"
        self._use_proxy = urlsplit(self._address).hostname not in _LOOPBACK
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=self._use_proxy)
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> Any:
        """Return the result of one method.

        Raises:
            ApiError: Telegram refused the call, or didn't answer within `timeout_s`.
        """
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_TIMEOUT_S)
        try:
            async with self._open().post(
                self._address + method,
                json=dict(params or {}),
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
            # The type alone, and no chain: the error's own text names the address.
            raise ApiError(0, type(error).__name__) from None
        return self._result(status, body)

    def _result(self, status: int, body: bytes) -> Any:
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ApiError(status if status >= 400 else 502, "unreadable answer")
        if answer.get("ok") is True and status < 400:
            return answer.get("result")
        code = answer.get("error_code")
        description = str(answer.get("description") or answer.get("message") or "")
        parameters = answer.get("parameters")
        hints = parameters if isinstance(parameters, dict) else {}
        wait, moved = hints.get("retry_after"), hints.get("migrate_to_chat_id")
        raise ApiError(
            code if isinstance(code, int) else max(status, 400),
            description.replace(self._token, _HIDDEN)[:200],
            float(wait) if isinstance(wait, int | float) else 0.0,
            moved if isinstance(moved, int) else 0,
        )


class TokenMask:
    """Takes a token out of everything that is logged in this process, tracebacks included.

    It stands in the record factory and not on a logger or handler: a record of any library
    passes there, also before or after Rasa sets its handlers up.
    """

    _hidden: tuple[str, ...] = ()

    @classmethod
    def hide(cls, token: str) -> None:
        """Hide `token` from now on; a second call with it changes nothing."""
        secret_part = token.partition(":")[2]
        forms = {token, quote(token, safe=""), secret_part if len(secret_part) >= 16 else ""}
        hidden = {*cls._hidden, *forms} - {""}
        if not cls._hidden:
            cls._install()
        # The longest form first, so that no part of it stays behind.
        cls._hidden = tuple(sorted(hidden, key=len, reverse=True))

    @classmethod
    def mask(cls, text: str) -> str:
        """Return `text` without any hidden token."""
        for secret in cls._hidden:
            text = text.replace(secret, _HIDDEN)
        return text

    @classmethod
    def _install(cls) -> None:
        make = logging.getLogRecordFactory()

        def masked(*args: Any, **kwargs: Any) -> logging.LogRecord:
            record = make(*args, **kwargs)
            cls._mask_record(record)
            return record

        logging.setLogRecordFactory(masked)

    @classmethod
    def _mask_record(cls, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:  # a wrong format string: logging itself reports it
            message = str(record.msg)
        hidden = cls.mask(message)
        if hidden != message:
            record.msg, record.args = hidden, ()
        if record.exc_info and record.exc_info[0] is not None:
            trace = logging.Formatter().formatException(record.exc_info)
            if cls.mask(trace) != trace:
                # Formatters print `exc_text` where it is set; others would print `exc_info`.
                record.exc_text, record.exc_info = cls.mask(trace), None
