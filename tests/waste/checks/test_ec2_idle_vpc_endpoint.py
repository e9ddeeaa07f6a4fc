"""Idle interface endpoints: silence is zero where something shows that they are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.waste.checks.ec2_idle_vpc_endpoint import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact

USABLE: dict[str, Fact] = {"state": "available", "endpoint_type": "Interface", "metric_seen": True}
NOTHING: dict[str, tuple[float | None, ...]] = {"bytes": (None,) * 60}


def endpoint(name: str, **fields: Any) -> Any:
    details = {
        "endpoint_type": "Interface", "endpoint_service": "com.amazonaws.us-east-1.sqs", "subnets": 3, "managed": False,
        **fields.pop("details", {}),
    }  # fmt: skip
    return asset("ec2:vpc-endpoint", name, fields.pop("state", "available"), details=details, **fields)


def links(*names: str) -> dict[str, tuple[Link, ...]]:
    return {name: (Link("in", "ec2:vpc", "vpc-1"),) for name in names}


@pytest.mark.parametrize(
    ("series", "verdict"),
    [
        ((None,) * 60, Verdict.FLAGGED),
        ((0.0,) * 60, Verdict.FLAGGED),
        ((None,) * 59 + (1.0,), Verdict.OK),
        ((1.0,) * 30 + (None,) * 30, Verdict.FLAGGED),
    ],
)
def test_days_without_data_are_days_without_traffic(series: tuple[float | None, ...], verdict: Verdict) -> None:
    assert judgement(CHECK, USABLE, series={"bytes": series}).verdict is verdict


def test_silence_needs_something_that_shows_it_is_measured() -> None:
    unseen: dict[str, Fact] = {**USABLE, "metric_seen": False}

    assert judgement(CHECK, unseen, series=NOTHING).verdict is Verdict.UNDETERMINED
    assert judgement(CHECK, unseen, series=NOTHING, amounts={"bill": usd("7")}).verdict is Verdict.FLAGGED
    assert judgement(CHECK, USABLE).verdict is Verdict.UNDETERMINED  # it was not asked


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"state": None}, Verdict.UNDETERMINED),
        ({"endpoint_type": None}, Verdict.UNDETERMINED),
        ({"endpoint_type": "Gateway"}, Verdict.NOT_APPLICABLE),
        ({"managed": True}, Verdict.NOT_APPLICABLE),
        ({"state": "pendingAcceptance"}, Verdict.NOT_APPLICABLE),
        ({"state": "Available"}, Verdict.FLAGGED),
    ],
)
def test_only_what_is_paid_for_is_judged(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, {**USABLE, **facts}, series=NOTHING).verdict is verdict


def test_endpoints_are_asked_by_all_their_dimensions_and_priced_by_zone() -> None:
    gateway = endpoint("vpce-free", details={"endpoint_type": "Gateway"})
    far = endpoint("vpce-far", details={"endpoint_service": "com.amazonaws.vpce.eu-west-1.vpce-svc-1"})
    at = desk(
        [endpoint("vpce-idle"), endpoint("vpce-used"), gateway, far],
        {"GetMetricData": Metrics({("BytesProcessed", "Sum", "vpce-used"): [5e9] * 60})},
        links=links("vpce-idle", "vpce-used", "vpce-free", "vpce-far"),
    )

    found = at.verdicts(CHECK)

    assert {name: each.verdict for name, each in found.items()} == {
        "vpce-idle": Verdict.FLAGGED, "vpce-used": Verdict.OK,
        "vpce-free": Verdict.NOT_APPLICABLE, "vpce-far": Verdict.UNDETERMINED,
    }  # fmt: skip
    assert (found["vpce-idle"].saving.amount, found["vpce-idle"].saving.basis) == (usd("21.90"), Basis.DERIVED)
    queries = at.wire.asked[0][1]["MetricDataQueries"]
    assert [each["Name"] for each in queries[0]["MetricStat"]["Metric"]["Dimensions"]] == [
        "Endpoint Type", "Service Name", "VPC Endpoint Id", "VPC Id",
    ]  # fmt: skip
    assert len(queries) == 2


def test_a_lone_endpoint_without_a_bill_is_undetermined_and_a_refusal_a_failure() -> None:
    lone = desk([endpoint("vpce-1")], {"GetMetricData": Metrics()}, links=links("vpce-1"))
    refused = desk([endpoint("vpce-1")], links=links("vpce-1"))

    assert lone.verdicts(CHECK)["vpce-1"].verdict is Verdict.UNDETERMINED
    assert [failure.code for failure in refused.measured(CHECK)[1]] == ["NoAnswer"]
