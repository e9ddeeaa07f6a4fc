"""What the tool's own AWS requests cost, and who asked for them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

CE_REQUEST_PRICE = Decimal("0.01")
"""US dollars per successful Cost Explorer request, each page counted (aws.amazon.com/aws-cost-management/pricing)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a call is made: the tenant, the feature (`costs.refresh`) and the principal."""

    tenant: str = "default"
    feature: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One finished AWS call. `outcome` is `ok` or an `AwsError` kind; `pages` is always 1."""

    service: str
    operation: str
    outcome: str
    account: str
    region: str
    caller: Caller
    milliseconds: int
    price: Decimal = Decimal(0)


class Meter(Protocol):
    """Counts every call, and holds paid ones to the monthly ceiling."""

    def reserve(self, price: Decimal, caller: Caller) -> None:
        """Sets `price` aside before a paid request leaves; CeilingReached when the month's budget has no room."""

    def release(self, price: Decimal, caller: Caller) -> None:
        """Gives back what a failed request did not cost."""

    def record(self, call: CallRecord) -> None:
        """Counts a finished call."""


@dataclass(frozen=True, slots=True)
class MeterLine:
    """Requests and dollars of one month, by service, operation, outcome, feature and user."""

    month: str
    service: str
    operation: str
    outcome: str
    feature: str
    user: str
    requests: int
    cost: Decimal
