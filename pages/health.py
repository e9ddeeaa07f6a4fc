"""Health: whose data this is, how old, what runs by itself, what the tool spends on AWS, and what does not work."""

from __future__ import annotations

from finops.model.people import Right
from pages.ui import health_parts, job_parts
from pages.ui.page import Context, page


def body(context: Context) -> None:
    """The page below its title."""
    report = context.finops.health.report(context.tenant)
    accounts = context.finops.costs.account_names(context.tenant)
    health_parts.summary(report, accounts)
    health_parts.failures(report)
    health_parts.sources(report)
    job_parts.jobs(context.finops.jobs, context.tenant, now=context.now, accounts=accounts)
    health_parts.meter(report)
    health_parts.parts(report, context.finops.health.readiness())


with page("Health", right=Right.VIEW_HEALTH, needs_costs=False) as ready:
    body(ready)
