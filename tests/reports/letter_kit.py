"""A report that a manager would get, with everything a mail shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.model.outcome import Failure
from finops.model.period import Period
from finops.model.reports import (
    Chart,
    ChartKind,
    Column,
    Figure,
    Kind,
    Provenance,
    Report,
    ReportRequest,
    Table,
    Tone,
)

if TYPE_CHECKING:
    from finops.model.reports import Row

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 20))
SERVICES = (
    *("Amazon EC2", "Amazon RDS", "Amazon Bedrock", "Amazon S3", "Amazon EKS", "AmazonCloudWatch", "AWS Lambda"),
    *("Amazon OpenSearch Service", "Amazon DynamoDB", "AWS Data Transfer", "Amazon ElastiCache", "Amazon EFS"),
)


def services(most: int = len(SERVICES)) -> Table:
    """Cost by service, the largest first."""
    rows: list[Row] = [
        (name, Decimal(42_000) / (at + 1), Decimal(3_100) - 700 * at, Decimal(12) - 4 * at, 31 - at, {"a": 1})
        for at, name in enumerate(SERVICES[:most])
    ]
    columns = (
        Column("service", "Service"),
        Column("cost", "1–19 Nov", Kind.MONEY, "USD"),
        Column("change", "Change", Kind.MONEY, "USD"),
        Column("percent", "Change", Kind.PERCENT),
        Column("resources", "Resources", Kind.NUMBER),
        Column("details", "Details", Kind.OBJECT),
    )
    return Table("by_service", "Cost by service", columns, lambda: iter(rows), len(rows))


def days() -> Table:
    """Daily cost of three services."""
    rows: list[Row] = [
        (date(2026, 11, 1) + timedelta(days=at), Decimal(2_000 + 90 * at), Decimal(900 - 10 * at), Decimal(300))
        for at in range(19)
    ]
    columns = (
        Column("day", "Day", Kind.DAY),
        Column("ec2", "Amazon EC2", Kind.MONEY, "USD"),
        Column("rds", "Amazon RDS", Kind.MONEY, "USD"),
        Column("other", "Other", Kind.MONEY, "USD"),
    )
    return Table("by_day", "Cost by day", columns, lambda: iter(rows), len(rows))


CHARTS = (
    Chart(
        "Cost by day", ChartKind.COLUMNS, "by_day", "day", ("ec2", "rds", "other"),
        "Daily cost rose from $3,200 on 1 Nov to $4,640 on 19 Nov, all of it Amazon EC2.",
    ),
    Chart("Largest services", ChartKind.BARS, "by_service", "service", ("cost",), "Amazon EC2 leads with $42,000.", 8),
)  # fmt: skip


def report(**other: Any) -> Report:
    """The report, whole."""
    whole = Report(
        request=ReportRequest("executive-summary", "acme", "ann", PERIOD, {"account": ("111111111111",)}),
        title="Executive summary · acme · 1–19 Nov",
        headline="AWS spend $98,412 so far in November, 12.4 % more than in the same days of October",
        made_at=NOW,
        period=PERIOD,
        figures=(
            Figure("Month to date", "$98,412", "+$10,881 (+12.4 %) vs 1–19 Oct", Tone.WORSE, Decimal("98412.17")),
            Figure("Projected November", "$153,700", "+$9,200 vs October", Tone.WORSE),
            Figure("Open savings", "$6,240 a month", "−$310 since last week", Tone.BETTER),
            Figure("Tagged cost", "87.4 %", "target 90 %", Tone.PLAIN),
        ),
        tables=(days(), services()),
        charts=CHARTS,
        provenance=Provenance(
            "unblended cost", "Cost Explorer", "USD", NOW - timedelta(hours=3), estimated=True,
            facts=(("Charges", "without credits and refunds"),),
        ),
        page="/overview?metric=unblended&tenant=acme",
    )  # fmt: skip
    return replace(whole, **other)


def partial() -> Report:
    """The same with two things missing."""
    denied = Failure(
        "AccessDenied", "AWS denied ec2:DescribeVolumes.", "333333333333", "eu-west-1", "ec2", "ec2:DescribeVolumes"
    )
    return report(failures=(denied,), missing=("2 of 19 days of 1–19 Nov hold no stored data.",))
