"""`inventory discover`, `inventory list`, `inventory changes`, `inventory show`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from export import asset_columns
from finops.api.asset_parameters import FILTERS, FILTERS_OF_CHANGES, asset_id, asset_request, changes_request
from finops.api.envelope import Meta, envelope, instant
from finops.api.inventory import asset_document, assets_document, changes_document
from finops.api.job_documents import job_record
from finops.cli.asset_text import ASSET_COLUMNS, CHANGE_COLUMNS, detail_table, member, record_table, told_failures
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.inventory.accounts import chosen
from finops.inventory.visits import wanted_kinds
from finops.model.errors import InputError
from finops.model.jobs import JobStatus
from finops.model.people import Right

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from finops.api.endpoints import Parameter
    from finops.api.envelope import Document
    from finops.cli.text import Table
    from finops.model.jobs import Job, Progress

P = ParamSpec("P")
R = TypeVar("R")

DISCOVER = "inventory.discover"
CODES = {JobStatus.COMPLETED: 0, JobStatus.PARTIAL: 3}
"""Status of a job → exit code; 1 for the others."""
CHANGES = ("appeared", "changed", "back", "missing", "gone")
"""What a discovery counts, in the order it is told."""
MOST = 100_000
"""A command's longest list: a script takes all assets in one go."""

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]", re.ASCII)


def filter_options(filters: Sequence[Parameter]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Adds an option for each of these filters."""

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        for parameter in reversed(filters):
            flag = f"--{parameter.name.replace('_', '-')}"
            metavar = "N" if parameter.schema.get("type") == "integer" else "V"
            told = parameter.help.replace("`", "")
            function = click.option(flag, parameter.name, multiple=parameter.many, metavar=metavar, help=told)(function)
        return function

    return decorated


@click.group()
def inventory() -> None:
    """What runs where, since when and whose it is: discover it, list it, see what changed."""


@inventory.command(cls=SeveralValues)
@click.option("--account", multiple=True, metavar="A", help="Only these accounts; several, repeated or a comma list.")
@click.option("--region", multiple=True, metavar="R", help="Only these regions, beside what has none.")
@click.option("--service", multiple=True, metavar="S", help="Only these services or kinds, as in ec2 or ec2:instance.")
@reported
def discover(
    session: Session, *, account: tuple[str, ...], region: tuple[str, ...], service: tuple[str, ...]
) -> Result:
    """Asks AWS for everything that runs in every account and keeps it; says what appeared, changed and went missing."""
    accounts = _matching(account, "account", _ACCOUNT, "a 12-digit account id")
    regions = _matching(region, "region", _REGION, "an AWS region code such as us-east-1")
    services = _listed(service)
    wanted_kinds(services)
    tenant = session.fetching_tenant("assets")
    with session.finops() as finops:
        person = session.person(finops, Right.DISCOVER, tenant)
        known = finops.inventory.accounts(tenant)
        if known:
            chosen(known, accounts)
        arguments = {"accounts": list(accounts), "regions": list(regions), "services": list(services)}
        job = finops.jobs.run(DISCOVER, tenant, arguments, user=person.principal, progress=_progress(session))
        return _job_report(job, Meta(
            tenant=tenant, as_of=job.ended or finops.now(), source="discovery",
            partial=job.status is not JobStatus.COMPLETED, failures=job.failures,
        ))  # fmt: skip


@inventory.command("list", cls=SeveralValues)
@filter_options(FILTERS)
@click.option("--sort", metavar="FIELD", help="name (default), kind, service, account, region, state, created, cost …")
@click.option("--order", metavar="O", help="asc (default) or desc; unknown values come last.")
@click.option("--limit", metavar="N", help=f"At most so many, 100 unless told, {MOST} at most.")
@click.option("--cursor", metavar="C", help="Go on where the list before ended: its meta.next_cursor.")
@click.option("--columns", multiple=True, metavar="C", help="These fields in this order, tag:<Key> among them.")
@reported
def list_assets(session: Session, **options: object) -> Result:
    """Lists assets; the document is that of /api/assets."""
    pairs, known = _pairs(options), asset_columns()
    asset_request(pairs, session.settings.tenant, columns=known, most=MOST)  # a wrong option is told at once
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_INVENTORY, tenant)
        request = asset_request(pairs, tenant, columns=known, most=MOST)
        document = assets_document(finops, request)
        table = record_table(
            member(document, "data")["items"],
            request.columns or known,
            shown=() if request.columns else ASSET_COLUMNS,
        )
        return _listing(document, table, "assets")


@inventory.command(cls=SeveralValues)
@click.option("--since", required=True, metavar="DATE", help="Changes from this day (YYYY-MM-DD) or instant on.")
@click.option("--until", metavar="DATE", help="Changes before this day or instant.")
@click.option("--change", multiple=True, metavar="C", help="Only appeared, changed, missing, gone or back.")
@filter_options(FILTERS_OF_CHANGES)
@click.option("--limit", metavar="N", help=f"At most so many, 500 unless told, {MOST} at most.")
@click.option("--cursor", metavar="C", help="Go on where the list before ended: its meta.next_cursor.")
@reported
def changes(session: Session, **options: object) -> Result:
    """What appeared, changed, went missing or came back, newest first; the document is that of /api/asset-changes."""
    request = changes_request(_pairs(options), most=MOST)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_INVENTORY, tenant)
        document = changes_document(finops, tenant, request)
        return _listing(document, record_table(member(document, "data")["items"], CHANGE_COLUMNS), "changes")


@inventory.command()
@click.argument("asset", metavar="ASSET_ID")
@reported
def show(session: Session, *, asset: str) -> Result:
    """One asset with tags, details, relationships and history; the document is that of /api/asset."""
    wanted = asset_id(asset)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_INVENTORY, tenant)
        document = asset_document(finops, tenant, wanted)
        return _listing(document, detail_table(member(document, "data")), "")


def _listing(document: Document, table: Table, things: str) -> Result:
    """A list or a part of one; exit 3 when something could not be listed, which may lack here."""
    meta = member(document, "meta")
    failures = told_failures(document)
    seen = f"listed up to {instant(meta['as_of'])}" if meta["as_of"] else "never listed"
    total = meta.get("total")  # of changes only the last page knows it, of one asset none
    counted = f"{len(table.rows):,}{f' of {total:,}' if total is not None else ''} {things}, " if things else ""
    sentences = [f"Tenant {meta['tenant']}: {counted}{seen}."]
    if meta.get("next_cursor"):
        sentences.append(f"There are more: --cursor {meta['next_cursor']}, or a higher --limit.")
    return Result(document, tuple(sentences), table, failures, code=3 if failures else 0)


def _job_report(job: Job, meta: Meta) -> Result:
    counts = job.counts
    found = f"{counts.get('seen', 0):,} assets seen in {counts.get('accounts', 0):,} accounts"
    changed = ", ".join(f"{counts.get(name, 0):,} {name}" for name in CHANGES)
    told = f"{found}: {changed}; {counts.get('calls', 0):,} calls, {len(job.failures):,} failures."
    sentence = f"Discovery of tenant {job.tenant}, {job.status}: {told if counts else 'nothing was kept.'}"
    return Result(envelope(job_record(job), meta), (sentence,), failures=job.failures, code=CODES.get(job.status, 1))


def _progress(session: Session) -> Callable[[Progress], None]:
    """Tells a job's progress on a terminal."""

    def show(reached: Progress) -> None:
        told = [f"{reached.items:,} items", f"{reached.calls:,} calls"]
        if reached.failures:
            told.append(f"{reached.failures:,} failures")
        if reached.seconds_left is not None:
            told.append(f"{reached.seconds_left} s left")
        session.progress(reached.done, reached.total, ", ".join([*told, *filter(None, [reached.note])]))

    return show


def _pairs(options: Mapping[str, object]) -> list[tuple[str, str]]:
    """Options as the query parameters they are spelled like."""
    several = {name: value if isinstance(value, tuple) else (value,) for name, value in options.items()}
    return [(name, str(value)) for name, values in several.items() for value in values if value is not None]


def _listed(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for text in texts for part in text.split(",") if part.strip()))


def _matching(texts: Sequence[str], field: str, rule: re.Pattern[str], told: str) -> tuple[str, ...]:
    found = _listed(texts)
    if not all(rule.fullmatch(text) for text in found):
        raise InputError(field, f"{field} must be {told}")
    return found
