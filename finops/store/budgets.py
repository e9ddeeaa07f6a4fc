"""Budgets in SQL: each change with its audit event, each crossing once, and when AWS was asked for its own."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, insert, select, update

from finops.model.budgets import Basis, BudgetSource, Crossing, Threshold
from finops.model.errors import InputError
from finops.model.findings import AuditEvent
from finops.model.outcome import Failure
from finops.store.budget_rows import budget_of, budget_row, crossing_of
from finops.store.budget_schema import budget, budget_crossing, budget_import
from finops.store.exact_text import storable
from finops.store.findings_audit import write_audit
from finops.store.lake import tenant_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy import ColumnElement

    from finops.model.budgets import Budget
    from finops.model.period import Period
    from finops.store.database import Database

SAVED, REMOVED, IMPORTED = "budget.save", "budget.remove", "budget.import"
_B, _X = budget.c, budget_crossing.c


@dataclass(frozen=True, slots=True)
class KeptMark:
    """A threshold in a period as it is kept: when a forecast was first seen over it, whether it counts, and fell."""

    seen: date
    crossed: bool
    fell: bool


@dataclass(frozen=True, slots=True)
class BudgetImport:
    """When AWS was last asked for the budgets of an account, when it last answered, and why it did not."""

    asked: datetime
    account: str = ""
    told: datetime | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation of one budget in one period writes down: see `finops.budgets.crossings.Judged`."""

    tenant: str
    budget_id: str
    period: Period
    limit: Decimal
    currency: str
    crossed: Mapping[Threshold, Decimal]
    seen: Sequence[Threshold] = ()
    forgotten: Sequence[Threshold] = ()
    fell: Sequence[Threshold] = ()
    rose: Sequence[Threshold] = ()


class BudgetStore:
    """Budgets of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Budgets

    def budgets(self, tenant: str) -> tuple[Budget, ...]:
        """Every budget of a tenant, by name."""
        wanted = select(budget).where(_B.tenant == tenant_name(tenant)).order_by(_B.name, _B.budget_id)
        with self._database.reading() as connection:
            return tuple(budget_of(row) for row in connection.execute(wanted))

    def find(self, tenant: str, budget_id: str) -> Budget | None:
        """One budget; None when there is none of this id."""
        wanted = select(budget).where(_B.tenant == tenant_name(tenant), _B.budget_id == storable(budget_id))
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else budget_of(row)

    def save(self, saved: Budget, *, by: str, at: datetime) -> None:
        """Keeps a budget in place of the one of its id. InputError when another one of the tenant has its name."""
        row = budget_row(saved, at)
        detail = {"name": saved.name, "amount": str(saved.amount), "period": str(saved.cadence)}
        event = AuditEvent(0, at, by, SAVED, saved.budget_id, detail)

        def work(connection: Connection) -> None:
            same = (_B.tenant == row["tenant"], _B.source == row["source"], _B.name == row["name"])
            other = connection.execute(select(_B.budget_id).where(*same)).scalar()
            if other is not None and other != saved.budget_id:
                raise InputError("name", "another budget has this name")
            connection.execute(delete(budget).where(_B.tenant == row["tenant"], _B.budget_id == saved.budget_id))
            connection.execute(insert(budget).values(row))
            write_audit(connection, saved.tenant, event)

        self._database.write(work)

    def remove(self, removed: Budget, *, by: str, at: datetime) -> None:
        """Forgets a budget and its crossings."""
        mine = (_B.tenant == removed.tenant, _B.budget_id == removed.budget_id)
        event = AuditEvent(0, at, by, REMOVED, removed.budget_id, {"name": removed.name})

        def work(connection: Connection) -> None:
            connection.execute(delete(budget).where(*mine))
            connection.execute(
                delete(budget_crossing).where(_X.tenant == removed.tenant, _X.budget_id == removed.budget_id)
            )
            write_audit(connection, removed.tenant, event)

        self._database.write(work)

    # AWS's own

    def replace_imported(self, tenant: str, found: Iterable[Budget], told: BudgetImport, *, by: str) -> None:
        """Keeps what AWS told in place of what it told before; budgets that are gone there are gone here."""
        rows = [budget_row(each, told.asked) for each in found]
        whole = (_B.tenant == tenant_name(tenant), _B.source == BudgetSource.AWS.value)
        event = AuditEvent(0, told.asked, by, IMPORTED, told.account, {"budgets": len(rows)})

        def work(connection: Connection) -> None:
            connection.execute(delete(budget).where(*whole))
            for row in rows:
                connection.execute(insert(budget).values(row))
            _keep_import(connection, tenant, replace(told, told=told.asked, failure=None))
            write_audit(connection, tenant, event)

        self._database.write(work)

    def import_failed(self, tenant: str, told: BudgetImport) -> None:
        """Keeps that AWS could not be asked; what it told before stays."""

        def work(connection: Connection) -> None:
            before = _import(connection, tenant)
            _keep_import(connection, tenant, replace(told, told=before.told if before else None))

        self._database.write(work)

    def imported(self, tenant: str) -> BudgetImport | None:
        """When AWS was last asked; None when it never was."""
        with self._database.reading() as connection:
            return _import(connection, tenant)

    # Crossings

    def marks(self, tenant: str, period: Period, budget_id: str) -> dict[Threshold, KeptMark]:
        """What is kept of a budget's thresholds in a period."""
        mine = (_X.tenant == tenant_name(tenant), _X.budget_id == budget_id, _X.period_start == period.start)
        with self._database.reading() as connection:
            return {
                Threshold(Basis(row.basis), row.percent): KeptMark(
                    row.seen, crossed=row.crossed is not None, fell=row.fell is not None
                )
                for row in connection.execute(select(budget_crossing).where(*mine))
            }

    def evaluated(self, done: Evaluated, *, at: datetime) -> tuple[Threshold, ...]:
        """Writes an evaluation down; the thresholds that it is the first to cross. Their mails wait from here on."""

        def work(connection: Connection) -> tuple[Threshold, ...]:
            fresh = tuple(each for each in done.crossed if _cross(connection, done, each, at))
            for threshold in done.seen:
                if connection.execute(select(_X.seen).where(*_at(done, threshold))).first() is None:
                    connection.execute(insert(budget_crossing).values(_row(done, threshold, at)))
            for threshold in done.forgotten:
                connection.execute(delete(budget_crossing).where(*_at(done, threshold), _X.crossed.is_(None)))
            for threshold in done.fell:
                connection.execute(update(budget_crossing).where(*_at(done, threshold)).values(fell=at))
            for threshold in done.rose:
                connection.execute(update(budget_crossing).where(*_at(done, threshold)).values(fell=None))
            return fresh

        return self._database.write(work)

    def crossings(self, tenant: str, budget_id: str = "") -> tuple[Crossing, ...]:
        """What was crossed, latest first: of one budget, or of all."""
        return self._crossings(tenant, *((_X.budget_id == budget_id,) if budget_id else ()))

    def waiting(self, tenant: str) -> tuple[Crossing, ...]:
        """Crossings whose mails have yet to be queued, latest first."""
        return self._crossings(tenant, _X.waits.is_(True))

    def told(self, tenant: str, crossing: Crossing, *, at: datetime) -> None:
        """The mail of a crossing is queued, or nobody is to get one."""
        mine = (
            *(_X.tenant == tenant_name(tenant), _X.budget_id == crossing.budget_id),
            *(_X.period_start == crossing.period.start, _X.basis == crossing.threshold.basis.value),
            _X.percent == crossing.threshold.percent,
        )
        done = update(budget_crossing).where(*mine).values(waits=False, told=at)
        self._database.write(lambda connection: connection.execute(done))

    def _crossings(self, tenant: str, *more: ColumnElement[bool]) -> tuple[Crossing, ...]:
        wanted = select(budget_crossing).where(_X.tenant == tenant_name(tenant), _X.crossed.is_not(None), *more)
        order = (_X.crossed.desc(), _X.period_start.desc(), _X.percent.desc(), _X.budget_id, _X.basis)
        with self._database.reading() as connection:
            return tuple(crossing_of(row) for row in connection.execute(wanted.order_by(*order)))


def _at(done: Evaluated, threshold: Threshold) -> tuple[ColumnElement[bool], ...]:
    return (
        *(_X.tenant == done.tenant, _X.budget_id == done.budget_id, _X.period_start == done.period.start),
        *(_X.basis == threshold.basis.value, _X.percent == threshold.percent),
    )


def _row(done: Evaluated, threshold: Threshold, at: datetime) -> dict[str, Any]:
    return {
        "tenant": tenant_name(done.tenant),
        "budget_id": done.budget_id,
        "period_start": done.period.start,
        "basis": threshold.basis.value,
        "percent": threshold.percent,
        "period_end": done.period.end,
        "seen": at.date(),
        "crossed": None,
        "figure": "0",
        "budget_limit": str(done.limit),
        "currency": done.currency,
        "waits": False,
    }


def _cross(connection: Connection, done: Evaluated, threshold: Threshold, at: datetime) -> bool:
    """Whether this is the first to cross it. A second writer of the same key fails, and looks again."""
    held = connection.execute(select(_X.crossed).where(*_at(done, threshold)).with_for_update()).first()
    told = {"crossed": at, "figure": str(done.crossed[threshold]), "budget_limit": str(done.limit), "waits": True}
    if held is None:
        connection.execute(insert(budget_crossing).values({**_row(done, threshold, at), **told}))
        return True
    if held.crossed is not None:
        return False
    taken = connection.execute(update(budget_crossing).where(*_at(done, threshold), _X.crossed.is_(None)).values(told))
    return bool(taken.rowcount)


def _import(connection: Connection, tenant: str) -> BudgetImport | None:
    row = connection.execute(select(budget_import).where(budget_import.c.tenant == tenant_name(tenant))).one_or_none()
    if row is None:
        return None
    failure = Failure(**json.loads(row.failure)) if row.failure else None
    return BudgetImport(row.asked, row.account, row.told, failure)


def _keep_import(connection: Connection, tenant: str, told: BudgetImport) -> None:
    connection.execute(delete(budget_import).where(budget_import.c.tenant == tenant_name(tenant)))
    row = {
        "tenant": tenant_name(tenant),
        "asked": told.asked,
        "account": told.account,
        "told": told.told,
        "failure": storable(json.dumps(asdict(told.failure))) if told.failure else "",
    }
    connection.execute(insert(budget_import).values(row))
