"""The made-up organization: accounts, regions, tag combinations and the cost category `Team`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

TAG_KEYS = ("Environment", "Owner", "CostCenter", "Application")
"""The cost-allocation tags activated in the organization, in the order of `TAG_COMBINATIONS`."""

CATEGORY = "Team"
ORGANIZATION_ID = "o-demo0estate"
NO_REGION = "NoRegion"
GLOBAL = "global"
MOST_ACCOUNTS = 200

REGIONS: tuple[tuple[str, str, float], ...] = (
    ("us-east-1", "", 0.52),
    ("us-east-2", "USE2-", 0.10),
    ("eu-central-1", "EUC1-", 0.27),
    ("ap-southeast-1", "APS1-", 0.11),
)
"""Region, prefix of its usage types (AWS leaves it out in us-east-1 for most), and its share of cost."""

TAG_COMBINATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("", "", "", ""),
    ("production", "checkout-team", "CC-1001", "checkout"),
    ("production", "catalog-team", "CC-1002", "catalog"),
    ("production", "search-team", "CC-1003", "search"),
    ("production", "payments-team", "CC-1004", "payments"),
    ("production", "checkout-team", "", "checkout"),
    ("prod", "catalog-team", "CC-1002", "catalog"),
    ("production", "", "CC-1001", "storefront"),
    ("production", "data-team", "CC-2001", "lakehouse"),
    ("production", "data-team", "CC-2001", "reporting"),
    ("production", "analytics-team", "CC-2002", "dashboards"),
    ("Production", "analytics-team", "cc-2002", "dashboards"),
    ("production", "ml-team", "CC-3001", "ranking"),
    ("development", "ml-team", "CC-3001", "ranking"),
    ("development", "ml-team", "", "experiments"),
    ("staging", "checkout-team", "CC-1001", "checkout"),
    ("staging", "catalog-team", "CC-1002", "catalog"),
    ("staging", "payments-team", "CC-1004", "payments"),
    ("staging", "", "", ""),
    ("production", "platform-team", "CC-4001", "ci"),
    ("production", "platform-team", "CC-4001", "observability"),
    ("production", "platform-team", "", "network"),
    ("sandbox", "", "", ""),
    ("sandbox", "maria.ortiz", "CC-9000", ""),
    ("production", "security-team", "CC-5001", "audit"),
)
"""25 combinations as people really set them: complete, incomplete, misspelt, none. An empty value is an absent tag."""


@dataclass(frozen=True, slots=True)
class AccountKind:
    """What accounts of one kind have in common. `regions` and `tags` are indices into the lists of this module."""

    team: str
    regions: tuple[int, ...]
    tags: tuple[int, ...]


KINDS: dict[str, AccountKind] = {
    "management": AccountKind("Platform", (0,), (0,)),
    "prod": AccountKind("Commerce", (0, 1, 2, 3), (1, 2, 3, 4, 5, 6, 7)),
    "data": AccountKind("Data", (0, 2), (8, 9, 10, 11)),
    "ml": AccountKind("Machine Learning", (0, 1), (12, 13, 14)),
    "staging": AccountKind("Commerce", (0, 2), (15, 16, 17, 18)),
    "shared": AccountKind("Platform", (0, 2), (19, 20, 21)),
    "sandbox": AccountKind("", (0,), (22, 23)),
    "security": AccountKind("Security", (0, 2), (24,)),
}

_NAMED: tuple[tuple[str, str, float], ...] = (
    ("management", "management", 0.03),
    ("prod-core", "prod", 0.40),
    ("prod-data", "data", 0.24),
    ("ml-platform", "ml", 0.12),
    ("staging", "staging", 0.09),
    ("shared-services", "shared", 0.07),
    ("sandbox", "sandbox", 0.03),
    ("security", "security", 0.02),
)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A member of the organization. `weight` is its size: the eight named accounts add up to 1."""

    account_id: str
    name: str
    kind: str
    weight: float

    @property
    def email(self) -> str:
        """Its root user's address."""
        return f"aws+{self.name}@example.com"


def _account_id(index: int) -> str:
    return str(1021 + 37 * index) * 3  # a thrice repeated number is plainly nobody's account


@dataclass(frozen=True)
class Estate:
    """An organization that follows from its seed and its number of accounts; the first is the management account."""

    seed: int = 7
    accounts: int = 8

    def __post_init__(self) -> None:
        if not 1 <= self.accounts <= MOST_ACCOUNTS:
            raise ValueError(f"an estate has 1 to {MOST_ACCOUNTS} accounts")

    @cached_property
    def members(self) -> tuple[DemoAccount, ...]:
        """All accounts, the management account first; beyond eight, more workload accounts follow."""
        named = [DemoAccount(_account_id(i), *row) for i, row in enumerate(_NAMED[: self.accounts])]
        cycle = ("prod", "staging", "data", "sandbox", "ml", "shared")
        more = [
            DemoAccount(_account_id(i), f"{cycle[i % 6]}-{i:02d}", cycle[i % 6], 0.015)
            for i in range(len(_NAMED), self.accounts)
        ]
        return tuple(named + more)

    @property
    def management(self) -> DemoAccount:
        """The account that pays the bill and may list the organization."""
        return self.members[0]

    def member(self, account_id: str) -> DemoAccount | None:
        """The account with this id, or None when it is not in the organization."""
        return next((account for account in self.members if account.account_id == account_id), None)
