"""Cost detail: one row a day, account, service and whatever else the stored bill tells apart, for work of one's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.model.costs import Granularity, dimension
from finops.model.money import ZERO
from finops.model.people import Right
from finops.model.period import Period
from finops.model.reports import Column, Figure, Kind, Report, Table
from finops.reports.definition import Definition, Parameter
from finops.reports.gaps import of_answers
from finops.reports.parts.spending import analysis_page, cost_provenance
from finops.reports.spending import PARAMETERS, question
from finops.reports.words import UNKNOWN, last_month, money, round_money, so_far_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.model.costs import CostAnswer, CostQuestion
    from finops.model.reports import Cell, Row
    from finops.reports.definition import Asked, Sources

FINEST = (
    ("account", "service", "region", "usage_type", "charge_type"),
    ("account", "service", "region"),
    ("account", "service"),
    ("service", "region"),
    ("service",),
)
"""What rows tell apart: the first of these that one stored cross-section carries."""
ROWS_AT_ONCE = 20_000
"""About so many rows are asked for at a time, in whole days."""
TITLES = {"account": "Account id", "usage_type": "Usage type", "charge_type": "Charge type"}


def make(sources: Sources, asked: Asked) -> Report:
    """The figures of Cost analysis by day, as finely as they are stored."""
    groups = _groups(sources, asked)
    wanted = question(asked, *groups)
    whole = sources.costs.answer(wanted)
    gaps = of_answers(asked, whole)
    currency, held = whole.currency, bool(whole.provenance.source)
    total = whole.totals.get(currency, ZERO if not whole.provenance.missing_days else None) if currency else None
    days = so_far_text(asked.period, asked.today)
    told = ", ".join(f"{money(amount, each)}" for each, amount in whole.totals.items())
    return Report(
        asked.request,
        REPORT.title,
        f"Cost of {days} in detail: {told}" if told else f"The cost of {days} is not known",
        asked.now,
        asked.period,
        figures=(
            Figure("Cost", round_money(total, currency) if len(whole.totals) < 2 else told, exact=total),  # noqa: PLR2004
            Figure("Told apart", ", ".join(groups)),
            Figure("Groups", f"{len(whole.rows):,}", exact=len(whole.rows)) if held else Figure("Groups", UNKNOWN),
        ),
        tables=(_table(sources, asked, wanted, whole),),
        provenance=cost_provenance(asked, whole),
        failures=gaps.failures,
        missing=gaps.missing,
        page=analysis_page(asked.period, groups[0]),
    )


def _groups(sources: Sources, asked: Asked) -> tuple[str, ...]:
    """The dimensions asked for, else the finest that one cross-section of the period carries with the filters."""
    given = asked.scope.whole("group_by")
    if given:
        return tuple(dimension(name) for name in given)
    filtered = {condition.dimension for condition in asked.scope.cost_filters()}
    source = asked.scope.source()
    held = [
        entry.cube
        for entry in sources.costs.coverage(asked.tenant)
        if entry.grain is Granularity.DAILY and entry.period.overlaps(asked.period) and source in {None, entry.source}
    ]
    finest = (names for names in FINEST if any(cube.answers(frozenset({*names, *filtered})) for cube in held))
    return next(finest, FINEST[-1])


def _table(sources: Sources, asked: Asked, wanted: CostQuestion, whole: CostAnswer) -> Table:
    """Rows read some days at a time, so that a long period never lies in memory."""
    names = sources.costs.account_names(asked.tenant)
    columns = (
        Column("date", "Day", Kind.DAY),
        *(column for name in wanted.group_by for column in _group_columns(name)),
        Column("cost", "Cost", Kind.MONEY, whole.currency),
        Column("currency", "Currency"),
        Column("estimated", "May still change", Kind.TRUTH),
    )
    origin = whole.provenance
    pinned = replace(wanted, source=origin.source or wanted.source, metric=origin.metric, granularity=Granularity.DAILY)
    step = max(1, ROWS_AT_ONCE // max(1, len(whole.rows)))

    def rows() -> Iterator[Row]:
        for days in _pieces(wanted.period, step) if origin.source else ():
            for row in sources.costs.answer(pinned.over(days)).rows:
                keys = (cell for pair in zip(wanted.group_by, row.keys, strict=True) for cell in _cells(*pair, names))
                yield row.day, *keys, row.amount, row.currency, row.estimated

    left = [name for name in FINEST[0] if name not in wanted.group_by]
    note = f"No stored cross-section tells {', '.join(left)} apart beside the rest." if left else ""
    told = "" if asked.scope.whole("group_by") else note
    finest = "service" if "service" in wanted.group_by else wanted.group_by[-1]
    return Table("detail", "Detail", columns, rows, None, told, ("date", finest))


def _pieces(period: Period, days: int) -> Iterator[Period]:
    """Parts of a period of so many days, the last one shorter."""
    every = list(period.dates())
    for start in range(0, len(every), days):
        some = every[start : start + days]
        yield Period(some[0], some[-1] + timedelta(days=1))


def _group_columns(name: str) -> tuple[Column, ...]:
    column = Column(name, TITLES.get(name, name.capitalize() if name.isalpha() else name))
    return (column, Column("account_name", "Account")) if name == "account" else (column,)


def _cells(name: str, key: str, names: Mapping[str, str]) -> tuple[Cell, ...]:
    return (key, names.get(key, "")) if name == "account" else (key,)


REPORT = Definition(
    name="cost-detail",
    title="Cost detail",
    help="One row a day, account, service and whatever else the stored bill tells apart.",
    rights=(Right.VIEW_COSTS,),
    parameters=(
        *PARAMETERS,
        Parameter("group_by", "What rows tell apart, as in `service` or `tag:Team`; repeated.", many=True),
    ),
    make=make,
    usual=last_month,
    usual_text="the last full month",
    filters=True,
)
