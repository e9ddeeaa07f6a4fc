"""What resources really cost, by the stored bill: beside findings, and after they were resolved."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from finops.costs.cubes import NO_RESOURCE
from finops.model.costs import CostQuestion, Granularity
from finops.model.findings import FindingStatus, Following
from finops.model.money import exact_sum
from finops.model.period import Period
from finops.store.finding_costs import ResourceCost
from finops.waste.track_record import DailyCosts, entry_of, windows

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from finops.costs import Costs
    from finops.model.findings import FindingState, SavingEntry
    from finops.store import Store

WEEK, MONTH = 7, 30


def actual_costs(costs: Costs, tenant: str) -> list[ResourceCost]:
    """What each resource cost in the last 7 and 30 complete days; None where not so many days are stored."""
    period = costs.resource_period(tenant)
    if period is None:
        return []
    week = Period(period.end - timedelta(days=WEEK), period.end) if period.days >= WEEK else None
    weeks = _sums(costs, tenant, week) if week else {}
    months = _sums(costs, tenant, period) if period.days >= MONTH else {}
    source = costs.answer(CostQuestion(tenant, period, group_by=("resource",))).provenance.source
    return [
        ResourceCost(
            key=name,
            account="",
            cost_7d=weeks.get((name, currency)),
            cost_30d=months.get((name, currency)),
            currency=currency,
            source=source,
        )
        for name, currency in sorted({*weeks, *months})
    ]


def _sums(costs: Costs, tenant: str, period: Period) -> dict[tuple[str, str], Decimal]:
    rows = costs.answer(CostQuestion(tenant, period, group_by=("resource",))).rows
    return {(row.keys[0], row.currency): row.amount for row in rows if row.keys[0] not in {"", NO_RESOURCE}}


def follow(store: Store, costs: Costs, tenant: str, now: datetime) -> int:
    """Brings the ledger of realised savings up to date; returns how many entries were written.

    Entries whose days are all counted stay as they are, also when their days are no longer stored.
    """
    done = {
        (entry.fingerprint, entry.resolved_at)
        for entry in store.savings.entries(tenant)
        if entry.state is Following.COMPLETE
    }
    resolved = [
        state
        for state in store.finding_states.states(tenant).values()
        if state.status is FindingStatus.RESOLVED
        and state.resolved_at is not None
        and (state.fingerprint, state.resolved_at) not in done
    ]
    known = _known(costs, tenant, resolved)
    daily = _daily(costs, tenant, known, resolved) if known else {}
    entries = [entry_of(state, _of(daily, known, state), now) for state in resolved]
    if entries:
        store.savings.put(tenant, _with_memory(store, tenant, entries))
    return len(entries)


def _known(costs: Costs, tenant: str, resolved: list[FindingState]) -> Period | None:
    """The complete days stored for resources without a gap before the last, as far as a resolution looks at them."""
    end = costs.complete_until(tenant)
    held = [each for each in costs.coverage(tenant) if "resource" in each.cube.dimensions and each.rows]
    wanted = [window for state in resolved if state.resolved_at for window in windows(state.resolved_at)]
    if end is None or not held or not wanted:
        return None
    latest = max(held, key=lambda each: each.period.end)
    start = max((gap.end for gap in latest.missing), default=latest.period.start)
    last = min(end, latest.period.end)
    if start >= last:
        return None
    return Period(start, last).clipped(Period(min(each.start for each in wanted), max(each.end for each in wanted)))


def _daily(
    costs: Costs, tenant: str, period: Period, resolved: list[FindingState]
) -> dict[tuple[str, str], dict[date, Decimal]]:
    names = {name for state in resolved for name in (state.resource_id, state.resource_arn) if name}
    found: dict[tuple[str, str], dict[date, list[Decimal]]] = {}
    asked = CostQuestion(tenant, period, Granularity.DAILY, group_by=("resource",))
    for row in costs.answer(asked).rows:
        if row.day is not None and row.keys[0] in names:
            found.setdefault((row.keys[0], row.currency), {}).setdefault(row.day, []).append(row.amount)
    return {key: {day: exact_sum(amounts) for day, amounts in days.items()} for key, days in found.items()}


def _of(
    daily: dict[tuple[str, str], dict[date, Decimal]], known: Period | None, state: FindingState
) -> DailyCosts | None:
    """The daily costs of a finding's resource, by ARN or id; None where no bill names it."""
    for name in (state.resource_arn, state.resource_id):
        days = daily.get((name, state.currency))
        if days and known:
            return DailyCosts(known, days, state.currency)
    return None


def _with_memory(store: Store, tenant: str, entries: list[SavingEntry]) -> list[SavingEntry]:
    """Entries, but an earlier one that knew its days before stays where the new one has lost them."""
    earlier = {(entry.fingerprint, entry.resolved_at): entry for entry in store.savings.entries(tenant)}
    kept = []
    for entry in entries:
        before = earlier.get((entry.fingerprint, entry.resolved_at))
        lost = before is not None and before.days_followed > entry.days_followed
        kept.append(before if lost and before is not None else entry)
    return kept
