"""AWS Cost Anomaly Detection's answers: what the organization's one monitor would have found in the made-up bill.

It tells the planted spikes of the last ninety days, one of them a day late and another not at all, and each month
something at which nobody else would start: detectors do not agree.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.listings.guardrails import monitor_arn
from finops.demo.wire import Request, invalid, page_offset, page_token
from finops.model.period import Period

if TYPE_CHECKING:
    from finops.demo.cost_explorer import Bill
    from finops.demo.estate import Estate
    from finops.demo.planted import Spike

PAGE = 100
KMS = "AWS Key Management Service"
KNOWN_DAYS = 90
ALONE_DAY = 19  # of each month
_LATE, _MISSED = 3, 5  # of so many spikes one comes late, one is not seen
_COMPLETE_DAYS = 2


class CostAnomalies:
    """Answers for one estate's management account."""

    def __init__(self, estate: Estate, bill: Bill) -> None:
        self._estate = estate
        self._bill = bill

    def get_anomalies(self, request: Request) -> dict[str, Any]:
        """What ended in the days asked for, newest first, page by page."""
        days = request.params["DateInterval"]
        start, end = date.fromisoformat(days["StartDate"][:10]), days.get("EndDate")
        today = self._bill.today().today
        last = date.fromisoformat(end[:10]) if end else today
        if start > last:
            raise invalid("Start date is after end date")
        first = max(start, today - timedelta(days=KNOWN_DAYS))
        watched = request.account == self._estate.management.account_id and first <= last
        found = self._found(Period(first, last + timedelta(days=1))) if watched else []
        offset = page_offset(request, request.params.get("NextPageToken"))
        size = int(request.params.get("MaxResults") or PAGE)
        answer: dict[str, Any] = {"Anomalies": found[offset : offset + size]}
        if offset + size < len(found):
            answer["NextPageToken"] = page_token(request, offset + size)
        return answer

    def _found(self, period: Period) -> list[dict[str, Any]]:
        ledger = self._bill.today()
        complete = ledger.today - timedelta(days=_COMPLETE_DAYS)
        told = [each for spike in ledger.planted.spikes if spike.day <= complete for each in self._spike(spike)]
        told += [self._alone(day) for day in period.dates() if day.day == ALONE_DAY and day <= complete]
        inside = [each for each in told if period.start.isoformat() <= each["AnomalyEndDate"] <= str(period.last_day)]
        return sorted(inside, key=lambda each: (each["AnomalyStartDate"], each["AnomalyId"]), reverse=True)

    def _spike(self, spike: Spike) -> list[dict[str, Any]]:
        number = (spike.day.year * 12 + spike.day.month) * 2 + (spike.day.day > ALONE_DAY - _LATE - 2)
        if number % _MISSED == 0:
            return []
        day = spike.day + timedelta(days=1) if number % _LATE == 0 else spike.day
        usual = spike.dollars * 0.07
        place = (spike.account, spike.service, spike.region, spike.usage_type)
        return [self._anomaly(place, day, (spike.dollars * 0.96, usual))]

    def _alone(self, day: date) -> dict[str, Any]:
        """A small thing that only AWS finds."""
        account = next((each for each in self._estate.members if each.kind == "prod"), self._estate.management)
        place = (account.account_id, KMS, "us-east-1", "us-east-1-KMS-Requests")
        return self._anomaly(place, day, (11.4 + day.month, 3.1))

    def _anomaly(self, place: tuple[str, str, str, str], day: date, money: tuple[float, float]) -> dict[str, Any]:
        account, service, region, usage_type = place
        more, usual = (round(amount, 2) for amount in money)
        member = self._estate.member(account)
        cause = {
            "Service": service,
            "Region": region,
            "LinkedAccount": account,
            "LinkedAccountName": member.name if member is not None else "",
            "UsageType": usage_type,
            "Impact": {"Contribution": more},
        }
        return {
            "AnomalyId": _identity(*place, day.isoformat()),
            "AnomalyStartDate": day.isoformat(),
            "AnomalyEndDate": day.isoformat(),
            "DimensionValue": service,
            "RootCauses": [cause],
            "AnomalyScore": {"MaxScore": 0.91, "CurrentScore": 0.42},
            "Impact": {
                "MaxImpact": more,
                "TotalImpact": more,
                "TotalActualSpend": round(more + usual, 2),
                "TotalExpectedSpend": usual,
                "TotalImpactPercentage": round(more / usual * 100, 2),
            },
            "MonitorArn": monitor_arn(self._estate.management),
        }


def _identity(*parts: str) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256("\x1f".join(parts).encode()).digest()[:16]))
