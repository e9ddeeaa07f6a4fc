"""Savings: findings that wait for somebody, and what a month would cost less, nothing counted twice."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from finops.model.people import Right
from finops.model.reports import Chart, ChartKind, Column, Report
from finops.reports.accounts import COLUMNS, account_cells
from finops.reports.definition import Definition
from finops.reports.parts.savings import (
    PARAMETERS,
    finding_filter,
    finding_table,
    grouped_savings,
    saving_figures,
    saving_provenance,
    saving_text,
    savings,
)
from finops.reports.spending import TOP
from finops.reports.words import money

if TYPE_CHECKING:
    from finops.model.reports import Table
    from finops.reports.definition import Asked, Sources
    from finops.reports.parts.savings import Savings


def make(sources: Sources, asked: Asked) -> Report:
    """The figures and the list of Savings."""
    found = savings(sources, asked, finding_filter(asked.scope))
    names = {account.id: account.name for account in sources.inventory.accounts(asked.tenant)}
    checks = (Column("check_id", "Check id"), Column("title", "Check"))
    by_check = grouped_savings(found, "by_check", "By check", checks, lambda each: (each.check_id, each.title))
    by_account = grouped_savings(
        found, "by_account", "By account", COLUMNS, lambda each: account_cells(names, each.account)
    )
    return Report(
        asked.request,
        REPORT.title,
        saving_text(found),
        asked.now,
        None,
        figures=saving_figures(found),
        tables=(by_check, by_account, finding_table(found, names)),
        charts=_charts(found, by_check, by_account),
        provenance=saving_provenance(found),
        failures=found.gaps.failures,
        missing=found.gaps.missing,
        page="/savings",
    )


def _charts(found: Savings, *tables: Table) -> tuple[Chart, ...]:
    """The largest savings as bars; none of amounts in several currencies."""
    if found.others or not found.net:
        return ()
    return tuple(
        Chart(table.title, ChartKind.BARS, table.name, label, ("net_saving",), _largest(found, table, label), most=12)
        for table in tables
        for label in [table.columns[[column.name for column in table.columns].index("findings") - 1].name]
    )


def _largest(found: Savings, table: Table, label: str) -> str:
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in islice(table.rows(), TOP)]
    told = (f"{row[label]} {money(row['net_saving'], found.currency)}" for row in rows)  # type: ignore[arg-type]
    return f"Savings a month, largest first: {', '.join(told)}."


REPORT = Definition(
    name="savings",
    title="Savings",
    help="What a month would cost less: findings that wait for somebody, by check and account, and one by one.",
    rights=(Right.VIEW_FINDINGS,),
    parameters=PARAMETERS,
    make=make,
    usual=None,
    usual_text="now",
)
