"""Real botocore clients over the demo's answers, as the product opens them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session

from aws_session import AwsSessions
from finops.demo.estate import Estate
from finops.demo.handler import DemoOptions, Fault, demo_hook
from finops.demo.ledger import make_ledger
from finops.demo.listings.registry import check_answers, inventory_answers
from finops.demo.population.everything import Census, Population
from finops.demo.sts import demo_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.demo.ledger import Ledger

TODAY = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
PERMITTED = [
    *inventory_answers(Census(Estate(), lambda: TODAY)),
    *check_answers(Estate(), Census(Estate(), lambda: TODAY), lambda: TODAY),
    ("budgets", "DescribeBudgets"),
    ("ce", "GetCostAndUsage"),
    ("ce", "GetCostAndUsageWithResources"),
    ("ce", "GetDimensionValues"),
    ("ce", "GetTags"),
    ("ce", "GetCostCategories"),
    ("ce", "ListCostAllocationTags"),
    ("ce", "GetAnomalies"),
    ("ce", "GetCostForecast"),
    ("organizations", "ListAccounts"),
    ("organizations", "DescribeOrganization"),
    ("organizations", "ListRoots"),
    ("organizations", "ListOrganizationalUnitsForParent"),
    ("organizations", "ListAccountsForParent"),
    ("organizations", "ListTagsForResource"),
    ("s3", "GetBucketWebsite"),
]


@pytest.fixture(scope="session")
def estate() -> Estate:
    return Estate()


@pytest.fixture(scope="session")
def ledger(estate: Estate) -> Ledger:
    return make_ledger(estate, TODAY.date())


@pytest.fixture(scope="session")
def population(estate: Estate) -> Population:
    return Population(estate, TODAY.date())


@pytest.fixture(scope="session")
def open_sessions() -> Callable[..., AwsSessions]:
    """Sessions on an estate: `open_sessions(estate, now=…, page_size=…, faults=…, in_full=…, troubled=…)`."""

    def opened(
        estate: Estate,
        *,
        now: datetime = TODAY,
        page_size: int = 5000,
        faults: tuple[Fault, ...] = (),
        in_full: bool = True,
        troubled: bool = False,
    ) -> AwsSessions:
        options = DemoOptions(page_size=page_size, faults=faults, check_in_full=in_full, troubled=troubled)
        return AwsSessions(
            permitted=PERMITTED,
            now=lambda: now,
            role_name="finops-read",
            external_id="any-external-id",
            static_keys=demo_credentials(estate),
            hooks=[demo_hook(estate, now=lambda: now, options=options)],
        )

    return opened


@pytest.fixture(scope="session")
def sessions(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> AwsSessions:
    return open_sessions(estate)


@pytest.fixture(scope="session")
def client_of() -> Callable[..., Any]:
    """Plain botocore clients of an account, with real paginators: `client_of(account, service, region)`."""
    hook = demo_hook(Estate(), now=lambda: TODAY, options=DemoOptions(check_in_full=True, troubled=False))
    sessions: dict[str, Session] = {}
    clients: dict[tuple[str, str, str], Any] = {}

    def made(account: str, service: str, region: str = "us-east-1") -> Any:
        if account not in sessions:
            sessions[account] = Session()
            hook(sessions[account])
            sessions[account].set_credentials(f"AKIADEMO{account}", "secret")
        key = (account, service, region)
        if key not in clients:
            clients[key] = sessions[account].create_client(service, region_name=region)
        return clients[key]

    return made


@pytest.fixture(scope="session")
def ce(sessions: AwsSessions) -> Any:
    return sessions.client("ce")
