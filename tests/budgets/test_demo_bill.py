"""The demo's bill forecast, and AWS's own forecast asked for a cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finops.model.costs import Filter
from finops.model.errors import AwsError
from finops.model.forecasts import ForecastQuestion
from finops.model.money import exact_sum
from finops.model.period import Period

YEAR = Period(date(2026, 11, 20), date(2027, 11, 1))


def test_the_demo_is_forecast_well_and_says_how_well(finops):
    found = finops.forecasts.forecast("demo", ForecastQuestion(group_by="service", months=13))
    assert found.failures == ()
    assert found.total.tests[0].percent_off < 3
    assert len(found.total.tests[0].months) == 6
    for place, month in enumerate(found.total.months):
        assert exact_sum(each.months[place].cost.mean for each in found.groups) == month.cost.mean
    support = next(each for each in found.groups if each.key.startswith("AWS Support"))
    assert support.month_end.mean == pytest.approx(support.to_date, rel=Decimal("0.001"))
    assert support.months[1].cost.mean > 5_000


def test_reading_sends_no_request(finops):
    before = finops.store.meter.lines("2026-11")
    finops.forecasts.forecast("demo", ForecastQuestion(group_by="account"))
    assert finops.store.meter.lines("2026-11") == before


def test_aws_is_asked_for_a_cent_that_is_counted(finops):
    found = finops.forecasts.ask_aws("demo", YEAR, user="ann")
    assert found.price == Decimal("0.01")
    assert [each.period.start for each in found.months][:2] == [date(2026, 11, 20), date(2026, 12, 1)]
    assert len(found.months) == 12
    assert all(each.cost.lower < each.cost.mean < each.cost.upper for each in found.months)
    assert abs(exact_sum(each.cost.mean for each in found.months) - found.total) < Decimal("0.001")
    line = next(
        line
        for line in finops.store.meter.lines("2026-11", "demo")
        if (line.operation, line.user) == ("GetCostForecast", "ann")
    )
    assert (line.feature, line.user, line.cost) == ("forecast", "ann", Decimal("0.01"))


def test_aws_can_be_asked_for_a_part(finops):
    part = finops.forecasts.ask_aws("demo", YEAR, filters=(Filter("service", ("AWS Lambda",)),), user="bob")
    assert part.total < finops.forecasts.ask_aws("demo", YEAR, user="bob").total / 2


def test_aws_refuses_a_forecast_of_the_past(finops):
    with pytest.raises(AwsError, match="cannot be before"):
        finops.forecasts.ask_aws("demo", Period(date(2026, 11, 1), date(2026, 12, 1)), user="bob")
