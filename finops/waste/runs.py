"""A run from the inventory to stored findings: measure, judge, accept, keep, and tell what became of older ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from finops.model.errors import FinopsError
from finops.model.findings import FindingStatus, Verdict
from finops.model.jobs import Outcome, Progress
from finops.model.metering import Caller
from finops.waste.check import FEATURE
from finops.waste.contract import RunFacts, accepted
from finops.waste.imported import without_doubles
from finops.waste.lifecycle import record_run
from finops.waste.running import Judged, Measurement, cells, judgements, measurement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from finops.model.findings import FindingState, Levels
    from finops.store import Run, Store
    from finops.waste.check import Check
    from finops.waste.context import Context
    from finops.waste.contract import Accepted
    from finops.waste.estate import Estate
    from finops.waste.judging import TagRule
    from finops.waste.sight import Sight

_UNDER_WAY = (FindingStatus.OPEN, FindingStatus.REOPENED, FindingStatus.SNOOZED)


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What is to be done, and for whom."""

    tenant: str
    checks: tuple[Check, ...]
    workspace: str
    user: str
    exclude: tuple[TagRule, ...]


class Runner:
    """Runs checks and stores what they find."""

    def __init__(self, store: Store, levels: Callable[[Check], Levels]) -> None:
        self._store = store
        self._levels = levels

    def outcome(self, order: RunOrder, sight: Sight, report: Callable[[Progress], None], *, moves: bool) -> Outcome:
        """Does the run; with `moves` findings open, reopen and resolve by it. StoreError when it cannot be kept."""
        at, caller = sight.now(), Caller(order.tenant, FEATURE, order.user)
        before = sight.calls.made(caller)
        run = self._store.findings.begin(order.tenant, {"workspace": order.workspace})
        try:
            context = sight.context(order.tenant, at, caller)
            told = _Told(report, len(order.checks), lambda: sight.calls.made(caller) - before)
            done = list(_measured(order.checks, context, told))
            measured = self._judged(done, order)
            facts = RunFacts(order.tenant, order.workspace, run.run_id, at)
            kept = accepted((one.draft for _, said in measured for one in said), facts)
            failures = tuple(dict.fromkeys(failure for found in done for failure in found.failures))
            run = replace(run, failures=failures, detail=_detail(order, facts.run_date, measured, kept))
            self._keep(run, order, facts, done, kept)
        except FinopsError:
            self._store.ledger.fail(run, ())
            raise
        counts = _counts(kept) | {"calls": sight.calls.made(caller) - before}
        if moves:
            cleared = _cleared(kept, order, self._gone(order.tenant, context.estate, done, kept))
            flagged = [each for each in kept.findings if each.verdict is Verdict.FLAGGED]
            counts |= record_run(self._store.finding_states, order.tenant, flagged=flagged, cleared=cleared, at=at)
        return Outcome(counts, failures, nothing_done=bool(failures) and not kept.findings)

    def _judged(self, done: Sequence[Measurement], order: RunOrder) -> list[tuple[Measurement, tuple[Judged, ...]]]:
        """Each measurement with its judgements; what AWS recommends too gives way to own findings."""
        said = without_doubles(
            [one for found in done for one in judgements(found, self._levels(found.check), order.exclude)]
        )
        by_check: dict[str, list[Judged]] = {found.check.check_id: [] for found in done}
        for one in said:
            by_check[one.check.check_id].append(one)
        return [(found, tuple(by_check[found.check.check_id])) for found in done]

    def _keep(
        self, run: Run, order: RunOrder, facts: RunFacts, measured: Sequence[Measurement], kept: Accepted
    ) -> None:
        """Stores what the checks that ran to their end found; an earlier run's rows of the others stay."""
        whole = {found.check.check_id for found in measured if found.whole}
        findings = [finding for finding in kept.findings if finding.check_id in whole]
        if not whole:
            self._store.ledger.fail(run, run.failures)
            return
        self._store.findings.replace(
            order.tenant, findings, run, workspace=order.workspace, run_date=facts.run_date, checks=whole
        )

    def _gone(self, tenant: str, estate: Estate, measured: Sequence[Measurement], kept: Accepted) -> Iterator[str]:
        """Findings under way whose resource a whole listing and a whole check no longer know."""
        seen = {finding.fingerprint for finding in kept.findings}
        whole = {found.check.check_id: found for found in measured if found.whole}
        for state in self._store.finding_states.states(tenant).values():
            found = whole.get(state.check_id)
            if found is None or state.fingerprint in seen or state.status not in _UNDER_WAY:
                continue
            if _was_looked_for(state, found, estate):
                yield state.fingerprint


class _Told:
    """Tells how many checks are done."""

    def __init__(self, report: Callable[[Progress], None], total: int, calls: Callable[[], int]) -> None:
        self._report = report
        self._total = total
        self._calls = calls
        self._done = self._items = self._failures = 0

    def next(self, check: Check) -> None:
        self._report(Progress(self._done, self._total, self._items, self._calls(), self._failures, note=check.title))

    def done(self, found: Measurement) -> None:
        self._done += 1
        self._items += len(found.observations)
        self._failures += len(found.failures)


def _measured(checks: Sequence[Check], context: Context, told: _Told) -> Iterator[Measurement]:
    for check in checks:
        told.next(check)
        found = measurement(check, context)
        told.done(found)
        yield found


def _cleared(kept: Accepted, order: RunOrder, gone: Iterator[str]) -> set[str]:
    """Fingerprints that this run judged fine, or whose resource is no more. What is left out by its tag is neither."""
    fine = {Verdict.OK, Verdict.NOT_APPLICABLE}
    judged = (each for each in kept.findings if each.verdict in fine)
    return {each.fingerprint for each in judged if not any(rule.hits(each.tags) for rule in order.exclude)} | set(gone)


def _was_looked_for(state: FindingState, found: Measurement, estate: Estate) -> bool:
    here = [failure for failure in found.failures if failure.account in {"", state.account}]
    if any(failure.region in {"", state.region} for failure in here):
        return False
    return state.kind not in found.check.kinds or estate.complete(state.kind, state.account, state.region)


def _looked_at(measured: Sequence[tuple[Measurement, Sequence[Judged]]]) -> dict[str, list[list[str]]]:
    """Account and region of what checks without a kind of the inventory saw: no listing tells where they looked."""
    return {
        found.check.check_id: [
            list(place) for place in sorted({(one.observation.account, one.observation.region) for one in said})
        ]
        for found, said in measured
        if not found.check.kinds
    }


def _counts(kept: Accepted) -> dict[str, int]:
    counts = {str(verdict): 0 for verdict in Verdict}
    for finding in kept.findings:
        counts[finding.verdict] += 1
    return {"observations": len(kept.findings) + len(kept.rejected), **counts, "rejected": len(kept.rejected)}


def _detail(
    order: RunOrder, run_date: date, measured: Sequence[tuple[Measurement, Sequence[Judged]]], kept: Accepted
) -> dict[str, object]:
    dark = [cell for found, said in measured for cell in cells(found, said)]
    return {
        "workspace": order.workspace,
        "run_date": run_date.isoformat(),
        "checks": [check.check_id for check in order.checks],
        "counts": _counts(kept),
        "dark": [asdict(cell) for cell in dark],
        "looked_at": _looked_at(measured),
        "rejected": [asdict(each) for each in kept.rejected[:100]],
    }
