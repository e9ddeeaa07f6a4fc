"""Cost Optimization Hub: the management account sees the whole organization's recommendations, others their own.

It names resources of the made-up estate. Some of them our own checks find too; on processors, and on half of what is
idle, it differs, as it does in life.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from finops.demo.advisors import Advice, advice, monthly_costs
from finops.demo.contracts import plan_of
from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced
from finops.demo.noise import key
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from finops.demo.estate import Estate
    from finops.demo.population.everything import Census
    from finops.demo.wire import Request

_STATUS_PAGE = Page("nextToken", "nextToken", "maxResults", usual=100, most=100)
_PAGE = Page("nextToken", "nextToken", "maxResults", usual=100, most=1000)
_FIELDS = {
    "accountIds": "accountId",
    "regions": "region",
    "resourceTypes": "currentResourceType",
    "actionTypes": "actionType",
    "resourceIds": "resourceId",
    "resourceArns": "resourceArn",
    "recommendationIds": "recommendationId",
    "implementationEfforts": "implementationEffort",
}
_FLAGS = ("restartNeeded", "rollbackPossible")
_SINCE = datetime(2024, 3, 4, 9, tzinfo=UTC)
_LOOKBACK_DAYS = 14
_LEAST_DOLLARS = 0.01
_MORE_PLAN = 0.1


@dataclass(frozen=True, slots=True)
class Hub:
    """Answers about an estate on the day of its census."""

    estate: Estate
    census: Census

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of Cost Optimization Hub."""
        return {
            ("cost-optimization-hub", "ListEnrollmentStatuses"): self.enrollments,
            ("cost-optimization-hub", "ListRecommendations"): self.recommendations,
        }

    def enrollments(self, request: Request) -> dict[str, Any]:
        """Every account takes part; the management account may ask about the others."""
        refuse_unknown(request, ("includeOrganizationInfo", "accountId", _STATUS_PAGE.token, _STATUS_PAGE.limit))
        hub = request.account == self.estate.management.account_id
        asked = request.params.get("accountId", request.account)
        if asked != request.account and not (hub and self.estate.member(asked)):
            raise aws_error("AccessDeniedException", "Only the management account may ask about another one.")
        every = hub and request.params.get("includeOrganizationInfo") and "accountId" not in request.params
        ids = [member.account_id for member in self.estate.members] if every else [asked]
        items = [{"accountId": one, "status": "Active", "createdTimestamp": _SINCE} for one in ids]
        shown, more = sliced(request, _STATUS_PAGE, [{**one, "lastUpdatedTimestamp": _SINCE} for one in items])
        return {"items": list(shown), **({"includeMemberAccounts": True} if hub else {}), **more}

    def recommendations(self, request: Request) -> dict[str, Any]:
        """Recommendations by what they save, the most first; filters and order as the caller asks."""
        refuse_unknown(request, ("filter", "orderBy", "includeAllRecommendations", _PAGE.token, _PAGE.limit))
        wanted, order = request.params.get("filter") or {}, request.params.get("orderBy") or {}
        for name in sorted(wanted.keys() - {*_FIELDS, *_FLAGS}):
            raise aws_error("NotInDemo", f"The demo does not follow the filter {name}; nothing was sent.")
        if order.get("dimension", "EstimatedMonthlySavings") != "EstimatedMonthlySavings":
            raise aws_error("NotInDemo", "The demo orders by EstimatedMonthlySavings only; nothing was sent.")
        hub = request.account == self.estate.management.account_id
        found = [one for one in self._items(hub=hub) if hub or one["accountId"] == request.account]
        found = [
            one
            for one in found
            if all(one.get(_FIELDS[name]) in values for name, values in wanted.items() if name in _FIELDS)
            and all(one[name] == wanted[name] for name in _FLAGS if name in wanted)
        ]
        sign = 1 if order.get("order") == "Asc" else -1
        found.sort(key=lambda one: (sign * one["estimatedMonthlySavings"], one["recommendationId"]))
        shown, more = sliced(request, _PAGE, found)
        return {"items": list(shown), **more}

    def _items(self, *, hub: bool) -> list[dict[str, Any]]:
        population = self.census.today()
        costs = monthly_costs(self.estate, population)
        day = population.today
        refreshed = datetime(day.year, day.month, day.day, 2, 14, tzinfo=UTC)
        found = [_item(one, costs.get(one.resource.arn, 0.0), refreshed) for one in advice(population)]
        plan = plan_of(self.estate, day) if hub else None
        if plan is not None:
            found.append(_more_plan(plan.account, plan.hourly * _MORE_PLAN, refreshed))
        return [one for one in found if one["estimatedMonthlySavings"] >= _LEAST_DOLLARS]


def _item(one: Advice, cost: float, refreshed: datetime) -> dict[str, Any]:
    resource = one.resource
    tags = [{"key": name, "value": value} for name, value in resource.tags.items()]
    return {
        "recommendationId": _identifier(resource.arn, one.action),
        "accountId": resource.account,
        "region": resource.region,
        "resourceId": resource.id,
        "resourceArn": resource.arn,
        "currentResourceType": one.resource_type,
        "recommendedResourceType": one.resource_type,
        "estimatedMonthlySavings": round(cost * one.share, 2),
        "estimatedSavingsPercentage": round(100 * one.share, 2),
        "estimatedMonthlyCost": round(cost, 2),
        "currencyCode": "USD",
        "implementationEffort": one.effort,
        "restartNeeded": one.restart,
        "actionType": one.action,
        "rollbackPossible": one.rollback,
        "currentResourceSummary": one.now,
        "recommendedResourceSummary": one.then,
        "lastRefreshTimestamp": refreshed,
        "recommendationLookbackPeriodInDays": _LOOKBACK_DAYS,
        "source": "ComputeOptimizer",
    } | ({"tags": tags} if tags else {})


def _more_plan(account: str, hourly: float, refreshed: datetime) -> dict[str, Any]:
    """Advice to commit to more compute: for no resource, and from Cost Explorer."""
    saved = round(hourly * 730 * 0.28 / 0.72, 2)
    return {
        "recommendationId": _identifier(account, "PurchaseSavingsPlans"),
        "accountId": account,
        "region": "us-east-1",
        "resourceId": "",
        "resourceArn": "",
        "currentResourceType": "ComputeSavingsPlans",
        "recommendedResourceType": "ComputeSavingsPlans",
        "estimatedMonthlySavings": saved,
        "estimatedSavingsPercentage": 28.0,
        "estimatedMonthlyCost": round(hourly * 730 / 0.72, 2),
        "currencyCode": "USD",
        "implementationEffort": "VeryLow",
        "restartNeeded": False,
        "actionType": "PurchaseSavingsPlans",
        "rollbackPossible": False,
        "currentResourceSummary": "",
        "recommendedResourceSummary": f"${hourly:.3f}/hour 1 year commitment",
        "lastRefreshTimestamp": refreshed,
        "recommendationLookbackPeriodInDays": 30,
        "source": "CostExplorer",
    }


def _identifier(*words: str) -> str:
    code = f"{key('recommendation', *words):016x}{key('recommendation', *words, 'more'):016x}"
    return f"{code[:8]}-{code[8:12]}-4{code[13:16]}-8{code[17:20]}-{code[20:]}"
