"""AWS's own forecast over real clients: paid for, exact, and damage is never a figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from finops.aws.calls import Calls
from finops.aws.cost_forecast import CostForecaster, ForecastRequest
from finops.model.costs import Metric
from finops.model.errors import AwsError, CeilingReached
from finops.model.metering import Caller
from finops.model.period import Period
from tests.aws.wire import NOW, PocketMeter, Reply, Wire, sessions

CALLER = Caller("default", "forecast", "ann")
SPAN = Period(date(2026, 11, 20), date(2026, 12, 1))
GOOD = {
    "Total": {"Amount": "123.4567890123", "Unit": "USD"},
    "ForecastResultsByTime": [
        {
            "TimePeriod": {"Start": "2026-11-20", "End": "2026-12-01"},
            "MeanValue": "123.4567890123",
            "PredictionIntervalLowerBound": "100.5",
            "PredictionIntervalUpperBound": "150.25",
        }
    ],
}


def asked(answer: dict[str, Any], ceiling: str = "10", **more: Any) -> tuple[Any, Wire, PocketMeter]:
    wire, meter = Wire([Reply(answer)]), PocketMeter(Decimal(ceiling))
    forecaster = CostForecaster(Calls(sessions(wire.hook), meter, now=lambda: NOW))
    return (lambda: forecaster.cost_forecast(ForecastRequest(SPAN, **more), CALLER)), wire, meter


def test_amounts_come_as_they_are():
    ask, _, meter = asked(GOOD)
    found = ask()
    assert (found.total, found.currency, found.metric) == (Decimal("123.4567890123"), "USD", Metric.UNBLENDED)
    assert found.months[0].period == SPAN
    assert (found.months[0].cost.lower, found.months[0].cost.upper) == (Decimal("100.5"), Decimal("150.25"))
    assert meter.spent == Decimal("0.01")


@pytest.mark.parametrize(
    "damage",
    [
        {"Total": {"Amount": "NaN", "Unit": "USD"}},
        {"ForecastResultsByTime": [{"TimePeriod": {"Start": "2026-11-20", "End": "2026-12-01"}, "MeanValue": "1"}]},
        {"ForecastResultsByTime": [{**GOOD["ForecastResultsByTime"][0], "TimePeriod": {"Start": "x", "End": "y"}}]},
        {"Total": None},
    ],
)
def test_damage_is_an_error(damage):
    ask, _, _ = asked({name: value for name, value in {**GOOD, **damage}.items() if value is not None})
    with pytest.raises(AwsError) as caught:
        ask()
    assert caught.value.kind == AwsError.MALFORMED


def test_at_the_ceiling_nothing_is_sent():
    ask, wire, _ = asked(GOOD, ceiling="0.005")
    with pytest.raises(CeilingReached):
        ask()
    assert wire.requests == []
