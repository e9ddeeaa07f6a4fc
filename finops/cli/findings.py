"""`findings run`, `findings list` and what else is done with findings from a terminal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finops.api.envelope import Meta, envelope, instant
from finops.api.finding_checks import checks_document
from finops.api.finding_documents import FINDING_FIELDS
from finops.api.finding_files import site_documents, site_texts
from finops.api.finding_parameters import FILTERS, act_request, finding_request, is_fingerprint
from finops.api.findings import acted, finding_document, findings_document, judged_for
from finops.api.job_documents import job_record
from finops.cli.asset_text import member, record_table, told_failures
from finops.cli.finding_text import STATE_COLUMNS, check_table, detail_table, finding_table, worth
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.cli.inventory import CODES, MOST, filter_options
from finops.model.errors import InputError
from finops.model.findings import Deed
from finops.model.jobs import JobStatus
from finops.model.people import Right
from finops.waste import WORKSPACE
from finops.waste.listing import workspace_name
from finops.waste.site import SUMMARY_FILE, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from finops.api.envelope import Document
    from finops.facade import Finops
    from finops.model.jobs import Job, Progress

RUN = "findings.run"
MAX_DAYS = 3_650
_CHANGES = ("new", "reopened", "woken", "resolved")

_fingerprints = click.argument("fingerprints", nargs=-1, required=True, metavar="FINGERPRINT...")
_workspace = click.option(
    "--workspace", metavar="W", default=WORKSPACE, help=f"Of runs made for this workspace; default {WORKSPACE}."
)


@click.group()
def findings() -> None:
    """What costs money for nothing: look for it, list it, say what is to become of it."""


@findings.command("run", cls=SeveralValues)
@click.option("--checker", "checkers", multiple=True, metavar="ID", help="Only these checks, as findings checks names.")
@_workspace
@reported
def run_checks(session: Session, *, checkers: tuple[str, ...], workspace: str) -> Result:
    """Runs the checks over the inventory and keeps what they find; says what is new and what could not be seen."""
    chosen = tuple(dict.fromkeys(part.strip() for text in checkers for part in text.split(",") if part.strip()))
    workspace_name(workspace)
    tenant = session.fetching_tenant("findings")
    with session.finops() as finops:
        person = session.person(finops, Right.RUN_CHECKS, tenant)
        _require_known(finops, chosen)
        arguments = {"checks": list(chosen), "workspace": workspace}
        job = finops.jobs.run(RUN, tenant, arguments, user=person.principal, progress=_progress(session))
        return _job_report(job, Meta(
            tenant=tenant, as_of=job.ended or finops.now(), source="findings",
            partial=job.status is not JobStatus.COMPLETED, failures=job.failures,
        ))  # fmt: skip


@findings.command("list", cls=SeveralValues)
@filter_options(FILTERS)
@click.option("--sort", metavar="FIELD", help="monthly_saving (default), severity, check_id, account, region, name …")
@click.option("--order", metavar="O", help="desc (default) or asc; unknown values come last.")
@click.option("--limit", metavar="N", help=f"At most so many, 100 unless told, {MOST} at most.")
@click.option("--cursor", metavar="C", help="Go on where the list before ended: its meta.next_cursor.")
@reported
def list_findings(session: Session, **options: object) -> Result:
    """Lists findings; the document is that of /api/findings."""
    request = finding_request(_pairs(options), most=MOST)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.VIEW_FINDINGS, tenant)
        document = findings_document(finops, tenant, judged_for(finops, person, tenant, request))
    table, meta = finding_table(document, FINDING_FIELDS), member(document, "meta")
    told = f"Tenant {tenant}: {len(table.rows):,} of {meta['total']:,} findings, {_since(document)}.{worth(document)}"
    more = f"There are more: --cursor {meta['next_cursor']}, or a higher --limit." if meta["next_cursor"] else ""
    failures = told_failures(document)
    return Result(document, tuple(filter(None, (told, more))), table, failures, code=3 if failures else 0)


@findings.command()
@click.argument("fingerprint")
@_workspace
@reported
def show(session: Session, *, fingerprint: str, workspace: str) -> Result:
    """One finding with its evidence, remedy and history; the document is that of /api/findings/{fingerprint}."""
    _require_fingerprint((fingerprint,))
    workspace_name(workspace)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_FINDINGS, tenant)
        document = finding_document(finops, tenant, fingerprint, workspace=workspace)
    if document is None:
        raise InputError("fingerprint", f"there is no finding of this fingerprint in tenant {tenant}")
    failures = told_failures(document)
    told = f"Tenant {tenant}: {_since(document)}."
    return Result(document, (told,), detail_table(member(document, "data")), failures, code=3 if failures else 0)


@findings.command()
@_fingerprints
@click.option("--until", metavar="DATE", help="Until this day begins (UTC), or until this instant.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), metavar="N", help="For so many days from now.")
@click.option("--reason", metavar="R", help="Why; needed.")
@reported
def snooze(
    session: Session, *, fingerprints: tuple[str, ...], until: str | None, days: int | None, reason: str | None
) -> Result:
    """Puts findings off until a day; they are open again by themselves."""
    if (until is None) is (days is None):
        raise InputError("until", "give either --until or --days")
    return _acted(session, Deed.SNOOZE, fingerprints, {"until": until, "reason": reason}, days=days)


@findings.command()
@_fingerprints
@click.option("--reason", metavar="R", help="Why; needed.")
@reported
def dismiss(session: Session, *, fingerprints: tuple[str, ...], reason: str | None) -> Result:
    """Says that findings are meant to be so: they stay away until somebody reopens them."""
    return _acted(session, Deed.DISMISS, fingerprints, {"reason": reason})


@findings.command()
@_fingerprints
@click.option("--reason", metavar="R", help="What was done.")
@reported
def resolve(session: Session, *, fingerprints: tuple[str, ...], reason: str | None) -> Result:
    """Says that findings are dealt with; a run that sees one again reopens it."""
    return _acted(session, Deed.RESOLVE, fingerprints, {"reason": reason})


@findings.command()
@_fingerprints
@click.option("--reason", metavar="R", help="Why.")
@reported
def reopen(session: Session, *, fingerprints: tuple[str, ...], reason: str | None) -> Result:
    """Opens findings again that were snoozed, dismissed or resolved."""
    return _acted(session, Deed.REOPEN, fingerprints, {"reason": reason})


@findings.command()
@_fingerprints
@click.option("--owner", required=True, metavar="O", help="Who; an empty text: nobody.")
@reported
def assign(session: Session, *, fingerprints: tuple[str, ...], owner: str) -> Result:
    """Gives findings to somebody."""
    return _acted(session, Deed.ASSIGN, fingerprints, {"owner": owner})


@findings.command()
@_fingerprints
@click.option("--text", required=True, metavar="T", help="The comment.")
@reported
def comment(session: Session, *, fingerprints: tuple[str, ...], text: str) -> Result:
    """Adds a comment to the history of findings."""
    return _acted(session, Deed.COMMENT, fingerprints, {"text": text})


@findings.command("checks")
@reported
def list_checks(session: Session) -> Result:
    """Every check: what it looks for, its thresholds, what it asks AWS; the document is that of /api/checks."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_FINDINGS, tenant)
        document = checks_document(finops, tenant)
    table = check_table(document)
    return Result(document, (f"{len(table.rows)} checks.",), table)


@findings.command()
@click.option("--out", required=True, metavar="DIR", help="Folder to write to; it is made when it is not there.")
@_workspace
@reported
def export(session: Session, *, out: str, workspace: str) -> Result:
    """Writes findings.json, summary.json and top_savings.json for a static site."""
    workspace_name(workspace)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.VIEW_FINDINGS, tenant)
        finops.access.demand(person, Right.EXPORT, tenant=tenant)
        documents = site_documents(finops, tenant, workspace=workspace)
    written = write_files(Path(out), site_texts(documents))
    summary = documents[SUMMARY_FILE]
    failures = told_failures(summary)
    document = {"data": {"files": [str(path) for path in written]}, "meta": summary["meta"]}
    told = f"Tenant {tenant}: {len(written)} files in {out}, {_since(summary)}.{worth(summary)}"
    return Result(document, (told,), failures=failures, code=3 if failures else 0)


def _acted(
    session: Session,
    deed: Deed,
    fingerprints: tuple[str, ...],
    told: Mapping[str, str | None],
    *,
    days: int | None = None,
) -> Result:
    _require_fingerprint(fingerprints)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.ACT_ON_FINDINGS, tenant)
        sent: dict[str, object] = {"fingerprints": list(fingerprints), "action": str(deed), **told}
        if days is not None:
            sent["until"] = instant(finops.now() + timedelta(days=days))
        document = acted(finops, tenant, act_request(sent, by=person.principal, at=finops.now()))
    table = record_table(member(document, "data")["items"], STATE_COLUMNS)
    return Result(document, (f"Tenant {tenant}: {deed} of {len(table.rows):,} findings is done.",), table)


def _require_fingerprint(texts: Sequence[str]) -> None:
    if not all(is_fingerprint(text) for text in texts):
        raise InputError("fingerprint", "a fingerprint is the 32 characters that a list of findings gives")


def _require_known(finops: Finops, chosen: Sequence[str]) -> None:
    known = [check.check_id for check in finops.waste.checks]
    for name in chosen:
        if name not in known:
            raise InputError("checker", f"there is no check {name[:60]!r}; known: {', '.join(known)}")


def _since(document: Document) -> str:
    seen = member(document, "meta")["as_of"]
    return f"last run {instant(seen)}" if seen else "never run"


def _job_report(job: Job, meta: Meta) -> Result:
    counts = job.counts
    found = f"{counts.get('observations', 0):,} resources looked at, {counts.get('flagged', 0):,} flagged"
    changed = ", ".join(f"{counts.get(name, 0):,} {name}" for name in _CHANGES)
    told = f"{found}: {changed}; {counts.get('calls', 0):,} calls, {len(job.failures):,} failures."
    sentence = f"Checks of tenant {job.tenant}, {job.status}: {told if counts else 'nothing was kept.'}"
    return Result(envelope(job_record(job), meta), (sentence,), failures=job.failures, code=CODES.get(job.status, 1))


def _progress(session: Session) -> Callable[[Progress], None]:
    """Tells a job's progress on a terminal."""

    def show(reached: Progress) -> None:
        told = [f"{reached.items:,} resources", f"{reached.calls:,} calls"]
        if reached.failures:
            told.append(f"{reached.failures:,} failures")
        session.progress(reached.done, reached.total, ", ".join([*told, *filter(None, [reached.note])]))

    return show


def _pairs(options: Mapping[str, object]) -> list[tuple[str, str]]:
    """Options as the query parameters they are spelled like."""
    several = {name: value if isinstance(value, tuple) else (value,) for name, value in options.items()}
    return [(name, str(value)) for name, values in several.items() for value in values if value is not None]
