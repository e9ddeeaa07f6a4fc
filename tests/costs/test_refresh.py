"""A refresh pays for what it must and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest

from finops.costs.cubes import wanted_cubes
from finops.demo.estate import TAG_KEYS
from finops.demo.handler import DemoOptions
from finops.model.costs import CostQuestion, Granularity
from finops.model.errors import InputError
from finops.model.period import Period
from tests.costs.standin import (
    EVERYTHING,
    NOVEMBER,
    NOW,
    TENANT,
    Bench,
    Counting,
    Crediting,
    Setup,
    total,
    true_total,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_first_refresh_takes_the_fewest_requests_the_pages_allow(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at(Setup(options=DemoOptions(page_size=500)))
    result = bench.costs.refresh(TENANT)
    fewest = sum(ceil(entry.rows / 500) for entry in bench.costs.coverage(TENANT))
    assert result.status == "done"
    assert result.requests == fewest
    assert result.cost == fewest * Decimal("0.01") == bench.spent()
    assert bench.store.ledger.last_good(TENANT, "cost_explorer").requests == fewest  # type: ignore[union-attr]


def test_the_plan_is_told_before_anything_is_sent(bench: Bench) -> None:
    plan = bench.costs.plan(TENANT)
    cubes = wanted_cubes(("Owner",), ())
    assert [step.cube for step in plan.steps if step.grain is Granularity.DAILY] == list(cubes)
    assert plan.bound == "at least"
    assert plan.price == plan.requests * Decimal("0.01")
    assert {step.period for step in plan.steps if step.grain is Granularity.DAILY} == {EVERYTHING}
    assert bench.calls.counts() == {}


def test_a_second_refresh_within_the_hour_sends_nothing_unless_forced(held: Bench) -> None:
    before = held.spent()
    held.clock.later(minutes=59)
    assert held.costs.plan(TENANT).steps == ()
    again = held.costs.refresh(TENANT)
    assert (again.status, again.requests, again.cost) == ("skipped", 0, Decimal(0))
    assert "59 minutes ago" in again.plan.skipped_reason
    assert held.spent() == before
    forced = held.costs.refresh(TENANT, force=True)
    assert forced.status == "done"
    assert forced.requests >= 1


def test_after_an_hour_only_the_probe_is_sent_when_nothing_changed(held: Bench) -> None:
    version = held.costs.version(TENANT)
    held.clock.later(hours=2)
    result = held.costs.refresh(TENANT)
    assert (result.status, result.requests) == ("done", 1)
    assert held.costs.version(TENANT) != version
    answer = held.costs.answer(CostQuestion(TENANT, NOVEMBER, group_by=("account", "service")))
    assert answer.provenance.fetched_at == held.clock.at


def test_the_next_day_asks_every_cube_once_and_is_right(held: Bench) -> None:
    for _ in range(3):
        held.clock.later(days=1)
        plan = held.costs.plan(TENANT)
        result = held.costs.refresh(TENANT)
        assert result.status == "done"
        assert result.requests == len(wanted_cubes(("Owner",), ())) == plan.requests
        assert plan.bound == "about"
        whole = Period(date(2026, 10, 1), held.clock.at.date() + timedelta(days=1))
        for group_by in ((), ("account", "service"), ("region",), ("usage_type",), ("tag:Owner",)):
            assert total(held, whole, *group_by) == {"USD": true_total(held, whole)}


def test_fifty_accounts_cost_ten_requests_a_day(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at(Setup(accounts=50, tag_keys=TAG_KEYS, categories=("Team",)))
    bench.costs.refresh(TENANT, since=date(2026, 10, 15))
    bench.clock.later(days=1)
    # The older days were left out on purpose and would be asked for now.
    assert bench.costs.refresh(TENANT, since=date(2026, 11, 19)).requests == 10


def test_a_late_credit_is_found_and_only_its_days_are_asked(held_at: Callable[..., Bench]) -> None:
    crediting: list[Crediting] = []
    counting: list[Counting] = []

    def wrap(explorer: Any) -> Counting:
        crediting.append(Crediting(explorer))
        counting.append(Counting(crediting[0]))
        return counting[0]

    bench = held_at(Setup(wrap=wrap, options=DemoOptions(page_size=40)))
    before = total(bench)["USD"]
    crediting[0].day = date(2026, 11, 3)
    bench.clock.later(hours=2)
    assert bench.costs.refresh(TENANT).status == "done"
    probe, *others = counting[0].requests
    assert probe.period == NOVEMBER
    assert {request.period for request in others} == {Period(date(2026, 11, 3), date(2026, 11, 4))}
    for group_by in ((), ("account", "service"), ("region",), ("tag:Owner",)):
        assert total(bench, NOVEMBER, *group_by)["USD"] == before + Decimal(crediting[0].amount)


def test_last_month_is_asked_until_it_closes_and_then_no_more(bench_at: Callable[..., Bench]) -> None:
    counting: list[Counting] = []

    def wrap(explorer: Any) -> Counting:
        counting.append(Counting(explorer))
        return counting[0]

    bench = bench_at(Setup(wrap=wrap, now=datetime(2026, 10, 30, 9, tzinfo=UTC)))
    bench.costs.refresh(TENANT)
    first_days = {}
    for today in (date(2026, 11, 2), date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 20)):
        bench.clock.at = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
        counting[0].requests.clear()
        assert bench.costs.refresh(TENANT).status == "done"
        first_days[today.day] = counting[0].requests[0].period.start
    assert first_days == {
        2: date(2026, 10, 1),
        10: date(2026, 10, 1),
        11: date(2026, 11, 1),
        20: date(2026, 11, 1),
    }
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    answer = bench.costs.answer(CostQuestion(TENANT, october, group_by=("account", "service")))
    assert not answer.provenance.estimated
    assert not any(row.estimated for row in answer.rows)
    assert answer.totals == {"USD": true_total(bench, october)}


def test_an_installation_that_slept_for_weeks_asks_what_it_missed(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at(Setup(now=datetime(2026, 9, 20, 9, tzinfo=UTC)))
    bench.costs.refresh(TENANT)
    bench.clock.at = NOW
    assert bench.costs.refresh(TENANT).status == "done"
    period = Period(date(2026, 9, 1), date(2026, 11, 21))
    for group_by in ((), ("account", "service"), ("usage_type",)):
        assert total(bench, period, *group_by) == {"USD": true_total(bench, period)}


def test_a_new_tag_key_is_fetched_for_all_days_and_alone(held_at: Callable[..., Bench]) -> None:
    more = held_at(Setup(tag_keys=("Owner", "Environment")))
    more.clock.later(minutes=5)
    plan = more.costs.plan(TENANT)
    assert {step.cube.name for step in plan.steps} == {"tag:Environment"}
    assert more.costs.refresh(TENANT).status == "done"
    assert total(more, EVERYTHING, "tag:Environment") == {"USD": true_total(more, EVERYTHING)}


@pytest.mark.parametrize("since", [date(2025, 9, 30), date(2026, 11, 21)])
def test_since_has_to_be_within_reach(bench: Bench, since: date) -> None:
    with pytest.raises(InputError, match="between 2025-10-01 and 2026-11-20"):
        bench.costs.refresh(TENANT, since=since)


def test_since_asks_all_cubes_for_all_days_from_there(held: Bench) -> None:
    held.clock.later(minutes=5)
    plan = held.costs.plan(TENANT, since=date(2026, 11, 10))
    assert {step.period for step in plan.steps} == {Period(date(2026, 11, 10), date(2026, 11, 21))}
    assert held.costs.refresh(TENANT, since=date(2026, 11, 10)).requests == len(wanted_cubes(("Owner",), ()))
