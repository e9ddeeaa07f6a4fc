"""Where findings stand with people: states and their history, changed together or not at all.

What may follow what is not decided here: `rule` makes the state after an act, and raises InputError for what is not
allowed (`finops.waste.lifecycle.after`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from finops.model.errors import InputError
from finops.model.findings import (
    Act,
    AuditEvent,
    Basis,
    Deed,
    Finding,
    FindingEvent,
    FindingState,
    FindingStatus,
    ResolvedHow,
)
from finops.model.period import utc
from finops.store.batches import execute_many, rows_among
from finops.store.exact_text import fitted, storable
from finops.store.finding_schema import finding_event, finding_state
from finops.store.findings_audit import write_audit
from finops.store.lake import tenant_name
from finops.store.sql_types import NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from finops.store.database import Database

Rule: TypeAlias = "Callable[[FindingState, Act], FindingState]"
"""The state after an act; InputError for what is not allowed."""

RUN = "run"
"""Who does what a run does."""
NEW = "new"
_MICRO = Decimal("0.000001")
_REOPENED, _WOKEN, _RESOLVED = "reopened", "woken", "resolved"


class FindingStates:
    """States and histories of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def states(self, tenant: str, fingerprints: Collection[str] | None = None) -> dict[str, FindingState]:
        """States by fingerprint, all of them or those asked for. Ask a state for its `effective` status."""
        with self._database.reading() as connection:
            return _states(connection, tenant_name(tenant), fingerprints)

    def version(self, tenant: str, now: datetime) -> str:
        """Changes with everything that happens to findings, and as a snooze ends; cheaper than the states are."""
        state, name = finding_state.c, tenant_name(tenant)
        events = select(func.count()).where(finding_event.c.tenant == name)
        over = (state.status == FindingStatus.SNOOZED.value, state.until <= utc(now))
        awake = select(func.count()).where(state.tenant == name, *over)
        with self._database.reading() as connection:
            return f"{connection.execute(events).scalar_one()}-{connection.execute(awake).scalar_one()}"

    def act(self, tenant: str, fingerprints: Collection[str], act: Act, rule: Rule) -> tuple[FindingState, ...]:
        """Does one deed to all these findings, in one transaction with its events; the states after it.

        InputError, and nothing done, when one of them is not known or the rule refuses it.
        """
        wanted = sorted(set(fingerprints))
        if not wanted:
            raise InputError("fingerprint", "no finding is named")

        def work(connection: Connection) -> tuple[FindingState, ...]:
            held = _states(connection, tenant_name(tenant), wanted, lock=True)
            if missing := [name for name in wanted if name not in held]:
                raise InputError("fingerprint", f"no such finding: {missing[0]}")
            changes = [(held[name], _fitted(rule(held[name], act))) for name in wanted]
            _update(connection, [after for _, after in changes])
            _tell(connection, tenant, [_event(before, after, act) for before, after in changes])
            write_audit(connection, tenant, _audit(act, wanted))
            return tuple(after for _, after in changes)

        return self._database.write(work)

    def seen(
        self, tenant: str, flagged: Iterable[Finding], cleared: Collection[str], *, at: datetime, rule: Rule
    ) -> dict[str, int]:
        """What a run saw: new findings are opened, and the rule says what being seen or gone changes.

        Counts of `new`, `reopened`, `woken` (a snooze ended) and `resolved`. Safe to repeat.
        """
        found = {finding.fingerprint: finding for finding in flagged}
        gone = sorted(set(cleared) - found.keys())
        seen, away = Act(Deed.SEEN, RUN, at), Act(Deed.GONE, RUN, at)

        def work(connection: Connection) -> dict[str, int]:
            held = _states(connection, tenant_name(tenant), [*sorted(found), *gone], lock=True)
            new = [_opened(found[name], at) for name in sorted(found.keys() - held.keys())]
            execute_many(connection, insert(finding_state), (_row(state) for state in new))
            changes = [
                (held[name], _about(rule(held[name], seen), found[name]), seen)
                for name in sorted(found.keys() & held.keys())
            ] + [(held[name], rule(held[name], away), away) for name in gone if name in held]
            changes = [change for change in changes if change[0] != change[1]]
            _update(connection, [after for _, after, _ in changes])
            moved = [change for change in changes if change[0].status is not change[1].status]
            events = [_event(None, state, seen) for state in new] + [_event(*change) for change in moved]
            _tell(connection, tenant, events)
            counts = Counter(_came_to(after) for _, after, _ in moved)
            return {NEW: len(new)} | {name: counts[name] for name in (_REOPENED, _WOKEN, _RESOLVED)}

        return self._database.write(work)

    def history(self, tenant: str, fingerprint: str) -> tuple[FindingEvent, ...]:
        """What happened to a finding, newest first."""
        columns = finding_event.c
        wanted = select(finding_event).where(columns.tenant == tenant_name(tenant), columns.fingerprint == fingerprint)
        with self._database.reading() as connection:
            return tuple(_finding_event(row) for row in connection.execute(wanted.order_by(columns.event_id.desc())))

    def turns(self, tenant: str) -> tuple[FindingEvent, ...]:
        """Every change of a status, oldest first: from them any past day's statuses can be told."""
        columns = finding_event.c
        wanted = select(finding_event).where(
            columns.tenant == tenant_name(tenant), columns.before_status != columns.after_status
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(columns.at, columns.event_id))
            return tuple(_finding_event(row) for row in rows)


def _states(
    connection: Connection, tenant: str, fingerprints: Collection[str] | None, *, lock: bool = False
) -> dict[str, FindingState]:
    wanted = select(finding_state).where(finding_state.c.tenant == tenant)
    if lock:  # SQLite's writers hold the whole file already
        wanted = wanted.order_by(finding_state.c.fingerprint).with_for_update()
    rows: Iterable[Row[Any]]
    if fingerprints is None:
        rows = connection.execute(wanted)
    else:
        rows = rows_among(connection, wanted, finding_state.c.fingerprint, fingerprints)
    return {row.fingerprint: _state(row) for row in rows}


def _state(row: Row[Any]) -> FindingState:
    fields = row._asdict()
    how = fields["resolved_how"]
    return FindingState(
        **fields
        | {"status": FindingStatus(fields["status"]), "resolved_how": ResolvedHow(how) if how is not None else None}
    )


def _row(state: FindingState) -> dict[str, Any]:
    how = state.resolved_how
    return asdict(state) | {"status": state.status.value, "resolved_how": None if how is None else how.value}


def _fitted(state: FindingState) -> FindingState:
    """The state as it is stored: texts of people within their columns, times in UTC."""
    return replace(
        state,
        updated_by=fitted(state.updated_by, NAME_LENGTH),
        owner=fitted(state.owner, NAME_LENGTH),
        reason=storable(state.reason),
        updated=utc(state.updated),
        until=None if state.until is None else utc(state.until),
    )


def _opened(finding: Finding, at: datetime) -> FindingState:
    state = FindingState(
        finding.tenant,
        finding.fingerprint,
        FindingStatus.OPEN,
        updated=at,
        updated_by=RUN,
        check_id=finding.check_id,
        account=finding.account,
        region=finding.region,
        kind=finding.kind,
        resource_id=finding.resource_id,
        resource_arn=finding.resource_arn,
    )
    return _about(state, finding)


def _about(state: FindingState, finding: Finding) -> FindingState:
    """The state with what the finding promises now."""
    known = finding.saving_basis is not Basis.NONE
    saving = finding.monthly_saving.quantize(_MICRO, ROUND_HALF_EVEN) if known else None
    return replace(state, saving=saving, currency=finding.currency)


def _update(connection: Connection, states: Sequence[FindingState]) -> None:
    key = and_(finding_state.c.tenant == bindparam("k_tenant"), finding_state.c.fingerprint == bindparam("k_print"))
    columns = [column.name for column in finding_state.columns if not column.primary_key]
    statement = update(finding_state).where(key).values({name: bindparam(f"new_{name}") for name in columns})
    rows = (
        {"k_tenant": state.tenant, "k_print": state.fingerprint} | {f"new_{name}": row[name] for name in columns}
        for state in states
        for row in [_row(state)]
    )
    execute_many(connection, statement, rows)


def _event(before: FindingState | None, after: FindingState, act: Act) -> FindingEvent:
    text = {Deed.COMMENT: act.text, Deed.ASSIGN: act.owner}.get(act.deed, act.reason).strip()
    return FindingEvent(
        0,
        after.fingerprint,
        act.at,
        act.by,
        act.deed.value,
        "" if before is None else before.status.value,
        after.status.value,
        text,
    )


def _tell(connection: Connection, tenant: str, events: Sequence[FindingEvent]) -> None:
    rows = (
        {
            "tenant": tenant,
            "fingerprint": event.fingerprint,
            "at": event.at,
            "by_user": fitted(event.by, NAME_LENGTH),
            "action": event.action,
            "before_status": event.before,
            "after_status": event.after,
            "text": storable(event.text),
        }
        for event in events
    )
    execute_many(connection, insert(finding_event), rows)


def _audit(act: Act, fingerprints: Sequence[str]) -> AuditEvent:
    detail: dict[str, object] = {"fingerprints": list(fingerprints)}
    told = {"until": act.until and act.until.isoformat(), "reason": act.reason, "owner": act.owner, "text": act.text}
    detail |= {name: value for name, value in told.items() if value}
    named = fingerprints[0] if len(fingerprints) == 1 else f"{len(fingerprints)} findings"
    return AuditEvent(0, act.at, act.by, f"finding.{act.deed.value}", named, detail)


def _came_to(after: FindingState) -> str:
    if after.status is FindingStatus.OPEN:
        return _WOKEN
    return _REOPENED if after.status is FindingStatus.REOPENED else _RESOLVED


def _finding_event(row: Row[Any]) -> FindingEvent:
    return FindingEvent(
        row.event_id,
        row.fingerprint,
        row.at,
        row.by_user,
        row.action,
        row.before_status,
        row.after_status,
        row.text,
    )
