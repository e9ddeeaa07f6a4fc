"""JSON Schemas of budgets, of what is sent to change them, and of what-ifs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.shapes import (
    COUNT,
    DAY,
    FLAG,
    INSTANT,
    MONEY,
    TEXT,
    answer,
    fields,
    items,
    maybe,
    one_of,
    reference,
)
from finops.model.budgets import Basis, BudgetSource, BudgetStatus, Cadence

if TYPE_CHECKING:
    from finops.api.envelope import Document

ID: Document = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_SENT_AMOUNT: Document = {"type": "string", "pattern": r"^\d{1,13}(\.\d{1,6})?$"}
_SENT_CHANGE: Document = {"type": "string", "pattern": r"^-?\d{1,13}(\.\d{1,6})?$"}
_FILTER = fields({"dimension": TEXT, "values": items(TEXT)}, {"exclude": FLAG})
_GROUPS: Document = {**items(items(_FILTER)), "description": "Or-ed groups of and-ed filters; cost in two counts once."}
_THRESHOLD = fields({"basis": one_of(Basis), "percent": MONEY})
_FORECAST = fields(
    {
        "mean": MONEY,
        "lower": MONEY,
        "upper": MONEY,
        "known": {**MONEY, "description": "Spent on complete days."},
        "ahead": {**MONEY, "description": "Forecast of the others."},
        "ahead_from": DAY,
    }
)
_AWS = fields(
    {
        "kind": TEXT,
        "unit": TEXT,
        "limit": maybe(MONEY),
        "actual": maybe(MONEY),
        "forecast": maybe(MONEY),
        "difference": {**maybe(MONEY), "description": "Ours less AWS's actual figure; null: not comparable."},
        "comparable": FLAG,
        "unmapped": items(TEXT),
        "updated": maybe(INSTANT),
    }
)
_PLAN = fields(
    {
        "amount": MONEY,
        "start": DAY,
        "end": maybe(DAY),
        "fiscal_start": {"type": "integer", "minimum": 1, "maximum": 12},
        "planned": items(fields({"start": DAY, "amount": MONEY})),
    }
)
_BUDGET = fields(
    {
        "budget_id": ID,
        "name": TEXT,
        "source": {**one_of(BudgetSource), "description": "`aws`: imported, and cannot be edited here."},
        "status": {**one_of(BudgetStatus), "description": "`unknown` is never good news: `reasons` say why."},
        "period": one_of(Cadence),
        "start": {**DAY, "description": "First day of the running period that counts."},
        "end": {**DAY, "description": "Past its last day."},
        "amount": {**MONEY, "description": "The budget of the running period."},
        "currency": TEXT,
        "spent": {**maybe(MONEY), "description": "Everything stored so far, days that still arrive included."},
        "percent": maybe(MONEY),
        "complete_through": {**maybe(DAY), "description": "The last day whose costs are complete."},
        "days_left": COUNT,
        "pace": {**maybe(MONEY), "description": "What would be spent by then if it were to end at the budget."},
        "pace_basis": one_of(("forecast", "weekdays", "straight")),
        "forecast": {**maybe(_FORECAST), "description": "The period's end, with an 80 % interval."},
        "forecast_percent": maybe(MONEY),
        "scope": fields({"name": TEXT, "groups": _GROUPS}),
        "metric": maybe(TEXT),
        "thresholds": items(_THRESHOLD),
        "recipients": items(TEXT),
        "owner": TEXT,
        "plan": _PLAN,
        "aws": maybe(_AWS),
        "reasons": items(TEXT),
        "notes": items(TEXT),
    }
)
_DAY = fields(
    {
        "date": DAY,
        "actual": {**maybe(MONEY), "description": "Cumulative; null: not known yet."},
        "complete": FLAG,
        "expected": {**MONEY, "description": "The line that ends at the budget."},
        "mean": maybe(MONEY),
        "lower": maybe(MONEY),
        "upper": maybe(MONEY),
    }
)
_CROSSING = fields(
    {
        "budget_id": ID,
        "start": DAY,
        "end": DAY,
        "basis": one_of(Basis),
        "percent": MONEY,
        "crossed": INSTANT,
        "figure": MONEY,
        "amount": MONEY,
        "currency": TEXT,
        "fell": {**maybe(INSTANT), "description": "When a correction brought it below again."},
        "told": {**maybe(INSTANT), "description": "When its mail was queued, or nobody was to get one."},
    }
)
_FAILURE = reference("Failure")
_IMPORT = fields({"asked": INSTANT, "account": TEXT, "told": maybe(INSTANT), "failure": maybe(_FAILURE)})
_TRIED = fields(
    {
        "start": DAY,
        "end": DAY,
        "budget": MONEY,
        "usual": {**MONEY, "description": "Without growth."},
        "expected": MONEY,
        "lower": MONEY,
        "upper": MONEY,
        "over": {**MONEY, "description": "Beyond the budget; below zero: under it."},
    }
)
_SENT: dict[str, Document] = {
    "budget_id": {**ID, "description": "Replaces this budget; without it a new one is made."},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "groups": _GROUPS,
    "scope_name": {**TEXT, "description": "What people call the groups together."},
    "metric": TEXT,
    "start": {**DAY, "description": "Costs before it do not count; default the running period's first day."},
    "end": DAY,
    "fiscal_start": {"type": "integer", "minimum": 1, "maximum": 12},
    "planned": {**items(_SENT_AMOUNT), "description": "Amounts of the periods from `start` on, in order."},
    "thresholds": items(fields({"basis": one_of(Basis), "percent": _SENT_AMOUNT})),
    "recipients": items(TEXT),
}
BUDGET_SCHEMAS: dict[str, Document] = {
    "Budgets": answer(fields({"items": items(_BUDGET)}), {"total": COUNT, "aws_import": maybe(_IMPORT)}),
    "Budget": answer(fields({"budget": _BUDGET, "burn_down": items(_DAY), "crossings": items(_CROSSING)})),
    "BudgetWish": {
        **fields({"name": TEXT, "period": one_of(Cadence), "amount": _SENT_AMOUNT}, _SENT),
        "additionalProperties": False,
    },
    "BudgetRemoval": {**fields({"budget_id": ID}), "additionalProperties": False},
    "BudgetRemoved": answer(fields({"budget_id": ID, "name": TEXT})),
    "BudgetGrowth": {
        **fields({"budget_id": ID}, {"growth_percent": _SENT_CHANGE, "amount": _SENT_CHANGE, "on": DAY}),
        "additionalProperties": False,
    },
    "BudgetWhatIf": answer(
        fields(
            {
                "budget_id": ID,
                "growth_percent": MONEY,
                "amount": MONEY,
                "on": maybe(DAY),
                "periods": items(_TRIED),
                "breaks": maybe(_TRIED),
                "reasons": items(TEXT),
            }
        )
    ),
}
