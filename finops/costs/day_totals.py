"""Exact totals of days: which changed since they were stored, and where a cube disagrees with the control cube."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from finops.costs.checks import ROUNDING
from finops.model import spans
from finops.model.money import plain
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from finops.model.costs import CubeDraft
    from finops.model.period import Period
    from finops.model.spans import Spans
    from finops.store import DayTotal

METRICS = ("unblended", "net_unblended", "amortized", "net_amortized", "blended")

Figures = tuple[Decimal, ...]
"""One amount per metric of `METRICS`."""

Totals = Mapping[tuple[date, str], Figures]
"""Figures by day and currency."""

_NOTHING: Figures = (Decimal(0),) * len(METRICS)


def of_draft(draft: CubeDraft) -> dict[tuple[date, str], Figures]:
    """Totals of freshly fetched rows by day and currency."""
    columns = draft.columns
    return _added(zip(columns["charge_date"], columns["currency"], _figures(draft), strict=True))


def of_charge_types(draft: CubeDraft) -> dict[tuple[date, str], Figures]:
    """Totals of freshly fetched control rows by day, and by currency and charge type together."""
    columns = draft.columns
    kinds = (f"{currency} {kind}" for currency, kind in zip(columns["currency"], columns["charge_type"], strict=True))
    return _added(zip(columns["charge_date"], kinds, _figures(draft), strict=True))


def of_stored(totals: Iterable[DayTotal], *, by_charge_type: bool) -> dict[tuple[date, str], Figures]:
    """Stored totals in the same shape as `of_draft`, or as `of_charge_types`."""
    rows = (
        (
            str(total.day),
            f"{total.currency} {total.charge_type or ''}" if by_charge_type else total.currency,
            tuple(getattr(total, name) or Decimal(0) for name in METRICS),
        )
        for total in totals
    )
    return _added(rows)


def changed_days(fresh: Totals, stored: Totals, asked: Iterable[Period]) -> Spans:
    """The asked days whose totals differ by anything at all; a total of zero and none are the same."""
    days = {day for span in asked for day in span.dates()}
    places = {place for place in (*fresh, *stored) if place[0] in days}
    return spans.of_days({place[0] for place in places if fresh.get(place, _NOTHING) != stored.get(place, _NOTHING)})


def disagreements(draft: CubeDraft, control: Totals) -> tuple[Failure, ...]:
    """Where a cube's days do not add up to the control cube's, beyond AWS's own rounding; one failure at most."""
    own = of_draft(draft)
    days = set(draft.period.dates())
    places = sorted({place for place in (*own, *control) if place[0] in days})
    wrong = [
        (place, name, mine - theirs)
        for place in places
        for name, mine, theirs in zip(METRICS, own.get(place, _NOTHING), control.get(place, _NOTHING), strict=True)
        if abs(mine - theirs) >= ROUNDING
    ]
    if not wrong:
        return ()
    (day, currency), name, amount = max(wrong, key=lambda entry: abs(entry[2]))
    count = len({place[0] for place, _, _ in wrong})
    more = f" ({count} days differ)" if count > 1 else ""
    where = f"{draft.cube.name} differs from Cost Explorer's own total on {day}"
    text = f"{where} by {plain(amount)} {currency} ({name}){more}."
    return (Failure("reconciliation", text, service="ce"),)


def days_without_rows(draft: CubeDraft) -> Spans:
    """The days of a draft on which nothing was charged."""
    charged = set(draft.columns["charge_date"])
    return spans.of_days(day for day in draft.period.dates() if str(day) not in charged)


def _figures(draft: CubeDraft) -> Iterator[Sequence[Decimal]]:
    texts = zip(*(draft.columns[name] for name in METRICS), strict=True)
    return (tuple(Decimal(text or 0) for text in row) for row in texts)


def _added(rows: Iterable[tuple[str | None, str | None, Sequence[Decimal]]]) -> dict[tuple[date, str], Figures]:
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(METRICS))
    with localcontext() as context:
        context.prec = 76
        for day, kind, figures in rows:
            total = sums[str(day), str(kind)]
            for index, amount in enumerate(figures):
                total[index] += amount
    return {(date.fromisoformat(day), kind): tuple(total) for (day, kind), total in sums.items()}
