"""Findings asked for and told: what the savings report and the executive summary share."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.findings import Category, Severity
from finops.model.money import exact_sum
from finops.model.reports import Column, Figure, Kind, Provenance, Table
from finops.reports.definition import Parameter
from finops.reports.gaps import Gaps, of_findings
from finops.reports.words import UNKNOWN, counted, moment_text, money, round_money
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from finops.waste.checks import check_named
from finops.waste.rejudging import observation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from finops.model.findings import Finding
    from finops.model.reports import Cell, Row
    from finops.reports.definition import Asked, Sources
    from finops.reports.scope import Scope
    from finops.waste import FindingList
    from finops.waste.listing import Standing
    from finops.waste.totals import Total

ACCOUNT = Parameter("account", "Only these accounts; repeated or a comma list.", many=True)
REGION = Parameter("region", "Only these regions, `global` for what has none; repeated or a comma list.", many=True)
PARAMETERS = (
    ACCOUNT,
    REGION,
    Parameter("check", "Only of these checks, as in `aws.ec2.idle_instance`; repeated or a comma list.", many=True),
    Parameter("category", "Only of these categories.", many=True, choices=tuple(map(str, Category))),
    Parameter("severity", "Only of these severities.", many=True, choices=tuple(map(str, Severity))),
    Parameter("kind", "Only of these kinds of resource, as in `ec2:volume`; repeated or a comma list.", many=True),
    Parameter("search", "Every of these words in name, id, ARN, title, message, check, account, region or tags."),
)
COLUMNS = (
    Column("fingerprint", "Fingerprint"),
    Column("finding_id", "Finding id"),
    Column("check_id", "Check"),
    Column("title", "Title"),
    Column("account", "Account id"),
    Column("account_name", "Account"),
    Column("region", "Region"),
    Column("resource_id", "Resource id"),
    Column("resource_arn", "ARN"),
    Column("name", "Name"),
    Column("kind", "Kind"),
    Column("verdict", "Verdict"),
    Column("status", "Status"),
    Column("severity", "Severity"),
    Column("category", "Category"),
    Column("monthly_saving", "Saving a month", Kind.MONEY),
    Column("saving_basis", "Basis"),
    Column("currency", "Currency"),
    Column("monthly_cost", "Cost a month", Kind.MONEY),
    Column("message", "Why"),
    Column("action_type", "Action"),
    Column("implementation_effort", "Effort"),
    Column("restart_needed", "Restart needed", Kind.TRUTH),
    Column("rollback_possible", "Can be undone", Kind.TRUTH),
    Column("owner", "Assigned to"),
    Column("first_seen", "First seen", Kind.INSTANT),
    Column("last_seen", "Last seen", Kind.INSTANT),
    Column("source", "Source"),
    Column("console", "Console"),
    Column("command", "Command"),
    Column("evidence", "Evidence", Kind.OBJECT),
)
"""The fields of a finding as every list of them has them, and its remedy in two columns."""


@dataclass(frozen=True, slots=True)
class GroupSum:
    """What the findings of one group come to."""

    findings: int
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Savings:
    """Findings that wait for somebody, and what they come to. `currency` is the one with the largest net saving."""

    asked: Asked
    found: FindingList
    known: bool
    gaps: Gaps
    currency: str
    others: tuple[str, ...]

    @property
    def total(self) -> Total | None:
        """The sums in `currency`; None without dollars."""
        return self.found.totals.by_currency.get(self.currency)

    @property
    def net(self) -> Decimal | None:
        """What a month would cost less, nothing counted twice; None: not known."""
        if not self.known:
            return None
        return self.total.net if self.total else exact_sum(())

    @property
    def note(self) -> str:
        """What is said where there are several currencies."""
        if not self.others:
            return ""
        return f"Savings in {', '.join(self.others)} are in the rows and in no figure: currencies are never added up."


def finding_filter(scope: Scope) -> FindingFilter:
    """The filter that a scope describes."""
    return FindingFilter(
        checks=scope.listed("check"),
        categories=tuple(map(str, scope.among("category", Category))),
        severities=tuple(map(str, scope.among("severity", Severity))),
        accounts=scope.listed("account"),
        regions=scope.listed("region"),
        kinds=scope.listed("kind"),
        search=scope.search(),
    )


def savings(sources: Sources, asked: Asked, only: FindingFilter) -> Savings:
    """What waits for somebody, by the thresholds of whom it is for."""
    wanted = FindingQuestion(only, order=FindingOrder(limit=None), levels=asked.chosen.deviations)
    found = sources.waste.findings(asked.tenant, wanted)
    totals = found.totals.by_currency
    ranked = sorted(totals, key=lambda currency: (-totals[currency].net, currency))
    return Savings(
        asked,
        found,
        known=found.run is not None,
        gaps=of_findings(sources, asked, only, found.failures),
        currency=ranked[0] if ranked else "USD",
        others=tuple(sorted(ranked[1:])),
    )


def saving_figures(found: Savings) -> tuple[Figure, ...]:
    """What a month would cost less, how much of it is cash, and how many findings say so."""
    if not found.known:
        return (Figure("Savings a month", UNKNOWN), Figure("Findings", UNKNOWN))
    total, count = found.total, found.found.totals
    unpriced = f"{count.without_basis:,} of them without dollars" if count.without_basis else ""
    figures = [
        Figure("Savings a month", round_money(found.net, found.currency), exact=found.net),
        Figure("Findings", f"{found.found.total:,}", unpriced, exact=found.found.total),
    ]
    if total is not None and total.commitment:
        figures += [
            Figure("Cash", round_money(total.cash, found.currency), "lower on the next bill", exact=total.cash),
            Figure("Commitment freed", round_money(total.commitment, found.currency), exact=total.commitment),
        ]
    return tuple(figures)


def saving_text(found: Savings) -> str:
    """`Savings of $12,345.67 a month in 204 findings`."""
    if not found.known:
        return "Savings are not known: no check has run yet"
    if not found.found.total:
        return "Nothing to save was found" if not found.gaps.failures else "Nothing to save was found so far"
    totals = found.found.totals.by_currency
    sums = [money(totals[each].net, each) for each in (found.currency, *found.others) if each in totals]
    amount = f"Savings of {' and '.join(sums)} a month" if sums else "Savings without dollars"
    return f"{amount} in {counted(found.found.total, 'finding')}"


def grouped_savings(
    found: Savings, name: str, title: str, groups: tuple[Column, ...], key: Callable[[Finding], Row]
) -> Table:
    """Findings and savings of each group, largest net saving first; net sums add up to the total."""
    sums = _sums(found, key)
    ordered = sorted(sums.items(), key=lambda group: (-group[1].net, *map(str, group[0][0]), group[0][1]))
    rows = [(*cells, each.findings, each.net, each.gross, currency) for (cells, currency), each in ordered]
    single = "" if found.others else found.currency
    columns = (
        *groups,
        Column("findings", "Findings", Kind.NUMBER),
        Column("net_saving", "Saving a month", Kind.MONEY, single),
        Column("gross_saving", "Sum of all findings", Kind.MONEY, single),
        Column("currency", "Currency"),
    )
    note = "Of each resource one finding counts towards the saving; the sum of all findings counts some twice."
    told = " ".join(filter(None, (note, found.note)))
    return Table(name, title, columns, lambda: rows, len(rows), told, (groups[-1].name,))


def _sums(found: Savings, key: Callable[[Finding], Row]) -> dict[tuple[Row, str], GroupSum]:
    """By group and currency; what a winner counts is in its own group."""
    gross: dict[tuple[Row, str], list[Decimal]] = defaultdict(list)
    net: dict[tuple[Row, str], list[Decimal]] = defaultdict(list)
    for each in found.found.items:
        gross[key(each.finding), each.finding.currency].append(each.finding.monthly_saving)
    for total in found.found.totals.by_currency.values():
        for winner in total.winners:
            net[key(winner.finding), total.currency].append(winner.counted)
    return {
        group: GroupSum(len(amounts), exact_sum(net.get(group, ())), exact_sum(amounts))
        for group, amounts in gross.items()
    }


def finding_table(found: Savings, names: dict[str, str]) -> Table:
    """Every finding, largest saving first."""
    items = found.found.items

    def rows() -> Iterator[Row]:
        return (finding_row(each, names) for each in items)

    return Table("findings", "Findings", COLUMNS, rows, len(items), found.note, ("title", "resource_id"))


def finding_row(standing: Standing, names: dict[str, str]) -> tuple[Cell, ...]:
    """The cells of one finding; see `COLUMNS`."""
    each, state = standing.finding, standing.state
    console, command = _remedy(each)
    told: dict[str, Cell] = {
        "account_name": names.get(each.account, ""),
        "verdict": str(each.verdict),
        "status": str(standing.status),
        "saving_basis": str(each.saving_basis),
        "owner": state.owner if state else "",
        "first_seen": standing.first_seen,
        "last_seen": standing.last_seen,
        "console": console,
        "command": command,
    }
    return tuple(told[column.name] if column.name in told else getattr(each, column.name) for column in COLUMNS)


def saving_provenance(found: Savings) -> Provenance:
    """Which run the findings are of, and by whose thresholds."""
    run, deviations = found.found.run, found.asked.chosen.deviations
    own = f"own ones of the reader for {counted(len(deviations), 'check')}" if deviations else "those of the checks"
    lines = [
        ("Thresholds", own),
        ("Run", run.run_id if run else ""),
        ("Measured", moment_text(run.started) if run else ""),
    ]
    return Provenance(
        source="findings",
        currency=found.currency,
        fetched_at=run.started if run else None,
        facts=tuple((label, text) for label, text in lines if text),
    )


def _remedy(finding: Finding) -> tuple[str, str]:
    try:
        told = check_named(finding.check_id).remedy(observation_of(finding))
    except KeyError:  # of a check that is not installed
        return "", ""
    return told.console, told.command
