"""Tag compliance: how tags stand against the policy, in assets and dollars, by key and account; every violation."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.people import Right
from finops.model.reports import Chart, ChartKind, Column, Kind, Report, Table
from finops.reports.accounts import COLUMNS, account_cells
from finops.reports.definition import Definition
from finops.reports.parts.assets import IDENTITY, PARAMETERS
from finops.reports.parts.tags import (
    compliance_figures,
    compliance_provenance,
    compliance_text,
    compliances,
    score_table,
)
from finops.reports.words import share
from finops.tagging import ViolationQuestion
from finops.tagging.compliance import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.model.assets import AssetFilter
    from finops.model.reports import Cell, Row
    from finops.reports.definition import Asked, Sources
    from finops.reports.parts.tags import Compliances
    from finops.tagging import Violation

VIOLATIONS = (
    *IDENTITY,
    Column("lifecycle", "Lifecycle"),
    Column("created", "Created", Kind.INSTANT),
    Column("first_seen", "First seen", Kind.INSTANT),
    Column("cost", "Cost", Kind.MONEY),
    Column("currency", "Currency"),
    Column("key", "Tag"),
    Column("verdict", "Verdict"),
    Column("found_key", "Found under"),
    Column("value", "Value"),
    Column("inherited", "From the account", Kind.TRUTH),
)
"""The fields of a violation as every list of them has them."""
TREND = (
    Column("day", "Day", Kind.DAY),
    Column("percent", "Compliant in %", Kind.PERCENT),
    Column("judged", "Judged", Kind.NUMBER),
    Column("compliant", "Compliant", Kind.NUMBER),
    Column("unknown", "Tags unknown", Kind.NUMBER),
    Column("judged_cost", "Cost judged", Kind.MONEY),
    Column("compliant_cost", "Cost compliant", Kind.MONEY),
    Column("untagged_cost", "Cost untagged", Kind.MONEY),
    Column("currency", "Currency"),
    Column("policy_version", "Policy version", Kind.NUMBER),
)


def make(sources: Sources, asked: Asked) -> Report:
    """The figures and the list of Tag compliance."""
    only = asked.scope.assets()
    found = compliances(sources, asked, only, by="account")
    names = {account.id: account.name for account in sources.inventory.accounts(asked.tenant)}
    keys = score_table(
        "by_key", "By key", (Column("key", "Tag"),), (((each.key,), each.score) for each in found.figures.keys)
    )
    accounts = score_table(
        "by_account", "By account", COLUMNS,
        ((account_cells(names, each.group), each.score) for each in found.figures.groups),
    )  # fmt: skip
    trend = trend_table(sources, asked)
    return Report(
        asked.request,
        REPORT.title,
        compliance_text(found),
        asked.now,
        None,
        figures=compliance_figures(found),
        tables=(keys, accounts, trend, violation_table(sources, asked, only, names)),
        charts=_charts(found, trend),
        provenance=compliance_provenance(found),
        failures=found.gaps.failures,
        missing=found.gaps.missing,
        page="/tag_compliance",
    )


def violation_table(sources: Sources, asked: Asked, only: AssetFilter, names: Mapping[str, str]) -> Table:
    """Every violation, dearest assets first, read as it is written."""
    question = ViolationQuestion(only)
    total = sources.tagging.violations(asked.tenant, ViolationQuestion(only, limit=0)).total

    def rows() -> Iterator[Row]:
        return (_violation(each, names) for each in sources.tagging.every_violation(asked.tenant, question))

    return Table("violations", "Violations", VIOLATIONS, rows, total, about=("resource_id", "key"))


def trend_table(sources: Sources, asked: Asked) -> Table:
    """Kept evaluations of the whole tenant, oldest first."""
    kept = sources.tagging.trend(asked.tenant)
    rows = [
        (
            *(each.day, _percent(each.compliant, each.judged), each.judged, each.compliant, each.unknown),
            *(each.judged_cost, each.compliant_cost, each.untagged_cost, each.currency, each.policy_version),
        )
        for each in kept
    ]
    note = "Of the whole tenant, whatever the filter." if kept else "No evaluation is kept yet; run `tags evaluate`."
    return Table("trend", "Trend", TREND, lambda: rows, len(rows), note, ("day",))


def _violation(violation: Violation, names: Mapping[str, str]) -> tuple[Cell, ...]:
    asset = violation.asset
    of_asset = (
        names.get(asset.account, "") if column.name == "account_name" else getattr(asset, column.name)
        for column in VIOLATIONS[:14]
    )
    told = (violation.key, str(violation.verdict), violation.found_key, violation.value, violation.inherited)
    return (*of_asset, *told)


def _percent(part: int, whole: int) -> Decimal | None:
    return percent(Decimal(part), Decimal(whole))


def _charts(found: Compliances, trend: Table) -> tuple[Chart, ...]:
    charts = []
    scored = [each for each in found.figures.keys if each.score.percent is not None]
    if scored:
        told = ", ".join(f"{each.key} {share(each.score.percent)}" for each in scored[:5])
        alt = f"Share of assets that comply, by key: {told}."
        charts.append(Chart("Compliant by key", ChartKind.BARS, "by_key", "key", ("percent",), alt))
    days = [row for row in trend.rows() if row[1] is not None]
    if len(days) > 1:
        first, last = days[0], days[-1]
        alt = f"Share of assets that comply, from {first[1]} % on {first[0]} to {last[1]} % on {last[0]}."
        charts.append(Chart("Trend", ChartKind.LINE, "trend", "day", ("percent",), alt, most=400))
    return tuple(charts)


REPORT = Definition(
    name="tag-compliance",
    title="Tag compliance",
    help="How tags stand against the policy, in assets and in dollars, by key and account, and every violation.",
    rights=(Right.VIEW_TAGS,),
    parameters=PARAMETERS,
    make=make,
    usual=None,
    usual_text="now",
)
