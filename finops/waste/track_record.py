"""Whether savings came true: what a resource cost a day before its finding was resolved, and what it costs since.

Realised a month = (daily average before − daily average after) × 365/12. The day of the resolution belongs to neither
side. Only complete days whose costs are stored count; where nothing is known the entry says undetermined, never 0.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.model.findings import DAYS_A_MONTH, FindingState, Following, SavingEntry
from finops.model.money import exact_sum
from finops.model.period import Period, utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

WINDOW_DAYS = 30
"""How many days before and after a resolution are looked at."""
_MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class DailyCosts:
    """What one resource cost by day. `known`: complete days stored without a gap; one without a figure cost nothing."""

    known: Period
    amounts: Mapping[date, Decimal]
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """The record of one checker in one currency. `ratio` is realised to estimate of the entries that know both."""

    check_id: str
    currency: str
    count: int
    undetermined: int
    estimate: Decimal
    realised: Decimal | None
    ratio: Decimal | None


def windows(resolved_at: datetime) -> tuple[Period, Period]:
    """The days before and after a resolution whose costs are wanted."""
    day = utc(resolved_at).date()
    width = timedelta(days=WINDOW_DAYS)
    following = day + timedelta(days=1)
    return Period(day - width, day), Period(following, following + width)


def entry_of(state: FindingState, costs: DailyCosts | None, now: datetime) -> SavingEntry:
    """The entry of a resolved finding as it stands now. ValueError for one that was never resolved."""
    if state.resolved_at is None:
        raise ValueError("the finding was never resolved")
    before, after = windows(state.resolved_at)
    told = costs if costs is not None and costs.currency == state.currency else None
    before_daily = _before(before, told)
    after_daily, days = _after(after, told) if before_daily is not None else (None, 0)
    realised = None
    if before_daily is not None and after_daily is not None:
        realised = _micro((before_daily - after_daily) * DAYS_A_MONTH)
    return SavingEntry(
        tenant=state.tenant,
        fingerprint=state.fingerprint,
        check_id=state.check_id,
        account=state.account,
        region=state.region,
        resource_id=state.resource_id,
        resolved_at=state.resolved_at,
        estimate=state.saving_when_resolved,
        before_daily=before_daily,
        after_daily=after_daily,
        days_followed=days,
        realised_month=realised,
        currency=state.currency,
        state=_standing(before_daily, days, after, told),
        updated=now,
    )


def _standing(before_daily: Decimal | None, days: int, after: Period, costs: DailyCosts | None) -> Following:
    if before_daily is None or costs is None:
        return Following.UNDETERMINED
    if costs.known.end < after.end:
        return Following.FOLLOWING
    return Following.COMPLETE if days else Following.UNDETERMINED


def _before(window: Period, costs: DailyCosts | None) -> Decimal | None:
    """The average from the first day with a cost to the last: what was done away with costs nothing until it is seen.

    None too for a resource no bill names: unknown is not free.
    """
    known = costs.known.clipped(window) if costs is not None else None
    if costs is None or known is None:
        return None
    spent = [day for day in known.dates() if costs.amounts.get(day)]
    return _average(costs, Period(spent[0], spent[-1] + timedelta(days=1))) if spent else None


def _after(window: Period, costs: DailyCosts | None) -> tuple[Decimal | None, int]:
    known = costs.known.clipped(window) if costs is not None else None
    return (None, 0) if costs is None or known is None else (_average(costs, known), known.days)


def _average(costs: DailyCosts, period: Period) -> Decimal:
    return _micro(exact_sum(costs.amounts.get(day, Decimal(0)) for day in period.dates()) / period.days)


def _micro(amount: Decimal) -> Decimal:
    return amount.quantize(_MICRO, ROUND_HALF_EVEN)


def by_checker(entries: Iterable[SavingEntry]) -> tuple[CheckRecord, ...]:
    """The record of each checker: how many were resolved, what they promised, what came true."""
    groups: dict[tuple[str, str], list[SavingEntry]] = defaultdict(list)
    for entry in entries:
        groups[entry.check_id, entry.currency].append(entry)
    return tuple(_record(*key, groups[key]) for key in sorted(groups))


def _record(check_id: str, currency: str, entries: Sequence[SavingEntry]) -> CheckRecord:
    told = [entry.realised_month for entry in entries if entry.realised_month is not None]
    both = [
        (entry.estimate, entry.realised_month)
        for entry in entries
        if entry.estimate is not None and entry.realised_month is not None
    ]
    promised = exact_sum(estimate for estimate, _ in both)
    return CheckRecord(
        check_id=check_id,
        currency=currency,
        count=len(entries),
        undetermined=sum(entry.state is Following.UNDETERMINED for entry in entries),
        estimate=exact_sum(entry.estimate for entry in entries if entry.estimate is not None),
        realised=exact_sum(told) if told else None,
        ratio=_micro(exact_sum(realised for _, realised in both) / promised) if promised else None,
    )
