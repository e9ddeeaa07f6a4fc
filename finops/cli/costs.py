"""`costs refresh` and `costs by-service`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from export import cost_records
from finops.api.documents import cost_by_service, reasons
from finops.api.envelope import Document, Meta, envelope
from finops.api.parameters import cost_question, day
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.cli.text import Table, amount
from finops.model.costs import CostAnswer, Granularity
from finops.model.people import Right

if TYPE_CHECKING:
    from finops.costs import RefreshPlan, RefreshResult

CODES = {"done": 0, "skipped": 0, "partial": 3, "failed": 1}
"""Status of a refresh → exit code."""


@click.group()
def costs() -> None:
    """Cost Explorer's figures: bring them up to date, ask for them."""


@costs.command()
@click.option("--since", metavar="DATE", help="Ask again for every day from this one (YYYY-MM-DD).")
@click.option("--dry-run", is_flag=True, help="Only print the requests that would be sent, and their price.")
@click.option("--force", is_flag=True, help="Refresh although the last refresh is less than an hour old.")
@reported
def refresh(session: Session, *, since: str | None, dry_run: bool, force: bool) -> Result:
    """Brings stored costs up to date; says how many requests it made and what they cost."""
    first = None if since is None else day(since, "since")
    tenant = session.fetching_tenant("costs")
    with session.finops() as finops:
        person = session.person(finops, Right.REFRESH_COSTS, tenant)
        if dry_run:
            plan = finops.costs.plan(tenant, since=first, force=force)
            meta = Meta(tenant=tenant, as_of=finops.now(), currency="USD", source="cost_explorer")
            return Result(
                envelope({"dry_run": True, **plan_document(plan)}, meta), _plan_lines(plan), _plan_table(plan)
            )
        result = finops.costs.refresh(
            tenant, since=first, force=force, user=person.principal, progress=session.progress
        )
        return _refresh_report(result, Meta(
            tenant=tenant, as_of=finops.now(), currency="USD", source="cost_explorer",
            partial=result.status in {"partial", "failed"}, failures=result.failures,
        ))  # fmt: skip


@costs.command("by-service", cls=SeveralValues)
@click.option("--start", required=True, metavar="DATE", help="First day (YYYY-MM-DD), inclusive.")
@click.option("--end", required=True, metavar="DATE", help="Day after the last one: exclusive, as in Cost Explorer.")
@click.option(
    "--metric", metavar="M", help="unblended (default), net_unblended, amortized, net_amortized, blended, billed, …"
)
@click.option("--account", multiple=True, metavar="A", help="Only these accounts; several, repeated or a comma list.")
@click.option("--granularity", metavar="G", help="daily or monthly; default one figure for the whole period.")
@click.option(
    "--source", metavar="S", help="Only this source, cost_explorer or focus; default the one that covers most."
)
@click.option("--currency", metavar="C", help="Only cost in this currency, as in USD.")
@reported
def by_service(session: Session, *, account: tuple[str, ...], **options: str | None) -> Result:
    """The figures of the Cost Analysis page, by service."""
    pairs = [(name, value) for name, value in options.items() if value is not None]
    pairs += [("account", value) for value in account]
    question = cost_question(
        pairs, session.settings.tenant, group_by=("service",)
    )  # a wrong option is told before anything opens
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_COSTS, tenant)
        return _costs_report(finops.costs.answer(replace(question, tenant=tenant)))


def plan_document(plan: RefreshPlan) -> Document:
    """A refresh plan as `data`: the requests, their number and their price in US dollars."""
    return {
        "requests": plan.requests,
        "price": plan.price,
        "bound": plan.bound,
        "skipped_reason": plan.skipped_reason or None,
        "steps": [
            {
                "cube": step.cube.name,
                "grain": str(step.grain),
                "start": step.period.start,
                "end": step.period.end,
                "reason": step.reason,
                "estimated_pages": step.estimated_pages,
            }
            for step in plan.steps
        ],
    }


def _refresh_report(result: RefreshResult, meta: Meta) -> Result:
    data = {
        "run_id": result.run_id or None,
        "status": result.status,
        "requests": result.requests,
        "cost": result.cost,
        "currency": "USD",
        "rows": result.rows,
        "days": result.days,
        "notes": list(result.notes),
        "plan": plan_document(result.plan),
    }
    sent = f"{result.requests} requests for {amount(result.cost)} USD"
    told = f"{result.status}: {sent}, {result.rows} rows of {result.days} days."
    return Result(
        envelope(data, meta),
        (f"Costs of tenant {meta.tenant}, {told}", *result.notes),
        failures=result.failures,
        code=CODES[result.status],
    )


def _plan_lines(plan: RefreshPlan) -> tuple[str, ...]:
    if plan.skipped_reason:
        return (f"A refresh would send nothing: {plan.skipped_reason}.",)
    price = f"{plan.bound} {plan.requests} requests, {plan.bound} {amount(plan.price)} USD"
    return (f"A refresh would send {price}. Nothing was sent.",)


def _plan_table(plan: RefreshPlan) -> Table | None:
    if not plan.steps:
        return None
    columns = ("cube", "grain", "start", "end", "pages", "reason")
    return Table(
        columns,
        tuple(
            (step.cube.name, str(step.grain), step.period.start, step.period.end, step.estimated_pages, step.reason)
            for step in plan.steps
        ),
    )


def _costs_report(answer: CostAnswer) -> Result:
    dated = answer.question.granularity is not Granularity.TOTAL
    columns = (*(("date",) if dated else ()), "service", "cost", "currency")
    rows = tuple(tuple(record[column] for column in columns) for record in cost_records(answer))
    closing = tuple(
        (*((None,) if dated else ()), "Total", total, currency) for currency, total in answer.totals.items()
    )
    return Result(
        cost_by_service(answer),
        _provenance_lines(answer),
        Table(columns, rows, closing),
        failures=reasons(answer),
        code=3 if answer.partial else 0,
    )


def _provenance_lines(answer: CostAnswer) -> tuple[str, ...]:
    """One sentence on where the figures come from, one if they do not add up, then the notes not told as a failure."""
    origin, question = answer.provenance, answer.question
    told = {failure.message for failure in reasons(answer)}
    lines = [note for note in origin.notes if not any(note in message for message in told)]
    if origin.source:
        fetched = f", fetched {origin.fetched_at:%Y-%m-%d %H:%M} UTC" if origin.fetched_at else ""
        mapped = f" ({origin.mapped_from})" if origin.mapped_from else ""
        state = ", partly estimated" if origin.estimated else ""
        lines.insert(0, f"Tenant {question.tenant}: {origin.metric} cost{mapped} from {origin.source}{fetched}{state}.")
    if origin.source and not answer.reconciles:
        lines.append("The parts do NOT sum to the source's own total; see `bill reconcile`.")
    return tuple(lines)
