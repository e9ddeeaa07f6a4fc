"""`report list` and `report run`: what people take away, as a file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from export import report_file_name, report_pieces
from finops.api.envelope import Meta, envelope
from finops.api.parameters import period
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.cli.text import Table
from finops.model.errors import InputError, StoreError
from finops.model.people import Right
from finops.model.reports import Format, ReportRequest
from finops.reports.catalogue import definitions
from user_prefs import report_thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from finops.api.envelope import Document
    from finops.facade import Finops
    from finops.model.people import Person
    from finops.model.reports import Report, Row
    from finops.model.reports import Table as ReportTable

P = ParamSpec("P")
R = TypeVar("R")


@click.group()
def report() -> None:
    """Reports as files: the same figures as pages and API, with what is missing named."""


@report.command("list")
@reported
def list_reports(session: Session) -> Result:
    """Every report with its usual period, its parameters and the rights it needs."""
    records = [
        {
            "name": each.name,
            "title": each.title,
            "help": each.help,
            "period": each.usual_text,
            "parameters": list(each.known),
            "rights": [str(right) for right in each.rights],
        }
        for each in definitions().values()
    ]
    meta = Meta(tenant=session.writing_tenant(), as_of=None, more={"total": len(records)})
    columns = ("name", "title", "period", "parameters")
    rows = tuple((each.name, each.title, each.usual_text, ", ".join(each.known)) for each in definitions().values())
    return Result(envelope({"items": records}, meta), table=Table(columns, rows))


def _parameters(function: Callable[P, R]) -> Callable[P, R]:
    """Adds an option for each parameter of any report."""
    helps: dict[str, list[str]] = {}
    for definition in definitions().values():
        for parameter in definition.parameters:
            helps.setdefault(parameter.name, []).append(parameter.help)
    for name, told in sorted(helps.items(), reverse=True):
        flag = f"--{name.replace('_', '-')}"
        text = told[0] if len(set(told)) == 1 else f"{told[0]} What else it means, the report says."
        function = click.option(flag, name, multiple=True, metavar="V", help=text.replace("`", ""))(function)
    return function


@report.command("run", cls=SeveralValues)
@click.argument("name")
@click.option(
    "--format", "form", type=click.Choice([str(each) for each in Format]), required=True, help="csv, xlsx or json."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write, as a whole or not at all.")
@click.option("--table", default="", metavar="T", help="Of csv: this table instead of the first.")
@click.option("--start", metavar="DATE", help="First day (YYYY-MM-DD); default the report's usual period.")
@click.option("--end", metavar="DATE", help="Day after the last one.")
@click.option("--filter", "filters", multiple=True, metavar="NAME=V", help="Any other filter, as in tag:Team=web.")
@_parameters
@reported
def run(session: Session, *, name: str, form: str, out: Path, **options: object) -> Result:
    """Makes a report and writes it; exit 3 when something is missing, which is said."""
    wanted = Wanted.of(name, form, out, options)
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = _allowed(session, finops, name, tenant)
        request = replace(wanted.request, tenant=tenant, principal=person.principal)
        made = finops.reports.make(request, report_thresholds(finops, person.principal, tenant))
        counts: dict[str, int] = {}
        counting = replace(made, tables=tuple(_counting(table, counts) for table in made.tables))
        size = written(wanted.out, report_pieces(counting, wanted.format, table=wanted.table))
        detail = {"report": name, "format": form, "scope": dict(request.scope), "rows": counts, "partial": made.partial}
        finops.store.audit.add(
            tenant, "export.make", by=person.principal, at=finops.now(), object=out.name, detail=detail
        )
    return _told(made, wanted, counts, size)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one run was asked for."""

    request: ReportRequest
    format: Format
    out: Path
    table: str = ""

    @classmethod
    def of(cls, name: str, form: str, out: Path, options: Mapping[str, object]) -> Wanted:
        """The options as a request, before anything opens. InputError for half a period, an odd filter or file."""
        if str(out) == "-" or out.is_dir():
            raise InputError("out", "out must be a file")
        if not out.absolute().parent.is_dir():
            raise InputError("out", "the folder of out does not exist")
        given = [None if options[each] is None else str(options[each]) for each in ("start", "end")]
        days = period(*given) if any(given) else None
        scope = _scope(options)
        return cls(ReportRequest(name, "", "", days, scope), Format(form), out, str(options["table"]))


def _scope(options: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, values in options.items():
        if name not in {"start", "end", "table", "filters"} and isinstance(values, tuple) and values:
            found[name] = list(values)
    others = options["filters"]
    for text in others if isinstance(others, tuple) else ():
        name, given, value = text.partition("=")
        if not given or not name:
            raise InputError("filter", "filter must be NAME=value, as in tag:Team=web")
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def _allowed(session: Session, finops: Finops, name: str, tenant: str) -> Person:
    """The operator, who may see what the report shows and take it away."""
    for right in finops.reports.definition(name).rights:
        session.person(finops, right, tenant)
    return session.person(finops, Right.EXPORT, tenant)


def written(out: Path, pieces: Iterable[bytes]) -> int:
    """Writes pieces to a file, as a whole or not at all; how many bytes. StoreError when it cannot be written."""
    beside = out.absolute().with_name(f".{out.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            size = sum(file.write(piece) for piece in pieces)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(out)
    except OSError as error:
        raise StoreError(f"the file cannot be written ({error.strerror or type(error).__name__})") from None
    finally:
        beside.unlink(missing_ok=True)
    return size


def _counting(table: ReportTable, counts: dict[str, int]) -> ReportTable:
    """The table, its rows counted as they are read."""

    def rows() -> Iterator[Row]:
        number = 0
        for number, row in enumerate(table.rows(), 1):  # noqa: B007 - the last number is kept
            yield row
        counts[table.name] = number

    return replace(table, rows=rows)


def _told(made: Report, wanted: Wanted, counts: Mapping[str, int], size: int) -> Result:
    names = [table.name for table in made.tables if table.name in counts]
    data: Document = {
        "report": made.request.report,
        "title": made.title,
        "headline": made.headline,
        "period": None if made.period is None else {"start": made.period.start, "end": made.period.end},
        "file": str(wanted.out),
        "name": report_file_name(made, wanted.format),
        "format": str(wanted.format),
        "size": size,
        "rows": {name: counts[name] for name in names},
        "missing": list(made.missing),
    }
    origin = made.provenance
    meta = Meta(
        tenant=made.request.tenant,
        as_of=origin.fetched_at,
        currency=origin.currency or None,
        metric=origin.metric or None,
        source=origin.source or None,
        estimated=origin.estimated,
        partial=made.partial,
        failures=made.failures,
    )
    rows = ", ".join(f"{counts[name]:,} rows in {name}" for name in names)
    sentences = (f"Tenant {made.request.tenant}: {made.headline}.", f"{wanted.out}: {size:,} bytes, {rows}.")
    return Result(
        envelope(data, meta), (*sentences, *made.missing), failures=made.failures, code=3 if made.partial else 0
    )
