"""What the ledger keeps of a freshly written part of lines, read back from the file itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.model.errors import StoreError
from finops.model.money import exact_sum
from finops.model.period import Period, add_months
from finops.model.spans import joined
from finops.store.catalogue import LINE_ACCOUNTS, LINE_FACTS, LINE_TAGS
from finops.store.line_schema import METRIC_COLUMNS, Scope
from finops.store.parts import PartFacts

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from finops.store.duck import Duck

_TAGS_SEEN = {"lines": 20_000, "keys": 50}
"""How many lines are looked at for tag keys, and how many keys are offered for grouping."""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Days, sums and gaps of one part. `totals` and `nulls` are by metric; `totals` then by currency."""

    billing_period: str
    lines: int
    period: Period
    held: tuple[Period, ...]
    totals: dict[str, dict[str, Decimal]]
    nulls: dict[str, int]
    currencies: tuple[str, ...]
    estimated_from: date | None
    tags: tuple[str, ...]
    accounts: dict[str, str]

    def part_facts(self, now: datetime, promoted: tuple[str, ...]) -> PartFacts:
        """The facts as the ledger keeps them."""
        return PartFacts(
            fetched_at=now,
            held=self.held,
            metrics=tuple(self.totals),
            currencies=self.currencies,
            estimated_from=self.estimated_from,
            nulls=self.nulls,
            promoted=promoted,
            tags=self.tags,
            accounts=self.accounts,
        )


def billing_month(scope: Scope) -> Period:
    """The days of a scope's billing period; StoreError unless it is YYYY-MM."""
    try:
        first = date.fromisoformat(f"{scope.billing_period}-01")
    except ValueError:
        raise StoreError("a billing period is written YYYY-MM") from None
    return Period(first, add_months(first, 1))


def line_facts(duck: Duck, staged: Path, scope: Scope, now: datetime) -> LineFacts:
    """Reads the facts of a staged part. StoreError when a line has no charge date."""
    bill = billing_month(scope)
    rows = duck.local(LINE_FACTS, [str(staged)], {}).to_pylist()
    days = [row["charge_date"] for row in rows]
    if None in days:
        raise StoreError("line items without charge_date and charge_period_start cannot be stored")
    return LineFacts(
        billing_period=scope.billing_period,
        lines=sum(row["lines"] for row in rows),
        period=Period(min(days), max(days) + timedelta(days=1)) if days else bill,
        held=_held(bill, days, now.date()),
        totals={metric: sums for metric in METRIC_COLUMNS if (sums := _sums(rows, metric))},
        nulls={metric: count for metric in METRIC_COLUMNS if (count := sum(row[f"{metric}_nulls"] for row in rows))},
        currencies=tuple(sorted({row["currency"] for row in rows})),
        estimated_from=bill.start if now.date() < bill.end else None,
        tags=tuple(row["key"] for row in duck.local(LINE_TAGS, [str(staged)], _TAGS_SEEN).to_pylist()),
        accounts={row["account"]: row["name"] for row in duck.local(LINE_ACCOUNTS, [str(staged)], {}).to_pylist()},
    )


def _held(bill: Period, days: list[date], today: date) -> tuple[Period, ...]:
    """The days whose cost a bill tells: all of a period that has ended, of a running one those up to its last charge.

    Charges dated outside the billing period (late corrections) hold just their own day; a period without any charge
    inside it is not a month known to be free.
    """
    inside = [day for day in days if bill.start <= day < bill.end]
    spans = [Period(day, day + timedelta(days=1)) for day in days if not bill.start <= day < bill.end]
    if inside:
        spans.append(bill if today >= bill.end else Period(bill.start, max(inside) + timedelta(days=1)))
    return joined(spans)


def _sums(rows: list[dict[str, Any]], metric: str) -> dict[str, Decimal]:
    found: dict[str, list[Decimal]] = {}
    for row in rows:
        if row[metric] is not None:
            found.setdefault(row["currency"], []).append(row[metric])
    return {currency: exact_sum(amounts) for currency, amounts in found.items()}
