"""The API's routes: who asks, for which tenant, with which parameters; then the endpoint's answer, or a problem.

    app = st.App(__file__, routes=routes(finops.facade.shared), middleware=…)

Plain functions as endpoints run in Starlette's thread pool, so a slow answer holds up no page.
"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from finops.api.bodies import json_object, read_body, require_same_origin
from finops.api.docs_page import docs_html
from finops.api.endpoints import Asked, Endpoint
from finops.api.mail import mail_routes
from finops.api.openapi import openapi
from finops.api.parameters import one, refuse_unknown, tenant_name
from finops.api.paths import ENDPOINTS
from finops.api.probes import probe_routes
from finops.api.problems import problem, problem_of
from finops.api.replies import NO_STORE, document_reply, not_found, problem_reply
from finops.model.errors import FinopsError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request

    from finops.facade import Finops
    from finops.model.people import Person

PERSONA_HEADER = "X-Finops-Persona"
PATHS = frozenset(
    {"/healthz", "/readyz", "/metrics", "/api/openapi.json", "/api/docs", *(endpoint.path for endpoint in ENDPOINTS)}
)
BY_PATH = {
    path: {method: endpoint for endpoint in ENDPOINTS if endpoint.path == path for method in endpoint.methods}
    for path in dict.fromkeys(endpoint.path for endpoint in ENDPOINTS)
}
"""Path → method → endpoint, in the order in which they are tried."""
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

log = logging.getLogger(__name__)


def routes(finops: Callable[[], Finops]) -> list[Route]:
    """Every route below `/api` and the probes. `finops` is called per request: nothing opens before the first one."""
    return [
        *probe_routes(finops),
        *mail_routes(finops),
        *(_route(finops, path, offered) for path, offered in BY_PATH.items()),
        Route("/api/openapi.json", _openapi),
        Route("/api/docs", _docs),
        Route("/api/{path:path}", _elsewhere, methods=_METHODS),
    ]


def asked(finops: Finops, request: Request, endpoint: Endpoint, body: bytes = b"") -> Asked:
    """The request with its person and tenant, both allowed; InputError or NotAllowed otherwise."""
    pairs = tuple(request.query_params.multi_items())
    if not endpoint.free:
        refuse_unknown(pairs, endpoint.known, filters=endpoint.filters)
    if endpoint.body:
        require_same_origin(request.headers, finops.settings.public_url)
    person = _person(finops, request)
    named = one(pairs, "tenant")
    tenant = tenant_name(named) if named else finops.access.opening_tenant(person)
    finops.access.demand(person, endpoint.right, tenant=tenant)
    sent = json_object(request.headers, body) if endpoint.body else {}
    return Asked(request, person, tenant, pairs, sent)


def _person(finops: Finops, request: Request) -> Person:
    """While nobody signs in: the persona of the header, else the first one (the analyst)."""
    try:
        return finops.access.person(request.headers.get(PERSONA_HEADER))
    except InputError as error:
        raise InputError(PERSONA_HEADER, error.message) from None


def _route(finops: Callable[[], Finops], path: str, offered: Mapping[str, Endpoint]) -> Route:
    """The route takes every method, so that one that the path has not is told so by the path itself."""

    def read(request: Request) -> Response:
        return _answer(finops, offered, request)

    async def write(request: Request) -> Response:
        body = await read_body(request)
        return await run_in_threadpool(_answer, finops, offered, request, body)

    endpoints = list(offered.values())
    takes_bodies = any(endpoint.body for endpoint in endpoints)
    return Route(path, write if takes_bodies else read, name=endpoints[0].operation, methods=_METHODS)


def _answer(
    finops: Callable[[], Finops], offered: Mapping[str, Endpoint], request: Request, body: bytes = b""
) -> Response:
    endpoint = offered.get(request.method)
    if endpoint is None:
        return _no_such_method(request, tuple(offered))
    try:
        opened = finops()
        return endpoint.answer(opened, asked(opened, request, endpoint, body))
    except FinopsError as error:
        return problem_reply(problem_of(error))
    except Exception:  # the edge: the caller gets a reference, the log the traceback
        reference = uuid.uuid4().hex[:12]
        log.exception("request failed", extra={"path": endpoint.path, "reference": reference})
        return problem_reply(
            problem("failed", f"Something went wrong here. Reference {reference}.", reference=reference)
        )


def _no_such_method(request: Request, methods: Sequence[str]) -> Response:
    told = problem("method", f"This path answers {' and '.join(methods)}.", instance=request.url.path)
    return problem_reply(told, headers={"Allow": ", ".join(methods)})


async def _openapi(_: Request) -> Response:
    return document_reply(openapi())


async def _docs(_: Request) -> Response:
    return HTMLResponse(docs_html(), headers=NO_STORE)


async def _elsewhere(request: Request) -> Response:
    """Paths that do not exist, and methods that those that do exist have not."""
    if request.url.path in PATHS:
        return _no_such_method(request, ("GET", "HEAD"))
    return not_found(request.url.path)
