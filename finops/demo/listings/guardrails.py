"""Budgets and anomaly monitors: which accounts watch what they spend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced
from finops.demo.usage import DAYS_A_MONTH, usage_series
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from finops.demo.estate import DemoAccount, Estate
    from finops.demo.wire import Request

WITHOUT_BUDGET = {"ml", "sandbox"}
"""Kinds of accounts in which nobody set a budget."""
WITH_MONITOR = {"prod", "data"}
"""Kinds of accounts that watch for anomalies; for the organization as a whole nobody does."""

_BUDGET_PAGE = Page(usual=100, most=1000, code="InvalidParameterException")
_MONITOR_PAGE = Page("NextPageToken", "NextPageToken", "MaxResults", usual=100, code="ValidationException")
_ROOM, _STEP = 1.15, 100
_SINCE = datetime(2024, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2087, 6, 15, tzinfo=UTC)  # what AWS puts where a budget has no end


@dataclass(frozen=True, slots=True)
class Guardrails:
    """Answers about one estate."""

    estate: Estate

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of Budgets and of Cost Anomaly Detection."""
        return {
            ("budgets", "DescribeBudgets"): self.budgets,
            ("ce", "GetAnomalyMonitors"): self.monitors,
        }

    def budgets(self, request: Request) -> dict[str, Any]:
        """The budgets of the caller's own account; no list where there is none."""
        refuse_unknown(request, ("AccountId", _BUDGET_PAGE.token, _BUDGET_PAGE.limit))
        if request.params["AccountId"] != request.account:
            raise aws_error("AccessDeniedException", "Account does not have access to the budgets of another one.")
        member = self.estate.member(request.account)
        if member is None or member.kind in WITHOUT_BUDGET:
            return {}
        shown, more = sliced(request, _BUDGET_PAGE, [self._budget(member)])
        return {"Budgets": list(shown), **more}

    def monitors(self, request: Request) -> dict[str, Any]:
        """The anomaly monitors of the caller's own account."""
        refuse_unknown(request, (_MONITOR_PAGE.token, _MONITOR_PAGE.limit))
        member = self.estate.member(request.account)
        found = [_monitor(member)] if member is not None and member.kind in WITH_MONITOR else []
        shown, more = sliced(request, _MONITOR_PAGE, found)
        return {"AnomalyMonitors": list(shown), **more}

    def _budget(self, member: DemoAccount) -> dict[str, Any]:
        """A budget of a month's ordinary cost and some room; the management account's is for the organization."""
        whole = member == self.estate.management
        daily = sum(one.daily for one in usage_series(self.estate) if whole or one.account == member)
        limit = max(_STEP, round(daily * DAYS_A_MONTH * _ROOM / _STEP) * _STEP)
        return {
            "BudgetName": "organization-monthly" if whole else f"{member.name}-monthly",
            "BudgetLimit": {"Amount": f"{limit}.0", "Unit": "USD"},
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "TimePeriod": {"Start": _SINCE, "End": _UNTIL},
            "CostFilters": {},
            "LastUpdatedTime": _SINCE,
        }


def _monitor(member: DemoAccount) -> dict[str, Any]:
    return {
        "MonitorArn": f"arn:aws:ce::{member.account_id}:anomalymonitor/{int(member.account_id):032x}",
        "MonitorName": f"{member.name}-services",
        "MonitorType": "DIMENSIONAL",
        "MonitorDimension": "SERVICE",
        "CreationDate": f"{_SINCE:%Y-%m-%d}",
        "LastUpdatedDate": f"{_SINCE:%Y-%m-%d}",
        "DimensionalValueCount": 20,
    }
