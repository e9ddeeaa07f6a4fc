"""The demo's Cost Anomaly Detection at botocore's wire: the bill's own spikes, the same at each asking."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.demo.estate import Estate
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.demo.ledger import Ledger

HUB, PROD = (Estate().members[index].account_id for index in (0, 1))
DAYS = {"StartDate": (TODAY.date() - timedelta(days=90)).isoformat(), "EndDate": TODAY.date().isoformat()}


@pytest.fixture(scope="module")
def hub(client_of: Callable[..., Any]) -> Any:
    return client_of(HUB, "ce")


def test_it_tells_planted_spikes_in_their_place_and_misses_some(hub: Any, ledger: Ledger) -> None:
    found = hub.get_anomalies(DateInterval=DAYS)["Anomalies"]
    told = {
        (cause["LinkedAccount"], cause["Service"], cause["UsageType"], each["AnomalyStartDate"])
        for each in found
        for cause in each["RootCauses"]
    }
    first = date.fromisoformat(DAYS["StartDate"])
    planted = [spike for spike in ledger.planted.spikes if first <= spike.day <= TODAY.date() - timedelta(days=2)]
    seen = [
        spike
        for spike in planted
        if any(
            (spike.account, spike.service, spike.usage_type, (spike.day + timedelta(days=late)).isoformat()) in told
            for late in (0, 1)
        )
    ]
    assert 3 <= len(seen) < len(planted)
    assert any(each["DimensionValue"] == "AWS Key Management Service" for each in found), "something of its own"
    monitors = hub.get_anomaly_monitors()["AnomalyMonitors"]
    assert {each["MonitorArn"] for each in found} == {each["MonitorArn"] for each in monitors}


def test_pages_give_the_same_as_one_answer(hub: Any) -> None:
    whole = hub.get_anomalies(DateInterval=DAYS)["Anomalies"]
    parts: list[Any] = []
    token: dict[str, str] = {}
    while True:
        page = hub.get_anomalies(DateInterval=DAYS, MaxResults=2, **token)
        parts += page["Anomalies"]
        if "NextPageToken" not in page:
            break
        token = {"NextPageToken": page["NextPageToken"]}
    assert parts == whole


def test_only_what_ended_in_the_days_asked_for_is_told(hub: Any) -> None:
    days = {"StartDate": "2026-11-01", "EndDate": "2026-11-12"}
    found = hub.get_anomalies(DateInterval=days)["Anomalies"]
    assert found
    assert all("2026-11-01" <= each["AnomalyEndDate"] <= "2026-11-12" for each in found)


def test_nothing_is_told_of_days_older_than_ninety_or_to_other_accounts(
    hub: Any, client_of: Callable[..., Any]
) -> None:
    old = hub.get_anomalies(DateInterval={"StartDate": "2026-01-01", "EndDate": "2026-06-30"})
    assert old["Anomalies"] == []
    assert client_of(PROD, "ce").get_anomalies(DateInterval=DAYS)["Anomalies"] == []


def test_days_the_wrong_way_round_are_refused(hub: Any) -> None:
    with pytest.raises(ClientError, match="Start date is after end date"):
        hub.get_anomalies(DateInterval={"StartDate": "2026-11-10", "EndDate": "2026-11-01"})
