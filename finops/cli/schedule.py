"""`schedule`: reports that go out by themselves; one turn of the clock for a system's own cron."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

import scheduler
from finops.api.envelope import Meta, envelope
from finops.api.schedule_documents import (
    SCHEDULE_FIELDS,
    delivery_record,
    firing_record,
    preview_document,
    schedule_document,
    schedule_record,
    schedules_document,
)
from finops.cli.asset_text import record_table
from finops.cli.frame import OPERATOR, Result, Session, SeveralValues, reported
from finops.cli.text import Table
from finops.delivery import Wish
from finops.delivery.cron import shown
from finops.model.delivery import DeliveryStatus, FiringStatus
from finops.model.errors import InputError
from finops.model.people import Right
from finops.model.reports import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from export import Cell
    from finops.api.envelope import Document
    from finops.facade import Finops
    from finops.model.delivery import Delivery, Firing, Schedule

MOST = 1000
_SHOWN = ("name", "report", "cron", "timezone", "recipients", "next_run", "status", "reason")
_BAD = {str(DeliveryStatus.FAILED), str(DeliveryStatus.UNCERTAIN)}


@click.group()
def schedule() -> None:
    """Reports that go out by themselves: when, to whom, and what became of them."""


@schedule.command(cls=SeveralValues)
@click.argument("name")
@click.option("--report", required=True, metavar="R", help="Which report; `report list` names them.")
@click.option("--cron", required=True, metavar="LINE", help="Minute, hour, day of month, month, weekday: '0 7 * * 1'.")
@click.option("--timezone", required=True, metavar="Z", help="Whose clocks the line is about, as in Europe/Berlin.")
@click.option("--to", "to", required=True, metavar="A,B", help="Mail addresses, comma separated.")
@click.option(
    "--format", "form", required=True, type=click.Choice([str(each) for each in Format]), help="csv, xlsx or json."
)
@click.option("--owner", metavar="P", help="With whose rights and thresholds it runs; default the operator.")
@click.option("--scope", "scope", multiple=True, metavar="NAME=V", help="What narrows the report, as in account=1234.")
@click.option("--quiet", is_flag=True, help="Sends nothing when the report has no news.")
@reported
def add(session: Session, *, name: str, to: str, form: str, scope: tuple[str, ...], **options: object) -> Result:
    """Schedules a report and says when it goes out next."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.SCHEDULE_REPORTS, tenant)
        wish = Wish(
            name=name,
            report=str(options["report"]),
            cron=str(options["cron"]),
            timezone=str(options["timezone"]),
            recipients=tuple(part.strip() for part in to.split(",") if part.strip()),
            format=form,
            owner=_owner(finops, options["owner"]),
            scope=_scope(scope),
            quiet=bool(options["quiet"]),
        )
        made = finops.delivery.schedules.add(tenant, wish, by=person.principal)
        told = finops.delivery.schedules.preview(made.cron, made.timezone)
        document = schedule_document(made, as_of=finops.now())
    sentences = (f"{told.words}, {made.timezone}. Next: {'; '.join(told.shown)}.", f"To {', '.join(made.recipients)}.")
    return Result(document, sentences)


@schedule.command("list")
@reported
def list_schedules(session: Session) -> Result:
    """Lists schedules by name: when each goes out next, to whom, and why one is paused."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_REPORTS, tenant)
        found = finops.delivery.schedules.list(tenant)
        document = schedules_document(found, tenant=tenant, as_of=finops.now())
    return Result(
        document, (f"Tenant {tenant}: {len(found)} {'schedule' if len(found) == 1 else 'schedules'}.",), _table(found)
    )


@schedule.command()
@click.option("--cron", required=True, metavar="LINE", help="Minute, hour, day of month, month, weekday: '0 7 * * 1'.")
@click.option("--timezone", required=True, metavar="Z", help="Whose clocks the line is about, as in Europe/Berlin.")
@reported
def preview(session: Session, *, cron: str, timezone: str) -> Result:
    """Says when a cron line would fire next, and keeps nothing."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        told = finops.delivery.schedules.preview(cron, timezone)
        document = preview_document(told, tenant=tenant, as_of=finops.now())
    return Result(document, (f"{told.words}, {told.timezone}.", *told.shown))


@schedule.command()
@click.argument("name")
@reported
def pause(session: Session, *, name: str) -> Result:
    """Pauses a schedule, by its name or id."""
    return _changed(session, lambda finops, tenant, by: finops.delivery.schedules.pause(tenant, name, by=by))


@schedule.command()
@click.argument("name")
@reported
def resume(session: Session, *, name: str) -> Result:
    """Lets a paused schedule go on from its next time."""
    return _changed(session, lambda finops, tenant, by: finops.delivery.schedules.resume(tenant, name, by=by))


@schedule.command()
@click.argument("name")
@reported
def remove(session: Session, *, name: str) -> Result:
    """Forgets a schedule; mails of it that wait are not sent any more, its history stays."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.SCHEDULE_REPORTS, tenant)
        found = finops.delivery.schedules.one(tenant, name)
        withheld = finops.delivery.schedules.remove(tenant, found.schedule_id, by=person.principal)
        meta = Meta(tenant=tenant, as_of=finops.now())
    document = envelope({"schedule_id": found.schedule_id, "withheld": withheld}, meta)
    kept = f" {withheld} mails of it were not sent any more." if withheld else ""
    return Result(document, (f"{found.name} is removed.{kept}",))


@schedule.command()
@reported
def tick(session: Session) -> Result:
    """One turn of the clock, for a system's own cron: sends what is due, does jobs where no server has the clock."""
    with session.finops() as finops:
        turn = scheduler.turn_once(finops)
        told = _Turned.of(finops, turn)
        meta = Meta(tenant=session.writing_tenant(), as_of=finops.now(), partial=bool(told.faults))
    return Result(envelope(told.data, meta), told.sentences, code=3 if told.faults else 0)


@schedule.command()
@click.argument("name", required=False)
@click.option(
    "--limit", default=50, type=click.IntRange(1, MOST), help="At most so many times, the latest; default 50."
)
@reported
def history(session: Session, *, name: str | None, limit: int) -> Result:
    """What became of each time a schedule fired, with every mail of it; of all schedules without a name."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_REPORTS, tenant)
        names = {each.schedule_id: each.name for each in finops.delivery.schedules.list(tenant)}
        wanted = finops.delivery.schedules.one(tenant, name).schedule_id if name else ""
        found, total = finops.delivery.firings(tenant, schedule_id=wanted, limit=limit)
        standing = finops.delivery.standing(found)
        mails = {
            each.firing_id: finops.delivery.deliveries(tenant, firing_id=each.firing_id, limit=MOST)[0]
            for each in found
        }
        meta = Meta(tenant=tenant, as_of=finops.now(), more={"total": total})
    records = [
        {**firing_record(each, names, standing), "mails": [delivery_record(mail) for mail in mails[each.firing_id]]}
        for each in found
    ]
    rows = tuple(
        (names.get(each.schedule_id, each.schedule_id), each.due, str(each.status), *_mail(mail, each.reason))
        for each in found
        for mail in mails[each.firing_id] or (None,)
    )
    columns = ("schedule", "due", "firing", "recipient", "mail", "sent", "delivery_id", "reason")
    told = f"Tenant {tenant}: {total} times" + (f", the latest {len(found)} of them." if len(found) < total else ".")
    return Result(envelope({"items": records}, meta), (told,), Table(columns, rows))


@schedule.command()
@click.argument("delivery_id")
@reported
def resend(session: Session, *, delivery_id: str) -> Result:
    """Sends a mail again, whatever became of it: its reader may have it twice."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.SCHEDULE_REPORTS, tenant)
        finops.delivery.resend(tenant, delivery_id, by=person.principal)
        finops.delivery.send_due()
        found = finops.delivery.one(tenant, delivery_id)
        meta = Meta(tenant=tenant, as_of=finops.now())
    told = f"The mail to {found.recipient} is {found.status}{f': {found.reason}' if found.reason else '.'}"
    return Result(envelope(delivery_record(found), meta), (told,), code=1 if str(found.status) in _BAD else 0)


@schedule.command("try")
@click.argument("name")
@click.option("--to", "to", required=True, metavar="A", help="The one address it goes to, instead of its readers.")
@reported
def try_out(session: Session, *, name: str, to: str) -> Result:
    """Makes a schedule's mail now and sends it to one address: a dry run."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.SCHEDULE_REPORTS, tenant)
        found = finops.delivery.schedules.one(tenant, name)
        queued = scheduler.tried(finops, found, to, by=person.principal)
        sent = finops.delivery.send_due().sent if queued else 0
        meta = Meta(tenant=tenant, as_of=finops.now())
    document = envelope({"schedule_id": found.schedule_id, "queued": queued, "sent": sent}, meta)
    told = f"The mail of {found.name} is on its way to {to}." if queued else "There is no news, so no mail."
    return Result(document, (told,))


@dataclass(frozen=True, slots=True)
class _Turned:
    """One turn of the clock for people and programs. `faults` are what did not go well, as sentences."""

    data: Document
    sentences: tuple[str, ...]
    faults: tuple[str, ...]

    @classmethod
    def of(cls, finops: Finops, turn: scheduler.Turn) -> _Turned:
        """What happened, read again from the store where the turn changed it."""
        sent, posted = turn.posted.sent, turn.posted
        now = {each.firing_id: each for firing in posted.firings for each in _again(finops, firing)}
        failed = [each for each in now.values() if each.status is FiringStatus.FAILED]
        faults = (*posted.faults, *(f"the report due {each.due:%Y-%m-%d %H:%M} UTC: {each.reason}" for each in failed))
        counts = asdict(sent) if sent else {}
        bad = counts.get("failed", 0) + counts.get("uncertain", 0)
        faults += (f"{bad} mails were not sent, or may not have been: schedule history says why.",) if bad else ()
        clock = "this process" if turn.mine else turn.clock
        told = f"{len(posted.firings)} reports were due, {counts.get('sent', 0)} mails left."
        jobs = "" if turn.mine else f" {clock} has the clock and does the jobs."
        data: Document = {
            "clock": turn.clock,
            "jobs": turn.mine,
            "firings": [firing_record(each, {}, {}) for each in now.values()],
            "mails": counts,
            "faults": list(faults),
        }
        return cls(data, (told + jobs, *faults), faults)


def _again(finops: Finops, firing: Firing) -> list[Firing]:
    """The firing as it is now."""
    found, _ = finops.delivery.firings(firing.tenant, schedule_id=firing.schedule_id, limit=10)
    return [each for each in found if each.firing_id == firing.firing_id]


def _changed(session: Session, deed: Callable[[Finops, str, str], Schedule]) -> Result:
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.SCHEDULE_REPORTS, tenant)
        made = deed(finops, tenant, person.principal)
        document = schedule_document(made, as_of=finops.now())
    following = f"; next {shown(made.next_run, made.timezone)}" if made.next_run else ""
    return Result(document, (f"{made.name} is {made.status}{following}.",))


def _owner(finops: Finops, named: object) -> str:
    """A principal, or the name of a role, as in `admin`; the operator for none."""
    text = OPERATOR if named is None else str(named)
    if finops.access.holder(text) is not None:
        return text
    try:
        return finops.access.person(text).principal
    except InputError:
        raise InputError("owner", f"there is nobody called {text[:60]}") from None


def _scope(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        name, given, value = text.partition("=")
        if not name or not given:
            raise InputError("scope", "scope must be NAME=value, as in account=123456789012")
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def _table(found: Sequence[Schedule]) -> Table:
    records = [{**schedule_record(each), "recipients": ", ".join(each.recipients)} for each in found]
    return record_table(records, SCHEDULE_FIELDS, _SHOWN)


def _mail(mail: Delivery | None, reason: str) -> tuple[Cell, ...]:
    if mail is None:
        return ("", "", None, "", reason)
    return (mail.recipient, str(mail.status), mail.sent_at, mail.delivery_id, mail.reason or reason)
