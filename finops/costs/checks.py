"""What an answer must add up to: the same question asked of the source's control cube, without the grouping."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.costs.cubes import CONTROL_CUBES, COST_EXPLORER, UNTOLD_CHARGES
from finops.model import spans
from finops.model.costs import CostQuestion, Filter, Granularity
from finops.model.money import exact_sum
from finops.model.outcome import Failure
from finops.store import CubeSelect, Store

if TYPE_CHECKING:
    from finops.costs.planner import Route
    from finops.costs.standing import Standing

ROUNDING = Decimal("0.000001")
"""Cost Explorer rounds every group to ten decimals, so a day's groups of two cubes may differ by less than this."""


@dataclass(frozen=True, slots=True)
class Check:
    """The control cube's total (None where it cannot tell), its charge types, and what makes the answer partial."""

    control: dict[str, Decimal] | None
    charge_types: tuple[str, ...]
    source: str
    failures: tuple[Failure, ...] = ()

    def agreed(self, totals: dict[str, Decimal], own: dict[str, Decimal], days: int) -> dict[str, Decimal]:
        """The total to hold an answer against: the control cube's, else the answering cube's own ungrouped one."""
        if self.control is None:
            return own
        if self.source == COST_EXPLORER and _within_rounding(totals, self.control, days):
            return dict(totals)
        return self.control


def _within_rounding(totals: dict[str, Decimal], control: dict[str, Decimal], days: int) -> bool:
    currencies = {currency for amounts in (totals, control) for currency, amount in amounts.items() if amount}
    return all(
        abs(totals.get(name, Decimal(0)) - control.get(name, Decimal(0))) < ROUNDING * days for name in currencies
    )


def checked(store: Store, question: CostQuestion, found: Route, state: Standing) -> Check:
    """Asks the control cube.

    It cannot tell the total where it lacks a filter's dimension or days, or where the answering
    cube is known to be older: then only its charge types are taken, and the cube's own ungrouped total is the control.
    """
    name = CONTROL_CUBES.get(found.source, "")
    entry = state.control(found.source)
    behind = state.behind(found.source, found.cube.name, question.period)
    failures = _behind_failure(found, behind, state, question) if behind else ()
    if entry is None:
        return Check(None, (), found.source, failures)
    carried = tuple(condition for condition in question.filters if condition.dimension in entry.cube.dimensions)
    left_out = () if found.cube.whole else (Filter("charge_type", UNTOLD_CHARGES, exclude=True),)
    amounts: dict[str, list[Decimal]] = {}
    types: dict[str, None] = {}
    for piece in found.pieces:
        table = store.cubes.select(
            CubeSelect(
                tenant=question.tenant,
                source=found.source,
                cube=name,
                period=piece.period,
                metric=str(found.reading.column),
                grain=piece.grain,
                group_by=("charge_type",),
                filters=(*carried, *left_out),
                currency=question.currency,
            )
        )
        failures = (*failures, *table.failures)
        for row in table.rows:
            amounts.setdefault(row.currency, []).append(row.amount)
            types.setdefault(row.keys[0])
    total = {currency: exact_sum(parts) for currency, parts in sorted(amounts.items())}
    comparable = len(carried) == len(question.filters) and not behind and _holds(state, found)
    return Check(total if comparable else None, tuple(types), found.source, failures)


def _holds(state: Standing, found: Route) -> bool:
    """Whether the control cube holds every day answered."""
    for grain in (Granularity.DAILY, Granularity.MONTHLY):
        days = [piece.period for piece in found.pieces if piece.grain is grain]
        entry = state.entry(found.source, CONTROL_CUBES[found.source], grain)
        if days and (entry is None or spans.without(days, spans.held(entry))):
            return False
    return True


def _behind_failure(found: Route, behind: spans.Spans, state: Standing, question: CostQuestion) -> tuple[Failure, ...]:
    age = state.fetched_at(found.source, found.coverage, question.period)
    days = ", ".join(str(span.start) if span.days == 1 else f"{span.start} to {span.last_day}" for span in behind)
    what = f"Figures by {' and '.join(found.cube.dimensions)} changed on {days} but could not be fetched"
    return (Failure("outdated", f"{what}; those shown are from {age:%Y-%m-%d %H:%M} UTC.", service="ce"),)
