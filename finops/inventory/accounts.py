"""Which accounts there are: the organization's, those the settings name, or the own one; and how each is opened."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from finops.aws.failures import failure_of
from finops.aws.identity import identity
from finops.aws.organizations import organization
from finops.model.accounts import Account, Entry
from finops.model.errors import AwsError, InputError
from finops.model.outcome import Sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.aws.calls import Calls
    from finops.model.metering import Caller
    from finops.store import Store

ACTIVE = "ACTIVE"
NO_ORGANIZATION = "AWSOrganizationsNotInUseException"


def listed_accounts(calls: Calls, caller: Caller, named: Sequence[str]) -> Sweep[Account]:
    """The accounts of the organization; with `named` (the settings' list) just those, whatever the organization says.

    Where there is no organization, or it cannot be asked, the own account stands alone; the reason is a failure unless
    there simply is none.
    """
    found = organization(calls, caller)
    failures = tuple(failure for failure in found.failures if failure.code != NO_ORGANIZATION)
    if named:
        known = {account.id: account for account in found.items}
        chosen = (known.get(account, Account(account, account, ACTIVE)) for account in named)
        return Sweep(tuple(replace(account, source="settings") for account in chosen))
    if found.items:
        return Sweep(found.items, failures)
    try:
        own = identity(calls, caller).account
    except AwsError as error:
        return Sweep((), (*failures, failure_of(error)))
    return Sweep((Account(own, own, ACTIVE, source="own"),), failures)


class Entrances:
    """How accounts are opened where that differs from the settings, read from the store once and kept in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._held: dict[str, Entry] | None = None

    def of(self, account: str) -> tuple[str, str]:
        """Role name and external id of an account; empty texts where the settings hold."""
        with self._lock:
            if self._held is None:
                self._held = {
                    account: entry
                    for tenant in self._store.accounts.tenants()
                    for account, entry in self._store.accounts.entries(tenant).items()
                }
            entry = self._held.get(account, Entry())
        return entry.role, entry.external_id

    def forget(self) -> None:
        """Reads them anew next time."""
        with self._lock:
            self._held = None


def chosen(known: Sequence[Account], wanted: Sequence[str]) -> tuple[str, ...]:
    """Ids of the accounts to visit: those wanted, else every active one. InputError for one that nobody knows."""
    ids = {account.id for account in known}
    for account in wanted:
        if account not in ids:
            raise InputError("account", f"account {account[:20]} is not known; run `accounts sync` first")
    return tuple(wanted) or tuple(account.id for account in known if account.status == ACTIVE)
