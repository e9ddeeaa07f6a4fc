"""What runs where, since when and whose it is: the assets of all accounts, found by discovery and kept with their life.

    inventory.discover("default", report=print)
    inventory.page(AssetQuestion("default", AssetFilter(search="checkout")))

Reading never calls AWS.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.aws.regions import available
from finops.inventory.accounts import Entrances, chosen, listed_accounts
from finops.inventory.discovery import Discovery, Scope
from finops.inventory.standing import Standing, standing
from finops.inventory.visits import wanted_kinds
from finops.model.accounts import Entry
from finops.model.assets import FACETS, GLOBAL, AssetFilter, ChangeKind, Listed, Place
from finops.model.errors import InputError
from finops.model.jobs import Outcome
from finops.model.metering import Caller
from finops.model.outcome import Sweep
from finops.store.asset_filters import TAG_FACET, TAGGED, UNKNOWN_TAGS, UNTAGGED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from finops.aws.calls import Calls
    from finops.model.accounts import Account
    from finops.model.assets import Asset, AssetChange, AssetPage, AssetQuestion, Neighbour, PlaceState
    from finops.model.jobs import Progress
    from finops.store import Store
    from finops.store.asset_columns import Columns

__all__ = [
    "TAGGED",
    "TAG_FACET",
    "UNKNOWN_TAGS",
    "UNTAGGED",
    "AssetDetail",
    "Entrances",
    "Inventory",
    "InventoryOptions",
    "Standing",
]

FEATURE = "inventory"
ORGANIZATION_PLACE = Place("", GLOBAL, "account:organization")
"""The place that stands for the question which accounts there are."""
LOCK = "inventory"


@dataclass(frozen=True, slots=True)
class InventoryOptions:
    """What a person configures: accounts and regions to visit (empty: all), and when what is missing counts as gone."""

    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    gone_after: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AssetDetail:
    """One asset with what surrounds it: relationships both ways, and what happened to it, newest first."""

    asset: Asset
    neighbours: tuple[Neighbour, ...]
    history: tuple[AssetChange, ...]


class Inventory:
    """The assets and accounts of every tenant. Safe to share between threads."""

    def __init__(
        self,
        store: Store,
        calls: Calls,
        entrances: Entrances,
        *,
        now: Callable[[], datetime],
        options: InventoryOptions,
    ) -> None:
        self._store = store
        self._calls = calls
        self._entrances = entrances
        self._now = now
        self._options = options
        self._lock = threading.Lock()
        self._places: dict[str, tuple[int, tuple[PlaceState, ...]]] = {}  # of each tenant, at an inventory's version

    # Accounts

    def accounts(self, tenant: str) -> tuple[Account, ...]:
        """The accounts known, by name. External ids are never part of them."""
        return self._store.accounts.all(tenant)

    def sync_accounts(self, tenant: str, *, user: str = "") -> Sweep[Account]:
        """Asks the organization (or takes the settings' list) and keeps what it says; what failed is in the answer."""
        found = listed_accounts(self._calls, Caller(tenant, FEATURE, user), self._options.accounts)
        if found.items:
            self._store.accounts.save(tenant, found.items, at=self._now())
        told = Listed(ORGANIZATION_PLACE, (), next(iter(found.failures), None))
        self._store.assets.store(tenant, (told,), at=self._now(), gone_after=self._options.gone_after)
        return Sweep(self.accounts(tenant), found.failures)

    def open_account_by(
        self, tenant: str, account: str, *, role: str | None = None, external_id: str | None = None
    ) -> None:
        """Keeps how one account is opened; what is None stays, an empty text gives way to the settings again.

        The external id is stored and shown to nobody. InputError for an account that is not known.
        """
        chosen(self.accounts(tenant), (account,))
        held = self._store.accounts.entries(tenant).get(account, Entry())
        entry = Entry(held.role if role is None else role, held.external_id if external_id is None else external_id)
        self._store.accounts.set_entry(tenant, account, entry)
        self._entrances.forget()

    # Discovery

    def parts(self, tenant: str, accounts: Sequence[str] = (), *, user: str = "") -> Sweep[str]:
        """The accounts that a discovery visits, asked anew from the organization when none are named.

        Where it cannot be asked, those known stand, and the failure is told.
        """
        known = Sweep(self.accounts(tenant))
        if not accounts or not known.items:
            known = self.sync_accounts(tenant, user=user)
        return Sweep(chosen(known.items, accounts), known.failures)

    def locks(self, tenant: str, accounts: Sequence[str] = ()) -> tuple[str, ...]:
        """Names that no two discoveries under way may hold together: one for each account."""
        ids = tuple(accounts) or tuple(account.id for account in self.accounts(tenant)) or ("all",)
        return tuple(f"{LOCK}:{account}" for account in ids)

    def discover(
        self,
        tenant: str,
        *,
        accounts: Sequence[str] = (),
        regions: Sequence[str] = (),
        services: Sequence[str] = (),
        user: str = "",
        report: Callable[[Progress], None] = lambda _: None,
    ) -> Outcome:
        """Lists everything asked for and keeps it. InputError for an unknown account or service.

        Failures of AWS are part of the outcome, those of the organization too.
        """
        kinds = wanted_kinds(services)
        for region in regions:
            if not any(available(kind, (region,), self._calls.sessions) for kind in kinds):
                raise InputError("region", f"region {region[:40]} is not known to have any of these services")
        self._entrances.forget()
        parts = self.parts(tenant, accounts, user=user)
        if not parts.items:
            return Outcome({}, parts.failures, nothing_done=True)
        scope = Scope(tenant, parts.items, tuple(regions) or self._options.regions, kinds, self._options.gone_after)
        caller = Caller(tenant, FEATURE, user)
        outcome = Discovery(self._calls, self._store, self._now, scope, caller, report).outcome()
        return replace(outcome, failures=(*parts.failures, *outcome.failures))

    def price(self, tenant: str, costs: Mapping[str, tuple[Decimal, str]]) -> int:
        """Keeps what assets cost of late, by resource id or ARN; those not named become unknown."""
        return self._store.assets.price(tenant, costs)

    def last_tried(self, tenant: str) -> datetime | None:
        """When anything was last listed, or tried to be."""
        return max((place.tried for place in self._store.assets.places(tenant)), default=None)

    # Reading

    def standing(self, tenant: str, only: AssetFilter | None = None) -> Standing:
        """How fresh and how whole the answers are, for what a filter concerns."""
        version = self.version(tenant)
        with self._lock:
            held = self._places.get(tenant)
        if held is None or held[0] != version:
            held = (version, self._store.assets.places(tenant))
            with self._lock:
                self._places[tenant] = held
        return standing(held[1], only)

    def page(self, question: AssetQuestion) -> AssetPage:
        """Some of the assets asked for, in a stable order, and how many there are. InputError for an unknown sort."""
        return self._store.assets.page(question)

    def columns(self, question: AssetQuestion, fields: Sequence[str], *, as_text: bool = False) -> Iterator[Columns]:
        """Fields of all assets asked for, whatever the page, a few assets at a time; with `as_text` instants as text.

        `tags` (None: unknown) and `details` are compact JSON.
        """
        return self._store.assets.columns(question, fields, as_text=as_text)

    def detail(self, tenant: str, asset_id: str) -> AssetDetail:
        """One asset with relationships and history; InputError when the tenant has none of this id."""
        asset = self._store.assets.asset(tenant, asset_id)
        if asset is None:
            raise InputError("asset_id", "there is no asset of this id")
        return AssetDetail(
            asset, self._store.assets.neighbours(tenant, asset_id), self._store.assets.history(tenant, asset_id)
        )

    def counts(self, tenant: str, only: AssetFilter, facets: Sequence[str] = FACETS) -> dict[str, dict[str, int]]:
        """How many assets have each value of each facet; of `tag:<Key>`: `tagged`, `untagged` and `unknown`."""
        return self._store.assets.counts(tenant, only, facets)

    def changes(
        self,
        tenant: str,
        *,
        since: datetime,
        until: datetime | None = None,
        kinds: Sequence[ChangeKind] = (),
        only: AssetFilter | None = None,
        limit: int = 500,
    ) -> tuple[tuple[AssetChange, Asset], ...]:
        """What appeared, changed, went missing or came back, newest first."""
        return self._store.assets.changes(tenant, since=since, until=until, kinds=kinds, filter=only, limit=limit)

    def assets_changed(
        self, tenant: str, *, since: datetime, kinds: Sequence[ChangeKind] = (), only: AssetFilter | None = None
    ) -> dict[frozenset[ChangeKind], int]:
        """How many assets had events of exactly these kinds since an instant."""
        return self._store.assets.assets_changed(tenant, since=since, kinds=kinds, filter=only)

    def changes_summary(self, tenant: str, since: datetime) -> dict[ChangeKind, int]:
        """How many assets appeared, changed, went missing … since an instant."""
        return self._store.assets.changes_summary(tenant, since)

    def tag_keys(self, tenant: str) -> tuple[str, ...]:
        """Tag keys in use, most used first."""
        return self._store.assets.tag_keys(tenant)

    def tag_values(self, tenant: str, key: str) -> tuple[str, ...]:
        """Values of a tag key in use."""
        return self._store.assets.tag_values(tenant, key)

    def version(self, tenant: str) -> int:
        """Changes whenever the tenant's inventory does: the cache key of everything shown."""
        return self._store.assets.version(tenant)

    def tenants(self) -> tuple[str, ...]:
        """Tenants that hold assets, sorted."""
        return self._store.assets.tenants()
