"""Unattached volumes: since when, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.assets import AssetChange, ChangeKind, Link
from finops.model.findings import Basis, Verdict
from finops.waste.checks.ebs_unattached_volume import CHECK
from tests.waste.kit import NOW, asset, desk, judgement

if TYPE_CHECKING:
    from finops.model.findings import Fact

DETAILS: dict[str, str | int] = {"size_gib": 100, "volume_type": "gp3", "iops": 4000, "throughput_mibps": 125}


@pytest.mark.parametrize(("days", "verdict"), [(6, Verdict.OK), (7, Verdict.FLAGGED), (8, Verdict.FLAGGED)])
def test_it_takes_seven_days(days: int, verdict: Verdict) -> None:
    facts: dict[str, Fact] = {"state": "available", "attachments": 0, "unattached_days": days}

    assert judgement(CHECK, facts).verdict is verdict


@pytest.mark.parametrize(
    ("state", "attachments", "verdict"),
    [
        ("in-use", 1, Verdict.OK),
        ("creating", 0, Verdict.NOT_APPLICABLE),
        (None, 0, Verdict.UNDETERMINED),
    ],
)
def test_only_what_is_available_is_unattached(state: str | None, attachments: int, verdict: Verdict) -> None:
    facts: dict[str, Fact] = {"state": state, "attachments": attachments, "unattached_days": 90}

    assert judgement(CHECK, facts).verdict is verdict


def test_the_inventory_tells_when_it_was_detached() -> None:
    old, new, used = (
        asset("ec2:volume", name, "available", details=DETAILS) for name in ("vol-old", "vol-new", "vol-used")
    )
    left = AssetChange(new.asset_id, NOW - timedelta(days=3), ChangeKind.CHANGED, "state", "in-use", "available")
    links = {"vol-used": (Link("attached_to", "ec2:instance", "i-1"),)}

    found = desk([old, new, used], links=links, changes=[left]).verdicts(CHECK)

    assert {name: judged.verdict for name, judged in found.items()} == {
        "vol-old": Verdict.FLAGGED, "vol-new": Verdict.OK, "vol-used": Verdict.OK,
    }  # fmt: skip
    assert (found["vol-old"].saving.amount, found["vol-old"].saving.basis) == (Decimal("13.00"), Basis.DERIVED)
