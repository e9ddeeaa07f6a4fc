"""What an Inventory view asks for, since when something is news, and what its filters are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finops.model.assets import AssetFilter, Lifecycle, TagTerm
from pages.ui import asset_view
from pages.ui.asset_view import AssetView, Since

FRIDAY = datetime(2026, 11, 20, 9, 47, 12, tzinfo=UTC)
ACCOUNTS = {"111111111111": "prod-core"}
FULL = AssetFilter(
    search="checkout",
    accounts=("111111111111", "222222222222"),
    regions=("us-east-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    services=("ec2",),
    kinds=("ec2:instance", "acme:thing"),
    states=("running", ""),
    lifecycles=(Lifecycle.GONE,),
    tags=(TagTerm("Owner", ("data", "")), TagTerm("Env", ("prod",), exclude=True)),
    older_than_days=1,
    newer_than_days=90,
    min_cost=Decimal("1234.5"),
    max_cost=Decimal(9999),
)


@pytest.mark.parametrize(
    ("view", "priced", "order"),
    [
        (AssetView(), True, ("cost", True)),
        (AssetView(), False, ("name", False)),
        (AssetView(descending=True), False, ("name", True)),
        (AssetView(sort="created"), True, ("created", True)),
        (AssetView(sort="created", descending=False), True, ("created", False)),
        (AssetView(sort="region"), True, ("region", False)),
    ],
)
def test_the_order_is_the_columns_own_unless_turned_round(
    view: AssetView, priced: bool, order: tuple[str, bool]
) -> None:
    assert view.order(priced=priced) == order
    question = view.question("acme", priced=priced)
    assert (question.sort, question.descending) == order


def test_pages_are_of_fifty() -> None:
    assert AssetView(page=3).question("acme", priced=False).offset == 100
    assert [asset_view.pages_of(total) for total in (0, 1, 50, 51, 100_000)] == [1, 1, 1, 2, 2000]


@pytest.mark.parametrize(
    ("since", "instant"),
    [
        (Since.DAY, datetime(2026, 11, 19, 9, tzinfo=UTC)),
        (Since.DAYS_7, datetime(2026, 11, 13, 9, tzinfo=UTC)),
        (Since.DAYS_30, datetime(2026, 10, 21, 9, tzinfo=UTC)),
        (Since.MONDAY, datetime(2026, 11, 16, tzinfo=UTC)),
    ],
)
def test_since_is_a_full_hour_and_monday_is_this_weeks(since: Since, instant: datetime) -> None:
    assert asset_view.asked_since(since, FRIDAY) == instant


def test_on_a_monday_since_monday_is_today() -> None:
    assert asset_view.asked_since(Since.MONDAY, datetime(2026, 11, 16, 0, 5, tzinfo=UTC)).day == 16


def test_every_filter_has_words_and_a_way_without_it() -> None:
    found = list(asset_view.conditions(FULL, ACCOUNTS))
    assert [f"{one.name}: {one.value}" for one in found] == [
        "Search: “checkout”",
        "Account: prod-core, 222222222222",
        "Service: EC2",
        "Kind: EC2 instance, acme:thing",
        "Region: us-east-1, us-west-2, eu-west-1 and 2 more",
        "State: running, without state",
        "Lifecycle: gone",
        "Tag: Owner is data, not set",
        "Tag: Env is not prod",
        "Older than: 1 day",
        "Newer than: 90 days",
        "Cost from: 1,234.5",
        "Cost to: 9,999",
    ]
    assert len({one.without for one in found}) == len(found)
    assert FULL not in {one.without for one in found}
    left = FULL
    for _ in found:
        left = next(asset_view.conditions(left, {})).without
    assert left == AssetFilter(), "dropping one after the other drops them all"


@pytest.mark.parametrize("lives", [(Lifecycle.ACTIVE, Lifecycle.MISSING), tuple(Lifecycle), ()])
def test_lifecycles_that_leave_everything_in_are_no_condition(lives: tuple[Lifecycle, ...]) -> None:
    assert not list(asset_view.conditions(AssetFilter(lifecycles=lives), {}))


def test_what_disappeared_is_looked_for_among_what_is_gone_too() -> None:
    assert AssetView().any_life.lifecycles == ()
    chosen = AssetView(replace(AssetFilter(), lifecycles=(Lifecycle.ACTIVE,)))
    assert chosen.any_life.lifecycles == (Lifecycle.ACTIVE,)
