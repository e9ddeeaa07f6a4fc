"""`budgets list|show|add|remove|what-if|import|evaluate`."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from finops.api.budget_documents import BUDGET_FIELDS, SHOWN, import_record, removed_document
from finops.api.budget_parameters import removal
from finops.api.budgets import list_document, one_document, saved_document, tried_document
from finops.api.envelope import Meta, envelope, json_text
from finops.api.job_documents import job_record
from finops.api.parameters import filters
from finops.cli.asset_text import member, record_table, told_failures
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.cli.inventory import CODES
from finops.model.errors import InputError
from finops.model.people import Right

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from finops.api.envelope import Document

EVALUATE = "budgets.evaluate"
DAY_COLUMNS = ("date", "actual", "complete", "expected", "mean", "lower", "upper")
TRIED_COLUMNS = ("start", "end", "budget", "usual", "expected", "lower", "upper", "over")


@click.group()
def budgets() -> None:
    """What may be spent: budgets, how they stand, and which thresholds were crossed."""


@budgets.command("list")
@reported
def list_budgets(session: Session) -> Result:
    """Lists every budget and how it stands; the document is that of /api/budgets."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_BUDGETS, tenant)
        document = list_document(finops, tenant)
    items = member(document, "data")["items"]
    told = [f"Tenant {tenant}: {len(items):,} budgets."]
    told += [f"{each['name']} is unknown: {each['reasons'][0]}" for each in items if each["reasons"]]
    return _result(document, items, *told)


@budgets.command()
@click.argument("budget_id", metavar="ID")
@reported
def show(session: Session, *, budget_id: str) -> Result:
    """One budget, day by day, and what was crossed; the document is that of /api/budgets/{id}."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_BUDGETS, tenant)
        document = one_document(finops, tenant, budget_id)
    if document is None:
        raise InputError("budget_id", f"there is no budget {budget_id[:40]} in tenant {tenant}")
    data = member(document, "data")
    table = record_table([_flat(each) for each in data["burn_down"]], DAY_COLUMNS)
    told = [_sentence(data["budget"])]
    told += [
        f"{each['percent']:f} % {each['basis']} of the period from {each['start']} was crossed on "
        f"{each['crossed']:%Y-%m-%d}{', a correction brought it below again' if each['fell'] else ''}."
        for each in data["crossings"]
    ]
    code = 3 if member(document, "meta")["partial"] else 0
    return Result(document, tuple(told), table, told_failures(document), code=code)


@budgets.command(cls=SeveralValues)
@click.option("--name", required=True, metavar="NAME", help="What people call it.")
@click.option("--amount", metavar="A", required=True, help="What may be spent in each period, such as 50000.")
@click.option("--period", default="monthly", metavar="P", help="monthly (default), quarterly or yearly.")
@click.option("--currency", metavar="C", help="Default USD.")
@click.option("--filter", "conditions", multiple=True, metavar="D=V",
              help="Only this cost, as `account=111111111111` or `tag:Team=data`; repeats are or-ed.")  # fmt: skip
@click.option("--groups", type=click.File("rb"), metavar="FILE", help="Or-ed groups of filters, as JSON; - is stdin.")
@click.option("--scope-name", metavar="NAME", help="What people call the groups together.")
@click.option("--metric", metavar="M", help="Default that of the stored costs.")
@click.option("--start", metavar="DATE", help="Costs before it do not count; default this period's first day.")
@click.option("--end", metavar="DATE", help="Exclusive; default none.")
@click.option("--fiscal-start", type=click.IntRange(1, 12), metavar="M", help="First month of quarters and years.")
@click.option("--planned", multiple=True, metavar="A", help="Amounts of the periods from --start on, in order.")
@click.option("--threshold", multiple=True, metavar="B:P", help="`actual:80` or `forecast:100`; repeated.")
@click.option("--to", multiple=True, metavar="ADDRESS", help="Who gets a mail when a threshold is crossed; repeated.")
@click.option("--replace", metavar="ID", help="Replace this budget.")
@reported
def add(session: Session, **options: Any) -> Result:
    """Makes a budget, or replaces one; the document is that of POST /api/budgets."""
    sent = _sent(options)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.EDIT_BUDGETS, tenant)
        document = saved_document(finops, tenant, sent, by=person.principal)
    kept = member(document, "data")["budget"]
    told = f"Tenant {tenant}: budget {kept['budget_id']} is kept. {_sentence(kept)}"
    return Result(document, (told,), record_table([_flat(kept)], BUDGET_FIELDS, SHOWN), told_failures(document))


@budgets.command()
@click.argument("budget_id", metavar="ID")
@reported
def remove(session: Session, *, budget_id: str) -> Result:
    """Forgets a budget of yours and what was crossed of it."""
    wanted = removal({"budget_id": budget_id})
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.EDIT_BUDGETS, tenant)
        gone = finops.budgets.remove(tenant, wanted, by=person.principal)
    return Result(removed_document(gone), (f"Tenant {tenant}: budget {gone.name} is removed.",))


@budgets.command("what-if")
@click.argument("budget_id", metavar="ID")
@click.option("--growth", "growth_percent", metavar="P", help="Growth in percent a month, from -50 to 100.")
@click.option("--amount", metavar="A", help="A single amount, with --on.")
@click.option("--on", metavar="DATE", help="The day that the amount comes on.")
@reported
def what_if(session: Session, *, budget_id: str, **options: str | None) -> Result:
    """What growth would do to a budget; the document is that of POST /api/budgets/what-if. Nothing is kept."""
    sent = {"budget_id": budget_id} | {name: value for name, value in options.items() if value is not None}
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_BUDGETS, tenant)
        document = tried_document(finops, tenant, sent)
    data, currency = member(document, "data"), member(document, "meta")["currency"]
    breaks = data["breaks"]
    told = list(data["reasons"])
    if data["periods"]:
        gap = f"by {breaks['over']:,.2f} {currency}" if breaks else ""
        told.append(f"Breaks first in the period from {breaks['start']}, {gap}." if breaks else "It holds throughout.")
    table = record_table([_flat(each) for each in data["periods"]], TRIED_COLUMNS)
    return Result(document, tuple(told), table, code=3 if data["reasons"] else 0)


@budgets.command("import")
@reported
def import_budgets(session: Session) -> Result:
    """Takes over AWS's own budgets now, read-only and free; a refresh does so once a day by itself."""
    tenant = session.fetching_tenant("AWS's budgets")
    with session.finops() as finops:
        person = session.person(finops, Right.REFRESH_COSTS, tenant)
        told = finops.budgets.import_aws(tenant, user=person.principal)
        document = list_document(finops, tenant)
    items = [each for each in member(document, "data")["items"] if each["source"] == "aws"]
    failures = (told.failure,) if told is not None and told.failure is not None else ()
    said = f"Tenant {tenant}: {len(items):,} budgets of AWS's."
    said += f" {sum(not each['aws']['comparable'] for each in items):,} cannot be held against the stored costs."
    meta = Meta(
        tenant=tenant, as_of=told.told if told else None, source="aws", partial=bool(failures), failures=failures
    )
    listed = envelope({"items": items, "import": import_record(told)}, meta)
    table = record_table(map(_flat, items), BUDGET_FIELDS, SHOWN)
    return Result(listed, (said,), table, failures, code=1 if failures else 0)


@budgets.command()
@reported
def evaluate(session: Session) -> Result:
    """Judges every budget now and queues the mails of what was crossed; every refresh of costs does so by itself."""
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.REFRESH_COSTS, tenant)
        job = finops.jobs.run(EVALUATE, tenant, {}, user=person.principal)
        meta = Meta(tenant=tenant, as_of=job.ended, source="budgets", partial=bool(job.failures), failures=job.failures)
    counts = ", ".join(f"{count:,} {name}" for name, count in job.counts.items())
    document = envelope(job_record(job), meta)
    told = f"Evaluation of tenant {tenant}, {job.status}: {counts}."
    return Result(document, (told,), failures=job.failures, code=CODES.get(job.status, 1))


def _sent(options: Mapping[str, Any]) -> dict[str, object]:
    """Options as the body that the API takes."""
    plain = ("name", "amount", "period", "currency", "scope_name", "metric", "start", "end", "fiscal_start")
    sent: dict[str, object] = {name: options[name] for name in plain if options[name] is not None}
    if options["replace"] is not None:
        sent["budget_id"] = options["replace"]
    lists = {"planned": list(options["planned"]), "recipients": list(options["to"])}
    sent |= {name: values for name, values in lists.items() if values}
    if options["threshold"]:
        sent["thresholds"] = [_threshold(text) for text in options["threshold"]]
    if options["conditions"] and options["groups"] is not None:
        raise InputError("groups", "give filters, or groups of them, not both")
    if options["conditions"]:
        sent["groups"] = [_group(options["conditions"])]
    if options["groups"] is not None:
        sent["groups"] = _read(options["groups"])
    return sent


def _group(conditions: Sequence[str]) -> list[dict[str, object]]:
    pairs = []
    for text in conditions:
        name, mark, value = text.partition("=")
        if not mark:
            raise InputError("filter", f"{text[:80]} must be a dimension and a value, as in account=111111111111")
        pairs.append((name, value))
    found = filters(pairs)
    if {name.removeprefix("exclude:") for name, _ in pairs} - {each.dimension for each in found}:
        raise InputError("filter", "filter must name a dimension: service, account, region, tag:<Key> …")
    return [{"dimension": each.dimension, "values": list(each.values), "exclude": each.exclude} for each in found]


def _threshold(text: str) -> dict[str, object]:
    basis, _, percent = text.partition(":")
    return {"basis": basis, "percent": percent}


def _read(file: BinaryIO) -> object:
    try:
        return json.loads(file.read())
    except (ValueError, RecursionError):
        raise InputError("groups", "the file is not JSON") from None


def _flat(item: Mapping[str, object]) -> dict[str, object]:
    """A record for a table: days, truths and objects as text."""
    days = {name: value.isoformat() for name, value in item.items() if type(value) is date}
    truths = {name: "yes" if value else "no" for name, value in item.items() if isinstance(value, bool)}
    objects = {name: json_text(value) for name, value in item.items() if isinstance(value, dict)}
    return {**item, **days, **truths, **objects}


def _sentence(item: Mapping[str, Any]) -> str:
    if item["spent"] is None:
        return f"{item['name']} is {item['status']}: {' '.join(item['reasons'])}"
    expected = f", expected to end at {item['forecast_percent']:f} %" if item["forecast_percent"] is not None else ""
    spent, amount = (f"{Decimal(item[name]):,.2f}" for name in ("spent", "amount"))
    left = f"{item['days_left']} days left"
    return f"{item['name']} is {item['status']}: {spent} of {amount} {item['currency']} spent{expected}, {left}."


def _result(document: Document, items: Sequence[Mapping[str, object]], *told: str) -> Result:
    """Exit 3 when something is not known."""
    table = record_table([_flat(each) for each in items], BUDGET_FIELDS, SHOWN)
    code = 3 if member(document, "meta")["partial"] else 0
    return Result(document, told, table, told_failures(document), code=code)
