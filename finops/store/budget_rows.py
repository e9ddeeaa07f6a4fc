"""Budgets and crossings as rows: everything of a budget as one JSON document, money as exact text."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.model.budgets import (
    AwsBudget,
    Basis,
    Budget,
    BudgetSource,
    Cadence,
    Crossing,
    Planned,
    Scope,
    Threshold,
)
from finops.model.costs import Filter, Metric
from finops.model.period import Period
from finops.store.exact_text import fitted, storable
from finops.store.sql_types import NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

_NAME_LENGTH = 160


def budget_row(budget: Budget, changed: datetime) -> dict[str, Any]:
    """The row of a budget."""
    return {
        "tenant": budget.tenant,
        "budget_id": budget.budget_id,
        "source": budget.source.value,
        "name": fitted(budget.name, _NAME_LENGTH),
        "owner": fitted(budget.owner, NAME_LENGTH),
        "changed": changed,
        "document": storable(json.dumps(_document(budget), ensure_ascii=False, sort_keys=True)),
    }


def budget_of(row: Row[Any]) -> Budget:
    """The budget of a row."""
    held: Mapping[str, Any] = json.loads(row.document)
    return Budget(
        budget_id=row.budget_id,
        tenant=row.tenant,
        name=held["name"],
        cadence=Cadence(held["period"]),
        amount=Decimal(held["amount"]),
        start=date.fromisoformat(held["start"]),
        currency=held["currency"],
        scope=Scope(tuple(map(_filters, held["groups"])), held["scope_name"]),
        metric=Metric(held["metric"]) if held["metric"] else None,
        end=date.fromisoformat(held["end"]) if held["end"] else None,
        fiscal_start=held["fiscal_start"],
        planned=tuple(Planned(date.fromisoformat(day), Decimal(amount)) for day, amount in held["planned"]),
        thresholds=tuple(Threshold(Basis(basis), Decimal(percent)) for basis, percent in held["thresholds"]),
        recipients=tuple(held["recipients"]),
        owner=row.owner,
        source=BudgetSource(row.source),
        aws=_aws_of(held["aws"]) if held["aws"] else None,
        changed=row.changed,
    )


def crossing_of(row: Row[Any]) -> Crossing:
    """The crossing of a row that counts."""
    return Crossing(
        budget_id=row.budget_id,
        period=Period(row.period_start, row.period_end),
        threshold=Threshold(Basis(row.basis), row.percent),
        crossed=row.crossed,
        figure=Decimal(row.figure),
        limit=Decimal(row.budget_limit),
        currency=row.currency,
        fell=row.fell,
        told=row.told,
    )


def _document(budget: Budget) -> dict[str, object]:
    return {
        "name": budget.name,
        "period": str(budget.cadence),
        "amount": str(budget.amount),
        "start": budget.start.isoformat(),
        "currency": budget.currency,
        "groups": [
            [[each.dimension, list(each.values), each.exclude] for each in group] for group in budget.scope.groups
        ],
        "scope_name": budget.scope.name,
        "metric": str(budget.metric) if budget.metric else "",
        "end": budget.end.isoformat() if budget.end else "",
        "fiscal_start": budget.fiscal_start,
        "planned": [[each.start.isoformat(), str(each.amount)] for each in budget.planned],
        "thresholds": [[str(each.basis), str(each.percent)] for each in budget.thresholds],
        "recipients": list(budget.recipients),
        "aws": _aws_document(budget.aws) if budget.aws else None,
    }


def _filters(group: list[tuple[str, list[str], bool]]) -> tuple[Filter, ...]:
    return tuple(Filter(name, tuple(values), exclude=excluded) for name, values, excluded in group)


def _aws_document(aws: AwsBudget) -> dict[str, object]:
    return {
        "kind": aws.kind,
        "time_unit": aws.time_unit,
        "unit": aws.unit,
        "limit": _text(aws.limit),
        "actual": _text(aws.actual),
        "forecast": _text(aws.forecast),
        "updated": aws.updated.isoformat() if aws.updated else "",
        "unmapped": list(aws.unmapped),
    }


def _aws_of(held: Mapping[str, Any]) -> AwsBudget:
    return AwsBudget(
        kind=held["kind"],
        time_unit=held["time_unit"],
        unit=held["unit"],
        limit=_amount(held["limit"]),
        actual=_amount(held["actual"]),
        forecast=_amount(held["forecast"]),
        updated=datetime.fromisoformat(held["updated"]) if held["updated"] else None,
        unmapped=tuple(held["unmapped"]),
    )


def _text(amount: Decimal | None) -> str:
    return "" if amount is None else str(amount)


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None
