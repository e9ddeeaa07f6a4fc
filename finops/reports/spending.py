"""Cost by one dimension over a period, held against the period before: what the cost reports ask and know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finops.costs.comparing import current_alone, movers
from finops.model.costs import CostQuestion, Granularity
from finops.model.money import ZERO
from finops.model.period import Period
from finops.reports.definition import Parameter
from finops.reports.gaps import Gaps, of_answers
from finops.reports.words import days_text, earlier, so_far

if TYPE_CHECKING:
    from collections.abc import Collection
    from decimal import Decimal

    from finops.costs import Costs
    from finops.model.costs import ComparedRow, Comparison, CostAnswer
    from finops.reports.definition import Asked

PARAMETERS = (
    Parameter("account", "Only these accounts; repeated or a comma list.", many=True),
    Parameter("service", "Only this service; repeated for several (names contain commas).", many=True),
    Parameter("region", "Only this region; repeated for several.", many=True),
    Parameter("metric", "What a figure counts, as in `unblended` or `amortized`; default that of the source."),
    Parameter("currency", "Only cost in this currency, as in `USD`."),
    Parameter("source", "Only this source, as in `cost_explorer` or `focus`; default the one that covers most."),
)
"""The parameters of every report about cost."""
TOP = 5
"""So many groups are named in sentences."""


@dataclass(frozen=True, slots=True)
class Spending:
    """One answered comparison. `comparison.rows` carry current figures alone where `compared` is False.

    `currency` is the one with most cost; `others` are those that figures leave out.
    """

    asked: Asked
    comparison: Comparison
    daily: CostAnswer
    compared: bool
    currency: str
    others: tuple[str, ...]

    @property
    def current(self) -> CostAnswer:
        """The answer for the period."""
        return self.comparison.current

    @property
    def total(self) -> Decimal | None:
        """The cost of the period in `currency`; None: not known."""
        return _total(self.current, self.currency)

    @property
    def previous(self) -> Decimal | None:
        """The cost of the period before; None: not known."""
        return _total(self.comparison.previous, self.currency) if self.compared else None

    @property
    def delta(self) -> Decimal | None:
        """What it cost more; None: not known."""
        return None if self.total is None or self.previous is None else self.total - self.previous

    @property
    def percent(self) -> Decimal | None:
        """What it cost more, in percent; None without anything to compare with."""
        return None if self.delta is None or not self.previous else self.delta / abs(self.previous) * 100

    @property
    def before(self) -> str:
        """The period before, in words."""
        return days_text(self.comparison.previous.question.period, self.asked.today)

    @property
    def single(self) -> str:
        """The currency of every row, an empty text where there are several."""
        return "" if self.others else self.currency

    def movers(self, most: int = TOP) -> tuple[ComparedRow, ...]:
        """The largest changes in either direction; none without a comparison."""
        found = movers(self.comparison, len(self.comparison.rows)) if self.compared else ()
        return tuple(row for row in found if row.currency == self.currency)[:most]

    @property
    def gaps(self) -> Gaps:
        """What is missing."""
        found = of_answers(self.asked, self.current)
        if not self.current.provenance.source:
            return found
        days = self.comparison.previous.provenance.missing_days
        if not self.compared or days:
            told = f"{days} days of it hold no stored data" if self.compared else "nothing of it is stored"
            found += Gaps(missing=(f"The comparison with {self.before} is not whole: {told}.",))
        if not self.daily.provenance.source:
            found += Gaps(missing=("Day by day nothing of it is stored.",))
        elif self.daily.provenance.missing_days > self.current.provenance.missing_days:
            days = self.daily.provenance.missing_days
            found += Gaps(missing=(f"Day by day {days} of {self.asked.period.days} days are not stored.",))
        return found


def question(asked: Asked, *group_by: str, but: Collection[str] = ()) -> CostQuestion:
    """The question that a request asks; `but` are parameters that are no filters here."""
    scope = asked.scope
    return CostQuestion(
        tenant=asked.tenant,
        period=asked.period,
        metric=scope.metric(),
        group_by=group_by,
        filters=scope.cost_filters(but=but),
        currency=scope.currency(),
        source=scope.source(),
    )


def spending(costs: Costs, wanted: CostQuestion, asked: Asked) -> Spending:
    """The answer to a question, day by day too, and that of as many days of the period before as have come of this."""
    begun, before = so_far(wanted.period, asked.today), earlier(wanted.period)
    base = before if begun == wanted.period else Period(before.start, before.start + (begun.end - begun.start))
    comparison = costs.compare(wanted, base)
    origin = comparison.current.provenance
    compared = bool(origin.source and comparison.previous.provenance.source)
    if origin.source and not compared:
        comparison = current_alone(comparison)
    pinned = replace(wanted, source=origin.source, metric=origin.metric) if origin.source else wanted
    daily = costs.answer(replace(pinned, granularity=Granularity.DAILY, group_by=()))
    totals = comparison.current.totals
    ranked = sorted(totals, key=lambda currency: (-abs(totals[currency]), currency))
    currency = ranked[0] if ranked else wanted.currency or ""
    return Spending(asked, comparison, daily, compared, currency, tuple(sorted(ranked[1:])))


def _total(answer: CostAnswer, currency: str) -> Decimal | None:
    """Zero where everything is held and nothing was charged; None where that is not known."""
    if not answer.provenance.source:
        return None
    held = answer.totals.get(currency)
    return ZERO if held is None and not answer.provenance.missing_days else held
