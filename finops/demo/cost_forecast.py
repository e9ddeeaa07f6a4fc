"""Cost Explorer's own forecast of the made-up bill: the last four weeks go on, ever less surely.

What AWS does is not published; its rules are those of the GetCostForecast reference.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING, Any

from finops.demo.wire import Request, invalid
from finops.model.period import Period, add_months

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.demo.cost_explorer import CostExplorer

METRICS = {
    "UNBLENDED_COST": "UnblendedCost",
    "NET_UNBLENDED_COST": "NetUnblendedCost",
    "AMORTIZED_COST": "AmortizedCost",
    "NET_AMORTIZED_COST": "NetAmortizedCost",
    "BLENDED_COST": "BlendedCost",
}
_KNOWN_DAYS, _MOST_MONTHS = 28, 12
_LEVEL = 80


class CostForecast:
    """Answers GetCostForecast from the bill that the explorer tells."""

    def __init__(self, explorer: CostExplorer, now: Callable[[], datetime]) -> None:
        self._explorer = explorer
        self._now = now

    def get_cost_forecast(self, request: Request) -> dict[str, Any]:
        """Mean and interval of each month or day of a period that begins today at the earliest."""
        params = request.params
        period = self._period(params["TimePeriod"])
        if params["Metric"] not in METRICS:
            raise invalid(f"Metric must be one of {', '.join(METRICS)}.")
        amounts = self._known(request, METRICS[params["Metric"]])
        daily, spread = fmean(amounts), stdev(amounts)
        sure = NormalDist().inv_cdf(0.5 + params.get("PredictionIntervalLevel", _LEVEL) / 200)
        monthly = params["Granularity"] == "MONTHLY"
        steps = period.months() if monthly else [Period(day, day + timedelta(days=1)) for day in period.dates()]
        return {
            "Total": {"Amount": f"{daily * period.days:.10f}", "Unit": "USD"},
            "ForecastResultsByTime": [
                {
                    "TimePeriod": {"Start": step.start.isoformat(), "End": step.end.isoformat()},
                    "MeanValue": f"{daily * step.days:.10f}",
                    "PredictionIntervalLowerBound": f"{daily * step.days - sure * _width(spread, period, step):.10f}",
                    "PredictionIntervalUpperBound": f"{daily * step.days + sure * _width(spread, period, step):.10f}",
                }
                for step in steps
            ],
        }

    def _period(self, asked: dict[str, str]) -> Period:
        today = self._now().date()
        start, end = date.fromisoformat(asked["Start"]), date.fromisoformat(asked["End"])
        if start < today:
            raise invalid("Start date (and hour) cannot be before the current date.")
        if start >= end:
            raise invalid("Start date (and hour) should be before end date (and hour)")
        if end > add_months(today.replace(day=1), _MOST_MONTHS + 1):
            raise invalid("Forecast periods reach 12 months ahead.")
        return Period(start, end)

    def _known(self, request: Request, metric: str) -> list[float]:
        """The last four weeks of complete days, by day."""
        today = self._now().date()
        span = {"Start": str(today - timedelta(days=_KNOWN_DAYS + 1)), "End": str(today - timedelta(days=1))}
        wanted = {"TimePeriod": span, "Granularity": "DAILY", "Metrics": [metric]}
        only = {"Filter": request.params["Filter"]} if "Filter" in request.params else {}
        answer = self._explorer.get_cost_and_usage(replace(request, params={**wanted, **only}))
        return [float(each["Total"][metric]["Amount"]) for each in answer["ResultsByTime"]]


def _width(spread: float, period: Period, step: Period) -> float:
    """One standard deviation of a step's sum: days err together, and the more the farther they lie ahead."""
    ahead = (step.end - period.start).days
    return spread * step.days * sqrt(ahead / _KNOWN_DAYS + 1 / step.days)
