"""What keeping costs up to date costs: requests and dollars of the first, the second and the daily refresh.

Requests are counted by the meter, in front of the made-up Cost Explorer, which obeys the real rules of paging.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from statistics import mean
from typing import TYPE_CHECKING

from aws_session import AwsSessions
from bench.figures import Figure
from finops.aws.calls import Calls
from finops.aws.permissions import permitted
from finops.costs import CostExplorer, Costs, CostsOptions
from finops.demo.cost_explorer import PAGE_GROUPS
from finops.demo.estate import CATEGORY, TAG_KEYS, Estate
from finops.demo.handler import demo_hook
from finops.demo.sts import demo_credentials
from finops.store import open_store
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAYS = 30
SIZES = (8, 50)
TENANT = "demo"


@dataclass
class _Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


def run(folder: Path, *, sizes: tuple[int, ...] = SIZES, days: int = DAYS) -> list[Figure]:
    """Refreshes estates of several sizes for a simulated month."""
    return [figure for accounts in sizes for figure in _estate(folder, accounts, days)]


def _estate(folder: Path, accounts: int, days: int) -> list[Figure]:
    clock = _Clock()
    url = f"sqlite:///{folder / f'refresh-{accounts}.db'}"
    upgrade(url)
    store = open_store(
        database_url=url, lake_url=str(folder / f"lake-{accounts}"), ceiling=None, promoted_tags=TAG_KEYS, now=clock
    )
    estate = Estate(accounts=accounts)
    sessions = AwsSessions(
        permitted=permitted(), now=clock, static_keys=demo_credentials(estate), hooks=(demo_hook(estate, now=clock),)
    )
    calls = Calls(sessions, store.meter, now=clock)
    options = CostsOptions(TAG_KEYS, (CATEGORY,), folder / "rejects")
    with closing(store):
        return _figures(Costs(store, CostExplorer(calls), now=clock, options=options), clock, accounts, days)


def _figures(costs: Costs, clock: _Clock, accounts: int, days: int) -> list[Figure]:
    name = f"{accounts} accounts"
    started = time.process_time()
    first = costs.refresh(TENANT)
    took = time.process_time() - started
    fewest = sum(ceil(entry.rows / PAGE_GROUPS) for entry in costs.coverage(TENANT))
    again = costs.refresh(TENANT)
    clock.at += timedelta(hours=2)
    idle = costs.refresh(TENANT)
    daily = []
    for _ in range(days):
        clock.at += timedelta(days=1)
        daily.append(costs.refresh(TENANT).requests)
    ratio = first.requests / fewest
    note = f"the pages of {len(costs.plan(TENANT, force=True).steps)} cross-sections need {fewest}; CPU {took:.1f} s"
    return [
        Figure(f"{name}: first refresh", first.requests, "requests", "≤ 1.1 × fewest", ratio <= 1.1, note),
        Figure(f"{name}: first refresh", float(first.cost), "USD"),
        Figure(f"{name}: again within the hour", again.requests, "requests", "0", again.requests == 0),
        Figure(f"{name}: two hours later, nothing changed", idle.requests, "requests", "1", idle.requests == 1),
        Figure(f"{name}: average day", mean(daily), "requests", "≤ 10", mean(daily) <= 10, f"over {days} days"),
        Figure(f"{name}: dearest day", max(daily), "requests", "≤ 10", max(daily) <= 10, "month's end included"),
        Figure(f"{name}: a month of days", sum(daily) * 0.01, "USD"),
    ]
