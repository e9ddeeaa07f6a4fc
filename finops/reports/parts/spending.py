"""The parts of a cost report: headline, figures, tables, charts and where the figures come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from finops.model.money import ZERO
from finops.model.reports import Chart, ChartKind, Column, Figure, Kind, Provenance, Report, Table, Tone
from finops.reports.spending import TOP
from finops.reports.words import (
    UNKNOWN,
    change_money,
    change_share,
    days_text,
    money,
    round_money,
    share,
    so_far,
    so_far_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from finops.model.costs import ComparedRow, CostAnswer
    from finops.model.period import Period
    from finops.model.reports import Cell, Row
    from finops.reports.definition import Asked
    from finops.reports.spending import Spending

CENTS = Decimal("0.01")
Name = Callable[[tuple[str, ...]], str]
"""What a group is called."""


def grouped_report(found: Spending, title: str, table: Table, name: Name, *, label: str, page: str) -> Report:
    """A report of one table of groups and one of days; `label` is what a group is."""
    gaps, asked = found.gaps, found.asked
    return Report(
        asked.request,
        title,
        headline(found),
        asked.now,
        asked.period,
        figures=(*total_figures(found), largest_figure(found, f"Largest {label}", name), mover_figure(found, name)),
        tables=(table, daily_table(found)),
        charts=charts(found, table, name),
        provenance=provenance(found),
        failures=gaps.failures,
        missing=gaps.missing,
        page=page,
    )


def analysis_page(period: Period, group_by: str) -> str:
    """Cost analysis with the same days and groups."""
    return f"/cost_analysis?{urlencode({'start': period.start, 'end': period.end, 'group_by': group_by})}"


def headline(found: Spending, *, what: str = "Spend") -> str:
    """`Spend in October: $98,412.17, +4.7 % vs September`."""
    days = so_far_text(found.asked.period, found.asked.today)
    if found.total is None:
        return f"{what} in {days} is not known"
    changed = f", {change_share(found.percent)} vs {found.before}" if found.percent is not None else ""
    return f"{what} in {days}: {money(found.total, found.currency)}{changed}"


def total_figures(found: Spending) -> tuple[Figure, ...]:
    """The period's cost, the period's before, and the mean of a day."""
    days = so_far(found.asked.period, found.asked.today).days - found.current.provenance.missing_days
    daily = None if found.total is None or days <= 0 else (found.total / days).quantize(CENTS, ROUND_HALF_EVEN)
    changed = f"{change_money(found.delta, found.currency)} vs {found.before}" if found.delta is not None else ""
    return (
        Figure("Spend", round_money(found.total, found.currency), changed, tone(found.delta), found.total),
        Figure(f"Spend in {found.before}", round_money(found.previous, found.currency), exact=found.previous),
        Figure("A day", round_money(daily, found.currency), exact=daily),
    )


def largest_figure(found: Spending, label: str, name: Name) -> Figure:
    """The group with most cost."""
    rows = [row for row in found.comparison.rows if row.currency == found.currency]
    if not rows or found.total is None:
        return Figure(label, UNKNOWN)
    row = rows[0]
    part = share(row.current / found.total * 100) if found.total > 0 else UNKNOWN
    return Figure(label, name(row.keys), f"{round_money(row.current, row.currency)}, {part} of all", exact=row.current)


def mover_figure(found: Spending, name: Name) -> Figure:
    """The largest change."""
    row = next(iter(found.movers(1)), None)
    if row is None:
        return Figure("Largest change", UNKNOWN)
    changed = f"{change_money(row.delta, row.currency)} vs {found.before}"
    return Figure("Largest change", name(row.keys), changed, tone(row.delta), row.delta)


def tone(delta: Decimal | None) -> Tone:
    """More cost is worse."""
    if not delta:
        return Tone.PLAIN
    return Tone.WORSE if delta > 0 else Tone.BETTER


def compared_table(
    found: Spending, name: str, title: str, groups: tuple[Column, ...], cells: Callable[[tuple[str, ...]], Row]
) -> Table:
    """One row a group, dearest first, with the fields that `/api/costs` gives a comparison, and the share of all."""
    columns = (
        *groups,
        Column("cost", "Cost", Kind.MONEY, found.single),
        Column("share", "Share of all", Kind.PERCENT),
        Column("previous_cost", f"Cost in {found.before}", Kind.MONEY, found.single),
        Column("delta", "Change", Kind.MONEY, found.single),
        Column("percent", "Change in %", Kind.PERCENT),
        Column("change", "What became of it"),
        Column("currency", "Currency"),
    )

    def rows() -> Iterator[Row]:
        return ((*cells(row.keys), *_figures(found, row)) for row in found.comparison.rows)

    return Table(name, title, columns, rows, len(found.comparison.rows), currencies_note(found), (groups[-1].name,))


def _figures(found: Spending, row: ComparedRow) -> tuple[Cell, ...]:
    whole = found.current.totals.get(row.currency, ZERO)
    part = (row.current / whole * 100).quantize(CENTS, ROUND_HALF_EVEN) if whole > 0 else None
    if not found.compared:
        return row.current, part, None, None, None, None, row.currency
    percent = None if row.percent is None else row.percent.quantize(CENTS, ROUND_HALF_EVEN)
    return row.current, part, row.previous, row.delta, percent, str(row.change), row.currency


def daily_table(found: Spending) -> Table:
    """One row a day that is held."""
    columns = (
        Column("date", "Day", Kind.DAY),
        Column("cost", "Cost", Kind.MONEY, found.single),
        Column("currency", "Currency"),
        Column("estimated", "May still change", Kind.TRUTH),
    )
    kept = found.daily.rows

    def rows() -> Iterator[Row]:
        return ((row.day, row.amount, row.currency, row.estimated) for row in kept)

    days = found.daily.provenance.missing_days
    note = f"{days} days without stored data are left out." if days and found.daily.provenance.source else ""
    return Table("by_day", "By day", columns, rows, len(kept), note, ("date",))


def charts(found: Spending, table: Table, name: Name) -> tuple[Chart, ...]:
    """The dearest groups as bars and the days as a line; none of amounts in several currencies.

    Bars are labelled by the column before the costs.
    """
    rows = found.comparison.rows
    if found.others or not rows:
        return ()
    dearest = ", ".join(f"{name(row.keys)} {money(row.current, row.currency)}" for row in rows[:TOP])
    labels = table.columns[[column.name for column in table.columns].index("cost") - 1].name
    bars = Chart(
        table.title, ChartKind.BARS, table.name, labels, ("cost",), f"Cost, dearest first: {dearest}.", most=12
    )
    return (bars, *_daily_chart(found))


def _daily_chart(found: Spending) -> tuple[Chart, ...]:
    days = [(row.day, row.amount) for row in found.daily.rows if row.day is not None]
    if len(days) < 2:  # noqa: PLR2004 - a line needs two points
        return ()
    low, high = min(days, key=lambda day: day[1]), max(days, key=lambda day: day[1])
    alt = f"Cost by day, from {_day(low, found)} to {_day(high, found)}."
    return (Chart("By day", ChartKind.LINE, "by_day", "date", ("cost",), alt, most=400),)


def _day(day: tuple[date, Decimal], found: Spending) -> str:
    return f"{money(day[1], found.currency)} on {day[0]:%Y-%m-%d}"


def currencies_note(found: Spending) -> str:
    """What is said where there are several currencies."""
    if not found.others:
        return ""
    others = ", ".join(found.others)
    return f"Cost in {others} is in the rows and in no figure: currencies are never added up."


def provenance(found: Spending) -> Provenance:
    """Where the figures of a comparison come from."""
    origin = cost_provenance(found.asked, found.current)
    more = (("Compared with", found.before if found.compared else ""), ("Currencies", currencies_note(found)))
    facts = (*((label, text) for label, text in more if text), *origin.facts)
    return replace(origin, currency=found.currency, facts=facts)


def cost_provenance(asked: Asked, answer: CostAnswer) -> Provenance:
    """Where an answer comes from, with all that lets anyone ask the source the same question."""
    origin = answer.provenance
    ahead = answer.question.period.days - so_far(answer.question.period, asked.today).days
    lines = [
        ("Yet to come", f"{ahead} of {answer.question.period.days} days" if ahead else ""),
        ("Source holds", days_text(origin.covered, asked.today) if origin.covered else ""),
        ("Charge types", ", ".join(origin.charge_types)),
        ("Read as", origin.mapped_from),
        ("Adds up", "" if not origin.source else "yes, to the source's own total" if answer.reconciles else "NO"),
        *(("Note", note) for note in dict.fromkeys(origin.notes)),
        ("Equal AWS command", origin.command),
    ]
    return Provenance(
        metric=str(origin.metric) if origin.source else "",
        source=origin.source,
        currency=answer.currency,
        fetched_at=origin.fetched_at,
        estimated=origin.estimated,
        facts=tuple((label, text) for label, text in lines if text),
    )
