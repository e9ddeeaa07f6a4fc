"""Anomaly monitors: which accounts watch what they spend. Their budgets are in `finops.demo.budgets`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced

if TYPE_CHECKING:
    from finops.demo.estate import DemoAccount, Estate
    from finops.demo.wire import Request

WITH_MONITOR = {"management", "prod", "data"}
"""Kinds of accounts that watch for anomalies: the one that pays for the organization, and the large ones."""

_MONITOR_PAGE = Page("NextPageToken", "NextPageToken", "MaxResults", usual=100, code="ValidationException")
_SINCE = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Guardrails:
    """Answers about one estate."""

    estate: Estate

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of Cost Anomaly Detection."""
        return {
            ("ce", "GetAnomalyMonitors"): self.monitors,
        }

    def monitors(self, request: Request) -> dict[str, Any]:
        """The anomaly monitors of the caller's own account."""
        refuse_unknown(request, (_MONITOR_PAGE.token, _MONITOR_PAGE.limit))
        member = self.estate.member(request.account)
        found = [_monitor(member)] if member is not None and member.kind in WITH_MONITOR else []
        shown, more = sliced(request, _MONITOR_PAGE, found)
        return {"AnomalyMonitors": list(shown), **more}


def monitor_arn(member: DemoAccount) -> str:
    """The monitor of an account that has one."""
    return f"arn:aws:ce::{member.account_id}:anomalymonitor/{int(member.account_id):032x}"


def _monitor(member: DemoAccount) -> dict[str, Any]:
    return {
        "MonitorArn": monitor_arn(member),
        "MonitorName": f"{member.name}-services",
        "MonitorType": "DIMENSIONAL",
        "MonitorDimension": "SERVICE",
        "CreationDate": f"{_SINCE:%Y-%m-%d}",
        "LastUpdatedDate": f"{_SINCE:%Y-%m-%d}",
        "DimensionalValueCount": 20,
    }
