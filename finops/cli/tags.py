"""`tags check`, `tags policy …`, `tags suggest`, `tags fix-list`: how tags stand, and lists for whoever mends them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from finops.api.asset_parameters import FILTERS, asset_filter
from finops.api.envelope import Meta, envelope
from finops.api.job_documents import job_record
from finops.api.tag_documents import VIOLATION_FIELDS, autopsy_document, policy_page, tag_meta
from finops.api.tag_exports import fix_pieces
from finops.api.tag_parameters import COMPLIANCE_FILTERS, compliance_request, keys_of, period_of, suggested
from finops.api.tags import compliance_document, policy_document_of, suggestions_document
from finops.cli.asset_text import member, record_table, told_failures
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.cli.inventory import CODES, MOST, filter_options
from finops.cli.tag_text import ACCURACY_COLUMNS, GROUP_COLUMNS, PART_COLUMNS, headline, rule_table
from finops.cli.text import Table
from finops.model.errors import InputError
from finops.model.jobs import JobStatus
from finops.model.people import Right
from finops.model.tagging import PolicyVersion
from finops.tagging.fixing import FIX_COLUMNS, cli_lines, fix_record
from finops.tagging.policy import STARTER, policy_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from finops.api.envelope import Document
    from finops.model.tagging import Policy
    from finops.tagging import Tagging

EVALUATE = "tags.evaluate"
SHOWN = ("name", "kind", "account", "region", "key", "verdict", "value", "cost", "currency")
SUGGESTED = ("name", "kind", "account", "value", "confidence", "signal", "evidence")
_KEY = click.option("--key", metavar="K", required=True, help="A key of the policy.")


@click.group()
def tags() -> None:
    """How tags stand against the policy, in assets and in dollars, and what would mend them."""


@tags.command(cls=SeveralValues)
@filter_options(COMPLIANCE_FILTERS)
@click.option("--by", metavar="G", help="Figures by account, service, region, kind, owner or tag:<Key> instead.")
@click.option("--limit", metavar="N", help=f"At most so many violations, 100 unless told, {MOST} at most.")
@click.option("--cursor", metavar="C", help="Go on where the list before ended: its meta.next_cursor.")
@reported
def check(session: Session, **options: object) -> Result:
    """Says how tags stand and lists violations, dearest assets first; the document is that of /api/tag-compliance."""
    request = compliance_request(_pairs(options), most=MOST)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_TAGS, tenant)
        document = compliance_document(finops, tenant, request)
    data, meta = member(document, "data"), member(document, "meta")
    if request.by:
        table = Table(GROUP_COLUMNS, tuple(tuple(each[name] for name in GROUP_COLUMNS) for each in data["groups"]))
    else:
        table = record_table(data["items"], VIOLATION_FIELDS, shown=SHOWN)
    told = [*headline(data, meta)]
    if meta["next_cursor"]:
        told.append(f"There are more: --cursor {meta['next_cursor']}, or a higher --limit.")
    return _result(document, table, *told)


@tags.command()
@click.option("--bill", is_flag=True, help="Ask Cost Explorer too: activation of keys, untagged cost by resource.")
@reported
def evaluate(session: Session, *, bill: bool) -> Result:
    """Keeps how tags stand today, for the trend; with --bill also what the autopsy needs, a few cents a key."""
    tenant = session.fetching_tenant("tag scores")
    with session.finops() as finops:
        person = session.person(finops, Right.REFRESH_COSTS, tenant)
        job = finops.jobs.run(EVALUATE, tenant, {"bill": bill}, user=person.principal)
        meta = Meta(
            tenant=tenant, as_of=job.ended or finops.now(), source="tags",
            partial=job.status is not JobStatus.COMPLETED, failures=job.failures,
        )  # fmt: skip
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in job.counts.items())
    told = f"Evaluation of tenant {tenant}, {job.status}: {counts or 'nothing was kept'}."
    document = envelope(job_record(job), meta)
    return Result(document, (told,), failures=job.failures, code=CODES.get(job.status, 1))


@tags.command(cls=SeveralValues)
@_KEY
@click.option("--start", metavar="DATE", help="First day; default the last thirty complete days.")
@click.option("--end", metavar="DATE", help="Day after the last one.")
@reported
def autopsy(session: Session, *, key: str, start: str | None, end: str | None) -> Result:
    """Why dollars of a key are untagged; the document is that of /api/tag-autopsy."""
    period = period_of(_pairs({"start": start, "end": end}))
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_TAGS, tenant)
        document = autopsy_document(finops.tagging.autopsy(tenant, key, period), tenant)
    data, meta = member(document, "data"), member(document, "meta")
    agreed = {
        True: "as the bill says",
        False: "which is NOT what the bill says",
        None: "with nothing to hold it against",
    }
    told = f"Tenant {tenant}, {key} ({data['activation']}): {data['explained'] or 'nothing'} untagged is explained"
    table = record_table(data["parts"], PART_COLUMNS)
    return _result(document, table, f"{told}, {agreed[data['reconciles']]}.", *meta["notes"])


@tags.command(cls=SeveralValues)
@_KEY
@filter_options(FILTERS)
@click.option("--limit", metavar="N", help=f"At most so many, 100 unless told, {MOST} at most.")
@reported
def suggest(session: Session, *, key: str, **options: object) -> Result:
    """Suggests values for assets without a key, from their neighbours; the document is that of /api/tag-suggestions."""
    pairs = _pairs(options)
    only, limit = asset_filter(pairs), suggested(pairs, most=MOST)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_TAGS, tenant)
        document = suggestions_document(finops, tenant, key, only, limit=limit)
    data = member(document, "data")
    table = record_table(data["items"], ("asset_id", "arn", *SUGGESTED), shown=SUGGESTED)
    signals = [", ".join(f"{name} {each[name]}" for name in ACCURACY_COLUMNS) for each in data["signals"]]
    told = f"Tenant {tenant}: {len(data['items']):,} suggestions for {data['untagged']:,} assets without {key}."
    good = data["overall"]
    measured = f"Tried on {good['tagged']:,} tagged assets: {good['guessed']:,} guessed, {good['right']:,} right."
    return _result(document, table, told, measured, *signals)


@tags.command("fix-list", cls=SeveralValues)
@click.option("--out", required=True, type=click.File("w", "utf-8", lazy=True, atomic=True), help="File; - is stdout.")
@click.option("--format", "form", type=click.Choice(("csv", "cli")), default="csv", help="CSV, or AWS CLI lines.")
@click.option("--key", multiple=True, metavar="K", help="Only these keys of the policy, repeated.")
@click.option("--least-confidence", type=click.FloatRange(0, 1), default=0.0, metavar="C", help="From 0 to 1.")
@click.option("--limit", type=click.IntRange(1, MOST), default=MOST, metavar="N", help="At most so many.")
@filter_options(FILTERS)
@reported
def fix_list(
    session: Session,
    *,
    out: TextIO,
    form: str,
    key: tuple[str, ...],
    least_confidence: float,
    limit: int,
    **options: object,
) -> Result:
    """Writes tags that would mend violations, for a person to set: nothing in AWS is changed by this."""
    keys, only = keys_of([("key", each) for each in key]), asset_filter(_pairs(options))
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.EXPORT, tenant)
        fixes = finops.tagging.fix_list(tenant, only, keys=keys, least_confidence=least_confidence, limit=limit)
        meta = tag_meta(finops, tenant, only, total=len(fixes))
    with out:
        out.writelines(f"{line}\n" for line in cli_lines(fixes)) if form == "cli" else out.writelines(fix_pieces(fixes))
    rows = [fix_record(fix) for fix in fixes]
    document = envelope({"columns": list(FIX_COLUMNS), "items": rows}, meta)
    assets = len({fix.asset.asset_no for fix in fixes})
    told = f"Tenant {tenant}: {len(fixes):,} tags for {assets:,} assets. Nothing was changed; a person sets them."
    return _result(document, None, told)


@tags.group()
def policy() -> None:
    """The rules: kept in versions, taken from and given to AWS Organizations."""


@policy.command()
@click.option("--version", type=click.IntRange(1), metavar="N", help="A version; default the one that holds.")
@reported
def show(session: Session, *, version: int | None) -> Result:
    """The policy that holds; the document is that of /api/tag-policy."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_TAGS, tenant)
        document = policy_document_of(finops, tenant, version)
    data = member(document, "data")
    at = data["saved"]
    saved = "the starter policy; nobody has saved one"
    if isinstance(at, datetime):
        saved = f"version {data['version']}, saved {at:%Y-%m-%d %H:%M} by {data['saved_by']}"
    return _result(document, rule_table(data["policy"]["rules"]), f"Tenant {tenant}: {saved}.")


@policy.command()
@reported
def starter(session: Session) -> Result:
    """The policy that is offered to begin with, as `tags policy import` takes it."""
    tenant = session.writing_tenant()
    document = policy_page(PolicyVersion(0, STARTER), (), tenant)
    text = json.dumps(member(document, "data")["policy"], indent=2, ensure_ascii=False)
    return Result(document, verbatim=text)


@policy.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--note", default="", metavar="TEXT", help="Why; kept with the version.")
@click.option("--over", type=click.IntRange(0), metavar="N", help="Only if version N still holds.")
@reported
def import_policy(session: Session, *, file: Any, note: str, over: int | None) -> Result:
    """Keeps a policy as the next version: AWS Organizations' tag policy, or what `tags policy starter` prints."""
    given = file.read()
    with session.finops() as finops:
        tenant = session.writing_tenant() if session.settings.mode != "demo" else session.reading_tenant(finops)
        person = session.person(finops, Right.EDIT_TAG_POLICY, tenant)
        wanted = _policy_in(finops.tagging, given)
        held = finops.tagging.policy(tenant).version if over is None else over
        saved = finops.tagging.save(tenant, wanted, over=held, by=person.principal, note=note)
        document = policy_document_of(finops, tenant)
    told = f"Tenant {tenant}: version {saved.version} holds, {len(wanted.rules)} rules."
    return _result(document, rule_table(member(document, "data")["policy"]["rules"]), told)


@policy.command()
@click.option("--out", type=click.File("w", "utf-8", lazy=True, atomic=True), help="File; stdout unless told.")
@reported
def export(session: Session, *, out: TextIO | None) -> Result:
    """The policy that holds as AWS Organizations takes it; says what AWS cannot say of it."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_TAGS, tenant)
        found = finops.tagging.export_policy(tenant)
        document = policy_document_of(finops, tenant)
    lost = tuple(f"{field}: {told}" for field, told in found.lost)
    if out is None:
        return Result(document, lost, verbatim=found.text)
    with out:
        out.write(f"{found.text}\n")
    return Result(document, (f"Tenant {tenant}: written.", *lost))


def _policy_in(tagging: Tagging, text: bytes) -> Policy:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("file", "the file is not JSON") from None
    if isinstance(found, dict) and "rules" in found:
        return policy_of(found)
    return tagging.import_policy(text)


def _result(document: Document, table: Table | None, *sentences: str) -> Result:
    """Exit 3 when something could not be listed or explained."""
    failures = told_failures(document)
    return Result(document, tuple(filter(None, sentences)), table, failures, code=3 if failures else 0)


def _pairs(options: Mapping[str, object]) -> Sequence[tuple[str, str]]:
    """Options as the query parameters they are spelled like."""
    several = {name: value if isinstance(value, tuple) else (value,) for name, value in options.items()}
    return [(name, str(value)) for name, values in several.items() for value in values if value is not None]
