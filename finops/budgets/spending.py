"""What a budget's scope has cost: exact figures from the stored costs, each cost once, and what is not known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from finops.budgets.scopes import disjoint
from finops.model.costs import CostQuestion, Granularity
from finops.model.money import ZERO, exact_sum
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from finops.model.budgets import Budget
    from finops.model.costs import CostAnswer, Metric, Provenance
    from finops.model.outcome import Failure

OLD_DAYS = 4
"""Costs that are complete only up to so many days ago are too old to say how a budget stands."""


class Bill(Protocol):
    """What of `finops.costs.Costs` is asked."""

    def answer(self, question: CostQuestion) -> CostAnswer: ...  # noqa: D102
    def complete_until(self, tenant: str) -> date | None: ...  # noqa: D102
    def period(self, tenant: str) -> Period | None: ...  # noqa: D102
    def version(self, tenant: str) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent in a period so far.

    `total` is everything stored of it, None where nothing is; `by_day` also reaches back before the period, with a zero
    for each day held without cost. Days before `complete_until` no longer change. `reasons` say what is missing.
    """

    period: Period
    total: Decimal | None = None
    by_day: Mapping[date, Decimal] = field(default_factory=dict)
    complete_until: date | None = None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    metric: Metric | None = None
    source: str = ""
    fetched_at: datetime | None = None

    @property
    def complete(self) -> Period | None:
        """The complete days of the period; None while there are none."""
        past = min(self.period.end, self.complete_until or self.period.start)
        return Period(self.period.start, past) if past > self.period.start else None


def spending(bill: Bill, budget: Budget, period: Period, today: date) -> Spending:
    """What a budget's scope has cost in a period up to today, and by day as far back as days are stored.

    InputError as for questions to the costs: a metric that no source has, for one.
    """
    held = bill.period(budget.tenant)
    complete = bill.complete_until(budget.tenant)
    if held is None or complete is None:
        return Spending(period, reasons=("No costs are stored yet.",))
    known = min(period.end, today + timedelta(days=1))
    if known <= period.start:
        return Spending(period, complete_until=complete, reasons=(f"It begins on {period.start}.",))
    asked = _Asked(bill, budget)
    total = asked.total(Period(period.start, known))
    past = max(min(complete, known), period.start)
    asked.require(Period(period.start, past if past > period.start else known), complete=past > period.start)
    if complete < min(period.end, today - timedelta(days=OLD_DAYS)):
        asked.missing(f"Costs are complete up to {complete - timedelta(days=1)} only.")
    by_day = asked.by_day(Period(min(held.start, period.start), known), held.start)
    return asked.spending(Spending(period, total, by_day, past))


class _Asked:
    """The answers to the questions about one scope, all of one source and metric."""

    def __init__(self, bill: Bill, budget: Budget) -> None:
        self._bill = bill
        self._parts = disjoint(budget.scope.groups)
        self._currency = budget.currency
        self._question = CostQuestion(
            budget.tenant, Period(date.min, date.max), metric=budget.metric, currency=budget.currency
        )
        self._origin: Provenance | None = None
        self._reasons: dict[str, None] = {}
        self._notes: dict[str, None] = {}
        self._failures: dict[Failure, None] = {}

    def total(self, period: Period) -> Decimal | None:
        """Everything stored of the period; None where a part of the scope cannot be asked at all."""
        found = self._answers(period, Granularity.TOTAL)
        for each in found:
            if not each.provenance.source:
                self.missing(*each.provenance.notes)
            elif not each.reconciles:
                self.missing("The parts of the stored costs do not add up to their total.")
        if not all(each.provenance.source for each in found):
            return None
        return exact_sum(each.totals.get(self._currency, ZERO) for each in found)

    def require(self, period: Period, *, complete: bool) -> None:
        """Says what is missing of days that should be there; days that still arrive need not be."""
        for each in self._answers(period, Granularity.TOTAL):
            if not each.provenance.source:
                continue
            for failure in each.failures:
                self._failures[failure] = None
                self.missing(failure.message)
            if each.provenance.missing_days and complete:
                self.missing(*each.provenance.notes)
            self._notes.update(dict.fromkeys(note for note in each.provenance.notes if note not in self._reasons))

    def by_day(self, period: Period, first: date) -> dict[date, Decimal]:
        """Every day held from the first stored one on, zero where it cost nothing."""
        if period.end <= first:
            return {}
        held: Period | None = None
        amounts: dict[date, list[Decimal]] = defaultdict(list)
        for each in self._answers(Period(first, period.end), Granularity.DAILY):
            covered = each.provenance.covered
            if covered is None:
                return {}
            held = covered.clipped(held) if held else covered
            for row in each.rows:
                if row.day is not None:
                    amounts[row.day].append(row.amount)
        return {day: exact_sum(amounts.get(day, ())) for day in held.dates()} if held else {}

    def missing(self, *sentences: str) -> None:
        """Keeps why a budget cannot be judged."""
        self._reasons.update(dict.fromkeys(sentences or ("Some of its costs are not stored.",)))

    def spending(self, found: Spending) -> Spending:
        """What was found, with where it comes from and what is missing."""
        origin = self._origin
        return replace(
            found,
            reasons=tuple(self._reasons),
            notes=tuple(self._notes),
            failures=tuple(self._failures),
            metric=origin.metric if origin else self._question.metric,
            source=origin.source if origin else "",
            fetched_at=origin.fetched_at if origin else None,
        )

    def _answers(self, period: Period, granularity: Granularity) -> list[CostAnswer]:
        """One answer for each part; the first that finds a source says which one all others ask."""
        found = []
        for part in self._parts:
            asked = replace(self._question, period=period, granularity=granularity, filters=part)
            answer = self._bill.answer(asked)
            if self._origin is None and answer.provenance.source:
                self._origin = answer.provenance
                self._question = replace(self._question, source=self._origin.source, metric=self._origin.metric)
            found.append(answer)
        return found
