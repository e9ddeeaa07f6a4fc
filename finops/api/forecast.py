"""`/api/forecast`: what the months to come will cost. Asking never calls AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.costs import METRIC, TENANT
from finops.api.endpoints import Asked, Endpoint
from finops.api.forecast_documents import forecast_document
from finops.api.forecast_parameters import MONTHS, ONE_GROUP, forecast_question
from finops.api.replies import document_reply
from finops.model.people import Right

if TYPE_CHECKING:
    from starlette.responses import Response

    from finops.facade import Finops


def forecast(finops: Finops, asked: Asked) -> Response:
    """The forecast of the stored costs, in total or by one dimension."""
    found = finops.forecasts.forecast(asked.tenant, forecast_question(asked.pairs))
    return document_reply(forecast_document(found, asked.tenant, finops.costs.account_names(asked.tenant)))


ENDPOINTS = (
    Endpoint(
        path="/api/forecast",
        operation="forecast",
        summary="What the running month and those after it will cost, with 80 % intervals and tests on past months",
        right=Right.VIEW_COSTS,
        parameters=(ONE_GROUP, MONTHS, METRIC, TENANT),
        answer=forecast,
        schema="Forecast",
        example="group_by=service&months=3",
        filters=True,
    ),
)
