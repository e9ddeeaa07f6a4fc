"""`/mail/unsubscribe`: a reader ends mails from the mail itself, without signing in.

Opening the link changes nothing: programs that scan mails open every link. The button, and mail programs that know
RFC 8058, post to the same address. What was stopped by mistake the same link starts again.
"""

from __future__ import annotations

from dataclasses import astuple
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from finops.api.replies import NO_STORE
from finops.delivery.links import UNSUBSCRIBE_PATH, subscription_in
from finops.model.errors import FinopsError
from finops.store.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from finops.delivery.links import Subscription
    from finops.facade import Finops

AGAIN = "again"
_METHODS = ["GET", "HEAD", "POST"]
_HEADERS = {**NO_STORE, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;overflow-wrap:anywhere}"
    "h1{font-size:1.4rem}button{font:inherit;padding:.5rem 1.1rem;border:0;border-radius:6px;"
    "background:#3350D6;color:#fff;cursor:pointer}"
)


def mail_routes(finops: Callable[[], Finops]) -> list[Route]:
    """The one route. The facade is opened by a request."""

    def unsubscribe(request: Request) -> Response:
        try:
            return _answer(finops(), request)
        except FinopsError:
            return _page("Not possible now", "<p>This could not be noted. Try again in a few minutes.</p>", status=503)

    return [Route(UNSUBSCRIBE_PATH, unsubscribe, methods=_METHODS)]


def _answer(finops: Finops, request: Request) -> Response:
    token = request.query_params.get("token", "")
    subscription = subscription_in(Signer.of(finops.settings), token, now=finops.now())
    if subscription is None:
        told = "<p>This link is not one of ours, or it is over. The link of a newer mail works.</p>"
        return _page("No such link", told, status=404)
    if request.method == "POST":
        deed = finops.delivery.subscribe if AGAIN in request.query_params else finops.delivery.unsubscribe
        deed(*astuple(subscription))
        return _standing(finops, subscription, token, "No more mails", "The mails come again")
    return _standing(finops, subscription, token, "These mails are stopped", "Stop these mails?")


def _standing(finops: Finops, subscription: Subscription, token: str, stopped: str, running: str) -> Response:
    """Whether the mails come, under the title for it, and a button that turns it round."""
    reader = f"<b>{escape(subscription.recipient)}</b>"
    if not finops.delivery.unsubscribed(*astuple(subscription)):
        return _page(running, f"<p>{_scope(subscription)} goes to {reader}.</p>{_button(token, 'Stop these mails')}")
    told = f"<p>{_scope(subscription)} no longer goes to {reader}.</p>"
    return _page(stopped, f"{told}<p>Was it a mistake?</p>{_button(token, 'Start them again', **{AGAIN: '1'})}")


def _button(token: str, label: str, **more: str) -> str:
    """A query alone as the action keeps the page's own address, any prefix before the path included."""
    action = escape("?" + urlencode({"token": token, **more}))
    return f'<form method="post" action="{action}"><button type="submit">{label}</button></form>'


def _scope(subscription: Subscription) -> str:
    return "This report" if subscription.schedule_id else "Every mail of this dashboard"


def _page(title: str, body: str, *, status: int = 200) -> Response:
    """A plain page; `body` is HTML of this module's own."""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status_code=status, headers=_HEADERS)
