"""`anomalies detect` and `anomalies score`."""

from __future__ import annotations

import os
import tempfile
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
from finops.model.errors import InputError
from finops.model.jobs import JobStatus
from finops.model.people import Right

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.anomalies.series_file import Scored
    from finops.api.envelope import Document

DETECT = "anomalies.detect"


@click.group()
def anomalies() -> None:
    """What costs more or less than anything before explains: in the tenant's bill, or in any CSV of series."""


@anomalies.command(cls=SeveralValues)
@filter_options(FILTERS)
@click.option("--limit", metavar="N", help=f"At most so many, 100 unless told, {MOST} at most.")
@click.option("--cursor", metavar="C", help="Go on where the list before ended: its meta.next_cursor.")
@reported
def detect(session: Session, **options: object) -> Result:
    """Detects anomalies in the stored costs, keeps them, and lists them; the document is that of /api/anomalies."""
    pairs = tuple(_pairs(options))
    anomaly_request(pairs, most=MOST)  # what cannot be asked is refused before anything is done
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        person = session.person(finops, Right.VIEW_ANOMALIES, tenant)
        usual = usual_pairs(finops, person, tenant, {name for name, _ in pairs})
        request = anomaly_request((*pairs, *usual), most=MOST)
        job = finops.jobs.run(DETECT, tenant, {}, user=person.principal)
        document = anomalies_document(finops, tenant, request)
    meta, failures = member(document, "meta"), told_failures(document)
    items = [_flat(item) for item in member(document, "data")["items"]]
    table = record_table(items, ANOMALY_FIELDS, SHOWN)
    code = 1 if job.status is JobStatus.FAILED and meta["series"] else 3 if failures else 0
    return Result(document, _told(tenant, len(items), meta), table, failures, code=code)


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
    _write(out, scored.pieces)
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


def _write(out: Path, pieces: Iterator[str]) -> None:
    """The whole file or none: it takes its name when it is complete. InputError where it cannot be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=out.parent, prefix=f".{out.name}.", delete=False
        ) as file:
            try:
                file.writelines(pieces)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        mask = os.umask(0)
        os.umask(mask)
        Path(file.name).chmod(0o666 & ~mask)
        Path(file.name).replace(out)
    except OSError as error:
        raise InputError("out", f"{out} cannot be written: {error.strerror or type(error).__name__}") from None


def _told(tenant: str, shown: int, meta: Mapping[str, object]) -> tuple[str, ...]:
    through = f", complete through {meta['through']}" if meta["through"] else ""
    told = f"Tenant {tenant}: {shown:,} of {meta['total']:,} anomalies in {meta['series']:,} series{through}."
    learning = f"{meta['learning']:,} series are still being learnt." if meta["learning"] else ""
    more = f"There are more: --cursor {meta['next_cursor']}, or a higher --limit." if meta["next_cursor"] else ""
    return tuple(filter(None, (told, learning, more)))


def _pairs(options: Mapping[str, object]) -> list[tuple[str, str]]:
    """Options as the query parameters they are spelled like."""
    several = {name: value if isinstance(value, tuple) else (value,) for name, value in options.items()}
    return [(name, str(value)) for name, values in several.items() for value in values if value is not None]
