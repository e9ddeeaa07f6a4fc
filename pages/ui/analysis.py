"""The questions behind one view of Cost Analysis, asked once per run.

What the chart, the table and the file all show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finops.model.costs import (
    Change,
    ComparedRow,
    Comparison,
    CostAnswer,
    CostQuestion,
    CostRow,
    Filter,
    Granularity,
)
from finops.model.money import ZERO, exact_sum
from finops.model.period import Period
from pages.ui.filters import main_currency
from pages.ui.freshness import arriving
from pages.ui.series import comparable
from pages.ui.time_charts import Earlier
from pages.ui.view import Offer, View, asked_period, compared_period

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from finops.costs import Costs

DRILLS = {"service": "usage_type", "usage_type": "region", "provider": "service"}
"""What the groups of a dimension are taken apart by; services for all others."""


@dataclass(frozen=True)
class Analysis:
    """One view's answers.

    `drawn` covers the period asked for, day by day or month by month. `counted` is what the figures and the table
    add up: the same, or its complete days when it is compared with `base`. `rows` are the table's.
    """

    drawn: CostAnswer
    counted: CostAnswer
    comparison: Comparison | None
    base: Period | None
    arriving: Period | None
    rows: tuple[ComparedRow, ...]
    currency: str

    @property
    def period(self) -> Period:
        """The days the figures count."""
        return self.counted.question.period

    @property
    def total(self) -> Decimal | None:
        """The counted cost, None where it is not known."""
        return self.counted.totals.get(self.currency)

    @property
    def before(self) -> Decimal | None:
        """The base period's cost, None where it is not known or not asked."""
        return self.comparison.previous.totals.get(self.currency) if self.comparison else None


def analysed(costs: Costs, tenant: str, view: View, offer: Offer) -> Analysis:
    """Asks what the view needs, in one currency."""
    period = asked_period(view, offer)
    currency = (view.currency or main_currency(offer)) if len(offer.currencies) > 1 else None
    question = CostQuestion(
        tenant, period, view.grain(period), view.metric, (view.group_by,), view.conditions(), currency
    )
    drawn = costs.answer(question)
    late = arriving(period, offer.complete_until)
    complete = Period(period.start, late.start) if late is not None and late.start > period.start else period
    base = compared_period(view, complete)
    comparison = costs.compare(question.over(complete), base) if base is not None else None
    known = comparison if comparison is not None and comparable(comparison.previous) else None
    counted = known.current if known else drawn
    rows = known.rows if known else plain_rows(drawn)
    shown = currency or counted.currency or drawn.currency or main_currency(offer)
    mine = tuple(row for row in rows if row.currency == shown)
    return Analysis(drawn, counted, known, base, late, mine, shown)


def plain_rows(answer: CostAnswer) -> tuple[ComparedRow, ...]:
    """An answer's groups as rows without an earlier period, largest first."""
    amounts: dict[tuple[tuple[str, ...], str], list[CostRow]] = {}
    for row in answer.rows:
        amounts.setdefault((row.keys, row.currency), []).append(row)
    rows = (
        ComparedRow(keys, currency, exact_sum(row.amount for row in same), ZERO, Change.SAME, _series(answer, same))
        for (keys, currency), same in amounts.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.current, row.keys)))


def _series(answer: CostAnswer, rows: Sequence[CostRow]) -> tuple[Decimal, ...]:
    """One group's figure of each day; none for answers that are not daily."""
    if answer.question.granularity is not Granularity.DAILY:
        return ()
    known = {row.day: row.amount for row in rows}
    return tuple(known.get(day, ZERO) for day in answer.question.period.dates())


def drilled(costs: Costs, found: Analysis, group: str, value: str) -> tuple[Analysis, str]:
    """One group taken apart, over the same days and against the same base, and the dimension it is taken apart by."""
    part = DRILLS.get(group, "service")
    question = replace(
        found.counted.question,
        granularity=Granularity.TOTAL,
        group_by=(part,),
        filters=(*found.counted.question.filters, Filter(group, (value,))),
    )
    current = costs.answer(question)
    comparison = costs.compare(question, found.base) if found.base is not None and found.comparison else None
    known = comparison if comparison is not None and comparable(comparison.previous) else None
    rows = known.rows if known else plain_rows(current)
    mine = tuple(row for row in rows if row.currency == found.currency)
    return Analysis(current, current, known, found.base, None, mine, found.currency), part


def earlier(found: Analysis, name: str) -> Earlier | None:
    """The base period's totals bucket by bucket, for the step line."""
    if found.comparison is None or found.base is None:
        return None
    question = found.comparison.previous.question
    monthly = question.granularity is Granularity.MONTHLY
    starts = [part.start for part in found.base.months()] if monthly else list(found.base.dates())
    sums = dict.fromkeys(starts, ZERO)
    for row in found.comparison.previous.rows:
        if row.day is not None and row.currency == found.currency:
            start = max(row.day, starts[0])
            sums[start] = sums.get(start, ZERO) + row.amount
    return Earlier(name, tuple(sums[start] for start in starts))


def by_charge_type(costs: Costs, found: Analysis) -> CostAnswer:
    """The counted period's cost by charge type: usage, fees, credits, refunds and tax apart."""
    question = found.counted.question
    return costs.answer(replace(question, granularity=Granularity.TOTAL, group_by=("charge_type",)))
