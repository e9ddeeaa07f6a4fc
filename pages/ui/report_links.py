"""Views of Reports as links: URL parameters become a view and back.

What cannot be had falls back and is reported as a sentence.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from finops.model.delivery import DeliveryStatus
from pages.ui import link_values
from pages.ui.links import LONGEST_DAYS, Link, Params
from pages.ui.report_view import USUAL_REPORT, ReportView, Span, Tab

if TYPE_CHECKING:
    from collections.abc import Sequence

KNOWN = frozenset({"view", "report", "period", "start", "end", "schedule", "status", "of", "page", "mail"})
MOST_PAGES = 100_000
LONGEST_ID = 64


def read(params: Params, reports: Sequence[str]) -> tuple[ReportView, tuple[str, ...]]:
    """The view that a URL asks for, and a sentence for each part of it that cannot be had.

    `reports` are those that the person may make.
    """
    link = Link(params)
    for name in sorted(set(params) - KNOWN):
        link.reject(name, "is not known here")
    report = link.text("report")
    if report is not None and report not in reports:
        link.reject("report", "is none that you can make")
        report = None
    days = _days(link)
    span = Span.CUSTOM if days else link.choice("period", Span) or Span.USUAL
    view = ReportView(
        tab=link.choice("view", Tab) or Tab.MAKE,
        report=report or usual(reports),
        span=span,
        days=days,
        schedule=link_values.identity(link, "schedule", "schedule"),
        statuses=_statuses(link),
        of=link_values.identity(link, "of", "schedule"),
        page=link_values.whole(link, "page", least=1, most=MOST_PAGES) or 1,
        mail=link_values.identity(link, "mail", "mail"),
    )
    return view, tuple(link.notices)


def usual(reports: Sequence[str]) -> str:
    """The report that the page opens with."""
    return USUAL_REPORT if USUAL_REPORT in reports or not reports else reports[0]


def _days(link: Link) -> tuple[date, ...]:
    """First and last day; the link's end is exclusive, as the API's."""
    start, end = link.text("start"), link.text("end")
    if start is None and end is None:
        return ()
    first, after = _day(start), _day(end)
    if first is None or after is None or not 0 < (after - first).days <= LONGEST_DAYS:
        link.reject("period", "needs start and end as YYYY-MM-DD, start before end")
        return ()
    return first, date.fromordinal(after.toordinal() - 1)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _statuses(link: Link) -> tuple[DeliveryStatus, ...]:
    given = list(dict.fromkeys(link.params.get("status") or ()))
    known = in_order(given)
    if len(known) < len(given):
        link.reject("status", f"must be one of {', '.join(DeliveryStatus)}")
    return known


def in_order(given: Sequence[str] | None) -> tuple[DeliveryStatus, ...]:
    """The statuses among these, each once, in their own order."""
    return tuple(status for status in DeliveryStatus if status.value in (given or ()))


def write(view: ReportView, reports: Sequence[str]) -> dict[str, list[str]]:
    """The URL parameters of a view, defaults left out; `read` turns them back into the same view."""
    custom = view.span is Span.CUSTOM and len(view.days) > 1
    named = (
        ("view", str(view.tab), str(Tab.MAKE)),
        ("report", view.report, usual(reports)),
        ("period", str(view.span), str(Span.CUSTOM if custom else Span.USUAL)),
        ("start", view.days[0].isoformat() if custom else "", ""),
        ("end", date.fromordinal(view.days[1].toordinal() + 1).isoformat() if custom else "", ""),
        ("schedule", view.schedule, ""),
        ("of", view.of, ""),
        ("page", str(view.page), "1"),
        ("mail", view.mail, ""),
    )
    params = {name: [value] for name, value, plain in named if value != plain}
    return params | ({"status": [str(status) for status in view.statuses]} if view.statuses else {})
