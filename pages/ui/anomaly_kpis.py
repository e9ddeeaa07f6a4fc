"""The key figures of Anomalies: what is open, what it cost, what a month of it would, and how much is explained."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from finops.model.anomalies import AnomalyStatus, Direction, FeedbackVerdict
from finops.model.money import ZERO, exact_sum
from pages.ui import numbers
from pages.ui.kpis import Kpi

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from finops.model.anomalies import Standing

USUAL_CURRENCY = "USD"


def currency_of(found: Sequence[Standing]) -> str:
    """The currency with the largest impact."""
    sizes: dict[str, Decimal] = {}
    for one in found:
        sizes[one.anomaly.currency] = sizes.get(one.anomaly.currency, ZERO) + abs(one.anomaly.impact)
    return max(sizes, key=lambda name: (sizes[name], name), default=USUAL_CURRENCY)


def strip(found: Sequence[Standing]) -> list[Kpi]:
    """Four figures of the list as it is filtered; money in its largest currency."""
    currency = currency_of(found)
    mine = [one for one in found if one.anomaly.currency == currency]
    others = Counter(one.anomaly.currency for one in found if one.anomaly.currency != currency)
    rest = ", ".join(f"{count:,} in {name}" for name, count in sorted(others.items()))
    return [_open(found), _impact(mine, currency, rest), _month(mine, currency), _explained(found, mine)]


def _open(found: Sequence[Standing]) -> Kpi:
    """How many still go on, of all that are listed."""
    counts = Counter(one.anomaly.status for one in found)
    going = counts[AnomalyStatus.ONGOING] + counts[AnomalyStatus.SETTLED]
    return Kpi(
        "Open anomalies",
        f"{going:,}",
        base=f"{counts[AnomalyStatus.OVER]:,} more are over",
        help="Open: still flagged, or the cost stayed where it went. "
        f"{counts[AnomalyStatus.ONGOING]:,} are still flagged.",
    )


def _impact(mine: Sequence[Standing], currency: str, rest: str) -> Kpi:
    up, down = (_sum(mine, way) for way in (Direction.UP, Direction.DOWN))
    base = f"{numbers.signed_money(down, currency)} less" if down else "nothing fell"
    return Kpi(
        "More than expected",
        numbers.signed_money(up, currency),
        base=f"{base}, {rest}" if rest else base,
        help="What all days of the listed anomalies cost more than expected, and apart from it what drops cost less.",
    )


def _sum(mine: Sequence[Standing], way: Direction) -> Decimal:
    return exact_sum(one.anomaly.impact for one in mine if one.anomaly.direction is way)


def _month(mine: Sequence[Standing], currency: str) -> Kpi:
    known = [one.anomaly for one in mine if one.anomaly.impact_month is not None]
    up, down = (
        exact_sum(each.impact_month for each in known if each.direction is way and each.impact_month is not None)
        for way in (Direction.UP, Direction.DOWN)
    )
    told = "The mean of the last seven days of each anomaly that is not over, times 365/12."
    if not known:
        return Kpi("A month if it stays", f"{numbers.symbol(currency)}0", base="all of them are over", help=told)
    base = f"{numbers.signed_money(down, currency)} less" if down else "nothing fell"
    return Kpi("A month if it stays", numbers.signed_money(up, currency), base=base, help=told)


def _explained(found: Sequence[Standing], mine: Sequence[Standing]) -> Kpi:
    whole = exact_sum(abs(one.anomaly.impact) for one in mine)
    named = exact_sum(abs(one.anomaly.impact) for one in mine if one.anomaly.cause.parts)
    said = Counter(one.feedback.verdict for one in found if one.feedback)
    words = [
        f"{said[verdict]:,} {name}"
        for verdict, name in (
            (FeedbackVerdict.YES, "real"),
            (FeedbackVerdict.NO, "false"),
            (FeedbackVerdict.PLANNED, "planned"),
        )
        if said[verdict]
    ]
    return Kpi(
        "Explained",
        numbers.percent(numbers.share(named, whole)),
        base=", ".join(words) or "nobody has judged yet",
        help="The part of the dollars whose region and usage type are known. Below: what people said of those listed.",
    )
