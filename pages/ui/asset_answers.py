"""What Inventory asks the facade, each question once per state of the inventory and hour: a warm rerun asks nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from finops.inventory import TAG_FACET, TAGGED, UNTAGGED
from finops.model.assets import FACETS, AssetFilter, AssetQuestion, ChangeKind
from finops.model.errors import InputError
from pages.ui import asset_view, numbers
from pages.ui.cache import remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
    from datetime import datetime

    from finops.inventory import AssetDetail, Standing
    from finops.model.assets import Asset, AssetChange, AssetPage
    from pages.ui.asset_view import AssetView, Condition
    from pages.ui.page import Context

T = TypeVar("T")

EVERYTHING = AssetFilter(lifecycles=())
COUNTED = ("lifecycle", "service", "kind", "region", "account")
"""What every view counts beside a tag; states are counted once, for the filter's choices: there are many of them."""

MOST_LISTED = 200
"""So many events are listed; all of them are counted."""
APPEARED = (ChangeKind.APPEARED, ChangeKind.BACK)
DISAPPEARED = (ChangeKind.MISSING, ChangeKind.GONE)


@dataclass(frozen=True, slots=True)
class News:
    """What happened: the newest events with their assets, and how many assets had events of exactly which kinds.

    Listed assets come without tags and details: what is remembered stays small.
    """

    listed: tuple[tuple[AssetChange, Asset], ...]
    assets: Mapping[frozenset[ChangeKind], int]

    @property
    def kinds(self) -> tuple[ChangeKind, ...]:
        """Kinds of which there were events."""
        return tuple(kind for kind in ChangeKind if any(kind in had for had in self.assets))

    def count(self, kinds: Sequence[ChangeKind]) -> int:
        """How many assets had an event of one of these kinds."""
        return sum(count for had, count in self.assets.items() if not had.isdisjoint(kinds))


@dataclass(frozen=True, slots=True)
class Tagging:
    """How many assets are without a value of a tag, of `known` ones whose tags could be read."""

    key: str
    without: int
    known: int


@dataclass(frozen=True)
class Answers:
    """The inventory of the context's tenant as the page asks it."""

    context: Context

    @cached_property
    def version(self) -> str:
        """Changes with the tenant's inventory, and every hour, as ages move."""
        inventory, hour = self.context.finops.inventory, self.context.now.replace(minute=0, second=0, microsecond=0)
        return f"{self.context.finops.settings.lake} {inventory.version(self.context.tenant)} {hour.isoformat()}"

    def _kept(self, question: Hashable, build: Callable[[], T]) -> T:
        return remembered((self.context.tenant, self.version, "inventory", question), build)

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """Name of each account by its id."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        return self._kept("accounts", lambda: {account.id: account.name for account in inventory.accounts(tenant)})

    def standing(self, only: AssetFilter | None = None) -> Standing:
        """How fresh and whole the inventory is; asked anew every minute, since it moves when nothing was found."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        minute = self.context.now.replace(second=0, microsecond=0)
        return self._kept(("standing", only, minute), lambda: inventory.standing(tenant, only))

    def counts(self, only: AssetFilter, facets: tuple[str, ...] = ()) -> dict[str, dict[str, int]]:
        """How many assets have each value of each facet, by default of those that every view counts."""
        inventory, tenant, facets = self.context.finops.inventory, self.context.tenant, facets or self.counted
        return self._kept(("counts", only, facets), lambda: inventory.counts(tenant, only, facets))

    @cached_property
    def counted(self) -> tuple[str, ...]:
        """What every view counts, all of it in one go: the filter may take longer than the counting."""
        return COUNTED if self.tag_key is None else (*COUNTED, f"{TAG_FACET}{self.tag_key}")

    @cached_property
    def offered(self) -> dict[str, dict[str, int]]:
        """Everything the filters can choose from, most used first."""
        counted = self.counts(EVERYTHING, FACETS)
        return {facet: dict(sorted(found.items(), key=_most_first)) for facet, found in counted.items()}

    @cached_property
    def tag_keys(self) -> tuple[str, ...]:
        """Tag keys in use, most used first."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        return self._kept("tag_keys", lambda: inventory.tag_keys(tenant))

    @cached_property
    def tag_key(self) -> str | None:
        """The tag that counts most: the first of the settings' tags in use, else the most used one."""
        wanted = [key for key in self.context.finops.settings.tag_keys if key in self.tag_keys]
        return next(iter((*wanted, *self.tag_keys)), None)

    def tag_values(self, key: str) -> tuple[str, ...]:
        """Values of one tag key in use."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        return self._kept(("tag_values", key), lambda: inventory.tag_values(tenant, key))

    @cached_property
    def priced(self) -> bool:
        """Whether the cost of any asset is known."""
        dearest = AssetQuestion(self.context.tenant, EVERYTHING, "cost", descending=True, limit=1)
        return any(asset.cost is not None for asset in self._page(dearest).items)

    @cached_property
    def cost_days(self) -> str:
        """The days that the costs of assets are of, in words; empty while none is known."""
        period = self.context.finops.costs.resource_period(self.context.tenant)
        return "" if period is None else numbers.days(period, today=self.context.now.date())

    @cached_property
    def began(self) -> datetime | None:
        """When the inventory's first look was taken."""
        oldest = AssetQuestion(self.context.tenant, EVERYTHING, "first_seen", limit=1)
        return next((asset.first_seen for asset in self._page(oldest).items), None)

    @contextmanager
    def asking(self, view: AssetView) -> Iterator[None]:
        """Asks what is shown around the list while the list is read and drawn: the database is what takes time.

        What fails here is asked again, and told, where it is shown.
        """
        questions: tuple[Callable[[], object], ...] = (
            partial(self.counts, view.only, self.counted),
            partial(self.news, view, self.since(asset_view.Since.DAYS_7)),
        )
        with ThreadPoolExecutor(len(questions), thread_name_prefix="inventory") as pool:
            for question in questions:
                pool.submit(question)
            yield

    def page(self, view: AssetView) -> tuple[AssetPage, AssetView]:
        """The view's page of the table, and the view with a page that there is."""
        found = self._page(view.question(self.context.tenant, priced=self.priced))
        last = asset_view.pages_of(found.total)
        if view.page <= last:
            return found, view
        view = replace(view, page=last)
        return self._page(view.question(self.context.tenant, priced=self.priced)), view

    def total(self, only: AssetFilter) -> int:
        """How many assets a filter leaves."""
        return self._page(AssetQuestion(self.context.tenant, only, limit=0)).total

    def _page(self, question: AssetQuestion) -> AssetPage:
        return self._kept(question, lambda: self.context.finops.inventory.page(question))

    def detail(self, asset_id: str) -> AssetDetail:
        """One asset with what surrounds it; InputError when there is none."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        return self._kept(("detail", asset_id), lambda: inventory.detail(tenant, asset_id))

    def holds(self, asset_id: str) -> bool:
        """Whether there is an asset of this id."""
        try:
            self.detail(asset_id)
        except InputError:
            return False
        return True

    def since(self, chosen: asset_view.Since) -> datetime:
        """From when on changes are told."""
        return asset_view.asked_since(chosen, self.context.now)

    def news(self, view: AssetView, since: datetime, kinds: Sequence[ChangeKind] = ()) -> News:
        """What happened to the view's assets, of some kinds or of all."""
        inventory, tenant = self.context.finops.inventory, self.context.tenant
        only, wanted = view.any_life, tuple(kinds)
        asked = None if only == EVERYTHING else only

        def build() -> News:
            found = inventory.changes(tenant, since=since, kinds=wanted, only=asked, limit=MOST_LISTED)
            listed = tuple((change, replace(asset, tags=None, details={})) for change, asset in found)
            return News(listed, inventory.assets_changed(tenant, since=since, kinds=wanted, only=asked))

        return self._kept(("news", only, since, wanted), build)

    def tagging(self, only: AssetFilter) -> Tagging | None:
        """How many assets are without the tag that counts most, of those whose tags are known; None without any tag."""
        if self.tag_key is None:
            return None
        found = self.counts(only)[f"{TAG_FACET}{self.tag_key}"]
        without = found.get(UNTAGGED, 0)
        return Tagging(self.tag_key, without, without + found.get(TAGGED, 0))

    def loosened(self, conditions: Sequence[Condition]) -> list[tuple[Condition, int]]:
        """What dropping each filter would leave, most first, without those that leave nothing either."""
        found = [(condition, self.total(condition.without)) for condition in conditions]
        return sorted((one for one in found if one[1]), key=lambda one: -one[1])

    @property
    def stale_after(self) -> timedelta:
        """Two discoveries missed; two days where the clock makes none."""
        return timedelta(hours=2 * (self.context.finops.settings.discovery_hours or 24))


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
