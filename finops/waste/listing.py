"""Findings as people see them: what the latest runs found, how it stands, since when, and which checks saw what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from finops.model.errors import InputError
from finops.model.findings import FindingStatus, Verdict
from finops.store.finding_sql import SORTS, FindingFilter, FindingOrder
from finops.waste.checks import checks
from finops.waste.rejudging import fits, rejudged
from finops.waste.totals import totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from finops.model.assets import PlaceState
    from finops.model.findings import Finding, FindingState, Levels
    from finops.model.outcome import Failure
    from finops.store import Run, Store
    from finops.waste.check import Check
    from finops.waste.judging import TagRule
    from finops.waste.totals import Totals

WORKSPACE = "main"
Deviations: TypeAlias = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
"""Thresholds that are others than those findings are stored by: for a check id, every threshold with its value."""
STANDING = (FindingStatus.OPEN, FindingStatus.REOPENED)
"""What waits for somebody."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Trials:
    """Thresholds by which some checks are judged again, by check id, and the tags that leave resources out."""

    checks: Mapping[str, tuple[Check, Levels]]
    exclude: tuple[TagRule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.checks)


def workspace_name(text: str) -> str:
    """The workspace, or InputError: its name becomes part of keys."""
    if not _NAME.fullmatch(text):
        raise InputError("workspace", "workspace must match ^[a-z0-9][a-z0-9-]{0,62}$")
    return text


@dataclass(frozen=True, slots=True)
class FindingQuestion:
    """Which findings, in which order, which page. No `statuses` asks for all; `owner` is who they are assigned to.

    `levels` are thresholds of somebody's own: the observations of those checks are judged by them.
    """

    filter: FindingFilter = field(default_factory=FindingFilter)
    statuses: tuple[FindingStatus, ...] = STANDING
    owner: str | None = None
    order: FindingOrder = field(default_factory=FindingOrder)
    workspace: str = WORKSPACE
    levels: Deviations = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding with how it stands. `first_seen` and `last_seen` are when it was flagged; None: never, on this day."""

    finding: Finding
    status: FindingStatus
    state: FindingState | None
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class FindingList:
    """A page of findings, and what all that fit come to, whatever the page.

    `run` is the latest run that stored findings; `failures` are what it could not see, and stored parts that cannot be
    read.
    """

    items: tuple[Standing, ...]
    total: int
    totals: Totals
    run: Run | None
    failures: tuple[Failure, ...] = ()


def findings(
    store: Store, tenant: str, question: FindingQuestion, now: datetime, trials: Trials | None = None
) -> FindingList:
    """The latest findings that fit. InputError for an unknown sort, a negative page or an impossible status.

    Those of the checks in `trials` are judged again by other thresholds first.
    """
    order = question.order
    if order.sort not in SORTS:
        raise InputError("sort", f"findings are sorted by {', '.join(SORTS)}")
    if order.offset < 0 or (order.limit is not None and order.limit < 0):
        raise InputError("limit", "a page has no negative number")
    states = store.finding_states.states(tenant)
    wanted = _narrowed(question, states, now)
    there, damaged = _there(store, tenant, question, wanted, trials)
    gone = _gone(store, tenant, question, {each.fingerprint for each in there}, states)
    found = _sorted([*there, *gone], order) if gone or trials else there
    stop = None if order.limit is None else order.offset + order.limit
    shown = found[order.offset : stop]
    dates, _ = store.findings.seen_dates(tenant, question.workspace, [each.fingerprint for each in shown])
    runs = covering_runs(store, tenant, question.workspace)
    items = []
    for each in shown:
        state, seen = states.get(each.fingerprint), dates.get(each.fingerprint)
        status = state.effective(now) if state else FindingStatus.OPEN
        items.append(Standing(each, status, state, seen.first if seen else None, seen.last if seen else None))
    seen_by = {run.run_id: run for run in runs.values()}.values()
    failures = (*(failure for run in seen_by for failure in run.failures), *damaged)
    return FindingList(tuple(items), len(found), totals(found), _latest(runs.values()), tuple(dict.fromkeys(failures)))


def _there(
    store: Store, tenant: str, question: FindingQuestion, wanted: FindingFilter, trials: Trials | None
) -> tuple[tuple[Finding, ...], tuple[Failure, ...]]:
    """What the latest runs found, and stored parts that cannot be read."""
    order = _all(question.order)
    if not trials:
        page = store.findings.latest(tenant, question.workspace, wanted, order)
        return page.findings, page.failures
    others = tuple(check.check_id for check in checks() if check.check_id not in trials.checks)
    asked = tuple(name for name in wanted.checks or others if name not in trials.checks)
    page = store.findings.latest(tenant, question.workspace, replace(wanted, checks=asked or ("",)), order)
    again, damaged = rejudged(store, tenant, question.workspace, trials.checks, trials.exclude)
    return (*page.findings, *(each for each in again if fits(each, wanted))), (*page.failures, *damaged)


def _gone(
    store: Store, tenant: str, question: FindingQuestion, shown: set[str], states: Mapping[str, FindingState]
) -> tuple[Finding, ...]:
    """Resolved findings that no run finds any more, as they were when last flagged, where they are asked for."""
    wanted = question.filter
    if FindingStatus.RESOLVED not in question.statuses or Verdict.FLAGGED not in (wanted.verdicts or tuple(Verdict)):
        return ()
    names = [
        name
        for name, state in states.items()
        if name not in shown
        and state.status is FindingStatus.RESOLVED
        and (question.owner is None or state.owner == question.owner)
        and (wanted.fingerprints is None or name in wanted.fingerprints)
    ]
    return store.findings.last_flagged(tenant, question.workspace, replace(wanted, fingerprints=names)).findings


_RANKS = {"high": 3, "medium": 2, "low": 1}


def _sorted(found: Iterable[Finding], order: FindingOrder) -> tuple[Finding, ...]:
    """In the order that the store gives: unknown values last, ties by fingerprint."""

    def value(each: Finding) -> Any:
        return _RANKS.get(each.severity, 1) if order.sort == "severity" else getattr(each, order.sort)

    ordered = sorted(found, key=lambda each: each.fingerprint)
    known = [each for each in ordered if value(each) is not None]
    return (*sorted(known, key=value, reverse=order.descending), *(each for each in ordered if value(each) is None))


def finding(store: Store, tenant: str, workspace: str, fingerprint: str) -> Finding:
    """The latest finding of a fingerprint. InputError when there is none."""
    wanted = FindingFilter(verdicts=(), fingerprints=(fingerprint,))
    found = store.findings.latest(tenant, workspace, wanted, FindingOrder(limit=1)).findings
    if not found:
        raise InputError("fingerprint", "there is no finding of this fingerprint")
    return found[0]


def covering_runs(store: Store, tenant: str, workspace: str = WORKSPACE) -> dict[str, Run]:
    """The run that counts for each check: its latest, whatever other runs there have been since."""
    covering = store.findings.covering(tenant, workspace)
    runs = {run.run_id: run for run in store.ledger.named(tenant, set(covering.values()))}
    return {check: runs[run_id] for check, run_id in covering.items() if run_id in runs}


def latest_run(store: Store, tenant: str, workspace: str = WORKSPACE) -> Run | None:
    """The latest run that stored findings of a workspace: of the latest day, whenever it was made."""
    return _latest(covering_runs(store, tenant, workspace).values())


def _latest(runs: Iterable[Run]) -> Run | None:
    return max(runs, key=lambda run: (str(run.detail.get("run_date")), run.run_id), default=None)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What each check could see at the latest run: a state for (check id, account, region), with its reason.

    States are `ok`, `no_data`, and the kinds of `AwsError`. What was never listed is not there.
    """

    states: Mapping[tuple[str, str, str], tuple[str, str]]
    run: Run | None


OK = "ok"


def coverage(store: Store, tenant: str, workspace: str) -> Coverage:
    """The visibility matrix: each check as its own latest run saw it."""
    runs = covering_runs(store, tenant, workspace)
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    places = store.assets.places(tenant)
    for check in checks():
        if check.check_id in runs:
            found.update({(check.check_id, *place): (OK, "") for place in _listed(places, check.kinds)})
    for check_id, run in runs.items():
        looked_at = run.detail.get("looked_at")
        for place in looked_at.get(check_id, ()) if isinstance(looked_at, dict) else ():
            found[check_id, str(place[0]), str(place[1])] = (OK, "")
        for cell in _cells(run.detail.get("dark")):
            if cell["check_id"] == check_id:
                found[check_id, cell["account"], cell["region"]] = (cell["state"], cell["reason"])
    return Coverage(dict(sorted(found.items())), _latest(runs.values()))


def _narrowed(question: FindingQuestion, states: Mapping[str, FindingState], now: datetime) -> FindingFilter:
    """The filter, without what stands otherwise than asked for. What nobody has touched is open and nobody's."""
    wanted = question.filter
    unfit = {
        name
        for name, state in states.items()
        if (question.statuses and state.effective(now) not in question.statuses)
        or (question.owner is not None and state.owner != question.owner)
    }
    narrowed = {name: getattr(wanted, name) for name in wanted.__slots__}
    narrowed["without"] = {*wanted.without, *unfit}
    untouched_fit = (not question.statuses or FindingStatus.OPEN in question.statuses) and not question.owner
    if not untouched_fit:
        held = set(states) - unfit
        narrowed["fingerprints"] = held if wanted.fingerprints is None else held & set(wanted.fingerprints)
    return FindingFilter(**narrowed)


def _all(order: FindingOrder) -> FindingOrder:
    return FindingOrder(order.sort, descending=order.descending, limit=None)


def _listed(places: Iterable[PlaceState], kinds: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    return {(each.place.account, each.place.region) for each in places if each.place.kind in kinds}


def _cells(value: object) -> Iterable[Mapping[str, str]]:
    return value if isinstance(value, list) else ()
