"""What checks cost: calls for a thousand instances, judging ten thousand observations, trying thresholds on a quarter.

Metrics are answered at botocore's wire without a network; judging and trying are this process's CPU. The demo's estate
is the one that a first visitor sees, with its twelve past weeks.
"""

from __future__ import annotations

import math
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.figures import Figure
from config import load_settings
from finops.facade import open_finops
from finops.waste.checks.ec2_idle_instance import CHECK
from finops.waste.judging import judged
from tests.waste.kit import Metrics, asset, desk, seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from finops.facade import Finops

INSTANCES, OBSERVATIONS = 1000, 10_000
TENANT = "demo"
REPEATS = 5


def run(folder: Path) -> list[Figure]:
    """Every size the issue names."""
    return [_calls(), _judging(), *_over_the_demo(folder)]


def _calls() -> Figure:
    """GetMetricData for CPU of busy instances: traffic is asked of none of them."""
    busy = {
        ("CPUUtilization", statistic, f"i-{number}"): [level] * 30
        for number in range(INSTANCES)
        for statistic, level in (("Average", 45.0), ("Maximum", 80.0))
    }
    at = desk([asset("ec2:instance", f"i-{n}", "running") for n in range(INSTANCES)], {"GetMetricData": Metrics(busy)})
    observations, _ = at.measured(CHECK)
    least = math.ceil(2 * INSTANCES / 500)
    calls = len(at.wire.asked)
    assert len(observations) == INSTANCES
    return Figure("1,000 instances × 14 days: GetMetricData", calls, "calls", f"{least}", met=calls <= least)


def _judging() -> Figure:
    series = {"cpu_average": (2.0,) * 30, "cpu_maximum": (8.0,) * 30}
    one = seen(CHECK, {"state": "running"}, series=series)
    observations = [replace(one, resource_id=f"i-{number}") for number in range(OBSERVATIONS)]
    levels = CHECK.defaults
    took = _best(lambda: [judged(CHECK, each, levels) for each in observations])
    what = "10,000 observations of idle instances judged"
    return Figure(what, took * 1000, "CPU ms", "≤ 100", met=took <= 0.1)


def _over_the_demo(folder: Path) -> list[Figure]:
    with closing(open_finops(load_settings(data_dir=folder))) as finops:
        finops.costs.refresh(TENANT)
        finops.inventory.discover(TENANT)
        started, cpu = time.perf_counter(), time.process_time()
        outcome = finops.waste.run(TENANT)
        took, cpu = time.perf_counter() - started, time.process_time() - cpu
        note = f"{outcome.counts['observations']:,} observations, {outcome.counts['calls']:,} calls"
        figures = [Figure("demo estate: a run of all checks", took, "s", note=f"{note}; CPU {cpu:.1f} s")]
        started = time.perf_counter()
        finops.jobs.run("findings.history", TENANT, {}, user="bench")
        figures.append(Figure("demo estate: twelve past weeks", time.perf_counter() - started, "s"))
        return [*figures, *_trying(finops)]


def _trying(finops: Finops) -> list[Figure]:
    """The dearest check to try: the first time its observations are read, then with every move of a slider."""
    slowest, first = 0.0, 0.0
    for check in finops.waste.checks:
        moved = {each.name: each.minimum for each in check.thresholds[:1]}
        started = time.perf_counter()
        finops.waste.back_test(TENANT, check.check_id, moved)
        first = max(first, time.perf_counter() - started)
        levels = {each.name: each.maximum for each in check.thresholds[:1]}
        slowest = max(slowest, _best(lambda check=check, levels=levels: _try(finops, check.check_id, levels)))  # type: ignore[misc]
    return [
        Figure("a slider, the slowest of all checks", slowest * 1000, "ms", "≤ 300", met=slowest <= 0.3),
        Figure("a check chosen, its observations read", first * 1000, "ms", note="once; then sliders move"),
    ]


def _try(finops: Finops, check_id: str, levels: dict[str, float]) -> None:
    finops.waste.back_test(TENANT, check_id, levels)


def _best(work: Callable[[], object]) -> float:
    """Least CPU seconds of some repeats."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best
