"""Two questions to AWS, one paid and one free, and somebody to ask them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from finops.aws.calls import Ask, Calls
from finops.aws.cost_explorer import GET_COST_AND_USAGE
from finops.aws.organizations import LIST_ACCOUNTS
from finops.model.metering import Caller
from tests.aws.wire import NOW, PocketMeter, Script, Wire, bucket, page, sessions

CALLER = Caller("acme", "costs.refresh", "ann")
CENT = Decimal("0.01")
PARAMS: dict[str, Any] = {
    "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-02"},
    "Granularity": "DAILY",
    "Metrics": ["UnblendedCost"],
}
COSTS = Ask(GET_COST_AND_USAGE, PARAMS, ("ResultsByTime",), region="us-east-1")
ACCOUNTS = Ask(LIST_ACCOUNTS, {}, ("Accounts",), region="us-east-1")
GOOD = page(bucket("2026-11-01", "2026-11-02"))
URL = "https://ce.us-east-1.amazonaws.com/"


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def calls(
    script: Script, meter: PocketMeter | None = None, clock: Clock | None = None
) -> tuple[Calls, Wire, PocketMeter]:
    wire, meter = Wire(script), meter or PocketMeter()
    return Calls(sessions(wire.hook), meter, now=lambda: NOW, monotonic=clock or Clock()), wire, meter
