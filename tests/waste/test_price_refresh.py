"""Refreshing list prices: what an inventory needs, what AWS tells of it, what stays, and the file that is left."""

from __future__ import annotations

import json
import logging
import time
from datetime import date
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.jobs import Progress
from finops.model.metering import Caller
from finops.waste.checks import checks
from finops.waste.context import Reads
from finops.waste.price_file import FILE, RefreshedPrices, prices_of
from finops.waste.price_needs import NEEDS, needed
from finops.waste.price_refresh import AT_ONCE, PriceRefresh, refresh
from finops.waste.prices import shipped_prices
from finops.waste.sight import Sight
from tests.aws.pricelist import matching, product
from tests.aws.standins import Refusal, StandIn
from tests.waste.kit import NOW, asset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from finops.model.assets import Asset

DAY = date(2026, 11, 20)
EU = "eu-central-1"
NAT, LARGE = "ec2.natgateway:hour", "ec2.instance:m6i.large"


def box(kind: str, usd: str, prefix: str = "", **more: str) -> str:
    usual = {
        "instanceType": kind, "operatingSystem": "Linux", "tenancy": "Shared", "capacitystatus": "Used",
        "preInstalledSw": "NA", "operation": "RunInstances",
    }  # fmt: skip
    return product(f"{prefix}BoxUsage:{kind}", {"0": usd}, **{**usual, **more})


def gateway(usd: str, region: str = "us-east-1", prefix: str = "") -> str:
    return product(f"{prefix}NatGateway-Hours", {"0": usd}, family="NAT Gateway", regionCode=region)


def instance(kind: str = "m6i.large", **more: Any) -> Asset:
    return asset("ec2:instance", f"i-{kind}", "running", details={"instance_type": kind}, **more)


def nat(region: str = "us-east-1") -> Asset:
    return asset("ec2:natgateway", f"nat-{region}", "available", region=region)


def refreshed(
    folder: Path, assets: Sequence[Asset], *items: str, refused: Sequence[str] = (), day: date = DAY
) -> tuple[PriceRefresh, StandIn]:
    """A refresh against the items of a list; questions about the regions `refused` are turned down."""

    def answer(_: str, params: dict[str, Any]) -> dict[str, Any] | Refusal:
        region = next(one["Value"] for one in params["Filters"] if one["Field"] == "regionCode")
        refusal = Refusal("AccessDeniedException", status=403)
        return refusal if region in refused else matching(params, list(items))

    wire = StandIn(answer)
    reads = Reads(wire.calls(), Caller("default", "waste"), until=time.monotonic() + 60, threads=4)
    return refresh(reads, assets, folder, day=day, report=lambda _: None), wire


def test_a_refreshed_price_comes_before_the_shipped_one(tmp_path):
    result, _ = refreshed(tmp_path, [nat(), nat(EU)], gateway("0.0450000000"), gateway("0.0600000000", EU, "EUC1-"))

    prices = prices_of(tmp_path)
    assert (result.asked, result.found, result.changed, result.missing) == (2, 2, 1, ())
    assert prices.of(NAT, "us-east-1") == Decimal("0.045")
    assert prices.of(NAT, EU) == Decimal("0.06")
    assert prices.of(NAT, "eu-west-1") == shipped_prices().of(NAT, "eu-west-1")
    assert (prices.as_of, prices.source) == (DAY, "AWS Price List Query API, 2026-11-20")


def test_the_home_price_does_not_move_regions_that_a_factor_stands_in_for(tmp_path):
    gp3 = product("EBS:VolumeUsage.gp3", {"0": "0.16"}, unit="GB-Mo", family="Storage", volumeApiName="gp3")

    refreshed(tmp_path, [asset("ec2:volume", "vol-1", details={"volume_type": "gp3"})], gp3)

    prices = prices_of(tmp_path)
    assert prices.of("ebs.gib:gp3", "us-east-1") == Decimal("0.16")
    assert prices.of("ebs.gib:gp3", EU) == shipped_prices().of("ebs.gib:gp3", EU)


def test_every_price_says_where_it_comes_from(tmp_path):
    refreshed(tmp_path, [nat()], gateway("0.05"))

    prices, shipped = prices_of(tmp_path), shipped_prices()
    assert prices.origin(NAT, "us-east-1") == (DAY, "AWS Price List Query API, 2026-11-20")
    assert prices.origin(NAT, EU) == (shipped.as_of, shipped.source) == shipped.origin(NAT, EU)


def test_the_file_has_the_form_of_the_tables(tmp_path):
    result, _ = refreshed(tmp_path, [nat(), nat(EU)], gateway("0.0500000000"), gateway("0.0600000000", EU, "EUC1-"))

    assert result.path == tmp_path / FILE
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert json.loads((tmp_path / FILE).read_text()) == {
        "as_of": "2026-11-20",
        "source": "AWS Price List Query API, 2026-11-20",
        "items": {NAT: "0.05"},
        "regional": {NAT: {EU: "0.06"}},
        "earlier": {},
    }


def test_what_aws_does_not_tell_stays_shipped_and_is_named(tmp_path):
    result, _ = refreshed(tmp_path, [nat(), nat(EU)], gateway("0.05"))

    assert (result.found, result.missing, result.unanswered, result.partial) == (1, ((NAT, EU),), 0, False)
    assert prices_of(tmp_path).of(NAT, EU) == shipped_prices().of(NAT, EU)


def test_two_prices_for_one_item_are_none(tmp_path):
    result, _ = refreshed(tmp_path, [nat()], gateway("0.05"), gateway("0.06", prefix="USE1-"))

    assert result.missing == ((NAT, "us-east-1"),)
    assert result.path is None
    assert not (tmp_path / FILE).exists()


def test_a_region_that_cannot_be_asked_keeps_its_price_and_its_date(tmp_path):
    places = [nat(), nat(EU)]
    refreshed(tmp_path, places, gateway("0.05"), gateway("0.06", EU, "EUC1-"), day=date(2026, 10, 1))

    result, _ = refreshed(tmp_path, places, gateway("0.051"), refused=(EU,))

    prices = prices_of(tmp_path)
    assert (result.found, result.unanswered, result.partial, len(result.failures)) == (1, 1, True, 1)
    assert result.failures[0].missing_action == "pricing:GetProducts"
    assert (prices.of(NAT, "us-east-1"), prices.of(NAT, EU)) == (Decimal("0.051"), Decimal("0.06"))
    assert prices.origin(NAT, EU) == (date(2026, 10, 1), "AWS Price List Query API, 2026-10-01")


def test_another_inventory_leaves_earlier_prices_alone_and_a_price_that_is_gone_goes(tmp_path):
    refreshed(tmp_path, [nat(), nat(EU)], gateway("0.05"), gateway("0.06", EU, "EUC1-"), day=date(2026, 10, 1))
    refreshed(tmp_path, [nat(EU), instance()], box("m6i.large", "0.1"))

    prices = prices_of(tmp_path)
    assert prices.of(NAT, "us-east-1") == Decimal("0.05")
    assert prices.of(NAT, EU) == shipped_prices().of(NAT, EU)
    assert prices.of(LARGE, "us-east-1") == Decimal("0.1")


def test_where_everything_fails_it_stops_and_keeps_nothing(tmp_path):
    assets = [asset("elasticache:cluster", f"c{n}", details={"node_type": f"cache.x{n}.large"}) for n in range(40)]

    result, wire = refreshed(tmp_path, assets, refused=("us-east-1",))

    assert len(wire.asked) == AT_ONCE
    assert (result.asked, result.found, result.unanswered, result.path) == (40, 0, 40, None)
    assert len(result.failures) == 1
    assert not (tmp_path / FILE).exists()


def test_malformed_products_are_counted(tmp_path):
    result, _ = refreshed(tmp_path, [nat()], "{", gateway("0.05"))

    assert (result.found, result.malformed) == (1, 1)


def test_progress_is_told(tmp_path):
    wire = StandIn(lambda _, params: matching(params, [gateway("0.05")]))
    reads = Reads(wire.calls(), Caller("default", "waste"), until=time.monotonic() + 60)
    told: list[Progress] = []

    refresh(reads, [nat(), nat(EU)], tmp_path, day=DAY, report=told.append)

    assert told == [Progress(2, 2, calls=2)]


def test_one_question_serves_every_item_of_its_answer(tmp_path):
    table = asset("dynamodb:table", "t", details={"capacity_mode": "PROVISIONED"})
    units = [
        product(unit, {"0": "0", "18600": usd}, family="Provisioned IOPS", unit=unit)
        for unit, usd in (("ReadCapacityUnit-Hrs", "0.00014"), ("WriteCapacityUnit-Hrs", "0.0007"))
    ]

    result, wire = refreshed(tmp_path, [table], *units)

    assert (result.found, wire.operations) == (2, ["GetProducts"])
    assert prices_of(tmp_path).of("dynamodb.wcu:hour", "us-east-1") == Decimal("0.0007")


@pytest.mark.parametrize(
    ("one", "items"),
    [
        (instance("m6i.2xlarge"), {"ec2.instance:m6i.2xlarge", "ec2.instance:m6i.xlarge"}),
        (instance("m4.large"), {"ec2.instance:m4.large", "ec2.instance:m6i.large"}),
        (asset("ec2:instance", "i-1", "terminated", details={"instance_type": "m6i.large"}), set()),
        (
            asset("ec2:volume", "v", details={"volume_type": "io1"}),
            {"ebs.gib:io1", "ebs.iops:io1", "ebs.gib:gp3", "ebs.iops:gp3", "ebs.mibps:gp3"},
        ),
        (asset("ec2:snapshot", "s", details={"storage_tier": "archive"}), {"ebs.snapshot.gib:archive"}),
        (asset("ec2:elastic-ip", "e"), {"ec2.address:hour"}),
        (asset("elb:loadbalancer", "l", details={"type": "network"}), {"elb.loadbalancer:network"}),
        (asset("elb:classic", "l"), {"elb.loadbalancer:classic"}),
        (
            asset("rds:db", "d", details={"engine": "mysql", "instance_class": "db.m5.xlarge", "storage_type": "gp2"}),
            {
                "rds.instance:mysql:db.m5.xlarge",
                "rds.instance:mysql:db.m5.large",
                "rds.gib:gp2",
                "rds.snapshot.gib:standard",
            },
        ),
        (
            asset("rds:db", "d", details={"engine": "aurora-mysql", "instance_class": "db.r6g.large"}),
            {"rds.instance:aurora:db.r6g.large"},
        ),
        (asset("rds:db", "d", details={"engine": "oracle-ee", "instance_class": "db.m5.large"}), set()),
        (asset("rds:cluster-snapshot", "s", details={"engine": "aurora-postgresql"}), {"rds.snapshot.gib:aurora"}),
        (asset("dynamodb:table", "t", details={"capacity_mode": "PAY_PER_REQUEST"}), set()),
        (
            asset(
                "dynamodb:table",
                "t",
                details={"capacity_mode": "PROVISIONED", "table_class": "STANDARD_INFREQUENT_ACCESS"},
            ),
            {"dynamodb.rcu:hour-ia", "dynamodb.wcu:hour-ia"},
        ),
        (
            asset("opensearch:domain", "o", details={"instance_type": "a.search", "dedicated_master_type": "b.search"}),
            {"opensearch.instance:a.search", "opensearch.instance:b.search"},
        ),
        (asset("kafka:cluster", "k"), set()),
        (asset("lambda:function", "f", details={"architectures": ["arm64"]}), {"lambda.provisioned:gb-second-arm"}),
        (asset("s3:bucket", "b", region="global"), set()),
        (asset("ecs:cluster", "x"), set()),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)  # fmt: skip
def test_an_asset_needs_what_checks_would_look_up(one: Asset, items: set[str]):
    assert {item for item, _ in needed([one], shipped_prices())} == items


def test_every_kind_of_the_needs_is_one_that_checks_look_at():
    known = {"rds:snapshot", "rds:cluster-snapshot"} | {f"ec2:{noun}" for noun in ("volume", "snapshot", "elastic-ip")}
    from_checks = {kind for check in checks() for kind in check.kinds}
    assert set(NEEDS) <= known | from_checks


def test_without_a_file_the_shipped_prices_serve(tmp_path):
    assert prices_of(tmp_path) is shipped_prices()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"as_of": "soon", "items": {}, "regional": {}}',
        '{"as_of": "2026-11-20", "items": {"x.y:z": "dear"}, "regional": {}}',
        '{"as_of": "2026-11-20", "items": {"x.y:z": "-1"}, "regional": {}}',
        '{"as_of": "2026-11-20", "items": {"x.y:z": "NaN"}, "regional": {}}',
        '{"as_of": "2026-11-20", "items": {"x.y:z": 0.1}, "regional": {}}',
        '{"as_of": "2026-11-20", "items": {}, "regional": {"x.y:z": "1"}}',
        '{"as_of": "2026-11-20", "items": {"x.y:z": "1"}, "regional": {}, "earlier": {"x.y:z": {"us-east-1": "?"}}}',
    ],
)
def test_a_damaged_file_is_told_and_the_shipped_prices_serve(tmp_path, caplog, text: str):
    (tmp_path / FILE).write_text(text)

    with caplog.at_level(logging.WARNING):
        assert prices_of(tmp_path) is shipped_prices()

    assert [str(tmp_path / FILE) in record.getMessage() for record in caplog.records] == [True]


def test_prices_older_than_the_shipped_tables_are_left_out(tmp_path):
    old, new = shipped_prices().as_of.replace(year=2020), DAY
    told = {"as_of": str(new), "items": {"a.b:c": "1", "a.b:d": "1"}, "regional": {}}
    (tmp_path / FILE).write_text(json.dumps({**told, "earlier": {"a.b:d": {"us-east-1": str(old)}}}))

    prices = prices_of(tmp_path)

    assert isinstance(prices, RefreshedPrices)
    assert (prices.of("a.b:c", "us-east-1"), prices.of("a.b:d", "us-east-1")) == (Decimal(1), None)


def test_a_run_goes_by_the_prices_in_use(tmp_path):
    refreshed(tmp_path, [nat()], gateway("0.05"))
    store = SimpleNamespace(assets=SimpleNamespace(active=lambda _: [], places=lambda _: []))
    inventory = SimpleNamespace(changes=lambda *_, **__: [], accounts=lambda _: ())
    costs = SimpleNamespace(resource_period=lambda _: None)
    parts: Any = (store, inventory, costs, StandIn(lambda *_: {}).calls(), lambda: NOW)

    usual = Sight(*parts).context("default", NOW, Caller())
    fresh = Sight(*parts, partial(prices_of, tmp_path)).context("default", NOW, Caller())

    assert usual.prices is shipped_prices()
    assert fresh.prices.of(NAT, "us-east-1") == Decimal("0.05")
