"""Budgets as records: the same fields on API and command line."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.api.envelope import Document, Meta, envelope, failure_record
from finops.budgets.standings import days_left
from finops.model.budgets import BudgetStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from finops.model.budgets import (
        AwsBudget,
        Budget,
        BudgetDetail,
        BudgetStanding,
        BurnDay,
        Crossing,
        PeriodForecast,
        TriedPeriod,
        WhatIf,
    )
    from finops.store.budgets import BudgetImport

BUDGET_FIELDS = (
    *("budget_id", "name", "source", "status", "period", "start", "end", "amount", "currency", "spent", "percent"),
    *("complete_through", "days_left", "pace", "pace_basis", "forecast", "forecast_percent", "scope", "metric"),
    *("thresholds", "recipients", "owner", "plan", "aws", "reasons", "notes"),
)
"""The fields of every budget record, in order."""
SHOWN = ("name", "source", "status", "spent", "amount", "percent", "forecast_percent", "days_left", "budget_id")
"""Those that a terminal shows."""
_TENTH = Decimal("0.1")


def budget_record(seen: BudgetStanding) -> Document:
    """One budget and how it stands, the fields in the order of `BUDGET_FIELDS`."""
    budget = seen.budget
    return {
        "budget_id": budget.budget_id,
        "name": budget.name,
        "source": str(budget.source),
        "status": str(seen.status),
        "period": str(budget.cadence),
        "start": seen.period.start,
        "end": seen.period.end,
        "amount": seen.limit,
        "currency": budget.currency,
        "spent": seen.spent,
        "percent": _tenth(seen.percent),
        "complete_through": _complete_through(seen),
        "days_left": days_left(seen),
        "pace": seen.pace,
        "pace_basis": seen.pace_basis,
        "forecast": _forecast(seen.forecast),
        "forecast_percent": _tenth(seen.forecast_percent),
        "scope": {
            "name": budget.scope.name,
            "groups": [
                [{"dimension": each.dimension, "values": list(each.values), "exclude": each.exclude} for each in group]
                for group in budget.scope.groups
            ],
        },
        "metric": str(seen.metric or budget.metric) if seen.metric or budget.metric else None,
        "thresholds": [{"basis": str(each.basis), "percent": each.percent} for each in budget.thresholds],
        "recipients": list(budget.recipients),
        "owner": budget.owner,
        "plan": _plan(budget),
        "aws": _aws(budget.aws, seen.aws_difference),
        "reasons": list(seen.reasons),
        "notes": list(seen.notes),
    }


def budgets_document(found: Sequence[BudgetStanding], told: BudgetImport | None, tenant: str) -> Document:
    """`data.items`: every budget; `meta.aws_import`: when AWS was asked for its own."""
    meta = _meta(found, tenant, {"total": len(found), "aws_import": import_record(told)})
    return envelope({"items": [budget_record(each) for each in found]}, meta)


def budget_document(detail: BudgetDetail) -> Document:
    """`data.budget`, `data.burn_down` and `data.crossings`."""
    data = {
        "budget": budget_record(detail.standing),
        "burn_down": [_day(each) for each in detail.days],
        "crossings": [crossing_record(each) for each in detail.crossings],
    }
    return envelope(data, _meta([detail.standing], detail.standing.budget.tenant, {}))


def removed_document(budget: Budget) -> Document:
    """What was removed."""
    return envelope({"budget_id": budget.budget_id, "name": budget.name}, Meta(tenant=budget.tenant, as_of=None))


def what_if_document(found: WhatIf) -> Document:
    """`data.periods`, and the first that breaks."""
    breaks = found.breaks
    data = {
        "budget_id": found.budget.budget_id,
        "growth_percent": found.growth.percent_a_month,
        "amount": found.growth.once,
        "on": found.growth.on,
        "periods": [_tried(each) for each in found.periods],
        "breaks": _tried(breaks) if breaks else None,
        "reasons": list(found.reasons),
    }
    meta = Meta(tenant=found.budget.tenant, as_of=None, currency=found.budget.currency, partial=bool(found.reasons))
    return envelope(data, meta)


def crossing_record(each: Crossing) -> Document:
    """A threshold that was crossed."""
    return {
        "budget_id": each.budget_id,
        "start": each.period.start,
        "end": each.period.end,
        "basis": str(each.threshold.basis),
        "percent": each.threshold.percent,
        "crossed": each.crossed,
        "figure": each.figure,
        "amount": each.limit,
        "currency": each.currency,
        "fell": each.fell,
        "told": each.told,
    }


def import_record(told: BudgetImport | None) -> Document | None:
    """When AWS was asked for its budgets, and what came of it; None where it never was."""
    if told is None:
        return None
    failure = failure_record(told.failure) if told.failure else None
    return {"asked": told.asked, "account": told.account, "told": told.told, "failure": failure}


def _meta(found: Sequence[BudgetStanding], tenant: str, more: Document) -> Meta:
    ours = [each for each in found if each.budget.aws is None or each.budget.aws.comparable]
    currencies = {each.budget.currency for each in found}
    sources = {each.cost_source for each in ours if each.cost_source}
    return Meta(
        tenant=tenant,
        as_of=min((each.fetched_at for each in ours if each.fetched_at), default=None),
        currency=next(iter(currencies)) if len(currencies) == 1 else None,
        source=next(iter(sources)) if len(sources) == 1 else None,
        partial=any(each.reasons or each.status is BudgetStatus.UNKNOWN for each in ours),
        failures=tuple(dict.fromkeys(failure for each in ours for failure in each.failures)),
        more=more,
    )


def _complete_through(seen: BudgetStanding) -> date | None:
    until = seen.complete_until
    return until - timedelta(days=1) if until is not None and until > seen.period.start else None


def _forecast(found: PeriodForecast | None) -> Document | None:
    if found is None:
        return None
    return {
        "mean": found.mean,
        "lower": found.lower,
        "upper": found.upper,
        "known": found.known,
        "ahead": found.ahead,
        "ahead_from": found.ahead_from,
    }


def _plan(budget: Budget) -> Document:
    return {
        "amount": budget.amount,
        "start": budget.start,
        "end": budget.end,
        "fiscal_start": budget.fiscal_start,
        "planned": [{"start": each.start, "amount": each.amount} for each in budget.planned],
    }


def _aws(aws: AwsBudget | None, difference: Decimal | None) -> Document | None:
    if aws is None:
        return None
    return {
        "kind": aws.kind,
        "unit": aws.unit,
        "limit": aws.limit,
        "actual": aws.actual,
        "forecast": aws.forecast,
        "difference": difference,
        "comparable": aws.comparable,
        "unmapped": list(aws.unmapped),
        "updated": aws.updated,
    }


def _day(each: BurnDay) -> Document:
    return {
        "date": each.day,
        "actual": each.actual,
        "complete": each.complete,
        "expected": each.expected,
        "mean": each.mean,
        "lower": each.lower,
        "upper": each.upper,
    }


def _tried(each: TriedPeriod) -> Document:
    return {
        "start": each.period.start,
        "end": each.period.end,
        "budget": each.limit,
        "usual": each.usual,
        "expected": each.expected,
        "lower": each.lower,
        "upper": each.upper,
        "over": each.over,
    }


def _tenth(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent.quantize(_TENTH, ROUND_HALF_EVEN)
