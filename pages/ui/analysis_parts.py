"""The figures and sentences of Cost Analysis's cards. Pure."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.costs import Change, ComparedRow, CostAnswer
from finops.model.money import exact_sum
from pages.ui import kpis, names, numbers
from pages.ui.bar_charts import Bar
from pages.ui.kpis import Kpi

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from pages.ui.analysis import Analysis
    from pages.ui.series import Series

DAYS_A_WEEK = 7


def strip(found: Analysis, name: Callable[[str], str], today: date) -> list[Kpi]:
    """Four figures: the period, the one before, the average day, and the largest rise (or the largest group)."""
    total, before = found.total, found.before
    percent = _percent(total, before)
    cards = [
        Kpi(
            numbers.days(found.period, today=today),
            numbers.short_money(total, found.currency),
            delta=kpis.change(percent),
            base=f"vs {numbers.days(found.base, today=today)}" if found.base and percent is not None else "",
            colour=kpis.cost_colour(percent),
        )
    ]
    if found.base is not None:
        weekly = found.base.days == found.period.days and found.period.days % DAYS_A_WEEK == 0
        span = "same weekdays" if weekly else numbers.counted(found.base.days, "day")
        cards.append(
            Kpi(
                numbers.days(found.base, today=today),
                numbers.short_money(before, found.currency),
                base=span if before is not None else "not stored in full",
            )
        )
    return [*cards, _average(found, percent), _standout(found, name)]


def _percent(total: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if total is None or not before else (total - before) / abs(before) * 100


def _average(found: Analysis, percent: Decimal | None) -> Kpi:
    daily = None if found.total is None else found.total / found.period.days
    step = None
    if found.base is not None and found.before is not None and daily is not None:
        step = daily - found.before / found.base.days
    return Kpi(
        "Average per day",
        numbers.short_money(daily, found.currency),
        delta="" if not step else numbers.signed_money(step, found.currency, minus="-"),
        base="per day" if step else "",
        colour=kpis.cost_colour(percent),
    )


def _standout(found: Analysis, name: Callable[[str], str]) -> Kpi:
    if found.comparison is None:
        largest = next(iter(found.rows), None)
        if largest is None:
            return Kpi("Largest", numbers.UNKNOWN)
        share = numbers.percent(numbers.share(largest.current, found.total)) if found.total else ""
        return Kpi("Largest", name(largest.keys[0]), base=f"{share} of the total" if share else "")
    rise = max(found.rows, key=lambda row: row.delta, default=None)
    if rise is None or rise.delta <= 0:
        return Kpi("Largest rise", numbers.UNKNOWN, base="nothing rose")
    return Kpi(
        "Largest rise",
        name(rise.keys[0]),
        delta=numbers.signed_money(rise.delta, found.currency, minus="-"),
        base=numbers.signed_percent(rise.percent) if rise.percent is not None else rise.change.value,
        colour=kpis.cost_colour(rise.percent),
    )


def arriving_words(found: Analysis) -> str:
    """What is hatched and whether it is counted."""
    if found.arriving is None:
        return ""
    late = numbers.days(found.arriving)
    if found.comparison is not None and found.period.end <= found.arriving.start:
        return f"{late} still arriving: drawn hatched and left out of all figures. Compare with nothing to count them."
    return f"{late} still arriving: drawn hatched, counted as far as they are known."


def finding(drawn: Sequence[Series]) -> str:
    """The chart's message in one sentence."""
    largest = max(drawn, key=lambda one: one.total, default=None)
    return f"Largest is {largest.name}." if largest is not None else "No cost in this period."


def charge_bars(answer: CostAnswer, currency: str) -> list[Bar]:
    """Charge types, largest first, credits last."""
    name = names.value_name("charge_type", {})
    rows = sorted((row for row in answer.rows if row.currency == currency), key=lambda row: -row.amount)
    whole = answer.totals.get(currency, Decimal(0))
    return [Bar(name(row.keys[0]), row.amount, numbers.percent(numbers.share(row.amount, whole))) for row in rows]


def kind_bars(rows: Sequence[ComparedRow]) -> list[Bar]:
    """The change of each kind with the number of groups in its name."""
    kinds = (Change.NEW, Change.GROWN, Change.SHRUNK, Change.GONE)
    groups = [(kind, [row for row in rows if row.change is kind]) for kind in kinds]
    return [
        Bar(f"{kind.value.capitalize()} ({len(group)})", exact_sum(row.delta for row in group))
        for kind, group in groups
        if group
    ]


def fingerprint(found: Analysis) -> str:
    """Short text that changes when the table's rows may: a selection never slips to another row."""
    return hashlib.sha256(repr((found.counted.question, found.base)).encode()).hexdigest()[:12]
