"""`anomalies detect` and `anomalies score`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finops.anomalies.detector import INCOMPLETE_DAYS
from finops.anomalies.series_file import SCORE_COLUMNS, score_file
from finops.api.anomalies import anomalies_document, usual_pairs
from finops.api.anomaly_documents import ANOMALY_FIELDS, SHOWN, cause_text
from finops.api.anomaly_parameters import FILTERS, anomaly_request
from finops.api.envelope import Meta, envelope
from finops.cli.asset_text import member, record_table, told_failures
from finops.cli.frame import Result, Session, SeveralValues, reported
from finops.cli.inventory import MOST, filter_options
from finops.costs.series_csv import write_whole
from finops.model.aws_anomalies import AwsState
from finops.model.jobs import JobStatus
from finops.model.people import Right

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.anomalies.series_file import Scored
    from finops.api.envelope import Document
    from finops.model.outcome import Failure

DETECT = "anomalies.detect"


@click.group()
def anomalies() -> None:
    """What costs more or less than anything before explains: in the tenant's bill, or in any CSV of series."""


@anomalies.command(cls=SeveralValues)
@filter_options(FILTERS)
@click.option("--limit", metavar="N", help=f"At most so many, 100 unless told, {MOST} at most.")
@click.option("--cursor", metavar="C", help="Go on where the list before ended: its meta.next_cursor.")
@click.option("--aws", is_flag=True, help="Ask AWS Cost Anomaly Detection too: once a day, $0.01 a page, from 2 pages.")
@reported
def detect(session: Session, *, aws: bool, **options: object) -> Result:
    """Detects anomalies in the stored costs, keeps them, and lists them; the document is that of /api/anomalies."""
    pairs = tuple(_pairs(options))
    anomaly_request(pairs, most=MOST)  # what cannot be asked is refused before anything is done
    with session.finops() as finops:
        tenant = session.fetching_tenant("anomalies of AWS") if aws else session.reading_tenant(finops)
        person = session.person(finops, Right.VIEW_ANOMALIES, tenant)
        if aws:
            session.person(finops, Right.REFRESH_COSTS, tenant)  # it may cost some cents, as a refresh does
        usual = usual_pairs(finops, person, tenant, {name for name, _ in pairs})
        request = anomaly_request((*pairs, *usual), most=MOST)
        job = finops.jobs.run(DETECT, tenant, {"aws": True} if aws else {}, user=person.principal)
        document = anomalies_document(finops, tenant, request)
    meta, failures = member(document, "meta"), told_failures(document)
    items = [_flat(item) for item in member(document, "data")["items"]]
    table = record_table(items, ANOMALY_FIELDS, SHOWN)
    refused = aws and meta["aws"]["state"] in {AwsState.DENIED, AwsState.FAILED}
    code = 1 if job.status is JobStatus.FAILED and meta["series"] else 3 if failures or refused else 0
    told = (*_told(tenant, len(items), meta), *(_told_aws(meta["aws"], job.failures) if aws else ()))
    return Result(document, told, table, failures, code=code)


@anomalies.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.csv")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.csv",
              help=f"File to write: {','.join(SCORE_COLUMNS)}.")  # fmt: skip
@click.option(
    "--incomplete-days",
    type=click.IntRange(0, 31),
    default=INCOMPLETE_DAYS,
    metavar="N",
    help=f"The file's last N days still arrive: no drop is told of them; {INCOMPLETE_DAYS} unless told.",
)
@reported
def score(session: Session, *, file: Path, out: Path, incomplete_days: int) -> Result:
    """Scores any daily series, one line for each row of the file; touches no stored data."""
    scored = score_file(file, incomplete_days=incomplete_days)
    write_whole(out, scored.pieces)
    data: Document = {
        "file": str(out),
        "rows": scored.rows,
        "series": scored.series,
        "flagged": scored.flagged,
        "learning": scored.learning,
        "missing_days": sum(scored.gaps.values()),
        "gaps": [{"series_id": name, "missing_days": days} for name, days in scored.gaps.items()],
    }
    meta = Meta(tenant=session.writing_tenant(), as_of=None, source="file")
    return Result(envelope(data, meta), _sentences(scored, out))


def _flat(item: Mapping[str, object]) -> dict[str, object]:
    """A record for a table: days as text, the cause in a line."""
    days = {name: value.isoformat() for name, value in item.items() if type(value) is date}
    return {**item, **days, "cause": cause_text(item["cause"])}


def _sentences(scored: Scored, out: Path) -> tuple[str, ...]:
    told = [f"{scored.rows:,} rows of {scored.series:,} series scored to {out}: {scored.flagged:,} flagged."]
    if scored.learning:
        told.append(f"{scored.learning:,} series are still being learnt: they have 56 days or fewer.")
    if scored.gaps:
        days = sum(scored.gaps.values())
        named = ", ".join(f"{name} ({count})" for name, count in list(scored.gaps.items())[:3])
        more = " and others" if len(scored.gaps) > len(list(scored.gaps)[:3]) else ""
        told.append(f"{days:,} days are missing in {len(scored.gaps):,} series, taken as unknown: {named}{more}.")
    return tuple(told)


def _told(tenant: str, shown: int, meta: Mapping[str, object]) -> tuple[str, ...]:
    through = f", complete through {meta['through']}" if meta["through"] else ""
    told = f"Tenant {tenant}: {shown:,} of {meta['total']:,} anomalies in {meta['series']:,} series{through}."
    learning = f"{meta['learning']:,} series are still being learnt." if meta["learning"] else ""
    more = f"There are more: --cursor {meta['next_cursor']}, or a higher --limit." if meta["next_cursor"] else ""
    return tuple(filter(None, (told, learning, more)))


def _told_aws(known: Mapping[str, object], failures: Sequence[Failure]) -> tuple[str, ...]:
    """What came of asking AWS, in a sentence or two."""
    unmatched = known["unmatched"]
    alone = len(unmatched) if isinstance(unmatched, list) else 0
    sentences: dict[object, str] = {
        AwsState.TOLD: f"AWS told of {known['findings']} anomalies since {known['since']}, {alone} that ours are not.",
        AwsState.NO_MONITORS: "AWS has no monitor for cost anomalies here: it looks at nothing.",
        AwsState.DENIED: "AWS refused to tell its anomalies.",
        AwsState.FAILED: "AWS could not be asked for its anomalies.",
    }
    return (sentences[known["state"]], *(failure.message for failure in failures))


def _pairs(options: Mapping[str, object]) -> list[tuple[str, str]]:
    """Options as the query parameters they are spelled like."""
    several = {name: value if isinstance(value, tuple) else (value,) for name, value in options.items()}
    return [(name, str(value)) for name, values in several.items() for value in values if value is not None]
