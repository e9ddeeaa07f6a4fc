"""From a question to the text and the bound values of its queries. Identifiers come from the maps below only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from finops.model.costs import Filter, Granularity
from finops.model.errors import InputError
from finops.store import catalogue
from finops.store.cube_rows import AMOUNT_COLUMNS
from finops.store.line_schema import METRIC_COLUMNS, tag_column

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from finops.model.period import Period

_CUBE_DIMENSIONS = {
    name: name
    for name in ("account", "service", "region", "usage_type", "charge_type", "charge_category", "provider", "resource")
}
_LINE_DIMENSIONS = {
    "account": "sub_account_id",
    "service": "service_name",
    "region": "region_id",
    "usage_type": "usage_type",
    "charge_type": "charge_type",
    "charge_category": "charge_category",
    "provider": "provider_name",
    "resource": "resource_id",
}
_BUCKETS = {
    Granularity.DAILY: "charge_date",
    # date_trunc says the same and takes a third of the whole query's time.
    Granularity.MONTHLY: "charge_date - CAST(day(charge_date) - 1 AS INTEGER)",
    Granularity.TOTAL: "CAST(NULL AS DATE)",
}
GOLD_COLUMNS = (*_CUBE_DIMENSIONS,)


@dataclass(slots=True)
class Wording:
    """How one stored shape spells dimensions and amounts, and the values bound so far. One per question.

    `lines` False: a cube, whose only tag or category is the one it is named after. `promoted` are the tag keys with a
    column in every part asked; other keys are looked up in the line's map. `estimated_from` is the first estimated day
    of lines.
    """

    lines: bool
    dimensions: Collection[str] = ()
    promoted: Collection[str] = ()
    estimated_from: date | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The column of the currency."""
        return "billing_currency" if self.lines else "currency"

    @property
    def estimated(self) -> str:
        """The aggregate that tells whether any row is estimated."""
        if not self.lines:
            return "coalesce(bool_or(estimated), false)"
        return (
            "false"
            if self.estimated_from is None
            else f"max(charge_date) >= {self.bind('estimated_from', self.estimated_from)}"
        )

    def bind(self, name: str, value: object) -> str:
        """Keeps a value for binding; returns its placeholder."""
        self.values[name] = value
        return f"${name}"

    def column(self, dimension: str) -> str:
        """The expression of a dimension; InputError when the cube does not carry it."""
        if self.lines:
            return self._line_column(dimension)
        if dimension not in self.dimensions:
            raise InputError("group_by", f"this cube does not carry {dimension}")
        if dimension in _CUBE_DIMENSIONS:
            return _CUBE_DIMENSIONS[dimension]
        return "tag_value" if dimension.startswith("tag:") else "category_value"

    def _line_column(self, dimension: str) -> str:
        if dimension in _LINE_DIMENSIONS:
            return _LINE_DIMENSIONS[dimension]
        kind, _, key = dimension.partition(":")
        if kind == "tag" and key in self.promoted:
            return tag_column(key)
        if kind in {"tag", "category"} and key:
            pairs = "tags" if kind == "tag" else "cost_categories"
            return f"{pairs}[{self.bind(f'key{len(self.values)}', key)}]"
        raise InputError("group_by", f"line items do not carry {dimension}")

    def amount(self, metric: str) -> str:
        """The column of a metric; InputError naming those the shape has."""
        known = METRIC_COLUMNS if self.lines else {name: name for name in AMOUNT_COLUMNS}
        if metric not in known:
            raise InputError("metric", f"metric must be one of {', '.join(known)}")
        return f'"{known[metric]}"'

    def where(self, period: Period, filters: Sequence[Filter] = (), currency: str | None = None) -> str:
        """The condition of a period, and-ed filters and a currency."""
        terms = [f"charge_date >= {self.bind('start', period.start)}", f"charge_date < {self.bind('end', period.end)}"]
        if currency is not None:
            terms.append(f"coalesce({self.currency}, '') = {self.bind('currency', currency)}")
        terms.extend(self._term(number, condition) for number, condition in enumerate(filters))
        return " AND ".join(terms)

    def _term(self, number: int, condition: Filter) -> str:
        column = self.column(condition.dimension)
        if not condition.values:
            return "true" if condition.exclude else "false"
        wanted = ", ".join(self.bind(f"f{number}_{index}", value) for index, value in enumerate(condition.values))
        if condition.exclude:
            return f"coalesce({column}, '') NOT IN ({wanted})"
        # Without coalesce the condition reaches the file's statistics and whole row groups are skipped.
        return f"coalesce({column}, '') IN ({wanted})" if "" in condition.values else f"{column} IN ({wanted})"


def keys(wording: Wording, dimensions: Sequence[str]) -> str:
    """The select list of the grouping, `k0`, `k1` …, with a trailing comma."""
    return "".join(f"coalesce({wording.column(name)}, '') AS k{index}, " for index, name in enumerate(dimensions))


@dataclass(frozen=True, slots=True)
class Statement:
    """A query's text and its bound values."""

    sql: str
    values: dict[str, Any]


def grouped(wording: Wording, group_by: Sequence[str], bucket: Granularity, metric: str, where: str) -> Statement:
    """Figures by group and bucket with the whole after them. `where` comes from the same wording."""
    amount = wording.amount(metric)
    names = [f"k{index}" for index in range(len(group_by))]
    groups = names if bucket is Granularity.TOTAL else [*names, "day"]
    if not groups:
        sql = _filled(catalogue.WHOLE, wording, amount=amount, where=where)
        return Statement(sql, _used(sql, wording))
    order = ", ".join(["whole", "day", "amount DESC", *names, "money"])
    pieces = {
        "keys": keys(wording, group_by),
        "bucket": _BUCKETS[bucket],
        "amount": amount,
        "where": where,
        "order": order,
    }
    sql = _filled(catalogue.GROUPED, wording, **pieces, first=groups[0], all=", ".join(groups))
    return Statement(sql, _used(sql, wording))


def values_of(wording: Wording, dimension: str, metric: str, where: str) -> Statement:
    """A dimension's values by cost."""
    sql = _filled(
        catalogue.VALUES, wording, keys=keys(wording, (dimension,)), amount=wording.amount(metric), where=where
    )
    return Statement(sql, _used(sql, wording))


def resources(wording: Wording, metric: str, where: str, *, service: str, limit: int) -> Statement:
    """A service's costliest resources."""
    wording.bind("service", service)
    wording.bind("rows", limit)
    sql = _filled(catalogue.RESOURCES, wording, amount=wording.amount(metric), where=where)
    return Statement(sql, _used(sql, wording))


def gold(wording: Wording, dimensions: Sequence[str], month: Period) -> Statement:
    """A month's lines rolled up to a cube of these dimensions, under the cube's column names."""
    wording.bind("start", month.start)
    wording.bind("end", month.end)
    listed = "".join(f"coalesce({wording.column(name)}, '') AS {_gold_column(name)}, " for name in dimensions)
    sql = _filled(catalogue.GOLD, wording, keys=listed)
    return Statement(sql, _used(sql, wording))


def _gold_column(dimension: str) -> str:
    return _CUBE_DIMENSIONS.get(dimension, "tag_value")


def _filled(template: str, wording: Wording, **pieces: str) -> str:
    text = template
    for name, piece in {"currency": wording.currency, "estimated": wording.estimated, **pieces}.items():
        text = text.replace(f"{{{name}}}", piece)
    return text


def _used(sql: str, wording: Wording) -> dict[str, Any]:
    # DuckDB refuses values that the text does not name.
    return {name: value for name, value in wording.values.items() if f"${name}" in sql}
