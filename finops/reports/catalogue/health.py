"""Health: how fresh every source is, what failed, what the tool's own requests cost, and whether its stores work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.money import ZERO, exact_sum
from finops.model.people import Right
from finops.model.reports import Column, Figure, Kind, Provenance, Report, Table, Tone
from finops.reports.definition import Definition
from finops.reports.words import UNKNOWN, counted, moment_text, money

if TYPE_CHECKING:
    from decimal import Decimal

    from finops.model.reports import Cell
    from finops.reports.definition import Asked, HealthState, Sources

SOURCES = (
    Column("source", "Source"),
    Column("status", "Last run"),
    Column("fetched_at", "Fetched", Kind.INSTANT),
    Column("attempted_at", "Last tried", Kind.INSTANT),
    Column("start", "First day", Kind.DAY),
    Column("end", "Day after the last", Kind.DAY),
    Column("rows", "Rows", Kind.NUMBER),
    Column("requests", "Requests of the last run", Kind.NUMBER),
    Column("estimated_from", "May change from", Kind.DAY),
    Column("failures", "Failures"),
)
METER = (
    Column("service", "Service"),
    Column("operation", "Operation"),
    Column("outcome", "Outcome"),
    Column("feature", "For"),
    Column("requests", "Requests", Kind.NUMBER),
    Column("cost", "Cost", Kind.MONEY, "USD"),
)
PARTS = (Column("name", "Part"), Column("ok", "Works", Kind.TRUTH), Column("detail", "Detail"))
_SOUND = frozenset({"committed", "running"})


def make(sources: Sources, asked: Asked) -> Report:
    """The figures of Health; its only AWS request, whose the credentials are, is free."""
    state = sources.health(asked.tenant)
    broken = [part.name for part in state.stores if not part.ok]
    stale = [source.source for source in state.sources if source.status not in _SOUND]
    fetched = max((source.fetched_at for source in state.sources if source.fetched_at), default=None)
    missing = (*(f"{name} does not work." for name in broken), *_untold(state))
    return Report(
        asked.request,
        REPORT.title,
        _headline(state, broken, stale),
        asked.now,
        None,
        figures=(
            Figure("Costs fetched", moment_text(fetched)),
            _count("Sources in trouble", len(stale), len(state.sources)),
            _count("Stores in trouble", len(broken), len(state.stores)),
            Figure("Spent on requests", money(state.spent, "USD"), _ceiling(state), exact=state.spent),
        ),
        tables=(_sources(state), _parts(state), _meter(state)),
        provenance=Provenance(source="health", currency="USD", fetched_at=asked.now, facts=(("Month", state.month),)),
        failures=state.failures,
        missing=missing,
        page="/health",
    )


def _headline(state: HealthState, broken: list[str], stale: list[str]) -> str:
    if broken or stale:
        return f"{counted(len(broken) + len(stale), 'part')} in trouble: {', '.join((*broken, *stale))}"
    if not state.sources:
        return "No costs are stored yet"
    trouble = f", {counted(len(state.failures), 'failure')} told" if state.failures else ""
    return f"{counted(len(state.sources), 'source')} and {counted(len(state.stores), 'store')} work{trouble}"


def _count(label: str, number: int, whole: int) -> Figure:
    if not whole:
        return Figure(label, UNKNOWN)
    return Figure(label, f"{number} of {whole}", tone=Tone.WORSE if number else Tone.BETTER, exact=number)


def _ceiling(state: HealthState) -> str:
    return f"of {money(state.ceiling, 'USD')} this month" if state.ceiling is not None else "no ceiling"


def _untold(state: HealthState) -> tuple[str, ...]:
    return () if state.sources else ("No source of costs is known: nothing was fetched or imported yet.",)


def _sources(state: HealthState) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            *(each.source, each.status, each.fetched_at, each.attempted_at),
            *((each.period.start, each.period.end) if each.period else (None, None)),
            *(each.rows, each.requests, each.estimated_from),
            "; ".join(failure.message for failure in each.failures),
        )
        for each in sorted(state.sources, key=lambda source: source.source)
    ]
    return Table("sources", "Sources", SOURCES, lambda: rows, len(rows), about=("source", "status"))


def _parts(state: HealthState) -> Table:
    rows = [(part.name, part.ok, part.detail) for part in state.stores]
    return Table("stores", "Stores", PARTS, lambda: rows, len(rows), about=("name",))


def _meter(state: HealthState) -> Table:
    """The month's AWS calls; who asked for them is for the Health page alone to say."""
    sums: dict[tuple[str, ...], tuple[int, Decimal]] = {}
    for line in state.meter:
        key = (line.service, line.operation, line.outcome, line.feature)
        requests, cost = sums.get(key, (0, ZERO))
        sums[key] = (requests + line.requests, exact_sum((cost, line.cost)))
    ordered = sorted(sums.items(), key=lambda each: (-each[1][1], -each[1][0], each[0]))
    rows: list[tuple[Cell, ...]] = [(*key, *amounts) for key, amounts in ordered]
    note = f"Calls of {state.month}, of all tenants: one account pays for them."
    return Table("requests", "AWS requests", METER, lambda: rows, len(rows), note, ("service", "operation"))


REPORT = Definition(
    name="health",
    title="Health",
    help="How fresh every source is, what failed, what the tool's own requests cost, whether its stores work.",
    rights=(Right.VIEW_HEALTH,),
    parameters=(),
    make=make,
    usual=None,
    usual_text="now",
)
