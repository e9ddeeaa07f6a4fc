"""Why dollars of a bill are untagged, in six causes that add up to them: only so does anyone know who must act.

Each untagged charge falls to one cause. Its charge type says whether anybody could tag it; then whether it names a
resource; then the resource's tags of today say the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.money import ZERO, exact_sum
from finops.tagging.variants import is_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from finops.model.outcome import Failure
    from finops.model.period import Period
    from finops.model.tagging import Activation, Rule, UntaggedCharge

NAMELESS = frozenset({"", "NoResourceId"})
"""How bills spell that a charge is of no resource."""
TOP = 20
"""So many resources are named with each cause."""
_TAGGABLE_TYPES = frozenset({"usage", "discountedusage", "savingsplancoveredusage", "savingsplannegation"})


class Cause(StrEnum):
    """Why a dollar is untagged, and so who must act.

    Not tagged: its owner. Not activated: who pays the bill activates the key. Tagged later: nobody, it is over.
    Variant: its owner spells the key as the policy does. Cannot be tagged, no resource: nobody; share it out otherwise.
    """

    NOT_TAGGED = "not_tagged"
    NOT_ACTIVATED = "not_activated"
    TAGGED_LATER = "tagged_later"
    VARIANT = "variant"
    CANNOT_BE_TAGGED = "cannot_be_tagged"
    NO_RESOURCE = "no_resource"


@dataclass(frozen=True, slots=True)
class Body:
    """What of a resource the autopsy looks at. Tags None: unknown. `taggable` says whether its kind can carry tags."""

    asset_id: str
    tags: Mapping[str, str] | None
    taggable: bool


@dataclass(frozen=True, slots=True)
class CauseItem:
    """One resource (or, without one, a charge type) under a cause."""

    name: str
    amount: Decimal
    asset_id: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One cause: its dollars, how many resources, how much of it is of resources that the inventory does not tell of.

    `top` are the dearest of them.
    """

    cause: Cause
    amount: Decimal
    resources: int
    unseen: Decimal
    top: tuple[CauseItem, ...]


@dataclass(frozen=True, slots=True)
class Autopsy:
    """The untagged dollars of a key in a period. `untagged` is what the bill says by itself, asked without the parts.

    `reconciles`: the parts add up to it exactly; None: there is nothing to hold them against. Without `source` nothing
    stored could answer, and `failures` say why.
    """

    key: str
    activation: Activation
    period: Period | None = None
    currency: str = ""
    metric: str = ""
    source: str = ""
    parts: tuple[Part, ...] = ()
    untagged: Decimal | None = None
    total: Decimal | None = None
    fetched: datetime | None = None
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=())

    @property
    def explained(self) -> Decimal:
        """What the parts add up to."""
        return exact_sum(part.amount for part in self.parts)

    @property
    def reconciles(self) -> bool | None:
        """Whether the parts are the whole, to the last digit."""
        return None if self.untagged is None else self.explained == self.untagged

    @property
    def difference(self) -> Decimal | None:
        """What the bill says beyond the parts."""
        return None if self.untagged is None else exact_sum((self.untagged, -self.explained))


def parts_of(
    charges: Iterable[UntaggedCharge], rule: Rule, body: Callable[[str], Body | None], *, activated: bool
) -> tuple[Part, ...]:
    """All six causes with their share of the charges, in the order of `Cause`; one without charges is zero."""
    found: dict[Cause, dict[str, list[Decimal]]] = {cause: {} for cause in Cause}
    unseen: dict[Cause, list[Decimal]] = {cause: [] for cause in Cause}
    ids: dict[str, str] = {}
    for charge in charges:
        named = charge.resource not in NAMELESS
        seen = body(charge.resource) if named else None
        cause = _cause(charge, rule, seen, activated=activated)
        by_resource = named and cause is not Cause.CANNOT_BE_TAGGED
        name = charge.resource if by_resource else charge.charge_type or charge.service
        found[cause].setdefault(name, []).append(charge.amount)
        ids[name] = seen.asset_id if seen and by_resource else ""
        if by_resource and (seen is None or seen.tags is None):
            unseen[cause].append(charge.amount)
    return tuple(_part(cause, found[cause], exact_sum(unseen[cause]), ids) for cause in Cause)


def can_be_tagged(charge_type: str, *, named: bool) -> bool:
    """Whether a charge of this type carries the tags of its resource: usage, and what discounts that of a resource."""
    plain = charge_type.replace(" ", "").casefold()
    return not plain or plain in _TAGGABLE_TYPES or (named and "discount" in plain)


def _cause(charge: UntaggedCharge, rule: Rule, seen: Body | None, *, activated: bool) -> Cause:
    named = charge.resource not in NAMELESS
    if not can_be_tagged(charge.charge_type, named=named) or (seen is not None and not seen.taggable):
        return Cause.CANNOT_BE_TAGGED
    if not named:
        return Cause.NO_RESOURCE
    if seen is None or seen.tags is None:
        return Cause.NOT_TAGGED if activated else Cause.NOT_ACTIVATED
    if seen.tags.get(rule.key, "").strip():
        return Cause.TAGGED_LATER if activated else Cause.NOT_ACTIVATED
    spelled = any(value.strip() and is_variant(key, rule) for key, value in seen.tags.items())
    return Cause.VARIANT if spelled else Cause.NOT_TAGGED


def _part(cause: Cause, amounts: Mapping[str, list[Decimal]], unseen: Decimal, ids: Mapping[str, str]) -> Part:
    items = [CauseItem(name, exact_sum(each), ids[name]) for name, each in amounts.items()]
    items.sort(key=lambda item: (-abs(item.amount), item.name))
    total = exact_sum(item.amount for item in items) if items else ZERO
    resources = 0 if cause in {Cause.CANNOT_BE_TAGGED, Cause.NO_RESOURCE} else len(items)
    return Part(cause, total, resources, unseen, tuple(items[:TOP]))
