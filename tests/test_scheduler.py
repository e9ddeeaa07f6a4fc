"""The clock keeps costs fresh, and spends nothing that nobody decided to spend."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import scheduler
from config import load_settings
from finops.demo.estate import Estate
from finops.demo.handler import demo_hook
from finops.demo.sts import demo_credentials
from finops.facade import Finops, open_finops
from finops.jobs.processes import here
from finops.model.jobs import JobStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Clock:
    """A now that tests move on."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Finops]]:
    """Opens the product with settings of a test's own; in aws mode the made-up organization answers all the same."""
    houses: list[Finops] = []

    def opened_with(**settings: Any) -> Finops:
        estate = Estate(seed=7)
        hooks = [demo_hook(estate, now=clock)] if settings.get("mode") == "aws" else []
        found = load_settings(**{"data_dir": tmp_path, "tag_keys": "Environment", "findings_hours": 0, **settings})
        houses.append(open_finops(found, now=clock, hooks=hooks))
        return houses[-1]

    yield opened_with
    for house in houses:
        house.close()


def requests(finops: Finops) -> int:
    return sum(line.requests for line in finops.store.meter.lines("2026-11") if line.service == "ce")


def test_the_demo_is_filled_by_the_first_tick_and_refreshed_when_it_is_old(
    opened: Callable[..., Finops], clock: Clock
) -> None:
    finops = opened()
    scheduler.tick(finops)
    first = requests(finops)
    assert finops.costs.tenants() == ("demo",)
    assert all(check.ok for check in finops.health.readiness())
    scheduler.tick(finops)
    assert requests(finops) == first
    clock.at += timedelta(hours=12)
    scheduler.tick(finops)
    assert requests(finops) > first


def test_in_aws_mode_the_clock_never_makes_the_first_refresh_and_follows_up_afterwards(
    opened: Callable[..., Finops], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, secret = demo_credentials(Estate(seed=7))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    finops = opened(mode="aws", auth="none", secret_key="k" * 40)
    scheduler.tick(finops)
    clock.at += timedelta(days=3)
    scheduler.tick(finops)
    assert requests(finops) == 0
    assert finops.costs.refresh("default").status == "done"
    paid = requests(finops)
    scheduler.tick(finops)
    assert requests(finops) == paid
    clock.at += timedelta(hours=24)
    scheduler.tick(finops)
    assert requests(finops) > paid


def test_with_zero_hours_the_clock_sends_nothing(opened: Callable[..., Finops]) -> None:
    finops = opened(costs_refresh_hours=0)
    scheduler.tick(finops)
    assert requests(finops) == 0


def test_a_started_clock_ticks_soon_and_stops(opened: Callable[..., Finops]) -> None:
    finops = opened()
    stop = scheduler.start(finops)
    try:
        deadline = time.monotonic() + 60
        while not finops.costs.coverage("demo") and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        stop()
    assert finops.costs.coverage("demo")


def discoveries(finops: Finops, **wanted: Any) -> list[str]:
    found, _ = finops.jobs.jobs(finops.settings.refresh_tenant, kind=scheduler.DISCOVER, **wanted)
    return [str(job.status) for job in found]


def test_everything_is_discovered_by_the_first_tick_and_again_when_it_is_old(
    opened: Callable[..., Finops], clock: Clock
) -> None:
    finops = opened(costs_refresh_hours=0, discovery_hours=24)
    scheduler.tick(finops)
    assert discoveries(finops) == ["partial"]  # the made-up organization denies some things
    assert finops.inventory.standing("demo").checked == clock.at
    clock.at += timedelta(hours=23)
    scheduler.tick(finops)
    assert len(discoveries(finops)) == 1
    clock.at += timedelta(hours=1)
    scheduler.tick(finops)
    assert len(discoveries(finops)) == 2


def test_a_discovery_of_one_service_does_not_stand_for_all(opened: Callable[..., Finops]) -> None:
    finops = opened(costs_refresh_hours=0)
    finops.jobs.run(scheduler.DISCOVER, "demo", {"services": ["sqs"]}, user="ann")
    scheduler.tick(finops)
    assert len(discoveries(finops)) == 2


def test_with_zero_hours_nothing_is_discovered(opened: Callable[..., Finops]) -> None:
    finops = opened(costs_refresh_hours=0, discovery_hours=0)
    scheduler.tick(finops)
    assert discoveries(finops) == []


def runs(finops: Finops) -> list[str]:
    found, _ = finops.jobs.jobs(finops.settings.refresh_tenant, kind=scheduler.FIND)
    return [job.status for job in found]


def test_checks_run_after_the_first_discovery_and_again_when_findings_are_old(
    opened: Callable[..., Finops], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, secret = demo_credentials(Estate(seed=7))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    hours = {"costs_refresh_hours": 0, "discovery_hours": 24, "findings_hours": 24}
    finops = opened(mode="aws", secret_key="k" * 32, auth="none", role_name="reader", **hours)

    scheduler.tick(finops, (scheduler.FIND,))
    assert runs(finops) == []  # there is nothing to look at yet
    scheduler.tick(finops)
    assert runs(finops) == ["partial"]  # the estate's denials are told
    clock.at += timedelta(hours=23)
    scheduler.tick(finops, (scheduler.FIND,))
    assert len(runs(finops)) == 1
    clock.at += timedelta(hours=2)
    scheduler.tick(finops, (scheduler.FIND,))

    assert len(runs(finops)) == 2
    assert finops.waste.findings(finops.settings.refresh_tenant).total > 0


def test_the_first_figures_are_costs_and_nobody_waits_for_more(opened: Callable[..., Finops]) -> None:
    finops = opened()
    scheduler.fill(finops)
    assert finops.costs.coverage("demo")
    assert discoveries(finops) == []

    def following() -> list[JobStatus]:
        return [job.status for kind in scheduler.FOLLOWING for job in finops.jobs.jobs("demo", kind=kind)[0]]

    assert len(following()) == 2
    deadline = time.monotonic() + 60
    while any(status.open for status in following()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert following() == [JobStatus.COMPLETED, JobStatus.COMPLETED]
    assert finops.anomalies.list("demo").items
    assert finops.budgets.crossings("demo")
    paid = requests(finops)
    scheduler.fill(finops)
    assert requests(finops) == paid


def test_one_clock_of_several_turns(opened: Callable[..., Finops], monkeypatch: pytest.MonkeyPatch) -> None:
    finops = opened(costs_refresh_hours=0)
    monkeypatch.setattr(scheduler, "here", lambda: "another:1")
    assert scheduler.beat(finops)
    monkeypatch.undo()
    assert not scheduler.beat(finops)
    scheduler.tick(finops)
    assert discoveries(finops) == []
    assert all(check.ok for check in finops.health.readiness())  # it stands by, and says so
    finops.store.leases.release(scheduler.LEASE, "another:1")
    scheduler.tick(finops)
    assert len(discoveries(finops)) == 1


def test_the_clock_of_a_killed_process_is_taken_at_once(opened: Callable[..., Finops]) -> None:
    finops = opened(costs_refresh_hours=0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        named = f"{here().rpartition(':')[0]}:{other.pid}"
        assert finops.store.leases.hold(scheduler.LEASE, named, scheduler.LEASE_SECONDS)
        assert not scheduler.beat(finops)
        other.kill()
    assert scheduler.beat(finops)
