"""The figures behind Overview's cards: key figures, moves, tables, and the sentence each chart states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from finops.model.costs import UNTAGGED, ComparedRow, Comparison, CostAnswer
from finops.model.money import ZERO, exact_sum
from pages.ui import kpis, numbers
from pages.ui.bar_charts import Bar
from pages.ui.kpis import Kpi
from pages.ui.series import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from finops.costs.overview import Overview
    from finops.model.period import Period


CUT = "The line shows cost per day; days far above the others are cut off."


@dataclass(frozen=True, slots=True)
class Tagged:
    """The share of cost that carries a tag, now and in the base period, with its daily shares. Percentages."""

    key: str
    now: Decimal | None
    base: Decimal | None
    daily: tuple[float, ...]
    untagged: Decimal


def day_totals(answer: CostAnswer, currency: str) -> dict[date, Decimal]:
    """The answer's total of each day, in one currency."""
    found: dict[date, Decimal] = {}
    for row in answer.rows:
        if row.day is not None and row.currency == currency:
            found[row.day] = found.get(row.day, ZERO) + row.amount
    return found


def tagged_share(answer: CostAnswer, currency: str) -> Decimal | None:
    """Percent of the answer's cost that carries a value of the tag it is grouped by; None without cost."""
    rows = [row for row in answer.rows if row.currency == currency]
    whole = exact_sum(row.amount for row in rows)
    return numbers.share(exact_sum(row.amount for row in rows if row.keys[0] != UNTAGGED), whole)


def tagged(key: str, current: CostAnswer, base: CostAnswer | None, currency: str) -> Tagged:
    """How much of the cost carries the tag `key`; `current` is daily and grouped by that tag."""
    whole = day_totals(current, currency)
    bare = dict.fromkeys(whole, ZERO)
    for row in current.rows:
        if row.day is not None and row.currency == currency and row.keys[0] == UNTAGGED:
            bare[row.day] += row.amount
    daily = tuple(float((whole[day] - bare[day]) / whole[day] * 100) for day in sorted(whole) if whole[day] > 0)
    before = tagged_share(base, currency) if base is not None and base.provenance.source else None
    return Tagged(key, tagged_share(current, currency), before, daily, exact_sum(bare.values()))


def month_name(overview: Overview) -> str:
    """The month shown, by name."""
    return f"{overview.month.start:%B}"


def versus(base: Period | None, today: date) -> str:
    """`vs 1–18 Oct`; empty without a base."""
    return f"vs {numbers.days(base, today=today)}" if base is not None else ""


def to_date(overview: Overview, today: date) -> Kpi:
    """The period on its complete days, against its base: of the month so far the same days of the month before."""
    running = overview.to_date is None or (
        overview.to_date != overview.month and overview.to_date.start == overview.month.start
    )
    label = (
        f"{month_name(overview)} to date" if running else numbers.days(overview.to_date or overview.month, today=today)
    )
    if overview.to_date is None:
        return Kpi(
            label, numbers.UNKNOWN, base="no complete day yet", help="The first days of a month arrive with a delay."
        )
    days = day_totals(overview.daily, overview.currency)
    inside = [days[day] for day in sorted(days) if overview.to_date.start <= day < overview.to_date.end]
    if overview.daily.question.period.start > overview.to_date.start:
        inside = []  # of a long period not every day is drawn
    percent = _change(overview)
    return Kpi(
        label,
        numbers.short_money(overview.total.totals.get(overview.currency), overview.currency),
        delta=kpis.change(percent),
        base=versus(overview.base, today) if percent is not None else "",
        colour=kpis.cost_colour(percent),
        line=kpis.clipped(inside),
        help=f"Complete days only: {numbers.days(overview.to_date, today=today)}. {CUT}",
    )


def _change(overview: Overview) -> Decimal | None:
    comparison = overview.comparison
    if comparison is None or not comparable(comparison.previous):
        return None
    before = comparison.previous.totals.get(overview.currency, ZERO)
    return (
        None if before == 0 else (comparison.current.totals.get(overview.currency, ZERO) - before) / abs(before) * 100
    )


def projected(overview: Overview, last_month: CostAnswer | None) -> Kpi:
    """The month's end by run rate, labelled so, against the whole month before."""
    label = f"{month_name(overview)} at run rate"
    projection = overview.projection
    if overview.to_date == overview.month:
        return _average(overview)
    if projection is None:
        return Kpi(label, numbers.UNKNOWN, base="needs a complete day")
    before = None if last_month is None else last_month.totals.get(overview.currency)
    percent = None if not before else (projection.amount - before) / abs(before) * 100
    base = (
        f"vs {last_month.question.period.start:%B}" if last_month is not None and percent is not None else "projected"
    )
    return Kpi(
        label,
        numbers.short_money(projection.amount, overview.currency),
        delta=kpis.change(percent),
        base=base,
        colour=kpis.cost_colour(percent),
        line=_climb(overview, projection.amount),
        kind="area",
        help=f"Projected month end: {projection.method}. Not a forecast: it knows no season and no plan.",
    )


def _average(overview: Overview) -> Kpi:
    """For a month that is over, where nothing is left to project."""
    total = overview.total.totals.get(overview.currency)
    return Kpi(
        "Average per day",
        numbers.short_money(None if total is None else total / overview.month.days, overview.currency),
        base=numbers.counted(overview.month.days, "day"),
        line=_climb(overview, total or ZERO),
        kind="area",
        help="The month is over: its whole cost by its days. The line adds the days up.",
    )


def _climb(overview: Overview, end: Decimal) -> tuple[float, ...]:
    """Cost so far, day by day, and a straight line from there to the projection."""
    days = day_totals(overview.daily, overview.currency)
    inside = [day for day in sorted(days) if overview.to_date and overview.to_date.start <= day < overview.to_date.end]
    climbed, points = ZERO, []
    for day in inside:
        climbed += days[day]
        points.append(float(climbed))
    left = (overview.month.end - inside[-1] - timedelta(days=1)).days if inside else 0
    step = (float(end) - points[-1]) / left if left else 0.0
    return tuple(points + [points[-1] + step * (number + 1) for number in range(left)])


def recent(overview: Overview) -> Kpi:
    """The last 28 complete days against the 28 before: equally many of each weekday."""
    comparison = overview.recent
    rows = [row for row in comparison.rows if row.currency == overview.currency] if comparison else []
    if not rows:
        return Kpi("Last 28 days", numbers.UNKNOWN, base="needs 56 stored days")
    row = rows[0]
    return Kpi(
        "Last 28 days",
        numbers.short_money(row.current, overview.currency),
        delta=kpis.change(row.percent),
        base="vs 28 before" if row.percent is not None else "",
        colour=kpis.cost_colour(row.percent),
        line=kpis.clipped(row.series),
        help=f"Four whole weeks against the four before, so weekdays weigh the same. {CUT}",
    )


def tag_kpi(found: Tagged | None, overview: Overview) -> Kpi:
    """Tagged spend, with the dollars that carry no tag."""
    if found is None or found.now is None:
        return Kpi(
            "Tagged spend", numbers.UNKNOWN, base="no tag key stored", help="FINOPS_TAG_KEYS names the keys to keep."
        )
    points = None if found.base is None else found.now - found.base
    untagged = numbers.short_money(found.untagged, overview.currency)
    return Kpi(
        f"Tagged with {found.key}",
        numbers.percent(found.now),
        delta="" if points is None else numbers.signed_points(points, minus="-"),
        base=f"{untagged} untagged",
        colour=kpis.points_colour(points),
        line=found.daily,
        help="Share of the period's cost that carries the tag, against the period it is compared with.",
    )


def change_bars(rows: Sequence[ComparedRow], currency: str, name: Callable[[str], str]) -> list[Bar]:
    """The change of each group."""
    return [Bar(name(row.keys[0]), row.delta) for row in rows if row.currency == currency]


def cost_bars(comparison: Comparison, currency: str, name: Callable[[str], str], *, limit: int) -> list[Bar]:
    """The cost of the largest groups with their change where there is one, the rest as one bar."""
    noted = comparable(comparison.previous)
    mine = sorted((row for row in comparison.rows if row.currency == currency), key=lambda row: -row.current)
    bars = [Bar(name(row.keys[0]), row.current, change_note(row) if noted else "") for row in mine[:limit]]
    rest = mine[limit:]
    return [*bars, Bar(f"{len(rest)} more", exact_sum(row.current for row in rest))] if rest else bars


def change_note(row: ComparedRow) -> str:
    """The change in percent, or its kind (`new`) where there is none."""
    return row.change.value if row.percent is None else numbers.signed_percent(row.percent)


def largest_move(rows: Sequence[ComparedRow], name: Callable[[str], str], currency: str) -> str:
    """The finding in one sentence: who moved most."""
    mine = [row for row in rows if row.currency == currency and row.delta]
    if not mine:
        return "Nothing changed."
    row = max(mine, key=lambda one: abs(one.delta))
    return f"{name(row.keys[0])} changed most: {numbers.signed_money(row.delta, currency)}."
