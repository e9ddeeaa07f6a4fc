"""A report with every kind of cell, two charts worth the name, something missing, and a table without rows."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl

from finops.model.outcome import Failure
from finops.model.period import Period
from finops.model.reports import (
    Chart,
    ChartKind,
    Column,
    Figure,
    Format,
    Kind,
    Provenance,
    Report,
    ReportRequest,
    Table,
    Tone,
)
from finops.reports.files import report_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.reports import Row

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 20))
SERVICES: tuple[Row, ...] = (
    ("AmazonEC2", Decimal("12345.6789"), Decimal("-4.25"), 120, True, {"note": "=1+1"}),
    ('Amazon "S3", <b>&</b>', Decimal("5000.10"), None, 7, False, {}),
    ("=HYPERLINK(1)", Decimal("-0.000001"), Decimal(120), 0, None, None),
)
DAYS: tuple[Row, ...] = tuple(
    (PERIOD.start + timedelta(days=day), Decimal(300 + day * 7 % 50), Decimal(100 + day * 3 % 40), NOW)
    for day in range(19)
)
BY_SERVICE = Table(
    "by_service",
    "Cost by service",
    (
        Column("service", "Service"),
        Column("cost", "Cost, $", Kind.MONEY, "USD"),
        Column("change_percent", "Change", Kind.PERCENT),
        Column("resources", "Resources", Kind.NUMBER),
        Column("estimated", "Estimated", Kind.TRUTH),
        Column("details", "Details", Kind.OBJECT),
    ),
    lambda: iter(SERVICES),
    len(SERVICES),
    "The three dearest.",
)
BY_DAY = Table(
    "by_day",
    "Cost by day",
    (
        Column("day", "Day", Kind.DAY),
        Column("ec2", "EC2, €", Kind.MONEY, "EUR"),
        Column("s3", "S3, €", Kind.MONEY, "EUR"),
        Column("seen", "Seen", Kind.INSTANT),
    ),
    lambda: iter(DAYS),
)
EMPTY = Table("resolved", "Resolved", (Column("finding", "Finding"), Column("day", "Day", Kind.DAY)), lambda: iter(()))
CHARTS = (
    Chart("Dearest services", ChartKind.BARS, "by_service", "service", ("cost",), 'EC2 is 71 % of "all"'),
    Chart("Cost a day", ChartKind.COLUMNS, "by_day", "day", ("ec2", "s3"), "Flat"),
    Chart("Trend", ChartKind.LINE, "by_day", "day", ("ec2", "s3"), "Flat", most=10),
    Chart("Change", ChartKind.BARS, "by_service", "service", ("change_percent",), "S3 is new"),
    Chart("Resolved", ChartKind.BARS, "resolved", "finding", ("day",), "Nothing"),
)
DENIED = Failure("AccessDenied", "not allowed", "111111111111", "us-east-1", "ce", "ce:GetCostAndUsage")
MISSING = "Costs of 20 November are not in yet."


def report(**changes: Any) -> Report:
    """The report, changed."""
    request = ReportRequest("cost-by-service", "demo", "persona:analyst", PERIOD, {"account": ("111111111111",)})
    made = Report(
        request=request,
        title="Cost by service",
        headline="$17,345.78 to date, +4.7 % on 1–19 Oct",
        made_at=NOW,
        period=PERIOD,
        figures=(
            Figure("Cost to date", "$17.3K", "+$2,710 vs 1–19 Oct", Tone.WORSE, Decimal("17345.778899")),
            Figure("Services", "3", exact=3),
        ),
        tables=(BY_SERVICE, BY_DAY, EMPTY),
        charts=CHARTS,
        provenance=Provenance(
            *("unblended", "cost_explorer", "USD", NOW, True), (("Command", "aws ce get-cost-and-usage"),)
        ),
        failures=(DENIED,),
        missing=(MISSING,),
        page="/cost_analysis?start=2026-11-01",
    )
    return replace(made, **changes)


def of_rows(columns: Sequence[Column], rows: Sequence[Row], *, title: str = "Rows") -> Report:
    """A whole report with one table."""
    table = Table("rows", title, tuple(columns), lambda: iter(rows))
    return report(tables=(table,), charts=(), failures=(), missing=())


def file_of(made: Report, file_format: Format, **more: Any) -> bytes:
    """Its file in one piece."""
    return b"".join(report_pieces(made, file_format, **more))


def csv_rows(made: Report, **more: Any) -> list[list[str]]:
    """Its CSV as the csv module reads it."""
    return list(csv.reader(io.StringIO(file_of(made, Format.CSV, **more).decode(), newline="")))


def document(made: Report) -> dict[str, Any]:
    """Its JSON."""
    found: dict[str, Any] = json.loads(file_of(made, Format.JSON))
    return found


def workbook(made: Report) -> openpyxl.Workbook:
    """Its workbook as openpyxl reads it."""
    return openpyxl.load_workbook(io.BytesIO(file_of(made, Format.XLSX)))
