"""Showback: the bill by the values of a tag, each with its direct cost and, if wanted, its part of what is untagged."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.model.costs import UNTAGGED
from finops.model.money import ZERO, exact_sum
from finops.model.people import Right
from finops.model.reports import Chart, ChartKind, Column, Figure, Kind, Report, Table
from finops.reports.catalogue.cost_by_tag import untagged_figure
from finops.reports.definition import Definition, Parameter
from finops.reports.parts.spending import analysis_page, currencies_note, headline, provenance, total_figures
from finops.reports.spending import PARAMETERS, TOP, question, spending
from finops.reports.splitting import Split, parts_of
from finops.reports.tag_key import PARAMETER, TAG, tag_dimension, value_name
from finops.reports.words import UNKNOWN, last_month, money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.reports import Cell
    from finops.reports.definition import Asked, Sources
    from finops.reports.spending import Spending

_CENTS = Decimal("0.01")
_NOTES = {
    Split.NONE: "Untagged cost is a row of its own.",
    Split.EVEN: "Untagged cost is split evenly among all values.",
    Split.PROPORTIONAL: "Untagged cost is split among all values by their direct cost.",
}


@dataclass(frozen=True, slots=True)
class Share:
    """What one value of the tag bears: its direct cost and its part of what is untagged."""

    value: str
    currency: str
    direct: Decimal
    shared: Decimal

    @property
    def total(self) -> Decimal:
        """Both together."""
        return exact_sum((self.direct, self.shared))


def make(sources: Sources, asked: Asked) -> Report:
    """Cost by a tag as those who bear it are shown it; totals add up to the bill."""
    tag, how = tag_dimension(sources, asked), Split(asked.scope.choice("split", tuple(map(str, Split))) or Split.NONE)
    found = spending(sources.costs, question(asked, tag, but=("tag",)), asked)
    shares = [share for currency in found.current.totals for share in _shares(found, currency, how)]
    shares.sort(key=lambda each: (-each.total, each.value, each.currency))
    gaps, key = found.gaps, tag.removeprefix(TAG)
    spend, before, _ = total_figures(found)
    return Report(
        asked.request,
        f"Showback by {key}",
        headline(found),
        asked.now,
        asked.period,
        figures=(spend, before, untagged_figure(found), _owners(found, shares, key)),
        tables=(_table(found, shares, key, how),),
        charts=_charts(found, shares, key),
        provenance=provenance(found),
        failures=gaps.failures,
        missing=gaps.missing,
        page=analysis_page(asked.period, tag),
    )


def _owners(found: Spending, shares: list[Share], key: str) -> Figure:
    owners = len({each.value for each in shares} - {UNTAGGED})
    known = found.total is not None
    return Figure(f"Values of {key}", f"{owners:,}" if known else UNKNOWN, exact=owners if known else None)


def _shares(found: Spending, currency: str, how: Split) -> Iterator[Share]:
    """Each value's share in one currency; the untagged row keeps what nobody was given."""
    direct = {row.keys[0]: row.current for row in found.comparison.rows if row.currency == currency}
    untagged = direct.pop(UNTAGGED, None)
    held = {value: amount for value, amount in direct.items() if amount}
    parts = parts_of(untagged or ZERO, held, how)
    for value, amount in held.items():
        yield Share(value, currency, amount, parts.get(value, ZERO))
    if untagged is not None:
        yield Share(UNTAGGED, currency, untagged, -exact_sum(parts.values()))


def _table(found: Spending, shares: list[Share], key: str, how: Split) -> Table:
    columns = (
        Column("value", f"Tag {key}"),
        Column("label", key),
        Column("direct", "Direct cost", Kind.MONEY, found.single),
        Column("shared", "Part of untagged cost", Kind.MONEY, found.single),
        Column("total", "Total", Kind.MONEY, found.single),
        Column("share", "Share of all", Kind.PERCENT),
        Column("currency", "Currency"),
    )
    note = " ".join(filter(None, (_NOTES[how], currencies_note(found))))
    return Table(
        *("showback", "Showback", columns, lambda: (_cells(found, each) for each in shares), len(shares), note),
        about=("label",),
    )


def _cells(found: Spending, each: Share) -> tuple[Cell, ...]:
    whole = found.current.totals[each.currency]
    part = (each.total / whole * 100).quantize(_CENTS, ROUND_HALF_EVEN) if whole > 0 else None
    label = value_name((each.value,))
    return each.value, label, each.direct, each.shared, each.total, part, each.currency


def _charts(found: Spending, shares: list[Share], key: str) -> tuple[Chart, ...]:
    """What each value bears, as bars; none of amounts in several currencies."""
    if found.others or not shares:
        return ()
    dearest = ", ".join(f"{value_name((each.value,))} {money(each.total, each.currency)}" for each in shares[:TOP])
    alt = f"What each value of {key} bears, dearest first: {dearest}."
    return (Chart(f"By {key}", ChartKind.BARS, "showback", "label", ("total",), alt, most=20),)


REPORT = Definition(
    name="showback",
    title="Showback",
    help="The bill by the values of a tag: direct cost, and if wanted a part of what is untagged; adds up to the bill.",
    rights=(Right.VIEW_COSTS,),
    parameters=(
        PARAMETER,
        Parameter(
            "split", "How untagged cost is given to the values; default not at all.", choices=tuple(map(str, Split))
        ),
        *PARAMETERS,
    ),
    make=make,
    usual=last_month,
    usual_text="the last full month",
    filters=True,
)
