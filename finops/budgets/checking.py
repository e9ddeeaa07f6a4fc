"""Whether a budget can be kept: each rule names the field that breaks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from finops.budgets.periods import period_around
from finops.budgets.scopes import disjoint
from finops.delivery.addresses import checked_recipients
from finops.model.costs import dimension
from finops.model.errors import InputError

if TYPE_CHECKING:
    from decimal import Decimal

    from finops.model.budgets import Budget, Scope, Threshold

MOST_NAME, MOST_GROUPS, MOST_VALUES, MOST_PLANNED, MOST_THRESHOLDS = 120, 20, 200, 60, 10
MOST_AMOUNT, MOST_PERCENT, MOST_DIGITS = 1_000_000_000_000, 1000, 6
MONTHS = 12
_CURRENCY = re.compile(r"[A-Z]{3}")


def checked(budget: Budget, domains: tuple[str, ...]) -> tuple[str, ...]:
    """The recipients as they are written to; InputError that names the first field which breaks its rule."""
    _name("name", budget.name)
    _amount("amount", budget.amount)
    if not _CURRENCY.fullmatch(budget.currency):
        raise InputError("currency", "currency must be three capital letters, as in USD")
    if not 1 <= budget.fiscal_start <= MONTHS:
        raise InputError("fiscal_start", "fiscal_start must be a month from 1 to 12")
    if budget.end is not None and budget.end <= budget.start:
        raise InputError("end", "end must be after start (end is exclusive)")
    _scope(budget.scope)
    _planned(budget)
    _thresholds(budget.thresholds)
    return checked_recipients(budget.recipients, domains) if budget.recipients else ()


def _name(field: str, text: str) -> None:
    if not text.strip() or len(text) > MOST_NAME or not text.isprintable():
        raise InputError(field, f"{field} must have 1 to {MOST_NAME} characters on one line")


def _amount(field: str, amount: Decimal) -> None:
    exponent = amount.as_tuple().exponent
    if not amount.is_finite() or not 0 < amount <= MOST_AMOUNT or not isinstance(exponent, int):
        raise InputError(field, f"{field} must be above zero and at most {MOST_AMOUNT:,}")
    if exponent < -MOST_DIGITS:
        raise InputError(field, f"{field} may have at most {MOST_DIGITS} decimals")


def _scope(scope: Scope) -> None:
    if scope.name:
        _name("scope_name", scope.name)
    if len(scope.groups) > MOST_GROUPS:
        raise InputError("scope", f"a scope has at most {MOST_GROUPS} groups")
    for group in scope.groups:
        if not group:
            raise InputError("scope", "a group without filters would be all cost: leave the scope empty for that")
        for condition in group:
            dimension(condition.dimension, field_name="scope")
            if not 0 < len(condition.values) <= MOST_VALUES:
                raise InputError("scope", f"{condition.dimension} needs 1 to {MOST_VALUES} values")
    disjoint(scope.groups)


def _planned(budget: Budget) -> None:
    if len(budget.planned) > MOST_PLANNED:
        raise InputError("planned", f"at most {MOST_PLANNED} amounts can be planned")
    starts = [each.start for each in budget.planned]
    if len(set(starts)) != len(starts):
        raise InputError("planned", "two planned amounts begin on the same day")
    for each in budget.planned:
        _amount("planned", each.amount)
        if period_around(budget.cadence, each.start, budget.fiscal_start).start != each.start:
            raise InputError("planned", f"no period of the budget begins on {each.start}")


def _thresholds(thresholds: tuple[Threshold, ...]) -> None:
    if not 0 < len(thresholds) <= MOST_THRESHOLDS or len(set(thresholds)) != len(thresholds):
        raise InputError("thresholds", f"a budget has 1 to {MOST_THRESHOLDS} thresholds, each once")
    for each in thresholds:
        if not each.percent.is_finite() or not 1 <= each.percent <= MOST_PERCENT or each.percent * 100 % 1:
            raise InputError("thresholds", f"a threshold is from 1 to {MOST_PERCENT} percent, with 2 decimals at most")
