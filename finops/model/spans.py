"""Sets of days as few half-open periods: what is held, what is missing, what to ask again."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.model.costs import Coverage

Spans = tuple[Period, ...]


def joined(spans: Iterable[Period]) -> Spans:
    """The same days, sorted, overlapping and adjacent periods merged."""
    found: list[Period] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Period(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def without(spans: Iterable[Period], cuts: Iterable[Period]) -> Spans:
    """The days of `spans` that no period of `cuts` holds."""
    left = joined(spans)
    for cut in cuts:
        left = tuple(piece for span in left for piece in _cut(span, cut))
    return left


def _cut(span: Period, cut: Period) -> Spans:
    if not span.overlaps(cut):
        return (span,)
    before = (Period(span.start, cut.start),) if span.start < cut.start else ()
    after = (Period(cut.end, span.end),) if cut.end < span.end else ()
    return (*before, *after)


def clipped(spans: Iterable[Period], bounds: Period) -> Spans:
    """The days of `spans` inside `bounds`."""
    pieces = (span.clipped(bounds) for span in spans)
    return tuple(piece for piece in pieces if piece is not None)


def common(some: Iterable[Period], others: Iterable[Period]) -> Spans:
    """The days that both hold."""
    mine = joined(some)
    return without(mine, without(mine, others))


def of_days(days: Iterable[date]) -> Spans:
    """Single days as periods."""
    return joined(Period(day, day + timedelta(days=1)) for day in days)


def count(spans: Iterable[Period]) -> int:
    """How many days the spans hold."""
    return sum(span.days for span in spans)


def gaps(spans: Spans) -> Spans:
    """The days between the first and the last of joined spans that none of them holds."""
    return tuple(Period(earlier.end, later.start) for earlier, later in pairwise(spans))


def held(entry: Coverage) -> Spans:
    """The days a stored cube holds."""
    return without((entry.period,), entry.missing)


def whole_months(spans: Iterable[Period]) -> Spans:
    """The calendar months that lie in the spans from first to last day."""
    from_first_to_last = (
        month for span in spans for month in span.months() if month.start.day == 1 and month.end.day == 1
    )
    return joined(from_first_to_last)
