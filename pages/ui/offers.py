"""What a tenant's data lets the pages choose from, and the colours of its values; built once per data version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.period import Period
from pages.ui import palette
from pages.ui.cache import remembered
from pages.ui.view import Offer, add_days

if TYPE_CHECKING:
    from finops.model.costs import Metric
    from pages.ui.page import Context

FILTERS_FIRST = ("account", "service", "region", "charge_type", "usage_type", "provider", "charge_category")


def offer(context: Context, *, only: tuple[str, ...] = ()) -> Offer:
    """Periods, dimensions, metrics and filter values of the context's tenant; `only` limits the filters."""
    return remembered((context.tenant, context.version, "offer", only), lambda: _built(context, only))


def _built(context: Context, only: tuple[str, ...]) -> Offer:
    costs, tenant = context.finops.costs, context.tenant
    dimensions = costs.dimensions(tenant)
    today = context.now.date()
    held = costs.period(tenant) or Period(today, add_days(today, 1))
    rest = tuple(dimension for dimension in dimensions if dimension not in FILTERS_FIRST and dimension != "resource")
    filters = only or (*(one for one in FILTERS_FIRST if one in dimensions), *rest)
    return Offer(
        held=held,
        complete_until=min(costs.complete_until(tenant) or held.end, held.end),
        dimensions=tuple(dimension for dimension in dimensions if dimension != "resource"),
        metrics=costs.metrics(tenant),
        values={dimension: costs.choices(tenant, dimension) for dimension in filters},
        currencies=tuple(sorted({currency for part in costs.coverage(tenant) for currency in part.currencies})),
    )


def seats(context: Context, dimension: str) -> dict[str, int]:
    """The colour slot of each value of a dimension, the same on every page of this tenant."""
    return remembered(
        (context.tenant, context.version, "seats", dimension),
        lambda: palette.slots(dimension, context.finops.costs.choices(context.tenant, dimension)),
    )


def default_metric(offered: Offer, chosen: Metric | None) -> Metric | None:
    """The metric a view shows: the chosen one, else the first that the tenant's sources can answer."""
    return chosen or next(iter(offered.metrics), None)
