"""The scores of a day as they are kept for the trend."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.tagging import DayScore

if TYPE_CHECKING:
    from datetime import datetime

    from finops.tagging.compliance import Compliance, Score
    from finops.tagging.evaluation import Evaluation


def day_scores(figures: Compliance, evaluation: Evaluation, now: datetime) -> tuple[DayScore, ...]:
    """A row for assets as a whole, and one for each key. Costs are those of the currency that most is judged in."""
    rows = [("", figures.score), *((each.key, each.score) for each in figures.keys)]
    return tuple(_row(key, score, evaluation, now) for key, score in rows)


def _row(key: str, score: Score, evaluation: Evaluation, now: datetime) -> DayScore:
    cost = max(score.costs, key=lambda each: (each.judged, each.currency), default=None)
    nothing = Decimal(0)
    return DayScore(
        day=evaluation.day,
        key=key,
        policy_version=evaluation.policy.version,
        judged=score.judged,
        compliant=score.compliant,
        exempt=score.exempt,
        untaggable=score.untaggable,
        unknown=score.unknown,
        currency=cost.currency if cost else "",
        judged_cost=cost.judged if cost else nothing,
        compliant_cost=cost.compliant if cost else nothing,
        untagged_cost=cost.untagged if cost else nothing,
        evaluated=now,
    )
