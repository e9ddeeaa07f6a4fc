"""What the stored bill says of a finding's resource: beside it, and after it was resolved."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from config import load_settings
from finops.facade import open_finops
from finops.model.findings import Following
from finops.waste import Waste, WasteOptions
from tests.store.bills import LINE, csv_file
from tests.waste.test_runs import TENANT, UNATTACHED, Days, volume

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops

FIRST, DELETED, LAST = date(2026, 10, 1), date(2026, 11, 20), date(2026, 12, 31)


def bill(path: Path) -> Path:
    """A dollar a day for vol-1 until it was deleted, and something else every day: the bill goes on."""

    def line(day: date, resource: str, amount: str) -> dict[str, Any]:
        month = day.replace(day=1)
        following = (month + timedelta(days=32)).replace(day=1)
        return LINE | {
            **dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), amount),
            "BillingPeriodStart": f"{month} 00:00:00",
            "BillingPeriodEnd": f"{following} 00:00:00",
            "ChargePeriodStart": f"{day} 00:00:00",
            "ChargePeriodEnd": f"{day + timedelta(days=1)} 00:00:00",
            "ResourceId": resource,
        }

    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    rows = [line(day, "vol-1", "1.00") for day in days if day < DELETED] + [line(day, "i-9", "3.00") for day in days]
    return csv_file(path, rows)


@pytest.fixture
def days() -> Days:
    return Days(assets=[volume("vol-1"), volume("vol-2")])


@pytest.fixture
def house(tmp_path: Path, days: Days) -> Iterator[Finops]:
    with closing(open_finops(load_settings(data_dir=tmp_path), now=days.now)) as finops:
        assert finops.costs.import_bill(TENANT, [str(bill(tmp_path / "bill.csv"))]).imported
        yield finops


@pytest.fixture
def waste(house: Finops, days: Days) -> Waste:
    return Waste(house.store, house.costs, days, now=days.now, options=WasteOptions())  # type: ignore[arg-type]


def resolved(waste: Waste, days: Days) -> None:
    """Both volumes flagged on 20 November, deleted that day, and seen gone on the 23rd."""
    waste.run(TENANT, chosen=(UNATTACHED,))
    days.later(3)
    days.assets = []
    waste.run(TENANT, chosen=(UNATTACHED,))


def test_a_resolved_finding_is_followed_for_thirty_days(
    waste: Waste, house: Finops, days: Days, tmp_path: Path
) -> None:
    resolved(waste, days)
    assert {entry.state for entry in waste.track_record(TENANT)[1]} == {Following.FOLLOWING, Following.UNDETERMINED}
    days.later(40)
    house.costs.import_bill(TENANT, [str(bill(tmp_path / "bill.csv"))])  # the months since have been billed
    waste.run(TENANT, chosen=(UNATTACHED,))

    (record,), entries = waste.track_record(TENANT)
    by_name = {entry.resource_id: entry for entry in entries}

    told = by_name["vol-1"]
    assert (told.before_daily, told.after_daily, told.days_followed) == (Decimal(1), Decimal(0), 30)
    assert (told.realised_month, told.state) == (Decimal("30.416667"), Following.COMPLETE)
    assert by_name["vol-2"].state is Following.UNDETERMINED
    assert by_name["vol-2"].realised_month is None
    assert (record.count, record.undetermined, record.realised) == (2, 1, Decimal("30.416667"))


def test_what_is_reopened_is_followed_no_further(waste: Waste, days: Days) -> None:
    resolved(waste, days)
    days.later(2)
    days.assets = [volume("vol-1")]
    waste.run(TENANT, chosen=(UNATTACHED,))
    before = {entry.resource_id: entry for entry in waste.track_record(TENANT)[1]}
    days.later(5)
    waste.run(TENANT, chosen=(UNATTACHED,))

    after = {entry.resource_id: entry for entry in waste.track_record(TENANT)[1]}
    assert after["vol-1"] == before["vol-1"]


def test_findings_are_joined_with_what_their_resources_cost(waste: Waste) -> None:
    waste.run(TENANT, chosen=(UNATTACHED,))

    rows, failures = waste.enriched(TENANT)

    told = {row["resource_id"]: row for row in rows}
    assert failures == ()
    assert told["vol-1"]["actual.attribution.confidence"] == "medium"
    assert told["vol-1"]["actual.currency"] == "USD"
    assert told["vol-2"]["actual.cost_7d"] is None
    assert told["vol-2"]["actual.attribution.confidence"] == "none"
