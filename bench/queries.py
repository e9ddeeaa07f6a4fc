"""How long questions take on generated bills: pages from gold, drill-downs from raw lines.

    python -m bench.queries --lines 5000000

CPU milliseconds of this process, all threads counted, best of five. A raw query is shown as a ratio to a scan that only
sums the same columns, which no engine reading the same file can undercut by much.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from bench.figures import Figure, peak_mib
from finops.model.costs import Filter, Granularity
from finops.model.period import Period, add_months
from finops.store import CubeSelect, Scope, Store, open_store
from finops.store.line_schema import tag_column
from finops.store.parts import LINES
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable

TENANT = "bench"
FIRST = date(2025, 11, 1)
YEAR = Period(FIRST, date(2026, 11, 1))
MONTH = Period(date(2026, 10, 1), date(2026, 11, 1))
TAGS = ("Environment", "Owner", "CostCenter", "Application")
PAGE_BAR_MS, RAW_BAR = 100, 3
_REPEATS = 5
_LINES_A_DAY = 8  # of one resource and usage type: between a daily export's one and an hourly export's 24

_SERIES = """
CREATE TEMP TABLE series AS SELECT
  s,
  printf('%012d', 100000000000 + CAST(floor(50 * pow(hash(s * 3 + 1) % 100000 / 1e5, 2)) AS BIGINT)) AS account,
  CAST(floor(30 * pow(hash(s * 5 + 2) % 100000 / 1e5, 2)) AS INT) AS service,
  CAST(floor(10 * pow(hash(s * 7 + 3) % 100000 / 1e5, 2)) AS INT) AS usage,
  ['us-east-1', 'eu-central-1', 'us-west-2', 'ap-southeast-1'][
    1 + CAST(floor(4 * pow(hash(s * 11 + 4) % 100000 / 1e5, 2)) AS INT)
  ] AS region,
  CAST(hash(s * 13 + 5) % 25 AS INT) AS combo,
  CAST(hash(s * 17 + 6) % 2000000000 AS BIGINT) AS price
FROM range({series}) r(s)
"""

_MONTH = """
CREATE OR REPLACE TEMP VIEW month_lines AS SELECT
  CAST(DATE '{start}' + CAST(i % {days} AS INT) AS TIMESTAMP)
    + to_hours(CAST((i // {days} // {series}) % 24 AS INT)) AS charge_period_start,
  'AWS' AS provider_name, '999999999999' AS billing_account_id, account AS sub_account_id, 'USD' AS billing_currency,
  CASE WHEN combo = 7 THEN 'Tax' WHEN combo = 9 THEN 'Credit' ELSE 'Usage' END AS charge_category,
  'Service ' || service AS service_name, region AS region_id, 'Usage-' || service || ':' || usage AS usage_type,
  'arn:aws:thing:' || region || ':' || account || ':resource/' || s AS resource_id,
  CAST((price + hash(i) % 1000000) * 0.0000000001 AS DECIMAL(38,18)) AS billed_cost,
  CAST((price + hash(i + 1) % 1000000) * 0.0000000001 AS DECIMAL(38,18)) AS effective_cost,
  CAST((price + 1000000) * 0.0000000001 AS DECIMAL(38,18)) AS list_cost,
  CAST((price + 1000000) * 0.0000000001 AS DECIMAL(38,18)) AS contracted_cost,
  CAST(1 + hash(i) % 24 AS DECIMAL(38,18)) AS consumed_quantity, 'Hours' AS consumed_unit,
  'Usage-Based' AS charge_frequency,
  CASE WHEN combo = 0 THEN MAP([], []) ELSE MAP(['Environment', 'Owner', 'CostCenter', 'Application'],
    ['env-' || combo % 3, 'team-' || combo % 5, 'cc-' || combo % 7, 'app-' || combo]) END AS tags
FROM range({rows}) r(i) JOIN series ON s = (i // {days}) % {series}
"""


def generated(folder: Path, lines: int) -> tuple[Store, float]:
    """A store with about `lines` lines over twelve months and its gold cubes; and the CPU seconds that took."""
    url = f"sqlite:///{folder / 'bench.db'}"
    upgrade(url)
    store = open_store(
        database_url=url,
        lake_url=str(folder / "lake"),
        ceiling=None,
        promoted_tags=TAGS[:2],
        now=lambda: datetime(2026, 11, 20, tzinfo=UTC),
    )
    started = time.process_time()
    series = max(200, lines // (YEAR.days * _LINES_A_DAY))
    connection = duckdb.connect(
        ":memory:", config={"threads": 1, "memory_limit": "1GB", "temp_directory": str(folder / "spill")}
    )
    connection.execute(_SERIES.format(series=series))
    for number in range(12):
        month = Period(add_months(FIRST, number), add_months(FIRST, number + 1))
        rows = lines * month.days // YEAR.days
        connection.execute(_MONTH.format(start=month.start, days=month.days, series=series, rows=rows))
        run = store.ledger.begin(TENANT, "bill.import", "focus")
        with store.lines.begin(TENANT, "focus", run) as writer:
            writer.copy(connection, "month_lines", Scope("AWS", "999999999999", month.start.strftime("%Y-%m")))
            writer.commit()
    return store, time.process_time() - started


def _ask(
    cube: str, period: Period, *group_by: str, bucket: Granularity = Granularity.TOTAL, filters: tuple[Filter, ...] = ()
) -> CubeSelect:
    return CubeSelect(TENANT, "focus", cube, period, "effective", group_by=group_by, bucket=bucket, filters=filters)


_ONE_SERVICE = (Filter("service", ("Service 0",)),)
PAGE_QUERIES: dict[str, CubeSelect] = {
    "overview: month by service": _ask("account_service", MONTH, "service"),
    "overview: month by account": _ask("account_service", MONTH, "account"),
    "overview: month, daily": _ask("account_service", MONTH, bucket=Granularity.DAILY),
    "analysis: month by service, daily": _ask("account_service", MONTH, "service", bucket=Granularity.DAILY),
    "analysis: year by service, monthly": _ask("account_service", YEAR, "service", bucket=Granularity.MONTHLY),
    "analysis: year by service, daily": _ask("account_service", YEAR, "service", bucket=Granularity.DAILY),
    "analysis: year by account, monthly": _ask("account_service", YEAR, "account", bucket=Granularity.MONTHLY),
    "analysis: year by charge type": _ask("account_service", YEAR, "charge_type"),
    "analysis: year by region, monthly": _ask("region", YEAR, "region", bucket=Granularity.MONTHLY),
    "analysis: month by usage type": _ask("usage_type", MONTH, "usage_type"),
    "analysis: year by usage type of a service": _ask("usage_type", YEAR, "usage_type", filters=_ONE_SERVICE),
    "analysis: year by usage type": _ask("usage_type", YEAR, "usage_type"),
    "analysis: year by tag, monthly": _ask("tag:Environment", YEAR, "tag:Environment", bucket=Granularity.MONTHLY),
}
RAW_QUERIES: dict[str, tuple[CubeSelect, str]] = {
    "month by service": (_ask("lines", MONTH, "service"), "service_name"),
    "year by service": (_ask("lines", YEAR, "service"), "service_name"),
    "year by account and service, monthly": (
        _ask("lines", YEAR, "account", "service", bucket=Granularity.MONTHLY),
        "sub_account_id, service_name",
    ),
    "year by promoted tag": (_ask("lines", YEAR, "tag:Environment"), '"{tag}"'),
    "year by tag map": (_ask("lines", YEAR, "tag:CostCenter"), "tags"),
    "month by resource of a service": (
        _ask("lines", MONTH, "resource", filters=_ONE_SERVICE),
        "resource_id, service_name",
    ),
}


def _cpu_ms(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_REPEATS):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return round(best * 1000, 1)


def _floor_ms(store: Store, ask: CubeSelect, columns: str) -> float:
    """A scan of the same columns and days that sums the amount and looks at every other value, without any grouping."""
    parts = [part for part in store.ledger.snapshot(TENANT).parts if part.dataset == LINES]
    paths = [part.path for part in parts if part.period.overlaps(ask.period)]
    looked = ", ".join(f"count({name})" for name in columns.format(tag=tag_column(TAGS[0])).split(", "))
    days = "charge_date >= $start AND charge_date < $end"
    sql = f"SELECT sum(effective_cost), {looked} FROM {{parts}} WHERE {days}"  # noqa: S608 - names of this file
    values = {"start": ask.period.start, "end": ask.period.end}
    return _cpu_ms(lambda: store.duck.query(sql, paths, values))


def measured(lines: int, folder: Path) -> dict[str, Any]:
    """Generates, asks and measures: CPU milliseconds of pages, and of raw queries beside the sum-only scan."""
    store, seconds = generated(folder, lines)
    coverage = {entry.cube.name: entry.rows for entry in store.cubes.coverage(TENANT)}
    pages = {name: _cpu_ms(partial(store.cubes.select, ask)) for name, ask in PAGE_QUERIES.items()}
    raw = {}
    for name, (ask, columns) in RAW_QUERIES.items():
        spent, floor = _cpu_ms(partial(store.cubes.select, ask)), _floor_ms(store, ask, columns)
        raw[name] = {"cpu_ms": spent, "sum_only_ms": floor, "ratio": round(spent / floor, 2)}
    result = {
        "lines": coverage["lines"],
        "rows": coverage,
        "generate_and_import_cpu_s": round(seconds, 1),
        "lake_mb": sum(part.bytes for part in store.ledger.snapshot(TENANT).parts) // 1_000_000,
        "peak_mb": peak_mib(),
        "coverage_ms": _cpu_ms(partial(store.cubes.coverage, TENANT)),
        "pages_cpu_ms": pages,
        "raw": raw,
    }
    store.close()
    return result


def run(folder: Path) -> list[Figure]:
    """The figures of 5 and 20 million lines, each against its bar."""
    found = []
    for lines in (5_000_000, 20_000_000):
        place = folder / str(lines)
        place.mkdir()
        found += _figures(measured(lines, place))
    return found


def _figures(result: dict[str, Any]) -> list[Figure]:
    size = f"{result['lines'] / 1e6:.0f} M lines"
    pages, raw = result["pages_cpu_ms"], result["raw"]
    return [
        *(Figure(f"{size}: {name}", ms, "ms CPU", "≤ 100", ms <= PAGE_BAR_MS, "gold") for name, ms in pages.items()),
        *(
            Figure(
                f"{size}: {name}",
                each["ratio"],
                "× a sum-only scan",
                "≤ 3",
                each["ratio"] <= RAW_BAR,
                f"raw: {each['cpu_ms']} ms against {each['sum_only_ms']} ms CPU",
            )
            for name, each in raw.items()
        ),
    ]


def main() -> None:
    """Prints the measurements of one size as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(asked.lines, Path(folder)), indent=2))


if __name__ == "__main__":
    main()
