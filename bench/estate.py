"""The estate that benchmarks share: 100,000 assets in fifty accounts, and a store filled with them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.accounts import Account
from finops.model.assets import Asset, Lifecycle, Listed, Place, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.facade import Finops

TENANT = "default"
ASSETS = 100_000
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
_KINDS = (("ec2", "instance", "i"), ("ec2", "volume", "vol"), ("rds", "instance", "db"), ("lambda", "function", "fn"))
_REGIONS = ("us-east-1", "eu-central-1", "us-west-2", "ap-southeast-1")


def assets(count: int) -> Iterator[Asset]:
    """Assets with five details and four tags: one in 25 has unknown tags, one in 20 no owner, one in 10 umlauts."""
    source = random.Random(20261120)
    for number in range(count):
        service, noun, prefix = _KINDS[number % 4]
        account, region = f"{100_000_000_000 + number % 50 * 7919:012d}", _REGIONS[number // 4 % 4]
        resource = f"{prefix}-{source.getrandbits(68):017x}"
        tags = {"Owner": f"team-{number % 40}@example.com", "CostCenter": f"{4000 + number % 40}"}
        if number % 20 == 7:
            del tags["Owner"]
        yield Asset(
            asset_id=f"{source.getrandbits(128):032x}",
            tenant=TENANT,
            kind=f"{service}:{noun}",
            service=service,
            account=account,
            region=region,
            resource_id=resource,
            name=f"{'zürich' if number % 10 == 0 else 'search'}-{noun}-{number}",
            arn=f"arn:aws:{service}:{region}:{account}:{noun}/{resource}",
            state=("running", "stopped", "available", "")[number % 4],
            lifecycle=Lifecycle.ACTIVE,
            created=NOW - timedelta(seconds=source.randrange(10**8)),
            first_seen=NOW - timedelta(days=number % 90),
            last_seen=NOW - timedelta(minutes=number % 7),
            tags=None if number % 25 == 0 else tags | {"Name": f"{noun}-{number}", "Environment": "prod"},
            details={
                "instance_type": "m6i.2xlarge",
                "availability_zone": f"{region}a",
                "size_gib": number % 500,
                "encrypted": number % 2 == 0,
                "security_groups": ["sg-0a1b2c3d", "sg-4e5f6a7b"],
            },
            cost=Decimal(source.randrange(10**8)) / 10**6,
            currency="USD",
        )


def know_accounts(finops: Finops, listed: Sequence[Listed]) -> None:
    """Keeps the accounts of listings, with names."""
    accounts = sorted({each.place.account for each in listed})
    finops.store.accounts.save(TENANT, [Account(one, f"team-{one[-4:]}", "ACTIVE") for one in accounts], at=NOW)


def store(finops: Finops, listed: Sequence[Listed], at: datetime) -> None:
    """Stores listings, some at a time, as discovery does."""
    for start in range(0, len(listed), 20):
        finops.store.assets.store(TENANT, listed[start : start + 20], at=at, gone_after=timedelta(days=7))


def listings() -> Iterator[Listed]:
    """Every asset, in the listing of its place."""
    places: dict[Place, list[Seen]] = {}
    for one in assets(ASSETS):
        place = Place(one.account, one.region, one.kind)
        seen = Seen(
            one.kind,
            one.service,
            one.account,
            one.region,
            one.resource_id,
            name=one.name,
            arn=one.arn,
            state=one.state,
            created=one.created,
            tags=one.tags,
            details=one.details,
        )
        places.setdefault(place, []).append(seen)
    return (Listed(place, tuple(items)) for place, items in places.items())
