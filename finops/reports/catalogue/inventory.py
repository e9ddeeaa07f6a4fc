"""Inventory: every asset with its life, tags and cost, and how many there are of each kind and in each account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from finops.model.assets import AssetQuestion
from finops.model.people import Right
from finops.model.reports import Chart, ChartKind, Column, Figure, Kind, Provenance, Report, Table
from finops.reports.accounts import COLUMNS as ACCOUNTS
from finops.reports.accounts import account_cells
from finops.reports.definition import Definition
from finops.reports.gaps import of_inventory
from finops.reports.parts.assets import IDENTITY, PARAMETERS
from finops.reports.words import UNKNOWN, counted, days_text, moment_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.inventory import Standing
    from finops.model.assets import AssetFilter
    from finops.model.reports import Cell, Row
    from finops.reports.definition import Asked, Sources

COLUMNS = (
    *IDENTITY,
    Column("state", "State"),
    Column("lifecycle", "Lifecycle"),
    Column("created", "Created", Kind.INSTANT),
    Column("first_seen", "First seen", Kind.INSTANT),
    Column("last_seen", "Last seen", Kind.INSTANT),
    Column("missing_since", "Missing since", Kind.INSTANT),
    Column("tags", "Tags", Kind.OBJECT),
    Column("details", "Details", Kind.OBJECT),
    Column("cost", "Cost", Kind.MONEY),
    Column("currency", "Currency"),
)
"""The fields of an asset as every list of them has them; `tags` is empty where they are not known."""
_FIELDS = tuple(column.name for column in COLUMNS if column.name != "account_name")
_OBJECTS = tuple(column.name for column in COLUMNS if column.kind is Kind.OBJECT)
_COUNTED = Column("assets", "Assets", Kind.NUMBER)


def make(sources: Sources, asked: Asked) -> Report:
    """The list and the counts of Inventory."""
    only = asked.scope.assets()
    inventory, tenant = sources.inventory, asked.tenant
    standing = inventory.standing(tenant, only)
    counts = inventory.counts(tenant, only, ("kind", "account", "lifecycle"))
    total = inventory.page(AssetQuestion(tenant, only, limit=1)).total
    names = {account.id: account.name for account in inventory.accounts(tenant)}
    gaps = of_inventory(asked, standing, only)
    known = bool(standing.accounts)
    kinds, accounts = _ranked(counts["kind"]), _ranked(counts["account"])
    by_account = [(*account_cells(names, account), count) for account, count in accounts]
    return Report(
        asked.request,
        REPORT.title,
        _headline(total, len(accounts)) if known else "Assets are not known: nothing was listed yet",
        asked.now,
        None,
        figures=(
            Figure("Assets", f"{total:,}" if known else UNKNOWN, exact=total if known else None),
            Figure("Kinds", f"{len(kinds):,}" if known else UNKNOWN, exact=len(kinds) if known else None),
            Figure("Accounts", f"{len(accounts):,}" if known else UNKNOWN, exact=len(accounts) if known else None),
            *_missing_figure(counts["lifecycle"]),
        ),
        tables=(
            Table("by_kind", "By kind", (Column("kind", "Kind"), _COUNTED), lambda: kinds, len(kinds), about=("kind",)),
            Table(
                "by_account",
                "By account",
                (*ACCOUNTS, _COUNTED),
                lambda: by_account,
                len(by_account),
                about=(ACCOUNTS[-1].name,),
            ),
            asset_table(sources, asked, only, names, total),
        ),
        charts=_charts(kinds),
        provenance=_provenance(sources, asked, standing),
        failures=gaps.failures,
        missing=gaps.missing,
        page="/inventory",
    )


def asset_table(sources: Sources, asked: Asked, only: AssetFilter, names: Mapping[str, str], total: int) -> Table:
    """Every asset, by name, read some at a time as it is written."""
    question = AssetQuestion(asked.tenant, only)

    def rows() -> Iterator[Row]:
        for chunk in sources.inventory.columns(question, _FIELDS):
            columns = dict(zip(_FIELDS, chunk, strict=True))
            columns["account_name"] = [names.get(account, "") for account in columns["account"]]
            columns |= {name: [_object(text) for text in columns[name]] for name in _OBJECTS}
            yield from zip(*(columns[column.name] for column in COLUMNS), strict=True)

    days = sources.costs.resource_period(asked.tenant)
    note = f"Costs are of {days_text(days, asked.today)}; an empty one is unknown, not free." if days else ""
    note = note or "Nothing is known of what single assets cost."
    return Table("assets", "Assets", COLUMNS, rows, total, note, ("resource_id", "kind"))


def _object(text: str | None) -> Cell:
    if text is None:
        return None
    found: Mapping[str, object] = json.loads(text)
    return found


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _headline(total: int, accounts: int) -> str:
    return f"{counted(total, 'asset')} in {counted(accounts, 'account')}"


def _missing_figure(counts: Mapping[str, int]) -> tuple[Figure, ...]:
    missing = counts.get("missing", 0)
    return (Figure("Missing of late", f"{missing:,}", exact=missing),) if missing else ()


def _charts(kinds: list[tuple[str, int]]) -> tuple[Chart, ...]:
    if not kinds:
        return ()
    most = ", ".join(f"{kind} {count:,}" for kind, count in kinds[:5])
    alt = f"Assets by kind, most first: {most}."
    return (Chart("Assets by kind", ChartKind.BARS, "by_kind", "kind", ("assets",), alt, most=12),)


def _provenance(sources: Sources, asked: Asked, standing: Standing) -> Provenance:
    days = sources.costs.resource_period(asked.tenant)
    lines = [
        ("Listed", moment_text(standing.checked)),
        ("Longest ago", moment_text(standing.oldest)),
        ("Costs of", days_text(days, asked.today) if days else "unknown days"),
    ]
    return Provenance(source="discovery", fetched_at=standing.checked, facts=tuple(lines))


REPORT = Definition(
    name="inventory",
    title="Inventory",
    help="Every asset with its life, tags and cost, and how many there are of each kind and in each account.",
    rights=(Right.VIEW_INVENTORY,),
    parameters=PARAMETERS,
    make=make,
    usual=None,
    usual_text="now",
)
