"""One account in one region, as the bill sees it: what is paid for there, and the randomness of what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from finops.demo.catalogue import SERVICES
from finops.demo.estate import GLOBAL, REGIONS, DemoAccount
from finops.demo.noise import key, unit
from finops.demo.population.naming import Badge, badge
from finops.demo.population.resource import Bill
from finops.demo.usage import DAYS_A_MONTH, usage_series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.demo.estate import Estate
    from finops.demo.population.life import Days, Life

T = TypeVar("T")

HOURS_A_MONTH = 730
_PRICES = {(service.name, kind.name): kind.price for service in SERVICES for kind in service.kinds}
_ZONES = ("a", "b", "c")


@dataclass(frozen=True)
class Ground:
    """Where resources stand: an account, a region (`global`: worldwide services) and the days they are made for.

    `monthly` is dollars a month by service and usage kind, as ordinary use costs there.
    """

    seed: int
    account: DemoAccount
    region: str
    days: Days
    monthly: Mapping[tuple[str, str], float]

    @property
    def owner(self) -> str:
        """The account's id."""
        return self.account.account_id

    @property
    def kind(self) -> str:
        """What the account is for: `prod`, `data` and so on."""
        return self.account.kind

    @property
    def main(self) -> bool:
        """Whether this is the region where the account does most of its work."""
        return self.region == REGIONS[0][0]

    @cached_property
    def zones(self) -> tuple[str, ...]:
        """Three availability zones."""
        return tuple(f"{self.region}{letter}" for letter in _ZONES)

    @cached_property
    def services(self) -> frozenset[str]:
        """Services of the bill that cost something here."""
        return frozenset(service for service, _ in self.monthly)

    def dollars(self, service: str, usage: str = "") -> float:
        """Dollars a month of a service, or of one of its usage kinds."""
        if usage:
            return self.monthly.get((service, usage), 0.0)
        return sum(amount for (name, _), amount in self.monthly.items() if name == service)

    def quantity(self, service: str, usage: str) -> float:
        """What those dollars buy in a month at list price: gigabytes, hours, IOPS."""
        return self.dollars(service, usage) / _PRICES[service, usage]

    def machines(self, service: str, usage: str) -> int:
        """How many things running all month make a usage kind that is charged by the hour; at least one if any."""
        hours = self.quantity(service, usage)
        return max(1, round(hours / HOURS_A_MONTH)) if hours else 0

    def number(self, *words: object) -> int:
        """A 64-bit number of this place's own."""
        return key(self.seed, self.owner, self.region, *words)

    def unit(self, *words: object) -> float:
        """A number in [0, 1) of this place's own."""
        return unit(self.seed, self.owner, self.region, *words)

    def pick(self, choices: Sequence[T], *words: object) -> T:
        """One of several, by the words alone."""
        return choices[self.number(*words) % len(choices)]

    def code(self, *words: object) -> str:
        """Seventeen hexadecimal digits, as ids of EC2 end in."""
        return f"0{self.number('id', *words):016x}"

    def uuid(self, *words: object) -> str:
        """An id in the form of a UUID."""
        code = self.code(*words)
        return f"{code[1:9]}-{code[9:13]}-4{code[14:17]}-8{code[2:5]}-{code[5:17]}"

    def settled(self, *words: object) -> Life:
        """A life since long ago."""
        return self.days.settled(self.seed, self.owner, self.region, *words)

    def turns(self, *words: object, cycle: int, lasting: int | None = None) -> list[Life]:
        """The lives of a slot of this place; see `Days.turns`."""
        return self.days.turns(self.seed, self.owner, self.region, *words, cycle=cycle, lasting=lasting)

    def badge(self, *words: object) -> Badge:
        """Whose something is, for its name and tags."""
        return badge(self.kind, self.days.today, self.seed, self.owner, self.region, *words)

    def arn(self, service: str, rest: str) -> str:
        """`arn:aws:ec2:us-east-1:111111111111:` and the rest."""
        return f"arn:aws:{service}:{self.region}:{self.owner}:{rest}"

    def bills(self, service: str, resource_id: str, *usages: str, weight: int = 1) -> tuple[Bill, ...]:
        """A share of each of the usage kinds, or of all of the service's."""
        named = usages or tuple(usage for name, usage in self.monthly if name == service)
        return tuple(Bill(service, usage, resource_id, weight) for usage in named)


def grounds(estate: Estate, days: Days) -> tuple[Ground, ...]:
    """Every account and region in use, worldwide services apart, in the order of accounts and regions."""
    paid: dict[tuple[str, str], dict[tuple[str, str], float]] = {}
    for one in usage_series(estate):
        place = paid.setdefault((one.line.account, one.line.region), {})
        place[one.service.name, one.kind.name] = one.daily * DAYS_A_MONTH
    names = (*(name for name, _, _ in REGIONS), GLOBAL)
    return tuple(
        Ground(estate.seed, account, region, days, paid[account.account_id, region])
        for account in estate.members
        for region in names
        if (account.account_id, region) in paid
    )
