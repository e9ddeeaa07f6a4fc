"""A crossed threshold as a mail: how the budget stands, its burn-down, and where to change it. Queued once for ever.

    BudgetAlerts(budgets, delivery, public_url=url, now=now).send("default")

A crossing is recorded first, its mail queued under the crossing's own key, and only then is it marked as told. Whatever
dies in between, the next evaluation finds it waiting and queues under the same key: nothing is lost, nothing doubled.
"""

from __future__ import annotations

import logging
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from finops.budgets.standings import days_left
from finops.model.budgets import Basis, percent_of
from finops.model.errors import FinopsError
from finops.model.outcome import Failure
from finops.model.reports import (
    Chart,
    ChartKind,
    Column,
    Figure,
    Kind,
    Provenance,
    Report,
    ReportRequest,
    Table,
    Tone,
)
from finops.reports.mails.letters import Why, letter_of
from finops.reports.mails.texts import cut
from finops.reports.words import counted, days_text, money, round_money, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from finops.budgets.budgets import Budgets
    from finops.model.budgets import Alert, BudgetStanding, BurnDay
    from finops.model.delivery import Letter
    from finops.model.period import Period

KIND = "alert"
NAME = "budget-alert"
PAGE = "/forecast"
NOT_QUEUED = "alert_not_queued"
MOST_NAME = 80
_QUARTER_DAYS = (90, 92)
_YEAR_DAYS = (365, 366)
_BASES = {"forecast": "by what was expected of its days", "weekdays": "by what each weekday usually costs"}
_LINES = ("actual", "forecast", "pace", "budget")

log = logging.getLogger(__name__)


class Queue(Protocol):
    """What of `finops.delivery.Delivery` is asked: under one key one letter is queued, for ever."""

    def queue(self, tenant: str, letter: Letter, recipients: Iterable[str], *, kind: str, key: str) -> int:
        """How many mails it will be; 0 when the key was queued before."""
        ...


class BudgetAlerts:
    """Queues the mails of crossed thresholds. Safe to run in any number of processes."""

    def __init__(self, budgets: Budgets, queue: Queue, *, public_url: str, now: Callable[[], datetime]) -> None:
        self._budgets = budgets
        self._queue = queue
        self._public_url = public_url
        self._now = now

    def send(self, tenant: str) -> tuple[Failure, ...]:
        """Queues what waits. What cannot be queued, to an address that is not allowed for one, waits on and is told."""
        failures = []
        for together in _together(self._budgets.alerts(tenant)):
            highest = together[-1]
            budget = highest.detail.standing.budget
            try:
                if budget.recipients:
                    letter = alert_letter(together, self._now(), self._public_url)
                    self._queue.queue(tenant, letter, budget.recipients, kind=KIND, key=highest.crossing.key)
                for alert in together:  # the highest last: until then all are found again, and queued under its key
                    self._budgets.told(tenant, alert.crossing)
            except FinopsError as error:
                log.warning("the alert %s could not be queued: %s", highest.crossing.key, error)
                failures.append(Failure(NOT_QUEUED, f"The alert of budget {budget.name} waits: {error}"))
        return tuple(failures)


def _together(alerts: Iterable[Alert]) -> list[tuple[Alert, ...]]:
    """Alerts of one budget that one evaluation crossed at once make one mail, the highest percent last."""
    found: dict[tuple[object, ...], list[Alert]] = {}
    for alert in alerts:
        crossing = alert.crossing
        at = (crossing.budget_id, crossing.period, crossing.threshold.basis, crossing.crossed)
        found.setdefault(at, []).append(alert)
    return [tuple(sorted(each, key=lambda alert: alert.crossing.threshold.percent)) for each in found.values()]


def alert_letter(together: tuple[Alert, ...], now: datetime, public_url: str) -> Letter:
    """Alerts of one budget as a mail, which says that it is none of a schedule's."""
    name = together[-1].detail.standing.budget.name
    told = f"You are among those whom the budget {cut(name, MOST_NAME)} tells when a threshold of it is crossed."
    return letter_of(
        alert_report(together, now), public_url=public_url, why=Why(told, "Stop all mails of this dashboard")
    )


def alert_report(together: tuple[Alert, ...], now: datetime) -> Report:
    """Alerts of one budget, the highest percent last, as a report which a letter is made of."""
    alert = together[-1]
    seen, days = alert.detail.standing, alert.detail.days
    budget, today = seen.budget, now.date()
    table = _table(alert, days)
    return Report(
        request=ReportRequest(NAME, budget.tenant, budget.owner, seen.period, {"budget": (budget.name,)}),
        title=f"Budget alert: {budget.name}",
        headline=headline(alert, today),
        made_at=now,
        period=seen.period,
        figures=tuple(_figures(alert)),
        tables=(table,),
        charts=(_chart(alert, today),),
        provenance=Provenance(
            metric=str(seen.metric or ""),
            source=seen.cost_source,
            currency=budget.currency,
            fetched_at=seen.fetched_at,
            facts=_facts(together),
        ),
        failures=seen.failures,
        missing=seen.reasons,
        page=f"{PAGE}?{urlencode({'budget': budget.budget_id, 'tenant': budget.tenant})}",
    )


def headline(alert: Alert, today: date) -> str:
    """What happened, in one sentence with its figures.

    `Production is at 83 % of its November budget with 9 days to go: $41,200 of $50,000`
    """
    crossing, seen = alert.crossing, alert.detail.standing
    percent = percent_of(crossing.figure, crossing.limit).quantize(Decimal(1), ROUND_FLOOR)
    of = f"{round_money(crossing.figure, crossing.currency)} of {round_money(crossing.limit, crossing.currency)}"
    period, left = period_text(crossing.period, today), days_left(seen)
    to_go = f" with {counted(left, 'day')} to go" if left else ""
    name = seen.budget.name
    if crossing.threshold.basis is Basis.FORECAST:
        return f"{name} is expected to end {period} at {percent:,f} % of its budget{to_go}: {of}"
    return f"{name} is at {percent:,f} % of its {period} budget{to_go}: {of}"


def period_text(period: Period, today: date) -> str:
    """`November`, `Q4 2026`, `2026`; any other span as its days."""
    start = period.start
    if period.days in range(_QUARTER_DAYS[0], _QUARTER_DAYS[1] + 1) and start.month % 3 == 1:
        return f"Q{start.month // 3 + 1} {start.year}"
    if period.days in _YEAR_DAYS and start.month == 1:
        return f"{start.year}"
    return days_text(period, today)


def _figures(alert: Alert) -> list[Figure]:
    seen = alert.detail.standing
    currency, over = seen.budget.currency, seen.spent is not None and seen.spent > seen.limit
    found = [
        Figure(
            "Spent so far",
            round_money(seen.spent, currency),
            f"{share(seen.percent)} of {round_money(seen.limit, currency)}",
            Tone.WORSE if over else Tone.PLAIN,
            seen.spent,
        )
    ]
    if seen.forecast is not None:
        limits = f"{round_money(seen.forecast.lower, currency)} to {round_money(seen.forecast.upper, currency)}"
        tone = Tone.WORSE if seen.forecast.mean > seen.limit else Tone.PLAIN
        mean = round_money(seen.forecast.mean, currency)
        found.append(Figure("Expected at the end", mean, f"{limits}, four times of five", tone, seen.forecast.mean))
    if seen.spent is not None:
        left = seen.limit - seen.spent
        told = "Over the budget by" if left < 0 else "Left"
        found.append(Figure(told, round_money(abs(left), currency), exact=abs(left)))
    if seen.pace is not None:
        basis = _BASES.get(seen.pace_basis, "in a straight line")
        found.append(Figure("On pace would be", round_money(seen.pace, currency), basis, exact=seen.pace))
    return found


def _table(alert: Alert, days: tuple[BurnDay, ...]) -> Table:
    seen = alert.detail.standing
    currency = seen.budget.currency
    titles = ("Spent", "Expected", "On pace", "Budget")
    columns = (
        Column("day", "Day", Kind.DAY),
        *(Column(name, title, Kind.MONEY, currency) for name, title in zip(_LINES, titles, strict=True)),
    )
    rows = tuple((each.day, each.actual, each.mean, each.expected, seen.limit) for each in days)
    return Table("burn_down", "Burn-down", columns, lambda: rows, len(rows))


def _chart(alert: Alert, today: date) -> Chart:
    seen = alert.detail.standing
    spent, limit = money(seen.spent, seen.budget.currency), money(seen.limit, seen.budget.currency)
    alt = f"{spent} of {limit} are spent in {period_text(seen.period, today)}."
    return Chart("Burn-down", ChartKind.LINE, "burn_down", "day", _LINES, alt, most=len(alert.detail.days) or 1)


def _facts(together: tuple[Alert, ...]) -> tuple[tuple[str, str], ...]:
    crossing, seen = together[-1].crossing, together[-1].detail.standing
    percents = " and ".join(f"{each.crossing.threshold.percent.normalize():f} %" for each in together)
    basis = "spent" if crossing.threshold.basis is Basis.ACTUAL else "expected at the end"
    return (
        ("Threshold", f"{percents} {basis}; told once in this period"),
        *((("Scope", scope_text(seen)),) if seen.budget.scope.groups else ()),
        (
            "To change it",
            "Thresholds and recipients: on its page, or `python -m finops budgets add --replace ID`",
        ),
    )


def scope_text(seen: BudgetStanding) -> str:
    """What the budget counts, in words: `account = 111111111111, service = Amazon EC2; or tag:Team = data`."""
    if seen.budget.scope.name:
        return seen.budget.scope.name
    groups = []
    for group in seen.budget.scope.groups:
        terms = (
            f"{each.dimension} {'is not' if each.exclude else '='} {' or '.join(v or '(none)' for v in each.values)}"
            for each in group
        )
        groups.append(", ".join(terms))
    return "; or ".join(groups)
