"""One refresh under way: probe, fetch what changed, check it, commit it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from finops.aws.failures import failure_of
from finops.costs.cubes import CONTROL, COST_EXPLORER, RESOURCES
from finops.costs.day_totals import (
    Figures,
    changed_days,
    days_without_rows,
    disagreements,
    of_charge_types,
    of_draft,
    of_stored,
)
from finops.costs.memory import HELD, NONE, Memory
from finops.costs.refresh_plan import Outset, PlannedRequest, RefreshPlan, cube_steps, probe_steps
from finops.costs.sources.cost_explorer import CubeFetcher, Fetched, empty_draft
from finops.model import spans
from finops.model.costs import CubeDraft, Granularity
from finops.model.errors import AwsError, CeilingReached, StoreError
from finops.model.outcome import Failure
from finops.model.period import Period

if TYPE_CHECKING:
    from decimal import Decimal

    from finops.model.spans import Spans
    from finops.store import Run, Store

Progress = Callable[[int, int, str], None]
"""Called with questions answered, questions known of, and the cube being asked."""

_SAME_FOR_ALL = {AwsError.DENIED, AwsError.EXPIRED, AwsError.NOT_ENABLED, AwsError.REFUSED}
"""Kinds of failure that the next request would meet as well."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The run as it ended, and what it changed."""

    run: Run
    rows: int = 0
    days: int = 0
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class RefreshRun:
    """The work of one run. `plan` decides whether it probes or only repairs what an earlier run could not fetch."""

    store: Store
    fetcher: CubeFetcher
    run: Run
    plan: RefreshPlan
    start: Outset
    progress: Progress | None
    drafts: list[CubeDraft] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    behind: dict[str, Spans] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    history: str = ""
    page_groups: int = 0
    answered: int = 0

    def outcome(self, sent: Callable[[], tuple[int, Decimal]]) -> Outcome:
        """Does all of it. `sent` tells requests and dollars so far; failures end up in the run, never as zero cost."""
        self.behind = dict(self.start.memory.behind) | {RESOURCES.name: self.start.behind(RESOURCES)}
        self.history = self.start.memory.history
        try:
            steps = self._probed() if any(step.cube == CONTROL for step in self.plan.steps) else self.plan.steps
        except (AwsError, CeilingReached, StoreError) as error:
            return self._failed(_failure(error), sent)
        self._fetch(steps)
        self._check()
        try:
            return self._committed(sent)
        except StoreError as error:
            return self._failed(_failure(error), sent)

    def _probed(self) -> tuple[PlannedRequest, ...]:
        """Asks the control cube, and says what the others have to be asked."""
        probes = probe_steps(self.start)
        changed: Spans = ()
        empty: Spans = ()
        for step in probes:
            self._tell(step, len(self.plan.steps))
            if step.grain is Granularity.MONTHLY:
                self._probe_history(step)
                continue
            fetched = self._kept(self.fetcher.fetch(step.cube, step.grain, step.period))
            changed = (*changed, *self._changed(fetched.draft))
            empty = (*empty, *days_without_rows(fetched.draft))
            self.behind[CONTROL.name] = spans.without(self.behind.get(CONTROL.name, ()), (step.period,))
        if self.start.since is not None:
            changed = (Period(self.start.since, self.start.window.end),)
        self.start = replace(self.start, empty=spans.joined(empty))
        return cube_steps(self.start, spans.joined(changed))

    def _probe_history(self, step: PlannedRequest) -> None:
        """Looks once whether the account keeps months older than the daily ones. A refusal is an answer, and free."""
        try:
            fetched = self.fetcher.fetch(step.cube, step.grain, step.period)
        except (AwsError, CeilingReached) as error:
            if isinstance(error, AwsError) and error.kind == AwsError.INVALID:
                self.history = NONE
            else:
                self.failures.append(_failure(error, "older months"))
            return
        self.history = HELD if fetched.rows else NONE
        if fetched.rows:
            # Before its first charge nobody can tell an account without cost from one whose older months are gone.
            first = date.fromisoformat(min(filter(None, fetched.draft.columns["charge_date"])))
            older = Period(first, step.period.end)
            self.start = replace(self.start, older=older)
            self._kept(replace(fetched, draft=replace(fetched.draft, period=older)))

    def _changed(self, draft: CubeDraft) -> Spans:
        """Days whose control totals are not those stored; every day where the stored ones cannot be read."""
        try:
            totals = self.store.cubes.day_totals(self.run.tenant, COST_EXPLORER, CONTROL.name, draft.period)
        except StoreError as error:
            log.warning("stored totals cannot be read, so every day counts as changed: %s", error)
            return (draft.period,)
        return changed_days(of_charge_types(draft), of_stored(totals, by_charge_type=True), (draft.period,))

    def _fetch(self, steps: tuple[PlannedRequest, ...]) -> None:
        """Asks for every cube; the first failure that the next request would meet as well ends the asking."""
        self._hold_empty_days()
        for number, step in enumerate(steps):
            self._tell(step, self.answered + len(steps) - number)
            try:
                fetched = self.fetcher.fetch(step.cube, step.grain, step.period)
            except (AwsError, CeilingReached) as error:
                self._miss(step, _failure(error, step.cube.name))
                if isinstance(error, CeilingReached) or error.kind in _SAME_FOR_ALL:
                    for left in steps[number + 1 :]:
                        self._miss(left, None)
                    return
                continue
            self._kept(fetched)
            if step.grain is Granularity.DAILY:
                self.behind[step.cube.name] = spans.without(self.behind.get(step.cube.name, ()), (step.period,))

    def _hold_empty_days(self) -> None:
        """Days without any charge need no request: the control cube has said all there is to say."""
        for cube in self.start.wanted[1:]:
            for span in spans.common(self.start.unheld(cube), self.start.empty):
                self.drafts.append(empty_draft(cube, Granularity.DAILY, span, self.run.started))

    def _kept(self, fetched: Fetched) -> Fetched:
        self.drafts.append(fetched.draft)
        self.names |= fetched.account_names
        self.answered += 1
        if fetched.pages > 1:
            self.page_groups = max(self.page_groups, round(fetched.rows / (fetched.pages - 0.5)))
        return fetched

    def _miss(self, step: PlannedRequest, failure: Failure | None) -> None:
        if failure is not None:
            self.failures.append(failure)
        if step.grain is Granularity.DAILY:
            self.behind[step.cube.name] = spans.joined((*self.behind.get(step.cube.name, ()), step.period))

    def _tell(self, step: PlannedRequest, total: int) -> None:
        if self.progress is not None:
            self.progress(self.answered, max(total, self.answered + 1), step.cube.name)

    def _check(self) -> None:
        """Holds every fetched cube's days against the control cube's, as just fetched, else as stored."""
        for grain in (Granularity.DAILY, Granularity.MONTHLY):
            cubes = [
                draft for draft in self.drafts if draft.grain is grain and draft.cube != CONTROL and draft.cube.whole
            ]
            control = [draft for draft in self.drafts if draft.grain is grain and draft.cube == CONTROL]
            if grain is Granularity.MONTHLY and not control:
                continue
            totals = self._control_totals(cubes, control)
            for draft in cubes if totals is not None else ():
                self.failures += disagreements(draft, totals or {})

    def _control_totals(
        self, cubes: list[CubeDraft], control: list[CubeDraft]
    ) -> dict[tuple[date, str], Figures] | None:
        fresh: dict[tuple[date, str], Figures] = {}
        for draft in control:
            fresh |= of_draft(draft)
        left = spans.without((draft.period for draft in cubes), [draft.period for draft in control])
        try:
            stored = [
                total
                for span in left
                for total in self.store.cubes.day_totals(self.run.tenant, COST_EXPLORER, CONTROL.name, span)
            ]
        except StoreError as error:
            self.failures.append(_failure(error))
            return None
        return {**of_stored(stored, by_charge_type=False), **fresh}

    def _committed(self, sent: Callable[[], tuple[int, Decimal]]) -> Outcome:
        requests, price = sent()
        memory = Memory(
            behind={cube: days for cube, days in sorted(self.behind.items()) if days},
            history=self.history,
            accounts=dict(sorted({**self.start.memory.accounts, **self.names}.items())),
            page_groups=self.page_groups or self.start.memory.page_groups,
        )
        run = replace(
            self.run, requests=requests, price=price, failures=tuple(self.failures), detail=memory.to_detail()
        )
        if self.drafts:
            run = self.store.cubes.replace(run.tenant, self.drafts, run)
        elif self.failures:
            run = self.store.ledger.fail(run, self.failures)
        else:
            run = self.store.ledger.finish(run)
        rows = sum(len(draft.columns["charge_date"]) for draft in self.drafts)
        days = spans.count(spans.joined(draft.period for draft in self.drafts if draft.grain is Granularity.DAILY))
        return Outcome(run, rows, days, tuple(self.notes))

    def _failed(self, failure: Failure, sent: Callable[[], tuple[int, Decimal]]) -> Outcome:
        requests, price = sent()
        run = self.store.ledger.fail(replace(self.run, requests=requests, price=price), (*self.failures, failure))
        return Outcome(run, notes=("Stored costs stay as they were.",))


def _failure(error: AwsError | CeilingReached | StoreError, cube: str = "") -> Failure:
    prefix = f"{cube}: " if cube else ""
    if isinstance(error, AwsError):
        failure = failure_of(error)
        return replace(failure, message=f"{prefix}{failure.message}")
    code = "ceiling_reached" if isinstance(error, CeilingReached) else "store"
    return Failure(code, f"{prefix}{error}", service="ce" if code == "ceiling_reached" else "")
