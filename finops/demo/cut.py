"""A cross-section of the ledger: exact sums by time bucket and group, and their pages in Cost Explorer's form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from finops.demo.ledger import METRICS, Ledger
from finops.model.period import Period, add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

CLOSED_FROM_DAY = 6
"""Day of the month from which last month's figures no longer count as estimated."""

_COST_DECIMALS = 10
_QUANTITY_DECIMALS = 6
_QUANTITIES = ("UsageQuantity", "NormalizedUsageAmount")


@dataclass(frozen=True, slots=True)
class Bucket:
    """One time step of an answer."""

    period: Period
    estimated: bool

    def head(self) -> dict[str, Any]:
        """The part of a result that names its time."""
        return {"TimePeriod": {"Start": self.period.start.isoformat(), "End": self.period.end.isoformat()}}


@dataclass(frozen=True, slots=True)
class Cut:
    """Sums of one question. Cell `i` belongs to bucket `bucket[i]` and group `keys[group[i]]`; cells are in that order.

    `sums[m, i]` is the sum in `metrics[m]` in the ledger's whole units, `units[i]` the unit of the usage quantity.
    """

    buckets: tuple[Bucket, ...]
    keys: tuple[tuple[str, ...], ...]
    metrics: tuple[str, ...]
    bucket: NDArray[np.int64]
    group: NDArray[np.int64]
    sums: NDArray[np.int64]
    units: list[str]

    @property
    def cells(self) -> int:
        """How many groups there are over all buckets."""
        return int(self.bucket.size)


@dataclass(frozen=True, slots=True)
class Question:
    """What to sum: period and steps, metrics, the group keys of every line (none: one total), which lines count."""

    period: Period
    monthly: bool
    metrics: tuple[str, ...]
    labels: tuple[Sequence[str], ...]
    keep: NDArray[np.bool_]


def buckets_of(period: Period, *, monthly: bool, today: date) -> tuple[Bucket, ...]:
    """Days, or calendar months clipped to the period, with what is still estimated on `today`."""
    steps = period.months() if monthly else tuple(Period(day, day + timedelta(days=1)) for day in period.dates())
    this_month = month_start(today)
    open_from = this_month if today.day >= CLOSED_FROM_DAY else add_months(this_month, -1)
    return tuple(Bucket(step, estimated=step.end > open_from) for step in steps)


def cut(ledger: Ledger, question: Question) -> Cut:
    """Sums the ledger exactly, in integers. Grouped: only cells that have a charge; ungrouped: every bucket."""
    buckets = buckets_of(question.period, monthly=question.monthly, today=ledger.today)
    rows = ledger.rows_of(question.period)
    keys, group_of = _groups(question.labels, len(ledger.lines))
    line = ledger.line[rows]
    kept = question.keep[line]
    step_of = np.empty(question.period.days, dtype=np.int64)
    for index, bucket in enumerate(buckets):
        start = (bucket.period.start - question.period.start).days
        step_of[start : start + bucket.period.days] = index
    shift = (ledger.first_day - question.period.start).days
    line = line[kept]
    cell = step_of[ledger.day[rows][kept] + shift] * len(keys) + group_of[line]
    size = len(buckets) * len(keys)
    present = np.zeros(size, dtype=bool)
    present[cell] = True
    if not question.labels:
        present[:] = True
    found = np.flatnonzero(present)
    sums = np.zeros((len(question.metrics), found.size), dtype=np.int64)
    for target, metric in zip(sums, question.metrics, strict=True):
        whole = np.zeros(size, dtype=np.int64)
        np.add.at(whole, cell, ledger.amounts[METRICS.index(metric), rows][kept])
        target[:] = whole[found]
    units = _units(ledger, line=line, cell=cell, size=size)
    return Cut(
        buckets, keys, question.metrics, found // len(keys), found % len(keys), sums, [units[i] for i in found.tolist()]
    )


def page(result: Cut, *, offset: int, size: int) -> tuple[list[dict[str, Any]], int | None]:
    """`ResultsByTime` of the groups from `offset` on, at most `size` of them, and where the next page starts.

    A page may end inside a bucket; that bucket then continues on the next page. Buckets without groups are shown once.
    """
    stop = min(offset + size, result.cells)
    following = stop if stop < result.cells else None
    first = 0 if offset == 0 else _first_bucket(result, offset)
    last = len(result.buckets) - 1 if following is None else int(result.bucket[stop - 1])
    groups: dict[int, list[dict[str, Any]]] = {}
    for index, entry in zip(result.bucket[offset:stop].tolist(), _entries(result, slice(offset, stop)), strict=True):
        groups.setdefault(index, []).append(entry)
    return [
        {
            **result.buckets[index].head(),
            "Total": {},
            "Groups": groups.get(index, []),
            "Estimated": result.buckets[index].estimated,
        }
        for index in range(first, last + 1)
    ], following


def totals(result: Cut) -> list[dict[str, Any]]:
    """`ResultsByTime` of an ungrouped answer: every bucket with its total."""
    metrics = _metric_values(result, slice(0, result.cells))
    return [
        {**bucket.head(), "Total": total, "Groups": [], "Estimated": bucket.estimated}
        for bucket, total in zip(result.buckets, metrics, strict=True)
    ]


def amount_text(value: int, decimals: int = _COST_DECIMALS) -> str:
    """A whole number of 1e-`decimals` as a decimal string without trailing zeros, as Cost Explorer writes amounts."""
    if not value:
        return "0"
    digits = str(abs(value))
    if len(digits) <= decimals:
        digits = digits.zfill(decimals + 1)
    text = f"{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".")
    return text if value > 0 else f"-{text}"


def _first_bucket(result: Cut, offset: int) -> int:
    before, here = int(result.bucket[offset - 1]), int(result.bucket[offset])
    return here if here == before else before + 1


def _groups(labels: tuple[Sequence[str], ...], lines: int) -> tuple[tuple[tuple[str, ...], ...], NDArray[np.int64]]:
    """The distinct keys in order, and the index of each line's key."""
    if not labels:
        return ((),), np.zeros(lines, dtype=np.int64)
    of_line = list(zip(*labels, strict=True))
    keys = tuple(sorted(set(of_line)))
    position = {key: index for index, key in enumerate(keys)}
    return keys, np.array([position[key] for key in of_line], dtype=np.int64)


def _units(ledger: Ledger, *, line: NDArray[np.int32], cell: NDArray[np.int64], size: int) -> list[str]:
    """The unit of each cell's usage where all usage in it has the same one, else `N/A`."""
    names = sorted({one.unit for one in ledger.lines})
    position = {name: index for index, name in enumerate(names)}
    of_line = np.array([position[one.unit] for one in ledger.lines], dtype=np.int64)[line]
    counts = of_line != position.get("", -1)
    least, most = np.full(size, len(names), dtype=np.int64), np.full(size, -1, dtype=np.int64)
    np.minimum.at(least, cell[counts], of_line[counts])
    np.maximum.at(most, cell[counts], of_line[counts])
    return [names[low] if low == high else "N/A" for low, high in zip(least.tolist(), most.tolist(), strict=True)]


def _entries(result: Cut, cells: slice) -> Iterator[dict[str, Any]]:
    keys = [result.keys[index] for index in result.group[cells].tolist()]
    for key, metrics in zip(keys, _metric_values(result, cells), strict=True):
        yield {"Keys": list(key), "Metrics": metrics}


def _metric_values(result: Cut, cells: slice) -> Iterator[dict[str, dict[str, str]]]:
    """The figures of each cell by metric. Equal costs of a cell share one object: most do, and objects cost time."""
    columns: list[list[dict[str, str]]] = []
    known: list[tuple[int, dict[str, str]]] = []
    for metric, sums in zip(result.metrics, result.sums[:, cells].tolist(), strict=True):
        if metric in _QUANTITIES:
            columns.append(_quantities(sums, result.units[cells] if metric == "UsageQuantity" else ["N/A"] * len(sums)))
            continue
        if not known:
            figures = [{"Amount": amount_text(value), "Unit": "USD"} for value in sums]
            known = list(zip(sums, figures, strict=True))
        else:
            figures = [
                figure if value == before else {"Amount": amount_text(value), "Unit": "USD"}
                for value, (before, figure) in zip(sums, known, strict=True)
            ]
        columns.append(figures)
    for values in zip(*columns, strict=True):
        yield dict(zip(result.metrics, values, strict=True))


def _quantities(sums: list[int], units: list[str]) -> list[dict[str, str]]:
    none = {unit: {"Amount": "0", "Unit": unit} for unit in set(units)}
    return [
        {"Amount": amount_text(value, _QUANTITY_DECIMALS), "Unit": unit} if value else none[unit]
        for value, unit in zip(sums, units, strict=True)
    ]
