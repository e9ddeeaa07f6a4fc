"""The dashboard: `streamlit run streamlit_app.py` serves pages, JSON API, probes and the clock in one process.

Streamlit imports this file once as the server (`app`), and runs it once per browser session and rerun (`__main__`).
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

import scheduler
from config import Settings, SettingsError, load_settings
from finops import facade
from finops.access import check_binding
from finops.api.headers import PAGE_POLICY, middleware
from finops.api.routes import routes
from finops.health import logs
from finops.model.errors import ConfigError, FinopsError
from finops.model.people import Right
from pages.ui import session
from pages.ui.page import FAVICON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES: dict[str, list[tuple[str, str, str, Right]]] = {
    "Spend": [
        ("pages/overview.py", "Overview", ":material/dashboard:", Right.VIEW_COSTS),
        ("pages/cost_analysis.py", "Cost analysis", ":material/bar_chart:", Right.VIEW_COSTS),
        ("pages/anomalies.py", "Anomalies", ":material/warning:", Right.VIEW_ANOMALIES),
        ("pages/forecast.py", "Forecast & budgets", ":material/trending_up:", Right.VIEW_COSTS),
    ],
    "Improve": [
        ("pages/savings.py", "Savings", ":material/savings:", Right.VIEW_FINDINGS),
        ("pages/tag_compliance.py", "Tag compliance", ":material/sell:", Right.VIEW_TAGS),
        ("pages/inventory.py", "Inventory", ":material/inventory_2:", Right.VIEW_INVENTORY),
    ],
    "Operate": [
        ("pages/reports.py", "Reports", ":material/summarize:", Right.VIEW_REPORTS),
        ("pages/health.py", "Health", ":material/monitor_heart:", Right.VIEW_HEALTH),
        ("pages/settings.py", "Settings", ":material/settings:", Right.VIEW_HEALTH),
    ],
    "Admin": [
        ("pages/people.py", "People", ":material/group:", Right.ADMINISTER),
    ],
}
BAD_SETTINGS = 2
NOT_READY = 1

log = logging.getLogger(__name__)


def navigation() -> Any:
    """The page to run, out of those the person may open. Each page checks its right again by itself."""
    st.set_page_config(page_icon=FAVICON)  # before st.navigation, which would fetch its icon from afar as favicon
    allowed = _rights()
    grouped = {
        heading: [
            st.Page(path, title=title, icon=icon, default=path == "pages/overview.py")
            for path, title, icon, right in rows
            if right in allowed
        ]
        for heading, rows in PAGES.items()
    }
    return st.navigation({heading: rows for heading, rows in grouped.items() if rows})


def _rights() -> frozenset[Right]:
    """What the person of this session may open.

    While that cannot be known, every page is listed and says why itself.
    """
    try:
        finops = facade.shared()
        someone = session.person(finops)
        tenant = session.tenant(finops, someone)
        allowed = frozenset(right for right in Right if finops.access.may(someone, right, tenant=tenant))
    except FinopsError:
        return frozenset(Right)
    return allowed or frozenset(Right)


def checked_settings() -> Settings:
    """The settings, when they are valid and the server may listen where it is told to; else one line and exit 2."""
    try:
        settings = load_settings(environ_endpoint=os.environ.get("AWS_ENDPOINT_URL", ""))
        logs.configure(settings.log_level)
        check_binding(settings, st.get_option("server.address") or "")
    except (SettingsError, ConfigError) as error:
        sys.stderr.write(f"finops: {error}\n")
        raise SystemExit(BAD_SETTINGS) from None
    return settings


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any] | None]:
    """Opens the product before the first request, lets the clock tick, and closes both at the end."""
    try:
        finops = await run_in_threadpool(facade.shared)
    except FinopsError as error:
        sys.stderr.write(f"finops: {error}\n")
        os._exit(NOT_READY)  # any exception here, an exit too, ends in a traceback of the server
    await run_in_threadpool(scheduler.fill, finops)
    stop = scheduler.start(finops)
    log.info("serving %s data", finops.settings.mode)
    if finops.settings.mode == "aws" and finops.settings.sign_in == "none":
        log.warning("no sign-in: whoever works on this machine sees these costs; other machines cannot reach them")
    try:
        yield None
    finally:
        stop()
        await run_in_threadpool(finops.close)


def inline_script_hashes() -> str:
    """The inline scripts of Streamlit's own start page, as sources for a `script-src`."""
    start_page = (Path(st.__file__).parent / "static" / "index.html").read_text("utf-8")
    digests = (
        hashlib.sha256(text.encode()).digest() for text in re.findall(r"<script>(.*?)</script>", start_page, re.DOTALL)
    )
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


class PagePolicy:
    """ASGI middleware: lets the start page's own inline script run, and nothing else that the policy refuses."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.policy = PAGE_POLICY.replace("script-src 'self'", f"script-src 'self' {inline_script_hashes()}".rstrip())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start" and not scope["path"].startswith("/api/"):
                MutableHeaders(scope=message).setdefault("Content-Security-Policy", self.policy)
            await send(message)

        await self.app(scope, receive, send_with_policy)


def _count(method: str, path: str, status: int) -> None:
    facade.shared().health.answered(method, path, status)


if __name__ == "__main__":
    navigation().run()
else:
    # What `st.navigation` says at its first run, said before anyone comes: a link to /cost_analysis would else run
    # that file by itself, past the navigation and beside a list of file names.
    PagesManager.uses_pages_directory = False
    app = st.App(
        __file__,
        routes=routes(facade.shared),
        middleware=[*middleware(checked_settings(), _count), Middleware(PagePolicy)],
        lifespan=lifespan,
    )
