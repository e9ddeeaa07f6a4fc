"""Words of an inventory: what a listing saw, what is kept of it, how its life goes, and how it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from finops.model.outcome import Failure

GLOBAL = "global"
"""The region of what has none: CloudFront distributions, Route 53 zones."""

Detail = str | int | float | bool | None | list[str]
"""A value of `details`: JSON-friendly, never money."""


class Lifecycle(StrEnum):
    """Active: in the latest complete listing. Missing: no longer in it. Gone: missing for the whole grace period."""

    ACTIVE = "active"
    MISSING = "missing"
    GONE = "gone"


class ChangeKind(StrEnum):
    """What happened to an asset. `CHANGED` carries the field (`state`, `name`, `tags`, `details`) and both values.

    `FOUND` was there when its place was first listed as a whole: nobody knows since when, so it is no news.
    """

    FOUND = "found"
    APPEARED = "appeared"
    CHANGED = "changed"
    MISSING = "missing"
    GONE = "gone"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Link:
    """A relationship that a listing told for nothing.

    `relation` reads from the asset: `attached_to`, `in`, `member_of`, `targets`, `made_from`, `uses`. `target` is the
    other one's ARN or its id in the same account and region.
    """

    relation: str
    target_kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One resource as a listing showed it. `tags` is None where they could not be asked: unknown, never untagged.

    `ended` says that AWS itself calls it over (a terminated instance still listed for an hour).
    """

    kind: str  # "ec2:instance"
    service: str  # "ec2"
    account: str
    region: str  # its own, `global` for what has none
    resource_id: str
    name: str = ""
    arn: str = ""
    state: str = ""
    created: datetime | None = None
    tags: Mapping[str, str] | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where one kind is listed as a whole: an account and a region, `global` for services that have but one place."""

    account: str
    region: str
    kind: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The outcome of listing one place. Complete without a failure; with one, `items` are what came before it.

    `gauges` are details that move by themselves (stored bytes, running tasks): kept, and no news when they change.
    """

    place: Place
    items: tuple[Seen, ...]
    failure: Failure | None = None
    tags_failure: Failure | None = None  # items are complete, their tags unknown
    gauges: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asset:
    """One resource as it is kept. Times are aware UTC; `cost` is of the last days (at most 30), None: unknown."""

    asset_id: str
    tenant: str
    kind: str
    service: str
    account: str
    region: str
    resource_id: str
    name: str
    arn: str
    state: str
    lifecycle: Lifecycle
    created: datetime | None
    first_seen: datetime
    last_seen: datetime
    missing_since: datetime | None = None
    tags: Mapping[str, str] | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    cost: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class AssetChange:
    """One event in an asset's life. `before` and `after` are JSON-friendly values of `field`, None for none."""

    asset_id: str
    at: datetime
    kind: ChangeKind
    field: str = ""
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The other end of a relationship. `asset` is None where it is not in the inventory; `outgoing` from the asset."""

    relation: str
    kind: str
    target: str
    outgoing: bool
    asset: Asset | None = None


@dataclass(frozen=True, slots=True)
class TagTerm:
    """Assets whose tag `key` has one of `values`; no values: any. `""` among the values: the key is absent or empty."""

    key: str
    values: tuple[str, ...] = ()
    exclude: bool = False


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """Which assets. Values of one field are alternatives, fields are and-ed; an empty field asks for nothing.

    `search` looks for every of its words in name, id, ARN and tags, whatever their case. Ages count from `created`,
    and from `first_seen` where AWS tells none. Costs are of the last days (at most 30).
    """

    search: str = ""
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    lifecycles: tuple[Lifecycle, ...] = (Lifecycle.ACTIVE, Lifecycle.MISSING)
    tags: tuple[TagTerm, ...] = ()
    older_than_days: int | None = None
    newer_than_days: int | None = None
    min_cost: Decimal | None = None
    max_cost: Decimal | None = None


SORTS = ("name", "kind", "service", "account", "region", "state", "created", "first_seen", "last_seen", "cost")
"""What assets can be sorted by; the asset id settles ties, so that an order is stable. Unknown values come last."""


@dataclass(frozen=True, slots=True)
class AssetQuestion:
    """One question to the inventory. `offset` and `limit` page through a stable order."""

    tenant: str
    filter: AssetFilter = field(default_factory=AssetFilter)
    sort: str = "name"
    descending: bool = False
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class AssetPage:
    """Some of the assets asked for, `total` of all of them."""

    items: tuple[Asset, ...]
    total: int


FACETS = ("service", "kind", "account", "region", "state", "lifecycle")
"""Fields whose values are counted beside a list."""


@dataclass(frozen=True, slots=True)
class PlaceState:
    """What is known about listing one place: the last complete listing, the last try, and why it failed, if it did."""

    place: Place
    complete: datetime | None
    tried: datetime
    items: int
    failure: Failure | None = None
    tags_failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """What storing listings changed."""

    seen: int = 0
    found: int = 0
    appeared: int = 0
    changed: int = 0
    missing: int = 0
    gone: int = 0
    back: int = 0
