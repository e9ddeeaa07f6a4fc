"""Which stored figures answer a question, or why none can. Pure: questions and coverage in, a route or a reason out.

One question is answered by exactly one source; figures of two sources are never added. Among the sources that have
the metric and the dimensions, the one that holds most of the period answers, and an imported bill wins a tie because
it is the invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from finops.costs.cubes import CONTROL_CUBES, COST_EXPLORER, FOCUS, LINES
from finops.costs.metrics import Reading, answerable, lacking, reading
from finops.model import spans
from finops.model.costs import CostQuestion, Coverage, CubeSpec, Granularity, Metric
from finops.model.errors import InputError
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from finops.model.spans import Spans

KNOWN_SOURCES = (COST_EXPLORER, FOCUS)
NAMES = {COST_EXPLORER: "Cost Explorer", FOCUS: "the imported bill"}
_IMPORT = "Import a FOCUS export to ask this."


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the question, and the stored grain that answers it."""

    grain: Granularity
    period: Period


@dataclass(frozen=True, slots=True)
class Route:
    """Where an answer comes from. `missing` are the days nothing is stored for, up to today."""

    source: str
    cube: CubeSpec
    reading: Reading
    pieces: tuple[Piece, ...]
    missing: Spans
    notes: tuple[str, ...]
    coverage: Coverage

    @property
    def covered(self) -> Period:
        """From the first to past the last day answered."""
        return Period(min(piece.period.start for piece in self.pieces), max(piece.period.end for piece in self.pieces))

    @property
    def days(self) -> int:
        """How many days are answered."""
        return spans.count(piece.period for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Why no stored figures answer, and what to do about it."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Stored:
    """One cube of one source, all its grains."""

    source: str
    cube: CubeSpec
    grains: dict[Granularity, Coverage]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return tuple(dict.fromkeys(metric for entry in self.grains.values() for metric in entry.metrics))

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.grains.values())

    def answers(self, dimensions: frozenset[str]) -> bool:
        if self.cube.name != LINES:
            return self.cube.answers(dimensions)
        # Line items keep every tag and category of their source, promoted or not.
        return self.cube.answers(frozenset(name for name in dimensions if ":" not in name))


def route(
    question: CostQuestion, coverage: Sequence[Coverage], today: date, *, also: Period | None = None
) -> Route | NoRoute:
    """The route of a question. `also` is a second period the same source should hold, as a comparison needs.

    InputError for a source nobody knows, and for a metric that no source of the tenant has (it names those there are).
    """
    considered = _considered(question, coverage)
    if isinstance(considered, NoRoute):
        return considered
    fitting = [stored for stored in considered if stored.answers(question.dimensions)]
    able = [stored for stored in fitting if reading(question.metric, stored.metrics) is not None]
    if not able:
        return _unable(question, considered, fitting)
    candidates = [found for stored in able if (found := _route(question, stored, today)) is not None]
    if not candidates:
        return NoRoute(_uncovered(question.period, able, today))
    return min(candidates, key=lambda found: _rank(found, question, able, also))


def _considered(question: CostQuestion, coverage: Sequence[Coverage]) -> list[_Stored] | NoRoute:
    if question.source is not None and question.source not in {*KNOWN_SOURCES, *(entry.source for entry in coverage)}:
        raise InputError("source", f"source must be one of {', '.join(KNOWN_SOURCES)}")
    if not coverage:
        return NoRoute(
            f"No costs are stored for tenant {question.tenant} yet. Run `python -m finops costs refresh`, "
            "or import a bill with `python -m finops bill import PATH`."
        )
    found: dict[tuple[str, str], _Stored] = {}
    for entry in coverage:
        if question.source in {None, entry.source}:
            stored = found.setdefault((entry.source, entry.cube.name), _Stored(entry.source, entry.cube, {}))
            stored.grains[entry.grain] = entry
    considered = list(found.values())
    metrics = [metric for stored in considered for metric in stored.metrics]
    if not considered:
        return NoRoute(
            f"No costs from {NAMES.get(str(question.source), question.source)} are stored for tenant {question.tenant}."
        )
    if question.metric is not None and metrics and reading(question.metric, metrics) is None:
        raise lacking(question.metric, metrics, source=question.source or "")
    return considered


def _route(question: CostQuestion, stored: _Stored, today: date) -> Route | None:
    read = reading(question.metric, stored.metrics)
    bounds = question.period.clipped(Period(date.min, today + timedelta(days=1)))
    if bounds is None or read is None:
        return None
    daily = stored.grains.get(Granularity.DAILY)
    monthly = stored.grains.get(Granularity.MONTHLY)
    by_day = spans.clipped(spans.held(daily), bounds) if daily else ()
    left = spans.without((bounds,), by_day)
    months = spans.whole_months(spans.common(left, spans.held(monthly))) if monthly else ()
    notes: tuple[str, ...] = ()
    if months and question.granularity is Granularity.DAILY:
        notes = (f"Only monthly figures are stored before {months[-1].end}; ask by month to see them.",)
        months = ()
    missing = spans.without(left, months)
    if monthly and not notes and missing and missing[0].overlaps(monthly.period):
        notes = (f"Before {monthly.period.end} only whole months are stored.",)
    pieces = (
        *(Piece(Granularity.MONTHLY, span) for span in months),
        *(Piece(Granularity.DAILY, span) for span in by_day),
    )
    entry = daily or monthly
    if not pieces or entry is None:
        return None
    return Route(stored.source, stored.cube, read, pieces, missing, (*notes, *_missing_note(missing)), entry)


def _missing_note(missing: Spans) -> tuple[str, ...]:
    if not missing:
        return ()
    days = spans.count(missing)
    listed = ", ".join(
        f"{span.start}" if span.days == 1 else f"{span.start} to {span.last_day}" for span in missing[:3]
    )
    more = " and others" if len(missing) > len(missing[:3]) else ""
    return (f"{days} {'day is' if days == 1 else 'days are'} not stored: {listed}{more}.",)


def _rank(
    found: Route, question: CostQuestion, able: Iterable[_Stored], also: Period | None
) -> tuple[int, bool, bool, int]:
    """Smallest first: most days held, an imported bill before Cost Explorer, the control cube, the fewest rows."""
    days = found.days
    stored = next(one for one in able if (one.source, one.cube) == (found.source, found.cube))
    if also is not None:
        second = _route(question.over(also), stored, also.last_day)
        days += second.days if second else 0
    return (-days, found.source != FOCUS, found.cube.name != CONTROL_CUBES.get(found.source), stored.rows)


def _unable(question: CostQuestion, considered: Sequence[_Stored], fitting: Sequence[_Stored]) -> NoRoute:
    """Why nothing carries what is asked: the dimensions together, or the metric where the dimensions are."""
    wanted = _listed(sorted(question.dimensions))
    if fitting:
        metrics = ", ".join(answerable(metric for stored in fitting for metric in stored.metrics))
        where = _listed(sorted({NAMES.get(stored.source, stored.source) for stored in fitting}))
        return NoRoute(
            f"Only {where} carries {wanted}, and it cannot tell {question.metric}. Ask for one of {metrics}."
        )
    if "resource" in question.dimensions:
        return NoRoute(
            "Resources are known from line items, or from Cost Explorer's last 14 days with FINOPS_RESOURCE_COSTS; "
            f"neither is stored with this. {_IMPORT}"
        )
    sources = {stored.source for stored in considered}
    if sources != {COST_EXPLORER}:
        return NoRoute(f"No stored cross-section or line item carries {wanted}.")
    together = " together" if len(question.dimensions) > 1 else ""
    unknown = [
        name
        for name in sorted(question.dimensions)
        if not any(stored.answers(frozenset({name})) for stored in considered)
    ]
    tags = [name.partition(":")[2] for name in unknown if name.startswith("tag:")]
    advice = (
        f"Add {_listed(tags)} to FINOPS_TAG_KEYS and refresh, or import a FOCUS export."
        if tags and len(question.dimensions) == 1
        else _IMPORT
    )
    return NoRoute(f"Cost Explorer's stored cross-sections do not carry {wanted}{together}. {advice}")


def _uncovered(period: Period, able: Sequence[_Stored], today: date) -> str:
    if period.start > today:
        return f"{period.start} to {period.last_day} has not happened yet: costs are known up to {today}."
    entries = [entry for stored in able for entry in stored.grains.values()]
    known = Period(min(entry.period.start for entry in entries), max(entry.period.end for entry in entries))
    asked = f"between {period.start} and {period.last_day}"
    return f"No costs are stored {asked}: stored are {known.start} to {known.last_day}."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
