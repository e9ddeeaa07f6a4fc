"""`forecast` and `forecast series`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finops.api.envelope import Meta, envelope
from finops.api.forecast_documents import MONTH_FORMAT, aws_record, forecast_document
from finops.api.forecast_parameters import MONTHS, forecast_question
from finops.api.parameters import EXCLUDE
from finops.budgets.series_file import FORECAST_COLUMNS, INCOMPLETE_DAYS, continue_file
from finops.cli.asset_text import member
from finops.cli.frame import Choices, Result, Session, reported
from finops.cli.text import Table, amount
from finops.costs.series_csv import write_whole
from finops.model.costs import dimension
from finops.model.errors import InputError
from finops.model.people import Right
from finops.model.period import Period, add_months

if TYPE_CHECKING:
    from collections.abc import Callable

    from export import Cell
    from finops.api.envelope import Document
    from finops.budgets.series_file import Continued
    from finops.facade import Finops
    from finops.model.forecasts import AwsForecast, Forecast, ForecastQuestion, GroupForecast

MOST_HORIZON = 731
"""Two years of days."""


def alone(command: Callable[..., int]) -> Callable[..., int]:
    """The command of a group that has commands below it too: those are given its `--json` and `--tenant`."""

    @functools.wraps(command)
    def unless_below(*, as_json: bool, tenant: str | None, **options: object) -> int:
        context = click.get_current_context()
        if context.invoked_subcommand is None:
            return command(as_json=as_json, tenant=tenant, **options)
        before = context.find_object(Choices) or Choices()
        context.obj = Choices(as_json=as_json or before.as_json, tenant=tenant or before.tenant)
        return 0

    return unless_below


@click.group(invoke_without_command=True)
@click.option("--months", metavar="N", help=f"{MONTHS.help.rstrip('.')}: {MONTHS.schema['default']} unless told.")
@click.option("--group-by", metavar="D", help="service, account, region, …, tag:KEY or category:NAME; else the total.")
@click.option("--account", multiple=True, metavar="A", help="Only these accounts; several, repeated or a comma list.")
@click.option("--filter", "conditions", multiple=True, metavar="D=V",
              help="Only this value of a dimension, as in region=eu-west-1; exclude:D=V leaves it out.")  # fmt: skip
@click.option("--metric", metavar="M", help="unblended (default), net_unblended, amortized, net_amortized, blended, …")
@click.option("--aws", is_flag=True, help="Asks AWS for its own forecast too: one paid request, $0.01.")
@alone
@reported
def forecast(
    session: Session, *, account: tuple[str, ...], conditions: tuple[str, ...], aws: bool, **options: str | None
) -> Result:
    """What the running month and those after it will cost; `forecast series` continues any CSV of series."""
    pairs = [(name, value) for name, value in options.items() if value is not None]
    pairs += [("account", value) for value in account] + [_condition(text) for text in conditions]
    question = forecast_question(pairs)  # a wrong option is told before anything opens
    with session.finops() as finops:
        tenant = session.fetching_tenant("costs") if aws else session.reading_tenant(finops)
        person = session.person(finops, Right.REFRESH_COSTS if aws else Right.VIEW_COSTS, tenant)
        found = finops.forecasts.forecast(tenant, question)
        theirs = _asked(finops, tenant, question, person.principal) if aws else None
        document = forecast_document(found, tenant, finops.costs.account_names(tenant))
    if theirs:
        member(document, "data")["aws"] = aws_record(theirs)
    code = 3 if found.partial else 0
    return Result(document, _sentences(found, tenant, theirs), _table(found), found.failures, code=code)


@forecast.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.csv")
@click.option("--horizon", required=True, type=click.IntRange(1, MOST_HORIZON), metavar="N",
              help="So many days after each series' last one.")  # fmt: skip
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.csv",
              help=f"File to write: {','.join(FORECAST_COLUMNS)}.")  # fmt: skip
@click.option(
    "--incomplete-days",
    type=click.IntRange(0, 31),
    default=INCOMPLETE_DAYS,
    metavar="N",
    help=f"The file's last N days still arrive: nothing is learnt from them; {INCOMPLETE_DAYS} unless told.",
)
@reported
def series(session: Session, *, file: Path, horizon: int, out: Path, incomplete_days: int) -> Result:
    """Continues any daily series, with 80 % intervals; touches no stored data."""
    continued = continue_file(file, horizon=horizon, incomplete_days=incomplete_days)
    write_whole(out, continued.pieces)
    data: Document = {
        "file": str(out),
        "rows": continued.rows,
        "series": continued.series,
        "horizon": horizon,
        "written": continued.series * horizon,
        "learning": continued.learning,
        "missing_days": sum(continued.gaps.values()),
        "gaps": [{"series_id": name, "missing_days": days} for name, days in continued.gaps.items()],
    }
    meta = Meta(tenant=session.writing_tenant(), as_of=None, source="file")
    return Result(envelope(data, meta), _told(continued, out))


def _condition(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError("filter", f"filter must be DIMENSION=VALUE, not {text[:60]!r}")
    dimension(name.strip().removeprefix(EXCLUDE), field_name="filter")
    return name.strip(), value


def _asked(finops: Finops, tenant: str, question: ForecastQuestion, user: str) -> AwsForecast:
    """AWS's own forecast of the same months, from today on."""
    today = finops.now().date()
    period = Period(today, add_months(today.replace(day=1), question.months))
    return finops.forecasts.ask_aws(tenant, period, metric=question.metric, filters=question.filters, user=user)


def _table(found: Forecast) -> Table | None:
    if found.total is None:
        return None
    months = [f"{each.month:{MONTH_FORMAT}}" for each in found.total.months]
    by = found.question.group_by or "group"
    columns = (by, "to_date", *(name for month in months for name in (month, f"{month} lower", f"{month} upper")))
    shown = (by, "to_date", *months[:1], f"{months[0]} lower", f"{months[0]} upper", *months[1:])
    rows = tuple(_row(each, each.key) for each in found.groups) or (_row(found.total, "Total"),)
    return Table(columns, rows, (_row(found.total, "Total"),) if found.groups else (), shown)


def _row(group: GroupForecast, name: str) -> tuple[Cell, ...]:
    figures = (figure for each in group.months for figure in (each.cost.mean, each.cost.lower, each.cost.upper))
    return (name, group.to_date, *figures)


def _sentences(found: Forecast, tenant: str, theirs: AwsForecast | None) -> tuple[str, ...]:
    told = [*found.notes]
    if found.total and found.through:
        origin = found.provenance
        until = f"complete through {found.through}"
        told.insert(0, f"Tenant {tenant}: {origin.metric} cost from {origin.source} in {found.currency}, {until}.")
        told += [f"As of day {each.days}, {each.sentence}." for each in found.total.tests if each.sentence]
    if theirs:
        months = "; ".join(
            f"{each.period.start} to {each.period.last_day} {amount(each.cost.mean)}" for each in theirs.months
        )
        told.append(f"AWS's own forecast ({theirs.currency}): {months}. Asking it cost {theirs.price} USD.")
    return tuple(told)


def _told(continued: Continued, out: Path) -> tuple[str, ...]:
    told = [f"{continued.series:,} series of {continued.rows:,} rows continued by {continued.horizon:,} days to {out}."]
    if continued.learning:
        told.append(f"{continued.learning:,} series have fewer than 56 days: their intervals are wide guesses.")
    if continued.gaps:
        days = sum(continued.gaps.values())
        told.append(f"{days:,} days are missing in {len(continued.gaps):,} series, taken as unknown.")
    return tuple(told)
