"""AWS's own anomalies, asked over real clients: every page paid for and counted, damage never a short list."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from finops.aws.calls import Calls
from finops.aws.cost_anomalies import CostAnomalies
from finops.model.errors import AwsError, CeilingReached
from finops.model.metering import Caller
from finops.model.period import Period
from tests.aws.wire import NOW, PocketMeter, Reply, Wire, error, sessions

CALLER = Caller("default", "anomalies.aws", "ann")
DAYS = Period(date(2026, 8, 22), date(2026, 11, 21))
ACCOUNT, OTHER = "111111111111", "222222222222"


def cause(account: str = ACCOUNT, contribution: float = 90.5, **more: str) -> dict[str, Any]:
    place = {"Service": "AWS Lambda", "Region": "us-east-1", "LinkedAccount": account, "UsageType": "GB-Second"}
    return {**place, **more, "Impact": {"Contribution": contribution}}


def anomaly(name: str = "a-1", **changes: Any) -> dict[str, Any]:
    found = {
        "AnomalyId": name,
        "AnomalyStartDate": "2026-11-14T00:00:00Z",
        "AnomalyEndDate": "2026-11-15T00:00:00Z",
        "DimensionValue": "AWS Lambda",
        "RootCauses": [cause()],
        "AnomalyScore": {"MaxScore": 0.9, "CurrentScore": 0.1},
        "Impact": {"MaxImpact": 90.5, "TotalImpact": 120.254, "TotalActualSpend": 150.0, "TotalExpectedSpend": 29.75},
        "MonitorArn": f"arn:aws:ce::{ACCOUNT}:anomalymonitor/m-1",
    }
    return {name: value for name, value in {**found, **changes}.items() if value is not None}


def asked(*replies: Any, ceiling: str = "10") -> tuple[CostAnomalies, Wire, PocketMeter]:
    wire, meter = Wire(list(replies)), PocketMeter(Decimal(ceiling))
    return CostAnomalies(Calls(sessions(wire.hook), meter, now=lambda: NOW)), wire, meter


def found(**changes: Any) -> Any:
    aws, _, _ = asked(Reply({"Anomalies": [anomaly(**changes)]}))
    return aws.findings(CALLER, DAYS)[0]


def test_an_anomaly_has_its_place_its_days_and_exact_cents() -> None:
    one = found()
    assert (one.service, one.account, one.region, one.usage_type) == ("AWS Lambda", ACCOUNT, "us-east-1", "GB-Second")
    assert (one.start, one.end) == (date(2026, 11, 14), date(2026, 11, 15))
    assert (one.impact, one.actual, one.expected, one.score) == (
        *(Decimal("120.25"), Decimal("150.00"), Decimal("29.75")),
        0.9,
    )
    assert one.link.endswith("#/anomaly-detection/monitors/m-1/anomalies/a-1")


def test_its_place_is_the_cause_that_contributes_most_and_no_account_where_they_differ() -> None:
    one = found(RootCauses=[cause(contribution=1.0), cause(OTHER, 80.0, UsageType="Request")])
    assert (one.usage_type, one.account) == ("Request", "")


def test_a_monitor_of_accounts_names_the_account_and_no_service() -> None:
    one = found(DimensionValue=OTHER, RootCauses=None)
    assert (one.account, one.service) == (OTHER, "")


def test_it_asks_for_the_days_to_the_last_one_page_after_page_each_a_cent() -> None:
    first = Reply({"Anomalies": [anomaly("a-1")], "NextPageToken": "more"})
    larger = anomaly("a-2", Impact={"MaxImpact": 500.0})
    aws, wire, meter = asked(first, Reply({"Anomalies": [larger]}))
    assert [each.finding_id for each in aws.findings(CALLER, DAYS)] == ["a-2", "a-1"], "largest first"
    assert wire.requests[0]["DateInterval"] == {"StartDate": "2026-08-22", "EndDate": "2026-11-20"}
    assert wire.requests[1]["NextPageToken"] == "more"
    assert meter.spent == Decimal("0.02")


def test_monitors_are_counted_over_all_pages() -> None:
    monitor = {"MonitorName": "all", "MonitorType": "DIMENSIONAL"}
    aws, _, meter = asked(
        Reply({"AnomalyMonitors": [monitor], "NextPageToken": "more"}), Reply({"AnomalyMonitors": [monitor] * 2})
    )
    assert aws.monitors(CALLER) == 3
    assert meter.spent == Decimal("0.02")


def test_nothing_leaves_when_the_budget_is_spent() -> None:
    aws, wire, _ = asked(Reply({"Anomalies": []}), ceiling="0")
    with pytest.raises(CeilingReached):
        aws.findings(CALLER, DAYS)
    assert not wire.requests


@pytest.mark.parametrize(
    "damage",
    [
        {"AnomalyId": None},
        {"AnomalyStartDate": None},
        {"AnomalyStartDate": "soon"},
        {"AnomalyScore": None},
        {"Impact": {"MaxImpact": "NaN"}},
        {"Impact": None},
    ],
)
def test_a_damaged_anomaly_is_told_and_no_list_is_cut_short(damage: dict[str, Any]) -> None:
    aws, _, _ = asked(Reply({"Anomalies": [anomaly("a-1"), anomaly("a-2", **damage)]}))
    with pytest.raises(AwsError) as caught:
        aws.findings(CALLER, DAYS)
    assert caught.value.kind == AwsError.MALFORMED


def test_a_refusal_names_the_permission() -> None:
    aws, _, meter = asked(error("AccessDeniedException", "no", status=400))
    with pytest.raises(AwsError) as caught:
        aws.findings(CALLER, DAYS)
    assert caught.value.kind == AwsError.DENIED
    assert meter.spent == 0, "a refusal is not charged"
