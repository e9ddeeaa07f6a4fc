"""Recommendations of Compute Optimizer, for places that have what it looks at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import ActionType, Basis, Saving, Verdict
from finops.waste.checks.computeoptimizer_recommendation import CHECK
from tests.aws.standins import Refusal
from tests.waste.kit import OWN, REGION, asset, desk

INSTANCE = f"arn:aws:ec2:{REGION}:{OWN}:instance/i-1"
VOLUME = f"arn:aws:ec2:{REGION}:{OWN}:volume/vol-1"


def saving(value: float | None) -> dict[str, Any]:
    return {"savingsOpportunityPercentage": 25.0, "estimatedMonthlySavings": {"currency": "USD", "value": value}}


def instance(finding: str = "OVER_PROVISIONED", value: float | None = 70.08) -> dict[str, Any]:
    options = [
        {"instanceType": "m6i.large", "rank": 2, "savingsOpportunity": saving(9.0)},
        {"instanceType": "m6i.xlarge", "rank": 1, "savingsOpportunity": saving(value), "migrationEffort": "VeryLow"},
    ]
    return {
        "instanceArn": INSTANCE, "accountId": OWN, "currentInstanceType": "m6i.2xlarge", "finding": finding,
        "recommendationOptions": options,
    }  # fmt: skip


def volume(finding: str = "NotOptimized") -> dict[str, Any]:
    option = {"configuration": {"volumeType": "gp3", "volumeSize": 100}, "rank": 1, "savingsOpportunity": saving(2.0)}
    return {
        "volumeArn": VOLUME, "accountId": OWN, "currentConfiguration": {"volumeType": "gp2", "volumeSize": 100},
        "finding": finding, "volumeRecommendationOptions": [option],
    }  # fmt: skip


def answers(*, status: str = "Active", instances: Any = (), volumes: Any = ()) -> dict[str, Any]:
    return {
        "GetEnrollmentStatus": lambda _: {"status": status},
        "GetEC2InstanceRecommendations": lambda _: {"instanceRecommendations": list(instances)},
        "GetEBSVolumeRecommendations": lambda _: {"volumeRecommendations": list(volumes)},
    }


ASSETS = [asset("ec2:instance", "i-1", "running", arn=INSTANCE), asset("ec2:volume", "vol-1", "in-use", arn=VOLUME)]


def test_the_first_option_of_what_is_too_large_is_recommended() -> None:
    found = desk(ASSETS, answers(instances=[instance()], volumes=[volume()])).verdicts(CHECK)

    said = found["i-1#Rightsize"]
    assert (said.verdict, said.saving) == (Verdict.FLAGGED, Saving(Decimal("70.08"), Basis.DERIVED))
    assert "m6i.2xlarge → m6i.xlarge" in said.message
    assert said.action is not None
    assert (said.action.action_type, said.action.source) == (ActionType.RIGHTSIZE, "ComputeOptimizer")
    assert "gp2, 100 GiB → gp3, 100 GiB" in found["vol-1#Rightsize"].message


@pytest.mark.parametrize("finding", ["OPTIMIZED", "Optimized", "UNDER_PROVISIONED", ""])
def test_what_fits_or_is_too_small_saves_nothing(finding: str) -> None:
    scripted = answers(instances=[instance(finding)], volumes=[volume(finding or "Optimized")])

    assert desk(ASSETS, scripted).verdicts(CHECK) == {}


@pytest.mark.parametrize(
    ("value", "verdict"), [(None, Verdict.UNDETERMINED), (0.0, Verdict.OK), (5.0, Verdict.FLAGGED)]
)
def test_a_saving_that_is_not_told_is_undetermined_and_none_is_fine(value: float | None, verdict: Verdict) -> None:
    found = desk(ASSETS, answers(instances=[instance(value=value)])).verdicts(CHECK)

    assert found["i-1#Rightsize"].verdict is verdict


def test_where_it_is_not_switched_on_nothing_is_asked() -> None:
    at = desk(ASSETS, answers(status="Inactive"))

    found = at.verdicts(CHECK)

    assert [said.verdict for said in found.values()] == [Verdict.NOT_APPLICABLE]
    assert at.wire.operations == ["GetEnrollmentStatus"]


@pytest.mark.parametrize(
    "operation", ["GetEnrollmentStatus", "GetEC2InstanceRecommendations", "GetEBSVolumeRecommendations"]
)
def test_a_refusal_is_a_failure(operation: str) -> None:
    scripted = answers(instances=[instance()], volumes=[volume()]) | {operation: lambda _: Refusal("AccessDenied")}

    failures = desk(ASSETS, scripted).measured(CHECK)[1]

    assert {failure.missing_action for failure in failures} == {f"compute-optimizer:{operation}"}


def test_without_such_resources_nobody_is_asked() -> None:
    at = desk([], answers())

    assert at.verdicts(CHECK) == {}
    assert at.wire.asked == []
