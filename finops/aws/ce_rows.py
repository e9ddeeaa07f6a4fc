"""Cost Explorer's pages become rows: merged by bucket and keys, checked, and turned into columns of text.

A page may end inside a bucket, so a bucket comes back on the next page with its remaining groups. A group belongs to
one page: met again with the same figures it is the same group, counted once; with other figures nobody can tell the
right ones.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from finops.aws.failures import Malformed
from finops.model.costs import CE_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DAMAGED = (Malformed, KeyError, TypeError, AttributeError, IndexError)
"""What reading a page raises when the page is not what AWS documents."""

COLUMNS = {
    "SERVICE": "service",
    "LINKED_ACCOUNT": "account",
    "REGION": "region",
    "USAGE_TYPE": "usage_type",
    "RECORD_TYPE": "charge_type",
    "RESOURCE_ID": "resource",
}
_COSTS = tuple(name for name in CE_METRICS if name.endswith("Cost"))
_USAGE = tuple(name for name in CE_METRICS if not name.endswith("Cost"))
_METRICS = itemgetter(*_COSTS, *_USAGE)
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,18})?", re.ASCII)
_EXPONENT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,30})?[eE][+-]?[0-9]{1,2}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)

Row = tuple[str, ...]


class MergedGroups:
    """The groups of all pages of one request. `buckets` maps the first day of each expected bucket to its end."""

    def __init__(self, group_by: tuple[tuple[str, str], ...], buckets: Mapping[str, str]) -> None:
        self._group_by = group_by
        self._buckets = buckets
        self._rows: dict[tuple[str, ...], Row] = {}
        self._estimated: dict[str, bool] = {}
        self.account_names: dict[str, str] = {}

    def add(self, page: Mapping[str, Any]) -> None:
        """Takes in one page; Malformed when it contradicts the request or an earlier page."""
        for value in page.get("DimensionValueAttributes", ()):
            name = value.get("Attributes", {}).get("description")
            if name:
                self.account_names[value["Value"]] = name
        for bucket in page["ResultsByTime"]:
            start, end = bucket["TimePeriod"]["Start"], bucket["TimePeriod"]["End"]
            if self._buckets.get(start) != end:
                raise Malformed("It holds a time bucket that was not asked for.")
            # A bucket that one page calls estimated is not final.
            self._estimated[start] = bool(bucket.get("Estimated")) or self._estimated.get(start, False)
            if self._group_by:
                self._add_groups(start, bucket["Groups"])
            else:
                self._keep((start,), bucket["Total"])

    def columns(self) -> dict[str, list[str | None]]:
        """The rows as equally long columns, sorted by bucket and keys; Malformed unless every bucket came back."""
        absent = len(self._buckets) - len(self._estimated)
        if absent:
            raise Malformed(f"{absent} of {len(self._buckets)} time buckets are missing.")
        places = sorted(self._rows)
        named: dict[str, list[str | None]] = {"charge_date": [place[0] for place in places]}
        for index, group in enumerate(self._group_by, start=1):
            named[column(group)] = _values(group, [place[index] for place in places])
        rows = [self._rows[place] for place in places]
        for index, name in enumerate((*_COSTS, *_USAGE)):
            named[CE_METRICS[name]] = _amounts([row[index] for row in rows])
        named["currency"] = _currencies([row[-2] for row in rows])
        named["usage_unit"] = [row[-1] for row in rows]
        named["estimated"] = ["true" if self._estimated[place[0]] else "false" for place in places]
        return named

    def estimated_from(self) -> date | None:
        """The first day that may still change, None when every bucket is final."""
        first = min((start for start, estimated in self._estimated.items() if estimated), default=None)
        return None if first is None else date.fromisoformat(first)

    def _add_groups(self, start: str, groups: Iterable[Mapping[str, Any]]) -> None:
        wanted = len(self._group_by)
        for group in groups:
            keys = group["Keys"]
            if len(keys) != wanted:
                raise Malformed("A group has another number of keys than was asked for.")
            self._keep((start, *keys), group["Metrics"])

    def _keep(self, place: tuple[str, ...], metrics: Mapping[str, Mapping[str, str]]) -> None:
        figures = _METRICS(metrics)
        currency = figures[0]["Unit"]
        row = (*[figure["Amount"] for figure in figures], currency, figures[5].get("Unit", ""))
        if any(figure["Unit"] != currency for figure in figures[1:5]):
            raise Malformed("The cost metrics of one group are in different currencies.")
        if self._rows.setdefault(place, row) != row:
            raise Malformed("One group came twice with different figures.")


def column(group: tuple[str, str]) -> str:
    """The column that holds a group-by's values."""
    kind, key = group
    if kind == "TAG":
        return "tag_value"
    return "category_value" if kind == "COST_CATEGORY" else COLUMNS.get(key, key.lower())


def _values(group: tuple[str, str], keys: list[str]) -> list[str | None]:
    """Group keys as values. Tags and cost categories arrive as `Key$Value`, without a value as `Key$`."""
    kind, key = group
    if kind == "DIMENSION":
        return list(keys)
    prefix = f"{key}$"
    if not all(text.startswith(prefix) for text in set(keys)):
        raise Malformed("A group's key does not begin with the tag or category that was asked for.")
    cut = len(prefix)  # the value may hold further `$`
    return [text[cut:] for text in keys]


def _amounts(texts: list[str]) -> list[str | None]:
    """The same texts, exponents written out; Malformed for `NaN`, `Infinity` and anything that is no exact decimal."""
    odd = {text for text in set(texts) if not _AMOUNT.fullmatch(text)}
    if not odd:
        return list(texts)
    written = {text: _written_out(text) for text in odd}
    return [written.get(text, text) for text in texts]


def _written_out(text: str) -> str:
    try:
        plain = format(Decimal(text), "f") if _EXPONENT.fullmatch(text) else ""
    except InvalidOperation:
        plain = ""
    if not _AMOUNT.fullmatch(plain):
        raise Malformed("An amount is not a decimal number that can be kept exactly.")
    return plain


def _currencies(units: list[str]) -> list[str | None]:
    if not all(_CURRENCY.fullmatch(unit) for unit in set(units)):
        raise Malformed("A cost has no currency.")
    return list(units)
