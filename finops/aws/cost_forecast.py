"""Cost Explorer's GetCostForecast: AWS's own forecast by month, one cent a request.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostForecast.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask, Calls
from finops.aws.cost_explorer import REGION
from finops.aws.failures import Place
from finops.aws.permissions import Operation, declare
from finops.model.costs import Metric
from finops.model.errors import AwsError, InputError
from finops.model.forecasts import AwsForecast, AwsMonth, Estimate
from finops.model.metering import CE_REQUEST_PRICE, Caller
from finops.model.money import parse_amount
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Mapping

GET_COST_FORECAST = declare(
    Operation(
        service="ce",
        name="GetCostForecast",
        action="ce:GetCostForecast",
        feature="forecast",
        lost="AWS's own forecast beside ours; ours needs no permission",
        price=CE_REQUEST_PRICE,
    )
)
METRICS = {
    Metric.UNBLENDED: "UNBLENDED_COST",
    Metric.NET_UNBLENDED: "NET_UNBLENDED_COST",
    Metric.AMORTIZED: "AMORTIZED_COST",
    Metric.NET_AMORTIZED: "NET_AMORTIZED_COST",
    Metric.BLENDED: "BLENDED_COST",
}
"""The metrics that Cost Explorer forecasts."""
INTERVAL = 80


@dataclass(frozen=True, slots=True)
class ForecastRequest:
    """What to ask. `filter` is Cost Explorer's expression. InputError for a metric that it does not forecast."""

    period: Period
    metric: Metric = Metric.UNBLENDED
    filter: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise InputError("metric", f"AWS forecasts {', '.join(METRICS)} only")

    def params(self) -> dict[str, Any]:
        """The parameters of GetCostForecast."""
        wanted: dict[str, Any] = {
            "TimePeriod": {"Start": self.period.start.isoformat(), "End": self.period.end.isoformat()},
            "Metric": METRICS[self.metric],
            "Granularity": "MONTHLY",
            "PredictionIntervalLevel": INTERVAL,
        }
        return wanted if self.filter is None else {**wanted, "Filter": dict(self.filter)}


class CostForecaster:
    """The real one, through the one road of AWS calls."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def cost_forecast(self, request: ForecastRequest, caller: Caller) -> AwsForecast:
        """AWS's forecast. AwsError as usual, MALFORMED for amounts that are none; CeilingReached before the request."""
        ask = Ask(GET_COST_FORECAST, request.params(), ("Total", "ForecastResultsByTime"), region=REGION)
        answer = self._calls.call(ask, caller)
        try:
            return _parsed(answer, request.metric)
        except (KeyError, TypeError, ValueError):
            reason = "An amount or a period lacks a documented part."
            raise Place(GET_COST_FORECAST, "", REGION).error(AwsError.MALFORMED, "Malformed", reason) from None


def _parsed(answer: Mapping[str, Any], metric: Metric) -> AwsForecast:
    months = tuple(AwsMonth(_period(each["TimePeriod"]), _estimate(each)) for each in answer["ForecastResultsByTime"])
    total = answer["Total"]
    return AwsForecast(metric, str(total["Unit"]), months, parse_amount(total["Amount"]), GET_COST_FORECAST.price)


def _period(told: Mapping[str, str]) -> Period:
    return Period(date.fromisoformat(told["Start"][:10]), date.fromisoformat(told["End"][:10]))


def _estimate(told: Mapping[str, str]) -> Estimate:
    names = ("MeanValue", "PredictionIntervalLowerBound", "PredictionIntervalUpperBound")
    mean, lower, upper = (parse_amount(told[name]) for name in names)
    return Estimate(mean, lower, upper)
