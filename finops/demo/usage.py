"""Which account uses what, where, under which tags: the usage lines of the made-up bill and their ordinary level."""

from __future__ import annotations

from dataclasses import dataclass

from finops.demo.catalogue import SERVICES, Service, UsageKind
from finops.demo.estate import GLOBAL, KINDS, REGIONS, TAG_COMBINATIONS, DemoAccount, Estate
from finops.demo.noise import key, unit

DAYS_A_MONTH = 365 / 12
_EDGE_REGIONS = (1, 3)
_EDGE_MONTHLY = 5500  # smaller services stay in the main regions
_MAIN_WEIGHT = 0.1
_USED_SHARE = 0.72
_UNTAGGED_SHARE = 0.17
_LEVEL = 1.04  # brings eight accounts to about $180,000 a month once fees, discounts and tax are added


@dataclass(frozen=True, slots=True)
class Line:
    """A charge without day and amounts, in the values Cost Explorer groups by; `tags` indexes `TAG_COMBINATIONS`.

    `resource` is empty but in a bill by resource.
    """

    account: str
    service: str
    region: str
    usage_type: str
    record_type: str
    tags: int = 0
    team: str = ""
    unit: str = ""
    resource: str = ""

    @property
    def tag_values(self) -> tuple[str, str, str, str]:
        """The values of `TAG_KEYS`, empty where a tag is not set."""
        return TAG_COMBINATIONS[self.tags]


@dataclass(frozen=True, slots=True)
class UsageSeries:
    """One usage line with what makes its cost move. `daily` is dollars on an average day around the end of 2026."""

    line: Line
    service: Service
    kind: UsageKind
    account: DemoAccount
    daily: float
    key: int
    tier: float


def usage_series(estate: Estate) -> tuple[UsageSeries, ...]:
    """All usage lines, ordered by service and then account, so that lines of one account and service lie together."""
    return tuple(series for service in SERVICES for series in _of_service(estate, service))


def _of_service(estate: Estate, service: Service) -> list[UsageSeries]:
    places = [
        place
        for account in estate.members
        if not service.where or account.kind in service.where
        for region in ((None,) if service.worldwide else KINDS[account.kind].regions)
        for kind in service.kinds
        if (place := _Place(account, region, service, kind)).used(estate.seed)
    ]
    weights = [place.weight(estate.seed) for place in places]
    total = sum(weights)
    size = sum(account.weight for account in estate.members)
    budget = service.monthly * _LEVEL * size / DAYS_A_MONTH
    return [place.series(estate.seed, budget * weight / total) for place, weight in zip(places, weights, strict=True)]


@dataclass(frozen=True, slots=True)
class _Place:
    """A usage type in an account and region (an index into `REGIONS`, None for worldwide services)."""

    account: DemoAccount
    region: int | None
    service: Service
    kind: UsageKind

    def used(self, seed: int) -> bool:
        if self.region in _EDGE_REGIONS and self.service.monthly < _EDGE_MONTHLY:
            return False
        main = self.region in {None, 0} and self.account.weight >= _MAIN_WEIGHT
        return main or self.kind is self.service.kinds[0] or self._unit(seed, "used") < _USED_SHARE

    def weight(self, seed: int) -> float:
        shares = [REGIONS[index][2] for index in KINDS[self.account.kind].regions]
        share = 1.0 if self.region is None else REGIONS[self.region][2] / sum(shares)
        return self.kind.share * self.account.weight * share * (0.6 + 0.8 * self._unit(seed, "weight"))

    def series(self, seed: int, daily: float) -> UsageSeries:
        name, prefix = (GLOBAL, "") if self.region is None else REGIONS[self.region][:2]
        words = (seed, self.account.name, name, self.service.name, self.kind.name)
        choices = KINDS[self.account.kind].tags
        tagged = unit(*words, "tagged") >= _UNTAGGED_SHARE
        line = Line(
            account=self.account.account_id,
            service=self.service.name,
            region=name,
            usage_type=prefix + self.kind.name,
            record_type="Usage",
            tags=choices[key(*words, "tags") % len(choices)] if tagged else 0,
            team=KINDS[self.account.kind].team,
            unit=self.kind.unit,
        )
        tier = 0.94 + 0.12 * unit(*words, "tier") if self.kind.tiered else 1.0
        return UsageSeries(line, self.service, self.kind, self.account, daily, key(*words), tier)

    def _unit(self, seed: int, word: str) -> float:
        return unit(seed, word, self.account.name, self.region, self.service.name, self.kind.name)
