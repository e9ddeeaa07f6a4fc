"""Cost by service: what each service cost, held against the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.people import Right
from finops.model.reports import Column
from finops.model.service_names import short_service
from finops.reports.definition import Definition
from finops.reports.parts.spending import analysis_page, compared_table, grouped_report
from finops.reports.spending import PARAMETERS, question, spending
from finops.reports.words import last_month

if TYPE_CHECKING:
    from finops.model.reports import Report
    from finops.reports.definition import Asked, Sources


def make(sources: Sources, asked: Asked) -> Report:
    """The figures of Cost analysis by service."""
    found = spending(sources.costs, question(asked, "service"), asked)
    table = compared_table(found, "by_service", "By service", (Column("service", "Service"),), lambda keys: keys)
    page = analysis_page(asked.period, "service")
    return grouped_report(found, REPORT.title, table, service_name, label="service", page=page)


def service_name(keys: tuple[str, ...]) -> str:
    """What a service is called."""
    return short_service(keys[0]) or "(no service)"


REPORT = Definition(
    name="cost-by-service",
    title="Cost by service",
    help="What each service cost, held against the period before, and what each day did.",
    rights=(Right.VIEW_COSTS,),
    parameters=PARAMETERS,
    make=make,
    usual=last_month,
    usual_text="the last full month",
    filters=True,
)
