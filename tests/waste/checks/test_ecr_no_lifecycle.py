"""Repositories without a policy, and untagged images."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.ecr_no_lifecycle import CHECK
from tests.aws.standins import Refusal
from tests.waste.kit import NOW, asset, desk, judgement, seen

GIB = 2**30
NO_POLICY = {"GetLifecyclePolicy": lambda _: Refusal("LifecyclePolicyNotFoundException")}


def images(*days: int) -> Any:
    found = [{"imagePushedAt": NOW - timedelta(days=each), "imageSizeInBytes": 20 * GIB} for each in days]
    return lambda _: {"imageDetails": found}


@pytest.mark.parametrize(
    ("policy", "verdict"), [(True, Verdict.OK), (False, Verdict.FLAGGED), (None, Verdict.UNDETERMINED)]
)
def test_a_policy_is_there_or_not(policy: bool | None, verdict: Verdict) -> None:
    found = judgement(CHECK, {"policy": policy}, issue="policy")

    assert (found.verdict, found.saving.basis) == (verdict, Basis.NONE)


def test_no_policy_is_an_answer_and_old_untagged_images_cost_storage() -> None:
    at = desk([asset("ecr:repository", "team/app")], {**NO_POLICY, "DescribeImages": images(13, 14, 500)})

    found = at.verdicts(CHECK)

    assert found["team/app#policy"].verdict is Verdict.FLAGGED
    assert found["team/app#untagged"].saving.amount == Decimal("4.00")
    assert found["team/app#untagged"].saving.basis is Basis.DERIVED
    assert at.verdicts(CHECK, untagged_days=13)["team/app#untagged"].saving.amount == Decimal("6.00")
    assert at.measured(CHECK)[1] == []
    assert dict(at.wire.asked)["DescribeImages"]["filter"] == {"tagStatus": "UNTAGGED"}


def test_without_untagged_images_only_the_policy_counts() -> None:
    policy = {"GetLifecyclePolicy": lambda _: {"lifecyclePolicyText": "{}"}}
    found = desk([asset("ecr:repository", "app")], {**policy, "DescribeImages": images()}).verdicts(CHECK)

    assert {one.verdict for one in found.values()} == {Verdict.OK}


def test_refusals_are_undetermined() -> None:
    denied = {name: lambda _: Refusal("AccessDeniedException") for name in ("GetLifecyclePolicy", "DescribeImages")}
    at = desk([asset("ecr:repository", "app")], denied)

    assert {one.verdict for one in at.verdicts(CHECK).values()} == {Verdict.UNDETERMINED}
    assert [one.missing_action for one in at.measured(CHECK)[1]] == ["ecr:GetLifecyclePolicy", "ecr:DescribeImages"]


def test_a_price_that_is_not_known_gives_no_dollars() -> None:
    series = {"untagged_images": (1.0,) * 30, "untagged_bytes": (1.0,) * 30}

    found = judgement(CHECK, {}, series=series, issue="untagged")

    assert (found.verdict, found.saving.basis) == (Verdict.FLAGGED, Basis.NONE)
    assert "put-lifecycle-policy" in CHECK.remedy(seen(CHECK, {})).command
