"""Accounts: what is listed is kept, what the list does not know stays, and the external id is shown to nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from finops.model.accounts import Account, Entry
from finops.model.errors import InputError
from finops.store import AccountStore
from tests.store.estates import NOW, day

if TYPE_CHECKING:
    from finops.store.database import Database

PROD = Account(
    "111111111111",
    "prod",
    "ACTIVE",
    email="a…@example.com",
    unit="Workloads/Prod",
    tags={"Team": "Core"},
    source="organizations",
    joined=datetime(2020, 1, 2, tzinfo=UTC),
)
SECRET = "s3cr3t-external-id"


@pytest.fixture
def accounts(estate: Database) -> AccountStore:
    return AccountStore(estate)


def seen(account: Account, first: datetime, last: datetime, **more: object) -> Account:
    known = {name: getattr(account, name) for name in Account.__slots__}
    return Account(**{**known, "first_seen": first, "last_seen": last, **more})


def test_an_account_comes_back_as_it_was_listed(accounts: AccountStore) -> None:
    bare = Account("222222222222", "bare", "SUSPENDED")
    accounts.save("default", [PROD, bare], at=NOW)
    assert accounts.all("default") == (seen(bare, NOW, NOW), seen(PROD, NOW, NOW))
    assert accounts.all("other") == ()
    assert accounts.tenants() == ("default",)


def test_a_second_listing_replaces_what_it_knows(accounts: AccountStore) -> None:
    accounts.save("default", [PROD], at=NOW)
    renamed = Account(PROD.id, "production", "SUSPENDED", email="b…@example.com", unit="", tags={}, source="settings")
    accounts.save("default", [renamed], at=day(1))
    assert accounts.all("default") == (seen(renamed, NOW, day(1), joined=PROD.joined),)


def test_what_a_listing_does_not_know_stays(accounts: AccountStore) -> None:
    known = seen(PROD, NOW, NOW, role="Auditor", regions=("eu-central-1", "us-east-1"))
    accounts.save("default", [known], at=NOW)
    accounts.set_entry("default", PROD.id, Entry("Auditor", SECRET))
    accounts.save(
        "default", [Account(PROD.id, PROD.name, PROD.status, PROD.email, PROD.unit, source=PROD.source)], at=day(1)
    )
    assert accounts.all("default") == (
        seen(PROD, NOW, day(1), role="Auditor", regions=("eu-central-1", "us-east-1"), external_id_set=True),
    )
    assert accounts.entries("default") == {PROD.id: Entry("Auditor", SECRET)}


def test_an_account_that_is_not_listed_any_more_keeps_its_row(accounts: AccountStore) -> None:
    accounts.save("default", [PROD, Account("222222222222", "left", "ACTIVE")], at=NOW)
    accounts.save("default", [PROD], at=day(1))
    assert {each.name: each.last_seen for each in accounts.all("default")} == {"prod": day(1), "left": NOW}


def test_an_older_listing_turns_nothing_back(accounts: AccountStore) -> None:
    accounts.save("default", [PROD], at=day(2))
    accounts.save("default", [Account(PROD.id, "old name", "ACTIVE")], at=day(1))
    assert accounts.all("default") == (seen(PROD, day(2), day(2)),)


def test_accounts_come_by_name_whatever_its_case(accounts: AccountStore) -> None:
    names = ["b", "A", "ä", "a"]
    accounts.save("default", [Account(f"{number:012}", name, "ACTIVE") for number, name in enumerate(names)], at=NOW)
    assert [each.name for each in accounts.all("default")] == ["A", "a", "b", "ä"]


def test_the_external_id_is_in_no_account_and_no_text(accounts: AccountStore, caplog: pytest.LogCaptureFixture) -> None:
    accounts.save("default", [PROD], at=NOW)
    with caplog.at_level("DEBUG"):
        accounts.set_entry("default", PROD.id, Entry("Auditor", SECRET))
        (shown,) = accounts.all("default")
    assert (shown.role, shown.external_id_set) == ("Auditor", True)
    assert SECRET not in f"{shown!r} {accounts.entries('default')!r} {caplog.text}"
    assert accounts.entries("default")[PROD.id].external_id == SECRET
    accounts.set_entry("default", PROD.id, Entry())
    assert accounts.entries("default") == {}
    assert not accounts.all("default")[0].external_id_set


def test_a_database_error_does_not_tell_the_external_id(accounts: AccountStore, estate: Database) -> None:
    accounts.set_entry("default", PROD.id, Entry("Auditor", SECRET))
    broken = Account(PROD.id, "x", "ACTIVE", joined=NOW.replace(tzinfo=None))
    with pytest.raises(Exception, match=r"did not answer|time zone") as caught:
        accounts.save("default", [broken], at=NOW)
    assert SECRET not in f"{caught.value} {caught.value.__cause__}"
    assert estate.kind


def test_entry_and_regions_may_come_before_the_account_is_listed(accounts: AccountStore) -> None:
    accounts.set_entry("default", PROD.id, Entry("Auditor", SECRET))
    accounts.set_regions("default", "222222222222", ("us-east-1",))
    assert accounts.all("default") == ()
    assert accounts.entries("default") == {PROD.id: Entry("Auditor", SECRET)}
    accounts.save("default", [PROD, Account("222222222222", "two", "ACTIVE")], at=NOW)
    one, two = accounts.all("default")
    assert (one.role, one.external_id_set, one.first_seen) == ("Auditor", True, NOW)
    assert (two.regions, two.role) == (("us-east-1",), "")


def test_regions_are_replaced_and_none_at_all_is_known(accounts: AccountStore) -> None:
    accounts.save("default", [PROD], at=NOW)
    assert accounts.all("default")[0].regions is None
    for regions in (("b", "a"), ()):
        accounts.set_regions("default", PROD.id, regions)
        assert accounts.all("default")[0].regions == regions


def test_tenants_do_not_see_each_other(accounts: AccountStore) -> None:
    accounts.save("one", [PROD], at=NOW)
    accounts.set_entry("one", PROD.id, Entry("Auditor", SECRET))
    accounts.save("two", [PROD], at=NOW)
    assert accounts.entries("two") == {}
    assert not accounts.all("two")[0].external_id_set
    with pytest.raises(InputError):
        accounts.save("No Tenant", [PROD], at=NOW)


@pytest.mark.parametrize("text", ["🚀 שלום", "a\0b", "a\ud800", " spaces ", "'; DROP TABLE account --", "x" * 3_000])
def test_hostile_texts_survive_or_become_harmless_the_same_way(accounts: AccountStore, text: str) -> None:
    account = Account(text, text, text, text, text, {text: text}, source=text)
    for at in (NOW, day(1)):
        accounts.save("default", [account], at=at)
    accounts.set_regions("default", text, (text,))
    clean = text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    (found,) = accounts.all("default")
    assert (found.name, found.email, found.unit, found.tags) == (clean, clean, clean, {clean: clean})
    assert found.regions == (clean,)
    assert found.last_seen == day(1)


def test_an_id_is_compared_byte_by_byte(accounts: AccountStore) -> None:
    accounts.save("default", [Account(key, key, "ACTIVE") for key in ("a", "A", "a ")], at=NOW)
    assert sorted(each.id for each in accounts.all("default")) == ["A", "a", "a "]


def test_accounts_saved_at_once_are_all_there(accounts: AccountStore) -> None:
    def save(number: int) -> None:
        mine = [Account(f"{account:012}", f"by {number}", "ACTIVE") for account in range(number % 3, 30)]
        accounts.save("default", mine, at=NOW)
        accounts.set_regions("default", f"{number:012}", (f"r{number}",))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(save, range(12)))
    found = accounts.all("default")
    assert len(found) == 30
    assert {each.id: each.regions for each in found if each.regions} == {f"{n:012}": (f"r{n}",) for n in range(12)}
