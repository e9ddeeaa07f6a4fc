"""What report files cost: CPU seconds and extra memory of CSV, Excel and JSON, 100,000 and 1,000,000 rows × 12 columns.

    python -m bench.report_files xlsx 100000

Each measurement has a process of its own. Rows are made as they are read, as those from a store are; what making them
alone takes is told apart. pandas' own writers get the same rows as a frame, in the same run.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd

from bench.figures import Figure
from finops.model.period import Period
from finops.model.reports import Chart, ChartKind, Column, Format, Kind, Report, ReportRequest, Table
from finops.reports.files import report_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finops.model.reports import Row

ROWS, MANY = 100_000, 1_000_000
BARS_SECONDS = {Format.CSV: 0.2, Format.XLSX: 8.0}
MEMORY_BAR_MIB = 50
PEERS = {Format.CSV: "pandas to_csv", Format.XLSX: "pandas to_excel", Format.JSON: "pandas to_json"}
ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
MONTH = Period(date(2026, 10, 1), date(2026, 11, 1))
SERVICES = ("Amazon Elastic Compute Cloud - Compute", "Amazon Simple Storage Service", "AmazonCloudWatch", "Tax, other")
COLUMNS = (
    Column("date", "Day", Kind.DAY),
    *(Column(name, name) for name in ("account", "account_name", "service", "region", "usage_type", "resource_id")),
    Column("cost", "Cost, $", Kind.MONEY, "USD"),
    Column("list_cost", "List cost, $", Kind.MONEY, "USD"),
    Column("usage", "Usage", Kind.NUMBER),
    Column("estimated", "Estimated", Kind.TRUTH),
    Column("currency", "Currency"),
)
_REPEATS = 5


def report(rows: int) -> Report:
    """A report with one table of so many rows, and a chart over its first ones."""
    chart = Chart("Cost", ChartKind.BARS, "detail", "service", ("cost",), "Cost of the first rows")
    table = Table("detail", "Cost detail", COLUMNS, lambda: lines(rows), rows)
    request = ReportRequest("cost-detail", "bench", "bench", MONTH)
    return Report(request, "Cost detail", "Nothing new", NOW, MONTH, (), (table,), (chart,))


def lines(rows: int) -> Iterator[Row]:
    """Rows that look like a bill's: few accounts and services, many resources and amounts."""
    for number in range(rows):
        yield (
            MONTH.start + timedelta(days=number % 31),
            f"{111111111111 + number % 40}",
            f"account-{number % 40}",
            SERVICES[number % 4],
            ("us-east-1", "eu-central-1")[number % 2],
            f"BoxUsage:m7i.{number % 9}xlarge",
            f"i-{number * 7919 % 10**9:017x}",
            Decimal(number * 104729 % 10**8).scaleb(-6),
            Decimal(number * 7919 % 10**6).scaleb(-2),
            number % 1000,
            number % 7 == 0,
            "USD",
        )


def run(_: Path) -> list[Figure]:
    """Each format of both sizes in a process of its own."""
    figures = [figure for kind in Format for figure in _figures(kind, _in_a_process(kind, ROWS))]
    for kind in Format:
        found = _in_a_process(kind, MANY)
        what = f"{kind} report, {MANY:,} × {len(COLUMNS)}"
        extra = found["extra_mib"]
        figures.append(Figure(what, found["seconds"], "s CPU", note=f"{found['bytes'] / 1e6:.0f} MB"))
        good = extra <= MEMORY_BAR_MIB
        figures.append(Figure(f"{what}: extra memory", extra, "MiB", f"≤ {MEMORY_BAR_MIB}", good))
    return figures


def _in_a_process(kind: Format, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.report_files", kind.value, str(rows)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def measured(kind: Format, rows: int) -> dict[str, float]:
    """CPU seconds of the writer, rows already made and with their making; extra MiB while rows are made; the peer's."""
    collections.deque(report_pieces(report(2_000), kind), maxlen=0)
    before = _memory_mib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    started = time.process_time()
    size = sum(map(len, report_pieces(report(rows), kind)))
    seconds = time.process_time() - started
    extra = _memory_mib("VmHWM") - before
    if rows > ROWS:
        return {"seconds": seconds, "extra_mib": extra, "bytes": size}
    made = list(lines(rows))
    table = Table("detail", "Cost detail", COLUMNS, lambda: iter(made), rows)
    ready = report(0)
    ready = Report(ready.request, ready.title, "", NOW, MONTH, (), (table,), ready.charts)
    writing = _cpu(lambda: collections.deque(report_pieces(ready, kind), maxlen=0))
    frame = pd.DataFrame(made, columns=[column.name for column in COLUMNS])
    peer = _cpu(lambda: PEER_WRITERS[kind](frame), repeats=1 if kind is Format.XLSX else _REPEATS)
    found = {"seconds": seconds, "extra_mib": extra, "bytes": size, "writing": writing, "peer": peer}
    return found | ({"openpyxl": _cpu(lambda: _write_only(made), repeats=1)} if kind is Format.XLSX else {})


def _to_excel(frame: pd.DataFrame) -> None:
    frame.to_excel(io.BytesIO(), index=False, engine="openpyxl")


def _write_only(made: list[Row]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Cost detail")
    for row in made:
        sheet.append(row)
    book.save(io.BytesIO())


PEER_WRITERS: dict[Format, Callable[[pd.DataFrame], object]] = {
    Format.CSV: lambda frame: frame.to_csv(index=False),
    Format.XLSX: _to_excel,
    Format.JSON: lambda frame: frame.assign(
        cost=frame["cost"].astype(str), list_cost=frame["list_cost"].astype(str)
    ).to_json(orient="records", date_format="iso"),
}


def _cpu(work: Callable[[], object], *, repeats: int = _REPEATS) -> float:
    """Least CPU seconds of some runs, all threads counted."""
    best = float("inf")
    for _ in range(repeats):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def _memory_mib(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def _figures(kind: Format, found: dict[str, float]) -> list[Figure]:
    what, bar, writing = f"{kind} report, {ROWS:,} × {len(COLUMNS)}", BARS_SECONDS.get(kind), found["writing"]
    size = f"{found['bytes'] / 1e6:.0f} MB; {found['seconds']:.2f} s with the making of rows"
    limit = (f"≤ {bar}", writing <= bar) if bar else ("", True)
    figures = [
        Figure(what, writing, "s CPU", *limit, size) if bar else Figure(what, writing, "s CPU", note=size),
        Figure(
            f"{what}: extra memory",
            found["extra_mib"],
            "MiB",
            f"≤ {MEMORY_BAR_MIB}",
            found["extra_mib"] <= MEMORY_BAR_MIB,
        ),
        Figure(f"{what}, against {PEERS[kind]}", writing / found["peer"], "× CPU", note=f"{found['peer']:.2f} s"),
    ]
    if "openpyxl" in found:
        told = f"{found['openpyxl']:.1f} s"
        figures.append(Figure(f"{what}, against openpyxl write-only", writing / found["openpyxl"], "× CPU", note=told))
    return figures


def main() -> None:
    """Prints the measurements of one format as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", type=Format, choices=list(Format))
    parser.add_argument("rows", type=int)
    asked = parser.parse_args()
    print(json.dumps(measured(asked.kind, asked.rows)))


if __name__ == "__main__":
    main()
