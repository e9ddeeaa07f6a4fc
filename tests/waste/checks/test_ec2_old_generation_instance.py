"""Old generations: the successor of the same size, and the difference of the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.ec2_old_generation_instance import CHECK
from tests.waste.kit import asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact, Judgement


def judged(instance_type: str, **fields: Any) -> Judgement:
    return desk([asset("ec2:instance", "i-1", "running", details={"instance_type": instance_type}, **fields)]).verdicts(
        CHECK
    )["i-1"]


@pytest.mark.parametrize(
    ("old", "saving"),
    [
        ("t2.large", "7.01"),  # (0.0928 - 0.0832) x 730
        ("m4.large", "2.92"),
        ("m3.medium", "18.54"),  # to t3.medium: m6i has no medium
        ("c4.xlarge", "21.17"),
        ("r4.2xlarge", "20.44"),
    ],
)
def test_the_saving_is_the_difference_of_the_lists(old: str, saving: str) -> None:
    found = judged(old)

    assert (found.verdict, found.saving.amount, found.saving.basis) == (Verdict.FLAGGED, usd(saving), Basis.DERIVED)


def test_the_bill_is_scaled_by_the_lists() -> None:
    found = judged("m4.large", cost=usd("50.00"))  # a month of 50.69, 4 % of it

    assert (found.saving.amount, found.saving.basis) == (usd("2.03"), Basis.DERIVED)


@pytest.mark.parametrize(
    ("instance_type", "verdict", "basis"),
    [
        ("m6i.large", Verdict.OK, Basis.NONE),
        ("m4.10xlarge", Verdict.OK, Basis.NONE),  # as many vCPUs of m6i cost more
        ("m1.xlarge", Verdict.FLAGGED, Basis.NONE),  # no longer in the list
    ],
)
def test_what_is_current_or_not_cheaper_stays(instance_type: str, verdict: Verdict, basis: Basis) -> None:
    found = judged(instance_type)

    assert (found.verdict, found.saving.basis) == (verdict, basis)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"state": None, "instance_type": "m4.large"}, Verdict.UNDETERMINED),
        ({"state": "running", "instance_type": None}, Verdict.UNDETERMINED),
        ({"state": "stopped", "instance_type": "m4.large"}, Verdict.NOT_APPLICABLE),
    ],
)
def test_a_null_state_is_not_running(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, facts).verdict is verdict
