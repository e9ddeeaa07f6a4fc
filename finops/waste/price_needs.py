"""Which list prices the checks would look up for what an inventory holds, a smaller or newer one included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from finops.model.assets import GLOBAL
from finops.waste.databases import PRICED_AS, smaller_class
from finops.waste.instance_types import one_size_down, superseding
from finops.waste.instances import sold
from finops.waste.price_products import product_of

if TYPE_CHECKING:
    from finops.model.assets import Asset
    from finops.waste.prices import Prices

Need = Callable[["Asset", "Prices"], Iterable[str]]

_OVER = frozenset({"terminated", "shutting-down", "deleted", "deleting"})


def needed(assets: Iterable[Asset], prices: Prices) -> tuple[tuple[str, str], ...]:
    """Items and regions, each once, sorted; only those that the Price List can be asked for.

    `prices` say which sizes of an instance family are sold.
    """
    wanted = {
        (item, asset.region)
        for asset in assets
        if asset.region != GLOBAL and asset.state not in _OVER
        for item in NEEDS.get(asset.kind, _nothing)(asset, prices)
    }
    return tuple(sorted(pair for pair in wanted if product_of(pair[0])))


def _nothing(_asset: Asset, _prices: Prices) -> Iterator[str]:
    return iter(())


def _fixed(*items: str) -> Need:
    return lambda _asset, _prices: items


def _by_detail(group: str, *details: str) -> Need:
    """Items of a group that are named by details of the asset."""

    def items(asset: Asset, _prices: Prices) -> Iterator[str]:
        return (f"{group}:{asset.details[name]}" for name in details if asset.details.get(name))

    return items


def _instance(asset: Asset, prices: Prices) -> Iterator[str]:
    kind = asset.details.get("instance_type")
    others = (one_size_down(kind, partial(sold, prices, asset.region)), superseding(kind))
    return (f"ec2.instance:{each}" for each in (kind, *others) if each)


def _volume(asset: Asset, _prices: Prices) -> Iterator[str]:
    """Its own type, and gp3: what it might become."""
    for kind in (str(asset.details.get("volume_type")), "gp3"):
        yield f"ebs.gib:{kind}"
        if kind in {"gp3", "io1", "io2"}:
            yield f"ebs.iops:{kind}"
    yield "ebs.mibps:gp3"


def _snapshot(asset: Asset, _prices: Prices) -> Iterator[str]:
    yield f"ebs.snapshot.gib:{asset.details.get('storage_tier') or 'standard'}"


def _balancer(asset: Asset, _prices: Prices) -> Iterator[str]:
    yield f"elb.loadbalancer:{asset.details.get('type')}"


def _database(asset: Asset, _prices: Prices) -> Iterator[str]:
    details = asset.details
    engine, size = PRICED_AS.get(str(details.get("engine"))), details.get("instance_class")
    if engine is None:
        return
    yield from (f"rds.instance:{engine}:{each}" for each in (size, smaller_class(size)) if each)
    if engine != "aurora":
        yield from (f"rds.gib:{details.get('storage_type')}", "rds.snapshot.gib:standard")


def _database_snapshot(asset: Asset, _prices: Prices) -> Iterator[str]:
    aurora = str(asset.details.get("engine")).startswith("aurora")
    yield f"rds.snapshot.gib:{'aurora' if aurora else 'standard'}"


def _table(asset: Asset, _prices: Prices) -> Iterator[str]:
    if asset.details.get("capacity_mode") == "PROVISIONED":
        rare = "-ia" if asset.details.get("table_class") == "STANDARD_INFREQUENT_ACCESS" else ""
        yield from (f"dynamodb.rcu:hour{rare}", f"dynamodb.wcu:hour{rare}")


def _function(asset: Asset, _prices: Prices) -> Iterator[str]:
    built = asset.details.get("architectures")
    yield f"lambda.provisioned:gb-second{'-arm' if isinstance(built, list) and 'arm64' in built else ''}"


NEEDS: Mapping[str, Need] = {
    "dynamodb:table": _table,
    "ec2:elastic-ip": _fixed("ec2.address:hour"),
    "ec2:instance": _instance,
    "ec2:natgateway": _fixed("ec2.natgateway:hour"),
    "ec2:snapshot": _snapshot,
    "ec2:volume": _volume,
    "ec2:vpc-endpoint": _fixed("ec2.vpc-endpoint:hour"),
    "ecr:repository": _fixed("ecr.gib:month"),
    "elasticache:cluster": _by_detail("elasticache.node", "node_type"),
    "elb:classic": _fixed("elb.loadbalancer:classic"),
    "elb:loadbalancer": _balancer,
    "kafka:cluster": _by_detail("kafka.broker", "instance_type"),
    "lambda:function": _function,
    "logs:log-group": _fixed("logs.gib:month"),
    "opensearch:domain": _by_detail("opensearch.instance", "instance_type", "dedicated_master_type"),
    "rds:cluster-snapshot": _database_snapshot,
    "rds:db": _database,
    "rds:snapshot": _database_snapshot,
    "redshift:cluster": _by_detail("redshift.node", "node_type"),
    "s3:bucket": _fixed("s3.gib:standard"),
    "secretsmanager:secret": _fixed("secretsmanager.secret:month"),
}
"""What assets of a kind need, by kind."""
