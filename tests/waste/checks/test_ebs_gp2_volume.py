"""gp2 → gp3: the formula to the cent, at the sizes where something changes."""

from __future__ import annotations

from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.ebs_gp2_volume import CHECK
from tests.waste.kit import asset, desk, judgement, usd


def volume(size: int, **fields: Any) -> Any:
    details = {"size_gib": size, "volume_type": "gp2", "iops": max(100, 3 * size), **fields.pop("details", {})}
    return asset("ec2:volume", "vol-1", "in-use", details=details, **fields)


@pytest.mark.parametrize(
    ("size", "saving"),
    [
        (100, "2.00"),  # 10.00 - 8.00
        (170, "3.40"),
        (400, "3.00"),  # 40.00 - (32.00 + 125 MiB/s x 0.04)
        (1000, "15.00"),  # 100.00 - (80.00 + 5.00): 3,000 IOPS are free
        (2000, "20.00"),  # 200.00 - (160.00 + 3,000 x 0.005 + 5.00)
        (16384, "257.68"),  # 1638.40 - (1310.72 + 13,000 x 0.005 + 5.00): gp2 ends at 16,000 IOPS
    ],
)
def test_the_saving_is_the_difference_of_the_lists(size: int, saving: str) -> None:
    found = desk([volume(size)]).verdicts(CHECK)["vol-1"]

    assert (found.verdict, found.saving.amount, found.saving.basis) == (Verdict.FLAGGED, usd(saving), Basis.DERIVED)


def test_a_volume_that_gp3_would_not_be_cheaper_for_stays() -> None:
    assert desk([volume(171)]).verdicts(CHECK)["vol-1"].verdict is Verdict.OK  # 17.10 or 13.68 + 5.00


def test_the_bill_is_scaled_and_regions_have_their_own_prices() -> None:
    billed = desk([volume(100, cost=usd("6.00"))]).verdicts(CHECK)["vol-1"]  # a month of 6.08, a fifth of it less
    frankfurt = desk([volume(100, region="eu-central-1")]).verdicts(CHECK)["vol-1"]

    assert (billed.saving.amount, billed.saving.basis) == (usd("1.22"), Basis.DERIVED)
    assert frankfurt.saving.amount == usd("2.38")  # 11.90 - 9.52


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"volume_type": "gp3"}, Verdict.NOT_APPLICABLE),
        ({"volume_type": None}, Verdict.UNDETERMINED),
        ({"volume_type": "gp2", "size_gib": 100}, Verdict.UNDETERMINED),  # no price
    ],
)
def test_what_is_not_known_is_not_judged(facts: dict[str, Any], verdict: Verdict) -> None:
    assert judgement(CHECK, facts).verdict is verdict


def test_a_region_without_prices_is_undetermined_and_the_remedy_keeps_the_performance() -> None:
    at = desk([volume(2000)])
    (seen,), _ = at.measured(CHECK)

    assert desk([volume(100, region="mars-north-1")]).verdicts(CHECK)["vol-1"].verdict is Verdict.UNDETERMINED
    assert CHECK.remedy(seen).command == (
        "aws ec2 modify-volume --volume-id vol-1 --volume-type gp3 --iops 6000 --throughput 250 --region us-east-1"
    )
