"""Does every source say the same? Amounts of a month side by side, to the cent, and where a difference sits.

Two kinds of comparison. Inside a source, every cube must add up to the same days as the source's reference (the line
items of a bill, the control cube of Cost Explorer). Between Cost Explorer and AWS's lines of a bill, the metrics that
AWS documents as the same idea must agree (`finops.costs.metrics.SAME_IDEA`); other providers' lines have nothing to be
compared with.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.costs.cubes import CONTROL_CUBES, COST_EXPLORER, FOCUS, LINES
from finops.costs.metrics import SAME_IDEA
from finops.model.costs import Coverage, Filter, Granularity, Metric
from finops.model.money import ZERO, Money, exact_sum, plain
from finops.model.period import Period, month_of
from finops.store import CubeSelect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from finops.model.costs import CostRow
    from finops.store import Store

AWS_NAMES = frozenset({"aws", "amazon", "amazon web services", "amazon web services, inc."})
"""How bills spell the provider whose costs Cost Explorer knows (lower case)."""
_WHERE = ("charge_type", "service", "account")
"""Dimensions that are searched for a difference between sources, in this order."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ReconciledLine:
    """One figure of one month from two places.

    `source_a` and `source_b` name a source, or a source and its cube (`focus lines`, `focus account_service`). Amounts
    are rounded half-even to the cent and None where that place has no figure; `difference` is the exact a minus b,
    rounded to the cent, None when either is missing. `explanation` says where a difference sits, empty without one.
    """

    month: str  # YYYY-MM
    metric: str
    currency: str
    source_a: str
    amount_a: Decimal | None
    source_b: str
    amount_b: Decimal | None
    difference: Decimal | None
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Every comparison that could be made. `agrees` only if there was one and all of them match to the cent."""

    tenant: str
    month: str  # YYYY-MM, empty for every month held
    lines: tuple[ReconciledLine, ...]
    agrees: bool
    notes: tuple[str, ...] = ()


def reconcile(store: Store, tenant: str, month: date | None = None) -> Reconciliation:
    """Compares cubes with their source's reference and sources with each other, for one month or every month held."""
    coverage = tuple(entry for entry in store.cubes.coverage(tenant) if entry.cube.whole)
    months = [month_of(month)] if month else _months(coverage)
    found = _Found(store, tenant)
    for one in months:
        held = _held(coverage, one)
        if not held:
            found.note(f"{_name(one)}: no stored costs")
        for source, entries in held.items():
            _inside(found, one, source, entries)
        if COST_EXPLORER in held and FOCUS in held:
            _between(found, one, held)
        elif held:
            found.note(f"{_name(one)}: only {next(iter(held))} knows this month, no second source to compare it with")
    agrees = bool(found.lines) and not found.apart and not any(line.difference != 0 for line in found.lines)
    return Reconciliation(tenant, _name(months[0]) if month else "", tuple(found.lines), agrees, tuple(found.notes))


Days = dict[str, dict["date | None", Decimal]]
"""Amounts by currency and day (the month's first day where only months are held)."""


@dataclass
class _Found:
    """What was read and found so far."""

    store: Store
    tenant: str
    lines: list[ReconciledLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    apart: bool = False  # something differs that no line's difference shows

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def rows(
        self, place: Coverage, month: Period, metric: Metric, *, by: str = "", only: Filter | None = None
    ) -> tuple[CostRow, ...]:
        """A place's figures of a month by day, or by a dimension.

        A file that cannot be read is noted and counts as apart.
        """
        table = self.store.cubes.select(
            CubeSelect(
                self.tenant,
                place.source,
                place.cube.name,
                month,
                str(metric),
                grain=place.grain,
                group_by=(by,) if by else (),
                filters=(only,) if only else (),
                bucket=Granularity.TOTAL if by else Granularity.DAILY,
            )
        )
        for failure in table.failures:
            self.apart = True
            self.note(failure.message)
        return table.rows

    def days(self, place: Coverage, month: Period, metric: Metric, *, only: Filter | None = None) -> Days:
        found: dict[str, dict[date | None, Decimal]] = defaultdict(dict)
        for row in self.rows(place, month, metric, only=only):
            found[row.currency][row.day] = row.amount
        return dict(found)

    def groups(
        self, place: Coverage, month: Period, metric: Metric, by: str, only: Filter | None
    ) -> dict[tuple[str, str], Decimal]:
        """Amounts by currency and group."""
        return {(row.currency, row.keys[0]): row.amount for row in self.rows(place, month, metric, by=by, only=only)}


def _inside(found: _Found, month: Period, source: str, entries: Sequence[Coverage]) -> None:
    """One line per metric and currency for all cubes that agree with the reference, one for each cube that does not."""
    names = {entry.cube.name: entry for entry in entries}
    reference = names.get(LINES) or names.get(CONTROL_CUBES[source])
    others = [entry for entry in entries if entry is not reference]
    if reference is None or not others:
        found.note(f"{_name(month)}: {source} holds nothing that its cubes could be checked against")
        return
    for metric in reference.metrics:
        truth = found.days(reference, month, metric)
        same: dict[str, list[Coverage]] = defaultdict(list)
        for place in others:
            told = found.days(place, month, metric) if metric in place.metrics else {}
            for currency in sorted(truth.keys() | told.keys()):
                apart = _apart(truth.get(currency, {}), told.get(currency, {}))
                if apart:
                    explanation = "; ".join([_days_apart(apart), *_standing(reference, place, month)])
                    found.lines.append(_line(month, metric, currency, (reference, truth), (place, told), explanation))
                    found.apart = True
                else:
                    same[currency].append(place)
        for currency, places in same.items():
            found.lines.append(_agreeing(month, metric, currency, reference, truth, places))


def _apart(truth: dict[date | None, Decimal], told: dict[date | None, Decimal]) -> dict[date | None, Decimal]:
    """The days that differ by a cent or more, or the whole when only the sum of smaller differences does."""
    every = {day: truth.get(day, ZERO) - told.get(day, ZERO) for day in truth.keys() | told.keys()}
    apart = {day: amount for day, amount in every.items() if _cents(amount)}
    total = exact_sum(every.values())
    return apart or ({None: total} if _cents(total) else {})


def _days_apart(apart: dict[date | None, Decimal]) -> str:
    worst = max(apart, key=lambda day: abs(apart[day]))
    days = "1 day" if len(apart) == 1 else f"{len(apart)} days"
    return (
        f"differs on {days}, most on {worst} ({plain(_cents(apart[worst]))})" if worst else "small differences add up"
    )


def _agreeing(
    month: Period, metric: Metric, currency: str, reference: Coverage, truth: Days, places: Sequence[Coverage]
) -> ReconciledLine:
    amount = _cents(exact_sum(truth.get(currency, {}).values()))
    cubes = places[0].cube.name if len(places) == 1 else f"{len(places)} cubes"
    names = (f"{reference.source} {reference.cube.name}", f"{reference.source} {cubes}")
    return ReconciledLine(_name(month), str(metric), currency, names[0], amount, names[1], amount, ZERO)


def _between(found: _Found, month: Period, held: dict[str, list[Coverage]]) -> None:
    """Cost Explorer against AWS's lines of bills, by the metrics that are the same idea."""
    bill = _smallest(held[FOCUS], "provider")
    explorer = next((entry for entry in held[COST_EXPLORER] if entry.cube.name == CONTROL_CUBES[COST_EXPLORER]), None)
    if bill is None or explorer is None:
        found.note(f"{_name(month)}: a source lacks the cube that tells its whole cost; sources are not compared")
        return
    providers = {row.keys[0] for row in found.rows(bill, month, bill.metrics[0], by="provider")}
    aws = tuple(sorted(name for name in providers if name.strip().lower() in AWS_NAMES))
    others = sorted(providers - set(aws))
    if others:
        found.note(
            f"{_name(month)}: {', '.join(name or 'unnamed provider' for name in others)} is known to the bill only"
        )
    if not aws:
        found.note(f"{_name(month)}: the bill has no lines of AWS to compare with Cost Explorer")
        return
    only = Filter("provider", aws)
    for metric in (metric for metric in explorer.metrics if SAME_IDEA.get(metric) in bill.metrics):
        equal = SAME_IDEA[metric]
        ours, theirs = found.days(explorer, month, metric), found.days(bill, month, equal, only=only)
        pair = _Pair(explorer, bill, metric, equal, only)
        for currency in sorted(ours.keys() | theirs.keys()):
            difference = _cents(_sum(ours, currency) - _sum(theirs, currency))
            explanation = "; ".join(_why(found, month, held, pair, currency)) if difference else ""
            line = _line(month, metric, currency, (explorer, ours), (bill, theirs), explanation)
            found.lines.append(line)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two figures of different sources that mean the same."""

    explorer: Coverage
    bill: Coverage
    metric: Metric
    equal: Metric
    only: Filter


def _why(found: _Found, month: Period, held: dict[str, list[Coverage]], pair: _Pair, currency: str) -> Iterator[str]:
    """What explains a difference: days missing, figures still estimated, and the groups that differ most."""
    yield from _standing(pair.explorer, pair.bill, month)
    for dimension in _WHERE:
        ours, theirs = _smallest(held[COST_EXPLORER], dimension), _smallest(held[FOCUS], dimension, "provider")
        if ours is None or theirs is None:
            continue
        groups_a = found.groups(ours, month, pair.metric, dimension, None)
        groups_b = found.groups(theirs, month, pair.equal, dimension, pair.only)
        apart = {
            key: difference
            for money, key in groups_a.keys() | groups_b.keys()
            if money == currency
            if (difference := _cents(groups_a.get((money, key), ZERO) - groups_b.get((money, key), ZERO)))
        }
        if apart:
            first = sorted(apart, key=lambda key: (-abs(apart[key]), key))[:_SHOWN]
            yield f"by {dimension}: " + ", ".join(f"{key or '(none)'} {plain(apart[key])}" for key in first)


def _standing(first: Coverage, second: Coverage, month: Period) -> Iterator[str]:
    """What about the two places themselves may explain a difference."""
    for place in (first, second):
        missing = sum(1 for day in month.dates() if not _holds(place, day))
        if missing:
            yield f"{_label(place)} lacks {missing} days of the month"
        if place.estimated_from is not None and place.estimated_from < month.end:
            yield f"{_label(place)} is estimated from {max(place.estimated_from, month.start)}"
    if first.fetched_at.date() != second.fetched_at.date():
        yield f"{_label(first)} is of {first.fetched_at.date()}, {_label(second)} of {second.fetched_at.date()}"


def _holds(place: Coverage, day: date) -> bool:
    return place.period.start <= day < place.period.end and not any(gap.start <= day < gap.end for gap in place.missing)


def _line(
    month: Period,
    metric: Metric,
    currency: str,
    first: tuple[Coverage, Days],
    second: tuple[Coverage, Days],
    explanation: str,
) -> ReconciledLine:
    amounts = [_sum(days, currency) if currency in days else None for _, days in (first, second)]
    exact = None if amounts[0] is None or amounts[1] is None else _cents(amounts[0] - amounts[1])
    shown = [None if amount is None else _cents(amount) for amount in amounts]
    names = _label(first[0]), _label(second[0])
    return ReconciledLine(
        _name(month), str(metric), currency, names[0], shown[0], names[1], shown[1], exact, explanation
    )


def _sum(days: Days, currency: str) -> Decimal:
    return exact_sum(days.get(currency, {}).values())


def _cents(amount: Decimal) -> Decimal:
    return Money(amount).cents()


def _label(place: Coverage) -> str:
    return f"{place.source} {place.cube.name}"


def _name(month: Period) -> str:
    return f"{month.start:%Y-%m}"


def _months(coverage: Iterable[Coverage]) -> list[Period]:
    return sorted({month_of(part.start) for entry in coverage for part in entry.period.months()})


def _held(coverage: Iterable[Coverage], month: Period) -> dict[str, list[Coverage]]:
    """What each source holds of a month: every cube once, by day where it has days."""
    found: dict[str, dict[str, Coverage]] = defaultdict(dict)
    for entry in sorted(coverage, key=lambda entry: entry.grain is Granularity.DAILY):
        if entry.period.overlaps(month) and any(_holds(entry, day) for day in month.dates()):
            found[entry.source][entry.cube.name] = entry
    return {source: list(cubes.values()) for source, cubes in sorted(found.items())}


def _smallest(entries: Iterable[Coverage], *dimensions: str) -> Coverage | None:
    able = [entry for entry in entries if entry.cube.name != LINES and entry.cube.answers(frozenset(dimensions))]
    return min(able, key=lambda entry: (entry.rows, entry.cube.name), default=None)
