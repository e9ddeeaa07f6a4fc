"""The organizational units of the made-up organization, and the tags that its accounts carry themselves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from finops.demo.estate import KINDS, DemoAccount

ROOT_ID = "r-demo"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit below the root or another unit. `holds` are the kinds of accounts that lie directly in it."""

    name: str
    parent: str
    holds: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its id in the form of AWS's."""
        digest = hashlib.blake2b(f"{self.parent}/{self.name}".encode(), digest_size=4).hexdigest()
        return f"ou-demo-{digest}"


_WORKLOADS = Unit("Workloads", ROOT_ID)
UNITS = (
    _WORKLOADS,
    Unit("Prod", _WORKLOADS.id, ("prod", "data", "ml")),
    Unit("NonProd", _WORKLOADS.id, ("staging",)),
    Unit("Platform", ROOT_ID, ("shared",)),
    Unit("Security", ROOT_ID, ("security",)),
    Unit("Sandbox", ROOT_ID, ("sandbox",)),
)
"""All units; the management account lies in the root itself."""

_COST_CENTERS = {"prod": "CC-1000", "data": "CC-2000", "ml": "CC-3000", "shared": "CC-4000", "security": "CC-5000"}


def parent_of(account: DemoAccount) -> str:
    """The id of the unit, or of the root, that an account lies in."""
    return next((unit.id for unit in UNITS if account.kind in unit.holds), ROOT_ID)


def account_tags(account: DemoAccount) -> dict[str, str]:
    """The tags of an account: its team, and a cost center where anybody thought of one."""
    found = {"Team": KINDS[account.kind].team, "CostCenter": _COST_CENTERS.get(account.kind, "")}
    return {name: value for name, value in found.items() if value}
