"""Questions to the bill, and how it is brought up to date.

    costs.answer(CostQuestion("default", period, group_by=("service",)))
    costs.refresh("default")

Reading never sends an AWS request. Whatever asks, page, API, command or mail, asks here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from finops.costs.comparing import joined
from finops.costs.imports import import_bill
from finops.costs.overview import Overview, Scope, overview
from finops.costs.projection import Projection
from finops.costs.queries import Queries, noted
from finops.costs.reconcile import ReconciledLine, Reconciliation, reconcile
from finops.costs.refresh import Refresher, RefreshResult
from finops.costs.refresh_plan import PlannedRequest, RefreshPlan
from finops.costs.resource_costs import ResourceCosts, resource_costs, resource_period
from finops.costs.sources.cost_explorer import CostExplorer, Explorer
from finops.costs.standing import SourceState, failure_note, source_states
from finops.model.costs import Comparison, CostAnswer, CostQuestion, Coverage, Granularity, ImportResult, Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from finops.model.period import Period
    from finops.store import Store

__all__ = [
    "CostExplorer", "Costs", "CostsOptions", "Explorer", "Overview", "PlannedRequest", "Projection", "ReconciledLine",
    "Reconciliation", "RefreshPlan", "RefreshResult", "ResourceCosts", "SourceState",
]  # fmt: skip

FRESH = timedelta(hours=1)
"""Younger figures need no word about a refresh that failed since."""
SERIES_DAYS = 100
"""Comparisons of longer periods carry no daily series: a spark line could not show it."""


@dataclass(frozen=True, slots=True)
class CostsOptions:
    """What a person configures: tag keys, categories, whether resources are kept, and where rejected lines go."""

    tag_keys: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    rejects: Path = Path("data/rejects")
    resources: bool = False


class Costs:
    """The bill of every tenant. Safe to share between threads. `changed` is told whose stored costs have changed."""

    def __init__(
        self,
        store: Store,
        explorer: Explorer | None,
        *,
        now: Callable[[], datetime],
        options: CostsOptions,
        changed: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._store = store
        self._changed = changed
        self._now = now
        self._options = options
        self._queries = Queries(store, now)
        self._refresher = Refresher(
            store,
            explorer,
            now=now,
            tag_keys=options.tag_keys,
            categories=options.categories,
            resources=options.resources,
        )

    def answer(self, question: CostQuestion) -> CostAnswer:
        """The answer to a question. InputError for an unknown dimension, source or metric.

        Where nothing stored can answer, the answer has no source and says why. Figures that are old because the last
        refresh failed say so in a note.
        """
        found = self._queries.answer(question)
        fetched_at = found.provenance.fetched_at
        if fetched_at is None or self._now() - fetched_at < FRESH:
            return found
        failed = {source.source: source for source in self.sources(question.tenant) if source.status == "failed"}
        note = failure_note(failed.get(found.provenance.source))
        return replace(found, provenance=noted(found.provenance, note)) if note else found

    def compare(self, question: CostQuestion, previous: Period) -> Comparison:
        """The question's answer beside the one for an earlier period, from the same source and metric, joined by group.

        `series` are daily figures of the current period, for periods of up to 100 days held by day. There are no rows
        where nothing is stored of one of the periods.
        """
        current = self._queries.answer(question, also=previous)
        found = current.provenance
        if not found.source:
            return joined(current, self._queries.answer(question.over(previous)), None)
        pinned = replace(question, source=found.source, metric=found.metric)
        daily = None
        if question.period.days <= SERIES_DAYS:
            daily = (
                current
                if question.granularity is Granularity.DAILY
                else self._queries.answer(replace(pinned, granularity=Granularity.DAILY))
            )
        return joined(current, self._queries.answer(pinned.over(previous)), daily)

    def overview(self, tenant: str, *, metric: Metric | None = None, accounts: tuple[str, ...] = ()) -> Overview:
        """The month so far: figures, comparisons, projection, movers."""
        state = self._queries.standing(tenant)
        failures = tuple(failure for source in self.sources(tenant) for failure in source.failures)
        known = set(self.account_names(tenant)) | set(self.choices(tenant, "account"))
        scope = Scope(tenant, metric, accounts, state, failures, len(known - {""}))
        return overview(scope, self.answer, self.compare, self._now().date())

    def coverage(self, tenant: str) -> tuple[Coverage, ...]:
        """What is stored: one entry per source, cross-section and grain."""
        return self._queries.standing(tenant).coverage

    def metrics(self, tenant: str) -> tuple[Metric, ...]:
        """Metrics that some source of the tenant can answer, the default first."""
        return self._queries.metrics(tenant)

    def choices(self, tenant: str, dimension: str, period: Period | None = None) -> tuple[str, ...]:
        """Values of a dimension, largest cost first; an empty string stands for cost without a value."""
        return self._queries.choices(tenant, dimension, period)

    def dimensions(self, tenant: str) -> tuple[str, ...]:
        """Dimensions the tenant's costs can be grouped by."""
        return self._queries.dimensions(tenant)

    def account_names(self, tenant: str) -> dict[str, str]:
        """Account names by id, as Cost Explorer and imported bills tell them."""
        return self._queries.standing(tenant).account_names

    def complete_until(self, tenant: str) -> date | None:
        """Past the last complete day; later days are still arriving. None without a complete day."""
        return self._queries.standing(tenant).complete_until()

    def period(self, tenant: str) -> Period | None:
        """From the first to past the last day held."""
        return self._queries.standing(tenant).period

    def sources(self, tenant: str) -> tuple[SourceState, ...]:
        """Every source with its age and how its last run ended."""
        return source_states(self._store, self._queries.standing(tenant), self._now)

    def resources(self, question: CostQuestion, limit: int = 50) -> CostAnswer:
        """The costliest resources of a question, from line items; an answer without source where none are stored."""
        return self._queries.resources(question, limit)

    def resource_costs(self, tenant: str) -> ResourceCosts | None:
        """What every resource cost in the last thirty complete days, as far as they are stored; None: nothing is."""
        return resource_costs(self.answer, self._queries.standing(tenant))

    def resource_period(self, tenant: str) -> Period | None:
        """The days that the costs of resources are of; None where no resource's cost is known."""
        return resource_period(self._queries.standing(tenant))

    def version(self, tenant: str) -> str:
        """Changes when data changes: the cache key of everything shown."""
        return self._store.cubes.version(tenant)

    def tenants(self) -> tuple[str, ...]:
        """Tenants that hold data, sorted."""
        return self._store.ledger.tenants()

    def plan(self, tenant: str, *, since: date | None = None, force: bool = False) -> RefreshPlan:
        """What a refresh would send now, and its price; sends nothing."""
        return self._refresher.plan(tenant, since=since, force=force)

    def refresh(
        self,
        tenant: str,
        *,
        since: date | None = None,
        force: bool = False,
        user: str = "",
        progress: Callable[[int, int, str], None] | None = None,
    ) -> RefreshResult:
        """Brings Cost Explorer's figures up to date. Failures of AWS and the ceiling are part of the result."""
        result = self._refresher.refresh(tenant, since=since, force=force, user=user, progress=progress)
        if result.days:
            self._changed(tenant)
        return result

    def refresh_due(self, tenant: str, *, hours: int, first: bool) -> bool:
        """Whether the clock should refresh now, the first time included only where it may; never with 0 hours."""
        return self._refresher.due(tenant, hours, first=first)

    def import_bill(
        self, tenant: str, paths: Sequence[str], *, progress: Callable[[int, int, str], None] | None = None
    ) -> ImportResult:
        """Imports bill files; a second import of the same billing period replaces it."""
        result = import_bill(self._store, tenant, paths, rejects=self._options.rejects, progress=progress)
        self._changed(tenant)
        return result

    def reconcile(self, tenant: str, month: date | None = None) -> Reconciliation:
        """Compares every source that knows the month (every month by default), to the cent."""
        return reconcile(self._store, tenant, month)
