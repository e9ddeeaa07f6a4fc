"""Executive summary: what was spent and what changed, what could be saved, how tags stand, what was unusual."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.model.assets import AssetFilter
from finops.model.people import Right
from finops.model.reports import Chart, ChartKind, Column, Figure, Report
from finops.reports.accounts import COLUMNS, account_cells
from finops.reports.catalogue.cost_by_service import service_name
from finops.reports.definition import Definition
from finops.reports.parts.anomalies import anomaly_figures, anomaly_table, told
from finops.reports.parts.forecasts import forecast, forecast_gaps, month_end_figure
from finops.reports.parts.savings import grouped_savings, saving_figures, savings
from finops.reports.parts.spending import (
    charts,
    compared_table,
    daily_table,
    headline,
    mover_figure,
    provenance,
    total_figures,
)
from finops.reports.parts.tags import compliance_figures, compliances, score_table
from finops.reports.spending import PARAMETERS, question, spending
from finops.reports.words import last_month, moment_text, money
from finops.store.finding_sql import FindingFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.reports import Provenance, Table
    from finops.reports.definition import Asked, Sources
    from finops.reports.parts.anomalies import Told
    from finops.reports.parts.savings import Savings
    from finops.reports.parts.tags import Compliances
    from finops.reports.spending import Spending

MOVERS = 10
_SHARED = frozenset({"account", "metric", "currency", "source"})


def make(sources: Sources, asked: Asked) -> Report:
    """The first figures of every page, of the same accounts."""
    accounts = asked.scope.listed("account")
    spent = spending(sources.costs, question(asked, "service"), asked)
    saved = savings(sources, asked, FindingFilter(accounts=accounts))
    tagged = compliances(sources, asked, AssetFilter(accounts=accounts))
    unusual = told(sources, asked, asked.period, narrowed=False)
    by_account = spending(sources.costs, question(asked, "account"), asked)
    ahead = forecast(sources, asked)
    gaps = spent.gaps + by_account.gaps + saved.gaps + tagged.gaps + unusual.gaps + forecast_gaps(asked, ahead)
    tables = _tables(spent, by_account, sources.costs.account_names(asked.tenant))
    by_check = grouped_savings(
        saved, "savings", "Savings by check", (Column("check_id", "Check id"), Column("title", "Check")),
        lambda each: (each.check_id, each.title),
    )  # fmt: skip
    by_key = score_table(
        "tags", "Tags by key", (Column("key", "Tag"),), (((each.key,), each.score) for each in tagged.figures.keys)
    )
    return Report(
        asked.request,
        REPORT.title,
        headline(spent),
        asked.now,
        asked.period,
        figures=(*_figures(spent, saved, tagged, unusual), month_end_figure(asked, ahead)),
        tables=(*tables, by_check, anomaly_table(unusual), by_key),
        charts=(*charts(spent, tables[0], service_name), *_saving_chart(saved)),
        provenance=_provenance(spent, saved, tagged),
        failures=gaps.failures,
        missing=gaps.missing,
        page="/",
    )


def _figures(spent: Spending, saved: Savings, tagged: Compliances, unusual: Told) -> tuple[Figure, ...]:
    spend, *_ = total_figures(spent)
    saving, *_ = saving_figures(saved)
    by_cost, *_ = compliance_figures(tagged)
    count, more, *_ = anomaly_figures(unusual)
    happened = replace(count, change=f"{more.value} over what was expected", tone=more.tone)
    return (
        spend,
        mover_figure(spent, service_name),
        replace(saving, label="Could be saved a month"),
        happened if count.exact else count,
        replace(by_cost, label="Tagged as agreed, by cost"),
    )


def _tables(spent: Spending, by_account: Spending, names: Mapping[str, str]) -> tuple[Table, ...]:
    """Services, what changed most, accounts, days."""
    services = (Column("service", "Service"),)
    moved = replace(spent, comparison=replace(spent.comparison, rows=spent.movers(MOVERS)))
    return (
        compared_table(spent, "by_service", "Cost by service", services, lambda keys: keys),
        compared_table(moved, "movers", "What changed most", services, lambda keys: keys),
        compared_table(
            by_account, "by_account", "Cost by account", COLUMNS, lambda keys: account_cells(names, keys[0])
        ),
        daily_table(spent),
    )


def _saving_chart(saved: Savings) -> tuple[Chart, ...]:
    if saved.others or not saved.net:
        return ()
    alt = f"Savings by check, largest first; together {money(saved.net, saved.currency)} a month."
    return (Chart("Savings by check", ChartKind.BARS, "savings", "title", ("net_saving",), alt, most=10),)


def _provenance(spent: Spending, saved: Savings, tagged: Compliances) -> Provenance:
    found = provenance(spent)
    run = saved.found.run
    policy = tagged.policy.version
    more = (
        ("Savings measured", moment_text(run.started if run else None)),
        ("Assets listed", moment_text(tagged.checked)),
        ("Tag policy", f"version {policy}" if policy else "the starter policy"),
    )
    return replace(found, facts=(*found.facts, *more))


REPORT = Definition(
    name="executive-summary",
    title="Executive summary",
    help="What was spent and what changed, what could be saved, how tags stand and what was unusual.",
    rights=(Right.VIEW_COSTS, Right.VIEW_FINDINGS, Right.VIEW_TAGS, Right.VIEW_ANOMALIES),
    parameters=tuple(parameter for parameter in PARAMETERS if parameter.name in _SHARED),
    make=make,
    usual=last_month,
    usual_text="the last full month",
)
