"""How quickly bills come in, beside a bare DuckDB read of the same file: one core, CPU time, peak memory.

Every measurement runs in a process of its own that is held to one processor. The generated bill has the shape of an AWS
FOCUS export: doubles, a map of tags, `x_` columns, values drawn from the sample's real lines.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from bench.figures import Figure, peak_mib
from finops.costs.imports import import_bill
from finops.store import open_store
from finops.store.upgrade import upgrade

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "tests" / "data" / "focus_sample.csv"
PARQUET_LINES = 2_000_000
CSV_LINES = 400_000
TRIES = 3
RATE_BAR = 300_000
MEMORY_BAR_MIB = 1024

_GENERATED = """
COPY (
    WITH line AS (SELECT i, hash(i) AS h FROM range({lines}) AS r(i)),
         sample AS (
             SELECT row_number() OVER () - 1 AS number, *
             FROM read_csv('{sample}', all_varchar=true, nullstr='NULL') WHERE ProviderName = 'AWS')
    SELECT AvailabilityZone, CAST(round((h % 1000003) * 1e-7 * ((h // 7) % 13), 10) AS DOUBLE) AS BilledCost,
           BillingAccountId, BillingAccountName, BillingCurrency, TIMESTAMP '2024-10-01' AS BillingPeriodEnd,
           TIMESTAMP '2024-09-01' AS BillingPeriodStart,
           ChargeCategory, ChargeClass, ChargeDescription, ChargeFrequency,
           TIMESTAMP '2024-09-01' + to_hours(CAST((h // 11) % 720 AS INTEGER) + 1) AS ChargePeriodEnd,
           TIMESTAMP '2024-09-01' + to_hours(CAST((h // 11) % 720 AS INTEGER)) AS ChargePeriodStart,
           CommitmentDiscountCategory, CommitmentDiscountId, CommitmentDiscountName, CommitmentDiscountStatus,
           CommitmentDiscountType, CAST(round((h % 100003) * 1e-6, 9) AS DOUBLE) AS ConsumedQuantity, ConsumedUnit,
           CAST(round((h % 1000003) * 0.97e-7 * ((h // 7) % 13), 10) AS DOUBLE) AS ContractedCost,
           CAST(ContractedUnitPrice AS DOUBLE) AS ContractedUnitPrice,
           CAST(round((h % 1000003) * 0.91e-7 * ((h // 7) % 13), 10) AS DOUBLE) AS EffectiveCost, InvoiceIssuerName,
           CAST(round((h % 1000003) * 1.1e-7 * ((h // 7) % 13), 10) AS DOUBLE) AS ListCost,
           CAST(ListUnitPrice AS DOUBLE) AS ListUnitPrice, PricingCategory,
           CAST(round((h % 100003) * 1e-6, 9) AS DOUBLE) AS PricingQuantity, PricingUnit, ProviderName, PublisherName,
           RegionId, RegionName,
           'arn:aws:ec2:' || RegionId || ':' || SubAccountId || ':instance/i-' || printf('%016x', h % 20000)
               AS ResourceId,
           ResourceName, ResourceType, ServiceCategory, ServiceName, SkuId, SkuPriceId, SubAccountId, SubAccountName,
           {tags} AS Tags, {categories} AS x_CostCategories, 'RunInstances:' || ((h // 3) % 20) AS x_Operation,
           replace(ServiceName, ' ', '') AS x_ServiceCode, 'USW2-' || SkuId AS x_UsageType
    FROM line JOIN sample ON sample.number = (h // 17) % 942
) TO '{target}' ({options})
"""
_MAPS = {
    "tags": "CAST(TRY_CAST(Tags AS JSON) AS MAP(VARCHAR, VARCHAR))",
    "categories": "MAP {'Team': 'team-' || (h % 20)}",
}
_TEXTS = {"tags": "Tags", "categories": """'{"Team": "team-' || (h % 20) || '"}'"""}


def run(folder: Path, *, parquet_lines: int = PARQUET_LINES, csv_lines: int = CSV_LINES) -> list[Figure]:
    """Imports a generated Parquet bill and a CSV bill; CPU seconds of one core and peak memory, against a bare read."""
    figures: list[Figure] = []
    for name, lines in (("Parquet", parquet_lines), ("CSV", csv_lines)):
        bill = folder / f"bill.{name.lower()}"
        _generate(bill, lines)
        read = _measured("read", bill, folder)
        found = _measured("import", bill, folder)
        rate, bare = lines / found["import"], lines / read["read"]
        peak, bar = found["peak_mib"], f"≤ {MEMORY_BAR_MIB} MiB"
        figures += [
            _rate(
                f"{name} import, one core", rate, f"{lines:,} lines; without building gold", parquet=name == "Parquet"
            ),
            Figure(f"{name} import with gold and commit", lines / (found["import"] + found["gold"]), "lines/s"),
            Figure(f"{name} bare DuckDB read of every column", bare, "lines/s"),
            Figure(f"{name} import against the bare read", bare / rate, "× CPU"),
            Figure(f"{name} import, peak memory", peak, "MiB", bar, peak <= MEMORY_BAR_MIB),
        ]
        bill.unlink()
    return figures


def _rate(what: str, rate: float, note: str, *, parquet: bool) -> Figure:
    bar = f"≥ {RATE_BAR:,} lines/s" if parquet else ""
    return Figure(what, rate, "lines/s", bar, rate >= RATE_BAR if parquet else None, note)


def _generate(bill: Path, lines: int) -> None:
    parquet = bill.suffix == ".parquet"
    options = "FORMAT parquet, COMPRESSION snappy" if parquet else "FORMAT csv, HEADER, NULLSTR 'NULL'"
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            _GENERATED.format(
                lines=lines, sample=SAMPLE, target=bill, options=options, **(_MAPS if parquet else _TEXTS)
            )
        )


def _measured(what: str, bill: Path, folder: Path) -> dict[str, float]:
    """The least CPU seconds of some tries, since whatever else the machine does only adds to them; the highest peak."""
    tries: list[dict[str, float]] = []
    for number in range(TRIES):
        command = [sys.executable, "-m", "bench.imports", what, str(bill), str(folder / f"{bill.suffix[1:]}-{number}")]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        tries.append(json.loads(done.stdout))
        shutil.rmtree(folder / f"{bill.suffix[1:]}-{number}", ignore_errors=True)
    return {name: (max if name == "peak_mib" else min)(found[name] for found in tries) for name in tries[0]}


def _read(bill: Path, _folder: Path) -> dict[str, float]:
    """CPU seconds of counting every column's values."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        began = time.process_time()
        if bill.suffix == ".parquet":
            rows = connection.read_parquet(str(bill))
        else:
            rows = connection.read_csv(str(bill), all_varchar=True)
        rows.aggregate("count(COLUMNS(*))").fetchall()
        return {"read": time.process_time() - began}


def _import(bill: Path, folder: Path) -> dict[str, float]:
    """CPU seconds up to the last line stored, and from there to the commit with its gold."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'state.db'}"
    upgrade(url)
    store = open_store(
        database_url=url,
        lake_url=str(folder / "lake"),
        ceiling=Decimal(0),
        promoted_tags=("environment", "application"),
        now=lambda: datetime(2024, 11, 20, tzinfo=UTC),
    )
    began = time.process_time()
    steps: list[float] = []
    result = import_bill(
        store, "default", [str(bill)], rejects=folder, progress=lambda *_: steps.append(time.process_time() - began)
    )
    ended = time.process_time() - began
    assert result.rejected == 0
    store.close()
    return {"import": steps[-1], "gold": ended - steps[-1]}


def main(what: str, bill: str, folder: str) -> None:
    """One measurement, as JSON on stdout."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = {"read": _read, "import": _import}[what](Path(bill), Path(folder))
    peak = peak_mib()
    sys.stdout.write(json.dumps(found | {"peak_mib": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
