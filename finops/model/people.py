"""People: who asks, and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is here to do."""

    ANALYST = "analyst"
    MANAGER = "manager"
    ADMIN = "admin"


class Right(StrEnum):
    """What a page, route or command asks for before it does anything."""

    VIEW_COSTS = "costs.view"
    EXPORT = "costs.export"
    REFRESH_COSTS = "costs.refresh"
    IMPORT_BILLS = "bills.import"
    VIEW_INVENTORY = "inventory.view"
    DISCOVER = "inventory.discover"
    VIEW_FINDINGS = "findings.view"
    ACT_ON_FINDINGS = "findings.act"
    RUN_CHECKS = "findings.run"
    VIEW_TAGS = "tags.view"
    EDIT_TAG_POLICY = "tags.policy"
    VIEW_ANOMALIES = "anomalies.view"
    JUDGE_ANOMALIES = "anomalies.judge"
    VIEW_BUDGETS = "budgets.view"
    EDIT_BUDGETS = "budgets.edit"
    VIEW_REPORTS = "reports.view"
    SCHEDULE_REPORTS = "reports.schedule"
    VIEW_HEALTH = "health.view"
    ADMINISTER = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """A principal (a stable string), the name to show, a role, and the tenants it may see (empty: all)."""

    principal: str
    name: str
    role: Role
    tenants: tuple[str, ...] = ()
