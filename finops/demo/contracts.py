"""The contracts behind the commitments of the made-up bill: the Savings Plan and the lots of reservations.

They cost what `finops.demo.commitments` charges. The plan is renewed each June. Of every reserved line of the bill, the
fifth that is paid ahead is a lot renewed each February; the rest, paid monthly, is a lot of the line's own month, so
that on any day some lot ends within a month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from finops.demo.commitments import (
    PLAN_RENEWAL_MONTH,
    RESERVATION_RENEWAL_MONTH,
    RESERVED_RATE,
    RESERVED_UPFRONT,
    plan_rates,
    reserved_dollars,
)
from finops.demo.usage import usage_series
from finops.model.period import add_months

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.estate import Estate
    from finops.demo.usage import UsageSeries

HOURS_A_DAY = 24
_MONTHS = 12
_REMEMBERED = 8
_CLASSES = {
    "InstanceUsage:db.r6g.2xl": ("rds", "db.r6g.large", 4),
    "Multi-AZUsage:db.m6g.xl": ("rds", "db.m6g.large", 2),
    "NodeUsage:cache.r6g.large": ("elasticache", "cache.r6g.large", 1),
}
"""Service, class and how many of it make the one that the bill counts: reservations are flexible in size."""


@dataclass(frozen=True, slots=True)
class Term:
    """One year of a contract, from the first of a month."""

    start: date
    end: date

    @classmethod
    def around(cls, day: date, month: int) -> Term:
        """The year from the first of `month` that a day lies in."""
        start = date(day.year if day.month >= month else day.year - 1, month, 1)
        return cls(start, add_months(start, _MONTHS))

    @property
    def days(self) -> int:
        """Its length."""
        return (self.end - self.start).days

    @property
    def seconds(self) -> int:
        """Its length, as AWS tells it."""
        return self.days * 86_400

    @property
    def begins(self) -> datetime:
        """Its first instant."""
        return datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """A Savings Plan: dollars an hour that are committed to, and how they are paid over the term."""

    account: str
    term: Term
    hourly: float
    upfront: float
    recurring: float


@dataclass(frozen=True, slots=True)
class Lot:
    """Reservations bought together: `count` of a class, all paid ahead (`fixed` dollars) or by the hour.

    `covered` are dollars an hour at list price that the lot covers.
    """

    service: str
    account: str
    region: str
    instance_class: str
    count: int
    multi_az: bool
    term: Term
    fixed: float
    hourly: float
    covered: float

    @property
    def id(self) -> str:
        """Its name."""
        paid = "ahead" if self.fixed else "monthly"
        return (
            f"{self.instance_class.replace('.', '-')}-{'multi-' if self.multi_az else ''}{paid}-{self.term.start:%Y%m}"
        )


@lru_cache(maxsize=_REMEMBERED)
def plan_of(estate: Estate, today: date) -> Plan | None:
    """The Savings Plan of an organization, held by the management account; None where nothing could be covered."""
    upfront, daily = plan_rates(usage_series(estate))
    if not daily:
        return None
    term = Term.around(today, PLAN_RENEWAL_MONTH)
    hourly = (upfront + daily) / HOURS_A_DAY
    return Plan(estate.management.account_id, term, hourly, upfront * term.days, daily / HOURS_A_DAY)


@lru_cache(maxsize=_REMEMBERED)
def lots(estate: Estate, today: date) -> tuple[Lot, ...]:
    """Every lot of reservations that is active today."""
    return tuple(_lots(estate, today))


def _lots(estate: Estate, today: date) -> Iterator[Lot]:
    reserved = [one for one in usage_series(estate) if one.kind.reserved]
    for index, one in enumerate(reserved):
        yield _lot(one, Term.around(today, RESERVATION_RENEWAL_MONTH), share=RESERVED_UPFRONT, ahead=True)
        yield _lot(one, Term.around(today, 1 + index % _MONTHS), share=1 - RESERVED_UPFRONT, ahead=False)


def _lot(one: UsageSeries, term: Term, *, share: float, ahead: bool) -> Lot:
    service, instance_class, parts = _CLASSES[one.kind.name]
    covered = reserved_dollars(one)
    rate, paid_ahead = (
        round(covered * RESERVED_RATE, 4),
        round(covered * RESERVED_RATE * RESERVED_UPFRONT, 4),
    )
    units = covered / one.kind.price / HOURS_A_DAY * parts
    return Lot(
        service,
        one.line.account,
        one.line.region,
        instance_class,
        max(1, round(units * share)),
        one.kind.name.startswith("Multi"),
        term,
        fixed=paid_ahead * term.days if ahead else 0.0,
        hourly=0.0 if ahead else (rate - paid_ahead) / HOURS_A_DAY,
        covered=covered * share / HOURS_A_DAY,
    )
