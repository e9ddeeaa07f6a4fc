"""Old snapshots: their age, the images that hold them, and that their list price is an upper bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.model.outcome import Failure
from finops.waste.checks.ebs_old_snapshot import CHECK
from tests.waste.kit import OWN, REGION, asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact

IMAGES_LISTED = [("ec2:image", OWN, REGION)]


def snapshot(name: str = "snap-1", **fields: Any) -> Any:
    details = {"size_gib": 100, "storage_tier": "standard", **fields.pop("details", {})}
    return asset("ec2:snapshot", name, fields.pop("state", "completed"), details=details, **fields)


@pytest.mark.parametrize(("days", "verdict"), [(90, Verdict.OK), (91, Verdict.FLAGGED)])
def test_it_is_older_than_ninety_days(days: int, verdict: Verdict) -> None:
    facts: dict[str, Fact] = {"state": "completed", "snapshot_days": days, "images": 0}

    assert judgement(CHECK, facts).verdict is verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"state": None}, Verdict.UNDETERMINED),
        ({"state": "completed", "snapshot_days": None}, Verdict.UNDETERMINED),
        ({"state": "completed", "images": None}, Verdict.UNDETERMINED),
        ({"state": "pending"}, Verdict.NOT_APPLICABLE),
        ({"state": "completed", "images": 1}, Verdict.OK),
    ],
)
def test_what_is_not_known_is_undetermined(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, {"snapshot_days": 400, "images": 0, **facts}).verdict is verdict


def test_an_image_of_the_account_holds_it() -> None:
    image = asset("ec2:image", "ami-1", "available")
    links = {"ami-1": (Link("made_from", "ec2:snapshot", "snap-held"),)}
    found = desk([snapshot("snap-held"), snapshot("snap-loose"), image], links=links).verdicts(CHECK)

    assert found["snap-held"].verdict is Verdict.OK
    assert found["snap-loose"].verdict is Verdict.FLAGGED


def test_images_that_could_not_be_listed_may_hold_it() -> None:
    denied = {IMAGES_LISTED[0]: Failure("AccessDenied", "denied")}

    assert desk([snapshot()], failed=denied).verdicts(CHECK)["snap-1"].verdict is Verdict.UNDETERMINED
    assert desk([snapshot()]).verdicts(CHECK)["snap-1"].verdict is Verdict.UNDETERMINED
    assert desk([snapshot()], complete=IMAGES_LISTED).verdicts(CHECK)["snap-1"].verdict is Verdict.FLAGGED


@pytest.mark.parametrize(
    ("fields", "saving", "basis"),
    [
        ({}, "5.00", Basis.HEURISTIC),
        ({"details": {"storage_tier": "archive"}}, "1.25", Basis.HEURISTIC),
        ({"details": {"full_size_bytes": 40 * 1024**3}}, "2.00", Basis.HEURISTIC),
        ({"cost": usd("1.20")}, "1.22", Basis.MEASURED),
    ],
)
def test_the_list_price_is_an_upper_bound_and_the_bill_is_exact(
    fields: dict[str, Any], saving: str, basis: Basis
) -> None:
    found = desk([snapshot(**fields)], complete=IMAGES_LISTED).verdicts(CHECK)["snap-1"]

    assert (found.saving.amount, found.saving.basis) == (usd(saving), basis)


def test_a_plan_that_made_it_is_named() -> None:
    backup = snapshot(tags={"aws:backup:source-resource": "vol-1:1"})

    assert "AWS Backup" in desk([backup], complete=IMAGES_LISTED).verdicts(CHECK)["snap-1"].message
