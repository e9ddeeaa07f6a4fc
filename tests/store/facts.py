"""Made-up facts for the store's tests: drafts of cubes and line items."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from finops.model.costs import CubeDraft, CubeSpec, Granularity
from finops.model.period import Period
from finops.store import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.store import LineCommit, Run, Store

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 20))
BOTH = Period(OCTOBER.start, NOVEMBER.end)
ACCOUNT_SERVICE = CubeSpec("account_service", ("account", "service"))


def day(text: str) -> date:
    return date.fromisoformat(text)


def draft(
    period: Period,
    rows: Sequence[dict[str, str | None]],
    *,
    cube: CubeSpec = ACCOUNT_SERVICE,
    grain: Granularity = Granularity.DAILY,
    source: str = "cost_explorer",
) -> CubeDraft:
    """A draft whose rows are given as dictionaries; the currency is USD unless a row says otherwise."""
    filled = [{"currency": "USD", "estimated": "false", **row} for row in rows]
    names = {name: None for row in filled for name in row} or {"charge_date": None, "unblended": None}
    columns = {name: [row.get(name) for row in filled] for name in names}
    return CubeDraft(source, cube, grain, period, columns, NOW)


def daily(period: Period, amount: str, **row: str) -> list[dict[str, str | None]]:
    """One row a day."""
    given: dict[str, str | None] = {"account": "111111111111", "service": "EC2", "unblended": amount, **row}
    return [{"charge_date": each.isoformat(), **given} for each in period.dates()]


def refreshed(store: Store, *drafts: CubeDraft, tenant: str = "default") -> Run:
    """Stores drafts as one refresh."""
    run = store.ledger.begin(tenant, "costs.refresh", drafts[0].source if drafts else "cost_explorer")
    return store.cubes.replace(tenant, drafts, run)


def line(charged: str, billed: str, **fields: object) -> dict[str, object]:
    """One line item of a service."""
    return {
        "charge_period_start": datetime.fromisoformat(charged),
        "billed_cost": Decimal(billed),
        "billing_currency": "USD",
        "charge_category": "Usage",
        "service_name": "EC2",
        "sub_account_id": "111111111111",
        "provider_name": "AWS",
        "tags": None,
        **fields,
    }


def line_table(lines: Sequence[dict[str, object]]) -> pa.Table:
    """Line items as an importer hands them over."""
    names = list(dict.fromkeys(name for each in lines for name in each))
    kinds = {
        "charge_period_start": pa.timestamp("us"),
        "tags": pa.map_(pa.string(), pa.string()),
        "cost_categories": pa.map_(pa.string(), pa.string()),
        **dict.fromkeys(("billed_cost", "effective_cost", "list_cost", "contracted_cost"), pa.decimal128(38, 18)),
    }
    return pa.table(
        {name: pa.array([each.get(name) for each in lines], kinds.get(name, pa.string())) for name in names}
    )


def imported(
    store: Store,
    lines: Sequence[dict[str, object]],
    *,
    month: str = "2026-10",
    account: str = "999",
    tenant: str = "default",
) -> LineCommit:
    """Imports lines as the bill of one month."""
    run = store.ledger.begin(tenant, "bill.import", "focus")
    with store.lines.begin(tenant, "focus", run) as writer:
        writer.write(line_table(lines), Scope("AWS", account, month))
        return writer.commit()
