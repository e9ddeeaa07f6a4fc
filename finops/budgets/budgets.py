"""Budgets: what may be spent, how that stands today and at the period's end, and which thresholds were crossed.

    budgets.save(Budget("", "default", "Production", Cadence.MONTHLY, Decimal(50000), date(2026, 11, 1)), by="ann")
    budgets.list("default")
    budgets.evaluate("default")      # after every refresh: records what was crossed

Whatever is asked here reads stored costs and sends no request, but `import_aws`, which is free.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from finops.budgets.ahead import Ahead, Forecaster, exact_known, first_open
from finops.budgets.burn_down import burn_down
from finops.budgets.checking import checked
from finops.budgets.crossings import Mark, judged
from finops.budgets.periods import counted, current_period, period_around, periods_from
from finops.budgets.spending import Spending, spending
from finops.budgets.standings import aws_only, standing
from finops.budgets.what_if import what_if
from finops.model.budgets import Alert, Basis, BudgetDetail, BudgetSource, BudgetStatus
from finops.model.errors import InputError
from finops.model.jobs import Outcome, Progress
from finops.model.money import ZERO
from finops.model.period import add_months, month_start
from finops.store.budgets import BudgetImport, Evaluated

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from decimal import Decimal

    from finops.budgets.aws_import import AwsImporter
    from finops.budgets.spending import Bill
    from finops.model.budgets import Budget, BudgetStanding, Crossing, Growth, WhatIf
    from finops.model.period import Period
    from finops.store.budgets import BudgetStore

MONTHS_AHEAD = 12
"""What-ifs look so many months past the running one."""
LATE_DAYS = 7
"""So many days into a period the one before is still judged: its last costs arrive late."""
_KEPT = 200


@dataclass(frozen=True, slots=True)
class BudgetOptions:
    """Domains that alerts may be mailed to, and who asks AWS for its own budgets, if anybody."""

    domains: tuple[str, ...] = ()
    importer: AwsImporter | None = None


class Budgets:
    """The budgets of every tenant. Safe to share between threads."""

    def __init__(
        self,
        store: BudgetStore,
        bill: Bill,
        ahead: Forecaster,
        *,
        now: Callable[[], datetime],
        options: BudgetOptions | None = None,
    ) -> None:
        self._store = store
        self._bill = bill
        self._ahead = ahead
        self._now = now
        self._options = options or BudgetOptions()
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Budget, Period, str, date], tuple[Spending, Ahead]] = OrderedDict()

    # Reading

    def list(self, tenant: str) -> tuple[BudgetStanding, ...]:
        """How every budget of a tenant stands in its running period, by name."""
        today = self._now().date()
        return tuple(self._standing(each, current_period(each, today)) for each in self._store.budgets(tenant))

    def budget(self, tenant: str, budget_id: str) -> Budget:
        """One budget. InputError when there is none of this id."""
        found = self._store.find(tenant, budget_id)
        if found is None:
            raise InputError("budget_id", "there is no budget of this id")
        return found

    def show(self, tenant: str, budget_id: str) -> BudgetDetail:
        """One budget with its burn-down and what was crossed. InputError when there is none of this id."""
        budget = self.budget(tenant, budget_id)
        return self._detail(budget, current_period(budget, self._now().date()))

    def what_if(self, tenant: str, budget_id: str, growth: Growth) -> WhatIf:
        """What growth would do in the running period and those of the twelve months after it; nothing is kept.

        InputError for an unknown budget, one that cannot be held against the stored costs, and growth out of bounds.
        """
        budget = self.budget(tenant, budget_id)
        if not _ours(budget):
            raise InputError("budget_id", "this budget cannot be held against the stored costs")
        today = self._now().date()
        spent, ahead = self._figures(budget, current_period(budget, today))
        if spent.reasons:
            ahead = Ahead(first_open(spent), reason=spent.reasons[0])
        periods = islice(periods_from(budget, today), MONTHS_AHEAD + 1)
        return what_if(budget, periods, exact_known(spent) or ZERO, ahead, growth)

    # Changing

    def save(self, budget: Budget, *, by: str) -> Budget:
        """Keeps a budget: a new one without an id, else in place of the one it names.

        InputError names the field that breaks a rule, an unknown id, and a budget of AWS's.
        """
        before = self.budget(budget.tenant, budget.budget_id) if budget.budget_id else None
        if before is not None:
            _refuse_aws(before)
        recipients = checked(budget, self._options.domains)
        saved = replace(
            budget,
            budget_id=budget.budget_id or secrets.token_hex(16),
            name=budget.name.strip(),
            recipients=recipients,
            owner=before.owner if before else by,
            source=BudgetSource.OWN,
            aws=None,
        )
        self._store.save(saved, by=by, at=self._now())
        return self.budget(saved.tenant, saved.budget_id)

    def remove(self, tenant: str, budget_id: str, *, by: str) -> Budget:
        """Forgets a budget and what was crossed of it. InputError for an unknown one, and one of AWS's."""
        budget = self.budget(tenant, budget_id)
        _refuse_aws(budget)
        self._store.remove(budget, by=by, at=self._now())
        return budget

    # Judging

    def evaluate(self, tenant: str, *, report: Callable[[Progress], None] = lambda _: None) -> Outcome:
        """Judges every budget and records what was crossed; see `alerts` for what people have yet to be told."""
        found = self._store.budgets(tenant)
        counts = {"budgets": len(found), "over": 0, "unknown": 0, "crossed": 0}
        for done, budget in enumerate(found):
            report(Progress(done, len(found), items=counts["crossed"], note=budget.name))
            status, crossed = self._evaluate(budget)
            counts["over"] += status is BudgetStatus.OVER
            counts["unknown"] += status is BudgetStatus.UNKNOWN
            counts["crossed"] += crossed
        report(Progress(len(found), len(found), items=counts["crossed"]))
        return Outcome(counts)

    def alerts(self, tenant: str, *, at_least: Decimal = ZERO) -> tuple[Alert, ...]:
        """Crossings whose mail is not queued yet, latest first; `at_least` leaves lower percents out."""
        return tuple(
            Alert(each, self._detail(budget, each.period))
            for each in self._store.waiting(tenant)
            if each.threshold.percent >= at_least and (budget := self._store.find(tenant, each.budget_id)) is not None
        )

    def told(self, tenant: str, crossing: Crossing) -> None:
        """The mail of a crossing is queued, or nobody is to get one: it waits no more."""
        self._store.told(tenant, crossing, at=self._now())

    def crossings(self, tenant: str) -> tuple[Crossing, ...]:
        """What was crossed of all budgets, latest first."""
        return self._store.crossings(tenant)

    def locks(self, tenant: str) -> tuple[str, ...]:  # noqa: ARG002 - evaluations of a tenant take turns
        """The name that no two evaluations of a tenant may hold together."""
        return ("budgets",)

    # AWS's own

    def import_aws(self, tenant: str, *, user: str = "", unasked: bool = False) -> BudgetImport | None:
        """Takes over AWS's own budgets. `unasked`: at most once a day; None where nobody is to be asked."""
        importer = self._options.importer
        if importer is None or (unasked and not importer.due(tenant)):
            return None
        return importer.ask(tenant, user=user)

    def imported(self, tenant: str) -> BudgetImport | None:
        """When AWS was last asked for its budgets; None when it never was."""
        return self._store.imported(tenant)

    # Within

    def _evaluate(self, budget: Budget) -> tuple[BudgetStatus, int]:
        today = self._now().date()
        period = current_period(budget, today)
        now = self._standing(budget, period)
        crossed = self._judge(budget, period, now)
        before = period_around(budget.cadence, period.start - timedelta(days=1), budget.fiscal_start)
        if period.start <= today < period.start + timedelta(days=LATE_DAYS) and before.end > budget.start:
            actual = replace(budget, thresholds=tuple(t for t in budget.thresholds if t.basis is Basis.ACTUAL))
            crossed += self._judge(budget, before, self._standing(actual, before))
        return now.status, crossed

    def _judge(self, budget: Budget, period: Period, seen: BudgetStanding) -> int:
        at = self._now()
        kept = self._store.marks(budget.tenant, period, budget.budget_id)
        marks = {each: Mark(mark.seen, crossed=mark.crossed, fell=mark.fell) for each, mark in kept.items()}
        found = judged(seen, marks, at.date())
        if not any((found.crossed, found.seen, found.forgotten, found.fell, found.rose)):
            return 0
        done = Evaluated(
            *(budget.tenant, budget.budget_id, period, seen.limit, budget.currency, found.crossed),
            *(found.seen, found.forgotten, found.fell, found.rose),
        )
        return len(self._store.evaluated(done, at=at))

    def _standing(self, budget: Budget, period: Period) -> BudgetStanding:
        if not _ours(budget):
            return aws_only(budget, counted(budget, period))
        spent, ahead = self._figures(budget, period)
        return standing(budget, period, spent, ahead)

    def _detail(self, budget: Budget, period: Period) -> BudgetDetail:
        seen = self._standing(budget, period)
        days = burn_down(seen.limit, *self._figures(budget, period)) if _ours(budget) else ()
        return BudgetDetail(seen, days, self._store.crossings(budget.tenant, budget.budget_id))

    def _figures(self, budget: Budget, period: Period) -> tuple[Spending, Ahead]:
        """What was spent and what is expected, kept while the costs stay the same."""
        today = self._now().date()
        key = (replace(budget, thresholds=(), recipients=()), period, self._bill.version(budget.tenant), today)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = self._made(budget, counted(budget, period), today)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def _made(self, budget: Budget, period: Period, today: date) -> tuple[Spending, Ahead]:
        try:
            spent = spending(self._bill, budget, period, today)
        except InputError as error:  # a metric that no source has any more must not hide the other budgets
            spent = Spending(period, reasons=(error.message,))
        past = first_open(spent)
        if spent.reasons or spent.total is None:
            return spent, Ahead(past, reason="What was spent is not known.")
        if past >= period.end:
            return spent, Ahead(past, reason="The period is over.")
        until = max(period.end, add_months(month_start(today), MONTHS_AHEAD + 1))
        return spent, self._ahead(budget, spent, until)


def _ours(budget: Budget) -> bool:
    return budget.aws is None or budget.aws.comparable


def _refuse_aws(budget: Budget) -> None:
    if budget.source is BudgetSource.AWS:
        raise InputError("budget_id", "this budget is AWS's own: change it in AWS Budgets, then import it again")
