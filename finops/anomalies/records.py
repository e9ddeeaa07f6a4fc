"""Episodes become records with exact money: what it cost, what was expected, and what it comes to."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.anomalies.episodes import episodes
from finops.model.anomalies import DAYS_A_MONTH, Anomaly, AnomalyKind, AnomalyStatus, SeriesDay
from finops.model.money import CENT, ZERO, exact_sum

if TYPE_CHECKING:
    from finops.anomalies.detector import Scores
    from finops.anomalies.episodes import Episode
    from finops.anomalies.use import Key, Use

RECENT_DAYS = 7
"""What a month would come to is told by so many last days."""
_MILLI = Decimal("0.001")


def anomalies_of(use: Use, scores: Scores) -> tuple[Anomaly, ...]:
    """Every anomaly, largest impact first. Causes are not looked for here."""
    found = [_anomaly(use, scores, each) for each in episodes(use.panel, scores, incomplete=use.incomplete)]
    return tuple(sorted(found, key=lambda each: (-abs(each.impact), each.anomaly_id)))


def _anomaly(use: Use, scores: Scores, episode: Episode) -> Anomaly:
    key = use.keys[episode.series]
    account, service, currency = key
    first_day = use.panel.first
    at = (episode.series, episode.peak)
    days = range(episode.start, episode.last + 1)
    costs = [use.amounts[key].get(first_day + timedelta(days=place), ZERO) for place in days]
    usual = [_cents(value) for value in episode.usual]
    recent = exact_sum(costs[-RECENT_DAYS:]) - exact_sum(usual[-RECENT_DAYS:])
    month = (recent / min(len(costs), RECENT_DAYS) * DAYS_A_MONTH).quantize(CENT)
    passing = episode.status is AnomalyStatus.OVER
    return Anomaly(
        anomaly_id=anomaly_id(key, f"{first_day + timedelta(days=episode.first)}", episode.direction),
        kind=episode.kind,
        direction=episode.direction,
        status=episode.status,
        account=account,
        service=service,
        currency=currency,
        start=first_day + timedelta(days=episode.start),
        flagged_first=first_day + timedelta(days=episode.first),
        last_seen=first_day + timedelta(days=episode.last),
        day=first_day + timedelta(days=episode.peak),
        actual=costs[episode.peak - episode.start],
        expected=usual[episode.peak - episode.start],
        lower=_cents(scores.lower[at]),
        upper=_cents(scores.upper[at]),
        score=round(float(scores.score[episode.series, episode.first : episode.last + 1].max()), 1),
        impact=(exact_sum(costs) - exact_sum(usual)).quantize(CENT),
        impact_month=None if passing and episode.kind is not AnomalyKind.NEW else month,
        expected_total=exact_sum(usual),
    )


def anomaly_id(key: Key, first: str, direction: str) -> str:
    """The identity of an anomaly: its series, the day it was first flagged, and its direction."""
    return hashlib.sha256("\x1f".join((*key, first, direction)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def series_days(use: Use, scores: Scores, key: Key) -> tuple[SeriesDay, ...]:
    """Every day of one series with what was expected of it; empty for a series that is not there."""
    if key not in use.amounts:
        return ()
    row = use.keys.index(key)
    unknown = [bool(value != value) for value in use.panel.values[row]]  # noqa: PLR0124 - NaN differs from itself
    return tuple(
        SeriesDay(
            day=day,
            cost=None if unknown[place] else use.amounts[key].get(day, ZERO),
            expected=_cents(scores.expected[row, place]),
            lower=_cents(scores.lower[row, place]),
            upper=_cents(scores.upper[row, place]),
            score=round(float(scores.score[row, place]), 3),
            flagged=bool(scores.flagged[row, place]),
            learning=bool(scores.learning[row, place]),
        )
        for place, day in enumerate(use.panel.dates)
    )


def _cents(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(CENT)
