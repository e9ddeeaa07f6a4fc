"""What tag changes tell: who was compliant and is not any more, and how long a violation stands until it is mended.

Both are judged by the policy of today: a changed rule is nobody's drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from finops.model.tagging import VIOLATIONS, TagVerdict
from finops.tagging.evaluation import VERDICTS
from finops.tagging.judging import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from finops.model.tagging import TagChange
    from finops.tagging.estate import Flags
    from finops.tagging.evaluation import Evaluation
    from finops.tagging.judging import Judge

DRIFT_DAYS = 30
FIX_DAYS = 90
"""Fixes of so many last days count for the median."""
HISTORY_DAYS = 365
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Drift:
    """An asset that complied with a rule at the beginning of the last days and violates it now."""

    asset_no: int
    key: str
    was: TagVerdict
    verdict: TagVerdict
    since: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """Drift, and how many violations were mended lately after how many days (median; None without any).

    A violation that was there when its asset was first seen counts from then, as nobody knows since when it stands.
    """

    drift: tuple[Drift, ...]
    fixed: int
    median_days: float | None


def movement(evaluation: Evaluation, changes: Sequence[TagChange], chosen: Flags, now: datetime) -> Movement:
    """Drift and fixes of the assets chosen, from changes of the last `HISTORY_DAYS` days, oldest first."""
    by_asset: dict[int, list[TagChange]] = {}
    for change in changes:
        by_asset.setdefault(change.asset_no, []).append(change)
    drift: list[Drift] = []
    days: list[float] = []
    numbers = sorted(by_asset)
    held = evaluation.estate.numbers
    for number, place in zip(numbers, _places(evaluation, numbers), strict=True):
        if place is None or not chosen[place]:
            continue
        own = by_asset[number]
        for judge, codes in zip(evaluation.rules, evaluation.verdicts, strict=True):
            life = _Life(evaluation, judge, place)
            days += life.fixes(own, since=now - timedelta(days=FIX_DAYS))
            found = life.drift(int(held[place]), own, VERDICTS[codes[place]], since=now - timedelta(days=DRIFT_DAYS))
            drift += [] if found is None else [found]
    return Movement(tuple(drift), len(days), round(median(days), 2) if days else None)


def _places(evaluation: Evaluation, numbers: Sequence[int]) -> Iterable[int | None]:
    held = {int(evaluation.estate.numbers[place]): int(place) for place in evaluation.estate.places(numbers)}
    return (held.get(number) for number in numbers)


class _Life:
    """One asset under one rule."""

    def __init__(self, evaluation: Evaluation, judge: Judge, place: int) -> None:
        estate = evaluation.estate
        kind, account = (estate.facets[name].values[estate.facets[name].codes[place]] for name in ("kind", "account"))
        self._judge, self._day = judge, evaluation.day
        self._kind, self._account = kind, account
        self._account_tags = evaluation.account_tags.get(account)
        self._born = date.fromordinal(int(estate.born[place]))
        self._seen = datetime.combine(date.fromordinal(int(estate.first_seen[place])), datetime.min.time(), UTC)

    def verdict(self, tags: Mapping[str, str] | None) -> TagVerdict | None:
        """What the rule would say of these tags."""
        subject = Subject(self._kind, self._account, tags, self._account_tags, self._born)
        found = self._judge.judged(subject, self._day)
        return None if found is None else found.verdict

    def fixes(self, changes: Sequence[TagChange], *, since: datetime) -> list[float]:
        """Days from the beginning of each violation to its end, of those that ended since an instant."""
        days: list[float] = []
        started = self._seen if self.verdict(changes[0].before) in VIOLATIONS else None
        for change in changes:
            verdict = self.verdict(change.after)
            if started is not None and verdict is TagVerdict.OK:
                if change.at >= since:
                    days.append(max((change.at - started).total_seconds(), 0.0) / _DAY_SECONDS)
                started = None
            elif started is None and verdict in VIOLATIONS:
                started = change.at
        return days

    def drift(
        self, number: int, changes: Sequence[TagChange], now: TagVerdict | None, *, since: datetime
    ) -> Drift | None:
        """The fall from compliance of the last days, if the asset violates the rule now."""
        lately = [change for change in changes if change.at >= since]
        if not lately or now not in VIOLATIONS or now is None:
            return None
        if self.verdict(lately[0].before) is not TagVerdict.OK:
            return None
        fallen = [change for change in lately if self.verdict(change.after) in VIOLATIONS]
        return Drift(number, self._judge.rule.key, TagVerdict.OK, now, fallen[-1].at) if fallen else None
