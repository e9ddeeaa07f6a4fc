"""Figures over findings by run date (`finops_kpi_gold`), made of stored findings and states whenever wanted.

A run date shows what was known at its end: for each check its latest run until then, each finding with the status it
had. `by_status` counts every flagged finding; all other figures count those that were open or reopened.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from finops.model.errors import StoreError
from finops.model.findings import Basis, FindingStatus, KpiRow
from finops.model.money import exact_sum
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from finops.model.findings import Finding, FindingEvent
    from finops.store import Run, Store

TOP = 20
"""So many of the largest savings are kept, for each currency."""
_OPEN = {FindingStatus.OPEN, FindingStatus.REOPENED}

GROUPS: Mapping[str, Callable[[Finding], str]] = {
    "by_severity": lambda finding: finding.severity,
    "by_category": lambda finding: finding.category,
    "by_check": lambda finding: finding.check_id,
    "by_service": lambda finding: finding.kind.partition(":")[0],
    "by_account": lambda finding: finding.account,
    "by_region": lambda finding: finding.region,
    "by_owner": lambda finding: (finding.tags or {}).get("Owner", ""),
}
"""Figures by one property of a finding."""

KPIS = ("total", "net", "cash", "commitment", "by_status", *GROUPS, "top")
"""Every figure there is. `total` over a period is the trend; `top` is ranked."""


def kpi_rows(findings: Iterable[Finding], statuses: Mapping[str, FindingStatus], workspace: str) -> list[KpiRow]:
    """The figures of one moment's flagged findings; one without a status is open."""
    flagged = sorted(findings, key=lambda each: (-each.monthly_saving, each.fingerprint))
    status = {each.fingerprint: statuses.get(each.fingerprint, FindingStatus.OPEN) for each in flagged}
    standing = [each for each in flagged if status[each.fingerprint] in _OPEN]
    rows = list(_grouped("by_status", flagged, lambda each: str(status[each.fingerprint])))
    for kpi, key in GROUPS.items():
        rows += _grouped(kpi, standing, key)
    rows += _grouped("total", standing, lambda _: "")
    rows += _nets(standing)
    rows += _top(standing)
    return [replace(row, workspace=workspace) for row in rows]


def _grouped(kpi: str, findings: Sequence[Finding], key: Callable[[Finding], str]) -> Iterator[KpiRow]:
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for each in findings:
        groups[key(each), each.currency].append(each)
    for name, currency in sorted(groups):
        those = groups[name, currency]
        yield KpiRow("", kpi, name, len(those), exact_sum(each.monthly_saving for each in those), currency)


def _nets(findings: Sequence[Finding]) -> Iterator[KpiRow]:
    for currency, total in totals(findings).by_currency.items():
        yield KpiRow("", "net", "", len(total.winners), total.net, currency)
        yield KpiRow("", "cash", "", len(total.winners), total.cash, currency)
        yield KpiRow("", "commitment", "", len(total.winners), total.commitment, currency)


def _top(findings: Sequence[Finding]) -> Iterator[KpiRow]:
    ranks: dict[str, int] = defaultdict(int)
    for each in findings:
        ranks[each.currency] += 1
        rank = ranks[each.currency]
        if rank <= TOP and each.saving_basis is not Basis.NONE:
            key = each.resource_arn or each.resource_id
            yield KpiRow("", "top", key, 1, each.monthly_saving, each.currency, rank, each.fingerprint)


def statuses_at(turns: Iterable[FindingEvent], day: date) -> dict[str, FindingStatus]:
    """The status of each finding at the end of a day, from everything that changed a status, oldest first."""
    return {turn.fingerprint: FindingStatus(turn.after) for turn in turns if turn.at.date() <= day}


def rebuild(store: Store, tenant: str, *, since: date | None = None) -> Run:
    """Makes every gold row of a tenant again, in one commit; the same findings and states make the same bytes.

    With `since` only the run dates from that day on, which is what a run of that day changes.
    StoreError when a stored part cannot be read: figures without it would look complete.
    """
    run = store.kpis.begin(tenant)
    try:
        return store.kpis.replace(tenant, dict(_days(store, tenant, since)), run, since=since)
    except StoreError:
        store.kpis.give_up(run)
        raise


def _days(store: Store, tenant: str, since: date | None) -> Iterator[tuple[date, list[KpiRow]]]:
    turns = store.finding_states.turns(tenant)
    workspaces = {
        name: [each.run_date for each in store.findings.days(tenant, name)]
        for name in store.findings.workspaces(tenant)
    }
    every = {day for days in workspaces.values() for day in days}
    for day in sorted(day for day in every if since is None or day >= since):
        statuses = statuses_at(turns, day)
        rows: list[KpiRow] = []
        for name, days in workspaces.items():
            if day in days:
                rows += kpi_rows(_flagged(store, tenant, name, day), statuses, name)
        yield day, rows


def _flagged(store: Store, tenant: str, workspace: str, day: date) -> tuple[Finding, ...]:
    page = store.findings.latest(tenant, workspace, FindingFilter(), FindingOrder(limit=None), until=day)
    if page.failures:
        raise StoreError(page.failures[0].message)
    return page.findings
