"""Unassociated addresses: since when, as far as that was seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from finops.model.assets import AssetChange, ChangeKind
from finops.model.findings import Basis, Verdict
from finops.waste.checks.ec2_unassociated_address import CHECK
from tests.waste.kit import NOW, asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact


@pytest.mark.parametrize(("days", "verdict"), [(6, Verdict.OK), (7, Verdict.FLAGGED), (None, Verdict.FLAGGED)])
def test_it_takes_seven_days_unless_it_was_so_from_the_beginning(days: int | None, verdict: Verdict) -> None:
    facts: dict[str, Fact] = {"state": "unassociated", "unassociated_days": days, "seen_days": 1, "age_days": 1}

    assert judgement(CHECK, facts).verdict is verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"state": None}, Verdict.UNDETERMINED),
        ({"state": "associated"}, Verdict.OK),
        ({"state": "unassociated", "managed_by": "alb"}, Verdict.NOT_APPLICABLE),
    ],
)
def test_only_what_nothing_has_is_flagged(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, facts).verdict is verdict


def test_the_inventory_saw_when_it_was_let_go_or_allocated() -> None:
    vpc = asset("ec2:vpc", "vpc-1", "available", created=None, age_days=100)
    old, let_go = (asset("ec2:elastic-ip", name, "unassociated", age_days=100) for name in ("old", "let-go"))
    new = asset("ec2:elastic-ip", "new", "unassociated", age_days=3)
    change = AssetChange(
        let_go.asset_id, NOW - timedelta(days=2), ChangeKind.CHANGED, "state", "associated", "unassociated"
    )

    found = desk([vpc, old, let_go, new], changes=[change]).verdicts(CHECK)

    assert {name: each.verdict for name, each in found.items()} == {
        "old": Verdict.FLAGGED, "let-go": Verdict.OK, "new": Verdict.OK,
    }  # fmt: skip
    assert (found["old"].saving.amount, found["old"].saving.basis) == (usd("3.65"), Basis.DERIVED)


def test_on_the_first_day_everything_is_new_and_an_address_is_flagged_at_once() -> None:
    first = [asset("ec2:vpc", "vpc-1", age_days=0), asset("ec2:elastic-ip", "eip", "unassociated", age_days=0)]

    assert desk(first).verdicts(CHECK)["eip"].verdict is Verdict.FLAGGED
