"""The state of the Inventory page as one value, what it asks, and what each of its filters is called.

Pure: `pages.ui.asset_links` reads it from a URL and writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from finops.model.assets import AssetFilter, AssetQuestion, ChangeKind, Lifecycle
from pages.ui import asset_names, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from finops.model.assets import TagTerm

PAGE_ROWS = 50
USUAL_LIFECYCLES = (Lifecycle.ACTIVE, Lifecycle.MISSING)
ALL_LIFECYCLES = tuple(Lifecycle)
DESCENDING = frozenset({"cost", "created", "first_seen", "last_seen"})
"""What is sorted from the largest and newest down unless the reader turns it round."""


class Since(StrEnum):
    """How far back "what changed" looks."""

    DAY = "1d"
    DAYS_7 = "7d"
    DAYS_30 = "30d"
    MONDAY = "monday"


class Breakdown(StrEnum):
    """What the assets are counted by beside the table."""

    SERVICE = "service"
    KIND = "kind"
    REGION = "region"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class AssetView:
    """What Inventory shows.

    `sort` empty is the usual order: cost once it is known, else name; `descending` None goes the way of the column.
    `opened` is the id of the asset shown beside the table, `change` the only kind of change listed.
    """

    only: AssetFilter = field(default_factory=AssetFilter)
    sort: str = ""
    descending: bool | None = None
    page: int = 1
    opened: str = ""
    by: Breakdown = Breakdown.SERVICE
    since: Since = Since.DAYS_7
    change: ChangeKind | None = None

    def order(self, *, priced: bool) -> tuple[str, bool]:
        """The column sorted by and whether downwards; `priced` says that costs are known."""
        sort = self.sort or ("cost" if priced else "name")
        return sort, sort in DESCENDING if self.descending is None else self.descending

    def question(self, tenant: str, *, priced: bool) -> AssetQuestion:
        """The question behind the table's page."""
        sort, descending = self.order(priced=priced)
        offset = (self.page - 1) * PAGE_ROWS
        return AssetQuestion(tenant, self.only, sort, descending, limit=PAGE_ROWS, offset=offset)

    @property
    def any_life(self) -> AssetFilter:
        """The filter for what happened: an asset that is gone by now had a story too, unless a lifecycle is chosen."""
        usual = self.only.lifecycles == USUAL_LIFECYCLES
        return replace(self.only, lifecycles=()) if usual else self.only


def pages_of(total: int) -> int:
    """How many pages so many assets fill, one at least."""
    return max(1, -(-total // PAGE_ROWS))


def asked_since(since: Since, now: datetime) -> datetime:
    """The instant a choice means, on the full hour, so that the same question is asked for an hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if since is Since.MONDAY:
        return hour.replace(hour=0) - timedelta(days=now.weekday())
    return hour - timedelta(days={Since.DAY: 1, Since.DAYS_7: 7}.get(since, 30))


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter in words, and the same filter without it."""

    name: str
    value: str
    without: AssetFilter


def conditions(only: AssetFilter, accounts: Mapping[str, str]) -> Iterator[Condition]:
    """Every filter that is set, in the order of the filter row; plain text."""
    if only.search:
        yield Condition("Search", f"“{only.search}”", replace(only, search=""))
    for attribute, name, called in _listed(accounts):
        values = getattr(only, attribute)
        if values:
            nothing: dict[str, Any] = {attribute: ()}
            yield Condition(name, _some([called(value) for value in values]), replace(only, **nothing))
    if only.lifecycles not in {USUAL_LIFECYCLES, ALL_LIFECYCLES, ()}:
        chosen = _some([life.value for life in only.lifecycles])
        yield Condition("Lifecycle", chosen, replace(only, lifecycles=USUAL_LIFECYCLES))
    for term in only.tags:
        rest = tuple(other for other in only.tags if other is not term)
        yield Condition("Tag", tag_words(term), replace(only, tags=rest))
    yield from _ranges(only)


def _listed(accounts: Mapping[str, str]) -> tuple[tuple[str, str, Callable[[str], str]], ...]:
    return (
        ("accounts", "Account", lambda account: accounts.get(account) or account),
        ("services", "Service", asset_names.service_name),
        ("kinds", "Kind", asset_names.kind_name),
        ("regions", "Region", str),
        ("states", "State", asset_names.state_name),
    )


def _ranges(only: AssetFilter) -> Iterator[Condition]:
    if only.older_than_days is not None:
        yield Condition("Older than", numbers.counted(only.older_than_days, "day"), replace(only, older_than_days=None))
    if only.newer_than_days is not None:
        yield Condition("Newer than", numbers.counted(only.newer_than_days, "day"), replace(only, newer_than_days=None))
    if only.min_cost is not None:
        yield Condition("Cost from", f"{only.min_cost:,f}", replace(only, min_cost=None))
    if only.max_cost is not None:
        yield Condition("Cost to", f"{only.max_cost:,f}", replace(only, max_cost=None))


def tag_words(term: TagTerm) -> str:
    """`Owner is data or ml`, `Owner is not set`, `Owner is not data`, `Owner is set`."""
    if not term.values:
        return f"{term.key} is not set" if term.exclude else f"{term.key} is set"
    values = _some([value or "not set" for value in term.values])
    return f"{term.key} is not {values}" if term.exclude else f"{term.key} is {values}"


def _some(values: list[str]) -> str:
    """The values in words, a few of many."""
    shown = values[:3]
    rest = len(values) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")
