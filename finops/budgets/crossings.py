"""Which thresholds a standing crosses. Pure: marks and a standing in, what is new, what fell and what is watched out.

A crossing counts once for each period and threshold. A forecast has to be over its threshold at two evaluations on
different days, one after the other: a single day's scare is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finops.budgets.standings import is_judged
from finops.model.budgets import Basis, Threshold, percent_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from finops.model.budgets import BudgetStanding


@dataclass(frozen=True, slots=True)
class Mark:
    """What is kept of a threshold in a period: `seen` is when a forecast was first over it, `crossed` that it counts.

    `fell`: a correction was seen that brought the figure below it.
    """

    seen: date
    crossed: bool = False
    fell: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of the marks: newly crossed with the figure, first seen, forgotten, fallen below, risen again."""

    crossed: Mapping[Threshold, Decimal] = field(default_factory=dict)
    seen: tuple[Threshold, ...] = ()
    forgotten: tuple[Threshold, ...] = ()
    fell: tuple[Threshold, ...] = ()
    rose: tuple[Threshold, ...] = ()


def judged(standing: BudgetStanding, marks: Mapping[Threshold, Mark], today: date) -> Judged:
    """What an evaluation on a day says of the thresholds; nothing at all while figures are missing."""
    if not is_judged(standing):
        return Judged()
    crossed: dict[Threshold, Decimal] = {}
    lists: dict[str, list[Threshold]] = {"seen": [], "forgotten": [], "fell": [], "rose": []}
    for threshold in standing.budget.thresholds:
        figure, mark = figure_of(standing, threshold.basis), marks.get(threshold)
        if figure is None:
            continue
        change = _change(threshold, mark, today, above=percent_of(figure, standing.limit) >= threshold.percent)
        if change == "crossed":
            crossed[threshold] = figure
        elif change:
            lists[change].append(threshold)
    return Judged(crossed, *(tuple(lists[name]) for name in ("seen", "forgotten", "fell", "rose")))


def figure_of(standing: BudgetStanding, basis: Basis) -> Decimal | None:
    """The figure that thresholds of a basis look at."""
    if basis is Basis.ACTUAL:
        return standing.spent
    return standing.forecast.mean if standing.forecast else None


def _change(threshold: Threshold, mark: Mark | None, today: date, *, above: bool) -> str:
    if mark is not None and mark.crossed:
        return ("rose" if mark.fell else "") if above else ("" if mark.fell else "fell")
    if not above:
        return "forgotten" if mark is not None else ""
    if threshold.basis is Basis.ACTUAL or (mark is not None and mark.seen < today):
        return "crossed"
    return "seen" if mark is None else ""
