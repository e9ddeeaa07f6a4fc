"""The month so far is of complete days, against the same days before, whatever the calendar does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.costs.comparing import joined
from finops.costs.projection import projection
from finops.model.costs import (
    Change,
    CostAnswer,
    CostQuestion,
    CostRow,
    CubeDraft,
    CubeSpec,
    Granularity,
    Metric,
    Provenance,
)
from finops.model.period import Period
from tests.costs.standin import TENANT, Bench, Setup, Truth

if TYPE_CHECKING:
    from collections.abc import Callable

CUBE = CubeSpec("charge_type_service", ("charge_type", "service"))


def hold(bench: Bench, first: date, last: date, *, currency: str = "USD", amount: str = "10") -> None:
    """Stores one amount a day through the day of the clock, as a refresh at that instant would have left it."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    columns: dict[str, list[str | None]] = {
        "charge_date": [str(day) for day in days],
        "currency": [currency] * len(days),
    }
    columns |= {
        "charge_type": ["Usage"] * len(days),
        "service": ["AWS Lambda"] * len(days),
        "estimated": ["false"] * len(days),
    }
    columns |= {str(metric): [amount] * len(days) for metric in list(Metric)[:5]}
    draft = CubeDraft(
        "cost_explorer", CUBE, Granularity.DAILY, Period(first, last + timedelta(days=1)), columns, bench.clock.at
    )
    run = bench.store.ledger.begin(TENANT, "costs.refresh", "cost_explorer")
    bench.store.cubes.replace(TENANT, [draft], run)


def at(day: date) -> Setup:
    return Setup(now=datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("today", "month", "to_date", "base"),
    [
        (
            date(2026, 11, 20),
            date(2026, 11, 1),
            (date(2026, 11, 1), date(2026, 11, 19)),
            (date(2026, 10, 1), date(2026, 10, 19)),
        ),
        (date(2026, 11, 1), date(2026, 11, 1), None, None),
        (date(2026, 11, 2), date(2026, 11, 1), None, None),
        (
            date(2026, 11, 3),
            date(2026, 11, 1),
            (date(2026, 11, 1), date(2026, 11, 2)),
            (date(2026, 10, 1), date(2026, 10, 2)),
        ),
        (
            date(2026, 3, 31),
            date(2026, 3, 1),
            (date(2026, 3, 1), date(2026, 3, 30)),
            (date(2026, 2, 1), date(2026, 3, 1)),
        ),
        (
            date(2024, 3, 31),
            date(2024, 3, 1),
            (date(2024, 3, 1), date(2024, 3, 30)),
            (date(2024, 2, 1), date(2024, 3, 1)),
        ),
        (
            date(2024, 2, 29),
            date(2024, 2, 1),
            (date(2024, 2, 1), date(2024, 2, 28)),
            (date(2024, 1, 1), date(2024, 1, 28)),
        ),
        (
            date(2027, 1, 15),
            date(2027, 1, 1),
            (date(2027, 1, 1), date(2027, 1, 14)),
            (date(2026, 12, 1), date(2026, 12, 14)),
        ),
    ],
)
def test_boundary_days_of_the_calendar(
    bench_at: Callable[..., Bench],
    today: date,
    month: date,
    to_date: tuple[date, date] | None,
    base: tuple[date, date] | None,
) -> None:
    bench = bench_at(at(today))
    hold(bench, today - timedelta(days=100), today)
    overview = bench.costs.overview(TENANT)
    assert overview.month.start == month
    assert overview.to_date == (Period(*to_date) if to_date else None)
    assert overview.base == (Period(*base) if base else None)
    if to_date:
        assert overview.total.totals == {"USD": Decimal(10) * Period(*to_date).days}
        assert overview.projection is not None
        assert overview.projection.amount == Decimal(10) * overview.month.days
        assert overview.comparison is not None
        assert overview.comparison.current.totals == overview.total.totals
    else:
        assert overview.projection is None
        assert overview.comparison is None
        assert any("No day of November is complete" in note for note in overview.notes)
        assert overview.total.totals == {"USD": Decimal(10) * today.day}
    assert overview.recent is not None
    assert len(overview.recent.rows[0].series) == 28


def test_an_old_bill_shows_its_last_month_and_projects_nothing(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at(at(date(2026, 11, 20)))
    hold(bench, date(2024, 8, 20), date(2024, 10, 31))
    overview = bench.costs.overview(TENANT)
    assert overview.month == overview.to_date == Period(date(2024, 10, 1), date(2024, 11, 1))
    assert overview.projection is None
    assert overview.daily.totals == {"USD": Decimal(300)}


def test_stored_costs_that_stopped_months_ago_are_not_called_this_months(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at(at(date(2026, 9, 25)))
    hold(bench, date(2026, 7, 1), date(2026, 9, 25))
    bench.clock.at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    overview = bench.costs.overview(TENANT)
    assert overview.month.start == date(2026, 9, 1)
    assert overview.complete_until == date(2026, 9, 24)
    assert overview.projection is None


def test_a_tenant_without_costs_has_an_overview_that_says_what_to_do(bench_at: Callable[..., Bench]) -> None:
    overview = bench_at().costs.overview(TENANT)
    assert overview.period is None
    assert (overview.total.totals, overview.comparison, overview.recent, overview.movers) == ({}, None, None, ())
    assert "costs refresh" in overview.failures[0].message


def test_two_currencies_are_never_added_up(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at(at(date(2026, 11, 20)))
    hold(bench, date(2026, 8, 1), date(2026, 10, 31))
    hold(bench, date(2026, 11, 1), date(2026, 11, 10), currency="EUR", amount="99")
    hold(bench, date(2026, 11, 11), date(2026, 11, 20), amount="7")
    answer = bench.costs.answer(CostQuestion(TENANT, Period(date(2026, 11, 1), date(2026, 11, 19))))
    assert answer.totals == {"EUR": Decimal(990), "USD": Decimal(56)}
    assert answer.reconciles
    assert answer.currency == ""
    overview = bench.costs.overview(TENANT)
    assert overview.currency == "EUR"
    assert overview.total.totals == {"EUR": Decimal(990)}
    assert any("Cost in USD is not part" in note for note in overview.notes)


def test_the_demos_overview_adds_up(stored: Bench, truth: Truth) -> None:
    overview = stored.costs.overview(TENANT)
    assert overview.to_date == Period(date(2026, 11, 1), date(2026, 11, 19))
    question = CostQuestion(TENANT, overview.to_date, group_by=("service",))
    assert {row.keys: row.current for row in overview.comparison.rows if row.current} == {  # type: ignore[union-attr]
        keys: amount for (keys, _), amount in truth.figures(question).items()
    }
    assert overview.accounts_seen == overview.accounts_known == 8
    assert overview.projection is not None
    assert Decimal(150_000) < overview.projection.amount < Decimal(210_000)
    assert overview.projection.remaining_days == 12
    assert abs(overview.movers[0].delta) == max(abs(row.delta) for row in overview.comparison.rows)  # type: ignore[union-attr]
    assert not overview.failures


def test_chosen_accounts_narrow_everything(stored: Bench, truth: Truth) -> None:
    account = stored.estate.members[1].account_id
    overview = stored.costs.overview(TENANT, metric=Metric.NET_AMORTIZED, accounts=(account,))
    expected = truth.figures(replace(overview.total.question, currency=None))
    assert overview.total.totals == {"USD": sum(expected.values(), Decimal(0))}
    assert overview.metric is Metric.NET_AMORTIZED
    assert overview.projection is not None


# Projection


def row(day: int, amount: str, *keys: str, month: int = 11) -> CostRow:
    return CostRow(keys, date(2026, month, day), Decimal(amount), "USD")


TO_DATE = Period(date(2026, 11, 1), date(2026, 11, 11))
USAGE = [row(day, "10", "Usage", "AWS Lambda") for day in range(1, 11)]


def test_a_fee_of_the_first_is_counted_once() -> None:
    fees = [
        row(1, "500", "Usage", "AWS Support (Business)"),
        row(1, "70", "Tax", "Tax"),
        row(6, "-30", "Refund", "AWS Lambda"),
    ]
    found = projection([*USAGE, *fees], TO_DATE, "USD")
    assert found is not None
    assert found.amount == Decimal(100 + 540 + 20 * 10)
    assert found.one_off == Decimal(540)
    assert found.method == "run rate of 10 complete days, once-a-month charges not repeated"


def test_a_service_that_started_yesterday_goes_on() -> None:
    found = projection([*USAGE, row(10, "5", "Usage", "Amazon Bedrock")], TO_DATE, "USD")
    assert found is not None
    assert found.one_off == 0


def test_on_the_first_day_last_month_tells_fees_from_use() -> None:
    first = Period(date(2026, 11, 1), date(2026, 11, 2))
    october = [row(day, "10", "Usage", "AWS Lambda", month=10) for day in range(1, 32)]
    fee = [row(1, "500", "Usage", "AWS Support (Business)", month=month) for month in (10, 11)]
    found = projection([*october, *fee, row(1, "10", "Usage", "AWS Lambda")], first, "USD")
    assert found is not None
    assert found.one_off == Decimal(500)
    assert found.amount == Decimal(500 + 30 * 10)
    assert found.method.startswith("run rate of 1 complete day,")


def test_another_currency_is_left_out_and_a_finished_month_is_not_projected() -> None:
    other = replace(row(2, "1000", "Usage", "AWS Lambda"), currency="EUR")
    found = projection([*USAGE, other], TO_DATE, "USD")
    assert found is not None
    assert found.amount == Decimal(300)
    assert projection(USAGE, Period(date(2026, 11, 1), date(2026, 12, 1)), "USD") is None


# Comparing


def answer(rows: list[CostRow], *, source: str = "focus") -> CostAnswer:
    question = CostQuestion(TENANT, TO_DATE, group_by=("service",))
    return CostAnswer(question, tuple(rows), {}, {}, Provenance(source, "x", Metric.BILLED, covered=TO_DATE))


def cost(amount: str, *keys: str) -> CostRow:
    return CostRow(keys, None, Decimal(amount), "USD")


def test_groups_are_new_gone_grown_shrunk_or_the_same() -> None:
    now = answer([cost("5", "a"), cost("5", "b"), cost("5", "c"), cost("5", "d")])
    before = answer([cost("4", "b"), cost("6", "c"), cost("5", "d"), cost("9", "e")])
    found = joined(now, before, None)
    assert {row.keys[0]: row.change for row in found.rows} == {
        "a": Change.NEW,
        "b": Change.GROWN,
        "c": Change.SHRUNK,
        "d": Change.SAME,
        "e": Change.GONE,
    }
    assert sum(row.delta for row in found.rows) == Decimal(20 - 24)


def test_an_unknown_earlier_period_makes_nothing_new() -> None:
    assert joined(answer([cost("5", "a")]), answer([], source=""), None).rows == ()


def test_series_have_a_figure_for_every_day(stored: Bench) -> None:
    question = CostQuestion(TENANT, Period(date(2026, 11, 1), date(2026, 11, 15)), group_by=("service",))
    found = stored.costs.compare(question, Period(date(2026, 10, 1), date(2026, 10, 15)))
    for compared in found.rows:
        assert len(compared.series) in {0, 14}
        assert sum(compared.series, Decimal(0)) == compared.current
    assert found.current.provenance.source == found.previous.provenance.source
