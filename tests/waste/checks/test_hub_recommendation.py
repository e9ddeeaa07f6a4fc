"""Recommendations of Cost Optimization Hub: imported whole, in AWS's words, and never counted beside an own finding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import ActionType, Basis, Category, Saving, Verdict
from finops.waste.checks.ec2_idle_instance import CHECK as IDLE
from finops.waste.checks.hub_recommendation import CHECK
from finops.waste.imported import without_doubles
from finops.waste.judging import flagged
from finops.waste.running import Judged, cells, judgements, measurement
from tests.aws.standins import Refusal
from tests.waste.kit import OWN, REGION, asset, desk, judgement, seen

ARN = "arn:aws:ec2:us-east-1:123456789012:instance/i-1"
ITEM: dict[str, Any] = {
    "recommendationId": "r-1",
    "accountId": OWN,
    "region": REGION,
    "resourceId": "i-1",
    "resourceArn": ARN,
    "currentResourceType": "Ec2Instance",
    "recommendedResourceType": "Ec2Instance",
    "estimatedMonthlySavings": 61.18,
    "estimatedMonthlyCost": 280.32,
    "currencyCode": "USD",
    "implementationEffort": "Low",
    "restartNeeded": True,
    "actionType": "Stop",
    "rollbackPossible": True,
    "currentResourceSummary": "m6i.2xlarge",
    "recommendedResourceSummary": "",
}


def answers(*items: dict[str, Any], status: str = "Active") -> dict[str, Any]:
    return {
        "ListEnrollmentStatuses": lambda _: {"items": [{"accountId": OWN, "status": status}]},
        "ListRecommendations": lambda _: {"items": list(items)},
    }


def test_a_recommendation_is_a_finding_in_awss_words() -> None:
    instance = asset("ec2:instance", "i-1", "running", arn=ARN, name="worker", tags={"Owner": "data"})

    at = desk([instance], answers(ITEM))
    (observation,), failures = at.measured(CHECK)
    said = judgement(CHECK, observation.facts, amounts=observation.amounts)

    assert failures == []
    assert (observation.kind, observation.name, observation.tags) == ("ec2:instance", "worker", {"Owner": "data"})
    assert (said.verdict, said.saving) == (Verdict.FLAGGED, Saving(Decimal("61.18"), Basis.DERIVED))
    assert said.category is Category.IDLE
    assert said.action is not None
    assert (said.action.action_type, said.action.source) == (ActionType.STOP, "CostOptimizationHub")


def test_a_hub_that_is_not_switched_on_is_said_and_is_no_failure() -> None:
    found = measurement(CHECK, desk([], answers(ITEM, status="Inactive")).context)
    said = tuple(judgements(found, CHECK.defaults))

    assert found.failures == ()
    assert [one.judgement.verdict for one in said] == [Verdict.NOT_APPLICABLE]
    assert [cell.state for cell in cells(found, said)] == ["not_enabled"]


@pytest.mark.parametrize("operation", ["ListEnrollmentStatuses", "ListRecommendations"])
def test_a_refusal_is_a_failure_and_never_nothing_to_save(operation: str) -> None:
    scripted = answers(ITEM) | {operation: lambda _: Refusal("AccessDeniedException")}

    observations, failures = desk([], scripted).measured(CHECK)

    assert observations == []
    assert [failure.missing_action for failure in failures] == [f"cost-optimization-hub:{operation}"]


@pytest.mark.parametrize(
    ("saving", "verdict"), [(None, Verdict.UNDETERMINED), (0.0, Verdict.OK), (0.5, Verdict.OK), (1.0, Verdict.FLAGGED)]
)
def test_what_saves_nothing_or_too_little_is_no_finding(saving: float | None, verdict: Verdict) -> None:
    (observation,), _ = desk([], answers({**ITEM, "estimatedMonthlySavings": saving})).measured(CHECK)

    assert judgement(CHECK, observation.facts, amounts=observation.amounts).verdict is verdict


@pytest.mark.parametrize(("action", "verdict"), [("Stop", Verdict.NOT_APPLICABLE), ("Rightsize", Verdict.FLAGGED)])
def test_an_own_finding_of_the_same_kind_stands_alone(action: str, verdict: Verdict) -> None:
    (observation,), _ = desk([], answers({**ITEM, "actionType": action})).measured(CHECK)
    imported = Judged(CHECK, observation, judgement(CHECK, observation.facts, amounts=observation.amounts))
    own = Judged(IDLE, seen(IDLE, {}, arn=ARN, resource_id="i-1"), flagged("idle", Saving(Decimal(60), Basis.MEASURED)))

    kept = without_doubles([own, imported])

    assert [one.judgement.verdict for one in kept] == [Verdict.FLAGGED, verdict]


def test_words_of_aws_that_are_not_known_are_taken_for_the_mildest() -> None:
    (observation,), _ = desk(
        [], answers({**ITEM, "actionType": "Teleport", "implementationEffort": "Heroic"})
    ).measured(CHECK)

    said = judgement(CHECK, observation.facts, amounts=observation.amounts)

    assert said.action is not None
    assert said.action.action_type is ActionType.RIGHTSIZE
    assert "Teleport" in said.message
