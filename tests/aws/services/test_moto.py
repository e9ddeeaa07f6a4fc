"""Whatever moto can make is listed as it was made, with whole models and with slim ones, and no secret among it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from finops.aws.calls import Calls
from finops.aws.lister import listed, with_tags
from finops.aws.permissions import permitted
from finops.aws.services import kind_named, kinds, reads
from finops.aws.slim import slim_hook
from finops.aws.tagging import tag_sweep
from finops.model.assets import GLOBAL, Link, Listed
from finops.model.metering import Caller
from tests.aws.services import computing, containing, storing
from tests.aws.services.made import ACCOUNT, OWN, REGION, SECRET, Made, client
from tests.aws.wire import NOW, PocketMeter, sessions

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLER = Caller("default", "inventory", "ann")
HOME = "us-east-1"
NOT_IN_MOTO = {"bedrock:provisioned-model", "qbusiness:application", "qbusiness:index"}
MAKERS = (
    computing.network,
    computing.machines,
    computing.balancers,
    containing.containers,
    containing.functions,
    containing.databases,
    storing.stores,
    storing.edges,
    storing.services,
)


@dataclass
class Estate:
    made: dict[str, Made]
    whole: dict[str, Listed]
    slim: dict[str, Listed]


def everything(*hooks: object) -> dict[str, Listed]:
    calls = Calls(sessions(*hooks), PocketMeter(), now=lambda: NOW)  # type: ignore[arg-type]
    types = [kind.tag_type for kind in kinds() if kind.tag_type]
    sweeps = {region: tag_sweep(calls, ACCOUNT, region, types, CALLER) for region in (REGION, HOME)}
    found = {}
    for kind in kinds():
        listing = listed(calls, kind, ACCOUNT, HOME if kind.scope == "global" else REGION, CALLER)
        if kind.tag_type:
            at_home = any(item.region == GLOBAL for item in listing.items)
            sweep = sweeps[HOME if at_home else REGION]
            listing = with_tags(listing, sweep.tags, sweep.failure)
        found[kind.kind] = listing
    return found


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        made = {one.kind: one for make in MAKERS for one in make()}
        yield Estate(made, everything(), everything(slim_hook(reads(), permitted())))


def test_every_kind_that_moto_knows_is_made_and_listed_without_failure(estate: Estate):
    assert set(estate.made) == {kind.kind for kind in kinds()} - NOT_IN_MOTO
    assert {name for name, found in estate.whole.items() if found.failure or found.tags_failure} == NOT_IN_MOTO


@pytest.mark.parametrize("kind", sorted({kind.kind for kind in kinds()} - NOT_IN_MOTO))
def test_it_is_listed_as_it_was_made(estate: Estate, kind: str):
    made = estate.made[kind]
    seen = next(item for item in estate.whole[kind].items if item.resource_id == made.resource_id)
    assert (seen.kind, seen.service, seen.account) == (kind, kind.partition(":")[0], ACCOUNT)
    # moto does not tell the region of a bucket
    assert seen.region == (GLOBAL if kind_named(kind).scope == "global" else REGION)
    assert seen.name == made.name
    assert seen.arn == made.arn or (not made.arn and seen.arn.startswith("arn:aws:"))
    assert made.state in {None, seen.state}
    assert seen.tags == (OWN if made.tagged else {})
    assert made.details.items() <= seen.details.items()
    assert {Link(*link) for link in made.links} <= set(seen.links)
    assert not seen.ended


@pytest.mark.parametrize("kind", sorted({kind.kind for kind in kinds()}))
def test_slim_models_say_the_same(estate: Estate, kind: str):
    assert estate.slim[kind] == estate.whole[kind]


def test_no_secret_is_anywhere(estate: Estate):
    assert SECRET not in repr(estate.whole)
    assert SECRET not in repr(estate.slim)


def test_a_terminated_instance_is_over(estate: Estate):
    instance = estate.made["ec2:instance"].resource_id
    client("ec2").terminate_instances(InstanceIds=[instance])
    calls = Calls(sessions(), PocketMeter(), now=lambda: NOW)
    found = listed(calls, kind_named("ec2:instance"), ACCOUNT, REGION, CALLER).items
    seen = next(item for item in found if item.resource_id == instance)
    assert (seen.state, seen.ended) == ("terminated", True)
