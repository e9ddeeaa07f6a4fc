"""`/healthz`, `/readyz`, `/metrics`: for load balancers and monitoring. They show no cost, no tenant and no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from finops.api.envelope import json_text
from finops.api.replies import NO_STORE
from finops.model.errors import FinopsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from finops.facade import Finops

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def probe_routes(finops: Callable[[], Finops]) -> list[Route]:
    """The three probes. Only the two that look inside open the facade."""

    async def healthz(_: Request) -> Response:
        return Response(json_text({"status": "ok"}), media_type="application/json", headers=NO_STORE)

    def readyz(_: Request) -> Response:
        try:
            checks = finops().health.readiness()
        except FinopsError as error:  # nothing opened yet, so nothing can be asked part by part
            return PlainTextResponse(f"stores: failed, {error}\n", status_code=503, headers=NO_STORE)
        lines = "".join(f"{check.name}: {'ok' if check.ok else 'failed'}, {check.detail}\n" for check in checks)
        return PlainTextResponse(lines, status_code=200 if all(check.ok for check in checks) else 503, headers=NO_STORE)

    def metrics(_: Request) -> Response:
        return Response(finops().health.metrics_text(), media_type=PROMETHEUS, headers=NO_STORE)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
