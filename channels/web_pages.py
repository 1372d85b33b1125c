"""What a browser loads from the web channel: the full page, the demo page, the script."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, raw

from channels.web_door import Doorkeeper, Refusal
from channels.words import ROOT, ChannelWords

WIDGET_FILE = ROOT / "widget" / "dist" / "widget.js"
PAGES = ROOT / "widget" / "pages"
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass
class StaticFile:
    """A file kept in memory with its gzipped form and its ETag, re-read when it changes."""

    path: Path
    content_type: str
    _changed: float = -1.0
    _plain: bytes = b""
    _packed: bytes = b""
    _etag: str = ""

    def _refresh(self) -> None:
        changed = self.path.stat().st_mtime
        if changed != self._changed:
            self._plain = self.path.read_bytes()
            self._packed = gzip.compress(self._plain, 9, mtime=0)
            self._etag = f'"{hashlib.sha256(self._plain).hexdigest()[:20]}"'
            self._changed = changed

    def text(self) -> str:
        """Return the file's text."""
        self._refresh()
        return self._plain.decode()

    def response(self, request: Request) -> HTTPResponse:
        """Return the file, gzipped where the browser takes it, or 304 when it has it already."""
        self._refresh()
        headers = {"ETag": self._etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match", "").removeprefix("W/") == self._etag:
            return empty(304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return raw(self._packed, content_type=self.content_type, headers=headers)
        return raw(self._plain, content_type=self.content_type, headers=headers)


class Pages:
    """The routes of the pages and their files."""

    def __init__(self, door: Doorkeeper, words: ChannelWords) -> None:
        self._door = door
        self._words = words
        self._script = StaticFile(WIDGET_FILE, "text/javascript; charset=utf-8")
        self._style = StaticFile(PAGES / "page.css", "text/css; charset=utf-8")
        self._chat = StaticFile(PAGES / "chat.html", "text/html")
        self._demo = StaticFile(PAGES / "embed.html", "text/html")

    def add_to(self, routes: Blueprint) -> None:
        """Register the pages."""
        routes.add_route(partial(self._serve_script), "/widget.js", name="script")
        routes.add_route(partial(self._serve_style), "/page.css", name="style")
        routes.add_route(partial(self._serve_page, self._chat), "/chat", name="chat")
        routes.add_route(partial(self._serve_page, self._demo), "/embed", name="embed")

    async def _serve_script(self, request: Request) -> HTTPResponse:
        if not WIDGET_FILE.exists():
            return Refusal(503, "not_built", self._words.say("not_built")).response()
        response = self._script.response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    async def _serve_style(self, request: Request) -> HTTPResponse:
        return self._style.response(request)

    async def _serve_page(self, page: StaticFile, _request: Request) -> HTTPResponse:
        values: Mapping[str, str] = {
            "{{title}}": self._door.settings.title,
            "{{emergency}}": self._words.emergency_line,
        }
        html = page.text()
        for mark, value in values.items():
            html = html.replace(mark, escape(value))
        headers = {**_SECURITY_HEADERS, **self._door.page_headers()}
        return raw(html.encode(), content_type="text/html; charset=utf-8", headers=headers)
