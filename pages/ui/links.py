"""Views as links: URL parameters become a view and back, so that a link reproduces what it shows.

Parameters carry the API's names (`group_by`, `account`, `tag:Environment`, `start`, `end` exclusive). Whatever a link
says that is not on offer falls back to the default and is reported as a sentence, never as an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from finops.model.costs import Granularity, Metric, metric
from finops.model.errors import InputError
from finops.model.period import Period
from pages.ui.text import plain_line
from pages.ui.time_charts import Kind
from pages.ui.view import Compare, Offer, Preset, View, default_view

E = TypeVar("E", bound=StrEnum)
Params = Mapping[str, Sequence[str]]

LONGEST_DAYS = 366 * 4
MOST_VALUES = 100


@dataclass
class Link:
    """Parameters of one URL; `notices` collects a sentence for each that cannot be had."""

    params: Params
    notices: list[str] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        """The last value of a parameter."""
        values = self.params.get(name) or ()
        return values[-1] if values else None

    def reject(self, name: str, rule: str) -> None:
        """Notes that a parameter cannot be had."""
        self.notices.append(f"The link's {plain_line(name, limit=40)} {rule}; it is left out.")

    def choice(self, name: str, kind: type[E]) -> E | None:
        """A parameter as a member of `kind`."""
        text = self.text(name)
        if text is None:
            return None
        if text in list(kind):
            return kind(text)
        self.reject(name, f"must be one of {', '.join(kind)}")
        return None

    def known(self, name: str, offered: Sequence[str], what: str) -> str | None:
        """A parameter that must be among `offered`."""
        text = self.text(name)
        if text is None or text in offered:
            return text
        self.reject(name, f"is not among the {what} of this bill")
        return None

    def several(self, name: str, offered: Sequence[str]) -> tuple[str, ...]:
        """All values of a parameter that are among `offered`."""
        given = list(dict.fromkeys(self.params.get(name) or ()))[:MOST_VALUES]
        there = set(offered)
        if any(value not in there for value in given):
            self.reject(name, "names values that this bill does not have")
        return tuple(value for value in given if value in there)


def read(params: Params, offer: Offer) -> tuple[View, tuple[str, ...]]:
    """The view that a URL asks for, and a sentence for each part of it that cannot be had."""
    link, usual = Link(params), default_view(offer)
    for name in sorted(set(params) - known_names(offer)):
        link.reject(name, "is not known here")
    custom = _custom(link, offer)
    preset = link.choice("period", Preset) or (Preset.CUSTOM if custom else usual.preset)
    if preset is Preset.CUSTOM and custom is None:
        preset = usual.preset
    view = replace(
        usual,
        preset=preset,
        custom=custom if preset is Preset.CUSTOM else None,
        compare=link.choice("compare", Compare) or usual.compare,
        group_by=link.known("group_by", offer.dimensions, "groupings") or usual.group_by,
        granularity=_granularity(link),
        metric=_metric(link, offer),
        kind=link.choice("chart", Kind) or usual.kind,
        currency=link.known("currency", offer.currencies, "currencies") or "",
        filters=_filters(link, offer),
        opened=link.text("open"),
    )
    return view, tuple(link.notices)


def _custom(link: Link, offer: Offer) -> Period | None:
    start, end = link.text("start"), link.text("end")
    if start is None and end is None:
        return None
    try:
        period = Period(date.fromisoformat(start or ""), date.fromisoformat(end or ""))
    except ValueError:
        link.reject("period", "needs start and end as YYYY-MM-DD, start before end")
        return None
    if period.days > LONGEST_DAYS or not period.overlaps(offer.held):
        link.reject("period", "lies outside the days this bill holds")
        return None
    return period


def _granularity(link: Link) -> Granularity | None:
    chosen = link.choice("granularity", Granularity)
    if chosen is Granularity.TOTAL:
        link.reject("granularity", "must be daily or monthly")
        return None
    return chosen


def _metric(link: Link, offer: Offer) -> Metric | None:
    text = link.text("metric")
    if text is None:
        return None
    try:
        chosen = metric(text)
    except InputError:
        chosen = None
    if chosen in offer.metrics:
        return chosen
    link.reject("metric", f"must be one of {', '.join(offer.metrics)}")
    return None


def _filters(link: Link, offer: Offer) -> tuple[tuple[str, tuple[str, ...]], ...]:
    chosen = ((dimension, link.several(dimension, values)) for dimension, values in offer.values.items())
    return tuple((dimension, values) for dimension, values in chosen if values)


def write(view: View, offer: Offer) -> dict[str, list[str]]:
    """The URL parameters of a view, defaults left out; `read` turns them back into the same view."""
    usual = default_view(offer)
    params: dict[str, list[str]] = {}
    if view.preset is Preset.CUSTOM and view.custom is not None:
        params = {"start": [view.custom.start.isoformat()], "end": [view.custom.end.isoformat()]}
    elif view.preset is not usual.preset:
        params = {"period": [view.preset.value]}
    named = (
        ("compare", view.compare, usual.compare),
        ("group_by", view.group_by, usual.group_by),
        ("granularity", view.granularity, None),
        ("metric", view.metric, None),
        ("chart", view.kind, usual.kind),
        ("currency", view.currency, ""),
        ("open", view.opened, None),
    )
    params |= {name: [str(value)] for name, value, plain in named if value != plain and value is not None}
    return params | {dimension: list(values) for dimension, values in view.filters}


def known_names(offer: Offer) -> frozenset[str]:
    """Every parameter name a link may carry."""
    fixed = ("period", "start", "end", "compare", "group_by", "granularity", "metric", "chart", "currency", "open")
    return frozenset(fixed) | frozenset(offer.values)
