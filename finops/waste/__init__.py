"""Waste: what costs money for nothing, found by checks, judged by thresholds, and followed until the money is back.

    waste.run("default", chosen=("aws.ec2.idle_instance",))
    waste.findings("default", FindingQuestion(statuses=(FindingStatus.OPEN,)))

A run measures with AWS; everything else reads what runs have stored.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.model.jobs import Progress
from finops.model.metering import Caller
from finops.waste import gold_tables, listing
from finops.waste.actuals import actual_costs, follow
from finops.waste.backtest import BackTests, Trial, checked
from finops.waste.check import FEATURE
from finops.waste.checks import checks
from finops.waste.context import Reads
from finops.waste.judging import TagRule
from finops.waste.lifecycle import act_on
from finops.waste.listing import Deviations, FindingList, FindingQuestion
from finops.waste.price_refresh import SECONDS, THREADS, PriceRefresh, refresh
from finops.waste.rejudging import flagged_before
from finops.waste.runs import Runner, RunOrder
from finops.waste.track_record import by_checker

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime
    from pathlib import Path

    from finops.costs import Costs
    from finops.model.findings import Act, Finding, FindingEvent, FindingState, Levels, SavingEntry
    from finops.model.jobs import Outcome
    from finops.model.outcome import Failure
    from finops.model.period import Period
    from finops.store import Run, Store
    from finops.store.finding_sql import FindingFilter
    from finops.store.findings_gold import DatedKpi
    from finops.waste.backtest import BackTest
    from finops.waste.check import Check
    from finops.waste.prices import Prices
    from finops.waste.sight import Sight
    from finops.waste.track_record import CheckRecord

__all__ = ["WORKSPACE", "FindingList", "FindingQuestion", "Waste", "WasteOptions"]

WORKSPACE = "main"
"""The workspace that pages show. A run in another one changes nothing there, and nobody's list."""
LOCK = "findings"


@dataclass(frozen=True, slots=True)
class WasteOptions:
    """What a person configures: which tags leave a resource out (`Key`, `Key==V`, `Key=~/re/`).

    `price_folder` is where refreshed list prices are kept; None: they cannot be refreshed.
    """

    exclude: tuple[str, ...] = ()
    price_folder: Path | None = None


class Waste:
    """The findings of every tenant. Safe to share between threads."""

    def __init__(
        self,
        store: Store,
        costs: Costs,
        sight: Sight,
        *,
        now: Callable[[], datetime],
        options: WasteOptions,
    ) -> None:
        self._store = store
        self._costs = costs
        self._now = now
        self._exclude = tuple(TagRule.of(text) for text in options.exclude)
        self._price_folder = options.price_folder
        self.sight = sight
        self._runner = Runner(store, self.levels)
        self._back_tests = BackTests(store)

    # Running

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check, by its id."""
        return checks()

    def run(
        self,
        tenant: str,
        *,
        chosen: Sequence[str] = (),
        workspace: str = WORKSPACE,
        user: str = "",
        report: Callable[[Progress], None] = lambda _: None,
    ) -> Outcome:
        """Measures with the checks named (all without names), judges, and keeps what was found.

        A re-run of the same day takes the place of what its checks found before. InputError for an unknown check or a
        workspace that is not a name. Failures are part of the outcome.
        """
        order = RunOrder(tenant, self._chosen(chosen), listing.workspace_name(workspace), user, self._exclude)
        outcome = self._runner.outcome(order, self.sight, report, moves=workspace == WORKSPACE)
        if workspace == WORKSPACE:
            self._settle(tenant, since=self._now().date())
        return outcome

    def run_through(
        self,
        tenant: str,
        past: Sequence[Callable[[], AbstractContextManager[Sight]]],
        *,
        user: str = "",
        report: Callable[[Progress], None] = lambda _: None,
    ) -> Outcome:
        """Runs all checks as they would have run on past days, oldest first, and then now.

        Findings open, close and come back on the way. Until it is done, the present ones stand alone.
        """
        order = RunOrder(tenant, checks(), WORKSPACE, user, self._exclude)
        self._runner.outcome(order, self.sight, lambda _: None, moves=False)
        for number, opened in enumerate(past):
            report(Progress(number, len(past) + 1, note="earlier runs"))
            self._run_once(order, opened)
        report(Progress(len(past), len(past) + 1, note="today"))
        outcome = self._runner.outcome(order, self.sight, lambda _: None, moves=True)
        self._settle(tenant)
        return outcome

    def _run_once(self, order: RunOrder, opened: Callable[[], AbstractContextManager[Sight]]) -> None:
        """One past day's run; nothing is left here that would keep its estate in memory."""
        with opened() as sight:
            self._runner.outcome(order, sight, lambda _: None, moves=True)

    def _settle(self, tenant: str, since: date | None = None) -> None:
        """Brings up to date what follows from runs: realised savings, and figures from a day on."""
        follow(self._store, self._costs, tenant, self._now())
        gold_tables.rebuild(self._store, tenant, since=since)

    def locks(self, tenant: str) -> tuple[str, ...]:  # noqa: ARG002 - runs of a tenant take turns, whatever they do
        """The name that no two runs of a tenant may hold together."""
        return (LOCK,)

    def levels(self, check: Check) -> Levels:
        """The thresholds that the tenant's findings are judged by."""
        return check.defaults

    def last_run(self, tenant: str) -> Run | None:
        """The latest run that stored findings, None before the first."""
        return listing.latest_run(self._store, tenant)

    # Reading

    def findings(self, tenant: str, question: FindingQuestion | None = None) -> FindingList:
        """The latest findings that fit, with how they stand. InputError for an unknown sort or a negative page.

        By the question's own `levels` stored observations are judged again: no AWS call, and nothing is kept.
        """
        asked = question or FindingQuestion()
        known = {check.check_id: check for check in checks()}
        others = {name: (known[name], dict(levels)) for name, levels in asked.levels if name in known}
        trials = listing.Trials(others, self._exclude) if others else None
        return listing.findings(self._store, tenant, asked, self._now(), trials)

    def flagged_before(self, tenant: str, levels: Deviations, moment: datetime) -> frozenset[str]:
        """Fingerprints that somebody's own thresholds would have flagged at the last runs before an instant."""
        known = {check.check_id: check for check in checks()}
        trials = {name: (known[name], dict(own)) for name, own in levels if name in known}
        return flagged_before(self._store, tenant, WORKSPACE, trials, exclude=self._exclude, moment=moment)

    def deviations(self, levels: Callable[[Check], Levels]) -> Deviations:
        """Somebody's thresholds, where they are others than those that findings are stored by."""
        wanted = ((check, dict(levels(check))) for check in checks())
        return tuple(
            (check.check_id, tuple(sorted(own.items()))) for check, own in wanted if own != dict(self.levels(check))
        )

    def finding(self, tenant: str, fingerprint: str, *, workspace: str = WORKSPACE) -> Finding:
        """The latest finding of a fingerprint, whatever its verdict. InputError when there is none."""
        return listing.finding(self._store, tenant, workspace, fingerprint)

    def history(self, tenant: str, fingerprint: str) -> tuple[FindingEvent, ...]:
        """What happened to a finding, newest first."""
        return self._store.finding_states.history(tenant, fingerprint)

    def coverage(self, tenant: str, *, workspace: str = WORKSPACE) -> listing.Coverage:
        """Which check could see which account and region at the latest run, and why not."""
        return listing.coverage(self._store, tenant, workspace)

    def kpis(
        self, tenant: str, period: Period, kpis: Sequence[str] = (), *, workspace: str = WORKSPACE
    ) -> tuple[tuple[DatedKpi, ...], tuple[Failure, ...]]:
        """Figures of run dates in a period (see `finops.waste.gold_tables.KPIS`), and stored parts left out."""
        return self._store.kpis.rows(tenant, kpis or gold_tables.KPIS, period, workspace=workspace)

    def track_record(self, tenant: str) -> tuple[tuple[CheckRecord, ...], tuple[SavingEntry, ...]]:
        """What resolved findings promised and what their resources' bills say since: by check, and each one."""
        entries = self._store.savings.entries(tenant)
        return by_checker(entries), entries

    def enriched(
        self, tenant: str, wanted: FindingFilter | None = None, *, workspace: str = WORKSPACE
    ) -> tuple[list[dict[str, object]], tuple[Failure, ...]]:
        """`finops_findings_enriched`: the latest findings with what their resources cost (`actual.cost_7d` …)."""
        return self._store.findings.enriched(tenant, workspace, actual_costs(self._costs, tenant), wanted)

    def rebuild_kpis(self, tenant: str) -> Run:
        """Makes all gold rows anew from what runs have stored."""
        return gold_tables.rebuild(self._store, tenant)

    # Prices

    @property
    def prices(self) -> Prices:
        """The list prices that the next run goes by; they say as of when they are, and where they come from."""
        return self.sight.prices()

    def refresh_prices(
        self, tenant: str, *, user: str = "", report: Callable[[Progress], None] = lambda _: None
    ) -> PriceRefresh:
        """Asks AWS for the list prices that the tenant's inventory needs, for nothing, and keeps them for every tenant.

        InputError without a folder to keep them in; StoreError when that cannot be written to.
        """
        if self._price_folder is None:
            raise InputError("data_dir", "there is no folder to keep prices in")
        assets = [asset for asset, _ in self._store.assets.active(tenant)]
        caller = Caller(tenant, FEATURE, user)
        reads = Reads(self.sight.calls, caller, until=time.monotonic() + SECONDS, threads=THREADS)
        return refresh(reads, assets, self._price_folder, day=self._now().date(), report=report)

    # Judging again

    def back_test(
        self,
        tenant: str,
        check_id: str,
        levels: Mapping[str, float],
        *,
        days: int = 90,
        now: Levels | None = None,
        workspace: str = WORKSPACE,
    ) -> BackTest:
        """What other thresholds would say of the latest observations and of those of the last days: no AWS call.

        They are compared with those in force, or with `now`. InputError for an unknown check or threshold, or a value
        out of its bounds.
        """
        check = self._chosen((check_id,))[0]
        held = self.levels(check) if now is None else now
        trial = Trial(check, held, checked(check, {**held, **levels}), self._exclude)
        return self._back_tests.back_test(tenant, workspace, trial, self._now(), days)

    # People

    def act(self, tenant: str, fingerprints: Collection[str], act: Act) -> tuple[FindingState, ...]:
        """Does a person's deed to findings, to all or none; see `finops.waste.lifecycle`."""
        return act_on(self._store.finding_states, tenant, fingerprints, act)

    def _chosen(self, names: Sequence[str]) -> tuple[Check, ...]:
        known = {check.check_id: check for check in checks()}
        for name in names:
            if name not in known:
                raise InputError("checker", f"there is no check {name[:60]}; known: {', '.join(known)}")
        return tuple(known[name] for name in sorted(set(names))) if names else tuple(known.values())
