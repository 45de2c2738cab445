"""The server: Streamlit's own, behind headers that keep everything on this machine.

request -> Guard (headers, the shell of the page) -> Streamlit -> ui/app.py, once for every change on a page
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, JSONResponse, RedirectResponse
from starlette.routing import Route
from streamlit import file_util
from streamlit.runtime.pages_manager import PagesManager

from assistant.settings import Settings
from ingestion.errors import CouncilError
from ui.theme import PRODUCT, options
from ui.uploads import sweep

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HERE = Path(__file__).parent
ICON = HERE / "icon.png"

HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def serve(address: str, port: int) -> None:
    """Serve the app at `address` and `port` until interrupted."""
    sweep()
    application([address, "localhost"]).run(config=options(address, port, max_upload_megabytes()))


def application(hosts: list[str]) -> st.App:
    """The ASGI application; it answers to these host names alone, or a web site could reach in by rebinding its own."""
    # Else Streamlit takes ui/pages/ for pages in its older manner, once, and shows file names beside the first page.
    PagesManager.uses_pages_directory = False
    shell = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    return st.App(
        HERE / "app.py",
        routes=[Route("/readyz", ready), Route("/favicon.png", icon), Route("/documents", first_page)],
        middleware=[
            Middleware(Guard, policy=content_policy(shell)),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts),
        ],
    )


def max_upload_megabytes() -> int:
    """The largest file that can be read, in the unit of `server.maxUploadSize`."""
    from ingestion.parse.detect import MAX_FILE_BYTES

    return max(1, MAX_FILE_BYTES // 2**20)


async def ready(_: Request) -> JSONResponse:
    """Whether the library can be opened: 200, or 503 with the sentence that says why not."""
    try:
        Settings.from_environment().library().workspaces()
    except CouncilError as problem:
        return JSONResponse({"status": "not ready", "reason": str(problem)}, status_code=503)
    return JSONResponse({"status": "ready"})


async def icon(_: Request) -> FileResponse:
    """The icon of the browser's tab."""
    return FileResponse(ICON)


async def first_page(_: Request) -> RedirectResponse:
    """Streamlit serves its first page at / alone."""
    return RedirectResponse("/")


def content_policy(shell: str) -> str:
    """The Content-Security-Policy for Streamlit's page `shell`: nothing from elsewhere, no script but its own.

    Its inline scripts are let through by their hashes. Styles may be inline: Streamlit writes them as it runs.
    """
    inline = re.findall(r"<script>(.*?)</script>", shell, flags=re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src", "'self'", *(f"'sha256-{digest}'" for digest in hashes)]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def british_shell(shell: str) -> str:
    """Streamlit's page with our language and name, without the font we do not use and the interface we keep off."""
    shell = re.sub(r"<html[^>]*>", '<html lang="en-GB">', shell, count=1)
    shell = re.sub(r"<title>.*?</title>", f"<title>{PRODUCT}</title>", shell, count=1)
    shell = re.sub(r'<link\s+rel="(?:preload|service-desc)"[^>]*>', "", shell)
    return re.sub(
        r"<noscript>.*?</noscript>",
        "<noscript><p>Switch JavaScript on in your browser to use this app.</p></noscript>",
        shell,
        flags=re.DOTALL,
    )


class Guard:
    """ASGI middleware: puts our headers on every reply and our shell around every page."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self._headers = {**HEADERS, "Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an HTTP request on, and dress what comes back; anything else passes as it is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Packed replies could not be dressed, and packing is lost work between two programs of one machine.
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        reply = _Reply(send, self._headers, is_media=scope["path"].startswith("/media/"))
        await self.app(scope, receive, reply)


class _Reply:
    """Sends one reply on: at once, or, when it is a page, whole and dressed."""

    def __init__(self, send: Send, headers: dict[str, str], *, is_media: bool) -> None:
        self._send = send
        self._headers = headers
        self._is_media = is_media
        self._start: Message | None = None  # of a page, held back until its length is known
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._end(self._start)

    async def _begin(self, message: Message) -> None:
        ours = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
        headers = [*message["headers"], *ours]
        is_page = dict(headers).get(b"content-type", b"").startswith(b"text/html")
        if is_page or self._is_media:  # a picture of a page is not for the browser's disk
            changing = {b"cache-control", b"etag", b"last-modified"}
            headers = [pair for pair in headers if pair[0] not in changing] + [(b"cache-control", b"no-store")]
        message = {**message, "headers": headers}
        if is_page:
            self._start = message
        else:
            await self._send(message)

    async def _end(self, start: Message) -> None:
        body = british_shell(self._body.decode("utf-8")).encode("utf-8") if self._body else b""
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length" or not body]
        if body:
            headers.append((b"content-length", str(len(body)).encode()))
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})
