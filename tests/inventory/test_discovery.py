"""Discovery finds everything, says what it could not ask, and never takes silence for absence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError

from finops.model.assets import AssetFilter, AssetQuestion, ChangeKind, Lifecycle
from finops.model.errors import Busy
from finops.model.jobs import JobStatus
from tests.inventory.standin import KINDS, OTHER, OWN, REGIONS, TENANT, THIRD, House, Wire, denied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.aws_server import Ask
    from finops.model.assets import Asset

    Opened = Callable[..., House]

PER_ACCOUNT = len(REGIONS) * (2 + 1 + 2) + 2  # instances, volume, functions; buckets


def assets(house: House, **wanted: Any) -> list[Asset]:
    everything = {"lifecycles": tuple(Lifecycle), **wanted}
    return list(house.finops.inventory.page(AssetQuestion(TENANT, AssetFilter(**everything), limit=10_000)).items)


def lives(house: House) -> Counter[str]:
    return Counter(str(asset.lifecycle) for asset in assets(house))


def test_everything_is_found_with_its_tags_and_place(opened: Opened):
    house = opened()
    job = house.discover()
    assert (job.status, job.counts["seen"], job.counts["found"]) == (JobStatus.COMPLETED, 24, 24)
    found = assets(house)
    assert Counter(asset.account for asset in found) == {OWN: PER_ACCOUNT, OTHER: PER_ACCOUNT}
    assert {asset.kind for asset in found} == set(KINDS)
    assert all(asset.tags and asset.tags["Owner"] == "team-a" for asset in found)
    buckets = [asset for asset in found if asset.kind == "s3:bucket"]
    assert {asset.region for asset in buckets} == set(REGIONS)
    assert house.finops.inventory.standing(TENANT).failures == ()
    regions = {account.id: account.regions for account in house.finops.inventory.accounts(TENANT)}
    assert regions == {OWN: tuple(sorted(REGIONS)), OTHER: tuple(sorted(REGIONS))}


def test_what_answers_carry_beside_is_never_kept(opened: Opened, tmp_path: Path):
    house = opened()
    house.discover()
    assert "hunter2" not in repr(assets(house))
    house.finops.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(b"hunter2" in path.read_bytes() for path in files)


def test_global_services_are_asked_once_and_tags_swept_once_a_region(opened: Opened):
    house = opened(OWN)
    house.discover()
    assert len(house.wire.calls("ListBuckets")) == 1
    assert sorted(ask.region for ask in house.wire.calls("GetResources")) == sorted(REGIONS)
    assert len(house.wire.calls("DescribeInstances")) == len(REGIONS)


def test_regions_where_nothing_needs_tags_are_not_swept(opened: Opened):
    house = opened(OWN, wire=Wire(sizes={"instances": 2}))
    house.discover()
    assert house.wire.calls("GetResources") == []


def test_each_account_is_asked_with_its_own_role(opened: Opened):
    house = opened(OWN, OTHER, THIRD)
    house.discover(regions=["us-east-1"], services=["ec2:instance"])
    assert {ask.account for ask in house.wire.calls("DescribeInstances")} == {OWN, OTHER, THIRD}
    assert {ask.account for ask in house.wire.calls("AssumeRole")} == {OWN}


def test_only_what_was_asked_for_is_visited(opened: Opened):
    house = opened()
    house.discover(accounts=[OTHER], regions=["eu-central-1"], services=["ec2"])
    asked = {(ask.account, ask.region) for ask in house.wire.asked if ask.service != "sts"}
    assert asked == {(OTHER, "eu-central-1")}


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"accounts": ["999999999999"]}, "account"),
        ({"services": ["gamelift"]}, "service"),
        ({"accounts": ["x"]}, "account"),
    ],
)
def test_what_nobody_knows_fails_with_a_sentence_and_visits_nothing(
    opened: Opened, arguments: dict[str, Any], field: str
):
    house = opened()
    job = house.discover(**arguments)
    assert job.status is JobStatus.FAILED
    assert field in job.failures[0].message
    assert not house.wire.asked


def test_a_second_discovery_changes_nothing(opened: Opened):
    house = opened()
    house.discover()
    before = assets(house)
    version = house.finops.inventory.version(TENANT)
    house.clock.later(hours=1)
    job = house.discover()
    assert {name: job.counts[name] for name in ("appeared", "changed", "missing", "gone", "back")} == dict.fromkeys(
        ("appeared", "changed", "missing", "gone", "back"), 0
    )
    assert [(asset.asset_id, asset.tags, asset.details) for asset in assets(house)] == [
        (asset.asset_id, asset.tags, asset.details) for asset in before
    ]
    assert house.finops.inventory.version(TENANT) >= version


def test_what_is_no_longer_listed_goes_missing_then_gone_and_comes_back_with_its_past(opened: Opened):
    house = opened(gone_after_days=7)
    house.discover()
    first = {asset.asset_id: asset.first_seen for asset in assets(house)}
    house.wire.sizes["instances"] = 1
    house.clock.later(days=1)
    assert house.discover().counts["missing"] == 4
    assert lives(house) == {"active": 20, "missing": 4}
    house.clock.later(days=6)
    house.discover()
    assert lives(house)["missing"] == 4
    house.clock.later(days=1)
    assert house.discover().counts["gone"] == 4
    assert lives(house) == {"active": 20, "gone": 4}
    house.wire.sizes["instances"] = 2
    house.clock.later(days=1)
    assert house.discover().counts["back"] == 4
    assert lives(house) == {"active": 24}
    assert {asset.asset_id: asset.first_seen for asset in assets(house)} == first
    [asset] = [
        one for one in assets(house) if one.account == OWN and one.name == "thing-1" and one.region == "us-east-1"
    ]
    told = [change.kind for change in house.finops.inventory.detail(TENANT, asset.asset_id).history]
    assert told == [ChangeKind.BACK, ChangeKind.GONE, ChangeKind.MISSING, ChangeKind.FOUND]


# Trouble

TROUBLES: dict[str, Any] = {
    "denied": denied("some:Action"),
    "throttled": (
        400,
        "<Response><Errors><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></Errors>"
        "<Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></Response>",
    ),
    "unavailable": (503, "<html>Service Unavailable</html>"),
    "nothing": (200, ""),
    "rubbish": (200, "<html>welcome to the hotel</html>"),
    "cut off": (200, '{"Functions": [{"Functi'),
    "unreachable": ReadTimeoutError(endpoint_url="https://x"),
}


class Kth:
    """Fails the k-th request, and whoever asks the same again."""

    def __init__(self, number: int, said: Any) -> None:
        self.number = number
        self.said = said
        self.count = 0
        self.victim: Any = None

    def __call__(self, ask: Ask) -> Any:
        mine = (ask.account, ask.region, ask.service, ask.action)
        if self.count == self.number:
            self.victim = mine
        self.count += 1
        return self.said if mine == self.victim else None


SMALL: dict[str, Any] = {"services": ["ec2:instance", "lambda:function", "s3:bucket"]}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whichever_call_fails_nothing_is_wrongly_gone_and_no_job_stays_open(opened: Opened, trouble: str):
    house = opened()
    house.discover(**SMALL)
    before = {asset.asset_id: asset.tags for asset in assets(house)}
    house.wire.trouble = counting = Kth(-1, None)
    house.discover(**SMALL)
    assert counting.count >= 13
    for number in range(counting.count):
        house.clock.later(days=30)
        house.wire.trouble = failing = Kth(number, TROUBLES[trouble])
        job = house.discover(**SMALL)
        told = (number, failing.victim)
        assert failing.victim is not None, told
        assert job.status in {JobStatus.PARTIAL, JobStatus.FAILED}, told
        assert job.failures, told
        assert not any(each.status.open for each in house.finops.jobs.jobs(TENANT)[0]), told
        assert house.finops.inventory.standing(TENANT).partial, told
        after = assets(house)
        assert {asset.asset_id: asset.tags for asset in after} == before, told
        assert {asset.lifecycle for asset in after} == {Lifecycle.ACTIVE}, told
        house.wire.trouble = lambda _: None
        assert house.discover(**SMALL).status is JobStatus.COMPLETED, told
        assert not house.finops.inventory.standing(TENANT).partial, told


@pytest.mark.parametrize("trouble", ["rubbish"])
def test_whichever_call_of_the_first_discovery_fails_the_rest_is_there(opened: Opened, trouble: str):
    whole = {asset.asset_id for asset in assets_after(opened(), SMALL)}
    for number in range(19):
        house = opened(wire=Wire(trouble=Kth(number, TROUBLES[trouble])))
        found = assets_after(house, SMALL)
        assert {asset.asset_id for asset in found} <= whole
        assert not any(each.status.open for each in house.finops.jobs.jobs(TENANT)[0])
        house.finops.close()


def assets_after(house: House, arguments: dict[str, Any]) -> list[Asset]:
    house.discover(**arguments)
    return assets(house)


def test_fifty_accounts_of_which_three_are_closed(opened: Opened):
    accounts = [f"{number:012d}" for number in range(111111111111, 111111111161)]
    shut = set(accounts[10:13])
    wire = Wire(sizes={"instances": 1})
    wire.trouble = lambda ask: (
        denied("sts:AssumeRole")
        if ask.action == "AssumeRole" and any(account in ask.params["RoleArn"][0] for account in shut)
        else None
    )
    house = opened(*accounts, wire=wire)
    job = house.discover(services=["ec2", "lambda"])
    assert job.status is JobStatus.PARTIAL
    assert {(failure.account, failure.missing_action, failure.region) for failure in job.failures} == {
        (account, "sts:AssumeRole", "") for account in shut
    }
    assert {asset.account for asset in assets(house)} == set(accounts) - shut
    standing = house.finops.inventory.standing(TENANT)
    assert set(standing.closed) == shut
    assert len(standing.accounts) == 50
    assert len(house.wire.calls("AssumeRole")) < 47 + 3 * 6


def test_a_closed_account_is_left_alone_after_its_first_refusal(opened: Opened):
    wire = Wire(trouble=lambda ask: denied("sts:AssumeRole") if ask.action == "AssumeRole" else None)
    house = opened(OWN, OTHER, wire=wire)
    house.discover()
    assert len(wire.calls("AssumeRole")) == 1
    assert {asset.account for asset in assets(house)} == {OWN}


def test_a_denied_listing_names_the_action_once_for_all_regions(opened: Opened):
    refused = (
        403,
        '{"__type": "AccessDeniedException", "message": "is not authorized to perform: lambda:ListFunctions"}',
    )
    wire = Wire(trouble=lambda ask: refused if ask.service == "lambda" and ask.account == OTHER else None)
    house = opened(wire=wire)
    [failure] = house.discover().failures
    assert (failure.account, failure.service, failure.missing_action) == (OTHER, "lambda", "lambda:ListFunctions")
    assert all(region in failure.message for region in REGIONS)
    standing = house.finops.inventory.standing(TENANT)
    assert (standing.closed, standing.failed) == ((), (OTHER,))
    elsewhere = house.finops.inventory.standing(TENANT, AssetFilter(accounts=(OWN,)))
    assert not elsewhere.partial
    assert not house.finops.inventory.standing(TENANT, AssetFilter(services=("s3",))).partial


def test_without_the_tagging_api_tags_are_unknown_not_absent(opened: Opened):
    wire = Wire(trouble=lambda ask: (403, '{"__type": "AccessDeniedException"}') if ask.service == "tagging" else None)
    house = opened(OWN, wire=wire)
    job = house.discover()
    assert {failure.missing_action for failure in job.failures} == {"tag:GetResources"}
    by_kind = {asset.kind: asset.tags for asset in assets(house)}
    assert by_kind["lambda:function"] is None
    assert by_kind["s3:bucket"] is None
    assert by_kind["ec2:instance"]["Owner"] == "team-a"


def test_two_discoveries_of_one_account_do_not_run_together(opened: Opened):
    house = opened()
    seen: list[Exception] = []

    def meddle(ask: Ask) -> None:
        if ask.action == "DescribeInstances" and not seen:
            try:
                house.finops.jobs.run("inventory.discover", TENANT, {"accounts": [OTHER]}, user="bob")
            except Busy as error:
                seen.append(error)

    house.wire.trouble = meddle
    house.discover()
    assert "inventory.discover" in str(seen[0])
    house.wire.trouble = lambda _: None
    assert house.discover(accounts=[OTHER]).status is JobStatus.COMPLETED
