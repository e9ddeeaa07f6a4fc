"""`kpis rebuild`, `kpis show`: figures over findings by run date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from finops.api.envelope import Meta, envelope
from finops.api.finding_documents import NO_RUN
from finops.api.kpis import USUAL_DAYS, kpi_request, kpis_document
from finops.cli.asset_text import member, record_table, told_failures
from finops.cli.finding_text import KPI_COLUMNS
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.cli.inventory import MOST
from finops.model.outcome import Failure
from finops.model.people import Right
from finops.store.finding_schema import GOLD_SOURCE
from finops.waste import WORKSPACE

if TYPE_CHECKING:
    from finops.store import Run


@click.group()
def kpis() -> None:
    """Figures over findings by run date: what waste comes to, and by what."""


@kpis.command()
@reported
def rebuild(session: Session) -> Result:
    """Makes every figure anew from what runs have stored and people have done since. No AWS call."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.RUN_CHECKS, tenant)
        run = finops.waste.rebuild_kpis(tenant)
        workspaces = finops.store.findings.workspaces(tenant)
        days = {each.run_date for name in workspaces for each in finops.store.findings.days(tenant, name)}
    return _rebuilt(run, len(days))


@kpis.command("show", cls=SeveralValues)
@click.option("--kpi", multiple=True, metavar="K", help="Only these figures, as in total, net, by_severity, top.")
@click.option("--start", metavar="DATE", help=f"First run date; default {USUAL_DAYS} days before the end.")
@click.option("--end", metavar="DATE", help="Day after the last run date; default tomorrow.")
@click.option("--workspace", metavar="W", help=f"Of runs made for this workspace; default {WORKSPACE}.")
@click.option("--limit", metavar="N", help=f"At most so many, 10000 unless told, {MOST} at most.")
@click.option("--cursor", metavar="C", help="Go on where the list before ended: its meta.next_cursor.")
@reported
def show(session: Session, *, kpi: tuple[str, ...], **options: str | None) -> Result:
    """Shows figures of run dates, oldest first; the document is that of /api/kpis."""
    given = [(name, value) for name, value in options.items() if value is not None]
    pairs = [*(("kpi", text) for text in kpi), *given]
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_FINDINGS, tenant)
        document = kpis_document(finops, tenant, kpi_request(pairs, finops.now(), most=MOST))
    meta, failures = member(document, "meta"), told_failures(document)
    table = record_table(member(document, "data")["items"], KPI_COLUMNS)
    period = meta["period"]
    told = f"Tenant {tenant}: {len(table.rows):,} of {meta['total']:,} figures, {period['start']} to {period['end']}."
    more = f"There are more: --cursor {meta['next_cursor']}, or a higher --limit." if meta["next_cursor"] else ""
    return Result(document, tuple(filter(None, (told, more))), table, failures, code=3 if failures else 0)


def _rebuilt(run: Run, days: int) -> Result:
    failures: tuple[Failure, ...] = run.failures
    if not days:
        failures = (Failure(NO_RUN, f"No check of tenant {run.tenant} has run yet; run `findings run`."),)
    meta = Meta(tenant=run.tenant, as_of=run.ended, source=GOLD_SOURCE, partial=bool(failures), failures=failures)
    data = {"run_id": run.run_id, "status": run.status, "run_dates": days}
    told = f"Tenant {run.tenant}: figures of {days:,} run dates are made anew."
    return Result(envelope(data, meta), (told,), failures=failures, code=3 if failures else 0)
