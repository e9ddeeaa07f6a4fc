"""What a discovery visits: accounts × regions × kinds, global services once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.aws.regions import partition_of
from finops.aws.services import kinds
from finops.model.assets import GLOBAL, Place
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.aws.listing import Kind

HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}
"""Where a partition's global services are asked, and where the tagging API knows their tags."""

TOGETHER = 8
"""Accounts visited side by side. All of fifty would open fifty connections to each endpoint, for one call each."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One listing to make: a kind in a region of an account, or (`kind` None) the region's tagging sweep."""

    account: str
    region: str
    kind: Kind | None

    @property
    def place(self) -> Place:
        """Where the kind's listing is kept; ValueError for a tagging sweep."""
        if self.kind is None:
            raise ValueError("a tagging sweep is no place")
        return Place(self.account, GLOBAL if self.kind.scope == "global" else self.region, self.kind.kind)


def home_region(regions: Sequence[str]) -> str:
    """The home region of the partition that the regions lie in."""
    return HOME_REGIONS.get(partition_of(regions[0]) if regions else "aws", HOME_REGIONS["aws"])


def wanted_kinds(services: Sequence[str]) -> tuple[Kind, ...]:
    """The kinds of the services (`ec2`) or kinds (`ec2:instance`) named, all without names; InputError for others."""
    found = kinds()
    if not services:
        return found
    known = {kind.kind for kind in found} | {kind.kind.partition(":")[0] for kind in found}
    for name in services:
        if name not in known:
            offered = ", ".join(sorted({kind.kind.partition(":")[0] for kind in found}))
            raise InputError("service", f"service {name[:40]} is not listed here; known: {offered}")
    return tuple(kind for kind in found if kind.kind in services or kind.kind.partition(":")[0] in services)


def visits(
    regions: Mapping[str, Sequence[str]],
    wanted: Sequence[Kind],
    *,
    offered: Mapping[str, frozenset[str]],
    home: str,
) -> Iterator[Visit]:
    """All listings for the regions of each account: a few accounts at a time, kind by kind through their places.

    Neighbours in the queue hit other limits of AWS, and few accounts ask one endpoint at a time: the next ones find its
    connections open. Tagging sweeps come when they are needed. `offered` tells, for a kind, the regions that have its
    service at all. `home` is where global services are asked.
    """
    accounts = list(regions)
    for start in range(0, len(accounts), TOGETHER):
        together = accounts[start : start + TOGETHER]
        for kind in wanted:
            for region in (home,) if kind.scope == "global" else _all(regions):
                for account in together:
                    if kind.scope == "global" or (region in regions[account] and region in offered[kind.kind]):
                        yield Visit(account, region, kind)


def _all(regions: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({region for chosen in regions.values() for region in chosen}))
