"""Anomalies' views as links: URL parameters become a view and back, and a view becomes the address of its file.

Parameters carry the API's names. What cannot be understood is left out and reported as a sentence; an account or a
service that no anomaly has is kept, and the page then says which filter to loosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from finops.model.anomalies import AnomalyKind, AnomalyStatus, Direction
from pages.ui import link_values
from pages.ui.anomaly_view import AnomalyView, Span
from pages.ui.links import Link, Params

if TYPE_CHECKING:
    from datetime import date
    from enum import StrEnum

    from finops.model.anomalies import Thresholds

E = TypeVar("E", bound="StrEnum")

FILE_PATH = "/api/anomalies"
MOST_JSON = 1_000
"""The longest page of JSON; files hold every anomaly."""
YES = "true"
KNOWN = frozenset({"account", "service", "kind", "direction", "status", "period", "below", "silenced", "anomaly"})


def read(params: Params) -> tuple[AnomalyView, tuple[str, ...]]:
    """The view that a URL asks for, and a sentence for each part of it that cannot be understood."""
    link = Link(params)
    for name in sorted(set(params) - KNOWN):
        link.reject(name, "is not known here")
    view = AnomalyView(
        accounts=link_values.texts(link, "account"),
        services=link_values.texts(link, "service"),
        kinds=_members(link, "kind", AnomalyKind),
        directions=_members(link, "direction", Direction),
        statuses=_members(link, "status", AnomalyStatus),
        span=link.choice("period", Span) or Span.DAYS_90,
        everything=_yes(link, "below"),
        silenced=_yes(link, "silenced"),
        opened=link_values.identity(link, "anomaly", "anomaly"),
    )
    return view, tuple(link.notices)


def _members(link: Link, name: str, kind: type[E]) -> tuple[E, ...]:
    given = set(link.params.get(name) or ())
    if not given <= set(kind):
        link.reject(name, f"must be among {', '.join(kind)}")
        return ()
    return tuple(member for member in kind if member in given)


def _yes(link: Link, name: str) -> bool:
    text = link.text(name)
    if text not in {None, YES, "false"}:
        link.reject(name, "must be true or false")
    return text == YES


def write(view: AnomalyView) -> dict[str, list[str]]:
    """The URL parameters of a view, defaults left out; `read` turns them back into the same view."""
    named = (
        ("period", str(view.span), str(Span.DAYS_90)),
        ("below", YES if view.everything else "", ""),
        ("anomaly", view.opened, ""),
    )
    return filter_params(view) | {name: [value] for name, value, plain in named if value != plain}


def filter_params(view: AnomalyView) -> dict[str, list[str]]:
    """A view's filter as parameters, the same for links and the API; defaults left out."""
    lists: dict[str, list[str]] = {
        "account": list(view.accounts),
        "service": list(view.services),
        "kind": [str(kind) for kind in view.kinds],
        "direction": [str(way) for way in view.directions],
        "status": [str(status) for status in view.statuses],
        "silenced": [YES] if view.silenced else [],
    }
    return {name: values for name, values in lists.items() if values}


def file_address(view: AnomalyView, mine: Thresholds, *, tenant: str, today: date, extension: str) -> str:
    """Where the API gives every anomaly of a view as a file (`csv`, `xlsx`, `json`), by the thresholds of the list."""
    held, since = view.thresholds(mine), view.since(today)
    params = {
        "tenant": [tenant],
        **filter_params(view),
        "min_impact": [f"{held.min_impact:f}"],
        "min_percent": [f"{held.min_percent:f}"],
        "sensitivity": [str(held.sensitivity)],
        "since": [since.isoformat()] if since else [],
        "format": [extension],
    }
    if extension == "json":
        params["limit"] = [str(MOST_JSON)]
    return f"{FILE_PATH}?{urlencode(params, doseq=True)}"
