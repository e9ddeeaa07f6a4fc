"""Every path under `/api` that answers with an envelope: what routes, descriptions, documentation and tests read."""

from __future__ import annotations

from finops.api import anomalies, costs, finding_checks, findings, inventory, jobs, kpis, tags, track_record

ENDPOINTS = (
    *costs.ENDPOINTS,
    *inventory.ENDPOINTS,
    *findings.ENDPOINTS,
    *finding_checks.ENDPOINTS,
    findings.ONE,
    *kpis.ENDPOINTS,
    *tags.ENDPOINTS,
    *anomalies.ENDPOINTS,
    *track_record.ENDPOINTS,
    *jobs.ENDPOINTS,
)
