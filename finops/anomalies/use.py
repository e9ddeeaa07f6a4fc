"""The daily cost of use by account and service, with credits and refunds taken apart from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from finops.costs.panel import Panel, forget_unstored, panel_of
from finops.model.costs import CostQuestion, Filter, Granularity, Metric
from finops.model.money import ZERO, exact_sum
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.costs import CostAnswer, Coverage, Provenance
    from finops.model.outcome import Failure

NO_USE = ("Credit", "Refund", "Adjustment")
"""Charge types (Cost Explorer's record types, FOCUS's charge categories) that give money back: never use."""
_SHARED = "Credits of a service that several accounts got on one day are split in proportion to what each got."

Amounts = dict[date, Decimal]
Key = tuple[str, str, str]
"""Account, service, currency."""


class Bill(Protocol):
    """What of `finops.costs.Costs` is asked."""

    def answer(self, question: CostQuestion) -> CostAnswer: ...  # noqa: D102
    def coverage(self, tenant: str) -> tuple[Coverage, ...]: ...  # noqa: D102
    def metrics(self, tenant: str) -> tuple[Metric, ...]: ...  # noqa: D102
    def period(self, tenant: str) -> Period | None: ...  # noqa: D102
    def complete_until(self, tenant: str) -> date | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Use:
    """Exact amounts by series and day, the same as a panel, and where they come from.

    `incomplete` is how many of the panel's last days are still arriving.
    """

    amounts: Mapping[Key, Amounts]
    panel: Panel
    incomplete: int
    provenance: Provenance
    notes: tuple[str, ...]
    failures: tuple[Failure, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """The series, in the panel's order."""
        return tuple(self.amounts)


def daily_use(bill: Bill, tenant: str) -> Use | None:
    """All stored days of all series; None where no daily cost by account and service is stored."""
    period = bill.period(tenant)
    if period is None:
        return None
    metrics = bill.metrics(tenant)
    metric = Metric.NET_UNBLENDED if Metric.NET_UNBLENDED in metrics else None
    asked = CostQuestion(tenant, period, Granularity.DAILY, metric, ("account", "service"))
    answer = bill.answer(asked)
    covered = answer.provenance.covered
    if covered is None or not answer.rows:
        return None
    given_back, notes = _given_back(bill, answer)
    amounts = _amounts(answer, given_back)
    days = [day for each in amounts.values() for day in each]
    known = Period(min(days), covered.end)
    names = {"\x1f".join(key): {day: float(value) for day, value in each.items()} for key, each in amounts.items()}
    panel = panel_of(names, period=known, absent=0.0)
    forget_unstored(panel, bill.coverage(tenant), answer.provenance)
    complete = bill.complete_until(tenant) or known.start
    incomplete = max(0, min(known.days, (known.end - complete).days))
    return Use(amounts, panel, incomplete, answer.provenance, notes, answer.failures)


def _amounts(answer: CostAnswer, given_back: Mapping[Key, Amounts]) -> dict[Key, Amounts]:
    found: dict[Key, Amounts] = defaultdict(dict)
    for row in answer.rows:
        if row.day is not None:
            account, service = row.keys
            found[account, service, row.currency][row.day] = row.amount
    for key, amounts in given_back.items():
        for day, amount in amounts.items():
            found[key][day] = exact_sum((found[key].get(day, ZERO), -amount))
    return {key: found[key] for key in sorted(found)}


def _given_back(bill: Bill, answer: CostAnswer) -> tuple[dict[Key, Amounts], tuple[str, ...]]:
    """Credits and refunds by series and day: told exactly, or put together from what accounts and services got."""
    only = replace(
        answer.question,
        source=answer.provenance.source,
        metric=answer.provenance.metric,
        filters=(Filter("charge_type", NO_USE),),
    )
    told = bill.answer(only)
    found: dict[Key, Amounts] = defaultdict(dict)
    if told.provenance.source:
        for row in told.rows:
            if row.day is not None:
                found[row.keys[0], row.keys[1], row.currency][row.day] = row.amount
        return found, ()
    by_account, by_service = (_by_day(bill.answer(replace(only, group_by=(name,)))) for name in ("account", "service"))
    shared = False
    for place, services in by_service.items():
        accounts = by_account.get(place, {})
        whole = exact_sum(accounts.values())
        shared = shared or min(len(accounts), len(services)) > 1
        for account, part in accounts.items() if whole else ():
            for service, amount in services.items():
                found[account, service, place[1]][place[0]] = amount * part / whole
    return found, (_SHARED,) if shared else ()


def _by_day(answer: CostAnswer) -> dict[tuple[date, str], dict[str, Decimal]]:
    found: dict[tuple[date, str], dict[str, Decimal]] = defaultdict(dict)
    for row in answer.rows:
        if row.day is not None and row.amount:
            found[row.day, row.currency][row.keys[0]] = row.amount
    return found


def last_complete(use: Use) -> date:
    """The last day that no longer changes."""
    return use.panel.period.end - timedelta(days=use.incomplete + 1)
