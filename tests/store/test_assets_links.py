"""Relationships between assets, told from both ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.model.assets import (
    Lifecycle,
    Link,
)
from finops.store import AssetStore
from tests.store.estates import HOME, NOW, day, every, everything, listed, put, seen

if TYPE_CHECKING:
    from finops.store.database import Database


def test_relationships_are_told_from_both_ends(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    volume = replace(HOME, kind="ec2:volume")
    group = replace(HOME, kind="elb:targetgroup")
    balancer = "arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/app/x/1"
    put(
        store,
        listed(seen("i-1", links=(Link("in", "ec2:vpc", "vpc-1"),))),
        listed(seen("vol-1", volume, links=(Link("attached_to", "ec2:instance", "i-1"),)), place=volume),
        listed(seen("tg", group, links=(Link("targets", "elb:loadbalancer", balancer),)), place=group),
        listed(
            seen("x", replace(HOME, kind="elb:loadbalancer"), arn=balancer),
            place=replace(HOME, kind="elb:loadbalancer"),
        ),
    )
    found = everything(store)

    def told(name: str) -> list[tuple[str, str, str, bool, str | None]]:
        neighbours = store.neighbours("default", found[name].asset_id)
        return [(n.relation, n.kind, n.target, n.outgoing, n.asset and n.asset.resource_id) for n in neighbours]

    assert told("i-1") == [
        ("in", "ec2:vpc", "vpc-1", True, None),
        ("attached_to", "ec2:volume", found["vol-1"].arn, False, "vol-1"),
    ]
    assert told("vol-1") == [("attached_to", "ec2:instance", "i-1", True, "i-1")]
    assert told("tg") == [("targets", "elb:loadbalancer", balancer, True, "x")]
    assert told("x") == [("targets", "elb:targetgroup", found["tg"].arn, False, "tg")]
    # A link that is told differently replaces the old one.
    put(
        store,
        listed(seen("vol-1", volume, links=(Link("attached_to", "ec2:instance", "i-2"),)), place=volume),
        at=day(1),
    )
    assert [neighbour.target for neighbour in store.neighbours("default", found["i-1"].asset_id)] == ["vpc-1"]


def test_an_id_means_the_resource_of_that_kind_in_the_same_account_and_region(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    volume = replace(HOME, kind="ec2:volume")
    elsewhere = [replace(HOME, region="us-east-1"), replace(HOME, account="222222222222"), replace(HOME, kind="x:y")]
    put(store, *(listed(seen("i-1", place), place=place) for place in elsewhere))
    put(store, listed(seen("vol-1", volume, links=(Link("attached_to", "ec2:instance", "i-1"),)), place=volume))
    key = everything(store)["vol-1"].asset_id
    assert [neighbour.asset for neighbour in store.neighbours("default", key)] == [None]
    for asset in every(store):
        if asset.resource_id == "i-1":
            assert store.neighbours("default", asset.asset_id) == ()
    put(store, listed("i-1", seen("i-1", arn="arn:aws:ec2:::an-earlier-i-1")))
    put(store, listed("i-1"), at=day(1))
    (only,) = store.neighbours("default", key)
    assert only.asset is not None
    assert only.asset.lifecycle is Lifecycle.ACTIVE  # of two with this id the one that is there
    assert (only.asset.kind, only.asset.account, only.asset.region) == (HOME.kind, HOME.account, HOME.region)
