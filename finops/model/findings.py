"""Words of waste: what was measured, how it is judged, and what is kept of a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import date, datetime

Fact: TypeAlias = str | int | float | bool | list[str] | None
"""A value of an observation: JSON-friendly, its unit in its name; never money."""

JsonObject: TypeAlias = Mapping[str, object]
"""JSON-friendly values by name."""

Levels: TypeAlias = Mapping[str, float]
"""Thresholds with their values, by name."""

HOURS_A_MONTH = 730
"""A month as list prices are quoted: https://aws.amazon.com/ec2/pricing/on-demand/ counts 730 hours."""
DAYS_A_MONTH = Decimal(365) / 12


class Verdict(StrEnum):
    """What a judge says. Undetermined: the data does not suffice to say anything, which is never "ok"."""

    FLAGGED = "flagged"
    OK = "ok"
    NOT_APPLICABLE = "not_applicable"
    UNDETERMINED = "undetermined"


class Basis(StrEnum):
    """Where a saving's dollars come from: the resource's own bill, list prices, an estimate, or nowhere."""

    MEASURED = "measured"
    DERIVED = "derived"
    HEURISTIC = "heuristic"
    NONE = "none"


class Severity(StrEnum):
    """How pressing a finding is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Category(StrEnum):
    """What kind of waste a check looks for."""

    IDLE = "idle"
    UNATTACHED = "unattached"
    OVERSIZED = "oversized"
    OUTDATED = "outdated"
    STORAGE = "storage"
    COMMITMENT = "commitment"
    GUARDRAIL = "guardrail"


class ActionType(StrEnum):
    """What would end the waste, in Cost Optimization Hub's words where it has one; the first that applies wins."""

    DELETE = "Delete"
    STOP = "Stop"
    RIGHTSIZE = "Rightsize"
    SCALE_IN = "ScaleIn"
    MIGRATE_TO_GRAVITON = "MigrateToGraviton"
    UPGRADE = "Upgrade"
    CONFIGURE = "Configure"
    COMMIT = "PurchaseSavingsPlans"
    RESERVE = "PurchaseReservedInstances"


class Effort(StrEnum):
    """Implementation effort, as Cost Optimization Hub spells it."""

    VERY_LOW = "VeryLow"
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    VERY_HIGH = "VeryHigh"


class FindingStatus(StrEnum):
    """Where a finding stands with people. Reopened: resolved once, seen again."""

    OPEN = "open"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Saving:
    """US dollars, or another currency, that a month would cost less. Basis NONE goes with an amount of 0."""

    amount: Decimal
    basis: Basis
    currency: str = "USD"


NO_SAVING = Saving(Decimal(0), Basis.NONE)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a check compares with, which a person may move between its bounds.

    `text` completes the sentence "flagged when …"; `unit` is shown behind the number (`%`, `days`, `USD a month`).
    """

    name: str
    text: str
    default: float
    minimum: float
    maximum: float
    unit: str = ""
    step: float = 1

    def __post_init__(self) -> None:
        if not self.minimum <= self.default <= self.maximum or self.step <= 0:
            raise ValueError(f"threshold {self.name}: its default lies outside its bounds")


@dataclass(frozen=True, slots=True)
class Observation:
    """Facts about one resource, measured once and judged for everyone.

    `facts` and `series` say what was seen: `series` has one value for each day of the window, oldest first, None where
    AWS has no data. `amounts` are dollars a month: `bill` (its own bill, projected to a month), `list` (list price of
    what is there), others as a check needs. An absent amount is unknown. `issue` tells apart several issues that one
    check may find with one resource. `tags` is None where they are unknown.
    """

    check_id: str
    account: str
    region: str
    kind: str
    resource_id: str
    arn: str = ""
    name: str = ""
    issue: str = ""
    created: datetime | None = None
    tags: Mapping[str, str] | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    series: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    window_start: date | None = None
    window_end: date | None = None  # exclusive
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Action:
    """What a person would do, in the words of Cost Optimization Hub."""

    action_type: ActionType
    implementation_effort: Effort
    restart_needed: bool
    rollback_possible: bool
    source: str = "FinOps"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge says of an observation, with an English sentence that says why."""

    verdict: Verdict
    message: str
    saving: Saving = NO_SAVING
    severity: Severity | None = None  # None: the check's own, here and below
    category: Category | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """Where and how a person acts: the page of the AWS console, and a command. This product runs neither."""

    console: str
    command: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One judged observation of one run, as it is stored and shown.

    The verdict is that of the tenant's thresholds at the time of the run. `evidence` is the observation's facts,
    series, window and amounts, JSON-friendly. `monthly_cost` is None where the resource's cost is unknown.
    """

    fingerprint: str
    finding_id: str
    tenant: str
    workspace: str
    run_id: str
    run_date: date
    observed: datetime
    check_id: str
    title: str
    category: str
    account: str
    region: str
    kind: str
    resource_id: str
    resource_arn: str
    name: str
    issue: str
    verdict: Verdict
    severity: str
    message: str
    monthly_saving: Decimal
    saving_basis: Basis
    currency: str
    monthly_cost: Decimal | None
    action_type: str
    implementation_effort: str
    restart_needed: bool
    rollback_possible: bool
    source: str
    created: datetime | None = None
    tags: Mapping[str, str] | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)


class Deed(StrEnum):
    """What may happen to a finding. The first six are a person's; `seen` and `gone` are a run's."""

    SNOOZE = "snooze"
    DISMISS = "dismiss"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    ASSIGN = "assign"
    COMMENT = "comment"
    SEEN = "seen"
    GONE = "gone"


class ResolvedHow(StrEnum):
    """Whether a complete measurement no longer found it, or a person said so."""

    SEEN_GONE = "seen_gone"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Act:
    """One deed, who does it and when. `until` goes with snooze, `owner` with assign ("" takes the owner away)."""

    deed: Deed
    by: str
    at: datetime
    until: datetime | None = None
    reason: str = ""
    owner: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class FindingState:
    """Where a finding stands, and what it was about when it was last flagged; keyed by tenant and fingerprint.

    `saving` is what it promised then, None without a dollar basis. `resolved_at` and `saving_when_resolved` are those
    of the latest resolution, kept when it is opened again.
    """

    tenant: str
    fingerprint: str
    status: FindingStatus
    updated: datetime
    updated_by: str
    check_id: str
    account: str
    region: str
    kind: str
    resource_id: str
    resource_arn: str = ""
    saving: Decimal | None = None
    currency: str = "USD"
    until: datetime | None = None
    reason: str = ""
    owner: str = ""
    notes: int = 0
    resolved_at: datetime | None = None
    resolved_how: ResolvedHow | None = None
    saving_when_resolved: Decimal | None = None

    def effective(self, now: datetime) -> FindingStatus:
        """The status that holds now: a snooze whose expiry has passed is open, before the next run already."""
        over = self.status is FindingStatus.SNOOZED and self.until is not None and self.until <= now
        return FindingStatus.OPEN if over else self.status


@dataclass(frozen=True, slots=True)
class FindingEvent:
    """Something that happened to a finding. `before` and `after` are statuses, `before` of the first is ""."""

    event_id: int
    fingerprint: str
    at: datetime
    by: str
    action: str
    before: str
    after: str
    text: str


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to what; `detail` is JSON-friendly."""

    event_id: int
    at: datetime
    by: str
    action: str
    object: str
    detail: JsonObject


class Following(StrEnum):
    """Of a realised saving: still counting days, all days counted, or not to be told."""

    FOLLOWING = "following"
    COMPLETE = "complete"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class SavingEntry:
    """What a resolved finding promised a month and what its resource's bill says since. None: unknown, never 0."""

    tenant: str
    fingerprint: str
    check_id: str
    account: str
    region: str
    resource_id: str
    resolved_at: datetime
    estimate: Decimal | None
    before_daily: Decimal | None
    after_daily: Decimal | None
    days_followed: int
    realised_month: Decimal | None
    currency: str
    state: Following
    updated: datetime


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One figure of one run date: `kpi` says which ("by_severity"), `key` of what ("high"); `rank` orders lists."""

    workspace: str
    kpi: str
    key: str
    findings: int
    saving: Decimal
    currency: str
    rank: int = 0
    fingerprint: str = ""
