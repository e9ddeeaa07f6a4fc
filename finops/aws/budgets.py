"""AWS Budgets, read only: the limits of an account with what AWS counted against them, as budgets of ours.

Asking is free. What a budget counts that the stored costs cannot tell is named: then only AWS's own figures are shown.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.aws.budget_filters import Unmapped, scope_of
from finops.aws.calls import Ask, Calls
from finops.aws.failures import Place
from finops.aws.fields import moment
from finops.aws.permissions import Operation, declare
from finops.model.budgets import AwsBudget, Budget, BudgetSource, Cadence, Planned
from finops.model.costs import CE_METRICS, Metric
from finops.model.errors import AwsError
from finops.model.money import parse_amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.metering import Caller

REGION = "us-east-1"
"""AWS Budgets has one place for the whole partition."""
FEATURE = "budgets"
DESCRIBE_BUDGETS = declare(
    Operation(
        service="budgets",
        name="DescribeBudgets",
        action="budgets:ViewBudget",
        feature=FEATURE,
        lost="AWS's budgets beside your own, and whether there is one at all",
    )
)
_CADENCES = {"MONTHLY": Cadence.MONTHLY, "QUARTERLY": Cadence.QUARTERLY, "ANNUALLY": Cadence.YEARLY}
_ENDLESS = 2080
"""AWS puts the year 2087 where a budget has no end."""


def described(calls: Calls, caller: Caller, account: str, tenant: str) -> tuple[Budget, ...]:
    """Every budget of an account, as a tenant's; AwsError as usual."""
    params = {"AccountId": account, "MaxResults": 100, "ShowFilterExpression": True}
    found: list[Budget] = []
    for page in calls.pages(Ask(DESCRIBE_BUDGETS, params, (), region=REGION), caller):
        # The list is optional by the API's model. Where it is left out, AWS's request id tells an answer from a
        # broken one.
        if "Budgets" not in page and not page.get("ResponseMetadata", {}).get("RequestId"):
            place = Place(DESCRIBE_BUDGETS, account, REGION)
            raise place.error(AwsError.MALFORMED, "Malformed", "It lacks Budgets.")
        found.extend(budget_of(each, account, tenant) for each in page.get("Budgets") or ())
    return tuple(found)


def budget_of(told: Mapping[str, Any], account: str, tenant: str) -> Budget:
    """One of AWS's budgets as ours; what cannot be taken over is named in `aws.unmapped`."""
    name, unmapped = str(told["BudgetName"]), Unmapped()
    aws = _figures(told)
    cadence = _CADENCES.get(aws.time_unit)
    if aws.kind != "COST":
        unmapped.say(f"It is a budget of {aws.kind.replace('_', ' ').lower()}, not of cost.")
    if cadence is None:
        unmapped.say(f"Its periods are {aws.time_unit.lower()}: here they are months, quarters or years.")
    if aws.limit is None or aws.limit <= 0:
        unmapped.say("It has no limit above zero.")
    scope = scope_of(told, unmapped)
    metric = _metric(told, unmapped)
    start, end = _bounds(told.get("TimePeriod") or {})
    _of_another_view(told, unmapped)
    return Budget(
        budget_id=hashlib.blake2b(f"{account}\0{name}".encode(), digest_size=16).hexdigest(),
        tenant=tenant,
        name=name,
        cadence=cadence or Cadence.MONTHLY,
        amount=aws.limit or Decimal(0),
        start=start,
        currency=aws.unit if aws.kind == "COST" else "",
        scope=scope,
        metric=metric,
        end=end,
        planned=_planned(told.get("PlannedBudgetLimits") or {}),
        owner=f"aws:{account}",
        source=BudgetSource.AWS,
        aws=replace(aws, unmapped=unmapped.sentences),
    )


def _figures(told: Mapping[str, Any]) -> AwsBudget:
    limit, spent = told.get("BudgetLimit") or {}, told.get("CalculatedSpend") or {}
    return AwsBudget(
        kind=str(told.get("BudgetType") or ""),
        time_unit=str(told.get("TimeUnit") or ""),
        unit=str(limit.get("Unit") or "USD"),
        limit=_amount(limit),
        actual=_amount(spent.get("ActualSpend")),
        forecast=_amount(spent.get("ForecastedSpend")),
        updated=moment(told.get("LastUpdatedTime")),
    )


def _amount(spend: Mapping[str, Any] | None) -> Decimal | None:
    try:
        return parse_amount(str(spend["Amount"])) if spend and "Amount" in spend else None
    except ValueError:
        return None


def _metric(told: Mapping[str, Any], unmapped: Unmapped) -> Metric | None:
    named = [str(each) for each in told.get("Metrics") or ()]
    if named:
        column = CE_METRICS.get(named[0], "")
        if len(named) == 1 and column in tuple(Metric):
            return Metric(column)
        unmapped.say(f"It counts {', '.join(named)}, which is no cost metric.")
        return None
    types = told.get("CostTypes") or {}
    if types.get("UseAmortized"):
        return Metric.AMORTIZED
    return Metric.BLENDED if types.get("UseBlended") else Metric.UNBLENDED


def _bounds(period: Mapping[str, Any]) -> tuple[date, date | None]:
    start, end = moment(period.get("Start")), moment(period.get("End"))
    first = start.date() if start else date(2000, 1, 1)
    last = end.date() if end and end.year < _ENDLESS else None
    return first, last if last is not None and last > first else None


def _planned(told: Mapping[str, Any]) -> tuple[Planned, ...]:
    found = []
    for seconds, spend in told.items():
        amount = _amount(spend)
        if seconds.isascii() and seconds.isdigit() and len(seconds) <= len("9999999999") and amount is not None:
            found.append(Planned(datetime.fromtimestamp(int(seconds), UTC).date(), amount))
    return tuple(sorted(found, key=lambda each: each.start))


def _of_another_view(told: Mapping[str, Any], unmapped: Unmapped) -> None:
    view = str(told.get("BillingViewArn") or "")
    if view and not view.endswith("/primary"):
        unmapped.say("It counts a billing view of its own.")
