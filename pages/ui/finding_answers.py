"""What Savings asks the facade, each question once per state of the findings: a warm rerun asks nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from finops.model.costs import CostQuestion
from finops.model.findings import Verdict
from finops.model.money import ZERO, exact_sum
from finops.model.people import Right
from finops.model.period import Period
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from pages.ui.asset_view import pages_of
from pages.ui.cache import remembered
from user_prefs import deviations_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from datetime import date
    from decimal import Decimal

    from finops.model.findings import FindingEvent, Levels, SavingEntry
    from finops.model.outcome import Failure
    from finops.store import Run
    from finops.waste import FindingList
    from finops.waste.backtest import BackTest
    from finops.waste.check import Check
    from finops.waste.listing import Coverage, Deviations, Standing
    from pages.ui.finding_view import FindingView
    from pages.ui.page import Context

T = TypeVar("T")

TREND_DAYS, SPEND_DAYS = 30, 30


@dataclass(frozen=True, slots=True)
class Spend:
    """What the days of a period cost, in one currency."""

    period: Period
    amount: Decimal
    currency: str

    @property
    def month(self) -> Decimal:
        """The same as a month."""
        return self.amount / self.period.days * 365 / 12


@dataclass(frozen=True, slots=True)
class Sums:
    """What a list comes to in one currency, as `finops.waste.totals` adds it up."""

    gross: Decimal
    net: Decimal
    cash: Decimal
    commitment: Decimal


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of findings and what all that fit come to; small enough to be remembered.

    `counted` tells how much of each finding's saving the net contains, by fingerprint; others are not part of it.
    `by_check` is the net of the largest currency, by check.
    """

    items: tuple[Standing, ...]
    total: int
    sums: Mapping[str, Sums]
    counted: Mapping[str, Decimal]
    by_check: Mapping[str, Decimal]
    without_basis: int
    failures: tuple[Failure, ...]

    @classmethod
    def of(cls, found: FindingList) -> Listed:
        """What is remembered of a list."""
        totals = found.totals.by_currency
        most = max(totals.values(), key=lambda total: total.net, default=None)
        by_check: dict[str, Decimal] = {}
        for won in most.winners if most is not None else ():
            by_check[won.finding.check_id] = by_check.get(won.finding.check_id, ZERO) + won.counted
        return cls(
            found.items,
            found.total,
            {name: Sums(total.gross, total.net, total.cash, total.commitment) for name, total in totals.items()},
            {won.finding.fingerprint: won.counted for total in totals.values() for won in total.winners},
            by_check,
            found.totals.without_basis,
            found.failures,
        )

    @property
    def currency(self) -> str:
        """The currency with the largest net."""
        return max(self.sums, key=lambda name: self.sums[name].net, default="USD")


@dataclass(frozen=True)
class Answers:
    """The findings of the context's tenant as the page asks them."""

    context: Context

    @cached_property
    def version(self) -> str:
        """Changes with what runs stored, with what people did to findings, and as a snooze ends."""
        finops, tenant, now = self.context.finops, self.context.tenant, self.context.now
        states = finops.store.finding_states.version(tenant, now)
        return f"{self.context.version} {finops.inventory.version(tenant)} {states}"

    def kept(self, question: Hashable, build: Callable[[], T]) -> T:
        """What was built for this question as long as the findings stand as they do."""
        return remembered((self.context.tenant, self.version, "findings", question), build)

    @cached_property
    def deviations(self) -> Deviations:
        """The person's thresholds, where they are others than those that findings are stored by."""
        return deviations_of(self.context.finops, self.context.preferences, self.context.tenant_settings)

    def levels(self, check_id: str) -> Levels:
        """The thresholds of a check that hold for the person."""
        own = dict(self.deviations).get(check_id)
        return dict(own) if own is not None else self.context.finops.waste.levels(self.checks[check_id])

    @cached_property
    def run(self) -> Run | None:
        """The latest run that stored findings."""
        return self.context.finops.waste.last_run(self.context.tenant)

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """Name of each account by its id."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        return self.kept("accounts", lambda: {account.id: account.name for account in inventory.accounts(tenant)})

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """Every check by its id."""
        return {check.check_id: check for check in self.context.finops.waste.checks}

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Title of each check by its id."""
        return {check_id: check.title for check_id, check in self.checks.items()}

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """Who findings are assigned to."""
        states = self.context.finops.store.finding_states
        found = self.kept("owners", lambda: {one.owner for one in states.states(self.context.tenant).values()})
        return tuple(sorted(found - {""}))

    @cached_property
    def flagged_by_check(self) -> Mapping[str, int]:
        """How many flagged findings each check has, whatever their status; checks without one are not there."""
        return self.kept("by_check", self._counted_by_check)

    def _counted_by_check(self) -> dict[str, int]:
        waste, tenant = self.context.finops.waste, self.context.tenant
        everything = FindingQuestion(statuses=(), order=FindingOrder(limit=None), levels=self.deviations)
        found = waste.findings(tenant, everything)
        counts: dict[str, int] = {}
        for one in found.items:
            counts[one.finding.check_id] = counts.get(one.finding.check_id, 0) + 1
        return counts

    def page(self, view: FindingView) -> tuple[Listed, FindingView]:
        """The view's page of the table, and the view with a page that there is."""
        found = self.list(view.question)
        last = pages_of(found.total)
        if view.page <= last:
            return found, view
        view = replace(view, page=last)
        return self.list(view.question), view

    def list(self, question: FindingQuestion) -> Listed:
        """The findings that fit."""
        waste, tenant = self.context.finops.waste, self.context.tenant
        mine = replace(question, levels=self.deviations)
        return self.kept(mine, lambda: Listed.of(waste.findings(tenant, mine)))

    def total(self, view: FindingView) -> int:
        """How many findings a view has."""
        question = view.question
        return self.list(replace(question, order=FindingOrder(limit=0))).total

    def one(self, fingerprint: str) -> Standing | None:
        """One finding with how it stands, whatever its verdict and status; None when there is none."""
        only = FindingFilter(verdicts=(), fingerprints=(fingerprint,))
        return next(iter(self.list(FindingQuestion(only, statuses=())).items), None)

    def undetermined(self, view: FindingView) -> int:
        """How many resources of the view could not be judged."""
        asked = set(view.only.verdicts)
        return self.list(view.undetermined).total if Verdict.UNDETERMINED not in asked else 0

    def history(self, fingerprint: str) -> tuple[FindingEvent, ...]:
        """What happened to a finding, newest first."""
        waste, tenant = self.context.finops.waste, self.context.tenant
        return self.kept(("history", fingerprint), lambda: waste.history(tenant, fingerprint))

    @cached_property
    def coverage(self) -> Coverage:
        """Which check could see which account and region."""
        return self.kept("coverage", lambda: self.context.finops.waste.coverage(self.context.tenant))

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Regions that checks looked at."""
        return tuple(sorted({region for _, _, region in self.coverage.states if region}))

    @cached_property
    def failures(self) -> tuple[Failure, ...]:
        """What the latest run could not see."""
        return self.run.failures if self.run is not None else ()

    def back_test(self, check_id: str, levels: Mapping[str, float]) -> BackTest:
        """What other thresholds would say of what is stored."""
        waste, tenant = self.context.finops.waste, self.context.tenant
        now = self.levels(check_id)
        asked = ("back_test", check_id, tuple(sorted(levels.items())), tuple(sorted(now.items())))
        return self.kept(asked, lambda: waste.back_test(tenant, check_id, levels, now=now))

    @cached_property
    def trend(self) -> Mapping[str, tuple[tuple[date, Decimal], ...]]:
        """What open findings would save a month, by currency, at each run date of the last days."""
        return self.kept("trend", self._asked_trend)

    def _asked_trend(self) -> dict[str, tuple[tuple[date, Decimal], ...]]:
        today = self.context.now.date()
        period = Period(today - timedelta(days=TREND_DAYS), today + timedelta(days=1))
        rows, _ = self.context.finops.waste.kpis(self.context.tenant, period, ("net",))
        found: dict[str, list[tuple[date, Decimal]]] = {}
        for day, row in rows:
            found.setdefault(row.currency, []).append((day, row.saving))
        return {currency: tuple(sorted(days)) for currency, days in found.items()}

    @cached_property
    def realised(self) -> tuple[SavingEntry, ...]:
        """What each resolved finding promised and brought."""
        return self.kept("realised", lambda: self.context.finops.waste.track_record(self.context.tenant)[1])

    @cached_property
    def spend(self) -> Mapping[str, Spend]:
        """What the last complete days cost, by currency; empty where nobody knows or this person may not see it."""
        return self.kept("spend", self._asked_spend) if self.context.may(Right.VIEW_COSTS) else {}

    def _asked_spend(self) -> dict[str, Spend]:
        costs, tenant = self.context.finops.costs, self.context.tenant
        until, held = costs.complete_until(tenant), costs.period(tenant)
        if until is None or held is None:
            return {}
        period = Period(until - timedelta(days=SPEND_DAYS), until).clipped(held)
        if period is None:
            return {}
        answer = costs.answer(CostQuestion(tenant, period))
        if not answer.provenance.source or not answer.reconciles or answer.provenance.missing_days:
            return {}
        amounts: dict[str, list[Decimal]] = {}
        for row in answer.rows:
            amounts.setdefault(row.currency, []).append(row.amount)
        return {currency: Spend(period, exact_sum(found), currency) for currency, found in amounts.items()}

    @property
    def stale_after(self) -> timedelta:
        """Two runs missed; two days where the clock makes none."""
        return timedelta(hours=2 * (self.context.finops.settings.findings_hours or 24))
