"""Made-up FOCUS bills: a line that is fine, and files of such lines with single values changed."""

from __future__ import annotations

import csv
import gzip
import io
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from finops.costs.sources.focus import FOCUS
from finops.store.bill_files import BillReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.costs import Reject
    from finops.store import LineCommit, Store
    from finops.store.bill_files import StagedBill

SAMPLE = Path(__file__).parent.parent / "data" / "focus_sample.csv"

LINE: dict[str, Any] = {
    "BilledCost": "1.25",
    "EffectiveCost": "1.00",
    "ListCost": "1.50",
    "ContractedCost": "1.25",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2024-09-01 00:00:00",
    "BillingPeriodEnd": "2024-10-01 00:00:00",
    "ChargePeriodStart": "2024-09-18 22:00:00",
    "ChargePeriodEnd": "2024-09-18 23:00:00",
    "ProviderName": "AWS",
    "BillingAccountId": "123456789012",
    "SubAccountId": "210987654321",
    "ServiceName": "Amazon Elastic Compute Cloud",
    "ChargeCategory": "Usage",
    "RegionId": "us-west-2",
    "PricingQuantity": "2",
    "Tags": '{"Environment": "prod"}',
}


def stored(amount: Decimal) -> Decimal:
    """An amount as the lake keeps it."""
    with localcontext() as context:
        context.prec = 60
        return amount.quantize(Decimal("1e-18"), rounding=ROUND_HALF_UP)


def lines(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    """A line for each dictionary of changes."""
    return [LINE | change for change in changes]


def csv_text(rows: Sequence[dict[str, Any]], **dialect: Any) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), **({"lineterminator": "\n"} | dialect))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def csv_file(path: Path, rows: Sequence[dict[str, Any]], **dialect: Any) -> Path:
    data = csv_text(rows, **dialect).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def parquet_file(path: Path, rows: Sequence[dict[str, Any]], **types: pa.DataType) -> Path:
    """The rows as Parquet; columns named in `types` have that type, the others are text."""
    columns = {name: pa.array([row[name] for row in rows], type=types.get(name, pa.string())) for name in rows[0]}
    pq.write_table(pa.table(columns), path)
    return path


class Imported:
    """What became of one file, and the lines as stored."""

    def __init__(self, store: Store, path: Path, tenant: str = "default") -> None:
        run = store.ledger.begin(tenant, "bill.import", "focus")
        with store.lines.begin(tenant, "focus", run) as writer, BillReader(store.lines.staging, FOCUS) as reader:
            self.bill: StagedBill = reader.stage(path, path.name)
            self.rejects: list[tuple[Reject, str]] = list(reader.rejects(self.bill))
            self.written = reader.write(self.bill, writer)
            self.commit: LineCommit = writer.commit()
        parts = [part for part in store.ledger.snapshot(tenant).parts if part.dataset == "cost_lines"]
        self.stored: list[dict[str, Any]] = [
            row for part in parts if part.rows for row in store.lake.read(part.path).to_pylist()
        ]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(reject.line, reject.reason) for reject, _ in self.rejects]

    def total(self, metric: str = "billed", currency: str = "USD") -> Decimal:
        return self.commit.totals[metric][currency]
