"""Words of AWS Cost Anomaly Detection: what it found by itself, and whether it was asked and had anything to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from finops.model.outcome import Failure

CONSOLE = "https://console.aws.amazon.com/cost-management/home#/anomaly-detection"
"""AWS's own page of them, as the links in its mails spell it (Cost Management user guide)."""


class AwsState(StrEnum):
    """What is known of AWS's findings. Only `told` says anything of their number."""

    NEVER_ASKED = "never_asked"
    NO_MONITORS = "no_monitors"
    DENIED = "denied"
    FAILED = "failed"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class AwsFinding:
    """One anomaly of AWS's own. `end` is its last day, None while it goes on; places are empty where AWS names none.

    `score` is AWS's highest, 0 to 1; `impact` is the total in US dollars, as are `actual` and `expected` where told.
    """

    finding_id: str
    monitor: str
    service: str
    account: str
    region: str
    usage_type: str
    start: date
    end: date | None
    score: float
    impact: Decimal
    actual: Decimal | None = None
    expected: Decimal | None = None
    feedback: str = ""

    @property
    def link(self) -> str:
        """Where AWS's console shows it."""
        return f"{CONSOLE}/monitors/{self.monitor.rpartition('/')[2]}/anomalies/{self.finding_id}"


@dataclass(frozen=True, slots=True)
class AwsFindings:
    """The last answer, largest impact first; `since` is the first day asked for, `asked` when.

    Findings of an earlier answer stay while later ones fail: then `state` tells the failure and `told_at` their age.
    """

    state: AwsState = AwsState.NEVER_ASKED
    asked: datetime | None = None
    told_at: datetime | None = None
    since: date | None = None
    monitors: int = 0
    findings: tuple[AwsFinding, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class AwsSide:
    """AWS's answer beside the anomalies of one list: `unmatched` are findings that none of our anomalies answers."""

    known: AwsFindings
    unmatched: tuple[AwsFinding, ...] = ()
