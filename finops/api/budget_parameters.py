"""What is sent of budgets, as parsers for API and command line alike; what does not fit is refused by its field."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.api.endpoints import Parameter
from finops.api.parameters import choice, day
from finops.budgets.checking import MONTHS
from finops.budgets.periods import period_around
from finops.model.budgets import USUAL_THRESHOLDS, Basis, Budget, Cadence, Growth, Planned, Scope, Threshold
from finops.model.costs import Filter, dimension, metric
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

BUDGET_ID = Parameter("id", "The `budget_id` of a list of budgets.", {"type": "string", "pattern": "^[0-9a-f]{32}$"})
WISHED = (
    *("budget_id", "name", "period", "amount", "currency", "groups", "scope_name", "metric", "start", "end"),
    *("fiscal_start", "planned", "thresholds", "recipients"),
)
"""The members of a budget that is sent."""
TRIED = ("budget_id", "growth_percent", "amount", "on")
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,6})?", re.ASCII)


def wished_budget(sent: Mapping[str, object], tenant: str, *, today: date, alert_percent: Decimal) -> Budget:
    """The budget that a body describes; `alert_percent` is the first threshold of one that names none."""
    _refuse_unknown(sent, WISHED)
    cadence = Cadence(_needed(choice(_text(sent, "period") or None, "period", tuple(Cadence)), "period"))
    fiscal = sent.get("fiscal_start", 1)
    if type(fiscal) is not int or not 1 <= fiscal <= MONTHS:
        raise InputError("fiscal_start", "fiscal_start must be a month from 1 to 12")
    start, end, named = (_text(sent, name) for name in ("start", "end", "metric"))
    begins = day(start, "start") if start else period_around(cadence, today, fiscal).start
    budget = Budget(
        budget_id=budget_id(sent) if sent.get("budget_id") is not None else "",
        tenant=tenant,
        name=_needed(_text(sent, "name"), "name"),
        cadence=cadence,
        amount=_amount(sent, "amount"),
        start=begins,
        currency=_text(sent, "currency") or "USD",
        scope=Scope(_groups(sent.get("groups")), _text(sent, "scope_name")),
        metric=metric(named) if named else None,
        end=day(end, "end") if end else None,
        fiscal_start=fiscal,
        thresholds=_thresholds(sent.get("thresholds"), alert_percent),
        recipients=_texts(sent.get("recipients"), "recipients"),
    )
    return _with_plan(budget, sent.get("planned"))


def growth_of(sent: Mapping[str, object]) -> Growth:
    """What a what-if tries."""
    _refuse_unknown(sent, TRIED)
    on = _text(sent, "on")
    return Growth(
        _amount(sent, "growth_percent", usual=Decimal(0)),
        _amount(sent, "amount", usual=Decimal(0)),
        day(on, "on") if on else None,
    )


def budget_id(sent: Mapping[str, object]) -> str:
    """The id that a body names."""
    found = _text(sent, "budget_id")
    if not is_budget_id(found):
        raise InputError("budget_id", "budget_id must be the 32 characters that a list of budgets gives")
    return found


def removal(sent: Mapping[str, object]) -> str:
    """The id of the budget to remove; anything beside it is refused."""
    _refuse_unknown(sent, ("budget_id",))
    return budget_id(sent)


def is_budget_id(text: str) -> bool:
    """Whether a text can be the id of a budget."""
    return _ID.fullmatch(text) is not None


def _with_plan(budget: Budget, sent: object) -> Budget:
    amounts = [_decimal(text, "planned") for text in _texts(sent, "planned")]
    planned, period = [], period_around(budget.cadence, budget.start, budget.fiscal_start)
    for amount in amounts:
        planned.append(Planned(period.start, amount))
        period = period_around(budget.cadence, period.end, budget.fiscal_start)
    return replace(budget, planned=tuple(planned))


def _groups(sent: object) -> tuple[tuple[Filter, ...], ...]:
    if sent is None:
        return ()
    if not isinstance(sent, list) or not all(isinstance(group, list) for group in sent):
        raise InputError("groups", "groups must be a list of lists of filters")
    return tuple(tuple(_filter(each) for each in group) for group in sent)


def _filter(sent: object) -> Filter:
    if not isinstance(sent, dict) or not {"dimension", "values"} <= sent.keys() <= {"dimension", "values", "exclude"}:
        raise InputError("groups", "a filter has dimension and values, and may have exclude")
    exclude = sent.get("exclude", False)
    if not isinstance(exclude, bool):
        raise InputError("groups", "exclude must be true or false")
    name = dimension(_text(sent, "dimension"), field_name="groups")
    return Filter(name, tuple(dict.fromkeys(_texts(sent["values"], "groups"))), exclude=exclude)


def _thresholds(sent: object, alert_percent: Decimal) -> tuple[Threshold, ...]:
    if sent is None:
        first = Threshold(Basis.ACTUAL, alert_percent)
        return tuple(dict.fromkeys((first, *USUAL_THRESHOLDS[1:])))
    if not isinstance(sent, list):
        raise InputError("thresholds", "thresholds must be a list")
    found = []
    for each in sent:
        if not isinstance(each, dict) or each.keys() != {"basis", "percent"}:
            raise InputError("thresholds", "a threshold has basis and percent")
        basis = choice(_text(each, "basis") or None, "thresholds", tuple(Basis))
        found.append(Threshold(Basis(_needed(basis, "thresholds")), _decimal(_text(each, "percent"), "thresholds")))
    return tuple(found)


def _refuse_unknown(sent: Mapping[str, object], known: tuple[str, ...]) -> None:
    unknown = sorted(name for name in sent if name not in known)
    if unknown:
        raise InputError(unknown[0], f"unknown member: {', '.join(unknown)[:200]} (known: {', '.join(known)})")


def _amount(sent: Mapping[str, object], name: str, *, usual: Decimal | None = None) -> Decimal:
    text = _text(sent, name)
    if not text and usual is not None:
        return usual
    return _decimal(_needed(text, name), name)


def _decimal(text: str, field: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise InputError(field, f"{field} must be a decimal number as text, such as 12500.00")
    return Decimal(text)


def _needed(text: str | None, field: str) -> str:
    if not text:
        raise InputError(field, f"{field} is needed")
    return text


def _text(sent: Mapping[str, object], name: str) -> str:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(name, f"{name} must be a text")
    return str(value or "").strip()


def _texts(value: object, field: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise InputError(field, f"{field} must be a list of texts")
    return tuple(value)
