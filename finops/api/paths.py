"""Every path under `/api` that answers with an envelope: what routes, descriptions, documentation and tests read."""

from __future__ import annotations

from finops.api import costs, inventory, jobs

ENDPOINTS = (*costs.ENDPOINTS, *inventory.ENDPOINTS, *jobs.ENDPOINTS)
