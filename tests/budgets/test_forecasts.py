"""The capability: exact amounts so far, parts that sum to the total, tests of its own past, reasons where it cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from finops.budgets import Forecasts
from finops.model.costs import Filter, Metric
from finops.model.errors import InputError
from finops.model.forecasts import ForecastQuestion
from finops.model.money import exact_sum
from finops.model.period import Period
from tests.budgets.bill import Bill, lines

FIRST = date(2026, 1, 1)
UNTIL = date(2026, 11, 19)
DAYS = (UNTIL - FIRST).days


def now() -> datetime:
    return datetime(2026, 11, 20, 9, tzinfo=UTC)


def told(bill: Bill, **question):
    return Forecasts(bill, None, now=now).forecast("acme", ForecastQuestion(**question))


def steady_bill() -> Bill:
    return Bill(lines(FIRST, DAYS, web="100.111", db="20.5"))


def test_the_month_is_what_came_exactly_and_the_days_to_come():
    found = told(steady_bill())
    assert found.through == date(2026, 11, 18)
    assert found.month == Period(date(2026, 11, 1), date(2026, 12, 1))
    assert found.total.to_date == 18 * Decimal("120.611")
    assert found.total.month_end.mean == (30 * Decimal("120.611")).quantize(Decimal("0.01"))
    assert [each.month for each in found.total.months] == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert found.total.months[1].cost.mean == (31 * Decimal("120.611")).quantize(Decimal("0.01"))


@pytest.mark.parametrize("dimension", ["service", "account"])
def test_parts_sum_to_the_total_and_the_total_does_not_depend_on_the_parts(dimension):
    bill = steady_bill()
    bill.lines += [("web", "2", day, Decimal("33.337")) for _, _, day, _ in lines(FIRST, DAYS, web="0")]
    found, alone = told(bill, group_by=dimension, months=13), told(bill, months=13)
    assert found.total.months == alone.total.months
    assert exact_sum(each.to_date for each in found.groups) == found.total.to_date
    for place, month in enumerate(found.total.months):
        assert exact_sum(each.months[place].cost.mean for each in found.groups) == month.cost.mean
    for place, day in enumerate(found.total.days):
        assert exact_sum(each.days[place].expected.mean for each in found.groups) == day.expected.mean
    means = [each.month_end.mean for each in found.groups]
    assert means == sorted(means, reverse=True)


def test_every_day_of_the_month_is_told_and_those_that_came_are_exact():
    days = told(steady_bill()).total.days
    assert [each.day for each in days] == [date(2026, 11, number) for number in range(1, 31)]
    assert [each.actual for each in days] == [Decimal("120.611")] * 18 + [None] * 12
    assert all(each.expected.mean == Decimal("120.61") for each in days)


def test_incomplete_last_days_are_dropped():
    bill = steady_bill()
    bill.lines += lines(UNTIL, 2, web="1.00")
    bill.complete = UNTIL
    assert told(bill).total == told(steady_bill()).total


def test_the_test_on_past_months_is_told_in_a_sentence():
    found = told(steady_bill())
    assert [test.days for test in found.total.tests] == [15, 18]
    assert found.total.tests[0].sentence == ("last 6 months: 0.0 % off on average, inside the interval 6 of 6 times")
    assert [month.month.month for month in found.total.tests[0].months] == [5, 6, 7, 8, 9, 10]


def test_a_test_knows_nothing_of_what_came_after():
    bill = steady_bill()
    for place, (service, account, day, amount) in enumerate(bill.lines):
        if day >= date(2026, 10, 20):
            bill.lines[place] = (service, account, day, amount * 3)
    october = told(bill).total.tests[0].months[-1]
    assert october.forecast.mean == (31 * Decimal("120.611")).quantize(Decimal("0.01"))
    assert october.actual == (19 + 12 * 3) * Decimal("120.611")
    assert not october.inside
    assert round(october.percent_off) == 44


def test_few_days_are_learning_and_said():
    found = told(Bill(lines(date(2026, 10, 25), 25, web="10")))
    assert found.total.learning
    assert any("Fewer than 56 days" in note for note in found.notes)
    assert found.total.month_end.mean == Decimal("300.00")
    assert found.total.month_end.upper > Decimal("320")
    assert found.total.tests[0].months == ()
    assert found.total.tests[0].sentence == ""


def test_a_young_group_among_old_ones_is_learning():
    bill = steady_bill()
    bill.lines += lines(UNTIL - timedelta(days=20), 20, new="7")
    by_key = {each.key: each for each in told(bill, group_by="service").groups}
    assert by_key["new"].learning
    assert "56 days" in by_key["new"].reason
    assert not by_key["web"].learning


def test_fewer_than_seven_days_are_no_forecast():
    found = told(Bill(lines(date(2026, 11, 14), 5, web="10")))
    assert (found.total, found.failures[0].code, found.partial) == (None, "not_enough", True)


def test_nothing_stored_is_told():
    for bill in (Bill([]), steady_bill()):
        found = Forecasts(bill, None, now=now).forecast("nobody")
        assert found.total is None
        assert found.failures[0].code == "not_stored"


def test_what_is_stored_nowhere_is_told():
    found = told(steady_bill(), group_by="tag:Owner")
    assert (found.total, found.failures[0].message) == (None, "Nothing stored carries that.")


def test_filters_choose_what_is_forecast():
    found = told(steady_bill(), filters=(Filter("service", ("db",)),))
    assert found.total.to_date == 18 * Decimal("20.5")


def test_days_that_are_not_stored_are_unknown_not_free():
    gap = Period(date(2026, 10, 1), date(2026, 10, 21))
    bill = steady_bill()
    bill.lines = [line for line in bill.lines if not gap.start <= line[2] < gap.end]
    bill.missing = (gap,)
    found = told(bill)
    assert found.total.months[1].cost.mean == (31 * Decimal("120.611")).quantize(Decimal("0.01"))
    assert date(2026, 10, 1) not in {each.month for each in found.total.tests[0].months}


def test_old_data_says_from_when_on_it_is_forecast():
    found = told(Bill(lines(FIRST, 200, web="10")))
    assert any("everything after it is forecast" in note for note in found.notes)


def test_a_second_question_reads_nothing_and_other_months_are_no_other_work():
    bill = steady_bill()
    forecasts = Forecasts(bill, None, now=now)
    first = forecasts.forecast("acme", ForecastQuestion(months=2))
    asked = len(bill.questions)
    assert forecasts.forecast("acme", ForecastQuestion(months=12)).total.months[:2] == first.total.months
    assert len(bill.questions) == asked
    bill.lines += lines(UNTIL, 1, web="100.111", db="20.5")
    assert forecasts.forecast("acme").through == UNTIL


@pytest.mark.parametrize("months", [0, 14, -1])
def test_a_number_of_months_that_cannot_be_forecast_is_refused(months):
    with pytest.raises(InputError, match="from 1 to 13"):
        ForecastQuestion(months=months)


def test_an_unknown_dimension_is_refused():
    with pytest.raises(InputError, match="group_by must be one of"):
        told(steady_bill(), group_by="colour")


def test_aws_cannot_be_asked_for_a_metric_it_does_not_forecast(finops):
    with pytest.raises(InputError, match="AWS forecasts"):
        finops.forecasts.ask_aws("demo", Period(date(2026, 11, 20), date(2026, 12, 1)), metric=Metric.LIST, user="ann")
