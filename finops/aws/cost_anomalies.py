"""AWS Cost Anomaly Detection: which monitors there are, and what they found in the last ninety days.

Both are operations of the Cost Explorer API, whose price list says a cent a page and excepts neither.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetAnomalies.html
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask, Calls
from finops.aws.ce_rows import DAMAGED
from finops.aws.cost_explorer import REGION, TOKENS
from finops.aws.failures import Malformed, Place
from finops.aws.permissions import Operation, declare
from finops.model.aws_anomalies import AwsFinding
from finops.model.errors import AwsError
from finops.model.metering import CE_REQUEST_PRICE, Caller
from finops.model.money import CENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.period import Period

FEATURE = "anomalies.aws"
GET_ANOMALY_MONITORS = declare(
    Operation(
        service="ce",
        name="GetAnomalyMonitors",
        action="ce:GetAnomalyMonitors",
        feature="waste",  # a check asks it too, and asked first
        lost="whether cost anomalies are watched for",
        price=CE_REQUEST_PRICE,
    )
)
GET_ANOMALIES = declare(
    Operation(
        service="ce",
        name="GetAnomalies",
        action="ce:GetAnomalies",
        feature=FEATURE,
        lost="the findings of AWS Cost Anomaly Detection beside our own, which do not need them",
        price=CE_REQUEST_PRICE,
    )
)
KNOWN_DAYS = 90
"""AWS tells anomalies that ended within so many days."""
_ACCOUNT_DIGITS = 12
_DAMAGED = (*DAMAGED, ValueError, InvalidOperation)


class CostAnomalies:
    """Asks AWS. Every page is metered and held to the ceiling before it leaves."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def monitors(self, caller: Caller) -> int:
        """How many monitors the account has. AwsError for every failure, CeilingReached without room in the budget."""
        ask = Ask(GET_ANOMALY_MONITORS, {}, ("AnomalyMonitors",), region=REGION)
        return sum(len(page["AnomalyMonitors"]) for page in self._calls.pages(ask, caller, tokens=TOKENS))

    def findings(self, caller: Caller, period: Period) -> tuple[AwsFinding, ...]:
        """What all monitors found that ended in a period, largest impact first; errors as for `monitors`.

        AwsError MALFORMED for an answer that lacks a documented part: a part must not pass for the whole.
        """
        days = {"StartDate": period.start.isoformat(), "EndDate": period.last_day.isoformat()}
        ask = Ask(GET_ANOMALIES, {"DateInterval": days}, ("Anomalies",), region=REGION)
        found: list[AwsFinding] = []
        for page in self._calls.pages(ask, caller, tokens=TOKENS):
            try:
                found.extend(_finding(entry) for entry in page["Anomalies"])
            except _DAMAGED as error:
                reason = str(error) if isinstance(error, Malformed) else "An anomaly lacks a documented part."
                raise Place(GET_ANOMALIES, "", REGION).error(AwsError.MALFORMED, "Malformed", reason) from None
        return tuple(sorted(found, key=lambda each: (-abs(each.impact), each.finding_id)))


def _finding(entry: Mapping[str, Any]) -> AwsFinding:
    """One anomaly. Its place is that of the cause that contributes most; the account only where all causes agree."""
    causes = sorted(entry.get("RootCauses") or (), key=lambda cause: -_contribution(cause))
    first: Mapping[str, Any] = causes[0] if causes else {}
    value = str(entry.get("DimensionValue") or "")
    is_account = len(value) == _ACCOUNT_DIGITS and value.isdecimal()
    impact = entry["Impact"]
    start, end = _day(entry.get("AnomalyStartDate")), _day(entry.get("AnomalyEndDate"))
    if start is None:
        raise Malformed("An anomaly has no first day.")
    total = impact.get("TotalImpact")
    return AwsFinding(
        finding_id=str(entry["AnomalyId"]),
        monitor=str(entry["MonitorArn"]),
        service=str(first.get("Service") or ("" if is_account else value)),
        account=_one_account(causes) or (value if is_account else ""),
        region=str(first.get("Region") or ""),
        usage_type=str(first.get("UsageType") or ""),
        start=start,
        end=end,
        score=float(entry["AnomalyScore"]["MaxScore"]),
        impact=_money(impact["MaxImpact"] if total is None else total),
        actual=_maybe(impact.get("TotalActualSpend")),
        expected=_maybe(impact.get("TotalExpectedSpend")),
        feedback=str(entry.get("Feedback") or ""),
    )


def _contribution(cause: Mapping[str, Any]) -> float:
    return float((cause.get("Impact") or {}).get("Contribution") or 0)


def _one_account(causes: Sequence[Mapping[str, Any]]) -> str:
    named = {str(cause.get("LinkedAccount") or "") for cause in causes}
    return next(iter(named)) if len(named) == 1 else ""


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)[:10]) if text else None


def _maybe(amount: object) -> Decimal | None:
    return None if amount is None else _money(amount)


def _money(amount: object) -> Decimal:
    """AWS tells doubles: to the cent they are exact enough."""
    found = Decimal(repr(float(amount)))  # type: ignore[arg-type] # what is no number is damaged
    if not found.is_finite():
        raise Malformed("An amount is no number.")
    return found.quantize(CENT, ROUND_HALF_EVEN)
