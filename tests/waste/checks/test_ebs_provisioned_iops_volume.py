"""io1 and io2 → gp3: what gp3 can do, and for how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.ebs_provisioned_iops_volume import CHECK
from tests.waste.kit import asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact


def volume(**details: Any) -> Any:
    usual = {"size_gib": 100, "volume_type": "io1", "iops": 4000, "multi_attach": False}
    return asset("ec2:volume", "vol-1", "in-use", details={**usual, **details})


@pytest.mark.parametrize(
    ("details", "saving"),
    [
        ({"iops": 100}, "11.00"),  # 12.50 + 6.50 - 8.00
        ({"iops": 4000}, "244.50"),  # 272.50 - (8.00 + 1,000 x 0.005 + 375 x 0.04)
        ({"volume_type": "io2", "iops": 4000}, "224.50"),  # 272.50 - (8.00 + 5.00 + 875 x 0.04)
        ({"iops": 16_000}, "964.50"),  # 1052.50 - (8.00 + 65.00 + 15.00)
    ],
)
def test_the_saving_is_the_difference_of_the_lists(details: dict[str, Any], saving: str) -> None:
    found = desk([volume(**details)]).verdicts(CHECK)["vol-1"]

    assert (found.verdict, found.saving.amount, found.saving.basis) == (Verdict.FLAGGED, usd(saving), Basis.DERIVED)


@pytest.mark.parametrize(
    ("details", "verdict"),
    [
        ({"iops": 16_001}, Verdict.OK),
        ({"size_gib": 10, "iops": 6000}, Verdict.OK),  # gp3 has 500 a GiB
        ({"size_gib": 12, "iops": 6000}, Verdict.FLAGGED),
        ({"multi_attach": True}, Verdict.NOT_APPLICABLE),
        ({"volume_type": "gp3"}, Verdict.NOT_APPLICABLE),
        ({"volume_type": None}, Verdict.UNDETERMINED),
        ({"iops": None}, Verdict.UNDETERMINED),
        ({"size_gib": None}, Verdict.UNDETERMINED),
    ],
)
def test_only_what_gp3_can_do_is_flagged(details: dict[str, Any], verdict: Verdict) -> None:
    assert desk([volume(**details)]).verdicts(CHECK)["vol-1"].verdict is verdict


def test_what_gp3_would_cost_as_much_for_stays() -> None:
    facts: dict[str, Fact] = {"volume_type": "io1", "size_gib": 100, "iops": 100}
    amounts = {"list": usd("10"), "list_then": usd("10")}

    assert judgement(CHECK, facts, amounts=amounts).verdict is Verdict.OK
    assert judgement(CHECK, facts).verdict is Verdict.UNDETERMINED


def test_the_remedy_keeps_the_performance() -> None:
    (seen,), _ = desk([volume()]).measured(CHECK)

    assert "--volume-type gp3 --iops 4000 --throughput 500" in CHECK.remedy(seen).command
