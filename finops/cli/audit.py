"""`audit list`: who did what to what."""

from __future__ import annotations

import json

import click

from finops.api.envelope import Meta, envelope
from finops.cli.frame import Result, Session, reported
from finops.cli.text import Table
from finops.model.people import Right

MOST, USUAL = 1000, 50


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("list")
@click.option("--limit", type=click.IntRange(1, MOST), default=USUAL, help=f"At most so many, {MOST} at most.")
@click.option("--cursor", type=click.IntRange(1), metavar="C", help="Go on where the list before ended.")
@reported
def list_events(session: Session, *, limit: int, cursor: int | None) -> Result:
    """Lists what people did, newest first."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.ADMINISTER, tenant)
        events, following = finops.store.audit.list(tenant, limit, cursor)
        now = finops.now()
    items = [
        {
            "event_id": each.event_id,
            "at": each.at,
            "by": each.by,
            "action": each.action,
            "object": each.object,
            "detail": dict(each.detail),
        }
        for each in events
    ]
    rows = tuple(
        (each.at.isoformat(timespec="seconds"), each.by, each.action, each.object, json.dumps(dict(each.detail)))
        for each in events
    )
    more = (f"There are more: --cursor {following}.",) if following else ()
    return Result(
        envelope({"items": items}, Meta(tenant=tenant, as_of=now, more={"next_cursor": following})),
        (f"Tenant {tenant}: {len(events)} events.", *more),
        Table(("at", "by", "action", "object", "detail"), rows),
    )
