"""`/api/cost-by-service` and `/api/costs`: parameters in, one question to the facade, a document or a file out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from export import costs_csv, file_name
from finops.api.documents import comparison_document, cost_by_service, costs_page
from finops.api.endpoints import CSV, Asked, Endpoint, Parameter, page_limit
from finops.api.parameters import DEFAULT_LIMIT, MAX_LIMIT, Compare, CostRequest, cost_question, cost_request
from finops.api.replies import NO_STORE, document_reply
from finops.model.costs import CE_METRICS, PLAIN_DIMENSIONS, Comparison, CostAnswer, Granularity, Metric
from finops.model.people import Right

if TYPE_CHECKING:
    from finops.facade import Finops

_OCTOBER = "start=2026-10-01&end=2026-11-01"
_DAY = {"type": "string", "format": "date"}
_CE_SPELLINGS = tuple(name for name, column in CE_METRICS.items() if column in tuple(Metric))

TENANT = Parameter("tenant", "Tenant to answer for; default the one that pages open on.")
START = Parameter("start", "First day, inclusive.", _DAY, required=True)
END = Parameter("end", "Day after the last one: exclusive, as in Cost Explorer.", _DAY, required=True)
GRANULARITY = Parameter(
    "granularity",
    "Figures per day, per month, or one for the whole period (default).",
    {"type": "string", "enum": [str(value) for value in Granularity], "default": "total"},
)
METRIC = Parameter(
    "metric",
    "What a figure counts; default `unblended` where the source has it. A metric the source lacks is an error that "
    "names those it has.",
    {"type": "string", "enum": [*(str(value) for value in Metric), *_CE_SPELLINGS]},
)
CURRENCY = Parameter("currency", "Only cost in this currency.", {"type": "string", "pattern": "^[A-Z]{3}$"})
SOURCE = Parameter(
    "source",
    "Only this source; default the one that covers most of the period.",
    {"type": "string", "examples": ["focus"]},
)
GROUP_BY = Parameter(
    "group_by", f"{', '.join(PLAIN_DIMENSIONS)}, tag:<Key> or category:<Name>; repeated or a comma list.", many=True
)
ACCOUNT = Parameter("account", "Only these accounts; repeated or a comma list.", many=True)
COMPARE = Parameter(
    "compare",
    "Hold each group against as many days before (`previous`) or the same days one month earlier (`same_days`).",
    {"type": "string", "enum": [str(value) for value in Compare]},
)
FORMAT = Parameter(
    "format", "`csv` gives the same records as a file.", {"type": "string", "enum": ["json", "csv"], "default": "json"}
)
LIMIT = page_limit(DEFAULT_LIMIT, MAX_LIMIT, "Items per page; totals are always those of the whole answer.")
CURSOR = Parameter("cursor", "`meta.next_cursor` of the page before.")


def by_service(finops: Finops, asked: Asked) -> Response:
    """Cost by service: the figures of the Cost Analysis page."""
    answer = finops.costs.answer(cost_question(asked.pairs, asked.tenant, group_by=("service",)))
    return document_reply(cost_by_service(answer))


def costs(finops: Finops, asked: Asked) -> Response:
    """Cost by anything, of any period, compared or not; JSON in pages, or the whole answer as CSV."""
    request = cost_request(asked.pairs, asked.tenant)
    if request.csv:
        finops.access.demand(asked.person, Right.EXPORT, tenant=asked.tenant)
    names = finops.costs.account_names(asked.tenant)
    shown = _shown(finops, request)
    if request.csv:
        return _csv_reply(shown, names)
    if isinstance(shown, Comparison):
        return document_reply(comparison_document(shown, names=names))
    version = finops.costs.version(asked.tenant)
    return document_reply(costs_page(shown, request, version=version, names=names))


def _shown(finops: Finops, request: CostRequest) -> CostAnswer | Comparison:
    if request.compare is None:
        return finops.costs.answer(request.question)
    return finops.costs.compare(request.question, request.compare.earlier(request.question.period))


def _csv_reply(shown: CostAnswer | Comparison, names: dict[str, str]) -> Response:
    answers = (shown.current, shown.previous) if isinstance(shown, Comparison) else (shown,)
    partial = any(answer.partial for answer in answers)
    name = file_name(answers[0].question, partial=partial, extension="csv")
    headers = {
        **NO_STORE,
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Finops-Partial": str(partial).lower(),
    }
    pieces = (piece.encode() for piece in costs_csv(shown, account_names=names))
    return StreamingResponse(pieces, media_type=f"{CSV}; charset=utf-8", headers=headers)


ENDPOINTS = (
    Endpoint(
        path="/api/cost-by-service",
        operation="costByService",
        summary="Cost by service over a period",
        right=Right.VIEW_COSTS,
        parameters=(START, END, METRIC, GRANULARITY, ACCOUNT, CURRENCY, SOURCE, TENANT),
        answer=by_service,
        schema="CostByService",
        example=_OCTOBER,
    ),
    Endpoint(
        path="/api/costs",
        operation="costs",
        summary="Cost by any dimensions, filtered and compared, as JSON or CSV",
        right=Right.VIEW_COSTS,
        parameters=(
            *(START, END, METRIC, GRANULARITY, GROUP_BY, COMPARE),
            *(CURRENCY, SOURCE, FORMAT, LIMIT, CURSOR, TENANT),
        ),
        answer=costs,
        schema="Costs",
        example=_OCTOBER,
        filters=True,
        files=(CSV,),
    ),
)
