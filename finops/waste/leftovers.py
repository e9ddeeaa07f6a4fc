"""What was begun on which day and is still there: uploads nobody finished, images without a tag.

Counted by day, a threshold on age can be moved afterwards without asking AWS again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from finops.aws.cloudwatch import Values, Window
    from finops.model.findings import Observation


def by_day(entries: Iterable[tuple[datetime, float]], window: Window) -> Values:
    """Amounts summed by the day they began, oldest first; the first day holds whatever is older, today is left out."""
    days = [0.0] * window.points
    for began, amount in entries:
        age = (window.end.date() - began.date()).days
        if age >= 1:
            days[max(0, len(days) - age)] += amount
    return tuple(days)


def older(seen: Observation, label: str, days: float) -> float | None:
    """How much of a series began at least so many days ago; None where it is unknown."""
    series = seen.series.get(label)
    if series is None:
        return None
    return sum(value for value in series[: len(series) - max(1, int(days)) + 1] if value is not None)
