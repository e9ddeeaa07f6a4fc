"""`bill import` and `bill reconcile`."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import click

from config import DEMO_TENANT
from finops.api.envelope import Meta, envelope
from finops.cli.frame import Result, Session, reported
from finops.cli.text import Table, amount
from finops.model.errors import InputError
from finops.model.outcome import Failure
from finops.model.people import Right

if TYPE_CHECKING:
    from finops.costs import Reconciliation
    from finops.model.costs import ImportResult

_MONTH = re.compile(r"(?P<year>20\d{2})-(?P<month>0[1-9]|1[0-2])", re.ASCII)


@click.group()
def bill() -> None:
    """Bill files: import them, compare sources to the cent."""


@bill.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH_OR_URL…")
@reported
def import_bill(session: Session, *, paths: tuple[str, ...]) -> Result:
    """Reads FOCUS exports (CSV, gzip, Parquet) into the lake. A second import of a billing period replaces it.

    A path is a file, a folder, a pattern such as "exports/*.csv.gz", or a URL.
    """
    tenant = session.writing_tenant()
    if tenant == DEMO_TENANT:
        raise InputError("tenant", f"tenant {DEMO_TENANT} holds made-up data only; import into another one")
    with session.finops() as finops:
        session.person(finops, Right.IMPORT_BILLS, tenant)
        result = finops.costs.import_bill(tenant, paths, progress=session.progress)
        return _import_report(result, Meta(
            tenant=tenant, as_of=finops.now(), source=result.source,
            partial=result.partial, failures=_import_failures(result),
        ))  # fmt: skip


@bill.command()
@click.option("--month", metavar="YYYY-MM", help="Only this month; default every month held.")
@reported
def reconcile(session: Session, *, month: str | None) -> Result:
    """Compares every source that knows the month, to the cent, and names the difference. Exit 1 when they disagree."""
    first = None if month is None else _month(month)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_COSTS, tenant)
        return _reconcile_report(finops.costs.reconcile(tenant, first), Meta(tenant=tenant, as_of=finops.now()))


def _month(text: str) -> date:
    found = _MONTH.fullmatch(text)
    if not found:
        raise InputError("month", "month must be given as YYYY-MM")
    return date(int(found["year"]), int(found["month"]), 1)


def _import_failures(result: ImportResult) -> tuple[Failure, ...]:
    """What failed, the lines that were not read among it: their number and where they are kept."""
    if not result.rejected:
        return result.failures
    kept = f"; {result.rejects_file} has them with their reasons" if result.rejects_file else ""
    return (
        *result.failures,
        Failure("rejected_lines", f"{_lines(result.rejected)} could not be read{kept}", service="bill import"),
    )


def _import_report(result: ImportResult, meta: Meta) -> Result:
    data = {
        "run_id": result.run_id,
        "files": list(result.files),
        "periods": list(result.periods),
        "imported": result.imported,
        "rejected": result.rejected,
        "rejects_file": result.rejects_file or None,
        "warnings": result.warnings,
        "warning_notes": list(result.warning_notes),
        "replaced": result.replaced,
        "unknown_columns": list(result.unknown_columns),
        "totals": result.totals,
    }
    rows = tuple(
        (metric, value, currency) for metric, sums in result.totals.items() for currency, value in sums.items()
    )
    return Result(
        envelope(data, meta),
        tuple(_import_lines(result, meta.tenant)),
        Table(("metric", "amount", "currency"), rows) if rows else None,
        failures=meta.failures,
        code=(3 if result.partial else 0) if result.imported else 1,
    )


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"


def _import_lines(result: ImportResult, tenant: str) -> list[str]:
    files = "1 file" if len(result.files) == 1 else f"{len(result.files)} files"
    lines = [
        f"{_lines(result.imported)} of {files} imported into tenant {tenant}, "
        f"billing periods {', '.join(result.periods) or 'none'}."
    ]
    if result.replaced:
        lines.append(f"{result.replaced} lines of earlier imports were replaced.")
    if result.warnings:
        lines.append(f"{result.warnings} warnings, cost kept: {'; '.join(result.warning_notes)}")
    if result.unknown_columns:
        lines.append(f"Columns kept aside: {', '.join(result.unknown_columns)}.")
    return lines


def _reconcile_report(result: Reconciliation, meta: Meta) -> Result:
    columns = (
        "month",
        "metric",
        "currency",
        "source_a",
        "amount_a",
        "source_b",
        "amount_b",
        "difference",
        "explanation",
    )
    rows = tuple(tuple(getattr(line, column) for column in columns) for line in result.lines)
    data = {
        "items": [dict(zip(columns, row, strict=True)) for row in rows],
        "agrees": result.agrees,
        "month": result.month or None,
        "notes": list(result.notes),
    }
    if not rows:
        nothing = Failure("no_data", "; ".join(result.notes) or f"Tenant {meta.tenant} holds nothing to compare.")
        empty = Meta(tenant=meta.tenant, as_of=meta.as_of, partial=True, failures=(nothing,))
        return Result(envelope(data, empty), failures=(nothing,), code=3)
    apart = sum(1 for line in result.lines if line.difference or line.difference is None)
    verdict = (
        "All figures agree to the cent."
        if result.agrees
        else f"{apart} of {len(rows)} comparisons differ, by up to {_largest(result)}."
    )
    return Result(envelope(data, meta), (verdict, *result.notes), Table(columns, rows), code=0 if result.agrees else 1)


def _largest(result: Reconciliation) -> str:
    known = [(abs(line.difference), line.currency) for line in result.lines if line.difference is not None]
    return " ".join((amount(max(known)[0]), max(known)[1])) if known else "an amount that one side does not have"
