"""Results of a discovery on their way into the store: joined with their tags, counted, written in batches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from finops.aws.lister import with_tags
from finops.aws.tagging import TagSweep
from finops.inventory.reasons import told_once
from finops.inventory.visits import Visit
from finops.model.assets import GLOBAL, Listed, StoredCounts
from finops.model.jobs import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime, timedelta

    from finops.model.outcome import Failure
    from finops.store import Store

BATCH_ITEMS, BATCH_PLACES = 2_000, 500
NOT_ASKED = TagSweep(None, None)
Sweep = tuple[str, str]
"""Account and region."""


class Keeping:
    """Takes results in any order. A listing whose tags come from a sweep asks for those of its items' regions.

    Regions where nothing needs tags are never swept. `regions` are those that may be, for each account, and `home` is
    the one whose sweep knows the tags of global services.
    """

    def __init__(
        self,
        store: Store,
        tenant: str,
        *,
        at: datetime,
        gone_after: timedelta,
        home: str,
        regions: Mapping[str, Collection[str]],
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._at = at
        self._gone_after = gone_after
        self._home = home
        self._regions = regions
        self._asked: set[Sweep] = set()
        self._tags: dict[Sweep, TagSweep] = {}
        self._waiting: dict[str, list[tuple[Visit, Listed]]] = defaultdict(list)
        self._batch: list[Listed] = []
        self._items = 0
        self._complete = 0
        self.items = 0
        self.failures: list[Failure] = []
        self.counts = StoredCounts()

    def swept(self, visit: Visit, found: TagSweep) -> None:
        """Takes a region's tags, and lets go whatever waited for them."""
        self._tags[visit.account, visit.region] = found
        if found.failure is not None:
            self.failures.append(found.failure)
        for other, listed in self._waiting.pop(visit.account, []):
            self.take(other, listed)

    def take(self, visit: Visit, found: Listed) -> tuple[Visit, ...]:
        """Takes a listing; returns the sweeps that it waits for and that nobody has asked for yet."""
        if visit.kind is None or not visit.kind.tag_type:
            self.keep(found)
            return ()
        needed = self._needed(found)
        if needed <= self._tags.keys():
            self.keep(self._tagged(found))
            return ()
        self._waiting[visit.account].append((visit, found))
        unasked = needed - self._asked
        self._asked |= unasked
        return tuple(Visit(account, region, None) for account, region in sorted(unasked))

    def keep(self, found: Listed) -> None:
        """Takes a listing that waits for nothing more."""
        self.items += len(found.items)
        if found.failure is None:
            self._complete += 1
        else:
            self.failures.append(found.failure)
        self._batch.append(found)
        self._items += len(found.items)
        if self._items >= BATCH_ITEMS or len(self._batch) >= BATCH_PLACES:
            self.flush()

    def flush(self) -> None:
        """Writes what has been gathered. StoreError when the store cannot take it."""
        if self._batch:
            stored = self._store.assets.store(self._tenant, self._batch, at=self._at, gone_after=self._gone_after)
            summed = {
                each.name: getattr(self.counts, each.name) + getattr(stored, each.name) for each in fields(StoredCounts)
            }
            self.counts = StoredCounts(**summed)
        self._batch, self._items = [], 0

    def outcome(self, **more: int) -> Outcome:
        """What came of it, once everything was taken and flushed."""
        counts = {each.name: getattr(self.counts, each.name) for each in fields(StoredCounts)}
        failures = told_once(self.failures)
        return Outcome({**counts, **more}, failures, nothing_done=bool(failures) and not self._complete)

    def _needed(self, found: Listed) -> set[Sweep]:
        """The sweeps that know the tags of a listing's items."""
        account = found.place.account
        regions = {self._home if item.region == GLOBAL else item.region for item in found.items}
        return {(account, region) for region in regions if region in {*self._regions[account], self._home}}

    def _tagged(self, found: Listed) -> Listed:
        """The listing with its tags; buckets of one list lie in many regions."""
        account = found.place.account
        regions = sorted({item.region for item in found.items})
        parts = []
        for region in regions:
            here = replace(found, items=tuple(item for item in found.items if item.region == region))
            sweep = self._tags.get((account, self._home if region == GLOBAL else region), NOT_ASKED)
            parts.append(with_tags(here, sweep.tags, sweep.failure))
        failure = next((part.tags_failure for part in parts if part.tags_failure), None)
        return replace(found, items=tuple(item for part in parts for item in part.items), tags_failure=failure)
