"""The stored daily costs of groups and of what makes up their total, exact and as panels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from finops.costs.panel import Panel, forget_unstored, panel_of
from finops.model.costs import CostQuestion, Granularity
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from finops.model.costs import CostAnswer, Coverage
    from finops.model.forecasts import ForecastQuestion

_BASES = ("service", "account", "")
"""The total is forecast from its parts by the first of these that is stored: a charge of the month, or a step, is
plainer in a part than in the whole. The same parts whatever is grouped by, so that the total is the same."""

Amounts = dict[date, "Decimal"]


class Bill(Protocol):
    """What of `finops.costs.Costs` is asked."""

    def answer(self, question: CostQuestion) -> CostAnswer: ...  # noqa: D102
    def coverage(self, tenant: str) -> tuple[Coverage, ...]: ...  # noqa: D102
    def complete_until(self, tenant: str) -> date | None: ...  # noqa: D102
    def version(self, tenant: str) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Stored:
    """Complete days only. `amounts` by group and day, `panel` the same in their order; `base` makes up the total."""

    amounts: Mapping[str, Amounts]
    panel: Panel
    base: Panel
    answer: CostAnswer
    currency: str
    others: tuple[str, ...]


def stored_costs(bill: Bill, tenant: str, question: ForecastQuestion) -> Stored | CostAnswer | None:
    """All complete days; the answer alone where it has no days, None where no complete day is stored at all."""
    complete = bill.complete_until(tenant)
    daily = [entry.period.start for entry in bill.coverage(tenant) if entry.grain is Granularity.DAILY]
    if complete is None or not daily or complete <= min(daily):
        return None
    whole = Period(min(daily), complete)
    group_by = (question.group_by,) if question.group_by else ()
    asked = CostQuestion(tenant, whole, Granularity.DAILY, question.metric, group_by, question.filters)
    answer = bill.answer(asked)
    if not answer.provenance.source or answer.provenance.covered is None or not answer.rows:
        return answer
    currency = max(answer.totals, key=lambda name: abs(answer.totals[name]))
    amounts = _amounts(answer, currency)
    known = Period(min(day for each in amounts.values() for day in each), answer.provenance.covered.end)
    panel = _panel(bill, answer, amounts, known)
    others = tuple(sorted(set(answer.totals) - {currency}))
    return Stored(amounts, panel, _base(bill, answer, currency, known) or panel, answer, currency, others)


def _base(bill: Bill, answer: CostAnswer, currency: str, known: Period) -> Panel | None:
    """The parts of the total, from the same source; None where the groups themselves are the best there is."""
    pinned = replace(answer.question, source=answer.provenance.source, metric=answer.provenance.metric)
    for name in _BASES:
        if (name,) == answer.question.group_by:
            return None
        parts = bill.answer(replace(pinned, group_by=(name,) if name else ()))
        if parts.provenance.source and parts.totals == answer.totals:
            return _panel(bill, parts, _amounts(parts, currency), known)
    return None


def _amounts(answer: CostAnswer, currency: str) -> dict[str, Amounts]:
    found: dict[str, Amounts] = defaultdict(dict)
    for row in answer.rows:
        if row.day is not None and row.currency == currency:
            found[row.keys[0] if row.keys else ""][row.day] = row.amount
    return dict(found)


def _panel(bill: Bill, answer: CostAnswer, amounts: Mapping[str, Amounts], known: Period) -> Panel:
    values = {key: {day: float(value) for day, value in each.items()} for key, each in amounts.items()}
    panel = panel_of(values, period=known, absent=0.0)
    forget_unstored(panel, bill.coverage(answer.question.tenant), answer.provenance)
    return panel


def last_day(panel: Panel) -> date:
    """The last day of a panel."""
    return panel.first + timedelta(days=panel.days - 1)
