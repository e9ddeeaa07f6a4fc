"""Views of Forecast & budgets as links: URL parameters become a view and back, and a view becomes its file's address.

Parameters carry the API's names. What cannot be had falls back and is reported as a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from finops.model.costs import metric
from finops.model.errors import InputError
from pages.ui import link_values
from pages.ui.forecast_view import MOST_AHEAD, SERVICE, TOTAL, Chart, ForecastView, Tab
from pages.ui.link_values import LONGEST_VALUE
from pages.ui.links import Link, Params

if TYPE_CHECKING:
    from finops.model.costs import Metric
    from pages.ui.view import Offer

FILE_PATH = "/api/forecast"
KNOWN = frozenset({"view", "group_by", "account", "service", "metric", "ahead", "chart", "part", "budget"})


def read(params: Params, offer: Offer) -> tuple[ForecastView, tuple[str, ...]]:
    """The view that a URL asks for, and a sentence for each part of it that cannot be had."""
    link = Link(params)
    for name in sorted(set(params) - KNOWN):
        link.reject(name, "is not known here")
    view = ForecastView(
        tab=link.choice("view", Tab) or Tab.FORECAST,
        group_by=link.known("group_by", groupings(offer), "groupings") or usual_grouping(offer),
        accounts=link.several("account", offer.values.get("account", ())),
        services=link.several("service", offer.values.get("service", ())),
        metric=_metric(link, offer),
        ahead=link_values.whole(link, "ahead", least=1, most=MOST_AHEAD) or MOST_AHEAD,
        chart=link.choice("chart", Chart) or Chart.MONTH,
        part=_part(link),
        budget=link_values.identity(link, "budget", "budget"),
    )
    return view, tuple(link.notices)


def groupings(offer: Offer) -> tuple[str, ...]:
    """What a forecast can be made of: the total, and by account, service, tag key and category."""
    plain = [name for name in (SERVICE, "account") if name in offer.dimensions]
    return (*plain, *(name for name in offer.dimensions if ":" in name), TOTAL)


def usual_grouping(offer: Offer) -> str:
    """By service, where the bill has services."""
    return SERVICE if SERVICE in offer.dimensions else TOTAL


def _metric(link: Link, offer: Offer) -> Metric | None:
    text = link.text("metric")
    if text is None:
        return None
    try:
        chosen = metric(text)
    except InputError:
        chosen = None
    if chosen in offer.metrics:
        return None if chosen == offer.metrics[0] else chosen
    link.reject("metric", f"must be one of {', '.join(offer.metrics)}")
    return None


def _part(link: Link) -> str | None:
    text = link.text("part")
    if text is not None and len(text) > LONGEST_VALUE:
        link.reject("part", f"has more than {LONGEST_VALUE} characters")
        return None
    return text


def write(view: ForecastView, offer: Offer) -> dict[str, list[str]]:
    """The URL parameters of a view, defaults left out; `read` turns them back into the same view."""
    named = (
        ("view", str(view.tab), str(Tab.FORECAST)),
        ("group_by", view.group_by, usual_grouping(offer)),
        ("metric", view.metric, None),
        ("ahead", str(view.ahead), str(MOST_AHEAD)),
        ("chart", str(view.chart), str(Chart.MONTH)),
        ("part", view.part, None),
        ("budget", view.budget, ""),
    )
    lists = {"account": list(view.accounts), "service": list(view.services)}
    params = {name: [str(value)] for name, value, plain in named if value is not None and value != plain}
    return params | {name: values for name, values in lists.items() if values}


def file_address(view: ForecastView, tenant: str) -> str:
    """Where the API gives the forecast of a view."""
    params: dict[str, list[str]] = {
        "tenant": [tenant],
        "group_by": [] if view.group_by == TOTAL else [view.group_by],
        "account": list(view.accounts),
        "service": list(view.services),
        "metric": [str(view.metric)] if view.metric else [],
        "months": [str(view.ahead + 1)],
    }
    return f"{FILE_PATH}?{urlencode(params, doseq=True)}"
