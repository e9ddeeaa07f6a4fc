"""What a refresh asks Cost Explorer, and what that costs, computed before anything is sent. Pure.

The first refresh asks every cube by day for fourteen months, and by month for what lies before as far as the account
offers it. Later ones ask the control cube for the days that are not settled, hold its totals against the stored ones,
and ask the other cubes for the days that changed and nothing else. docs/cost-explorer.md gives the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING

from finops.aws.cost_explorer import RESOURCE_DAYS
from finops.costs.cubes import CONTROL, COST_EXPLORER, RESOURCES
from finops.costs.memory import UNKNOWN, Memory
from finops.model import spans
from finops.model.costs import Coverage, CubeSpec, Granularity
from finops.model.errors import InputError
from finops.model.metering import CE_REQUEST_PRICE
from finops.model.period import Period, add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from finops.model.spans import Spans

DAILY_MONTHS = 14
HISTORY_MONTHS = 38
CLOSING_DAY = 10
"""Last month counts as unsettled through this day: AWS closes bills in the first days of a month, credits follow."""


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One question to Cost Explorer: a cube over a period. `estimated_pages` are requests paid for."""

    cube: CubeSpec
    grain: Granularity
    period: Period
    reason: str
    estimated_pages: int


@dataclass(frozen=True, slots=True)
class RefreshPlan:
    """What a refresh would send, in order.

    `requests` and `price` (US dollars) are estimates, and `bound` says of which kind: "at least" while a cube was
    never fetched, so that nobody knows how many groups it has; "about" afterwards, since how many days changed shows
    only on the way. With `skipped_reason` nothing is sent.
    """

    tenant: str
    steps: tuple[PlannedRequest, ...]
    requests: int
    price: Decimal
    bound: str = "about"
    skipped_reason: str = ""


@dataclass(frozen=True, slots=True)
class Outset:
    """What a plan is made from: the cubes wanted, what is stored of them, what the last refresh left, and today."""

    tenant: str
    wanted: tuple[CubeSpec, ...]
    coverage: Mapping[tuple[str, Granularity], Coverage]
    memory: Memory
    now: datetime
    since: date | None = None
    empty: Spans = ()  # days of which the probe says that nothing was charged
    older: Period | None = None  # months before the daily ones, as the probe of this refresh found them

    @property
    def window(self) -> Period:
        """The days Cost Explorer gives by day: from a first of the month within the past 14 months through today."""
        return Period(daily_start(self.now.date()), self.now.date() + timedelta(days=1))

    def reach(self, cube: CubeSpec) -> Period:
        """The days Cost Explorer gives of a cube: all of the window, but for resources the last fourteen."""
        if cube != RESOURCES:
            return self.window
        return Period(self.window.end - timedelta(days=RESOURCE_DAYS), self.window.end)

    def stored(self, cube: CubeSpec, grain: Granularity = Granularity.DAILY) -> Coverage | None:
        """What is stored of a cube."""
        return self.coverage.get((cube.name, grain))

    @property
    def history(self) -> Period | None:
        """The months before the daily ones that the account offers; None for none, or as long as nobody has looked."""
        entry = self.stored(CONTROL, Granularity.MONTHLY)
        return self.older or (entry.period if entry else None)

    def never_held(self, cube: CubeSpec) -> Spans:
        """Days within reach that the cube does not hold and that may have cost."""
        return spans.without(self.unheld(cube), self.empty)

    def unheld(self, cube: CubeSpec) -> Spans:
        """Days within reach that the cube does not hold."""
        entry, reach = self.stored(cube), self.reach(cube)
        return spans.without((reach,), spans.held(entry)) if entry else (reach,)

    def behind(self, cube: CubeSpec) -> Spans:
        """Changed days that could not be fetched and still can be."""
        return spans.clipped(self.memory.behind.get(cube.name, ()), self.reach(cube))

    def pages(self, cube: CubeSpec, days: int) -> int:
        """Requests that a cube's days take, from the groups a day has had so far; one where nothing is known."""
        entry = self.stored(cube)
        if entry is None or not entry.rows:
            return 1
        groups = entry.rows / spans.count(spans.held(entry)) * days
        return max(1, ceil(groups / self.memory.page_groups))

    def unripe(self, cube: CubeSpec) -> Spans:
        """Days held whose figures were fetched before they had been over for a day."""
        entry = self.stored(cube)
        if entry is None:
            return ()
        first = entry.fetched_at.date() - timedelta(days=1)
        return spans.clipped(spans.held(entry), Period(first, max(entry.period.end, first + timedelta(days=1))))


def outset(
    tenant: str,
    wanted: Sequence[CubeSpec],
    coverage: Iterable[Coverage],
    memory: Memory,
    *,
    now: datetime,
    since: date | None,
) -> Outset:
    """The outset of a tenant's plan; InputError for a `since` that Cost Explorer has no days for."""
    today = now.date()
    first = daily_start(today)
    if since is not None and not first <= since <= today:
        raise InputError(
            "since", f"since must be between {first} and {today}: Cost Explorer gives days of the past 14 months only"
        )
    entries = {(entry.cube.name, entry.grain): entry for entry in coverage if entry.source == COST_EXPLORER}
    return Outset(tenant, tuple(wanted), entries, memory, now, since)


def daily_start(today: date) -> date:
    """The first day asked by day: a first of the month, since beyond 14 months Cost Explorer accepts no other."""
    earliest = add_months(today, -DAILY_MONTHS)
    return earliest if earliest.day == 1 else add_months(month_start(earliest), 1)


def history_period(today: date) -> Period:
    """The months before the daily window that an account may offer by month: 38 with the running one."""
    return Period(add_months(month_start(today), 1 - HISTORY_MONTHS), daily_start(today))


def probe_steps(start: Outset) -> tuple[PlannedRequest, ...]:
    """The control cube's requests: unsettled days and days never held, then older months if nobody has looked yet."""
    if start.since is not None:
        asked: Spans = (Period(start.since, start.window.end),)
        reason = f"asked for from {start.since}"
    else:
        asked = spans.joined((*start.never_held(CONTROL), *_unsettled(start), *start.behind(CONTROL)))
        reason = "days that are not settled" if start.stored(CONTROL) else "never fetched"
    steps = [
        step
        for span in _packed(start, CONTROL, spans.clipped(asked, start.window))
        for step in [_step(start, CONTROL, span, reason)]
    ]
    if start.memory.history == UNKNOWN and start.since is None:
        steps.append(
            PlannedRequest(
                CONTROL,
                Granularity.MONTHLY,
                history_period(start.now.date()),
                "older months, if the account keeps them",
                1,
            )
        )
    return tuple(steps)


def cube_steps(start: Outset, changed: Spans) -> tuple[PlannedRequest, ...]:
    """The other cubes' requests, once it is known (or, in a plan, supposed) which days changed."""
    steps: list[PlannedRequest] = []
    for cube in start.wanted[1:]:
        steps += _daily_steps(start, cube, changed)
    older = start.history
    if older is not None and start.since is None:
        lacking = [cube for cube in start.wanted[1:] if _lacks_older(start, cube)]
        steps += [PlannedRequest(cube, Granularity.MONTHLY, older, "older months", 1) for cube in lacking]
    return tuple(steps)


def planned(start: Outset, *, skipped_reason: str = "") -> RefreshPlan:
    """The plan before anything is sent: the probe, and the other cubes for the days expected to have changed."""
    if skipped_reason:
        return RefreshPlan(start.tenant, (), 0, Decimal(0), "about", skipped_reason)
    if start.since is not None:
        expected: Spans = (Period(start.since, start.window.end),)
    else:
        expected = spans.joined((*start.unripe(CONTROL), *start.never_held(CONTROL)))
    steps = (*probe_steps(start), *cube_steps(start, expected))
    return _plan(start, steps)


def lagging(start: Outset) -> tuple[CubeSpec, ...]:
    """Cubes that lack days the control cube holds, or whose changed days could not be fetched."""
    control = start.stored(CONTROL)
    if control is None:
        return start.wanted
    days = spans.held(control)
    return tuple(
        cube
        for cube in start.wanted[1:]
        if start.behind(cube)
        or (entry := start.stored(cube)) is None
        or spans.without(spans.clipped(days, start.reach(cube)), spans.held(entry))
        or (start.history is not None and _lacks_older(start, cube))
    )


def repairs(start: Outset) -> RefreshPlan:
    """Requests for lagging cubes alone: a refresh that failed in part is finished without asking all again."""
    names = {cube.name for cube in lagging(start)}
    steps = tuple(step for step in cube_steps(start, ()) if step.cube.name in names)
    return _plan(start, steps)


def _plan(start: Outset, steps: tuple[PlannedRequest, ...]) -> RefreshPlan:
    requests = sum(step.estimated_pages for step in steps)
    unknown = any(start.stored(step.cube) is None for step in steps if step.grain is Granularity.DAILY)
    return RefreshPlan(start.tenant, steps, requests, requests * CE_REQUEST_PRICE, "at least" if unknown else "about")


def _lacks_older(start: Outset, cube: CubeSpec) -> bool:
    return cube != RESOURCES and start.stored(cube, Granularity.MONTHLY) is None


def _daily_steps(start: Outset, cube: CubeSpec, changed: Spans) -> list[PlannedRequest]:
    missing = start.never_held(cube) if start.since is None else ()
    behind = start.behind(cube)
    asked = spans.clipped((*missing, *changed, *behind), start.reach(cube))
    steps = []
    for span in _packed(start, cube, spans.joined(asked)):
        if start.stored(cube) is None:
            reason = "never fetched"
        elif spans.common((span,), behind):
            reason = "could not be fetched last time"
        else:
            reason = "days that changed"
        steps.append(_step(start, cube, span, reason))
    return steps


def _unsettled(start: Outset) -> Spans:
    """The running month, the last until it closes, and whatever was estimated or incomplete when last asked."""
    today = start.now.date()
    first = month_start(today)
    if today.day <= CLOSING_DAY:
        first = add_months(first, -1)
    control = start.stored(CONTROL)
    known = [first, *(span.start for span in start.unripe(CONTROL))]
    if control is not None and control.estimated_from is not None:
        known.append(control.estimated_from)
    return spans.clipped((Period(min(known), start.window.end),), start.window)


def _packed(start: Outset, cube: CubeSpec, asked: Spans) -> Spans:
    """Neighbouring spans as one where that takes no more requests: days in between cost nothing on a page with room."""
    packed: list[Period] = []
    for span in asked:
        if packed:
            whole = Period(packed[-1].start, span.end)
            apart = start.pages(cube, packed[-1].days) + start.pages(cube, span.days)
            if start.pages(cube, whole.days) <= apart:
                packed[-1] = whole
                continue
        packed.append(span)
    return tuple(packed)


def _step(start: Outset, cube: CubeSpec, span: Period, reason: str) -> PlannedRequest:
    return PlannedRequest(cube, Granularity.DAILY, span, reason, start.pages(cube, span.days))
