"""Whatever fails during a refresh, stored costs stay, and nothing turns into zero."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from finops.costs.cubes import wanted_cubes
from finops.demo.handler import DemoOptions, Fault
from finops.model.costs import CostQuestion, Granularity
from finops.model.period import Period
from tests.costs.standin import (
    EVERYTHING,
    NOVEMBER,
    NOW,
    TENANT,
    Bench,
    Counting,
    FailAt,
    Setup,
    total,
    true_total,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.model.metering import Caller


def test_whichever_call_fails_stored_costs_stay_and_the_next_refresh_completes(held_at: Callable[..., Bench]) -> None:
    calls = len(wanted_cubes(("Owner",), ()))
    for failing in range(1, calls + 1):
        hook = FailAt(failing)
        bench = held_at(Setup(hooks=(hook,), now=NOW + timedelta(days=failing)))
        before = {
            name: total(bench, NOVEMBER, *name) for name in ((), ("account", "service"), ("region",), ("tag:Owner",))
        }
        assert all(amounts["USD"] > 1000 for amounts in before.values())
        result = bench.costs.refresh(TENANT)
        assert hook.seen == calls if failing > 1 else hook.seen == 1
        assert result.status == ("failed" if failing == 1 else "partial")
        assert result.failures[0].code == "LimitExceededException"
        for name, amounts in before.items():
            assert total(bench, NOVEMBER, *name)["USD"] > amounts["USD"] - 100
        if failing == 1:
            assert {name: total(bench, NOVEMBER, *name) for name in before} == before
        again = bench.costs.refresh(TENANT)
        assert again.status == "done"
        assert again.requests == (calls if failing == 1 else 1)
        whole = Period(date(2026, 11, 1), bench.clock.at.date() + timedelta(days=1))
        for name in before:
            assert total(bench, whole, *name) == {"USD": true_total(bench, whole)}


def test_a_cube_left_behind_says_so_and_still_adds_up(held_at: Callable[..., Bench]) -> None:
    bench = held_at(Setup(hooks=(FailAt(3),), now=NOW + timedelta(days=1)))
    assert bench.costs.refresh(TENANT).status == "partial"
    period = Period(date(2026, 11, 1), date(2026, 11, 21))
    answer = bench.costs.answer(CostQuestion(TENANT, period, group_by=("account", "service")))
    assert answer.provenance.cube == "account_service"
    assert answer.partial
    assert answer.reconciles
    assert [failure.code for failure in answer.failures] == ["outdated"]
    assert answer.provenance.fetched_at == NOW
    fresh = bench.costs.answer(CostQuestion(TENANT, period, group_by=("region",)))
    assert not fresh.partial
    assert fresh.provenance.fetched_at == bench.clock.at


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException", "DataUnavailableException"])
def test_a_refusal_that_holds_for_all_is_met_once(held_at: Callable[..., Bench], code: str) -> None:
    denied = DemoOptions(faults=(Fault("ce", code=code, message="no"),))
    bench = held_at(Setup(options=denied, now=NOW + timedelta(days=1)))
    before = total(bench)
    result = bench.costs.refresh(TENANT)
    assert (result.status, result.cost) == ("failed", Decimal(0))
    assert bench.calls.counts() == {("ce", "GetCostAndUsage", dict.fromkeys(bench.calls.counts()).popitem()[0][2]): 1}
    assert total(bench) == before
    (state,) = bench.costs.sources(TENANT)
    assert (state.status, state.fetched_at) == ("failed", NOW)
    assert state.failures[0].code == code
    assert code in {failure.code for failure in bench.costs.overview(TENANT).failures}
    told = bench.costs.answer(CostQuestion(TENANT, NOVEMBER)).provenance
    assert told.fetched_at == NOW
    assert told.notes[-1].startswith("The refresh of 21 Nov 09:00 UTC failed: ")


def test_a_first_refresh_that_is_denied_stores_nothing_and_shows_no_zero(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at(Setup(options=DemoOptions(faults=(Fault("ce", code="AccessDeniedException", message="no"),))))
    result = bench.costs.refresh(TENANT)
    assert result.status == "failed"
    assert result.failures[0].missing_action == "ce:GetCostAndUsage"
    answer = bench.costs.answer(CostQuestion(TENANT, NOVEMBER))
    assert answer.partial
    assert answer.totals == {}
    assert bench.costs.coverage(TENANT) == ()


def test_the_ceiling_ends_a_refresh_midway_and_the_rest_comes_when_there_is_room(
    bench_at: Callable[..., Bench],
) -> None:
    bench = bench_at(Setup(ceiling=Decimal("0.20"), options=DemoOptions(page_size=2000)))
    result = bench.costs.refresh(TENANT)
    assert result.status == "partial"
    assert result.cost == Decimal("0.20") == bench.spent()
    assert result.failures[-1].code == "ceiling_reached"
    held = {entry.cube.name for entry in bench.costs.coverage(TENANT)}
    assert "charge_type_service" in held
    assert total(bench, EVERYTHING) == {"USD": true_total(bench, EVERYTHING)}
    answer = bench.costs.answer(CostQuestion(TENANT, NOVEMBER, group_by=("tag:Owner",)))
    assert answer.partial
    assert answer.totals == {}
    assert "refresh again" in answer.failures[0].message
    roomy = bench_at(Setup(ceiling=Decimal(10), options=DemoOptions(page_size=2000)))
    assert roomy.costs.refresh(TENANT).status == "done"
    assert total(roomy, EVERYTHING, "tag:Owner") == {"USD": true_total(roomy, EVERYTHING)}


def test_eight_threads_pay_once(bench: Bench) -> None:
    results = []
    gate = threading.Barrier(8)

    def work() -> None:
        gate.wait()
        results.append(bench.costs.refresh(TENANT))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.status for result in results) == ["done", *["skipped"] * 7]
    assert bench.spent() == sum((result.cost for result in results), Decimal(0))


def test_the_ceiling_holds_under_eight_threads_and_tenants(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at(Setup(ceiling=Decimal("0.30")))
    threads = [threading.Thread(target=bench.costs.refresh, args=(f"tenant-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bench.spent() == Decimal("0.30")
    assert sum(line.cost for line in bench.store.meter.lines("2026-11")) == Decimal("0.30")


def test_a_refresh_of_another_process_is_waited_for_not_doubled(held_at: Callable[..., Bench]) -> None:
    bench = held_at()
    before = bench.spent()
    bench.clock.later(hours=2)
    run = bench.store.ledger.begin(TENANT, "costs.refresh", "cost_explorer", {"process": f"elsewhere:{os.getpid()}"})
    result = bench.costs.refresh(TENANT)
    assert (result.status, result.requests) == ("skipped", 0)
    assert "under way" in result.plan.skipped_reason
    assert bench.spent() == before
    bench.store.ledger.fail(run, ())
    assert bench.costs.refresh(TENANT).status == "done"


def test_a_process_that_died_holds_nobody_up(held: Bench) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os, socket; print(f'{socket.gethostname()}:{os.getpid()}')"],
        capture_output=True,
        text=True,
        check=True,
    )
    held.store.ledger.begin(TENANT, "costs.refresh", "cost_explorer", {"process": gone.stdout.strip()})
    held.store.ledger.begin("other", "costs.refresh", "cost_explorer", {"process": "elsewhere:1"})
    held.clock.later(hours=2)
    assert held.costs.refresh(TENANT).status == "done"
    held.clock.later(minutes=31)
    assert held.costs.refresh("other").status == "done"


def test_cubes_that_do_not_add_up_are_told(bench_at: Callable[..., Bench]) -> None:
    class Losing(Counting):
        def cost_and_usage(self, request: Any, caller: Caller) -> Any:
            pages = super().cost_and_usage(request, caller)
            if ("DIMENSION", "REGION") in request.group_by and request.granularity is Granularity.DAILY:
                for column in pages.columns.values():
                    column.pop()
            return pages

    bench = bench_at(Setup(wrap=Losing))
    result = bench.costs.refresh(TENANT)
    assert result.status == "partial"
    (failure,) = result.failures
    assert failure.code == "reconciliation"
    assert "service_region" in failure.message
    assert "2026-11-20" in failure.message
    answer = bench.costs.answer(CostQuestion(TENANT, NOVEMBER, group_by=("region",)))
    assert not answer.reconciles
    assert bench.costs.answer(CostQuestion(TENANT, NOVEMBER, group_by=("service",))).reconciles


def test_rounding_of_the_tenth_decimal_is_no_disagreement(bench_at: Callable[..., Bench]) -> None:
    class Rounding(Counting):
        def cost_and_usage(self, request: Any, caller: Caller) -> Any:
            pages = super().cost_and_usage(request, caller)
            if ("DIMENSION", "REGION") in request.group_by:
                pages.columns["unblended"][-1] = str(
                    Decimal(pages.columns["unblended"][-1] or 0) + Decimal("0.0000000003")
                )
            return pages

    bench = bench_at(Setup(wrap=Rounding))
    assert bench.costs.refresh(TENANT).status == "done"
    assert bench.costs.answer(CostQuestion(TENANT, NOVEMBER, group_by=("region",))).reconciles


def test_progress_is_told_as_it_goes(bench: Bench) -> None:
    told: list[tuple[int, int, str]] = []
    bench.costs.refresh(TENANT, progress=lambda done, known, name: told.append((done, known, name)))
    assert [done for done, _, _ in told] == list(range(len(told)))
    assert all(done < known for done, known, _ in told)
    assert told[0][2] == "charge_type_service"


def test_the_clock_refreshes_what_is_due_and_retries_failures_later(held_at: Callable[..., Bench]) -> None:
    bench = held_at()
    assert bench.costs.refresh_due("nothing-held", hours=24, first=True)
    assert not bench.costs.refresh_due("nothing-held", hours=24, first=False)
    assert not bench.costs.refresh_due("nothing-held", hours=0, first=True)
    assert not bench.costs.refresh_due(TENANT, hours=24, first=False)
    bench.clock.later(hours=24)
    assert bench.costs.refresh_due(TENANT, hours=24, first=False)
    assert not bench.costs.refresh_due(TENANT, hours=0, first=False)
    denied = held_at(Setup(now=bench.clock.at, options=DemoOptions(faults=(Fault("ce"),))))
    assert denied.costs.refresh(TENANT).status == "failed"
    assert not denied.costs.refresh_due(TENANT, hours=24, first=True)
    denied.clock.later(minutes=15)
    assert denied.costs.refresh_due(TENANT, hours=24, first=True)


def test_the_requests_are_metered_for_the_person_who_asked(bench: Bench) -> None:
    result = bench.costs.refresh(TENANT, user="persona:manager")
    (line,) = bench.store.meter.lines("2026-11")
    assert (line.feature, line.user, line.requests, line.cost) == (
        "costs.refresh",
        "persona:manager",
        result.requests,
        result.cost,
    )


def test_quiet_days_are_held_without_asking(bench_at: Callable[..., Bench]) -> None:
    class Young(Counting):
        """An account that exists since 1 October 2026."""

        def cost_and_usage(self, request: Any, caller: Caller) -> Any:
            pages = super().cost_and_usage(request, caller)
            days = pages.columns["charge_date"]
            kept = [index for index, day in enumerate(days) if str(day) >= "2026-10-01"]
            for name, column in pages.columns.items():
                pages.columns[name] = [column[index] for index in kept]
            return pages

    opened: list[Young] = []

    def wrap(explorer: Any) -> Young:
        opened.append(Young(explorer))
        return opened[0]

    bench = bench_at(Setup(wrap=wrap))
    assert bench.costs.refresh(TENANT).status == "done"
    cubes = wanted_cubes(("Owner",), ())
    assert [request.granularity for request in opened[0].requests].count(Granularity.MONTHLY) == 1
    assert {request.period.start for request in opened[0].requests[2:]} == {date(2026, 10, 1)}
    assert {entry.period for entry in bench.costs.coverage(TENANT)} == {EVERYTHING}
    assert len(bench.costs.coverage(TENANT)) == len(cubes)
    quiet = bench.costs.answer(CostQuestion(TENANT, Period(date(2026, 3, 1), date(2026, 4, 1)), group_by=("region",)))
    assert quiet.totals == {"USD": Decimal(0)}
    assert not quiet.partial
    opened[0].requests.clear()
    bench.clock.later(days=1)
    bench.costs.refresh(TENANT)
    assert all(request.granularity is Granularity.DAILY for request in opened[0].requests)
