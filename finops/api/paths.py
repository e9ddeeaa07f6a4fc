"""Every path under `/api` that answers with an envelope: what routes, descriptions, documentation and tests read."""

from __future__ import annotations

from finops.api import (
    anomalies,
    budgets,
    costs,
    exports,
    finding_checks,
    findings,
    forecast,
    inventory,
    jobs,
    kpis,
    schedules,
    tags,
    track_record,
)

ENDPOINTS = (
    *costs.ENDPOINTS,
    *inventory.ENDPOINTS,
    *findings.ENDPOINTS,
    *finding_checks.ENDPOINTS,
    findings.ONE,
    *kpis.ENDPOINTS,
    *tags.ENDPOINTS,
    *anomalies.ENDPOINTS,
    *budgets.ENDPOINTS,
    *forecast.ENDPOINTS,
    *track_record.ENDPOINTS,
    *jobs.ENDPOINTS,
    *exports.ENDPOINTS,
    *schedules.ENDPOINTS,
)
