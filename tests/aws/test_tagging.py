"""The sweep of the tagging API: everything at once, or what is known and why the rest is not."""

from __future__ import annotations

from typing import Any

import pytest

from finops.aws.pace import Pace
from finops.aws.services import kinds
from finops.aws.tagging import RATE, TagSweep, tag_sweep
from finops.model.metering import Caller
from tests.aws.standins import Refusal, StandIn

CALLER = Caller("default", "inventory", "ann")
ACCOUNT, REGION = "123456789012", "eu-west-1"
TYPES = ["s3", "lambda:function", "s3"]


def entry(arn: str, **tags: str) -> dict[str, Any]:
    return {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def pages(_: str, params: dict[str, Any]) -> dict[str, Any]:
    if params.get("PaginationToken") == "more":
        return {"ResourceTagMappingList": [entry("arn:b", Team="y"), entry("arn:was-tagged")], "PaginationToken": ""}
    return {"ResourceTagMappingList": [entry("arn:a", Team="x", Env="")], "PaginationToken": "more"}


ALL = {"arn:a": {"Team": "x", "Env": ""}, "arn:b": {"Team": "y"}, "arn:was-tagged": {}}


def test_all_pages_are_read_and_only_the_wanted_types_asked_for():
    stand_in = StandIn(pages)
    assert tag_sweep(stand_in.calls(), ACCOUNT, REGION, TYPES, CALLER) == TagSweep(ALL)
    assert stand_in.asked[0][1] == {"ResourceTypeFilters": ["lambda:function", "s3"], "ResourcesPerPage": 100}
    assert stand_in.regions == [REGION, REGION]


def test_log_groups_are_known_without_the_star_that_aws_sometimes_ends_them_with():
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/a"
    stand_in = StandIn(lambda *_: {"ResourceTagMappingList": [entry(f"{arn}:*", Team="x")]})
    assert tag_sweep(stand_in.calls(), ACCOUNT, REGION, TYPES, CALLER).tags == {arn: {"Team": "x"}}


def test_no_types_need_no_call():
    stand_in = StandIn(pages)
    assert tag_sweep(stand_in.calls(), ACCOUNT, REGION, [], CALLER) == TagSweep({})
    assert not stand_in.asked


@pytest.mark.parametrize(("failing", "known"), [(1, None), (2, {"arn:a": {"Team": "x", "Env": ""}})])
def test_a_failure_keeps_what_came_before_it(failing: int, known: object):
    made = 0

    def script(operation: str, params: dict[str, Any]) -> dict[str, Any] | Refusal:
        nonlocal made
        made += 1
        return Refusal("AccessDeniedException") if made == failing else pages(operation, params)

    found = tag_sweep(StandIn(script).calls(), ACCOUNT, REGION, TYPES, CALLER)
    assert found.tags == known
    assert found.failure is not None
    assert (found.failure.missing_action, found.failure.region) == ("tag:GetResources", REGION)


def test_a_type_that_aws_does_not_know_does_not_cost_the_others_their_tags():
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any] | Refusal:
        refused = Refusal("InvalidParameterException", "Unsupported service: unheard-of")
        return refused if "ResourceTypeFilters" in params else pages(operation, params)

    assert tag_sweep(StandIn(script).calls(), ACCOUNT, REGION, ["unheard-of"], CALLER) == TagSweep(ALL)


def test_a_sweep_that_is_refused_without_types_too_is_a_failure():
    stand_in = StandIn(lambda *_: Refusal("InvalidParameterException"))
    found = tag_sweep(stand_in.calls(), ACCOUNT, REGION, TYPES, CALLER)
    assert found.tags is None
    assert found.failure is not None
    assert len(stand_in.asked) == 2


def test_more_types_than_aws_takes_are_not_named():
    stand_in = StandIn(pages)
    tag_sweep(stand_in.calls(), ACCOUNT, REGION, [f"service{number}" for number in range(101)], CALLER)
    assert "ResourceTypeFilters" not in stand_in.asked[0][1]


def test_all_our_types_fit_into_one_sweep():
    assert 1 < len({kind.tag_type for kind in kinds() if kind.tag_type}) <= 100


def test_each_page_waits_its_turn():
    waits: list[tuple[tuple[str, str, str], float]] = []

    class Watched(Pace):
        def wait(self, place: tuple[str, str, str], rate: float) -> float:
            waits.append((place, rate))
            return 0.0

    tag_sweep(StandIn(pages).calls(), ACCOUNT, REGION, TYPES, CALLER, pace=Watched())
    assert waits == [((ACCOUNT, REGION, "resourcegroupstaggingapi"), RATE)] * 2


def test_an_answer_without_its_list_is_a_failure():
    found = tag_sweep(StandIn(lambda *_: {}).calls(), ACCOUNT, REGION, TYPES, CALLER)
    assert found.failure is not None
    assert found.tags is None
