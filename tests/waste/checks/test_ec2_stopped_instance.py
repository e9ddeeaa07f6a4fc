"""Stopped instances: since when, and what hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.model.outcome import Failure
from finops.waste.checks.ec2_stopped_instance import CHECK
from tests.waste.kit import OWN, REGION, asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact

LISTED = [(kind, OWN, REGION) for kind in ("ec2:volume", "ec2:elastic-ip")]
OFF = {"state_reason": "User initiated (2026-10-01 12:00:00 GMT)", "instance_type": "m5.large"}
LINKS = {name: (Link("attached_to", "ec2:instance", "i-1"),) for name in ("vol-1", "vol-2", "eipalloc-1")}


def parts(*, bills: bool) -> list[Any]:
    costs = {name: usd("1.20") for name in ("vol-1", "vol-2", "eipalloc-1")} if bills else {}
    details = {"size_gib": 50, "volume_type": "gp3"}
    volumes = [
        asset("ec2:volume", name, "in-use", details=details, cost=costs.get(name)) for name in ("vol-1", "vol-2")
    ]
    return [*volumes, asset("ec2:elastic-ip", "eipalloc-1", "associated", cost=costs.get("eipalloc-1"))]


@pytest.mark.parametrize(("days", "verdict"), [(29, Verdict.OK), (30, Verdict.FLAGGED)])
def test_it_takes_thirty_days(days: int, verdict: Verdict) -> None:
    facts: dict[str, Fact] = {"state": "stopped", "stopped_days": days, "parts": 1}

    assert judgement(CHECK, facts).verdict is verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"state": None}, Verdict.UNDETERMINED),
        ({"state": "running"}, Verdict.NOT_APPLICABLE),
        ({"state": "stopped", "stopped_days": None, "parts": 1}, Verdict.UNDETERMINED),
        ({"state": "stopped", "stopped_days": 90, "parts": None}, Verdict.UNDETERMINED),
        ({"state": "stopped", "stopped_days": 90, "parts": 0}, Verdict.OK),
    ],
)
def test_what_is_not_known_is_undetermined(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, facts).verdict is verdict


def test_volumes_and_addresses_add_up_at_list_prices() -> None:
    instance = asset("ec2:instance", "i-1", "stopped", details=OFF)
    found = desk([instance, *parts(bills=False)], links=LINKS).verdicts(CHECK)["i-1"]

    assert (found.verdict, found.saving.amount, found.saving.basis) == (Verdict.FLAGGED, usd("11.65"), Basis.DERIVED)
    assert "2 EBS volume(s) and 1 Elastic IP address(es)" in found.message


def test_their_bills_come_first_and_one_without_is_priced_by_the_list() -> None:
    instance = asset("ec2:instance", "i-1", "stopped", details=OFF)
    billed = desk([instance, *parts(bills=True)], links=LINKS).verdicts(CHECK)["i-1"]
    mixed = desk([instance, *parts(bills=True)[:2], parts(bills=False)[2]], links=LINKS).verdicts(CHECK)["i-1"]

    assert (billed.saving.amount, billed.saving.basis) == (usd("3.65"), Basis.MEASURED)
    assert (mixed.saving.amount, mixed.saving.basis) == (usd("6.08"), Basis.DERIVED)


def test_places_that_could_not_be_listed_leave_it_undetermined() -> None:
    instance = asset("ec2:instance", "i-1", "stopped", details=OFF)
    denied = {LISTED[1]: Failure("AccessDenied", "denied")}

    assert desk([instance], complete=LISTED).verdicts(CHECK)["i-1"].verdict is Verdict.OK
    assert desk([instance], failed=denied).verdicts(CHECK)["i-1"].verdict is Verdict.UNDETERMINED
