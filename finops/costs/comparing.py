"""Two answers to one question, joined by group: what is new, gone, grown and shrunk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.model.costs import Change, ComparedRow, Comparison, CostAnswer, CostRow
from finops.model.money import ZERO, exact_sum
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

Group = tuple[tuple[str, ...], str]


def joined(current: CostAnswer, previous: CostAnswer, daily: CostAnswer | None) -> Comparison:
    """Rows of both answers joined by keys and currency, largest current amount first.

    `daily` is the current question by day, for the series. Without a source for the earlier period there are no rows:
    what is not known is not zero, and nothing is called new.
    """
    if not previous.provenance.source or not current.provenance.source:
        return Comparison(current, previous, ())
    now, before = by_group(current.rows), by_group(previous.rows)
    series = _series(daily) if daily is not None else {}
    rows = [_compared(group, now.get(group), before.get(group), series.get(group, ())) for group in {**now, **before}]
    return Comparison(
        current, previous, tuple(sorted(rows, key=lambda row: (-row.current, row.delta, row.keys, row.currency)))
    )


def current_alone(comparison: Comparison) -> Comparison:
    """The current groups without anything to hold them against, for readers who check that `previous` has a source."""
    rows = (
        ComparedRow(*group, amount, ZERO, Change.SAME) for group, amount in by_group(comparison.current.rows).items()
    )
    return replace(comparison, rows=tuple(sorted(rows, key=lambda row: (-row.current, row.keys))))


def held_throughout(answer: CostAnswer) -> bool:
    """Whether every day of the answer's question is stored."""
    return bool(answer.provenance.source) and not answer.provenance.missing_days


def by_group(rows: Iterable[CostRow]) -> dict[Group, Decimal]:
    """Amounts by keys and currency, buckets added up."""
    parts: dict[Group, list[Decimal]] = {}
    for row in rows:
        parts.setdefault((row.keys, row.currency), []).append(row.amount)
    return {group: exact_sum(amounts) for group, amounts in parts.items()}


def movers(comparison: Comparison, limit: int) -> tuple[ComparedRow, ...]:
    """The largest changes, in either direction, first."""
    changed = [row for row in comparison.rows if row.delta]
    return tuple(sorted(changed, key=lambda row: (-abs(row.delta), row.keys))[:limit])


def _compared(group: Group, now: Decimal | None, before: Decimal | None, series: tuple[Decimal, ...]) -> ComparedRow:
    keys, currency = group
    current, previous = now or ZERO, before or ZERO
    return ComparedRow(keys, currency, current, previous, _change(current, previous), series)


def _change(current: Decimal, previous: Decimal) -> Change:
    """A group without cost in a period was not there: new with cost only in the later one, gone in the earlier."""
    if current == previous:
        return Change.SAME
    if previous == 0:
        return Change.NEW
    if current == 0:
        return Change.GONE
    return Change.GROWN if current > previous else Change.SHRUNK


def _series(daily: CostAnswer) -> dict[Group, tuple[Decimal, ...]]:
    """Daily figures of each group over the days answered, zero where a held day has none."""
    span = daily.provenance.covered
    if span is None:
        return {}
    found: dict[Group, dict[date, Decimal]] = {}
    for row in daily.rows:
        if row.day is not None:
            found.setdefault((row.keys, row.currency), {})[row.day] = row.amount
    days = tuple(Period(span.start, span.end).dates())
    return {group: tuple(amounts.get(day, ZERO) for day in days) for group, amounts in found.items()}
