"""AWS Budgets' answers: what the made-up accounts set themselves, and what AWS counted against it.

The management account's are for the organization and its parts, of every kind that there is. AWS counts up to
yesterday: it looks at the bill a few times a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Page, refuse_unknown, sliced
from finops.demo.usage import DAYS_A_MONTH, usage_series
from finops.demo.wire import Request, aws_error
from finops.model.budgets import Cadence
from finops.model.period import Period, add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.demo.cost_explorer import CostExplorer
    from finops.demo.estate import DemoAccount, Estate

WITHOUT_BUDGET = {"ml", "sandbox"}
"""Kinds of accounts in which nobody set a budget."""

_PAGE = Page(usual=100, most=1000, code="InvalidParameterException")
_ROOM, _STEP = 1.15, 100
_SINCE = datetime(2024, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2087, 6, 15, tzinfo=UTC)  # what AWS puts where a budget has no end
_UPDATED = timedelta(hours=5)
_UNITS = {Cadence.MONTHLY: "MONTHLY", Cadence.QUARTERLY: "QUARTERLY", Cadence.YEARLY: "ANNUALLY"}
_COMPUTE = "Amazon Elastic Compute Cloud - Compute"


@dataclass(frozen=True, slots=True)
class _Set:
    """A budget that somebody set: what it counts, in words of Cost Explorer, and the room over a month's usual use."""

    name: str
    room: float
    accounts: tuple[str, ...] = ()
    service: str = ""
    cadence: Cadence = Cadence.MONTHLY
    filters: dict[str, list[str]] | None = None
    newer: bool = False
    planned: bool = False


_ORGANIZATION = (
    _Set("organization-monthly", _ROOM),
    _Set("organization-yearly", 1.05, cadence=Cadence.YEARLY),
    _Set("production", 0.76, ("prod-core",), planned=True),
    _Set("data-and-ml", 0.88, ("prod-data", "ml-platform"), cadence=Cadence.QUARTERLY, newer=True),
    _Set("staging-compute", 0.27, ("staging",), _COMPUTE),
    _Set("large-instances", 0.4, service=_COMPUTE, filters={"InstanceType": ["c6i.4xlarge", "m6i.2xlarge"]}),
)


class Budgets:
    """Answers DescribeBudgets for one estate, from the bill that the explorer tells."""

    def __init__(self, estate: Estate, explorer: CostExplorer, now: Callable[[], datetime]) -> None:
        self._estate = estate
        self._explorer = explorer
        self._now = now

    def describe_budgets(self, request: Request) -> dict[str, Any]:
        """The budgets of the caller's own account; no list where there is none."""
        refuse_unknown(request, ("AccountId", "ShowFilterExpression", _PAGE.token, _PAGE.limit))
        if request.params["AccountId"] != request.account:
            raise aws_error("AccessDeniedException", "Account does not have access to the budgets of another one.")
        member = self._estate.member(request.account)
        if member is None or member.kind in WITHOUT_BUDGET:
            return {}
        shown, more = sliced(request, _PAGE, self._budgets(member, request))
        return {"Budgets": list(shown), **more}

    def _budgets(self, member: DemoAccount, request: Request) -> list[dict[str, Any]]:
        if member != self._estate.management:
            return [self._budget(_Set(f"{member.name}-monthly", _ROOM), (member,), request)]
        named = {each.name: each for each in self._estate.members}
        found = []
        for one in _ORGANIZATION:
            accounts = tuple(named[name] for name in one.accounts if name in named)
            if len(accounts) == len(one.accounts):
                found.append(self._budget(one, accounts, request))
        return [*found, self._hours()]

    def _budget(self, one: _Set, accounts: tuple[DemoAccount, ...], request: Request) -> dict[str, Any]:
        limit = self._limit(one, accounts) * one.cadence.months
        told = {
            "BudgetName": one.name,
            "BudgetLimit": _spend(Decimal(limit)),
            "BudgetType": "COST",
            "TimeUnit": _UNITS[one.cadence],
            "TimePeriod": {"Start": _SINCE, "End": _UNTIL},
            "CalculatedSpend": self._counted(one, accounts, request),
            "LastUpdatedTime": self._now() - _UPDATED,
        }
        if one.planned:
            first = month_start(self._now().date())
            months = [add_months(first, ahead) for ahead in range(12)]
            told["PlannedBudgetLimits"] = {
                f"{_midnight(month):.0f}": _spend(Decimal(limit + _STEP * place)) for place, month in enumerate(months)
            }
        own = accounts if one.accounts else ()  # the budget of a member account counts that account without a filter
        if one.newer:
            told["FilterExpression"] = {
                "Or": [
                    {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [each.account_id], "MatchOptions": ["EQUALS"]}}
                    for each in own
                ]
            }
            told["Metrics"] = ["UnblendedCost"]
            return told
        filters = {"LinkedAccount": [each.account_id for each in own]} if own else {}
        told["CostFilters"] = filters | ({"Service": [one.service]} if one.service else {}) | (one.filters or {})
        return told

    def _limit(self, one: _Set, accounts: tuple[DemoAccount, ...]) -> int:
        """A month's ordinary cost and the room over it, in round hundreds."""
        daily = sum(
            each.daily
            for each in usage_series(self._estate)
            if (not accounts or each.account in accounts) and one.service in ("", each.line.service)
        )
        return max(_STEP, round(daily * DAYS_A_MONTH * one.room / _STEP) * _STEP)

    def _counted(self, one: _Set, accounts: tuple[DemoAccount, ...], request: Request) -> dict[str, Any]:
        """What the period's days before today cost; as AWS does, none where nothing was charged yet."""
        today = self._now().date()
        into = (today.month - 1) % one.cadence.months
        period = Period(
            add_months(month_start(today), -into), add_months(month_start(today), one.cadence.months - into)
        )
        if today == period.start:
            return {"ActualSpend": _spend(Decimal(0))}
        actual = self._cost(one, accounts, Period(period.start, today), request)
        if one.filters:
            actual = actual * Decimal("0.31")
        expected = actual / (today - period.start).days * period.days
        return {"ActualSpend": _spend(actual), "ForecastedSpend": _spend(expected)}

    def _cost(self, one: _Set, accounts: tuple[DemoAccount, ...], period: Period, request: Request) -> Decimal:
        terms: list[dict[str, Any]] = []
        if accounts:
            terms.append({"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [each.account_id for each in accounts]}})
        if one.service:
            terms.append({"Dimensions": {"Key": "SERVICE", "Values": [one.service]}})
        wanted = {
            "TimePeriod": {"Start": str(period.start), "End": str(period.end)},
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
            **({"Filter": terms[0] if len(terms) == 1 else {"And": terms}} if terms else {}),
        }
        asked = Request("ce", "GetCostAndUsage", wanted, request.account, request.arn, request.region)
        answer = self._explorer.get_cost_and_usage(asked)
        return sum((Decimal(each["Total"]["UnblendedCost"]["Amount"]) for each in answer["ResultsByTime"]), Decimal(0))

    def _hours(self) -> dict[str, Any]:
        """A budget of hours, not of dollars."""
        return {
            "BudgetName": "compute-hours",
            "BudgetLimit": {"Amount": "60000.0", "Unit": "Hrs"},
            "BudgetType": "USAGE",
            "TimeUnit": "MONTHLY",
            "TimePeriod": {"Start": _SINCE, "End": _UNTIL},
            "CostFilters": {"UsageTypeGroup": ["EC2: Running Hours"]},
            "CalculatedSpend": {"ActualSpend": {"Amount": "31250.0", "Unit": "Hrs"}},
            "LastUpdatedTime": self._now() - _UPDATED,
        }


def _spend(amount: Decimal) -> dict[str, str]:
    return {"Amount": f"{amount:.2f}", "Unit": "USD"}


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
