"""Anomalies: what cost more or less than anything before explains, with its cause, largest impact first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from finops.model.anomalies import AnomalyKind, Direction
from finops.model.people import Right
from finops.model.reports import Report
from finops.reports.definition import Definition, Parameter
from finops.reports.parts.anomalies import (
    anomaly_charts,
    anomaly_figures,
    anomaly_provenance,
    anomaly_table,
    anomaly_text,
    told,
)
from finops.reports.parts.savings import ACCOUNT
from finops.reports.words import last_days

if TYPE_CHECKING:
    from finops.reports.definition import Asked, Sources

DAYS = 30


def make(sources: Sources, asked: Asked) -> Report:
    """The anomalies that the reader is told of, last seen in the period."""
    found = told(sources, asked, asked.period)
    return Report(
        asked.request,
        REPORT.title,
        anomaly_text(found),
        asked.now,
        asked.period,
        figures=anomaly_figures(found),
        tables=(anomaly_table(found),),
        charts=anomaly_charts(found),
        provenance=anomaly_provenance(found),
        failures=found.gaps.failures,
        missing=found.gaps.missing,
        page="/anomalies",
    )


REPORT = Definition(
    name="anomalies",
    title="Anomalies",
    help="What cost more or less than anything before explains, with its cause, by the reader's thresholds.",
    rights=(Right.VIEW_ANOMALIES,),
    parameters=(
        ACCOUNT,
        Parameter("service", "Only of this service; repeated for several (names contain commas).", many=True),
        Parameter("kind", "Only of these kinds.", many=True, choices=tuple(map(str, AnomalyKind))),
        Parameter("direction", "Only `up` or `down`.", many=True, choices=tuple(map(str, Direction))),
    ),
    make=make,
    usual=partial(last_days, days=DAYS),
    usual_text="the last 30 days",
)
