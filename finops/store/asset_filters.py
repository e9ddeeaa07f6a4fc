"""From a filter to conditions on `asset`: values are bound, and made storable as what they are compared with was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, not_, select

from finops.model.assets import SORTS
from finops.model.errors import InputError
from finops.store import estate_schema as widths
from finops.store.exact_text import fitted, storable
from finops.store.schema import asset, asset_search, asset_tag
from finops.store.sql_types import MICRO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import ColumnElement, FromClause, Select

    from finops.model.assets import AssetFilter, TagTerm

LARGEST = Decimal(9_000_000_000_000)
"""Larger amounts do not fit in a column of micro-dollars."""
TAG_FACET = "tag:"
TAGGED, UNTAGGED, UNKNOWN_TAGS = "tagged", "untagged", "unknown"
"""The facet `tag:<Key>` counts by whether assets have a value of the tag."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assets a question is about: its tenant, its filter, and the instant that ages count to.

    `database` is the kind of database that is asked.
    """

    tenant: str
    filter: AssetFilter | None
    now: datetime
    database: str

    def of(self, statement: Select[Any]) -> Select[Any]:
        """The statement over `asset`, kept to what is wanted."""
        statement = statement.where(asset.c.tenant == self.tenant)
        if self.filter is None:
            return statement
        if words := searched(self.filter.search):
            statement = statement.join(asset_search, asset_search.c.asset_no == asset.c.asset_no)
            # Longer words are rarer: most rows are refused by the first.
            place = func.strpos if self.database == "postgresql" else func.instr
            statement = statement.where(*(place(asset_search.c.search, word) > 0 for word in words))
        statement = statement.where(*_among(self.filter), *_ranges(self.filter, self.now))
        for term in self.filter.tags:
            statement = self._tagged(statement, term)
        return statement

    def _tagged(self, statement: Select[Any], term: TagTerm) -> Select[Any]:
        """Absent and empty are alike; what is not known to be tagged is not known to be untagged either."""
        values = [fitted(value, widths.TAG_VALUE) for value in term.values]
        if ("" in values) == term.exclude:  # the key must be there; an asset has it once, so no row comes twice
            tag, own = self._own(term.key)
            return statement.join(tag, own).where(*_one_of(tag.c.tag_value, values, exclude=term.exclude))
        value = self._value(term.key)
        if not values:
            return statement.where(asset.c.tags_known, value.is_(None))
        return statement.where(asset.c.tags_known, *_one_of(func.coalesce(value, ""), values, exclude=term.exclude))

    def tagging(self, key: str) -> ColumnElement[str]:
        """Whether an asset has a value of a tag: `TAGGED`, `UNTAGGED`, or `UNKNOWN_TAGS` where nobody could ask."""
        absent = func.coalesce(self._value(key), "") == ""
        return case((not_(asset.c.tags_known), UNKNOWN_TAGS), (absent, UNTAGGED), else_=TAGGED)

    def _value(self, key: str) -> ColumnElement[str | None]:
        """The value of a tag, NULL without one.

        One look-up for each asset, never a join: PostgreSQL may take hours for one before it has counted new rows.
        """
        tag, own = self._own(key)
        return select(tag.c.tag_value).where(own).correlate(asset).scalar_subquery()

    def _own(self, key: str) -> tuple[FromClause, ColumnElement[bool]]:
        """The table of tags, and which of its rows is an asset's own of this key."""
        tag = asset_tag.alias()
        of_tenant = tag.c.tenant == self.tenant
        return tag, and_(tag.c.asset_no == asset.c.asset_no, of_tenant, tag.c.tag_key == fitted(key, widths.TAG_KEY))


def searched(search: str) -> tuple[str, ...]:
    """The words of a search as they are looked for, longest first."""
    words = dict.fromkeys(storable(search).casefold().split())
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _one_of(text: ColumnElement[str], values: list[str], *, exclude: bool) -> Iterator[ColumnElement[bool]]:
    """The text is one of the values, or none of them; no condition without values."""
    if values:
        yield text.not_in(values) if exclude else text.in_(values)


def _among(wanted: AssetFilter) -> Iterator[ColumnElement[bool]]:
    fields: tuple[tuple[ColumnElement[str], Iterable[str], int], ...] = (
        (asset.c.account, wanted.accounts, widths.ACCOUNT),
        (asset.c.region, wanted.regions, widths.REGION),
        (asset.c.service, wanted.services, widths.SERVICE),
        (asset.c.kind, wanted.kinds, widths.KIND),
        (asset.c.state, wanted.states, widths.STATE),
        (asset.c.lifecycle, wanted.lifecycles, widths.KEY),
    )
    for column, values, width in fields:
        if values:
            yield column.in_([fitted(str(value), width) for value in values])


def _ranges(wanted: AssetFilter, now: datetime) -> Iterator[ColumnElement[bool]]:
    born = func.coalesce(asset.c.created, asset.c.first_seen, type_=asset.c.first_seen.type)
    if wanted.older_than_days is not None:
        yield born <= days_before(now, wanted.older_than_days)
    if wanted.newer_than_days is not None:
        yield born > days_before(now, wanted.newer_than_days)
    if wanted.min_cost is not None:
        yield asset.c.cost >= whole_micros("min_cost", wanted.min_cost, ROUND_CEILING)
    if wanted.max_cost is not None:
        yield asset.c.cost <= whole_micros("max_cost", wanted.max_cost, ROUND_FLOOR)


def days_before(now: datetime, days: int) -> datetime:
    """The instant that many days ago; the first or last that a calendar has where it has no such day."""
    try:
        return now - timedelta(days=days)
    except OverflowError:
        return datetime(1000, 1, 1, tzinfo=UTC) if days > 0 else datetime(9999, 12, 31, tzinfo=UTC)


def whole_micros(field: str, amount: Decimal, rounding: str) -> Decimal:
    """The amount in whole micro-units that a column can hold. InputError naming the field for what is no number."""
    if not amount.is_finite():
        raise InputError(field, f"{field} must be an amount")
    if abs(amount) > LARGEST:
        return LARGEST.copy_sign(amount)
    return (amount * MICRO).to_integral_value(rounding) / MICRO


def ordered(sort: str, *, descending: bool) -> tuple[ColumnElement[Any], ...]:
    """What to order by: unknown values last, ties by asset id. InputError for what assets cannot be sorted by."""
    if sort not in SORTS:
        raise InputError("sort", f"assets can be sorted by {', '.join(SORTS)}")
    column = asset.c.name_key if sort == "name" else asset.c[sort]
    unknown = column.is_(None) if column.nullable else column == ""
    known_first = () if sort in {"first_seen", "last_seen"} else (unknown,)
    direction: Callable[[], ColumnElement[Any]] = column.desc if descending else column.asc
    return (*known_first, direction(), asset.c.asset_id)
