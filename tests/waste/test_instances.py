"""Instances: since when they are stopped, and which of them the price list prices."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finops.model.assets import AssetChange, ChangeKind, Link
from finops.waste.instances import instance_month, scaling_group, stopped_days
from finops.waste.prices import shipped_prices
from tests.waste.kit import NOW, asset, desk

TOLD = "User initiated (2026-11-10 09:00:00 GMT)"


@pytest.mark.parametrize(
    ("state", "reason", "days"),
    [
        ("stopped", TOLD, 10),
        ("stopped", "User initiated (2026-11-10 09:00:01 GMT)", 9),
        ("stopped", "Server.SpotInstanceShutdown: it was needed (2026-11-19 09:00:00 UTC)", 1),
        ("stopped", "User initiated (2027-01-01 00:00:00 GMT)", 0),
        ("stopped", "User initiated (2026-13-45 00:00:00 GMT)", None),
        ("stopped", "Server.ScheduledStop: Stopped due to scheduled retirement", None),
        ("stopped", "", None),
        ("stopped", None, None),
        ("running", TOLD, None),
        ("", TOLD, None),
    ],
)
def test_the_reason_of_the_state_tells_when_it_was_stopped(state: str, reason: str | None, days: int | None) -> None:
    instance = asset("ec2:instance", "i-1", state, details={"state_reason": reason})

    assert stopped_days(desk([instance]).context, instance) == days


def test_the_inventory_saw_the_last_time_it_ran() -> None:
    instance = asset("ec2:instance", "i-1", "stopped")
    changes = [
        AssetChange(instance.asset_id, NOW - timedelta(days=days), ChangeKind.CHANGED, "state", before, "stopped")
        for days, before in ((20, "stopping"), (21, "running"), (300, "running"))
    ]

    assert stopped_days(desk([instance], changes=changes).context, instance) == 20


@pytest.mark.parametrize(
    ("details", "price"),
    [
        ({}, Decimal("70.08")),
        ({"lifecycle": "on-demand", "platform": "Linux/UNIX", "tenancy": "default"}, Decimal("70.08")),
        ({"lifecycle": "spot"}, None),
        ({"platform": "Windows"}, None),
        ({"platform": "Red Hat Enterprise Linux"}, None),
        ({"tenancy": "dedicated"}, None),
    ],
)
def test_the_list_prices_linux_on_shared_hardware_on_demand(details: dict[str, Any], price: Decimal | None) -> None:
    assert instance_month(shipped_prices(), asset("ec2:instance", "i-1", details=details), "m6i.large") == price


def test_a_group_is_told_by_the_instances_link() -> None:
    instance, loose = asset("ec2:instance", "i-1"), asset("ec2:instance", "i-2")
    links = {"i-1": (Link("member_of", "autoscaling:group", "web"),)}
    estate = desk([instance, loose], links=links).context.estate

    assert [scaling_group(estate, each) for each in (instance, loose)] == ["web", None]
