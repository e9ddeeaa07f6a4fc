"""People's thresholds, over what was detected for everyone: which anomalies a person is told of, and what-ifs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.anomalies import LEAST_SCORE, FeedbackVerdict, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from finops.model.anomalies import Anomaly, Feedback, Thresholds


@dataclass(frozen=True, slots=True)
class BackTest:
    """What other thresholds would have told since a day: how many by month (`YYYY-MM`), and which more or fewer."""

    now: Mapping[str, int]
    tried: Mapping[str, int]
    more: tuple[Anomaly, ...]
    fewer: tuple[Anomaly, ...]
    confirmed: int
    """How many of those tried people have called real."""
    refused: int
    """And how many none."""


def told(anomaly: Anomaly, thresholds: Thresholds) -> bool:
    """Whether a person with these thresholds is told of an anomaly. What nothing was expected of passes any percent."""
    percent = anomaly.percent
    return (
        abs(anomaly.impact) >= thresholds.min_impact
        and (percent is None or abs(percent) >= thresholds.min_percent)
        and anomaly.score >= LEAST_SCORE[thresholds.sensitivity]
        and anomaly.kind in thresholds.kinds
        and anomaly.direction in thresholds.directions
    )


def standings(anomalies: Iterable[Anomaly], feedback: Mapping[str, Feedback]) -> tuple[Standing, ...]:
    """Each anomaly with what was said of it.

    Silenced is what people called none, and what belongs to planned activity of the same account and service: from the
    anomaly that was called so, until its day.
    """
    found = tuple(anomalies)
    starts = {each.anomaly_id: each.start for each in found}
    planned = [each for each in feedback.values() if each.verdict is FeedbackVerdict.PLANNED]
    return tuple(
        Standing(each, own := feedback.get(each.anomaly_id), _silenced(each, own, planned, starts)) for each in found
    )


def _silenced(anomaly: Anomaly, own: Feedback | None, planned: Sequence[Feedback], starts: Mapping[str, date]) -> bool:
    if own is not None:
        return own.verdict is not FeedbackVerdict.YES
    return any(
        (each.account, each.service) == (anomaly.account, anomaly.service)
        and each.until is not None
        and starts.get(each.anomaly_id, each.at.date()) <= anomaly.start < each.until
        for each in planned
    )


def back_test(found: Sequence[Standing], now: Thresholds, tried: Thresholds, *, since: date) -> BackTest:
    """Compares two sets of thresholds over what was flagged since a day. Nothing is detected anew."""
    recent = [each for each in found if each.anomaly.flagged_first >= since]
    before = [each for each in recent if told(each.anomaly, now) and not each.silenced]
    after = [each for each in recent if told(each.anomaly, tried) and not each.silenced]
    verdicts = Counter(each.feedback.verdict for each in recent if each.feedback and told(each.anomaly, tried))
    return BackTest(
        now=_by_month(before),
        tried=_by_month(after),
        more=tuple(each.anomaly for each in after if each not in before),
        fewer=tuple(each.anomaly for each in before if each not in after),
        confirmed=verdicts[FeedbackVerdict.YES],
        refused=verdicts[FeedbackVerdict.NO],
    )


def _by_month(found: Iterable[Standing]) -> dict[str, int]:
    return dict(sorted(Counter(f"{each.anomaly.flagged_first:%Y-%m}" for each in found).items()))
