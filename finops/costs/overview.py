"""The month so far in one piece: what the Overview page shows, and what mails will say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from finops.costs.comparing import current_alone, held_throughout, movers
from finops.costs.projection import Projection, projection
from finops.model.costs import ComparedRow, Comparison, CostAnswer, CostQuestion, Filter, Granularity, Metric
from finops.model.period import Period, add_months, month_of, same_days_of_last_month

if TYPE_CHECKING:
    from finops.costs.standing import Standing
    from finops.model.outcome import Failure

RECENT_DAYS = 28
DAILY_DAYS = 30
MOVERS = 10

Answer = Callable[[CostQuestion], CostAnswer]
Compare = Callable[[CostQuestion, Period], Comparison]


@dataclass(frozen=True)
class Overview:
    """One tenant's month. Complete days only, except in `daily`; one currency, the largest; `notes` name the others.

    `to_date` is None while not one day of the month is complete; `total` then counts the days still arriving. `base`
    are the same days of the month before.
    """

    tenant: str
    metric: Metric
    currency: str
    month: Period
    to_date: Period | None
    base: Period | None
    total: CostAnswer
    comparison: Comparison | None
    accounts: Comparison | None
    projection: Projection | None
    daily: CostAnswer
    recent: Comparison | None
    movers: tuple[ComparedRow, ...]
    complete_until: date | None
    period: Period | None
    accounts_seen: int
    accounts_known: int
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose costs, in which metric and accounts, as they stand."""

    tenant: str
    metric: Metric | None
    accounts: tuple[str, ...]
    standing: Standing
    failures: tuple[Failure, ...]
    names: int

    def question(self, period: Period, *group_by: str, granularity: Granularity = Granularity.TOTAL) -> CostQuestion:
        """A question within the scope."""
        filters = (Filter("account", self.accounts),) if self.accounts else ()
        return CostQuestion(self.tenant, period, granularity, self.metric, group_by, filters)


@dataclass(frozen=True, slots=True)
class _Days:
    """The calendar of an overview."""

    month: Period
    to_date: Period | None
    shown: Period  # what the total counts
    last: Period  # the last days shown one by one


def overview(scope: Scope, answer: Answer, compare: Compare, today: date) -> Overview:
    """The overview of a scope; a tenant without costs gets one whose answers say what to do."""
    state = scope.standing
    until = state.complete_until()
    days = _days(state.period, until, today)
    total = answer(scope.question(days.shown))
    currency = _largest(total) or _largest(answer(scope.question(days.last)))
    one = _Asker(scope, answer, compare, currency)
    base = same_days_of_last_month(days.to_date) if days.to_date else None
    by_service = one.compared(days.to_date, base, "service")
    by_account = one.compared(days.to_date, base, "account")
    recent = one.recent(until, state.period)
    total = one.answered(days.shown)
    return Overview(
        tenant=scope.tenant,
        metric=total.provenance.metric,
        currency=currency,
        month=days.month,
        to_date=days.to_date,
        base=base,
        total=total,
        comparison=by_service,
        accounts=by_account,
        projection=one.projected(days, today),
        daily=one.answered(days.last, "service", granularity=Granularity.DAILY),
        recent=recent,
        movers=movers(by_service, MOVERS) if by_service and held_throughout(by_service.previous) else (),
        complete_until=until,
        period=state.period,
        accounts_seen=len({row.keys for row in one.answered(days.shown, "account").rows}),
        accounts_known=scope.names,
        failures=tuple(dict.fromkeys((*scope.failures, *total.failures))),
        notes=_notes(total, days, answer(scope.question(days.shown))),
    )


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks within one currency."""

    scope: Scope
    answer: Answer
    compare: Compare
    currency: str

    def question(self, period: Period, *group_by: str, granularity: Granularity = Granularity.TOTAL) -> CostQuestion:
        return replace(self.scope.question(period, *group_by, granularity=granularity), currency=self.currency or None)

    def answered(self, period: Period, *group_by: str, granularity: Granularity = Granularity.TOTAL) -> CostAnswer:
        return self.answer(self.question(period, *group_by, granularity=granularity))

    def compared(self, period: Period | None, base: Period | None, *group_by: str) -> Comparison | None:
        """None without costs in the period. Where the base is not stored the rows carry current figures alone."""
        if period is None or base is None:
            return None
        found = self.compare(self.question(period, *group_by), base)
        if not found.current.provenance.source:
            return None
        return found if found.previous.provenance.source else current_alone(found)

    def recent(self, until: date | None, held: Period | None) -> Comparison | None:
        """The last 28 complete days against the 28 before; None where they are not all held."""
        if until is None or held is None:
            return None
        period = Period(until - timedelta(days=RECENT_DAYS), until)
        found = self.compare(self.question(period), period.previous())
        return found if held_throughout(found.current) and held_throughout(found.previous) else None

    def projected(self, days: _Days, today: date) -> Projection | None:
        """The month's end; None for a month that is over, or of which no day is complete."""
        if days.to_date is None or today >= days.month.end:
            return None
        period = Period(add_months(days.month.start, -1), days.to_date.end)
        rows = self.answered(period, "charge_type", "service", granularity=Granularity.DAILY)
        if not rows.provenance.source:
            # With accounts chosen no cross-section carries the service as well: charge types alone tell fees apart.
            rows = self.answered(period, "charge_type", granularity=Granularity.DAILY)
        return projection(rows.rows, days.to_date, self.currency) if rows.provenance.source else None


def _days(held: Period | None, until: date | None, today: date) -> _Days:
    """The running month, or the last one with data when the stored bill ends before it."""
    tomorrow = today + timedelta(days=1)
    last_held = min(held.last_day, today) if held else today
    month = month_of(last_held)
    end = min(until, month.end) if until else month.start
    to_date = Period(month.start, end) if end > month.start else None
    past = min(month.end, held.end if held else tomorrow, tomorrow)
    shown = to_date or Period(month.start, max(past, month.start + timedelta(days=1)))
    last_end = min(held.end, tomorrow) if held else tomorrow
    return _Days(month, to_date, shown, Period(last_end - timedelta(days=DAILY_DAYS), last_end))


def _largest(answer: CostAnswer) -> str:
    return max(answer.totals, key=lambda currency: abs(answer.totals[currency]), default="")


def _notes(total: CostAnswer, days: _Days, everything: CostAnswer) -> tuple[str, ...]:
    notes = list(total.provenance.notes)
    others = sorted(set(everything.totals) - set(total.totals))
    if others:
        notes.append(f"Cost in {', '.join(others)} is not part of these figures: currencies are never added up.")
    if days.to_date is None and total.provenance.source:
        notes.append(f"No day of {days.month.start:%B} is complete yet; figures are of days still arriving.")
    return tuple(notes)
