"""Which accounts are visited, how each is opened, and that an external id is never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from finops.model.errors import InputError
from finops.model.jobs import JobStatus
from tests.inventory.standin import OTHER, OWN, TENANT, THIRD, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.inventory.standin import House

    Opened = Callable[..., House]

UNKNOWN = "999999999999"


def test_the_organization_names_the_accounts_with_masked_addresses_and_tags(opened: Opened):
    house = opened(OWN, wire=Wire(organization=(OWN, OTHER, THIRD)))
    found = house.finops.inventory.sync_accounts(TENANT, user="ann")
    assert not found.partial
    [other] = [account for account in found.items if account.id == OTHER]
    assert (other.name, other.email, other.tags, other.source) == (
        "member-2",
        "r…@example.com",
        {"Team": "core"},
        "organizations",
    )
    assert {ask.account for ask in house.wire.calls("ListAccounts")} == {OWN}


def test_the_settings_name_the_accounts_where_they_do(opened: Opened):
    house = opened(OWN, wire=Wire(organization=(OWN, OTHER)), accounts=f"{OTHER},{THIRD}")
    found = house.finops.inventory.sync_accounts(TENANT)
    named = {account.id: account.name for account in found.items if account.source == "settings"}
    assert named == {OTHER: "member-2", THIRD: THIRD}


def test_without_an_organization_the_own_account_stands_alone_and_nothing_is_wrong(opened: Opened):
    house = opened(OWN, wire=Wire())
    found = house.finops.inventory.sync_accounts(TENANT)
    assert [account.id for account in found.items] == [OWN]
    assert found.failures == ()


def test_an_organization_that_may_not_be_asked_is_a_failure_and_known_accounts_are_visited(opened: Opened):
    refused = (403, '{"__type": "AccessDeniedException", "message": "no"}')
    house = opened(OWN, OTHER, wire=Wire(trouble=lambda ask: refused if ask.service == "organizations" else None))
    job = house.discover()
    assert job.status is JobStatus.PARTIAL
    assert {failure.missing_action for failure in job.failures} == {"organizations:ListAccounts"}
    assert job.counts["accounts"] == 2
    assert house.finops.inventory.standing(TENANT).partial
    house.wire.trouble = lambda _: None
    house.discover()
    assert not house.finops.inventory.standing(TENANT).partial


def test_new_accounts_of_the_organization_are_visited_by_the_next_discovery(opened: Opened):
    house = opened(OWN, wire=Wire(organization=(OWN, OTHER)))
    assert house.discover().counts["accounts"] == 2
    house.wire.organization = (OWN, OTHER, THIRD)
    assert house.discover().counts["accounts"] == 3


def test_an_account_is_opened_by_its_own_role_and_external_id(opened: Opened):
    house = opened(OWN, OTHER, THIRD, external_id="the-usual-id")
    house.finops.inventory.open_account_by(TENANT, OTHER, role="special-role", external_id="s3cret-external-id")
    house.discover(services=["ec2:instance"])
    asked = {ask.params["RoleArn"][0]: ask.params["ExternalId"][0] for ask in house.wire.calls("AssumeRole")}
    assert asked == {
        f"arn:aws:iam::{OTHER}:role/special-role": "s3cret-external-id",
        f"arn:aws:iam::{THIRD}:role/reader": "the-usual-id",
    }
    [account] = [one for one in house.finops.inventory.accounts(TENANT) if one.id == OTHER]
    assert (account.role, account.external_id_set) == ("special-role", True)
    assert "s3cret" not in repr(house.finops.inventory.accounts(TENANT))


def test_only_known_accounts_have_a_door(opened: Opened):
    house = opened(OWN)
    with pytest.raises(InputError, match="not known"):
        house.finops.inventory.open_account_by(TENANT, UNKNOWN, role="role")


def test_without_credentials_a_discovery_fails_and_says_so(opened: Opened, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    house = opened(OWN, OTHER)
    job = house.discover()
    assert job.status is JobStatus.FAILED
    assert any("credentials" in failure.message.lower() for failure in job.failures)
    assert not house.wire.asked
