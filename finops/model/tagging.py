"""Words of tag compliance: rules and their policy, what is said of an asset's tag, and what is kept of evaluations."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from finops.model.period import Period

EVERYTHING = "*"
"""The pattern of every kind; `ec2:*` is every kind of one service."""
MAX_KEY, MAX_VALUE = 128, 256
"""AWS's own limits of tags."""


class TagVerdict(StrEnum):
    """What is said of one asset and one key. Nothing is said where no rule is about the asset.

    Unknown: its tags could not be asked. Untaggable: AWS has no tags for such a thing. Neither is ever compliant.
    """

    OK = "ok"
    MISSING = "missing"
    EMPTY = "empty"
    BAD_VALUE = "bad_value"
    BAD_CASE = "bad_case"
    ALIAS = "alias"
    EXEMPT = "exempt"
    UNTAGGABLE = "untaggable"
    UNKNOWN = "unknown"


VIOLATIONS = (TagVerdict.MISSING, TagVerdict.EMPTY, TagVerdict.BAD_VALUE, TagVerdict.BAD_CASE, TagVerdict.ALIAS)
"""What a person has to act on."""
UNTAGGED = (TagVerdict.MISSING, TagVerdict.EMPTY)
"""No value under the key, nor under another spelling of it: an empty text is no value."""


class ValueCase(StrEnum):
    """Strict: a value in other letters than those allowed is `bad_case`. Normalise: it is as good as the allowed one.

    Keys are case-sensitive either way: CostCenter is not costcenter.
    """

    STRICT = "strict"
    NORMALISE = "normalise"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Violations are forgiven before the day `until`, for a reason; in some accounts or kinds, or (empty) in all."""

    until: date
    reason: str
    accounts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = (EVERYTHING,)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one tag has to be. Kinds are patterns: `*`, `ec2:*`, `ec2:instance`.

    `values` are texts in which one `*` stands for anything, `patterns` regular expressions that match as a whole;
    without either any value will do. `required_kinds` narrows where the tag must be there (empty: wherever the rule
    applies). With `inherit` the account's tag counts where the asset has none. Violations of assets created before
    `since` are exempt. `enforced` and `children` are AWS's: kinds whose tagging AWS itself refuses, and which operators
    a policy below may use; they change no verdict.
    """

    key: str
    aliases: tuple[str, ...] = ()
    kinds: tuple[str, ...] = (EVERYTHING,)
    required: bool = True
    required_kinds: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    case: ValueCase = ValueCase.STRICT
    inherit: bool = False
    since: date | None = None
    exemptions: tuple[Exemption, ...] = ()
    enforced: tuple[str, ...] = ()
    children: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a tenant, one for each key. `untaggable` are further kinds that cannot carry tags."""

    rules: tuple[Rule, ...] = ()
    untaggable: tuple[str, ...] = ()
    children: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The canonical keys, in the order of the rules."""
        return tuple(rule.key for rule in self.rules)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy as it was saved. Version 0 is the starter policy, which nobody has saved."""

    version: int
    policy: Policy
    saved: datetime | None = None
    saved_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class DayScore:
    """How the tenant stood on a day: for one key, or (`key` empty) for assets as a whole.

    `judged` are those that comply or do not; `exempt`, `untaggable` and `unknown` are apart. Costs are in `currency`,
    of the last days (at most 30) of the assets judged, and `untagged` those without any value.
    """

    day: date
    key: str
    policy_version: int
    judged: int
    compliant: int
    exempt: int
    untaggable: int
    unknown: int
    currency: str
    judged_cost: Decimal
    compliant_cost: Decimal
    untagged_cost: Decimal
    evaluated: datetime


class Activation(StrEnum):
    """Whether a key is a cost allocation tag: only then does the bill know it. Unlisted: AWS has never billed it."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNLISTED = "unlisted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class UntaggedCharge:
    """An untagged amount of the bill: of a resource (empty: none is named), by its charge type."""

    resource: str
    charge_type: str
    amount: Decimal
    account: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class BilledKey:
    """What AWS said of a key at one time: its activation, and what it bills without it in a period, by resource.

    `untagged` is AWS's own sum of what is untagged, asked without resources.
    """

    key: str
    activation: Activation
    fetched: datetime
    period: Period | None = None
    currency: str = ""
    charges: tuple[UntaggedCharge, ...] = ()
    untagged: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TagChange:
    """The tags of an asset before and after a change. None: they were not known."""

    asset_no: int
    at: datetime
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class TaggedAsset:
    """One asset as lists of violations and of fixes show it."""

    asset_no: int
    asset_id: str
    arn: str
    resource_id: str
    name: str
    kind: str
    service: str
    account: str
    region: str
    lifecycle: str
    created: datetime | None
    first_seen: datetime
    cost: Decimal | None = None
    currency: str = ""
    tags: Mapping[str, str] | None = field(default=None)
