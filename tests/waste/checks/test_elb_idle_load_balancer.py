"""Idle load balancers: nothing behind them or nobody in front, and what is not known of either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.model.outcome import Failure
from finops.waste.checks.elb_idle_load_balancer import CHECK
from tests.aws.standins import Refusal
from tests.waste.kit import OWN, REGION, Metrics, asset, desk, judgement, usd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from finops.model.findings import Fact
    from tests.waste.kit import Desk

    Answer = Callable[[dict[str, Any]], dict[str, Any] | Refusal]

GROUPS = ("elb:targetgroup", OWN, REGION)
ALB = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188"
ACTIVE: dict[str, Fact] = {"state": "active", "type": "application", "target_groups": 1, "targets": 2}


def facts(healthy: int | None, **more: Fact) -> dict[str, Fact]:
    return {**ACTIVE, "healthy_targets": healthy, **more}


def balancer(kind: str = "application", groups: Sequence[Sequence[str]] = (), **more: Any) -> Desk:
    """A load balancer and its target groups with the states of their targets."""
    lb = asset("elb:loadbalancer", "web", "active", details={"type": kind}, arn=ALB)
    assets = [asset("elb:targetgroup", f"tg-{number}", arn=f"arn:tg/{number}") for number in range(len(groups))]
    links = {each.resource_id: (Link("attached_to", "elb:loadbalancer", ALB),) for each in assets}

    def health(params: dict[str, Any]) -> dict[str, Any]:
        states = groups[int(params["TargetGroupArn"].rpartition("/")[2])]
        targets = [{"Target": {"Id": f"i-{at}"}, "TargetHealth": {"State": state}} for at, state in enumerate(states)]
        return {"TargetHealthDescriptions": targets}

    answers = {
        "GetMetricData": Metrics(more.get("metrics", {})), "DescribeTargetHealth": more.get("health", health),
    }  # fmt: skip
    return desk([lb, *assets], answers, links=links, complete=more.get("complete", [GROUPS]))


@pytest.mark.parametrize(("a_day", "verdict"), [(99.0, Verdict.FLAGGED), (100.0, Verdict.OK)])
def test_a_hundred_requests_a_day_are_enough(a_day: float, verdict: Verdict) -> None:
    assert judgement(CHECK, facts(2), series={"requests": (a_day,) * 30}).verdict is verdict


def test_days_without_requests_have_no_data_and_count_as_none() -> None:
    once = {"requests": (None,) * 29 + (690.0,)}  # in seven days, 98.6 a day

    assert judgement(CHECK, facts(2), series=once).verdict is Verdict.FLAGGED
    assert judgement(CHECK, facts(2), series={"requests": (None,) * 29 + (700.0,)}).verdict is Verdict.OK
    assert judgement(CHECK, facts(None), series=once).verdict is Verdict.UNDETERMINED
    assert judgement(CHECK, facts(2)).verdict is Verdict.UNDETERMINED  # it was not asked


@pytest.mark.parametrize("requests", [(None,) * 30, (5000.0,) * 30])
def test_no_healthy_target_is_flagged_whatever_comes_in(requests: tuple[float | None, ...]) -> None:
    assert judgement(CHECK, facts(0), series={"requests": requests}).verdict is Verdict.FLAGGED


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"state": None}, Verdict.UNDETERMINED),
        ({"type": None}, Verdict.UNDETERMINED),
        ({"state": "provisioning"}, Verdict.NOT_APPLICABLE),
        ({"healthy_targets": None}, Verdict.UNDETERMINED),
        ({"type": "gateway"}, Verdict.OK),
        ({"type": "gateway", "healthy_targets": 0}, Verdict.FLAGGED),
    ],
)
def test_what_is_not_known_is_never_fine(more: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, facts(2, **more), series={"requests": (500.0,) * 30}).verdict is verdict


@pytest.mark.parametrize(
    ("flows", "carried", "verdict"),
    [
        ((99.0,) * 30, (5e6,) * 30, Verdict.FLAGGED),
        ((100.0,) * 30, (0.0,) * 30, Verdict.OK),
        ((1.0,) * 30, (5.1e6,) * 30, Verdict.OK),  # few connections that last
        ((0.0,) * 23 + (None,) * 7, (0.0,) * 30, Verdict.UNDETERMINED),
        ((0.0,) * 30, (0.0,) * 29 + (None,), Verdict.UNDETERMINED),
        ((None,) * 30, (5.1e9,) * 30, Verdict.OK),
    ],
)
def test_a_network_load_balancer_reports_zeros_so_no_data_says_nothing(
    flows: tuple[float | None, ...], carried: tuple[float | None, ...], verdict: Verdict
) -> None:
    series = {"new_flows": flows, "processed_bytes": carried}

    assert judgement(CHECK, facts(1, type="network"), series=series).verdict is verdict


@pytest.mark.parametrize("kind", ["application", "network", "gateway"])
@pytest.mark.parametrize("groups", [[], [[]], [["unhealthy", "draining"], ["unused"]]])
def test_an_empty_target_group_and_none_at_all_count_as_no_healthy_target(kind: str, groups: list[list[str]]) -> None:
    found = balancer(kind, groups).verdicts(CHECK)["web"]

    assert found.verdict is Verdict.FLAGGED
    assert found.saving.amount == usd("9.12" if kind == "gateway" else "16.42")  # half a cent goes to the even one
    assert found.saving.basis is Basis.DERIVED


@pytest.mark.parametrize("state", ["healthy", "initial"])
def test_one_healthy_target_in_any_group_and_requests_are_fine(state: str) -> None:
    busy = {("RequestCount", "Sum", "app/web/50dc6c495c0c9188"): [900] * 30}

    assert balancer(groups=[[], [state, "unhealthy"]], metrics=busy).verdicts(CHECK)["web"].verdict is Verdict.OK
    assert balancer(groups=[[state]]).verdicts(CHECK)["web"].verdict is Verdict.FLAGGED  # no request in a week


def test_a_group_that_checks_no_health_gets_the_benefit_of_the_doubt() -> None:
    unchecked = {
        "Target": {"Id": "f"},
        "TargetHealth": {"State": "unavailable", "Reason": "Target.HealthCheckDisabled"},
    }
    at = balancer(groups=[[]], health=lambda _: {"TargetHealthDescriptions": [unchecked]})

    (seen,), _ = at.measured(CHECK)
    assert seen.facts["healthy_targets"] == 1


def test_targets_that_could_not_be_asked_are_not_unhealthy() -> None:
    busy = {("RequestCount", "Sum", "app/web/50dc6c495c0c9188"): [900] * 30}
    refused = balancer(groups=[["healthy"]], health=lambda _: Refusal("AccessDenied"), metrics=busy)
    unlisted = balancer(complete=[], metrics=busy)

    assert [failure.code for failure in refused.measured(CHECK)[1]] == ["AccessDenied"]
    assert refused.verdicts(CHECK)["web"].verdict is Verdict.UNDETERMINED
    assert unlisted.verdicts(CHECK)["web"].verdict is Verdict.UNDETERMINED


def test_a_place_whose_target_groups_failed_is_undetermined_unless_one_is_healthy() -> None:
    lb = asset("elb:loadbalancer", "web", "active", details={"type": "application"}, arn=ALB)
    at = desk([lb], {"GetMetricData": Metrics()}, failed={GROUPS: Failure("AccessDenied", "denied")})

    assert at.verdicts(CHECK)["web"].verdict is Verdict.UNDETERMINED


def classic(states: list[str], requests: Sequence[float]) -> Desk:
    health = {"InstanceStates": [{"InstanceId": f"i-{at}", "State": state} for at, state in enumerate(states)]}
    answers: dict[str, Answer] = {
        "GetMetricData": Metrics({("RequestCount", "Sum", "old"): requests}),
        "DescribeInstanceHealth": lambda _: health,
    }
    return desk([asset("elb:classic", "old")], answers)


def test_a_classic_one_has_instances_and_its_own_api() -> None:
    empty, busy, silent = classic([], [900] * 30), classic(["InService"], [900] * 30), classic(["InService"], [])
    out = classic(["OutOfService", "Unknown"], [900] * 30)
    found = [each.verdicts(CHECK)["old"] for each in (empty, busy, silent, out)]

    assert [each.verdict for each in found] == [Verdict.FLAGGED, Verdict.OK, Verdict.FLAGGED, Verdict.FLAGGED]
    assert found[0].saving.amount == usd("18.25")
    commands = [CHECK.remedy(at.measured(CHECK)[0][0]).command for at in (empty, balancer())]
    assert commands == [
        "aws elb delete-load-balancer --load-balancer-name old --region us-east-1",
        f"aws elbv2 delete-load-balancer --load-balancer-arn {ALB} --region us-east-1",
    ]
