"""What a person opens a page with, where the link says nothing.

Choices that a tenant's bill does not have (another tenant's account, a metric nobody stores) are left out in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.costs import Metric
from finops.model.preferences import CARDS, KEY_FIGURES, known_choice
from pages.ui.view import Preset, View, default_view

if TYPE_CHECKING:
    from finops.model.preferences import Preferences
    from pages.ui.view import Offer


def view(preferences: Preferences, offer: Offer, preset: Preset) -> View:
    """The view that a person opens a page of costs with; `preset` is everyone's usual period."""
    period, metric = known_choice("period", preferences.period), known_choice("metric", preferences.metric)
    named = (("account", preferences.accounts), ("charge_type", preferences.charge_types))
    filters = tuple(
        (dimension, there)
        for dimension, values in named
        if (there := tuple(value for value in values if value in offer.values.get(dimension, ())))
    )
    chosen = Metric(metric) if metric in offer.metrics else None
    return View(
        preset=Preset(period) if period else preset,
        metric=None if chosen == offer.metrics[0] else chosen,
        filters=filters,
        group_by=default_view(offer).group_by,
    )


def key_figures(preferences: Preferences) -> tuple[str, ...]:
    """The key figures that Overview shows, in order."""
    return tuple(name for name in preferences.shown_widgets if name in KEY_FIGURES)


def cards(preferences: Preferences) -> tuple[str, ...]:
    """The cards that Overview shows, in order."""
    return tuple(name for name in preferences.shown_widgets if name in CARDS)
