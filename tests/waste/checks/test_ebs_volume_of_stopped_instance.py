"""Volumes of stopped instances: since when, and that nobody counts them twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from finops.model.assets import AssetChange, ChangeKind, Link
from finops.model.findings import Basis, Verdict
from finops.model.outcome import Failure
from finops.waste.checks.ebs_volume_of_stopped_instance import CHECK
from tests.waste.kit import NOW, OWN, REGION, asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact

DETAILS = {"size_gib": 50, "volume_type": "gp2"}
ATTACHED = (Link("attached_to", "ec2:instance", "i-1"),)


@pytest.mark.parametrize(("days", "verdict"), [(29, Verdict.OK), (30, Verdict.FLAGGED), (31, Verdict.FLAGGED)])
def test_it_takes_thirty_days(days: int, verdict: Verdict) -> None:
    facts: dict[str, Fact] = {"state": "in-use", "instance_state": "stopped", "stopped_days": days}

    assert judgement(CHECK, facts).verdict is verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"state": "in-use", "instance_state": "running"}, Verdict.OK),
        ({"state": "in-use", "instance_state": None}, Verdict.UNDETERMINED),
        ({"state": "in-use", "instance_state": "stopped", "stopped_days": None}, Verdict.UNDETERMINED),
        ({"state": None}, Verdict.UNDETERMINED),
        ({"state": "available"}, Verdict.NOT_APPLICABLE),
    ],
)
def test_a_state_that_is_not_known_is_neither_running_nor_stopped(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, facts).verdict is verdict


def test_aws_tells_since_when_in_the_reason_and_the_finding_is_included_in_the_instance() -> None:
    instance = asset(
        "ec2:instance", "i-1", "stopped", details={"state_reason": "User initiated (2026-10-01 12:00:00 GMT)"}
    )
    at = desk([asset("ec2:volume", "vol-1", "in-use", details=DETAILS), instance], links={"vol-1": ATTACHED})

    (seen,), failures = at.measured(CHECK)
    found = at.verdicts(CHECK)["vol-1"]

    assert not failures
    assert seen.facts["stopped_days"] == 49
    assert seen.facts["included_in"] == instance.arn
    assert (found.verdict, found.saving.amount, found.saving.basis) == (Verdict.FLAGGED, usd("5.00"), Basis.DERIVED)


def test_without_a_reason_the_inventory_says_since_when_and_without_that_nobody() -> None:
    instance = asset("ec2:instance", "i-1", "stopped", details={"state_reason": ""})
    volume = asset("ec2:volume", "vol-1", "in-use", details=DETAILS, cost=usd("3.00"))
    seen_stop = AssetChange(
        instance.asset_id, NOW - timedelta(days=40), ChangeKind.CHANGED, "state", "running", "stopped"
    )

    known = desk([volume, instance], links={"vol-1": ATTACHED}, changes=[seen_stop]).verdicts(CHECK)["vol-1"]
    unknown = desk([volume, instance], links={"vol-1": ATTACHED}).verdicts(CHECK)["vol-1"]

    assert (known.verdict, known.saving.basis) == (Verdict.FLAGGED, Basis.MEASURED)
    assert known.saving.amount == usd("3.04")  # 3 dollars in 30 days, in a month of 365/12
    assert unknown.verdict is Verdict.UNDETERMINED


def test_an_instance_that_could_not_be_listed_lately_may_run_again() -> None:
    instance = asset("ec2:instance", "i-1", "stopped", details={"state_reason": "x (2026-10-01 12:00:00 GMT)"})
    failed = {("ec2:instance", OWN, REGION): Failure("AccessDenied", "denied")}
    at = desk([asset("ec2:volume", "vol-1", "in-use"), instance], links={"vol-1": ATTACHED}, failed=failed)

    assert at.verdicts(CHECK)["vol-1"].verdict is Verdict.UNDETERMINED
