"""Answers to questions about stored costs, each with its control total and its provenance. Sends no request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.costs.checks import Check, checked
from finops.costs.cubes import COST_EXPLORER, LINES, cube_named
from finops.costs.metrics import answerable
from finops.costs.planner import NoRoute, Piece, Route, route
from finops.costs.remembered import Remembered
from finops.costs.sources.cost_explorer import command
from finops.costs.standing import Standing, standing
from finops.model import spans
from finops.model.costs import (
    PLAIN_DIMENSIONS,
    CostAnswer,
    CostQuestion,
    CostRow,
    Filter,
    Granularity,
    Metric,
    Provenance,
    dimension,
)
from finops.model.errors import InputError
from finops.model.money import exact_sum
from finops.model.outcome import Failure
from finops.model.period import Period, add_months
from finops.store import CubeSelect, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

OTHERS = "(other resources)"
"""Key of the row that sums up what a limit leaves out."""

_MOST_ROWS = 400_000
"""So many rows are kept in all: some 150 MB. A year of services by day has twelve thousand."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way to an answer."""

    question: CostQuestion
    route: Route
    standing: Standing


class Queries:
    """Reads stored costs. Safe to share between threads."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._kept = Remembered(most=_MOST_ROWS, weigh=_rows)

    def standing(self, tenant: str) -> Standing:
        """Where the tenant stands now."""
        version = self._store.cubes.version(tenant)
        return self._kept.get(("standing", tenant, version), lambda: standing(self._store, tenant))

    def answer(self, question: CostQuestion, *, also: Period | None = None) -> CostAnswer:
        """The answer to a question.

        `also` is a second period that the same source should hold. InputError for what is no dimension, source or
        metric; a question that nothing stored answers is an answer without source, whose notes and failure say why.
        """
        _understood(question)
        state = self.standing(question.tenant)
        today = self._now().date()
        return self._kept.get(
            (state.version, today, question, also), lambda: self._answer(question, state, today, also)
        )

    def choices(self, tenant: str, name: str, period: Period | None) -> tuple[str, ...]:
        """Values of a dimension in the period (all of it by default), costliest first."""
        state = self.standing(tenant)
        whole = period or state.period
        if whole is None:
            return ()
        wanted = dimension(name, field_name="dimension")
        return self._kept.get(
            ("choices", tenant, state.version, wanted, whole), lambda: self._store.cubes.distinct(tenant, wanted, whole)
        )

    def dimensions(self, tenant: str) -> tuple[str, ...]:
        """What the tenant's costs can be grouped by: plain dimensions, tags (configured, then by use), categories."""
        carried = dict.fromkeys(name for entry in self.standing(tenant).coverage for name in entry.cube.dimensions)
        keyed = sorted((name for name in carried if ":" in name), key=lambda name: name.startswith("category:"))
        return (*(name for name in PLAIN_DIMENSIONS if name in carried), *keyed)

    def metrics(self, tenant: str) -> tuple[Metric, ...]:
        """What can be asked for, the default first."""
        return answerable(self.standing(tenant).metrics)

    def resources(self, question: CostQuestion, limit: int) -> CostAnswer:
        """The costliest resources; one last row sums up the others, so that rows still add up to the whole."""
        grouped = ("resource", *(name for name in question.group_by if name != "resource"))
        answer = self.answer(replace(question, group_by=grouped, granularity=Granularity.TOTAL))
        if len(answer.rows) <= limit:
            return answer
        kept, rest = answer.rows[:limit], answer.rows[limit:]
        folded = _summed(replace(row, keys=(OTHERS, *("" for _ in row.keys[1:])), day=None) for row in rest)
        note = f"{len(rest)} further resources are summed up in the last row."
        return replace(answer, rows=(*kept, *folded), provenance=noted(answer.provenance, note))

    def _answer(self, question: CostQuestion, state: Standing, today: date, also: Period | None) -> CostAnswer:
        found = route(question, state.coverage, today, also=also)
        if isinstance(found, NoRoute):
            return _unanswered(question, found, state)
        asked = Asked(question, found, state)
        tables = [self._store.cubes.select(_select(asked, piece)) for piece in found.pieces]
        estimated_from = state.estimated_from(found.source, found.coverage)
        rows = _merged([row for table in tables for row in table.rows])
        rows = tuple(replace(row, estimated=_estimated(row, question, estimated_from)) for row in rows)
        own = _added(table.control for table in tables)
        check = checked(self._store, question, found, state)
        totals = _totals(rows) or _clean_zero(asked)
        nulls = sum(table.null_amounts for table in tables)
        failures = (
            [failure for table in tables for failure in table.failures]
            + list(check.failures)
            + _null_failure(nulls, found)
        )
        return CostAnswer(
            question=question,
            rows=rows,
            totals=totals,
            control=check.agreed(totals, own, found.days) or (totals if not rows else {}),
            provenance=_provenance(asked, check, rows, today),
            failures=tuple(dict.fromkeys(failures)),
        )


def _rows(kept: object) -> int:
    return len(kept.rows) if isinstance(kept, CostAnswer) else 1


def _understood(question: CostQuestion) -> None:
    for name in question.group_by:
        dimension(name)
    for condition in question.filters:
        dimension(condition.dimension, field_name="filter")
    if len(set(question.group_by)) != len(question.group_by):
        raise InputError("group_by", "group_by names a dimension twice")


def _select(asked: Asked, piece: Piece) -> CubeSelect:
    question = asked.question
    return CubeSelect(
        tenant=question.tenant,
        source=asked.route.source,
        cube=asked.route.cube.name,
        period=piece.period,
        metric=str(asked.route.reading.column),
        grain=piece.grain,
        group_by=question.group_by,
        filters=question.filters,
        bucket=question.granularity,
        currency=question.currency,
    )


def _merged(rows: Sequence[CostRow]) -> tuple[CostRow, ...]:
    """Rows of several pieces as one list: a group met in two of them is added up; earliest first, then largest."""
    summed = _summed(rows)
    return tuple(sorted(summed, key=lambda row: (row.day or date.min, -row.amount, row.keys, row.currency)))


def _summed(rows: Iterable[CostRow]) -> list[CostRow]:
    groups: dict[tuple[tuple[str, ...], date | None, str], list[CostRow]] = {}
    for row in rows:
        groups.setdefault((row.keys, row.day, row.currency), []).append(row)
    return [
        same[0]
        if len(same) == 1
        else replace(
            same[0], amount=exact_sum(row.amount for row in same), estimated=any(row.estimated for row in same)
        )
        for same in groups.values()
    ]


def _estimated(row: CostRow, question: CostQuestion, since: date | None) -> bool:
    """A cube's own mark may be outdated: a month closes without its rows being asked again."""
    if since is None or not row.estimated:
        return False
    if row.day is None:
        return question.period.end > since
    end = add_months(row.day.replace(day=1), 1) if question.granularity is Granularity.MONTHLY else row.day
    return end > since or row.day >= since


def _totals(rows: Iterable[CostRow]) -> dict[str, Decimal]:
    return _added({row.currency: row.amount} for row in rows)


def _added(parts: Iterable[dict[str, Decimal]]) -> dict[str, Decimal]:
    by_currency: dict[str, list[Decimal]] = {}
    for part in parts:
        for currency, amount in part.items():
            by_currency.setdefault(currency, []).append(amount)
    return {currency: exact_sum(amounts) for currency, amounts in sorted(by_currency.items())}


def _clean_zero(asked: Asked) -> dict[str, Decimal]:
    """Zero, where everything asked for is stored and nothing was charged; unknown (empty) where days are missing."""
    if asked.route.missing:
        return {}
    currencies = (asked.question.currency,) if asked.question.currency else asked.route.coverage.currencies
    return {currency: Decimal(0) for currency in currencies if currency}


def _null_failure(nulls: int, found: Route) -> list[Failure]:
    if not nulls:
        return []
    lines = "One line has" if nulls == 1 else f"{nulls} lines have"
    return [
        Failure("incomplete_metric", f"{lines} no {found.reading.column} cost in the bill; the sum leaves them out.")
    ]


def _provenance(asked: Asked, check: Check, rows: Sequence[CostRow], today: date) -> Provenance:
    question, found, state = asked.question, asked.route, asked.standing
    # Cost Explorer refuses days past the next month's first; the days to come are not part of the answer anyway.
    asked_so_far = question.over(Period(question.period.start, min(question.period.end, today + timedelta(days=1))))
    since = state.estimated_from(found.source, found.coverage)
    return Provenance(
        source=found.source,
        cube=found.cube.name,
        metric=found.reading.metric,
        mapped_from=found.reading.mapped_from,
        fetched_at=state.fetched_at(found.source, found.coverage, question.period),
        covered=found.covered,
        estimated=since is not None and found.covered.end > since,
        estimated_from=since,
        missing_days=spans.count(found.missing),
        charge_types=check.charge_types,
        notes=(*found.notes, *_nothing_matches(question, rows)),
        command=command(asked_so_far) if found.source == COST_EXPLORER and found.cube.name != LINES else "",
    )


def _nothing_matches(question: CostQuestion, rows: Sequence[CostRow]) -> tuple[str, ...]:
    if rows or not question.filters:
        return ()
    words = map(_in_words, question.filters)
    return (f"No cost matches {', '.join(words)} between {question.period.start} and {question.period.last_day}.",)


def _in_words(condition: Filter) -> str:
    values = " or ".join(value or "(none)" for value in condition.values)
    return f"{condition.dimension} {'is not' if condition.exclude else '='} {values}"


def _unanswered(question: CostQuestion, found: NoRoute, state: Standing) -> CostAnswer:
    metric = question.metric or next(iter(answerable(state.metrics)), Metric.UNBLENDED)
    reason = found.reason
    if any(cube_named(name).answers(question.dimensions) for name in state.memory.behind):
        reason = "The last refresh could not fetch these figures from Cost Explorer; refresh again to complete it."
    provenance = Provenance("", "", metric, notes=(reason,))
    return CostAnswer(question, (), {}, {}, provenance, (Failure("not_stored", reason),))


def noted(provenance: Provenance, note: str) -> Provenance:
    """The same origin with one more sentence."""
    return replace(provenance, notes=(*provenance.notes, note))
