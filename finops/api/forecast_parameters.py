"""What can be asked of forecasts, as data and as a parser, for API and command line alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from finops.api.endpoints import Parameter
from finops.api.parameters import Pairs, filters, one
from finops.model.costs import PLAIN_DIMENSIONS, dimension, metric
from finops.model.errors import InputError
from finops.model.forecasts import MOST_MONTHS, USUAL_MONTHS, ForecastQuestion

if TYPE_CHECKING:
    from finops.model.costs import Metric

_MONTHS = re.compile(r"[0-9]{1,2}", re.ASCII)

MONTHS = Parameter(
    "months",
    "How many months, the running one first.",
    {"type": "integer", "minimum": 1, "maximum": MOST_MONTHS, "default": USUAL_MONTHS},
)
ONE_GROUP = Parameter(
    "group_by", f"One of {', '.join(PLAIN_DIMENSIONS)}, tag:<Key> or category:<Name>; default the total alone."
)


def forecast_question(pairs: Pairs) -> ForecastQuestion:
    """Everything `/api/forecast` accepts."""
    group_by, named = one(pairs, "group_by"), one(pairs, "metric")
    return ForecastQuestion(
        group_by=dimension(group_by) if group_by else "",
        filters=filters(pairs),
        months=_months(one(pairs, "months")),
        metric=_metric(named),
    )


def _months(text: str | None) -> int:
    if text is not None and not _MONTHS.fullmatch(text):
        raise InputError("months", f"months must be a whole number from 1 to {MOST_MONTHS}")
    return USUAL_MONTHS if text is None else int(text)


def _metric(text: str | None) -> Metric | None:
    return metric(text) if text else None
