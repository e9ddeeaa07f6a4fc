"""Thresholds of budgets that were crossed since the last mail, or fell back below by a correction."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.model.budgets import Basis, percent_of
from finops.model.money import ZERO
from finops.model.reports import Column, Figure, Kind, Table, Tone
from finops.reports.digest.section import Says, Section
from finops.reports.parts.budgets import budget_gaps, budget_text
from finops.reports.words import days_text, round_money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.budgets import Crossing
    from finops.model.reports import Row
    from finops.reports.definition import Sources
    from finops.reports.digest.section import Scene

TITLE = "Budgets crossed"
PAGE = "/forecast"
_BASES = {Basis.ACTUAL: "spent", Basis.FORECAST: "expected at the end"}
_TENTH = Decimal("0.1")


def budget_section(sources: Sources, scene: Scene) -> Section:
    """Crossings of every budget of the tenant, the furthest above its amount first."""
    standings = sources.budgets.list(scene.asked.tenant)
    gaps = budget_gaps(standings)
    names = {each.budget.budget_id: each.budget.name for each in standings}
    window = scene.window
    crossed = [each for each in sources.budgets.crossings(scene.asked.tenant) if each.budget_id in names]
    told = [each for each in crossed if window.holds(each.crossed) or window.holds(each.fell)]
    if not told:
        looked = budget_text(standings) if standings else "no budget is kept"
        return Section(TITLE, looked, gaps=gaps)
    told.sort(key=lambda each: (_over(each) * -1, names[each.budget_id], each.threshold))
    first = told[0]
    over = sum(each.threshold.percent >= 100 for each in told)  # noqa: PLR2004 - the whole budget
    return Section(
        TITLE,
        budget_text(standings),
        table=_table(told, names, scene),
        says=Says(_sentence(first, names, scene), max(_over(first), ZERO)),
        figures=(
            Figure(TITLE, f"{len(told):,}", f"{over:,} at the whole budget" if over else "", Tone.WORSE, len(told)),
        ),
        gaps=gaps,
    )


def _over(crossing: Crossing) -> Decimal:
    return crossing.figure - crossing.limit


def _sentence(crossing: Crossing, names: Mapping[str, str], scene: Scene) -> str:
    """`Production crossed 80 % of its November budget: $41,200 of $50,000`."""
    of = f"{round_money(crossing.figure, crossing.currency)} of {round_money(crossing.limit, crossing.currency)}"
    percent = f"{crossing.threshold.percent.normalize():f} %"
    days = days_text(crossing.period, scene.asked.today)
    name = names[crossing.budget_id]
    if crossing.threshold.basis is Basis.FORECAST:
        return f"{name} is expected to cross {percent} of its {days} budget: {of}"
    return f"{name} crossed {percent} of its {days} budget: {of}"


def _table(told: Sequence[Crossing], names: Mapping[str, str], scene: Scene) -> Table:
    currencies = {each.currency for each in told}
    single = currencies.pop() if len(currencies) == 1 else ""
    columns = (
        Column("budget", "Budget"),
        Column("threshold", "Threshold"),
        Column("figure", "When crossed", Kind.MONEY, single),
        Column("limit", "Budget of the period", Kind.MONEY, single),
        Column("percent", "Of the budget", Kind.PERCENT),
        Column("what", "What"),
        Column("crossed", "Crossed", Kind.INSTANT),
        Column("start", "First day", Kind.DAY),
        Column("end", "Day after the last", Kind.DAY),
        Column("currency", "Currency"),
        Column("budget_id", "Budget id"),
    )
    rows = [_row(each, names, scene) for each in told]
    note = "Of the whole tenant, whatever the filter." if scene.accounts else ""
    page = scene.page(PAGE, ("view", "budgets"), ("budget", told[0].budget_id if len(told) == 1 else ""))
    return Table("budgets", TITLE, columns, lambda: rows, len(rows), note, ("budget", "threshold"), page)


def _row(each: Crossing, names: Mapping[str, str], scene: Scene) -> Row:
    fell = scene.window.holds(each.fell)
    percent = percent_of(each.figure, each.limit).quantize(_TENTH, ROUND_HALF_EVEN)
    return (
        *(names[each.budget_id], f"{each.threshold.percent.normalize():f} % {_BASES[each.threshold.basis]}"),
        *(each.figure, each.limit, percent, "corrected below it since" if fell else "crossed", each.crossed),
        *(each.period.start, each.period.end, each.currency, each.budget_id),
    )
