"""Which of AWS's findings is about which of our anomalies: the same service, days in common, no other account. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from finops.model.anomalies import Anomaly
    from finops.model.aws_anomalies import AwsFinding

SLACK = timedelta(days=1)
"""AWS dates an anomaly by when it noticed it: a day of difference is the same event."""


def matched(anomalies: Iterable[Anomaly], findings: Sequence[AwsFinding]) -> Mapping[str, AwsFinding]:
    """AWS's finding of the largest impact for each anomaly that has one, by our id."""
    found: dict[str, AwsFinding] = {}
    for anomaly in anomalies:
        fitting = [each for each in findings if fits(anomaly, each)]
        if fitting:
            found[anomaly.anomaly_id] = max(fitting, key=lambda each: (abs(each.impact), each.finding_id))
    return found


def unmatched(anomalies: Iterable[Anomaly], findings: Sequence[AwsFinding]) -> tuple[AwsFinding, ...]:
    """AWS's findings that none of our anomalies is about."""
    ours = tuple(anomalies)
    return tuple(each for each in findings if not any(fits(anomaly, each) for anomaly in ours))


def fits(anomaly: Anomaly, finding: AwsFinding) -> bool:
    """The same service, days that touch, and the same account where AWS names one. AWS tells rises only."""
    if anomaly.direction != "up" or anomaly.service != finding.service:
        return False
    if finding.account and finding.account != anomaly.account:
        return False
    return _touch(anomaly.start, anomaly.last_seen, finding.start, finding.end)


def _touch(start: date, last: date, their_start: date, their_end: date | None) -> bool:
    return their_start - SLACK <= last and (their_end is None or start <= their_end + SLACK)
