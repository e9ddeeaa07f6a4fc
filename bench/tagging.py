"""Tag compliance of 100,000 assets under ten rules: evaluated from the database, and what another policy would say.

A process of its own evaluates what another one has stored, as a worker or a server that has just started does; its
peak memory is that of all it has loaded.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.estate import ASSETS, NOW, TENANT, assets, know_accounts, listings, store
from bench.figures import Figure, peak_mib
from config import Settings, load_settings
from finops.facade import Finops, open_finops
from finops.model.tagging import Exemption, Policy, Rule, ValueCase

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS, WHAT_IF_SECONDS, MIB = 2.0, 1.0, 300
POLICY = Policy(
    (
        Rule("Environment", aliases=("Env",), values=("prod", "staging", "dev")),
        Rule("Owner", aliases=("Team",), patterns=(r"team-[0-9]+@example\.com",)),
        Rule("CostCenter", values=tuple(f"40{number:02d}" for number in range(35))),
        Rule("Application", kinds=("ec2:*", "rds:*"), inherit=True),
        Rule("Name", values=("instance-*", "volume-*", "function-*")),
        Rule("DataClass", kinds=("rds:instance",), case=ValueCase.NORMALISE, values=("Public", "Internal")),
        Rule("Backup", required=False, values=("daily", "weekly")),
        Rule("Project", since=NOW.date().replace(year=2025)),
        Rule("Contact", exemptions=(Exemption(NOW.date().replace(year=2027), "moving", kinds=("lambda:*",)),)),
        Rule("Compliance", required_kinds=("ec2:volume",)),
    )
)
"""Ten rules that between them use everything a rule can have."""


def run(folder: Path) -> list[Figure]:
    """Fills a store, then measures in a process of its own."""
    with closing(open_finops(_settings(folder))) as finops:
        listed = list(listings())
        know_accounts(finops, listed)
        store(finops, listed, NOW)
        prices = {one.arn: (one.cost, one.currency) for one in assets(ASSETS) if one.cost is not None}
        finops.store.assets.price(TENANT, prices)
        finops.tagging.save(TENANT, POLICY, over=0, by="bench")
    command = [sys.executable, "-m", "bench.tagging", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent)
    measured: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return [
        _judged("100,000 assets × 10 rules: read and evaluated, every figure", measured["evaluated"], SECONDS),
        _judged("what-if of another policy, every changed verdict", measured["what_if"], WHAT_IF_SECONDS),
        Figure("peak memory of the process", measured["peak"], "MiB", f"≤ {MIB}", met=measured["peak"] <= MIB),
        Figure("figures again, another filter and group", measured["again"], "CPU s"),
        Figure("a page of violations", measured["page"], "CPU s"),
        Figure("likely owners, with their leave-one-out", measured["suggested"], "CPU s"),
    ]


def _settings(folder: Path) -> Settings:
    return load_settings(data_dir=folder / "data", now=NOW, costs_refresh_hours=0)


def _measured(finops: Finops) -> dict[str, float]:
    tagging = finops.tagging
    first = _seconds(lambda: tagging.compliance(TENANT, by="account"))
    rules = list(POLICY.rules)
    rules[1] = replace(rules[1], patterns=(r"team-[0-9]@example\.com",))
    rules[2] = replace(rules[2], case=ValueCase.NORMALISE, values=("40*",))
    what_if = _seconds(lambda: tagging.what_if(TENANT, Policy(tuple(rules))))
    peak = float(peak_mib())
    return {
        "evaluated": first,
        "what_if": what_if,
        "peak": peak,
        "again": _seconds(lambda: tagging.compliance(TENANT, by="owner", key="CostCenter")),
        "page": _seconds(lambda: tagging.violations(TENANT)),
        "suggested": _seconds(lambda: tagging.suggestions(TENANT, "Owner")),
    }


def _judged(what: str, seconds: float, bar: float) -> Figure:
    return Figure(what, seconds, "CPU s", f"≤ {bar:g}", met=seconds <= bar)


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    with closing(open_finops(_settings(Path(sys.argv[1])))) as opened:
        sys.stdout.write(json.dumps(_measured(opened)) + "\n")
