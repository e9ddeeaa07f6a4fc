"""Every check of the product over the made-up estate, through the product's own clients: each finds something."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from aws_session import AwsSessions
from finops.aws.calls import Calls
from finops.aws.lister import listed
from finops.aws.pace import Pace
from finops.aws.permissions import permitted
from finops.aws.services import kinds, reads
from finops.aws.slim import slim_hook
from finops.demo.advisors import monthly_costs
from finops.demo.estate import REGIONS
from finops.demo.handler import demo_hook
from finops.demo.sts import demo_credentials
from finops.model.accounts import Account
from finops.model.assets import Asset, Lifecycle, PlaceState
from finops.model.findings import Observation, Verdict
from finops.model.metering import Caller
from finops.model.period import Period
from finops.waste.checks import checks
from finops.waste.context import Context, Reads
from finops.waste.estate import Estate as Inventory
from finops.waste.prices import shipped_prices
from tests.aws.wire import PocketMeter
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from finops.demo.estate import Estate
    from finops.demo.population.everything import Population
    from finops.model.assets import Link, Seen
    from finops.waste.check import Check

CALLER = Caller("demo", "waste", "ann")
BILLED_DAYS = 14
IMPORTED = {"aws.hub.recommendation", "aws.computeoptimizer.recommendation"}
"""What AWS says: it has nothing to say of what is well."""
GUARDED = {"aws.account.no_guardrail"}
"""The account that pays has a budget and a monitor: its budgets and AWS's own anomalies are shown in the demo."""


@pytest.fixture(scope="module")
def context(estate: Estate, population: Population) -> Context:
    sessions = AwsSessions(
        permitted=permitted(),
        now=lambda: TODAY,
        role_name="finops-read",
        static_keys=demo_credentials(estate),
        hooks=[slim_hook(reads(), permitted()), demo_hook(estate, now=lambda: TODAY)],
    )
    calls = Calls(sessions, PocketMeter(), now=lambda: TODAY)
    costs = monthly_costs(estate, population)
    assets: list[Asset] = []
    links: dict[str, tuple[Link, ...]] = {}
    places: list[PlaceState] = []
    for member in estate.members:
        for kind in kinds():
            for region in ["us-east-1"] if kind.scope == "global" else [name for name, _, _ in REGIONS]:
                found = listed(calls, kind, member.account_id, region, CALLER, pace=Pace(sleep=lambda _: None))
                complete = None if found.failure else TODAY
                places.append(PlaceState(found.place, complete, TODAY, len(found.items), found.failure))
                for seen in found.items:
                    if not seen.ended:
                        assets.append(asset_of(seen, costs.get(seen.arn)))
                        links[assets[-1].asset_id] = seen.links
    accounts = [Account(member.account_id, member.name, "ACTIVE") for member in estate.members]
    inventory = Inventory(assets, links=links, places=places, accounts=accounts)
    billed = Period(TODAY.date() - timedelta(days=BILLED_DAYS), TODAY.date())
    until = time.monotonic() + 600
    return Context("demo", TODAY, inventory, Reads(calls, CALLER, until), shipped_prices(), billed)


def asset_of(seen: Seen, monthly: float | None) -> Asset:
    """A resource that has been known for three months, with the cost of the last two weeks."""
    return Asset(
        asset_id=f"{seen.account}/{seen.region}/{seen.kind}/{seen.resource_id}",
        tenant="demo",
        kind=seen.kind,
        service=seen.service,
        account=seen.account,
        region=seen.region,
        resource_id=seen.resource_id,
        name=seen.name,
        arn=seen.arn,
        state=seen.state,
        lifecycle=Lifecycle.ACTIVE,
        created=seen.created,
        first_seen=seen.created or TODAY - timedelta(days=90),
        last_seen=TODAY,
        tags=seen.tags or {},
        details=seen.details,
        cost=None if monthly is None else Decimal(str(round(monthly * BILLED_DAYS * 12 / 365, 6))),
        currency="USD",
    )


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.check_id)
def test_a_check_finds_something_in_the_estate_and_passes_something(check: Check, context: Context) -> None:
    said: dict[Verdict, int] = defaultdict(int)
    for one in check.measure(context):
        if isinstance(one, Observation):
            said[check.judge(one, check.defaults).verdict] += 1
    assert check.check_id in GUARDED or said[Verdict.FLAGGED] >= 1
    assert check.check_id in IMPORTED or said[Verdict.OK] >= 1
