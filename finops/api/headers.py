"""What every HTTP answer carries, pages included: security headers, a Host check, and a count.

    app = st.App(__file__, routes=routes(shared), middleware=middleware(settings, count))

Without sign-in the server listens on loopback only; a foreign name that a browser was made to resolve to 127.0.0.1
(DNS rebinding) still reaches it, so any `Host` but a loopback name or the public address's is refused before a script
or route runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware

from config import LOOPBACK, Settings
from finops.api.problems import MEDIA_TYPE, problem
from finops.api.routes import PATHS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
API_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Count = Callable[[str, str, int], None]
"""Called once per finished request with the method, the path's group (see `path_group`) and the status."""


def middleware(settings: Settings, count: Count) -> list[Middleware]:
    """The middleware of the whole server, outermost first."""
    hosts = allowed_hosts(settings.public_url) if settings.sign_in == "none" else None
    return [Middleware(Edge, hosts=hosts, count=count)]


def allowed_hosts(public_url: str) -> frozenset[str]:
    """Host names that are served while nobody signs in: loopback, and the name people were given."""
    return frozenset({*LOOPBACK, (urlsplit(public_url).hostname or "").lower()} - {""})


def path_group(path: str) -> str:
    """A label with few values: known paths by name, the rest of the API as one, everything else as `pages`."""
    if path in PATHS:
        return path
    return "/api" if path.startswith("/api/") else "pages"


class Edge:
    """ASGI middleware around pages, API and web sockets."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] | None, count: Count) -> None:
        self.app = app
        self.hosts = hosts
        self.count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers or refuses one request."""
        if scope["type"] == "websocket" and not self._served(scope):
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._finish(scope, message)
            await send(message)

        if self._served(scope):
            await self.app(scope, receive, send_with_headers)
        else:
            await _refuse(send_with_headers)

    def _finish(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if scope["path"].startswith("/api/"):
            headers["Content-Security-Policy"] = API_POLICY
        headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self.count(method, path_group(scope["path"]), message["status"])

    def _served(self, scope: Scope) -> bool:
        if self.hosts is None:
            return True
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        return len(named) == 1 and host_name(named[0]) in self.hosts


def host_name(header: str) -> str:
    """The lower-case name in a Host header, without port and brackets; "" for anything that is not one."""
    try:
        parts = urlsplit(f"//{header}")
        name = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return ""
    bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    return name.rstrip(".") if bare else ""


async def _refuse(send: Send) -> None:
    told = problem("host", "This server answers under its loopback and public addresses only.", field="Host")
    body = json.dumps(told).encode()
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": told["status"], "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
